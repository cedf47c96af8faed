"""What a number is: the quantity that a unit shows, and the one that a query's metric is known to
have. Two units of one quantity differ by their scale only: `s` and `ms`, `percent` and
`percentunit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import promql_parser

from gk.check.expressions.trees import FILTERS, Expr

__all__ = ["Quantity", "of_query", "of_unit"]


class Quantity(NamedTuple):
    """A quantity, and how many of its base units one is: milliseconds are `seconds`, 0.001."""

    name: str
    scale: float = 1

    def __str__(self) -> str:
        return self.name if self.scale == 1 else f"{self.scale:g} {self.name}"


BYTES, BITS, SECONDS = Quantity("bytes"), Quantity("bits"), Quantity("seconds")
BYTES_PER_SECOND, BITS_PER_SECOND = Quantity("bytes/s"), Quantity("bits/s")
SHARE = Quantity("share")
_PREFIXES = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def _with_prefixes() -> dict[str, Quantity]:
    quantities = {}
    for prefix, power in _PREFIXES.items():
        quantities[f"{prefix}bytes"] = Quantity("bytes", 1024**power)
        quantities[f"dec{prefix}bytes"] = Quantity("bytes", 1000**power)
        big = prefix.upper()
        quantities[f"{big}iBs"] = Quantity("bytes/s", 1024**power)
        quantities[f"{big}Bs"] = Quantity("bytes/s", 1000**power)
        quantities[f"{big}ibits"] = Quantity("bits/s", 1024**power)
        quantities[f"{big}bits"] = Quantity("bits/s", 1000**power)
    return quantities


_PER_SECOND = ("cps", "ops", "reqps", "rps", "wps", "iops", "eps", "mps", "recps", "rowsps", "pps")
_PER_MINUTE = ("cpm", "opm", "reqpm", "rpm", "wpm", "epm", "mpm", "recpm", "rowspm")

_OF_UNITS: Mapping[str, Quantity] = {
    **_with_prefixes(),
    **dict.fromkeys(("bytes", "decbytes"), BYTES),
    **dict.fromkeys(("bits", "decbits"), BITS),
    **dict.fromkeys(("Bps", "binBps"), BYTES_PER_SECOND),
    **dict.fromkeys(("bps", "binbps"), BITS_PER_SECOND),
    **dict.fromkeys(("s", "dtdurations", "dthms", "dtdhms", "clocks"), SECONDS),
    **dict.fromkeys(("ms", "dtdurationms", "clockms"), Quantity("seconds", 1e-3)),
    "µs": Quantity("seconds", 1e-6),
    "ns": Quantity("seconds", 1e-9),
    "m": Quantity("seconds", 60),
    "h": Quantity("seconds", 3600),
    "d": Quantity("seconds", 86400),
    "percentunit": SHARE,
    **dict.fromkeys(("percent", "humidity"), Quantity("share", 0.01)),
    **dict.fromkeys(_PER_SECOND, Quantity("events/s")),
    **dict.fromkeys(_PER_MINUTE, Quantity("events/s", 1 / 60)),
    "celsius": Quantity("degrees Celsius"),
    "fahrenheit": Quantity("degrees Fahrenheit"),
    "kelvin": Quantity("kelvins"),
}


def of_unit(unit: str) -> Quantity | None:
    """What Grafana takes a number for; None for a unit that fits any, or that gk cannot tell."""
    return _OF_UNITS.get(unit)


# https://prometheus.io/docs/practices/naming/#base-units
_OF_NAMES = {"bytes": BYTES, "seconds": SECONDS, "celsius": Quantity("degrees Celsius")}
_SPEED = re.compile(r"speed|bandwidth|throughput|rate|per_second")
_RATES = frozenset({"rate", "irate", "deriv"})
_KEEP = frozenset(
    {
        "abs", "avg_over_time", "ceil", "clamp", "clamp_max", "clamp_min", "delta", "floor",
        "idelta", "increase", "last_over_time", "max_over_time", "min_over_time", "round", "sort",
        "sort_desc",
    }
)  # fmt: skip
_AGGREGATIONS = frozenset({"avg", "bottomk", "max", "min", "sum", "topk"})


def of_query(expr: Expr) -> Quantity | None:
    """What the values of a query are, by the names of its metrics; None if gk cannot tell."""
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.SubqueryExpr)):
        return of_query(expr.expr)
    if isinstance(expr, promql_parser.VectorSelector):
        return _of_name(expr.name or "")
    if isinstance(expr, promql_parser.MatrixSelector):
        return _of_name(expr.vector_selector.name or "")
    if isinstance(expr, promql_parser.AggregateExpr):
        return of_query(expr.expr) if str(expr.op) in _AGGREGATIONS else None
    if isinstance(expr, promql_parser.Call):
        return _of_call(expr)
    return _of_operation(expr) if isinstance(expr, promql_parser.BinaryExpr) else None


def _of_name(name: str) -> Quantity | None:
    # A recorded series says what it is of, and the operations that made it: job:x_bytes:rate5m.
    # A speed is per second, whatever it ends in: node_network_speed_bytes.
    if ":" in name or _SPEED.search(name):
        return None
    return _OF_NAMES.get(name.removesuffix("_total").rpartition("_")[2])


def _of_call(call: promql_parser.Call) -> Quantity | None:
    name = call.func.name
    if name == "histogram_quantile":
        return _of_histogram(call.args[1])
    if name in _RATES:
        # Seconds per second are a share, or a number of what is busy.
        return BYTES_PER_SECOND if of_query(call.args[0]) == BYTES else None
    return of_query(call.args[0]) if name in _KEEP else None


def _of_histogram(expr: Expr) -> Quantity | None:
    """The quantity of the buckets that a quantile is of."""
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.AggregateExpr)):
        return _of_histogram(expr.expr)
    if isinstance(expr, promql_parser.Call) and expr.args:
        return _of_histogram(expr.args[0])
    if isinstance(expr, promql_parser.MatrixSelector):
        name = expr.vector_selector.name or ""
        return _of_name(name.removesuffix("_bucket"))
    return None


def _of_operation(expr: promql_parser.BinaryExpr) -> Quantity | None:
    operator, left = str(expr.op), of_query(expr.lhs)
    if operator in FILTERS:
        # `bool` makes 0 and 1 of it.
        is_bool = expr.modifier is not None and expr.modifier.return_bool
        return None if is_bool else left
    if operator in ("+", "-", "or"):
        return left if left == of_query(expr.rhs) else None
    if operator == "*" and _is_eight(expr.rhs):
        return _IN_BITS.get(left) if left else None
    if operator == "*" and _is_eight(expr.lhs):
        right = of_query(expr.rhs)
        return _IN_BITS.get(right) if right else None
    return None


_IN_BITS = {BYTES: BITS, BYTES_PER_SECOND: BITS_PER_SECOND}


def _is_eight(expr: Expr) -> bool:
    return isinstance(expr, promql_parser.NumberLiteral) and expr.val == 8
