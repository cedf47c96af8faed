"""A running Prometheus, in the place of which stands a server that answers what a test says."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import (
    Dashboard,
    Datasource,
    Row,
    alert,
    alert_group,
    annotation,
    constant_variable,
    custom_variable,
    interval_variable,
    logs,
    query_variable,
    recording_rule,
    textbox_variable,
    timeseries,
)
from gk.compile import compile
from gk.documents.queries import PromQL
from gk.errors import GkError, Source
from gk.library import node
from gk.project import Definition, Project
from gk.prometheus import Prometheus, PrometheusError, Sample, has_data
from gk.prometheus.macros import TimeRange
from gk.promql.syntax import selectors
from gk.resource import Kind, Resource
from gk.settings import Settings
from tests.live_queries import live_queries
from tests.rich import NOWHERE

PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
LOKI = Datasource.loki("Loki", uid="loki", url="http://loki:3100")


@dataclass
class Server:
    """A server of Prometheus's API: what it answers, and what it was asked."""

    url: str
    values: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Label values by label and selector."""
    results: dict[str, Any] = field(default_factory=dict)
    """The `data` of instant queries."""
    answer: tuple[int, str, bytes] | None = None
    """Status, content type and body of every answer, instead of these."""
    asked: list[str] = field(default_factory=list)
    """Method and path of each request."""

    def reply(self, method: str, target: str, form: str) -> tuple[int, str, bytes]:
        """The answer to a request."""
        path, given = urlsplit(target).path, parse_qs(form or urlsplit(target).query)
        self.asked.append(f"{method} {path}")
        if self.answer:
            return self.answer
        if match := re.fullmatch(r"/api/v1/label/(\w+)/values", path):
            return self.success(self.values.get((match[1], given.get("match[]", [""])[0]), []))
        query = given["query"][0]
        if query not in self.results:
            body = {
                "status": "error",
                "errorType": "bad_data",
                "error": f"unexpected query: {query}",
            }
            return 400, "application/json", json.dumps(body).encode()
        return self.success(self.results[query])

    @staticmethod
    def success(data: Any) -> tuple[int, str, bytes]:
        """What Prometheus says when all is well."""
        return 200, "application/json", json.dumps({"status": "success", "data": data}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port."""
    state = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, form: str) -> None:
            status, content_type, body = state.reply(self.command, self.path, form)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that did not wait is what a test wants."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def prometheus(server: Server) -> Iterator[Prometheus]:
    """A client of the server."""
    with Prometheus(server.url, timeout=10) as client:
        yield client


# Queries


@pytest.mark.parametrize(
    ("data", "samples"),
    [
        pytest.param(
            {"resultType": "vector", "result": [{"metric": {"job": "a"}, "value": [1.5, "2"]}]},
            [Sample({"job": "a"}, 2.0)],
            id="a vector",
        ),
        pytest.param({"resultType": "vector", "result": []}, [], id="nothing"),
        pytest.param(
            {"resultType": "scalar", "result": [1.5, "0.25"]}, [Sample({}, 0.25)], id="a scalar"
        ),
        pytest.param({"resultType": "string", "result": [1.5, "text"]}, [], id="a text"),
        pytest.param(
            {
                "resultType": "matrix",
                "result": [{"metric": {"job": "a"}, "values": [[1, "1"], [2, "+Inf"]]}],
            },
            [Sample({"job": "a"}, math.inf)],
            id="a range",
        ),
        pytest.param(
            {
                "resultType": "vector",
                "result": [
                    {"metric": {}, "histogram": [1.5, {"count": "7", "sum": "3", "buckets": []}]}
                ],
            },
            [Sample({}, 7.0)],
            id="a native histogram",
        ),
    ],
)
def test_a_query_has_a_sample_for_each_series(
    server: Server, prometheus: Prometheus, data: Any, samples: list[Sample]
) -> None:
    """Whatever type of result Prometheus has for an expression."""
    server.results["x"] = data

    assert samples == prometheus.query("x")


def test_a_long_query_reaches_prometheus(server: Server, prometheus: Prometheus) -> None:
    """Queries are sent as a form: a URL of this length would be refused."""
    query = "+".join(["up"] * 50_000)
    server.results[query] = {"resultType": "scalar", "result": [1, "1"]}

    assert [Sample({}, 1.0)] == prometheus.query(query)
    assert ["POST /api/v1/query"] == server.asked


