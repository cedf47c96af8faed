"""Checks of queries: rates of counters only, no division by zero, and no label that an aggregation
took away."""

from __future__ import annotations

import time

import pytest

from gk import (
    Dashboard,
    alert,
    alert_group,
    annotation,
    column,
    heatmap,
    query_variable,
    table,
    target,
    timeseries,
)
from gk.documents.queries import queries
from gk.resource import Kind
from tests.cases import every
from tests.checking import QUERIES, of_query, panel_of, report
from tests.definitions import resources


def problems(expr: str, *labels: str, **types: str) -> list[str]:
    """What is wrong with a query whose result is read by `labels`, where metrics have `types`."""
    return of_query(expr, *labels, types=types)


@every(
    "expr",
    [
        "rate(requests_total[5m])",
        "increase(seconds_sum[5m]) + irate(seconds_count[5m])",
        "histogram_quantile(0.9, sum by (le) (rate(seconds_bucket[5m])))",
        "rate(faults[5m])",
        'rate({__name__="anything"}[5m])',
        "max_over_time(temperature[5m])",
        "rate(size_bucket[5m])",
        "histogram_count(rate(took[5m]))",
        "histogram_quantile(0.9, sum(rate(took[5m])) + sum(rate(took[1h])))",
    ],
)
def test_rates_of_counters_are_right(expr: str) -> None:
    """By the name's ending, or by the type that the metric has; a type that nobody stated may be a
    counter's."""
    assert [] == problems(expr, faults="unknown", size="histogram", temperature="gauge")


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("sum(rate(temperature[5m]))", "temperature"),
        ("increase(queue_depth[1h])", "queue_depth"),
        ("rate(pages_total[5m])", "pages_total"),
        ("rate(job:requests:rate5m[5m])", "job:requests:rate5m"),
        ("rate(depth_count[5m])", "depth_count"),
    ],
)
def test_a_rate_of_a_gauge_is_a_problem(expr: str, name: str) -> None:
    """Also where the name looks like a counter's, but the type says otherwise."""
    (problem,) = problems(expr, temperature="gauge", pages_total="gauge", depth="gauge")

    assert f"() of {name}, which is a gauge" in problem


@every(
    "divisor",
    [
        "2",
        "(b > 0)",
        "(b != 0)",
        "(b >= 1)",
        "clamp_min(b, 1)",
        "sum(b > 0)",
        "max by (x) (clamp_min(b, 0.001))",
        "count(b)",
        "(b > 0 or vector(1))",
        "(b > 0 and c)",
        "((a + b) > 0)",
        "on (x) group_left () (b > 0)",
        "(1024 * clamp_min(b, 1))",
    ],
)
def test_a_division_with_a_guard_is_right(divisor: str) -> None:
    """What cannot be zero by what the expression says."""
    assert [] == problems(f"a / {divisor}")


@every(
    "divisor",
    [
        "b",
        "0",
        "sum(b)",
        "(b > -1)",
        "(b > bool 0)",
        "clamp_min(b, 0)",
        "(b > 0 or c)",
        "(b - c)",
        "rate(b_total[5m])",
    ],
)
def test_a_division_by_what_may_be_zero_is_a_problem(divisor: str) -> None:
    """0 / 0 is NaN, which draws nothing and fires nothing."""
    (problem,) = problems(f"a / {divisor}")

    assert "divides by what may be zero" in problem


@every(
    "expr, lost",
    [
        ("sum by (job) (a)", "pod"),
        ("sum(a)", "pod"),
        ("sum without (pod) (sum by (pod, job) (a))", "pod"),
        ("topk(3, sum by (job) (a))", "pod"),
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", "le"),
        ("sum by (job) (a) * on (job) b", "pod"),
        ("a * on (job) b", "pod"),
        ("sum by (job) (a) + 1", "pod"),
        ("1 - sum by (job) (a)", "pod"),
        ("sum by (job) (a) > 0 and b", "pod"),
        ("-max(a)", "pod"),
        ("vector(1)", "pod"),
        ("absent(a)", "pod"),
        ("absent(sum by (pod) (a))", "pod"),
        ("max by (pod) (sum by (job) (a))", "pod"),
        ("sum by (job) (a) or vector(0)", "pod"),
    ],
)
def test_a_label_that_is_aggregated_away_is_a_problem(expr: str, lost: str) -> None:
    """A legend would show an empty text in its place."""
    (problem,) = problems(expr, lost)

    assert f"the result has no label '{lost}'" in problem


