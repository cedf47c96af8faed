"""What a pointer finds on pictures over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gk.preview.kinds.spots import Band, Span, spots

END = 100_000
_TIMES = st.integers(-50, 150).map(lambda second: second * 1_000)
_SPANS = st.lists(
    st.builds(Span, _TIMES, _TIMES, st.sampled_from(["up", "down"]), st.just("red")), max_size=5
)


def found(numbers: list[int], made: dict[str, Any]) -> Iterator[tuple[float, float, str]]:
    """The spans of a row, as the page's script reads them."""
    at = made["range"][0]
    for index in range(0, len(numbers), 3):
        start = at + numbers[index] * made["step"]
        at = start + numbers[index + 1] * made["step"]
        yield start, at, made["values"][numbers[index + 2]][0]


@given(st.lists(_SPANS, max_size=3))
def test_spans_are_found_as_far_as_they_are_seen(rows: list[list[Span]]) -> None:
    made = spots([Band(0, 1, "row", spans) for spans in rows], 0, END, "utc")
    seen = [
        [
            (max(span.start, 0), min(span.end, END), span.value)
            for span in spans
            if max(span.start, 0) < min(span.end, END)
        ]
        for spans in rows
    ]
    assert seen == [list(found(row[3], made)) for row in made["rows"]]


def test_equal_values_are_there_once() -> None:
    spans = [Span(0, 10, 1.0, "red"), Span(10, 20, 1.0, "red"), Span(20, 30, 2.0, "red")]
    made = spots([Band(0, 0.5, "row", spans)], 0, 30, "browser", {"unit": "short"})
    assert {
        "range": [0, 30], "zone": "UTC", "step": 10, "values": [[1.0, "red"], [2.0, "red"]],
        "rows": [[0, 0.5, "row", [0, 1, 0, 0, 1, 0, 0, 1, 1]]], "spec": {"unit": "short"},
    } == made  # fmt: skip
