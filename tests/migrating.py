"""Old dashboards, and those of grafanalib, brought to today's form."""

from __future__ import annotations

import json
from typing import Any

from grafanalib import core
from grafanalib._gen import DashboardEncoder

from gk.documents.migrations import migrate
from gk.documents.panels import modernise

Json = dict[str, Any]


def words(text: str) -> list[str]:
    return text.split()


def plain(value: Any) -> Json:
    """What grafanalib would write to a file."""
    loaded: Json = json.loads(json.dumps(value.to_json_data(), cls=DashboardEncoder))
    return loaded


def migrated(version: int | None = None, **body: Any) -> Json:
    """A dashboard of this version, after migrate."""
    return migrate(body if version is None else {"schemaVersion": version, **body})


def panel_from(version: int, **panel: Any) -> Json:
    """The only panel of a dashboard of this version, after migrate."""
    after: Json = migrated(version, panels=[panel])["panels"][0]
    return after


def variable_from(version: int, **variable: Any) -> Json:
    """The only variable of a dashboard of this version, after migrate."""
    after: Json = migrated(version, templating={"list": [variable]})["templating"]["list"][0]
    return after


def modern(value: Any) -> Json:
    """A panel, after modernise."""
    panel = value if isinstance(value, dict) else plain(value)
    modernise(panel)
    return panel


def rows_dashboard(*rows: Any) -> list[Json]:
    """The panels of a grafanalib dashboard that was made of rows."""
    panels: list[Json] = migrate(plain(core.Dashboard(title="d", rows=list(rows))))["panels"]
    return panels


def texts(count: int, **keywords: Any) -> list[core.Text]:
    return [core.Text(title=f"t{number}", **keywords) for number in range(count)]


def grid(panel: Json) -> tuple[int, int, int, int]:
    return tuple(panel["gridPos"][side] for side in "xywh")
