"""The control plane beside the API servers: etcd, scheduler, controller manager, CoreDNS,
kube-proxy. First what is up and what is wrong, then a row for each.

The components have jobs of their own, which gk.yaml names, so there is no $job here. What
Prometheus does not scrape, as on a managed control plane, has no data.
"""

from collections.abc import Mapping
from typing import Any

from alerts.control_plane import (
    CHANGES,
    CLIENT_ERRORS,
    COMMIT_SLOW,
    DNS_ERRORS,
    DNS_MANY_ERRORS,
    DNS_SLOW,
    FSYNC_SLOW,
    FSYNC_TOO_SLOW,
    NEAR_QUOTA,
    PEER_SLOW,
)
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    dashboard_link,
    datasource_variable,
    override,
    stat,
    table,
    target,
    timeseries,
)
from gk.define.fields import Mappings
from gk.define.panel import Panel
from gk.define.target import Queryable
from gk.library import (
    apiserver,
    controller_manager,
    coredns,
    etcd,
    kube_proxy,
    scheduler,
)

TOP = 10
STEP = "1m"
# Names beside the plot, with what one reads off the lines.
LINES: Mapping[str, Any] = {
    "fill": 0,
    "min": 0,
    "interval": STEP,
    "legend": "table",
    "legend_placement": "right",
    "legend_values": ["max", "lastNotNull"],
}
SMALL: Mapping[str, Any] = {"fill": 0, "min": 0, "interval": STEP, "width": 8}
UP: Mappings = {1: ("Up", "green"), 0: ("Down", "red")}
LEADS: Mappings = {1: ("Leader", "green"), 0: ("Follower", "blue")}
# `text` is the colour of text: neutral where there is no value.
_DOWN = {
    "mode": "absolute",
    "steps": [
        {"color": "text", "value": None},
        {"color": "green", "value": 0},
        {"color": "red", "value": 1},
    ],
}


def _up(title: str, up: Queryable, *down: Queryable) -> Panel:
    """How many answer and how many do not."""
    return stat(
        title,
        up,
        *down,
        description="Instances that Prometheus can scrape, and those that it knows "
        "and cannot scrape. No data where it never scraped one, "
        "as on a managed control plane. Source: the series up of Prometheus.",
        thresholds={None: "text", 0: "red", 1: "green"},
        overrides=[override(name="down", properties={"thresholds": _DOWN})],
        text="value_and_name",
        orientation="vertical",
    )


