"""Brings a dashboard of any age to the form that definitions compile to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gk.documents.exports import with_elements
from gk.documents.migrations import migrate
from gk.documents.panels import modernise
from gk.documents.parts import every_panel, without_nulls
from gk.documents.references import name_references
from gk.documents.rows import place
from gk.documents.shapes import DASHBOARD, PANEL, UNMIGRATED, wrong_part
from gk.documents.strip import strip_dashboard, strip_options, strip_panel
from gk.documents.targets import number

__all__ = ["flatten", "is_classic", "normalized", "with_inner"]


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
    name_references(plain)
    _drop_unusable_ids(plain)
    for panel in every_panel(plain):
        modernise(panel)
        place(panel)
        if not wrong_part(panel, PANEL):
            number(panel.get("targets", []))
            strip_panel(panel)
            strip_options(panel)
    for variable in plain.get("templating", {}).get("list", []):
        _write_query_as_text(variable)
    strip_dashboard(plain)
    return plain


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
    if variable.get("definition") == variable.get("query"):
        variable.pop("definition", None)


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


def with_inner(panels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the panels and those inside collapsed rows, in order."""
    return [inner for panel in panels for inner in (panel, *panel.get("panels", ()))]
