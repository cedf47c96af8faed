"""An alert lacks an annotation that the team requires.

Problem: those who read the notifications, or the systems that do, expect it.

    alert("ApiErrors", errors > 0.1, summary="The API fails")

Instead: add it.

    alert(..., annotations={"owner": "shop", "ticket_url": "https://tickets.example.com/1"})

gk.yaml lists the annotations, each as a name, or as `name=pattern` for its value.

    check:
      checks:
        required-annotations: {severity: warning, names: [owner, "ticket_url=https://.+"]}
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.parts.patterns import lacking
from gk.check.subjects import Rule

__all__ = ["required_annotations"]


@check(Severity.WARNING, peers=("pint: alerts/annotation",), is_policy=True)
def required_annotations(rule: Rule, *, names: tuple[str, ...] = ()) -> Iterator[str]:
    """Look for each of them."""
    if rule.is_alert:
        yield from lacking("annotation", rule.annotations, names)
