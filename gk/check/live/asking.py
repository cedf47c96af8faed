"""Asks a Prometheus each question once, in several threads, at a pace that it can bear.

After a slow answer a thread waits as long as the answer took, so that a server that is busy is busy
with gk for half of the time at most. When the time for the whole run is over, nothing more is
asked.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gk.errors import GkError
from gk.prometheus import (
    Answer,
    Prometheus,
    PrometheusError,
    Sample,
    TimedOutError,
    UnreachableError,
)
from gk.prometheus.macros import TimeRange
from gk.prometheus.questions import Question

__all__ = ["Asker", "Limits", "OutOfTimeError", "Question", "StoppedError"]

Value = TypeVar("Value")
Given = TypeVar("Given")

_SLOW = 1.0
"""Seconds from which an answer is slow."""
_LONGEST_PAUSE = 10.0
_PAUSE_OF_RETRY = 1.0
"""Both in seconds."""
_MOST_NAMED = 1_000
"""Series of a range whose labels and values are kept."""
_NAMELESS = Sample({}, math.nan)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked: `workers` questions at once, `timeout` seconds for each, and `budget`
    seconds for all."""

    workers: int = 8
    timeout: float = 30.0
    budget: float = 600.0


class OutOfTimeError(GkError):
    """The budget is used up, so that a question was not asked."""


class StoppedError(GkError):
    """Another thread found that the server does not answer at all, or Ctrl-C came."""


class Asker:
    """Questions to one server at one time, `now`, each of which is asked once. It `keeps_data` for
    who draws them: all samples of all answers."""

    def __init__(
        self,
        prometheus: Prometheus,
        limits: Limits,
        now: float,
        *,
        slow: float = _SLOW,
        keeps_data: bool = False,
    ) -> None:
        self.prometheus = prometheus
        self.limits = limits
        self.now = now
        self._slow = slow
        self._keeps_data = keeps_data
        self._end = time.monotonic() + limits.budget
        self._known: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._failure: PrometheusError | None = None
        self._timeouts = 0
        self._has_answered = False
        self.asked = 0
        """Questions so far."""
        self.paused = 0.0
        """Seconds that threads waited for a slow server."""

    # What can be asked

    def ask(self, question: Question) -> Answer:
        """The answer to a query. Raises PrometheusError, OutOfTimeError."""
        if question.is_range:
            return self._once(question, lambda: self._range(question))
        return self.at(question.expr, question.end)

    def at(self, expr: str, time: float | None = None) -> Answer:
        """The answer to an instant query, now or at a time."""
        when = self.now if time is None else time
        return self._once(("at", expr, when), lambda: self._kept(self.prometheus.at(expr, when)))

    def query(self, expr: str) -> list[Sample]:
        """The series of an instant query, now."""
        return list(self.at(expr).series)

    def label_values(
        self, label: str, selector: str = "", within: TimeRange | None = None
    ) -> list[str]:
        """The values of a label, of the selected series; `within` a time range, or ever."""
        ask = self.prometheus.label_values
        key = ("values", label, selector, within)
        return self._once(key, lambda: ask(label, selector, within))

    def label_names(self, selector: str = "", within: TimeRange | None = None) -> list[str]:
        """The names of labels, of the selected series; `within` a time range, or ever."""
        ask = self.prometheus.label_names
        return self._once(("names", selector, within), lambda: ask(selector, within))

    @property
    def metrics(self) -> frozenset[str]:
        """The names of all metrics that the server has samples of, however old."""
        ask = self.prometheus.label_values
        return self._once("metrics", lambda: frozenset(ask("__name__")))

    def rule_groups(self) -> list[Any]:
        """The groups of rules that the server evaluates."""
        return self._once("rules", self.prometheus.rule_groups)

    def times(self, expr: str, length: float, step: float) -> Sequence[float]:
        """When a query had data in the last `length` seconds; nothing if it is not answered."""
        try:
            return self.ask(Question(expr, self.now - length, self.now, step)).times
        except (PrometheusError, OutOfTimeError):
            return ()

    def _range(self, question: Question) -> Answer:
        answer = self._kept(
            self.prometheus.range(question.expr, question.start, question.end, question.step)
        )
        if len(answer.series) <= _MOST_NAMED:
            return answer
        # A run keeps all answers, and needs no labels of so many series: just how many there are.
        return replace(answer, series=(_NAMELESS,) * len(answer.series))

    def _kept(self, answer: Answer) -> Answer:
        return answer if self._keeps_data else replace(answer, data={})

    def other(self, key: Hashable, ask: Callable[[], Value]) -> Value:
        """What something else answers, such as a Loki, at the same pace."""
        return self._once(key, ask)

    # How it is asked

    def all(
        self,
        do: Callable[[Given], Value],
        given: Iterable[Given],
        advance: Callable[[], None] = lambda: None,
    ) -> list[Value]:
        """`do` of each, in threads, in their order. Raises what one of them raises."""
        pool = ThreadPoolExecutor(self.limits.workers, thread_name_prefix="gk-live")
        try:
            futures = [pool.submit(do, argument) for argument in given]
            for future in as_completed(futures):
                future.result()
                advance()
            return [future.result() for future in futures]
        except BaseException:
            # Ctrl-C, too: threads that wait for a slow server must not delay the end.
            self._stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            pool.shutdown(wait=not self._stopped.is_set())

    def _once(self, key: Hashable, ask: Callable[[], Value]) -> Value:
        with self._lock:
            future = self._known.get(key)
            is_first = future is None
            if future is None:
                future = self._known[key] = Future()
        if is_first:
            try:
                future.set_result(self._at_a_pace(ask))
            except BaseException as error:
                # Other threads wait for this answer: an interruption has to end them, too.
                future.set_exception(error)
        value: Value = future.result()
        return value

    def _at_a_pace(self, ask: Callable[[], Value]) -> Value:
        if self._stopped.is_set():
            raise self._failure or StoppedError("stopped")
        if time.monotonic() > self._end:
            raise OutOfTimeError(f"not asked within {self.limits.budget:g} s")
        return self._answered(lambda: self._paced(ask))

    def _paced(self, ask: Callable[[], Value]) -> Value:
        start = time.monotonic()
        try:
            return ask()
        finally:
            self._pause(time.monotonic() - start)

    def _pause(self, seconds: float) -> None:
        if seconds < self._slow:
            return
        seconds = min(seconds, _LONGEST_PAUSE)
        self.paused += seconds
        self._stopped.wait(seconds)

    def _answered(self, ask: Callable[[], Value]) -> Value:
        with self._lock:
            self.asked += 1
        try:
            value = self._retried(ask)
        except TimedOutError as error:
            with self._lock:
                self._timeouts += 1
                is_away = self._timeouts >= self.limits.workers
            if not is_away:
                raise
            # As many in a row as there are threads: it answers nothing any more.
            self._failure = PrometheusError(
                f"{self.prometheus.shown} did not answer {self._timeouts} queries in a row; "
                f"the last one: {error}"
            )
            self._stopped.set()
            raise self._failure from error
        with self._lock:
            self._timeouts = 0
            self._has_answered = True
        return value

    def _retried(self, ask: Callable[[], Value]) -> Value:
        try:
            return ask()
        except UnreachableError:
            # A proxy may restart, a connection may end; the second failure counts. A server that
            # never answered is not there.
            if not self._has_answered or self._stopped.wait(_PAUSE_OF_RETRY):
                raise
        return ask()
