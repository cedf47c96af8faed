"""Pictures with data for a comparison: how each changed panel looks on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from gk.diff.model import Change, Diff, Look, Mark, Part
from gk.diff.sides.side import Side
from gk.documents.shapes import Json
from gk.preview.asking import Preview
from gk.preview.model import Section, Shown
from gk.preview.pictures import picture
from gk.preview.theme import PAGE
from gk.resource import Kind, Resource

__all__ = ["MOST", "Asks", "Looks", "looks"]

MOST = 200
"""Changed panels with pictures. Nobody reads a report of more, and each has queries to ask."""

Asks = Callable[[Resource, Sequence[Resource], Callable[[Json], bool]], Preview]
"""Draws a dashboard of a project with these resources: the panels that the function takes."""


@dataclass(frozen=True)
class Looks:
    """A comparison whose changed panels have pictures, and what was not answered. `left_out` counts
    the panels beyond MOST."""

    diff: Diff
    unanswered: Sequence[str]
    left_out: int = 0


def looks(diff: Diff, old: Side, new: Side, asks: Asks) -> Looks:
    """Give the changed panels of a comparison their pictures. Raises what `asks` raises.

    In a project with environments, they are of the first one that has the change, as all pictures
    of a comparison.
    """
    pictures: dict[int, dict[int, str]] = {}
    lost: dict[str, None] = {}
    changed = list(_panels(diff))
    for change, parts in groupby(changed[:MOST], lambda each: each[0]):
        own = [part for _, part in parts]
        for index, side in enumerate((old, new)):
            for part, panel in _Drawing(change, index, side).drawn(own, asks, lost):
                pictures.setdefault(id(part), {})[index] = str(picture(panel, PAGE))
    changes = [
        replace(change, parts=tuple(_with_look(part, pictures) for part in change.parts))
        for change in diff.changes
    ]
    left_out = max(0, len(changed) - MOST)
    return Looks(replace(diff, changes=tuple(changes)), list(lost), left_out)


def _with_look(part: Part, pictures: Mapping[int, Mapping[int, str]]) -> Part:
    drawn = pictures.get(id(part))
    return replace(part, look=Look(drawn.get(0, ""), drawn.get(1, ""))) if drawn else part


def _panels(diff: Diff) -> Iterator[tuple[Change, Part]]:
    for change in diff.shown:
        if change.kind is Kind.DASHBOARD and change.mark is not Mark.UNKNOWN:
            yield from ((change, part) for part in change.parts if part.kind == "panel")


@dataclass(frozen=True)
class _Drawing:
    """One side of a change: the old one is 0, the new one 1."""

    change: Change
    index: int
    side: Side

    def drawn(
        self, parts: Sequence[Part], asks: Asks, lost: dict[str, None]
    ) -> Iterator[tuple[Part, Shown]]:
        """The panels as they are shown, with the parts that they are."""
        environment = next(iter(self.change.environments), "")
        resources = self.side.of(environment).resources
        uid = (self.change.old_uid, self.change.uid)[self.index]
        dashboard = next(
            (each for each in resources if (each.kind, each.uid) == (Kind.DASHBOARD, uid)), None
        )
        here = [part for part in parts if part.mark is not _ONLY_ON[1 - self.index]]
        if dashboard is None or not here:
            return
        made = asks(dashboard, resources, lambda panel: any(self._is(part, panel) for part in here))
        lost.update(dict.fromkeys(made.unanswered))
        shown = [panel for board in made.boards for panel in _shown(board.sections)]
        for part in here:
            # Of a panel that is repeated, the first one.
            found = (panel for panel in shown if self._is(part, panel.body))
            yield from ((part, panel) for panel in islice(found, 1))

    def _is(self, part: Part, panel: Mapping[str, object]) -> bool:
        """Whether a panel is the part: by its id, or, without ids, by its title."""
        if own := part.ids[self.index]:
            return str(panel.get("id")) == own
        return panel.get("title") == part.name


_ONLY_ON = (Mark.REMOVED, Mark.ADDED)


def _shown(sections: Sequence[Section]) -> Iterator[Shown]:
    for section in sections:
        yield from (placed.panel for placed in section.panels)
        yield from _shown(section.sections)
