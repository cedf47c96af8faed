"""The dashboard of one node shows every quantity of Node Exporter Full (1860), and says what it
needs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gk.promql.syntax import parse, selectors
from gk.resource import Kind, Resource
from tests.conftest import this_repository

# Little more than half of Node Exporter Full, which has 445 KB for the same quantities, without
# alerts, failed units and a table of filesystems.
MOST_BYTES = 255_000

# The metrics that each section of Node Exporter Full shows, in its order. node_kernel_hung_tasks,
# which does not exist, has its _total here. node_time_seconds, from which it takes the uptime, is
# left out: Prometheus knows the time.
SECTIONS = {
    "Quick CPU / Mem / Disk": """
        node_boot_time_seconds node_cpu_seconds_total
        node_filesystem_avail_bytes node_filesystem_size_bytes node_load1
        node_memory_{MemAvailable,MemTotal,SwapFree,SwapTotal}_bytes
        node_pressure_{cpu_waiting,io_waiting,irq_stalled,memory_waiting}_seconds_total
    """,
    "Basic CPU / Mem / Net / Disk": """
        node_cpu_seconds_total node_filesystem_{avail,size}_bytes
        node_memory_{Buffers,Cached,MemFree,MemTotal,SReclaimable,SwapFree,SwapTotal}_bytes
        node_network_{receive,transmit}_bytes_total
    """,
    "CPU / Memory / Net / Disk": """
        node_cpu_guest_seconds_total node_cpu_seconds_total
        node_disk_{io_time_seconds,read_bytes,reads_completed,writes_completed,written_bytes}_total
        node_filesystem_{avail,free,size}_bytes
        node_memory_{Buffers,Cached,HardwareCorrupted,MemFree,MemTotal}_bytes
        node_memory_{PageTables,Slab,SwapCached,SwapFree,SwapTotal}_bytes
        node_network_{receive,transmit}_bytes_total node_network_speed_bytes
        node_pressure_{cpu_waiting,io_stalled,io_waiting}_seconds_total
        node_pressure_{irq_stalled,memory_stalled,memory_waiting}_seconds_total
    """,
    "Memory Meminfo": """
        node_memory_{Active,Active_anon,Active_file,AnonHugePages}_bytes
        node_memory_{AnonPages,CommitLimit,Committed_AS}_bytes
        node_memory_{DirectMap1G,DirectMap2M,DirectMap4k,Dirty}_bytes
        node_memory_{Hugepagesize,Inactive,Inactive_anon}_bytes
        node_memory_{Inactive_file,KernelStack,Mapped,MemTotal}_bytes
        node_memory_{Mlocked,NFS_Unstable,Percpu,SReclaimable}_bytes
        node_memory_{SUnreclaim,Shmem,ShmemHugePages,ShmemPmdMapped}_bytes
        node_memory_{Unevictable,VmallocChunk,VmallocTotal}_bytes
        node_memory_{VmallocUsed,Writeback,WritebackTmp,Zswap,Zswapped}_bytes
        node_memory_HugePages_{Free,Rsvd,Surp,Total}
    """,
    "Memory Vmstat": "node_vmstat_{oom_kill,pgfault,pgmajfault,pgpgin,pgpgout,pswpin,pswpout}",
    "System Timesync": """
        node_timex_{estimated_error,maxerror,offset,pps_jitter,pps_shift,tai_offset,tick}_seconds
        node_timex_{frequency_adjustment_ratio,loop_time_constant,pps_frequency_hertz}
        node_timex_{pps_stability_hertz,sync_status}
        node_timex_pps_{calibration,error,jitter,stability_exceeded}_total
    """,
    "System Processes": """
        node_forks_total node_kernel_hung_tasks_total
        node_processes_{max_processes,max_threads,pids,state,threads} node_procs_{blocked,running}
        node_schedstat_{running,waiting}_seconds_total
    """,
    "System Misc": """
        node_context_switches_total node_cpu_scaling_frequency_{hertz,max_hertz,min_hertz}
        node_cpu_seconds_total node_entropy_{available,pool_size}_bits node_interrupts_total
        node_intr_total node_load1 node_load15 node_load5 node_schedstat_timeslices_total
    """,
    "Hardware Misc": """
        node_cooling_device_{cur,max}_state node_hwmon_chip_names node_hwmon_fan_{min_rpm,rpm}
        node_hwmon_temp_{celsius,crit_alarm_celsius,crit_celsius,crit_hyst_celsius,max_celsius}
        node_power_supply_online
    """,
    "Systemd": """
        node_systemd_units node_systemd_socket_current_connections
        node_systemd_socket_{accepted,refused}_connections_total
    """,
    "Storage Disk": """
        node_disk_{discard_time_seconds,discarded_sectors,discards_completed}_total
        node_disk_{discards_merged,flush_requests}_total
        node_disk_{flush_requests_time_seconds,io_time_seconds}_total
        node_disk_{io_time_weighted_seconds,read_bytes}_total
        node_disk_{read_time_seconds,reads_completed,reads_merged}_total
        node_disk_{write_time_seconds,writes_completed}_total
        node_disk_{writes_merged,written_bytes}_total node_disk_io_now
    """,
    "Storage Filesystem": (
        "node_filefd_{allocated,maximum} node_filesystem_{device_error,files,files_free,readonly}"
    ),
    "Network Traffic": """
        node_arp_entries node_network_{carrier,mtu_bytes,speed_bytes,up}
        node_nf_conntrack_{entries,entries_limit}
        node_network_receive_{compressed,drop,errs,fifo,frame,multicast,nohandler,packets}_total
        node_network_transmit_{carrier,colls,compressed,drop,errs,fifo,packets}_total
    """,
    "Network Sockstat": """
        node_sockstat_{FRAG_inuse,FRAG_memory,RAW_inuse,TCP_alloc,TCP_inuse}
        node_sockstat_{TCP_mem,TCP_mem_bytes,TCP_orphan,TCP_tw}
        node_sockstat_{UDPLITE_inuse,UDP_inuse,UDP_mem,UDP_mem_bytes,sockets_used}
        node_softnet_{dropped,flow_limit_count,processed,received_rps,times_squeezed}_total
    """,
    "Network Netstat": """
        node_netstat_Icmp_{InErrors,InMsgs,OutMsgs} node_netstat_IpExt_{InOctets,OutOctets}
        node_netstat_TcpExt_{ListenDrops,ListenOverflows,SyncookiesFailed}
        node_netstat_TcpExt_{SyncookiesRecv,SyncookiesSent,TCPOFOQueue}
        node_netstat_TcpExt_{TCPRcvQDrop,TCPSynRetrans,TCPTimeouts} node_netstat_UdpLite_InErrors
        node_netstat_Tcp_{ActiveOpens,CurrEstab,InErrs,InSegs,MaxConn}
        node_netstat_Tcp_{OutRsts,OutSegs,PassiveOpens,RetransSegs}
        node_netstat_Udp_{InDatagrams,InErrors,NoPorts,OutDatagrams,RcvbufErrors,SndbufErrors}
        node_tcp_connection_states node_udp_queues
    """,
    "Node Exporter": """
        node_scrape_collector_{duration_seconds,success} node_textfile_scrape_error
        process_cpu_seconds_total process_{max,open}_fds process_virtual_memory_{bytes,max_bytes}
    """,
}

# What a panel that shows the metric says in its description: a flag of the node exporter, its
# version, or what the node has to have.
NEEDS = {
    "node_cooling_device_": "cooling devices",
    "node_cpu_scaling_": "frequency",
    "node_hwmon_": "sensors",
    "node_interrupts_": "--collector.interrupts",
    "node_kernel_hung_": "1.11",
    "node_netstat_TcpExt_TCPOFOQueue": "1.8",
    "node_netstat_TcpExt_TCPRcvQDrop": "1.9",
    "node_netstat_Tcp_MaxConn": "--collector.netstat.fields",
    "node_network_speed_bytes": "virtual|0 where it has none",
    "node_power_supply_": "power supplies",
    "node_pressure_irq_": "1.9",
    "node_processes_": "--collector.processes",
    "node_schedstat_": "schedstat",
    "node_softnet_(flow|received)": "1.6",
    "node_systemd_": "--collector.systemd",
    "node_tcp_connection_states": "--collector.tcpstat",
}

Panel = Mapping[str, Any]


@pytest.fixture(scope="module")
def built() -> Resource:
    """The dashboard, built from this repository."""
    dashboards = [
        resource
        for resource in this_repository()
        if resource.kind is Kind.DASHBOARD and resource.uid == "node-detail"
    ]
    assert len(dashboards) == 1
    return dashboards[0]


@pytest.fixture(scope="module")
def rows(built: Resource) -> list[tuple[str, list[Panel]]]:
    """The title of each row and its panels. The first has those of the first screen, too, which
    stand before it."""
    first: list[Panel] = []
    sections: list[tuple[str, list[Panel]]] = []
    for panel in built.body["panels"]:
        if panel["type"] == "row":
            sections.append(
                (panel["title"], [*([] if sections else first), *panel.get("panels", [])])
            )
        else:
            (sections[-1][1] if sections else first).append(panel)
    return sections


def test_there_is_a_row_for_each_section(rows: list[tuple[str, list[Panel]]]) -> None:
    """Sixteen, in the same order."""
    assert len(SECTIONS) == len(rows)


def test_all_but_the_first_two_rows_wait_to_be_opened(built: Resource) -> None:
    """So that the page asks for a tenth of its queries."""
    collapsed = [
        panel.get("collapsed", False) for panel in built.body["panels"] if panel["type"] == "row"
    ]

    assert [False, False] == collapsed[:2]
    assert all(collapsed[2:])


@pytest.mark.parametrize(
    ("index", "section"),
    [pytest.param(*numbered, id=numbered[1]) for numbered in enumerate(SECTIONS)],
)
def test_a_row_asks_for_all_that_its_section_shows(
    rows: list[tuple[str, list[Panel]]], index: int, section: str
) -> None:
    """By the names of the metrics."""
    title, panels = rows[index]
    asked = {name for panel in panels for name in _metrics(panel)}

    expected = set(_names(SECTIONS[section]))
    assert set() == expected - asked, f"{section}: row '{title}'"


def test_it_is_little_more_than_half_as_large(built: Resource) -> None:
    """The JSON that Grafana loads."""
    assert len(built.json) < MOST_BYTES


def test_the_first_screen_fits_on_a_screen(built: Resource) -> None:
    """What comes before the first row, which says whether the node is well."""
    panels = built.body["panels"]
    first = next(index for index, panel in enumerate(panels) if panel["type"] == "row")

    assert 0 < max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels[:first]) <= 20


def test_a_panel_says_what_it_needs(rows: list[tuple[str, list[Panel]]]) -> None:
    """Whoever sees no data reads which flag, version or hardware would bring some."""
    silent = [
        f"{title}: panel '{panel['title']}' shows {name} and does not say '{words}'"
        for title, panels in rows
        for panel in panels
        for name in _metrics(panel)
        for metric, words in NEEDS.items()
        if re.match(metric, name) and not re.search(words, _words(panel))
    ]
    assert not silent, "\n".join(silent)


def test_no_panel_says_why_it_is_empty(rows: list[tuple[str, list[Panel]]]) -> None:
    """It does not know: the collector may be off, or the node down. Grafana would write the text
    on axes, too."""
    assert [] == [
        panel["title"]
        for _, panels in rows
        for panel in panels
        if "noValue" in str(panel.get("fieldConfig", {}))
    ]


def test_a_row_with_such_panels_says_so_in_its_title(rows: list[tuple[str, list[Panel]]]) -> None:
    """So that nobody opens it in vain."""
    collectors = "interrupts|processes|systemd|tcpstat"
    for title, panels in rows:
        needed = {
            flag
            for panel in panels
            for flag in re.findall(f"--collector\\.(?:{collectors})", _words(panel))
        }
        assert needed == set(re.findall(f"--collector\\.(?:{collectors})", title))


def test_one_node_is_chosen(built: Resource) -> None:
    """By its host name, whatever label names it."""
    chosen = [
        variable for variable in built.body["templating"]["list"] if variable["name"] == "node"
    ]

    assert [("query", False, False)] == [
        (variable["type"], variable.get("multi", False), variable.get("includeAll", False))
        for variable in chosen
    ]
    text, value = _shown(
        '{instance="10.0.0.1:9100",nodename="worker-1"} 1 1700000000000', chosen[0]
    )
    assert ("worker-1", "10.0.0.1:9100") == (text, value)
    assert ("worker-1", "a") == _shown('{nodename="worker-1",zone="a"} 0 1700000000000', chosen[0])
    assert 'instance="$node"' in built.json.decode().replace('\\"', '"')


def _metrics(panel: Panel) -> set[str]:
    expressions = [parse(target["expr"]) for target in panel.get("targets", ())]
    return {
        selector.name
        for expr in expressions
        if expr
        for selector in selectors(expr)
        if selector.name
    }


def _shown(result: str, variable: Mapping[str, Any]) -> tuple[str, str]:
    """The text and the value that Grafana makes of a line of query_result."""
    assert variable["definition"].startswith("query_result(")
    pattern = variable["regex"].removeprefix("/").removesuffix("/g").replace("(?<", "(?P<")
    options = [match.groupdict() for match in re.finditer(pattern.replace("(?P<!", "(?<!"), result)]
    return (
        next(option["text"] for option in options if option["text"]),
        next(option["value"] for option in options if option["value"]),
    )


def _words(panel: Panel) -> str:
    return str(panel.get("description", ""))


def _names(table: str) -> Iterator[str]:
    """The names in a table, in which a{b,c}d stands for abd and acd."""
    for word in table.split():
        start, _, rest = word.partition("{")
        middle, _, end = rest.partition("}")
        yield from (f"{start}{alternative}{end}" for alternative in middle.split(","))
