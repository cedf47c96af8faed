"""Finds what Grafana and Prometheus accept, although it shows a wrong number or nothing at all, and
what a reviewer would object to.

    Project (subjects) -> run(checks) -> Report -> gk.check.forms

`checks` has a module for each check, `model` says what a check is, `subjects` what it looks at, and
`policy` which checks run, and what is silenced. A team's own checks import all that they need from
here. gk build finds what cannot work at all; a matter of taste, or of a server, is here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gk.check.live.model import LIVE_SUBJECTS, Asked, Live, Ruled, Sourced, Values
from gk.check.model import Check, Finding, Found, Severity, check
from gk.check.places import Places
from gk.check.policy import Chosen, chosen, silences_in, silences_of
from gk.check.subjects import (
    Annotation,
    Dashboard,
    Expression,
    Group,
    Panel,
    Project,
    Query,
    Rule,
    Silence,
    Silenced,
    Variable,
)
from gk.check.visit import found_in, of_live, of_silences, of_texts
from gk.errors import ConfigError, DefinitionError, Problem, Source, Where
from gk.resource import Resource
from gk.settings.checks import CheckSettings

__all__ = [
    "Annotation",
    "Asked",
    "Check",
    "Dashboard",
    "Expression",
    "Finding",
    "Found",
    "Group",
    "Live",
    "Panel",
    "Project",
    "Query",
    "Report",
    "Resource",
    "Rule",
    "Ruled",
    "Severity",
    "Source",
    "Sourced",
    "Values",
    "Variable",
    "Where",
    "check",
    "joined",
    "run",
]


@dataclass(frozen=True)
class Report:
    """What a run found, sorted by place; `silenced` are the findings that silences cover, each with
    its silence. The checks `ran` looked at `objects` objects with `queries` different queries, and
    promtool on `rule_tests` files of tests.

    `folder` is the project's place in its repository, empty if it is the whole; places of findings
    are relative to the project. Since a revision, `elsewhere` counts what is not in the change.
    `live` is what Prometheus answered, one for each environment.
    """

    findings: Sequence[Finding]
    silenced: Sequence[tuple[Finding, Silence]] = ()
    ran: tuple[Check, ...] = ()
    objects: int = 0
    queries: int = 0
    rule_tests: int = 0
    fail_on: Severity = Severity.WARNING
    folder: str = ""
    elsewhere: int = 0
    live: tuple[Live, ...] = ()

    @classmethod
    def of_mistakes(cls, problems: Iterable[Problem], root: Path) -> Report:
        """A report of mistakes because of which nothing was checked in the project in `root`."""
        findings = [
            Finding(
                "definitions",
                Severity.ERROR,
                problem.source,
                problem.message,
                where=problem.where,
            )
            for problem in problems
        ]
        return cls(findings, folder=_folder(root))

    @property
    def unanswered(self) -> list[str]:
        """What Prometheus did not answer, so that the report is incomplete."""
        return [text for live in self.live for text in live.unanswered]

    @property
    def fails(self) -> bool:
        """Whether a finding is at least as bad as what fails."""
        return any(self.is_failure(finding) for finding in self.findings)

    def is_failure(self, finding: Finding) -> bool:
        """Whether a finding is one of those that fail the run."""
        return finding.severity >= self.fail_on


def run(
    project: Project,
    checks: Sequence[Check],
    root: Path,
    files: Collection[str] = (),
    *,
    only: Iterable[str] = (),
    live: Live | None = None,
) -> Report:
    """Run the checks that gk.yaml chooses, or `only` those named, on a project in `root`.

    `files` may have comments with silences. Checks of live subjects run on what `live` has; without
    it, they and their silences are left out. Raises ConfigError for mistakes in the settings of
    checks, and DefinitionError for comments that silence nothing that exists.
    """
    settings = project.settings.check
    if live:
        # What the caller knows of a metric counts more than what targets state.
        project = replace(project, metadata={**live.server.types, **project.metadata})
    running = _running(checks, settings, list(only), is_live=live is not None)
    places = Places(root)
    shares = found_in(project, running)
    findings = [
        *(finding for share in shares for finding in share.findings),
        *of_texts(project, shares, running),
        *(of_live(live, running) if live else ()),
    ]
    # A snippet may be in a library of the project.
    with_findings = [
        finding.source.file for finding in findings if finding.source.file.endswith(".py")
    ]
    read = dict.fromkeys([*files, *with_findings])
    commented, mistakes = silences_in(read, places, [check.name for check in checks])
    if mistakes:
        raise DefinitionError(mistakes)
    kept, silenced = _silenced(_placed(findings, places), [*silences_of(settings), *commented])
    kept += of_silences(silenced, running)
    return Report(
        sorted(kept, key=lambda finding: finding.order),
        [(finding, used.silence) for used in silenced for finding in used.findings],
        tuple(selected.check for selected in running),
        len(project.resources),
        len(frozenset().union(*(share.queries for share in shares))),
        len(project.rule_tests.files) if project.rule_tests.is_run else 0,
        Severity(settings.fail_on),
        _folder(root),
        live=(live,) if live else (),
    )


def _running(
    checks: Sequence[Check], settings: CheckSettings, only: Sequence[str], *, is_live: bool
) -> list[Chosen]:
    """The checks that run. Raises ConfigError if one of `only` needs answers that are not there."""
    needing = {check.name for check in checks if check.subject in LIVE_SUBJECTS and not is_live}
    if asked := sorted(needing.intersection(only)):
        raise ConfigError(f"--only {asked[0]}: this check asks Prometheus; add --live")
    return [
        selected
        for selected in chosen(checks, settings, only)
        if selected.check.name not in needing
    ]


def _placed(findings: Iterable[Finding], places: Places) -> Iterable[Finding]:
    """The findings at the lines of their parts, each once: a panel may ask the same twice."""
    return dict.fromkeys(
        replace(finding, source=places.of(finding.source, finding.where, finding.turn))
        for finding in _in_one_place(findings)
    )


def _in_one_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of one check in one snippet together: a panel and an alert render it
    differently. So are the failures of a check at one line."""
    together: dict[tuple[str, Where, Source], Finding] = {}
    for finding in findings:
        if finding.where is None or finding.where.kind not in ("snippet", "check"):
            yield finding
            continue
        place = finding.check, finding.where, finding.source
        first = together.get(place)
        together[place] = replace(first, also=first.also + finding.also + 1) if first else finding
    yield from together.values()