@every(
    "expr",
    [
        "a",
        "sum by (pod) (a)",
        "sum without (job) (a)",
        "sum by (job) (a) * on (job) group_left (pod) b",
        "sum by (job) (b) * on (job) group_right () sum by (job, pod) (a)",
        'label_replace(sum by (job) (a), "pod", "$1", "job", "(.*)")',
        'count_values("pod", a)',
        "sum by (pod) (a) or sum by (job) (b)",
        "sum by (job) (b) or sum by (pod) (a)",
        "topk(3, sum by (pod) (a))",
        "sum by (pod) (a) unless sum by (job) (b)",
        "sum by (pod) (a) + on (pod) sum by (pod, job) (a)",
        "sum by (pod) (a) / (time() - 1)",
        'absent(a{pod="x"})',
        "2 * max_over_time(sum by (pod) (a)[5m:1m])",
    ],
)
def test_labels_that_the_result_may_have_are_right(expr: str) -> None:
    """Where the series decide, nothing is said."""
    assert [] == [problem for problem in problems(expr, "pod") if "divides" not in problem]


def test_text_that_is_no_promql_is_a_problem() -> None:
    """A build does not parse the text of a panel, which may be of another language."""
    (problem,) = problems("sum(")

    assert problem.startswith("is not valid PromQL: ")


def test_a_query_of_which_a_variable_is_a_part_is_not_judged() -> None:
    """It can be anything."""
    assert [] == problems("$query / sum(b)", "pod")


def test_a_column_may_be_a_label_that_only_a_later_query_brings() -> None:
    """A table joins the rows of all its queries. What all of the others name, the first needs."""
    dashboard = Dashboard(
        "D",
        panels=[
            table(
                "Pods",
                column("Pod", label="pod"),
                column("Reason", label="reason"),
                column("Up", "sum by (job) (up)"),
                column("Waiting", "sum by (pod, reason) (waiting)"),
                column("Ready", "sum by (pod) (ready)"),
            )
        ],
    )
    (first, *_) = (query for resource in resources(dashboard) for query in queries(resource))

    assert {"pod"} == set(first.labels)


def test_a_column_may_be_a_label_that_the_second_of_two_queries_brings() -> None:
    """With one other query nothing tells what it brings from what both have."""
    columns = [
        column("Pod", label="pod"),
        column("Reason", label="reason"),
        column("Up", "sum by (pod) (up)"),
        column("Waiting", "sum by (reason) (waiting)"),
    ]
    built = resources(Dashboard("D", panels=[table("Pods", *columns)]))
    (first, *_) = (query for resource in built for query in queries(resource))

    assert {"pod"} == set(first.labels)


def test_a_text_can_do_without_a_label_that_it_asks_for_first() -> None:
    """Of an alert whose series may have it or not."""
    summary = "Down{{ with $labels.pod }} in {{ . }}{{ end }} on {{ $labels.node }}"
    built = resources(alert_group("g", [alert("A", "up == 0", summary=summary)]))
    (read,) = {query.labels for resource in built for query in queries(resource)}

    assert {"node"} == read


