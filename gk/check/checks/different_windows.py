"""The two sides of a ratio have different windows, so it is wrong after each change.

Problem: the errors of five minutes are divided by the requests of one. After each change of the
traffic, the ratio is wrong for as long as the longer window.

    rate(http_errors_total[5m]) / rate(http_requests_total[1m])

Instead: one window for both.

    rate(http_errors_total[5m]) / rate(http_requests_total[5m])

Not reported: the same series over two windows, which are compared on purpose, as now with last
week.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import MatrixSelector

from gk.check.expressions.counters import OF_COUNTERS
from gk.check.expressions.trees import Expr, calls, operations
from gk.check.model import Severity, check
from gk.check.parts.windows import window_text, windowed
from gk.check.subjects import Expression
from gk.promql.syntax import within

__all__ = ["different_windows"]

_WINDOW = re.compile(r"\[[^\]]*\]")


@check(Severity.WARNING)
def different_windows(expression: Expression) -> Iterator[str]:
    """Look at the rates on both sides of each `/`."""
    if "/" not in expression.text or len(set(_WINDOW.findall(expression.text))) < 2:
        return
    for division in operations(windowed(expression).nodes, {"/"}):
        above, below = _rates(division.lhs), _rates(division.rhs)
        windows = [{window.range for window in side} for side in (above, below)]
        if len(windows[0]) != 1 or len(windows[1]) != 1 or windows[0] == windows[1]:
            continue
        # One series over two windows is compared on purpose.
        if _names(above).isdisjoint(_names(below)):
            shown = [window_text(window) for (window,) in windows]
            yield f"divides a rate over {shown[0]} by one over {shown[1]}; use one window for both"


def _rates(side: Expr) -> list[MatrixSelector]:
    return [
        part
        for call in calls(within(side), OF_COUNTERS)
        for part in within(call)
        if isinstance(part, MatrixSelector)
    ]


def _names(selectors: list[MatrixSelector]) -> set[str]:
    return {selector.vector_selector.name or "" for selector in selectors}
