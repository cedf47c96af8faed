"""The rows of node-detail on memory: fields of /proc/meminfo, and paging."""

from dashboards.node_detail_parts import each, graph, limited, stacked
from gk import Row, target
from gk.library import node
from gk.library import node_detail as detail

memory = [
    Row(
        "Memory: fields of /proc/meminfo",
        [
            graph(
                "Committed memory",
                *each(
                    detail.meminfo,
                    {"committed": "Committed_AS", "limit without overcommit": "CommitLimit"},
                ),
                target(node.memory_total, legend="memory of the node"),
                description="What programs asked for, whether they use it or not, "
                "and what the kernel would promise if it were told not to overcommit. "
                "More than that is normal on Kubernetes. Source: meminfo collector.",
            ),
            graph(
                "Dirty and writeback",
                *each(
                    detail.meminfo,
                    {
                        "dirty": "Dirty",
                        "writeback": "Writeback",
                        "writeback by FUSE": "WritebackTmp",
                        "on an NFS server, not committed": "NFS_Unstable",
                    },
                ),
                description="Copies of files that differ from the disk. Ever more dirty pages "
                "mean that disks do not keep up with writing. Source: meminfo collector.",
            ),
            limited(
                "Memory of the kernel",
                *each(
                    detail.meminfo,
                    {
                        "objects it can drop": "SReclaimable",
                        "objects it cannot drop": "SUnreclaim",
                        "stacks of threads": "KernelStack",
                        "data of each CPU": "Percpu",
                        "larger pieces (vmalloc)": "VmallocUsed",
                        "largest free vmalloc block": "VmallocChunk",
                        "vmalloc limit": "VmallocTotal",
                    },
                ),
                description="Objects such as inodes can be dropped when memory is short; "
                "ever more that cannot are a leak in the kernel or a driver. "
                "Linux 4.4 and later give 0 for the largest free block. Source: meminfo collector.",
                legend_placement="right",
            ),
            graph(
                "Shared memory and mapped files",
                *each(
                    detail.meminfo,
                    {
                        "mapped files": "Mapped",
                        "shared memory and tmpfs": "Shmem",
                        "shared memory in huge pages": "ShmemHugePages",
                        "of it mapped as such": "ShmemPmdMapped",
                    },
                ),
                description="Files that processes have mapped, such as libraries, and memory "
                "that processes share. A tmpfs counts as shared memory and cannot be dropped. "
                "Source: meminfo collector.",
            ),
            graph(
                "Memory used lately",
                *each(
                    detail.meminfo,
                    {
                        "active": "Active",
                        "active, of files": "Active_file",
                        "active, of programs": "Active_anon",
                        "inactive": "Inactive",
                        "inactive, of files": "Inactive_file",
                        "inactive, of programs": "Inactive_anon",
                    },
                ),
                description="Pages that were used lately, and pages that were not and are taken "
                "first when memory is short. Copies of files can be dropped; "
                "programs' own memory and tmpfs can only go to swap. Source: meminfo collector.",
            ),
            graph(
                "Programs' own and locked memory",
                *each(
                    detail.meminfo,
                    {
                        "programs' own": "AnonPages",
                        "of it in huge pages": "AnonHugePages",
                        "cannot be moved to swap": "Unevictable",
                        "locked by programs": "Mlocked",
                    },
                ),
                description="Memory without a file behind it, such as heaps and stacks, "
                "and memory that has to stay. Source: meminfo collector.",
            ),
            stacked(
                "Memory by size of its pages",
                *each(
                    detail.meminfo,
                    {"4 KiB": "DirectMap4k", "2 MiB": "DirectMap2M", "1 GiB": "DirectMap1G"},
                ),
                description="How the kernel maps memory for itself; larger pages are faster. "
                "x86 only. Source: meminfo collector.",
                width=12,
            ),
            graph(
                "Huge pages and compressed swap",
                target(detail.huge_pages_used, legend="huge pages used"),
                *each(
                    detail.huge_pages,
                    {
                        "huge pages reserved": "Rsvd",
                        "huge pages beyond the number set": "Surp",
                        "huge pages": "Total",
                    },
                ),
                *each(
                    detail.meminfo, {"compressed swap": "Zswap", "before compression": "Zswapped"}
                ),
                description="Pages of 2 MiB or 1 GiB set aside by hand, in use or promised, "
                "which are lost to others; and pages that were to go to swap "
                "and are kept compressed in memory (zswap, Linux 5.19). Source: meminfo collector.",
                width=12,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Memory: paging, from /proc/vmstat",
        [
            graph(
                "Paging from and to disks",
                *each(detail.vmstat_bytes, {"read": "pgpgin", "written": "pgpgout"}),
                description="Bytes per second that went from disks to memory and back, "
                "of files and of swap. Source: vmstat collector.",
                width=6,
            ),
            graph(
                "Pages swapped",
                *each(detail.vmstat, {"in from swap": "pswpin", "out to swap": "pswpout"}),
                description="Pages per second. Going both ways for long means that memory is short "
                "and everything is slow. Source: vmstat collector.",
                width=6,
            ),
            stacked(
                "Page faults",
                detail.minor_page_faults,
                *each(detail.vmstat, {"major": "pgmajfault"}),
                description="Times per second that a program touched a page which was not there. "
                "Minor faults need no disk and are normal; many major ones mean "
                "that memory is short. Source: vmstat collector.",
                width=6,
            ),
            graph(
                "OOM kills, last hour",
                target(node.oom_kills, legend="OOM kills"),
                # Each point reads an hour of samples.
                interval="5m",
                decimals=0,
                width=6,
            ),
        ],
        collapsed=True,
    ),
]
