"""Conditions in Grafana's own JSON."""

from __future__ import annotations

import pytest

from gk.resource import Kind
from tests.alerting import FIRST_LINE, Json, grafana_rule, group, mistake, shop, write
from tests.conftest import ProjectFolder, RunGk

__all__ = ["shop"]

QUERY: Json = {
    "refId": "A",
    "datasourceUid": "prometheus",
    "relativeTimeRange": {"from": 600, "to": 0},
    "model": {"expr": "up", "instant": False, "refId": "A"},
}
REDUCED: Json = {
    "refId": "B",
    "datasourceUid": "__expr__",
    "model": {"type": "reduce", "expression": "A", "reducer": "max", "refId": "B"},
}
DECISIVE: Json = {
    "refId": "C",
    "datasourceUid": "__expr__",
    "model": {"type": "math", "expression": "$B == 0", "refId": "C"},
}


def asked(*queries: Json, condition: str = "C") -> str:
    """The condition, as Python."""
    return f"rule_queries({list(queries)!r}, condition={condition!r})"


def test_queries_reach_grafana_as_they_are(shop: ProjectFolder) -> None:
    """The one that decides need not be the last."""
    rule = grafana_rule(shop, f"alert('Down', {asked(QUERY, DECISIVE, REDUCED)}, for_='5m')")
    assert [QUERY, DECISIVE, REDUCED] == rule["data"]
    assert ("C", "5m") == (rule["condition"], rule["for"])


def test_expressions_may_have_the_name_of_before_grafana_9(shop: ProjectFolder) -> None:
    """Which was -100."""
    old = {**REDUCED, "datasourceUid": "-100"}
    rule = grafana_rule(shop, f"alert('Down', {asked(QUERY, old, condition='B')})")
    assert [QUERY, old] == rule["data"]


def test_texts_of_such_a_rule_stay_in_grafana_s_language(shop: ProjectFolder) -> None:
    """`$value` means another thing there, and `$values.B` is none of Prometheus's."""
    text = "{{ $values.B.Value }} of {{ $value }} on {{ $node }}"
    rule = grafana_rule(shop, f"alert('Down', {asked(QUERY, REDUCED, DECISIVE)}, summary={text!r})")
    assert text == rule["annotations"]["summary"]


def test_prometheus_does_not_get_such_a_rule(shop: ProjectFolder, run_gk: RunGk) -> None:
    """The other rules of its group it does."""
    write(shop, group(f"alert('Json', {asked(QUERY, condition='A')})", "alert('Down', 'up == 0')"))
    rules = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"]
    assert ["Down"] == [rule["alert"] for rule in rules]
    assert (
        "warning: rule group 'shop': Prometheus's rule files leave out 'Json', which only Grafana "
        "can evaluate\n"
    ) == run_gk("build").err


def test_grafana_records_what_such_queries_return(shop: ProjectFolder) -> None:
    """From the one that is named."""
    queries = asked(QUERY, REDUCED, condition="B")
    write(shop, group(f"recording_rule('job:up', {queries}, to='prometheus')"))
    (rule,) = shop.resource(Kind.RULE_GROUP).body["rules"]
    assert [QUERY, REDUCED] == rule["data"]
    assert {
        "metric": "job:up",
        "from": "B",
        "target_datasource_uid": "prometheus",
    } == rule["record"]


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        pytest.param(
            "rule_queries(): has no query 'D'; it has A, C",
            asked(QUERY, DECISIVE, condition="D"),
            id="condition",
        ),
        pytest.param("rule_queries(): has no query 'C'", asked(), id="nothing"),
        pytest.param(
            "rule_queries(): queries must be a list, not int",
            "rule_queries(3, condition='A')",
            id="number",
        ),
        pytest.param(
            "rule_queries(): queries must contain Mapping objects, not str",
            f"rule_queries({QUERY!r}, condition='A')",
            id="one query alone",
        ),
        pytest.param(
            "rule_queries(): two queries have the refId 'A'; rename one",
            asked(QUERY, QUERY, condition="A"),
            id="refId twice",
        ),
        pytest.param(
            "rule_queries(): query '' needs a refId, which is text",
            asked({**QUERY, "refId": ""}, condition=""),
            id="no refId",
        ),
        pytest.param(
            "rule_queries(): query 'A' needs a datasourceUid, which is text",
            "rule_queries([{'refId': 'A', 'model': {}}], condition='A')",
            id="no data source",
        ),
        pytest.param(
            "rule_queries(): query 'A' needs a model, which is an object",
            asked({**QUERY, "model": "up"}, condition="A"),
            id="model",
        ),
        pytest.param(
            "rule_queries() has no argument 'conditions'; did you mean 'condition'?",
            "rule_queries([], conditions='A')",
            id="argument",
        ),
        pytest.param(
            "alert 'Down': data source 'promethius' is not defined in datasources/; did you mean "
            "'prometheus'?",
            asked({**QUERY, "datasourceUid": "promethius"}, condition="A"),
            id="unknown data source",
        ),
    ],
)
def test_queries_that_grafana_would_refuse_are_a_mistake(
    shop: ProjectFolder, run_gk: RunGk, message: str, condition: str
) -> None:
    """At the line of the rule."""
    write(shop, group(f"alert('Down', {condition})"))
    assert f"alerts/rules.py:{FIRST_LINE + 1}: {message}\n" == run_gk("build").err


def test_prometheus_records_no_such_queries(shop: ProjectFolder) -> None:
    """Grafana may, into a data source."""
    problem = mistake(write(shop, group(f"recording_rule('a:b', {asked(QUERY, condition='A')})")))
    assert problem.endswith(
        "recording rule 'a:b': only Grafana can record what is not PromQL; name the data source "
        "to write to: to="
    )
