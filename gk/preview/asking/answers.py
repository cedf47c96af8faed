"""What came of asking, and why there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from gk.check.live.asking import Asker, OutOfTimeError
from gk.check.live.boards import Settled
from gk.check.live.empty import Empty
from gk.check.live.reasons import Reason
from gk.preview.model import Note
from gk.prometheus import (
    Answer,
    Prometheus,
    PrometheusError,
    RefusedError,
    TimedOutError,
)
from gk.prometheus.exemplars import ExemplarQuestion, exemplars
from gk.prometheus.loki import LogQuestion, logs
from gk.prometheus.questions import Question

__all__ = ["Answers", "Asked", "Bar", "no_bar"]

Asked: TypeAlias = Question | LogQuestion | ExemplarQuestion

_MOST_SERIES = 1_000
"""Series of a query that are drawn."""
_MOST_SAMPLES = 1_000_000
"""Samples of a query that are drawn."""
_LISTED = ("vector", "matrix", "streams")


class Bar(Protocol):
    """Shows the progress of something: it gets what that is and how many steps it has, and yields
    the function for each step."""

    def __call__(self, what: str, total: int, /) -> AbstractContextManager[Callable[[], None]]:
        """Shows it."""


def no_bar(what: str, total: int, /) -> AbstractContextManager[Callable[[], None]]:
    """Shows nothing."""
    return nullcontext(lambda: None)


@dataclass(frozen=True, slots=True)
class _Outcome:
    data: Mapping[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    notes: tuple[str, ...] = ()
    refusal: str = ""
    lost: str = ""


class Answers:
    """The answers to the questions of all dashboards. `lost` says what was not answered."""

    def __init__(self, asker: Asker, bar: Bar, loki: Prometheus | None = None) -> None:
        self.lost: list[str] = []
        self._asker = asker
        self._loki = loki
        self._bar = bar
        self._empty = Empty(asker)
        self._outcomes: dict[Asked, _Outcome] = {}
        self._reasons: dict[Question, Reason] = {}

    def ask(self, questions: Iterable[Asked]) -> None:
        """Ask each different question once, then for the reasons of those without data."""
        listed = list(dict.fromkeys(questions))
        with self._bar("asking Prometheus", len(listed)) as advance:
            outcomes = self._asker.all(self._outcome, listed, advance)
        self._outcomes = dict(zip(listed, outcomes, strict=True))
        self.lost += dict.fromkeys(outcome.lost for outcome in outcomes if outcome.lost)
        empty = {
            question: outcome.answer
            for question, outcome in self._outcomes.items()
            if isinstance(question, Question) and outcome.answer and not outcome.answer.has_data
        }
        with self._bar("finding reasons", len(empty)) as advance:
            answered = self._asker.all(
                lambda answer: self._empty.of_answer(*answer), empty.items(), advance
            )
        self._reasons = dict(zip(empty, answered, strict=True))

    def settle(self, settled: Iterable[tuple[Settled, Iterable[tuple[str, Asked]]]]) -> None:
        """Find the reasons of variables without values, of dashboards with their queries."""

        def find(given: tuple[Settled, Iterable[tuple[str, Asked]]]) -> None:
            board, asked = given
            board.find_reasons(
                self._empty, [text for text, question in asked if self.has_data(question)]
            )

        listed = list(settled)
        with self._bar("checking variables", len(listed)) as advance:
            self._asker.all(find, listed, advance)

    def data(self, question: Asked) -> Mapping[str, Any]:
        """The `data` of the API's answer; empty without one."""
        return self._outcomes[question].data

    def has_data(self, question: Asked) -> bool:
        """Whether it has a number."""
        answer = self._outcomes[question].answer
        return answer is not None and answer.has_data

    def notes(self, question: Asked, ref_id: str, text: str, settled: Settled) -> list[Note]:
        """What is to be said of a question, whose query is `text` before its variables have
        values."""
        outcome = self._outcomes[question]
        if outcome.answer is None:
            return [Note(outcome.refusal or outcome.lost, ref_id, is_error=True)]
        notes = [Note(note, ref_id) for note in outcome.notes]
        if isinstance(question, Question) and not outcome.answer.has_data:
            notes.append(Note(self._why(question, outcome.answer, text, settled), ref_id))
        return notes

    def _why(self, question: Question, answer: Answer, text: str, settled: Settled) -> str:
        """Why a query is empty: a variable in it that has no values, if there is one, or what
        Prometheus lacks."""
        reason = self._reasons[question]
        name = ""
        if not answer.series:
            name = settled.blamed(text)
        if not name and reason.is_of_nothing:
            name = settled.emptied_by(text)
        if name and name in settled.reasons:
            return f"the variable ${name} has no values: {settled.reasons[name]}"
        return str(reason)

    def _outcome(self, question: Asked) -> _Outcome:
        try:
            if isinstance(question, LogQuestion):
                return self._of_lines(question)
            if isinstance(question, ExemplarQuestion):
                return self._of_exemplars(question)
            answer = self._asker.ask(question)
        except RefusedError as error:
            return _Outcome(refusal=error.reason)
        except (TimedOutError, OutOfTimeError) as error:
            return _Outcome(lost=str(error))
        data, said = _bounded(answer.data)
        partial = f"the data are partial: {answer.partial}" if answer.partial else ""
        notes = tuple(note for note in (said, partial) if note)
        return _Outcome(data, answer, notes, lost=partial)

    def _of_lines(self, question: LogQuestion) -> _Outcome:
        loki = self._loki
        if loki is None:
            return _Outcome(refusal="there is no Loki to ask; name one with --loki")
        data = self._asker.other(question, lambda: logs(loki, question))
        drawn, said = _bounded(data)
        return _Outcome(drawn, Answer(), (said,) if said else ())

    def _of_exemplars(self, question: ExemplarQuestion) -> _Outcome:
        server = self._asker.prometheus
        try:
            data = self._asker.other(question, lambda: exemplars(server, question))
        except PrometheusError as error:
            # Not all servers that are compatible know of exemplars.
            reason = error.reason if isinstance(error, RefusedError) else str(error)
            return _Outcome(answer=Answer(), notes=(f"no exemplars: {reason}",))
        return _Outcome(data, Answer())


def _bounded(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """What is drawn of an answer, and what is said if that is not all."""
    result = data.get("result")
    if data.get("resultType") not in _LISTED or not isinstance(result, list):
        return data, ""
    kept = samples = 0
    for series in result[:_MOST_SERIES]:
        for key in ("values", "histograms"):
            listed = series.get(key) if isinstance(series, dict) else None
            samples += len(listed) if isinstance(listed, list) else 0
        # One series is drawn, however long it is.
        if samples > _MOST_SAMPLES and kept:
            break
        kept += 1
    if kept == len(result):
        return data, ""
    return {**data, "result": result[:kept]}, f"{kept:,} of {len(result):,} series are shown"
