"""A run: dashboards in, what they show out.

Variables are resolved first, then panels repeated and their queries planned; all different
questions of all dashboards are asked at once; what depends on the answers comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gk.check.live.asking import Asker, OutOfTimeError
from gk.check.live.boards import Settled, Tolerant
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.preview.asking.annotations import Marks, marks_of
from gk.preview.asking.answers import Answers, Asked, Bar, no_bar
from gk.preview.asking.arrangement import Part, arranged
from gk.preview.asking.document import Document, document_of, library_panels
from gk.preview.asking.grid import SCREEN, Box, compacted, flowing, pixels_wide
from gk.preview.asking.links import Links
from gk.preview.asking.lists import alerts, dashboards, tags_of
from gk.preview.asking.panels import Drawn, Panels
from gk.preview.asking.repeats import Area, Block, Copy, Repeated
from gk.preview.asking.targets import Datasources, Queries
from gk.preview.asking.texts import Texts
from gk.preview.asking.visibility import Conditions
from gk.preview.model import DRAWN, Board, Frame, Note, Placed, Section, SectionKind, Shown
from gk.prometheus import Prometheus, PrometheusError, Variables
from gk.prometheus.macros import TimeRange, macros, steps, time_range
from gk.prometheus.questions import range_of_panel
from gk.resource import Kind, Resource
from gk.settings.targets import Version

__all__ = ["Preview", "Wanted", "preview"]

_WITHOUT_QUERIES = ("row", "text", "alertlist", "dashlist", "news")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is shown of dashboards: a range other than their own (Grafana's `now-1h`, ISO 8601 or
    milliseconds), values of variables by name, and the panels that `shows` takes, without what is
    around them.

    `interval` is that of the samples in milliseconds, if the server tells, `grafana` the URL of a
    Grafana to which links lead, and `version` that of the Grafana as which panels are drawn. `loki`
    answers queries of lines, if there is one.
    """

    start: str = ""
    end: str = ""
    chosen: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    shows: Callable[[Json], bool] | None = None
    interval: int = 0
    grafana: str = ""
    version: Version = DRAWN
    loki: Prometheus | None = None


@dataclass(frozen=True, eq=False)
class Preview:
    """Dashboards as they are shown. `unanswered` says which questions had no answer."""

    boards: Sequence[Board]
    unanswered: Sequence[str] = ()


