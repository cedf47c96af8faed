"""What forms share. A form is a function from a value to text, and FORMS of its package or module
lists those of a command by the names that --format takes.

The form "text" is for people: it also takes a `Style`, by which a terminal has colours and a file
has none.
"""

from __future__ import annotations

import enum
import re
from typing import Protocol

__all__ = ["Style", "Tone", "cut", "cut_around", "plain", "visible"]


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


_GAP = "..."


def cut_around(old: str, new: str, most: int) -> tuple[str, str]:
    """Cut two texts to `most` characters each, such that what differs first stays; `...` stands for
    what is left out."""
    if max(len(old), len(new)) <= most:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
    # A third of the room for what comes before the difference.
    start = max(0, same - most // 3)
    if start <= len(_GAP):
        start = 0
    return _cut(old, start, most), _cut(new, start, most)


def _cut(text: str, start: int, most: int) -> str:
    return cut(f"{_GAP}{text[start:]}" if start else text, most)


def cut(text: str, most: int) -> str:
    """The text, or of a longer one its beginning and `...`, in at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - len(_GAP)]}{_GAP}"


# Control characters except tab and newline, text direction marks, characters without width,
# surrogates and tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with a number in place of each character that nobody would see: ⟨U+200B⟩."""
    # All invisible characters are unprintable, and this check is faster.
    if text.isprintable():
        return text
    return _UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)
