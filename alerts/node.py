"""Alerts on nodes, from the node exporter. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/node.py shows, so the threshold is drawn there.
Rates look back 5 minutes. Texts name a node by its host name, and once by the node label if that is
another. A warning and a critical alert of one kind share their name, so that Alertmanager can
inhibit the warning.
"""

from gk import alert, alert_group
from gk.library import node

_NODE = "{{ $labels.nodename }}{{ if ne $labels.nodename $node }} ({{ $node }}){{ end }}"
_FULL = (
    "{{ $labels.mountpoint }} of {{ $labels.nodename }} is {{ $value | humanizePercentage }} full"
)
_INODES = (
    "{{ $labels.mountpoint }} of {{ $labels.nodename }} has {{ $value | humanizePercentage }} "
    "of its inodes used"
)
_HANDLES = "{{ $labels.nodename }} has {{ $value | humanizePercentage }} of its file handles open"

nodes = alert_group(
    "node",
    [
        # Availability
        alert(
            "NodeTargetDown",
            node.up < 1,
            for_="5m",
            severity="critical",
            summary="The node exporter of {{ $labels.nodename }} cannot be scraped",
            description="Prometheus has had no answer from the node exporter of " + _NODE + " for "
            "5 minutes. The node may be down, and no other node alert can fire for it.",
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
            node.named(node.cpu_busy) > 0.9,
            for_="15m",
            severity="info",
            summary="The CPUs of {{ $labels.nodename }} are {{ $value | humanizePercentage }} busy",
            description="The CPUs of " + _NODE + " were busy for "
            "{{ $value | humanizePercentage }} of the last 5 minutes on average, and have been "
            "more than 90% busy for 15 minutes. New work has to wait.",
        ),
        alert(
            "NodeSystemSaturation",
            node.named(node.load_per_cpu) > 2,
            for_="15m",
            severity="warning",
            summary='{{ $labels.nodename }} has {{ $value | printf "%.1f" }} tasks per CPU',
            description="On " + _NODE + ', {{ $value | printf "%.1f" }} tasks per CPU run or wait '
            "(load average of one minute), and more than 2 have for 15 minutes. The node responds "
            "slowly, to Kubernetes too.",
        ),
        # Memory
        alert(
            "NodeMemoryHighUtilization",
            node.named(node.memory_used) > 0.9,
            for_="15m",
            severity="warning",
            summary=(
                "{{ $value | humanizePercentage }} of the memory of {{ $labels.nodename }} is used"
            ),
            description="{{ $value | humanizePercentage }} of the memory of " + _NODE + " is "
            "used, and more than 90% has been for 15 minutes (1 - MemAvailable / MemTotal). Pods "
            "may be evicted or OOM killed.",
        ),
        alert(
            "NodeMemoryMajorPagesFaults",
            node.named(node.major_page_faults) > 500,
            for_="15m",
            severity="warning",
            summary=(
                '{{ $labels.nodename }} reads {{ $value | printf "%.0f" }} pages a second '
                "back into memory"
            ),
            description="Memory accesses on " + _NODE + " wait for a disk "
            '{{ $value | printf "%.0f" }} times a second, and it has been more than 500 times a '
            "second for 15 minutes. The node is short of memory.",
        ),
        # Disks and filesystems
        alert(
            "NodeDiskIOSaturation",
            node.named(node.disk_queue) > 10,
            for_="30m",
            severity="warning",
            summary=(
                '{{ $labels.device }} of {{ $labels.nodename }} has {{ $value | printf "%.1f" }} '
                "operations in its queue"
            ),
            description="The queue of the disk {{ $labels.device }} of " + _NODE + " holds "
            '{{ $value | printf "%.1f" }} operations on average, and it has been more than 10 for '
            "30 minutes. The disk does not keep up with the work.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpace",
            node.named(node.filesystem_used) > 0.95,
            for_="30m",
            severity="warning",
            summary=_FULL,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " is {{ $value | humanizePercentage }} full, and has had less than 5% "
            "left for 30 minutes.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpace",
            node.named(node.filesystem_used) > 0.97,
            for_="30m",
            severity="critical",
            summary=_FULL,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " is {{ $value | humanizePercentage }} full, and has had less than 3% "
            "left for 30 minutes. Programs that write there are about to fail.",
        ),
        alert(
            "NodeFilesystemSpaceFillingUp",
            node.named(node.filesystem_used_ahead) > 1,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.mountpoint }} of {{ $labels.nodename }} will be full within 24 hours"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " has less than 15% left. At the rate of the last 6 hours it will be "
            "{{ $value | humanizePercentage }} full in 24 hours, and that has been more than 100% "
            "for 1 hour.",
        ),
        alert(
            "NodeFilesystemSpaceFillingUp",
            node.named(node.filesystem_used_ahead(hours=4, left=0.1)) > 1,
            for_="1h",
            severity="critical",
            summary=(
                "{{ $labels.mountpoint }} of {{ $labels.nodename }} will be full within 4 hours"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " has less than 10% left. At the rate of the last 6 hours it will be "
            "{{ $value | humanizePercentage }} full in 4 hours, and that has been more than 100% "
            "for 1 hour.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfFiles",
            node.named(node.inodes_used) > 0.95,
            for_="1h",
            severity="warning",
            summary=_INODES,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of "
            + _NODE
            + " has used {{ $value | humanizePercentage }} of its inodes, and has had "
            "less than 5% left for 1 hour. Without inodes no file can be created, however much "
            "space is free.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfFiles",
            node.named(node.inodes_used) > 0.97,
            for_="1h",
            severity="critical",
            summary=_INODES,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of "
            + _NODE
            + " has used {{ $value | humanizePercentage }} of its inodes, and has had "
            "less than 3% left for 1 hour. Programs that create files there are about to fail, "
            "however much space is free.",
        ),
        alert(
            "NodeFilesystemFilesFillingUp",
            node.named(node.inodes_used_ahead) > 1,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.mountpoint }} of {{ $labels.nodename }} will run out of inodes "
                "within 24 hours"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of "
            + _NODE
            + " has less than 40% of its inodes left. At the rate of the last 6 hours "
            "it will have used {{ $value | humanizePercentage }} of them in 24 hours, and that "
            "has been more than 100% for 1 hour.",
        ),
        alert(
            "NodeFilesystemFilesFillingUp",
            node.named(node.inodes_used_ahead(hours=4, left=0.2)) > 1,
            for_="1h",
            severity="critical",
            summary=(
                "{{ $labels.mountpoint }} of {{ $labels.nodename }} will run out of "
                "inodes within 4 hours"
            ),
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of "
            + _NODE
            + " has less than 20% of its inodes left. At the rate of the last 6 hours "
            "it will have used {{ $value | humanizePercentage }} of them in 4 hours, and that has "
            "been more than 100% for 1 hour.",
        ),
        alert(
            "NodeRAIDDegraded",
            node.named(node.raid_disks_missing) > 0,
            for_="15m",
            severity="critical",
            summary="The RAID array {{ $labels.device }} of {{ $labels.nodename }} is degraded",
            description="The RAID array {{ $labels.device }} of " + _NODE + " has lacked "
            '{{ $value | printf "%.0f" }} of its disks for 15 minutes. No spare has taken over; '
            "one more failure may lose its data.",
        ),
        alert(
            "NodeRAIDDiskFailure",
            node.named(node.raid_disks_failed) > 0,
            severity="warning",
            summary=(
                "A disk of the RAID array {{ $labels.device }} of {{ $labels.nodename }} has failed"
            ),
            description='{{ $value | printf "%.0f" }} disks of the RAID array '
            "{{ $labels.device }} of " + _NODE + " have failed and have to be replaced.",
        ),
        # Network
        alert(
            "NodeNetworkReceiveErrs",
            node.named(node.network_receive_errors) > 0.01,
            for_="1h",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of the packets that {{ $labels.device }} "
            "of {{ $labels.nodename }} receives have errors",
            description="{{ $value | humanizePercentage }} of the packets that "
            "{{ $labels.device }} of " + _NODE + " receives have errors, and it has been more "
            "than 1% for 1 hour.",
        ),
        alert(
            "NodeNetworkTransmitErrs",
            node.named(node.network_send_errors) > 0.01,
            for_="1h",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of the packets that {{ $labels.device }} "
            "of {{ $labels.nodename }} sends have errors",
            description="{{ $value | humanizePercentage }} of the packets that "
            "{{ $labels.device }} of " + _NODE + " sends have errors, and it has been more than "
            "1% for 1 hour.",
        ),
        alert(
            "NodeNetworkInterfaceFlapping",
            node.named(node.network_flaps) > 2,
            for_="2m",
            severity="warning",
            summary="{{ $labels.device }} of {{ $labels.nodename }} goes up and down",
            description="The interface {{ $labels.device }} of " + _NODE + " came up or went down "
            '{{ $value | printf "%.0f" }} times within the last 5 minutes.',
        ),
        alert(
            "NodeBondingDegraded",
            node.named(node.bond_members_down) > 0,
            for_="5m",
            severity="warning",
            summary="The bond {{ $labels.master }} of {{ $labels.nodename }} is degraded",
            description='{{ $value | printf "%.0f" }} interfaces of the bond {{ $labels.master }} '
            "of " + _NODE + " have not worked for 5 minutes. The bond goes on with the others.",
        ),
        alert(
            "NodeHighNumberConntrackEntriesUsed",
            node.named(node.conntrack_used) > 0.75,
            for_="5m",
            severity="warning",
            summary="The conntrack table of {{ $labels.nodename }} is "
            "{{ $value | humanizePercentage }} full",
            description="{{ $value | humanizePercentage }} of the conntrack table "
            "of "
            + _NODE
            + " is in use, and more than 75% has been for 5 minutes. When it is full, "
            "new connections are dropped.",
        ),
        # System
        alert(
            "NodeSystemdServiceFailed",
            node.named(node.systemd_failed) > 0,
            for_="5m",
            severity="warning",
            summary="{{ $labels.name }} of {{ $labels.nodename }} has failed",
            description="The systemd unit {{ $labels.name }} of " + _NODE + " has been in the "
            "state failed for 5 minutes: it did not start, or it crashed.",
        ),
        alert(
            "NodeSystemdServiceCrashlooping",
            node.named(node.systemd_restarts) > 2,
            for_="15m",
            severity="warning",
            summary="{{ $labels.name }} of {{ $labels.nodename }} keeps restarting",
            description="systemd restarted {{ $labels.name }} of " + _NODE + " "
            '{{ $value | printf "%.0f" }} times within 5 minutes, and has restarted it more than '
            "twice in every 5 minutes for 15 minutes.",
        ),
        alert(
            "NodeClockSkewDetected",
            node.named(node.clock_offset) > 0.05,
            for_="10m",
            severity="warning",
            summary="The clock of {{ $labels.nodename }} is off by {{ $value | humanizeDuration }}",
            description="The clock of " + _NODE + " is off by {{ $value | humanizeDuration }}, "
            "and has been by more than 50 ms for 10 minutes. Certificates, leases and the order "
            "of logs depend on it.",
        ),
        alert(
            "NodeClockNotSynchronising",
            node.named(node.clock_error) >= 16,
            for_="10m",
            severity="warning",
            summary="The clock of {{ $labels.nodename }} is not synchronised",
            description="Nothing has set the clock of " + _NODE + " for so long that the kernel "
            "has called it unsynchronised (an error of 16 s or more) for 10 minutes. It may be "
            "off unnoticed.",
        ),
        alert(
            "NodeFileDescriptorLimit",
            node.named(node.file_handles_used) > 0.7,
            for_="15m",
            severity="warning",
            summary=_HANDLES,
            description="{{ $value | humanizePercentage }} of the file handles that the kernel "
            "of " + _NODE + " allows are open, and more than 70% have been for 15 minutes. At 100% "
            "no program can open a file or a socket.",
        ),
        alert(
            "NodeFileDescriptorLimit",
            node.named(node.file_handles_used) > 0.9,
            for_="15m",
            severity="critical",
            summary=_HANDLES,
            description="{{ $value | humanizePercentage }} of the file handles that the kernel "
            "of " + _NODE + " allows are open, and more than 90% have been for 15 minutes. At 100% "
            "no program can open a file or a socket.",
        ),
        alert(
            "NodeTextFileCollectorScrapeError",
            node.named(node.textfile_error) > 0,
            for_="5m",
            severity="warning",
            summary="The node exporter of {{ $labels.nodename }} cannot read its text files",
            description="For 5 minutes the node exporter of " + _NODE + " has failed to read "
            "at least 1 of the *.prom files that other programs leave for it. The metrics "
            "in that file are missing or old.",
        ),
    ],
)