def preview(
    shown: Iterable[Resource],
    resources: Sequence[Resource],
    asker: Asker,
    wanted: Wanted | None = None,
    bar: Bar = no_bar,
) -> Preview:
    """The dashboards `shown`, which are of a project with `resources`: what a server answers to all
    that their panels ask.

    The asker has to keep data. Raises PrometheusError if the server is not there, refuses, or stops
    to answer.
    """
    run = _Run(resources, asker, wanted or Wanted(), bar)
    boards = run.boards(list(shown))
    return Preview(boards, [*dict.fromkeys(run.lost)])


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A dashboard with the values of its variables, and what it asks."""

    uid: str
    document: Document
    shown: TimeRange
    settled: Settled
    texts: Texts
    areas: Sequence[Area]
    notes: Sequence[Note]
    marks: Sequence[Marks]
    drawn: Sequence[Drawn]
    lost: Sequence[str]

    @property
    def questions(self) -> Iterator[tuple[str, Asked]]:
        """All questions, with the query before its variables had values."""
        for marks in self.marks:
            yield marks.text, marks.question
        for drawn in self.drawn:
            for planned in drawn.planned:
                for question in planned.questions:
                    yield str(planned.target.get("expr") or ""), question


class _Run:
    def __init__(
        self, resources: Sequence[Resource], asker: Asker, wanted: Wanted, bar: Bar
    ) -> None:
        self.resources = resources
        self.asker = asker
        self.wanted = wanted
        self.bar = bar
        self.answers = Answers(asker, bar, wanted.loki)
        self.datasources = Datasources.of(resources, wanted.interval)
        self.lost: list[str] = []

    def boards(self, shown: Sequence[Resource]) -> list[Board]:
        with self.bar("resolving variables", len(shown)) as advance:
            prepared = self.asker.all(self._prepared, shown, advance)
        self.answers.ask(question for board in prepared for _, question in board.questions)
        self.answers.settle((board.settled, list(board.questions)) for board in prepared)
        self.lost = [*self.answers.lost, *(text for board in prepared for text in board.lost)]
        links = Links(
            self.resources, self.wanted.grafana, frozenset(board.uid for board in prepared)
        )
        return [self._board(board, links) for board in prepared]

    @cached_property
    def _library(self) -> dict[str, Json]:
        return library_panels(
            {**resource.body, "uid": resource.uid}
            for resource in self.resources
            if resource.kind is Kind.LIBRARY_PANEL
        )

    @cached_property
    def _dashboards(self) -> Frame:
        return dashboards(self.resources)

    # Before asking

    def _prepared(self, resource: Resource) -> _Prepared:
        document = document_of(resource.body, self._library)
        body = document.body
        shown = self._range(body)
        server = Tolerant(self.asker, shown)
        variables = self._variables(body, server, shown)
        texts = Texts(variables, shown, _known(resource, body))
        repeated = Repeated(variables.resolved)
        areas = repeated.areas(arranged(document))
        copies = [
            copy
            for area in areas
            for copy in area.copies
            if self.wanted.shows is None or self.wanted.shows(copy.panel)
        ]
        return _Prepared(
            resource.uid,
            document,
            shown,
            Settled(variables, shown),
            texts,
            areas,
            [Note(text) for text in (*document.left_out, *repeated.left_out)],
            marks_of(body, variables, shown, self.datasources),
            [self._drawn(body, copy, variables, shown) for copy in copies],
            server.lost,
        )

    def _range(self, body: Json) -> TimeRange:
        own = path(body, "time")
        # A start that somebody gave, without an end, is until now.
        given = {
            "from": self.wanted.start or own.get("from"),
            "to": self.wanted.end or ("now" if self.wanted.start else own.get("to")),
        }
        return time_range(given, self.asker.now)

    def _variables(self, body: Json, server: Tolerant, shown: TimeRange) -> Variables:
        chosen = {
            str(variable.get("name")): _chosen(
                variable, self.wanted.chosen[str(variable.get("name"))]
            )
            for variable in dicts(path(body, "templating"), "list")
            if str(variable.get("name")) in self.wanted.chosen
        }
        return Variables(body, server, macros(shown, steps(shown, SCREEN)), chosen)

    def _drawn(self, body: Json, copy: Copy, variables: Variables, shown: TimeRange) -> Drawn:
        width = pixels_wide(copy.w)
        own = range_of_panel(copy.panel, shown, self.asker.now)
        type_ = copy.panel.get("type")
        if type_ == "alertlist":
            return self._alerts(copy, width, own)
        if type_ == "dashlist":
            return Drawn(copy, width, own, listed=[self._dashboards])
        if type_ in _WITHOUT_QUERIES:
            return Drawn(copy, width, own)
        scoped = variables.with_values(copy.scope) if copy.scope else variables
        queries = Queries(
            body,
            copy.panel,
            scoped,
            own,
            width,
            self.datasources,
            self.wanted.version,
            self.wanted.loki is not None,
        )
        return Drawn(copy, width, own, queries.planned())

    def _alerts(self, copy: Copy, width: int, shown: TimeRange) -> Drawn:
        try:
            groups = self.asker.rule_groups()
        except (PrometheusError, OutOfTimeError, KeyError, TypeError) as error:
            note = Note(f"the alerts are unknown: {error}", is_error=True)
            return Drawn(copy, width, shown, notes=[note])
        return Drawn(copy, width, shown, listed=[alerts(groups)])

    # With the answers

    def _board(self, prepared: _Prepared, links: Links) -> Board:
        body = prepared.document.body
        panels = Panels(
            body,
            prepared.settled,
            prepared.texts,
            prepared.marks,
            self.answers,
            links,
            prepared.drawn,
            self.wanted.version,
        )
        shown = {drawn.copy: panels.of(drawn) for drawn in prepared.drawn}
        sections = _Sections(prepared, shown)
        return Board(
            prepared.uid,
            prepared.texts.title(str(body.get("title") or "")),
            sections.of(prepared.areas),
            str(body.get("description") or ""),
            tags_of(body),
            # For those by tag, every dashboard of the project is read.
            links.of_dashboard(body, prepared.texts) if self.wanted.shows is None else [],
            list(_words(body, prepared.settled.variables)),
            prepared.shown,
            str(body.get("timezone") or "browser"),
            # A shared crosshair, and a shared tooltip.
            body.get("graphTooltip") in (1, 2),
            [*prepared.notes, *self._notes(prepared)],
        )

    def _notes(self, prepared: _Prepared) -> Iterator[Note]:
        settled = prepared.settled
        for name, reason in settled.reasons.items():
            if name not in settled.harmless:
                yield Note(f"the variable ${name} has no values: {reason}")
        for variable in dicts(path(prepared.document.body, "templating"), "list"):
            if filters := ", ".join(_filters(variable)):
                yield Note(f"the filters of ${variable.get('name')} are not applied: {filters}")
        for text in prepared.lost:
            yield Note(text, is_error=True)
        for marks in prepared.marks:
            for note in self.answers.notes(marks.question, "", marks.text, settled):
                # Nothing to annotate is the usual case.
                if note.is_error:
                    text = f"annotation '{marks.document.get('name')}': {note.text}"
                    yield Note(text, is_error=True)


class _Sections:
    """Places the panels that show: where conditions hide some, others move up."""

    def __init__(self, prepared: _Prepared, shown: Mapping[Copy, Shown]) -> None:
        self._prepared = prepared
        self._shown = shown

    def of(self, areas: Sequence[Area]) -> list[Section]:
        sections = []
        for area in areas:
            if not self._shows(area.part.rules, area.scope, list(area.copies)):
                continue
            section = self._section(area)
            # A row or a tab without panels still has its title.
            if section.panels or section.sections or section.kind is not SectionKind.PLAIN:
                sections.append(section)
        return sections

    def _section(self, area: Area) -> Section:
        part = area.part
        return Section(
            self._prepared.texts.scoped(area.scope).title(part.title),
            part.kind,
            part.is_folded,
            self._placed(part, area.blocks),
            self.of(area.areas),
        )

    def _placed(self, part: Part, blocks: Sequence[Block]) -> list[Placed]:
        showing = [(block, copies) for block in blocks if (copies := self._showing(block))]
        if part.columns:
            flat = [(box.value, box.h) for _, copies in showing for box in copies]
            return [self._panel(box.value, box) for box in flowing(flat, part.columns)]
        boxes = [
            Box((block, copies), block.x, block.item.y, block.w, block.h)
            for block, copies in showing
        ]
        return [
            self._panel(
                inner.value, Box(inner.value, box.x + inner.x, box.y + inner.y, inner.w, inner.h)
            )
            for box in compacted(boxes)
            for inner in box.value[1]
        ]

    def _showing(self, block: Block) -> list[Box[Copy]]:
        return [
            box
            for box in block.copies
            if box.value in self._shown
            and self._shows(block.item.rules, box.value.scope, [box.value])
        ]

    def _panel(self, copy: Copy, box: Box[Copy]) -> Placed:
        return Placed(self._shown[copy], box.x, box.y, box.w, box.h)

    def _shows(self, rules: Json, scope: Mapping[str, str], copies: Sequence[Copy]) -> bool:
        if not rules:
            return True
        variables = self._prepared.settled.variables
        scoped = variables.with_values(scope) if scope else variables
        conditions = Conditions(
            scoped.resolved,
            self._prepared.shown,
            lambda: any(self._shown[copy].has_data for copy in copies if copy in self._shown),
        )
        return conditions.show(rules)


def _known(resource: Resource, body: Json) -> dict[str, str]:
    """Grafana's own variables that say where a text is."""
    title = str(body.get("title") or "")
    return {
        "__dashboard": title,
        "__dashboard.name": title,
        "__dashboard.title": title,
        "__dashboard.uid": resource.uid,
        "__org": "1",
        "__org.id": "1",
        "__org.name": "Main Org.",
        "__timezone": str(body.get("timezone") or "browser"),
    }


