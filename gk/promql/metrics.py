"""The series that a query reads, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from gk.promql.syntax import parsed, selectors, with_variables

__all__ = ["metrics"]

# What is left of PromQL that no parser takes, once strings, comments, matchers, ranges and labels
# are out of it.
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\n]*')
_NO_SERIES = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w:$]+(?!\s*\()\b(?![\w:$])")
_SERIES = re.compile(r"[A-Za-z_:][\w:]*")
_NO_NAMES = {"and", "or", "unless", "bool", "offset", "inf", "nan", "group_left", "group_right"}
_ALTERNATIVES = re.compile(r"[\w:]+(?:\|[\w:]+)*")


@lru_cache(maxsize=4096)
def metrics(expr: str) -> frozenset[str]:
    """The names of the series that an expression reads, even if variables keep it from being
    parsed."""
    tree = parsed(expr)
    if tree is None:
        return frozenset(_names_in(expr))
    return frozenset(name for selector in selectors(tree) for name in _names_of(selector))


def _names_of(selector: Any) -> Iterator[str]:
    if selector.name:
        yield selector.name
        return
    alternatives = [selector.matchers.matchers, *selector.matchers.or_matchers]
    for matcher in chain.from_iterable(alternatives):
        if matcher.name != "__name__":
            continue
        # A quoted name, which may have any character: `{"http.requests"}`.
        if str(matcher.op) == "MatchOp.Equal":
            yield matcher.value
        # Of regular expressions those that only list names.
        elif str(matcher.op) == "MatchOp.Re" and _ALTERNATIVES.fullmatch(matcher.value):
            yield from matcher.value.split("|")


def _names_in(expr: str) -> Iterator[str]:
    text = _QUOTED_OR_COMMENT.sub(" ", expr)
    # A name that has a variable in it is not known: `node_$metric`.
    text = with_variables(text, lambda name, format: "$")
    before = ""
    # Matchers, ranges and labels may contain each other: the innermost go first.
    while before != text:
        before, text = text, _NO_SERIES.sub(" ", text)
    for word in _WORD.findall(text):
        if _SERIES.fullmatch(word) and word.lower() not in _NO_NAMES:
            yield word
