"""`Resource`: one document as Grafana or Prometheus takes it. Build, push, diff and check share a
list of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import orjson

from gk.errors import Source, Where
from gk.forms.plurals import plural
from gk.promql.snippet import Query, Snippet

__all__ = [
    "MOST_NESTED",
    "Key",
    "Kind",
    "Resource",
    "Use",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about every resource of a kind; the defaults are the usual case."""

    in_grafana: bool = True
    """Grafana keeps it, and not Prometheus."""
    has_file: bool = True
    """Grafana or Prometheus loads it from a file."""
    has_folder: bool = False
    has_secrets: bool = False
    """Its definition may refer to secrets."""
    has_durations: bool = False
    """Its document has durations such as `1m30s`, which Grafana spells differently."""
    is_written_alone: bool = False
    """gk writes objects of this kind one at a time."""
    is_listed_first: bool = False
    """A plan needs the list of all existing objects of this kind."""
    has_whole_list: bool = False
    """Grafana lists its objects with their documents; folders only since 12."""
    is_read_first: bool = False
    """Most reviewers come for it."""
    members: str = ""
    """The key of the list in its document whose entries have uids of their own."""
    noun: str = ""
    """What people call it, if that differs from its value."""


_USUAL = Facts()


class Kind(enum.Enum):
    """What a resource is, with its facts.

    The order is that in which Grafana needs them: what is referred to comes first. All that
    notifies is written alone, because Grafana keeps it in one document; rule groups are, because
    they may exchange rules.
    """

    _value_: str
    facts: Facts
    order: int
    """The place in the order in which Grafana needs the kinds."""

    FOLDER = "folder", Facts(has_folder=True, is_listed_first=True, has_whole_list=True)
    FOLDER_PERMISSIONS = (
        "folder permissions",
        Facts(has_file=False, has_folder=True),
    )
    DATASOURCE = "data source", Facts(has_secrets=True, is_listed_first=True)
    LIBRARY_PANEL = (
        "library panel",
        Facts(has_file=False, has_folder=True, is_listed_first=True, has_whole_list=True),
    )
    DASHBOARD = "dashboard", Facts(has_folder=True, is_listed_first=True, is_read_first=True)
    MESSAGE_TEMPLATE = "message template", Facts(is_written_alone=True, has_whole_list=True)
    MUTE_TIMING = "mute timing", Facts(is_written_alone=True, has_whole_list=True)
    CONTACT_POINT = (
        "contact point",
        Facts(has_secrets=True, is_written_alone=True, has_whole_list=True, members="receivers"),
    )
    NOTIFICATION_POLICY = "notification policy", Facts(has_durations=True, is_written_alone=True)
    RULE_GROUP = (
        "rule group",
        Facts(
            has_folder=True,
            has_durations=True,
            is_written_alone=True,
            is_listed_first=True,
            is_read_first=True,
            members="rules",
        ),
    )
    PROMETHEUS_GROUP = (
        "Prometheus rule group",
        Facts(
            in_grafana=False,
            has_durations=True,
            is_read_first=True,
            members="rules",
            noun="rule group",
        ),
    )

    ALERTMANAGER = "Alertmanager configuration", Facts(in_grafana=False)

    def __new__(cls, value: str, facts: Facts = _USUAL) -> Kind:
        """The next kind, with its facts."""
        # Kind("folder") looks members up by _value_, so facts must not be a part of it.
        kind = object.__new__(cls)
        kind._value_ = value
        kind.facts = facts
        kind.order = len(cls.__members__)
        return kind

    @property
    def noun(self) -> str:
        """What people call it: `rule group`, whether Grafana or Prometheus evaluates it."""
        return self.facts.noun or self.value

    @property
    def plural(self) -> str:
        """`notification policies`."""
        return plural(self.value)

    @property
    def reading_order(self) -> tuple[bool, int]:
        """The place in the order in which a reviewer reads: what most come for is first."""
        return not self.facts.is_read_first, self.order


Key = tuple[Kind, str]
"""What identifies a resource: its kind and uid."""


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
    """Whether a document has more than MOST_NESTED levels, so that recursion through it is not
    safe."""
    # Level by level: recursion would fail on the very documents that this is about.
    level = [body]
    for _ in range(MOST_NESTED):
        level = [
            inside
            for value in level
            if isinstance(value, (dict, list))
            for inside in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, (dict, list)) for value in level)
