"""Fixes what checks find in exported dashboards (JSON), where that can be proven.

    findings -> a fix of each check on the document of the file -> edits of its text
             -> the project is built with them, and checked -> files

A fix is kept only if the project then builds exactly what the same fix makes of the dashboard that
was built before, all other objects are as they were, and no check finds anything new. Definitions
in Python are for people: a finding says what to write.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from gk.bounded.reading import UnusableFileError, read_bytes
from gk.check import Report
from gk.check.model import Finding
from gk.check.policy import Chosen
from gk.documents.exports import opened
from gk.documents.json_edits import NoEditError, applied, edits
from gk.documents.schema_v2 import as_classic, is_v2
from gk.errors import ConfigError, Problem, Source
from gk.resource import Kind, Resource, canonical

__all__ = ["Attempt", "Checked", "Fixed", "Fixes", "Outcome", "fixes", "write"]

_LARGEST = 64 << 20
"""Bytes of an exported dashboard."""


class Checked(NamedTuple):
    """What an environment of the project builds, and what the checks find in it."""

    resources: Sequence[Resource]
    report: Report


Outcome: TypeAlias = Mapping[str, Checked]
"""Of each environment, by its name."""
Attempt: TypeAlias = "Callable[[Mapping[str, str]], Outcome | None]"
"""Builds and checks a copy of the project with other texts of files; None if it does not build."""


@dataclass(frozen=True)
class Fixed:
    """What a fix changed, and where."""

    source: Source
    check: str
    what: str

    def __str__(self) -> str:
        return f"{self.source}: {self.what} [{self.check}]"


@dataclass
class Fixes:
    """What is fixed, what could not be and why, and the files before and after."""

    done: list[Fixed] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Proposal:
    """The new text of a file, the checks whose fixes made it, and what these changed."""

    file: str
    text: str
    checks: tuple[Chosen, ...]
    done: tuple[Fixed, ...]


def fixes(root: Path, checks: Iterable[Chosen], first: Outcome, attempt: Attempt) -> Fixes:
    """Fix what the reports of `first` have, in exported dashboards of the project in `root`. Writes
    nothing."""
    result = Fixes()
    known = {selected.check.name: selected for selected in checks if selected.check.fix}
    wanted = _wanted(first, known)
    for file in wanted:
        try:
            # Not read_text: line breaks stay as they are.
            result.before[file] = read_bytes(root / file, _LARGEST).decode()
        except (UnusableFileError, UnicodeDecodeError) as error:
            result.refused.append(Problem(Source(file), f"is not fixed: {error}"))
    proposals = [
        proposal
        for file, names in wanted.items()
        if file in result.before
        if (proposal := _proposed(file, result.before[file], [known[name] for name in names]))
    ]
    # Most can be proven together, in one build.
    kept = proposals if _are_proven(proposals, first, attempt) else []
    for proposal in [] if kept else proposals:
        kept += _proven(proposal, result, first, attempt)
    for proposal in kept:
        result.after[proposal.file] = proposal.text
        result.done += proposal.done
    return result


def _wanted(outcome: Outcome, known: Mapping[str, Chosen]) -> dict[str, list[str]]:
    """The names of checks whose fixes each file needs. What somebody silenced stays, and with it
    all that the check finds in that file: a fix is about the whole of it."""
    names_in: dict[str, list[str]] = {}
    silenced = {
        (finding.source.file, finding.check)
        for checked in outcome.values()
        for finding, _ in checked.report.silenced
    }
    for checked in outcome.values():
        for finding in checked.report.findings:
            file, name = finding.source.file, finding.check
            names = names_in.setdefault(file, []) if name in known and _is_export(finding) else None
            if names is not None and name not in names and (file, name) not in silenced:
                names.append(name)
    return {file: names for file, names in names_in.items() if names}


def _is_export(finding: Finding) -> bool:
    is_dashboard = finding.key is not None and finding.key[0] is Kind.DASHBOARD
    return is_dashboard and finding.source.file.endswith(".json")


def _proposed(file: str, text: str, checks: Sequence[Chosen]) -> _Proposal | None:
    """The text after the fixes; None if they change nothing, or more than single values."""
    done: list[Fixed] = []
    changed = text
    for chosen in checks:
        document = json.loads(changed.removeprefix("\ufeff"))
        body = opened(document).body
        # A fix knows classic dashboards. What is in a text of the document, as in an object of the
        # operator, changes nothing in it, and so has no edits.
        changes = [] if is_v2(body) else _fix(chosen, body)
        try:
            parts = edits(changed, document) if changes else []
        except NoEditError:
            parts = []
        if parts:
            done += _told(file, changed, chosen, changes, [part.start for part in parts])
            changed = applied(changed, parts)
    names = {edit.check for edit in done}
    own = tuple(chosen for chosen in checks if chosen.check.name in names)
    return _Proposal(file, changed, own, tuple(done)) if done else None


def _told(
    file: str, text: str, chosen: Chosen, changes: Sequence[str], places: Sequence[int]
) -> Iterator[Fixed]:
    """What a fix changed, each at its line; at the first if one change is several edits."""
    if len(places) != len(changes):
        places = [places[0]] * len(changes)
    for change, place in zip(changes, places, strict=True):
        line = text.count("\n", 0, place) + 1
        yield Fixed(Source(file, line), chosen.check.name, change)


def _fix(chosen: Chosen, body: Any) -> list[str]:
    """What the check's fix changed in a document, in place."""
    assert chosen.check.fix
    try:
        return list(chosen.check.fix(body, **chosen.options))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        # An old document, whose shape only its migration knows: it may be half changed.
        return []


