"""The dashboards of containers: they ask for all that dashboard 315 shows, lead from level to
level, and need no kube-state-metrics for what is cAdvisor's.

Everything here follows from the build; tests/library/test_live.py asks a Prometheus.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from gk.check.expressions.labels import labels_of
from gk.documents.queries import queries
from gk.library import cadvisor
from gk.promql import PRESETS, LabelScheme, Scope, Snippet
from gk.promql.syntax import parse, selectors
from gk.resource import Kind, Resource
from tests.cases import every
from tests.conftest import this_repository

CLUSTER: frozenset[str] = frozenset()
POD = frozenset({"namespace", "pod"})
CONTAINER = POD | {"container"}
GROUP = frozenset({"id"})
LEVELS = CONTAINER | GROUP | {"device", "node"}

# What dashboard 315 (Kubernetes cluster monitoring) shows: the quantity's metric, the level, and a
# part of a matcher that tells whole nodes, services and containers apart. Its networks of
# containers are those of their pods, because a pod has one network.
SHOWN_BY_315 = [
    pytest.param(
        "container_network_receive_bytes_total", CLUSTER, 'id="/"', id="received by the cluster"
    ),
    pytest.param(
        "container_network_transmit_bytes_total", CLUSTER, 'id="/"', id="sent by the cluster"
    ),
    pytest.param(
        "container_memory_working_set_bytes", CLUSTER, 'id="/"', id="memory of the cluster"
    ),
    pytest.param("machine_memory_bytes", CLUSTER, "", id="memory that the cluster has"),
    pytest.param("container_cpu_usage_seconds_total", CLUSTER, 'id="/"', id="CPU of the cluster"),
    pytest.param("machine_cpu_cores", CLUSTER, "", id="cores that the cluster has"),
    pytest.param("container_fs_usage_bytes", CLUSTER, 'id="/"', id="filesystems of the cluster"),
    pytest.param(
        "container_fs_limit_bytes", CLUSTER, 'id="/"', id="filesystems that the cluster has"
    ),
    pytest.param("container_cpu_usage_seconds_total", POD, "container!~", id="CPU of pods"),
    pytest.param(
        "container_cpu_usage_seconds_total", CONTAINER, "container!~", id="CPU of containers"
    ),
    pytest.param(
        "container_cpu_usage_seconds_total", GROUP, "/(system|", id="CPU of system services"
    ),
    pytest.param("container_cpu_usage_seconds_total", GROUP, 'id!="/"', id="CPU of all processes"),
    pytest.param("container_memory_working_set_bytes", POD, "container!~", id="memory of pods"),
    pytest.param(
        "container_memory_working_set_bytes", CONTAINER, "container!~", id="memory of containers"
    ),
    pytest.param(
        "container_memory_working_set_bytes", GROUP, "/(system|", id="memory of system services"
    ),
    pytest.param(
        "container_memory_working_set_bytes", GROUP, 'id!="/"', id="memory of all processes"
    ),
    pytest.param("container_network_receive_bytes_total", POD, 'pod!=""', id="received by pods"),
    pytest.param("container_network_transmit_bytes_total", POD, 'pod!=""', id="sent by pods"),
    pytest.param(
        "container_network_receive_bytes_total", GROUP, 'id!="/"', id="received by all processes"
    ),
    pytest.param(
        "container_network_transmit_bytes_total", GROUP, 'id!="/"', id="sent by all processes"
    ),
]


@pytest.fixture
def built() -> Sequence[Resource]:
    """This repository's resources."""
    return this_repository()


@pytest.fixture
def dashboards(built: Sequence[Resource]) -> dict[str, Resource]:
    """The dashboards of containers, by uid."""
    return {
        resource.uid: resource
        for resource in built
        if resource.kind is Kind.DASHBOARD and resource.uid.startswith("cadvisor")
    }


@pytest.mark.parametrize(("metric", "level", "matching"), SHOWN_BY_315)
def test_a_quantity_of_315_is_shown(
    dashboards: dict[str, Resource], metric: str, level: frozenset[str], matching: str
) -> None:
    """Some panel asks for the metric, of those series, at that level and no finer."""
    exprs = [
        query.expr
        for dashboard in dashboards.values()
        for query in queries(dashboard)
        if query.where.kind == "panel"
    ]

    assert any(_reads(expr, metric, matching) and level == _level(expr) for expr in exprs)


