"""What forms share. A form is a function from a value to text, and FORMS of its package or module
lists those of a command by the names that --format takes.

The form "text" is for people: it also takes a `Style`, by which a terminal has colours and a file
has none.
"""

from __future__ import annotations

import enum
from typing import Protocol

__all__ = ["Style", "Tone", "count", "plain"]


class Tone(enum.Enum):
    """What a stretch of text is, where something can show that."""

    GOOD = "good"
    """Added, created."""
    BAD = "bad"
    """Removed, dangerous, a mistake."""
    DOUBTFUL = "doubtful"
    """Changed, unknown, to be looked at."""
    INDIRECT = "indirect"
    STRONG = "strong"
    FAINT = "faint"


class Style(Protocol):
    """How text of some tones is shown."""

    def __call__(self, text: str, *tones: Tone) -> str:
        """The text so that it shows its tones."""


def plain(text: str, *tones: Tone) -> str:
    """The text as it is, whatever its tones."""
    return text


def count(number: int, name: str) -> str:
    """`1 dashboard`, `2 dashboards`."""
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{number} {name if number == 1 else plural}"
