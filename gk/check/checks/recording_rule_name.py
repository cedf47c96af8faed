"""The name of a recorded series has no colon, so it does not say what the series is.

Problem: the name does not show that the series is recorded, from what, and by which labels.

    recording_rule("cpu_usage", "sum by (job) (rate(cpu_seconds_total[5m]))")

Instead: name it `level:metric:operations`, as Prometheus recommends: the labels of the result, the
metric, and what was done with it, the newest first.

    recording_rule("job:cpu_seconds:rate5m", ...)

https://prometheus.io/docs/practices/rules/ The check asks for a colon only, which the names of
other metrics do not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["recording_rule_name"]


@check(Severity.INFO)
def recording_rule_name(rule: Rule) -> Iterator[str]:
    """Look for a colon."""
    if not rule.is_alert and ":" not in rule.name:
        yield "the name has no colon; name it level:metric:operations, such as job:errors:rate5m"
