"""Parts of JSON that somebody else wrote: what is malformed is absent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "as_number",
    "choice",
    "drawable",
    "finite",
    "flag",
    "number",
    "number_within",
    "part",
    "word",
    "words",
]


def part(json: Any, key: str) -> Mapping[str, Any]:
    """An object; empty if it is missing or malformed."""
    given = json.get(key) if isinstance(json, dict) else None
    return given if isinstance(given, dict) else {}


def words(json: Mapping[str, Any], key: str) -> Sequence[str]:
    """The texts of a list that are not empty."""
    given = json.get(key)
    if not isinstance(given, list):
        return []
    return [text for text in given if isinstance(text, str) and text]


def word(json: Mapping[str, Any], key: str, default: str = "") -> str:
    """A text."""
    given = json.get(key)
    return given if isinstance(given, str) else default


def number(json: Mapping[str, Any], key: str) -> float | None:
    """A number that can be drawn; None if it is missing or malformed."""
    return drawable(json.get(key))


def number_within(
    json: Mapping[str, Any], key: str, low: float, high: float, default: float
) -> float:
    """A number between two limits: the nearer of these for one beyond them."""
    given = number(json, key)
    return default if given is None else min(max(given, low), high)


_MOST, _LEAST = 1e300, 1e-300


def drawable(value: Any) -> float | None:
    """A number with which a picture can calculate without an overflow; one that is nearly 0 becomes
    0. None for anything else."""
    # Nearly all are numbers of this size: a page has a hundred thousand of them.
    if type(value) is float and (_LEAST <= value <= _MOST or not value):
        return value or 0.0
    number = finite(value)
    if number is None or abs(number) > _MOST:
        return None
    return number if abs(number) >= _LEAST else 0.0


def finite(value: Any) -> float | None:
    """A finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def as_number(text: str) -> float | None:
    """The number that a text is, which may be infinite or NaN; None for any other text."""
    try:
        return float(text)
    except ValueError:
        return None


def flag(json: Mapping[str, Any], key: str, default: bool = False) -> bool:
    """True or false."""
    given = json.get(key)
    return given if isinstance(given, bool) else default


def choice(json: Mapping[str, Any], key: str, *choices: str) -> str:
    """One of several words; the first if it is missing or malformed."""
    given = json.get(key)
    return given if isinstance(given, str) and given in choices else choices[0]
