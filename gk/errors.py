"""What can go wrong, and how it is said.

    GkError                     gk cannot go on; shown without a traceback, exit code 2
      x ConfigError             gk.yaml, or what a command was given, is not usable
      x DefinitionError         definitions do not load or do not compile; has every Problem found

A mistake that gk finds is a `Problem`, a value: where, what, and what to do. Problems are
collected, so one run reports all of them; `DefinitionError` ends the run when there are any.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = ["ConfigError", "DefinitionError", "GkError", "Problem", "Source", "did_you_mean"]

_LONGEST = 4000
"""Characters of a message."""


@dataclass(frozen=True, order=True, slots=True)
class Source:
    """A place in the project: a file, relative to the project's root with `/`, and a line counted
    from 1."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake: where it is and what is wrong, with what to do about it in the same sentence."""

    source: Source
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}" if self.source.file else self.message


class GkError(Exception):
    """gk cannot go on, for a reason that a message tells in full, or for mistakes.

    `problems` has all of the mistakes, sorted by place, none twice; a message is one that has no
    place.
    """

    def __init__(self, reason: str | Iterable[Problem]) -> None:
        found = [Problem(Source(""), reason)] if isinstance(reason, str) else reason
        self.problems = sorted({replace(each, message=_shortened(each.message)) for each in found})
        super().__init__("\n".join(map(str, self.problems)))


def _shortened(message: str) -> str:
    # A title or a query of a megabyte may stand in it.
    return (
        message
        if len(message) <= _LONGEST
        else f"{message[:_LONGEST]} ... ({len(message)} characters)"
    )


class ConfigError(GkError):
    """gk.yaml, an option or an environment variable cannot be used."""


class DefinitionError(GkError):
    """The definitions have mistakes."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known word nearest to `word`, or an empty string when none is
    near."""
    words = list(known)
    folded = {each.casefold(): each for each in words}
    near = folded.get(word.casefold()) or next(
        iter(difflib.get_close_matches(word, words, n=1)), None
    )
    return f"; did you mean '{near}'?" if near else ""
