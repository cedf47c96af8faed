"""The rows of workloads on what bounds them: autoscalers, disruption budgets, requests, quotas; and
on kube-state-metrics itself."""

from alerts.workloads import LIST_ERRORS, QUOTA_ALMOST_FULL, QUOTA_OVERCOMMIT
from dashboards.no_data import NO_DATA
from dashboards.workloads_parts import (
    ANY,
    FILTERED,
    NAMESPACE,
    NAMESPACE_LINK,
    OF,
    TOP,
    counts,
    lines,
    without,
)
from gk import Row, column, stat, table
from gk.define.fields import Mappings, Thresholds
from gk.define.panel import Panel
from gk.library import kube_limits, kube_requests
from gk.promql import Snippet

SCALING: Mappings = {
    0: ("Scaling", "green"),
    1: ("At max", "orange"),
    2: ("No metrics", "red"),
    3: ("Unable to scale", "red"),
}
# Requests that are far above the use keep resources from others; use above them is at risk.
OF_REQUESTS: Thresholds = {None: "blue", 0.2: "green", 1: "orange"}


def _use(title: str, what: str, decimals: int, of_requests: Snippet, *amounts: Snippet) -> Panel:
    """What workloads use, request, do not use of that, and may use."""
    used, requests, unused, limits = (amount(**OF) for amount in amounts)
    return table(
        title,
        NAMESPACE,
        column("Workload", label="workload", links=NAMESPACE_LINK),
        column("Of requests", of_requests(**OF), decimals=0, width=120, thresholds=OF_REQUESTS),
        column("Used", used, decimals=decimals, width=85),
        column("Requests", requests, decimals=decimals, width=105),
        column("Unused", unused, decimals=decimals, width=110),
        column("Limits", limits, decimals=decimals, width=85),
        description=f"The pods of each workload together, now: {what} beside what they "
        "request and may use. Unused is what they request and do not use. Of requests: "
        "blue below 20% (requests more than it uses), orange from 100% (uses more than "
        "it requests). Look at the use over days before you change requests. Pods that "
        "no workload owns are left out. Source: cAdvisor and kube-state-metrics.",
        overrides=[FILTERED],
        transformations=without("kind"),
        sort_by="Unused",
        width=12,
        height=10,
    )


