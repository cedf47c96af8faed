"""What is compared: the resources of one side, and what is known of how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gk.diff.sides.sandbox import Walls
from gk.errors import Problem
from gk.resource import Key, Resource

__all__ = ["LabelFacts", "Side", "SnippetFacts", "Used"]


@dataclass(frozen=True, slots=True)
class Used:
    """A query in a resource, by name: where it is (`panel 'CPU busy'`), the query
    (`node.filesystem_used(mountpoint= '/')`), the snippet of that, and every snippet that it is
    made of, its own too."""

    where: str
    query: str
    snippet: str
    made_of: frozenset[str]
    expr: str = ""
    """The PromQL that it is there; empty where an older gk made it, which does not say."""


@dataclass(frozen=True, slots=True)
class SnippetFacts:
    """A snippet as one side has it. `fingerprint` differs where its code does, or a helper's or
    constant's that it names; comments and its description do not count."""

    fingerprint: str
    unit: str
    legend: str
    description: str


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """By which labels the snippets of an exporter select: its job, the label that tells nodes
    apart, and all of it in words."""

    job: str
    node: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a comparison.

    `name` is for people: `main (1a2b3c4)`, `working tree`, `old.json`, `Grafana at
    grafana.example.com`. The bodies of `resources` are those of Grafana's HTTP API, with references
    in place of secrets; their `uses` are empty: `uses` has them by name, as another process may
    have made them. `labels` says for each exporter which labels its snippets select by.

    `problems` are the mistakes that kept definitions from being among the resources, `broken` the
    files that these are in: what the other side has of them is not removed, it is unknown. All of a
    side is unknown that has no resources but problems.
    """

    name: str
    resources: list[Resource] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    broken: frozenset[str] = frozenset()
    uses: Mapping[Key, tuple[Used, ...]] = field(default_factory=dict)
    snippets: Mapping[str, SnippetFacts] = field(default_factory=dict)
    labels: Mapping[str, LabelFacts] = field(default_factory=dict)
    saved: frozenset[str] = frozenset()
    """The uids of the dashboards that Grafana saved: they have the time range and the variables'
    values that somebody looked at last, which are no change."""
    is_file: bool = False
    """It was read from one file, which somebody compares with another whatever they are called."""
    is_live: bool = False
    """It was read from a running Grafana, which hides secrets, adds defaults, and may have objects
    that nobody defines."""
    walls: Walls | None = None
    """What stood around its definitions when they were loaded; None where none were."""
    is_tampered: bool = False
    """Its files were changed while they were loaded, so nothing can be said of it."""
    history: Mapping[Key, tuple[Version, ...]] = field(default_factory=dict)
    """Who changed what is there since gk pushed it, the newest first."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object in Grafana: its number (0 if it has none), who saved it, when (RFC
    3339), and what they said of it."""

    number: int
    by: str
    at: str
    message: str = ""
