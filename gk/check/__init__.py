"""Finds what Grafana and Prometheus accept, although it shows a wrong number or nothing at all, and
what a reviewer would object to.

    Project (subjects) -> run(checks) -> Report -> gk.check.forms

`checks` has a module for each check, `model` says what a check is, `subjects` what it looks at, and
`policy` which checks run, and what is silenced. gk build finds what cannot work at all; a matter of
taste, or of a server, is here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gk.check.counters import native_histograms
from gk.check.live.model import LIVE_SUBJECTS, Live
from gk.check.model import Check, Finding, Found, Severity, check
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
)
from gk.errors import ConfigError, DefinitionError, Source
from gk.promql.snippet import Snippet
from gk.resource import Resource, Where

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
    "check",
    "joined",
    "run",
]


@dataclass(frozen=True)
class Report:
    """What a run found, sorted by place; `silenced` are the findings that silences cover, each with
    the reason. `checks` ran on `objects` objects with `queries` different queries. `live` is what
    Prometheus answered, one for each environment."""

    findings: Sequence[Finding]
    silenced: Sequence[tuple[Finding, str]] = ()
    checks: int = 0
    objects: int = 0
    queries: int = 0
    fail_on: Severity = Severity.WARNING
    live: tuple[Live, ...] = ()

    @property
    def unanswered(self) -> list[str]:
        """What Prometheus did not answer, so that the report is incomplete."""
        return [text for each in self.live for text in each.unanswered]

    @property
    def fails(self) -> bool:
        """Whether a finding is at least as bad as what fails."""
        return any(finding.severity >= self.fail_on for finding in self.findings)


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
        project = replace(project, types={**live.server.types, **project.types})
    needing = frozenset() if live else _live_checks(checks)
    only = list(only)
    if asked := sorted(needing.intersection(only)):
        raise ConfigError(f"--only {asked[0]}: this check asks Prometheus; add --live")
    able = [each for each in chosen(checks, settings, only) if each.check.name not in needing]
    run_ = _Run(project, able, live, needing)
    places = Places(root)
    findings = [
        replace(found, source=places.of(found.source, found.where))
        for found in _joined(run_.findings())
    ]
    commented, mistakes = silences_in(files, places, [check.name for check in checks])
    if mistakes:
        raise DefinitionError(mistakes)
    kept, silenced = _silenced(findings, [*silences_of(settings), *commented])
    kept += run_.of_silences(silenced)
    return Report(
        sorted(kept, key=lambda finding: finding.order),
        [(finding, each.silence.reason) for each in silenced for finding in each.findings],
        len(run_.checks),
        len(project.resources),
        len(run_.expressions),
        Severity(settings.fail_on),
        (live,) if live else (),
    )


def _live_checks(checks: Iterable[Check]) -> frozenset[str]:
    return frozenset(check.name for check in checks if check.subject in LIVE_SUBJECTS)


def _joined(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of one check in one snippet together: a panel and an alert render it
    differently."""
    of_snippets: dict[tuple[str, Where], Finding] = {}
    for finding in findings:
        if finding.where is None or finding.where.kind != "snippet":
            yield finding
            continue
        first = of_snippets.get((finding.check, finding.where))
        of_snippets[finding.check, finding.where] = (
            replace(first, also=first.also + finding.also + 1) if first else finding
        )
    yield from of_snippets.values()


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
        objects=sum(report.objects for report in reports.values()),
        queries=sum(report.queries for report in reports.values()),
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


@dataclass
class _Shown:
    """Where an expression is shown: the first place, and how many more there are."""

    query: Query
    snippet: Snippet | None
    also: int = 0


