"""Finds what Grafana and Prometheus accept, although it shows a wrong number or nothing at all, and
what a reviewer would object to.

    Project (subjects) -> run(checks) -> Report -> gk.check.forms

`checks` has a module for each check, `model` says what a check is, `subjects` what it looks at, and
`policy` which checks run, and what is silenced. gk build finds what cannot work at all; a matter of
taste, or of a server, is here.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from gk.check.live.model import LIVE_SUBJECTS, Live
from gk.check.model import ALONE, Check, Finding, Found, Severity, Turn, check
from gk.check.places import Places
from gk.check.policy import Chosen, Silence, Silenced, chosen, silences_in, silences_of
from gk.check.subjects import (
    Annotation,
    Dashboard,
    Expression,
    Group,
    Panel,
    Project,
    Query,
    Rule,
    Variable,
    Written,
)
from gk.errors import ConfigError, DefinitionError, Problem, Source
from gk.promql.snippet import Snippet
from gk.resource import Kind, Resource, Where
from gk.workers import count_for, workers

__all__ = [
    "Annotation",
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
    "Severity",
    "Variable",
    "Written",
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
        found = [
            Finding("definitions", Severity.ERROR, each.source, each.message) for each in problems
        ]
        return cls(found, folder=_folder(root))

    @property
    def unanswered(self) -> list[str]:
        """What Prometheus did not answer, so that the report is incomplete."""
        return [text for each in self.live for text in each.unanswered]

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
        project = replace(project, metadata={**live.server.types, **project.metadata})
    needing = frozenset() if live else _live_checks(checks)
    only = list(only)
    if asked := sorted(needing.intersection(only)):
        raise ConfigError(f"--only {asked[0]}: this check asks Prometheus; add --live")
    running = [each for each in chosen(checks, settings, only) if each.check.name not in needing]
    places = Places(root)
    shares = _shares(project, running)
    # A panel may ask the same twice.
    findings = dict.fromkeys(
        replace(found, source=places.of(found.source, found.where, found.turn))
        for found in _joined(
            [
                *(found for share in shares for found in share.findings),
                *_of_texts(project, shares, running),
                *(_of_live(live, running) if live else ()),
            ]
        )
    )
    commented, mistakes = silences_in(files, places, [check.name for check in checks])
    if mistakes:
        raise DefinitionError(mistakes)
    kept, silenced = _silenced(findings, [*silences_of(settings), *commented])
    kept += _of_silences(silenced, running)
    return Report(
        sorted(kept, key=lambda finding: finding.order),
        [(finding, each.silence) for each in silenced for finding in each.findings],
        tuple(each.check for each in running),
        len(project.resources),
        len(frozenset().union(*(share.queries for share in shares))),
        len(project.rule_tests.files) if project.rule_tests.is_run else 0,
        Severity(settings.fail_on),
        _folder(root),
        live=(live,) if live else (),
    )


def _folder(root: Path) -> str:
    """The path of the project in `root` from the top of its repository; empty for the top itself,
    or without a repository."""
    top = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
    path = root.relative_to(top).as_posix()
    return "" if path == "." else path


def _live_checks(checks: Iterable[Check]) -> frozenset[str]:
    return frozenset(check.name for check in checks if check.subject in LIVE_SUBJECTS)


def _joined(findings: Iterable[Finding]) -> Iterator[Finding]:
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
        covering = [each for each in used if each.silence.covers(finding)]
        for each in covering:
            each.findings.append(finding)
        if not covering:
            kept.append(finding)
    return kept, used


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
        ran=tuple({check.name: check for each in reports.values() for check in each.ran}.values()),
        elsewhere=max(report.elsewhere for report in reports.values()),
        objects=sum(report.objects for report in reports.values()),
        queries=sum(report.queries for report in reports.values()),
        rule_tests=sum(report.rule_tests for report in reports.values()),
        fail_on=min((report.fail_on for report in reports.values()), key=lambda each: each.rank),
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a subject is: its object, its part of it, and the query's refId."""

    resource: Resource | None = None
    where: Where | None = None
    ref: str = ""
    turn: Turn = ALONE


