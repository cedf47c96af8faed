"""Definitions, compiled and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gk.check import Project, Report, run
from gk.check.checks import ALL_CHECKS
from gk.resource import Resource
from gk.settings import Settings
from gk.settings.checks import CheckChange, CheckSettings, Option
from tests.definitions import REF, resources

__all__ = ["checked", "of_query", "report"]

PLACE = {"x": 0, "y": 0, "w": 12, "h": 8}
QUERIES = ("division-by-zero", "invalid-promql", "label-gone", "rate-of-gauge")
"""The checks that look at one query alone."""


def checked(
    built: Iterable[Resource],
    *,
    only: Iterable[str] = (),
    types: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    **more: Any,
) -> Report:
    """What the checks find in resources; `more` are arguments of Project, such as `has_file`."""
    # As gk.yaml of this repository.
    gauges = {"division-by-zero": CheckChange("warning", {"gauges": Option("true", 1)})}
    settings = settings or Settings(check=CheckSettings(checks=gauges))
    project = Project(list(built), settings, types or {}, **more)
    return run(project, ALL_CHECKS, Path("/nowhere"), only=only)


def report(*definitions: Any, only: Iterable[str] = (), **more: Any) -> Report:
    """What the checks find in definitions."""
    return checked(resources(*definitions), only=only, **more)


def panel_of(*queries: str, **keys: Any) -> dict[str, Any]:
    """An export with one time series panel P of these queries, with keys added to it."""
    targets = [{"refId": "ABCDEFGH"[i], "expr": query} for i, query in enumerate(queries)]
    panel = {"type": "timeseries", "title": "P", "id": 1, "gridPos": PLACE, "datasource": REF}
    return {
        "title": "D",
        "uid": "d",
        "schemaVersion": 39,
        "panels": [{**panel, "targets": targets, **keys}],
    }


def of_query(
    expr: str, *labels: str, only: Iterable[str] = QUERIES, types: Mapping[str, str] | None = None
) -> list[str]:
    """The messages about a query of a panel whose legend reads labels."""
    legend = "".join(f"{{{{{label}}}}}" for label in labels)
    target = {"refId": "A", "expr": expr, "legendFormat": legend}
    findings = report(panel_of(targets=[target]), only=only, types=types).findings
    return [finding.message for finding in findings]
