"""What a running Grafana has, as resources: all that somebody drew or wrote there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gk.errors import Problem, Source
from gk.forms.plurals import plural
from gk.grafana.errors import DeniedError, GrafanaError, NotFoundError
from gk.grafana.live import Live
from gk.push.ledger import TAG
from gk.push.server import Server
from gk.resource import Kind, Resource, canonical

__all__ = ["Objects", "every_object"]


@dataclass(frozen=True)
class Objects:
    """The objects of a Grafana that may be defined; the others, with the reason, and what could not
    be read."""

    resources: Sequence[Resource]
    left: Sequence[str]
    problems: Sequence[Problem]


def every_object(server: Server, done: Callable[[], None] = lambda: None) -> Objects:
    """Read every object, in the order in which Grafana needs the kinds. Calls `done` after each.

    Objects that are provisioned from files, or that another project pushed, are left to these, but
    for the folders of other objects: gk finds a folder by its definition.
    """
    objects: list[Live] = []
    left: list[str] = []
    problems: list[Problem] = []
    for kind in sorted(Kind, key=lambda kind: kind.order):
        if not kind.facts.in_grafana:
            continue
        try:
            for live in server.every(kind):
                done()
                objects.append(live)
        except (DeniedError, NotFoundError) as error:
            left.append(f"{plural(kind.value)}: {error}")
        except GrafanaError as error:
            problems.append(Problem(Source(""), f"{plural(kind.value)} cannot be read: {error}"))
    # A list of folders may have one before the folder that it is in.
    folders = {live.uid: live for live in objects if live.kind is Kind.FOLDER}
    reasons = {(live.kind, live.uid): _reason(server, live) for live in objects}
    needed = {
        uid
        for live in objects
        if not reasons[live.kind, live.uid]
        for uid in _way(live.folder, folders)
    }
    resources: list[Resource] = []
    for live in objects:
        reason = reasons[live.kind, live.uid]
        if not reason or (live.kind is Kind.FOLDER and live.uid in needed):
            resources.append(_resource(live, folders))
        elif not (live.is_untouched and live.kind is Kind.FOLDER_PERMISSIONS):
            # Every folder that nobody opened or closed has such permissions.
            left.append(f"{live.kind.value} '{live.title or live.uid}': {reason}")
    return Objects(resources, left, problems)


def _reason(server: Server, live: Live) -> str:
    """Why an object is left as it is; empty if it is not."""
    if live.is_untouched:
        return "it is as Grafana made it"
    if live.kind is Kind.DASHBOARD and TAG in (live.body.get("tags") or ()):
        return "it is a ledger, in which gk notes what it pushed"
    if owner := server.owners.get((live.kind, live.uid)):
        return f"the project '{owner}' pushed it"
    return live.locked or server.locked.get((live.kind, live.uid), "")


def _resource(live: Live, folders: Mapping[str, Live]) -> Resource:
    titles = [folders[uid].title or uid for uid in _way(live.uid, folders)]
    title = "/".join(titles) if live.kind is Kind.FOLDER else live.title
    return Resource(
        live.kind, live.uid, title or live.uid, live.folder, canonical(live.body), Source("")
    )


def _way(uid: str, folders: Mapping[str, Live]) -> list[str]:
    """The folders on the way to one, and itself; none for one that is not known."""
    way: list[str] = []
    while uid in folders and uid not in way:
        way.insert(0, uid)
        uid = folders[uid].folder
    return way
