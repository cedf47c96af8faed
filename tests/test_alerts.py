"""Alerts become rules of Prometheus and of Grafana, and what notifies becomes Grafana's alerting
documents."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.names import is_uid, slug
from gk.errors import DefinitionError
from gk.provisioning.prometheus import rule_files
from gk.resource import Kind
from tests.conftest import ProjectFolder, RunGk

Json = dict[str, Any]

SNIPPETS = '''
    """What the tests alert on."""

    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")
    snippet = exporter.snippet


    @snippet(unit="percentunit")
    def failed(s: Scope, route: str | None = None) -> str:
        """Share of requests that fail."""
        return f"sum by ({s.node}) ({s.rate('http_requests_failed', route=route)})"


    @snippet()
    def text(s: Scope, promql: str) -> str:
        """Any PromQL."""
        return promql


    @snippet()
    def broken(s: Scope) -> str:
        """Fails when it is rendered."""
        return f"sum({s.window / 2})"


    @snippet()
    def unclosed(s: Scope) -> str:
        """Is no PromQL."""
        return "sum("
'''
FAILED = 'sum by (instance) (rate(http_requests_failed{job="shop"}[5m]))'

IMPORTS = """from gk import *
from dashboards.snippets import failed, text, broken, unclosed
"""
FIRST_LINE = IMPORTS.count("\n") + 1


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with snippets to alert on."""
    return project.write({"dashboards/snippets.py": SNIPPETS})


def write(shop: ProjectFolder, definitions: str, **files: str) -> ProjectFolder:
    """The project with alerts/rules.py, whose definitions start at FIRST_LINE, and with other files
    of alerts/."""
    return shop.write(
        {"alerts/rules.py": IMPORTS + definitions} | {f"alerts/{n}.py": t for n, t in files.items()}
    )


def group(*rules: str, more: str = "") -> str:
    """A group of rules, one a line after its first."""
    return "".join(
        ["rules = alert_group('shop', [\n", *(f"    {rule},\n" for rule in rules), f"]{more})\n"]
    )


def grafana_rule(shop: ProjectFolder, rule: str) -> Json:
    """What Grafana gets of an alert."""
    body: Json = write(shop, group(rule)).resource(Kind.RULE_GROUP).body["rules"][0]
    return body


def prometheus_rule(shop: ProjectFolder, rule: str) -> Json:
    """What Prometheus gets of a rule."""
    body: Json = write(shop, group(rule)).resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    return body


def mistakes(project: ProjectFolder) -> list[str]:
    """What compile finds wrong, with its places."""
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(each) for each in caught.value.problems]


def mistake(project: ProjectFolder) -> str:
    """The only thing that compile finds wrong."""
    (found,) = mistakes(project)
    return found


# What a rule asks


@pytest.mark.parametrize(
    ("operator", "decision"),
    [
        pytest.param(
            ">",
            {
                "type": "threshold",
                "expression": "A",
                "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
            },
            id="greater",
        ),
        pytest.param(
            "<",
            {
                "type": "threshold",
                "expression": "A",
                "conditions": [{"evaluator": {"type": "lt", "params": [0.5]}}],
            },
            id="less",
        ),
        pytest.param(">=", {"type": "math", "expression": "$A >= 0.5"}, id="greater-or-equal"),
        pytest.param("<=", {"type": "math", "expression": "$A <= 0.5"}, id="less-or-equal"),
    ],
)
def test_a_condition_is_compared_by_each_engine_in_its_way(
    shop: ProjectFolder, operator: str, decision: Json
) -> None:
    """Prometheus compares in PromQL; Grafana asks for the value and compares it, by what every
    version of it has."""
    rule = f"alert('Failing', failed {operator} 0.5)"

    data = grafana_rule(shop, rule)["data"]

    assert f"{FAILED} {operator} 0.5" == prometheus_rule(shop, rule)["expr"]
    assert FAILED == data[0]["model"]["expr"]
    assert (
        decision | {"refId": "B", "datasource": {"type": "__expr__", "uid": "__expr__"}}
        == data[1]["model"]
    )


@pytest.mark.parametrize(
    ("expr", "condition"),
    [
        pytest.param(FAILED, "failed", id="snippet"),
        pytest.param(FAILED.replace('"}', '",route="/"}'), "failed(route='/')", id="query"),
        pytest.param("up == 0", "'up == 0'", id="text"),
        pytest.param("up == 0 and\n  a", '"""up == 0 and\n  a"""', id="text-of-two-lines"),
    ],
)
def test_what_has_no_threshold_fires_for_each_series(
    shop: ProjectFolder, expr: str, condition: str
) -> None:
    """In Grafana too, where a value of zero would otherwise not fire."""
    rule = f"alert('Failing', {condition})"

    grafana = grafana_rule(shop, rule)

    assert expr == prometheus_rule(shop, rule)["expr"]
    assert expr == grafana["data"][0]["model"]["expr"]
    assert "is_number($A) || is_inf($A) || is_nan($A)" == grafana["data"][1]["model"]["expression"]


@pytest.mark.parametrize(
    ("expected", "promql"),
    [
        pytest.param("a + b > 1", "a + b", id="arithmetic"),
        pytest.param("-a ^ 2 > 1", "-a ^ 2", id="sign"),
        pytest.param("sum(a or b) > 1", "sum(a or b)", id="inside-a-function"),
        pytest.param("(a > 0) > 1", "a > 0", id="comparison"),
        pytest.param("(a != bool 0) > 1", "a != bool 0", id="comparison-to-0-or-1"),
        pytest.param("(a and b) > 1", "a and b", id="and"),
        pytest.param("(a or b) > 1", "a or b", id="or"),
        pytest.param("(a unless on (x) b) > 1", "a unless on (x) b", id="unless"),
        pytest.param("(a or b) > 1", "(a or b)", id="parentheses-that-are-there"),
    ],
)
def test_a_threshold_is_compared_with_the_whole_expression(
    shop: ProjectFolder, expected: str, promql: str
) -> None:
    """`a or b > 1` would fire for any `a`."""
    assert (
        expected == prometheus_rule(shop, f"alert('Failing', text(promql={promql!r}) > 1)")["expr"]
    )


@pytest.mark.parametrize(
    ("expected", "threshold"),
    [
        ("1", "1.0"),
        ("-3", "-3"),
        ("0.1", "0.1"),
        ("1e-07", "1e-7"),
        ("1048576", "2 ** 20"),
        ("1e+18", "10 ** 18"),
    ],
)
def test_a_threshold_is_written_short(shop: ProjectFolder, expected: str, threshold: str) -> None:
    """The number that the definition has, in a form that PromQL and Grafana's math read."""
    rule = f"alert('Failing', failed >= {threshold})"

    assert f"{FAILED} >= {expected}" == prometheus_rule(shop, rule)["expr"]
    assert f"$A >= {expected}" == grafana_rule(shop, rule)["data"][1]["model"]["expression"]


