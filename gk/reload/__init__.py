"""Lets running servers read their files again, and proves that they use what the project defines.

Files that are mounted from ConfigMaps arrive up to two minutes after `kubectl apply`, so a server
is asked again until it has them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gk.documents.differences import differences
from gk.documents.durations import milliseconds
from gk.documents.secrets.references import referring
from gk.errors import GkError
from gk.forms.plurals import counted
from gk.grafana.errors import DeniedError, GrafanaError
from gk.grafana.objects import Grafana
from gk.prometheus import Prometheus
from gk.prometheus.alertmanager import Alertmanager
from gk.promql.syntax import parse
from gk.push.plan import desired_parts
from gk.resource import Kind, Resource

__all__ = ["OfAlertmanager", "OfGrafana", "OfPrometheus", "Outcome", "Server", "reload"]

PAUSE = 2.0
"""Seconds between two attempts."""
SECRET = "<secret>"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a server uses after it was reloaded: `loaded` counts what is as defined, `differences`
    say what is not."""

    server: str
    url: str
    loaded: str
    differences: tuple[str, ...]
    seconds: float


class Server(Protocol):
    """A running server."""

    name: str
    url: str

    def reload(self) -> None:
        """Let it read its files again. Raises GkError if it refuses."""

    def differences(self, resources: Sequence[Resource]) -> Iterator[str]:
        """Yield how what it uses differs from the resources. Raises GkError if it cannot be
        asked."""

    def loaded(self, resources: Sequence[Resource]) -> str:
        """What of the resources is its own: `19 rule groups`."""


