"""The form in which two dashboards of schema v2 are compared.

What a classic dashboard can say is where a classic dashboard says it, so both forms are compared in
the same words. The layout stays a tree, without Grafana's defaults. What is left of a panel, a
variable, an annotation or the dashboard itself is beside it, at the key `v2`: so two dashboards are
equal in this form only if they are equal in schema v2, apart from what gk ignores in classic ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.documents.parts import dicts, path, without_nulls
from gk.documents.schema_v2.reading import annotation_of, classic, panel_of, variable_of
from gk.documents.schema_v2.words import VARIABLES
from gk.documents.schema_v2.writing import (
    adapted,
    annotation_in_v2,
    element_in_v2,
    variable_in_v2,
    written,
)
from gk.documents.shapes import Json, fault_of

__all__ = [
    "BEYOND",
    "LISTED",
    "OF_AUTOMATIC_GRIDS",
    "OF_ROWS",
    "every_part",
    "in_parts",
    "inside",
    "is_in_parts",
]

BEYOND = "v2"
"""The key of what a classic dashboard has no place for."""
LISTED: Mapping[str, str] = {
    "GridLayout": "items",
    "AutoGridLayout": "items",
    "RowsLayout": "rows",
    "TabsLayout": "tabs",
}
"""The key of what is in a layout, by its kind."""

# apps/dashboard/kinds/v2/dashboard_spec.cue
OF_AUTOMATIC_GRIDS: Json = {
    "maxColumnCount": 3,
    "columnWidthMode": "standard",
    "rowHeightMode": "standard",
    "fillScreen": False,
}
"""What Grafana takes for what an automatic grid does not say."""
OF_ROWS: Json = {"collapse": False, "hideHeader": False, "fillScreen": False}
"""What Grafana takes for what a row does not say."""
_INSIDE: Mapping[str, tuple[str, Json]] = {
    "GridLayout": ("GridLayoutItem", {}),
    "AutoGridLayout": ("AutoGridLayoutItem", {}),
    "RowsLayout": ("RowsLayoutRow", {"title": "", **OF_ROWS}),
    "TabsLayout": ("TabsLayoutTab", {"title": ""}),
}
"""What is in a layout of a kind: its own kind, and the defaults of its spec."""
_EMPTY: Json = {
    **dict.fromkeys(("allValue", "definition", "description", "label", "placeholder"), ""),
    **dict.fromkeys(("subtitle", "nowDelay", "timezone", "weekStart"), ""),
    **dict.fromkeys(("builtIn", "disabled", "transparent"), False),
}
"""Values that Grafana writes for what is not set, and gk leaves out."""
_ABSENT = object()


def in_parts(spec: Json) -> Json:
    """A dashboard of schema v2, out of its envelope, in the form for comparing.

    `panels` has all panels, each with its name in the layout (`element`), and `layout` the tree.
    The variables of rows and tabs are among the others; `part` says whose they are. Raises
    ValueError for a dashboard that is malformed.
    """
    spec = without_nulls(adapted(spec, "v2"))
    view = classic(spec)
    try:
        layout, variables = _layout(spec["layout"], "layout")
        return {
            **view.body,
            "panels": sorted((_panel(*element) for element in spec["elements"].items()), key=_id),
            "templating": {"list": [*map(_variable, dicts(spec, "variables")), *variables]},
            "annotations": {
                "list": [_annotation(annotation) for annotation in dicts(spec, "annotations")]
            },
            "layout": layout,
            **_beyond(_own(spec), _own(written({**view.body, "panels": []}, "v2").spec)),
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it is malformed: {fault_of(error)}") from error


def is_in_parts(body: Any) -> bool:
    """Whether this is a dashboard in this form."""
    keys = {"panels", "layout", "elements"}
    return isinstance(body, dict) and body.keys() & keys == {"panels", "layout"}


def inside(layout: Mapping[str, Any]) -> list[Json]:
    """The rows, tabs or items of a layout."""
    return dicts(path(dict(layout), "spec"), LISTED.get(str(layout.get("kind")), ""))


def every_part(layout: Json) -> Iterator[Json]:
    """The rows, tabs and items of a layout and of all layouts in it, each before what it holds."""
    for part in inside(layout):
        yield part
        yield from every_part(path(part, "spec", "layout"))


# What a classic dashboard has no place for


def _beyond(given: Json, said: Json) -> Json:
    """What `said`, a part as gk writes it from its classic form, lacks of the given one. Empty if
    that is nothing."""
    left = _left(given, said)
    return {} if left is _ABSENT else {BEYOND: left}


def _left(given: Any, said: Any) -> Any:
    if isinstance(given, dict) and isinstance(said, dict):
        left = {
            key: inner
            for key, value in given.items()
            if (inner := _left(value, said.get(key, _EMPTY.get(key, _ABSENT)))) is not _ABSENT
        }
        return left or _ABSENT
    if isinstance(given, list) and isinstance(said, list) and len(given) == len(said):
        parts = [_left(*pair) for pair in zip(given, said, strict=True)]
        if all(part is _ABSENT for part in parts):
            return _ABSENT
        return [{} if part is _ABSENT else part for part in parts]
    if given == {}:
        return _ABSENT
    # In Python, True equals 1.
    return _ABSENT if given == said and type(given) is type(said) else given


_APART = frozenset(
    {
        *("elements", "layout", "variables", "annotations"),
        # Of a save, or of the envelope.
        *("id", "iteration", "revision", "uid", "version"),
    }
)


def _own(spec: Json) -> Json:
    return {key: value for key, value in spec.items() if key not in _APART}


def _panel(name: str, element: Json) -> Json:
    panel = panel_of(element)
    # The version of the plugin follows from the version of Grafana.
    spec, shown = path(element, "spec"), dict(path(element, "spec", "vizConfig"))
    shown.pop("version", None)
    given = {**element, "spec": {**spec, **({"vizConfig": shown} if shown else {})}}
    return {**panel, "element": name, **_beyond(given, element_in_v2(panel, "v2"))}


def _id(panel: Json) -> tuple[int, str]:
    id = panel.get("id")
    return id if type(id) is int else 0, panel["element"]


def _variable(given: Json) -> Json:
    variable = variable_of(given)
    is_known = variable.get("type") in VARIABLES
    return {**variable, **_beyond(given, variable_in_v2(variable) if is_known else {})}


def _annotation(given: Json) -> Json:
    annotation = annotation_of(given)
    return {**annotation, **_beyond(given, annotation_in_v2(annotation, "v2"))}


# The layout


def _layout(layout: Json, where: str) -> tuple[Json, list[Json]]:
    """A layout without defaults, and the variables of the parts in it."""
    kind, spec = layout["kind"], path(layout, "spec")
    key, variables, parts = LISTED[kind], [], []
    for index, part in enumerate(spec.get(key, [])):
        cleaned, own = _part(part, kind, f"{where}.spec.{key}[{index}]")
        parts.append(cleaned)
        variables += own
    if kind == "GridLayout":
        # Their positions say where they are, not their order.
        parts.sort(key=lambda item: (item["spec"].get("y", 0), item["spec"].get("x", 0)))
    own_spec = _without(spec, OF_AUTOMATIC_GRIDS if kind == "AutoGridLayout" else {})
    return {**layout, "spec": {**own_spec, key: parts}}, variables


def _part(part: Json, kind: str, where: str) -> tuple[Json, list[Json]]:
    """A row, a tab or an item of a layout of this kind, and the variables of it and of what is in
    it."""
    usual, defaults = _INSIDE[kind]
    spec = _without(part["spec"], defaults)
    variables = [{**_variable(variable), "part": where} for variable in spec.pop("variables", ())]
    if "layout" in spec:
        spec["layout"], inner = _layout(spec["layout"], f"{where}.spec.layout")
        variables += inner
    if "repeat" in spec:
        spec["repeat"] = _without(spec["repeat"], {"direction": "h"})
    if "element" in spec:
        spec["element"] = _unusual(spec["element"], "ElementReference")
    return {**_unusual(part, usual), "spec": spec}, variables


def _unusual(part: Json, usual: str) -> Json:
    """A part without its kind if that is the usual one there."""
    return {key: value for key, value in part.items() if (key, value) != ("kind", usual)}


def _without(spec: Json, defaults: Json) -> Json:
    return {
        key: value
        for key, value in spec.items()
        # In Python, False equals 0.
        if value != (default := defaults.get(key, _ABSENT)) or type(value) is not type(default)
    }
