"""Finds who saved the dashboards in Grafana that differ from the definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gk.diff.model import Change, Diff
from gk.diff.sides.side import Version
from gk.grafana.errors import GrafanaError, MalformedError
from gk.grafana.objects import SavedVersion
from gk.push.server import Server, in_parallel
from gk.resource import Kind

__all__ = ["with_history"]

FIRST_SAVE = "Initial save"
"""What the list of versions has in place of the first version's message (9.3)."""


def with_history(comparison: Diff, server: Server, done: Callable[[], None] = lambda: None) -> Diff:
    """Add to a comparison the versions of each dashboard that were saved after gk's last push.

    If Grafana cannot list the versions of a dashboard, it gets none: the difference itself is known
    anyway. Calls `done` after each dashboard.
    """
    asked = [
        change
        for change in comparison.changes
        if change.kind is Kind.DASHBOARD and change.old is not None
    ]
    histories = in_parallel(lambda change: _versions(server, change), asked, server.workers, done)
    by_anchor = {
        change.anchor: history for change, history in zip(asked, histories, strict=True) if history
    }
    return replace(
        comparison,
        changes=tuple(
            replace(change, history=by_anchor.get(change.anchor, change.history))
            for change in comparison.changes
        ),
    )


def _versions(server: Server, change: Change) -> tuple[Version, ...]:
    versions = []
    try:
        for version in server.grafana.versions(change.old_uid):
            if _is_pushed(server, change.old_uid, version):
                break
            versions.append(Version(version.number, version.by, version.at, version.message))
    # An answer that is not Grafana's is worth an error; a refusal is not.
    except MalformedError:
        raise
    except GrafanaError:
        return ()
    return tuple(versions)


def _is_pushed(server: Server, uid: str, version: SavedVersion) -> bool:
    message = version.message
    if message == FIRST_SAVE:
        message, _ = server.grafana.version(uid, version.number)
    return message.startswith(server.signature)
