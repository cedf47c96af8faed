"""The description of an alert is the same for every series.

Problem: it does not say which node it is about, nor how bad it is.

    alert(..., description="A file system is almost full.")

Instead: name the labels and the value.

    alert(..., description="{{ $labels.mountpoint }} is {{ $value | humanizePercentage }} full.")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["description_without_values"]


@check(Severity.INFO, peers=("mixtool: alert-description-templating",), is_policy=True)
def description_without_values(rule: Rule) -> Iterator[str]:
    """Look for an action of the template."""
    description = str(rule.annotations.get("description", ""))
    if rule.is_alert and description and "{{" not in description:
        yield "the description has no value; name {{ $labels... }} or {{ $value }}"
