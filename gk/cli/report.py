"""Plans and what became of them, as text for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click

from gk.cli.console import count
from gk.documents.differences import ABSENT
from gk.push import Outcome, Server, Status
from gk.push.plan import Action, Field, Plan, PlannedChange
from gk.resource import Kind

__all__ = ["Report", "StatusReport"]

MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.DELETE: ("-", "red"),
    Action.CONFLICT: ("!", "red"),
    Action.BLOCKED: ("x", "red"),
    Action.ORPHAN: ("?", "yellow"),
}
WORDS = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.DELETE: "to delete",
    Action.CONFLICT: "in conflict",
    Action.BLOCKED: "blocked",
    Action.ORPHAN: "no longer defined",
    Action.UNCHANGED: "unchanged",
}
DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
MOST_FIELDS = 8
LONGEST = 72
"""Characters of a value that are shown."""


@dataclass
class Report:
    """A push: what was planned, and how it ended once it was applied."""

    server: Server
    plan: Plan
    revision: str
    outcomes: list[Outcome] = field(default_factory=list)
    refused: str = ""
    """Why nothing of the plan was applied."""

    def plan_text(self, seconds: float) -> str:
        """The plan: where, every change with its fields, and counts."""
        changes = [each for each in self.plan.changes if each.action is not Action.UNCHANGED]
        counts = [
            f"{self.plan.count(each)} {word}"
            for each, word in WORDS.items()
            if self.plan.count(each)
        ]
        lines = [where(self.server), *(line for each in changes for line in _change_lines(each))]
        lines.append(f"plan: {', '.join(counts) or 'nothing is defined here'} ({seconds:.2f} s)")
        return "\n".join([*lines, *self._hints()])

    def _hints(self) -> Iterator[str]:
        if orphans := [each for each in self.plan.of(Action.ORPHAN) if not each.reason]:
            yield (
                f"gk pushed {count(len(orphans), 'object')} that nothing defines any more: "
                "--prune deletes them"
            )
        conflicts = self.plan.of(Action.CONFLICT)
        if conflicts:
            yield (
                "conflicts are left alone: take over into the definitions what should stay, "
                "then --force overwrites the rest; what was there goes into .gk/replaced/ first"
            )
        if any(each.kind is Kind.DASHBOARD for each in conflicts):
            yield "Grafana keeps it too: a dashboard's Settings > Versions restores any version"

    def outcome_text(self, seconds: float) -> str:
        """How it ended: what did not go well by name, where things were kept, and counts."""
        lines = []
        for each in self.outcomes:
            if each.status is not Status.DONE:
                lines.append(
                    click.style(
                        f"x {_name(each.change)}: {each.status.value}: {_plain(each.reason)}",
                        fg="red",
                    )
                )
            elif each.kept:
                lines.append(
                    f"  {_name(each.change)}: "
                    f"what was there is in {each.kept}{_version_hint(each.change)}"
                )
        lines.append(f"pushed: {', '.join(self._ended()) or 'nothing'} ({seconds:.2f} s)")
        return "\n".join(lines)

    def _ended(self) -> Iterator[str]:
        done = [each.change.action for each in self.outcomes if each.status is Status.DONE]
        yield from (
            f"{done.count(action)} {word}" for action, word in DONE.items() if action in done
        )
        for status in (Status.CONFLICT, Status.FAILED, Status.SKIPPED):
            if number := sum(each.status is status for each in self.outcomes):
                yield f"{number} {status.value if status is not Status.CONFLICT else 'in conflict'}"

    def json(self, seconds: float) -> str:
        """The plan and its outcomes as one document."""
        outcomes = {each.change.key: each for each in self.outcomes}
        body = {
            "version": 1,
            **_server_json(self.server),
            "revision": self.revision,
            "refused": self.refused,
            "changes": [_change_json(each, outcomes.get(each.key)) for each in self.plan.changes],
            "summary": {each.value: self.plan.count(each) for each in Action},
            "ended": {
                status.value: sum(each.status is status for each in self.outcomes)
                for status in Status
            },
            "seconds": round(seconds, 3),
        }
        return json.dumps(body, indent=2)


def where(server: Server) -> str:
    """Which Grafana this is, who we are there, and as which project."""
    about = server.about
    named = f"Grafana {about.version}" if about.version else "Grafana"
    who = f"as {about.login}" if about.login else "as a service account"
    organization = f"organization {about.organization}" if about.organization else ""
    shown = server.grafana.client.connection.shown
    return _plain(
        f"{named} at {shown}, {', '.join(filter(None, (who, organization)))}; project "
        f"{server.ledger.project}"
    )


def _name(change: PlannedChange) -> str:
    names = change.title if change.title == change.uid else f"{change.title}' ({change.uid})"
    return _plain(f"{change.kind.value} '{names}{'' if names.endswith(')') else chr(39)}")


def _plain(text: str) -> str:
    """What a Grafana said without signs that a terminal obeys, such as those that turn the
    direction of a text."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _change_lines(change: PlannedChange) -> Iterator[str]:
    mark, color = MARKS[change.action]
    reason = (
        f": {'forced: ' if change.forced else ''}{_plain(change.reason)}" if change.reason else ""
    )
    yield click.style(f"{mark} {_name(change)}{reason}", fg=color)
    if change.action is Action.CREATE:
        return
    for each in change.fields[:MOST_FIELDS]:
        yield from _field_lines(each)
    if len(change.fields) > MOST_FIELDS:
        yield f"    and {count(len(change.fields) - MOST_FIELDS, 'more field')}"


