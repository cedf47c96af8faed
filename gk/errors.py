"""Errors and mistakes.

    GkError                     gk cannot continue; shown without a traceback, exit code 2
      x ConfigError             gk.yaml, an option or an environment variable is unusable
      x DefinitionError         definitions do not load or compile; has every Problem found

A mistake that gk finds is a `Problem`, a value: where it is, what is wrong, and what to do. gk
collects problems, so that one run reports all of them; `DefinitionError` ends the run if there are
any.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = [
    "ConfigError",
    "DefinitionError",
    "GkError",
    "Problem",
    "Source",
    "Where",
    "did_you_mean",
]

_LONGEST = 4000
"""Characters of a message."""


@dataclass(frozen=True, order=True, slots=True)
class Source:
    """A place in the project: a file, relative to the project's root and with `/`, and a line
    counted from 1."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document, by kind (`panel`, `variable`, `alert`) and name: None for one without
    a title, and an empty one for what has no name.

    As text a sentence that nothing reads: `panel 'CPU busy'`, `variable $node`.
    """

    kind: str
    name: str | None

    def __str__(self) -> str:
        if self.name is None:
            return f"{self.kind} without a title"
        if not self.name:
            return self.kind
        return f"variable ${self.name}" if self.kind == "variable" else f"{self.kind} '{self.name}'"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its place in the project and in the document that is made there, and a message
    that says what is wrong and what to do."""

    source: Source
    message: str
    where: Where | None = None

    @property
    def text(self) -> str:
        """What is wrong, and what to do, with the part before it."""
        return f"{self.where}: {self.message}" if self.where else self.message

    def __lt__(self, other: Problem) -> bool:
        return (self.source, self.text) < (other.source, other.text)

    def __str__(self) -> str:
        return f"{self.source}: {self.text}" if self.source.file else self.text


class GkError(Exception):
    """gk cannot continue, because of mistakes, or for a reason that a message explains completely.

    `problems` has all mistakes, sorted by place, without duplicates; a message is a mistake without
    a place.
    """

    def __init__(self, reason: str | Iterable[Problem]) -> None:
        problems = [Problem(Source(""), reason)] if isinstance(reason, str) else reason
        self.problems = sorted(
            {replace(problem, message=_shortened(problem.message)) for problem in problems}
        )
        super().__init__("\n".join(map(str, self.problems)))


def _shortened(message: str) -> str:
    # A message may quote a title or a query of a megabyte.
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
    """Return `; did you mean 'x'?` for the known word nearest to `word`, or an empty string if none
    is near and not exactly one starts with it."""
    words = list(known)
    folded = {known_word.casefold(): known_word for known_word in words}
    # A word that differs only in case is the nearest, even if difflib prefers another.
    near = folded.get(word.casefold()) or next(
        iter(difflib.get_close_matches(word, words, n=1)), _only_start(word, words)
    )
    return f"; did you mean '{near}'?" if near else ""


def _only_start(word: str, words: Iterable[str]) -> str | None:
    longer = [known for known in words if word and known.startswith(word)]
    return longer[0] if len(longer) == 1 else None
