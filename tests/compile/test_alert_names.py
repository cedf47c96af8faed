"""Names and uids of alerts, and the names that an engine would refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.names import is_uid, slug
from gk.resource import Kind
from tests.alerting import FIRST_LINE, grafana_rule, group, mistake, prometheus_rule, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]


@given(st.text())
def test_any_text_makes_a_uid(text: str) -> None:
    """Of letters that every Grafana takes, at most 40, and the same each time."""
    assert is_uid(slug(text))
    assert slug(text) == slug(text)


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        pytest.param("own_UID-1", "uid='own_UID-1'", id="own"),
        pytest.param("shop-failing", "", id="from-group-and-name"),
    ],
)
def test_a_rule_has_a_uid(shop: ProjectFolder, expected: str, arguments: str) -> None:
    """Which stays the same as long as its names do."""
    assert expected == grafana_rule(shop, f"alert('Failing', failed > 1, {arguments})")["uid"]


def test_uids_of_long_names_stay_apart(shop: ProjectFolder) -> None:
    """Grafana takes 40 characters, and the end of a name is often what tells two alerts apart."""
    name = "RequestsOfTheShopFailMoreOftenThanUsual"
    write(shop, group(f"alert('{name}Today', failed > 1)", f"alert('{name}Tonight', failed > 1)"))

    uids = [rule["uid"] for rule in shop.resource(Kind.RULE_GROUP).body["rules"]]

    assert 2 == len(set(uids))
    assert all(is_uid(uid) and uid.startswith("shop-requestsoftheshop") for uid in uids)


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        pytest.param(
            "alert 'A': uid '{uid}' must be 1 to 40 letters".replace("{uid}", "x" * 41),
            f"alert('A', 'up', uid='{'x' * 41}')",
            id="uid-too-long",
        ),
        pytest.param(
            "alert 'A': uid 'a b' must be", "alert('A', 'up', uid='a b')", id="uid-with-a-space"
        ),
        pytest.param("alert ' ': the name is empty", "alert(' ', 'up', uid='a')", id="no-name"),
        pytest.param("alert 'AAA", f"alert('{'A' * 191}', 'up', uid='a')", id="name-too-long"),
        pytest.param(
            "alert(): no_data 'No Data' is not known; did you mean 'NoData'?",
            "alert('A', 'up', no_data='No Data')",
            id="no-data-state",
        ),
        pytest.param(
            "alert(): exec_err 'NoData' is not known; one of Error, OK, Alerting, KeepLast",
            "alert('A', 'up', exec_err='NoData')",
            id="error-state",
        ),
        pytest.param(
            "alert 'A': for '5 m' is not a duration", "alert('A', 'up', for_='5 m')", id="for"
        ),
        pytest.param(
            "alert(): for_ must be text, not int", "alert('A', 'up', for_=300)", id="for-number"
        ),
        pytest.param(
            "alert 'A': keep_firing_for '1h1d' is not a duration",
            "alert('A', 'up', keep_firing_for='1h1d')",
            id="keep-firing-for",
        ),
        pytest.param(
            "alert 'A': window '5' is not a duration",
            "alert('A', failed > 1, window='5')",
            id="window",
        ),
        pytest.param(
            "alert 'A': window is zero", "alert('A', failed > 1, window='0s')", id="window-zero"
        ),
        pytest.param(
            "alert 'A': label 'my team' is not a valid label name",
            "alert('A', 'up', labels={'my team': 'x'})",
            id="label",
        ),
        pytest.param(
            "alert 'A': label '__alert_rule_uid__' is not a valid label name",
            "alert('A', 'up', labels={'__alert_rule_uid__': 'x'})",
            id="reserved-label",
        ),
        pytest.param(
            "alert 'A': annotation 'my text' is not a valid annotation name",
            "alert('A', 'up', annotations={'my text': 'x'})",
            id="text",
        ),
        pytest.param("alert 'A': PromQL does not parse: ", "alert('A', 'sum(')", id="promql"),
        pytest.param(
            "alert 'A': PromQL does not parse: no expression", "alert('A', '')", id="no-promql"
        ),
        pytest.param(
            "alert 'A': $job is a dashboard variable",
            "alert('A', 'up{job=~\"$job\"}')",
            id="variable",
        ),
        pytest.param(
            "alert 'A': $__rate_interval is a dashboard variable",
            "alert('A', 'rate(x[$__rate_interval])')",
            id="interval",
        ),
        pytest.param(
            "alert 'A': $route is a dashboard variable",
            "alert('A', failed(route='$route') > 1)",
            id="variable-in-an-argument",
        ),
        pytest.param(
            "recording rule 'a{b}': the name is not a valid metric name",
            "recording_rule('a{b}', 'up')",
            id="record",
        ),
        pytest.param(
            "recording rule 'a': $job is a dashboard variable",
            "recording_rule('a', 'up{job=\"$job\"}')",
            id="recorded",
        ),
    ],
)
def test_a_rule_that_an_engine_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, rules: str
) -> None:
    """Most of them would keep Grafana from starting, or Prometheus from loading any rule of the
    file."""
    problem = mistake(write(shop, group(rules)))

    assert problem.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {message}")


def test_groups_of_a_regular_expression_are_no_variables(shop: ProjectFolder) -> None:
    """label_replace writes its result with `$1`."""
    text = 'label_replace(up, "host", "$1", "instance", "(.*):.*")'

    assert text == prometheus_rule(shop, f"alert('A', {text!r})")["expr"]


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "alert 'B': the uid is taken by the rule at alerts/rules.py:{first}; change one",
            group("alert('A', 'up', uid='a')", "alert('B', 'up', uid='a')"),
            id="uid",
        ),
        pytest.param(
            "alert 'Ab': the uid is taken by the rule at alerts/rules.py:{first}; change one",
            group("alert('AB', 'up', severity='')", "alert('Ab', 'up', severity='')"),
            id="derived-uid",
        ),
    ],
)
def test_what_has_to_be_unique_among_rules(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """The second one is the mistake, and the message leads to the first."""
    problem = mistake(write(shop, definitions))

    assert (
        f"alerts/rules.py:{FIRST_LINE + 2}: " + message.replace("{first}", str(FIRST_LINE + 1))
        == problem
    )


def test_alerts_of_one_name_may_be_in_two_folders(shop: ProjectFolder) -> None:
    """Grafana tells them apart by their folder."""
    write(
        shop,
        "one = alert_group('one', [alert('A', 'up')], folder='One')\n"
        "two = alert_group('two', [alert('A', 'up')], folder='Two')\n",
    )

    groups = [
        (resource.folder, resource.uid)
        for resource in shop.resources()
        if resource.kind is Kind.RULE_GROUP
    ]
    assert [("one", "one/one"), ("two", "two/two")] == groups
