"""Alerts on nodes, from the node exporter. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/node.py shows, so the threshold is drawn there.
Rates look back 5 minutes.
"""

from gk import alert, alert_group
from gk.library import node

nodes = alert_group(
    "node",
    [
        # Availability
        alert(
            "NodeTargetDown",
            node.up < 1,
            for_="5m",
            severity="critical",
            summary="The node exporter of {{ $node }} cannot be scraped",
            description="Prometheus has had no answer from the node exporter of {{ $node }} for "
            "5 minutes. The node may be down, and none of the other node alerts can fire for it.",
        ),
        alert(
            "NodeTargetsMissing",
            node.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No node exporter answers",
            description="For 15 minutes Prometheus has had no answer from any node exporter, "
            "or knows of none. No other node alert can fire.",
        ),
        # CPU
        alert(
            "NodeCPUHighUsage",
            node.cpu_busy > 0.9,
            for_="15m",
            severity="info",
            summary="The CPUs of {{ $node }} are {{ $value | humanizePercentage }} busy",
            description="The CPUs of {{ $node }} were busy for {{ $value | humanizePercentage }} "
            "of the last 5 minutes on average, and for more than 90% during the last 15 minutes. "
            "What comes in addition has to wait.",
        ),
        alert(
            "NodeSystemSaturation",
            node.load_per_cpu > 2,
            for_="15m",
            severity="warning",
            summary='{{ $node }} has {{ $value | printf "%.1f" }} tasks for each CPU',
            description='On {{ $node }} {{ $value | printf "%.1f" }} tasks a CPU run '
            "or wait (load average of one minute), and more than 2 have for the last 15 minutes. "
            "The node answers slowly, to Kubernetes too.",
        ),
        # Memory
        alert(
            "NodeMemoryHighUtilization",
            node.memory_used > 0.9,
            for_="15m",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of the memory of {{ $node }} is used",
            description="{{ $value | humanizePercentage }} of the memory of {{ $node }} is used, "
            "and more than 90% has been for the last 15 minutes. Pods may be evicted, "
            "or killed for want of memory.",
        ),
        alert(
            "NodeMemoryMajorPagesFaults",
            node.major_page_faults > 500,
            for_="15m",
            severity="warning",
            summary=(
                '{{ $node }} reads {{ $value | printf "%.0f" }} pages a second back into memory'
            ),
            description="Memory accesses on {{ $node }} had to wait for a disk "
            '{{ $value | printf "%.0f" }} times a second, and more than 500 times a second '
            "for the last 15 minutes. The node is short of memory.",
        ),
        # Disks and filesystems
        alert(
            "NodeDiskIOSaturation",
            node.disk_queue > 10,
            for_="30m",
            severity="warning",
            summary=(
                '{{ $labels.device }} of {{ $node }} has {{ $value | printf "%.1f" }} '
                "operations in its queue"
            ),
            description="The disk {{ $labels.device }} of {{ $node }} has a queue "
            'of {{ $value | printf "%.1f" }} operations on average, '
            "and of more than 10 for the last 30 minutes. It does not keep up with the work.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpace",
            node.filesystem_used > 0.95,
            for_="30m",
            severity="warning",
            summary=(
                "{{ $labels.mountpoint }} of {{ $node }} is {{ $value | humanizePercentage }} full"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of {{ $node }} is {{ $value | humanizePercentage }} full, and has had less "
            "than 5% left for the last 30 minutes.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpaceCritical",
            node.filesystem_used > 0.97,
            for_="30m",
            severity="critical",
            summary=(
                "{{ $labels.mountpoint }} of {{ $node }} is {{ $value | humanizePercentage }} full"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of {{ $node }} is {{ $value | humanizePercentage }} full, and has had less "
            "than 3% left for the last 30 minutes. Programs that write there are about to fail.",
        ),
        alert(
            "NodeFilesystemSpaceFillingUp",
            node.filesystem_used_ahead > 1,
            for_="1h",
            severity="warning",
            summary="{{ $labels.mountpoint }} of {{ $node }} will be full within 24 hours",
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of {{ $node }} has less than 15% left, and its last 6 hours carried "
            "on would need {{ $value | humanizePercentage }} of it in 24 hours. "
            "That has been more than 100% for the last hour: it gets full within a day.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfFiles",
            node.inodes_used > 0.95,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.mountpoint }} of {{ $node }} has {{ $value | humanizePercentage }} "
                "of its inodes used"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of {{ $node }} has used {{ $value | humanizePercentage }} of its inodes, "
            "and has had less than 5% left for the last hour. "
            "Without inodes no file can be made there, however much space is free.",
        ),
        # Network
        alert(
            "NodeNetworkReceiveErrs",
            node.network_receive_errors > 0.01,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.device }} of {{ $node }} receives {{ $value | humanizePercentage }} "
                "damaged packets"
            ),
            description="Of the packets that arrive at {{ $labels.device }} of {{ $node }}, "
            "{{ $value | humanizePercentage }} are damaged, and more than 1% have been "
            "for the last hour.",
        ),
        alert(
            "NodeNetworkTransmitErrs",
            node.network_send_errors > 0.01,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.device }} of {{ $node }} cannot send {{ $value | humanizePercentage }} "
                "of its packets"
            ),
            description="Of the packets that {{ $labels.device }} of {{ $node }} has to send, "
            "{{ $value | humanizePercentage }} fail, and more than 1% have for the last hour.",
        ),
        alert(
            "NodeHighNumberConntrackEntriesUsed",
            node.conntrack_used > 0.75,
            for_="5m",
            severity="warning",
            summary="The connection table of {{ $node }} is {{ $value | humanizePercentage }} full",
            description="{{ $value | humanizePercentage }} of the connection tracking table "
            "of {{ $node }} is in use, and more than 75% has been for the last 5 minutes. "
            "When it is full, new connections are dropped.",
        ),
        # System
        alert(
            "NodeClockSkewDetected",
            node.clock_offset > 0.05,
            for_="10m",
            severity="warning",
            summary="The clock of {{ $node }} is off by {{ $value | humanizeDuration }}",
            description="The clock of {{ $node }} is off by {{ $value | humanizeDuration }}, "
            "and has been by more than 50 ms for the last 10 minutes. Certificates, "
            "leases and the order of logs depend on it.",
        ),
        alert(
            "NodeClockNotSynchronising",
            node.clock_error >= 16,
            for_="10m",
            severity="warning",
            summary="Nothing sets the clock of {{ $node }}",
            description="The clock of {{ $node }} has not been set for so long that the kernel "
            "has called it unsynchronised (an error of 16 s or more) for the last 10 minutes. "
            "It may be off unnoticed.",
        ),
        alert(
            "NodeFileDescriptorLimit",
            node.file_handles_used > 0.7,
            for_="15m",
            severity="warning",
            summary="{{ $node }} has {{ $value | humanizePercentage }} of its file handles open",
            description="{{ $value | humanizePercentage }} of the file handles that the kernel "
            "of {{ $node }} allows are open, and more than 70% have been for the last 15 minutes. "
            "At 100% no program can open a file or a socket.",
        ),
        alert(
            "NodeTextFileCollectorScrapeError",
            node.textfile_error > 0,
            for_="5m",
            severity="warning",
            summary="The node exporter of {{ $node }} cannot read its text files",
            description="For 5 minutes the node exporter of {{ $node }} has failed to read "
            "at least 1 of the *.prom files that other programs leave for it. The metrics "
            "in that file are missing or old.",
        ),
    ],
)
