"""A regular expression in a matcher is not needed, or parts of it have no effect.

Problem: `=~` makes readers look for a pattern where there is none. Prometheus anchors each pattern
at both ends, so `^` and `$` change nothing, and `/api` does not match `/api/v1`. `=~".*"` matches
every series, also those without the label.

    up{job=~"node"}
    up{job=~"^node.*$"}
    up{job=~".*"}

Instead: compare with `=`, or drop what has no effect.

    up{job="node"}
    up{job=~"node.*"}
    up

https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import Matcher, MatchOp

from gk.check.expressions.trees import matcher_text
from gk.check.model import Severity, check
from gk.check.subjects import Expression
from gk.promql.syntax import with_variables

__all__ = ["needless_regex"]

_PLAIN = re.compile(r"[\w/:@ -]+")
_ANCHORED = re.compile(r"\^.*|.*(?<!\\)\$", re.DOTALL)


@check(Severity.INFO, peers=("pint: promql/regexp",))
def needless_regex(expression: Expression) -> Iterator[str]:
    """Look at each regular expression."""
    if expression.tree is None or "~" not in expression.text:
        return
    for selector in expression.selectors:
        for matcher in selector.matchers.matchers:
            if matcher.op in (MatchOp.Re, MatchOp.NotRe):
                yield from _of_matcher(matcher)


def _of_matcher(matcher: Matcher) -> Iterator[str]:
    # A variable may have several values, and its value may have any pattern.
    pattern = with_variables(matcher.value, lambda name, format: "a|b")
    shown = matcher_text(matcher)
    if _ANCHORED.fullmatch(pattern):
        yield f"{shown}: Prometheus anchors every pattern; remove ^ and $"
    elif _PLAIN.fullmatch(pattern):
        operator = "=" if matcher.op == MatchOp.Re else "!="
        yield f"{shown} has no pattern, and matches only this value; use {operator}"
    elif pattern == ".*" and matcher.op == MatchOp.Re:
        yield f"{shown} matches every series; remove it, or use .+ for those that have the label"
