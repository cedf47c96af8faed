"""The first page: whether something is wrong in the cluster now, what, and where; then how much
room there is, and which versions run. Names lead to the dashboards that show more.
"""

from functools import partial

from dashboards.cadvisor_parts import FOLDER, NAMESPACE_LINK, NODE_LINK, POD_LINK
from dashboards.no_data import BLANK, NO_DATA, NOTHING
from dashboards.workloads_parts import TO_OTHERS, reason
from gk import (
    Dashboard,
    Row,
    column,
    dashboard_link,
    dashboard_list,
    link,
    override,
    stat,
    table,
    timeseries,
)
from gk.define.fields import Mappings
from gk.library import (
    cadvisor,
    cadvisor_nodes,
    cluster,
    kube_state_metrics,
    kube_workloads,
    node,
    targets,
    volumes,
)

SEVERITIES: Mappings = {3: ("Critical", "red"), 2: ("Warning", "orange"), 1: ("Info", "blue")}
STATES: Mappings = {4: ("Failing", "red"), 3: ("Waiting", "orange"), 2: ("Not ready", "orange")}
ALERT_LINK = [link("Show this alert", "/alerting/list?search=${__data.fields.Alert}")]
VOLUMES_LINK = [
    link(
        "Show the volumes of this namespace",
        f"/d/volumes?var-namespace=${{__data.fields.Namespace}}&{TO_OTHERS}",
    )
]
tile = partial(stat, text="value", height=3, mappings=NO_DATA)
bad = partial(tile, thresholds={1: "red"})
poor = partial(tile, thresholds={1: "orange"})
room = partial(
    timeseries, fill=0, min=0, legend="table", legend_values=["max", "lastNotNull"], width=8
)

