"""The kinds of objects in Grafana, one module each: how to read, write, delete and list them, the
form for comparisons, and what Grafana refuses.

https://grafana.com/docs/grafana/latest/developers/http_api/; comments name the version where
versions differ, as observed on 9.3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from gk.grafana.client import Client
from gk.grafana.kinds import (
    contact_point,
    dashboard,
    datasource,
    folder,
    folder_permissions,
    library_panel,
    message_template,
    mute_timing,
    notification_policy,
    rule_group,
)
from gk.grafana.kinds.api import Document, KindApi, Listed, Refusal, Surroundings
from gk.grafana.live import Parts
from gk.resource import Key, Kind

__all__ = [
    "KINDS",
    "Document",
    "KindApi",
    "Listed",
    "Refusal",
    "Surroundings",
    "inside",
    "lists",
    "parts",
]

KINDS: Mapping[Kind, KindApi] = {
    Kind.FOLDER: folder,
    Kind.FOLDER_PERMISSIONS: folder_permissions,
    Kind.DATASOURCE: datasource,
    Kind.LIBRARY_PANEL: library_panel,
    Kind.DASHBOARD: dashboard,
    Kind.MESSAGE_TEMPLATE: message_template,
    Kind.MUTE_TIMING: mute_timing,
    Kind.CONTACT_POINT: contact_point,
    Kind.NOTIFICATION_POLICY: notification_policy,
    Kind.RULE_GROUP: rule_group,
}


def parts(kind: Kind, body: Any, folder: str) -> Parts:
    """The parts of a document in a folder, be it a resource's or Grafana's answer, without what a
    server adds."""
    return KINDS[kind].parts(body, folder)


def lists(kinds: Iterable[Kind]) -> list[Callable[[Client], Sequence[Listed]]]:
    """The functions that list objects of these kinds, without repetition: one list has both folders
    and dashboards."""
    return list(dict.fromkeys(KINDS[kind].listed for kind in kinds))


def inside(client: Client, uid: str, going: Set[Key]) -> str:
    """One object in a folder, such as "dashboard 'Shop'", other than those that are `going`; empty
    if there is none."""
    for list_of in lists(kind for kind in KINDS if kind.facts.has_folder):
        for listed in list_of(client):
            if listed.folder == uid and listed.key not in going:
                return f"{listed.kind.value} '{listed.title}'"
    return ""
