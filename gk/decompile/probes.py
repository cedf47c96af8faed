"""What each constructor makes, found by compiling a dashboard that has all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache
from pathlib import Path as File
from typing import Any, NamedTuple

import gk
from gk.compile import compile
from gk.decompile.constructors import Arguments, Constructor, learn
from gk.decompile.leaves import Leaves, leaves_of
from gk.documents.dashboards import normalized
from gk.documents.parts import without
from gk.documents.shapes import Json
from gk.errors import Source
from gk.project import Definition, Project
from gk.resource import Kind
from gk.settings import Settings
from gk.settings.targets import NEWEST

__all__ = [
    "APART",
    "CHOSEN",
    "PANELS",
    "VARIABLES",
    "WITHOUT_QUERIES",
    "Drawn",
    "of_link",
    "of_override",
    "of_panel",
    "of_variable",
    "usual",
]

PANELS: Mapping[str, str] = {
    "alertlist": "alert_list",
    "barchart": "bar_chart",
    "bargauge": "bar_gauge",
    "dashlist": "dashboard_list",
    "gauge": "gauge",
    "heatmap": "heatmap",
    "logs": "logs",
    "piechart": "pie_chart",
    "stat": "stat",
    "state-timeline": "state_timeline",
    "table": "table",
    "text": "text",
    "timeseries": "timeseries",
}
"""The constructor of each type of panel."""

VARIABLES: Mapping[str, str] = {
    "adhoc": "adhoc_variable",
    "constant": "constant_variable",
    "custom": "custom_variable",
    "datasource": "datasource_variable",
    "interval": "interval_variable",
    "query": "query_variable",
    "switch": "switch_variable",
    "textbox": "textbox_variable",
}
"""The constructor of each type of variable."""

CHOSEN = frozenset({"name", "query", "options", "current"})
"""What the first arguments of a variable and its default say."""

WITHOUT_QUERIES = frozenset({"alertlist", "dashlist", "text"})

APART = frozenset({"id", "gridPos", "title", "targets", "datasource", "type"})
"""What is not an option of a panel."""


class Drawn(NamedTuple):
    """The constructor of a type of panels, its usual size, and the targets that it makes of a
    query: by default, and with single arguments."""

    constructor: Constructor
    size: tuple[int, int]
    target: Json
    targets: Mapping[tuple[str, str], Json]


@cache
def of_panel(type: str) -> Drawn:
    """The constructor of a type of panels."""
    function = getattr(gk, PANELS[type])
    query = () if type in WITHOUT_QUERIES - {"text"} else ("up",)
    size: list[tuple[int, int]] = []
    targets: dict[tuple[str, str], Json] = {}

    def measure(probes: Sequence[Arguments]) -> Sequence[Leaves | None]:
        panels = _made([_called(function, ("t", *query), probe) for probe in probes], "panels")
        for probe, panel in zip(probes, panels, strict=True):
            if panel is not None:
                size.append((panel["gridPos"]["w"], panel["gridPos"]["h"]))
                key = next(((name, repr(value)) for name, value in probe.items()), ("", ""))
                targets.setdefault(key, next(iter(panel.get("targets", ())), {}))
        return _leaves(panels, APART)

    constructor = learn(function, measure)
    usual = targets[("", "")]
    others = {key: target for key, target in targets.items() if target != usual}
    return Drawn(constructor, size[0], usual, others)


@cache
def usual(constructor: str) -> Mapping[str, Any]:
    """What the arguments of a panel's constructor are if nobody says otherwise, and its size."""
    [type] = [type for type, name in PANELS.items() if name == constructor]
    drawn = of_panel(type)
    width, height = drawn.size
    given = {name: value for name, value in drawn.constructor.defaults.items() if value is not None}
    return {"width": width, "height": height, **given}


@cache
def of_variable(type: str) -> Constructor:
    """The constructor of a type of variables."""
    function = getattr(gk, VARIABLES[type])
    values: Mapping[str, Any] = {
        "constant": "v",
        "custom": ["a", "b"],
        "query": "label_values(up, job)",
    }
    given = (values[type],) if type in values else ()

    def measure(probes: Sequence[Arguments]) -> Sequence[Leaves | None]:
        # Two variables of a dashboard have two names.
        made = [
            _called(function, (f"v{number}", *given), probe) for number, probe in enumerate(probes)
        ]
        return _leaves(_made(made, "variables"), CHOSEN)

    return learn(function, measure)


@cache
def of_link() -> Constructor:
    """The constructor of a dashboard's links."""

    def measure(probes: Sequence[Arguments]) -> Sequence[Leaves | None]:
        made = [_called(gk.dashboard_link, ("t",), probe) for probe in probes]
        return _leaves(_made(made, "links"), {"title"})

    return learn(gk.dashboard_link, measure)


_OWN_FORMS = frozenset(
    {"name", "regex", "type", "ref_id", "all_except", "color", "hide_from", "properties"}
)
"""Arguments of overrides that gk.decompile.fields reads."""


@cache
def of_override() -> Constructor:
    """The constructor of overrides, of which each property is a leaf or an object."""

    def measure(probes: Sequence[Arguments]) -> Sequence[Leaves | None]:
        made = [_called(gk.override, (), {"name": "n", **probe}) for probe in probes]
        return [
            None
            if override is None
            else leaves_of({own["id"]: own["value"] for own in override["properties"]})
            for override in made
        ]

    return learn(gk.override, measure, _OWN_FORMS)


def _leaves(documents: Sequence[Json | None], apart: Set[str]) -> list[Leaves | None]:
    return [
        None if document is None else leaves_of(without(document, *apart)) for document in documents
    ]


def _called(function: Callable[..., Any], given: Sequence[Any], named: Arguments) -> Any:
    try:
        return function(*given, **named)
    except (TypeError, ValueError):
        return None


def _made(objects: Sequence[Any], argument: str) -> Sequence[Json | None]:
    """What a dashboard's document has for each object that it gets as this argument."""
    given = [definition for definition in objects if definition is not None]
    left = iter(_listed(_compiled({argument: given}), argument))
    return [None if definition is None else next(left) for definition in objects]


def _listed(body: Json, argument: str) -> Sequence[Json]:
    listed = (
        body.get("templating", {}).get("list", [])
        if argument == "variables"
        else body.get(argument, [])
    )
    return list(listed)


def _compiled(arguments: Mapping[str, Any]) -> Json:
    prometheus = gk.Datasource.prometheus("Prometheus", uid="prometheus", default=True)
    dashboard = gk.Dashboard("probes", **arguments)
    definitions = [
        Definition(prometheus, Source("p.py", 1)),
        Definition(dashboard, Source("d.py", 1)),
    ]
    resources = compile(Project(File(), Settings(grafana=(NEWEST,)), definitions))
    [body] = [resource.body for resource in resources if resource.kind is Kind.DASHBOARD]
    return normalized(body)
