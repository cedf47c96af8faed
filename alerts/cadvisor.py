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
            description="For 15 minutes Prometheus has got container metrics "
            "from {{ $value | humanizePercentage }} of the nodes only. "
            "None of the other container alerts can fire for the rest of them.",
        ),
        alert(
            "KubeCPUOvercommit",
            kube_state_metrics.cluster_cpu_requested > 1,
            for_="10m",
            severity="warning",
            summary=(
                "Pods ask for {{ $value | humanizePercentage }} of the CPU time "
                "that the cluster has"
            ),
            description="All pods together, those included that wait for a node, ask "
            "for {{ $value | humanizePercentage }} of the CPU time that all nodes have for pods, "
            "and have asked for more than 100% for the last 10 minutes. Some of them have to wait, "
            "and the pods of a node that fails find no place.",
        ),
        alert(
            "KubeMemoryOvercommit",
            kube_state_metrics.cluster_memory_requested > 1,
            for_="10m",
            severity="warning",
            summary=(
                "Pods ask for {{ $value | humanizePercentage }} of the memory that the cluster has"
            ),
            description="All pods together, those included that wait for a node, "
            "ask for {{ $value | humanizePercentage }} of the memory that all nodes have for pods, "
            "and have asked for more than 100% for the last 10 minutes. Some of them have to wait, "
            "and the pods of a node that fails find no place.",
        ),
        # Nodes
        alert(
            "KubeNodeNotReady",
            kube_state_metrics.node_ready < 1,
            for_="15m",
            severity="warning",
            summary="The node {{ $node }} is not ready",
            description="The node {{ $node }} has not been ready for 15 minutes. "
            "It gets no new pods, and those that ran there are started on other nodes, "
            "except for what is bound to it.",
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
            "its memory, and has been more than 95% for the last 10 minutes. When it runs out the "
            "kubelet evicts pods, and the kernel starts OOM kills if it comes too fast for that.",
        ),
        # Containers
        alert(
            "CPUThrottlingHigh",
            cadvisor.container_cpu_throttled > THROTTLED,
            for_="15m",
            severity="info",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} "
            "is throttled in {{ $value | humanizePercentage }} of its time slices",
            description="The CPU limit of the container {{ $labels.container }} "
            "of {{ $labels.namespace }}/{{ $labels.pod }} on {{ $node }} throttled it "
            "in {{ $value | humanizePercentage }} of the time slices in which it ran, "
            "and in more than 25% for the last 15 minutes. It answers later than it could.",
        ),
        alert(
            "ContainerMemoryNearLimit",
            cadvisor.container_memory_of_limit > MEMORY_OF_LIMIT,
            for_="10m",
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} uses "
            "{{ $value | humanizePercentage }} of its memory limit",
            description="The working set of the container {{ $labels.container }} "
            "of {{ $labels.namespace }}/{{ $labels.pod }} on {{ $node }} "
            "is {{ $value | humanizePercentage }} of its memory limit, and has been "
            "more than 90% for the last 10 minutes. At 100% an OOM kill follows.",
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