def test_labels_are_read_from_legends_columns_annotations_and_texts() -> None:
    """Everything that names a label of a query's result."""
    dashboard = Dashboard(
        "D",
        variables=[query_variable("pod", "label_values(kube_pod_info, pod)")],
        annotations=[
            annotation("Deploys", "up", title="{{version}}", text="by {{who}}", tags=["team"])
        ],
        panels=[
            timeseries("Series", target("up", legend="{{ job }} of {{instance}}")),
            table(
                "Table", column("Pod", label="pod"), column("Up", "up"), column("Down", "1 - up")
            ),
        ],
    )
    group = alert_group(
        "g",
        [alert("A", "up == 0", summary="{{ $labels.job }}", labels={"zone": "{{ $labels.az }}"})],
    )

    read = {
        str(query): set(query.labels)
        for resource in resources(dashboard, group)
        for query in queries(resource)
    }

    assert {
        "variable $pod": {"pod"},
        "annotation 'Deploys'": {"version", "who", "team"},
        "panel 'Series' A": {"job", "instance"},
        "panel 'Table' A": {"pod"},
        "panel 'Table' B": set(),
        "panel 'Table' naming": set(),
        "alert 'A'": {"job", "az"},
    } == read


def test_what_one_query_reads_as_a_native_histogram_another_may_take_the_rate_of() -> None:
    """A heatmap needs no function of histograms, and its name may look like a gauge's."""
    rate = "sum(rate(heap_free_bytes[5m]))"
    panels = [
        heatmap("Freed", target(rate, legend="{{le}}")),
        timeseries("p99", target(f"histogram_quantile(0.99, {rate})", legend="p99")),
    ]

    both, one = (
        report(Dashboard("D", panels=shown), only=QUERIES).findings
        for shown in (panels, panels[:1])
    )

    assert [] == both
    assert ["panel 'Freed' A"] == [finding.place for finding in one]
    assert "rate() of heap_free_bytes, which is a gauge" in one[0].message


def test_the_metadata_of_a_metric_decides_whether_it_is_a_native_histogram() -> None:
    """Whatever a query takes it for."""
    (problem,) = problems("histogram_count(rate(took[5m]))", took="gauge")

    assert "rate() of took, which is a gauge" in problem


@pytest.mark.parametrize(
    ("expr", "expected"),
    [("sum(rate(took[5m]))", set()), ("sum(rate(took_bucket[5m]))", {"le"})],
)
def test_the_legend_of_a_heatmap_reads_bounds_of_classic_histograms(
    expr: str, expected: set[str]
) -> None:
    """Native ones have theirs in the samples, and the legend is for both."""
    built = resources(Dashboard("D", panels=[heatmap("H", target(expr, legend="{{le}}"))]))
    (read,) = {query.labels for resource in built for query in queries(resource)}

    assert expected == read


def test_a_finding_says_where_and_what() -> None:
    """The definition's place, the panel and the query; an alert of both engines is told of once."""
    definitions = (
        Dashboard("Shop", panels=[timeseries("Failures", target("a / b", legend="all"))]),
        alert_group("shop", [alert("Fails", "sum(a) > 1", summary="{{ $labels.pod }}")]),
    )

    findings = report(*definitions, only=QUERIES).findings

    assert {
        "panel 'Failures' A: divides by what may be zero, b; "
        "compare it with `> 0`, or use clamp_min()",
        "alert 'Fails': the result has no label 'pod'; keep it in the query, or do not read it",
    } == {finding.text for finding in findings}
    assert {
        resource.source
        for resource in resources(*definitions)
        if resource.kind in (Kind.DASHBOARD, Kind.PROMETHEUS_GROUP)
    } == {finding.source for finding in findings}


@pytest.mark.parametrize(
    "expr",
    [
        "(" * 400 + "up" + ")" * 400,
        "sum(" * 300 + "up" + ")" * 300,
        " + ".join(["rate(x_total[5m])"] * 140),
        " or ".join(["sum by (job) (up)"] * 600),
        "-" * 300 + "1",
        'up{a="' + "a" * 40 + '",a=~"' + "a*" * 40 + 'b"}',
    ],
)
def test_no_expression_is_too_deep_or_too_slow(expr: str) -> None:
    """A check may leave it out, but must not fail or hang."""
    before = time.process_time()

    report(panel_of(expr))

    assert time.process_time() - before < 5


def test_a_mistake_is_told_however_deep_a_query_is() -> None:
    """The parser goes deeper than checks."""
    findings = report(panel_of("(" * 400 + "up"), only=["invalid-promql"]).findings

    assert ["is not valid PromQL: unclosed left parenthesis"] == [
        finding.message for finding in findings
    ]
