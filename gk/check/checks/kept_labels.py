"""A rule drops a label that this project keeps everywhere.

Problem: without `job`, a recorded series cannot be joined with others, and an alert cannot be
routed to those who own it.

    sum(rate(http_requests_total[5m]))

Instead: keep it.

    sum by (job) (rate(http_requests_total[5m]))

A policy: `labels` has the labels that the result of each rule keeps, `job` by default; `rules` is
a pattern of the names of rules, such as `cluster:*`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from gk.check.expressions.labels import labels_of
from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["kept_labels"]


@check(Severity.WARNING, peers=("pint: promql/aggregate",), is_policy=True)
def kept_labels(
    query: Query, *, labels: tuple[str, ...] = ("job",), rules: str = "*"
) -> Iterator[str]:
    """Compare the labels that the expression leaves."""
    if query.rule is None or not fnmatch.fnmatchcase(query.rule.name, rules):
        return
    tree = query.expression.tree
    known = labels_of(tree) if tree else None
    for label in labels if known is not None else ():
        if known is not None and label not in known and label not in query.rule.labels:
            yield f"drops the label '{label}'; keep it in each by (...)"
