"""What Grafana asks Prometheus for a query of a panel: over which times, and with which step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gk.documents.durations import milliseconds
from gk.prometheus.macros import Steps, TimeRange, steps, time_range
from gk.settings.targets import NEWEST, Version

__all__ = ["Question", "instant", "range_of_panel", "ranged", "steps_of"]


@dataclass(frozen=True, slots=True)
class Question:
    """A query as Grafana sends it: over a range with a step, or at one time if `step` is 0; in
    seconds."""

    expr: str
    start: float
    end: float
    step: float = 0.0

    @property
    def is_range(self) -> bool:
        """Whether it asks for a range, and not for one time."""
        return self.step > 0


def instant(expr: str, shown: TimeRange) -> Question:
    """A query at the end of a range."""
    return Question(expr, shown.end, shown.end)


def ranged(expr: str, shown: TimeRange, step: Steps) -> Question:
    """A query over a range."""
    seconds = step.step / 1000
    # Grafana aligns both ends to the step, so that a refresh draws the same points.
    start, end = (time - time % seconds for time in (shown.start, shown.end))
    return Question(expr, start, end, seconds)


def range_of_panel(panel: Mapping[str, Any], shown: TimeRange, now: float) -> TimeRange:
    """The range of a panel, which may have one of its own, on a dashboard that shows `shown`."""
    own = str(panel.get("timeFrom") or "")
    if own:
        start = own if own.startswith("now") else f"now-{own}"
        shown = time_range({"from": start, "to": "now"}, now)
    shift = milliseconds(str(panel.get("timeShift") or ""))
    if shift:
        shown = TimeRange(shown.start - shift / 1000, shown.end - shift / 1000)
    return shown


def steps_of(
    panel: Mapping[str, Any],
    target: Mapping[str, Any],
    shown: TimeRange,
    width: int,
    *,
    scrape_interval: int,
    interpolate: Callable[[str], str],
    version: Version = NEWEST,
) -> Steps:
    """The steps of a query of a panel that is so many pixels wide, over a range, in a version of
    Grafana.

    `scrape_interval` is its data source's, in milliseconds; `interpolate` puts variables into what
    the panel and the query say of their minimum.
    """
    points = panel.get("maxDataPoints")
    factor = target.get("intervalFactor")
    least = str(target.get("interval") or "")
    return steps(
        shown,
        points if isinstance(points, int) and points > 0 else width,
        scrape_interval=scrape_interval,
        least_of_panel=interpolate(str(panel.get("interval") or "")).lstrip(">"),
        least_of_query=least if "__" in least else interpolate(least),
        factor=factor if isinstance(factor, int) else 1,
        version=version,
    )
