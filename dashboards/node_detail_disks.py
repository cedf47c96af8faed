"""The rows of node-detail on disks and filesystems."""

from dashboards.node_detail_parts import NO_YES, each, graph, limited, wide
from gk import Row, state_timeline, target
from gk.library import node
from gk.library import node_detail as detail

disks = [
    Row(
        "Disks",
        [
            graph(
                "Operations",
                target(detail.disk_rate, legend="{{device}} read"),
                target(detail.disk_rate(field="writes_completed"), legend="{{device}} written"),
                description="Reads and writes that a disk completed per second, "
                "after neighbouring ones were merged. Source: diskstats collector.",
            ),
            graph(
                "Throughput",
                target(node.disk_read, legend="{{device}} read"),
                target(node.disk_written, legend="{{device}} written"),
                detail.disk_discarded,
                description="Bytes per second that a disk read and wrote, and that filesystems "
                "told it they no longer need (TRIM). Source: diskstats collector.",
            ),
            graph(
                "Time an operation takes",
                detail.disk_read_wait,
                detail.disk_write_wait,
                description="Seconds from giving an operation to a disk to its end, "
                "waiting included, on average; 0 where there was none. An SSD takes below "
                "a millisecond, a spinning disk about ten. Source: diskstats collector.",
                soft_max=0.01,
            ),
            graph(
                "Queue",
                target(node.disk_queue, legend="{{device}} on average"),
                target(detail.disk_in_progress, legend="{{device}} now"),
                description="Operations that a disk is doing or that wait for it: on average, "
                "and at the moment of the scrape. Source: diskstats collector.",
            ),
            graph(
                "Share of time at work",
                target(node.disk_busy, legend="{{device}} anything"),
                target(detail.disk_time(field="discard"), legend="{{device}} discards"),
                target(detail.disk_time, legend="{{device}} flushes"),
                description="Time in which a disk had something to do, "
                "and seconds per second that discards (TRIM) and flushes of its cache took; "
                "several at once count each. Source: diskstats collector.",
                soft_max=0.1,
            ),
            wide(
                "Merged operations, discards, flushes",
                *each(
                    detail.disk_rate,
                    {
                        "{{device}} reads merged": "reads_merged",
                        "{{device}} writes merged": "writes_merged",
                        "{{device}} discards": "discards_completed",
                        "{{device}} discards merged": "discards_merged",
                        "{{device}} flushes": "flush_requests",
                    },
                ),
                description="Operations per second that the kernel made part of a neighbouring "
                "one; that tell a disk which blocks are no longer needed (TRIM); and that put "
                "its cache onto the medium, as databases want. Source: diskstats collector.",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Filesystems and open files",
        [
            limited(
                "Open files",
                *each(detail.file_handles, {"open": "allocated", "limit": "maximum"}),
                description="Files and sockets that are open in the whole kernel, "
                "and the most there may be. Source: filefd collector.",
                width=6,
            ),
            graph("Inodes used", target(node.inodes_used, legend="{{mountpoint}}"), max=1, width=6),
            limited(
                "Inodes free",
                target(detail.filesystem_files(field="files_free"), legend="{{mountpoint}}"),
                target(detail.filesystem_files, legend="{{mountpoint}} limit"),
                description="Inodes left, of those that there can be: each file "
                "and each folder takes one. 0 of 0 where the number has no limit, "
                "as on Btrfs. Source: filesystem collector.",
                width=6,
            ),
            state_timeline(
                "Read-only or failing",
                target(detail.filesystem_flag, legend="{{mountpoint}} read-only"),
                target(
                    detail.filesystem_flag(field="device_error"), legend="{{mountpoint}} failing"
                ),
                description="Whether a filesystem is mounted read-only, as the kernel does "
                "after errors of the disk, and whether it could not be asked for its figures. "
                "Source: filesystem collector.",
                mappings=NO_YES,
                show_value="never",
                legend="hidden",
                width=6,
            ),
        ],
        collapsed=True,
    ),
]
