"""Regular expressions of strangers, which may be made to run for years or to fill the memory.

A pattern has a tenth of a second, for all texts together: no honest one needs that. The package
regex can be stopped while it searches, but not while it compiles, where it writes out what is
repeated: `a{99999999}` needs gigabytes. So those are refused first.

RE2 (PyPI: google-re2) has neither problem, but does not know what looks ahead, as in `^(?!test)`,
which Grafana's JavaScript does, and dashboards use.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import regex

__all__ = ["Pattern", "compiled"]

_Found = TypeVar("_Found")

_PATIENCE = 0.1
"""Seconds of the processor for a pattern."""
_FREE = 0.0005
"""Seconds of each search that do not count: a pattern may meet any number of texts."""
_LONGEST = 20_000
"""Characters of a pattern: a list of names as one expression, which takes a fifth of a second."""
_LARGEST = 20_000
"""Characters of a pattern with all that is repeated written out."""

_PIECE = re.compile(
    r"\\.|\[(?:\\.|[^\]\\])*(?:\]|\Z)|\{\s*(?P<times>\d[\d\s]*)(?:,[\d\s]*)?\}|.", re.DOTALL
)
# What regex knows and JavaScript and RE2 do not: recursion, fuzziness, comments.
_FOREIGN = re.compile(r"\(\?(?![:=!]|<[=!]|P?<\w|[imsU-]+[:)])")


class Pattern:
    """A regular expression. Once it took too long, nothing matches it."""

    def __init__(self, made: regex.Pattern[str]) -> None:
        self._made = made
        self._left = _PATIENCE

    @property
    def took_too_long(self) -> bool:
        """Whether it found less than there is."""
        return self._left <= 0

    def search(self, text: str) -> regex.Match[str] | None:
        """The first match in a text."""
        return self._timed(lambda left: self._made.search(text, timeout=left))

    def fullmatch(self, text: str) -> regex.Match[str] | None:
        """The match of the whole text."""
        return self._timed(lambda left: self._made.fullmatch(text, timeout=left))

    def matches(self, text: str) -> list[regex.Match[str]]:
        """All matches in a text."""
        return self._timed(lambda left: list(self._made.finditer(text, timeout=left))) or []

    def replaced(
        self, text: str, by: Callable[[regex.Match[str]], str], *, everywhere: bool = True
    ) -> str:
        """The text with something in place of its matches, or of the first one."""
        count = 0 if everywhere else 1
        made = self._timed(lambda left: self._made.sub(by, text, count=count, timeout=left))
        return text if made is None else made

    def _timed(self, run: Callable[[float], _Found]) -> _Found | None:
        if self.took_too_long:
            return None
        started = time.thread_time()
        try:
            return run(self._left)
        except (TimeoutError, MemoryError):
            self._left = 0.0
            return None
        finally:
            self._left -= max(0.0, time.thread_time() - started - _FREE)


@lru_cache(maxsize=512)
def compiled(text: str, flags: int = 0) -> Pattern | None:
    """The pattern of a text; None if it is not one, or larger than anybody needs. `flags` are those
    of the package regex."""
    if len(text) > _LONGEST or _FOREIGN.search(text) or _size(text) > _LARGEST:
        return None
    try:
        return Pattern(regex.compile(text, flags))
    except (regex.error, RecursionError, OverflowError, ValueError):
        return None


def _size(text: str) -> int:
    """How long a pattern is with what is repeated written out, or more than _LARGEST."""
    groups, last = [0], 0
    for match in _PIECE.finditer(text):
        piece, times = match[0], match["times"]
        if times:
            digits = "".join(times.split())
            last *= int(digits) if len(digits) < 7 else _LARGEST + 1
            groups[-1] += last
        elif piece == "(":
            groups.append(0)
        elif piece == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        else:
            last = 1
            groups[-1] += 1
        last = min(last, _LARGEST + 1)
    return sum(groups)