def _proven(
    proposal: _Proposal, result: Fixes, first: Outcome, attempt: Attempt
) -> list[_Proposal]:
    """The fixes of one file that can be proven: all, or else those of single checks."""
    if _are_proven([proposal], first, attempt):
        return [proposal]
    kept: list[_Proposal] = []
    text, checks = result.before[proposal.file], list[Chosen]()
    for chosen in proposal.checks:
        own = _proposed(proposal.file, result.before[proposal.file], [*checks, chosen])
        if len(proposal.checks) > 1 and own and _are_proven([own], first, attempt):
            kept, text = [own], own.text
            checks.append(chosen)
        else:
            about = f"{chosen.check.name} is not fixed: something else would change, too"
            result.refused.append(Problem(Source(proposal.file), about))
    return kept if text != result.before[proposal.file] else []


def _are_proven(proposals: Sequence[_Proposal], first: Outcome, attempt: Attempt) -> bool:
    """Whether the project builds, with these texts, what the fixes make of what it built before."""
    if not proposals:
        return False
    outcome = attempt({proposal.file: proposal.text for proposal in proposals})
    if outcome is None:
        return False
    fixed_in = {proposal.file: proposal.checks for proposal in proposals}
    return all(
        _is_as_fixed(first[name].resources, outcome[name].resources, fixed_in)
        and _finds_less(first[name].report, outcome[name].report)
        for name in first
    )


def _is_as_fixed(
    before: Sequence[Resource],
    after: Sequence[Resource],
    fixed_in: Mapping[str, Sequence[Chosen]],
) -> bool:
    then = {resource.key: resource for resource in after}
    if [resource.key for resource in before] != [resource.key for resource in after]:
        return False
    for resource in before:
        now, checks = then[resource.key], fixed_in.get(resource.source.file, ())
        if resource.kind is not Kind.DASHBOARD or not checks:
            if resource.json != now.json:
                return False
            continue
        body = as_classic(resource.body)
        for check in checks:
            _fix(check, body)
        if canonical(body) != canonical(as_classic(now.body)):
            return False
    return True


def _finds_less(before: Report, after: Report) -> bool:
    """Whether some findings are gone, and there are no others. An edit may move lines."""
    old, new = (
        Counter(
            (finding.check, finding.key, finding.place, finding.message)
            for finding in report.findings
        )
        for report in (before, after)
    )
    return new <= old


def write(root: Path, fixes: Fixes) -> None:
    """Write the files. Raises ConfigError, and writes nothing, if somebody changed one meanwhile,
    or if one is a link to a file outside of the project."""
    problems = [
        Problem(Source(file), mistake)
        for file in fixes.after
        if (mistake := _mistake(root, file, fixes.before[file]))
    ]
    if problems:
        raise ConfigError(problems)
    for file, text in fixes.after.items():
        path = (root / file).resolve()
        # Renamed into place: nobody reads half a file, and a failure leaves the old one.
        new = path.with_name(f".{path.name}.gk")
        new.write_text(text, encoding="utf-8", newline="")
        shutil.copymode(path, new)
        new.replace(path)


def _mistake(root: Path, file: str, before: str) -> str:
    path = (root / file).resolve()
    if not path.is_relative_to(root.resolve()):
        return "is a link to a file outside of the project, and gk fixed nothing"
    try:
        is_changed = read_bytes(path, _LARGEST) != before.encode()
    except UnusableFileError as error:
        return f"{error}, and gk fixed nothing"
    if is_changed:
        return "somebody changed it meanwhile, and gk fixed nothing; try again"
    return ""
