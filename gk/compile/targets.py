"""What the versions of Grafana that gk.yaml names cannot do with a project's alerts.

Dashboards ask their targets where they are compiled. Without versions in gk.yaml, nothing is said:
docs/targets.md has the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gk.compile.context import Compilation
from gk.documents.parts import dicts
from gk.resource import Kind, Resource
from gk.settings.targets import Version

__all__ = ["check_targets"]


class _Need(NamedTuple):
    """What Grafana has since a version, and what an earlier one does with it."""

    since: Version
    otherwise: str
    is_mistake: bool = False


# pkg/services/ngalert/api/tooling/definitions of each version.
_OF_RULES: Mapping[str, _Need] = {
    "keep_firing_for": _Need(Version(12, 0), "ignores it"),
    "notification_settings": _Need(Version(10, 4), "ignores them in a file"),
    "record": _Need(Version(11, 2), "does not start with the file", is_mistake=True),
}
_ACTIVE = "active_time_intervals"
_ACTIVE_TIMINGS = _Need(Version(12, 1), "ignores them")


def check_targets(context: Compilation) -> None:
    """Note what a version in gk.yaml lacks: a mistake if Grafana would not start, else a
    warning."""
    if not context.settings.targets.given or not context.builds_grafana:
        return
    for resource in list(context.resources):
        for what, need in _needs(resource):
            older = context.settings.targets.lacking(need.since)
            if older and need.is_mistake:
                context.wrong(
                    resource.source,
                    f"{what}, which needs Grafana {need.since}: {older} {need.otherwise}; leave it "
                    "out, or change grafana in gk.yaml",
                )
            elif older:
                context.project.warnings.append(
                    f"{resource.source}: {what}, which needs Grafana {need.since}: {older} "
                    f"{need.otherwise}"
                )


def _needs(resource: Resource) -> Iterator[tuple[str, _Need]]:
    if resource.kind is Kind.RULE_GROUP:
        for rule in resource.body["rules"]:
            yield from _of_rule(rule)
    elif resource.kind is Kind.NOTIFICATION_POLICY and _has_active(resource.body):
        yield "the notification policy has active_timings", _ACTIVE_TIMINGS


def _of_rule(rule: Mapping[str, Any]) -> Iterator[tuple[str, _Need]]:
    who = f"rule '{rule.get('title', '')}'"
    for key, need in _OF_RULES.items():
        if key in rule:
            yield f"{who} has {'to=' if key == 'record' else key}", need
    if _ACTIVE in (rule.get("notification_settings") or {}):
        yield f"{who} has active_timings", _ACTIVE_TIMINGS


def _has_active(route: Any) -> bool:
    return bool(route.get(_ACTIVE)) or any(map(_has_active, dicts(route, "routes")))