def _reads(expr: str, metric: str, matching: str) -> bool:
    return any(matching in selector for selector in re.findall(rf"\b{metric}{{([^}}]*)}}", expr))


def _level(expr: str) -> frozenset[str]:
    """The labels that tell the series of a result apart; a node's own is no level below it."""
    tree = parse(expr)
    known = labels_of(tree) if tree else None
    kept = {label for label in LEVELS if known is None or label in known}
    return frozenset(kept - {"node"})


@pytest.mark.parametrize(
    ("expected", "expr"),
    [
        (CLUSTER, 'sum(up{id="/"})'),
        (CLUSTER, "sum by (node) (up)"),
        (POD, "topk(10, sum by (node, namespace, pod) (up))"),
    ],
)
def test_level(expected: frozenset[str], expr: str) -> None:
    """What the test above takes for granted."""
    assert expected == _level(expr)


def test_no_label_of_the_time_before_kubernetes_1_16_is_used(built: Sequence[Resource]) -> None:
    """315 reads pod_name and container_name, which kubelets no longer send, and labels of its own
    scrape job."""
    gone = re.compile(r"pod_name|container_name|kubernetes_io_hostname|systemd_service_name|rkt_")

    assert [] == [resource.title for resource in built if gone.search(resource.json.decode())]


# From level to level


def test_links_lead_to_dashboards_that_are_there_and_set_variables_that_they_have(
    dashboards: dict[str, Resource],
) -> None:
    """A link that sets another variable would silently show everything."""
    followed = set()
    for uid, dashboard in dashboards.items():
        for url in _urls(dashboard.body):
            split = urlsplit(url)
            target = split.path.removeprefix("/d/")
            known = {variable["name"] for variable in dashboards[target].body["templating"]["list"]}
            given = {
                name.removeprefix("var-")
                for name in parse_qs(split.query)
                if name.startswith("var-")
            }
            passed = set(re.findall(r"\$\{(\w+):queryparam\}", url))
            assert given | passed <= known, url
            if given:
                assert {"job", "datasource"} <= passed, url
                assert "${__url_time_range}" in url
            followed.add((uid, target))

    assert {
        ("cadvisor", "cadvisor-node"),
        ("cadvisor", "cadvisor-namespace"),
        ("cadvisor-node", "cadvisor-pod"),
        ("cadvisor-namespace", "cadvisor-pod"),
        ("cadvisor-pod", "cadvisor"),
    } <= followed


def _urls(value: Any) -> list[str]:
    """Every URL of a dashboard of containers in a document."""
    return re.findall(r'"(/d/cadvisor[^"]*)"', json.dumps(value))


@pytest.mark.parametrize("uid", ["cadvisor", "cadvisor-node", "cadvisor-namespace", "cadvisor-pod"])
def test_a_level_is_no_more_than_a_screen_before_its_first_row(
    dashboards: dict[str, Resource], uid: str
) -> None:
    """Twenty units of the grid are 600 pixels."""
    panels = dashboards[uid].body["panels"]

    assert min(panel["gridPos"]["y"] for panel in panels if panel["type"] == "row") <= 20


# Containers that are gone


