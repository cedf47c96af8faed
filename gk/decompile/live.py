"""What a running Grafana has, as resources: all that somebody drew or wrote there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gk.errors import Problem, Source
from gk.grafana.errors import DeniedError, GrafanaError, NotFoundError
from gk.grafana.live import Live
from gk.push.ledger import TAG
from gk.push.server import Server
from gk.resource import Kind, Resource, canonical

__all__ = ["Found", "every_object"]


@dataclass(frozen=True)
class Found:
    """The objects of a Grafana that may be defined; the others, with the reason, and what could not
    be read."""

    resources: Sequence[Resource]
    left: Sequence[str]
    problems: Sequence[Problem]


def every_object(server: Server, done: Callable[[], None] = lambda: None) -> Found:
    """Read every object, in the order in which Grafana needs the kinds. Calls `done` after each.

    Objects that are provisioned from files, or that another project pushed, are left to these, but
    for folders that others are in: definitions name them.
    """
    resources: list[Resource] = []
    left: list[str] = []
    problems: list[Problem] = []
    folders: dict[str, Live] = {}
    # Where they cannot be read, the loop says why.
    with suppress(GrafanaError):
        folders = {live.uid: live for live in server.grafana.every(Kind.FOLDER)}
    for kind in sorted(Kind, key=lambda kind: kind.order):
        if not kind.facts.in_grafana:
            continue
        try:
            for live in server.grafana.every(kind):
                done()
                if live.is_untouched and kind is Kind.FOLDER_PERMISSIONS:
                    # Every folder that nobody opened or closed has them.
                    continue
                if reason := _left(server, live):
                    left.append(f"{kind.value} '{live.title or live.uid}': {reason}")
                else:
                    resources.append(_resource(live, folders))
        except (DeniedError, NotFoundError) as error:
            left.append(f"{kind.value}s: {error}")
        except GrafanaError as error:
            problems.append(Problem(Source(""), f"{kind.value}s cannot be read: {error}"))
    own = {each.uid for each in resources if each.kind is Kind.FOLDER}
    named = {each.folder for each in resources} - own
    while named:
        # Their own parents, too.
        resources[:0] = [_resource(folders[uid], folders) for uid in named if uid in folders]
        own |= named
        named = {each.folder for each in resources} - own
    return Found(resources, left, problems)


def _left(server: Server, live: Live) -> str:
    """Why an object is left as it is; empty if it is not."""
    if live.is_untouched:
        return "it is as Grafana made it"
    if live.kind is Kind.DASHBOARD and TAG in (live.body.get("tags") or ()):
        return "it is a ledger, in which gk notes what it pushed"
    if owner := server.owners.get((live.kind, live.uid)):
        return f"the project '{owner}' pushed it"
    return live.locked or server.locked.get((live.kind, live.uid), "")


def _resource(live: Live, folders: Mapping[str, Live]) -> Resource:
    title = "/".join(_path(live, folders)) if live.kind is Kind.FOLDER else live.title
    return Resource(
        live.kind, live.uid, title or live.uid, live.folder, canonical(live.body), Source("")
    )


def _path(folder: Live, folders: Mapping[str, Live]) -> list[str]:
    """The title of a folder after those of the folders that it is in."""
    way = {folder.uid: folder}
    while (parent := folders.get([*way.values()][-1].folder)) and parent.uid not in way:
        way[parent.uid] = parent
    return [each.title or each.uid for each in reversed(way.values())]
