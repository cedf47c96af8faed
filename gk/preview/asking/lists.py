"""What panels show that ask no query: alerts of Prometheus, and dashboards of the project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from gk.documents.parts import dicts, path
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.preview.model import Field, FieldType, Frame
from gk.resource import Kind, Resource

__all__ = ["alerts", "dashboards", "tags_of"]

_MOST = 1_000
"""Rows."""


def alerts(groups: Iterable[Any]) -> Frame:
    """The alerts of groups of rules, as Prometheus's API has them; a rule without alerts is a row
    in the state `inactive`."""
    rows = [row for group in groups if isinstance(group, dict) for row in _of_group(group)][:_MOST]
    columns = (
        ("alertname", FieldType.STRING),
        ("state", FieldType.STRING),
        ("activeAt", FieldType.TIME),
        ("labels", FieldType.OTHER),
        ("summary", FieldType.STRING),
        ("rule", FieldType.STRING),
    )
    fields = [Field(name, type_, [row[name] for row in rows]) for name, type_ in columns]
    return Frame(fields, meta={"type": "alerts"})


def _of_group(group: Json) -> Iterator[Json]:
    for index, rule in enumerate(dicts(group, "rules")):
        if rule.get("type", "alerting") != "alerting":
            continue
        # Two rules of a group may have one name.
        place = f"{group.get('name')} {index}"
        name = str(rule.get("name") or "")
        active = dicts(rule, "alerts")
        for alert in active:
            labels = {str(key): str(value) for key, value in path(alert, "labels").items()}
            notes = path(alert, "annotations") or path(rule, "annotations")
            yield {
                "alertname": name,
                "state": str(alert.get("state") or ""),
                "activeAt": _time(alert.get("activeAt")),
                "labels": labels,
                "summary": str(notes.get("summary") or ""),
                "rule": place,
            }
        if not active:
            # Its annotations are templates, which only an alert fills in.
            yield {
                "alertname": name,
                "state": "inactive",
                "activeAt": None,
                "labels": {str(key): str(value) for key, value in path(rule, "labels").items()},
                "summary": "",
                "rule": place,
            }


_RFC_3339 = re.compile(r"([^.]+T[^.Z+-]+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _time(given: object) -> int | None:
    """RFC 3339 with up to nine decimals, in milliseconds."""
    match = _RFC_3339.fullmatch(str(given or ""))
    if match is None:
        return None
    try:
        # Python 3.10 knows neither Z nor so many decimals.
        at = datetime.fromisoformat(f"{match[1]}{match[3].replace('Z', '+00:00')}")
    except ValueError:
        return None
    return round(at.timestamp() * 1000) + int(f"{match[2] or '':0<3.3}")


def dashboards(resources: Sequence[Resource]) -> Frame:
    """The dashboards among resources, by title."""
    folders = {
        resource.uid: resource.title for resource in resources if resource.kind is Kind.FOLDER
    }
    boards = sorted(
        (resource for resource in resources if resource.kind is Kind.DASHBOARD),
        key=lambda resource: (resource.title.casefold(), resource.uid),
    )[:_MOST]
    tags = [tags_of(as_classic(resource.body)) for resource in boards]
    in_folders = [folders.get(resource.folder, resource.folder) for resource in boards]
    return Frame(
        [
            Field("title", FieldType.STRING, [resource.title for resource in boards]),
            Field("uid", FieldType.STRING, [resource.uid for resource in boards]),
            Field("folder", FieldType.STRING, in_folders),
            Field("folderUid", FieldType.STRING, [resource.folder for resource in boards]),
            Field("tags", FieldType.OTHER, tags),
        ],
        meta={"type": "dashboards"},
    )


def tags_of(json: Any) -> list[str]:
    """The tags of a dashboard, or those by which a link lists dashboards."""
    listed = json.get("tags") if isinstance(json, dict) else None
    return [tag for tag in listed if isinstance(tag, str)] if isinstance(listed, list) else []