def test_the_window_is_that_of_the_rates(shop: ProjectFolder) -> None:
    """An alert that must not react to a short peak looks back further."""
    assert "[30m]" in prometheus_rule(shop, "alert('Failing', failed > 1, window='30m')")["expr"]


# Whole rules

FULL = (
    "alert('Failing', failed > 0.5, for_='10m', keep_firing_for='5m', severity='critical', "
    "summary='S', description='D', labels={'team': 'shop'}, annotations={'more': 'M'}, "
    "runbook='https://r', no_data='Alerting', exec_err='OK', paused=True, uid='own')"
)


def test_a_rule_of_prometheus(shop: ProjectFolder) -> None:
    """A group of a rule file, with everything that an alert may have; what is Grafana's own is left
    out."""
    expected = {
        "name": "shop",
        "interval": "1m",
        "rules": [
            {
                "alert": "Failing",
                "expr": f"{FAILED} > 0.5",
                "for": "10m",
                "keep_firing_for": "5m",
                "labels": {"severity": "critical", "team": "shop"},
                "annotations": {
                    "summary": "S",
                    "description": "D",
                    "runbook_url": "https://r",
                    "more": "M",
                },
            }
        ],
    }

    assert expected == write(shop, group(FULL)).resource(Kind.PROMETHEUS_GROUP).body


def test_a_rule_of_grafana(shop: ProjectFolder) -> None:
    """A body of the HTTP API, with everything that an alert may have."""
    datasource = {"type": "prometheus", "uid": "prometheus"}
    expected = {
        "title": "shop",
        "folderUid": "alerts",
        "interval": 60,
        "rules": [
            {
                "uid": "own",
                "title": "Failing",
                "ruleGroup": "shop",
                "folderUID": "alerts",
                "condition": "B",
                "data": [
                    {
                        "refId": "A",
                        "datasourceUid": "prometheus",
                        "relativeTimeRange": {"from": 600, "to": 0},
                        "model": {
                            "refId": "A",
                            "datasource": datasource,
                            "expr": FAILED,
                            "instant": True,
                            "range": False,
                        },
                    },
                    {
                        "refId": "B",
                        "datasourceUid": "__expr__",
                        "model": {
                            "refId": "B",
                            "datasource": {"type": "__expr__", "uid": "__expr__"},
                            "type": "threshold",
                            "expression": "A",
                            "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
                        },
                    },
                ],
                "for": "10m",
                "keep_firing_for": "5m",
                "noDataState": "Alerting",
                "execErrState": "OK",
                "labels": {"severity": "critical", "team": "shop"},
                "annotations": {
                    "summary": "S",
                    "description": "D",
                    "runbook_url": "https://r",
                    "more": "M",
                },
                "isPaused": True,
            }
        ],
    }

    assert expected == write(shop, group(FULL)).resource(Kind.RULE_GROUP).body


def test_a_rule_says_only_what_the_definition_says(shop: ProjectFolder) -> None:
    """Defaults of Prometheus are left out; Grafana needs its states, and `for` up to 9.x."""
    assert {
        "alert": "Failing",
        "expr": "up == 0",
        "labels": {"severity": "warning"},
    } == prometheus_rule(shop, "alert('Failing', 'up == 0')")
    rule = grafana_rule(shop, "alert('Failing', 'up == 0')")
    assert ("0s", "OK", "Error") == (rule["for"], rule["noDataState"], rule["execErrState"])
    assert {"keep_firing_for", "annotations", "isPaused"} & rule.keys() == set()


@pytest.mark.parametrize("duration", ["0s", "0", "0m", ""])
def test_a_rule_that_does_not_wait_has_no_for(shop: ProjectFolder, duration: str) -> None:
    """However zero is written: Prometheus has it by default."""
    rule = f"alert('Failing', 'up == 0', for_='{duration}')"

    assert "for" not in prometheus_rule(shop, rule)
    assert (duration or "0s") == grafana_rule(shop, rule)["for"]


def test_labels_of_a_rule_win_over_severity_and_those_over_its_group_s(shop: ProjectFolder) -> None:
    """The nearest one counts, in both forms; recording rules have those of the group too."""
    write(
        shop,
        group(
            "alert('A', 'up', labels={'team': 'rule'})",
            "alert('B', 'up', severity='')",
            "recording_rule('job:up:sum', 'sum(up)', labels={'level': 'job'})",
            more=", labels={'team': 'group', 'severity': 'group', 'kept': 'yes'}",
        ),
    )
    expected = [
        {"team": "rule", "severity": "warning", "kept": "yes"},
        {"team": "group", "severity": "group", "kept": "yes"},
        {"team": "group", "severity": "group", "kept": "yes", "level": "job"},
    ]

    prometheus = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"]
    grafana = shop.resource(Kind.RULE_GROUP).body["rules"]

    assert expected == [rule["labels"] for rule in prometheus]
    assert expected[:2] == [rule["labels"] for rule in grafana]


