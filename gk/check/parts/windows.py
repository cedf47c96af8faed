"""The windows of an expression: how long each is, which are fixed, and which are Grafana's
variables.

`gk.promql.syntax.parse` puts five minutes in the place of any variable. Here each has a duration
of its own, which nobody writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import promql_parser

from gk.check.expressions.trees import Expr, bare
from gk.check.subjects import Expression
from gk.documents.durations import spelled

__all__ = [
    "INTERVAL",
    "NEED_TWO_SAMPLES",
    "RANGE",
    "RATE_INTERVAL",
    "VARIABLE",
    "Window",
    "has_fixed",
    "is_fixed",
    "window_text",
    "windowed",
    "windows_of",
    "with_stand_ins",
]

# Primes: nobody writes such windows.
RATE_INTERVAL = timedelta(seconds=7919)
"""Stands for `$__rate_interval`."""
INTERVAL = timedelta(seconds=7907)
"""Stands for `$__interval`."""
RANGE = timedelta(seconds=7901)
"""Stands for `$__range`."""
VARIABLE = timedelta(seconds=7883)
"""Stands for a variable of the dashboard."""

NEED_TWO_SAMPLES = frozenset({"delta", "deriv", "idelta", "increase", "irate", "rate"})
"""Functions without a result where their window has one sample."""
_SECONDS = 1000
"""Milliseconds."""
_BUILT_IN = {
    re.compile(r"(?<=[\[:])\s*\$(\{)?__rate_interval(?(1)\}|\b)"): RATE_INTERVAL,
    re.compile(r"(?<=[\[:])\s*\$(\{)?__(?:auto_)?interval(?:_\w+)?(?(1)\}|\b)"): INTERVAL,
    re.compile(r"(?<=[\[:])\s*(?:\$(\{)?__range(?(1)\}|\b)|\$__range_s\b(?=s))"): RANGE,
}
_OF_THE_DASHBOARD = re.compile(r"(?<=[\[:])\s*(?:\$\w+|\$\{[^}]*\}|\[\[\w+\]\])")
_IN_A_WINDOW = re.compile(r"[\[:]\s*(?:\$|\[\[)")
_NUMBER = re.compile(r"\[\s*\d")
_NAMES = {
    RATE_INTERVAL: "$__rate_interval",
    INTERVAL: "$__interval",
    RANGE: "$__range",
    VARIABLE: "a variable",
}


def windowed(expression: Expression) -> Expression:
    """The expression with stand-ins for variables in its windows."""
    if not _IN_A_WINDOW.search(expression.text):
        return expression
    text = with_stand_ins(expression.text)
    return Expression(expression.project, text, expression.query)


def with_stand_ins(text: str) -> str:
    """A query with stand-ins for variables in its windows."""
    for variable, duration in _BUILT_IN.items():
        text = variable.sub(f"{duration.seconds}s", text)
    return _OF_THE_DASHBOARD.sub(f"{VARIABLE.seconds}s", text)


def window_text(window: timedelta) -> str:
    """A window as it is written."""
    return _NAMES.get(window) or promql_parser.display_duration(window)


def has_fixed(text: str) -> bool:
    """Whether a query may have a fixed window: a look at its text is cheaper than a parser's."""
    return _NUMBER.search(text) is not None


def is_fixed(window: timedelta) -> bool:
    """Whether a window is written as a number."""
    return window not in _NAMES


@dataclass(frozen=True, slots=True)
class Window:
    """A range over which a function looks back, in milliseconds, and what it looks at."""

    function: str
    milliseconds: int
    series: str
    is_subquery: bool = False

    def __str__(self) -> str:
        return spelled(self.milliseconds)


def windows_of(parts: Iterable[Expr]) -> Iterator[Window]:
    """The ranges that the calls among the parts of an expression look back over."""
    for call in parts:
        if isinstance(call, promql_parser.Call):
            for argument in map(bare, call.args):
                if isinstance(argument, promql_parser.MatrixSelector):
                    name = argument.vector_selector.name or ""
                    yield Window(call.func.name, _length(argument.range), name)
                elif isinstance(argument, promql_parser.SubqueryExpr):
                    yield Window(call.func.name, _length(argument.range), "", True)


def _length(range_: object) -> int:
    seconds = getattr(range_, "total_seconds", None)
    return int(seconds() * _SECONDS) if callable(seconds) else 0
