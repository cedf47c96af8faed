"""Options of fields, which panels and columns of tables share: thresholds, value mappings, colours,
links, overrides."""

from __future__ import annotations

from collections.abc import Mapping
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
"""How a series is reduced to one value. The names are Grafana's reducer ids."""

Thresholds = Mapping["float | None", str]
"""Colour from each value upwards. The key None is the base, which is green where it is missing."""

Mappings = Mapping["str | float", "str | tuple[str, str]"]
"""Text, or text and colour, shown in place of a value."""


def link(title: str, url: str, *, new_tab: bool = False) -> core.DataLink:
    """A link of a panel or of its data. `url` may use Grafana's variables, `${__url_time_range}`
    among them."""
    return core.DataLink(title=title, linkUrl=url, isNewTab=new_tab)


def override(
    *,
    name: str = "",
    regex: str = "",
    type: str = "",
    ref_id: str = "",
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """Field options for some fields: those with the name, whose name matches the regex, of the
    type, of the query.

    `properties` are Grafana's ids with their values: `{"unit": "bytes", "custom.axisPlacement":
    "right"}`.
    """
    ids = {"byName": name, "byRegexp": regex, "byType": type, "byFrameRefID": ref_id}
    given = [each for each in ids.items() if each[1]]
    if len(given) != 1:
        raise TypeError("override() takes one of name, regex, type and ref_id")
    matcher, options = given[0]
    return {
        "matcher": {"id": matcher, "options": options},
        "properties": [{"id": id, "value": value} for id, value in properties.items()],
    }


def color_mode(color: str | None) -> dict[str, str] | None:
    """A colour mode (`thresholds`, `palette-classic`, `continuous-GrYlRd`) or one fixed colour."""
    if color is None:
        return None
    is_mode = color == "thresholds" or color.startswith(("palette-", "continuous-", "shades"))
    return {"mode": color} if is_mode else {"mode": "fixed", "fixedColor": color}


def threshold_steps(thresholds: Thresholds) -> list[dict[str, Any]]:
    """Thresholds as Grafana has them: the base first."""
    if not thresholds:
        return []
    given: object = thresholds
    if not isinstance(given, Mapping) or not all(
        isinstance(each, (int, float, type(None))) for each in given
    ):
        raise TypeError(
            "thresholds is a mapping of numbers to colours, such as {0.8: 'orange', 0.9: 'red'}"
        )
    bounds = sorted((value, color) for value, color in thresholds.items() if value is not None)
    base = {"color": thresholds.get(None, "green"), "value": None}
    return [base, *({"color": color, "value": value} for value, color in bounds)]


def value_mappings(mappings: Mappings) -> list[dict[str, Any]]:
    """Value mappings as Grafana has them, all in one."""
    if not mappings:
        return []
    options = {}
    for index, (value, shown) in enumerate(mappings.items()):
        words, color = shown if isinstance(shown, tuple) else (shown, None)
        options[_key(value)] = {"text": words, "color": color, "index": index}
    return [{"type": "value", "options": options}]


def _key(value: str | float) -> str:
    """The text that Grafana compares a value with: JavaScript's, in which 1.0 is 1 and True is
    true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