def reload(
    server: Server,
    resources: Sequence[Resource],
    *,
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Reload `server` until it uses what the resources define, for at most `patience` seconds."""
    start = clock()
    while True:
        server.reload()
        differences = tuple(server.differences(resources))
        if not differences or clock() - start + PAUSE > patience:
            return Outcome(
                server=server.name,
                url=server.url,
                loaded=server.loaded(resources),
                differences=differences,
                seconds=clock() - start,
            )
        sleep(PAUSE)


def _of_kind(resources: Sequence[Resource], *kinds: Kind) -> list[Resource]:
    return [resource for resource in resources if resource.kind in kinds]


# Prometheus


class OfPrometheus:
    """The rules of a Prometheus."""

    name = "Prometheus"

    def __init__(self, prometheus: Prometheus, *, evaluates_alerts: bool) -> None:
        """Without `evaluates_alerts` it only records, because Grafana evaluates the alerts."""
        self.url = prometheus.url
        self._prometheus = prometheus
        self._evaluates_alerts = evaluates_alerts

    def reload(self) -> None:
        """Let it read its files again."""
        self._prometheus.reload()

    def loaded(self, resources: Sequence[Resource]) -> str:
        """How many groups it has."""
        return counted(len(self._groups(resources)), "rule group")

    def differences(self, resources: Sequence[Resource]) -> Iterator[str]:
        """Groups that are missing, and rules that differ. Of scrape jobs, which are not resources,
        gk asks only whether Prometheus took its files."""
        if not self._prometheus.uses_newest_files():
            yield "its last reload failed, so it keeps the configuration from before"
        running = {group["name"]: group for group in self._prometheus.rule_groups()}
        for resource in self._groups(resources):
            group = running.get(resource.title)
            if group is None:
                yield f"rule group '{resource.title}' is not loaded"
            else:
                yield from _in_group(resource, group)

    def _groups(self, resources: Sequence[Resource]) -> list[Resource]:
        groups = _of_kind(resources, Kind.PROMETHEUS_GROUP)
        if self._evaluates_alerts:
            return groups
        return [
            group for group in groups if not any("alert" in rule for rule in group.body["rules"])
        ]


def _in_group(resource: Resource, group: Mapping[str, Any]) -> Iterator[str]:
    wanted = [_wanted(rule) for rule in resource.body["rules"]]
    running = [_running(rule) for rule in group["rules"]]
    if wanted == running:
        return
    names = [rule["name"] for rule in wanted if rule not in running]
    names += [rule["name"] for rule in running if rule not in wanted]
    for name in dict.fromkeys(names):
        yield f"rule group '{resource.title}': rule '{name}' differs"
    if not names:
        yield f"rule group '{resource.title}': its rules are in another order"


def _wanted(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rule.get("alert") or rule["record"],
        "query": _printed(rule["expr"]),
        "for": (milliseconds(rule.get("for", "0s")) or 0) / 1000,
        "labels": rule.get("labels", {}),
        "annotations": rule.get("annotations", {}),
    }


def _running(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rule["name"],
        "query": _printed(rule["query"]),
        "for": float(rule.get("duration", 0)),
        "labels": rule.get("labels") or {},
        "annotations": rule.get("annotations") or {},
    }


_BRACES = re.compile(r'\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\}')
_MATCHER = re.compile(r'[^,"]+"(?:[^"\\]|\\.)*"')


def _printed(expr: str) -> str:
    """A query as one parser prints it, with sorted matchers: Prometheus answers with what it
    parsed, and Prometheus 3 sorts them."""
    return _BRACES.sub(lambda braces: str(sorted(_MATCHER.findall(braces[1]))), str(parse(expr)))


# Alertmanager


class OfAlertmanager:
    """The configuration of an Alertmanager."""

    name = "Alertmanager"

    def __init__(self, alertmanager: Alertmanager) -> None:
        self.url = alertmanager.url
        self._alertmanager = alertmanager

    def reload(self) -> None:
        """Let it read its files again."""
        self._alertmanager.reload()

    def loaded(self, resources: Sequence[Resource]) -> str:
        """How many receivers it has."""
        (resource,) = _of_kind(resources, Kind.ALERTMANAGER)
        return counted(len(resource.body["config"]["receivers"]), "receiver")

    def differences(self, resources: Sequence[Resource]) -> Iterator[str]:
        """Settings that differ. Alertmanager does not answer with its templates."""
        running = self._alertmanager.config()
        for resource in _of_kind(resources, Kind.ALERTMANAGER):
            yield from _in_config(resource.body["config"], running, "")


def _in_config(wanted: Any, running: Any, where: str) -> Iterator[str]:
    """How the running configuration differs: it has defaults besides, and hides its secrets."""
    if isinstance(wanted, Mapping) and isinstance(running, Mapping):
        for key, value in wanted.items():
            yield from _in_config(value, running.get(key), f"{where}.{key}" if where else key)
    elif isinstance(wanted, list) and isinstance(running, list) and len(wanted) == len(running):
        for index, (one, other) in enumerate(zip(wanted, running, strict=True)):
            yield from _in_config(one, other, f"{where}[{index}]")
    elif not _is_same(wanted, running):
        yield f"{where} differs"


def _is_same(wanted: Any, running: Any) -> bool:
    # Alertmanager leaves out what is empty, and spells durations its own way.
    if running in (wanted, SECRET) or not (wanted or running):
        return True
    if isinstance(wanted, str) and isinstance(running, str):
        length = milliseconds(wanted)
        return length is not None and length == milliseconds(running)
    return False


# Grafana


class OfGrafana:
    """What a Grafana provisions from files."""

    name = "Grafana"

    def __init__(self, grafana: Grafana, *, evaluates_alerts: bool) -> None:
        self.url = grafana.client.connection.url
        self._grafana = grafana
        kinds = [Kind.DATASOURCE, Kind.DASHBOARD]
        self._kinds = (*kinds, Kind.RULE_GROUP) if evaluates_alerts else (*kinds,)

    def reload(self) -> None:
        """Let it read its files again."""
        try:
            # In the order in which the later ones need the earlier ones.
            for what in ("datasources", "dashboards", "alerting"):
                self._grafana.provision(what)
        except DeniedError as error:
            message = f"Grafana {self.url}: {error}; only a server administrator may reload it"
            raise GkError(message) from error
        except GrafanaError as error:
            raise GkError(f"Grafana {self.url}: {error}") from error

    def loaded(self, resources: Sequence[Resource]) -> str:
        """How many objects it has, of each kind."""
        counts = [(kind, len(_of_kind(resources, kind))) for kind in self._kinds]
        return ", ".join(counted(number, kind.value) for kind, number in counts if number)

    def differences(self, resources: Sequence[Resource]) -> Iterator[str]:
        """Objects that are missing, or differ."""
        for resource in _of_kind(resources, *self._kinds):
            live = self._grafana.read(*resource.key)
            wanted = desired_parts(resource)
            if live is None:
                yield f"{resource.kind.value} '{resource.title}' is not loaded"
                continue
            parts = referring(live.parts, wanted)
            # Grafana writes 1.0 as 1: equal in Python, and a difference of two documents.
            unequal = [
                name for name in sorted({*parts, *wanted}) if parts.get(name) != wanted.get(name)
            ]
            for name in unequal:
                for one in differences(parts.get(name), wanted.get(name))[:1]:
                    where = ": ".join(filter(None, (name, one.path)))
                    yield f"{resource.kind.value} '{resource.title}': {where} differs"
