"""Warnings about rules: those that an engine cannot have, and those that only newer versions of
Grafana load."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gk.documents.names import rule_name
from gk.forms.plurals import counted
from gk.promql.syntax import is_label
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["warnings"]


def warnings(resources: Sequence[Resource], settings: Settings) -> Iterator[str]:
    """Warnings about the rules in the files of a build."""
    if settings.has_prometheus and settings.alerts != "grafana":
        yield from _only_in_grafana(resources)
    if settings.has_prometheus:
        yield from _names(resources)
        yield from _links(resources, settings)
    if settings.has_grafana:
        yield from _of_one_name(resources)
    if settings.has_grafana and not settings.has_prometheus:
        yield from _not_recorded(resources)
    if settings.alerts == "prometheus" and not settings.has_prometheus:
        yield from _not_evaluated(resources)


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
        alerts = [
            rule_name(rule["title"], rule.get("labels", {}).get("severity", ""))
            for rule in resource.body["rules"]
            if "record" not in rule
        ]
        if missing := [f"'{name}'" for name in alerts if name not in there]:
            yield (
                f"rule group '{resource.title}': Prometheus's rule files leave out "
                f"{', '.join(missing)}, which only Grafana can evaluate"
            )


# Prometheus 3 and later take any text for a name.
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


def _links(resources: Sequence[Resource], settings: Settings) -> Iterator[str]:
    """Links of Prometheus's alerts that a mail or a chat cannot follow."""
    alerts = [
        rule
        for resource in resources
        if resource.kind is Kind.PROMETHEUS_GROUP
        for rule in resource.body["rules"]
        if "alert" in rule
    ]
    texts = [rule.get("annotations", {}) for rule in alerts]
    to_panels = sum(text.get("dashboard_url", "").startswith("/d/") for text in texts)
    if to_panels and not settings.grafana_url:
        yield (
            f"{counted(to_panels, 'alert')} of Prometheus: dashboard_url is a path, which a mail "
            "cannot follow; set links.grafana in gk.yaml to the URL of Grafana"
        )
    to_runbooks = sum("runbook_url" in text for text in texts)
    if to_runbooks and settings.runbooks and "://" not in settings.runbooks:
        yield (
            f"{counted(to_runbooks, 'alert')} of Prometheus: runbook_url is a path, which a mail "
            "cannot follow; set links.runbooks in gk.yaml to a URL"
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


def _not_evaluated(resources: Sequence[Resource]) -> Iterator[str]:
    for resource in resources:
        if resource.kind is Kind.PROMETHEUS_GROUP:
            yield (
                f"rule group '{resource.title}': nothing evaluates it, because gk.yaml has "
                "`alerts: prometheus` and build.formats has no format for Prometheus; add it, or "
                "remove that setting"
            )
