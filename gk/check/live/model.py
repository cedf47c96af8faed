"""What live checks look at: what a running Prometheus answered.

Served    the server: its version, its retention, how often it scrapes
Asked     a query in its place, the answer, and why it is empty
Values    a variable of a dashboard, and the values that it has
Ruled     a rule, and the server that evaluates it
Sourced   a data source, and the server that it stands for
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gk.check.live.reasons import Cause, Reason
from gk.check.subjects import Query, Rule, Variable
from gk.resource import Resource

if TYPE_CHECKING:
    # Without a server, gk check imports no HTTP.
    from gk.check.live.asking import Asker, Question
    from gk.check.live.links import Links
    from gk.prometheus import Answer, Resolved

__all__ = ["LIVE_SUBJECTS", "Asked", "Live", "Ruled", "Served", "Sourced", "Values"]


@dataclass(frozen=True, eq=False)
class Served:
    """A server. What it does not tell, as those that are only compatible may not, is empty or 0.

    `retention` is in milliseconds, `scrape_intervals` has those of its jobs in milliseconds, and
    `types` has the types of metrics.
    """

    shown: str
    version: str = ""
    retention: int = 0
    scrape_intervals: Mapping[str, int] = field(default_factory=dict)
    external_labels: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Asked:
    """A query in its place, and what came of asking it.

    Without an `answer`, the server refused it, and `refusal` is its message, or it did not answer.
    `reason` says why it has no data; None if it has some.
    """

    query: Query
    question: Question
    server: Served
    asker: Asker
    answer: Answer | None = None
    refusal: str = ""
    reason: Reason | None = None

    @property
    def has_data(self) -> bool:
        """Whether it shows something: a number other than NaN."""
        return self.answer is not None and self.answer.has_data

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert's query; that is asked without its comparison."""
        return self.query.rule is not None and self.query.rule.is_alert

    @property
    def is_healthy(self) -> bool:
        """Whether it is empty because it shows trouble only, and there is none."""
        return self.reason is not None and self.reason.cause.is_design

    def times(self, length: float, step: float) -> Sequence[float]:
        """When the query as it is written, with an alert's comparison, had data in the last
        `length` seconds, at each `step`; asks the server. Nothing if that does not answer."""
        return self.asker.times(self.query.promql.expr, length, step)

    @property
    def state(self) -> str:
        """In a word: `data`, `healthy`, `nan`, `failed`, `unanswered` or `none`."""
        if self.answer is None:
            return "failed" if self.refusal else "unanswered"
        if self.has_data:
            return "data"
        if self.is_healthy:
            return "healthy"
        return "nan" if self.answer.series else "none"


@dataclass(frozen=True, eq=False)
class Values:
    """A variable with a query, and what came of that; `reason` says why it has no values."""

    variable: Variable
    resolved: Resolved
    reason: Reason | None = None


@dataclass(frozen=True, eq=False)
class Ruled:
    """A rule, the server that evaluates it, and what the links of all rules answer."""

    rule: Rule
    server: Served
    links: Links


@dataclass(frozen=True, eq=False)
class Sourced:
    """A data source of the project, of the type prometheus, and the server; `scrape_interval` is
    what Grafana takes for it, in milliseconds."""

    resource: Resource
    scrape_interval: int
    server: Served


LIVE_SUBJECTS: tuple[type, ...] = (Asked, Values, Ruled, Sourced)
"""The subjects that only a live run has."""


@dataclass(frozen=True, eq=False)
class Live:
    """All that a server answered. `unanswered` says what it did not, so that the run says nothing
    of it: such a run cannot pass."""

    server: Served
    asked: Sequence[Asked] = ()
    values: Sequence[Values] = ()
    ruled: Sequence[Ruled] = ()
    sourced: Sequence[Sourced] = ()
    unanswered: Sequence[str] = ()
    questions: int = 0
    """How many questions were sent, those for reasons too."""
    seconds: float = 0.0
    environment: str = ""

    @cached_property
    def by_owner(self) -> Mapping[Resource, Sequence[Asked]]:
        """What was asked for each dashboard and each rule group, in their order."""
        owners: dict[Resource, list[Asked]] = {}
        for asked in self.asked:
            owners.setdefault(asked.query.owner.resource, []).append(asked)
        return owners

    @property
    def dearest(self) -> list[Asked]:
        """The different queries, by what they cost: samples read, or else time."""
        # Of the places that ask the same, the first is shown.
        different = {asked.question: asked for asked in reversed(self.asked) if asked.answer}
        return sorted(different.values(), key=_cost, reverse=True)

    @property
    def empty(self) -> list[Asked]:
        """The queries that were answered, and have no data."""
        return [asked for asked in self.asked if asked.answer and not asked.has_data]

    @property
    def named(self) -> tuple[int, int]:
        """Of how many empty queries the reason is known, and how many are empty."""
        empty = self.empty
        known = [
            asked for asked in empty if asked.reason and asked.reason.cause is not Cause.UNKNOWN
        ]
        return len(known), len(empty)


def _cost(asked: Asked) -> tuple[int, float]:
    assert asked.answer
    return asked.answer.samples, asked.answer.seconds
