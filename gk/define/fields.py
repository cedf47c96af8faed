"""Field options that panels and table columns share: thresholds, value mappings, colours, links,
overrides."""

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
"""Reduces a series to one value. The names are Grafana's reducer ids."""

Thresholds = Mapping["float | None", str]
"""The colour from each value upwards. None is the base, green by default."""

Mappings = Mapping["str | float | None", "str | tuple[str, str]"]
"""Text, or text and colour, that is shown in place of a value; None is a missing one."""


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
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """Field options for some fields: those with this name, with a name that matches this regex, of
    this type, or of this query.

    `properties` maps Grafana's ids to values: `{"unit": "bytes", "custom.axisPlacement": "right"}`.
    """
    ids = {"byName": name, "byRegexp": regex, "byType": type, "byFrameRefID": ref_id}
    given = [matcher for matcher in ids.items() if matcher[1]]
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
    """Convert value mappings to a single one of Grafana's, and one more for a missing value."""
    options = {
        _key(value): _shown(shown, index)
        for index, (value, shown) in enumerate(mappings.items())
        if value is not None
    }
    converted: list[dict[str, Any]] = [{"type": "value", "options": options}] if options else []
    if (missing := mappings.get(None)) is not None:
        special = {"match": "null", "result": _shown(missing, len(options))}
        converted.append({"type": "special", "options": special})
    return converted


def _shown(shown: str | tuple[str, str], index: int) -> dict[str, Any]:
    words, color = shown if isinstance(shown, tuple) else (shown, None)
    return {"text": words, "color": color, "index": index}


def _key(value: str | float) -> str:
    """The text that Grafana compares a value with: JavaScript's form, in which 1.0 is 1 and True is
    true."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
