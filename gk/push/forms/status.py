"""How gk status shows the state of what a project owns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.push.forms.words import change_json, name_of, server_json, visible, where
from gk.push.report import StatusReport

__all__ = ["FORMS"]

_MEANING = {
    "drifted": " (changed in Grafana since gk pushed it)",
    "missing": " (deleted in Grafana)",
    "new": " (defined, not pushed yet)",
    "outdated": " (the definitions changed since the last push)",
    "taken": " (already exists, and gk did not push it)",
    "blocked": " (cannot be pushed)",
    "orphaned": " (pushed, no longer defined)",
}


def text(report: StatusReport, style: Style = plain) -> str:
    """The Grafana, its health, and every object that differs from the definitions."""
    return "\n".join(_lines(report, style))


def _lines(report: StatusReport, style: Style) -> Iterator[str]:
    health, ledger = report.server.about.database, report.server.ledger
    yield where(report.server)
    ailing = style(f"its database is {health}", Tone.BAD)
    yield f"health: {health if health == 'ok' else ailing}"
    last = f", last pushed at {ledger.revision}" if ledger.revision else ""
    yield f"owned: {counted(len(ledger.entries), 'object')}{last}"
    for name, changes in report.lists.items():
        yield f"{name}: {len(changes)}{_MEANING[name] if changes else ''}"
        for change in changes:
            yield f"  {name_of(change)}{f': {visible(change.reason)}' if change.reason else ''}"
    foreign = [counted(number, kind) for kind, number in report.foreign.items() if number]
    yield f"foreign: {', '.join(foreign) or 'none'}"


def as_json(report: StatusReport) -> str:
    """The same as a document."""
    ledger = report.server.ledger
    body = {
        "version": 1,
        **server_json(report.server),
        "revision": ledger.revision,
        "owned": len(ledger.entries),
        **{name: list(map(change_json, changes)) for name, changes in report.lists.items()},
        "foreign": report.foreign,
    }
    return json.dumps(body, indent=2)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
