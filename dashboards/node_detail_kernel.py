"""The rows of node-detail on the kernel: clock, processes, load and interrupts."""

from dashboards.node_detail_parts import YES_NO, each, graph, limited
from gk import Row, stat, state_timeline, target, timeseries
from gk.library import node
from gk.library import node_detail as detail

kernel = [
    Row(
        "Clock",
        [
            state_timeline(
                "Clock follows a server",
                target(detail.timex_value, legend="synchronised"),
                description="Whether the program that keeps the time, such as chrony, "
                "told the kernel that the clock follows a reliable server. "
                "No also means that there is no such program. Source: timex collector.",
                mappings=YES_NO,
                legend="hidden",
                width=6,
            ),
            graph("Clock error at most", target(node.clock_error, legend="at most"), width=6),
            timeseries(
                "Clock offset",
                *each(detail.timex, {"offset": "offset", "estimated error": "estimated_error"}),
                description="Seconds by which the clock is off from the server, "
                "and the error that the program that keeps the time expects. "
                "Well below a millisecond is usual. Source: timex collector.",
                fill=0,
                soft_min=-0.001,
                soft_max=0.001,
                width=6,
            ),
            stat(
                "Clock settings",
                target(detail.clock_correction, legend="Correction"),
                *each(detail.timex_value, {"Time constant": "loop_time_constant"}),
                *each(detail.timex, {"Tick": "tick", "TAI ahead of UTC": "tai_offset"}),
                description="By how many millionths the clock is made to run faster, "
                "tens are normal and 500 the most; how slowly the kernel corrects it, as a power "
                "of two; how long a tick is; how far atomic time is ahead, "
                "0 where nobody told the kernel. Source: timex collector.",
                text="value_and_name",
                color_mode="none",
                height=8,
                width=6,
            ),
            stat(
                "Pulse-per-second signal",
                *each(
                    detail.timex_hertz, {"Frequency": "pps_frequency", "Stability": "pps_stability"}
                ),
                *each(detail.timex, {"Jitter": "pps_jitter", "Interval": "pps_shift"}),
                *each(
                    detail.timex_events,
                    {
                        "Calibrations": "calibration",
                        "Failed calibrations": "error",
                        "Too much jitter": "jitter",
                        "Too unstable": "stability_exceeded",
                    },
                ),
                description="All 0 without such a signal, as of a GPS receiver. "
                "How far the clock's frequency is from the signal's and how much that wanders, "
                "how much the pulses wander, over how long they are averaged, "
                "and events per second. Source: timex collector.",
                text="value_and_name",
                color_mode="none",
                height=5,
                width=24,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Processes (counts and states need --collector.processes)",
        [
            graph(
                "Tasks",
                target(node.processes_running, legend="run or could"),
                target(node.processes_blocked, legend="wait for a disk"),
                target(detail.hung_tasks, legend="found hung since boot"),
                description="Tasks that run or are ready to; that wait for a disk and cannot "
                "be interrupted; and that the kernel has found waiting for minutes since it booted "
                "(node exporter 1.11, Linux 6.13). Source: stat and kernel_hung collectors.",
            ),
            graph("Processes started", detail.forks),
            graph(
                "CPU run and wait time",
                target(detail.schedstat(field="running").top(5), legend="CPU {{cpu}} runs"),
                target(detail.schedstat.top(5), legend="CPU {{cpu}} keeps waiting"),
                target(detail.schedstat_waiting_share.top(5), legend="CPU {{cpu}} waiting, share"),
                description="Seconds per second in which tasks ran on a CPU, in which tasks "
                "that could run waited for it (two that wait count twice), and the waiting "
                "as a share of both: the five highest of each. Source: schedstat collector, "
                "which needs a kernel that keeps these (/proc/schedstat).",
            ),
            graph("Processes by state", detail.process_states, width=12),
            limited(
                "Processes and threads",
                *each(
                    detail.processes,
                    {
                        "processes": "pids",
                        "process limit": "max_processes",
                        "threads": "threads",
                        "thread limit": "max_threads",
                    },
                ),
                description="Processes and their threads, and the most that there can be of each; "
                "a thread needs a process id too. Source: processes collector, "
                "which needs --collector.processes.",
                width=12,
                legend_placement="right",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Load, interrupts and other (interrupts by kind need --collector.interrupts)",
        [
            graph(
                "Load",
                *[
                    target(detail.load_average(minutes=minutes), legend=f"over {minutes} min")
                    for minutes in (1, 5, 15)
                ],
                target(node.cpu_count, legend="CPUs"),
                description="Tasks that run, wait for a CPU or wait for a disk. "
                "Above the number of CPUs, work queues. Source: loadavg and cpu collectors.",
                unit="none",
            ),
            graph(
                "Context switches and interrupts",
                target(node.context_switches, legend="context switches"),
                detail.interrupts_all,
                description="Times per second that a CPU went from one task to another, "
                "and that hardware or another CPU interrupted one. Source: stat collector.",
            ),
            graph(
                "Entropy",
                *each(detail.entropy, {"available": "available", "at most": "pool_size"}),
                description="Bits of entropy that random numbers are made from. "
                "Linux 5.18 and later always have 256, which is enough. Source: entropy collector.",
            ),
            graph(
                "CPU frequency",
                detail.cpu_frequency.top(10),
                target(detail.cpu_frequency_limit, legend="highest allowed"),
                target(detail.cpu_frequency_limit(bound="min"), legend="lowest allowed"),
                description=(
                    "Clock rate of each CPU, and the limits of all on average. "
                    "Source: cpufreq collector, which needs CPUs whose frequency Linux sets."
                ),
            ),
            graph("Timeslices", detail.timeslices.top(10)),
            graph("Interrupts by kind", detail.interrupts_by_kind.top(10)),
        ],
        collapsed=True,
    ),
]
