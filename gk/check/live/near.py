"""The names and values that are nearest to one that is not there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from threading import Lock

__all__ = ["nearest_metric", "nearest_values", "renamed_metric"]

# What names end in, or have inside, by Prometheus's conventions: a metric that gains or loses one
# was renamed. https://prometheus.io/docs/practices/naming/
_UNITS = (
    "total",
    "seconds",
    "bytes",
    "ratio",
    "info",
    "celsius",
    "meters",
    "count",
    "sum",
    "bucket",
)
_SUFFIXES = (*(f"_{unit}" for unit in _UNITS[:5]), "_seconds_total", "_bytes_total")
_NEAR_WORD = 0.7
"""How similar the one word that differs has to be (difflib's ratio)."""
_WORD = re.compile(r"[^_:]+")

_LOCK = Lock()

Words = tuple[str, ...]


def renamed_metric(name: str, known: Collection[str]) -> str:
    """The metric that has the name with a suffix more or less, as after a change of the exporter;
    empty if there is none."""
    longer = (name + suffix for suffix in _SUFFIXES)
    shorter = (name.removesuffix(suffix) for suffix in _SUFFIXES)
    return next((other for other in (*longer, *shorter) if other != name and other in known), "")


def nearest_metric(name: str, known: frozenset[str]) -> str:
    """The metric whose name differs in one word, and there by a few letters, or by a unit; empty if
    there is none."""
    if renamed := renamed_metric(name, known):
        return renamed
    # Otherwise each thread would make an index of its own at first.
    with _LOCK:
        index = _indexed(known)
    words = _words(name)
    for at, rest in _each_less(words):
        if words[at] in _UNITS and rest in index.whole:
            return index.whole[rest]
    rated = []
    for at, rest in _each_less(words):
        for other in index.less.get((at, rest), ()):
            rated.append((_similarity(words[at], _words(other)[at]), other))
    for unit in _UNITS:
        for at in range(len(words) + 1):
            if longer := index.whole.get((*words[:at], unit, *words[at:])):
                rated.append((1.0, longer))
    score, best = max(rated, default=(0.0, ""))
    return best if score >= _NEAR_WORD else ""


def nearest_values(value: str, known: Iterable[str], most: int = 4) -> Sequence[str]:
    """The values that are there, the nearest first."""
    wanted = value.casefold()
    return sorted(known, key=lambda other: (-_similarity(wanted, other.casefold()), other))[:most]


@dataclass(frozen=True, slots=True)
class _Index:
    """Names by their words, and by all of their words but one."""

    whole: Mapping[Words, str]
    less: Mapping[tuple[int, Words], Sequence[str]]


# A server has a hundred thousand names, and many of a dashboard's metrics may not be among them.
@lru_cache(maxsize=4)
def _indexed(known: frozenset[str]) -> _Index:
    less: dict[tuple[int, Words], list[str]] = defaultdict(list)
    for name in sorted(known):
        for key in _each_less(_words(name)):
            less[key].append(name)
    return _Index({_words(name): name for name in known}, less)


def _words(name: str) -> Words:
    return tuple(_WORD.findall(name))


def _each_less(words: Words) -> Iterator[tuple[int, Words]]:
    """The place of each word, and the others."""
    return ((at, (*words[:at], *words[at + 1 :])) for at in range(len(words)))


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, other, one, autojunk=False).ratio()
