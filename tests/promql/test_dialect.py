"""PromQL that Prometheus parses and gk's parser does not know is no mistake."""

from __future__ import annotations

import promql_parser
import pytest

from gk import Dashboard, target, timeseries
from gk.diff.compare import compare
from gk.diff.sides.side import Side
from gk.promql import Exporter, Labels, LabelScheme, Scope
from gk.promql.metrics import metrics
from gk.promql.syntax import parse
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk
from tests.definitions import resources


@every(
    "expr",
    [
        pytest.param(r"up{path=~`/api/v\d+`}", id="raw-string"),
        pytest.param(r'label_replace(up, "a", "$1", "b", `(\d+) "x"`)', id="raw-argument"),
        pytest.param("up > 1_000_000", id="digits-in-groups"),
        pytest.param("up > 0x1_f", id="hexadecimal-digits-in-groups"),
        pytest.param("rate(up[5m + 1m])", id="sum-of-durations"),
        pytest.param("rate(up[2 * step()])", id="step"),
        pytest.param("rate(up[max_of(step(), 5m)])", id="longest-duration"),
        pytest.param("rate(up[min(step(), 5m)])", id="shortest-duration-before-3.13"),
        pytest.param("max_over_time(rate(up[5m])[1h * 2:1m + 1s])", id="subquery"),
        pytest.param("up offset (1m + 5s) > 1", id="offset"),
        pytest.param("up offset -step()", id="offset-by-the-step"),
        pytest.param("rate(up[5m] anchored)", id="anchored"),
        pytest.param('up{a="b"} smoothed', id="smoothed"),
        pytest.param("up offset 5m smoothed", id="smoothed-with-offset"),
        pytest.param("rate(up[$__rate_interval] smoothed)", id="smoothed-with-variable"),
        pytest.param("up </ 0.5", id="observations-below"),
        pytest.param("up >/ 0.5", id="observations-above"),
        pytest.param("holt_winters(up[5m], 0.1, 0.1)", id="holt-winters"),
        pytest.param("double_exponential_smoothing(up[5m], 0.1, 0.1)", id="its-new-name"),
        pytest.param('{"http.requests", "le.x"="y"}', id="utf-8-names"),
        pytest.param('sum by ("le.x") (rate({"http.requests"}[5m]))', id="utf-8-grouping"),
        pytest.param('info(up, {a="b"})', id="info"),
        pytest.param("limitk(3, up)", id="limitk"),
        pytest.param("limit_ratio(0.1, up)", id="limit-ratio"),
        pytest.param("up + on (a) fill (0) up", id="fill"),
    ],
)
def test_what_prometheus_parses_is_parsed(expr: str) -> None:
    """Prometheus 3 or an earlier one: gk does not know which."""
    assert isinstance(parse(expr), promql_parser.Expr)


@every(
    "expr",
    [
        "rate(up[5m +])",
        "rate(up[up + 1m])",
        "rate(up[sum(up) + 1m])",
        "up offset (up)",
        "rate(up[5m] anchoring)",
        "1__0",
        "up </",
        r'up{a="\d"}',
        "rat(up[5m] anchored)",
        "up{a=`b}",
    ],
)
def test_what_no_prometheus_parses_is_a_mistake(expr: str) -> None:
    """The new forms open no hole."""
    with pytest.raises(ValueError, match=r"."):
        parse(expr)


def test_a_raw_string_keeps_its_backslashes() -> None:
    r"""`\d` is what an interpreted string writes `\\d`."""
    assert str(parse(r'up{a=~"\\d\"", b="\n"}')) == str(parse('up{a=~`\\d"`, b=`\n`}'))


@pytest.mark.parametrize(
    ("expected", "expr"),
    [
        ({"http.requests"}, 'sum({"http.requests", code="200"})'),
        ({"up", "down"}, '{__name__="up" or __name__="down"}'),
        ({"up"}, "rate(up[5m + step()] anchored)"),
    ],
)
def test_the_series_of_such_a_query_are_known(expected: set[str], expr: str) -> None:
    """Names in quotes may have any character."""
    assert expected == metrics(expr)


def test_a_snippet_may_select_names_that_only_prometheus_3_has() -> None:
    """They are written in quotes."""
    scope = Scope.alert(LabelScheme({"shop": Labels(job="shop")})).of(Exporter("shop"))
    labels = {"http.route": "/", "http.code": ["200", "500"]}
    selected = scope.select("http.requests", **labels)

    expected = '{"http.requests",job="shop","http.route"="/","http.code"=~"200|500"}'
    assert expected == selected
    assert {"http.requests"} == metrics(selected)


@pytest.mark.parametrize("metric", ["requests_total[5m]", '{__name__="a"}', "sum(up)"])
def test_what_is_no_name_is_not_quoted(metric: str) -> None:
    """It would select nothing, without a word."""
    scope = Scope.alert(LabelScheme({"shop": Labels(job="shop")})).of(Exporter("shop"))

    with pytest.raises(ValueError, match=r"."):
        parse(scope.select(metric))


@pytest.mark.parametrize("opened", ["offset (", "[", "] ", "1_", "((", "x{a=`"])
def test_a_long_query_takes_no_long_time(opened: str) -> None:
    """Strangers choose what gk diff parses."""
    with pytest.raises(ValueError, match=r"."):
        parse(opened * 100_000)


def test_a_raw_string_is_right_in_an_alert(project: ProjectFolder, run_gk: RunGk) -> None:
    """In both engines' files as written."""
    project.write(
        {
            "gk.yaml": "",
            "alerts/paths.py": r"""
            from gk import alert, alert_group

            paths = alert_group("paths", [alert("Slow", r"slow{path=~`/api/v\d+`} > 1")])
            """,
        }
    )
    assert 0 == run_gk("build", cwd=project.root).code
    for file in ("prometheus/rules/paths.yaml", "grafana/alerting/rules.yaml"):
        assert r"slow{path=~`/api/v\d+`} > 1" in project.read(f"provisioning/{file}")


@pytest.mark.parametrize("expr", [r"up{path=~`/a\d+`}", "rate(up[5m + 1m])", "up > 1_000"])
def test_such_a_query_is_no_risk(expr: str) -> None:
    """It does not stop parsing."""
    assert () == tuple(compare(_side("up"), _side(expr)).risks)


def _side(expr: str) -> Side:
    dashboard = Dashboard("Jobs", uid="jobs", panels=[timeseries("Jobs", target(expr))])
    return Side(name=expr, resources=resources(dashboard))
