"""A run: resolves variables, asks each question, and finds the reasons of those that are empty."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from gk.check.live.asking import Asker, Limits, OutOfTimeError, Question
from gk.check.live.empty import Empty, why_nan
from gk.check.live.hints import hint, known_metrics
from gk.check.live.model import Asked, Live, Ruled, Sourced, Values
from gk.check.live.questions import Planned, ScrapeIntervals, of_dashboard, of_group
from gk.check.live.reasons import Cause, Reason
from gk.check.live.server import served
from gk.check.subjects import Project, Query, Variable
from gk.plurals import counted
from gk.prometheus import Answer, Prometheus, RefusedError, TimedOutError, Variables
from gk.resource import Kind

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
    bar: Bar = _no_bar,
) -> Live:
    """Ask a Prometheus every query of a project.

    Variables have the values that dashboards open with, or those `chosen` by name. `bar` shows the
    progress: it gets what is done, and how many there are. Raises PrometheusError if the server is
    not there, refuses, or stops to answer.
    """
    start = time.monotonic()
    asker = Asker(prometheus, limits or Limits(), time.time() if now is None else now)
    live = _Run(project, asker, bar, chosen or {}).live()
    return replace(live, seconds=time.monotonic() - start)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a question: an answer, or why there is none."""

    answer: Answer | None = None
    refusal: str = ""
    lost: str = ""


class _Run:
    def __init__(self, project: Project, asker: Asker, bar: Bar, chosen: Mapping[str, str]) -> None:
        self.project = project
        self.chosen = chosen
        self.asker = asker
        self.bar = bar
        self.server = served(asker)
        self.empty = Empty(asker, known_metrics)
        self.intervals = ScrapeIntervals.of(project)
        self.recorded = {
            rule.name: group.name
            for group in project.groups
            for rule in group.rules
            if not rule.is_alert
        }

    def live(self) -> Live:
        planned, variables = self._planned()
        outcomes = self._asked({each.question: None for each in planned})
        reasons = self._reasons(planned, outcomes)
        asked = [self._of(each, outcomes[each.question], reasons) for each in planned]
        values = self._values(variables)
        ruled = [Ruled(rule, self.server) for group in self.project.groups for rule in group.rules]
        lost = _lost(planned, outcomes)
        return Live(self.server, asked, values, ruled, self._sourced(), lost, self.asker.asked)

    def _sourced(self) -> list[Sourced]:
        return [
            Sourced(resource, self.intervals.by_uid[resource.uid], self.server)
            for resource in self.project.of(Kind.DATASOURCE)
            if resource.body.get("type") == "prometheus"
        ]

    # Asking

    def _planned(self) -> tuple[list[Planned], list[tuple[Variable, Variables]]]:
        dashboards = list(self.project.dashboards())
        planned: list[Planned] = []
        variables: list[tuple[Variable, Variables]] = []
        with self.bar("resolving variables", len(dashboards)) as advance:
            found = self.asker.all(
                lambda each: of_dashboard(each, self.asker, self.intervals, self.chosen),
                dashboards,
                advance,
            )
        for dashboard, (resolved, queries) in zip(dashboards, found, strict=True):
            planned += queries
            variables += [
                (each, resolved)
                for each in dashboard.variables
                if each.name in resolved.resolved and resolved.resolved[each.name].query
            ]
        for group in self.project.groups:
            planned += of_group(group, self.asker)
        return planned, variables

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
        if answer.partial and not answer.has_data:
            return _Outcome(lost=f"the data are partial: {answer.partial}")
        return _Outcome(answer, lost=answer.partial and f"the data are partial: {answer.partial}")

    # Reasons

    def _reasons(
        self, planned: Iterable[Planned], outcomes: dict[Question, _Outcome]
    ) -> Mapping[Question, Reason]:
        """Why questions have no data. Nobody needs to ask for those that use a variable without
        values. Of those that have data by now, the answer is replaced."""
        asked = dict.fromkeys(each.question for each in planned if not each.variable)
        empty = [
            (question, answer)
            for question in asked
            if (answer := outcomes[question].answer) and not answer.has_data
        ]
        with self.bar("finding reasons", len(empty)) as advance:
            found = self.asker.all(lambda each: self._why(*each), empty, advance)
        reasons: dict[Question, Reason] = {}
        for (question, _), (reason, newer) in zip(empty, found, strict=True):
            reasons[question] = reason
            if newer:
                outcomes[question] = _Outcome(newer)
        return reasons

    def _why(self, question: Question, answer: Answer) -> tuple[Reason, Answer | None]:
        """Why a question has no data; and the answer of now if it has some now."""
        if answer.series:
            return Reason(Cause.NOT_A_NUMBER, why_nan(question.expr)), None
        try:
            # The last point that Grafana asks for is up to a step ago.
            is_now = self.asker.now - question.end <= question.step
            at = self.asker.now if is_now else question.end
            reason = self.empty.why(question.expr, at)
            newer = None
            if is_now and reason.cause not in _BROUGHT:
                newer = self.asker.at(question.expr)
        except (RefusedError, TimedOutError, OutOfTimeError) as error:
            return Reason(Cause.UNKNOWN, f"gk could not ask for the reason: {error}"), None
        return reason, newer if newer and newer.has_data else None

    def _of(self, planned: Planned, outcome: _Outcome, reasons: Mapping[Question, Reason]) -> Asked:
        query = planned.query
        reason = None
        if outcome.answer and not outcome.answer.has_data:
            reason = reasons.get(planned.question)
            if planned.variable:
                text = f"the variable ${planned.variable} has no values"
                reason = Reason(Cause.VARIABLE, text, variable=planned.variable)
            if reason:
                reason = self._with_hint(reason, query)
        return Asked(
            query,
            planned.question,
            self.server,
            self.asker,
            outcome.answer,
            outcome.refusal,
            reason,
        )

    def _with_hint(self, reason: Reason, query: Query) -> Reason:
        """The reason with what brings the metric, if anything says so."""
        if reason.metric and reason.cause in _BROUGHT:
            return replace(reason, hint=hint(query, reason.metric, self.recorded))
        return reason

    def _values(self, variables: Iterable[tuple[Variable, Variables]]) -> list[Values]:
        listed = list(variables)
        with self.bar("checking variables", len(listed)) as advance:
            reasons = self.asker.all(lambda each: self._why_no_values(*each), listed, advance)
        return [
            Values(variable, resolved.resolved[variable.name], reason)
            for (variable, resolved), reason in zip(listed, reasons, strict=True)
        ]

    def _why_no_values(self, variable: Variable, variables: Variables) -> Reason | None:
        own = variables.resolved[variable.name]
        if not own.is_empty:
            return None
        uses = " ".join(f"${name}" for name in sorted(own.uses))
        if first := variables.without_values(uses):
            return Reason(Cause.VARIABLE, f"it needs ${first}, which has none", variable=first)
        try:
            return self.empty.of_variable(own.query, self.asker.now)
        except (RefusedError, TimedOutError, OutOfTimeError) as error:
            return Reason(Cause.UNKNOWN, f"gk could not ask for the reason: {error}")


_BROUGHT = (Cause.METRIC_ABSENT, Cause.GONE, Cause.LABEL_ABSENT, Cause.VALUE_ABSENT)
"""Something is not there, which an exporter's flag or version may bring."""


def _lost(planned: Iterable[Planned], outcomes: Mapping[Question, _Outcome]) -> list[str]:
    """What was not answered, by why."""
    counts = Counter(outcomes[each.question].lost for each in planned)
    return [f"{counted(count, 'query')}: {why}" for why, count in counts.items() if why]