def _place(query: Query) -> _Place:
    return _Place(query.owner.resource, query.where, query.ref, query.turn)


@dataclass
class _Shown:
    """Where an expression is shown: the first place, and how many more there are."""

    query: Query
    snippet: Snippet | None
    also: int = 0


@dataclass
class _Expression:
    """What checks find in an expression, and where it is shown."""

    found: Sequence[tuple[Chosen, Found]]
    shown: list[_Shown] = field(default_factory=list)


@dataclass(frozen=True)
class _Share:
    """What was found in a share of a project, and which queries are there, by their hashes."""

    findings: Sequence[Finding]
    queries: frozenset[int]
    texts: Mapping[str, Written]


def _shares(project: Project, checks: Sequence[Chosen]) -> list[_Share]:
    """Check a project, in several processes if it is large."""
    count = count_for(len(project.of(Kind.DASHBOARD)))

    def work(number: int, answers: BinaryIO) -> None:
        answers.write(pickle.dumps(_Visit(project, checks).share(number, count)))

    with workers(count, work) as answers:
        shares = [_answer(each) for each in answers]
    if not shares:
        return [_Visit(project, checks).share(0, 1)]
    # A worker that failed is repeated here, so that its error is seen.
    return [
        share or _Visit(project, checks).share(number, count) for number, share in enumerate(shares)
    ]


def _answer(answers: BinaryIO) -> _Share | None:
    try:
        share: _Share = pickle.loads(answers.read())
    except (EOFError, pickle.UnpicklingError):
        return None
    return share


def _of_texts(
    project: Project, shares: Iterable[_Share], checks: Sequence[Chosen]
) -> Iterator[Finding]:
    """What the checks of texts find that are written in several places, at the first of them."""
    texts: dict[str, Written] = {}
    for share in shares:
        for text, written in share.texts.items():
            texts[text] = texts[text].joined(written) if text in texts else written
    visit = _Visit(project, checks)
    for written in texts.values():
        if written.first:
            key, where, ref = written.first
            yield from visit.at(written, _Place(project.resource(key), where, ref))


def _of_live(live: Live, checks: Sequence[Chosen]) -> Iterator[Finding]:
    """What the checks of a server's answers find."""
    visit = _Visit(Project([]), checks)
    for sourced in live.sourced:
        yield from visit.at(sourced, _Place(sourced.resource))
    for values in live.values:
        where = Where("variable", values.variable.name)
        yield from visit.at(values, _Place(values.variable.dashboard.resource, where))
    for asked in live.asked:
        yield from visit.at(asked, _place(asked.query))
    for ruled in live.ruled:
        rule = ruled.rule
        yield from visit.at(ruled, _Place(rule.group.resource, rule.where, turn=rule.turn))


def _of_silences(silences: Iterable[Silenced], checks: Sequence[Chosen]) -> Iterator[Finding]:
    """What the checks of silences find, where the silenced check ran."""
    visit = _Visit(Project([]), checks)
    ran = {each.check.name for each in checks}
    for silenced in (each for each in silences if each.silence.check in ran):
        for finding in visit.at(silenced, _Place()):
            yield replace(finding, source=silenced.silence.source)


