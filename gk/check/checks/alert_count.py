"""An alert would have fired too often in the last day.

Problem: people stop reading an alert that fires many times a day.

    alert("CPUBusy", cpu_busy > 0.7, for_="1m")

Instead: choose a threshold and a duration that only trouble reaches.

    alert("CPUBusy", cpu_busy > 0.9, for_="30m")

With `--live`, gk evaluates the alert over the last `hours` hours, in steps of its group's interval,
and counts how often it would have begun to fire, with its `for` and `keep_firing_for`. It reports
more than `most` times. This is expensive, so it is off until gk.yaml gives it a severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gk.check.live.model import Asked
from gk.check.model import Severity, check
from gk.forms.plurals import counted

__all__ = ["alert_count"]

# Prometheus refuses a range query of more than 11,000 points.
_MOST_POINTS = 10_000
# Seconds: Prometheus's own default (evaluation_interval).
_DEFAULT_INTERVAL = 60.0


@check(Severity.INFO, peers=("pint: alerts/count",), is_policy=True)
def alert_count(asked: Asked, *, most: int = 10, hours: int = 24) -> Iterator[str]:
    """Evaluate the alert over the last hours."""
    rule = asked.query.rule
    if rule is None or not rule.is_alert or rule.is_grafanas:
        return
    length = hours * 3600.0
    step = max((rule.group.interval or 0) / 1000 or _DEFAULT_INTERVAL, length / _MOST_POINTS)
    times = asked.times(length, step)
    count = _firings(times, step, rule.for_ / 1000, rule.keep_firing_for / 1000)
    if count > most:
        yield (
            f"would have fired {counted(count, 'time')} in the last {hours} h (at most {most}); "
            "raise the threshold, or wait longer"
        )


def _firings(times: Sequence[float], step: float, wait: float, keep: float) -> int:
    """How often a condition that holds at these times makes an alert fire: it holds for `wait`, and
    is over after `keep`."""
    count = 0
    start = last = fired = -1.0
    for time in times:
        # A gap: the condition did not hold in between.
        if start < 0 or time - last > step * 1.5:
            is_over = fired < 0 or time - last > keep
            start, fired = time, -1.0 if is_over else fired
        if fired < 0 and time - start >= wait:
            fired, count = time, count + 1
        last = time
    return count
