"""What forms share. A form is a function from a value to text, and FORMS of its package or module
lists those of a command by the names that --format takes.

The form "text" is for people: it also takes a `Style`, by which a terminal has colours and a file
has none.
"""

from __future__ import annotations

import enum
from typing import Protocol

__all__ = ["Style", "Tone", "plain"]


class Tone(enum.Enum):
    """The meaning of a piece of text, for output that can show it."""

    GOOD = "good"
    """Added, created."""
    BAD = "bad"
    """Removed, dangerous, a mistake."""
    DOUBTFUL = "doubtful"
    """Changed, unknown, worth a look."""
    INDIRECT = "indirect"
    STRONG = "strong"
    FAINT = "faint"


class Style(Protocol):
    """How to show text with tones."""

    def __call__(self, text: str, *tones: Tone) -> str:
        """The text, formatted to show its tones."""


def plain(text: str, *tones: Tone) -> str:
    """The text as it is, without its tones."""
    return text
