"""How gk push shows a plan and its outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gk.documents.differences import ABSENT
from gk.documents.schema_v2 import is_enveloped
from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.push.applying import Status
from gk.push.forms.words import change_json, name_of, server_json, visible, where
from gk.push.plan import Action, Field, Plan, PlannedChange
from gk.push.report import Report
from gk.resource import Kind

__all__ = ["FORMS"]

MARKS = {
    Action.CREATE: ("+", Tone.GOOD),
    Action.UPDATE: ("~", Tone.DOUBTFUL),
    Action.DELETE: ("-", Tone.BAD),
    Action.CONFLICT: ("!", Tone.BAD),
    Action.BLOCKED: ("x", Tone.BAD),
    Action.ORPHAN: ("?", Tone.DOUBTFUL),
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


def text(report: Report, style: Style = plain) -> str:
    """The plan; or the outcomes, once something was applied."""
    return "\n".join(_ended(report, style) if report.outcomes else _planned(report, style))


def _planned(report: Report, style: Style) -> Iterator[str]:
    """The Grafana, every change with its fields, and counts."""
    plan = report.plan
    yield where(report.server)
    for change in plan.changes:
        if change.action is not Action.UNCHANGED:
            yield from _change_lines(change, style)
    counts = [
        f"{plan.count(action)} {word}" for action, word in WORDS.items() if plan.count(action)
    ]
    yield f"plan: {', '.join(counts) or 'nothing is defined here'} ({report.seconds:.2f} s)"
    yield from _hints(plan)
    yield from _hidden_layouts(report)


def _hints(plan: Plan) -> Iterator[str]:
    if orphans := [change for change in plan.of(Action.ORPHAN) if not change.reason]:
        yield (
            f"gk pushed {counted(len(orphans), 'object')} that the definitions no longer have: "
            "--prune deletes them"
        )
    conflicts = plan.of(Action.CONFLICT)
    if conflicts:
        yield (
            "conflicts are not pushed: gk pull NAME brings the changes you want to keep into the "
            "definitions, then --force overwrites the rest; gk first saves the replaced versions "
            "in .gk/replaced/"
        )
    if any(change.kind is Kind.DASHBOARD for change in conflicts):
        yield "Grafana keeps it too: a dashboard's Settings > Versions restores any version"


def _hidden_layouts(report: Report) -> Iterator[str]:
    """That this Grafana does not show what schema v2 adds."""
    about, apis = report.server.about, report.server.grafana.client.apis
    defined = [change.resource for change in report.plan.changes if change.resource]
    is_hidden = about.needs_a_toggle_for_v2 and not apis.shows_v2
    if is_hidden and any(is_enveloped(resource.body) for resource in defined):
        yield (
            f"Grafana {visible(about.version)} shows dashboards of schema v2 as classic ones, "
            "below a warning, until its feature toggle dashboardNewLayouts is on"
        )


def _change_lines(change: PlannedChange, style: Style) -> Iterator[str]:
    mark, tone = MARKS[change.action]
    reason = (
        f": {'forced: ' if change.forced else ''}{visible(change.reason)}" if change.reason else ""
    )
    yield style(f"{mark} {name_of(change)}{reason}", tone)
    # A new object differs in everything.
    if change.action is Action.CREATE:
        return
    for field in change.fields[:MOST_FIELDS]:
        yield from _field_lines(field)
    if len(change.fields) > MOST_FIELDS:
        yield f"    and {counted(len(change.fields) - MOST_FIELDS, 'more field')}"


def _field_lines(field: Field) -> Iterator[str]:
    path = visible(field.path)
    if field.there is ABSENT and field.pushed is ABSENT:
        yield f"    {path}: -> {_shown(field.here)}"
        return
    if field.pushed is ABSENT or field.is_ours:
        yield f"    {path}: {_shown(field.there)} -> {_shown(field.here)}"
        return
    yield f"    {path}"
    yield f"      pushed: {_shown(field.pushed)}"
    yield f"      there:  {_shown(field.there)}"
    yield f"      here:   {_shown(field.here)}"


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "(nothing)"
    if isinstance(value, Mapping) and {"title", "type"} <= value.keys():
        # A whole panel: the path has its title, and the rest nobody reads in one line.
        return f"({visible(str(value['type']))})"
    text = visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _version_hint(change: PlannedChange) -> str:
    if change.live is None or change.kind is not Kind.DASHBOARD or change.action is Action.DELETE:
        return ""
    return f"; in Grafana it is version {change.live.version} (Settings > Versions)"


def _ended(report: Report, style: Style) -> Iterator[str]:
    """What failed, where replaced versions were saved, and counts."""
    for outcome in report.outcomes:
        name = name_of(outcome.change)
        if outcome.status is not Status.DONE:
            yield style(f"x {name}: {outcome.status.value}: {visible(outcome.reason)}", Tone.BAD)
        elif outcome.kept:
            hint = _version_hint(outcome.change)
            yield f"  {name}: the previous version is in {outcome.kept}{hint}"
    yield f"pushed: {', '.join(_counts(report)) or 'nothing'} ({report.seconds:.2f} s)"


def _counts(report: Report) -> Iterator[str]:
    done = [outcome.change.action for outcome in report.outcomes if outcome.status is Status.DONE]
    yield from (f"{done.count(action)} {word}" for action, word in DONE.items() if action in done)
    for status in (Status.CONFLICT, Status.FAILED, Status.SKIPPED):
        if number := sum(outcome.status is status for outcome in report.outcomes):
            yield f"{number} {status.value if status is not Status.CONFLICT else 'in conflict'}"


def as_json(report: Report) -> str:
    """The plan and its outcomes as one document."""
    outcomes = {outcome.change.key: outcome for outcome in report.outcomes}
    body = {
        "version": 1,
        **server_json(report.server),
        "revision": report.revision,
        "refused": report.refused,
        "changes": [
            change_json(change, outcomes.get(change.key)) for change in report.plan.changes
        ],
        "summary": {action.value: report.plan.count(action) for action in Action},
        "ended": {
            status.value: sum(outcome.status is status for outcome in report.outcomes)
            for status in Status
        },
        "seconds": round(report.seconds, 3),
    }
    return json.dumps(body, indent=2)


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json}
