"""gk check --live asks a Prometheus that answers what a test says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gk import (
    Dashboard,
    Datasource,
    alert,
    alert_group,
    annotation,
    query_variable,
    recording_rule,
    timeseries,
)
from gk.check import Live, Project, Report, Severity, run
from gk.check.checks import ALL_CHECKS
from gk.check.forms import FORMS
from gk.check.live.asking import Asker, Limits, Question
from gk.check.live.run import ask
from gk.errors import ConfigError
from gk.prometheus import Prometheus, PrometheusError
from gk.settings import Settings
from gk.settings.checks import CheckChange, CheckSettings, Option
from gk.settings.targets import Version
from tests.conftest import ProjectFolder, RunGk
from tests.definitions import PROMETHEUS, resources
from tests.fake_prometheus import FakePrometheus, Reply, failure, serving, success, vector
from tests.rich import NOWHERE

EMPTY = vector()
DASHBOARD = """
    from gk import Dashboard, timeseries

    board = Dashboard("Shop", panels=[timeseries("Orders", "sum(orders)")])
"""


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    """A server on a free port."""
    with serving() as state:
        yield state


def project_of(*definitions: Any) -> Project:
    """A project with these definitions."""
    return Project(resources(*definitions))


def asked(server: FakePrometheus, *definitions: Any, **options: Any) -> Live:
    """What came of asking every query."""
    limits = options.pop("limits", Limits(timeout=10))
    with Prometheus(server.url, limits.timeout) as prometheus:
        return ask(project_of(*definitions), prometheus, limits, **options)


def report(server: FakePrometheus, *definitions: Any) -> Report:
    """What all checks say of it."""
    live = asked(server, *definitions)
    return run(project_of(*definitions), ALL_CHECKS, NOWHERE, live=live)


def board(*exprs: str, **more: Any) -> Dashboard:
    """A dashboard with a panel for each query."""
    panels = [timeseries(f"P{number}", expr) for number, expr in enumerate(exprs)]
    return Dashboard("D", panels=panels, **more)


# What is asked


def test_each_distinct_query_is_asked_once(server: FakePrometheus) -> None:
    """However many panels and dashboards show it."""
    panels = [timeseries("A", "up"), timeseries("B", "up", "other")]
    boards = [Dashboard(name, uid=name, panels=panels) for name in ("d1", "d2")]

    live = asked(server, *boards)

    assert 6 == len(live.asked)
    assert {"up": 1, "other": 1} == {
        query: count for query, count in Counter(server.asked).items() if query in ("up", "other")
    }


def test_variables_are_resolved_once_for_all_panels(server: FakePrometheus) -> None:
    """And one after the other, with the values of earlier ones."""
    server.replies["/api/v1/label/job/values"] = success(["j1", "j2"])
    server.replies["/api/v1/label/instance/values"] = success(["i1"])
    variables = [
        query_variable("job", "label_values(up, job)"),
        query_variable("instance", 'label_values(up{job="$job"}, instance)'),
    ]

    live = asked(server, board('a{i="$instance"}', 'b{i="$instance"}', variables=variables))

    assert ['a{i="i1"}', 'b{i="i1"}'] == [query.question.expr for query in live.asked]
    assert ["up", 'up{job="j1"}'] == [
        given["match[]"] for given in server.given if "match[]" in given
    ]


def test_values_of_variables_are_those_within_the_time_range(server: FakePrometheus) -> None:
    """As in Grafana: an instance that is gone for days, and is the first by its name, would leave
    every panel empty that a user sees full."""
    variables = [
        query_variable("job", "label_values(job)"),
        query_variable("instance", "label_values(up, instance)"),
        query_variable("of", "query_result(up)", regex='/job="(.*)"/'),
    ]
    shown = board('up{job="$job"}', variables=variables, time=("now-6h", "now-1h"))

    with Prometheus(server.url) as prometheus:
        ask(Project(resources(PROMETHEUS, shown)), prometheus, now=1_700_000_000.0)

    within = {"start": "1699978400.000", "end": "1699996400.000"}
    assert [within, {**within, "match[]": "up"}] == [
        dict(given) for given in server.given if "start" in given and "query" not in given
    ]
    assert "1699996400.000" in [given.get("time") for given in server.given]


def test_a_label_that_is_gone_before_the_time_range(server: FakePrometheus) -> None:
    """The reason is not that nobody ever had it."""

    def values(given: Mapping[str, str]) -> list[str]:
        return [] if "start" in given else ["j1"]

    server.replies["/api/v1/label/job/values"] = lambda: success(values(server.given[-1]))
    server.replies['up{job=""}'] = success(vector())

    live = asked(
        server, board('up{job="$job"}', variables=[query_variable("job", "label_values(job)")])
    )

    (resolved,) = live.values
    assert resolved.reason
    assert "no series has the label 'job' within the dashboard's time range" in resolved.reason.text


def test_a_graph_is_asked_over_its_range_and_a_table_at_its_end(server: FakePrometheus) -> None:
    """With Grafana's step and intervals: a scrape interval of 30 s, of the data source."""
    slow = Datasource.prometheus(
        "Slow", uid="slow", url="http://slow:9090", default=True, scrape_interval="30s"
    )
    target = {"refId": "A", "expr": "now", "instant": True, "range": False}
    shown = {
        "title": "D",
        "uid": "d",
        "schemaVersion": 39,
        "time": {"from": "now-1h", "to": "now"},
        "panels": [
            {
                "type": "timeseries",
                "title": "Graph",
                "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
                "targets": [{"refId": "A", "expr": "rate(x[$__rate_interval]) + $__interval_ms"}],
            },
            {
                "type": "stat",
                "title": "Now",
                "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
                "targets": [target],
            },
        ],
    }

    with Prometheus(server.url) as prometheus:
        project = Project(resources(slow, shown))
        live = ask(project, prometheus, now=1_700_000_010.0)

    assert [
        Question("rate(x[120s]) + 30000", 1_699_996_410.0, 1_700_000_010.0, 30.0),
        Question("now", 1_700_000_010.0, 1_700_000_010.0),
    ] == [query.question for query in live.asked]


