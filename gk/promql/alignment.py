"""Two PromQL queries beside each other, token by token."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gk.matching import stretches

__all__ = ["Piece", "align"]

# Grafana's variables with their braces, quoted text, numbers with their durations, words,
# operators, white space. What nothing closes goes to the end, or to where the next begins: to look
# for its end from each would take the square.
_TOKEN = re.compile(
    r"\$\{[^}$]*\}|\$\w+|\[\[[^\]\[]*\]\]"
    r"|\"(?:[^\"\\]|\\.?)*\"?|'(?:[^'\\]|\\.?)*'?|`[^`]*`?"
    r"|[\w:.]+|=~|!~|!=|==|<=|>=|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of both queries. `old` and `new` are equal where nothing changed; one is empty
    where the other has something more."""

    old: str
    new: str

    @property
    def is_same(self) -> bool:
        """Whether both queries have it."""
        return self.old == self.new


def align(old: str, new: str) -> list[Piece]:
    """Both queries as pieces in order: joined they are `old` and `new` again."""
    tokens, others = _TOKEN.findall(old), _TOKEN.findall(new)
    return [
        Piece(
            "".join(tokens[each.start : each.end]),
            "".join(others[each.other_start : each.other_end]),
        )
        for each in stretches(tokens, others)
    ]
