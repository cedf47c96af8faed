"""Two queries beside each other, token by token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.promql.alignment import align

QUERY = st.text(alphabet="abz_09 (){}[]\"=~$,.\\'`|\n", max_size=40)


def changed(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.old, piece.new) for piece in align(old, new) if not piece.is_same]


@given(QUERY, QUERY)
def test_the_pieces_are_the_queries_again(old: str, new: str) -> None:
    pieces = align(old, new)
    assert (old, new) == (
        "".join(piece.old for piece in pieces),
        "".join(piece.new for piece in pieces),
    )


@given(QUERY)
def test_a_query_is_the_same_as_itself(query: str) -> None:
    assert not changed(query, query)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rate(a[5m])", "rate(a[$__rate_interval])", [("5m", "$__rate_interval")]),
        (
            "sum(node_cpu_seconds)",
            "sum(node_cpu_seconds_total)",
            [("node_cpu_seconds", "node_cpu_seconds_total")],
        ),
        ('up{job="a b"}', 'up{job="a c"}', [('"a b"', '"a c"')]),
        ('up{job="a"}', 'up{job=~"a"}', [("=", "=~")]),
        ("up > 0.9", "up > 0.95", [("0.9", "0.95")]),
        ("${node:regex} + 1", "${node} + 1", [("${node:regex}", "${node}")]),
        ("a", "a + b", [("", " + b")]),
    ],
)
def test_what_changed_is_whole_tokens(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert expected == changed(old, new)