def test_a_container_that_is_gone_has_no_memory(tmp_path: Path) -> None:
    """cAdvisor's own time stamps keep its last value for five minutes; what has no time stamp ends
    at once. Saw: the container fills its memory, is OOM killed, and is started again."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not installed: promtool")
    expr = cadvisor.pod_memory.render(Scope.alert(LabelScheme(PRESETS["kube-prometheus"])))
    labels = 'job="kubelet",metrics_path="/metrics/cadvisor",node="n",namespace="a",container="c"'
    # A sample every 15 seconds; `_` is none, which is not the end of a series.
    series = {
        ("pod", "1"): ("1 20 47 _x20", "100x2 stale _x19"),
        ("pod", "2"): ("_x3 1 20 47 _x17", "_x3 200x2 stale _x16"),
        ("pod", "3"): ("_x6 1 20 47 _x14", "_x6 300x2 stale _x13"),
    }
    inputs = [
        {
            "series": f'{metric}{{{labels},pod="{pod}",id="/{id}"}}',
            "values": values,
        }
        for (pod, id), both in series.items()
        for metric, values in zip(
            ("container_memory_working_set_bytes", "container_start_time_seconds"),
            both,
            strict=True,
        )
    ]
    expected = [1, 20, 47] * 3 + [None] * 10
    case = {
        "interval": "15s",
        "input_series": inputs,
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": f"{15 * index}s",
                "exp_samples": []
                if value is None
                else [{"labels": '{namespace="a",node="n",pod="pod"}', "value": value}],
            }
            for index, value in enumerate(expected)
        ],
    }
    file = tmp_path / "saw.yaml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "15s", "tests": [case]}))

    ran = subprocess.run(
        [promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert 0 == ran.returncode, ran.stdout + ran.stderr


# Without kube-state-metrics, or without cAdvisor


@pytest.mark.parametrize("uid", ["cadvisor", "cadvisor-node", "cadvisor-namespace", "cadvisor-pod"])
def test_tables_of_use_do_not_need_kube_state_metrics(
    dashboards: dict[str, Resource], uid: str
) -> None:
    """A table joins the rows of all its queries; the first of a table about use brings those that
    cAdvisor knows."""
    tables = [
        panel
        for panel in _panels(dashboards[uid])
        if panel["type"] == "table"
        and len(panel["targets"]) > 2
        and any("container_cpu" in target["expr"] for target in panel["targets"])
        and not panel["targets"][0]["expr"].startswith("sum by (namespace, owner_kind, owner_name)")
    ]

    assert tables
    assert [] == [panel["title"] for panel in tables if _needs_state(panel["targets"])]


def _panels(dashboard: Resource) -> list[Any]:
    return [
        panel
        for outer in dashboard.body["panels"]
        for panel in (outer.get("panels", []) if outer["type"] == "row" else [outer])
    ]


def _needs_state(targets: list[Any]) -> bool:
    """Whether every result takes a series of kube-state-metrics."""
    return all(
        "kube_" in re.sub(r" (unless|or) on \([^)]*\) .*", "", target["expr"]) for target in targets
    )


@pytest.mark.parametrize("name", ["pods", "namespaces"])
def test_pods_that_run_no_container_can_be_chosen(name: str) -> None:
    """Those of kube-state-metrics, and where it is missing those of cAdvisor."""
    expr = getattr(cadvisor, name).render(
        Scope.panel(LabelScheme(PRESETS["kube-prometheus"]), cadvisor.exporter, nodes="all")
    )

    state, _, running = expr.partition(" or ")
    assert "kube_pod_info" in state
    assert "container_start_time_seconds" in running


@pytest.mark.parametrize("uid", ["cadvisor-namespace", "cadvisor-pod", "network"])
def test_what_spans_nodes_shows_pods_of_all_nodes_and_of_none(
    dashboards: dict[str, Resource], built: Sequence[Resource], uid: str
) -> None:
    """A choice of nodes leaves out pods that wait for one."""
    (dashboard,) = (resource for resource in built if resource.uid == uid)

    assert "node" not in {variable["name"] for variable in dashboard.body["templating"]["list"]}


def test_the_annotation_of_firing_alerts_is_off_at_first(dashboards: dict[str, Resource]) -> None:
    """An alert that fires for hours would cover every graph."""
    annotations = [
        annotation
        for dashboard in dashboards.values()
        for annotation in dashboard.body["annotations"]["list"]
        if annotation["name"] == "Firing alerts"
    ]

    assert 4 == len(annotations)
    assert {False} == {annotation["enable"] for annotation in annotations}


def test_logs_of_a_pod_wait_in_a_collapsed_row(dashboards: dict[str, Resource]) -> None:
    """Where there is no Loki, nothing asks for one."""
    (row,) = (
        panel
        for panel in dashboards["cadvisor-pod"].body["panels"]
        if panel["type"] == "row" and panel["title"] == "Logs"
    )
    asking = [panel for panel in _panels(dashboards["cadvisor-pod"]) if panel["type"] == "logs"]

    assert row["collapsed"]
    assert asking == row["panels"]
    assert {"type": "loki", "uid": "${logs}"} == asking[0]["datasource"]


@every("snippet", [value for value in vars(cadvisor).values() if isinstance(value, Snippet)])
def test_a_snippet_says_if_it_takes_kube_state_metrics(snippet: Snippet) -> None:
    """So that whoever looks at an empty panel knows why it is empty."""
    expr = parse(
        snippet.render(Scope.panel(LabelScheme(PRESETS["annotations"]), cadvisor.exporter))
    )
    assert expr is not None
    states = [
        selector.name
        for selector in selectors(expr)
        if selector.name and selector.name.startswith("kube_")
    ]

    assert not states or "kube-state-metrics" in snippet.description
