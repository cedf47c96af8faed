"""The names and values that are nearest to one that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

__all__ = ["nearest_metric", "nearest_values", "renamed_metric"]

_NEAR = 0.9
_NEAR_FAMILY = 0.75
# A counter that lost its suffix, or a unit that was added: renamed rather than misspelt.
_SUFFIXES = ("_total", "_seconds", "_bytes", "_ratio", "_info", "_seconds_total", "_bytes_total")


def renamed_metric(name: str, known: Iterable[str]) -> str:
    """The metric that has the name with a suffix more or less, as after a change of the exporter;
    empty if there is none."""
    names = set(known) - {name}
    candidates = (
        other for suffix in _SUFFIXES for other in (name + suffix, name.removesuffix(suffix))
    )
    return next((other for other in candidates if other in names), "")


def nearest_metric(name: str, known: Iterable[str]) -> str:
    """The metric whose name is nearest; empty if none is near."""
    names = set(known) - {name}
    if renamed := renamed_metric(name, names):
        return renamed
    # Of thousands of names, those of the same exporter: the first word is its prefix.
    family = name.partition("_")[0]
    families = {other.partition("_")[0] for other in names}
    near = {other for other in families if _similarity(family, other) >= _NEAR_FAMILY}
    candidates = sorted(other for other in names if other.partition("_")[0] in near)
    score, best = max(((_similarity(name, other), other) for other in candidates), default=(0, ""))
    return best if score >= _NEAR else ""


def nearest_values(value: str, known: Iterable[str], most: int = 4) -> Sequence[str]:
    """The values that are there, the nearest first."""
    wanted = value.casefold()
    return sorted(known, key=lambda other: (-_similarity(wanted, other.casefold()), other))[:most]


def _similarity(one: str, other: str) -> float:
    # In this order: the second one is what is prepared, and stays the same.
    matcher = SequenceMatcher(None, other, one, autojunk=False)
    if matcher.real_quick_ratio() < 0.3:
        return 0.0
    return matcher.ratio()