@pytest.mark.parametrize(("versions", "expr"), [((9, 10), "rate(x[135s])"), ((), "rate(x[480s])")])
def test_the_rate_interval_is_that_of_the_grafana_that_the_project_names(
    server: FakePrometheus, versions: tuple[int, ...], expr: str
) -> None:
    """Before 10.3 a minimum step was no scrape interval."""
    settings = Settings(grafana=tuple(Version(major, 2) for major in versions))
    target = {"refId": "A", "expr": "rate(x[$__rate_interval])", "interval": "2m"}
    panel = {"type": "timeseries", "title": "T", "targets": [target]}
    shown = {"title": "D", "uid": "d", "time": {"from": "now-1h", "to": "now"}, "panels": [panel]}

    with Prometheus(server.url) as prometheus:
        made = resources(PROMETHEUS, shown, settings=settings)
        live = ask(Project(made, settings=settings), prometheus)

    assert [expr] == [query.question.expr for query in live.asked]


def test_alerts_are_asked_without_their_comparison_and_rules_as_they_are(
    server: FakePrometheus,
) -> None:
    """An alert that does not fire has data."""
    group = alert_group(
        "g", [alert("A", "a > 1 and b < 2", summary="S"), recording_rule("r:x", "c > 1")]
    )

    live = asked(server, group)

    assert ["(a) and (b)", "c > 1"] == [query.question.expr for query in live.asked]


