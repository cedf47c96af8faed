"""Panels as they are shown: the frames of their queries, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.check.live.boards import Settled
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.asking.annotations import Marks
from gk.preview.asking.answers import Answers
from gk.preview.asking.exemplars import exemplars_of
from gk.preview.asking.expressions import NotCalculatedError, calculated
from gk.preview.asking.grid import pixels_high
from gk.preview.asking.links import Links
from gk.preview.asking.log_lines import STREAMS, frames_of_streams
from gk.preview.asking.repeats import Copy
from gk.preview.asking.targets import Planned
from gk.preview.asking.texts import Texts
from gk.preview.fields import configured, slow_mappings, slow_overrides
from gk.preview.frames import Answer, Asked, Format, frames_of_all
from gk.preview.model import Annotation, Exemplar, Frame, Note, Shown
from gk.preview.transformations import transformed
from gk.prometheus.exemplars import ExemplarQuestion
from gk.prometheus.loki import LogQuestion
from gk.prometheus.macros import TimeRange
from gk.prometheus.questions import Question
from gk.settings.targets import Version

__all__ = ["Drawn", "Panels"]

_FORMATS: Mapping[str, Format] = {"table": "table", "heatmap": "heatmap"}
"""Those that a query may have instead of Grafana's own, series."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A copy of a panel, its width in pixels, its range and its queries. `listed` are the frames
    of a panel that asks no queries."""

    copy: Copy
    width: int
    shown: TimeRange
    planned: Sequence[Planned] = ()
    listed: Sequence[Frame] = ()
    notes: Sequence[Note] = ()


@dataclass(frozen=True, eq=False)
class Panels:
    """Makes the panels of a dashboard of the answers to their queries."""

    body: Json
    settled: Settled
    texts: Texts
    marks: Sequence[Marks]
    answers: Answers
    links: Links
    drawn: Sequence[Drawn]
    version: Version

    def of(self, drawn: Drawn) -> Shown:
        """A panel."""
        panel = drawn.copy.panel
        texts = self._texts(drawn)
        frames, undone = self._transformed(panel, texts, self.frames(drawn))
        type_ = str(panel.get("type") or "")
        config = path(panel, "fieldConfig")
        fields = configured(
            frames, config, panel=type_, interpolate=texts.plain, version=self.version
        )
        return Shown(
            panel,
            texts.title(str(panel.get("title") or "")),
            self.links.of_values(fields),
            drawn.shown,
            drawn.width,
            pixels_high(drawn.copy.h),
            str(self.body.get("timezone") or "browser"),
            [*drawn.notes, *self._notes(drawn), *undone, *_not_applied(config, fields)],
            self.links.of_panel(panel, texts),
            self._annotations(panel),
            self._exemplars(drawn),
            texts.html if type_ == "text" else texts.plain,
        )

    def frames(self, drawn: Drawn) -> list[Frame]:
        """What the queries of a panel returned, before its transformations."""
        answers: list[Answer] = []
        others = list(drawn.listed)
        for query in drawn.planned:
            if query.is_hidden:
                continue
            if query.reused is not None:
                others += self._of_other(query)
            for question in query.questions:
                if isinstance(question, ExemplarQuestion):
                    continue
                data = self.answers.data(question)
                others += frames_of_streams(data, query.ref_id)
                if data.get("resultType") != STREAMS:
                    answers.append((self._asked(drawn, query, question), data))
        made = [frame for _, frames, _ in self._expressions(drawn) for frame in frames]
        return [*frames_of_all(answers), *made, *others]

    def _expressions(self, drawn: Drawn) -> Iterator[tuple[str, list[Frame], str]]:
        """The expressions of a panel: the letter of each, its frames, and what of it is not
        calculated."""
        expressions = {query.ref_id: query.target for query in drawn.planned if query.is_expression}
        queries = {
            query.ref_id: self._series(drawn, query)
            for query in drawn.planned
            if expressions and not query.is_expression
        }
        for query in drawn.planned:
            if query.is_expression and not query.is_hidden:
                try:
                    frames = calculated(expressions, queries, query.ref_id, drawn.shown)
                    yield query.ref_id, frames, ""
                except NotCalculatedError as error:
                    yield query.ref_id, [], str(error)

    def _series(self, drawn: Drawn, planned: Planned) -> list[Frame]:
        """What a query returned, whatever its format."""
        return frames_of_all(
            (
                replace(self._asked(drawn, planned, question), format="time_series"),
                self.answers.data(question),
            )
            for question in planned.questions
            if isinstance(question, Question)
        )

    def _asked(self, drawn: Drawn, planned: Planned, question: Question | LogQuestion) -> Asked:
        legend = planned.target.get("legendFormat")
        return Asked(
            planned.ref_id,
            question.expr,
            self._texts(drawn).plain(legend) if isinstance(legend, str) else "",
            _FORMATS.get(str(planned.target.get("format")), "time_series"),
            isinstance(question, LogQuestion) or question.is_range,
            question.start,
            question.end,
            planned.step,
        )

    def _of_other(self, planned: Planned) -> list[Frame]:
        """The frames of the panel whose results a query shows."""
        for other in self.drawn:
            is_meant = other.copy.panel.get("id") == planned.reused
            # Two panels could show the results of each other.
            if is_meant and not any(query.reused is not None for query in other.planned):
                frames = self.frames(other)
                if planned.target.get("withTransforms"):
                    panel = other.copy.panel
                    return self._transformed(panel, self._texts(other), frames)[0]
                return frames
        return []

    def _texts(self, drawn: Drawn) -> Texts:
        return self.texts.scoped(drawn.copy.scope)

    def _transformed(
        self, panel: Json, texts: Texts, frames: Sequence[Frame]
    ) -> tuple[list[Frame], list[Note]]:
        """The frames after the panel's transformations, and which of these are not done."""
        steps = [
            _interpolated(transformation, texts)
            for transformation in dicts(panel, "transformations")
        ]
        result, not_done = transformed(frames, steps)
        return result, [Note(f"not drawn: the transformation {name}") for name in not_done]

    def _notes(self, drawn: Drawn) -> Iterator[Note]:
        for ref_id, _, undone in self._expressions(drawn):
            if undone:
                yield Note(f"not calculated: {undone}", ref_id)
        for query in drawn.planned:
            if query.note:
                yield query.note
            text = str(query.target.get("expr") or "")
            said = set()
            for question in query.questions:
                for note in self.answers.notes(question, query.ref_id, text, self.settled):
                    if note not in said:
                        said.add(note)
                        yield note

    def _exemplars(self, drawn: Drawn) -> list[Exemplar]:
        asked = [question for query in drawn.planned for question in query.questions]
        answers = (
            self.answers.data(question)
            for question in asked
            if isinstance(question, ExemplarQuestion)
        )
        return exemplars_of(answers, drawn.shown)

    def _annotations(self, panel: Json) -> list[Annotation]:
        return [
            annotation
            for marks in self.marks
            if marks.shows_on(panel)
            for annotation in marks.of(self.answers.data(marks.question))
        ]


def _not_applied(config: Json, frames: Sequence[Frame]) -> list[Note]:
    mappings = (
        text
        for frame in frames
        for field in frame.fields
        for text in slow_mappings(field.config.get("mappings"), field.values)
    )
    return [
        *(
            Note(f"not applied: the override of fields that match {override}, which takes too long")
            for override in slow_overrides(config)
        ),
        *(
            Note(f"not applied: the mapping of values that match {mapping}, which takes too long")
            for mapping in dict.fromkeys(mappings)
        ),
    ]


def _interpolated(given: Any, texts: Texts) -> Any:
    """JSON with the values of variables in all of its texts."""
    if isinstance(given, str):
        return texts.plain(given)
    if isinstance(given, list):
        return [_interpolated(entry, texts) for entry in given]
    if isinstance(given, dict):
        return {key: _interpolated(entry, texts) for key, entry in given.items()}
    return given
