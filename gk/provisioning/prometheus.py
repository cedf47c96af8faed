"""Resources to Prometheus rule files, one per group, and to objects of the Prometheus operator.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gk.documents.names import slug
from gk.provisioning.objects import Manifest, metadata_of, name_of
from gk.provisioning.outputs import Given, Made
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["only_records", "output", "prometheus_rule", "rule_files", "rule_groups"]


def output(given: Given) -> Made:
    """The folder prometheus/rules/, with a rule file for each group."""
    return Made(
        {f"prometheus/rules/{name}": text for name, text in rule_files(given.resources).items()}
    )


def rule_groups(resources: Iterable[Resource]) -> dict[str, dict[str, Any]]:
    """Groups by the name of their file, without its suffix."""
    groups = {
        resource.uid: resource.body
        for resource in resources
        if resource.kind is Kind.PROMETHEUS_GROUP
    }
    shared = Counter(map(slug, groups))
    return {_file_name(name, alone=shared[slug(name)] == 1): body for name, body in groups.items()}


def _file_name(group: str, *, alone: bool) -> str:
    plain = slug(group)
    # "Node rules" and "node-rules" are two groups.
    return (
        plain
        if alone or plain == group
        else f"{plain}-{hashlib.sha256(group.encode()).hexdigest()[:8]}"
    )


def rule_files(resources: Iterable[Resource]) -> dict[str, bytes]:
    """Rule files by name."""
    return {
        f"{name}.yaml": yaml_text({"groups": [group]})
        for name, group in rule_groups(resources).items()
    }


def prometheus_rule(settings: Settings, name: str, group: Mapping[str, Any]) -> Manifest:
    """A group as an object that the Prometheus operator reads."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata_of(settings, name_of(settings, name)),
        "spec": {"groups": [group]},
    }


def only_records(group: Mapping[str, Any]) -> bool:
    """Whether a group has no alert, so that Prometheus needs it also where Grafana evaluates
    them."""
    return not any("alert" in rule for rule in group["rules"])
