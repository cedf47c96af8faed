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
            node.named(node.cpu_busy) > 0.9,
            for_="15m",
            severity="info",
            summary="The CPUs of {{ $labels.nodename }} are {{ $value | humanizePercentage }} busy",
            description="The CPUs of " + _NODE + " were busy for {{ $value | humanizePercentage }} "
            "of the last 5 minutes on average, and for more than 90% during the last 15 minutes. "
            "What comes in addition has to wait.",
        ),
        alert(
            "NodeSystemSaturation",
            node.named(node.load_per_cpu) > 2,
            for_="15m",
            severity="warning",
            summary='{{ $labels.nodename }} has {{ $value | printf "%.1f" }} tasks for each CPU',
            description="On " + _NODE + ' {{ $value | printf "%.1f" }} tasks a CPU run '
            "or wait (load average of one minute), and more than 2 have for the last 15 minutes. "
            "The node answers slowly, to Kubernetes too.",
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
            description="{{ $value | humanizePercentage }} of the memory of " + _NODE + " is used, "
            "and more than 90% has been for the last 15 minutes (1 - MemAvailable / MemTotal). "
            "Pods may be evicted or OOM killed.",
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
            description="Memory accesses on " + _NODE + " had to wait for a disk "
            '{{ $value | printf "%.0f" }} times a second, and more than 500 times a second '
            "for the last 15 minutes. The node is short of memory.",
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
            description="The disk {{ $labels.device }} of " + _NODE + " has a queue "
            'of {{ $value | printf "%.1f" }} operations on average, '
            "and of more than 10 for the last 30 minutes. It does not keep up with the work.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpace",
            node.named(node.filesystem_used) > 0.95,
            for_="30m",
            severity="warning",
            summary=_FULL,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " is {{ $value | humanizePercentage }} full, and has had less "
            "than 5% left for the last 30 minutes.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfSpace",
            node.named(node.filesystem_used) > 0.97,
            for_="30m",
            severity="critical",
            summary=_FULL,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " is {{ $value | humanizePercentage }} full, and has had less "
            "than 3% left for the last 30 minutes. Programs that write there are about to fail.",
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
            "of " + _NODE + " has less than 15% left, and its last 6 hours carried "
            "on would need {{ $value | humanizePercentage }} of it in 24 hours. "
            "That has been more than 100% for the last hour: it gets full within a day.",
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
            "of " + _NODE + " has less than 10% left, and its last 6 hours carried "
            "on would need {{ $value | humanizePercentage }} of it in 4 hours. "
            "That has been more than 100% for the last hour: it is about to be full.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfFiles",
            node.named(node.inodes_used) > 0.95,
            for_="1h",
            severity="warning",
            summary=_INODES,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " has used {{ $value | humanizePercentage }} of its inodes, "
            "and has had less than 5% left for the last hour. "
            "Without inodes no file can be made there, however much space is free.",
        ),
        alert(
            "NodeFilesystemAlmostOutOfFiles",
            node.named(node.inodes_used) > 0.97,
            for_="1h",
            severity="critical",
            summary=_INODES,
            description="The filesystem {{ $labels.device }} at {{ $labels.mountpoint }} "
            "of " + _NODE + " has used {{ $value | humanizePercentage }} of its inodes, "
            "and has had less than 3% left for the last hour. "
            "Programs that make files there are about to fail, however much space is free.",
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
            "of " + _NODE + " has less than 40% of its inodes left, and its last 6 hours carried "
            "on would need {{ $value | humanizePercentage }} of them in 24 hours. "
            "That has been more than 100% for the last hour: they run out within a day.",
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
            "of " + _NODE + " has less than 20% of its inodes left, and its last 6 hours carried "
            "on would need {{ $value | humanizePercentage }} of them in 4 hours. "
            "That has been more than 100% for the last hour: they are about to run out.",
        ),
        alert(
            "NodeRAIDDegraded",
            node.named(node.raid_disks_missing) > 0,
            for_="15m",
            severity="critical",
            summary="The RAID array {{ $labels.device }} of {{ $labels.nodename }} is degraded",
            description="The RAID array {{ $labels.device }} of " + _NODE + " lacks "
            '{{ $value | printf "%.0f" }} of its disks, and has for the last 15 minutes. '
            "No spare has taken over; one more failure may lose its data.",
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
            summary=(
                "{{ $labels.device }} of {{ $labels.nodename }} receives "
                "{{ $value | humanizePercentage }} "
                "damaged packets"
            ),
            description="Of the packets that arrive at {{ $labels.device }} of " + _NODE + ", "
            "{{ $value | humanizePercentage }} are damaged, and more than 1% have been "
            "for the last hour.",
        ),
        alert(
            "NodeNetworkTransmitErrs",
            node.named(node.network_send_errors) > 0.01,
            for_="1h",
            severity="warning",
            summary=(
                "{{ $labels.device }} of {{ $labels.nodename }} cannot send "
                "{{ $value | humanizePercentage }} "
                "of its packets"
            ),
            description="Of the packets that {{ $labels.device }} of " + _NODE + " has to send, "
            "{{ $value | humanizePercentage }} fail, and more than 1% have for the last hour.",
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
            "of " + _NODE + " do not work, and have not for the last 5 minutes. "
            "The bond goes on with the others.",
        ),
        alert(
            "NodeHighNumberConntrackEntriesUsed",
            node.named(node.conntrack_used) > 0.75,
            for_="5m",
            severity="warning",
            summary=(
                "The connection table of {{ $labels.nodename }} is "
                "{{ $value | humanizePercentage }} full"
            ),
            description="{{ $value | humanizePercentage }} of the connection tracking table "
            "of " + _NODE + " is in use, and more than 75% has been for the last 5 minutes. "
            "When it is full, new connections are dropped.",
        ),
        # System
        alert(
            "NodeSystemdServiceFailed",
            node.named(node.systemd_failed) > 0,
            for_="5m",
            severity="warning",
            summary="{{ $labels.name }} of {{ $labels.nodename }} has failed",
            description="The systemd unit {{ $labels.name }} of "
            + _NODE
            + " has been in the state "
            "failed for 5 minutes: it did not start, or it broke.",
        ),
        alert(
            "NodeSystemdServiceCrashlooping",
            node.named(node.systemd_restarts) > 2,
            for_="15m",
            severity="warning",
            summary="{{ $labels.name }} of {{ $labels.nodename }} restarts again and again",
            description="systemd restarted {{ $labels.name }} of " + _NODE + " "
            '{{ $value | printf "%.0f" }} times within the last 5 minutes, and more than twice '
            "in every 5 minutes for the last 15 minutes.",
        ),
        alert(
            "NodeClockSkewDetected",
            node.named(node.clock_offset) > 0.05,
            for_="10m",
            severity="warning",
            summary="The clock of {{ $labels.nodename }} is off by {{ $value | humanizeDuration }}",
            description="The clock of " + _NODE + " is off by {{ $value | humanizeDuration }}, "
            "and has been by more than 50 ms for the last 10 minutes. Certificates, "
            "leases and the order of logs depend on it.",
        ),
        alert(
            "NodeClockNotSynchronising",
            node.named(node.clock_error) >= 16,
            for_="10m",
            severity="warning",
            summary="Nothing sets the clock of {{ $labels.nodename }}",
            description="The clock of " + _NODE + " has not been set for so long that the kernel "
            "has called it unsynchronised (an error of 16 s or more) for the last 10 minutes. "
            "It may be off unnoticed.",
        ),
        alert(
            "NodeFileDescriptorLimit",
            node.named(node.file_handles_used) > 0.7,
            for_="15m",
            severity="warning",
            summary=_HANDLES,
            description="{{ $value | humanizePercentage }} of the file handles that the kernel "
            "of "
            + _NODE
            + " allows are open, and more than 70% have been for the last 15 minutes. "
            "At 100% no program can open a file or a socket.",
        ),
        alert(
            "NodeFileDescriptorLimit",
            node.named(node.file_handles_used) > 0.9,
            for_="15m",
            severity="critical",
            summary=_HANDLES,
            description="{{ $value | humanizePercentage }} of the file handles that the kernel "
            "of "
            + _NODE
            + " allows are open, and more than 90% have been for the last 15 minutes. "
            "At 100% no program can open a file or a socket.",
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
