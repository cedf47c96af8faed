"""A rule looks back over fewer scrapes than a rate needs.

Problem: rate() needs two samples in its window, and one scrape may fail or be late. With fewer than
four scrapes, the result has gaps: an alert resolves and starts to wait again, and a recorded series
is incomplete.

    alert("Errors", "rate(errors_total[15s]) > 1")

Instead: look back over at least four scrapes.

    alert("Errors", "rate(errors_total[2m]) > 1")

The scrape interval is the option `scrape_interval`, or else the `timeInterval` of the project's
Prometheus data source, or else 15s, which Grafana assumes. A recorded series has a sample for
each evaluation of its group. Panels have `$__rate_interval`, which is right by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.windows import Window, windows_of
from gk.check.subjects import Project, Rule
from gk.documents.durations import milliseconds, spelled

__all__ = ["window_too_short"]

_SCRAPES = 4
_DEFAULT = 15_000
_RATES = frozenset({"rate", "increase", "delta", "deriv", "predict_linear"})


@check(Severity.WARNING, peers=("pint: promql/rate",))
def window_too_short(rule: Rule, *, scrape_interval: str = "") -> Iterator[str]:
    """Compare each window with what it looks at."""
    # A ratio of two rates has one window.
    yield from dict.fromkeys(_messages(rule, scrape_interval))


def _messages(rule: Rule, scrape_interval: str) -> Iterator[str]:
    for query in rule.queries:
        for window in windows_of(query.expression.nodes):
            if window.function in _RATES and not window.is_subquery:
                interval, kind = _interval(rule.project, window, scrape_interval)
                if 0 < window.milliseconds < _SCRAPES * interval:
                    yield (
                        f"{window.function}() looks back over {window}, less than four times the "
                        f"{kind} of {spelled(interval)}; use at least "
                        f"{spelled(_SCRAPES * interval)}"
                    )


def _interval(project: Project, window: Window, given: str) -> tuple[int, str]:
    """The time between two samples of what a window looks at, and what it is."""
    records = project.records.get(window.series, [])
    if intervals := [record.group.interval for record in records if record.group.interval]:
        return max(intervals), "evaluation interval"
    stated = milliseconds(given) or max(project.scrape_intervals, default=_DEFAULT)
    return stated, "scrape interval"
