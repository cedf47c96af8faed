"""Which metrics are counters, and which are gauges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import promql_parser

from gk.check.expressions.metric_names import GAUGES
from gk.check.expressions.metric_types import type_of
from gk.promql.syntax import parsed, selectors, within

__all__ = ["OF_COUNTERS", "is_counter", "is_gauge", "native_histograms"]

OF_COUNTERS = frozenset({"increase", "irate", "rate"})
"""Functions that take a fall for a restart, so that they are right for counters only."""
_SERIES_SUFFIXES = ("_total", "_count", "_sum", "_bucket")


def is_counter(name: str, types: Mapping[str, str]) -> bool:
    """Whether a metric is known to count."""
    return type_of(name, types) == "counter"


def is_gauge(name: str, types: Mapping[str, str]) -> bool:
    """Whether a metric is known to be a gauge. An unknown one is neither: exporters older than
    OpenMetrics count in any name."""
    return type_of(name, types) == "gauge"


def native_histograms(texts: Iterable[str]) -> dict[str, str]:
    """The type `histogram` of each metric that some query reads as a native histogram: their names
    have no suffix, and a heatmap or a recording rule has none of the functions below."""
    functions: dict[str, str] = {}
    for text in texts:
        # Parsing is most of the work.
        if "histogram_" in text and (expr := parsed(text)) is not None:
            functions |= _read_as_histograms(expr)
    return functions


def _read_as_histograms(expr: promql_parser.Expr) -> dict[str, str]:
    return {
        selector.name: "histogram"
        for call in within(expr)
        if isinstance(call, promql_parser.Call) and call.func.name.startswith("histogram_")
        for selector in selectors(call)
        if selector.name
        and not selector.name.endswith(_SERIES_SUFFIXES)
        # The quantiles may be multiplied by a gauge.
        and selector.name not in GAUGES
    }
