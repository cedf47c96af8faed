"""What a comparison found, as values that every form shows.

Diff
  risks     what a reviewer must not miss
  causes    what changed in many places at once: a snippet, the labels of an exporter,
            one value everywhere
  changes   resource by resource
    parts     panel by panel, variable by variable, rule by rule
      edits     field by field
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gk.diff.codes import Code
from gk.diff.sides.sandbox import Walls
from gk.diff.sides.side import Version
from gk.documents.differences import ABSENT, patch
from gk.errors import Problem, Source
from gk.resource import Kind

__all__ = [
    "Cause",
    "Change",
    "Diff",
    "Edit",
    "Form",
    "Level",
    "Mark",
    "Part",
    "Place",
    "Risk",
    "Spot",
]


class Mark(enum.Enum):
    """What became of a resource or of a part of one."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """The definitions of one side have mistakes there."""


class Form(enum.Enum):
    """How the values of an edit are to be read."""

    VALUE = "value"
    """Any JSON value; text too."""
    PROMQL = "promql"
    WORDS = "words"
    """Text in gk's words, not in quotes: `8 x 12`, `green, red from 0.9`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one field.

    `code` says which field, `of` which of several: the refId of a query, what an override matches.
    `option` is what is inside that has no code of its own, mostly its path. `old` or `new` is
    ABSENT where there is none. `path` is the field's in the document, empty where several of it are
    one change. `causes` are the ids of the causes that tell this change once for all its places.
    """

    option: str = ""
    old: Any = ABSENT
    new: Any = ABSENT
    form: Form = Form.VALUE
    path: str = ""
    causes: tuple[str, ...] = ()
    code: Code = Code.OTHER
    of: str = ""

    @property
    def field(self) -> str:
        """The field in a reviewer's words, which nothing reads: `query A`, `unit`, `moved`."""
        return self.code.words(self.of, self.option)


@dataclass(frozen=True, slots=True)
class Spot:
    """What a part of a resource is called: `panel 'CPU busy'`; without a name the whole of it:
    `dashboard`."""

    kind: str
    name: str | None = None

    def __str__(self) -> str:
        return self.kind if self.name is None else f"{self.kind} '{self.name}'"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a resource that was added, removed or changed.

    `kind` is `panel`, `row`, `variable`, `annotation`, `link`, `alert`, `recording rule`,
    `receiver`, `route`; empty for the resource's own fields. `name` is its title or name, `row` the
    title of the row that a panel is in. `ids` are its ids on both sides (of a panel, as text),
    empty on the side where it is not. One that was added or removed has its chief fields as edits,
    with the other side ABSENT.
    """

    kind: str
    name: str
    mark: Mark
    edits: tuple[Edit, ...] = ()
    row: str = ""
    ids: tuple[str, str] = ("", "")

    @property
    def spot(self) -> Spot | None:
        """What it is called; None for the resource itself."""
        return Spot(self.kind, self.name) if self.kind else None

    @property
    def title(self) -> str:
        """The same in words, which nothing reads: `panel 'CPU busy'`; empty for the resource
        itself."""
        return str(self.spot or "")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one resource.

    Titles, folders (paths of titles, as `Kubernetes/Nodes`) and uids are those of both sides; of
    one that was added or removed they are the same twice. `source` is where its definition is, on
    the new side if it is there. `old` and `new` are its documents without noise, None on the side
    where it is not.
    """

    mark: Mark
    kind: Kind
    uid: str
    title: str
    folder: str
    old_uid: str
    old_title: str
    old_folder: str
    source: Source
    parts: tuple[Part, ...] = ()
    old: Any = None
    new: Any = None
    is_twin: bool = False
    """It is of a rule group of Prometheus that another change tells in Grafana's form; its parts
    are what that one does not say, and without any it need not be shown."""
    history: tuple[Version, ...] = ()
    """Who saved it in Grafana and when, the newest first; of a comparison with a running one."""

    @property
    def name(self) -> str:
        """`dashboard 'Node' (node)`; the uid only where it is not the title."""
        uid = f" ({self.uid})" if self.uid != self.title else ""
        return f"{self.kind.value} '{self.title}'{uid}"

    @property
    def patch(self) -> list[dict[str, Any]]:
        """The JSON Patch operations (RFC 6902) that turn `old` into `new`."""
        return patch(self.old, self.new)

    @property
    def anchor(self) -> str:
        """An id for links to it, the same in every form."""
        return f"{self.kind.value.replace(' ', '-')}-{self.uid}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cause shows: a part of a change, by the names of both."""

    kind: Kind
    uid: str
    title: str
    part: Spot


@dataclass(frozen=True, slots=True)
class Cause:
    """What changed once and shows in many places.

    `title` is `snippet node.cpu_busy`, `labels of node`, `unit`. `edits` are the change itself,
    rendered where that is PromQL: `in a panel`, `in an alert`. `summary` counts the places: `3
    panels in 2 dashboards, 1 alert`.
    """

    id: str
    title: str
    edits: tuple[Edit, ...]
    places: tuple[Place, ...]
    summary: str


class Level(enum.Enum):
    """How much a reviewer has to know of a risk."""

    DANGER = "danger"
    """Something is lost or goes unnoticed: a link, an alert."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Risk:
    """What a reviewer must not miss: what, and why it matters, in one sentence; and the change that
    it is about."""

    level: Level
    message: str
    kind: Kind
    uid: str
    part: Spot | None = None
    """None where it is about the whole of it."""


@dataclass(frozen=True, kw_only=True)
class Diff:
    """A comparison of two sides, by their names. Risks come with the worst first, changes in the
    order of kinds."""

    old: str
    new: str
    changes: tuple[Change, ...] = ()
    causes: tuple[Cause, ...] = ()
    risks: tuple[Risk, ...] = ()
    old_problems: tuple[Problem, ...] = ()
    new_problems: tuple[Problem, ...] = ()
    unchanged: Mapping[Kind, int] = field(default_factory=dict)
    walls: Walls | None = None
    """What stood around the definitions of both sides when they were loaded; None where none
    were."""
    is_tampered: bool = False
    """The files of a side were changed while they were loaded, so the comparison shows less than
    there is."""

    @property
    def differs(self) -> bool:
        """Whether anything changed, or cannot be known."""
        return bool(self.changes)

    @property
    def shown(self) -> list[Change]:
        """The changes that say something of their own."""
        return [change for change in self.changes if change.parts or not change.is_twin]

    def count(self, mark: Mark) -> int:
        """How many resources that are shown have a mark."""
        return sum(change.mark is mark for change in self.shown)
