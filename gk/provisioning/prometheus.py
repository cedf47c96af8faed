"""Resources to Prometheus rule files, one per group.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gk.documents.names import slug
from gk.provisioning.outputs import Given, Made
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource

__all__ = ["output", "rule_files", "rule_groups"]


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
