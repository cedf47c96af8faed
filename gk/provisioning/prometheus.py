"""Resources to Prometheus's rule files, one a group.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gk.compile.context import slug
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource

__all__ = ["rule_files", "rule_groups"]


def rule_groups(resources: Iterable[Resource]) -> dict[str, dict[str, Any]]:
    """Groups by the name of their file, without a suffix."""
    return {slug(each.uid): each.body for each in resources if each.kind is Kind.PROMETHEUS_GROUP}


def rule_files(resources: Iterable[Resource]) -> dict[str, bytes]:
    """Rule files by name."""
    return {f"{name}.yaml": yaml_text({"groups": [group]}) for name, group in rule_groups(resources).items()}
