"""An alert waits for less, or for longer, than the team wants.

Problem: an alert without `for_` fires at the first bad sample; one that waits for hours comes too
late.

    alert("ApiErrors", errors > 0.1)

Instead: wait for as long as gk.yaml allows.

    alert("ApiErrors", errors > 0.1, for_="5m")

gk.yaml has the bounds; `least_firing` and `most_firing` are those of `keep_firing_for`. An empty
bound is not checked.

    check:
      checks:
        for-out-of-range: {severity: warning, least: 2m, most: 4h}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule
from gk.documents.durations import milliseconds, spelled

__all__ = ["for_out_of_range"]


@check(Severity.WARNING, peers=("pint: rule/for",), is_policy=True)
def for_out_of_range(
    rule: Rule,
    *,
    least: str = "",
    most: str = "",
    least_firing: str = "",
    most_firing: str = "",
) -> Iterator[str]:
    """Compare both durations with their bounds."""
    if rule.is_alert:
        yield from _compared("for_", rule.for_, least, most)
        yield from _compared("keep_firing_for", rule.keep_firing_for, least_firing, most_firing)


def _compared(name: str, duration: int, least: str, most: str) -> Iterator[str]:
    bounds = {bound: milliseconds(bound) for bound in (least, most) if bound}
    for bound, length in bounds.items():
        if length is None:
            yield f"'{bound}' in gk.yaml is not a duration; write one such as 5m"
        elif bound == least and duration < length:
            yield f"{name} is {spelled(duration)}; gk.yaml requires at least {least}"
        elif bound == most and duration > length:
            yield f"{name} is {spelled(duration)}; gk.yaml allows at most {most}"
