"""Why a selector selects nothing, by the fewest questions.

One question, what values the matched labels of the metric have now, tells an absent label from an
absent value and from matchers that exclude each other. Only what is not there now is looked for in
the last week.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import promql_parser
from promql_parser import MatchOp

from gk.check.expressions.trees import operator_of
from gk.check.live.asking import Asker, Question
from gk.check.live.near import nearest_metric, nearest_values, renamed_metric
from gk.check.live.reasons import Cause, Reason
from gk.forms import cut
from gk.prometheus import RefusedError
from gk.promql.dialect import literal
from gk.promql.syntax import selector as selector_text

__all__ = ["metrics_of", "why_nothing_is_selected"]

# Seconds. A step of an hour keeps a query over a week small.
_WEEK = 7 * 86_400
_HOUR = 3_600
_SHOWN = 60
"""Characters of a value that are shown."""

Labels = Mapping[str, str]

_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
"""Prometheus's own series of alerts, which are there while one is pending or fires."""


def metrics_of(vector: promql_parser.VectorSelector) -> str:
    """The name of the metric that a selector names; empty if it names none, or a pattern."""
    if vector.name:
        return str(vector.name)
    return next(
        (
            matcher.value
            for matcher in vector.matchers.matchers
            if matcher.name == "__name__" and matcher.op == MatchOp.Equal
        ),
        "",
    )


def why_nothing_is_selected(
    vector: promql_parser.VectorSelector, asker: Asker, at: float, others: Collection[str] = ()
) -> Reason:
    """Why a selector has no series at a time. `others` are names of metrics that exist elsewhere,
    for metrics that were renamed."""
    return _Selected(vector, asker, at).why(others)


