"""A text of an alert shows an unrounded value, which is hard to read.

Problem: a rate, a ratio or an average is a number such as 0.03333333333333333, and a size in bytes
is shown as 1.2884901888e+10.

    alert("Errors", "rate(errors_total[5m]) > 1", description="{{ $value }} errors a second")

Instead: round it for people.

    description="{{ $value | humanize }} errors a second"

Other functions are `humanizePercentage` for ratios, `humanizeDuration` for seconds, `humanize1024`
for bytes, and `printf "%.0f"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser

from gk.check.expressions.trees import FILTERS
from gk.check.model import Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.subjects import Rule

__all__ = ["value_not_rounded"]

# gk names the query of a rule A.
_BARE = re.compile(r"\{\{-?\s*(?:\$value|\.Value|\$values\.A(?:\.Value)?)\s*-?\}\}")
_FRACTIONS = frozenset(
    {
        *("rate", "irate", "increase", "deriv", "delta", "predict_linear", "avg_over_time"),
        *("quantile_over_time", "stddev_over_time", "stdvar_over_time", "histogram_quantile"),
        *("histogram_avg", "double_exponential_smoothing", "ln", "log2", "log10", "exp", "sqrt"),
    }
)
_WHOLE = frozenset(
    {
        *("round", "floor", "ceil", "sgn", "changes", "resets", "count_over_time", "absent"),
        *("absent_over_time", "present_over_time", "hour", "minute", "month", "year", "vector"),
    }
)


@check(Severity.INFO, peers=("pint: alerts/template",))
def value_not_rounded(rule: Rule) -> Iterator[str]:
    """Look for the value alone in each text, if the query's result has decimals."""
    tree = tree_of(rule) if rule.is_alert else None
    if tree is None or not _has_decimals(tree):
        return
    for name, text in rule.annotations.items():
        if isinstance(text, str) and _BARE.search(text):
            yield (
                f"{name} shows the raw value, such as 0.0333333333 or 1.2e+10; "
                "write {{ $value | humanize }}"
            )


def _has_decimals(expr: promql_parser.Expr) -> bool:
    """Whether the values are fractions, or large, by the functions that make them."""
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
        return _has_decimals(expr.expr)
    if isinstance(expr, promql_parser.AggregateExpr):
        if str(expr.op) in ("count", "group", "count_values"):
            return False
        return str(expr.op) in ("avg", "quantile", "stddev", "stdvar") or _has_decimals(expr.expr)
    if isinstance(expr, promql_parser.Call):
        return _call_has_decimals(expr)
    if isinstance(expr, promql_parser.MatrixSelector):
        return _has_decimals(expr.vector_selector)
    if isinstance(expr, promql_parser.VectorSelector):
        name = expr.name or ""
        # An MTU has four digits.
        return name.endswith(("_bytes", "_ratio")) and "mtu" not in name
    return isinstance(expr, promql_parser.BinaryExpr) and _operation_has_decimals(expr)


def _call_has_decimals(call: promql_parser.Call) -> bool:
    name = call.func.name
    if name in _FRACTIONS or name in _WHOLE:
        return name in _FRACTIONS
    return any(
        _has_decimals(
            argument.expr if isinstance(argument, promql_parser.SubqueryExpr) else argument
        )
        for argument in call.args
    )


def _operation_has_decimals(expr: promql_parser.BinaryExpr) -> bool:
    operator = str(expr.op)
    if operator in FILTERS:
        is_filter = not (expr.modifier and expr.modifier.return_bool) and not _is_zero(expr)
        number_first = isinstance(expr.lhs, promql_parser.NumberLiteral)
        return is_filter and _has_decimals(expr.rhs if number_first else expr.lhs)
    return operator == "/" or _has_decimals(expr.lhs) or _has_decimals(expr.rhs)


def _is_zero(expr: promql_parser.BinaryExpr) -> bool:
    """Whether it leaves only zeros: `rate(...) == 0`."""
    is_zero = isinstance(expr.rhs, promql_parser.NumberLiteral) and expr.rhs.val == 0
    return is_zero and str(expr.op) in ("==", "<=")