def test_label_values_are_sorted_and_of_the_selected_series(
    server: Server, prometheus: Prometheus
) -> None:
    """With a selector only the values of its series, without one all."""
    server.values = {("job", ""): ["c", "a", "b"], ("job", 'up{x="y"}'): ["b"]}

    assert (["a", "b", "c"], ["b"]) == (
        prometheus.label_values("job"),
        prometheus.label_values("job", 'up{x="y"}'),
    )


def test_a_url_may_have_a_path(server: Server) -> None:
    """As behind a reverse proxy, with a slash at its end or without."""
    server.answer = server.success({"resultType": "vector", "result": []})

    for url in (f"{server.url}/prometheus", f"{server.url}/prometheus/"):
        with Prometheus(url) as prometheus:
            prometheus.query("up")

    assert ["POST /prometheus/api/v1/query"] * 2 == server.asked


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param([0.0], True, id="zero"),
        pytest.param([math.nan], False, id="NaN"),
        pytest.param([math.nan, math.inf], True, id="NaN and infinity"),
    ],
)
def test_data_is_a_number(values: list[float], expected: bool) -> None:
    """Zero is data, and a division of nothing by nothing is not."""
    assert expected is has_data([Sample({}, value) for value in values])


# Errors


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(
            (200, "text/html", b"<!DOCTYPE html>"),
            "no Prometheus answers at {url}: 200 OK",
            id="a page",
        ),
        pytest.param(
            (502, "text/html", b"<h1>"),
            "no Prometheus answers at {url}: 502 Bad",
            id="a proxy's page",
        ),
        pytest.param(
            (200, "application/json", b"[]"),
            "no Prometheus answers at {url}: 200 OK",
            id="other JSON",
        ),
        pytest.param(
            (404, "text/plain", b"not found"),
            "no Prometheus answers at {url}: 404",
            id="no such path",
        ),
        pytest.param(
            (200, "application/json", b""), "no Prometheus answers at {url}: 200 OK", id="nothing"
        ),
        pytest.param(
            (422, "application/json", b'{"status": "error", "error": "query timed out"}'),
            "{url}: query timed out: {{'query': 'up'}}",
            id="an error of Prometheus",
        ),
    ],
)
def test_an_answer_that_is_none_is_an_error_with_the_url(
    server: Server, prometheus: Prometheus, answer: tuple[int, str, bytes], said: str
) -> None:
    """One message, without a traceback: whom gk asked, and what it got."""
    server.answer = answer

    with pytest.raises(PrometheusError) as raised:
        prometheus.query("up")

    assert str(raised.value).startswith(said.format(url=server.url))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://127.0.0.1:1", id="nobody listens"),
        pytest.param("http://prometheus.invalid:9090", id="no such host"),
        pytest.param("127.0.0.1:9090", id="no scheme"),
        pytest.param("http://", id="no host"),
    ],
)
def test_a_prometheus_that_is_not_there_is_an_error_with_the_url(url: str) -> None:
    """Whatever is wrong with the URL or behind it."""
    with (
        Prometheus(url, timeout=5) as prometheus,
        pytest.raises(GkError, match=f"no Prometheus answers at {url.rstrip('/')}"),
    ):
        prometheus.query("up")


def test_a_prometheus_that_does_not_answer_is_an_error(server: Server) -> None:
    """gk does not wait for ever."""
    wait = threading.Event()
    server.reply = lambda *_: (wait.wait(10), (200, "text/plain", b""))[1]  # type: ignore[method-assign]

    try:
        with (
            Prometheus(server.url, timeout=0.05) as prometheus,
            pytest.raises(PrometheusError, match="timed out"),
        ):
            prometheus.query("up")
    finally:
        wait.set()


@pytest.mark.parametrize("answers", [True, False])
def test_an_error_does_not_tell_the_password(server: Server, answers: bool) -> None:
    """A URL may hold one; messages end up in the logs of CI."""
    server.answer = (500, "text/plain", b"")
    host = server.url.removeprefix("http://") if answers else "127.0.0.1:1"

    with (
        Prometheus(f"http://me:hunter2@{host}") as prometheus,
        pytest.raises(PrometheusError) as raised,
    ):
        prometheus.query("up")

    assert f"http://{host}" in str(raised.value)
    assert "hunter2" not in str(raised.value)


