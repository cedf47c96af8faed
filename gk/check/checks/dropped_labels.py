"""A recording rule keeps a label that this project drops.

Problem: one recorded series for each instance is as many series as before, and federation copies
all of them.

    record: cluster:http_requests:rate5m
    expr: sum by (job, instance) (rate(http_requests_total[5m]))

Instead: aggregate the label away.

    expr: sum by (job) (rate(http_requests_total[5m]))

A policy: `labels` has the labels that no recorded series may have, `instance` by default; `rules`
is a pattern of the names of rules, such as `cluster:*`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from gk.check.expressions.labels import labels_of
from gk.check.model import Severity, check
from gk.check.subjects import Query

__all__ = ["dropped_labels"]


@check(Severity.WARNING, peers=("pint: promql/aggregate",), is_policy=True)
def dropped_labels(
    query: Query, *, labels: tuple[str, ...] = ("instance",), rules: str = "*"
) -> Iterator[str]:
    """Compare the labels that the expression leaves."""
    rule = query.rule
    if rule is None or rule.is_alert or not fnmatch.fnmatchcase(rule.name, rules):
        return
    tree = query.expression.tree
    if tree is None:
        return
    known = labels_of(tree)
    for label in labels:
        if known is None:
            yield f"may keep the label '{label}'; aggregate by the labels that remain"
        elif label in known:
            yield f"keeps the label '{label}'; remove it from by (...)"
