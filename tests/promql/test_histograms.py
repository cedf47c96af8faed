"""A snippet asks for a histogram once, and gets PromQL for classic series, for native histograms or
for both. tests/library/test_native_histograms.py asks a real Prometheus.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.errors import DefinitionError
from gk.promql import Exporter, Histogram, Labels, LabelScheme, Scope
from gk.promql.labels import HISTOGRAMS, Histograms
from gk.promql.syntax import enclosed, parse, selectors
from gk.resource import Kind
from tests.cases import every
from tests.conftest import ProjectFolder

SHOP = Exporter("shop", metric="shop_info")


def scope(histograms: Histograms) -> Scope:
    return Scope.alert(LabelScheme({"shop": Labels(job="shop", histograms=histograms)})).of(SHOP)


def took(histograms: Histograms) -> Histogram:
    return scope(histograms).histogram("took_seconds", 'code!="404"', method="GET")


OWN = 'job="shop",code!="404",method="GET"'
BUCKET = f"rate(took_seconds_bucket{{{OWN}}}[5m])"
COUNT = f"rate(took_seconds_count{{{OWN}}}[5m])"
SUM = f"rate(took_seconds_sum{{{OWN}}}[5m])"
NATIVE = f"rate(took_seconds{{{OWN}}}[5m])"
# With both kinds: those that targets still send.
SENT_BUCKET = f"{BUCKET} and took_seconds_bucket{{{OWN}}}"
SENT_COUNT = f"({COUNT} and took_seconds_count{{{OWN}}})"
SENT_SUM = f"({SUM} and took_seconds_sum{{{OWN}}})"


def below(le: str) -> str:
    return f"rate(took_seconds_bucket{{{OWN},{le}}}[5m])"


HALF = below('le="0.5"')
Ask = Callable[[Histogram], str]


@every(
    "ask, expected",
    [
        pytest.param(
            lambda h: h.count(),
            {
                "classic": COUNT,
                "native": f"histogram_count({NATIVE})",
                "both": f"({SENT_COUNT} or histogram_count({NATIVE}))",
            },
            id="count",
        ),
        pytest.param(
            lambda h: h.sum(),
            {
                "classic": SUM,
                "native": f"histogram_sum({NATIVE})",
                "both": f"({SENT_SUM} or histogram_sum({NATIVE}))",
            },
            id="sum",
        ),
        pytest.param(
            lambda h: h.at_most(0.5),
            {
                "classic": HALF,
                "native": (
                    f"(histogram_fraction(-Inf, 0.5, {NATIVE}) * histogram_count({NATIVE}) >= 0 "
                    f"or histogram_count({NATIVE}))"
                ),
                "both": (
                    f'(({HALF} and took_seconds_bucket{{{OWN},le="0.5"}}) or ignoring (le) '
                    f"(histogram_fraction(-Inf, 0.5, {NATIVE}) * histogram_count({NATIVE}) >= 0 "
                    f"or histogram_count({NATIVE})))"
                ),
            },
            id="at-most",
        ),
        pytest.param(
            lambda h: h.avg("code"),
            {
                "classic": f"(sum by (code) ({SUM}) / (sum by (code) ({COUNT}) > 0))",
                "native": (
                    f"(sum by (code) (histogram_sum({NATIVE})) "
                    f"/ (sum by (code) (histogram_count({NATIVE})) > 0))"
                ),
                "both": (
                    f"(sum by (code) (({SENT_SUM} or histogram_sum({NATIVE}))) "
                    f"/ (sum by (code) (({SENT_COUNT} or histogram_count({NATIVE}))) > 0))"
                ),
            },
            id="avg",
        ),
        pytest.param(
            lambda h: h.quantile(0.99, "code"),
            {
                "classic": f"(histogram_quantile(0.99, sum by (le, code) ({BUCKET})) >= 0)",
                "native": f"(histogram_quantile(0.99, sum by (code) ({NATIVE})) >= 0)",
                "both": (
                    f"((histogram_quantile(0.99, sum by (le, code) ({SENT_BUCKET})) >= 0) "
                    f"or (histogram_quantile(0.99, sum by (code) ({NATIVE})) >= 0))"
                ),
            },
            id="quantile",
        ),
        pytest.param(
            lambda h: h.quantile(0.5),
            {
                "classic": f"(histogram_quantile(0.5, sum by (le) ({BUCKET})) >= 0)",
                "native": f"(histogram_quantile(0.5, sum({NATIVE})) >= 0)",
                "both": (
                    f"((histogram_quantile(0.5, sum by (le) ({SENT_BUCKET})) >= 0) "
                    f"or (histogram_quantile(0.5, sum({NATIVE})) >= 0))"
                ),
            },
            id="quantile-of-all",
        ),
        pytest.param(
            lambda h: h.buckets(),
            {
                "classic": f"sum by (le) ({BUCKET})",
                "native": f"sum({NATIVE})",
                "both": f"(sum by (le) ({SENT_BUCKET}) or on () sum({NATIVE}))",
            },
            id="buckets",
        ),
        pytest.param(
            lambda h: h.buckets("job", "code"),
            {
                "classic": f"sum by (job, code, le) ({BUCKET})",
                "native": f"sum by (job, code) ({NATIVE})",
                "both": (
                    f"(sum by (job, code, le) ({SENT_BUCKET}) "
                    f"or on (job, code) sum by (job, code) ({NATIVE}))"
                ),
            },
            id="buckets-by-labels",
        ),
    ],
)
def test_a_word_becomes_promql_for_each_kind(ask: Ask, expected: dict[str, str]) -> None:
    """Matchers and the window are those of `s.rate`."""
    assert expected == {kind: str(ask(took(kind))) for kind in HISTOGRAMS}


def test_a_share_of_native_histograms_reads_them_once() -> None:
    """The function that Prometheus has for it needs no bucket with that bound."""
    assert f"(histogram_fraction(-Inf, 0.5, sum by (code) ({NATIVE})) >= 0)" == took(
        "native"
    ).fraction(0.5, "code")


@pytest.mark.parametrize("kind", ["classic", "both"])
def test_a_share_is_what_is_within_of_what_is_counted(kind: Histograms) -> None:
    """So it is complete where targets differ."""
    durations = took(kind)

    assert (
        f"(sum by (code) ({durations.at_most(0.5)}) / (sum by (code) ({durations.count()}) > 0))"
        == durations.fraction(0.5, "code")
    )


@every(
    "bound, expected",
    [
        (0.5, 'le="0.5"'),
        (0.0001, 'le="0.0001"'),
        (0.00001, 'le="1e-05"'),
        (2.5e6, 'le="2.5e+06"'),
        (1_000_000, 'le="1e+06"'),
        (123_456.5, 'le="123456.5"'),
        # Prometheus 3 writes whole bounds with a decimal.
        (1, 'le=~"1|1\\\\.0"'),
        (30.0, 'le=~"30|30\\\\.0"'),
        (999_999, 'le=~"999999|999999\\\\.0"'),
    ],
)
def test_a_bound_is_written_as_in_the_label(bound: float, expected: str) -> None:
    """Client libraries write numbers as Go does."""
    assert below(expected) == took("classic").at_most(bound)


def test_a_condition_applies_to_each_series() -> None:
    """A job that is shared has histograms of other programs with the same name."""
    condition = "and on (job) shop_info"
    durations = scope("both").histogram("took_seconds").only(condition)
    classic, native = (
        f'rate({name}{{job="shop"}}[5m])' for name in ("took_seconds_count", "took_seconds")
    )

    assert (
        f'(({classic} and took_seconds_count{{job="shop"}} {condition}) '
        f"or histogram_count({native} {condition}))"
    ) == durations.count()


def test_a_histogram_may_have_a_window_of_its_own() -> None:
    """Such as for what happens seldom."""
    expected = 'rate(took_seconds_count{job="shop"}[1h])'
    assert expected == scope("classic").histogram("took_seconds", window="1h").count()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("classic", '(histogram_quantile(0.9, sum by (le) (rec{job="shop"})) >= 0)'),
        ("native", '(histogram_quantile(0.9, sum(rec{job="shop"})) >= 0)'),
        (
            "both",
            '((histogram_quantile(0.9, sum by (le) (rec{job="shop",le!=""})) >= 0) '
            'or (histogram_quantile(0.9, sum(rec{job="shop",le=""})) >= 0))',
        ),
    ],
)
def test_what_a_rule_records_of_buckets_is_a_histogram(kind: Histograms, expected: str) -> None:
    """It is already a rate."""
    assert expected == scope(kind).recorded_histogram("rec").quantile(0.9)


@pytest.mark.parametrize("kind", HISTOGRAMS)
def test_recorded_buckets_have_no_sum(kind: Histograms) -> None:
    """Whether they are native or not, so that the setting decides nothing else."""
    with pytest.raises(ValueError, match="recorded without the sum"):
        scope(kind).recorded_histogram("rec").avg()


label = st.sampled_from(["code", "method", "instance"])
ask = st.one_of(
    st.sampled_from([lambda h: h.count(), lambda h: h.sum()]),
    st.floats(1e-9, 1e9).map(lambda bound: lambda h: h.at_most(bound)),
    st.tuples(st.floats(1e-9, 1e9), st.lists(label, unique=True)).map(
        lambda drawn: lambda h: h.fraction(drawn[0], *drawn[1])
    ),
    st.tuples(st.floats(0, 1), st.lists(label, unique=True)).map(
        lambda drawn: lambda h: h.quantile(drawn[0], *drawn[1])
    ),
    st.lists(label, unique=True).map(lambda by: lambda h: h.avg(*by)),
    st.lists(label, unique=True).map(lambda by: lambda h: h.buckets(*by)),
)


@given(ask, st.sampled_from(HISTOGRAMS))
def test_every_word_works_as_an_operand(ask: Ask, kind: Histograms) -> None:
    """Whatever stands beside it in a snippet."""
    text = str(ask(took(kind)))
    assert enclosed(text) == text


@given(ask)
def test_both_read_what_classic_and_native_read(ask: Ask) -> None:
    """Nothing else, and nothing less."""

    def read(kind: Histograms) -> set[str | None]:
        expr = parse(str(ask(took(kind))))
        assert expr is not None
        return {selector.name for selector in selectors(expr)}

    assert read("classic") | read("native") == read("both")
    assert set() == read("classic") & read("native")


# A team's own

PROJECT = {
    "dashboards/snippets/shop.py": '''
        from gk.promql import Exporter, Scope

        exporter = Exporter("shop", metric="shop_info")


        @exporter.snippet(unit="s", legend="{{code}}")
        def latency(s: Scope, quantile: float = 0.99) -> str:
            """Duration of requests. Source: the shop."""
            return s.histogram("took_seconds").quantile(quantile, "code")


        @exporter.snippet(unit="none")
        def slowness(s: Scope) -> str:
            """Duration of requests in minutes. Source: the shop."""
            return f"{s.histogram('took_seconds').quantile(0.5)} / 60"


        @exporter.snippet(unit="s", legend="{{le}}")
        def durations(s: Scope) -> str:
            """Requests by duration. Source: the shop."""
            return s.histogram("took_seconds").buckets()
    ''',
    "dashboards/shop.py": """
        from dashboards.snippets import shop
        from gk import Dashboard, heatmap, timeseries

        board = Dashboard(
            "Shop",
            exporter=shop,
            panels=[
                timeseries("Latency", shop.latency),
                timeseries("Slowness", shop.slowness),
                heatmap("Durations", shop.durations),
            ],
        )
    """,
    "alerts/shop.py": """
        from dashboards.snippets import shop
        from gk import alert, alert_group

        group = alert_group("shop", [alert("Slow", shop.latency > 1)])
    """,
}
SELECTED = '{job=~"$job",instance=~"$node"}[$__rate_interval]'
BUCKETS = f"rate(took_seconds_bucket{SELECTED})"


@pytest.mark.parametrize(
    ("setting", "expected", "alert"),
    [
        (
            "",
            [
                f"histogram_quantile(0.99, sum by (le, code) ({BUCKETS})) >= 0",
                f"(histogram_quantile(0.5, sum by (le) ({BUCKETS})) >= 0) / 60",
                f"sum by (le) ({BUCKETS})",
            ],
            "(histogram_quantile(0.99, sum by (le, code) "
            '(rate(took_seconds_bucket{job="shop"}[5m]))) >= 0) > 1',
        ),
        (
            "labels: {shop: {histograms: native}}",
            [
                f"histogram_quantile(0.99, sum by (code) (rate(took_seconds{SELECTED}))) >= 0",
                f"(histogram_quantile(0.5, sum(rate(took_seconds{SELECTED}))) >= 0) / 60",
                f"sum(rate(took_seconds{SELECTED}))",
            ],
            "(histogram_quantile(0.99, sum by (code) "
            '(rate(took_seconds{job="shop"}[5m]))) >= 0) > 1',
        ),
    ],
)
def test_one_setting_changes_panels_and_alerts(
    project: ProjectFolder, setting: str, expected: list[str], alert: str
) -> None:
    """A snippet that returns a word alone has no parentheses around it."""
    project.write({**PROJECT, "gk.yaml": setting})

    panels = project.resource(Kind.DASHBOARD).body["panels"]

    assert expected == [panel["targets"][0]["expr"] for panel in panels]
    assert alert == project.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]["expr"]


@pytest.mark.parametrize("kind", HISTOGRAMS)
def test_a_matcher_that_is_no_promql_is_a_mistake_of_the_snippet(
    project: ProjectFolder, kind: Histograms
) -> None:
    """At its line, with the whole expression."""
    snippets = PROJECT["dashboards/snippets/shop.py"].replace('"took_seconds"', '"took", "code=5"')
    project.write(
        {
            **PROJECT,
            "dashboards/snippets/shop.py": snippets,
            "gk.yaml": f"labels: {{shop: {{histograms: {kind}}}}}",
        }
    )

    with pytest.raises(DefinitionError) as caught:
        project.resources()

    (latency, *_) = map(str, caught.value.problems)
    assert latency.startswith(
        "dashboards/snippets/shop.py:6: snippet shop.latency: PromQL does not parse: "
    )
    assert "code=5}" in latency
