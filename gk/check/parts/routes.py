"""Who is notified of what: the notification policies of Grafana, or the routes of Alertmanager."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gk.check.subjects import Project, Rule
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.resource import Kind, Resource

__all__ = [
    "TIMINGS",
    "Matcher",
    "Route",
    "Routing",
    "labels_of_alert",
    "named",
    "routings",
    "settings_of_alerts",
]

TIMINGS = ("mute_time_intervals", "active_time_intervals")
"""The keys under which a policy, a route or an alert names its mute timings."""

_TEXT = re.compile(
    r'\s*(?P<name>"[^"]+"|[^\s=!~"]+)\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>.*?)\s*'
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition of a route on a label."""

    label: str
    operator: str
    value: str

    def holds(self, value: str) -> bool:
        """Whether it holds for a value of the label."""
        if self.operator in ("=", "!="):
            return (value == self.value) is (self.operator == "=")
        try:
            is_match = bool(re.fullmatch(self.value, value))
        except re.error:
            # Go's regular expressions are a little different.
            return True
        return is_match is (self.operator == "=~")

    def __str__(self) -> str:
        return f'{self.label}{self.operator}"{self.value}"'


@dataclass(frozen=True, slots=True)
class Route:
    """A policy or route, with those inside."""

    receiver: str
    matchers: tuple[Matcher, ...]
    timings: tuple[str, ...]
    routes: tuple[Route, ...]

    def every(self) -> Iterator[Route]:
        """It, and every route in it."""
        yield self
        for route in self.routes:
            yield from route.every()

    def may_match(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels, and others that nobody knows, may take it."""
        return all(
            matcher.holds(labels[matcher.label])
            for matcher in self.matchers
            if matcher.label in labels
        )


@dataclass(frozen=True, slots=True)
class Routing:
    """The root of the routes, and the object that it is in."""

    resource: Resource
    root: Route


def routings(project: Project) -> list[Routing]:
    """The routes of a project."""
    policies = [
        Routing(resource, _route(resource.body))
        for resource in project.of(Kind.NOTIFICATION_POLICY)
    ]
    configurations = [
        Routing(resource, _route(path(resource.body, "config", "route")))
        for resource in project.of(Kind.ALERTMANAGER)
    ]
    return policies + configurations


def _route(body: Json) -> Route:
    names = [name for key in TIMINGS for name in body.get(key) or ()]
    matchers = [*map(_of_grafana, body.get("object_matchers") or ())]
    matchers += [_of_text(str(text)) for text in body.get("matchers") or ()]
    return Route(
        str(body.get("receiver") or ""),
        tuple(filter(None, matchers)),
        tuple(map(str, names)),
        tuple(map(_route, dicts(body, "routes"))),
    )


def _of_grafana(given: Any) -> Matcher | None:
    # Label, operator and value.
    is_matcher = isinstance(given, list) and len(given) == 3
    return Matcher(*map(str, given)) if is_matcher else None


def _of_text(text: str) -> Matcher | None:
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    value = match["value"]
    # Quotes are optional in Alertmanager.
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if quoted else value
    return Matcher(match["name"].strip('"'), match["operator"], value)


def settings_of_alerts(project: Project) -> list[Json]:
    """What each alert of Grafana says itself about its notifications, past all policies."""
    return [
        path(rule, "notification_settings")
        for resource in project.of(Kind.RULE_GROUP)
        for rule in dicts(resource.body, "rules")
    ]


def named(project: Project, kind: Kind, key: str) -> Iterator[tuple[Resource, str]]:
    """The names of Grafana's objects of a kind, and of those that the configuration of Alertmanager
    lists under `key`; each with the resource that it is in."""
    for resource in project.of(kind):
        yield resource, resource.title
    for resource in project.of(Kind.ALERTMANAGER):
        for body in dicts(path(resource.body, "config"), key):
            yield resource, str(body.get("name", ""))


def labels_of_alert(rule: Rule) -> dict[str, str]:
    """The labels that each alert of a rule has, as far as its definition says them."""
    return {**rule.fixed_labels, "alertname": rule.name}
