"""The summary of an alert differs from series to series.

Problem: a receiver that groups alerts by their summaries cannot do so.

    alert(..., summary="{{ $labels.node }} is full")

Instead: keep the summary general, and name the values in the description.

    alert(..., summary="A node is full", description="{{ $labels.node }} is full")

gk's own alerts name the values in the summary, because a list of alerts shows only that. So this is
a rule for teams that decide otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["summary_with_values"]


@check(Severity.INFO, peers=("mixtool: alert-summary-templating",), is_policy=True)
def summary_with_values(rule: Rule) -> Iterator[str]:
    """Look for an action of the template."""
    if rule.is_alert and "{{" in str(rule.annotations.get("summary", "")):
        yield "the summary has values; name them in the description"