def test_queries_of_other_data_sources_can_be_left_out(server: FakePrometheus) -> None:
    """A server that is not behind them has no data for them."""
    other = Datasource.prometheus("Other", uid="other", url="http://other:9090")
    variables = [
        query_variable("a", "label_values(x, a)", datasource=other),
        query_variable("b", "label_values(y, b)"),
    ]
    panels = [timeseries("Theirs", "theirs", datasource=other), timeseries("Ours", "ours")]
    shown = Dashboard("D", panels=panels, variables=variables)

    live = asked(server, PROMETHEUS, other, shown, only=["prometheus"])

    assert ["ours"] == [query.question.expr for query in live.asked]
    assert ["b"] == [resolved.variable.name for resolved in live.values]
    assert ["prometheus"] == [sourced.resource.uid for sourced in live.sourced]


def test_a_data_source_that_nobody_asks_is_a_mistake(server: FakePrometheus) -> None:
    """A run that asks nothing would pass."""
    with pytest.raises(ConfigError, match="--datasource: no dashboard asks promethues"):
        asked(server, PROMETHEUS, board("a"), only=["promethues"])


def test_every_query_of_a_dashboard_is_asked(server: FakePrometheus) -> None:
    """Of panels and annotations; those of variables are asked for values."""
    shown = board("a", annotations=[annotation("Restarts", "b")])

    assert {"a", "b"} <= {query.question.expr for query in asked(server, shown).asked}


# What may go wrong


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        pytest.param(
            (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html>"),
            "200 OK, and not JSON of its API but text/html",
            id="a page",
        ),
        pytest.param(
            (401, {"Content-Type": "text/plain"}, b"Unauthorized"),
            "401 Unauthorized: it asks for credentials",
            id="no credentials",
        ),
        pytest.param((403, {}, b"no"), "403 Forbidden: it denies access", id="no access"),
        pytest.param(
            (302, {"Location": "https://sso.example.com/login"}, b""),
            "302 Found, a redirect to https://sso.example.com/login; write the final URL",
            id="a redirect",
        ),
        pytest.param(
            (200, {"Content-Type": "application/json"}, b'{"status": "success", "data": {"resu'),
            "its JSON is cut off",
            id="half an answer",
        ),
        pytest.param(
            (200, {"Content-Type": "application/json", "Content-Length": "1000"}, b'{"status":'),
            "bytes read",
            id="a connection that ends",
        ),
        pytest.param(success({"resultType": "vector"}), "its result is malformed", id="no result"),
        pytest.param((503, {}, b"Service Unavailable"), "503 Service", id="a server that starts"),
        pytest.param(failure(503, "unavailable", "TSDB not ready"), "TSDB not ready", id="no TSDB"),
    ],
)
def test_a_server_that_cannot_answer_ends_the_run_with_its_url(
    server: FakePrometheus, run_gk: RunGk, project: ProjectFolder, reply: Reply, said: str
) -> None:
    """Exit code 2, one message, no report."""
    project.write({"dashboards/shop.py": DASHBOARD})
    server.replies["vector(1)"] = reply

    ran = run_gk("check", "--live", "--prometheus", server.url)

    assert (2, "", True, True) == (ran.code, ran.out, server.url in ran.err, said in ran.err), ran


def test_nobody_who_listens_ends_the_run(run_gk: RunGk, project: ProjectFolder) -> None:
    """The same, as JSON."""
    project.write({"dashboards/shop.py": DASHBOARD})

    ran = run_gk("check", "--live", "--prometheus", "http://127.0.0.1:1", "--format", "json")

    assert 2 == ran.code
    (problem,) = json.loads(ran.out)["problems"]
    assert "no Prometheus answers at http://127.0.0.1:1" in problem["message"]
    assert "refused" in problem["message"]


def test_a_server_that_stops_to_answer_ends_the_run(server: FakePrometheus) -> None:
    """What it answered before is no result."""
    server.replies["b"] = (200, {"Content-Type": "text/html"}, b"<h1>Sorry</h1>")

    with pytest.raises(PrometheusError, match="and not JSON of its API"):
        asked(server, board("a", "b"))


