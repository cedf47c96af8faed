"""Mistakes in PromQL as text, and in the queries of Grafana's variables for a Prometheus.

What a newer Prometheus may understand, and what depends on the value of a variable, is none.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import NamedTuple

import promql_parser

from gk.errors import did_you_mean
from gk.promql.syntax import TooDeepError, parse, parsed, parses, selectors, variables, within

__all__ = ["Mistake", "expr_mistake", "fires_always", "variable_query_mistake"]

_FUNCTIONS = (
    "abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh", "avg",
    "avg_over_time", "bottomk", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "cos",
    "cosh", "count", "count_over_time", "count_values", "day_of_month", "day_of_week",
    "day_of_year", "days_in_month", "deg", "delta", "deriv", "double_exponential_smoothing", "exp",
    "first_over_time", "floor", "group", "histogram_avg", "histogram_count", "histogram_fraction",
    "histogram_quantile", "histogram_quantiles", "histogram_stddev", "histogram_stdvar",
    "histogram_sum", "hour", "idelta", "increase", "info", "irate", "label_join", "label_replace",
    "last_over_time", "limit_ratio", "limitk", "ln", "log10", "log2", "mad_over_time", "max",
    "max_over_time", "min", "min_over_time", "minute", "month", "pi", "predict_linear",
    "present_over_time", "quantile", "quantile_over_time", "rad", "rate", "resets", "round",
    "scalar", "sgn", "sin", "sinh", "sort", "sort_by_label", "sort_by_label_desc", "sort_desc",
    "sqrt", "stddev", "stddev_over_time", "stdvar", "stdvar_over_time", "sum", "sum_over_time",
    "tan", "tanh", "time", "timestamp", "topk", "vector", "year",
)  # fmt: skip
"""Of Prometheus 3.14, with the aggregations."""
_UNKNOWN_FUNCTION = re.compile(r"unknown function with name '(\w+)'")
_NEAR = 0.8
"""Similarity below this may be a function of a newer Prometheus."""

# VictoriaMetrics is often behind a data source of the type prometheus, and has more functions and
# forms; quotes and brackets have to match there, too.
_IN_ANY_DIALECT = ("unclosed ", "unexpected end of input", "unexpected right ", "unterminated ")


class Mistake(NamedTuple):
    """Why Prometheus refuses a query, and whether each database with a dialect of PromQL does."""

    message: str
    in_any_dialect: bool


def expr_mistake(expr: str) -> Mistake | None:
    """Return why Prometheus does not parse `expr`; None if it may."""
    if _is_sound(_PLAIN_STRING.sub('"x"', expr)):
        return None
    try:
        parse(expr)
    except TooDeepError:
        return None
    except ValueError as error:
        message = str(error)
        if unknown := _UNKNOWN_FUNCTION.fullmatch(message):
            return _unknown_function(unknown[1])
        return Mistake(f"PromQL does not parse: {message}", message.startswith(_IN_ANY_DIALECT))
    return None


# A build has thousands of queries that differ only in the values of labels; parsing each would take
# a tenth of its time.
_PLAIN_STRING = re.compile(r'"[\w./-]+"')


@lru_cache(maxsize=4096)
def _is_sound(expr: str) -> bool:
    return parses(expr)


def _unknown_function(name: str) -> Mistake | None:
    near = difflib.get_close_matches(name, _FUNCTIONS, n=1, cutoff=_NEAR)
    message = f"PromQL has no function '{name}'; did you mean '{near[0]}'?" if near else ""
    return Mistake(message, in_any_dialect=False) if near else None


# How Grafana's data source reads these: variableMigration.ts and metric_find_query.ts in
# grafana/grafana-prometheus-datasource. Any other text selects series.
_OF_GRAFANA = ("label_names", "label_values", "metrics", "query_result")
_CALL = re.compile(r"(\w+)\s*\((.*)\)\s*", re.DOTALL)
_OPEN_CALL = re.compile(r"(\w+)\s*\(")
# Bounded, so that a hostile text takes no quadratic time.
_LABEL = r'(?:\w+|"[^"]{0,200}"|\$\w+|\$\{[^}]{0,200}\}|\[\[[^\]]{0,200}\]\])'
_LABEL_VALUES = re.compile(rf"(.+),\s*{_LABEL}\s*", re.DOTALL)
_ENDS_IN_MATCHERS = re.compile(r".*(?<!\$)\{[^{}]*\}\s*", re.DOTALL)


def variable_query_mistake(text: str) -> Mistake | None:
    """Return why the query of a variable returns nothing from Prometheus; None if it may."""
    call = _CALL.fullmatch(text)
    if call is None:
        return _of_series(text)
    name, inner = call.groups()
    if name not in _OF_GRAFANA:
        return Mistake(f"a variable's query has no function '{name}'{_instead(name, text)}", True)
    if name == "query_result":
        return expr_mistake(inner) if inner.strip() else Mistake("query_result() is empty", True)
    return _of_label_values(inner) if name == "label_values" else None


def _of_label_values(inner: str) -> Mistake | None:
    if given := _LABEL_VALUES.fullmatch(inner):
        return expr_mistake(given[1])
    if _ENDS_IN_MATCHERS.fullmatch(inner):
        return Mistake("label_values() has no label; write label_values(selector, label)", True)
    return None


def _instead(name: str, text: str) -> str:
    if name in _FUNCTIONS:
        return f"; write query_result({text.strip()})"
    return did_you_mean(name, _OF_GRAFANA) or f"; Grafana has {', '.join(_OF_GRAFANA)}"


def _of_series(text: str) -> Mistake | None:
    opened = _OPEN_CALL.match(text)
    if opened and opened[1] in _OF_GRAFANA:
        return Mistake(f"{opened[1]}( has no closing bracket at the end", True)
    # A variable may stand for the whole query.
    return expr_mistake(text) if text.strip() and not variables(text) else None


_DECIDES = frozenset({">", ">=", "<", "<=", "==", "!=", "and", "unless"})
_ABSENT = frozenset({"absent", "absent_over_time"})
_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_OF_TARGETS = frozenset({"job", "instance", "cluster", "namespace"})


def fires_always(expr: str) -> bool:
    """Whether an alert on `expr` fires for each series that it selects, whatever the value.

    Not for `vector(1)`, which is meant to fire always, and not for recorded series, which may have
    been compared when they were recorded. The value of `..._info{state="down"}` is always 1, so its
    matchers decide.
    """
    tree = parsed(expr)
    if tree is None or any(map(_decides, within(tree))):
        return False
    read = selectors(tree)
    names = [selector.name or "" for selector in read]
    if any(not name or ":" in name or name in _ALERTS for name in names):
        return False
    return bool(names) and not any(map(_chooses_by_label, read))


def _chooses_by_label(selector: promql_parser.VectorSelector) -> bool:
    is_info = (selector.name or "").endswith(("_info", "_metadata"))
    return is_info and any(
        matcher.name not in _OF_TARGETS for matcher in selector.matchers.matchers
    )


def _decides(expr: promql_parser.Expr) -> bool:
    if isinstance(expr, promql_parser.BinaryExpr):
        is_bool = expr.modifier is not None and expr.modifier.return_bool
        return str(expr.op) in _DECIDES and not is_bool
    return isinstance(expr, promql_parser.Call) and expr.func.name in _ABSENT
