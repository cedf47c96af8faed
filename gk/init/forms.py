"""How gk init shows its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted
from gk.init.outcome import Outcome, State
from gk.init.sets import RUNBOOKS, Set

__all__ = ["FORMS", "LISTINGS", "Report"]


@dataclass(frozen=True)
class Report:
    """The result in a folder; `is_update` if newer versions were taken. `notes` is what the user
    should know, `next_` are commands."""

    folder: str
    outcomes: Sequence[Outcome]
    is_update: bool = False
    notes: Sequence[str] = ()
    next_: Sequence[str] = ()


_WORDS: Mapping[State, tuple[str, Tone, str]] = MappingProxyType(
    {
        State.CREATED: ("+", Tone.GOOD, ""),
        State.UPDATED: ("~", Tone.DOUBTFUL, ""),
        State.MERGED: ("~", Tone.DOUBTFUL, ": merged with your edits"),
        State.CONFLICT: ("!", Tone.BAD, ": conflicts with your edits; choose between the markers"),
        State.UNRESOLVED: ("!", Tone.BAD, ": still has the markers of a conflict; resolve it"),
        State.KEPT: ("=", Tone.FAINT, ": exists; left as it is"),
        State.IN_THE_WAY: ("!", Tone.BAD, ": exists; left as it is, so what gk ships is missing"),
        State.DELETED: ("=", Tone.FAINT, ": you deleted it; not brought back"),
        State.DROPPED: ("=", Tone.FAINT, ": gk no longer ships it; yours from now on"),
    }
)


def text(report: Report, style: Style = plain) -> str:
    """Every file that was written or left, what to know, and what to do next."""
    runbooks = [
        outcome
        for outcome in report.outcomes
        if outcome.state is State.CREATED and outcome.path.startswith(f"{RUNBOOKS}/")
    ]
    # A set brings dozens.
    runbooks = runbooks if len(runbooks) > 1 else []
    listed = [
        outcome
        for outcome in report.outcomes
        if outcome.state in _WORDS and outcome not in runbooks
    ]
    lines = []
    for outcome in listed:
        mark, tone, words = _WORDS[outcome.state]
        lines.append(style(f"{mark} {outcome.path}{words}", tone))
    if runbooks:
        lines.append(style(f"+ {RUNBOOKS}/: {counted(len(runbooks), 'runbook')}", Tone.GOOD))
    lines += [_summary(report), *report.notes]
    if report.next_:
        lines += ["", "next:", *(f"  {command}" for command in report.next_)]
    return "\n".join(lines)


def _summary(report: Report) -> str:
    states = [outcome.state for outcome in report.outcomes]
    created = states.count(State.CREATED)
    if not report.is_update:
        return f"wrote {counted(created, 'file')} in {report.folder}/"
    counts = {
        "new": created,
        "updated": states.count(State.UPDATED),
        "merged": states.count(State.MERGED),
        "in conflict": states.count(State.CONFLICT) + states.count(State.UNRESOLVED),
    }
    if not any(counts.values()):
        return "everything that was brought is up to date"
    return ", ".join(f"{number} {what}" for what, number in counts.items())


def as_json(report: Report) -> str:
    """The same as a document."""
    body = {
        "version": 1,
        "folder": report.folder,
        "files": [
            {"path": outcome.path, "state": outcome.state.value} for outcome in report.outcomes
        ],
        "notes": report.notes,
    }
    return json.dumps(body, indent=2)


def listing(sets: Mapping[str, Set], style: Style = plain) -> str:
    """The sets, their files, and what they need."""
    lines = []
    for name, set_ in sets.items():
        lines.append(f"{style(name, Tone.STRONG)}: {', '.join(set_.modules)}")
        lines.append(style(f"  needs {set_.needs}", Tone.FAINT))
    return "\n".join(lines)


def listing_as_json(sets: Mapping[str, Set]) -> str:
    """The sets as a document."""
    listed = [
        {"name": name, "needs": set_.needs, "files": set_.modules} for name, set_ in sets.items()
    ]
    return json.dumps({"version": 1, "sets": listed}, indent=2)


LISTINGS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"text": listing, "json": listing_as_json}
)
FORMS: Mapping[str, Callable[..., str]] = MappingProxyType({"text": text, "json": as_json})
