"""Which metrics are counters, by their type or else by their name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import promql_parser

from gk.promql.syntax import parse, selectors, within

__all__ = ["is_counter", "native_histograms"]

# OpenMetrics wants _total for counters; the others are series of histograms and summaries.
_COUNTER_SUFFIXES = ("_total", "_count", "_sum", "_bucket")
# A type that nobody stated may be any: the node exporter sends what it reads from /proc/vmstat so.
_COUNTER_TYPES = frozenset(
    {"counter", "histogram", "summary", "unknown", "untyped", "gaugehistogram"}
)


def is_counter(name: str, types: Mapping[str, str]) -> bool:
    """Whether a metric counts, by its type in `types`; one without a type by how its name ends."""
    if name in types:
        return types[name] in _COUNTER_TYPES
    # Metadata has the histogram or summary, not its series.
    family, _, _ = name.rpartition("_")
    if name.endswith(_COUNTER_SUFFIXES):
        return types.get(family, "counter") in _COUNTER_TYPES
    return False


def native_histograms(texts: Iterable[str]) -> dict[str, str]:
    """The type `histogram` of each metric that some query reads as a native histogram: their names
    have no suffix, and a heatmap or a recording rule has none of the functions below."""
    found: dict[str, str] = {}
    for text in texts:
        try:
            expr = parse(text)
        except ValueError:
            continue
        if expr is not None:
            found |= _read_as_histograms(expr)
    return found


def _read_as_histograms(expr: promql_parser.Expr) -> dict[str, str]:
    return {
        selector.name: "histogram"
        for call in within(expr)
        if isinstance(call, promql_parser.Call) and call.func.name.startswith("histogram_")
        for selector in selectors(call)
        if selector.name and not selector.name.endswith(_COUNTER_SUFFIXES)
    }
