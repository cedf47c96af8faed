"""Compares two PromQL queries token by token."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gk.bounded.matching import stretches

__all__ = ["Piece", "align"]

# Grafana's variables with their braces, quoted text, numbers with their durations, words,
# operators, white space. An unclosed token ends at the end of the text, or where the next one
# starts: a search for its end from each place would take quadratic time.
_TOKEN = re.compile(
    r"\$\{[^}$]*\}|\$\w+|\[\[[^\]\[]*\]\]"
    r"|\"(?:[^\"\\]|\\.?)*\"?|'(?:[^'\\]|\\.?)*'?|`[^`]*`?"
    r"|[\w:.]+|=~|!~|!=|==|<=|>=|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of both queries. `old` and `new` are equal if nothing changed; one is empty if only
    the other query has it."""

    old: str
    new: str

    @property
    def is_same(self) -> bool:
        """Whether both queries have it."""
        return self.old == self.new


def align(old: str, new: str) -> list[Piece]:
    """Divide both queries into pieces, in order: joined, they are `old` and `new` again."""
    tokens, others = _TOKEN.findall(old), _TOKEN.findall(new)
    return [
        Piece(
            "".join(tokens[stretch.start : stretch.end]),
            "".join(others[stretch.other_start : stretch.other_end]),
        )
        for stretch in stretches(tokens, others)
    ]
