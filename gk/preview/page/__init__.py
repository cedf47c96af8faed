"""Dashboards with their data as one self-contained HTML page.

Titles, names of series, notes, links and data are untrusted. gk.forms.html makes the texts
harmless, and `gk.preview.links` the addresses. Positions are classes, because the policy allows no
style attributes; charts are drawn by uPlot of data that is deflated into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import groupby
from typing import Any

from markupsafe import Markup

from gk.forms.html import file_of, policy, templates_of
from gk.preview.axes import zone_of
from gk.preview.classes import rules
from gk.preview.kinds import heatmap, kind_of, statetimeline, timeseries
from gk.preview.kinds.chart_data import data
from gk.preview.kinds.paints import apart
from gk.preview.links import Anchor, anchor
from gk.preview.model import Board, Note, Placed, Section, SectionKind, Shown
from gk.preview.page.colors import palette
from gk.preview.page.packed import packed
from gk.preview.parts import word
from gk.prometheus.macros import TimeRange

__all__ = ["get_ready", "html"]

_PACKAGE = "gk.preview.page"

COLUMNS = 24
_LOWEST = 10_000
"""The last row of the grid on which a panel may begin: a number of somebody's JSON makes no page
longer than this."""
_HIGHEST = 200
"""The most rows that a panel may have."""


def html(
    boards: Sequence[Board], *, follows: str = "", others: Sequence[tuple[str, str]] = ()
) -> str:
    """The whole page; the same boards always give the same text.

    A page that is served loads itself again at each event of `follows`, a path of its server.
    `others` are pages beside it: titles and paths.
    """
    page = _Page()
    shown = [page.board(board) for board in boards]
    # The policy contains the hashes of both, so they must be complete before the page is rendered.
    style = "\n".join(
        (
            file_of(_PACKAGE, "uplot.min.css"),
            palette(),
            file_of(_PACKAGE, "page.css"),
            file_of(_PACKAGE, "kinds.css"),
            _grid(page.places),
            rules("".join(page.bodies)),
        )
    )
    scripts = (*_SCRIPTS, *(("follow.js",) if follows else ()))
    script = "\n".join(file_of(_PACKAGE, name) for name in scripts)
    return (
        templates_of(_PACKAGE)
        .get_template("page.html")
        .render(
            boards=shown,
            gradients=[gradient for _, gradient in sorted(page.gradients.items())],
            title=", ".join(board.title for board in boards[:3]) or "no dashboard",
            data=packed(page.charts) if page.charts else "",
            licence=file_of(_PACKAGE, "uplot.license.txt"),
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script, is_served=bool(follows)),
            follows=follows,
            others=others,
        )
    )


_SCRIPTS = ("format.js", "uplot.min.js", "chart.js", "spots.js", "pages.js", "page.js")


def get_ready() -> None:
    """Compile the templates, for a process that makes pages later."""
    for package in (_PACKAGE, "gk.preview.kinds"):
        templates = templates_of(package)
        for name in templates.list_templates(extensions=["html"]):
            templates.get_template(name)


def _grid(places: Iterable[tuple[int, int, int, int]]) -> str:
    """The style of every position: the policy allows no style attributes."""
    listed = sorted(set(places))
    rules = [
        *(f".x{x}{{grid-column-start:{x + 1}}}" for x in sorted({x for x, _, _, _ in listed})),
        *(f".w{w}{{grid-column-end:span {w}}}" for w in sorted({w for _, _, w, _ in listed})),
        *(f".y{y}{{grid-row-start:{y + 1}}}" for y in sorted({y for _, y, _, _ in listed})),
        *(f".h{h}{{grid-row-end:span {h}}}" for h in sorted({h for _, _, _, h in listed})),
    ]
    # On a small screen, panels are in one column, and have their heights alone.
    heights = [f".h{h}{{--rows:{h}}}" for h in sorted({h for _, _, _, h in listed})]
    return f"@media (min-width: 769px) {{\n{_lines(rules)}}}\n{_lines(heights)}"


def _lines(rules: Iterable[str]) -> str:
    return "".join(f"{rule}\n" for rule in rules)


# What the template shows


@dataclass(frozen=True, slots=True)
class _Panel:
    id: str
    title: str
    type: str
    description: str
    links: Sequence[Anchor]
    notes: Sequence[Note]
    has_data: bool
    classes: str
    body: Markup

    @property
    def has_header(self) -> bool:
        return bool(self.title.strip() or self.description or self.links or self.folds_notes)

    @property
    def folds_notes(self) -> bool:
        """Whether its notes are behind a button: its data need the room."""
        return self.has_data and bool(self.notes)

    @property
    def has_error(self) -> bool:
        return any(note.is_error for note in self.notes)


@dataclass(frozen=True, slots=True)
class _Part:
    """Panels and what comes below them: `tabs` if several sections are in one place, of which a
    reader sees one."""

    id: str
    section: Section
    panels: Sequence[_Panel]
    parts: Sequence[Sequence[_Part]]

    @property
    def kind(self) -> str:
        return self.section.kind.value

    @property
    def count(self) -> int:
        """How many panels it has, with those of its parts."""
        return len(self.panels) + sum(part.count for group in self.parts for part in group)


@dataclass(frozen=True, slots=True)
class _Board:
    id: str
    board: Board
    time: str
    links: Sequence[Anchor]
    parts: Sequence[Sequence[_Part]]


class _Page:
    """Gives the places of a page their ids, and collects what charts show."""

    def __init__(self) -> None:
        self.charts: dict[str, Any] = {}
        self.bodies: list[str] = []
        self.gradients: dict[str, Markup] = {}
        self.places: list[tuple[int, int, int, int]] = []
        self._boards = 0
        self._panels = 0
        self._parts = 0

    def board(self, board: Board) -> _Board:
        """A dashboard, with everything on it."""
        self._boards += 1
        return _Board(
            f"board{self._boards}",
            board,
            in_words(board.time, board.timezone),
            [anchor(link) for link in board.links],
            self._groups(board.sections, board),
        )

    def _groups(self, sections: Sequence[Section], board: Board) -> list[list[_Part]]:
        """Tabs beside each other are one group, and everything else is one by itself."""
        runs = groupby(
            enumerate(sections),
            lambda numbered: -1 if numbered[1].kind is SectionKind.TAB else numbered[0],
        )
        return [[self._part(section, board) for _, section in run] for _, run in runs]

    def _part(self, section: Section, board: Board) -> _Part:
        self._parts += 1
        # Panels are read line by line, which is also their order in one column.
        panels = sorted(section.panels, key=lambda placed: (placed.y, placed.x))
        return _Part(
            f"part{self._parts}",
            section,
            [self._panel(placed, board) for placed in panels],
            self._groups(section.sections, board),
        )

    def _panel(self, placed: Placed, board: Board) -> _Panel:
        self._panels += 1
        panel = placed.panel
        name = f"panel{self._panels}"
        return _Panel(
            name,
            panel.title,
            panel.type,
            panel.interpolate(word(panel.body, "description").strip()),
            [anchor(link) for link in panel.links],
            panel.notes,
            panel.has_data,
            f"panel {self._place(placed)}{' clear' * (panel.body.get('transparent') is True)}",
            self._body(panel, name, board),
        )

    def _place(self, placed: Placed) -> str:
        """The classes of a position, within the grid whatever the numbers are."""
        x = min(max(placed.x, 0), COLUMNS - 1)
        w = min(max(placed.w, 1), COLUMNS - x)
        y, h = min(max(placed.y, 0), _LOWEST), min(max(placed.h, 1), _HIGHEST)
        self.places.append((x, y, w, h))
        return f"x{x} w{w} y{y} h{h}"

    def _body(self, panel: Shown, name: str, board: Board) -> Markup:
        kind = kind_of(panel.type)
        view = kind.view(panel)
        if isinstance(view, timeseries.TimeSeries) and view.series:
            # Charts of one group have one cursor.
            group = f"board{self._boards}" if board.shares_cursor else name
            self.charts[name] = {**data(view), "group": group}
        elif isinstance(view, heatmap.HeatmapView):
            self.charts[name] = {"series": [], "spots": [heatmap.spots(view)]}
        elif isinstance(view, statetimeline.StatesView):
            self.charts[name] = {"series": [], "spots": statetimeline.spots(view)}
        body, gradients = apart(kind.html(view))
        self.gradients.update(gradients)
        self.bodies.append(body)
        return body


def in_words(time: TimeRange, zone: str) -> str:
    """A time range as people say it, in the zone of a dashboard, or in UTC: 2026-11-30 05:00 to
    11:00 UTC, 6 hours."""
    own = zone_of(zone)
    try:
        start, end = (datetime.fromtimestamp(seconds, own) for seconds in (time.start, time.end))
    except (OverflowError, ValueError, OSError):
        return ""
    if time.end <= time.start:
        return ""
    form = "%Y-%m-%d %H:%M" if start.second == end.second == 0 else "%Y-%m-%d %H:%M:%S"
    end_form = form if start.date() != end.date() else form.partition(" ")[2]
    length = _length(round(time.end - time.start))
    return f"{start:{form}} to {end:{end_form}} {zone if own != timezone.utc else 'UTC'}, {length}"


_UNITS: Mapping[str, int] = {
    "week": 604_800,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
    "second": 1,
}


def _length(seconds: int) -> str:
    """A number of seconds in the two largest units that it has."""
    words = []
    for unit, size in _UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}{'s' * (count > 1)}")
    return " ".join(words[:2])
