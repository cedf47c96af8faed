"""Persistent volumes: which claim is fullest or fills up, which waits for a volume, and which pods
use it.

Phases, classes and sizes come from kube-state-metrics; what is in the volumes comes from the
kubelets.
"""

from functools import partial

from dashboards.no_data import BLANK, NO_DATA, NOTHING
from dashboards.workloads_parts import (
    FILTERED,
    FOLDER,
    NAMESPACE,
    OF,
    PHASE_COLORS,
    POD_LINK,
    TO_CONTAINERS,
    TO_KUBERNETES,
    TO_WORKLOADS,
    TOP,
    choose_namespace,
    lines,
    phase,
)
from gk import Dashboard, Row, alert_list, column, gauge, override, stat, table, timeseries
from gk.define.fields import Mappings, Thresholds
from gk.library import kube_state_metrics, kube_volumes, volumes

SOON: Thresholds = {None: "red", 86400: "orange", 4 * 86400: "green"}
BINDING: Mappings = {
    "WaitForFirstConsumer": "First pod that uses it",
    "Immediate": "At once",
}
PHASES = [
    override(name=name, properties={"color": {"mode": "fixed", "fixedColor": color}})
    for name, color in PHASE_COLORS.items()
]
EPHEMERAL: Mappings = {"true": ("Yes", "blue"), "false": "No"}


tile = partial(stat, mappings=NO_DATA)
dial = partial(gauge, mappings=NO_DATA)

