"""How two documents of a panel differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gk.diff.model import Edit, Form
from gk.diff.parts.fields import (
    Json,
    as_list,
    as_mapping,
    both,
    edits,
    one_edit,
    order_edit,
    paired,
    removed,
    without,
)
from gk.documents.differences import ABSENT

__all__ = ["chief_edits", "datasource_name", "panel_edits", "query_texts"]

_APART = (
    "id",
    "title",
    "type",
    "description",
    "gridPos",
    "panels",
    "targets",
    "datasource",
    "transformations",
)
_WORDS = {
    "fieldConfig.defaults.unit": "unit",
    "fieldConfig.defaults.mappings": "value mappings",
    "fieldConfig.defaults.links": "data links",
    "options.legend.displayMode": "legend shown as",
    "options.legend.placement": "legend placed",
    "options.legend.calcs": "legend values",
    "options.legend.showLegend": "legend shown",
    "options.tooltip.mode": "tooltip",
    "maxDataPoints": "most data points",
    "interval": "min interval",
    "timeFrom": "relative time",
    "timeShift": "time shift",
    "libraryPanel.uid": "library panel",
}
_QUERY_KEYS = ("expr", "rawSql", "rawQuery", "query", "expression", "target")


def panel_edits(old: Json, new: Json) -> Iterator[Edit]:
    """The fields in which two panels differ, but for where they lie."""
    for key, field in (
        ("title", "title"),
        ("type", "visualization"),
        ("description", "description"),
    ):
        yield from one_edit(field, old.get(key), new.get(key), path=key)
    yield from _target_edits(old, new)
    yield from one_edit("data source", *both(datasource_name, old, new), path="datasource")
    yield from one_edit(
        "transformations",
        old.get("transformations"),
        new.get("transformations"),
        path="transformations",
    )
    left, right = both(_copied, old, new)
    yield from _threshold_edit(_popped(left, *_STEPS), _popped(right, *_STEPS))
    yield from _override_edits(
        as_list(_popped(left, *_OVERRIDES)), as_list(_popped(right, *_OVERRIDES))
    )
    yield from edits(left, right, _WORDS)


_STEPS = ("fieldConfig", "defaults", "thresholds")
_OVERRIDES = ("fieldConfig", "overrides")


def _copied(panel: Json) -> dict[str, Any]:
    """A copy that may be changed."""
    copy: dict[str, Any] = json.loads(json.dumps(without(panel, *_APART)))
    # What one side has no options of at all, and the other has one, is that option.
    inside: Any = copy
    for key in ("fieldConfig", "defaults", "custom"):
        inside = inside.setdefault(key, {}) if isinstance(inside, dict) else None
    copy.setdefault("options", {})
    return copy


def _popped(body: dict[str, Any], *keys: str) -> Any:
    """Take out what is at the keys; objects that are empty without it go, too."""
    *way, last = keys
    owners: list[dict[str, Any]] = [body]
    for key in way:
        inside = owners[-1].get(key)
        if not isinstance(inside, dict):
            return None
        owners.append(inside)
    value = owners[-1].pop(last, None)
    for owner, key in zip(reversed(owners[:-1]), reversed(way), strict=True):
        if not owner[key]:
            del owner[key]
    return value


def _threshold_edit(old: Any, new: Any) -> Iterator[Edit]:
    words = both(_thresholds, old, new)
    path = ".".join(_STEPS)
    if words[0] != words[1]:
        yield from one_edit("thresholds", *words, Form.WORDS, path)
    else:
        yield from one_edit("thresholds", old, new, Form.VALUE, path)


def _thresholds(value: Any) -> str | None:
    """`green, red from 0.9`; None where there are none."""
    if value is None:
        return None
    percent = "%" if as_mapping(value).get("mode") == "percentage" else ""
    words = []
    for step in map(as_mapping, as_list(as_mapping(value).get("steps"))):
        bound, color = step.get("value"), str(step.get("color", "?"))
        words.append(color if bound is None else f"{color} from {bound}{percent}")
    return ", ".join(words) or "none"


def _override_edits(old: list[Any], new: list[Any]) -> Iterator[Edit]:
    # Anything else counts as an empty override, so that its change is told.
    old, new = (
        [each if isinstance(each, Mapping) else {"properties": each} for each in side]
        for side in (old, new)
    )
    pairs, gone, come = paired(old, new, _matcher)
    for before, after in pairs:
        yield from _properties_edits(before, after)
    for each in come:
        yield Edit(
            f"override {_matched(each)}",
            ABSENT,
            each.get("properties", []),
            path=".".join(_OVERRIDES),
        )
    for each in gone:
        yield Edit(
            f"override {_matched(each)}",
            each.get("properties", []),
            ABSENT,
            path=".".join(_OVERRIDES),
        )
    # The later of two that match the same field wins.
    yield from order_edit("order of overrides", list(map(_matched, old)), list(map(_matched, new)))


def _properties_edits(old: Json, new: Json) -> Iterator[Edit]:
    name = f"override {_matched(new)}: "
    properties = both(_properties, old, new)
    found = [
        *edits(*properties, prefix=name),
        *edits(without(old, "properties"), without(new, "properties"), None, (), name),
    ]
    yield from (replace(each, path=".".join(_OVERRIDES)) for each in found)
    if not found:
        yield from one_edit(f"{name}properties", old.get("properties"), new.get("properties"))


def _properties(override: Json) -> dict[str, Any]:
    return {
        str(each.get("id", "")): each.get("value")
        for each in map(as_mapping, as_list(override.get("properties")))
    }


def _matcher(override: Json) -> str:
    return json.dumps(override.get("matcher"), sort_keys=True)


def _matched(override: Json) -> str:
    matcher = as_mapping(override.get("matcher"))
    options = matcher.get("options", "")
    return f"'{options}'" if isinstance(options, str) else json.dumps(options)


def datasource_name(owner: Json) -> Any:
    """The data source of a panel, a query or a variable, in words where its reference is the usual
    one."""
    reference = owner.get("datasource")
    if isinstance(reference, dict) and reference.keys() <= {"type", "uid"}:
        return (
            f"{reference.get('uid', '')} ({reference['type']})"
            if "type" in reference
            else reference.get("uid")
        )
    return reference


def _target_edits(old: Json, new: Json) -> Iterator[Edit]:
    of_panel = both(datasource_name, old, new)
    before, after = both(_targets, old, new)
    pairs, gone, come = paired(
        before, after, _by_name_and_query, _name_of_query, _text_of_query, _unnamed
    )
    for one, other in sorted(pairs, key=lambda pair: str(pair[1].get("refId", ""))):
        yield from _changed_target(one, other, of_panel)
    for target in come:
        yield from _query_edit(target)
    for target in gone:
        yield from map(removed, _query_edit(target))
    names = [[str(each.get("refId", "")) for each in side] for side in (before, after)]
    yield from order_edit("order of queries", names[0], names[1])


def _targets(panel: Json) -> list[Json]:
    return list(map(as_mapping, as_list(panel.get("targets"))))


def _name_of_query(target: Json) -> str | None:
    return str(target["refId"]) if "refId" in target else None


def _text_of_query(target: Json) -> str | None:
    key = _query_key(target)
    return str(target[key]) if key else None


def _unnamed(target: Json) -> str | None:
    return None if "refId" in target else ""


def _by_name_and_query(target: Json) -> tuple[str, str] | None:
    name, text = _name_of_query(target), _text_of_query(target)
    return (name, text) if name and text else None


def query_texts(panel: Json) -> tuple[str, ...]:
    """The queries of a panel, in whatever language."""
    return tuple(text for target in _targets(panel) if (text := _text_of_query(target)))


def _changed_target(old: Json, new: Json, of_panel: tuple[Any, Any]) -> Iterator[Edit]:
    name = str(new.get("refId", ""))
    key = _query_key(new) or _query_key(old)
    if key:
        form = Form.PROMQL if key == "expr" else Form.VALUE
        yield from one_edit(
            f"query {name}", old.get(key), new.get(key), form, f"targets[{name!r}].{key}"
        )
    yield from one_edit(f"legend {name}", old.get("legendFormat"), new.get("legendFormat"))
    sources = both(datasource_name, old, new)
    if sources != of_panel:
        yield from one_edit(f"query {name}: data source", *sources)
    apart = (key, "legendFormat", "datasource")
    yield from edits(
        without(old, *apart), without(new, *apart), {"refId": "name"}, (), f"query {name}: "
    )


def _query_key(target: Json) -> str:
    return next((key for key in _QUERY_KEYS if isinstance(target.get(key), str)), "")


def _query_edit(target: Json) -> Iterator[Edit]:
    """A query that is only on the new side."""
    field = f"query {target.get('refId', '')}"
    if key := _query_key(target):
        yield Edit(field, ABSENT, target[key], Form.PROMQL if key == "expr" else Form.VALUE)
    else:
        yield Edit(field, ABSENT, dict(target))


def chief_edits(panel: Json) -> Iterator[Edit]:
    """What is worth telling of a panel that is new: what it shows, and how."""
    if panel.get("type") == "row":
        return
    yield from one_edit("visualization", None, panel.get("type"))
    for target in _targets(panel):
        yield from _query_edit(target)
    defaults = as_mapping(as_mapping(panel.get("fieldConfig")).get("defaults"))
    yield from one_edit("unit", None, defaults.get("unit"))
