"""The exemplars of a panel, of what Prometheus answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gk.documents.parts import dicts, finite, path
from gk.documents.shapes import Json
from gk.preview.model import Exemplar
from gk.prometheus.macros import TimeRange

__all__ = ["exemplars_of"]

_COLUMNS, _ROWS = 150, 30
"""In how many parts the time and the values are divided: of exemplars in one part, which are drawn
on each other, the first one is kept."""
_MOST = 400
"""Exemplars of a panel: the highest ones, if there are more."""
_LONGEST = 200
"""Characters of a label's value."""


def exemplars_of(answers: Iterable[Mapping[str, Any]], shown: TimeRange) -> list[Exemplar]:
    """Those of all answers within a range, by time. What is malformed is left out."""
    exemplars = [
        exemplar
        for data in answers
        for series in dicts(dict(data), "exemplars")
        for exemplar in _of(series)
        if shown.start * 1000 <= exemplar.time <= shown.end * 1000
    ]
    exemplars.sort(
        key=lambda exemplar: (exemplar.time, exemplar.value, sorted(exemplar.labels.items()))
    )
    kept = sorted(_apart(exemplars, shown), key=lambda exemplar: -exemplar.value)[:_MOST]
    return sorted(kept, key=lambda exemplar: (exemplar.time, exemplar.value))


def _of(series: Json) -> Iterator[Exemplar]:
    own = _texts(path(series, "seriesLabels"))
    for exemplar in dicts(series, "exemplars"):
        time, value = finite(exemplar.get("timestamp")), finite(exemplar.get("value"))
        if time is not None and value is not None:
            yield Exemplar(round(time * 1000), value, {**_texts(path(exemplar, "labels")), **own})


def _texts(labels: Json) -> dict[str, str]:
    return {str(name): str(labels[name])[:_LONGEST] for name in sorted(labels, key=str)}


def _apart(exemplars: list[Exemplar], shown: TimeRange) -> Iterator[Exemplar]:
    length = (shown.end - shown.start) * 1000 or 1.0
    # Halves, so that the difference of two large numbers is a number.
    values = [exemplar.value / 2 for exemplar in exemplars]
    low = min(values, default=0.0)
    range_ = (max(values, default=0.0) - low) or 1.0
    seen: set[tuple[int, int]] = set()
    for exemplar, half in zip(exemplars, values, strict=True):
        column = (exemplar.time - shown.start * 1000) / length * _COLUMNS
        place = (int(column), int((half - low) / range_ * _ROWS))
        if place not in seen:
            seen.add(place)
            yield exemplar