def _silenced(
    findings: Iterable[Finding], silences: Iterable[Silence]
) -> tuple[list[Finding], list[Silenced]]:
    """The findings that no silence covers, and the silences with those that they cover."""
    used = [Silenced(silence, []) for silence in silences]
    kept = []
    for finding in findings:
        covering = [use for use in used if use.silence.covers(finding)]
        for use in covering:
            use.findings.append(finding)
        if not covering:
            kept.append(finding)
    return kept, used


def _folder(root: Path) -> str:
    """The path of the project in `root` from the top of its repository; empty for the top itself,
    or without a repository."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    path = root.relative_to(top).as_posix()
    return "" if path == "." else path


def joined(reports: Mapping[str, Report]) -> Report:
    """The reports of several environments in one: a finding that is in all of them once, and others
    with the environments that have them."""
    if len(reports) == 1:
        (report,) = reports.values()
        return report
    first = next(iter(reports.values()))
    return replace(
        first,
        findings=sorted(
            _in_environments({name: report.findings for name, report in reports.items()}),
            key=lambda finding: finding.order,
        ),
        silenced=list(
            dict.fromkeys(silenced for report in reports.values() for silenced in report.silenced)
        ),
        ran=tuple(
            {check.name: check for report in reports.values() for check in report.ran}.values()
        ),
        elsewhere=max(report.elsewhere for report in reports.values()),
        objects=sum(report.objects for report in reports.values()),
        queries=sum(report.queries for report in reports.values()),
        rule_tests=sum(report.rule_tests for report in reports.values()),
        # The strictest environment decides.
        fail_on=min(
            (report.fail_on for report in reports.values()), key=lambda severity: severity.rank
        ),
        live=tuple(
            replace(live, environment=name)
            for name, report in reports.items()
            for live in report.live
        ),
    )


def _in_environments(findings: Mapping[str, Sequence[Finding]]) -> Iterator[Finding]:
    having: dict[Finding, list[str]] = defaultdict(list)
    for name, own in findings.items():
        for finding in own:
            having[finding].append(name)
    for finding, names in having.items():
        yield finding if len(names) == len(findings) else replace(finding, only_in=tuple(names))
