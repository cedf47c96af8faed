"""Nouns in the plural, as English has them for what gk counts."""

from __future__ import annotations

__all__ = ["counted", "plural"]


def plural(noun: str) -> str:
    """`dashboards`, `notification policies`, `folder permissions`."""
    if noun.endswith("permissions"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`1 dashboard`, `2 dashboards`."""
    return f"{number} {noun if number == 1 else plural(noun)}"
