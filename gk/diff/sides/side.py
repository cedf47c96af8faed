"""One side of a comparison: its resources, and facts about how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gk.diff.sides.sandbox import Walls
from gk.errors import Problem
from gk.resource import Key, Resource

__all__ = ["LabelFacts", "Side", "SnippetFacts", "Used"]


@dataclass(frozen=True, slots=True)
class Used:
    """A query in a resource: where it is (`panel 'CPU busy'`), the query
    (`node.filesystem_used(mountpoint= '/')`), its snippet, and all snippets that it is made of,
    including its own."""

    where: str
    query: str
    snippet: str
    made_of: frozenset[str]
    expr: str = ""
    """The rendered PromQL; empty if an older gk made it, which does not report it."""


@dataclass(frozen=True, slots=True)
class SnippetFacts:
    """A snippet on one side. `fingerprint` changes with its code, and with the helpers and
    constants that it names, but not with comments or its description."""

    fingerprint: str
    unit: str
    legend: str
    description: str


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """The labels by which the snippets of an exporter select: its job, the label that tells nodes
    apart, and all of them in words."""

    job: str
    node: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a comparison.

    `name` is for people: `main (1a2b3c4)`, `working tree`, `old.json`, `Grafana at
    grafana.example.com`. The bodies of `resources` have the form of Grafana's HTTP API, with
    references in place of secrets. The `uses` of resources are empty, as another process may have
    made them: the side's `uses` has them by name. `labels` has the labels of each exporter.

    `problems` are mistakes because of which definitions are missing in `resources`, and `broken`
    the files with these mistakes: resources of such a file that only the other side has are
    unknown, not removed. If a side has problems and no resources, everything is unknown.
    """

    name: str
    resources: list[Resource] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    broken: frozenset[str] = frozenset()
    uses: Mapping[Key, tuple[Used, ...]] = field(default_factory=dict)
    snippets: Mapping[str, SnippetFacts] = field(default_factory=dict)
    labels: Mapping[str, LabelFacts] = field(default_factory=dict)
    saved: frozenset[str] = frozenset()
    """The uids of dashboards that somebody saved in Grafana: their time range and variables are the
    last view, which does not count as a change."""
    is_file: bool = False
    """Whether it was read from one file. Two files are compared whatever their uids are."""
    is_live: bool = False
    """Whether it was read from a running Grafana, which hides secrets, adds defaults, and may have
    undefined objects."""
    not_compared: tuple[str, ...] = ()
    """What its definitions use and both sides have from one place, so that a comparison says
    nothing about it: sentences."""
    walls: Walls | None = None
    """The sandbox in which gk loaded its definitions; None if gk loaded none."""
    is_tampered: bool = False
    """Whether its files changed while gk loaded them, so that the result is unreliable."""
    history: Mapping[Key, tuple[Version, ...]] = field(default_factory=dict)
    """Who changed each object in Grafana since gk pushed it, newest first."""
    environments: Mapping[str, Side] = field(default_factory=dict)
    """The side of each environment that was loaded; then the side has no resources of its own."""
    environment_names: tuple[str, ...] = ()
    """The names of all environments of the project."""

    def of(self, environment: str) -> Side:
        """The side of an environment; this side, if it has none, and an empty one, if it lacks only
        this."""
        if not self.environments:
            return self
        return replace(
            self.environments.get(environment, Side(name="")),
            name=self.name,
            not_compared=self.not_compared,
            walls=self.walls,
            is_tampered=self.is_tampered,
        )


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object in Grafana: its number (0 without one), who saved it, when (RFC 3339),
    and the message of the save."""

    number: int
    by: str
    at: str
    message: str = ""
