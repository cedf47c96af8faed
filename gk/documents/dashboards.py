"""Brings a dashboard of any age to the form that definitions compile to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gk.documents.exports import with_elements
from gk.documents.graphs import replace_graphs
from gk.documents.migrations import migrate
from gk.documents.panels import modernise
from gk.documents.parts import dicts, every_panel, path, without_nulls
from gk.documents.references import may_ask_prometheus, name_references
from gk.documents.rows import close_gaps, place, seen_at
from gk.documents.shapes import DASHBOARD, PANEL, UNMIGRATED, wrong_part
from gk.documents.strip import (
    strip_dashboard,
    strip_left_behind,
    strip_options,
    strip_panel,
    strip_variable,
)
from gk.documents.targets import number
from gk.promql.syntax import tidy

__all__ = [
    "drop_ids_of_one_side",
    "flatten",
    "is_classic",
    "mistake_of",
    "normalized",
    "sort_panels",
    "tidy_queries",
    "with_inner",
]


_TIME = {"from": "now-6h", "to": "now"}
"""The time range of a dashboard without one (DashboardModel and transformSaveModelToScene at
12.4)."""


def normalized(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dashboard from Grafana in the form that definitions compile to: migrated and without
    noise.

    Documents that are not classic dashboards stay unchanged, and so do panels of a shape that
    Grafana does not write.
    """
    plain: dict[str, Any] = without_nulls(body)
    # Migration would drop or misread an unknown shape, so show it unchanged.
    if wrong_part(plain, UNMIGRATED):
        return plain
    # Some steps of a migration write nulls.
    plain = without_nulls(migrate(with_elements(plain)))
    if "templating" in plain:
        # Grafana reads nothing else there.
        plain["templating"] = {"list": plain["templating"].get("list", [])}
    if wrong_part(plain, DASHBOARD):
        return plain
    plain["panels"] = flatten(plain.get("panels", []))
    replace_graphs(plain)
    name_references(plain)
    _drop_unusable_ids(plain)
    for panel in every_panel(plain):
        strip_left_behind(panel)
        modernise(panel)
        place(panel)
        if panel.get("type") == "row":
            panel.setdefault("title", "")
            panel.setdefault("collapsed", False)
        if not wrong_part(panel, PANEL):
            number(panel.get("targets", []))
            strip_panel(panel)
            strip_options(panel)
    for panel in plain["panels"]:
        _shift_inside(panel)
    variables = dicts(path(plain, "templating"), "list")
    for variable in variables:
        _write_query_as_text(variable)
        strip_variable(variable)
    _strip_unread(plain)
    strip_dashboard(plain)
    for variable in variables:
        _settle(variable)
    return plain


def mistake_of(body: Mapping[str, Any]) -> str:
    """What has the wrong shape in a dashboard, so that `normalized` leaves it as it is; empty if
    nothing has."""
    plain: dict[str, Any] = without_nulls(body)
    return wrong_part(plain, UNMIGRATED) or wrong_part(normalized(plain), DASHBOARD) or ""


def drop_ids_of_one_side(bodies: Sequence[Any]) -> None:
    """Where a panel has an id on one side only, drop it, in place: Grafana gives one to a panel
    without."""
    without = {_place(panel) for body in bodies for panel in every_panel(body) if "id" not in panel}
    for panel in (panel for body in bodies for panel in every_panel(body)) if without else ():
        if _place(panel) in without:
            panel.pop("id", None)


def _place(panel: Mapping[str, Any]) -> tuple[str, ...]:
    given = panel.get("gridPos")
    position: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    return tuple(
        repr(value) for value in (panel.get("type"), panel.get("title"), *map(position.get, "xywh"))
    )


def _strip_unread(body: dict[str, Any]) -> None:
    """Strip what Grafana keeps and nothing reads, in place."""
    body["time"] = {**_TIME, **body.get("time", {})}
    # Migration 41 removes it, once.
    path(body, "timepicker").pop("time_options", None)
    if not isinstance(body.get("refresh", ""), str):
        # `false`, of which migration 29 makes a text, once.
        del body["refresh"]
    for link in dicts(body, "links"):
        for key in ("includeVars", "keepTime"):
            if link.get(key) is False:
                del link[key]
        if link.get("type") == "dashboards":
            # It has an icon of its own (dashboard/components/SubMenu/DashboardLinks.tsx at 12.4).
            link.pop("icon", None)