# The queries of resources


def resources(*definitions: Any) -> list[Resource]:
    """The resources of definitions."""
    numbered = [
        Definition(definition, Source(f"{index}.py"))
        for index, definition in enumerate((PROMETHEUS, LOKI, *definitions))
    ]
    return compile(Project(NOWHERE, Settings(), numbered))


def queries(prometheus: Prometheus, *definitions: Any, **options: Any) -> list[PromQL]:
    """The queries of all resources of definitions."""
    return [
        query
        for resource in resources(*definitions)
        for query in live_queries(resource, prometheus, **options)
    ]


def panel_query(prometheus: Prometheus, expr: str, *variables: Any) -> str:
    """The query of the only panel of a dashboard with variables."""
    dashboard: Any = Dashboard("D", variables=variables, panels=[timeseries("P", expr)])
    if not variables:
        # Only an export may use variables that it does not have.
        target = {"refId": "A", "expr": expr}
        dashboard = {"title": "D", "panels": [{"type": "timeseries", "targets": [target]}]}
    (text,) = [
        query.expr for query in queries(prometheus, dashboard) if query.where.kind == "panel"
    ]
    return text


VALUES = {
    ("instance", "up"): ["10.0.0.1:9100", "b"],
    ("instance", ""): ["a"],
    ("job", "up"): ["j1", "j2"],
}
Q = "label_values(up, instance)"


@pytest.mark.parametrize(
    ("variables", "expr", "asked"),
    [
        pytest.param(
            [query_variable("v", Q, default="b")], 'up{x="$v"}', 'up{x="b"}', id="the default"
        ),
        pytest.param(
            [query_variable("v", Q, default="gone")],
            'up{x="$v"}',
            'up{x="10.0.0.1:9100"}',
            id="one that is gone",
        ),
        pytest.param(
            [query_variable("v", Q)], 'up{x="$v"}', 'up{x="10.0.0.1:9100"}', id="no default"
        ),
        pytest.param(
            [query_variable("v", "label_values(instance)")],
            'up{x="$v"}',
            'up{x="a"}',
            id="no selector",
        ),
        pytest.param(
            [query_variable("v", "label_values(no, x)")], 'up{x="$v"}', 'up{x=""}', id="no values"
        ),
        pytest.param(
            [query_variable("v", "label_values(no, x)", default="d")],
            'up{x="$v"}',
            'up{x="d"}',
            id="a default alone",
        ),
        pytest.param(
            [query_variable("v", Q, include_all=True, multi=True)],
            'up{x=~"$v"}',
            r'up{x=~"(10\\.0\\.0\\.1:9100|b)"}',
            id="all",
        ),
        pytest.param(
            [query_variable("v", Q, include_all=True, all_value=".+")],
            'up{x=~"$v"}',
            'up{x=~".+"}',
            id="all as one",
        ),
        pytest.param(
            [query_variable("v", Q, multi=True)],
            'up{x=~"$v"}',
            r'up{x=~"10\\.0\\.0\\.1:9100"}',
            id="one of several",
        ),
        pytest.param(
            [query_variable("v", Q, include_all=True, regex="/^(.)0/")],
            'up{x=~"$v"}',
            'up{x=~"1"}',
            id="a part",
        ),
        pytest.param(
            [query_variable("v", Q, regex="b")], 'up{x="$v"}', 'up{x="b"}', id="those that match"
        ),
        pytest.param(
            [query_variable("v", Q, regex="/(/")],
            'up{x="$v"}',
            'up{x="10.0.0.1:9100"}',
            id="a broken regex",
        ),
        pytest.param(
            [query_variable("v", "query_result(sum by (le) (x))", regex='/le="(?<value>[^"]+)"/')],
            "$v",
            "0.5",
            id="a query's result",
        ),
        pytest.param(
            [
                query_variable(
                    "v",
                    "query_result(sum by (le) (x))",
                    regex='/name="(?<text>[^"]+)|le="(?<value>[^"]+)/g',
                )
            ],
            "$v",
            "0.5",
            id="a value that has another text",
        ),
        pytest.param(
            [
                query_variable("a", "label_values(up, job)"),
                query_variable("v", 'label_values(x{job="$a"}, instance)'),
            ],
            'up{x="$v"}',
            'up{x="of-j1"}',
            id="a variable of a variable",
        ),
        pytest.param([custom_variable("v", ["a", "b"])], 'up{x="$v"}', 'up{x="a"}', id="custom"),
        pytest.param(
            [custom_variable("v", ["a", "b,c"], include_all=True)],
            'up{x=~"$v"}',
            'up{x=~"(a|b,c)"}',
            id="all custom",
        ),
        pytest.param([constant_variable("v", "c")], 'up{x="$v"}', 'up{x="c"}', id="a constant"),
        pytest.param([textbox_variable("v", "t")], 'up{x="$v"}', 'up{x="t"}', id="a text"),
        pytest.param([textbox_variable("v")], 'up{x="$v"}', 'up{x=""}', id="no text"),
        pytest.param(
            [interval_variable("v", ["1m", "5m"])], "rate(x[$v])", "rate(x[1m])", id="an interval"
        ),
        pytest.param(
            [query_variable("v", Q, include_all=True)],
            'up{a="${v:csv}", b=~"${v:pipe}", c=~"[[v]]"} * up{d=~"${v}"}',
            r'up{a="10.0.0.1:9100,b", b=~"10.0.0.1:9100|b", c=~"(10\\.0\\.0\\.1:9100|b)"}'
            r' * up{d=~"(10\\.0\\.0\\.1:9100|b)"}',
            id="formats",
        ),
        pytest.param([], 'up{x="$unknown"}', 'up{x="$unknown"}', id="an unknown variable"),
        pytest.param(
            [],
            "rate(x[$__rate_interval]) + rate(x[$__interval]) + rate(x[$__range]) * $__range_s",
            "rate(x[5m]) + rate(x[5m]) + rate(x[3600s]) * 3600",
            id="macros",
        ),
    ],
)
def test_a_panel_s_query_is_what_grafana_would_send(
    server: Server, prometheus: Prometheus, variables: list[Any], expr: str, asked: str
) -> None:
    """Variables have the values that the dashboard opens with, in the form that the data source
    puts into queries."""
    server.values = {**VALUES, ("instance", 'x{job="j1"}'): ["of-j1"]}
    # In an order of Prometheus's own, which is another one each time.
    buckets = [{"metric": {"le": le}, "value": [1, "2"]} for le in ("1", "0.5")]
    server.results = {"sum by (le) (x)": {"resultType": "vector", "result": buckets}}

    assert asked == panel_query(prometheus, expr, *variables)