@dataclass
class _Run:
    """One run over a project: visits everything once."""

    project: Project
    checks: list[Chosen]
    live: Live | None = None
    unable: frozenset[str] = frozenset()
    """Checks that cannot run, so that nobody knows what their silences silence."""
    expressions: dict[str, list[_Shown]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._of: dict[type, list[Chosen]] = defaultdict(list)
        for each in self.checks:
            self._of[each.check.subject].append(each)

    def findings(self) -> Iterator[Finding]:
        """What the checks find, each in the order of the documents."""
        yield from self._at(self.project, None, None)
        for resource in self.project.resources:
            yield from self._at(resource, resource, None)
        for dashboard in self.project.dashboards():
            yield from self._of_dashboard(dashboard)
        for group in self.project.groups:
            yield from self._of_group(group)
        types = native_histograms(self.expressions) | dict(self.project.types)
        typed = replace(self.project, types=types)
        for text, shown in self.expressions.items():
            yield from self._of_expression(Expression(typed, text), shown)
        if self.live:
            yield from self._of_live(self.live)

    def _of_live(self, live: Live) -> Iterator[Finding]:
        for sourced in live.sourced:
            yield from self._at(sourced, sourced.resource, None)
        for values in live.values:
            where = Where("variable", values.variable.name)
            yield from self._at(values, values.variable.dashboard.resource, where)
        for asked in live.asked:
            query = asked.query
            yield from self._at(asked, query.owner.resource, query.where, query.ref)
        for ruled in live.ruled:
            yield from self._at(ruled, ruled.rule.group.resource, ruled.rule.where)

    def of_silences(self, silences: Iterable[Silenced]) -> Iterator[Finding]:
        """What the checks of silences find."""
        for silenced in silences:
            if silenced.silence.check in self.unable:
                continue
            yield from self._at(silenced, None, None, source=silenced.silence.source)

    def _of_dashboard(self, dashboard: Dashboard) -> Iterator[Finding]:
        resource = dashboard.resource
        yield from self._at(dashboard, resource, None)
        for variable in dashboard.variables:
            yield from self._at(variable, resource, Where("variable", variable.name))
        for annotation in dashboard.annotations:
            yield from self._at(annotation, resource, Where("annotation", annotation.name))
        for panel in dashboard.panels:
            yield from self._at(panel, resource, Where(_kind(panel), panel.title or None))
        yield from self._of_queries(dashboard.queries)

    def _of_group(self, group: Group) -> Iterator[Finding]:
        yield from self._at(group, group.resource, None)
        for rule in group.rules:
            yield from self._at(rule, group.resource, rule.where)
            yield from self._of_queries(rule.queries)

    def _of_queries(self, queries: Iterable[Query]) -> Iterator[Finding]:
        for query in queries:
            yield from self._at(query, query.owner.resource, query.where, query.ref)
            self._show(query)

    def _show(self, query: Query) -> None:
        """Note where an expression is shown; those of one snippet are one place."""
        shown = self.expressions.setdefault(query.promql.expr, [])
        snippet = query.snippet
        same = next((each for each in shown if snippet and each.snippet is snippet), None)
        if same:
            same.also += 1
        else:
            shown.append(_Shown(query, snippet))

    def _of_expression(self, expression: Expression, shown: Sequence[_Shown]) -> Iterator[Finding]:
        for each in shown:
            query, resource = each.query, each.query.owner.resource
            yield from (
                self._written(finding, each)
                for finding in self._at(expression, resource, query.where, query.ref)
            )

    def _written(self, finding: Finding, shown: _Shown) -> Finding:
        """A finding of an expression at the snippet that wrote it."""
        if not shown.snippet:
            return finding
        file, line = shown.snippet.place
        return replace(
            finding,
            source=self.project.place(Source(file, line)),
            key=None,
            where=Where("snippet", shown.snippet.name),
            ref="",
            also=shown.also,
        )

    def _at(
        self,
        subject: Any,
        resource: Resource | None,
        where: Where | None,
        ref: str = "",
        source: Source | None = None,
    ) -> Iterator[Finding]:
        for each in self._of[type(subject)]:
            for found in each.check(subject, each.options):
                yield Finding(
                    each.check.name,
                    each.severity,
                    source or (resource.source if resource else Source("")),
                    found.message,
                    resource.key if resource else None,
                    resource.title if resource else "",
                    found.where or where,
                    "" if found.where else ref,
                )


def _kind(panel: Panel) -> str:
    return "row" if panel.is_row else "panel"
