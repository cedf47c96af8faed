"""A dashboard of whatever age, in the form that definitions compile to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gk.documents.migrations import migrate
from gk.documents.shapes import DASHBOARD, PANEL, UNMIGRATED, every_panel, misfit
from gk.documents.strip import strip_dashboard, strip_panel

__all__ = ["flatten", "is_classic", "normalized", "with_inner", "without_nulls"]


def normalized(body: Mapping[str, Any]) -> dict[str, Any]:
    """A dashboard as Grafana answers it, in the form that definitions compile to: migrated, and
    without noise.

    What is no classic dashboard stays as it is, and so does a panel of a shape that Grafana does
    not write.
    """
    plain: dict[str, Any] = without_nulls(body)
    if misfit(plain, UNMIGRATED):
        return plain
    plain = migrate(plain)
    if misfit(plain, DASHBOARD):
        return plain
    plain["panels"] = flatten(plain.get("panels", []))
    for panel in every_panel(plain):
        if not misfit(panel, PANEL):
            strip_panel(panel)
    strip_dashboard(plain)
    return plain


def is_classic(body: Any) -> bool:
    """Whether it is a dashboard whose panels can be told apart: not one of schema v2, or of shapes
    nobody knows."""
    return (
        isinstance(body, Mapping)
        and not misfit(body, DASHBOARD)
        and not {"elements", "layout"} <= body.keys()
    )


def without_nulls(value: Any) -> Any:
    """A copy of JSON without nulls: only a threshold's and a mapping's null value means
    something."""
    if isinstance(value, dict):
        return {
            key: without_nulls(each)
            for key, each in value.items()
            if each is not None or key == "value"
        }
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def flatten(panels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Panels as Grafana nests them: a collapsed row holds its panels, an expanded one is followed
    by them."""
    flat: list[dict[str, Any]] = []
    for panel in panels:
        flat.append(panel)
        if panel.get("type") == "row" and not panel.get("collapsed"):
            flat.extend(flatten(panel.get("panels", [])))
            panel["panels"] = []
    return flat


def with_inner(panels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panels and those inside collapsed rows, in order."""
    return [each for panel in panels for each in (panel, *panel.get("panels", ()))]
