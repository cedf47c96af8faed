"""Pictures with data for a comparison: how each changed panel looks on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gk.diff.model import Change, Diff, Look, Mark, Part
from gk.diff.sides.side import Side
from gk.documents.names import slug
from gk.documents.shapes import Json
from gk.preview.asking import Preview
from gk.preview.model import Section, Shown
from gk.preview.pictures import picture
from gk.preview.theme import DARK, PAGE, Theme
from gk.resource import Kind, Resource

__all__ = ["MOST", "Draws", "Looks", "looks"]

MOST = 200
"""Changed panels with pictures. Nobody reads a report of more, and each has queries to ask."""
_WIDE = 900
"""Pixels of a panel that is wider than half of a dashboard, at which a picture is half as large
beside another one."""

Draws = Callable[[Sequence[Resource], Sequence[Resource], Callable[[Json], bool]], Preview]
"""Draws dashboards of a project with these resources: the panels that the function takes."""


@dataclass(frozen=True, eq=False)
class _Panel:
    """A changed panel, as it is shown on both sides; None on a side without it."""

    change: Change
    part: Part
    old: Shown | None
    new: Shown | None

    def look(self, theme: Theme) -> Look:
        """Its pictures."""
        old, new = ("" if side is None else picture(side, theme) for side in (self.old, self.new))
        is_wide = any(side.width > _WIDE for side in (self.old, self.new) if side)
        return Look(old, new, is_wide)


@dataclass(frozen=True, eq=False)
class Looks:
    """How changed panels look on both sides, and what was not answered. `left_out` counts the
    panels beyond MOST."""

    panels: Sequence[_Panel]
    unanswered: Sequence[str] = ()
    left_out: int = 0

    def of(self, diff: Diff) -> Diff:
        """The comparison, with pictures that are as dark as the page around them."""
        drawn = {id(panel.part): panel.look(PAGE) for panel in self.panels}
        changes = [
            replace(
                change,
                parts=tuple(
                    replace(part, look=drawn[id(part)]) if id(part) in drawn else part
                    for part in change.parts
                ),
            )
            for change in diff.changes
        ]
        return replace(diff, changes=tuple(changes))

    def files(self) -> Mapping[str, str]:
        """The pictures by the names of files: `shop-orders-before.svg`."""
        pictures: dict[str, str] = {}
        for panel in self.panels:
            look, change = panel.look(DARK), panel.change
            sides = (("before", change.old_uid, look.old), ("after", change.uid, look.new))
            for when, uid, svg in sides:
                if svg:
                    base = f"{slug(uid)}-{slug(panel.part.name)}-{when}"
                    pictures[_free(base, pictures)] = svg
        return pictures


def looks(diff: Diff, old: Side, new: Side, draws: Draws) -> Looks:
    """How the changed panels of a comparison look. Raises what `draws` raises.

    In a project with environments, they are of the first one that has the change, as all pictures
    of a comparison.
    """
    changed = list(_changed_parts(diff))
    lost: dict[str, None] = {}
    panels: list[_Panel] = []
    for change, chosen in groupby(changed[:MOST], lambda pair: pair[0]):
        parts = [part for _, part in chosen]
        made = [_made(change, parts, index, side, draws) for index, side in enumerate((old, new))]
        lost.update(dict.fromkeys(text for side in made for text in side.unanswered))
        before, after = (_shown(parts, index, side) for index, side in enumerate(made))
        panels += [
            _Panel(change, part, before.get(id(part)), after.get(id(part)))
            for part in parts
            if id(part) in before or id(part) in after
        ]
    return Looks(panels, list(lost), max(0, len(changed) - MOST))


def _changed_parts(diff: Diff) -> Iterator[tuple[Change, Part]]:
    for change in diff.shown:
        if change.kind is Kind.DASHBOARD and change.mark is not Mark.UNKNOWN:
            yield from ((change, part) for part in change.parts if part.kind == "panel")


def _made(change: Change, parts: Sequence[Part], index: int, side: Side, draws: Draws) -> Preview:
    """The dashboard of a change on the old (0) or the new side (1), with its changed panels."""
    resources = side.of(next(iter(change.environments), "")).resources
    uid = (change.old_uid, change.uid)[index]
    dashboards = [
        resource for resource in resources if (resource.kind, resource.uid) == (Kind.DASHBOARD, uid)
    ]
    here = [part for part in parts if part.mark is not (Mark.ADDED, Mark.REMOVED)[index]]
    if not dashboards or not here:
        return Preview([])

    def is_wanted(panel: Json) -> bool:
        return any(_is_part(part, index, panel) for part in here)

    return draws(dashboards[:1], resources, is_wanted)


def _shown(parts: Sequence[Part], index: int, made: Preview) -> Mapping[int, Shown]:
    """The panels by the identity of their parts; of one that is repeated, the first."""
    panels: dict[int, Shown] = {}
    for board in made.boards:
        for panel in _of_sections(board.sections):
            for part in parts:
                if _is_part(part, index, panel.body):
                    panels.setdefault(id(part), panel)
    return panels


def _is_part(part: Part, index: int, panel: Mapping[str, object]) -> bool:
    """Whether a panel is the part: by its id, or, if it has none, by its title."""
    own = part.ids[index]
    return str(panel.get("id")) == own if own else panel.get("title") == part.name


def _of_sections(sections: Sequence[Section]) -> Iterator[Shown]:
    for section in sections:
        yield from (placed.panel for placed in section.panels)
        yield from _of_sections(section.sections)


def _free(base: str, taken: Mapping[str, str]) -> str:
    name, count = f"{base}.svg", 1
    while name in taken:
        count += 1
        name = f"{base}-{count}.svg"
    return name