dashboard = Dashboard(
    "Control plane",
    uid="control-plane",
    folder="Kubernetes",
    description="etcd, scheduler, controller manager, CoreDNS and kube-proxy: up, leader, errors, "
    "latency, queues. A managed control plane does not let one scrape most of them: "
    "their panels have no data there.",
    tags=["kubernetes", "control-plane"],
    refresh="1m",
    datasource="$datasource",
    variables=[datasource_variable("datasource", label="Data source")],
    links=[
        dashboard_link("API server", dashboard="apiserver", include_variables=False),
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False),
    ],
    annotations=[
        annotation(
            "Firing alerts",
            controller_manager.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        )
    ],
    panels=[
        _up("API servers", apiserver.up_count, apiserver.down_count),
        _up("etcd", etcd.up_count, etcd.down_count),
        _up("Scheduler", scheduler.up_count, scheduler.down_count),
        _up("Controllers", controller_manager.up_count, controller_manager.down_count),
        _up("CoreDNS", coredns.up_count, coredns.down_count),
        _up("kube-proxy", kube_proxy.up_count, kube_proxy.down_count),
        stat(
            "Spare etcd",
            etcd.spare_members,
            # 0 is all that a single member can have.
            thresholds={None: "text", -1000: "red", 0: "blue", 1: "green"},
        ),
        stat(
            "Elections",
            etcd.leader_changes,
            thresholds={None: "text", 0: "green", CHANGES: "orange"},
        ),
        stat(
            "etcd of quota",
            etcd.database_of_quota_highest,
            thresholds={None: "text", 0: "green", NEAR_QUOTA: "red"},
            decimals=1,
        ),
        stat(
            "Unschedulable",
            scheduler.unschedulable_pods,
            thresholds={None: "text", 0: "green", 1: "orange"},
        ),
        stat(
            "Longest queue",
            controller_manager.queue_depth_highest,
            thresholds={None: "text", 0: "blue"},
        ),
        stat(
            "DNS errors",
            coredns.error_share,
            thresholds={None: "text", 0: "green", DNS_ERRORS: "orange", DNS_MANY_ERRORS: "red"},
            decimals=2,
        ),
        alert_list(
            "Firing alerts",
            label_filter=f"{{{controller_manager.ALERTS}}}",
            description="Alerts on the control plane that fire, of Prometheus and of Grafana.",
            states=["firing"],
            width=8,
            height=8,
        ),
        timeseries(
            "etcd disk p99",
            target(etcd.fsync, legend="{{$node}} fsync"),
            target(etcd.commit, legend="{{$node}} commit"),
            description="Time in which an etcd member writes its log to the disk (WAL fsync) and "
            "changes to its database file (backend commit), in seconds at p99. Below 10 ms and "
            "25 ms is what etcd needs; a slow disk causes elections. Source: etcd.",
            thresholds={COMMIT_SLOW: "orange", FSYNC_SLOW: "red"},
            soft_max=0.1,
            **SMALL,
        ),
        timeseries(
            "API errors of components",
            controller_manager.client_error_share.top(TOP),
            thresholds={CLIENT_ERRORS: "orange"},
            soft_max=2 * CLIENT_ERRORS,
            **SMALL,
        ),
    ],
    rows=[
        Row(
            "etcd",
            [
                table(
                    "etcd members",
                    column("Member", label="{{$node}}"),
                    column("Up", etcd.up, mappings=UP, width=70),
                    column(
                        "Has leader",
                        etcd.has_leader,
                        mappings={1: ("Yes", "green"), 0: ("No", "red")},
                        width=95,
                    ),
                    column("Role", etcd.is_leader, mappings=LEADS, width=85),
                    # Grafana 9.3 names columns only where two queries have data: so has a member
                    # that is down.
                    column("Database", etcd.database_last_size, decimals=1, width=90),
                    column("Data", etcd.database_in_use, decimals=1, width=85),
                    column("In use", etcd.database_used_share, decimals=0, width=80),
                    column("Of quota", etcd.database_of_quota, decimals=1, width=85),
                    column("In 4 h", etcd.database_ahead, decimals=1, width=85),
                    column("Keys", etcd.keys, width=90),
                    column("fsync p99", etcd.fsync, decimals=1, width=90),
                    column("Pending", etcd.proposals_pending, width=85),
                    column("Failed", etcd.proposals_failed, decimals=2, width=90),
                    description="One row for each member. Data is what its database file holds, "
                    "in use the share of the file that holds data; a defragmentation gives "
                    "the rest back. In 4 h is its size of the quota if it goes on growing as in "
                    "the last 4 hours. Pending and failed are proposals (writes), "
                    "failed ones per second. Source: etcd.",
                    sort_by="Up",
                    sort_descending=False,
                    height=6,
                ),
                timeseries(
                    "Members with a leader",
                    etcd.has_leader,
                    soft_max=1,
                    decimals=0,
                    **SMALL,
                ),
                timeseries(
                    "Database",
                    etcd.database_size,
                    etcd.database_free,
                    etcd.database_quota,
                    **SMALL,
                ),
                timeseries(
                    "Database of quota in 4 hours",
                    etcd.database_ahead,
                    soft_max=1,
                    # Each point reads four hours of samples.
                    **{**SMALL, "interval": "10m"},
                ),
                timeseries(
                    "Proposals failed",
                    etcd.proposals_failed,
                    soft_max=0.1,
                    **SMALL,
                ),
                timeseries(
                    "Proposals waiting",
                    etcd.proposals_pending,
                    etcd.proposals_to_apply,
                    soft_max=10,
                    **SMALL,
                ),
                timeseries(
                    "Slow operations",
                    etcd.slow_applies,
                    etcd.slow_reads,
                    etcd.heartbeat_failures,
                    soft_max=1,
                    **SMALL,
                ),
                timeseries(
                    "WAL fsync p99",
                    etcd.fsync,
                    thresholds={FSYNC_SLOW: "orange", FSYNC_TOO_SLOW: "red"},
                    soft_max=0.1,
                    **SMALL,
                ),
                timeseries(
                    "Backend commit p99",
                    etcd.commit,
                    thresholds={COMMIT_SLOW: "orange"},
                    soft_max=0.1,
                    **SMALL,
                ),
                timeseries(
                    "Peer round trip p99",
                    etcd.peer_round_trip,
                    thresholds={PEER_SLOW: "orange"},
                    soft_max=0.05,
                    **SMALL,
                ),
                timeseries(
                    "Messages to peers that failed", etcd.peer_failures, soft_max=1, **SMALL
                ),
                timeseries("Requests of clients", etcd.requests, **SMALL),
                timeseries(
                    "Client traffic",
                    etcd.client_received,
                    etcd.client_sent,
                    **SMALL,
                ),
                timeseries("CPU of etcd", etcd.cpu, axis_label="cores", **{**SMALL, "width": 12}),
                timeseries("Resident memory of etcd", etcd.memory, **{**SMALL, "width": 12}),
            ],
        ),
        Row(
            "Scheduler",
            [
                timeseries("Pending pods by queue", scheduler.pending_pods, soft_max=1, **SMALL),
                timeseries(
                    "Unschedulable by plugin",
                    scheduler.unschedulable_by_plugin.top(TOP),
                    soft_max=1,
                    **SMALL,
                ),
                timeseries(
                    "Scheduling attempts",
                    scheduler.attempts,
                    overrides=[
                        override(
                            name=name, properties={"color": {"mode": "fixed", "fixedColor": c}}
                        )
                        for name, c in (
                            ("scheduled", "green"),
                            ("unschedulable", "orange"),
                            ("error", "red"),
                        )
                    ],
                    soft_max=1,
                    **SMALL,
                ),
                timeseries(
                    "Scheduling latency p99",
                    target(scheduler.scheduling_duration, legend="queue to node"),
                    target(scheduler.attempt_duration, legend="attempt: {{result}}"),
                    soft_max=1,
                    **SMALL,
                ),
                timeseries(
                    "Preemption",
                    scheduler.preemptions,
                    scheduler.preemption_victims,
                    soft_max=1,
                    **SMALL,
                ),
                timeseries(
                    "Leader of the schedulers", scheduler.leader, soft_max=1, decimals=0, **SMALL
                ),
                timeseries(
                    "CPU of the scheduler",
                    scheduler.cpu,
                    axis_label="cores",
                    **{**SMALL, "width": 12},
                ),
                timeseries(
                    "Resident memory of the scheduler", scheduler.memory, **{**SMALL, "width": 12}
                ),
            ],
        ),
        Row(
            "Controller manager",
            [
                table(
                    "Controllers' queues",
                    column("Queue", label="name"),
                    column("Waiting", controller_manager.queue_depth, width=100),
                    column("Added", controller_manager.queue_adds, decimals=2, width=110),
                    column("Retried", controller_manager.queue_retries, decimals=2, width=110),
                    column("Wait p99", controller_manager.queue_wait, decimals=1, width=110),
                    column("Work p99", controller_manager.queue_work, decimals=1, width=110),
                    column(
                        "Oldest item", controller_manager.queue_longest_work, decimals=1, width=120
                    ),
                    description="Each controller's queue now: items that wait, items added "
                    "and retried per second, how long 99% of them wait and are worked on at most, "
                    "and how long the oldest one has been worked on. "
                    "Source: kube-controller-manager.",
                    sort_by="Waiting",
                    filterable=True,
                ),
                timeseries(
                    "Queue depth",
                    controller_manager.queue_depth.top(TOP),
                    soft_max=1,
                    **{**LINES, "interval": "2m"},
                ),
                timeseries(
                    "Items retried",
                    controller_manager.queue_retries,
                    soft_max=1,
                    **LINES,
                ),
                timeseries(
                    "Unhealthy nodes", controller_manager.unhealthy_nodes, soft_max=1, **SMALL
                ),
                timeseries(
                    "Leader of the controller managers",
                    controller_manager.leader,
                    soft_max=1,
                    decimals=0,
                    **SMALL,
                ),
                timeseries(
                    "Resident memory of the controller manager",
                    controller_manager.memory,
                    **SMALL,
                ),
                timeseries(
                    "CPU of the controller manager",
                    controller_manager.cpu,
                    axis_label="cores",
                    **{**SMALL, "width": 24},
                ),
            ],
            collapsed=True,
        ),
        Row(
            "CoreDNS",
            [
                timeseries("DNS requests by type", coredns.requests, soft_max=1, **SMALL),
                timeseries("DNS responses by code", coredns.responses, soft_max=1, **SMALL),
                timeseries(
                    "SERVFAIL",
                    coredns.error_share,
                    thresholds={DNS_ERRORS: "orange", DNS_MANY_ERRORS: "red"},
                    soft_max=0.05,
                    **SMALL,
                ),
                timeseries(
                    "DNS latency p99",
                    coredns.latency.top(TOP),
                    thresholds={DNS_SLOW: "red"},
                    soft_max=0.1,
                    **SMALL,
                ),
                timeseries("Cache hits", coredns.cache_hits, max=1, **SMALL),
                timeseries("Cache entries", coredns.cache_entries, **SMALL),
                timeseries("Forwarded requests", coredns.forwarded.top(TOP), soft_max=1, **SMALL),
                timeseries(
                    "Forward latency p99", coredns.forward_latency.top(TOP), soft_max=0.1, **SMALL
                ),
                timeseries(
                    "Forward failures",
                    coredns.forward_failures.top(TOP),
                    coredns.forward_broken,
                    soft_max=1,
                    **SMALL,
                ),
                timeseries("Panics", coredns.panics, soft_max=1, decimals=0, **SMALL),
                timeseries(
                    "Programming latency p99", coredns.programming_latency, soft_max=1, **SMALL
                ),
                stat(
                    "Reloads failed",
                    coredns.reload_failures,
                    thresholds={None: "text", 0: "green", 1: "orange"},
                    width=8,
                    height=8,
                ),
                timeseries(
                    "CPU of CoreDNS", coredns.cpu, axis_label="cores", **{**SMALL, "width": 12}
                ),
                timeseries("Resident memory of CoreDNS", coredns.memory, **{**SMALL, "width": 12}),
            ],
            collapsed=True,
        ),
        Row(
            "kube-proxy",
            [
                stat(
                    "Rules sync p99",
                    kube_proxy.sync_duration,
                    decimals=1,
                    thresholds={None: "text", 0: "blue"},
                    width=6,
                ),
                stat(
                    "Programming p99",
                    kube_proxy.programming_duration,
                    decimals=1,
                    thresholds={None: "text", 0: "blue"},
                    width=6,
                ),
                stat(
                    "Rules of iptables",
                    kube_proxy.rules,
                    thresholds={None: "text", 0: "blue"},
                    width=12,
                ),
                timeseries(
                    "Time since the last sync", kube_proxy.sync_age.top(TOP), soft_max=60, **SMALL
                ),
                timeseries(
                    "Changes to sync", kube_proxy.changes_pending.top(TOP), soft_max=1, **SMALL
                ),
                timeseries("Sync failures", kube_proxy.sync_failures.top(TOP), soft_max=1, **SMALL),
                timeseries(
                    "CPU of kube-proxy",
                    kube_proxy.cpu.top(TOP),
                    axis_label="cores",
                    **{**SMALL, "width": 12},
                ),
                timeseries(
                    "Resident memory of kube-proxy",
                    kube_proxy.memory.top(TOP),
                    **{**SMALL, "width": 12},
                ),
            ],
            collapsed=True,
        ),
    ],
)