limits = [
    Row(
        "Autoscalers and disruption budgets",
        [
            table(
                "Horizontal pod autoscalers",
                NAMESPACE,
                column("Autoscaler", label="horizontalpodautoscaler", links=NAMESPACE_LINK),
                column("Kind", label="scaletargetref_kind", width=105),
                column("Target", label="scaletargetref_name"),
                column(
                    "State",
                    kube_limits.hpa_state(**OF),
                    mappings=SCALING,
                    cell="color-text",
                    width=115,
                ),
                column("Current", kube_limits.hpa_current(**OF), width=95),
                column("Desired", kube_limits.hpa_desired(**OF), width=95),
                column("Min", kube_limits.hpa_min(**OF), width=70),
                column("Max", kube_limits.hpa_max(**OF), width=75),
                column("At max", kube_limits.hpa_at_max(**OF), cell="color-text", width=90),
                column("Away", kube_limits.hpa_mismatch(**OF), cell="color-text", width=80),
                description="One row for each horizontal pod autoscaler, in pods of its "
                "target. No metrics means that it cannot work out a number (the condition "
                "ScalingActive is not true); its desired number is old then, or 0. Away is how "
                "far the target has been from the desired number for 15 minutes. Source: "
                "kube-state-metrics.",
                overrides=[FILTERED],
                sort_by="State",
            ),
            table(
                "Pod disruption budgets",
                NAMESPACE,
                column("Budget", label="poddisruptionbudget", links=NAMESPACE_LINK),
                column("Pods", kube_limits.pdb_pods(**OF), width=60),
                column("Desired", kube_limits.pdb_desired(**OF), width=80),
                column("Healthy", kube_limits.pdb_healthy(**OF), width=80),
                column("Missing", kube_limits.pdb_missing(**OF), width=95, thresholds=ANY),
                column("Evictable", kube_limits.pdb_allowed(**OF), width=90),
                description="One row for each pod disruption budget: its pods, and how many of "
                "them ought to be and are healthy. Evictable are the pods that may be evicted "
                "now; at 0 a drain of their nodes waits. Source: kube-state-metrics.",
                sort_by="Missing",
                width=12,
            ),
            counts(
                f"Pods of autoscaled targets, top {TOP}",
                kube_limits.hpa_current(**OF).top(TOP),
                width=12,
            ),
        ],
    ),
    Row(
        "Requests and use",
        [
            _use(
                "CPU of workloads",
                "cores",
                3,
                kube_requests.workload_cpu_of_requests,
                kube_requests.workload_cpu_used,
                kube_requests.workload_cpu_requests,
                kube_requests.workload_cpu_unused,
                kube_requests.workload_cpu_limits,
            ),
            _use(
                "Memory of workloads",
                "working set",
                1,
                kube_requests.workload_memory_of_requests,
                kube_requests.workload_memory_used,
                kube_requests.workload_memory_requests,
                kube_requests.workload_memory_unused,
                kube_requests.workload_memory_limits,
            ),
        ],
    ),
    Row(
        "Quotas",
        [
            table(
                "Quotas by resource",
                NAMESPACE,
                column("Quota", label="resourcequota"),
                column("Resource", label="resource"),
                column(
                    "Share used",
                    kube_limits.quota_used_share(**OF),
                    decimals=1,
                    width=135,
                    thresholds={None: "green", QUOTA_ALMOST_FULL: "orange", 1: "red"},
                ),
                column("Used", kube_limits.quota_used(**OF), width=85),
                column("Hard", kube_limits.quota_hard(**OF), width=85),
                column("Used size", kube_limits.quota_used_size(**OF), decimals=1, width=100),
                column("Hard size", kube_limits.quota_hard_size(**OF), decimals=1, width=100),
                description="One row for each resource of a quota: cores and objects, or the "
                "size of memory and storage. A quota of 0 has no share. Source: "
                "kube-state-metrics.",
                overrides=[FILTERED],
                sort_by="Share used",
                height=9,
            ),
            lines(
                f"Quotas, share used, top {TOP}",
                kube_limits.quota_used_share(**OF).top(TOP),
                thresholds={QUOTA_ALMOST_FULL: "orange", 1: "red"},
                soft_max=1,
            ),
            lines(
                "All quotas of what nodes have",
                kube_limits.quota_cpu_overcommit,
                kube_limits.quota_memory_overcommit,
                description="CPU and memory requests that the quotas of all namespaces allow "
                "together, of what all nodes have for pods. Above 100% not all namespaces can "
                f"take what they may; more than {QUOTA_OVERCOMMIT:.0%} alerts. Source: "
                "kube-state-metrics.",
                soft_max=1,
            ),
        ],
    ),
    Row(
        "kube-state-metrics",
        [
            lines(
                "Failed lists and watches",
                kube_limits.list_errors,
                kube_limits.watch_errors,
                description="Share of kube-state-metrics' own requests for lists and watches "
                f"that fail; more than {LIST_ERRORS:.0%} alerts. Nothing where its telemetry "
                "port is not scraped. Source: kube-state-metrics.",
                soft_max=0.05,
                max=1,
                width=16,
            ),
            stat(
                "Shards missing",
                kube_limits.shards_missing,
                mappings=NO_DATA,
                text="value",
                thresholds={1: "red"},
                height=8,
            ),
            stat(
                "Shards differ",
                kube_limits.shards_mismatch,
                mappings=NO_DATA,
                text="value",
                thresholds={1: "red"},
                height=8,
            ),
        ],
        collapsed=True,
    ),
]
