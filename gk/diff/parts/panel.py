"""Compares two documents of a panel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Edit, Form
from gk.diff.parts.fields import (
    Json,
    as_list,
    as_mapping,
    both,
    edit_of,
    edits,
    one_edit,
    order_edit,
    paired,
    removed,
)
from gk.documents.differences import ABSENT
from gk.documents.parts import finite, without
from gk.documents.references import is_prometheus, type_of
from gk.promql.syntax import parses

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
    "element",
)
_CODES = {
    "fieldConfig.defaults.unit": Code.UNIT,
    "fieldConfig.defaults.mappings": Code.MAPPINGS,
    "fieldConfig.defaults.links": Code.DATA_LINKS,
    "options.legend.displayMode": Code.LEGEND_MODE,
    "options.legend.placement": Code.LEGEND_PLACEMENT,
    "options.legend.calcs": Code.LEGEND_VALUES,
    "options.legend.showLegend": Code.LEGEND_SHOWN,
    "options.tooltip.mode": Code.TOOLTIP,
    "maxDataPoints": Code.MOST_POINTS,
    "interval": Code.MIN_INTERVAL,
    "timeFrom": Code.RELATIVE_TIME,
    "timeShift": Code.TIME_SHIFT,
    "libraryPanel.uid": Code.LIBRARY_PANEL,
    "v2.spec.subtitle": Code.SUBTITLE,
}
_PARTLY = {
    "links": Code.LINKS,
    "fieldConfig.defaults.links": Code.LINKS,
    "fieldConfig.defaults.custom.thresholdsStyle": Code.THRESHOLDS_STYLE,
}
"""The codes of all paths that start with these."""
_BEFORE_QUERIES = (
    (Code.TITLE, "title"),
    (Code.VISUALIZATION, "type"),
    (Code.DESCRIPTION, "description"),
)
_QUERY_KEYS = ("expr", "rawSql", "rawQuery", "query", "expression", "target")
"""Where data sources keep the text of a query; the first of these that is a text counts."""


def panel_edits(old: Json, new: Json) -> Iterator[Edit]:
    """The fields in which two panels differ, except for their position."""
    for code, key in _BEFORE_QUERIES:
        yield from one_edit(code, old.get(key), new.get(key), path=key)
    if not _is_same(old.get("targets"), new.get("targets")):
        yield from _target_edits(old, new)
    yield from one_edit(Code.DATASOURCE, *both(datasource_name, old, new), path="datasource")
    key = "transformations"
    yield from one_edit(Code.TRANSFORMATIONS, old.get(key), new.get(key), path=key)
    options = both(lambda panel: without(panel, *_APART), old, new)
    if not _is_same(*options):
        yield from _option_edits(*options)


def _is_same(old: Any, new: Any) -> bool:
    """Whether JSON is the same to the letter. Most panels differ in one field, and to look at all
    the others takes most of the time. Python's own `==` would take true for 1."""
    return json.dumps(old) == json.dumps(new)


def _option_edits(old: Json, new: Json) -> Iterator[Edit]:
    left, right = both(_copied, old, new)
    steps = (_popped(left, *_STEPS), _popped(right, *_STEPS))
    yield from _threshold_edit(Code.THRESHOLDS, *steps, ".".join(_STEPS))
    yield from _override_edits(
        as_list(_popped(left, *_OVERRIDES)), as_list(_popped(right, *_OVERRIDES))
    )
    # Everything without words of its own, by path.
    for edit in edits(left, right, _CODES):
        yield replace(edit, code=_partly(edit.path)) if edit.code is Code.OTHER else edit


def _partly(path: str) -> Code:
    for start, code in _PARTLY.items():
        if path == start or path.startswith((f"{start}.", f"{start}[")):
            return code
    return Code.OTHER


_STEPS = ("fieldConfig", "defaults", "thresholds")
_OVERRIDES = ("fieldConfig", "overrides")


def _copied(options: Json) -> dict[str, Any]:
    """A deep copy that may be taken apart."""
    copy: dict[str, Any] = json.loads(json.dumps(options))
    # Add missing containers, so that a lone option differs by itself and not with its container.
    inside: Any = copy
    for key in ("fieldConfig", "defaults", "custom"):
        inside = inside.setdefault(key, {}) if isinstance(inside, dict) else None
    copy.setdefault("options", {})
    return copy


def _popped(body: dict[str, Any], *keys: str) -> Any:
    """Remove and return the value at these keys, together with objects that become empty."""
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


def _threshold_edit(code: Code, old: Any, new: Any, path: str, of: str = "") -> Iterator[Edit]:
    words = both(_thresholds, old, new)
    # If the words are equal, the difference is in details: show the values.
    if words[0] != words[1]:
        changed = one_edit(code, *words, Form.WORDS, path, of=of)
    else:
        changed = one_edit(code, old, new, Form.VALUE, path, of=of)
    yield from (replace(edit, bounds=both(_bounds, old, new)) for edit in changed)


def _thresholds(value: Any) -> str | None:
    """`green, red from 0.9`; None without thresholds."""
    if value is None:
        return None
    percent = "%" if as_mapping(value).get("mode") == "percentage" else ""
    words = []
    for step in _steps(value):
        bound, color = step.get("value"), str(step.get("color", "?"))
        words.append(color if bound is None else f"{color} from {bound}{percent}")
    return ", ".join(words) or "none"