def test_recording_rules_are_prometheus_s_only(shop: ProjectFolder) -> None:
    """A group of nothing else is no group of Grafana's, and needs no folder there."""
    write(shop, group("recording_rule('shop:failed:rate1h', failed, window='1h')"))

    kinds = {each.kind for each in shop.resources()}

    assert {Kind.DATASOURCE, Kind.PROMETHEUS_GROUP} == kinds
    rule = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    assert {"record": "shop:failed:rate1h", "expr": FAILED.replace("5m", "1h")} == rule


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_takes_the_rule_file(shop: ProjectFolder, tmp_path: Path) -> None:
    """Prometheus's own check of syntax, names and templates, of everything that rules may have."""
    write(
        shop,
        group(
            FULL.replace("'S'", "'{{ $node }}: {{ $value | humanize }} {{ $labels.job }}'"),
            "alert('B', text(promql='a or b') >= 1e-7, for_='0s', labels={'node': '{{ $node }}'})",
            "alert('C', '''up == 0\n  and on (instance) a # don't\n  > 1''')",
            "recording_rule('shop:failed:rate5m', failed)",
            more=", interval='1h30m', labels={'team': 'shop'}",
        ),
    )
    for name, text in rule_files(shop.resources()).items():
        (tmp_path / name).write_bytes(text)

    checked = subprocess.run(
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "shop.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (0, "") == (checked.returncode, checked.stderr)


# Texts


@pytest.mark.parametrize(
    ("prometheus", "grafana", "text"),
    [
        pytest.param("as it is", "as it is", "as it is", id="plain"),
        pytest.param("{{ $labels.job }}", "{{ $labels.job }}", "{{ $labels.job }}", id="label"),
        pytest.param("{{ $labels.instance }}", "{{ $labels.instance }}", "{{ $node }}", id="node"),
        pytest.param(
            "{{ $value | humanize }}",
            "{{ $values.A.Value | humanize }}",
            "{{ $value | humanize }}",
            id="value",
        ),
        pytest.param(
            "costs $5 or $value",
            "costs $5 or $value",
            "costs $5 or $value",
            id="outside-of-actions",
        ),
    ],
)
@pytest.mark.parametrize("form", ["annotations", "labels"])
def test_texts_are_prometheus_s_and_made_grafana_s(
    shop: ProjectFolder, prometheus: str, grafana: str, text: str, form: str
) -> None:
    """Annotations and labels are templates in both."""
    rule = f"alert('Failing', failed > 1, {form}={{'text': {text!r}}})"

    assert prometheus == prometheus_rule(shop, rule)[form]["text"]
    assert grafana == grafana_rule(shop, rule)[form]["text"]


def test_the_node_is_that_of_the_query_s_exporter(shop: ProjectFolder) -> None:
    """`{{ $node }}` is a label's value, whatever gk.yaml calls the label."""
    shop.write({"gk.yaml": "labels: {shop: {node: pod}}"})
    rule = "alert('Failing', failed > 1, summary='{{ $node }}', labels={'at': '{{$node}}'})"

    both = (prometheus_rule(shop, rule), grafana_rule(shop, rule))

    assert ["{{ $labels.pod }}"] * 2 == [each["annotations"]["summary"] for each in both]
    assert ["{{$labels.pod}}"] * 2 == [each["labels"]["at"] for each in both]


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        pytest.param(
            "annotation summary: 'query' works only in Prometheus templates",
            "summary='{{ with query \"up\" }}{{ . | first | value }}{{ end }}'",
            id="query",
        ),
        pytest.param(
            "annotation description: Grafana may read '${' as an environment variable",
            "description='${HOME}'",
            id="expansion",
        ),
        pytest.param(
            "annotation more: '$externalURL' works only in Prometheus templates",
            "annotations={'more': '{{ $externalURL }}'}",
            id="external-url",
        ),
        pytest.param(
            "annotation summary: '$label' is not a variable; did you mean '$labels'?",
            "summary='{{ $label.job }}'",
            id="unknown-variable",
        ),
        pytest.param(
            "annotation summary: '{{ $value' is not closed", "summary='{{ $value'", id="not-closed"
        ),
        pytest.param(
            "label at: '$labls' is not a variable; did you mean '$labels'?",
            "labels={'at': '{{ $labls.job }}'}",
            id="label",
        ),
        pytest.param(
            "annotation summary: 'upper' is not a function; did you mean 'toUpper'?",
            "summary='{{ $labels.job | upper }}'",
            id="function",
        ),
    ],
)
def test_a_text_that_an_engine_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, arguments: str
) -> None:
    """At the alert's line, once, with the name of the text."""
    found = mistake(write(shop, group(f"alert('Failing', failed > 1, {arguments})")))

    assert found.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: alert 'Failing': {message}")


QUERY = """{{ $externalLabels.cluster }}: {{ query "up" | first | value }}"""


def test_prometheus_s_own_texts_are_right_where_only_prometheus_evaluates(
    shop: ProjectFolder,
) -> None:
    """Grafana cannot have the group, and the project builds none for it."""
    shop.write({"gk.yaml": "build: {formats: [prometheus]}"})
    write(shop, group(f"alert('Failing', failed > 1, summary={QUERY!r})"))

    kinds = {resource.kind for resource in shop.resources()}

    assert Kind.RULE_GROUP not in kinds
    rule = shop.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]
    assert QUERY == rule["annotations"]["summary"]


def test_grafana_s_own_texts_are_right_where_only_grafana_evaluates(shop: ProjectFolder) -> None:
    shop.write({"gk.yaml": "build: {formats: [grafana]}"})
    write(shop, group("alert('Failing', failed > 1, summary='{{ $values.B.Value }}')"))

    kinds = {resource.kind for resource in shop.resources()}

    assert Kind.PROMETHEUS_GROUP not in kinds
    rule = shop.resource(Kind.RULE_GROUP).body["rules"][0]
    assert "{{ $values.B.Value }}" == rule["annotations"]["summary"]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(group("alert('A', failed > 1)", more=", interval='15s'"), id="interval"),
        pytest.param(group("alert('A', failed > 1)", more=", folder='General'"), id="folder"),
        pytest.param(group("alert('A', failed > 1, summary='${HOME}')"), id="environment-variable"),
    ],
)
def test_what_only_grafana_refuses_is_right_where_only_prometheus_evaluates(
    shop: ProjectFolder, rules: str
) -> None:
    """Grafana gets no such group, and no folder for it."""
    shop.write({"gk.yaml": "build: {formats: [prometheus]}"})
    resources = write(shop, rules).resources()

    kinds = {resource.kind for resource in resources}

    assert Kind.PROMETHEUS_GROUP in kinds
    assert not {Kind.RULE_GROUP, Kind.FOLDER} & kinds


def test_recording_rules_need_no_interval_of_grafana_s(shop: ProjectFolder) -> None:
    """Grafana gets no group without alerts."""
    write(shop, group("recording_rule('a:b', failed)", more=", interval='15s'"))

    assert "15s" == shop.resource(Kind.PROMETHEUS_GROUP).body["interval"]


def test_grafana_s_macros_are_right_where_only_grafana_evaluates(shop: ProjectFolder) -> None:
    shop.write({"gk.yaml": "build: {formats: [grafana]}"})
    expr = "rate(http_requests_total[$__rate_interval]) > 1"
    write(shop, group(f"alert('Failing', {expr!r})"))

    rule = shop.resource(Kind.RULE_GROUP).body["rules"][0]

    assert expr == rule["data"][0]["model"]["expr"]


@pytest.mark.parametrize("formats", ["[grafana]", "[prometheus]"])
def test_a_snippet_that_fails_is_a_mistake_whoever_evaluates(
    shop: ProjectFolder, formats: str
) -> None:
    """Also if it has failed before in a group of which no output is built."""
    shop.write({"gk.yaml": f"build: {{formats: {formats}}}"})
    recording = "recording = alert_group('a', [recording_rule('a:b', broken)])\n"

    found = mistake(write(shop, recording + group("alert('A', broken > 1)")))

    assert "snippet shop.broken: " in found


@pytest.mark.parametrize("formats", ["[grafana]", "[grafana, prometheus]", "[kubernetes]"])
def test_prometheus_s_own_texts_are_a_mistake_where_grafana_evaluates(
    shop: ProjectFolder, formats: str
) -> None:
    shop.write({"gk.yaml": f"build: {{formats: {formats}}}"})

    found = mistake(write(shop, group(f"alert('Failing', failed > 1, summary={QUERY!r})")))

    assert "'$externalLabels' works only in Prometheus templates; " in found


