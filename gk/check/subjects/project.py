"""All resources of a project together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gk.check.expressions.counters import native_histograms
from gk.check.rule_tests import RuleTests
from gk.check.subjects.dashboards import Dashboard, Outline
from gk.check.subjects.rules import Group, Rule
from gk.documents.durations import milliseconds
from gk.documents.names import rule_name
from gk.documents.parts import path
from gk.documents.queries import queries
from gk.documents.shapes import Json
from gk.errors import Source
from gk.resource import Key, Kind, Resource
from gk.settings import Settings

__all__ = ["Project"]


def _as_it_is(source: Source) -> Source:
    return source


def _always(path: str) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Project:
    """All resources of a project, and its settings.

    `metadata` are the types of metrics, as Prometheus has them: counter, gauge, histogram, summary,
    unknown; checks read `types`, which has more. `place` makes a place in Python's terms one in the
    project. `rule_tests` are the files of tests/alerts, and `has_file` says whether the project has
    a file, by its path.
    """

    resources: Sequence[Resource]
    settings: Settings = field(default_factory=Settings)
    metadata: Mapping[str, str] = field(default_factory=dict)
    place: Callable[[Source], Source] = _as_it_is
    rule_tests: RuleTests = field(default_factory=RuleTests)
    has_file: Callable[[str], bool] = _always

    def of(self, kind: Kind) -> list[Resource]:
        """The resources of a kind."""
        return [resource for resource in self.resources if resource.kind is kind]

    def dashboards(self, first: int = 0, every: int = 1) -> Iterator[Dashboard]:
        """Every dashboard, or `every` n-th from the `first` on, parsed anew at each call: those of
        a large project do not fit into memory together. `outline` has what checks of several
        dashboards need."""
        for resource in self.of(Kind.DASHBOARD)[first::every]:
            yield Dashboard.of(self, resource)

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The types of metrics: those of the metadata, and histogram for each metric that some
        query reads as a native histogram."""
        # To search the bytes is cheaper than to parse each document.
        reading = (resource for resource in self.resources if b"histogram_" in resource.json)
        texts = (query.expr for resource in reading for query in queries(resource))
        return native_histograms(texts) | dict(self.metadata)

    def outline(self, uid: str) -> Outline | None:
        """What the dashboard with that uid has; None without one."""
        resource = self.resource((Kind.DASHBOARD, uid))
        if uid not in self._outlines and resource:
            self._outlines[uid] = Dashboard.of(self, resource).outline
        return self._outlines.get(uid)

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        return {}

    def resource(self, key: Key) -> Resource | None:
        """The resource with that kind and uid."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[Key, Resource]:
        return {resource.key: resource for resource in self.resources}

    @cached_property
    def scrape_intervals(self) -> list[int]:
        """What its data sources of the type prometheus say of how often targets are scraped, in
        milliseconds; those that say nothing are left out."""
        stated = (
            milliseconds(str(path(resource.body, "jsonData").get("timeInterval", "")))
            for resource in self.of(Kind.DATASOURCE)
            if resource.body.get("type") == "prometheus"
        )
        return [interval for interval in stated if interval]

    @cached_property
    def groups(self) -> list[Group]:
        """The rule groups. Of one that both engines evaluate, Prometheus's form."""
        of_prometheus = self.of(Kind.PROMETHEUS_GROUP)
        known = {
            (resource.source, rule.get("alert", rule.get("record")))
            for resource in of_prometheus
            for rule in resource.body["rules"]
        }
        groups = [Group(self, resource, resource.body["rules"]) for resource in of_prometheus]
        for resource in self.of(Kind.RULE_GROUP):
            own = [
                rule
                for rule in resource.body["rules"]
                if not known & {(resource.source, name) for name in _names_of(rule)}
            ]
            if own:
                groups.append(Group(self, resource, own))
        return groups

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules of all groups."""
        return [rule for group in self.groups for rule in group.rules]

    @cached_property
    def alerts(self) -> list[Rule]:
        """Those that are alerts."""
        return [rule for rule in self.rules if rule.is_alert]

    @cached_property
    def records(self) -> Mapping[str, list[Rule]]:
        """The recording rules, by the series that they record."""
        rules: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if not rule.is_alert:
                rules.setdefault(rule.name, []).append(rule)
        return rules


def _names_of(rule: Json) -> set[str]:
    """The title of a rule of Grafana, and what the definition calls it: a second alert of a name
    has its severity in the title."""
    severity = path(rule, "labels").get("severity", "")
    return {rule["title"], rule_name(rule["title"], str(severity))}
