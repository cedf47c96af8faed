"""An alert does not wait, and looks back over a short time only, so it may flap.

Problem: one busy minute fires it, and the next one resolves it; each is a notification.

    alert("Errors", "rate(errors_total[1m]) > 10")

Instead: wait, look back further, or keep it firing for a while.

    alert("Errors", "rate(errors_total[5m]) > 10", for_="5m", keep_firing_for="10m")

An alert that looks back over `least` or more is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.parts.windows import windows_of
from gk.check.subjects import Rule
from gk.documents.durations import milliseconds, spelled
from gk.promql.syntax import within

__all__ = ["flapping_alert"]

_SHORT = frozenset({"rate", "irate", "deriv", "idelta", "delta", "avg_over_time"})


@check(Severity.INFO)
def flapping_alert(rule: Rule, *, least: str = "5m") -> Iterator[str]:
    """Look at the windows of an alert without any wait."""
    if not rule.is_alert or rule.for_ or rule.keep_firing_for:
        return
    tree = tree_of(rule)
    windows = list(windows_of(within(tree))) if tree else []
    longest = max((window.milliseconds for window in windows), default=0)
    is_short = longest < (milliseconds(least) or 0)
    if windows and is_short and all(window.function in _SHORT for window in windows):
        yield (
            f"fires at once, on what happened within {spelled(longest)}; wait with for_=, or "
            "look back further"
        )