@pytest.mark.parametrize("formats", ["[grafana]", "[prometheus]", "[grafana, prometheus]"])
def test_a_text_that_no_engine_parses_is_one_mistake(shop: ProjectFolder, formats: str) -> None:
    shop.write({"gk.yaml": f"build: {{formats: {formats}}}"})

    found = mistake(write(shop, group("alert('Failing', failed > 1, summary='{{ if $value }}')")))

    assert found.endswith("annotation summary: '{{ if $value }}' has no '{{ end }}'")


@pytest.mark.parametrize(
    ("expected", "settings", "arguments"),
    [
        pytest.param(None, "", "", id="none"),
        pytest.param(
            "https://r/Failing", "links: {runbooks: 'https://r/{alert}'}", "", id="from-gk-yaml"
        ),
        pytest.param(
            "https://own",
            "links: {runbooks: 'https://r/{alert}'}",
            "runbook='https://own'",
            id="own",
        ),
        pytest.param(
            "https://own",
            "links: {runbooks: 'https://r/{alert}'}",
            "annotations={'runbook_url': 'https://own'}",
            id="annotation",
        ),
    ],
)
def test_a_runbook_is_a_link(
    shop: ProjectFolder, expected: str | None, settings: str, arguments: str
) -> None:
    """That of gk.yaml, unless the alert has its own."""
    shop.write({"gk.yaml": settings})

    rule = prometheus_rule(shop, f"alert('Failing', failed > 1, {arguments})")

    assert expected == rule.get("annotations", {}).get("runbook_url")


# Panels

DASHBOARD = """
from gk import *
from dashboards.snippets import exporter, failed

shown = Dashboard("Shop", uid="shop", exporter=exporter, panels=[
    timeseries("Failed", failed, id=7),
    timeseries("Failed in the shop", failed(route="/"), id=8),
])
"""


def panel(shop: ProjectFolder, id: int) -> Json:
    """A panel of the dashboard."""
    body = shop.resource(Kind.DASHBOARD).body
    found: Json = next(each for each in body["panels"] if each["id"] == id)
    return found


@pytest.mark.parametrize(
    ("expected", "condition"),
    [
        pytest.param("7", "failed > 1", id="same-query"),
        pytest.param("7", "failed(route=None)", id="same-query-without-threshold"),
        pytest.param("8", "failed(route='/') > 1", id="same-arguments"),
        pytest.param("7", "failed(route='/buy') > 1", id="first-of-the-snippet"),
    ],
)
def test_an_alert_links_to_the_panel_that_shows_its_query(
    shop: ProjectFolder, expected: str, condition: str
) -> None:
    """Grafana by annotations of its own, Prometheus by a URL; without an exact match to a panel of
    the snippet."""
    shop.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": "links: {grafana: 'https://grafana/'}"})
    rule = f"alert('Failing', {condition})"

    annotations = grafana_rule(shop, rule)["annotations"]
    assert ("shop", expected) == (annotations["__dashboardUid__"], annotations["__panelId__"])
    url = prometheus_rule(shop, rule)["annotations"]["dashboard_url"]
    assert (
        f"https://grafana/d/shop?viewPanel={expected}" == url.partition("{{")[0].partition("&")[0]
    )


BY_ROUTE = """
from gk import *
from dashboards.snippets import exporter, failed

every = Dashboard("Every", exporter=exporter, panels=[timeseries("Failed", failed, id=1)])
one = Dashboard(
    "One",
    exporter=exporter,
    variables=[query_variable("route", "label_values(failed, route)")],
    panels=[timeseries("Failed", failed(route="$route"), id=2)],
)
"""
_CHOSEN = (
    "{{ with $labels.instance }}&var-node={{ . | urlquery }}{{ end }}"
    "{{ with $labels.route }}&var-route={{ . | urlquery }}{{ end }}"
)


def test_a_link_leads_to_what_the_alert_is_about(shop: ProjectFolder) -> None:
    """To the dashboard with most variables that its labels choose, and the hour before. In
    Grafana, whose own link has the time and no variables, only if the URL of Grafana is known."""
    shop.write({"dashboards/shop.py": BY_ROUTE, "gk.yaml": "links: {grafana: 'https://g/'}"})
    rule = "alert('Failing', failed > 1)"
    time = '{{{{ query "1000 * {}" | first | value | printf "%.0f" }}}}'.format
    hour = f"&from={time('(time() - 3600)')}&to={time('time()')}"

    annotations = grafana_rule(shop, rule)["annotations"]
    assert {"dashboard_url": f"https://g/d/one?viewPanel=2{_CHOSEN}{hour}"} == prometheus_rule(
        shop, rule
    )["annotations"]
    assert ("every", "1") == (annotations["__dashboardUid__"], annotations["__panelId__"])
    assert f"https://g/d/one?viewPanel=2{_CHOSEN}" == annotations["dashboard_url"]

    shop.write({"gk.yaml": ""})
    assert "dashboard_url" not in grafana_rule(shop, rule)["annotations"]


@pytest.mark.parametrize("condition", ["'up == 0'", "text(promql='up') < 1"])
def test_an_alert_that_no_panel_shows_has_no_link(shop: ProjectFolder, condition: str) -> None:
    """Text belongs to no snippet, even where a panel has the same text."""
    shop.write({"dashboards/shop.py": DASHBOARD})

    assert "annotations" not in grafana_rule(shop, f"alert('Failing', {condition})")
    assert "annotations" not in prometheus_rule(shop, f"alert('Failing', {condition})")


@pytest.mark.parametrize(
    ("expected", "links"),
    [
        pytest.param(
            "warning: 1 alert of Prometheus: dashboard_url is a path, which a mail cannot follow; "
            "set links.grafana in gk.yaml to the URL of Grafana\n",
            "{}",
            id="panel",
        ),
        pytest.param("", "{grafana: 'https://grafana/'}", id="none"),
        pytest.param(
            "warning: 1 alert of Prometheus: runbook_url is a path, which a mail cannot follow; "
            "set links.runbooks in gk.yaml to a URL\n",
            "{grafana: 'https://grafana/', runbooks: 'docs/{alert}.md'}",
            id="runbook",
        ),
    ],
)
def test_a_link_that_a_mail_cannot_follow_is_a_warning(
    shop: ProjectFolder, run_gk: RunGk, expected: str, links: str
) -> None:
    shop.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": f"links: {links}"})
    write(shop, group("alert('Failing', failed > 1)"))

    assert expected == run_gk("build").err