def _chosen(variable: Json, given: str | Sequence[str]) -> Sequence[str]:
    """The values that somebody gave: of a variable that may have several, commas separate them."""
    values = [given] if isinstance(given, str) else list(given)
    if variable.get("multi"):
        values = [part for value in values for part in value.split(",")]
    if variable.get("includeAll") and "All" in values:
        return ["$__all"]
    return values


def _words(body: Json, variables: Variables) -> Iterator[tuple[str, str]]:
    """The labels and values of the variables that a dashboard shows."""
    for variable in dicts(path(body, "templating"), "list"):
        name = str(variable.get("name") or "")
        resolved = variables.resolved.get(name)
        # A `hide` of 1 hides the label only.
        if resolved is None or variable.get("hide") == 2 or variable.get("type") == "adhoc":
            continue
        values = [resolved.texts.get(value, value) for value in resolved.values]
        if not values and variable.get("type") == "datasource":
            # The default one, of which an export says nothing.
            continue
        yield str(variable.get("label") or name), "All" if resolved.is_all else ", ".join(values)


def _filters(variable: Json) -> Iterator[str]:
    """The filters of an ad hoc variable, in words."""
    if variable.get("type") == "adhoc":
        for condition in (*dicts(variable, "baseFilters"), *dicts(variable, "filters")):
            yield "".join(str(condition.get(key) or "") for key in ("key", "operator", "value"))
