"""Field options as definitions write them: thresholds, value mappings, colours, overrides, links.

Each function returns None for what these forms cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from inspect import signature
from typing import Any

import gk
from gk.decompile.leaves import leaves_of
from gk.decompile.probes import of_override
from gk.decompile.python import Call, Code, Name
from gk.define.fields import is_range
from gk.documents.parts import is_number, override_properties, path
from gk.documents.shapes import Json
from gk.documents.units import unit_mistake
from gk.promql.syntax import variables

__all__ = ["color", "links", "mappings", "overrides", "thresholds", "unit", "with_suffixes"]

_MATCHERS = {"byName": "name", "byRegexp": "regex", "byType": "type", "byFrameRefID": "ref_id"}
_BASE = "green"
_MOST_DIGITS = 15
"""Digits of a number that JavaScript reads exactly."""
"""The colour of the base that gk adds where a definition names none."""


def thresholds(given: Json) -> dict[str, Code] | None:
    """The arguments for thresholds: the colours by bound, and their mode if it is not absolute."""
    steps, mode = given.get("steps"), given.get("mode", "absolute")
    if given.keys() - {"steps", "mode"} or not isinstance(steps, list) or not steps:
        return None
    if any(not isinstance(step, dict) or step.keys() != {"color", "value"} for step in steps):
        return None
    bounds = [step["value"] for step in steps]
    # Grafana's first step is the base: it has no bound.
    if bounds[0] is not None or not all(is_number(bound) for bound in bounds[1:]):
        return None
    # A dictionary has each bound once, and gk sorts them.
    if sorted(set(bounds[1:])) != bounds[1:]:
        return None
    colors = {step["value"]: step["color"] for step in steps}
    if len(colors) > 1 and colors[None] == _BASE:
        del colors[None]
    mode_argument: dict[str, Code] = {} if mode == "absolute" else {"thresholds_mode": mode}
    return {"thresholds": colors, **mode_argument}


def mappings(given: Sequence[Json]) -> Code | None:
    """The argument for value mappings, if each has a text, and they are in gk's order."""
    pairs: list[tuple[Any, Any]] = []
    for mapping in given:
        own = _pairs(mapping)
        if own is None or (mapping.get("type") == "value" and pairs):
            return None
        pairs += own
    pairs.sort(key=lambda pair: _index(pair[1]))
    shown = [(key, _shown(result, index)) for index, (key, result) in enumerate(pairs)]
    keys = {repr(key) for key, _ in shown}
    if any(text is None for _, text in shown) or len(keys) < len(shown):
        return None
    return dict(shown)


def _pairs(mapping: Json) -> list[tuple[Any, Any]] | None:
    """The keys of a mapping, with their results."""
    kind, options = mapping.get("type"), mapping.get("options")
    if mapping.keys() != {"type", "options"} or not isinstance(options, dict):
        return None
    result = options.get("result")
    if kind == "value":
        # The keys of JSON are texts, whatever the values are that they stand for.
        return [(_key(key), own) for key, own in options.items()]
    if kind == "range" and options.keys() <= {"from", "to", "result"}:
        bounds = (options.get("from"), options.get("to"))
        return [(bounds, result)] if is_range(bounds) else None
    if (
        kind == "regex"
        and options.keys() == {"pattern", "result"}
        and _is_regex(options["pattern"])
    ):
        return [(Call(Name("re.compile", "re"), (options["pattern"],)), result)]
    if kind == "special" and options.keys() == {"match", "result"} and options["match"] == "null":
        return [(None, result)]
    return None


def _key(key: str) -> int | str:
    # Python reads no number of thousands of digits (3.11).
    is_short = key.isdecimal() and len(key) <= _MOST_DIGITS
    return int(key) if is_short and str(int(key)) == key else key


def _is_regex(pattern: object) -> bool:
    """Whether a regular expression of JavaScript is one of Python, too: the definition compiles
    it."""
    try:
        re.compile(str(pattern))
    except re.error:
        return False
    return True


def _index(result: Any) -> int:
    index = result.get("index") if isinstance(result, dict) else 0
    return index if isinstance(index, int) else 0


def _shown(result: Any, index: int) -> Code | None:
    """A text, or a text and its colour."""
    if not isinstance(result, dict) or result.keys() - {"text", "color", "index"}:
        return None
    if result.get("index", index) != index or not isinstance(result.get("text"), str):
        return None
    return (result["text"], result["color"]) if "color" in result else result["text"]