def test_a_link_that_the_alert_has_stays(shop: ProjectFolder) -> None:
    """gk fills in what is missing only."""
    shop.write({"dashboards/shop.py": DASHBOARD})
    own = {"dashboard_url": "https://own", "__dashboardUid__": "other", "__panelId__": "1"}

    rule = f"alert('Failing', failed > 1, annotations={own!r})"

    assert own == grafana_rule(shop, rule)["annotations"]
    assert own == prometheus_rule(shop, rule)["annotations"]


def test_a_panel_draws_the_threshold_of_its_query_s_alert(shop: ProjectFolder) -> None:
    """And not that of the same snippet with other arguments, which its series do not have to keep
    to."""
    shop.write({"dashboards/shop.py": DASHBOARD})
    write(shop, group("alert('Failing', failed > 0.5)"))

    exact, other = (
        panel(shop, 7)["fieldConfig"]["defaults"],
        panel(shop, 8)["fieldConfig"]["defaults"],
    )

    assert [{"color": "green", "value": None}, {"color": "orange", "value": 0.5}] == exact[
        "thresholds"
    ]["steps"]
    assert 0.5 not in [each.get("value") for each in other.get("thresholds", {}).get("steps", [])]
    assert ["Alert Failing"] == [each["title"] for each in panel(shop, 7)["links"]]
    assert "links" not in panel(shop, 8)


# Names and uids


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
            "label 'my team' is not a valid label name",
            "alert('A', 'up', labels={'my team': 'x'})",
            id="label",
        ),
        pytest.param(
            "label '__alert_rule_uid__' is not a valid label name",
            "alert('A', 'up', labels={'__alert_rule_uid__': 'x'})",
            id="reserved-label",
        ),
        pytest.param(
            "annotation 'my text' is not a valid annotation name",
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
            "recording rule 'a{b}' is not a valid metric name",
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
    found = mistake(write(shop, group(rules)))

    assert found.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {message}")


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
    found = mistake(write(shop, definitions))

    assert (
        f"alerts/rules.py:{FIRST_LINE + 2}: " + message.replace("{first}", str(FIRST_LINE + 1))
        == found
    )


def test_alerts_of_one_name_may_be_in_two_folders(shop: ProjectFolder) -> None:
    """Grafana tells them apart by their folder."""
    write(
        shop,
        "one = alert_group('one', [alert('A', 'up')], folder='One')\n"
        "two = alert_group('two', [alert('A', 'up')], folder='Two')\n",
    )

    found = [(each.folder, each.uid) for each in shop.resources() if each.kind is Kind.RULE_GROUP]
    assert [("one", "one/one"), ("two", "two/two")] == found


# Groups


@pytest.mark.parametrize(
    ("seconds", "interval"),
    [(60, "1m"), (30, "30s"), (5400, "1h30m"), (90000, "1d1h"), (10, "10000ms")],
)
def test_an_interval_is_a_duration_for_prometheus_and_seconds_for_grafana(
    shop: ProjectFolder, seconds: int, interval: str
) -> None:
    """Each as its engine spells it."""
    write(shop, group("alert('A', 'up')", more=f", interval='{interval}'"))

    assert interval == shop.resource(Kind.PROMETHEUS_GROUP).body["interval"]
    assert seconds == shop.resource(Kind.RULE_GROUP).body["interval"]


@pytest.mark.parametrize(
    ("message", "more"),
    [
        pytest.param(
            "interval 15s must be a multiple of 10s", "interval='15s'", id="interval-not-even"
        ),
        pytest.param(
            "interval 10500ms must be a multiple of 10s",
            "interval='10500ms'",
            id="interval-of-part-seconds",
        ),
        pytest.param("interval is zero", "interval='0s'", id="interval-zero"),
        pytest.param(
            "interval '60' is not a duration", "interval='60'", id="interval-without-unit"
        ),
        pytest.param("interval '' is not a duration", "interval=''", id="no-interval"),
        pytest.param(
            "Grafana cannot store rules in General; give the group a folder",
            "folder='General'",
            id="general",
        ),
        pytest.param(
            "data source 'promethius' is not defined in datasources/; did you mean 'prometheus'?",
            "datasource='promethius'",
            id="unknown-data-source",
        ),
        pytest.param(
            "data source 'inline' is not defined in datasources/",
            "datasource=Datasource.prometheus('Inline', uid='inline')",
            id="data-source-that-is-not-defined",
        ),
    ],
)
def test_a_group_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, more: str
) -> None:
    """At the group's line."""
    found = mistake(write(shop, group("alert('A', 'up')", more=f", {more}")))

    assert found.startswith(f"alerts/rules.py:{FIRST_LINE}: alert group 'shop': {message}")


@pytest.mark.parametrize(
    ("message", "name"), [("the name is empty", ""), ("the name has 191 characters", "A" * 191)]
)
def test_a_group_needs_a_name(shop: ProjectFolder, message: str, name: str) -> None:
    """Of at most 190 characters."""
    assert message in mistake(
        write(shop, f"rules = alert_group('{name}', [alert('A', 'up', uid='a')])")
    )


def test_two_groups_of_one_name_in_a_folder_are_a_mistake(shop: ProjectFolder) -> None:
    """They would be one group of Grafana's."""
    write(
        shop,
        "one = alert_group('shop', [alert('A', 'up')])\n",
        other="from gk import *\ntwo = alert_group('shop', [alert('B', 'up')])\n",
    )

    expected = (
        "alert group 'shop': the name is taken by the group at alerts/other.py:2; change one, or "
        "its folder"
    )
    assert f"alerts/rules.py:{FIRST_LINE}: {expected}" == mistake(shop)


def test_a_folder_with_dashboards_is_no_folder_for_rules(shop: ProjectFolder) -> None:
    """On a new server its uid would be whatever the rules gave it."""
    shop.write({"dashboards/shop.py": "from gk import *\nd = Dashboard('Shop', folder='Team')"})

    found = mistake(write(shop, group("alert('A', 'up')", more=", folder='Team'")))

    assert "alert group 'shop': folder 'Team' has dashboards" in found


@pytest.mark.parametrize(
    ("message", "folder"),
    [
        pytest.param(
            "folders 'Team A' and 'team-a' have the same uid 'team-a'; rename one",
            "team-a",
            id="same-uid",
        ),
        pytest.param(
            "folder 'general' would have the uid 'general', which Grafana reserves",
            "general",
            id="general",
        ),
    ],
)
def test_a_folder_has_a_uid_of_its_own(shop: ProjectFolder, message: str, folder: str) -> None:
    """It is made of the title, so two titles may be too near to each other."""
    write(
        shop,
        "one = alert_group('one', [alert('A', 'up')], folder='Team A')\n"
        f"two = alert_group('two', [alert('B', 'up')], folder='{folder}')\n",
    )

    assert mistake(shop).startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {message}")


