"""Compares two documents of a dashboard: settings, panels, rows, variables, annotations, links."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.diff.parts.arranged import part_edits
from gk.diff.parts.beyond import CLASSIC, ONLY_IN_V2, WITH
from gk.diff.parts.fields import (
    Json,
    Named,
    as_list,
    as_mapping,
    both,
    edits,
    one_edit,
    order_edit,
)
from gk.diff.parts.layout import Panels
from gk.diff.parts.panel import datasource_name
from gk.diff.parts.placed import outermost
from gk.documents.dashboards import is_classic
from gk.documents.parts import without

__all__ = ["dashboard_parts"]


def dashboard_parts(old: Json, new: Json) -> list[Part]:
    """The parts of a dashboard that differ, its own settings first. An empty document stands for no
    dashboard."""
    # Other schemas have no list of panels that gk knows: compare by path.
    if not (is_classic(old) and is_classic(new)):
        own = list(edits(old, new, {"title": Code.TITLE}))
        return [Part("", "", Mark.CHANGED, tuple(own))] if own else []
    panels = Panels.of(old, new)
    own = [
        *_own_edits(old, new),
        *part_edits(*both(outermost, old, new)),
        *panels.made_room(),
    ]
    return [
        *([Part("", "", Mark.CHANGED, tuple(own))] if own else []),
        *panels.parts(),
        *_VARIABLES.parts(*_with_homes(panels, *both(_variables, old, new))),
        *_ANNOTATIONS.parts(*both(_annotations, old, new)),
        *_LINKS.parts(*both(_links, old, new)),
    ]


# The dashboard itself

_OWN = ((Code.TITLE, "title"), (Code.DESCRIPTION, "description"), (Code.TAGS, "tags"))
_APART = (
    ONLY_IN_V2,
    "panels",
    "layout",
    "templating",
    "annotations",
    "links",
    "time",
    "tags",
    "title",
    "description",
)
_OWN_CODES = {
    "refresh": Code.REFRESH,
    "timezone": Code.TIME_ZONE,
    "weekStart": Code.WEEK_START,
    "graphTooltip": Code.CROSSHAIR,
    "fiscalYearStartMonth": Code.YEAR_START,
    "liveNow": Code.LIVE_NOW,
}


def _own_edits(old: Json, new: Json) -> Iterator[Edit]:
    yield from one_edit(Code.SCHEMA, *both(_schema, old, new), Form.WORDS)
    for code, key in _OWN:
        yield from one_edit(code, old.get(key), new.get(key), path=key)
    ranges = both(_range, old, new)
    yield from one_edit(Code.TIME_RANGE, *ranges, Form.WORDS, "time")
    # `time` may have fields besides `from` and `to`.
    if ranges[0] == ranges[1]:
        yield from edits(as_mapping(old.get("time")), as_mapping(new.get("time")), prefix="time ")
    yield from edits(without(old, *_APART), without(new, *_APART), _OWN_CODES)
    for key in ("templating", "annotations"):
        others = [without(as_mapping(side.get(key)), "list") for side in (old, new)]
        yield from edits(others[0], others[1], prefix=f"{key}.")
    for kind, listed, key in _ORDERED:
        names = [[str(item.get(key, "")) for item in listed(side)] for side in (old, new)]
        yield from order_edit(kind, *names)


def _schema(body: Json) -> str:
    """What a dashboard of schema v2 has that the classic one on the other side cannot have."""
    beyond = as_list(body.get(ONLY_IN_V2))
    return f"{WITH} {', '.join(beyond)}" if beyond else CLASSIC


def _range(body: Json) -> str | None:
    time = as_mapping(body.get("time"))
    return f"{time.get('from', '')} to {time.get('to', '')}" if time else None


def _listed(key: str, body: Json) -> list[Json]:
    return as_list(as_mapping(body.get(key)).get("list"))


def _links(body: Json) -> list[Json]:
    return as_list(body.get("links"))


_variables, _annotations = partial(_listed, "templating"), partial(_listed, "annotations")
_ORDERED: Sequence[tuple[str, Callable[[Json], list[Json]], str]] = (
    ("variables", _variables, "name"),
    ("annotations", _annotations, "name"),
    ("links", _links, "title"),
)


# Variables, annotations, links


def _with_homes(panels: Panels, *sides: Sequence[Json]) -> Iterator[list[Json]]:
    """The variables of both sides, each with the name of its row or tab in place of its path."""
    for listed, names in zip(sides, panels.homes(), strict=True):
        yield [
            {**variable, "part": names[variable["part"]]} if "part" in variable else variable
            for variable in listed
        ]


def _variable_text(variable: Json) -> Any:
    query = variable.get("query")
    return (
        query.get("query")
        if isinstance(query, Mapping) and isinstance(query.get("query"), str)
        else query
    )


def _form(variable: Json) -> Form:
    is_promql = variable.get("type") == "query" and isinstance(_variable_text(variable), str)
    return Form.PROMQL if is_promql else Form.VALUE


def _chief_of_variable(variable: Json) -> Iterator[Edit]:
    yield from one_edit(Code.TYPE, None, variable.get("type"))
    yield from one_edit(Code.QUERY, None, _variable_text(variable) or None, _form(variable))
    yield from one_edit(Code.PART_OF, None, variable.get("part"), Form.WORDS)


_VARIABLE_CODES = {
    "allValue": Code.ALL_VALUE,
    "includeAll": Code.INCLUDE_ALL,
    "multi": Code.MULTI,
}


def _variable_edits(old: Json, new: Json) -> Iterator[Edit]:
    # A text of another kind cannot be aligned with PromQL.
    form = Form.PROMQL if _form(old) is _form(new) is Form.PROMQL else Form.VALUE
    yield from one_edit(Code.QUERY, *both(_variable_text, old, new), form, "query")
    yield from one_edit(Code.DATASOURCE, *both(datasource_name, old, new), path="datasource")
    yield from one_edit(Code.PART_OF, *both(_part_of, old, new), Form.WORDS)
    values = both(_default, old, new)
    yield from one_edit(Code.DEFAULT_VALUE, *values, path="current.value")
    left, right = both(_rest_of_variable, old, new)
    if values[0] != values[1]:
        # The text of `current` repeats its value.
        left.pop("current", None)
        right.pop("current", None)
    yield from edits(left, right, _VARIABLE_CODES)


def _part_of(variable: Json) -> str:
    return str(variable.get("part", "the dashboard"))


def _default(variable: Json) -> Any:
    return as_mapping(variable.get("current")).get("value")


def _rest_of_variable(variable: Json) -> dict[str, Any]:
    rest = without(variable, "name", "query", "datasource", "part")
    query, current = variable.get("query"), variable.get("current")
    if (
        isinstance(query, Mapping)
        and isinstance(query.get("query"), str)
        and (others := without(query, "query"))
    ):
        rest["query"] = others
    if isinstance(current, Mapping):
        rest["current"] = without(current, "value")
    return {key: value for key, value in rest.items() if value != {}}


def _all_but(*keys: str) -> Callable[[Json], str]:
    return lambda value: json.dumps(without(value, *keys), sort_keys=True)


def _named(key: str) -> Callable[[Json], str]:
    return lambda value: str(value.get(key, ""))


_VARIABLES = Named(
    "variable",
    _named("name"),
    _chief_of_variable,
    _variable_edits,
    (_all_but("name", "label", "current", "options"),),
)

_NOTE_CODES = {
    "expr": Code.QUERY,
    "titleFormat": Code.TITLE,
    "textFormat": Code.TEXT,
    "tagKeys": Code.TAGS,
    "tags": Code.TAGS,
    "iconColor": Code.COLOR,
}


def _chief_of_note(note: Json) -> Iterator[Edit]:
    yield from one_edit(Code.QUERY, None, note.get("expr"), Form.PROMQL)
    yield from one_edit(Code.URL, None, note.get("url"))
    yield from one_edit(Code.TYPE, None, note.get("type"))


def _note_edits(key: str, old: Json, new: Json) -> Iterator[Edit]:
    yield from edits(without(old, key), without(new, key), _NOTE_CODES, promql=("expr",))


_ANNOTATIONS = Named(
    "annotation", _named("name"), _chief_of_note, partial(_note_edits, "name"), (_all_but("name"),)
)
_LINKS = Named(
    "link", _named("title"), _chief_of_note, partial(_note_edits, "title"), (_all_but("title"),)
)
