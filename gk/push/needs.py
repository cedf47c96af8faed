"""What a change needs in Grafana: a folder, library panels, contact points, mute timings. Values
in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gk.documents.parts import every_panel, path
from gk.documents.schema_v2 import as_classic
from gk.push.plan import Action, PlannedChange
from gk.resource import Key, Kind, Resource

__all__ = ["blocked_with"]

_IN_THE_WAY = {Action.BLOCKED: "blocked", Action.CONFLICT: "in conflict"}


def blocked_with(changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """The changes; one that needs an object that this push would have to create and does not is
    blocked, too, so that a plan promises nothing that Grafana then refuses."""
    checked = list(changes)
    while True:
        missing = {
            change.key: change
            for change in checked
            if change.action in _IN_THE_WAY and change.live is None
        }
        before = checked
        checked = [_blocked(change, missing) for change in checked]
        # One that is blocked now may be needed by others: folders are in folders.
        if checked == before:
            return checked


def _blocked(change: PlannedChange, missing: Mapping[Key, PlannedChange]) -> PlannedChange:
    if change.action not in (Action.CREATE, Action.UPDATE) or change.resource is None:
        return change
    needed = next((missing[key] for key in _needs(change.resource) if key in missing), None)
    if needed is None:
        return change
    reason = f"it needs {needed.kind.value} '{needed.title}', which is {_IN_THE_WAY[needed.action]}"
    return replace(change, action=Action.BLOCKED, reason=reason, fields=())


def _needs(resource: Resource) -> Iterator[Key]:
    if resource.folder:
        yield (Kind.FOLDER, resource.folder)
    # Only then is a dashboard worth parsing.
    if resource.kind is Kind.DASHBOARD and b'"libraryPanel"' in resource.json:
        for panel in every_panel(as_classic(resource.body)):
            if uid := path(panel, "libraryPanel").get("uid"):
                yield (Kind.LIBRARY_PANEL, str(uid))
    if resource.kind is Kind.NOTIFICATION_POLICY:
        yield from _route_needs(resource.body)
    if resource.kind is Kind.RULE_GROUP:
        for rule in resource.body["rules"]:
            yield from _route_needs(rule.get("notification_settings") or {})


def _route_needs(route: Mapping[str, Any]) -> Iterator[Key]:
    """The names in a route and the routes in it."""
    if receiver := route.get("receiver"):
        yield (Kind.CONTACT_POINT, str(receiver))
    for key in ("mute_time_intervals", "active_time_intervals"):
        for name in route.get(key) or ():
            yield (Kind.MUTE_TIMING, str(name))
    for child in route.get("routes") or ():
        yield from _route_needs(child)
