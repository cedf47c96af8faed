"""Regular expressions of strangers end, in time and in memory."""

from __future__ import annotations

import re
import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from gk.bounded.patterns import compiled
from tests.cases import every

HOSTILE = [
    (r"(?:a|aa)+$", "a" * 60 + "b"),
    (r"(a|a)*$", "a" * 60 + "b"),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60),
    (r"(?:(?:(?:a{0,999}){0,999}){0,999})$", "a" * 200 + "b"),
    (r"(.*)*\1x", "a" * 60),
]


@pytest.mark.parametrize(("text", "meets"), HOSTILE)
def test_a_pattern_has_a_tenth_of_a_second_for_all_texts(text: str, meets: str) -> None:
    """It would need years for each."""
    pattern = compiled(text)
    assert pattern
    started = time.process_time()
    for index in range(1000):
        pattern.search(f"{meets}{index}")

    assert time.process_time() - started < 1


def test_nothing_matches_a_pattern_that_took_too_long() -> None:
    """Rather some of the texts that it met later."""
    pattern = compiled(r"(?:b|bb)+$")
    assert pattern
    before = [bool(pattern.search("b")), pattern.took_too_long]
    pattern.search("b" * 60 + "c")
    after = [bool(pattern.search("b")), bool(pattern.fullmatch("b")), pattern.took_too_long]

    assert [True, False] == before
    assert [False, False, True] == after
    assert ([], "b") == (pattern.matches("b"), pattern.replaced("b", lambda _: "c"))


def test_an_honest_pattern_meets_any_number_of_texts() -> None:
    pattern = compiled(r"^node-(\d+)\.example\.com$")
    assert pattern

    assert all(pattern.search(f"node-{index}.example.com") for index in range(100_000))


@every(
    "text",
    [
        "a{99999999}",
        "a{99999999,}",
        "a{99999999}?",
        "((a{999}){999}){999}",
        "(?:a?b){ 99999 }",
        "[]x[]a{99999999}",
        r"[\]]a{99999999}",
        "(?x)a{9999 9999}",
        "(?x)a{#1\n99999999}",
        "(?R)a|b",
        "(?P>x)",
        "a" * 30_000,
        "(" * 10_000,
        "(",
        "a{2,1}",
    ],
)
def test_a_pattern_that_would_fill_the_memory_is_none(text: str) -> None:
    """The package regex writes out what is repeated. None either: what nobody's regular expressions
    have."""
    assert compiled(text) is None


@pytest.mark.parametrize(
    "text",
    [
        r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$",
        r"^(?!test)(?<name>\w+)-(?P<zone>[a-z]{2})(?=-)",
        r"(?i)error|(?:warn){1,3}",
        r"(?<=a)b(?<!c)",
        "|".join(f"node-{index}" for index in range(1000)),
    ],
)
def test_what_dashboards_have_is_a_pattern(text: str) -> None:
    assert compiled(text) is not None


@given(st.text("a[](){}\\,|?+*1239^- ", max_size=14))
def test_no_text_takes_long_to_become_a_pattern(text: str) -> None:
    started = time.process_time()
    compiled(text)

    assert time.process_time() - started < 1


@given(st.from_regex(r"(?:[ab]|\(a\||\)|\[ab\]|[*+?]|\{[0-3]\})*", fullmatch=True))
def test_a_small_pattern_is_what_it_is_for_python(text: str) -> None:
    try:
        known = re.compile(text)
    except re.error:
        return
    pattern = compiled(text)
    assert pattern
    texts = ["", "a", "b", "ab", "ba", "aab", "abab"]

    assert [_span(known.search(subject)) for subject in texts] == [
        _span(pattern.search(subject)) for subject in texts
    ]


def _span(match: re.Match[str] | regex.Match[str] | None) -> tuple[int, int] | None:
    return match.span() if match else None
