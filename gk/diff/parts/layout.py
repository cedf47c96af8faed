"""Pairs the panels of two dashboards, and the parts that contain them, and tells what was moved
from what only made room."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from gk.bounded.matching import increasing
from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.diff.parts.arranged import chief_of_item, item_edits, part_edits
from gk.diff.parts.fields import Json, edit_of, edits, one_edit, paired, removed
from gk.diff.parts.panel import chief_edits, panel_edits, query_texts
from gk.diff.parts.placed import OUTSIDE, UNSEEN, Placed, placed
from gk.documents.differences import ABSENT
from gk.documents.parts import without
from gk.forms.plurals import several

__all__ = ["Panels"]


class Panels:
    """The panels of both sides in pairs, and which of them were moved."""

    def __init__(self, old: list[Placed], new: list[Placed]) -> None:
        # A panel keeps its id, unless somebody rebuilt the dashboard: then title and queries
        # identify it.
        pairs, gone, come = paired(
            old,
            new,
            # Parts of schema v2 have no ids, and the same title may be in several of them.
            lambda panel: (panel.way, panel.title) if panel.pointer and panel.title else None,
            lambda panel: (panel.is_part, panel.id, panel.title) if panel.id else None,
            lambda panel: (
                (panel.id, query_texts(panel.body))
                if panel.id and query_texts(panel.body)
                else None
            ),
            lambda panel: (
                (panel.is_part, panel.title, query_texts(panel.body)) if panel.title else None
            ),
            lambda panel: (panel.is_part, panel.id) if panel.id else None,
            lambda panel: (
                (panel.is_part, panel.title, panel.body.get("type")) if panel.title else None
            ),
            lambda panel: query_texts(panel.body) or None,
            lambda panel: panel.members or None,
            lambda panel: (panel.is_part, panel.title),
        )
        self.pairs, self.gone, self.come = _with_renamed(pairs, gone, come)
        self._parts = {before.index: after.index for before, after in self.pairs} | {
            OUTSIDE: OUTSIDE,
            UNSEEN: UNSEEN,
        }
        self._homes = _Homes(old, self.gone), _Homes(new, self.come)
        self._moved = set(self._out_of_order())

    @classmethod
    def of(cls, old: Json, new: Json) -> Panels:
        """The panels of two documents."""
        return cls(placed(old), placed(new))

    def parts(self) -> Iterator[Part]:
        """The panels that were changed, added or removed."""
        for before, after in self.pairs:
            if changed := tuple(self._edits(before, after)):
                yield _part(after, Mark.CHANGED, changed, (_id(before), _id(after)))
        for panel in self.come:
            yield _part(panel, Mark.ADDED, tuple(_chief(panel)), ("", _id(panel)))
        for panel in self.gone:
            yield _part(panel, Mark.REMOVED, tuple(map(removed, _chief(panel))), (_id(panel), ""))

    def made_room(self) -> Iterator[Edit]:
        """One edit for all panels that only made room for others."""
        shifted = [
            after
            for before, after in self.pairs
            if not after.is_part
            and after.index not in self._moved
            and not self._has_left(before, after)
            and before.size
            and after.size
            and (before.x, before.y) != (after.x, after.y)
        ]
        if shifted:
            names = several([f"'{panel.name}'" for panel in shifted], 3)
            verb = "shifted, in the same order"
            yield edit_of(Code.LAYOUT, ABSENT, f"{names} {verb}", Form.WORDS)

    def homes(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The names of the parts of each side, by their paths. Only those of a pair have the same
        name, that of the new side."""
        new: dict[str, str] = {}
        taken: set[str] = set()
        for panel in self._homes[1].parts:
            name = _in_words(*panel.way, (panel.kind, panel.title))
            new[panel.pointer] = f"{name} (number {panel.index})" if name in taken else name
            taken.add(name)
        old = {panel.pointer: f"{panel.kind} '{panel.title}', removed" for panel in self.gone}
        return {
            **old,
            **{
                before.pointer: new[after.pointer]
                for before, after in self.pairs
                if before.pointer and after.pointer
            },
        }, new

    def _edits(self, before: Placed, after: Placed) -> Iterator[Edit]:
        if before.id and after.id:
            # Grafana gives an id to a panel without one.
            yield from one_edit(Code.ID, before.id, after.id, path="id")
        if before.is_part:
            compared = part_edits if after.pointer else _row_edits
            yield from compared(before.body, after.body)
        else:
            yield from panel_edits(before.body, after.body)
            yield from item_edits(before.item, after.item)
            yield from _element_edits(before.body, after.body)
        if before.size and after.size:
            yield from one_edit(Code.SIZE, before.size, after.size, Form.WORDS, "gridPos")
        if self._has_left(before, after):
            yield _home_edit(before, after)
        elif after.index in self._moved:
            yield edit_of(Code.MOVED, before.place, after.place, Form.WORDS, "gridPos")

    def _has_left(self, before: Placed, after: Placed) -> bool:
        """Whether a panel or a part is in another part now."""
        old, new = self._homes
        return self._parts.get(old.of(before)) != new.of(after)

    def _out_of_order(self) -> Iterator[int]:
        """The new indexes of the fewest panels whose moves explain the new order.

        Rows and panels apart, and those of each part: what moves takes along what is in it.
        """
        groups: dict[tuple[bool, int], list[tuple[int, int]]] = defaultdict(list)
        for before, after in self.pairs:
            if not self._has_left(before, after):
                home = self._homes[1].of(after)
                groups[after.is_part, home].append((before.index, after.index))
        for indexes in groups.values():
            # The longest subsequence that keeps its order did not move.
            stay = set(increasing([index for index, _ in indexes]))
            yield from (index for at, (_, index) in enumerate(indexes) if at not in stay)


