"""Nouns in the plural, as English has them for what gk counts, and lists of names."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "plural", "several"]


def plural(noun: str) -> str:
    """`dashboards`, `notification policies`, `folder permissions`."""
    if noun.endswith("permissions"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`1 dashboard`, `2 dashboards`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def several(names: Sequence[str], most: int) -> str:
    """`a, b and 3 more`: the first names, and how many others there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
