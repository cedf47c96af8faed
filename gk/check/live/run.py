"""A run: resolves variables, asks each question, and finds the reasons of those that are empty."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from gk.check.live.asking import Asker, Limits, OutOfTimeError, Question
from gk.check.live.boards import Board, Settled, Tolerant
from gk.check.live.empty import Empty
from gk.check.live.hints import hint, known_metrics
from gk.check.live.links import Links
from gk.check.live.model import Asked, Live, Ruled, Sourced, Values
from gk.check.live.questions import Planned, Sources, of_dashboard, of_group
from gk.check.live.reasons import Cause, Reason
from gk.check.live.server import served
from gk.check.subjects import Dashboard, Project, Query
from gk.documents.parts import path
from gk.errors import ConfigError
from gk.forms.plurals import counted
from gk.prometheus import Answer, Prometheus, RefusedError, TimedOutError
from gk.prometheus.macros import time_range
from gk.resource import Kind
from gk.settings.targets import NEWEST

__all__ = ["ask"]

Bar = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


def _no_bar(what: str, total: int) -> AbstractContextManager[Callable[[], None]]:
    return nullcontext(lambda: None)


def ask(
    project: Project,
    prometheus: Prometheus,
    limits: Limits | None = None,
    *,
    now: float | None = None,
    chosen: Mapping[str, str] | None = None,
    only: Iterable[str] = (),
    bar: Bar = _no_bar,
) -> Live:
    """Ask a Prometheus every query of a project.

    Variables have the values that dashboards open with, or those `chosen` by name. If the server is
    not behind all data sources, `only` has the uids of its own. `bar` shows the progress: it gets
    what is done, and how many there are. Raises PrometheusError if the server is not there,
    refuses, or stops to answer, and ConfigError if no query is of `only`.
    """
    start = time.monotonic()
    asker = Asker(prometheus, limits or Limits(), time.time() if now is None else now)
    live = _Run(project, asker, bar, chosen or {}, only).live()
    return replace(live, seconds=time.monotonic() - start)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a question: an answer, or why there is none."""

    answer: Answer | None = None
    refusal: str = ""
    lost: str = ""


