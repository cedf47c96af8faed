"""A rule sets a label that the result of its query already has.

Problem: the label of the rule wins, so the value from the query is lost.

    alert("DiskSlow", "max by (node, severity) (disk_wait_seconds) > 1", severity="warning")

Instead: give it another name, or leave it out of the query.

    alert("DiskSlow", "max by (node) (disk_wait_seconds) > 1", severity="warning")

Only labels that the query names are known. A template that reads the same label is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.expressions.labels import labels_of
from gk.check.model import Severity, check
from gk.check.parts.conditions import tree_of
from gk.check.subjects import Rule

__all__ = ["label_conflict"]


@check(Severity.INFO, peers=("pint: labels/conflict",))
def label_conflict(rule: Rule) -> Iterator[str]:
    """Compare the rule's labels with those that the query leaves."""
    tree = tree_of(rule) if rule.labels else None
    known = (labels_of(tree) if tree else None) or frozenset()
    for name, text in rule.labels.items():
        if name in known and f"$labels.{name}" not in str(text):
            yield f"label {name} replaces the one of the query; rename it, or drop it in the query"
