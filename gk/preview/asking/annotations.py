"""Annotations of a dashboard that come from Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gk.documents.parts import dicts, finite, path
from gk.documents.shapes import Json
from gk.preview.asking.targets import Datasources, is_prometheus
from gk.preview.frames import with_labels
from gk.preview.model import Annotation
from gk.preview.parts import word
from gk.prometheus import Variables
from gk.prometheus.macros import TimeRange, macros, steps
from gk.prometheus.questions import Question, ranged

__all__ = ["Marks", "marks_of"]

# As gk.check.live.questions.
_POINTS = 1_000
_NO_LEAST_STEP = "60s"
"""Grafana's step of annotations that state none."""
_MOST = 1_000
"""Annotations of a query."""
_USUAL_COLOR = "#00d3ff"


@dataclass(frozen=True, eq=False)
class Marks:
    """A query for annotations, and where its answer shows."""

    document: Json
    question: Question

    @property
    def text(self) -> str:
        """The query, before its variables have values."""
        return _expr(self.document)

    def shows_on(self, panel: Json) -> bool:
        """Whether a panel shows them."""
        chosen = path(self.document, "filter")
        ids = chosen.get("ids")
        if not isinstance(ids, list):
            return True
        return (panel.get("id") in ids) is not bool(chosen.get("exclude"))

    def of(self, data: Mapping[str, Any]) -> list[Annotation]:
        """The annotations in an answer, by time."""
        annotations = [
            annotation for series in dicts(dict(data), "result") for annotation in self._of(series)
        ]
        return sorted(
            annotations, key=lambda annotation: (annotation.start, annotation.end, annotation.text)
        )[:_MOST]

    def _of(self, series: Json) -> Iterator[Annotation]:
        labels = {str(key): str(value) for key, value in path(series, "metric").items()}
        formats = (self.document.get(key) for key in ("titleFormat", "textFormat"))
        lines = [with_labels(format, labels) for format in formats if isinstance(format, str)]
        text = "\n".join(filter(None, lines))
        keys = str(self.document.get("tagKeys") or "").split(",")
        tags = tuple(value for key in keys if (value := labels.get(key.strip())))
        color = word(self.document, "iconColor") or _USUAL_COLOR
        name = str(self.document.get("name") or "")
        for start, end in self._ranges(series):
            yield Annotation(start, end, text, tags, color, name)

    def _ranges(self, series: Json) -> Iterator[tuple[int, int]]:
        """The times without a gap at which a series is not zero; or the times that it has as
        values."""
        samples = list(_samples(series))
        if self.document.get("useValueForTime") in (True, "on"):
            # In milliseconds.
            yield from ((round(value), round(value)) for _, value in samples if value > 0)
            return
        step = round(self.question.step * 1000)
        open_: list[int] = []
        for time, value in samples:
            if value <= 0:
                continue
            if open_ and time - open_[-1] > step:
                yield open_[0], open_[-1]
                open_ = []
            open_ = [open_[0] if open_ else time, time]
        if open_:
            yield open_[0], open_[-1]


def marks_of(
    body: Json, variables: Variables, shown: TimeRange, datasources: Datasources
) -> list[Marks]:
    """The queries of a dashboard for annotations that are switched on."""
    marks = []
    for document in dicts(path(body, "annotations"), "list"):
        expr = _expr(document)
        type_ = datasources.type_of(document.get("datasource"), body)
        if document.get("enable") is False or not expr.strip() or not is_prometheus(type_):
            continue
        least = str(document.get("step") or path(document, "target").get("step") or _NO_LEAST_STEP)
        step = steps(shown, _POINTS, least_of_query=least)
        text = variables.interpolate(expr, {**variables.macros, **macros(shown, step)})
        marks.append(Marks(document, ranged(text, shown, step)))
    return marks


def _expr(document: Json) -> str:
    given = document.get("expr") or path(document, "target").get("expr")
    return given if isinstance(given, str) else ""


def _samples(series: Json) -> Iterator[tuple[int, float]]:
    values = series.get("values")
    for pair in values if isinstance(values, list) else ():
        if isinstance(pair, list) and len(pair) == 2:
            time, value = (finite(bound) for bound in pair)
            if time is not None and value is not None:
                yield round(time * 1000), value
