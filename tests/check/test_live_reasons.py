"""Why a query returns nothing, on a real Prometheus with series that are written down here."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gk import Dashboard, alert, alert_group, query_variable, timeseries
from gk.check import Project, run
from gk.check.checks import ALL_CHECKS
from gk.check.live.asking import Asker, Limits
from gk.check.live.empty import Empty, why_nan, without_comparison
from gk.check.live.near import nearest_metric
from gk.check.live.reasons import Cause
from gk.check.live.run import ask
from gk.prometheus import Prometheus
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.definitions import resources
from tests.loaded import loaded, series
from tests.rich import NOWHERE

HOUR = 3600
SERIES = [
    *(
        series(
            "http_requests_total", {"job": job, "instance": f"{job}:1", "code": code}, 5, increase=3
        )
        for job, code in (("api", "200"), ("api", "500"), ("web", "200"))
    ),
    series("http_errors_total", {"job": "api", "instance": "api:1"}, 0),
    series("queue_length", {"job": "api", "queue": "mail"}, 7),
    series("queue_length", {"job": "api", "queue": "print"}, 2),
    series("pod_info", {"pod": "web-1", "node": "n1"}, 1),
    series("machine_cores", {"machine": "n1", "job": "node"}, 8),
    series("disk_size", {"device": "sda", "job": "node"}, 100),
    series("disk_temperature", {"device": "sdb", "job": "node"}, 40),
    series("old_metric", {"job": "api"}, 1, start=5 * HOUR, end=3 * HOUR),
    series("pod_ready", {"pod": "old"}, 1, start=4 * HOUR, end=2 * HOUR),
    series("pod_ready", {"pod": "new"}, 1),
    series("slow", {"job": "api"}, 1, increase=1, step=120),
    series("backup_size", {"disk": "nothing"}, float("nan")),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus with these series."""
    with loaded(tmp_path_factory.mktemp("loaded"), SERIES) as address:
        yield address


@pytest.fixture
def asker(url: str) -> Iterator[Asker]:
    """Somebody who asks it."""
    with Prometheus(url) as prometheus:
        yield Asker(prometheus, Limits(), time.time())


