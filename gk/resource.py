"""`Resource`: one document as Grafana or Prometheus takes it. Build, push, diff and check share a
list of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import orjson

from gk.errors import Source
from gk.promql.snippet import Query, Snippet

__all__ = [
    "MOST_NESTED",
    "Key",
    "Kind",
    "Resource",
    "Use",
    "Where",
    "canonical",
    "is_nested_too_deep",
]

MOST_NESTED = 200
"""Levels of objects and lists in a document: orjson writes 254, and Python's own recursion ends at
some 1,000 calls. Dashboards have some 20."""


_CANONICAL = (
    orjson.OPT_INDENT_2
    | orjson.OPT_SORT_KEYS
    | orjson.OPT_APPEND_NEWLINE
    # orjson would write objects of these types, such as a secret in the wrong place, as it sees
    # fit.
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)


class Kind(enum.Enum):
    """What a resource is, in the order in which Grafana needs them: what is referred to comes
    first."""

    FOLDER = "folder"
    DATASOURCE = "data source"
    DASHBOARD = "dashboard"
    MESSAGE_TEMPLATE = "message template"
    MUTE_TIMING = "mute timing"
    CONTACT_POINT = "contact point"
    NOTIFICATION_POLICY = "notification policy"
    RULE_GROUP = "rule group"
    PROMETHEUS_GROUP = "Prometheus rule group"


Key = tuple[Kind, str]
"""What identifies a resource: its kind and uid."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document, by kind (`panel`, `variable`, `alert`) and name; None for one without.

    As text a sentence that nothing reads: `panel 'CPU busy'`, `variable $node`.
    """

    kind: str
    name: str | None

    def __str__(self) -> str:
        if self.name is None:
            return f"{self.kind} without a title"
        return f"variable ${self.name}" if self.kind == "variable" else f"{self.kind} '{self.name}'"


@dataclass(frozen=True, slots=True)
class Use:
    """A query in a resource: where it is, every snippet that it is made of, its own too, and the
    PromQL that it is there."""

    where: Where
    query: Query
    snippets: frozenset[Snippet]
    expr: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One document.

    `uid` identifies it among its kind: Grafana's uid, or the name for kinds that have none.
    `folder` is a folder's uid, empty for General and for kinds without folders. `json` is the
    canonical text of the document: the body of Grafana's HTTP API (for a Prometheus group, of a
    rule file), with references in place of secrets. It is kept as text because ten thousand
    dashboards fit into memory that way. `uses` says which snippets wrote its queries.
    """

    kind: Kind
    uid: str
    title: str
    folder: str
    json: bytes
    source: Source
    uses: tuple[Use, ...] = ()

    @property
    def key(self) -> Key:
        """Its kind and uid."""
        return self.kind, self.uid

    @property
    def body(self) -> Any:
        """The document, parsed afresh: the caller may change it."""
        return orjson.loads(self.json)


def canonical(body: Any) -> bytes:
    """JSON text that is equal for equal documents: sorted keys, indented by 2, one newline at the
    end.

    Raises TypeError for what is no JSON: other types, integers over 64 bits, strings that are not
    Unicode. NaN and infinity become null, as in JavaScript.
    """
    return orjson.dumps(body, option=_CANONICAL)


def is_nested_too_deep(body: Any) -> bool:
    """Whether a document has more than MOST_NESTED levels, of which no walk through it is safe."""
    level = [body]
    for _ in range(MOST_NESTED):
        level = [
            inside
            for each in level
            if isinstance(each, (dict, list))
            for inside in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, (dict, list)) for each in level)
