"""The two sides of an operation never match.

Problem: series match if all their labels are equal, or those that on() names. Without a match, an
operation returns nothing, and `unless` excludes nothing. In the first example, only the left side
has labels; in the second, `code` differs.

    memory_bytes / sum(memory_bytes)
    rate(http_requests_total{code="500"}[5m]) / rate(http_requests_total{code="200"}[5m])

Instead: name the labels that both sides have, or aggregate the others away.

    memory_bytes / on () group_left () sum(memory_bytes)
    sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total{code="200"}[5m]))

The same goes for matchers that exclude each other. Scraped series always have `job` and `instance`;
recorded ones may have any labels.
https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import (
    BinaryExpr,
    Matcher,
    MatchOp,
    VectorSelector,
)

from gk.check.expressions.labels import is_scalar, labels_of
from gk.check.expressions.trees import compared_labels, matcher_text, shown
from gk.check.model import Severity, check
from gk.check.parts.known_labels import has_known_labels, known_labels
from gk.check.subjects import Expression

__all__ = ["impossible_match"]


@check(Severity.ERROR, peers=("pint: promql/impossible", "pint: promql/vector_matching"))
def impossible_match(expression: Expression) -> Iterator[str]:
    """Look at every operation and selector."""
    parts = expression.nodes
    # What never matches has no result, and so nothing around it has one: the innermost is enough.
    for part in reversed(parts) if has_known_labels(expression) else ():
        mismatch = next(_of_sides(part), None) if isinstance(part, BinaryExpr) else None
        if mismatch:
            yield mismatch
            break
    for selector in expression.selectors:
        yield from _of_selector(selector)


def _of_sides(expr: BinaryExpr) -> Iterator[str]:
    """Labels that only one side has, or whose values differ."""
    if str(expr.op) == "or" or is_scalar(expr.lhs) or is_scalar(expr.rhs):
        return
    is_matched = compared_labels(expr)
    left, right = known_labels(expr.lhs), known_labels(expr.rhs)
    for known, other, there in ((left, expr.rhs, "right"), (right, expr.lhs, "left")):
        possible = labels_of(other)
        lacking = sorted(
            name for name in known if is_matched(name) and name not in (possible or ())
        )
        if possible is not None and lacking:
            side = shown(other, f"the {there} side")
            yield (
                f"'{expr.op}' never matches: {side} has no label '{lacking[0]}', and the other "
                "side has; name the labels that both have, with on()"
            )
    for name in sorted(left.keys() & right.keys()):
        if is_matched(name) and None not in (left[name], right[name]) and left[name] != right[name]:
            yield (
                f"'{expr.op}' never matches: {name} is '{left[name]}' on one side and "
                f"'{right[name]}' on the other; aggregate both sides, or use ignoring ({name})"
            )


def _of_selector(selector: VectorSelector) -> Iterator[str]:
    # Reading them copies them.
    matchers = selector.matchers.matchers
    values: dict[str, str] = {}
    for matcher in matchers:
        # A variable of Grafana may stand for anything.
        if matcher.op != MatchOp.Equal or "$" in matcher.value or "[[" in matcher.value:
            continue
        first = values.setdefault(matcher.name, matcher.value)
        if first != matcher.value:
            yield (
                f'{matcher.name}="{first}" and {matcher_text(matcher)} exclude each other; '
                "use =~ for one of several values"
            )
    for matcher in matchers:
        value = values.get(matcher.name)
        if value is not None and _excludes(matcher, value):
            yield (
                f'{matcher.name}="{value}" and {matcher_text(matcher)} exclude each other; '
                "remove one"
            )
        elif matcher.op == MatchOp.NotRe and matcher.value == ".*":
            yield f"{matcher_text(matcher)} excludes every series; remove it"


# What RE2, which Prometheus uses, and Python read in the same way.
_SAME_IN_PYTHON = re.compile(r"[\w./:|()*+? -]*")
# Prometheus's engine takes linear time. Python's may take forever if parts that repeat follow each
# other, or are in each other.
_SLOW_IN_PYTHON = re.compile(r"\(\?|\)[*+?]|(?:[*+?].*){4}")


def _excludes(matcher: Matcher, value: str) -> bool:
    if matcher.op == MatchOp.NotEqual:
        return bool(str(matcher.value) == value)
    if matcher.op not in (MatchOp.Re, MatchOp.NotRe):
        return False
    if not _SAME_IN_PYTHON.fullmatch(matcher.value) or _SLOW_IN_PYTHON.search(matcher.value):
        return False
    try:
        matches = re.fullmatch(matcher.value, value) is not None
    except re.error:
        return False
    return matches == bool(matcher.op == MatchOp.NotRe)
