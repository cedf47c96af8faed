"""Which stretches of two sequences are the same."""

from __future__ import annotations

import random
import time
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.bounded import matching
from gk.bounded.matching import increasing, stretches

TOKENS = st.lists(st.integers(0, 6), max_size=30)


def rejoined(old: list[int], new: list[int]) -> tuple[list[int], list[int]]:
    """Both sequences, of their stretches: what is the same is taken from the other side."""
    parts = stretches(old, new)
    return (
        [
            token
            for part in parts
            for token in (new[part[2] : part[3]] if part.is_same else old[part[0] : part[1]])
        ],
        [
            token
            for part in parts
            for token in (old[part[0] : part[1]] if part.is_same else new[part[2] : part[3]])
        ],
    )


@given(TOKENS, TOKENS)
def test_the_stretches_are_the_sequences_again(old: list[int], new: list[int]) -> None:
    assert (old, new) == rejoined(old, new)


@given(TOKENS, TOKENS)
def test_the_stretches_of_long_sequences_are_the_sequences_again(
    old: list[int], new: list[int]
) -> None:
    """What is too long for difflib is cut; here everything is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_MOST_WORK", 3)
        assert (old, new) == rejoined(old, new)


@given(TOKENS, TOKENS)
def test_short_sequences_are_matched_as_difflib_does(old: list[int], new: list[int]) -> None:
    expected = [code[1:] for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()]
    assert expected == [stretch[:4] for stretch in stretches(old, new)]


def test_one_change_in_a_long_sequence_is_one_stretch() -> None:
    old = [1, 2] * 10_000
    new = [*old[:9_000], 3, *old[9_000:]]
    assert [
        (0, 9_000, 0, 9_000, True),
        (9_000, 9_000, 9_000, 9_001, False),
        (9_000, 20_000, 9_001, 20_001, True),
    ] == [tuple(stretch) for stretch in stretches(old, new)]


def test_a_long_sequence_is_cut_where_both_sides_have_something_once() -> None:
    old = [token for number in range(2_000) for token in (number, -1, -2)]
    new = [token for number in range(2_000) for token in (number, -1, -3)]
    assert [(start + 2, start + 3) for start in range(0, 6_000, 3)] == [
        (stretch.start, stretch.end) for stretch in stretches(old, new) if not stretch.is_same
    ]


def test_what_difflib_takes_the_cube_for_takes_a_moment() -> None:
    """300,000 elements of two kinds in random order."""
    chance = random.Random(1)
    old, new = ([chance.randrange(2) for _ in range(300_000)] for _ in range(2))
    started = time.process_time()
    stretches(old, new)
    assert time.process_time() - started < 10


@given(st.lists(st.integers(0, 20), max_size=12, unique=True))
def test_the_longest_run_that_grows_is_the_longest(numbers: list[int]) -> None:
    lengths = [0] * len(numbers)
    for place, number in enumerate(numbers):
        lengths[place] = 1 + max(
            (lengths[at] for at in range(place) if numbers[at] < number), default=0
        )
    run = [numbers[place] for place in increasing(numbers)]
    assert max(lengths, default=0) == len(run)
    assert sorted(run) == run