class _Selected:
    def __init__(self, vector: promql_parser.VectorSelector, asker: Asker, at: float) -> None:
        self.metric = metrics_of(vector)
        self.matchers = [
            matcher for matcher in vector.matchers.matchers if matcher.name != "__name__"
        ]
        self.names = [matcher for matcher in vector.matchers.matchers if matcher.name == "__name__"]
        self.alternatives = bool(vector.matchers.or_matchers)
        self.asker = asker
        offset = vector.offset if isinstance(vector.offset, timedelta) else timedelta()
        self.offset = offset.total_seconds()
        self.at = at - self.offset

    def why(self, others: Collection[str]) -> Reason:
        if self.alternatives:
            return Reason(Cause.UNKNOWN, "its selector has alternatives, and none selects a series")
        if not self.metric:
            return self._of_pattern()
        if self.metric not in self.asker.metrics:
            return self._of_absent_metric(others)
        series = self._values_now()
        if self.metric in _ALERTS:
            return Reason(Cause.QUIET, "no such alert is pending or firing", self.metric)
        if not series:
            return self._of_what_is_not_there(self.metric, [])
        return self._of_matchers(series)

    # The metric

    def _of_absent_metric(self, others: Collection[str]) -> Reason:
        text = f"the metric {self.metric} is not on the server"
        if self.metric in _ALERTS:
            text += ", so no alert was pending or fired; does it evaluate the alerts?"
        # A name that exists elsewhere is not misspelt.
        elif self.metric not in others:
            if near := nearest_metric(self.metric, self.asker.metrics):
                text += f"; did you mean {near}?"
            elif renamed := renamed_metric(self.metric, others):
                text += f"; did you mean {renamed}, which is not there either?"
        return Reason(Cause.METRIC_ABSENT, text, self.metric)

    def _of_pattern(self) -> Reason:
        names = self.asker.metrics
        for matcher in self.names:
            fitting = [name for name in names if _matches(matcher, name)]
            if not fitting:
                text = f"no metric has a name that matches {_shown(matcher)}"
                return Reason(Cause.METRIC_ABSENT, text)
        for matcher in self.matchers:
            values = self.asker.label_values(matcher.name)
            if not any(_matches(matcher, value) for value in ["", *values]):
                return self._of_value(matcher, values)
        return Reason(Cause.EXCLUSIVE, "no series match all of its matchers")

    # Its labels

    def _values_now(self) -> Sequence[Labels]:
        """Which values of the matched labels there are together, at the selector's time."""
        labels = ",".join(sorted({matcher.name for matcher in self.matchers}))
        by = f" by ({labels})" if labels else ""
        return [
            sample.labels
            for sample in self.asker.at(f"count{by} ({self._selector([])})", self.at).series
        ]

    def _of_matchers(self, series: Sequence[Labels]) -> Reason:
        for matcher in self.matchers:
            values = {labels.get(matcher.name, "") for labels in series}
            if not any(_matches(matcher, value) for value in values):
                return self._of_matcher(matcher, values - {""})
        if _match_together(self.matchers, series):
            return self._of_series_that_are_there()
        for one, other in combinations(self.matchers, 2):
            if not _match_together([one, other], series):
                text = (
                    f"{self.metric} has series with {_shown(one)} and series with {_shown(other)}, "
                    "and none with both"
                )
                return self._unless_gone(Reason(Cause.EXCLUSIVE, text, self.metric))
        text = f"{self.metric} has series for each of its matchers, and none for all of them"
        return self._unless_gone(Reason(Cause.EXCLUSIVE, text, self.metric))

    def _of_matcher(self, matcher: promql_parser.Matcher, values: set[str]) -> Reason:
        if not values:
            labels = self.asker.label_names(self._selector([]))
            known = [label for label in labels if label != "__name__"]
            near = nearest_values(matcher.name, known, most=8)
            text = f"{self.metric} has no label '{matcher.name}'; it has {', '.join(near)}"
            return self._unless_gone(Reason(Cause.LABEL_ABSENT, text, self.metric))
        return self._unless_gone(self._of_value(matcher, values))

    def _of_value(self, matcher: promql_parser.Matcher, values: Iterable[str]) -> Reason:
        values = list(values)
        near = nearest_values(matcher.value, values)
        more = f" and {len(values) - len(near)} more" if len(values) > len(near) else ""
        listed = ", ".join(f"'{cut(value, _SHOWN)}'" for value in near)
        there = f"; there are {listed}{more}" if listed else ""
        metric = self.metric or "any metric"
        text = f"no series of {metric} has {_shown(matcher)}{there}"
        is_of_nothing = matcher.value == "" and matcher.op in (MatchOp.Equal, MatchOp.Re)
        return Reason(Cause.VALUE_ABSENT, text, self.metric, is_of_nothing=is_of_nothing)

    def _of_series_that_are_there(self) -> Reason:
        return Reason(
            Cause.APPEARED,
            f"{self.metric} has series that match now, which came while gk asked",
            self.metric,
        )

    # Earlier

    def _unless_gone(self, reason: Reason) -> Reason:
        """The reason; or that the series are gone, if they were there within the last week."""
        last = self._last_seen(self._selector(self.matchers))
        if last is None:
            return reason
        text = f"series of {self.metric} that match were there until {self._ago(last)}"
        return replace(reason, cause=Cause.NOT_NOW, text=f"{text}: {reason.text}")

    def _of_what_is_not_there(self, metric: str, matchers: Sequence[object]) -> Reason:
        before = self.asker.now - self.at
        if before >= 1 and self.asker.at(f"count({self._selector([])})").series:
            text = f"{metric} has data now, and had none {_length(before)} ago"
            return Reason(Cause.BEFORE_DATA, text, metric)
        last = self._last_seen(self._selector([]))
        if last is None:
            text = f"the metric {metric} was not there in the last 7 days"
        else:
            text = f"the metric {metric} was there until {self._ago(last)}"
        return Reason(Cause.GONE, text, metric)

    def _last_seen(self, selector: str) -> float | None:
        """When the selector last had a sample in the week before, to the hour."""
        question = Question(
            f"count(last_over_time({selector}[1h]))",
            self.asker.now - _WEEK,
            self.asker.now,
            _HOUR,
        )
        try:
            return max(self.asker.ask(question).times, default=None)
        except RefusedError:
            # It may be too much for the server; then nothing is known.
            return None

    def _ago(self, last: float) -> str:
        hours = round((self.asker.now - last) / _HOUR)
        if hours < 1:
            return "less than an hour ago"
        return f"about {_length(hours * _HOUR)} ago"

    def _selector(self, matchers: Sequence[promql_parser.Matcher]) -> str:
        texts = [
            f"{matcher.name}{operator_of(matcher)}{literal(matcher.value)}" for matcher in matchers
        ]
        return selector_text(self.metric, texts)


def _match_together(matchers: Sequence[promql_parser.Matcher], series: Sequence[Labels]) -> bool:
    """Whether one of the series matches all of these."""
    return any(
        all(_matches(matcher, labels.get(matcher.name, "")) for matcher in matchers)
        for labels in series
    )


def _matches(matcher: promql_parser.Matcher, value: str) -> bool:
    if matcher.op == MatchOp.Equal:
        return bool(value == matcher.value)
    if matcher.op == MatchOp.NotEqual:
        return bool(value != matcher.value)
    try:
        is_match = re.fullmatch(matcher.value, value, re.DOTALL) is not None
    except re.error:
        # RE2's syntax has some that Python's lacks: such a matcher is not the reason.
        return True
    return bool(is_match == (matcher.op == MatchOp.Re))


def _shown(matcher: promql_parser.Matcher) -> str:
    return f'{matcher.name}{operator_of(matcher)}"{cut(matcher.value, _SHOWN)}"'


def _length(seconds: float) -> str:
    """A length of time for people."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size or seconds == size:
            return f"{round(seconds / size)}{unit}"
    return f"{round(seconds)}s"
