"""Alerts on containers and their nodes, from cAdvisor and kube-state-metrics. docs/runbooks/
has a page for each.

Each condition is a query that a panel of dashboards/cadvisor.py shows. Rates look back five
minutes.
"""

from gk import alert, alert_group
from gk.library import cadvisor, cadvisor_nodes, kube_state_metrics

THROTTLED = 0.25
MEMORY_OF_LIMIT = 0.9
RESTARTS = 3

containers = alert_group(
    "containers",
    [
        # The cluster
        alert(
            "ContainerMetricsMissing",
            cadvisor.up_share < 1,
            for_="15m",
            severity="warning",
            summary="Only {{ $value | humanizePercentage }} of the kubelets answer",
            description="For 15 minutes Prometheus has had container metrics from only "
            "{{ $value | humanizePercentage }} of the nodes. No other container alert can fire "
            "for the rest.",
        ),
        alert(
            "KubeCPUOvercommit",
            kube_state_metrics.cluster_cpu_requested > 1,
            for_="10m",
            severity="warning",
            summary="Pods request {{ $value | humanizePercentage }} of the cluster's CPU",
            description="All pods together, including those that wait for a node, request "
            "{{ $value | humanizePercentage }} of the CPU that nodes have for pods, and have "
            "requested more than 100% for 10 minutes. Some of them have to wait, and if a node "
            "fails, its pods find no place.",
        ),
        alert(
            "KubeMemoryOvercommit",
            kube_state_metrics.cluster_memory_requested > 1,
            for_="10m",
            severity="warning",
            summary="Pods request {{ $value | humanizePercentage }} of the cluster's memory",
            description="All pods together, including those that wait for a node, request "
            "{{ $value | humanizePercentage }} of the memory that nodes have for pods, and have "
            "requested more than 100% for 10 minutes. Some of them have to wait, and if a node "
            "fails, its pods find no place.",
        ),
        # Nodes
        alert(
            "KubeNodeNotReady",
            kube_state_metrics.node_ready < 1,
            for_="15m",
            severity="warning",
            summary="Node {{ $node }} is not ready",
            description="Node {{ $node }} has not been ready for 15 minutes. It gets no new pods, "
            "and its pods are started on other nodes, except for those that are bound to it.",
        ),
        alert(
            "ContainerEvictionNear",
            cadvisor_nodes.node_memory_used > 0.95,
            for_="10m",
            severity="warning",
            summary=(
                "{{ $node }} uses {{ $value | humanizePercentage }} of its memory "
                "and may evict pods"
            ),
            description="The working set of {{ $node }} is {{ $value | humanizePercentage }} of "
            "its memory, and has been more than 95% for 10 minutes. When memory runs out, the "
            "kubelet evicts pods; if it runs out faster than that, the kernel OOM kills "
            "containers.",
        ),
        # Containers
        alert(
            "CPUThrottlingHigh",
            cadvisor.container_cpu_throttled > THROTTLED,
            for_="15m",
            severity="info",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} is "
            "throttled in {{ $value | humanizePercentage }} of its CPU periods",
            description="The CPU limit throttled the container {{ $labels.container }} of "
            "{{ $labels.namespace }}/{{ $labels.pod }} on {{ $node }} in "
            "{{ $value | humanizePercentage }} of the CPU periods in which it ran, and in more "
            "than 25% for 15 minutes. It responds more slowly than it could.",
        ),
        alert(
            "ContainerMemoryNearLimit",
            cadvisor.container_memory_of_limit > MEMORY_OF_LIMIT,
            for_="10m",
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} uses "
            "{{ $value | humanizePercentage }} of its memory limit",
            description="The working set of the container {{ $labels.container }} of "
            "{{ $labels.namespace }}/{{ $labels.pod }} on {{ $node }} is "
            "{{ $value | humanizePercentage }} of its memory limit, and has been more than 90% "
            "for 10 minutes. At 100% an OOM kill follows.",
        ),
        alert(
            "ContainerOOMKilled",
            cadvisor.container_oom_kills > 0,
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} "
            'had {{ $value | printf "%.0f" }} OOM kills within an hour',
            description="The container {{ $labels.container }} "
            "of {{ $labels.namespace }}/{{ $labels.pod }}, or one of its processes, was OOM killed "
            '{{ $value | printf "%.0f" }} times during the last hour. '
            "What it was doing is lost.",
        ),
        alert(
            "ContainerRestartsOften",
            kube_state_metrics.restarts > RESTARTS,
            for_="5m",
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} "
            'restarted {{ $value | printf "%.0f" }} times within an hour',
            description="The container {{ $labels.container }} "
            'of {{ $labels.namespace }}/{{ $labels.pod }} restarted {{ $value | printf "%.0f" }} '
            "times during the last hour; up to 3 are tolerated. It does not serve while it starts, "
            "and Kubernetes waits longer before each start, up to 5 minutes.",
        ),
    ],
)
