"""Two dashboards, and what `gk diff` and `gk push` say of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gk.diff.compare import compare
from gk.diff.forms.text import text
from gk.diff.sides.files import files_side
from gk.errors import Source
from gk.grafana.kinds import KINDS
from gk.grafana.live import Live
from gk.push import plan
from gk.resource import Kind, Resource, canonical

__all__ = [
    "REF",
    "Json",
    "board",
    "fields",
    "is_as_there",
    "of_type",
    "panel",
    "query",
    "said",
    "said_both_ways",
    "variable",
]

Json = dict[str, Any]
REF = {"type": "prometheus", "uid": "prometheus"}


def board(*panels: Json, **keys: Any) -> Json:
    """A dashboard, of one time series if no panels are given."""
    return {
        "title": "Jobs",
        "uid": "jobs",
        "schemaVersion": 39,
        "panels": list(panels) or [panel()],
        **keys,
    }


def panel(**keys: Any) -> Json:
    """A time series of one query."""
    return {
        "id": 1,
        "type": "timeseries",
        "title": "Jobs",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "datasource": REF,
        "targets": [{"refId": "A", "expr": "up", "datasource": REF}],
        **keys,
    }


def query(expr: str, **keys: Any) -> Json:
    """A dashboard with this query of Prometheus."""
    return board(panel(targets=[{"refId": "A", "expr": expr, "datasource": REF, **keys}]))


def of_type(type: str, **options: Any) -> Json:
    """A dashboard with a panel of this type."""
    return board(panel(type=type, options=options))


def fields(defaults: Json, *properties: Json, type: str = "timeseries") -> Json:
    """A dashboard whose panel has these field options, and these for the field `busy`."""
    matcher = {"id": "byName", "options": "busy"}
    overrides = [{"matcher": matcher, "properties": list(properties)}] if properties else []
    return board(panel(type=type, fieldConfig={"defaults": defaults, "overrides": overrides}))


def variable(**keys: Any) -> Json:
    """A dashboard with a variable."""
    given = {"name": "job", "type": "query", "datasource": REF, "query": "label_values(up, job)"}
    return board(templating={"list": [{**given, **keys}]})


def said(tmp_path: Path, old: Json, new: Json) -> str:
    """What `gk diff` says of two files, without the line that names them."""
    for name, body in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    sides = (files_side(tmp_path / "old.json"), files_side(tmp_path / "new.json"))
    diff = compare(*sides)
    return "\n".join(text(diff).splitlines()[2:]) if diff.changes else ""


def said_both_ways(tmp_path: Path, one: Json, other: Json) -> str:
    """What `gk diff` says of two dashboards, whichever of them is the old one."""
    return said(tmp_path, one, other) + said(tmp_path, other, one)


def is_as_there(wanted: Json, there: Json) -> bool:
    """Whether `gk push` leaves a dashboard alone that Grafana has, and that gk never pushed."""
    resource, live = (
        Resource(Kind.DASHBOARD, "jobs", "Jobs", "", canonical(body), Source("d.py", 1))
        for body in (wanted, there)
    )
    state = Live(
        kind=Kind.DASHBOARD,
        uid="jobs",
        title="Jobs",
        folder="",
        body=live.body,
        form=KINDS[Kind.DASHBOARD].parts,
        stamp="7.1",
    )
    return plan.compare(resource, state, None).action is plan.Action.UNCHANGED