def _field_lines(field: Field) -> Iterator[str]:
    path = _plain(field.path)
    if field.pushed is ABSENT and field.there is not ABSENT:
        yield f"    {path}: {_shown(field.there)} -> {_shown(field.here)}"
        return
    if field.pushed is ABSENT:
        yield f"    {path}: -> {_shown(field.here)}"
        return
    yield f"    {path}"
    yield f"      pushed: {_shown(field.pushed)}"
    yield f"      there:  {_shown(field.there)}"
    if field.here != field.pushed:
        yield f"      here:   {_shown(field.here)}"


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "(nothing)"
    text = _plain(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _version_hint(change: PlannedChange) -> str:
    if change.live is None or change.kind is not Kind.DASHBOARD or change.action is Action.DELETE:
        return ""
    return f"; in Grafana it is version {change.live.version} (Settings > Versions)"


def _server_json(server: Server) -> dict[str, Any]:
    connection, about = server.grafana.client.connection, server.about
    return {
        "grafana": {
            "url": connection.url,
            "context": connection.name,
            "version": about.version,
            "database": about.database,
            "organization": about.organization,
            "login": about.login,
        },
        "project": server.ledger.project,
    }


def _change_json(change: PlannedChange, outcome: Outcome | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "action": change.action.value,
        "kind": change.kind.value,
        "uid": change.uid,
        "title": change.title,
        "folder": change.folder,
        "reason": change.reason,
        "forced": change.forced,
        "fields": [_field_json(each) for each in change.fields],
    }
    if change.resource:
        body |= {"file": change.resource.source.file, "line": change.resource.source.line}
    if outcome:
        body |= {"status": outcome.status.value, "error": outcome.reason, "kept": outcome.kept}
    return body


def _field_json(field: Field) -> dict[str, Any]:
    values = {"there": field.there, "here": field.here, "pushed": field.pushed}
    return {
        "path": field.path,
        **{name: value for name, value in values.items() if value is not ABSENT},
    }


@dataclass
class StatusReport:
    """How what a project owns in a Grafana stands, and what else is there."""

    server: Server
    plan: Plan
    foreign: dict[str, int]

    @classmethod
    def of(cls, server: Server, plan: Plan) -> StatusReport:
        """Also lists what is in Grafana and in no entry of the ledger."""
        return cls(server, plan, server.foreign())

    @property
    def _lists(self) -> dict[str, list[PlannedChange]]:
        conflicts = self.plan.of(Action.CONFLICT)
        owned = {key for key, entry in self.server.ledger.entries.items() if entry.sent}
        creates = self.plan.of(Action.CREATE)
        return {
            "drifted": [each for each in conflicts if each.key in owned],
            "missing": [each for each in creates if each.key in owned],
            "new": [each for each in creates if each.key not in owned],
            "outdated": self.plan.of(Action.UPDATE),
            "taken": [each for each in conflicts if each.key not in owned],
            "blocked": self.plan.of(Action.BLOCKED),
            "orphaned": self.plan.of(Action.ORPHAN),
        }

    @property
    def is_clean(self) -> bool:
        """Whether Grafana is healthy and has everything as it is defined."""
        return self.server.about.database == "ok" and not any(self._lists.values())

    def text(self) -> str:
        """For people."""
        health = self.server.about.database
        lines = [
            where(self.server),
            "health: "
            f"{health if health == 'ok' else click.style(f'its database is {health}', fg='red')}",
            f"owned: {count(len(self.server.ledger.entries), 'object')}"
            + (
                f", last pushed at {self.server.ledger.revision}"
                if self.server.ledger.revision
                else ""
            ),
        ]
        for name, changes in self._lists.items():
            lines.append(f"{name}: {len(changes)}{_MEANING[name] if changes else ''}")
            lines += [
                f"  {_name(each)}{f': {_plain(each.reason)}' if each.reason else ''}"
                for each in changes
            ]
        foreign = [count(number, kind) for kind, number in self.foreign.items() if number]
        lines.append(f"foreign: {', '.join(foreign) or 'none'}")
        return "\n".join(lines)

    def json(self) -> str:
        """For machines."""
        body = {
            "version": 1,
            **_server_json(self.server),
            "revision": self.server.ledger.revision,
            "owned": len(self.server.ledger.entries),
            **{
                name: [_change_json(each, None) for each in changes]
                for name, changes in self._lists.items()
            },
            "foreign": self.foreign,
        }
        return json.dumps(body, indent=2)


_MEANING = {
    "drifted": " (changed there since gk pushed it)",
    "missing": " (gk pushed it, and it is not there any more)",
    "new": " (defined, and not pushed yet)",
    "outdated": " (the definitions changed since)",
    "taken": " (there already, and gk did not push it)",
    "blocked": " (cannot be pushed)",
    "orphaned": " (gk pushed it, and it is no longer defined)",
}