class _Visit:
    """A visit of a project: applies the checks to each of its parts once."""

    def __init__(self, project: Project, checks: Iterable[Chosen]) -> None:
        self._project = project
        self._expressions: dict[str, _Expression | None] = {}
        self._texts: dict[str, Written] = {}
        self._of: dict[type, list[Chosen]] = defaultdict(list)
        for each in checks:
            self._of[each.check.subject].append(each)

    def share(self, number: int, count: int) -> _Share:
        """What is found in every `count`-th dashboard, and by the first share in all the rest."""
        findings = [] if number else list(self._rest())
        for dashboard in self._project.dashboards(number, count):
            findings += self._of_dashboard(dashboard)
        for expression in filter(None, self._expressions.values()):
            findings += self._of_expression(expression)
        return _Share(findings, frozenset(map(hash, self._expressions)), self._texts)

    def _rest(self) -> Iterator[Finding]:
        yield from self.at(self._project, _Place())
        for resource in self._project.resources:
            yield from self.at(resource, _Place(resource))
        for group in self._project.groups:
            yield from self._of_group(group)

    def _of_dashboard(self, dashboard: Dashboard) -> Iterator[Finding]:
        resource = dashboard.resource
        yield from self.at(dashboard, _Place(resource))
        for variable in dashboard.variables:
            yield from self.at(variable, _Place(resource, Where("variable", variable.name)))
        for annotation in dashboard.annotations:
            yield from self.at(annotation, _Place(resource, Where("annotation", annotation.name)))
        for panel in dashboard.panels:
            yield from self.at(panel, _Place(resource, Where(_kind(panel), panel.title or None)))
        yield from self._of_queries(dashboard.queries)

    def _of_group(self, group: Group) -> Iterator[Finding]:
        yield from self.at(group, _Place(group.resource))
        for rule in group.rules:
            yield from self.at(rule, _Place(group.resource, rule.where, turn=rule.turn))
            yield from self._of_queries(rule.queries)

    def _of_queries(self, queries: Iterable[Query]) -> Iterator[Finding]:
        for query in queries:
            yield from self.at(query, _place(query))
            self._show(query)
            self._note(query)

    def _show(self, query: Query) -> None:
        """Check an expression at first sight, and note where it is shown if there is a finding;
        those of one snippet are one place."""
        text = query.promql.expr
        if text not in self._expressions:
            found = list(self._found(query.expression))
            self._expressions[text] = _Expression(found) if found else None
        expression = self._expressions[text]
        if expression is None:
            return
        snippet = query.snippet
        same = next(
            (each for each in expression.shown if snippet and each.snippet is snippet), None
        )
        if same:
            same.also += 1
        else:
            expression.shown.append(_Shown(query, snippet))

    def _note(self, query: Query) -> None:
        """Note who wrote a text: a definition in Python, where a snippet could be, or a snippet."""
        resource, text = query.owner.resource, query.promql.expr
        if query.where.kind == "variable" or not self._of[Written]:
            return
        if snippet := next((use.query.snippet for use in resource.uses if use.expr == text), None):
            written = Written(text, 0, snippet.name)
        elif resource.source.file.endswith(".py"):
            if any(use.expr in text for use in resource.uses if use.where == query.where):
                return
            written = Written(text, 1, first=(resource.key, query.where, query.ref))
        else:
            return
        before = self._texts.get(text)
        self._texts[text] = before.joined(written) if before else written

    def _of_expression(self, expression: _Expression) -> Iterator[Finding]:
        for shown in expression.shown:
            for chosen_, found in expression.found:
                yield self._written(_finding(chosen_, found, _place(shown.query)), shown)

    def _written(self, finding: Finding, shown: _Shown) -> Finding:
        """A finding of an expression at the snippet that wrote it."""
        if not shown.snippet:
            return finding
        file, line = shown.snippet.place
        return replace(
            finding,
            source=self._project.place(Source(file, line)),
            key=None,
            where=Where("snippet", shown.snippet.name),
            ref="",
            also=shown.also,
        )

    def at(self, subject: Any, place: _Place) -> Iterator[Finding]:
        """What is found in one subject."""
        for chosen_, found in self._found(subject):
            yield _finding(chosen_, found, place)

    def _found(self, subject: Any) -> Iterator[tuple[Chosen, Found]]:
        for each in self._of[type(subject)]:
            for found in each.check.function(subject, **each.options):
                yield each, found if isinstance(found, Found) else Found(found)


def _finding(chosen: Chosen, found: Found, place: _Place) -> Finding:
    if found.failed_at:
        name, where = chosen.check.name, Where("check", chosen.check.name)
        return Finding(name, Severity.ERROR, found.failed_at, found.message, where=where)
    owner = found.resource or place.resource
    return Finding(
        chosen.check.name,
        chosen.severity,
        found.source or (owner.source if owner else Source("")),
        found.message,
        owner.key if owner else None,
        owner.title if owner else "",
        found.where or place.where,
        "" if found.where else place.ref,
        turn=found.turn or place.turn,
    )


def _kind(panel: Panel) -> str:
    return "row" if panel.is_row else "panel"
