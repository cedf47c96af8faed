"""What a running Grafana has, as resources: all that somebody drew or wrote there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

    Objects that are provisioned from files, or that another project pushed, are left to these.
    """
    resources: list[Resource] = []
    left: list[str] = []
    problems: list[Problem] = []
    folders: dict[str, tuple[str, str]] = {}
    for kind in sorted(Kind, key=lambda kind: kind.order):
        if not kind.facts.in_grafana:
            continue
        try:
            for live in server.grafana.every(kind):
                done()
                if kind is Kind.FOLDER:
                    folders[live.uid] = live.title, live.folder
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


def _resource(live: Live, folders: dict[str, tuple[str, str]]) -> Resource:
    title = "/".join(_path(live.uid, folders)) if live.kind is Kind.FOLDER else live.title
    return Resource(
        live.kind, live.uid, title or live.uid, live.folder, canonical(live.body), Source("")
    )


def _path(uid: str, folders: dict[str, tuple[str, str]]) -> Iterator[str]:
    title, parent = folders.get(uid, (uid, ""))
    if parent in folders:
        yield from _path(parent, folders)
    yield title
