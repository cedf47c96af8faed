"""The dashboards of containers: they ask for all that dashboard 315 shows, lead from level to
level, and need no kube-state-metrics for what is cAdvisor's.

Everything here follows from the build; tests/test_live.py asks a Prometheus.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gk.check.queries import check_expr
from gk.compile import compile
from gk.documents.queries import PromQL, queries
from gk.library import cadvisor
from gk.project import load
from gk.promql import PRESETS, LabelScheme, Scope, Snippet
from gk.promql.syntax import parse, selectors
from gk.resource import Kind, Resource
from tests.conftest import REPOSITORY

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


@pytest.fixture(scope="module")
def built() -> list[Resource]:
    """This repository's resources."""
    return compile(load(REPOSITORY))


@pytest.fixture(scope="module")
def dashboards(built: list[Resource]) -> dict[str, Resource]:
    """The dashboards of containers, by uid."""
    return {
        each.uid: each
        for each in built
        if each.kind is Kind.DASHBOARD and each.uid.startswith("cadvisor")
    }


@pytest.mark.parametrize(("metric", "level", "matching"), SHOWN_BY_315)
def test_a_quantity_of_315_is_shown(
    dashboards: dict[str, Resource], metric: str, level: frozenset[str], matching: str
) -> None:
    """Some panel asks for the metric, of those series, at that level and no finer."""
    found = [
        query.expr
        for each in dashboards.values()
        for query in queries(each)
        if query.where.startswith("panel")
    ]

    assert any(_reads(expr, metric, matching) and level == _level(expr) for expr in found)


def _reads(expr: str, metric: str, matching: str) -> bool:
    return any(matching in selector for selector in re.findall(rf"\b{metric}{{([^}}]*)}}", expr))


def _level(expr: str) -> frozenset[str]:
    """The labels that tell the series of a result apart; a node's own is no level below it."""
    kept = {
        label for label in LEVELS if not list(check_expr(PromQL("", expr, frozenset({label})), {}))
    }
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


def test_no_label_of_the_time_before_kubernetes_1_16_is_used(built: list[Resource]) -> None:
    """315 reads pod_name and container_name, which kubelets no longer send, and labels of its own
    scrape job."""
    gone = re.compile(r"pod_name|container_name|kubernetes_io_hostname|systemd_service_name|rkt_")

    assert [] == [each.title for each in built if gone.search(each.json.decode())]


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
            known = {each["name"] for each in dashboards[target].body["templating"]["list"]}
            given = {
                name.removeprefix("var-")
                for name in parse_qs(split.query)
                if name.startswith("var-")
            }
            passed = set(re.findall(r"\$\{(\w+):queryparam\}", url))
            assert given <= known, url
            assert passed - {"node"} <= known, url
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

    assert min(each["gridPos"]["y"] for each in panels if each["type"] == "row") <= 20


# Without kube-state-metrics


@pytest.mark.parametrize("uid", ["cadvisor", "cadvisor-node", "cadvisor-namespace", "cadvisor-pod"])
def test_rows_of_tables_do_not_need_kube_state_metrics(
    dashboards: dict[str, Resource], uid: str
) -> None:
    """The first query of a table about use says what its rows are; the columns of
    kube-state-metrics are beside it."""
    tables = [
        each
        for each in dashboards[uid].body["panels"]
        if each["type"] == "table" and len(each["targets"]) > 2
    ]

    assert tables
    assert [] == [each["title"] for each in tables if _needs_state(each["targets"][0]["expr"])]


def _needs_state(expr: str) -> bool:
    """Whether every result of the expression takes a series of kube-state-metrics."""
    return "kube_" in re.sub(r" (unless|or) on \([^)]*\) .*", "", expr)


@pytest.mark.parametrize(
    "snippet", [each for each in vars(cadvisor).values() if isinstance(each, Snippet)]
)
def test_a_snippet_says_if_it_takes_kube_state_metrics(snippet: Snippet) -> None:
    """So that whoever looks at an empty panel knows why it is empty."""
    expr = parse(
        snippet.render(Scope.panel(LabelScheme(PRESETS["annotations"]), cadvisor.exporter))
    )
    assert expr is not None
    states = [each.name for each in selectors(expr) if each.name and each.name.startswith("kube_")]

    assert not states or "kube-state-metrics" in snippet.description