LABEL_VALUES = st.text(st.sampled_from(r"ab.*+?()[]{}|^$\/-_: é'"), min_size=1, max_size=8)


class _Offline(Prometheus):
    """A Prometheus with the given label values, without a server."""

    def __init__(self, values: list[str]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.values = values

    def label_values(
        self, label: str, selector: str = "", within: TimeRange | None = None
    ) -> list[str]:
        return self.values


@given(values=st.lists(LABEL_VALUES, min_size=1, max_size=4, unique=True), other=LABEL_VALUES)
def test_all_values_of_a_variable_match_themselves_and_nothing_else(
    values: list[str], other: str
) -> None:
    """Whatever signs label values have, the query is PromQL, and its regular expression matches
    these values alone."""
    with _Offline(values) as prometheus:
        expr = panel_query(
            prometheus, 'up{x=~"$v"}', query_variable("v", Q, include_all=True, multi=True)
        )

    (selector,) = selectors(promql_parser.parse(expr))
    pattern = re.compile(selector.matchers.matchers[0].value)
    assert [] == [value for value in values if not pattern.fullmatch(value)]
    assert (other in values) is bool(pattern.fullmatch(other))


def test_the_rate_interval_is_the_caller_s(prometheus: Prometheus) -> None:
    """A scrape interval of a minute needs a longer one."""
    dashboard = Dashboard("D", panels=[timeseries("P", "rate(x[$__rate_interval])")])

    assert ["rate(x[4m])"] == [
        query.expr for query in queries(prometheus, dashboard, rate_interval="4m")
    ]


def test_an_exporter_s_dashboard_asks_for_its_job_and_nodes(
    server: Server, prometheus: Prometheus
) -> None:
    """The variables that an exporter brings are resolved one after the other."""
    server.values = {
        ("job", "node_uname_info"): ["node-exporter", "other"],
        ("instance", 'node_uname_info{job=~"node-exporter"}'): ["a", "b"],
    }
    dashboard = Dashboard("D", exporter=node, panels=[timeseries("CPU", node.cpu_busy)])

    expressions = {str(query): query.expr for query in queries(prometheus, dashboard)}

    assert ["variable $job", "variable $node", "panel 'CPU' A"] == list(expressions)
    assert 'node_uname_info{job=~"node-exporter"}' == expressions["variable $node"]
    assert 'job=~"node-exporter",instance=~".+",mode="idle"}[5m]' in expressions["panel 'CPU' A"]


def test_every_query_of_a_dashboard_is_found(prometheus: Prometheus) -> None:
    """Of annotations, and of panels in open and collapsed rows; what other data sources answer is
    left out."""
    loki = {
        "name": "Deploys",
        "enable": True,
        "iconColor": "red",
        "expr": '{app="x"}',
        "datasource": LOKI.ref,
    }
    dashboard = Dashboard(
        "D",
        annotations=[annotation("Restarts", "changes(x[5m]) > 0"), loki],
        panels=[timeseries("Top", "a", "b"), logs("Logs", '{app="x"}', datasource=LOKI)],
        rows=[
            Row("Open", [timeseries("In row", "c")]),
            Row("Closed", [timeseries("Hidden", "d")], collapsed=True),
        ],
    )

    assert [
        ("annotation 'Restarts'", "changes(x[5m]) > 0"),
        ("panel 'Top' A", "a"),
        ("panel 'Top' B", "b"),
        ("panel 'In row' A", "c"),
        ("panel 'Hidden' A", "d"),
    ] == [(str(query), query.expr) for query in queries(prometheus, dashboard)]


def test_a_variable_of_another_data_source_asks_prometheus_nothing(
    server: Server, prometheus: Prometheus
) -> None:
    """Loki has a label_values too."""
    variable = query_variable("v", "label_values(app)", datasource=LOKI, default="shop")

    assert 'up{app="shop"}' == panel_query(prometheus, 'up{app="$v"}', variable)
    assert [] == server.asked


def test_a_variable_can_have_another_value_than_the_one_it_opens_with(
    server: Server, prometheus: Prometheus
) -> None:
    """Prometheus is not asked for its values then."""
    shown = Dashboard(
        "D",
        variables=[query_variable("v", "label_values(app)")],
        panels=[timeseries("T", 'up{app="$v"}')],
    )
    (built,) = [resource for resource in resources(shown) if resource.kind is Kind.DASHBOARD]

    (query,) = live_queries(built, prometheus, chosen={"v": "shop"})

    assert 'up{app="shop"}' == query.expr
    assert [] == server.asked


def test_the_types_of_metrics_are_those_that_targets_stated(
    server: Server, prometheus: Prometheus
) -> None:
    """The first of them, should targets disagree."""
    stated = {
        "up": [{"type": "gauge", "help": "", "unit": ""}],
        "x_total": [{"type": "counter"}, {"type": "gauge"}],
    }
    server.answer = (
        200,
        "application/json",
        json.dumps({"status": "success", "data": stated}).encode(),
    )

    assert {"up": "gauge", "x_total": "counter"} == prometheus.metric_types()
    assert ["GET /api/v1/metadata"] == server.asked


def test_rules_are_asked_without_their_comparison(prometheus: Prometheus) -> None:
    """An alert's query returns data when all is well; a recording rule is asked as it stands."""
    group = alert_group(
        "g",
        [
            alert("CPU", node.cpu_busy > 0.9),
            alert("Text", "up == 0"),
            recording_rule("job:up:sum", "sum by (job) (up)"),
        ],
    )

    expressions = {str(query): query.expr for query in queries(prometheus, group)}

    assert ["alert 'CPU'", "alert 'Text'", "recording rule 'job:up:sum'"] == list(expressions)
    assert ">" not in expressions["alert 'CPU'"]
    assert "up == 0" == expressions["alert 'Text'"]


def test_other_resources_have_no_queries(server: Server, prometheus: Prometheus) -> None:
    """A data source is asked, and asks nothing."""
    sources = [resource for resource in resources() if resource.kind is Kind.DATASOURCE]

    assert [[], []] == [live_queries(source, prometheus) for source in sources]
    assert [] == server.asked