def test_rules_are_in_a_folder_of_their_own(shop: ProjectFolder) -> None:
    """Called Alerts, whatever gk.yaml says of dashboards."""
    shop.write({"gk.yaml": "folder: Team"})
    write(shop, group("alert('A', 'up')"))

    assert {"uid": "alerts", "title": "Alerts"} == shop.resource(Kind.FOLDER).body
    assert "alerts" == shop.resource(Kind.RULE_GROUP).body["folderUid"]


OTHER_DATASOURCES = """
from gk import Datasource

one = Datasource.prometheus("One", uid="one")
two = Datasource.prometheus("Two", uid="two")
loki = Datasource.loki("Loki", uid="loki", default=True)
"""


@pytest.mark.parametrize(
    ("expected", "datasource"),
    [
        pytest.param("two", "datasource='two'", id="uid"),
        pytest.param("two", "datasource='Two'", id="name"),
        pytest.param("two", "datasource=two", id="definition"),
    ],
)
def test_a_group_names_the_data_source_to_ask(
    empty_project: ProjectFolder, expected: str, datasource: str
) -> None:
    """By its definition, its uid or its name."""
    empty_project.write(
        {
            "datasources/all.py": OTHER_DATASOURCES,
            "alerts/rules.py": "from gk import *\nfrom datasources.all import two\n"
            f"g = alert_group('g', [alert('A', 'up')], {datasource})",
        }
    )

    assert (
        expected
        == empty_project.resource(Kind.RULE_GROUP).body["rules"][0]["data"][0]["datasourceUid"]
    )


@pytest.mark.parametrize(
    "datasources",
    [
        pytest.param("", id="none-at-all"),
        pytest.param(OTHER_DATASOURCES, id="two-and-no-default"),
    ],
)
def test_without_a_data_source_to_ask_a_group_is_a_mistake(
    empty_project: ProjectFolder, datasources: str
) -> None:
    """The default data source of another type is none to ask."""
    empty_project.write(
        {
            "datasources/all.py": datasources,
            "alerts/rules.py": (
                "from gk import *\ng = alert_group('g', [alert('A', 'up'), alert('B', 'up')])"
            ),
        }
    )

    expected = "alerts/rules.py:2: alert group 'g': no default Prometheus data source"
    assert mistake(empty_project).startswith(expected)


# Mistakes in Python


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "alert 'A': == and != compare in Python", group("alert('A', failed == 1)"), id="equals"
        ),
        pytest.param(
            "a condition has one threshold", group("alert('A', 0 < failed < 1)"), id="chained"
        ),
        pytest.param(
            "alert 'A': expected a snippet or a query, not float",
            group("alert('A', 0.5)"),
            id="number",
        ),
        pytest.param(
            "is compared with str", group("alert('A', failed > '1')"), id="threshold-as-text"
        ),
        pytest.param(
            "recording rule 'a': expected a snippet or a query, not Condition",
            group("recording_rule('a', failed > 1)"),
            id="recorded-condition",
        ),
        pytest.param(
            "alert 'A': label n must be text, not int",
            group("alert('A', 'up', labels={'n': 1})"),
            id="label",
        ),
        pytest.param(
            "alert 'A': annotation n must be text, not NoneType",
            group("alert('A', 'up', annotations={'n': None})"),
            id="annotation",
        ),
        pytest.param(
            "alert group 'g': rules must be a list, not Alert",
            "g = alert_group('g', alert('A', 'up'))",
            id="one-alert",
        ),
        pytest.param(
            "alert group 'shop': rules must contain Alert or RecordingRule objects, not Condition",
            group("failed > 1"),
            id="condition-as-rule",
        ),
        pytest.param(
            "contact point 'c' must contain Receiver objects, not dict",
            "c = contact_point('c', {'type': 'email'})",
            id="receiver",
        ),
        pytest.param(
            "notification policy: matchers must be a list, not str",
            "p = notification_policy('c', matchers='a=\"b\"')",
            id="one-matcher",
        ),
        pytest.param(
            "mute timing 'm' must contain Mapping objects, not str",
            "m = mute_timing('m', 'weekends')",
            id="interval",
        ),
        pytest.param(
            "snippet shop.failed: got an unexpected keyword argument 'rout'; it takes route",
            group("alert('A', failed(rout='/') > 1)"),
            id="argument",
        ),
    ],
)
def test_a_definition_of_the_wrong_type_is_shown_at_its_line(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """With words that say what to write, and no traceback of gk's."""
    found = mistake(write(shop, definitions))

    assert re.match(
        rf"alerts/rules\.py:({FIRST_LINE}|{FIRST_LINE + 1}): .*{re.escape(message)}", found
    )


def test_rules_may_come_from_a_generator(shop: ProjectFolder) -> None:
    """Which can be read only once."""
    write(shop, "g = alert_group('g', (alert(name, failed > 1) for name in ('A', 'B')))")

    assert ["A", "B"] == [rule["title"] for rule in shop.resource(Kind.RULE_GROUP).body["rules"]]
    assert ["A", "B"] == [
        rule["alert"] for rule in shop.resource(Kind.PROMETHEUS_GROUP).body["rules"]
    ]


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        pytest.param(
            "dashboards/snippets.py:24: snippet shop.broken: TypeError: unsupported operand",
            "broken",
            id="raises",
        ),
        pytest.param(
            "dashboards/snippets.py:27: snippet shop.unclosed: PromQL does not parse",
            "unclosed",
            id="no-promql",
        ),
        pytest.param(
            "alerts/rules.py:4: snippet shop.text: TypeError: text() missing 1 required",
            "text",
            id="argument-missing",
        ),
    ],
)
def test_a_snippet_that_fails_is_a_mistake_of_the_snippet(
    shop: ProjectFolder, message: str, condition: str
) -> None:
    """At its own line where there is one, for whoever uses it."""
    assert mistake(write(shop, group(f"alert('A', {condition} > 1)"))).startswith(message)


def test_all_mistakes_are_found_in_one_run(shop: ProjectFolder) -> None:
    """In rules and in what notifies, each at its line and once, in order."""
    write(
        shop,
        group(
            "alert('A', 'sum(', for_='x')",
            "alert('B', failed > 1, summary='{{ $x }}')",
            more=", interval='7s'",
        )
        + "policy = notification_policy('nobody')\n",
    )

    found = [each.partition(": ")[::2] for each in mistakes(shop)]

    assert sorted(found) == found
    assert [
        (
            f"alerts/rules.py:{FIRST_LINE}",
            "alert group 'shop': interval 7s must be a multiple of 10s "
            "(Grafana's scheduler interval)",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 1}",
            "alert 'A': PromQL does not parse: unclosed left parenthesis: sum(",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 1}",
            "alert 'A': for 'x' is not a duration, such as 30s, 5m or 1h30m",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 2}",
            "alert 'B': annotation summary: '$x' is not a variable",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 4}",
            "notification policy: contact point 'nobody' is not defined in alerts/",
        ),
    ] == found


