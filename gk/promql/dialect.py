"""PromQL that Prometheus parses and promql-parser (0.12) does not, in words that the parser knows.

    `a\\d`                      raw strings keep their backslashes
    1_000                      digits in groups (Prometheus 2.54)
    [5m + step()], offset (2 * 1m)   arithmetic with durations (3.4)
    anchored, smoothed         how rate() reads the edges of its range (3.7)
    </ and >/                  a histogram without a part of its observations (3.11)
    a + fill(0) b              a value for what one side lacks (3.10)
    holt_winters()             the name of double_exponential_smoothing() before 3.0

The result is for parsing only: it has the selectors, labels and functions of the expression, but
other durations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import promql_parser

__all__ = ["ANY_DURATION", "as_parsed", "literal", "quoted"]

ANY_DURATION = "5m"
"""Stands for a duration that only Prometheus can calculate."""

Parse = Callable[[str], promql_parser.Expr]


def literal(text: str) -> str:
    """A text as a string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def quoted(text: str) -> str:
    """A quoted string; a raw one as an interpreted one, because the parser reads escapes in
    both."""
    if not text.startswith("`") or not text.endswith("`") or len(text) < 2:
        return text
    return literal(text[1:-1])


_NUMBER = re.compile(r"(?<![\w:])(?:0[xX]_?[\da-fA-F]+(?:_[\da-fA-F]+)*|\d+(?:_\d+)+)")
_TRIM = re.compile(r"([<>])/")
_EDGES = re.compile(
    r"((?<![\w:])(?!(?:and|or|unless|atan2|bool)\b)[\w:]+\s|[\])}])\s*\b(?:anchored|smoothed)\b"
    r"(?!\s*[({])",
    re.IGNORECASE,
)
_FILL = re.compile(r"\bfill(?:_left|_right)?\s*\([^()]*\)", re.IGNORECASE)
_HOLT_WINTERS = re.compile(r"\bholt_winters(?=\s*\()")
_RANGE = re.compile(r"\[([^\[\]]*)\]")
_PLAIN = re.compile(r"\s*\w*\s*")
_INSIDE = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
_OFFSET = re.compile(
    rf"\b(offset\s+)[-+]?\s*((?:\b(?:step|range|min|max|min_of|max_of)\s*)?{_INSIDE})",
    re.IGNORECASE,
)


def as_parsed(text: str, parse: Parse) -> str:
    """The unquoted text of an expression in words that `parse` knows."""
    text = _NUMBER.sub(lambda match: match.group().replace("_", ""), text)
    text = _RANGE.sub(lambda match: f"[{_range(match[1], parse)}]", text)
    text = _OFFSET.sub(
        lambda match: match[1] + ANY_DURATION if _is_duration(match[2], parse) else match.group(),
        text,
    )
    text = _EDGES.sub(lambda match: match[1], text)
    text = _FILL.sub("", text)
    text = _TRIM.sub(lambda match: match[1], text)
    return _HOLT_WINTERS.sub("double_exponential_smoothing", text)


def _range(text: str, parse: Parse) -> str:
    # A subquery has a range and a step.
    return ":".join(
        part if _PLAIN.fullmatch(part) or not _is_duration(part, parse) else ANY_DURATION
        for part in text.split(":")
    )


_ARITHMETIC = re.compile(r"[\w.,()+*/%^\s-]+")
_OLDER = re.compile(r"\b(min|max)(?=\s*\()", re.IGNORECASE)
_OF_THE_QUERY = frozenset({"step", "range", "min_of", "max_of"})


def _is_duration(text: str, parse: Parse) -> bool:
    if not _ARITHMETIC.fullmatch(text):
        return False
    try:
        # min() and max() are aggregations elsewhere, and became min_of() and max_of().
        return all(map(_calculates, _parts(parse(_OLDER.sub(r"\1_of", text)))))
    except ValueError:
        return False


def _parts(expr: promql_parser.Expr) -> Iterator[promql_parser.Expr]:
    left = [expr]
    while left:
        yield (inner := left.pop())
        if isinstance(inner, promql_parser.BinaryExpr):
            left += [inner.lhs, inner.rhs]
        elif isinstance(inner, (promql_parser.ParenExpr, promql_parser.UnaryExpr)):
            left.append(inner.expr)
        elif isinstance(inner, promql_parser.Call):
            left += inner.args


def _calculates(expr: promql_parser.Expr) -> bool:
    if isinstance(expr, promql_parser.Call):
        return expr.func.name in _OF_THE_QUERY
    return isinstance(
        expr,
        (
            promql_parser.NumberLiteral,
            promql_parser.BinaryExpr,
            promql_parser.ParenExpr,
            promql_parser.UnaryExpr,
        ),
    )
