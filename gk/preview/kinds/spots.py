"""What a pointer finds on a picture over time: spans of time in rows. The page's script looks them
up, so that thousands of cells need no element of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Band", "Span", "spots"]


@dataclass(frozen=True, slots=True)
class Span:
    """A value from one time to another, in milliseconds, and its colour; it is a text, or a number
    that the page formats."""

    start: float
    end: float
    value: str | float
    color: str


@dataclass(frozen=True, slots=True)
class Band:
    """A row of spans between two shares of the height, from the top."""

    top: float
    bottom: float
    name: str
    spans: Sequence[Span]


def spots(
    bands: Iterable[Band],
    start: float,
    end: float,
    zone: str,
    spec: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The bands of a picture from `start` to `end` as the page has them: of each span the time
    after the last one and its length, in steps, and the number of its value in a list. `spec` is
    how numbers are formatted; texts are states, which last."""
    clipped = [(band, _clipped(band.spans, start, end)) for band in bands]
    step = math.gcd(*(end for _, spans in clipped for a, b, _ in spans for end in (a, b))) or 1
    values: dict[tuple[str | float, str], int] = {}
    rows = []
    for band, spans in clipped:
        numbers, last = [], 0
        for begin, ending, span in spans:
            value = values.setdefault((span.value, span.color), len(values))
            numbers += [(begin - last) // step, (ending - begin) // step, value]
            last = ending
        rows.append([round(band.top, 5), round(band.bottom, 5), band.name, numbers])
    zone = "UTC" if zone.lower() in {"", "browser", "utc"} else zone
    packed = {"range": [start, end], "zone": zone, "step": step, "rows": rows}
    return {
        **packed,
        "values": [list(value) for value in values],
        **({"spec": spec} if spec else {}),
    }


def _clipped(spans: Sequence[Span], start: float, end: float) -> list[tuple[int, int, Span]]:
    """Spans as milliseconds from the start, as much as is seen of them."""
    clipped = []
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            clipped.append((round(first - start), round(last - start), span))
    return clipped