# Contact points


def test_a_contact_point(shop: ProjectFolder) -> None:
    """Receivers get uids of their own, and secrets stay references, however deep they are."""
    write(
        shop,
        "team = contact_point('Team A',\n"
        "    receiver('slack', {'url': secret('SLACK'), 'recipient': '#shop'}),\n"
        "    receiver('slack', {'url': secret_file('/run/slack')}, disable_resolve_message=True),\n"
        "    receiver('webhook', "
        "{'url': 'http://hook', 'headers': {'X-Key': secret_key('grafana', 'key')}}, uid='hook'),\n"
        ")\n",
    )
    key = {"env": "GK_SECRET_GRAFANA_KEY", "name": "grafana", "key": "key"}
    expected = {
        "name": "Team A",
        "receivers": [
            {
                "uid": "team-a-slack",
                "type": "slack",
                "settings": {"url": {"$secret": {"env": "SLACK"}}, "recipient": "#shop"},
            },
            {
                "uid": "team-a-slack-2",
                "type": "slack",
                "settings": {"url": {"$secret": {"file": "/run/slack"}}},
                "disableResolveMessage": True,
            },
            {
                "uid": "hook",
                "type": "webhook",
                "settings": {"url": "http://hook", "headers": {"X-Key": {"$secret": key}}},
            },
        ],
    }

    assert expected == shop.resource(Kind.CONTACT_POINT, "Team A").body


EMAIL = "receiver('email', {'addresses': 'a@b'}"


@pytest.mark.parametrize(
    ("message", "line", "definitions"),
    [
        pytest.param(
            "contact point 'a': the name is taken by the one at alerts/rules.py:{first}; "
            "change one",
            1,
            f"one = contact_point('a', {EMAIL}))\ntwo = contact_point('a', {EMAIL}, uid='x'))",
            id="name",
        ),
        pytest.param(
            "contact point 'b': uid 'x' is taken by a receiver at alerts/rules.py:{first}; "
            "change one",
            1,
            f"one = contact_point('a', {EMAIL}, uid='x'))\n"
            f"two = contact_point('b', {EMAIL}, uid='x'))",
            id="uid",
        ),
        pytest.param(
            "contact point 'a': uid 'x' is taken by a receiver at alerts/rules.py:{first}; "
            "change one",
            0,
            f"one = contact_point('a', {EMAIL}, uid='x'), {EMAIL}, uid='x'))",
            id="uid-within",
        ),
        pytest.param(
            "contact point 'a': uid 'a b' must be 1 to 40 letters",
            0,
            f"one = contact_point('a', {EMAIL}, uid='a b'))",
            id="bad-uid",
        ),
        pytest.param(
            "contact point 'a': receiver 'email' has no type or no settings",
            0,
            "one = contact_point('a', receiver('email', {}))",
            id="no-settings",
        ),
        pytest.param(
            "contact point '': the name is empty",
            0,
            f"one = contact_point('', {EMAIL}))",
            id="no-name",
        ),
    ],
)
def test_a_contact_point_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, line: int, definitions: str
) -> None:
    """At its line, and with the other's."""
    found = mistake(write(shop, definitions))

    assert found.startswith(
        f"alerts/rules.py:{FIRST_LINE + line}: " + message.replace("{first}", str(FIRST_LINE))
    )


# Notification policies


def test_a_policy_tree(shop: ProjectFolder) -> None:
    """As Grafana's API has it, from definitions or from names; the root groups as Grafana's does by
    itself."""
    write(
        shop,
        f"team = contact_point('team', {EMAIL}))\n"
        "weekends = mute_timing('weekends', {'weekdays': ['saturday', 'sunday']})\n"
        "root = notification_policy('grafana-default-email', "
        "group_wait='0s', repeat_interval='4h', routes=[\n"
        "    notification_policy(team, matchers=['team=\"a\"'], "
        "mute_timings=[weekends, 'weekends'], active_timings=[weekends], continue_=True,\n"
        "        group_by=['...'], group_interval='5m', routes=[notification_policy('team')]),\n"
        "])\n",
    )
    expected = {
        "receiver": "grafana-default-email",
        "group_by": ["grafana_folder", "alertname"],
        "group_wait": "0s",
        "repeat_interval": "4h",
        "routes": [
            {
                "receiver": "team",
                "object_matchers": [["team", "=", "a"]],
                "mute_time_intervals": ["weekends", "weekends"],
                "active_time_intervals": ["weekends"],
                "continue": True,
                "group_by": ["..."],
                "group_interval": "5m",
                "routes": [{"receiver": "team"}],
            }
        ],
    }

    assert expected == shop.resource(Kind.NOTIFICATION_POLICY).body


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(["team", "=", "a b"], 'team="a b"', id="quoted"),
        pytest.param(["team", "=", "a"], "team=a", id="bare"),
        pytest.param(["team", "!=", ""], ' team != "" ', id="spaces"),
        pytest.param(["team", "=~", "a|b"], 'team=~"a|b"', id="pattern"),
        pytest.param(["team", "!~", "a.*"], "team!~a.*", id="bare-pattern"),
        pytest.param(["team", "=~", r"a\.b\d"], r'team=~"a\.b\d"', id="escapes-of-the-pattern"),
        pytest.param(
            ["team", "=", 'say "hi"\\\n'], r'team="say \"hi\"\\\n"', id="escapes-of-the-text"
        ),
    ],
)
def test_a_matcher_is_written_as_in_alertmanager(
    shop: ProjectFolder, expected: list[str], text: str
) -> None:
    """And becomes the three parts that Grafana's API has."""
    default = "'grafana-default-email'"
    write(
        shop,
        f"p = notification_policy({default}, routes=[notification_policy({default}, "
        f"matchers=[{text!r}])])",
    )

    assert [expected] == shop.resource(Kind.NOTIFICATION_POLICY).body["routes"][0][
        "object_matchers"
    ]


