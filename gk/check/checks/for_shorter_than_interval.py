"""An alert waits for less than the interval of its group.

Problem: the condition is evaluated once per interval. An alert that has to wait can fire at the
next evaluation at the earliest, which is later than `for_` says.

    alert_group("backups", [alert("Late", age > 3600, for_="1m")], interval="5m")

Instead: say how long it waits, or evaluate the group more often.

    alert_group("backups", [alert("Late", age > 3600, for_="5m")], interval="5m")

The same holds for `keep_firing_for`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule
from gk.documents.durations import spelled

__all__ = ["for_shorter_than_interval"]


@check(Severity.WARNING, peers=("pint: alerts/for",))
def for_shorter_than_interval(rule: Rule) -> Iterator[str]:
    """Compare both durations with the interval."""
    interval = rule.group.interval
    if not rule.is_alert or not interval:
        return
    for name, duration, does in (
        ("for_", rule.for_, "waits"),
        ("keep_firing_for", rule.keep_firing_for, "keeps firing"),
    ):
        if 0 < duration < interval:
            every = spelled(interval)
            yield (
                f"{name} is {spelled(duration)}, but the group is evaluated every {every}, so it "
                f"{does} for {every}; write that, or shorten the interval"
            )
