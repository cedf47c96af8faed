"""Why a query returns nothing: takes it apart, and asks for its parts until one is empty by itself.

Most parts need no question: what aggregates or converts series returns some if it is given some.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import promql_parser
from promql_parser import LabelModifierType, VectorMatchCardinality

from gk.check.expressions.labels import ABSENT, is_scalar
from gk.check.expressions.trees import Expr, compares, shown, written
from gk.check.live.asking import Asker, OutOfTimeError
from gk.check.live.reasons import Cause, Reason
from gk.check.live.selecting import why_nothing_is_selected
from gk.documents.queries import LABEL_VALUES, QUERY_RESULT
from gk.forms.plurals import counted
from gk.prometheus import Answer, RefusedError, TimedOutError
from gk.prometheus.macros import TimeRange
from gk.prometheus.questions import Question
from gk.promql.syntax import parsed, within

__all__ = ["Empty", "why_nan", "without_comparison"]

Labels = Mapping[str, str]

_MOST_LABELS = 8


class Empty:
    """Finds reasons by asking. `others` are names of metrics that are known from elsewhere."""

    def __init__(self, asker: Asker, others: Iterable[str] = ()) -> None:
        self._asker = asker
        self._others = frozenset(others)

    def why(self, expr: str, at: float) -> Reason:
        """Why a query has no series at a time."""
        tree = parsed(expr)
        if tree is None:
            return Reason(Cause.UNKNOWN, "gk cannot take this query apart")
        try:
            return self._why(tree, at)
        except RefusedError as error:
            return Reason(Cause.UNKNOWN, f"a part of it cannot be asked: {error.reason}")
        except RecursionError:
            return Reason(Cause.UNKNOWN, "it is nested too deeply to be taken apart")

    def is_now(self, question: Question) -> bool:
        """Whether a question asks for what is there now."""
        # The last point that Grafana asks for is up to a step ago.
        return self._asker.now - question.end <= question.step

    def of_answer(self, question: Question, answer: Answer) -> Reason:
        """Why the answer to a question has no numbers."""
        if answer.series:
            return Reason(Cause.NOT_A_NUMBER, why_nan(question.expr))
        try:
            return self.why(
                question.expr, self._asker.now if self.is_now(question) else question.end
            )
        except (RefusedError, TimedOutError, OutOfTimeError) as error:
            return Reason(Cause.UNKNOWN, f"gk could not ask for the reason: {error}")

    def of_variable(self, query: str, over: TimeRange) -> Reason:
        """Why the query of a variable returns no values within a time range."""
        at = over.end
        if match := QUERY_RESULT.fullmatch(query):
            if self._asker.at(match["expr"], at).series:
                return Reason(Cause.VARIABLE, "its regex matches no result of its query")
            return self.why(match["expr"], at)
        if not (match := LABEL_VALUES.fullmatch(query)):
            return Reason(Cause.UNKNOWN, f"{query} returns nothing")
        label, selector = match["label"], match["selector"]
        if not selector:
            if self._asker.label_values(label, within=over):
                return Reason(Cause.VARIABLE, f"its regex matches no value of '{label}'")
            if self._asker.label_values(label):
                text = f"no series has the label '{label}' within the dashboard's time range"
                return Reason(Cause.GONE, text)
            return Reason(Cause.LABEL_ABSENT, f"no series has the label '{label}'")
        samples = self._asker.at(f"group by ({label}) ({selector})", at).series
        if not samples:
            return self.why(selector, at)
        if any(sample.labels.get(label) for sample in samples):
            return Reason(Cause.VARIABLE, f"its regex matches no value of '{label}'")
        return Reason(Cause.LABEL_ABSENT, f"{selector} has no label '{label}'")

    def _why(self, expr: Expr, at: float) -> Reason:
        if isinstance(expr, promql_parser.VectorSelector):
            return why_nothing_is_selected(expr, self._asker, at, self._others)
        if isinstance(expr, promql_parser.MatrixSelector):
            return self._of_range(expr, at)
        if isinstance(expr, promql_parser.BinaryExpr):
            return self._of_operation(expr, at)
        if isinstance(expr, promql_parser.Call):
            return self._of_call(expr, at)
        if isinstance(
            expr,
            (
                promql_parser.ParenExpr,
                promql_parser.UnaryExpr,
                promql_parser.AggregateExpr,
                promql_parser.SubqueryExpr,
            ),
        ):
            return self._why(expr.expr, at)
        return Reason(Cause.UNKNOWN, "gk does not know why")

    # Functions

    def _of_call(self, call: promql_parser.Call, at: float) -> Reason:
        name = call.func.name
        if name in ABSENT:
            text = f"{name}() returns nothing while the series are there"
            return Reason(Cause.PRESENT, text)
        given = next((argument for argument in call.args if not is_scalar(argument)), None)
        if given is None:
            return Reason(Cause.UNKNOWN, f"{name}() returns nothing")
        if name.startswith("histogram_") and self._has_series(given, at):
            text = (
                f"{name}() gets series, but no histogram: it needs the label le, or native buckets"
            )
            return Reason(Cause.NO_BUCKETS, text)
        if isinstance(given, promql_parser.SubqueryExpr) and self._has_series(given.expr, at):
            text = f"the data of {shown(given)} began after its last point"
            return Reason(Cause.TOO_NEW, text)
        return self._why(given, at)

    def _of_range(self, ranged: promql_parser.MatrixSelector, at: float) -> Reason:
        selector = ranged.vector_selector
        reason = self._why(selector, at)
        if reason.cause is not Cause.APPEARED:
            return reason
        counts = self._asker.at(f"max(count_over_time({written(ranged)}))", at).series
        samples = counts[0].value if counts else 0
        if samples > 1:
            return reason
        seconds = ranged.range.total_seconds()
        if not self._has_series(selector, at - seconds):
            return Reason(Cause.TOO_NEW, f"{reason.metric} began less than {seconds:g} s ago")
        text = (
            f"the range of {seconds:g} s has {counted(int(samples), 'sample')} of a series, "
            "and two are needed; it may be shorter than two scrape intervals"
        )
        return Reason(Cause.SHORT_RANGE, text, reason.metric)

    # Operations

    def _of_operation(self, expr: promql_parser.BinaryExpr, at: float) -> Reason:
        operator = str(expr.op)
        if operator == "or":
            # Both sides are empty; the right one stands in for the left, whose reason counts.
            return self._why(expr.lhs, at)
        filters = compares(expr)
        for side, other in ((expr.lhs, expr.rhs), (expr.rhs, expr.lhs)):
            if is_scalar(other):
                if not filters:
                    return self._why(side, at)
                return self._of_comparison(side, expr, at)
        for side, where in ((expr.lhs, "left"), (expr.rhs, "right")):
            if not self._has_series(side, at):
                reason = self._why(side, at)
                return reason.inside(f"the {where} side of /") if operator == "/" else reason
        if operator == "unless":
            return Reason(Cause.EXCLUDED, "the right side of unless excludes every series")
        if filters and self._asker.at(_as_bool(expr), at).series:
            return Reason(Cause.COMPARISON, f"the comparison {operator} is true for no series now")
        return self._of_matching(expr, at)

    def _of_comparison(self, side: Expr, expr: promql_parser.BinaryExpr, at: float) -> Reason:
        answer = self._asker.at(written(side), at)
        if not answer.series:
            return self._why(side, at)
        other = written(expr.rhs if side is expr.lhs else expr.lhs)
        text = f"no series is {expr.op} {other}: {_values(answer)}"
        if side is expr.rhs:
            text = f"{other} {expr.op} ... is true for no series: {_values(answer)}"
        return Reason(Cause.COMPARISON, text)

    def _of_matching(self, expr: promql_parser.BinaryExpr, at: float) -> Reason:
        left, right = (
            [sample.labels for sample in self._asker.at(written(side), at).series]
            for side in (expr.lhs, expr.rhs)
        )
        return Reason(Cause.NO_MATCH, _mismatch(expr, left, right))

    def _has_series(self, expr: Expr, at: float) -> bool:
        if isinstance(expr, promql_parser.SubqueryExpr):
            expr = expr.expr
        if isinstance(expr, promql_parser.MatrixSelector):
            expr = expr.vector_selector
        return bool(self._asker.at(written(expr), at).series)


def _mismatch(
    expr: promql_parser.BinaryExpr, left: Sequence[Labels], right: Sequence[Labels]
) -> str:
    """Which labels keep the sides from matching."""
    operator = str(expr.op)
    matching = expr.modifier.matching if expr.modifier else None
    named = set(matching.labels or []) if matching else set()
    is_on = matching is not None and matching.type == LabelModifierType.Include
    before = f"both sides of {operator} have data, and no series match"
    labels = named if is_on else _names(left) | _names(right)
    labels -= {"__name__"} | (set() if is_on else named)
    for label in sorted(labels):
        ours = {sample.get(label, "") for sample in left}
        theirs = {sample.get(label, "") for sample in right}
        if ours & theirs:
            continue
        for _, lacks, side in ((ours, theirs, "left"), (theirs, ours, "right")):
            if lacks == {""}:
                advice = "" if is_on else f"; use ignoring ({label}) or on (...)"
                return f"{before}: only the {side} has the label '{label}'{advice}"
        return f"{before}: '{label}' has {_some(ours)} on the left and {_some(theirs)} on the right"
    listed = ", ".join(sorted(labels)[:_MOST_LABELS]) or "no label"
    return f"{before} in all of: {listed}"


def _names(series: Iterable[Labels]) -> set[str]:
    return {name for labels in series for name in labels}


def _some(values: set[str]) -> str:
    listed = [f"'{value}'" for value in sorted(values)[:3]]
    return ", ".join([*listed, *(["..."] if len(values) > 3 else [])])


def _values(answer: Answer) -> str:
    numbers = [sample.value for sample in answer.series if not math.isnan(sample.value)]
    if not numbers:
        return "all are NaN now"
    if len(answer.series) == 1:
        return f"it is {numbers[0]:.6g} now"
    return f"they are {min(numbers):.6g} to {max(numbers):.6g} now"


def _as_bool(expr: promql_parser.BinaryExpr) -> str:
    """A comparison of two vectors that returns 0 where it is false."""
    return f"({written(expr.lhs)}) {expr.op} bool{_modifier(expr)} ({written(expr.rhs)})"


def _modifier(expr: promql_parser.BinaryExpr) -> str:
    modifier = expr.modifier
    if modifier is None or modifier.matching is None:
        return ""
    word = "on" if modifier.matching.type == LabelModifierType.Include else "ignoring"
    text = f" {word} ({', '.join(modifier.matching.labels or [])})"
    # These values cannot be keys.
    if modifier.card == VectorMatchCardinality.ManyToOne:
        text += f" group_left ({', '.join(modifier.group_labels or [])})"
    if modifier.card == VectorMatchCardinality.OneToMany:
        text += f" group_right ({', '.join(modifier.group_labels or [])})"
    return text


def without_comparison(expr: str) -> str:
    """An alert's query without the comparisons that decide whether it fires, so that it returns
    data when all is well; as it is if it has none, or cannot be parsed."""
    tree = parsed(expr)
    return expr if tree is None else _stripped(tree, expr)


def _stripped(expr: Expr, text: str) -> str:
    if isinstance(expr, promql_parser.ParenExpr):
        inner = _stripped(expr.expr, "")
        return f"({inner})" if inner else text
    if not isinstance(expr, promql_parser.BinaryExpr):
        return text
    operator = str(expr.op)
    left, right = (_stripped(side, "") or written(side) for side in (expr.lhs, expr.rhs))
    if compares(expr):
        if is_scalar(expr.rhs):
            return left
        if is_scalar(expr.lhs):
            return right
        return _as_bool(expr)
    if operator == "unless":
        return left
    if operator in ("and", "or"):
        return f"({left}) {operator}{_modifier(expr)} ({right})"
    return text


def why_nan(expr: str) -> str:
    """What in a query may have made all of its numbers NaN."""
    tree = parsed(expr)
    for inner in within(tree) if tree is not None else ():
        if isinstance(inner, promql_parser.Call) and inner.func.name.startswith("histogram_"):
            return f"{inner.func.name}() is NaN while there are no observations"
        if isinstance(inner, promql_parser.Call) and inner.func.name == "scalar":
            return f"scalar() is NaN unless it gets exactly one series: {shown(inner.args[0])}"
        if isinstance(inner, promql_parser.BinaryExpr) and str(inner.op) in ("/", "%"):
            return f"0 {inner.op} 0 is NaN: {shown(inner.rhs)} may be zero"
    return "the series themselves may be NaN"