def unit(given: str) -> str:
    """The argument for a unit: free text, which Grafana shows after the value, as such."""
    return f"suffix:{given}" if unit_mistake(given) and not variables(given) else given


def with_suffixes(panel: Json) -> Json:
    """A copy of a panel in JSON whose units of free text say that they are."""
    copied: Json = deepcopy(panel)
    for owner in (path(copied, "fieldConfig", "defaults"), path(copied, "options", "yAxis")):
        if isinstance(owner.get("unit"), str):
            owner["unit"] = unit(owner["unit"])
    for option in override_properties(copied, "unit"):
        if isinstance(option.get("value"), str):
            option["value"] = unit(option["value"])
    return copied


def color(given: Json) -> str | None:
    """The argument for a colour mode."""
    if given.keys() == {"mode"} and given["mode"] != "fixed":
        mode = str(given["mode"])
        is_mode = mode == "thresholds" or mode.startswith(("palette-", "continuous-", "shades"))
        return mode if is_mode else None
    if given.keys() == {"mode", "fixedColor"} and given["mode"] == "fixed":
        return str(given["fixedColor"])
    return None


def overrides(given: Sequence[Json]) -> Code | None:
    """The argument for overrides: calls of override(), or their JSON."""
    return [_override(override) for override in given]


def _override(given: Json) -> Code:
    matcher, properties = _matcher(given), given.get("properties", [])
    ids = [option.get("id") for option in properties if option.keys() == {"id", "value"}]
    if matcher is None or len(set(ids)) < len(properties):
        return with_suffixes({"fieldConfig": {"overrides": [given]}})["fieldConfig"]["overrides"][0]  # type: ignore[no-any-return]
    by_id: dict[str, Any] = {option["id"]: option["value"] for option in properties}
    named = dict(matcher)
    if isinstance(value := by_id.get("color"), dict) and (mode := color(value)):
        named["color"] = mode
        del by_id["color"]
    if isinstance(text := by_id.get("unit"), str):
        named["unit"] = unit(text)
        del by_id["unit"]
    hidden = by_id.get("custom.hideFrom")
    if isinstance(hidden, dict) and (parts := _parts(hidden)):
        named["hide_from"] = parts
        del by_id["custom.hideFrom"]
    for id, value in [*by_id.items()]:
        read = of_override().read(leaves_of({id: value}))
        if read.arguments and not read.rest and not read.surplus:
            named |= read.arguments
            del by_id[id]
    if by_id:
        named["properties"] = by_id
    in_order = {name: named[name] for name in signature(gk.override).parameters if name in named}
    return Call(Name("override", "gk"), (), in_order)


def _matcher(given: Json) -> dict[str, Code] | None:
    """The argument that says for which fields an override is."""
    matcher = given.get("matcher", {})
    options = matcher.get("options")
    if given.keys() | matcher.keys() > {"id", "matcher", "options", "properties", "__systemRef"}:
        return None
    # Grafana writes this when somebody clicks on a series in a legend: it hides all others.
    if "__systemRef" in given:
        names = options.get("names") if isinstance(options, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return None
        named: dict[str, Code] = {"all_except": tuple(names)}
        made = gk.override(all_except=names) if names else {}
        return named if {**given, "properties": []} == made else None
    name = _MATCHERS.get(str(matcher.get("id")))
    return {name: options} if name and isinstance(options, str) and options else None


def _parts(hidden: Json) -> tuple[str, ...]:
    """The parts of a panel from which a field is hidden."""
    is_plain = hidden.keys() == {"legend", "tooltip", "viz"} and all(
        isinstance(value, bool) for value in hidden.values()
    )
    return tuple(part for part in ("legend", "tooltip", "viz") if is_plain and hidden[part])


def links(given: Sequence[Json]) -> Code | None:
    """The argument for links, if each has a title and a URL only."""
    called = [_link(link) for link in given]
    return called if all(called) else None


def _link(given: Mapping[str, Any]) -> Code | None:
    if given.keys() - {"title", "url", "targetBlank"} or not isinstance(given.get("url"), str):
        return None
    named: dict[str, Code] = {"new_tab": True} if given.get("targetBlank") is True else {}
    return Call(Name("link", "gk"), (str(given.get("title", "")), given["url"]), named)
