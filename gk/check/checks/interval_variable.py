"""A rate over `$__interval` has gaps: the window may have fewer than two samples.

Problem: `$__interval` is the time between two points of the graph. Zoomed in, it is shorter than
two scrapes, and rate() of a single sample returns nothing.

    rate(http_requests_total[$__interval])

Instead: `$__rate_interval` is at least four scrapes long (Grafana 7.2 and later).

    rate(http_requests_total[$__rate_interval])

Bars that each show the increase over their own time need `$__interval`, and a `Min step` of the
query that is at least two scrapes long. `--fix` changes the windows of rate(), irate() and deriv()
only: these are per second, whatever the window.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from promql_parser import MatrixSelector

from gk.check.expressions.trees import Expr, calls
from gk.check.model import Severity, check
from gk.check.parts.windows import INTERVAL, NEED_TWO_SAMPLES, windowed, with_stand_ins
from gk.check.subjects import Query
from gk.documents.parts import dicts, every_panel
from gk.documents.queries import asks_prometheus
from gk.documents.shapes import Json
from gk.promql.syntax import parsed, within

__all__ = ["interval_variable"]

_INTERVAL = re.compile(r"\[\s*\$(?:__interval|\{__interval\})\s*\]")


# A longer window changes the values of the others.
_PER_SECOND = frozenset({"deriv", "irate", "rate"})


def _fix(body: Json) -> Iterator[str]:
    for panel in every_panel(body):
        for target in dicts(panel, "targets"):
            text = target.get("expr")
            if (
                isinstance(text, str)
                and asks_prometheus({**panel, **target})
                and not _has_least_step(panel, target)
                and _is_for_rates_only(text)
            ):
                target["expr"] = _INTERVAL.sub("[$__rate_interval]", text)
                yield f"panel '{panel.get('title', '')}': $__interval is now $__rate_interval"


def _is_for_rates_only(text: str) -> bool:
    """Whether each window that is `$__interval` is that of a function which needs two samples."""
    if not _INTERVAL.search(text):
        return False
    tree = parsed(with_stand_ins(text))
    parts = [*within(tree)] if tree else []
    windows = [
        part for part in parts if isinstance(part, MatrixSelector) and part.range == INTERVAL
    ]
    functions = _over_interval(parts)
    return bool(functions) and len(windows) == len(functions) and {*functions} <= _PER_SECOND


@check(Severity.WARNING, peers=("dashboard-linter: target-rate-interval-rule",), fix=_fix)
def interval_variable(query: Query) -> Iterator[str]:
    """Look at the windows of the functions that need two samples."""
    if query.panel is None or not _INTERVAL.search(query.promql.expr):
        return
    if _has_least_step(query.panel.body, query.target):
        return
    for name in sorted(set(_over_interval(windowed(query.expression).nodes))):
        instead = "use $__rate_interval" if name in _PER_SECOND else "set the query's Min step"
        yield f"{name}() over $__interval has gaps if that is shorter than two scrapes; {instead}"


def _over_interval(parts: Iterable[Expr]) -> list[str]:
    """The functions that need two samples, for each window that is `$__interval`."""
    return [
        call.func.name
        for call in calls(parts, NEED_TWO_SAMPLES)
        if isinstance(call.args[0], MatrixSelector) and call.args[0].range == INTERVAL
    ]


def _has_least_step(panel: Json, target: Json) -> bool:
    # Both are the Min step of Grafana's editor, below which $__interval does not fall.
    return bool(panel.get("interval") or target.get("interval"))