@pytest.mark.parametrize(
    ("expr", "cause", "said"),
    [
        pytest.param(
            "rate(http_request_total[5m])",
            Cause.METRIC_ABSENT,
            "the metric http_request_total is not on the server; did you mean http_requests_total?",
            id="a misspelt metric",
        ),
        pytest.param(
            "sum(queue_lengths)",
            Cause.METRIC_ABSENT,
            "did you mean queue_length?",
            id="a metric with a letter too many",
        ),
        pytest.param(
            "quite_other", Cause.METRIC_ABSENT, "the metric quite_other is not on", id="no metric"
        ),
        pytest.param(
            '{__name__=~"http_.*_seconds"}',
            Cause.METRIC_ABSENT,
            'no metric has a name that matches __name__=~"http_.*_seconds"',
            id="no metric of a pattern",
        ),
        pytest.param(
            '{__name__=~"http_.*", job="db"}',
            Cause.VALUE_ABSENT,
            "no series of any metric has job=\"db\"; there are 'web', 'node', 'api'",
            id="a value that no metric of a pattern has",
        ),
        pytest.param(
            "old_metric > 0",
            Cause.GONE,
            "the metric old_metric was there until about 3h ago",
            id="a metric that is gone",
        ),
        pytest.param(
            'pod_ready{pod="old"}',
            Cause.NOT_NOW,
            "series of pod_ready that match were there until about 2h ago: "
            "no series of pod_ready has pod=\"old\"; there are 'new'",
            id="a value that is gone",
        ),
        pytest.param(
            'sum by (job) (rate(http_requests_total{status="500"}[5m]))',
            Cause.LABEL_ABSENT,
            "http_requests_total has no label 'status'; it has ",
            id="no label",
        ),
        pytest.param(
            'http_requests_total{code="501"}',
            Cause.VALUE_ABSENT,
            "no series of http_requests_total has code=\"501\"; there are '500', '200'",
            id="no value, the nearest first",
        ),
        pytest.param(
            'http_requests_total{code=~"4.."}',
            Cause.VALUE_ABSENT,
            'has code=~"4.."',
            id="no value that matches",
        ),
        pytest.param(
            'http_requests_total{code!~"2..|5.."}',
            Cause.VALUE_ABSENT,
            'has code!~"2..|5.."',
            id="all values are left out",
        ),
        pytest.param(
            'http_requests_total{code=""}',
            Cause.VALUE_ABSENT,
            'has code=""',
            id="a label that all have",
        ),
        pytest.param(
            'http_requests_total{job="web", code="500"}',
            Cause.EXCLUSIVE,
            'has series with job="web" and series with code="500", and none with both',
            id="matchers that exclude each other",
        ),
        pytest.param(
            "pod_info * machine_cores",
            Cause.NO_MATCH,
            "both sides of * have data, and no series match: only the right has the label 'job'; "
            "use ignoring (job) or on (...)",
            id="no common labels",
        ),
        pytest.param(
            "disk_size / on (device) disk_temperature",
            Cause.NO_MATCH,
            "no series match: 'device' has 'sda' on the left and 'sdb' on the right",
            id="labels with other values",
        ),
        pytest.param(
            "pod_info and on (machine) machine_cores",
            Cause.NO_MATCH,
            "only the right has the label 'machine'",
            id="a label that one side lacks",
        ),
        pytest.param(
            "http_errors_total / http_request_total",
            Cause.METRIC_ABSENT,
            "the right side of / is empty: the metric http_request_total is not on",
            id="no divisor",
        ),
        pytest.param(
            "sum(rate(http_errors_total[5m])) / (sum(rate(http_errors_total[5m])) > 0)",
            Cause.COMPARISON,
            "the right side of / is empty: no series is > 0: it is 0 now",
            id="a divisor that is left out",
        ),
        pytest.param(
            "queue_length > 10",
            Cause.COMPARISON,
            "no series is > 10: they are 2 to 7 now",
            id="a comparison",
        ),
        pytest.param(
            "10 < queue_length",
            Cause.COMPARISON,
            "10 < ... is true for no series: they are 2 to 7 now",
            id="a comparison the other way round",
        ),
        pytest.param(
            "queue_length > queue_length + 1",
            Cause.COMPARISON,
            "the comparison > is true for no series now",
            id="a comparison of series",
        ),
        pytest.param(
            "queue_length unless on (job) http_errors_total",
            Cause.EXCLUDED,
            "the right side of unless excludes every series",
            id="unless",
        ),
        pytest.param(
            'absent(queue_length{queue="mail"})',
            Cause.PRESENT,
            "absent() returns nothing while the series are there",
            id="absent",
        ),
        pytest.param(
            "sum(rate(slow[1m]))",
            Cause.SHORT_RANGE,
            "the range of 60 s has ",
            id="a range of less than two scrapes",
        ),
        pytest.param(
            "rate(slow[10s])",
            Cause.SHORT_RANGE,
            "it may be shorter than two scrape intervals",
            id="a range without a scrape",
        ),
        pytest.param(
            "queue_length offset 2h",
            Cause.BEFORE_DATA,
            "queue_length has data now, and had none 2h ago",
            id="an offset to before the data",
        ),
        pytest.param(
            "histogram_quantile(0.9, rate(http_requests_total[5m]))",
            Cause.NO_BUCKETS,
            "gets series, but no histogram",
            id="no histogram",
        ),
        pytest.param(
            "max_over_time(rate(nowhere[5m])[30m:1m])",
            Cause.METRIC_ABSENT,
            "the metric nowhere",
            id="a subquery",
        ),
        pytest.param(
            'ALERTS{severity="critical"} or quite_other',
            Cause.METRIC_ABSENT,
            "no alert was pending or fired",
            id="no alerts",
        ),
        pytest.param(
            "label_replace(topk(3, -nowhere), 'a', '$1', 'b', '(.*)')",
            Cause.METRIC_ABSENT,
            "the metric nowhere",
            id="whatever is around it",
        ),
    ],
)
def test_the_reason_of_an_empty_result_is_named(
    asker: Asker, expr: str, cause: Cause, said: str
) -> None:
    """By taking the query apart until one part is empty by itself."""
    assert [] == list(asker.at(expr).series), "the case itself is wrong"

    reason = Empty(asker).why(expr, asker.now)

    assert (cause, True) == (reason.cause, said in reason.text), reason


def test_a_query_that_is_nested_deep_is_no_error(asker: Asker) -> None:
    """Prometheus has no limit for it."""
    reason = Empty(asker).why("(" * 900 + "nowhere" + ")" * 900, asker.now)

    assert reason.cause in (Cause.METRIC_ABSENT, Cause.UNKNOWN)


def test_few_questions_are_asked(asker: Asker) -> None:
    """A metric that is not there needs one, whatever is around it, and the next one none."""
    empty = Empty(asker)

    empty.why("sum by (job) (rate(nowhere[5m])) * 100", asker.now)
    first = asker.asked
    empty.why("histogram_quantile(0.9, sum by (le) (rate(nowhere_else[5m])))", asker.now)

    # The function of histograms is asked whether it is given any.
    assert (1, 2) == (first, asker.asked)


def test_a_metric_that_is_known_elsewhere_is_not_misspelt(asker: Asker) -> None:
    """Only where its name has a suffix more or less than a known one."""
    empty = Empty(asker, ["http_requests_totals", "kernel_hung_total"])

    known, renamed = (
        empty.why(expr, asker.now).text for expr in ("http_requests_totals", "kernel_hung")
    )

    assert "the metric http_requests_totals is not on the server" == known
    assert renamed.endswith("; did you mean kernel_hung_total, which is not there either?")


@every(
    "name, near",
    [
        ("order_total", "orders_total"),
        ("orders_totl", "orders_total"),
        ("orders", "orders_total"),
        ("http_latency_bucket", "http_latency_seconds_bucket"),
        ("http_latency_seconds_sum", ""),
        ("shards_min", ""),
        ("retried_orders_total", ""),
        ("other", ""),
    ],
)
def test_a_name_is_near_if_one_word_is(name: str, near: str) -> None:
    """By a few letters, or a unit: siblings are no misspelling."""
    known = frozenset({"orders_total", "http_latency_seconds_bucket", "shards_max", "up"})

    assert near == nearest_metric(name, known)


