"""A rule reads a recorded series before the current value is there.

Problem: the rules of a group are evaluated in their order, all for the same time. A rule that reads
what a later one records gets the value of the previous evaluation.

    alert_group("api", [
        alert("ErrorsHigh", "job:errors:rate5m > 1"),
        recording_rule("job:errors:rate5m", ...),
    ])

An alert whose `for` is shorter than the interval of the group that records the series fires on a
single value.

Instead: put the recording rule before the rules that read it; wait for at least two values.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Group, Rule
from gk.documents.durations import spelled

__all__ = ["late_recorded_series"]


@check(Severity.INFO, peers=("pint: rule/dependency",))
def late_recorded_series(group: Group) -> Iterator[Found]:
    """Compare the places of the rules that record with those that read."""
    places: dict[str, int] = {}
    for index, rule in enumerate(group.rules):
        if not rule.is_alert:
            # With several of a name, the first is enough.
            places.setdefault(rule.name, index)
    for index, rule in enumerate(group.rules):
        for name in sorted(_read(rule)):
            if places.get(name, -1) > index:
                yield rule.found(
                    f"reads {name}, which a later rule records; move that rule before this one"
                )
            elif name not in places and (interval := _too_rare(rule, name)):
                yield rule.found(
                    f"waits for {spelled(rule.for_)}, and {name} is recorded every "
                    f"{spelled(interval)}; wait for at least two of its values",
                )


def _read(rule: Rule) -> set[str]:
    """The recorded series that a rule reads."""
    return {
        selector.name
        for query in rule.queries
        if ":" in query.promql.expr
        for selector in query.expression.selectors
        if selector.name and ":" in selector.name
    }


def _too_rare(rule: Rule, name: str) -> int:
    """The interval at which another group records a series, if an alert waits for less."""
    records = rule.project.records.get(name, [])
    interval = min((record.group.interval or 0 for record in records), default=0)
    return interval if rule.is_alert and 0 < rule.for_ < interval else 0
