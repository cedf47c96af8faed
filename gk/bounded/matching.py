"""Finds the equal stretches of two sequences, in linear time.

difflib finds matches that look natural to people, but its time grows with the cube of the length.
So it only gets short sequences; longer ones are first cut at elements that occur exactly once on
both sides (patience diff, https://bramcohen.livejournal.com/73318.html).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

__all__ = ["Stretch", "compared", "increasing", "stretches"]

_MOST_WORK = 500_000
"""Pairs of equal elements times elements: about 10 ms of difflib."""
_MOST_CUTS = 8
"""How often a stretch is cut again. Stretches that are still too long for difflib are not
matched."""


class Stretch(NamedTuple):
    """A stretch of both sequences, with its start and end in each; one side may be empty if the
    stretches differ."""

    start: int
    end: int
    other_start: int
    other_end: int
    is_same: bool


def stretches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Stretch]:
    """Divide both sequences into stretches, in order, from the first element to the last."""
    divided, at, other = [], 0, 0
    for start, other_start, size in [*_blocks(old, new), (len(old), len(new), 0)]:
        if at < start or other < other_start:
            divided.append(Stretch(at, start, other, other_start, is_same=False))
        at, other = start + size, other_start + size
        if size:
            divided.append(Stretch(start, at, other_start, other, is_same=True))
    return divided


def compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines of both sides, each after a space if they share it, `-` or `+`."""
    for start, end, other_start, other_end, is_same in stretches(old, new):
        if is_same:
            yield from ((" ", line) for line in old[start:end])
        else:
            yield from (("-", line) for line in old[start:end])
            yield from (("+", line) for line in new[other_start:other_end])


def increasing(numbers: Sequence[int]) -> list[int]:
    """Return the indices of the longest increasing subsequence, by patience sorting."""
    # `ends[n]` is the index at which the best run of n + 1 numbers ends; `before[index]` is the
    # index before it in its run.
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number, key=lambda end: numbers[end])
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [place]
    longest = []
    place = ends[-1] if ends else -1
    while place >= 0:
        longest.append(place)
        place = before[place]
    return longest[::-1]


_Block = tuple[int, int, int]
"""The start of an equal stretch on both sides, and its length."""


def _blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[_Block]:
    """Return the equal stretches in order; adjacent ones are joined."""
    blocks: list[_Block] = []
    for start, other, size in _cut(old, new, _MOST_CUTS):
        if (
            blocks
            and size
            and (blocks[-1][0] + blocks[-1][2], blocks[-1][1] + blocks[-1][2]) == (start, other)
        ):
            blocks[-1] = (*blocks[-1][:2], blocks[-1][2] + size)
        elif size:
            blocks.append((start, other, size))
    return blocks


def _cut(old: Sequence[Hashable], new: Sequence[Hashable], cuts: int) -> Iterator[_Block]:
    if _is_quick(old, new):
        yield from SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    ends = len(old) - tail, len(new) - tail
    yield 0, 0, head
    if head or tail:
        yield from _moved(_cut(old[head : ends[0]], new[head : ends[1]], cuts), head, head)
    elif cuts:
        yield from _between(old, new, _anchors(old, new), cuts - 1)
    yield *ends, tail


def _is_quick(old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
    """Whether difflib compares them within the limit."""
    shorter = min(len(old), len(new))
    if shorter * len(old) * len(new) <= _MOST_WORK:
        # Most sequences are so short that counting takes longer than comparing.
        return True
    counts = Counter(new)
    return shorter * sum(counts[element] for element in old) <= _MOST_WORK


def _same(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Count the equal elements at the start."""
    return next(
        (place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the indices of elements that occur once on each side: the longest run in the same
    order."""
    counts, other_counts = Counter(old), Counter(new)
    others = {element: place for place, element in enumerate(new) if other_counts[element] == 1}
    once = [
        (place, others[element])
        for place, element in enumerate(old)
        if counts[element] == 1 and element in others
    ]
    return [once[place] for place in increasing([other for _, other in once])]


def _between(
    old: Sequence[Hashable], new: Sequence[Hashable], anchors: Sequence[tuple[int, int]], cuts: int
) -> Iterator[_Block]:
    at, other = 0, 0
    for place, other_place in anchors:
        yield from _moved(_cut(old[at:place], new[other:other_place], cuts), at, other)
        yield place, other_place, 1
        at, other = place + 1, other_place + 1
    if anchors:
        yield from _moved(_cut(old[at:], new[other:], cuts), at, other)


def _moved(blocks: Iterator[_Block], by: int, other_by: int) -> Iterator[_Block]:
    return ((start + by, other + other_by, size) for start, other, size in blocks)
