"""An alert has no description.

Problem: the summary says what is wrong; whoever is woken by it wants to know since when, how bad it
is, and what it means for users.

    alert("ApiErrors", errors > 0.1, summary="The API fails")

Instead: say it, with numbers.

    alert(..., description="{{ $value | humanizePercentage }} of the requests fail.")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["alert_without_description"]


@check(Severity.INFO, peers=("mixtool: alert-description-missing-rule",))
def alert_without_description(
    rule: Rule, *, annotations: tuple[str, ...] = ("description", "message")
) -> Iterator[str]:
    """Look for the annotation; `message` was its name in the first mixins."""
    if rule.is_alert and not any(rule.annotations.get(name) for name in annotations):
        yield "has no description; say since when, how bad, and what it means"
