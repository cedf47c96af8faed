"""The sides of `gk diff --live`: what a Grafana has, and the definitions; and who changed what is there.

Both sides are in the form in which a push compares them, so that equal documents mean that a push would write nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gk.diff.model import Change, Diff
from gk.diff.side import Key, Side, Version
from gk.errors import Problem, Source
from gk.grafana.client import GrafanaError, MalformedError
from gk.grafana.live import Live, Parts
from gk.grafana.objects import SavedVersion
from gk.plan import desired_parts, is_as_pushed, whole
from gk.push.server import Server, in_parallel
from gk.resource import Kind, Resource, canonical
from gk.secrets.references import referring

__all__ = ["live_sides", "with_history"]

FIRST_SAVE = "Initial save"
"""What the list of versions says of a first one in place of its message (9.3)."""


def live_sides(
    server: Server, resources: Sequence[Resource], chosen: Set[Key], done: Callable[[], None] = lambda: None
) -> tuple[Side, Side]:
    """What a Grafana has of the chosen objects, and what the definitions say, `resources`, as they are sent there.

    What is chosen and no longer defined is only on Grafana's side, unless it is gone there, or another project's too.
    An object that cannot be read is on neither side, but a problem of the first. `done` is called after each object.
    """
    wanted = [each for each in server.resources(resources) if (each.kind, each.uid) in chosen]
    defined = {(each.kind, each.uid): each for each in wanted}
    gone = sorted(chosen - defined.keys() - server.owners.keys(), key=lambda key: (key[0].value, key[1]))
    found = in_parallel(partial(_read, server, defined), [*defined, *gone], server.workers, done)
    unread = {each.key for each in found if each.problem}
    there = [each for each in found if each.resource]
    old = Side(
        name=f"Grafana at {server.grafana.client.connection.shown}",
        resources=[each.resource for each in there if each.resource],
        problems=tuple(sorted(each.problem for each in found if each.problem)),
        saved=frozenset(each.key[1] for each in there if each.is_saved),
        is_live=True,
        history={each.key: each.history for each in there if each.history},
    )
    new = [_comparable(each, desired_parts(each)) for each in wanted if (each.kind, each.uid) not in unread]
    return old, Side(name="definitions", resources=new)


def with_history(found: Diff, server: Server, done: Callable[[], None] = lambda: None) -> Diff:
    """A comparison with the versions of each dashboard that were saved after the last one that gk pushed.

    Those that cannot be listed are none: they would say more of a difference that is known anyway. `done` is called
    after each dashboard.
    """
    asked = [each for each in found.changes if each.kind is Kind.DASHBOARD and each.old is not None]
    histories = in_parallel(lambda each: _versions(server, each), asked, server.workers, done)
    by_anchor = {each.anchor: history for each, history in zip(asked, histories, strict=True) if history}
    return replace(
        found, changes=tuple(replace(each, history=by_anchor.get(each.anchor, each.history)) for each in found.changes)
    )


# Objects


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What became of reading one object: it is there, or not, or there is a problem."""

    key: Key
    resource: Resource | None = None
    problem: Problem | None = None
    is_saved: bool = False
    history: tuple[Version, ...] = ()


def _read(server: Server, defined: dict[Key, Resource], key: Key) -> _Read:
    resource = defined.get(key)
    source = resource.source if resource else Source("")
    try:
        live = server.grafana.read(*key)
        if live is None:
            return _Read(key=key)
        is_saved = live.kind is Kind.DASHBOARD and _is_saved(server, resource, live)
    except GrafanaError as error:
        title = resource.title if resource else server.titles.get(key, key[1])
        return _Read(key=key, problem=Problem(source, f"{key[0].value} '{title or key[1]}' cannot be read: {error}"))
    found = Resource(key[0], key[1], live.title or key[1], live.folder, b"", source)
    return _Read(
        key=key,
        resource=_comparable(found, _parts(server, resource, live), live.body),
        is_saved=is_saved,
        history=_last_save(server, live),
    )


def _parts(server: Server, resource: Resource | None, live: Live) -> Parts:
    """The parts of an object; of one that is as gk pushed it, secrets are those that the definition refers to."""
    entry = server.entry((live.kind, live.uid))
    if resource is None or live.kind is Kind.DASHBOARD or not (entry and is_as_pushed(entry, live)):
        return live.parts
    parts: Parts = referring(live.parts, desired_parts(resource))
    return parts


def _comparable(resource: Resource, found: Parts, body: Any = None) -> Resource:
    """A resource with its document as it can be compared: a dashboard's own, of anything else without defaults."""
    if resource.kind is Kind.DASHBOARD:
        return replace(resource, json=canonical(body) if body is not None else resource.json, uses=())
    return replace(resource, json=canonical(whole(resource.kind, found)), uses=())


def _is_saved(server: Server, resource: Resource | None, live: Live) -> bool:
    """Whether somebody saved a dashboard that differs: gk's own versions have no view that somebody looked at."""
    entry = server.entry((live.kind, live.uid))
    if resource is None or (entry and entry.stamp and entry.stamp == live.stamp):
        return False
    if live.parts == desired_parts(resource):
        return False
    message, _ = server.grafana.version(live.uid, live.version)
    return not message.startswith(server.signature)


# Who and when


def _last_save(server: Server, live: Live) -> tuple[Version, ...]:
    """The last save of what is not as gk pushed it, as far as Grafana tells; dashboards have a list of them."""
    entry = server.entry((live.kind, live.uid))
    if live.kind is Kind.DASHBOARD or not live.changed or (entry and is_as_pushed(entry, live)):
        return ()
    return (Version(0, live.changed_by, live.changed_at),)


def _versions(server: Server, change: Change) -> tuple[Version, ...]:
    found = []
    try:
        for each in server.grafana.versions(change.old_uid):
            if _is_pushed(server, change.old_uid, each):
                break
            found.append(Version(each.number, each.by, each.at, each.message))
    except MalformedError:
        raise
    except GrafanaError:
        return ()
    return tuple(found)


def _is_pushed(server: Server, uid: str, version: SavedVersion) -> bool:
    message = version.message
    if message == FIRST_SAVE:
        message, _ = server.grafana.version(uid, version.number)
    return message.startswith(server.signature)