def test_a_proxy_that_restarts_is_asked_again(server: FakePrometheus) -> None:
    """Once, after a second."""
    replies = iter([(502, {}, b"Bad Gateway"), success(vector(({}, "1")))])
    server.replies["a"] = lambda: next(replies)

    assert ["data"] == [query.state for query in asked(server, board("a")).asked]


def test_a_query_that_the_server_refuses_is_an_error(server: FakePrometheus) -> None:
    """The others are asked all the same."""
    server.replies["a"] = failure(422, "execution", "many-to-many matching not allowed")

    outcome = report(server, board("a", "b"))

    assert ["failed", "data"] == [query.state for query in outcome.live[0].asked]
    assert [("query-failed", True)] == [
        (finding.check, "Prometheus refuses it: many-to-many" in finding.message)
        for finding in outcome.findings
        if finding.severity is Severity.ERROR
    ]
    assert outcome.fails
    assert [] == outcome.unanswered


def test_a_query_without_an_answer_in_time_is_not_answered(server: FakePrometheus) -> None:
    """The run says nothing of it, so it cannot pass."""
    wait = threading.Event()
    server.replies["a"] = lambda: (wait.wait(5), success(EMPTY))[1]

    try:
        live = asked(server, board("a", "b"), limits=Limits(timeout=0.2))
    finally:
        wait.set()

    assert ["unanswered", "data"] == [query.state for query in live.asked]
    (text,) = live.unanswered
    assert text.startswith("1 query: no Prometheus answers at")
    assert "within 0.2 s" in text


@pytest.mark.parametrize(
    ("status", "type_"),
    [(503, "timeout"), (503, "canceled"), (503, "unavailable"), (500, "internal")],
)
def test_what_the_server_says_of_itself_is_no_error_of_the_query(
    server: FakePrometheus, status: int, type_: str
) -> None:
    """Its author could do nothing: the query is not answered, and the run cannot pass."""
    server.replies["a"] = failure(status, type_, "expanding series:\n::error::disk")

    live = asked(server, board("a", "b"))

    assert ["unanswered", "data"] == [query.state for query in live.asked]
    assert [
        f"1 query: {server.url} could not answer: expanding series: ::error::disk"
    ] == live.unanswered


def test_values_that_the_server_cannot_tell_are_not_answered(server: FakePrometheus) -> None:
    """They are not a variable without values."""
    away = failure(503, "unavailable", "store 1 is away")
    server.replies["/api/v1/label/job/values"] = away
    shown = board('up{job="$job"}', variables=[query_variable("job", "label_values(up, job)")])

    live = asked(server, shown)

    assert [f"1 variable: {server.url} could not answer: store 1 is away"] == live.unanswered


def test_of_many_series_only_their_number_is_kept(server: FakePrometheus) -> None:
    """A run of a thousand queries with a hundred thousand series each would fill the memory."""
    server.replies["a"] = success(vector(*[({"n": str(number)}, "1") for number in range(2_000)]))
    server.replies["b"] = success(vector(({"n": "1"}, "1")))

    live = asked(server, board("a", "b"))

    many, few = (query.answer for query in live.asked)
    assert many
    assert few
    assert (2_000, 2_000, 1) == (len(many.series), many.numbers, len(set(map(id, many.series))))
    assert {"n": "1"} == few.series[0].labels


def test_texts_of_the_server_are_on_one_line(server: FakePrometheus) -> None:
    """A line that begins with `::error` would be an annotation of GitHub's."""
    server.replies["a"] = success(vector(), warnings=["one\n::error::two"])

    live = asked(server, board("a"))

    assert ["1 query: the data are partial: one ::error::two"] == live.unanswered


def test_a_server_that_answers_nothing_any_more_ends_the_run(server: FakePrometheus) -> None:
    """After as many queries in a row as there are workers."""
    wait = threading.Event()
    server.replies["/api/v1/query_range"] = lambda: (wait.wait(5), success(EMPTY))[1]

    try:
        with pytest.raises(PrometheusError, match="did not answer 2 queries in a row"):
            asked(server, board(*"abcdef"), limits=Limits(workers=2, timeout=0.2))
    finally:
        wait.set()