@pytest.mark.parametrize(
    ("query", "cause", "said"),
    [
        ("label_values(nowhere, job)", Cause.METRIC_ABSENT, "the metric nowhere"),
        (
            "label_values(queue_length, jobs)",
            Cause.LABEL_ABSENT,
            "queue_length has no label 'jobs'",
        ),
        ("label_values(queue_length, job)", Cause.VARIABLE, "its regex matches no value of 'job'"),
        ("label_values(nobody)", Cause.LABEL_ABSENT, "no series has the label 'nobody'"),
        ("query_result(queue_length > 10)", Cause.COMPARISON, "no series is > 10"),
        ("query_result(queue_length)", Cause.VARIABLE, "its regex matches no result"),
    ],
)
def test_the_reason_of_a_variable_without_values_is_named(
    asker: Asker, query: str, cause: Cause, said: str
) -> None:
    """Its regex, if its query returns something."""
    reason = Empty(asker).of_variable(query, TimeRange(asker.now - 3_600, asker.now))

    assert (cause, True) == (reason.cause, said in reason.text), reason


def _board(variable: str, *exprs: str) -> Dashboard:
    variables = [query_variable("v", variable)]
    panels = [timeseries(f"P{number}", expr) for number, expr in enumerate(exprs)]
    return Dashboard("D", variables=variables, panels=panels)


@pytest.mark.parametrize(
    ("variable", "expr", "of_variable", "of_query"),
    [
        pytest.param(
            "label_values(queue_length, cluster)",
            'queue_length{cluster="$v"} > 100',
            None,
            Cause.COMPARISON,
            id="a label that nobody has",
        ),
        pytest.param(
            "label_values(queue_length, qeue)",
            'queue_length{queue="$v"}',
            Cause.LABEL_ABSENT,
            Cause.VARIABLE,
            id="a misspelt label",
        ),
        pytest.param(
            "label_values(nowhere, queue)",
            'queue_length{queue="$v"}',
            Cause.METRIC_ABSENT,
            Cause.VARIABLE,
            id="a metric that is not there",
        ),
        pytest.param(
            "label_values(nowhere, queue)",
            "queue_length or $v",
            None,
            None,
            id="a query that works without",
        ),
    ],
)
def test_a_variable_without_values_is_blamed_if_it_does_harm(
    url: str, variable: str, expr: str, of_variable: Cause | None, of_query: Cause | None
) -> None:
    """Most dashboards for several clusters work with one that has no label of that name."""
    exprs = [expr.replace(" or $v", ' or queue_length{queue="$v"}')]
    project = Project(resources(_board(variable, *exprs)))
    with Prometheus(url) as prometheus:
        live = ask(project, prometheus)

    (values,), (asked,) = live.values, live.asked
    assert of_variable is (values.reason.cause if values.reason else None)
    assert of_query is (asked.reason.cause if asked.reason else None)


def test_an_alert_whose_series_were_there_within_the_week_works(url: str) -> None:
    """They come with trouble; a panel of them is empty now, and its reader should know."""
    group = alert_group("g", [alert("A", 'pod_ready{pod="old"} > 0', summary="S")])
    project = Project(resources(group, _board("label_values(up, x)", 'pod_ready{pod="old"}')))
    with Prometheus(url) as prometheus:
        live = ask(project, prometheus)

    outcome = run(project, ALL_CHECKS, NOWHERE, only=["no-data"], live=live)

    assert [Cause.NOT_NOW] * 2 == [query.reason.cause for query in live.asked if query.reason]
    assert ["panel 'P0' A"] == [finding.place for finding in outcome.findings]


@every(
    "condition, watched",
    [
        ("up == 0", "up"),
        ("0 < errors", "errors"),
        ("(a > 1) and on (x) (b < 2)", "((a)) and on (x) ((b))"),
        ("a > 1 unless b > 2", "a"),
        ("a > on (x) group_left () b", "(a) > bool on (x) group_left () (b)"),
        ("sum(a > 1)", "sum(a > 1)"),
        ("a > bool 1", "a > bool 1"),
        ("absent(a)", "absent(a)"),
        ("a >", "a >"),
    ],
)
def test_an_alert_is_asked_without_its_comparison(condition: str, watched: str) -> None:
    """What it watches has data when all is well."""
    assert watched == without_comparison(condition)


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        ("a / sum(b)", "0 / 0 is NaN: sum(b) may be zero"),
        (
            "histogram_quantile(0.9, b)",
            "histogram_quantile() is NaN while there are no observations",
        ),
        (
            "scalar(sum by (x) (a))",
            "scalar() is NaN unless it gets exactly one series: sum by (x) (a)",
        ),
        ("a", "the series themselves may be NaN"),
    ],
)
def test_what_makes_numbers_nan_is_said(expr: str, why: str) -> None:
    """A division, or a quantile of nothing."""
    assert why == why_nan(expr)