dashboard = Dashboard(
    "Cluster",
    uid="cluster",
    folder=FOLDER,
    description="What is wrong now: alerts, nodes, pods, workloads, targets and volumes; then how "
    "much room there is, and which versions run. Names lead to the dashboards that show more.",
    tags=["kubernetes", "cluster"],
    exporter=cadvisor,
    nodes="all",
    refresh="1m",
    links=[
        *(
            dashboard_link(title, dashboard=uid, include_variables=False)
            for title, uid in (
                ("Node", "node"),
                ("Containers", "cadvisor"),
                ("Workloads", "workloads"),
                ("Volumes", "volumes"),
                ("Network", "network"),
                ("Control plane", "control-plane"),
                ("Monitoring", "monitoring"),
            )
        ),
        dashboard_link("Kubernetes", tags=["kubernetes"], dropdown=True, include_variables=False),
    ],
    panels=[
        bad("Critical alerts", cluster.alerts_of_severity(severity="critical")),
        poor("Warnings", cluster.alerts_of_severity(severity="warning")),
        bad(
            "Nodes",
            node.down_count,
            kube_state_metrics.nodes_not_ready,
            text="value_and_name",
            description="Nodes whose node exporter Prometheus cannot scrape, and nodes that "
            "Kubernetes says are not ready. Source: Prometheus's own series up, and "
            "kube-state-metrics.",
        ),
        poor("Pods in trouble", cluster.pods_in_trouble_count),
        poor("Targets down", targets.down_count),
        tile(
            "Fullest volume",
            volumes.fullest_claim,
            decimals=0,
            thresholds={0.85: "orange", 0.95: "red"},
            mappings={None: (NOTHING, "text")},
        ),
        table(
            "Firing alerts",
            column("Severity", cluster.firing_alerts, mappings=SEVERITIES, width=105),
            column("Alert", label="alertname", links=ALERT_LINK),
            column("Namespace", label="namespace", links=NAMESPACE_LINK, width=150),
            column("Pod", label="pod", links=POD_LINK),
            column("About", label="object"),
            column("Since", cluster.firing_since, width=125),
            description="Every alert that fires where Prometheus evaluates the rules, critical "
            "ones first, with what it is about and since when its condition holds. Empty where "
            "none fires, and where Grafana evaluates the rules. Source: Prometheus's own series "
            "ALERTS.",
            transformations=[{"id": "organize", "options": {"excludeByName": {"severity": True}}}],
            overrides=[BLANK],
            sort_by="Severity",
            filterable=True,
            no_value=NOTHING,
            width=24,
            height=8,
        ),
        table(
            "Pods in trouble, the worst first",
            column("State", cadvisor.pods_in_trouble, mappings=STATES, width=105),
            column("Status", label="status", width=250),
            column("Namespace", label="namespace", links=NAMESPACE_LINK),
            column("Pod", label="pod", links=POD_LINK),
            column("Node", label="{{$node}}", links=NODE_LINK, width=250),
            description="Pods that fail, wait, or run and are not ready, with the status that "
            "`kubectl get pods` shows. The name leads to the pod: reasons, exit codes, restarts. "
            "Source: kube-state-metrics.",
            overrides=[BLANK],
            sort_by="State",
            filterable=True,
            no_value=NOTHING,
            width=24,
            height=8,
        ),
    ],
    rows=[
        Row(
            "Workloads and volumes",
            [
                table(
                    "Unhealthy workloads",
                    column("Namespace", label="namespace", links=NAMESPACE_LINK),
                    column("Kind", label="kind", width=100),
                    column("Workload", label="workload"),
                    reason(),
                    column("Missing", kube_workloads.unhealthy_workloads, width=85),
                    description="Deployments, StatefulSets and DaemonSets with fewer pods than "
                    "desired, and Jobs that have failed, with the reason. The dashboard Workloads "
                    "has more. Source: kube-state-metrics.",
                    sort_by="Missing",
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=13,
                ),
                table(
                    "Volumes, the fullest first",
                    column("Namespace", label="namespace", links=VOLUMES_LINK, width=120),
                    column("Claim", label="persistentvolumeclaim"),
                    column("Used", volumes.claim_used_share, cell="bar", decimals=0, min=0, max=1),
                    column("Full in", volumes.claim_full_in, decimals=0, width=100),
                    description="Persistent volume claims that are mounted, and the time until "
                    "they are full if they fill as over the last 6 hours. Source: kubelet.",
                    overrides=[BLANK],
                    sort_by="Used",
                    no_value=NOTHING,
                    width=11,
                ),
            ],
        ),
        Row(
            "Targets and room",
            [
                table(
                    "Targets that are down",
                    column("Job", label="job"),
                    column("Instance", label="instance"),
                    column("For", targets.down_for, decimals=0, width=80),
                    description="Targets that Prometheus cannot scrape, and for how long: to two "
                    "minutes, up to 6 hours. Source: Prometheus's own series up.",
                    sort_by="For",
                    sort_descending=False,
                    no_value=NOTHING,
                    overrides=[BLANK],
                    width=8,
                ),
                room(
                    "CPU of the cluster",
                    cadvisor_nodes.cluster_cpu_used,
                    kube_state_metrics.cluster_cpu_accepted,
                    soft_max=1,
                    description="Share of the cluster's CPU time that containers use, and share "
                    "of what its nodes have for pods that the pods on them request. Close to 1, "
                    "the pods of a node that fails find no place elsewhere.",
                    overrides=[
                        override(ref_id="A", properties={"displayName": "used"}),
                        override(ref_id="B", properties={"displayName": "requested"}),
                    ],
                ),
                room(
                    "Memory of the cluster",
                    cadvisor_nodes.cluster_memory_used,
                    kube_state_metrics.cluster_memory_accepted,
                    soft_max=1,
                    description="Share of the cluster's memory that is the working set of its "
                    "nodes, and share of what they have for pods that the pods on them request. "
                    "Close to 1, the pods of a node that fails find no place elsewhere.",
                    overrides=[
                        override(ref_id="A", properties={"displayName": "used"}),
                        override(ref_id="B", properties={"displayName": "requested"}),
                    ],
                ),
            ],
        ),
        Row(
            "Versions and dashboards",
            [
                table(
                    "Versions of nodes",
                    column("Kubelet", label="kubelet_version", width=110),
                    column("Container runtime", label="container_runtime_version", width=170),
                    column("Kernel", label="kernel_version"),
                    column("Operating system", label="os_image"),
                    column("Nodes", cluster.kubelet_versions, width=75),
                    sort_by="Nodes",
                    width=12,
                ),
                table(
                    "API servers",
                    column("Version", label="git_version"),
                    column("API servers", cluster.apiserver_versions, width=110),
                    sort_by="API servers",
                    width=5,
                ),
                dashboard_list(
                    "Dashboards",
                    tags=["kubernetes"],
                    include_variables=False,
                    width=7,
                    description="All dashboards of Kubernetes, by name.",
                ),
            ],
        ),
    ],
)
