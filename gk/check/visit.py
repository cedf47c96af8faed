"""Applies checks to every part of a project once, in several processes if it is large."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from gk.check.live.model import Live
from gk.check.model import ALONE, Finding, Found, Severity, Turn
from gk.check.policy import Chosen
from gk.check.subjects import Dashboard, Project, Query, Silenced, Written
from gk.errors import Source, Where
from gk.processes.workers import count_for, workers
from gk.promql.snippet import Snippet
from gk.resource import Kind, Resource

__all__ = ["Share", "found_in", "of_live", "of_silences", "of_texts"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a subject is: its object, its part of it, and the query's refId."""

    resource: Resource | None = None
    where: Where | None = None
    ref: str = ""
    turn: Turn = ALONE

    @classmethod
    def of(cls, query: Query) -> _Place:
        """The place of a query."""
        return cls(query.owner.resource, query.where, query.ref, query.turn)


@dataclass
class _Shown:
    """Where an expression is shown: the first place, and how many more there are."""

    query: Query
    snippet: Snippet | None
    also: int = 0


@dataclass
class _Expression:
    """What checks find in an expression, and where it is shown."""

    results: Sequence[tuple[Chosen, Found]]
    shown: list[_Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Share:
    """What was found in a share of a project, and which queries are there, by their hashes."""

    findings: Sequence[Finding]
    queries: frozenset[int]
    texts: Mapping[str, Written]


def found_in(project: Project, checks: Sequence[Chosen]) -> list[Share]:
    """Check a project, in several processes if it is large."""
    # Every panel has a position.
    count = count_for(
        sum(1 + resource.json.count(b'"gridPos"') for resource in project.of(Kind.DASHBOARD))
    )

    def work(number: int, answers: BinaryIO) -> None:
        answers.write(pickle.dumps(_share(project, checks, number, count)))

    with workers(count, work) as answers:
        shares = [_answer(answer) for answer in answers]
    if not shares:
        return [_share(project, checks, 0, 1)]
    # A worker that failed is repeated here, so that its error is seen.
    return [share or _share(project, checks, number, count) for number, share in enumerate(shares)]


def _share(project: Project, checks: Sequence[Chosen], number: int, count: int) -> Share:
    """A team's own checks come last: one that changes what it looks at must not hide what those of
    gk find there."""
    own = [selected for selected in checks if selected.check.source]
    share = _Visit(project, [selected for selected in checks if not selected.check.source]).share(
        number, count
    )
    if not own:
        return share
    last = _Visit(project, own).share(number, count)
    return Share([*share.findings, *last.findings], share.queries, {**last.texts, **share.texts})


def _answer(answers: BinaryIO) -> Share | None:
    try:
        share: Share = pickle.loads(answers.read())
    except (EOFError, pickle.UnpicklingError):
        # The process that should have answered is gone.
        return None
    return share


def of_texts(
    project: Project, shares: Iterable[Share], checks: Sequence[Chosen]
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


def of_live(live: Live, checks: Sequence[Chosen]) -> Iterator[Finding]:
    """What the checks of a server's answers find."""
    # What was asked knows its place: the visit needs no project.
    visit = _Visit(Project([]), checks)
    for sourced in live.sourced:
        yield from visit.at(sourced, _Place(sourced.resource))
    for values in live.values:
        where = Where("variable", values.variable.name)
        yield from visit.at(values, _Place(values.variable.dashboard.resource, where))
    for asked in live.asked:
        yield from visit.at(asked, _Place.of(asked.query))
    for ruled in live.ruled:
        rule = ruled.rule
        yield from visit.at(ruled, _Place(rule.group.resource, rule.where, turn=rule.turn))


def of_silences(silences: Iterable[Silenced], checks: Sequence[Chosen]) -> Iterator[Finding]:
    """What the checks of silences find, where the silenced check ran."""
    visit = _Visit(Project([]), checks)
    ran = {selected.check.name for selected in checks}
    for silenced in (used for used in silences if used.silence.check in ran):
        for finding in visit.at(silenced, _Place()):
            yield replace(finding, source=silenced.silence.source)


class _Visit:
    """A visit of a project: applies the checks to each of its parts once."""

    def __init__(self, project: Project, checks: Iterable[Chosen]) -> None:
        self._project = project
        self._expressions: dict[str, _Expression | None] = {}
        self._texts: dict[str, Written] = {}
        self._of: dict[type, list[Chosen]] = defaultdict(list)
        for selected in checks:
            self._of[selected.check.subject].append(selected)

    def share(self, number: int, count: int) -> Share:
        """What is found in every `count`-th dashboard, and by the first share in all the rest."""
        findings = [] if number else list(self._rest())
        for dashboard in self._project.dashboards(number, count):
            findings += self._of_dashboard(dashboard)
        for expression in filter(None, self._expressions.values()):
            findings += self._of_expression(expression)
        return Share(findings, frozenset(map(hash, self._expressions)), self._texts)

    def _rest(self) -> Iterator[Finding]:
        yield from self.at(self._project, _Place())
        for resource in self._project.resources:
            yield from self.at(resource, _Place(resource))
        for group in self._project.groups:
            yield from self.at(group, _Place(group.resource))
            for rule in group.rules:
                yield from self.at(rule, _Place(group.resource, rule.where, turn=rule.turn))
                yield from self._of_queries(rule.queries)

    def _of_dashboard(self, dashboard: Dashboard) -> Iterator[Finding]:
        resource = dashboard.resource
        yield from self.at(dashboard, _Place(resource))
        for variable in dashboard.variables:
            yield from self.at(variable, _Place(resource, Where("variable", variable.name)))
        for annotation in dashboard.annotations:
            yield from self.at(annotation, _Place(resource, Where("annotation", annotation.name)))
        for panel in dashboard.panels:
            yield from self.at(panel, _Place(resource, panel.where))
        yield from self._of_queries(dashboard.queries)

    def _of_queries(self, queries: Iterable[Query]) -> Iterator[Finding]:
        for query in queries:
            yield from self.at(query, _Place.of(query))
            self._show(query)
            self._note(query)

    def _show(self, query: Query) -> None:
        """Check an expression at first sight, and note where it is shown if there is a finding;
        those of one snippet are one place."""
        text = query.promql.expr
        if text not in self._expressions:
            results = list(self._results(query.expression))
            self._expressions[text] = _Expression(results) if results else None
        expression = self._expressions[text]
        if expression is None:
            return
        snippet = query.snippet
        same = next(
            (shown for shown in expression.shown if snippet and shown.snippet is snippet), None
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
            for selected, result in expression.results:
                yield self._written(_finding(selected, result, _Place.of(shown.query)), shown)

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
        for selected, result in self._results(subject):
            yield _finding(selected, result, place)

    def _results(self, subject: Any) -> Iterator[tuple[Chosen, Found]]:
        for selected in self._of[type(subject)]:
            for result in selected.check.function(subject, **selected.options):
                yield selected, result if isinstance(result, Found) else Found(result)


def _finding(chosen: Chosen, result: Found, place: _Place) -> Finding:
    if result.failed_at:
        name, where = chosen.check.name, Where("check", chosen.check.name)
        return Finding(name, Severity.ERROR, result.failed_at, result.message, where=where)
    owner = result.resource or place.resource
    return Finding(
        chosen.check.name,
        chosen.severity,
        result.source or (owner.source if owner else Source("")),
        result.message,
        owner.key if owner else None,
        owner.title if owner else "",
        result.where or place.where,
        "" if result.where else place.ref,
        turn=result.turn or place.turn,
        others=result.others,
    )
