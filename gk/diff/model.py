"""The result of a comparison, as values that every form shows.

Diff
  risks     what a reviewer must not miss
  causes    one change that shows in many places: of a snippet, of an exporter's labels,
            of the same value
  changes   resource by resource
    parts     panel by panel, variable by variable, rule by rule
      edits     field by field
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gk.diff.codes import Code
from gk.diff.sides.sandbox import Walls
from gk.diff.sides.side import Version
from gk.documents.differences import ABSENT, patch
from gk.errors import Problem, Source
from gk.resource import Kind
from gk.settings.environments import joined

__all__ = [
    "Cause",
    "Change",
    "Diff",
    "Edit",
    "Form",
    "Level",
    "Look",
    "Mark",
    "Part",
    "Place",
    "Risk",
    "Spot",
]


_FEW = 3
"""Up to this many environments, all of them are named."""


class Mark(enum.Enum):
    """What happened to a resource, or to a part of one."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """The definition on one side has mistakes."""


class Form(enum.Enum):
    """How to read the values of an edit."""

    VALUE = "value"
    """Any JSON value, including text."""
    PROMQL = "promql"
    QUERY = "query"
    """A query in another language than PromQL."""
    WORDS = "words"
    """Text in gk's words, without quotes: `8 x 12`, `green, red from 0.9`."""

    @property
    def is_query(self) -> bool:
        """Whether the values are queries, in any language."""
        return self in (Form.PROMQL, Form.QUERY)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one field.

    `code` is the field, and `of` tells several apart: the refId of a query, the matcher of an
    override. `option` names an inner field without a code, mostly by its path. `old` or `new` is
    ABSENT if that side lacks the field. `path` is the field's path in the document, empty if the
    edit covers several paths. `causes` are the ids of the causes that explain the edit.
    """

    option: str = ""
    old: Any = ABSENT
    new: Any = ABSENT
    form: Form = Form.VALUE
    path: str = ""
    causes: tuple[str, ...] = ()
    code: Code = Code.OTHER
    of: str = ""
    bounds: tuple[Sequence[float], Sequence[float]] = field(default=((), ()), compare=False)
    """For thresholds: the numbers on both sides."""
    environments: tuple[str, ...] = ()
    """The environments that have it; empty if the project has none. The same in parts, changes,
    causes and risks."""

    @property
    def field(self) -> str:
        """The field in words, for people only: `query A`, `unit`, `moved`."""
        return self.code.words(self.of, self.option)


@dataclass(frozen=True, slots=True)
class Spot:
    """Names a part of a resource: `panel 'CPU busy'`, `variable $job`. Without a name it is the
    whole resource: `dashboard`."""

    kind: str
    name: str | None = None

    def __str__(self) -> str:
        if self.name is None:
            return self.kind
        return f"variable ${self.name}" if self.kind == "variable" else f"{self.kind} '{self.name}'"


@dataclass(frozen=True, slots=True)
class Look:
    """How a panel looks on both sides, with data: pictures as SVG; empty on a side without the
    panel. One that `is_wide` is too small to read beside the other."""

    old: str = ""
    new: str = ""
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a resource that was added, removed or changed.

    `kind` is `panel`, `row`, `tab`, `grid`, `variable`, `annotation`, `link`, `alert`, `recording
    rule`, `receiver`, `route`; empty for the resource's own fields. `name` is its title or name.
    `row` is the title of the row that contains it, or of the tab or grid if `within` says so. `ids`
    are its old and new id (as text; for a row or a tab of schema v2 its path), empty on a side
    without the part. If the part was added or removed, its edits are its main fields, with the
    other side ABSENT. `look` is None unless somebody asked for pictures with data.
    """

    kind: str
    name: str
    mark: Mark
    edits: tuple[Edit, ...] = ()
    row: str = ""
    ids: tuple[str, str] = ("", "")
    within: str = "row"
    environments: tuple[str, ...] = ()
    look: Look | None = field(default=None, compare=False)

    @property
    def spot(self) -> Spot | None:
        """The name of the part; None for the resource itself."""
        return Spot(self.kind, self.name) if self.kind else None

    @property
    def title(self) -> str:
        """The name in words, for people only: `panel 'CPU busy'`; empty for the resource
        itself."""
        return str(self.spot or "")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happened to one resource.

    Titles, folders (paths of titles: `Kubernetes/Nodes`) and uids come from both sides; if the
    resource was added or removed, old and new are the same. `source` is the place of its
    definition, on the new side if possible. `old` and `new` are its documents without noise, None
    on a side without the resource.
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
    """Whether it is the Prometheus form of a rule group that another change shows in Grafana's
    form. Its parts are what the other change lacks; without any, forms leave it out."""
    history: tuple[Version, ...] = ()
    """Who saved it in Grafana and when, newest first; only for a comparison with a running
    Grafana."""
    environments: tuple[str, ...] = ()
    variants: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """The documents in environments where they are not `old` and `new`."""

    @property
    def name(self) -> str:
        """`dashboard 'Node' (node)`; without the uid if that is the title."""
        uid = f" ({self.uid})" if self.uid != self.title else ""
        return f"{self.kind.value} '{self.title}'{uid}"

    @property
    def patch(self) -> list[dict[str, Any]]:
        """The JSON Patch operations (RFC 6902) that turn `old` into `new`."""
        return patch(self.old, self.new)

    @property
    def patches(self) -> dict[str, list[dict[str, Any]]]:
        """The patch of each environment where it is another one than `patch`."""
        others = {name: patch(old, new) for name, (old, new) in self.variants.items()}
        own = self.patch if others else []
        return {name: other for name, other in others.items() if other != own}

    @property
    def anchor(self) -> str:
        """An id for links to the change, the same in every form."""
        return f"{self.kind.value.replace(' ', '-')}-{self.uid}"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a changed resource in which a cause shows."""

    kind: Kind
    uid: str
    title: str
    part: Spot


@dataclass(frozen=True, slots=True)
class Cause:
    """One change that shows in many places.

    `title` is `snippet node.cpu_busy`, `labels of node`, `the same unit`. `edits` are the change
    itself; PromQL is rendered: `in a panel`, `in an alert`. `summary` counts the places: `3 panels
    in 2 dashboards, 1 alert`.
    """

    id: str
    title: str
    edits: tuple[Edit, ...]
    places: tuple[Place, ...]
    summary: str
    environments: tuple[str, ...] = ()


class Level(enum.Enum):
    """How serious a risk is."""

    DANGER = "danger"
    """Something gets lost or unnoticed: a link, an alert."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Risk:
    """What a reviewer must not miss. `message` says in one sentence what changed and why it
    matters; `kind` and `uid` name the change."""

    level: Level
    message: str
    kind: Kind
    uid: str
    part: Spot | None = None
    """None if the risk concerns the whole resource."""
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Diff:
    """The comparison of two sides; `old` and `new` are their names. The worst risks come first;
    changes are in the order of kinds."""

    old: str
    new: str
    changes: tuple[Change, ...] = ()
    causes: tuple[Cause, ...] = ()
    risks: tuple[Risk, ...] = ()
    old_problems: tuple[Problem, ...] = ()
    new_problems: tuple[Problem, ...] = ()
    not_compared: tuple[str, ...] = ()
    """What the definitions use and both sides have from one place: sentences."""
    unchanged: Mapping[Kind, int] = field(default_factory=dict)
    walls: Walls | None = None
    """The sandbox in which the definitions of both sides were loaded; None if gk loaded none."""
    is_tampered: bool = False
    """Whether the files of a side changed while gk loaded them, so that the comparison is
    incomplete."""
    environments: tuple[str, ...] = ()
    """Those that were compared."""
    environments_added: tuple[str, ...] = ()
    environments_removed: tuple[str, ...] = ()

    @property
    def is_incomplete(self) -> bool:
        """Whether something of a side was not compared."""
        return bool(self.old_problems or self.new_problems or self.not_compared)

    @property
    def differs(self) -> bool:
        """Whether anything changed or is unknown."""
        return bool(self.changes)

    def only_in(self, environments: Sequence[str], around: Sequence[str] = ()) -> str:
        """Where something differs, in words: `only in prod`. Empty if that is all environments, or
        those of what is around it."""
        around = around or self.environments
        is_all = not environments or set(environments) >= set(around)
        return "" if is_all else f"only in {joined(environments)}"

    def place_of(self, change: Change) -> str:
        """In which environments a change is, in words: `in prod and staging`. Empty if only one was
        compared."""
        if len(self.environments) < 2:
            return ""
        every = f"in all {len(self.environments)} environments"
        return self.only_in(change.environments) or (
            f"in {joined(self.environments)}" if len(self.environments) <= _FEW else every
        )

    @property
    def about_environments(self) -> str:
        """The compared environments in words; empty without any."""
        if not self.environments:
            return ""
        said = [f"{'environment' if len(self.environments) == 1 else 'environments'}: "]
        said += [", ".join(self.environments)]
        for names, word in ((self.environments_added, "new"), (self.environments_removed, "gone")):
            said += [f"; {word}: {', '.join(names)}"] if names else []
        return "".join(said)

    @property
    def shown(self) -> list[Change]:
        """The changes without twins that only repeat another one."""
        return [change for change in self.changes if change.parts or not change.is_twin]

    def count(self, mark: Mark) -> int:
        """Count the shown changes with a mark."""
        return sum(change.mark is mark for change in self.shown)