def _with_renamed(
    pairs: list[tuple[Placed, Placed]], gone: list[Placed], come: list[Placed]
) -> tuple[list[tuple[Placed, Placed]], list[Placed], list[Placed]]:
    """Pair also the parts of schema v2 that kept at least half of what they contain, the innermost
    first."""
    while renamed := _renamed(pairs, gone, come):
        taken = {id(panel) for pair in renamed for panel in pair}
        pairs = sorted([*pairs, *renamed], key=lambda pair: pair[1].index)
        gone = [panel for panel in gone if id(panel) not in taken]
        come = [panel for panel in come if id(panel) not in taken]
    return pairs, gone, come


def _renamed(
    pairs: Sequence[tuple[Placed, Placed]], gone: Sequence[Placed], come: Sequence[Placed]
) -> list[tuple[Placed, Placed]]:
    old, new = ({part.index: part for part in side if part.pointer} for side in (gone, come))
    shared = Counter((before.within, after.within) for before, after in pairs)
    renamed = []
    for (left, right), number in shared.most_common():
        if left in old and right in new:
            most = max(len(old[left].members), len(new[right].members))
            if 2 * number >= most:
                renamed.append((old.pop(left), new.pop(right)))
    return renamed


class _Homes:
    """The parts in which the panels of one side are."""

    def __init__(self, panels: Sequence[Placed], alone: Sequence[Placed]) -> None:
        self.parts = [panel for panel in panels if panel.pointer]
        # A grid without a header that only one side has counts as the part around it: the panels
        # of a dashboard are in such a grid as soon as the dashboard has a row.
        self._around = {panel.index: panel.within for panel in alone if panel.kind == "grid"}

    def of(self, panel: Placed) -> int:
        """The index of the part that contains a panel or a part."""
        home = panel.within
        while home in self._around:
            home = self._around[home]
        return home


def _home_edit(before: Placed, after: Placed) -> Edit:
    sides = (before, after)
    if all(side.around[0] in ("row", "") and side.within != UNSEEN for side in sides):
        code, (old, new) = Code.ROW, (side.around[1] or "(none)" for side in sides)
    else:
        code, (old, new) = Code.MOVED, map(_innermost, sides)
    if old == new:
        # Parts in different parts may share a title.
        old, new = (_in_words(*side.way) for side in sides)
    if old == new:
        old, new = (f"{old} (number {side.within})" for side in sides)
    return edit_of(code, old, new, Form.WORDS)


def _innermost(panel: Placed) -> str:
    if panel.within == UNSEEN:
        return "(not shown)"
    return _in_words(*panel.way[-1:])


def _in_words(*way: tuple[str, str]) -> str:
    """`row 'CPU' in tab 'Nodes'`."""
    named = [f"{kind} '{title}'" if title else f"{kind} without a title" for kind, title in way]
    return " in ".join(reversed(named)) or "outside of all parts"


def _element_edits(old: Json, new: Json) -> Iterator[Edit]:
    names = old.get("element"), new.get("element")
    # An element is called after the id of its panel, whose edit tells it then.
    if names != (f"panel-{old.get('id')}", f"panel-{new.get('id')}"):
        yield from one_edit(Code.ELEMENT, *names, path="element")


def _chief(panel: Placed) -> Iterator[Edit]:
    yield from chief_of_item(panel.body if panel.pointer else panel.item)
    if not panel.is_part:
        yield from chief_edits(panel.body)


def _id(panel: Placed) -> str:
    return panel.pointer or panel.id


def _part(panel: Placed, mark: Mark, changed: tuple[Edit, ...], ids: tuple[str, str]) -> Part:
    kind, title = panel.around
    return Part(panel.kind, panel.name, mark, changed, title, ids, kind or "row")


def _row_edits(old: Json, new: Json) -> Iterator[Edit]:
    yield from one_edit(
        Code.COLLAPSED, bool(old.get("collapsed")), bool(new.get("collapsed")), path="collapsed"
    )
    apart = ("id", "gridPos", "panels", "collapsed", "type")
    yield from edits(without(old, *apart), without(new, *apart), {"title": Code.TITLE})
