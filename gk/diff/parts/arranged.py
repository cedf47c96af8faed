"""Compares what a dashboard of schema v2 says of its rows, tabs and grids, and of when it shows
what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Edit, Form
from gk.diff.parts.fields import Json, as_list, as_mapping, both, edits, one_edit
from gk.documents.parts import without
from gk.documents.schema_v2 import OF_AUTOMATIC_GRIDS, OF_ROWS

__all__ = ["chief_of_item", "item_edits", "part_edits"]

_CODES = {
    "title": Code.TITLE,
    "collapse": Code.COLLAPSED,
    "hideHeader": Code.HEADER_HIDDEN,
    "fillScreen": Code.FILLS_SCREEN,
    "maxColumnCount": Code.COLUMNS,
}


def part_edits(old: Json, new: Json) -> Iterator[Edit]:
    """The fields in which two rows, tabs or grids differ, apart from their place."""
    apart = ("type", "layout", *_OF_ITEMS)
    yield from edits(*both(lambda part: {**OF_ROWS, **without(part, *apart)}, old, new), _CODES)
    yield from item_edits(_only(old, *_OF_ITEMS), _only(new, *_OF_ITEMS))
    yield from _layout_edits(*both(lambda part: as_mapping(part.get("layout")), old, new))


def item_edits(old: Json, new: Json) -> Iterator[Edit]:
    """The fields in which the places of two panels in the layout differ, apart from position and
    size."""
    for key, (code, words) in _OF_ITEMS.items():
        before, after = words(old.get(key)), words(new.get(key))
        if before and after and before != after:
            yield from one_edit(code, before, after, Form.WORDS, key)
        else:
            yield from edits(_only(old, key), _only(new, key))
    yield from edits(without(old, *_OF_ITEMS), without(new, *_OF_ITEMS))


def chief_of_item(item: Json) -> Iterator[Edit]:
    """The main fields of the place of a panel, or of a part, that was added."""
    for key, (code, words) in _OF_ITEMS.items():
        yield from one_edit(code, None, words(item[key]) if key in item else None, Form.WORDS)
    layout = as_mapping(item.get("layout"))
    if layout.get("kind") == "AutoGridLayout":
        yield from one_edit(Code.LAYOUT, None, _described(layout), Form.WORDS)


def _only(item: Json, *keys: str) -> dict[str, Any]:
    return {key: item[key] for key in keys if key in item}


# Repeats and rules


def _repeated(repeat: Any) -> str | None:
    """`for each value of $job, downwards, at most 4 in a line`; None for anything unknown."""
    if repeat is None:
        return "no"
    known = {"mode", "value", "direction", "maxPerRow"}
    if not isinstance(repeat, dict) or repeat.get("mode") != "variable" or repeat.keys() - known:
        return None
    words = [f"for each value of ${repeat.get('value')}"]
    if "direction" in repeat:
        words.append("downwards" if repeat["direction"] == "v" else str(repeat["direction"]))
    if "maxPerRow" in repeat:
        words.append(f"at most {repeat['maxPerRow']} in a line")
    return ", ".join(words)


_OPERATORS = {
    "equals": "is",
    "notEquals": "is not",
    "matches": "matches",
    "notMatches": "does not match",
}


def _visibility(group: Any) -> str | None:
    """`shown when $job is 'api' and the time range is up to 7d`; None for anything unknown."""
    if group is None:
        return "always shown"
    spec = as_mapping(as_mapping(group).get("spec"))
    rules = [_rule(as_mapping(rule)) for rule in as_list(spec.get("items"))]
    verb = {"show": "shown", "hide": "hidden"}.get(str(spec.get("visibility")))
    condition = str(spec.get("condition", "and"))
    is_known = (
        without(as_mapping(group), "spec") == {"kind": "ConditionalRenderingGroup"}
        and not spec.keys() - {"visibility", "condition", "items"}
        and condition in ("and", "or")
    )
    if not is_known or not verb or not rules or None in rules:
        return None
    return f"{verb} when {f' {condition} '.join(map(str, rules))}"


def _rule(rule: Json) -> str | None:
    spec = as_mapping(rule.get("spec"))
    match rule.get("kind"), dict(spec):
        case "ConditionalRenderingVariable", {
            "variable": str(name), "operator": str(operator), "value": str(value), **others
        } if not others and operator in _OPERATORS:  # fmt: skip
            return f"${name} {_OPERATORS[operator]} '{value}'"
        case "ConditionalRenderingData", {"value": bool(value), **others} if not others:
            return f"its queries return {'data' if value else 'no data'}"
        case "ConditionalRenderingTimeRangeSize", {"value": str(value), **others} if not others:
            return f"the time range is up to {value}"
    return None


_OF_ITEMS: dict[str, tuple[Code, Callable[[Any], str | None]]] = {
    "repeat": (Code.REPEAT, _repeated),
    "conditionalRendering": (Code.VISIBILITY, _visibility),
}


# Layouts


def _layout_edits(old: Json, new: Json) -> Iterator[Edit]:
    if old.get("kind") != new.get("kind"):
        yield from one_edit(Code.LAYOUT, *both(_described, old, new), Form.WORDS, "layout.kind")
        return
    specs = both(_spec, old, new)
    for code, *keys in _SIZES:
        before, after = (_only(spec, *keys) for spec in specs)
        sizes = _size(*map(before.get, keys)), _size(*map(after.get, keys))
        if sizes[0] != sizes[1]:
            yield from one_edit(code, *sizes, Form.WORDS, f"layout.spec.{keys[0]}")
        else:
            yield from edits(before, after)
    apart = [key for _, *keys in _SIZES for key in keys]
    yield from edits(without(specs[0], *apart), without(specs[1], *apart), _CODES)
    yield from edits(without(old, "spec"), without(new, "spec"))


_SIZES = (
    (Code.COLUMN_WIDTH, "columnWidthMode", "columnWidth"),
    (Code.ROW_HEIGHT, "rowHeightMode", "rowHeight"),
)
_KINDS = {
    "GridLayout": "grid",
    "AutoGridLayout": "automatic grid",
    "RowsLayout": "rows",
    "TabsLayout": "tabs",
}


def _spec(layout: Json) -> dict[str, Any]:
    usual = OF_AUTOMATIC_GRIDS if layout.get("kind") == "AutoGridLayout" else {}
    return {**usual, **as_mapping(layout.get("spec"))}


def _size(mode: Any, size: Any) -> str:
    """`standard`, `400 px`."""
    if size is None:
        return str(mode)
    return f"{size} px" if mode == "custom" else f"{mode}, {size} px"


def _described(layout: Json) -> str:
    """`grid`, `automatic grid: most columns 3, column width standard, row height 200 px`."""
    kind, spec = str(layout.get("kind")), _spec(layout)
    if kind != "AutoGridLayout":
        return _KINDS.get(kind, kind)
    sizes = [f"{code.value} {_size(spec.get(mode), spec.get(size))}" for code, mode, size in _SIZES]
    fills = [Code.FILLS_SCREEN.value] if spec["fillScreen"] else []
    columns = f"{Code.COLUMNS.value} {spec['maxColumnCount']}"
    return f"{_KINDS[kind]}: {', '.join([columns, *sizes, *fills])}"
