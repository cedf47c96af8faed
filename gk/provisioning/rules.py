"""Warnings about rules: those that an engine cannot have, and those that only newer versions of
Grafana load."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gk.promql.syntax import is_label
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["warnings"]


def warnings(resources: Sequence[Resource], settings: Settings) -> Iterator[str]:
    """Warnings about the rules in the files of a build."""
    if settings.has_prometheus:
        yield from _only_in_grafana(resources)
        yield from _names(resources)
    if settings.has_grafana:
        yield from _of_one_name(resources)
    if settings.has_grafana and not settings.has_prometheus:
        yield from _not_recorded(resources)


def _only_in_grafana(resources: Sequence[Resource]) -> Iterator[str]:
    prometheus = {
        (resource.source, resource.title): {rule.get("alert") for rule in resource.body["rules"]}
        for resource in resources
        if resource.kind is Kind.PROMETHEUS_GROUP
    }
    for resource in resources:
        if resource.kind is not Kind.RULE_GROUP:
            continue
        there = prometheus.get((resource.source, resource.title), set())
        alerts = [rule["title"] for rule in resource.body["rules"] if "record" not in rule]
        if missing := [f"'{name}'" for name in alerts if name not in there]:
            yield (
                f"rule group '{resource.title}': Prometheus's rule files leave out "
                f"{', '.join(missing)}, which only Grafana can evaluate"
            )


_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def _names(resources: Sequence[Resource]) -> Iterator[str]:
    for resource in resources:
        if resource.kind is not Kind.PROMETHEUS_GROUP:
            continue
        rules = resource.body["rules"]
        records = {rule["record"] for rule in rules if "record" in rule}
        keys = ("labels", "annotations")
        labels = {name for rule in rules for key in keys for name in rule.get(key, ())}
        newer = [name for name in records if not _METRIC.fullmatch(name)]
        newer += [name for name in labels if not is_label(name)]
        if newer:
            listed = ", ".join(f"'{name}'" for name in sorted(newer))
            yield (
                f"rule group '{resource.title}': Prometheus before 3 does not load its file, "
                f"because of the names {listed}"
            )


def _of_one_name(resources: Sequence[Resource]) -> Iterator[str]:
    names: dict[tuple[str, str], int] = defaultdict(int)
    for resource in resources:
        if resource.kind is Kind.RULE_GROUP:
            for rule in resource.body["rules"]:
                names[resource.folder, rule["title"]] += 1
    for (folder, name), number in names.items():
        if number > 1:
            yield (
                f"folder '{folder}' has {number} rules '{name}': Grafana before 12 does not start "
                "with them; rename one, or move one to another folder"
            )


def _not_recorded(resources: Sequence[Resource]) -> Iterator[str]:
    for resource in resources:
        if resource.kind is not Kind.PROMETHEUS_GROUP:
            continue
        records = [f"'{rule['record']}'" for rule in resource.body["rules"] if "record" in rule]
        if records:
            yield (
                f"rule group '{resource.title}': nothing records {', '.join(records)}, because "
                "build.formats has no format for Prometheus; add it, or let Grafana record with to="
            )