def _bounds(value: Any) -> list[float]:
    return [bound for step in _steps(value) if (bound := finite(step.get("value"))) is not None]


def _steps(value: Any) -> list[Json]:
    return list(map(as_mapping, as_list(as_mapping(value).get("steps"))))


def _override_edits(old: list[Any], new: list[Any]) -> Iterator[Edit]:
    # A malformed override counts as one with these properties, so that its change shows.
    old, new = (
        [
            override if isinstance(override, Mapping) else {"properties": override}
            for override in side
        ]
        for side in (old, new)
    )
    pairs, gone, come = paired(old, new, _matcher)
    for before, after in pairs:
        yield from _properties_edits(before, after)
    yield from map(_override_edit, come)
    yield from map(removed, map(_override_edit, gone))
    # The order matters: of two overrides that match the same field, the later wins.
    yield from order_edit("overrides", list(map(_matched, old)), list(map(_matched, new)))


def _override_edit(override: Json) -> Edit:
    """The edit of an override that only the new side has."""
    properties, path = override.get("properties", []), ".".join(_OVERRIDES)
    return edit_of(Code.OVERRIDE, ABSENT, properties, path=path, of=_matched(override))


def _properties_edits(old: Json, new: Json) -> Iterator[Edit]:
    of, path = _matched(new), ".".join(_OVERRIDES)
    before, after = both(_properties, old, new)
    thresholds = both(lambda properties: properties.pop("thresholds", None), before, after)
    of_thresholds = list(_threshold_edit(Code.OVERRIDE_THRESHOLDS, *thresholds, path, of))
    changed = [
        *edits(before, after),
        *edits(without(old, "properties"), without(new, "properties")),
    ]
    yield from (replace(edit, option="thresholds") for edit in of_thresholds)
    for edit in changed:
        yield replace(edit, path=path, code=Code.OVERRIDE_OPTION, of=of)
    if not changed and not of_thresholds:
        sides = both(lambda override: override.get("properties"), old, new)
        # The properties are in another order, or one of them is repeated.
        for edit in one_edit(Code.OVERRIDE_OPTION, *sides, of=of):
            yield replace(edit, option="properties")


def _properties(override: Json) -> dict[str, Any]:
    return {
        str(entry.get("id", "")): entry.get("value")
        for entry in map(as_mapping, as_list(override.get("properties")))
    }


def _matcher(override: Json) -> str:
    return json.dumps(override.get("matcher"), sort_keys=True)


def _matched(override: Json) -> str:
    matcher = as_mapping(override.get("matcher"))
    options = matcher.get("options", "")
    return f"'{options}'" if isinstance(options, str) else json.dumps(options)


def datasource_name(owner: Json) -> Any:
    """The data source of a panel, a query or a variable: in words, or as it is if the reference
    is unusual."""
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
    names = [[str(target.get("refId", "")) for target in side] for side in (before, after)]
    yield from order_edit("queries", names[0], names[1])


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
    """The queries of a panel, in any language."""
    return tuple(text for target in _targets(panel) if (text := _text_of_query(target)))


def _changed_target(old: Json, new: Json, of_panel: tuple[Any, Any]) -> Iterator[Edit]:
    name = str(new.get("refId", ""))
    key = _query_key(new) or _query_key(old)
    if key:
        form = _query_form(new, key, str(old.get(key)), str(new.get(key)))
        path = f"targets[{name!r}].{key}"
        yield from one_edit(Code.QUERY, old.get(key), new.get(key), form, path, of=name)
    legends = old.get("legendFormat"), new.get("legendFormat")
    yield from one_edit(Code.LEGEND, *legends, of=name)
    sources = both(datasource_name, old, new)
    others: list[Edit] = []
    # A query usually has the data source of its panel, whose edit covers it.
    if sources != of_panel:
        others += one_edit(Code.DATASOURCE, *sources)
    apart = (key, "legendFormat", "datasource")
    others += edits(without(old, *apart), without(new, *apart), {"refId": Code.NAME})
    for edit in others:
        yield replace(edit, code=Code.QUERY_OPTION, of=name, option=edit.field)


def _query_key(target: Json) -> str:
    return next((key for key in _QUERY_KEYS if isinstance(target.get(key), str)), "")


def _query_edit(target: Json) -> Iterator[Edit]:
    """The edit of a query that only the new side has."""
    key = _query_key(target)
    form = _query_form(target, key, str(target[key])) if key else Form.VALUE
    name = str(target.get("refId", ""))
    yield edit_of(Code.QUERY, ABSENT, target[key] if key else dict(target), form, of=name)


def _query_form(target: Json, key: str, *texts: str) -> Form:
    """The language of a query: PromQL if its data source says so, or if nobody says which data
    source it is and one of its texts parses."""
    if key != "expr" or (type_of(target) and not is_prometheus(target)):
        return Form.QUERY
    return Form.PROMQL if type_of(target) or any(map(parses, texts)) else Form.QUERY


def chief_edits(panel: Json) -> Iterator[Edit]:
    """The main fields of a panel that was added: visualization, queries and unit."""
    if panel.get("type") == "row":
        return
    yield from one_edit(Code.VISUALIZATION, None, panel.get("type"))
    for target in _targets(panel):
        yield from _query_edit(target)
    defaults = as_mapping(as_mapping(panel.get("fieldConfig")).get("defaults"))
    yield from one_edit(Code.UNIT, None, defaults.get("unit"))
