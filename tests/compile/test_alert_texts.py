"""Annotations and labels of alerts: texts of Prometheus that become texts of Grafana."""

from __future__ import annotations

import pytest

from gk.resource import Kind
from tests.alerting import FIRST_LINE, grafana_rule, group, mistake, prometheus_rule, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]


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

    assert ["{{ $labels.pod }}"] * 2 == [
        built_rule["annotations"]["summary"] for built_rule in both
    ]
    assert ["{{$labels.pod}}"] * 2 == [built_rule["labels"]["at"] for built_rule in both]


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
    problem = mistake(write(shop, group(f"alert('Failing', failed > 1, {arguments})")))

    assert problem.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: alert 'Failing': {message}")


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

    problem = mistake(write(shop, recording + group("alert('A', broken > 1)")))

    assert "snippet shop.broken: " in problem


@pytest.mark.parametrize("formats", ["[grafana]", "[grafana, prometheus]", "[kubernetes]"])
def test_prometheus_s_own_texts_are_a_mistake_where_grafana_evaluates(
    shop: ProjectFolder, formats: str
) -> None:
    shop.write({"gk.yaml": f"build: {{formats: {formats}}}"})

    problem = mistake(write(shop, group(f"alert('Failing', failed > 1, summary={QUERY!r})")))

    assert "'$externalLabels' works only in Prometheus templates; " in problem


@pytest.mark.parametrize("formats", ["[grafana]", "[prometheus]", "[grafana, prometheus]"])
def test_a_text_that_no_engine_parses_is_one_mistake(shop: ProjectFolder, formats: str) -> None:
    shop.write({"gk.yaml": f"build: {{formats: {formats}}}"})

    problem = mistake(write(shop, group("alert('Failing', failed > 1, summary='{{ if $value }}')")))

    assert problem.endswith("annotation summary: '{{ if $value }}' has no '{{ end }}'")


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
