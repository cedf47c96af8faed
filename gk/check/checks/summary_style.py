"""The summary of an alert is not written as the team writes them.

Problem: summaries that many people write look alike only if there is a rule.

    alert(..., summary="node is full")

Instead: begin with a capital, and end with a full stop, or, with `full_stop: false`, without one.

    alert(..., summary="Node is full.")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["summary_style"]


@check(Severity.INFO, peers=("mixtool: alert-summary-style",), is_policy=True)
def summary_style(rule: Rule, *, full_stop: bool = True) -> Iterator[str]:
    """Look at the first and the last letter."""
    summary = str(rule.annotations.get("summary", "")).strip()
    if not rule.is_alert or not summary:
        return
    # A value, such as the name of a host, may begin with any letter.
    if summary[0].islower():
        yield f"the summary begins with '{summary[0]}'; begin with a capital"
    if full_stop is not summary.endswith("."):
        wrong = "has no full stop; add it" if full_stop else "has a full stop; remove it"
        yield f"the summary {wrong}"
