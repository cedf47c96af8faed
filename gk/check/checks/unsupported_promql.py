"""A query needs a newer Prometheus than the project's, or a feature that is not enabled there.

Problem: a Prometheus that does not know a function refuses the whole query. Experimental functions
and syntax also need a flag, such as `--enable-feature=promql-experimental-functions`.

    sort_by_label(up, "instance")

Instead: use what this version has, or upgrade.

    sort(up)

`prometheus` is the oldest version that evaluates the queries, such as `2.53`, and `flags` are the
features that are enabled there, such as `promql-experimental-functions`. Without `prometheus`,
nothing is checked.
https://prometheus.io/docs/prometheus/latest/feature_flags/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from promql_parser import AggregateExpr, BinaryExpr, Call, SubqueryExpr, VectorSelector

from gk.check.model import Severity, check
from gk.check.subjects import Expression
from gk.promql.syntax import with_variables

__all__ = ["unsupported_promql"]


class _Since(NamedTuple):
    """The version that has it; the flag that it needs, until a version (empty: all later ones)."""

    version: str
    flag: str = ""
    without_flag: str = ""


_EXPERIMENTAL = "promql-experimental-functions"
# https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md
_FUNCTIONS = {
    "absent_over_time": _Since("2.16"),
    "clamp": _Since("2.26"),
    "sgn": _Since("2.26"),
    "last_over_time": _Since("2.26"),
    "present_over_time": _Since("2.29"),
    **dict.fromkeys(
        ("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "sin", "sinh", "tan"),
        _Since("2.31"),
    ),
    **dict.fromkeys(("tanh", "deg", "rad", "pi"), _Since("2.31")),
    **dict.fromkeys(("histogram_count", "histogram_sum", "histogram_fraction"), _Since("2.40")),
    **dict.fromkeys(("histogram_stddev", "histogram_stdvar"), _Since("2.47")),
    "histogram_avg": _Since("2.51"),
    **dict.fromkeys(
        ("mad_over_time", "sort_by_label", "sort_by_label_desc"), _Since("2.49", _EXPERIMENTAL)
    ),
    "info": _Since("2.55", _EXPERIMENTAL),
    "double_exponential_smoothing": _Since("3.0", _EXPERIMENTAL),
    **dict.fromkeys(
        ("ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time"),
        _Since("3.5", _EXPERIMENTAL),
    ),
    **dict.fromkeys(("first_over_time", "ts_of_first_over_time"), _Since("3.7", _EXPERIMENTAL)),
    "histogram_quantiles": _Since("3.11", _EXPERIMENTAL),
}
_AGGREGATIONS = {
    "group": _Since("2.20"),
    "limitk": _Since("2.54", _EXPERIMENTAL),
    "limit_ratio": _Since("2.54", _EXPERIMENTAL),
}
# What the parser does not tell apart, or does not know (gk.promql.dialect).
_SYNTAX = {
    re.compile(r"[\])}\w]\s+(?:anchored|smoothed)\b"): (
        "anchored and smoothed",
        _Since("3.7", "promql-extended-range-selectors", "3.16"),
    ),
    re.compile(r"\bfill(?:_left|_right)?\s*\("): (
        "fill()",
        _Since("3.10", "promql-binop-fill-modifiers"),
    ),
    re.compile(r"\[[^\]]*[-+*/%^(][^\]]*\]"): (
        "arithmetic with durations",
        _Since("3.4", "promql-duration-expr"),
    ),
    re.compile(r"\{\s*\x00"): ("a quoted name", _Since("3.0")),
}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)*\'|#[^\n]*')
_RENAMED = re.compile(r"\bholt_winters\s*\(")


@check(Severity.ERROR, peers=("pint: promql/features",))
def unsupported_promql(
    expression: Expression, *, prometheus: str = "", flags: tuple[str, ...] = ()
) -> Iterator[str]:
    """Look up each function and each piece of syntax."""
    own = _version(prometheus)
    if not own or expression.tree is None:
        return
    for name, since in dict(_needed(expression)).items():
        if own < _version(since.version):
            yield f"{name} needs Prometheus {since.version}, and gk.yaml says {prometheus}"
        elif since.flag and since.flag not in flags and not _is_stable(since, own):
            yield f"{name} needs --enable-feature={since.flag}; add it to flags if it is set"
    if own >= (3, 0) and _RENAMED.search(expression.text):
        yield "holt_winters() is double_exponential_smoothing() since Prometheus 3.0; rename it"


def _is_stable(since: _Since, version: tuple[int, ...]) -> bool:
    return bool(since.without_flag) and version >= _version(since.without_flag)


def _version(text: str) -> tuple[int, ...]:
    match = re.match(r"v?(\d{1,4})\.(\d{1,4})", text)
    return (int(match[1]), int(match[2])) if match else ()


def _needed(expression: Expression) -> Iterator[tuple[str, _Since]]:
    for part in expression.nodes:
        if isinstance(part, Call) and part.func.name in _FUNCTIONS:
            # gk.promql.dialect has the parser read holt_winters() under its new name.
            is_renamed = part.func.name == "double_exponential_smoothing" and _RENAMED.search(
                expression.text
            )
            if not is_renamed:
                yield f"{part.func.name}()", _FUNCTIONS[part.func.name]
        elif isinstance(part, AggregateExpr) and str(part.op) in _AGGREGATIONS:
            yield f"{part.op}()", _AGGREGATIONS[str(part.op)]
        elif isinstance(part, BinaryExpr) and str(part.op) == "atan2":
            yield "atan2", _Since("2.31")
        elif isinstance(part, (VectorSelector, SubqueryExpr)):
            yield from _of_times(part)
    text = with_variables(_QUOTED.sub("\x00", expression.text), lambda name, format: "x")
    for pattern, (name, since) in _SYNTAX.items():
        if pattern.search(text):
            yield name, since


def _of_times(part: VectorSelector | SubqueryExpr) -> Iterator[tuple[str, _Since]]:
    if part.at is not None:
        yield "@", _Since("2.25", "promql-at-modifier", "2.33")
    if part.offset is not None and part.offset.total_seconds() < 0:
        yield "a negative offset", _Since("2.26", "promql-negative-offset", "2.33")
