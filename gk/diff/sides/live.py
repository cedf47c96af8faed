"""The sides of `gk diff --live`: a running Grafana and the definitions.

Both sides have the form in which a push compares them: if the documents are equal, a push would
write nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gk.diff.sides.side import Side, Version
from gk.documents.secrets.references import referring
from gk.errors import Problem, Source
from gk.grafana.errors import GrafanaError
from gk.grafana.live import Live, Parts
from gk.push.plan import desired_parts, is_as_pushed, live_parts, whole
from gk.push.server import Server, in_parallel
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["live_sides"]


def live_sides(
    server: Server,
    resources: Sequence[Resource],
    chosen: Set[Key],
    done: Callable[[], None] = lambda: None,
) -> tuple[Side, Side]:
    """The chosen objects in Grafana, and `resources`, their definitions, in the form that a push
    sends.

    Chosen objects that are no longer defined are on Grafana's side only, unless they are gone there
    or another project owns them too. An object that gk cannot read is on neither side, but a
    problem of the first. Calls `done` after each object.
    """
    wanted = [resource for resource in server.resources(resources) if resource.key in chosen]
    defined = {resource.key: resource for resource in wanted}
    gone = sorted(
        chosen - defined.keys() - server.owners.keys(), key=lambda key: (key[0].value, key[1])
    )
    read = in_parallel(partial(_read, server, defined), [*defined, *gone], server.workers, done)
    # An object that gk could not read would look as if it was added.
    unread = {item.key for item in read if item.problem}
    there = [item for item in read if item.resource]
    old = Side(
        name=f"Grafana at {server.grafana.client.connection.shown}",
        resources=[item.resource for item in there if item.resource],
        problems=tuple(sorted(item.problem for item in read if item.problem)),
        saved=frozenset(item.key[1] for item in there if item.is_saved),
        is_live=True,
        history={item.key: item.history for item in there if item.history},
    )
    new = [
        _comparable(resource, desired_parts(resource))
        for resource in wanted
        if resource.key not in unread
    ]
    return old, Side(name="definitions", resources=new)


# Objects


@dataclass(frozen=True, kw_only=True)
class _Read:
    """The result of reading one object: `resource` if it exists, `problem` if reading failed,
    neither if Grafana lacks it."""

    key: Key
    resource: Resource | None = None
    problem: Problem | None = None
    is_saved: bool = False
    history: tuple[Version, ...] = ()


def _read(server: Server, defined: dict[Key, Resource], key: Key) -> _Read:
    resource = defined.get(key)
    if resource and server.has_newest(resource):
        return _Read(key=key, resource=_comparable(resource, desired_parts(resource)))
    source = resource.source if resource else Source("")
    try:
        live = server.read(key)
        if live is None:
            return _Read(key=key)
        is_saved = live.kind is Kind.DASHBOARD and _is_saved(server, resource, live)
    except GrafanaError as error:
        title = resource.title if resource else server.titles.get(key, key[1])
        return _Read(
            key=key,
            problem=Problem(source, f"{key[0].value} '{title or key[1]}' cannot be read: {error}"),
        )
    shell = Resource(key[0], key[1], live.title or key[1], live.folder, b"", source)
    return _Read(
        key=key,
        resource=_comparable(shell, _parts(server, resource, live), live.body),
        is_saved=is_saved,
        history=_last_save(server, live),
    )


def _parts(server: Server, resource: Resource | None, live: Live) -> Parts:
    """The parts of an object. If it is unchanged since gk pushed it, its secrets become the
    references of the definition: Grafana hides their values."""
    entry = server.entry((live.kind, live.uid))
    if resource is None:
        return live.parts
    there = live_parts(resource, live)
    if live.kind is Kind.DASHBOARD or not (entry and is_as_pushed(entry, live)):
        return there
    parts: Parts = referring(there, desired_parts(resource))
    return parts


def _comparable(resource: Resource, parts: Parts, body: Any = None) -> Resource:
    """A resource with a comparable document: the full document of a dashboard; for other kinds,
    the parts without defaults."""
    if resource.kind is Kind.DASHBOARD:
        return replace(
            resource, json=canonical(body) if body is not None else resource.json, uses=()
        )
    return replace(resource, json=canonical(whole(resource.kind, parts)), uses=())


def _is_saved(server: Server, resource: Resource | None, live: Live) -> bool:
    """Whether somebody other than gk saved a dashboard that differs. Such a save also stores the
    view; versions that gk pushed do not."""
    entry = server.entry((live.kind, live.uid))
    if resource is None or (entry and entry.stamp and entry.stamp == live.stamp):
        return False
    # Equal parts need no request for the version.
    if live.parts == desired_parts(resource):
        return False
    return not server.pushed(live)


def _last_save(server: Server, live: Live) -> tuple[Version, ...]:
    """The last save of an object that changed since gk pushed it, if Grafana reports one. Empty for
    dashboards, which have a list of versions."""
    entry = server.entry((live.kind, live.uid))
    if live.kind is Kind.DASHBOARD or not live.changed or (entry and is_as_pushed(entry, live)):
        return ()
    return (Version(0, live.changed_by, live.changed_at),)
