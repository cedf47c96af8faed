"""Field options that panels and table columns share: thresholds, value mappings, colours, links,
overrides."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from grafanalib import core

from gk.define.arguments import checked

__all__ = [
    "Calculation",
    "Mappings",
    "Thresholds",
    "color_mode",
    "is_range",
    "link",
    "override",
    "threshold_steps",
    "value_mappings",
]

Calculation = Literal[
    "lastNotNull",
    "last",
    "firstNotNull",
    "first",
    "min",
    "max",
    "mean",
    "sum",
    "count",
    "range",
    "delta",
    "diff",
]
"""Reduces a series to one value. The names are Grafana's reducer ids."""

Thresholds = Mapping[float | None, str]
"""The colour from each value upwards. None is the base, green by default."""

Mappings = Mapping[
    str | float | tuple[float | None, float | None] | re.Pattern[str] | None,
    str | tuple[str, str],
]
"""Text, or text and colour, that is shown in place of a value.

None is a missing value, `(low, high)` a range with both bounds in it (None leaves a side open), and
`re.compile(...)` each text that a regular expression matches as a whole.
"""


def link(title: str, url: str, *, new_tab: bool = False) -> core.DataLink:
    """A link of a panel or of its data. `url` may use Grafana's variables, such as
    `${__url_time_range}`."""
    return core.DataLink(title=title, linkUrl=url, isNewTab=new_tab)


_PARTS = ("legend", "tooltip", "viz")


