"""Two PromQL queries beside each other, token by token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

__all__ = ["Piece", "align"]

# Grafana's variables with their braces, quoted text, numbers with their durations, words, operators, white space.
_TOKEN = re.compile(
    r"\$\{[^}]*\}|\$\w+|\[\[[^\]]*\]\]"
    r"|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"
    r"|[\w:.]+|=~|!~|!=|==|<=|>=|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of both queries. `old` and `new` are equal where nothing changed; one is empty where the other has
    something more."""

    old: str
    new: str

    @property
    def is_same(self) -> bool:
        """Whether both queries have it."""
        return self.old == self.new


def align(old: str, new: str) -> list[Piece]:
    """Both queries as pieces in order: joined they are `old` and `new` again."""
    return list(_aligned(_TOKEN.findall(old), _TOKEN.findall(new)))


def _aligned(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        yield Piece("".join(old[start:end]), "".join(new[other_start:other_end]))
