"""The summary of an alert is longer than a line.

Problem: lists and the subjects of mails cut it off, often before the part that matters.

    alert(..., summary="The API of the shop has been answering one in ten requests of ...")

Instead: say in a line what is wrong, and the rest in the description.

    alert(..., summary="The API fails {{ $value | humanizePercentage }} of its requests")

Templates in the summary are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["summary_too_long"]

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@check(Severity.INFO)
def summary_too_long(rule: Rule, *, most: int = 120) -> Iterator[str]:
    """Count the characters between the values, and the lines."""
    summary = _ACTION.sub("", str(rule.annotations.get("summary", ""))).strip()
    if not rule.is_alert:
        return
    if "\n" in summary:
        yield "the summary has several lines; say the rest in the description"
    elif len(summary) > most:
        yield (
            f"the summary has {len(summary)} characters, more than {most}; "
            "say the rest in the description"
        )