@checked
def override(
    *,
    name: str = "",
    regex: str = "",
    type: str = "",
    ref_id: str = "",
    all_except: Sequence[str] = (),
    color: str | None = None,
    unit: str | None = None,
    decimals: int | None = None,
    min: float | None = None,
    max: float | None = None,
    display_name: str = "",
    draw: Literal["line", "bars", "points"] | None = None,
    fill: int | None = None,
    line_width: int | None = None,
    dash: Sequence[int] = (),
    points: Literal["auto", "always", "never"] | None = None,
    point_size: int | None = None,
    stack: Literal["none", "normal", "percent"] | None = None,
    negative_y: bool = False,
    axis_placement: Literal["auto", "left", "right", "hidden"] | None = None,
    hide_from: Sequence[Literal["legend", "tooltip", "viz"]] = (),
    width: int | None = None,
    align: Literal["auto", "left", "center", "right"] | None = None,
    properties: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Field options for some fields: those with this name, with a name that matches this regex, of
    this type, of this query, or with none of these names.

    `color` is a colour mode or one fixed colour. `dash` are the lengths of dashes and gaps, in
    pixels. `negative_y` draws values below zero. `hide_from` are the parts of the panel that leave
    the fields out; "viz" is the picture. `width` (in pixels) and `align` are of the column of a
    table. The others are as those of a panel. `properties` maps Grafana's ids to values, for
    options without an argument: `{"custom.axisLabel": "Errors"}`.
    """
    ids: dict[str, Any] = {
        "byName": name,
        "byRegexp": regex,
        "byType": type,
        "byFrameRefID": ref_id,
        "byNames": _others(all_except) if all_except else None,
    }
    given = [matcher for matcher in ids.items() if matcher[1]]
    if len(given) != 1:
        raise TypeError("override() takes one of name, regex, type, ref_id and all_except")
    own = {
        "color": color_mode(color),
        "unit": unit,
        "decimals": decimals,
        "min": min,
        "max": max,
        "displayName": display_name or None,
        "custom.drawStyle": draw,
        "custom.fillOpacity": fill,
        "custom.lineWidth": line_width,
        "custom.lineStyle": {"fill": "dash", "dash": list(dash)} if dash else None,
        "custom.showPoints": points,
        "custom.pointSize": point_size,
        "custom.stacking": _stacking(stack) if stack else None,
        "custom.transform": "negative-Y" if negative_y else None,
        "custom.axisPlacement": axis_placement,
        "custom.hideFrom": {part: part in hide_from for part in _PARTS} if hide_from else None,
        "custom.width": width,
        "custom.align": align,
    }
    options = {id: value for id, value in own.items() if value is not None} | dict(properties)
    matcher, matched = given[0]
    return {
        # With it, a click on a legend changes this override, and makes no other.
        **({"__systemRef": "hideSeriesFrom"} if all_except else {}),
        "matcher": {"id": matcher, "options": matched},
        "properties": [{"id": id, "value": value} for id, value in options.items()],
    }


def _others(names: Sequence[str]) -> dict[str, Any]:
    """All fields but these, as Grafana writes it for the series that somebody chose in a legend."""
    return {"mode": "exclude", "names": list(names), "prefix": "All except:", "readOnly": True}


def _stacking(mode: str) -> dict[str, str]:
    return {"mode": mode} if mode == "none" else {"mode": mode, "group": "A"}


def color_mode(color: str | None) -> dict[str, str] | None:
    """A colour mode (`thresholds`, `palette-classic`, `continuous-GrYlRd`) or one fixed colour."""
    if color is None:
        return None
    # By prefix, because Grafana has many palettes.
    is_mode = color == "thresholds" or color.startswith(("palette-", "continuous-", "shades"))
    return {"mode": color} if is_mode else {"mode": "fixed", "fixedColor": color}


def threshold_steps(thresholds: Thresholds) -> list[dict[str, Any]]:
    """Convert thresholds to Grafana's steps, the base first."""
    if not thresholds:
        return []
    given: object = thresholds
    if not isinstance(given, Mapping) or not all(
        isinstance(value, (int, float, type(None))) for value in given
    ):
        raise TypeError(
            "thresholds is a mapping of numbers to colours, such as {0.8: 'orange', 0.9: 'red'}"
        )
    # Grafana's steps ascend; the base, whose value is null, comes first.
    bounds = sorted((value, color) for value, color in thresholds.items() if value is not None)
    base = {"color": thresholds.get(None, "green"), "value": None}
    return [base, *({"color": color, "value": value} for value, color in bounds)]


def value_mappings(mappings: Mappings) -> list[dict[str, Any]]:
    """Convert value mappings to Grafana's: one for all single values, and one for each range,
    regular expression and missing value."""
    values: dict[str, Any] = {}
    others: list[dict[str, Any]] = []
    for index, (value, words) in enumerate(mappings.items()):
        shown = _shown(words, index)
        if value is None:
            others.append(_mapping("special", {"match": "null", "result": shown}))
        elif isinstance(value, tuple):
            others.append(_mapping("range", {**_bounds(value), "result": shown}))
        elif isinstance(value, re.Pattern):
            others.append(_mapping("regex", {"pattern": _pattern(value), "result": shown}))
        else:
            values[_key(value)] = shown
    return [*([_mapping("value", values)] if values else []), *others]


def _mapping(type: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"type": type, "options": options}


def is_range(given: tuple[Any, ...]) -> bool:
    """Whether a tuple is `(low, high)`, of which one may be None."""
    bounds = [bound for bound in given if bound is not None]
    if not all(isinstance(bound, (int, float)) and math.isfinite(bound) for bound in bounds):
        return False
    return len(given) == 2 and bool(bounds) and bounds == sorted(bounds)


def _bounds(given: tuple[Any, ...]) -> dict[str, Any]:
    if not is_range(given):
        raise ValueError(
            f"mappings: {given} is not a range; write (low, high), with None for no bound"
        )
    return {"from": given[0], "to": given[1]}


def _pattern(given: re.Pattern[str]) -> str:
    pattern: object = given.pattern
    if not isinstance(pattern, str) or given.flags & ~re.UNICODE:
        raise ValueError(
            "mappings: Grafana reads the text of a regular expression alone; write its flags in "
            "it, re.compile('/err.*/i')"
        )
    return pattern


def _shown(shown: str | tuple[str, str], index: int) -> dict[str, Any]:
    given: tuple[object, ...] = shown if isinstance(shown, tuple) else (shown, "")
    if len(given) != 2 or not all(isinstance(bound, str) for bound in given):
        raise TypeError(f"mappings: {shown!r} is neither a text nor (text, colour)")
    words, color = given
    return {"text": words, "color": color or None, "index": index}


def _key(value: str | float) -> str:
    """The text that Grafana compares a value with: JavaScript's form, in which 1.0 is 1 and True is
    true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
