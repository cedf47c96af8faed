"""Field options that panels and table columns share: thresholds, value mappings, colours, links,
overrides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from grafanalib import core

__all__ = [
    "Calculation",
    "Mappings",
    "Thresholds",
    "color_mode",
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

None is a missing value, `(low, high)` a range with both bounds in it (None is no bound), and
`re.compile(...)` each text that a regular expression matches.
"""


def link(title: str, url: str, *, new_tab: bool = False) -> core.DataLink:
    """A link of a panel or of its data. `url` may use Grafana's variables, such as
    `${__url_time_range}`."""
    return core.DataLink(title=title, linkUrl=url, isNewTab=new_tab)


def override(
    *,
    name: str = "",
    regex: str = "",
    type: str = "",
    ref_id: str = "",
    color: str | None = None,
    unit: str | None = None,
    properties: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Field options for some fields: those with this name, with a name that matches this regex, of
    this type, or of this query.

    `color` is a colour mode or one fixed colour. `properties` maps Grafana's ids to values:
    `{"decimals": 1, "custom.axisPlacement": "right"}`.
    """
    ids = {"byName": name, "byRegexp": regex, "byType": type, "byFrameRefID": ref_id}
    given = [matcher for matcher in ids.items() if matcher[1]]
    if len(given) != 1:
        raise TypeError("override() takes one of name, regex, type and ref_id")
    own = {"color": color_mode(color), "unit": unit}
    options = {id: value for id, value in own.items() if value is not None} | dict(properties)
    matcher, matched = given[0]
    return {
        "matcher": {"id": matcher, "options": matched},
        "properties": [{"id": id, "value": value} for id, value in options.items()],
    }


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
            low, high = value
            others.append(_mapping("range", {"from": low, "to": high, "result": shown}))
        elif isinstance(value, re.Pattern):
            others.append(_mapping("regex", {"pattern": value.pattern, "result": shown}))
        else:
            values[_key(value)] = shown
    return [*([_mapping("value", values)] if values else []), *others]


def _mapping(type: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"type": type, "options": options}


def _shown(shown: str | tuple[str, str], index: int) -> dict[str, Any]:
    words, color = shown if isinstance(shown, tuple) else (shown, None)
    return {"text": words, "color": color, "index": index}


def _key(value: str | float) -> str:
    """The text that Grafana compares a value with: JavaScript's form, in which 1.0 is 1 and True is
    true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
