"""Histograms: what a snippet asks of one, in words that do not depend on how its series are stored.

    classic    NAME_bucket, a series for each bound (the label `le`), NAME_count and NAME_sum
    native     NAME, whose samples are whole histograms (Prometheus 2.40; stable since 3.8)
    both       a migration: classic series where they are still sent, native ones elsewhere

https://prometheus.io/docs/specs/native_histograms/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from gk.promql.labels import Histograms
from gk.promql.syntax import enclosed, parses

__all__ = ["Histogram", "Operand", "Series", "recorded_matchers"]

Series: TypeAlias = Callable[..., str]
"""Per-second rates of a histogram's series, by the suffix of their name (`_bucket`, `_count`,
`_sum`, or none for the native ones), with more labels to match."""


class Operand(str):
    """PromQL that works as an operand, in parentheses if it needs them; `whole` is without them,
    for a snippet that returns nothing else."""

    __slots__ = ("whole",)

    whole: str

    def __new__(cls, expr: str) -> Operand:
        """Enclose `expr`, unless it does not parse: who renders the snippet says so, and shows
        it."""
        operand = super().__new__(cls, enclosed(expr) if parses(expr) else expr)
        operand.whole = expr
        return operand


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram over the scope's window: `s.histogram("http_request_duration_seconds")`.

    Each method returns PromQL that works as an operand. `count`, `sum` and `at_most` are per-second
    rates of each series, to be aggregated like `s.rate`; the others aggregate, by the labels that
    they are given. No result is NaN: what has no value without observations returns nothing.

    If there may be both kinds of series, no observation counts twice. Rates of what is counted are
    chosen series by series, so they are complete while some targets send the one kind and some the
    other. Classic and native histograms cannot be added: quantiles and buckets are chosen group by
    group.
    """

    kind: Histograms
    series: Series

    def only(self, condition: str) -> Histogram:
        """The histogram's series that a set operation of PromQL keeps, such as
        `and on (job, instance) shop_info`."""

        def kept(suffix: str, **labels: object) -> str:
            return f"{self.series(suffix, **labels)} {condition}"

        return replace(self, series=kept)

    def count(self) -> Operand:
        """Observations per second."""
        return self._either(self.series("_count"), f"histogram_count({self.series('')})")

    def sum(self) -> Operand:
        """The sum of what was observed, per second."""
        return self._either(self.series("_sum"), f"histogram_sum({self.series('')})")

    def at_most(self, bound: float) -> Operand:
        """Observations per second of at most `bound`.

        Classic histograms need a bucket with this bound. Native ones estimate within the bucket
        that `bound` is in.
        """
        native, text = self.series(""), _number(bound)
        share, count = f"histogram_fraction(-Inf, {text}, {native})", f"histogram_count({native})"
        # Prometheus 3 writes whole bounds with a decimal, and so does 2 for what it scrapes as
        # protobuf.
        le = (text, f"{text}.0") if text.isdecimal() else text
        return self._either(
            self.series("_bucket", le=le),
            # A share of no observations is NaN, and their count is zero.
            f"{share} * {count} >= 0 or {count}",
            "ignoring (le) ",
        )

    def fraction(self, bound: float, *by: str) -> Operand:
        """Share of observations of at most `bound`, 0 to 1, by these labels. See `at_most`."""
        if self.kind == "native":
            observed = _summed(by, self.series(""))
            return Operand(f"histogram_fraction(-Inf, {_number(bound)}, {observed}) >= 0")
        return _ratio(self.at_most(bound), self.count(), by)

    def avg(self, *by: str) -> Operand:
        """Mean of what was observed, by these labels."""
        return _ratio(self.sum(), self.count(), by)

    def quantile(self, quantile: float, *by: str) -> Operand:
        """What this share of the observations, 0 to 1, does not exceed, by these labels. The
        observations must not be negative, as no duration or size is."""
        # Without observations it is NaN, which no comparison lets through.
        classic, native = (
            f"histogram_quantile({quantile:g}, {buckets}) >= 0"
            for buckets in (
                _summed(("le", *by), self.series("_bucket")),
                _summed(by, self.series("")),
            )
        )
        return self._either(classic, native)

    def buckets(self, *by: str) -> Operand:
        """How many observations per second fell into each bucket, by these labels: for a heatmap,
        and for a recording rule that `s.recorded_histogram` reads.

        Grafana draws one native histogram in a heatmap, so use no labels there.
        """
        classic, native = (
            _summed((*by, "le"), self.series("_bucket")),
            _summed(by, self.series("")),
        )
        return self._either(classic, native, f"on ({', '.join(by)}) ")

    def _either(self, classic: str, native: str, matching: str = "") -> Operand:
        """What the settings say is there; of two elements that match, the classic one."""
        if self.kind == "both":
            return Operand(f"{Operand(classic)} or {matching}{Operand(native)}")
        return Operand(native if self.kind == "native" else classic)


def recorded_matchers(kind: Histograms, suffix: str) -> tuple[str, ...]:
    """The matchers that select, in a series that a rule records of `Histogram.buckets`, what the
    series with this suffix is in a histogram.

    Raises ValueError for `_sum`, which buckets do not have.
    """
    if suffix == "_sum":
        raise ValueError("buckets are recorded without the sum of what was observed")
    if suffix == "_count":
        return ('le="+Inf"',)
    if kind != "both":
        return ()
    return ('le!=""',) if suffix else ('le=""',)


def _summed(by: tuple[str, ...], series: str) -> str:
    return f"sum by ({', '.join(by)}) ({series})" if by else f"sum({series})"


def _ratio(part: str, whole: str, by: tuple[str, ...]) -> Operand:
    return Operand(f"{_summed(by, part)} / ({_summed(by, whole)} > 0)")


def _number(value: float) -> str:
    """A number as Go writes it in the label `le`: with an exponent from a million on, and below
    1e-4."""
    number = Decimal(repr(float(value)))
    if -4 <= number.adjusted() < 6:
        return str(int(value)) if value == int(value) else repr(float(value))
    mantissa, exponent = f"{number.normalize():e}".split("e")
    return f"{mantissa}e{int(exponent):+03d}"