dashboard = Dashboard(
    "Volumes",
    uid="volumes",
    folder=FOLDER,
    description="Persistent volumes and their claims: the fullest, those that fill up, those that "
    "wait for a volume, and the pods that use them. From the kubelets and kube-state-metrics.",
    tags=["kubernetes", "volumes"],
    exporter=kube_state_metrics,
    nodes="all",
    variables=[choose_namespace()],
    refresh="1m",
    links=[TO_WORKLOADS, TO_CONTAINERS, TO_KUBERNETES],
    panels=[
        dial(
            "Fullest",
            volumes.fullest_claim(**OF),
            decimals=1,
            min=0,
            max=1,
            thresholds={0.85: "orange", 0.97: "red"},
        ),
        dial(
            "Inodes used",
            volumes.fullest_inodes(**OF),
            decimals=1,
            min=0,
            max=1,
            thresholds={0.85: "orange", 0.97: "red"},
        ),
        tile(
            "Filling up",
            volumes.claims_filling(**OF),
            text="value",
            thresholds={1: "orange"},
        ),
        tile(
            "Pending",
            kube_volumes.claims_pending(**OF),
            text="value",
            thresholds={1: "orange"},
        ),
        tile("Lost", kube_volumes.claims_lost(**OF), text="value", thresholds={1: "red"}),
        tile("PV errors", kube_volumes.volumes_in_error, text="value", thresholds={1: "red"}),
        table(
            "Claims",
            NAMESPACE,
            column("Claim", label="persistentvolumeclaim"),
            column("Class", label="storageclass", width=100),
            phase(width=75),
            column(
                "Used",
                volumes.claim_used_share(**OF),
                cell="bar",
                decimals=1,
                min=0,
                max=1,
                width=120,
            ),
            column("Full in", volumes.claim_full_in(**OF), decimals=1, width=85, thresholds=SOON),
            column("Available", volumes.claim_available(**OF), decimals=1, width=90),
            column("Capacity", volumes.claim_capacity(**OF), decimals=1, width=90),
            column("Requested", kube_volumes.claim_requested(**OF), decimals=1, width=90),
            column(
                "Inodes used",
                volumes.claim_inodes_used_share(**OF),
                cell="color-text",
                decimals=1,
                width=105,
            ),
            column(
                "Inodes last",
                volumes.claim_inodes_full_in(**OF),
                decimals=1,
                width=100,
                thresholds=SOON,
            ),
            column("Pods", kube_volumes.claim_pod_count(**OF), width=55),
            description="One row for each persistent volume claim, the fullest first, those of "
            "generic ephemeral volumes included. Used is the share as df has it. Full in, and how "
            "long inodes last, go on as over the last 6 hours; nothing where the trend does not "
            "lead there within 90 days. What is in a volume is known while a pod has it mounted, "
            "and left out for claims that pods only read. A volume that is a directory of the "
            "node's disk shows that disk. Source: kubelet and kube-state-metrics.",
            overrides=[FILTERED],
            sort_by="Used",
            height=9,
        ),
        table(
            "Claims that wait for a volume",
            NAMESPACE,
            column("Claim", label="persistentvolumeclaim"),
            column("Class", label="storageclass"),
            column("Provisioner", label="provisioner"),
            column("Binds with", label="volume_binding_mode", mappings=BINDING, width=170),
            column("Waiting for", kube_volumes.claim_pending_for(**OF), decimals=1, width=110),
            column(
                "Phase",
                kube_volumes.claim_pending_binding(**OF),
                mappings={1: ("Pending", "orange")},
                cell="color-text",
                width=85,
            ),
            description="Claims in the phase Pending, and when their class gives them a volume: at "
            "once, or with the first pod that uses the claim (WaitForFirstConsumer). A class "
            "without a provisioner here does not exist. Empty while none waits. Source: "
            "kube-state-metrics.",
            no_value=NOTHING,
            overrides=[BLANK],
            sort_by="Waiting for",
            width=16,
            height=6,
        ),
        alert_list(
            "Firing alerts",
            label_filter='{alertname=~"KubePersistentVolume.+"}',
            states=["firing"],
            description="Alerts on persistent volumes and claims, of Prometheus and of Grafana, in "
            "all namespaces.",
            width=8,
            height=6,
        ),
    ],
    rows=[
        Row(
            "Space and inodes over time",
            [
                lines(
                    f"Space used, top {TOP} claims",
                    volumes.claim_used_share(**OF).top(TOP),
                    decimals=1,
                    max=1,
                ),
                lines(
                    f"Inodes used, top {TOP} claims",
                    volumes.claim_inodes_used_share(**OF).top(TOP),
                    decimals=1,
                    max=1,
                ),
                lines(f"Used bytes, top {TOP} claims", volumes.claim_used(**OF).top(TOP)),
                lines(
                    f"Free inodes, top {TOP} claims",
                    volumes.claim_inodes_free(**OF).top(TOP),
                    decimals=0,
                ),
            ],
        ),
        Row(
            "Pods and claims",
            [
                table(
                    "Pods that use a claim",
                    NAMESPACE,
                    column("Claim", label="persistentvolumeclaim"),
                    column("Pod", label="pod", links=POD_LINK),
                    column("Volume", label="volume"),
                    column(
                        "Ephemeral",
                        label="ephemeral",
                        mappings=EPHEMERAL,
                        cell="color-text",
                        width=100,
                    ),
                    column("Mount", kube_volumes.claim_pods(**OF), mappings={1: "Yes"}, width=75),
                    description="Each pod with the claims that it uses; its name leads to the pod. "
                    "A generic ephemeral volume has a claim of its own, which is deleted with the "
                    "pod. Source: kube-state-metrics; 2.19 and later say what is ephemeral.",
                    overrides=[FILTERED],
                    sort_by="Claim",
                    sort_descending=False,
                    width=16,
                ),
                timeseries(
                    "Claims by phase",
                    kube_volumes.claims_by_phase(**OF),
                    fill=0,
                    min=0,
                    soft_max=5,
                    decimals=0,
                    overrides=PHASES,
                    width=8,
                ),
            ],
        ),
        Row(
            "Persistent volumes of the cluster",
            [
                table(
                    "Volumes that are failed or pending",
                    column("Volume", label="persistentvolume"),
                    phase(width=85),
                    column("Namespace", label="claim_namespace"),
                    column("Claim", label="name"),
                    column(
                        "Error",
                        kube_volumes.volume_errors,
                        mappings={1: ("Yes", "red")},
                        cell="color-text",
                        width=75,
                    ),
                    no_value=NOTHING,
                    overrides=[BLANK],
                    sort_by="Volume",
                    sort_descending=False,
                    width=16,
                    height=6,
                ),
                timeseries(
                    "Volumes by phase",
                    kube_volumes.volumes_by_phase,
                    fill=0,
                    min=0,
                    soft_max=5,
                    decimals=0,
                    overrides=PHASES,
                    width=8,
                    height=6,
                ),
                table(
                    "Persistent volumes",
                    column("Volume", label="persistentvolume"),
                    phase(width=95),
                    column("Class", label="storageclass"),
                    column("Namespace", label="claim_namespace"),
                    column("Claim", label="name"),
                    column("Capacity", kube_volumes.volume_capacity, decimals=1, width=105),
                    overrides=[FILTERED],
                    sort_by="Phase",
                    height=8,
                ),
            ],
        ),
    ],
)