def tidy_queries(body: dict[str, Any]) -> dict[str, Any]:
    """Write the panels' queries of Prometheus on one line, in place: what two texts of one query
    have in common."""
    for panel in every_panel(body):
        for target in dicts(panel, "targets"):
            if isinstance(target.get("expr"), str) and may_ask_prometheus(target):
                target["expr"] = tidy(target["expr"])
    return body


def _shift_inside(row: dict[str, Any]) -> None:
    """Place the panels of a collapsed row from below it, in place: Grafana does so when somebody
    opens it, the first of them on the next line (DashboardModel.toggleRow at 12.4). It writes them
    from top to bottom, so the first is the topmost. Gaps are closed then."""
    inside = dicts(row, "panels")
    given = (path(panel, "gridPos").get("y") for panel in inside)
    top = min((y for y in given if isinstance(y, (int, float))), default=None)
    of_row = path(row, "gridPos").get("y")
    if top is None or not isinstance(of_row, (int, float)):
        return
    for panel in inside:
        position = path(panel, "gridPos")
        if isinstance(position.get("y"), (int, float)):
            position["y"] += of_row + 1 - top
    close_gaps(inside, of_row + 1)


def _drop_unusable_ids(body: dict[str, Any]) -> None:
    """Drop the ids of panels that Grafana replaces when it loads: 0, no numbers, or taken."""
    taken: set[int] = set()
    for panel in every_panel(body):
        given = panel.get("id")
        if type(given) is int and given > 0 and given not in taken:
            taken.add(given)
        else:
            panel.pop("id", None)


def _write_query_as_text(variable: dict[str, Any]) -> None:
    """Undo the form in which newer editors keep a Prometheus variable's text: the kind of query
    (`qryType`) is read from it, and `definition` is a copy."""
    query = variable.get("query")
    if isinstance(query, dict) and {"query"} <= query.keys() <= {"qryType", "query", "refId"}:
        variable["query"] = query["query"]
    if variable.get("definition") in ("", variable.get("query")):
        variable.pop("definition", None)


def _settle(variable: dict[str, Any]) -> None:
    """Write the current value as one that Grafana saves now: without marks of the list, as a list
    where several may be chosen, and not where it is what Grafana chooses itself."""
    current = variable.get("current")
    if not isinstance(current, dict):
        return
    current.pop("selected", None)
    current.pop("tags", None)
    value, text = current.get("value"), current.get("text")
    if variable.get("multi") and isinstance(value, str):
        text = current.get("text", value)
        current |= {"text": text if isinstance(text, list) else [text], "value": [value]}
    elif isinstance(value, list) and len(value) == 1 and isinstance(text, str):
        current["text"] = [text]
    elif variable.get("type") == "interval" and str(value).startswith("$__auto"):
        # Grafana reads its start only (getCurrentValueForOldIntervalModel at 12.4).
        current |= {"text": "auto", "value": f"$__auto_interval_{variable.get('name')}"}
    # A variable with "All" starts with it (createSceneVariableFromVariableModel at 12.4), also
    # where the value is its text, which is no value of the list.
    chosen_anyway = ("$__all", ["$__all"], "All", ["All"]) if variable.get("includeAll") else ()
    if value in ("", [], [""], None, *chosen_anyway):
        del variable["current"]


def is_classic(body: Any) -> bool:
    """Whether gk can compare a dashboard's panels: False for schema v2 and for unknown shapes."""
    return (
        isinstance(body, Mapping)
        and not wrong_part(body, DASHBOARD)
        and not {"elements", "layout"} <= body.keys()
    )


def flatten(panels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return panels as Grafana nests them: inside a collapsed row, but after an expanded one."""
    flat: list[dict[str, Any]] = []
    for panel in panels:
        flat.append(panel)
        if panel.get("type") == "row" and not panel.get("collapsed"):
            flat.extend(flatten(panel.get("panels", [])))
            panel["panels"] = []
    return flat


def sort_panels(body: dict[str, Any]) -> None:
    """Sort the panels, and those inside collapsed rows, by where they are seen, in place: their
    order in a document means nothing."""
    body["panels"] = sorted(body.get("panels", []), key=seen_at)
    for panel in body["panels"]:
        if "panels" in panel:
            panel["panels"] = sorted(panel["panels"], key=seen_at)


def with_inner(panels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the panels and those inside collapsed rows, in order."""
    return [inner for panel in panels for inner in (panel, *panel.get("panels", ()))]