class _Run:
    def __init__(
        self,
        project: Project,
        asker: Asker,
        bar: Bar,
        chosen: Mapping[str, str],
        only: Iterable[str],
    ) -> None:
        self.project = project
        self.chosen = chosen
        self.asker = asker
        self.bar = bar
        self.server = served(asker)
        self.sources = Sources.of(project.of(Kind.DATASOURCE), only)
        self.version = project.settings.targets.newest or NEWEST
        self.recorded = {
            rule.name: group.name
            for group in project.groups
            for rule in group.rules
            if not rule.is_alert
        }
        self.empty = Empty(asker, [*known_metrics(), *self.recorded])

    def live(self) -> Live:
        boards = self._boards()
        planned = [entry for board in boards for entry in board.planned]
        planned += [entry for group in self.project.groups for entry in of_group(group, self.asker)]
        if self.sources.only and boards and not any(board.planned for board in boards):
            listed = ", ".join(sorted(self.sources.only))
            raise ConfigError(f"--datasource: no dashboard asks {listed}")
        outcomes = self._asked({entry.question: None for entry in planned})
        self._find_reasons_of_variables(boards, outcomes)
        of_query = {entry.query: board for board in boards for entry in board.planned}
        reasons = self._reasons(planned, outcomes, of_query)
        asked = [self._of(entry, outcomes[entry.question], reasons.get(entry)) for entry in planned]
        links = Links(self.project)
        partial = sorted(self.asker.prometheus.partial)
        return Live(
            self.server,
            asked,
            _values(boards, asked),
            [Ruled(rule, self.server, links) for rule in self.project.rules],
            self._sourced(),
            [
                *_lost(planned, outcomes, boards),
                *(f"labels and metrics: the data are partial: {why}" for why in partial),
            ],
            self.asker.asked,
        )

    def _sourced(self) -> list[Sourced]:
        return [
            Sourced(resource, self.sources.by_uid[resource.uid], self.server)
            for resource in self.project.of(Kind.DATASOURCE)
            if resource.body.get("type") == "prometheus" and self.sources.has({"uid": resource.uid})
        ]

    # Asking

    def _boards(self) -> list[Board]:
        dashboards = list(self.project.dashboards())
        with self.bar("resolving variables", len(dashboards)) as advance:
            return self.asker.all(self._board, dashboards, advance)

    def _board(self, dashboard: Dashboard) -> Board:
        shown = time_range(path(dashboard.body, "time"), self.asker.now)
        server = Tolerant(self.asker, shown)
        resolved, planned = of_dashboard(
            dashboard,
            server,
            self.asker.now,
            self.sources,
            chosen=self.chosen,
            version=self.version,
        )
        return Board(dashboard, Settled(resolved, shown), planned, server.lost)

    def _asked(self, questions: Iterable[Question]) -> dict[Question, _Outcome]:
        listed = list(questions)
        with self.bar("asking Prometheus", len(listed)) as advance:
            return dict(zip(listed, self.asker.all(self._outcome, listed, advance), strict=True))

    def _outcome(self, question: Question) -> _Outcome:
        try:
            answer = self.asker.ask(question)
        except RefusedError as error:
            return _Outcome(refusal=error.reason)
        except (TimedOutError, OutOfTimeError) as error:
            return _Outcome(lost=str(error))
        # What is missing may be what was asked for.
        if answer.partial and not answer.has_data:
            return _Outcome(lost=f"the data are partial: {answer.partial}")
        return _Outcome(answer, lost=answer.partial and f"the data are partial: {answer.partial}")

    # Reasons

    def _find_reasons_of_variables(
        self, boards: Sequence[Board], outcomes: Mapping[Question, _Outcome]
    ) -> None:
        def find(board: Board) -> None:
            with_data = [
                entry.query.promql.expr
                for entry in board.planned
                if (answer := outcomes[entry.question].answer) and answer.has_data
            ]
            board.settled.find_reasons(self.empty, with_data)

        with self.bar("checking variables", len(boards)) as advance:
            self.asker.all(find, boards, advance)

    def _reasons(
        self,
        planned: Sequence[Planned],
        outcomes: dict[Question, _Outcome],
        boards: Mapping[Query, Board],
    ) -> Mapping[Planned, Reason]:
        """Why queries have no data. Of those that have data by now, the answer is replaced."""
        empty = [
            entry
            for entry in planned
            if (answer := outcomes[entry.question].answer) and not answer.has_data
        ]
        blamed = {
            entry: board.settled.blamed(entry.query.promql.expr)
            for entry in empty
            if (board := boards.get(entry.query)) and not _has_series(outcomes[entry.question])
        }
        # Those that a variable leaves empty need not be asked for.
        rest = dict.fromkeys(entry.question for entry in empty if not blamed.get(entry))
        answers = {question: outcomes[question].answer or Answer() for question in rest}
        with self.bar("finding reasons", len(rest)) as advance:
            answered = self.asker.all(lambda asked: self._why(*asked), answers.items(), advance)
        reasons: dict[Question, Reason] = {}
        for question, (reason, newer) in zip(rest, answered, strict=True):
            reasons[question] = reason
            if newer:
                outcomes[question] = _Outcome(newer)
        return {
            entry: _of_variable(blamed[entry])
            if blamed.get(entry)
            else _of_nothing(reasons[entry.question], entry, boards.get(entry.query))
            for entry in empty
        }

    def _why(self, question: Question, answer: Answer) -> tuple[Reason, Answer | None]:
        """Why a question has no data; and the answer of now if it has some now."""
        reason = self.empty.of_answer(question, answer)
        is_sure = reason.cause in (*_BROUGHT, Cause.NOT_A_NUMBER)
        newer = None
        try:
            if self.empty.is_now(question) and not is_sure:
                newer = self.asker.at(question.expr)
        except (RefusedError, TimedOutError, OutOfTimeError) as error:
            return Reason(Cause.UNKNOWN, f"gk could not ask for the reason: {error}"), None
        return reason, newer if newer and newer.has_data else None

    def _of(self, planned: Planned, outcome: _Outcome, reason: Reason | None) -> Asked:
        query = planned.query
        is_empty = outcome.answer is not None and not outcome.answer.has_data
        return Asked(
            query,
            planned.question,
            self.server,
            self.asker,
            outcome.answer,
            outcome.refusal,
            self._with_hint(reason, query) if reason and is_empty else None,
        )

    def _with_hint(self, reason: Reason, query: Query) -> Reason:
        """The reason with what brings the metric, if anything says so."""
        if not reason.metric or reason.cause not in _BROUGHT:
            return reason
        if group := self.recorded.get(reason.metric):
            asked = f"the rule group '{group}' records it: does the server evaluate that?"
            return replace(reason, text=f"{reason.text}; {asked}")
        return replace(reason, hint=hint(query, reason.metric))


def _has_series(outcome: _Outcome) -> bool:
    return outcome.answer is not None and bool(outcome.answer.series)


def _of_variable(name: str) -> Reason:
    return Reason(Cause.VARIABLE, f"the variable ${name} has no values", variable=name)


def _of_nothing(reason: Reason, planned: Planned, board: Board | None) -> Reason:
    """The reason; or the variable whose lack of values made a matcher ask for series without a
    label."""
    if board and reason.is_of_nothing:
        name = board.settled.emptied_by(planned.query.promql.expr)
        return _of_variable(name) if name else reason
    return reason


def _values(boards: Iterable[Board], asked: Iterable[Asked]) -> list[Values]:
    """The variables; one without values has a reason only if that does harm."""
    guilty = {
        (answered.query.owner, answered.reason.variable)
        for answered in asked
        if answered.reason and answered.reason.variable
    }
    return [
        Values(variable, resolved, board.settled.reasons.get(name) if is_harmful else None)
        for board in boards
        for variable in board.dashboard.variables
        for name in (variable.name,)
        if (resolved := board.settled.asking.get(name))
        for is_harmful in (name not in board.settled.harmless or (board.dashboard, name) in guilty,)
    ]


_BROUGHT = (Cause.METRIC_ABSENT, Cause.GONE, Cause.LABEL_ABSENT, Cause.VALUE_ABSENT)
"""Something is not there, which an exporter's flag or version may bring."""


def _lost(
    planned: Iterable[Planned], outcomes: Mapping[Question, _Outcome], boards: Iterable[Board]
) -> list[str]:
    """What was not answered, by why."""
    queries = Counter(outcomes[entry.question].lost for entry in planned)
    variables = Counter(why for board in boards for why in board.lost)
    return [
        *(f"{counted(count, 'query')}: {why}" for why, count in queries.items() if why),
        *(f"{counted(count, 'variable')}: {why}" for why, count in variables.items()),
    ]