def test_partial_data_are_no_answer(server: FakePrometheus) -> None:
    """A store did not answer, so nobody knows whether there are data; what is there is shown."""
    warning = "No StoreAPIs matched for this query"
    server.replies["a"] = success(EMPTY, warnings=[warning])
    server.replies["b"] = success(vector(({}, "1")), warnings=[warning])

    live = asked(server, board("a", "b"))

    assert ["unanswered", "data"] == [query.state for query in live.asked]
    assert [f"2 queries: the data are partial: {warning}"] == live.unanswered


def test_partial_labels_are_no_answer(server: FakePrometheus) -> None:
    """A variable may lack values that are there."""
    partial = success(["a"], warnings=["store 1 is away"])
    server.replies["/api/v1/label/job/values"] = partial
    shown = board('up{job="$job"}', variables=[query_variable("job", "label_values(up, job)")])

    live = asked(server, shown)

    assert ["labels and metrics: the data are partial: store 1 is away"] == live.unanswered


def test_an_answer_that_is_too_large_is_an_error_of_the_query(
    server: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not of the server: others are asked all the same."""
    monkeypatch.setattr("gk.http.network.LARGEST", 10_000)
    series = [({"x": "y" * 100, "n": str(number)}, "1") for number in range(200)]
    server.replies["a"] = success(vector(*series))

    live = asked(server, board("a", "b"))

    assert ["failed", "data"] == [query.state for query in live.asked]
    assert "MiB" in live.asked[0].refusal


def test_an_incomplete_report_is_no_pass(
    server: FakePrometheus, run_gk: RunGk, project: ProjectFolder
) -> None:
    """It is printed, and the exit code is 2."""
    project.write({"dashboards/shop.py": DASHBOARD})
    server.replies["sum(orders)"] = success(EMPTY, warnings=["remote_read: connection refused"])

    ran = run_gk("check", "--live", "--prometheus", server.url, "--only", "no-data")

    assert 2 == ran.code
    assert "no problems (1 check" in ran.out
    assert "not answered: 1 query: the data are partial: remote_read" in ran.err


def test_time_that_is_over_is_no_pass(server: FakePrometheus) -> None:
    """What was not asked is told."""

    def late() -> Reply:
        time.sleep(0.6)
        return success(vector(({}, "1")))

    server.replies["/api/v1/query_range"] = late

    live = asked(server, board("a", "b"), limits=Limits(workers=1, budget=0.5))

    assert ["data", "unanswered"] == sorted(query.state for query in live.asked)
    assert ["1 query: not asked within 0.5 s"] == live.unanswered


# How it is asked


def test_at_most_as_many_queries_at_once_as_there_are_workers(server: FakePrometheus) -> None:
    """So that a run does not take a server for itself."""
    lock, running, most = threading.Lock(), [0], [0]

    def slow() -> Reply:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return success(vector(({}, "1")))

    server.replies["/api/v1/query_range"] = slow

    asked(server, board(*(f"x{number}" for number in range(12))), limits=Limits(workers=3))

    assert 3 == most[0]


def test_a_slow_server_has_pauses(server: FakePrometheus) -> None:
    """As long as its answers take, so that it is busy with gk for half of the time at most."""

    def late() -> Reply:
        time.sleep(0.1)
        return success(vector(({}, "1")))

    server.replies["a"] = late

    with Prometheus(server.url) as prometheus:
        asker = Asker(prometheus, Limits(), time.time(), slow=0.05)
        asker.at("a")
        asker.at("b")

    assert 0.1 <= asker.paused < 0.2


@pytest.mark.parametrize(
    ("wait", "keep", "minutes", "count"),
    [
        pytest.param("0s", "0s", [0, 1, 2, 3], 1, id="once"),
        pytest.param("0s", "0s", [0, 1, 10, 11, 20], 3, id="three times"),
        pytest.param("2m", "0s", [0, 1, 10, 11, 12, 13], 1, id="held for long enough once"),
        pytest.param("0s", "15m", [0, 10, 20, 60], 2, id="kept firing in between"),
        pytest.param("0s", "0s", [], 0, id="never"),
    ],
)
def test_how_often_an_alert_would_have_fired(
    server: FakePrometheus, wait: str, keep: str, minutes: list[int], count: int
) -> None:
    """By the times at which its condition held."""
    values = [[1_700_000_000 + 60 * minute, "1"] for minute in minutes]
    result = [{"metric": {}, "values": values}] if values else []
    server.replies["up == 0"] = success({"resultType": "matrix", "result": result})
    rule = alert("A", "up == 0", for_=wait, keep_firing_for=keep, summary="S")
    project = project_of(alert_group("g", [rule], interval="1m"))
    changes = {"alert-count": CheckChange("info", {"most": Option(str(count - 1), 1)})}
    settings = Settings(check=CheckSettings(checks=changes))

    with Prometheus(server.url) as prometheus:
        live = ask(project, prometheus)
        outcome = run(
            replace(project, settings=settings),
            ALL_CHECKS,
            NOWHERE,
            only=["alert-count"],
            live=live,
        )

    assert [f"would have fired {count} time"] == [
        finding.message[: len(f"would have fired {count} time")] for finding in outcome.findings
    ]


# What is shown


@pytest.fixture
def shown(server: FakePrometheus) -> Report:
    """A report of queries with data, without, refused, and of NaN."""
    server.replies = {
        "a": success(vector(({"x": "<b>"}, "1"), samples=42)),
        "<script>alert(1)</script>\u202e": success(EMPTY),
        "b": success(EMPTY),
        "c": failure(422, "execution", "<i>no</i>"),
        "d": success(vector(({}, "NaN"))),
    }
    return report(server, board("a", "b", "c", "d"))


def test_the_text_has_a_table_the_reasons_and_the_dearest(shown: Report) -> None:
    """One line for each dashboard."""
    text = FORMS["text"](shown)

    assert ["dashboard", "D", "4", "1", "-", "1", "1", "1", "-"] in [
        line.split()[:9] for line in text.splitlines()
    ]
    assert "why empty: 1 metric absent, 1 NaN" in text
    assert "         42        1" in text
    assert "found the reason for 2 of 2 empty ones" in text


def test_a_title_is_no_line_of_its_own(server: FakePrometheus) -> None:
    """GitHub would read it as a command."""
    owned = "D\n::error::owned\x1b[2J"
    server.replies = {"a": success(vector(({}, "1"), samples=42))}
    panel = timeseries(owned, "a")

    text = FORMS["text"](report(server, Dashboard(owned, uid="d", panels=[panel])))

    assert [] == [line for line in text.splitlines() if line.startswith("::")]
    assert "dashboard D ::error::owned\\u001b[2J" in text


def test_the_json_has_every_query(shown: Report) -> None:
    """With what was asked, what came of it, and why."""
    (live,) = json.loads(FORMS["json"](shown))["live"]

    assert [("data", 42), ("none", 0), ("failed", 0), ("nan", 0)] == [
        (query["state"], query["samples"]) for query in live["queries"]
    ]
    assert {
        "cause": "metric absent",
        "text": "the metric b is not on the server",
        "metric": "b",
        "variable": "",
        "hint": "",
    } == live["queries"][1]["reason"]
    assert "<i>no</i>" == live["queries"][2]["refusal"]
    assert ("P1", "b") == (
        live["queries"][1]["place"].split("'")[1],
        live["queries"][1]["definition"],
    )


def test_the_page_escapes_everything_and_has_no_script(shown: Report) -> None:
    """Its policy allows nothing but its own style."""
    page = FORMS["html"](shown)

    assert "&lt;i&gt;no&lt;/i&gt;" in page
    assert "<i>" not in page
    assert "<script" not in page
    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in page
    assert "the metric b is not on the server" in page


def test_a_page_without_live_answers_has_the_findings(server: FakePrometheus) -> None:
    """--format html needs no --live."""
    outcome = run(project_of(board("rate(temperature_celsius[5m])")), ALL_CHECKS, NOWHERE)

    assert "[rate-of-gauge]" in FORMS["html"](outcome)


# The command


def test_the_prometheus_is_that_of_the_context(
    server: FakePrometheus, run_gk: RunGk, project: ProjectFolder
) -> None:
    """The only one, or the named one."""
    project.write(
        {
            "dashboards/shop.py": DASHBOARD,
            "gk.yaml": f"contexts:\n  a: {{prometheus: '{server.url}'}}\n  b: {{}}\n",
        }
    )

    named = run_gk("check", "--live", "--context", "a")
    without = run_gk("check", "--live", "--context", "b")
    unnamed = run_gk("check", "--live")

    assert (0, True) == (named.code, f"{server.url}\n" in named.out), named
    assert (2, True) == (without.code, "the context b names no Prometheus" in without.err)
    assert (2, True) == (unnamed.code, "choose with --context" in unnamed.err)


def test_a_variable_can_have_another_value_than_the_dashboard_opens_with(
    server: FakePrometheus, run_gk: RunGk, project: ProjectFolder
) -> None:
    """Such as a node that has everything."""
    definition = """
        from gk import Dashboard, query_variable, timeseries

        board = Dashboard(
            "Shop",
            variables=[query_variable("shop", "label_values(orders, shop)")],
            panels=[timeseries("Orders", 'orders{shop="$shop"}')],
        )
    """
    project.write({"dashboards/shop.py": definition})
    server.replies["/api/v1/label/shop/values"] = success(["a"])

    ran = run_gk("check", "--live", "--prometheus", server.url, "--variable", "shop=a=b")
    wrong = run_gk("check", "--live", "--prometheus", server.url, "--variable", "shop")

    assert 0 == ran.code, ran
    assert 'orders{shop="a=b"}' in server.asked
    assert (2, True) == (wrong.code, "--variable 'shop': write NAME=VALUE" in wrong.err)


def test_ctrl_c_ends_a_run_that_waits_for_a_slow_server(
    server: FakePrometheus, project: ProjectFolder
) -> None:
    """At once, although threads wait."""
    project.write({"dashboards/shop.py": DASHBOARD})
    wait, waiting = threading.Event(), threading.Event()

    def never() -> Reply:
        waiting.set()
        wait.wait(20)
        return success(EMPTY)

    server.replies["sum(orders)"] = never
    command = [sys.executable, "-c", "from gk.cli import main; main()", "check", "--live"]
    process = subprocess.Popen(
        [*command, "--prometheus", server.url],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert waiting.wait(20)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        code = process.wait(10)
    finally:
        wait.set()
        process.kill()

    assert 130 == code
    assert time.monotonic() - start < 3


def test_a_live_check_alone_needs_live(run_gk: RunGk, project: ProjectFolder) -> None:
    """It would find nothing."""
    ran = run_gk("check", "--only", "no-data")

    assert (2, True) == (ran.code, "this check asks Prometheus; add --live" in ran.err)


def test_a_silence_of_a_live_check_is_not_unused_without_a_server(
    run_gk: RunGk, project: ProjectFolder, server: FakePrometheus
) -> None:
    """Nobody knows what it silences."""
    silence = "# gk: silence no-data: It is empty at night.\n"
    definition = DASHBOARD.replace("    board =", f"    {silence}    board =")
    project.write({"dashboards/shop.py": definition})
    server.replies["sum(orders)"] = success(EMPTY)

    static = run_gk("check", "--only", "unused-silence")
    live = run_gk("check", "--prometheus", server.url, "--only", "no-data")

    assert (0, 0) == (static.code, live.code), (static, live)
    assert "1 silenced" in live.out