def root(**routes: str) -> str:
    """A root with one route that has these arguments, on the next line."""
    arguments = ", ".join(f"{name}={value}" for name, value in routes.items())
    return (
        "p = notification_policy('grafana-default-email', routes=[\n"
        f"    notification_policy({arguments})])\n"
    )


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "contact point 'taem' is not defined in alerts/; did you mean 'team'?",
            root(receiver="'taem'") + f"c = contact_point('team', {EMAIL}))",
            id="unknown-contact-point",
        ),
        pytest.param(
            "contact point 'x' is not defined",
            root(receiver=f"contact_point('x', {EMAIL}))"),
            id="contact-point-that-is-no-definition",
        ),
        pytest.param(
            "mute timing 'weekend' is not defined in alerts/; did you mean 'weekends'?",
            root(receiver="'grafana-default-email'", mute_timings="['weekend']")
            + "m = mute_timing('weekends', {'weekdays': ['sunday']})",
            id="unknown-mute-timing",
        ),
        pytest.param(
            "matcher 'severity' is not of the form label=\"value\"",
            root(receiver="'grafana-default-email'", matchers="['severity']"),
            id="matcher",
        ),
        pytest.param(
            "matcher 'a=\"b' is not of the form",
            root(receiver="'grafana-default-email'", matchers="['a=\"b']"),
            id="matcher-quote",
        ),
        pytest.param(
            "'(' in matcher 'a=~(' is not a valid regular expression",
            root(receiver="'grafana-default-email'", matchers="['a=~(']"),
            id="matcher-pattern",
        ),
        pytest.param(
            "group_wait '5' is not a duration",
            root(receiver="'grafana-default-email'", group_wait="'5'"),
            id="wait",
        ),
        pytest.param(
            "group_interval is zero",
            root(receiver="'grafana-default-email'", group_interval="'0s'"),
            id="interval",
        ),
        pytest.param(
            "repeat_interval is zero",
            root(receiver="'grafana-default-email'", repeat_interval="'0s'"),
            id="repeat",
        ),
        pytest.param(
            "group_by 'alert name' is not a valid label name",
            root(receiver="'grafana-default-email'", group_by="['alert name']"),
            id="group-by",
        ),
    ],
)
def test_a_policy_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """At the route's line: Grafana would not start with it."""
    found = mistake(write(shop, definitions))

    assert found.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: notification policy: {message}")


@pytest.mark.parametrize("what", ["label", "annotation"])
def test_names_that_are_no_texts_are_a_mistake(shop: ProjectFolder, what: str) -> None:
    write(shop, group(f"alert('A', failed > 1, {what}s={{1: 'a', b'x': 'b', 'c': 'd'}})"))

    expected = [f"the name of each {what} must be text, not {kind}" for kind in ("bytes", "int")]
    assert expected == sorted(each.partition(": ")[2] for each in mistakes(shop))


@pytest.mark.parametrize(
    "arguments", ["matchers=['a=b']", "mute_timings=['m']", "active_timings=['m']"]
)
def test_the_root_takes_everything(shop: ProjectFolder, arguments: str) -> None:
    """It has no matchers and is never muted."""
    write(
        shop,
        f"p = notification_policy('grafana-default-email', {arguments})\n"
        "m = mute_timing('m', {'months': ['1']})",
    )

    assert "the root policy cannot have matchers, mute timings or active timings" in mistake(shop)


def test_two_roots_are_a_mistake(shop: ProjectFolder) -> None:
    """Grafana has one tree, which the second would replace."""
    write(
        shop,
        "a = notification_policy('grafana-default-email')\n"
        "b = notification_policy('grafana-default-email')\n",
    )

    expected = (
        f"notification policy: there is another root at alerts/rules.py:{FIRST_LINE}; "
        "make one a route"
    )
    assert mistake(shop).startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {expected}")


def test_a_route_may_have_a_name_in_python(shop: ProjectFolder) -> None:
    """A policy of a module that is a route of another, at any depth, is no second root."""
    default = "'grafana-default-email'"
    write(
        shop,
        f"inner = notification_policy({default}, matchers=['a=b'])\n"
        f"root = notification_policy({default}, routes=[notification_policy({default}, "
        "routes=[inner])])\n",
    )

    inner = shop.resource(Kind.NOTIFICATION_POLICY).body["routes"][0]["routes"][0]
    assert [["a", "=", "b"]] == inner["object_matchers"]


# Mute timings and templates


def test_a_mute_timing(shop: ProjectFolder) -> None:
    """Its intervals are Alertmanager's, as they stand."""
    interval = {
        "times": [{"start_time": "00:00", "end_time": "06:00"}],
        "weekdays": ["monday:friday"],
        "days_of_month": ["1:5"],
        "months": ["may"],
        "years": ["2026"],
        "location": "Europe/Berlin",
    }
    write(shop, f"m = mute_timing('nights', {interval!r}, {{'weekdays': ['sunday']}})")

    expected = {"name": "nights", "time_intervals": [interval, {"weekdays": ["sunday"]}]}
    assert expected == shop.resource(Kind.MUTE_TIMING, "nights").body


def test_a_message_template(shop: ProjectFolder) -> None:
    """Its text is Grafana's own, and nothing in it is changed."""
    text = '{{ define "subject" }}{{ $value := .Status }}{{ $value }} ${x} {{ end }}'
    write(shop, f"t = message_template('subject', {text!r})")

    assert {"name": "subject", "template": text} == shop.resource(
        Kind.MESSAGE_TEMPLATE, "subject"
    ).body


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "mute timing 'm': unknown key 'weekday'; did you mean 'weekdays'?",
            "\nm = mute_timing('m', {'weekday': ['sunday']})",
            id="unknown-key",
        ),
        pytest.param(
            "mute timing 'm': the name is taken by the one at alerts/rules.py:{first}; change one",
            "a = mute_timing('m', {'years': ['2026']})\nb = mute_timing('m', {'years': ['2027']})",
            id="name",
        ),
        pytest.param(
            "mute timing '': the name is empty",
            "\nm = mute_timing('', {'years': ['2026']})",
            id="no-name",
        ),
        pytest.param(
            "message template 't': 'toUper' is not a function of message templates; did you mean "
            "'toUpper'?",
            "\nt = message_template('t', '{{ toUper 1 }}')",
            id="function-of-a-template",
        ),
        pytest.param(
            "message template 't': 'toJson' works only in Alertmanager's own templates; Grafana "
            "does not have it",
            "\nt = message_template('t', '{{ toJson . }}')",
            id="function-of-alertmanager",
        ),
        pytest.param(
            "message template 't': '{{ if .Status }}' has no '{{ end }}'",
            "\nt = message_template('t', '{{ define \"t\" }}{{ if .Status }}')",
            id="open-if-of-a-template",
        ),
        pytest.param(
            "message template 't': '$labels' is not a variable; declare it with :=",
            "\nt = message_template('t', '{{ $labels.job }}')",
            id="variable-of-a-template",
        ),
        pytest.param(
            "message template 't': the template is empty",
            "\nt = message_template('t', '')",
            id="empty-template",
        ),
        pytest.param(
            "message template 't': the name is taken by the one at alerts/rules.py:{first}; "
            "change one",
            "a = message_template('t', 'x')\nb = message_template('t', 'y')",
            id="template",
        ),
    ],
)
def test_a_mute_timing_or_template_with_a_mistake(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """Grafana would ignore an unknown key, and mute at all times."""
    found = mistake(write(shop, definitions))

    assert (
        f"alerts/rules.py:{FIRST_LINE + 1}: " + message.replace("{first}", str(FIRST_LINE)) == found
    )
