"""Dashboards from anywhere in one form: the classic one of today, in which every part has the shape
that it should have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from gk.documents.dashboards import flatten
from gk.documents.exports import with_elements
from gk.documents.graphs import replace_graphs
from gk.documents.migrations import migrate
from gk.documents.panels import modernise
from gk.documents.parts import dicts, every_panel, path
from gk.documents.references import name_references
from gk.documents.rows import place
from gk.documents.schema_v2 import LISTED, as_classic, is_v2, spec_of, uid_of
from gk.documents.schema_v2.reading import panel_of, variable_of
from gk.documents.shapes import Json
from gk.documents.targets import number

__all__ = ["DEEPEST", "Document", "document_of", "library_panels"]

DEEPEST = 20
"""Layouts inside of layouts that are read."""
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError, OverflowError, IndexError)
"""What reading a part of a wrong shape raises."""


class Document:
    """A dashboard: its classic `body`, and for one of schema v2 its `layout`, whose panels are in
    `elements` by their names. `left_out` says what of it is not read."""

    def __init__(
        self,
        body: Json,
        layout: Json,
        elements: Mapping[str, Json],
        left_out: Sequence[str] = (),
    ) -> None:
        self.body = body
        self.layout = layout
        self.elements = elements
        self.left_out = left_out


def document_of(body: Any, library: Mapping[str, Json]) -> Document:
    """The document of a dashboard in any form. `library` has the models of library panels by
    uid."""
    spec = spec_of(body)
    if not isinstance(spec, dict):
        return Document({}, {}, {})
    if is_v2(spec):
        return _of_v2(body, spec, library)
    return Document(_modern(spec, library), {}, {})


def library_panels(bodies: Iterable[Any]) -> dict[str, Json]:
    """The models of library panels, by uid, in bodies of Grafana's API."""
    return {str(body.get("uid")): path(body, "model") for body in bodies if isinstance(body, dict)}


def _of_v2(body: Any, spec: Json, library: Mapping[str, Json]) -> Document:
    classic = as_classic(body)
    if classic is body:
        # It is malformed, and so has no classic view: what can be read is shown.
        classic = {"title": spec.get("title"), "tags": spec.get("tags"), "uid": uid_of(body)}
    elements = []
    for name, element in path(spec, "elements").items():
        try:
            # Migrations keep the name, by which the layout finds the panel again.
            elements.append({**panel_of(element), "element": name})
        except _MALFORMED:
            continue
    modern = _modern({**classic, "panels": elements}, library)
    named = {panel["element"]: panel for panel in dicts(modern, "panels") if "element" in panel}
    layout = path(spec, "layout")
    left_out = _add_variables(modern, layout)
    return Document(modern, layout, named, left_out)


def _add_variables(body: Json, layout: Json) -> list[str]:
    """Put the variables of rows and tabs (Grafana 13) beside those of the dashboard; returns what
    cannot be: a name that there is already would have other values elsewhere."""
    listed = dicts(path(body, "templating"), "list")
    names = {str(variable.get("name")) for variable in listed}
    left_out = []
    for title, variable in _of_parts(layout, 0):
        name = str(variable.get("name"))
        if name in names:
            left_out.append(f"the variable ${name} of '{title}' is left out: there is another one")
        else:
            names.add(name)
            listed.append(variable)
    body["templating"] = {"list": listed}
    return left_out


def _of_parts(layout: Json, depth: int) -> Iterator[tuple[str, Json]]:
    """The variables of rows and tabs, with the title of each."""
    if depth > DEEPEST:
        return
    for part in dicts(path(layout, "spec"), LISTED.get(str(layout.get("kind")), "")):
        spec = path(part, "spec")
        for variable in dicts(spec, "variables"):
            try:
                yield str(spec.get("title") or ""), variable_of(variable)
            except _MALFORMED:
                continue
        yield from _of_parts(path(spec, "layout"), depth + 1)


def _modern(given: Json, library: Mapping[str, Json]) -> Json:
    body = deepcopy(given)
    for change in _CHANGES:
        _try(change, body)
    body["panels"] = dicts(body, "panels")
    for panel in every_panel(body):
        _fill(panel, library)
        panel["targets"] = dicts(panel, "targets")
        for change in (modernise, place, _number):
            _try(change, panel)
    return body


def _migrated(body: Json) -> None:
    migrate(with_elements(body))


def _flattened(body: Json) -> None:
    body["panels"] = flatten(dicts(body, "panels"))


_CHANGES: Sequence[Callable[[Json], object]] = (
    _migrated,
    _flattened,
    replace_graphs,
    name_references,
)


def _number(panel: Json) -> None:
    number(panel["targets"])


def _try(change: Callable[[Json], object], part: Json) -> None:
    """Change a part in place, which stays as it is if it is malformed."""
    try:
        change(part)
    except _MALFORMED:
        return


def _fill(panel: Json, library: Mapping[str, Json]) -> None:
    """Put the model of a library panel in place of the reference to it."""
    if model := library.get(str(path(panel, "libraryPanel").get("uid"))):
        own = {key: panel[key] for key in ("id", "gridPos", "title") if panel.get(key)}
        panel |= {**deepcopy(model), **panel, **own}
