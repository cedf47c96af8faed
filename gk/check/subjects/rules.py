"""Rule groups and their rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gk.check.model import Found, Turn
from gk.check.subjects.queries import Query
from gk.documents.durations import milliseconds
from gk.documents.parts import path
from gk.documents.queries import of_rule
from gk.documents.shapes import Json
from gk.errors import Where
from gk.resource import Resource

if TYPE_CHECKING:
    from gk.check.subjects.project import Project

__all__ = ["Group", "Rule"]


@dataclass(frozen=True, eq=False)
class Group:
    """A rule group; `rules` are those that only this form has."""

    project: Project
    resource: Resource
    bodies: Sequence[Json]

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.title

    @cached_property
    def interval(self) -> int | None:
        """Milliseconds between two evaluations; None if the engine's default applies."""
        interval = self.resource.body.get("interval")
        # Seconds in Grafana's API, a duration in Prometheus's files.
        if isinstance(interval, int):
            return interval * 1000
        return milliseconds(str(interval)) if interval else None

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules, in their order."""
        rules: list[Rule] = []
        seen: Counter[Where] = Counter()
        for body in self.bodies:
            where = Rule(self, body).where
            rules.append(Rule(self, body, earlier=seen[where]))
            seen[where] += 1
        return rules

    @cached_property
    def names(self) -> Counter[Where]:
        """How many rules have each name."""
        return Counter(rule.where for rule in self.rules)


@dataclass(frozen=True, eq=False)
class Rule:
    """An alert or a recording rule, of Prometheus or of Grafana."""

    group: Group
    body: Json
    earlier: int = 0
    """How many rules before it in the group have its name."""

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.group.project

    @property
    def is_grafanas(self) -> bool:
        """Whether only Grafana evaluates it."""
        return "data" in self.body

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert, and not a recording rule."""
        return "record" not in self.body

    @property
    def name(self) -> str:
        """The alert's name, or the recorded series."""
        # Of Grafana's rules, and of Prometheus's alerts and recording rules.
        for key in ("title", "alert", "record"):
            if isinstance(self.body.get(key), str):
                return str(self.body[key])
        return ""

    @property
    def where(self) -> Where:
        """Its place, by which queries name it."""
        return Where("alert" if self.is_alert else "recording rule", self.name)

    @property
    def turn(self) -> Turn:
        """Its place among the rules of its name in the group."""
        return self.earlier, self.group.names[self.where]

    def found(self, message: str, *others: Rule) -> Found:
        """What a check of the project or of a group found in it, and in other rules."""
        keys = tuple(other.group.resource.key for other in others)
        return Found(message, self.where, self.group.resource, turn=self.turn, others=keys)

    @property
    def for_(self) -> int:
        """Milliseconds for which the condition has to hold."""
        return milliseconds(str(self.body.get("for") or "0")) or 0

    @property
    def keep_firing_for(self) -> int:
        """Milliseconds for which it keeps firing after that."""
        text = self.body.get("keep_firing_for") or self.body.get("keepFiringFor") or "0"
        return milliseconds(str(text)) or 0

    @property
    def labels(self) -> Json:
        """The labels that it adds."""
        return path(self.body, "labels")

    @property
    def fixed_labels(self) -> dict[str, str]:
        """Those of them that are the same for each alert: no template decides them."""
        return {name: str(text) for name, text in self.labels.items() if "{{" not in str(text)}

    @property
    def annotations(self) -> Json:
        """Its texts, by name."""
        return path(self.body, "annotations")

    @cached_property
    def queries(self) -> list[Query]:
        """Its PromQL queries. Grafana's are without their comparisons."""
        return [Query(promql, None, rule=self) for promql in of_rule(self.body)]
