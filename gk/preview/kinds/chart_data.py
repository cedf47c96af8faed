"""What chart.js draws of time series, as JSON: no more digits than anybody sees."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from gk.preview.kinds.series import Axis, Series, TimeSeries, decimated
from gk.preview.links import safe

__all__ = ["data"]


def data(view: TimeSeries) -> dict[str, Any]:
    """What chart.js draws, as JSON."""
    return {
        "series": [_json(series) for series in view.series],
        "axes": [_axis_json(axis) for axis in view.axes],
        "bands": [[band.upper, band.lower] for band in view.bands],
        "marks": [
            [
                annotation.start,
                annotation.end,
                annotation.text,
                list(annotation.tags),
                annotation.color,
                annotation.name,
            ]
            for annotation in view.annotations
        ],
        "exemplars": [
            [exemplar.time, exemplar.value, list(exemplar.labels.items())]
            for exemplar in view.exemplars
        ],
        "range": [view.start, view.end],
        "zone": view.timezone,
        "tooltip": view.tooltip,
        "order": view.order,
    }


def _json(series: Series) -> dict[str, Any]:
    style = series.style
    times, values = decimated(series.times, series.values)
    anchors = safe(series.links)
    # A link that has the value has all of its digits.
    has_value = any("__value" in anchor.href for anchor in anchors)
    places = _places(values, {"decimals": _FINEST} if has_value else series.spec)
    given = {
        "name": series.name,
        "color": series.color,
        **_times(times),
        "v": [None if value is None else round(value, places) for value in values],
        "places": places,
        "draw": style.draw,
        "width": style.width,
        "opacity": style.opacity,
        "gradient": style.gradient,
        "curve": style.interpolation,
        "dash": list(style.dash),
        "points": style.points,
        "size": style.point_size,
        "bar": [style.bar_width, style.bar_max, style.bar_side] if style.draw == "bars" else [],
        "axis": series.axis,
        "stack": series.stack.group if series.stack else "",
        "percent": bool(series.stack and series.stack.in_percent),
        "hidden": not series.is_drawn,
        "silent": not series.in_tooltip,
        "joined": series.is_joined,
        "stops": [[stop.value, stop.color] for stop in series.stops],
        "smooth": series.is_smooth and bool(series.stops),
        "spec": series.spec,
        "links": [[anchor.title, anchor.href, anchor.new_tab] for anchor in anchors],
    }
    return {key: value for key, value in given.items() if value not in ("", [], False, 0)}


def _times(times: Sequence[float]) -> dict[str, list[float]]:
    """`every`: start, step and number of times at equal distances; `t`: other times."""
    whole = [int(time) if time == int(time) else time for time in times]
    if len(whole) > 3:
        step = whole[1] - whole[0]
        if all(later - earlier == step for earlier, later in pairwise(whole)):
            return {"every": [whole[0], step, len(whole)]}
    return {"t": whole}


_DIGITS = 5
"""The digits of the largest value of a series in the page: more than any text shows of it, unless
its decimals ask for more, and more than a screen has pixels."""
_FEWEST = 3
"""The digits of its smallest value."""
_MOST_DIGITS = 15
_FINEST = _MOST_DIGITS - 1
"""As many decimals as a value may have."""


def _places(values: Sequence[float | None], spec: Mapping[str, Any]) -> int:
    """How many decimals the values of a series have in the page, as many as their texts show;
    negative for multiples of ten."""
    sizes = [abs(value) for value in values if value]
    if not sizes:
        return 0
    most = max(_FEWEST - 1 - _power(min(sizes)), _DIGITS - 1 - _power(max(sizes)))
    decimals = spec.get("decimals")
    given = decimals if isinstance(decimals, int) and 0 <= decimals < _MOST_DIGITS else 0
    if spec.get("kind") in {"scaled", "count", "steps"}:
        # A unit has up to four digits before the point.
        most = max(most, given + 3 - _power(max(sizes)))
    else:
        most = max(most, given + 2 * (spec.get("factor") == 100))
    return min(most, _MOST_DIGITS - 1 - _power(max(sizes)))


def _power(value: float) -> int:
    """The power of ten of a positive number's first digit."""
    return math.floor(math.log10(value))


def _axis_json(axis: Axis) -> dict[str, Any]:
    limits = axis.limits
    given = {
        "side": axis.side,
        "label": axis.label,
        "min": limits.min,
        "max": limits.max,
        "softMin": limits.soft_min,
        "softMax": limits.soft_max,
        "centered": limits.is_centered or None,
        "whole": limits.is_whole or None,
        "base": axis.base or None,
        "threshold": axis.threshold if axis.base == 1 else None,
        "grid": axis.has_grid or None,
        "every": axis.increments or None,
        "color": axis.color,
        "size": axis.width,
        "as": sorted(axis.steps_as) or None,
        "steps": [[step.value, step.color] for step in axis.steps] if axis.steps_as else None,
        "spec": axis.spec,
    }
    return {key: value for key, value in given.items() if value is not None}
