"""PromQL as text: quoting, white space, and what Prometheus's grammar says of an expression.

Grafana's variables are no PromQL: `parse` puts a stand-in for each before it asks the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import promql_parser

__all__ = ["RATE_INTERVAL", "enclosed", "matcher", "one_line", "parse", "selectors", "variables"]

RATE_INTERVAL = "$__rate_interval"
"""Grafana's own range for rate(): at least four scrapes of the data source.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/"""

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`')
_VARIABLE = re.compile(r"\$\{(\w+)(?:[.:][^}]*)?\}|\$(\w+)|\[\[(\w+)\]\]")
_SPACES = re.compile(r"\s+")
_REGEX_SPECIAL = re.compile(r"[.+*?()|\[\]{}^$\\]")


def matcher(label: str, value: object) -> str:
    """One matcher of a selector, quoted.

    A list matches any of its values. A value with a Grafana variable matches as a regular expression, because a
    variable may hold several values at once.
    """
    if isinstance(value, (list, tuple)):
        return f'{label}=~"{_escaped("|".join(_REGEX_SPECIAL.sub(_backslash, str(each)) for each in value))}"'
    text = str(value)
    operator = "=~" if _VARIABLE.search(text) else "="
    return f'{label}{operator}"{_escaped(text)}"'


def _backslash(match: re.Match[str]) -> str:
    return "\\" + match.group()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def one_line(expr: str) -> str:
    """`expr` with each run of white space outside quotes made one space."""
    pieces = _pieces(expr)
    return "".join(text if quoted else _SPACES.sub(" ", text) for text, quoted in pieces).strip()


def _pieces(expr: str) -> Iterator[tuple[str, bool]]:
    """The text of `expr` in order, each piece with whether it is a quoted string."""
    end = 0
    for match in _QUOTED.finditer(expr):
        yield expr[end : match.start()], False
        yield match.group(), True
        end = match.end()
    yield expr[end:], False


def variables(text: str) -> set[str]:
    """Names of the Grafana variables in `text`, in any of the forms `$name`, `${name:option}` and `[[name]]`."""
    return {next(filter(None, match.groups())) for match in _VARIABLE.finditer(text)}


@lru_cache(maxsize=4096)
def parse(expr: str) -> promql_parser.Expr | None:
    """The expression as Prometheus parses it; None where a variable stands for more than a value or a duration.

    Raises ValueError, with the parser's words, for text that is no PromQL.
    """
    text = "".join(piece if quoted else _stand_in(piece) for piece, quoted in _pieces(expr))
    if "$" in _QUOTED.sub("", text):
        return None
    return promql_parser.parse(text)


_DURATION_VARIABLE = re.compile(r"(?<=[\[:])\s*(\$\{?\w+\}?)\s*(?=[\]:])")
_OFFSET_VARIABLE = re.compile(r"(?<=\boffset )\s*(\$\{?\w+\}?)")
_NUMBER_VARIABLE = re.compile(r"\$(?:__interval_ms|__range_ms|__range_s|__from|__to)\b")


def _stand_in(text: str) -> str:
    text = _DURATION_VARIABLE.sub("5m", text)
    text = _OFFSET_VARIABLE.sub("5m", text)
    return _NUMBER_VARIABLE.sub("1", text)


@lru_cache(maxsize=4096)
def enclosed(expr: str) -> str:
    """`expr` in parentheses where it needs them to stand as an operand of another expression."""
    return f"({expr})" if isinstance(parse(expr), (promql_parser.BinaryExpr, promql_parser.UnaryExpr)) else expr


def selectors(expr: promql_parser.Expr) -> list[promql_parser.VectorSelector]:
    """Every vector selector in a parsed expression, those inside range selectors too."""
    return list(_walk(expr))


def _walk(expr: promql_parser.Expr) -> Iterator[promql_parser.VectorSelector]:
    if isinstance(expr, promql_parser.VectorSelector):
        yield expr
    elif isinstance(expr, promql_parser.MatrixSelector):
        yield expr.vector_selector
    else:
        for child in _children(expr):
            yield from _walk(child)


def _children(expr: promql_parser.Expr) -> Iterable[promql_parser.Expr]:
    if isinstance(expr, promql_parser.BinaryExpr):
        return expr.lhs, expr.rhs
    if isinstance(expr, promql_parser.Call):
        return expr.args
    if isinstance(expr, promql_parser.AggregateExpr):
        return (expr.expr, expr.param) if expr.param else (expr.expr,)
    if isinstance(expr, (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)):
        return (expr.expr,)
    return ()
