"""label_replace() changes nothing.

Problem: it reads a label that the expression has dropped, or it uses a group that its regular
expression does not have, so the new label stays empty.

    label_replace(sum by (job) (up), "host", "$1", "instance", "(.*):.*")
    label_replace(up, "host", "$1", "instance", ".*:.*")

Instead: keep the label, and name a group.

    label_replace(sum by (job, instance) (up), "host", "$1", "instance", "(.*):.*")

https://prometheus.io/docs/prometheus/latest/querying/functions/#label_replace
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import Call, StringLiteral

from gk.check.expressions.labels import labels_of
from gk.check.expressions.trees import calls
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["label_replace_without_effect"]

_GROUP = re.compile(r"\$(?:\{(\d+)\}|(\d+))")


@check(Severity.WARNING)
def label_replace_without_effect(expression: Expression) -> Iterator[str]:
    """Look at the arguments of each label_replace()."""
    if "label_replace" not in expression.text:
        return
    for call in calls(expression.nodes, {"label_replace"}):
        texts = [argument.val for argument in call.args[1:] if isinstance(argument, StringLiteral)]
        if len(texts) == 4:
            yield from _of(call, *texts)


def _of(call: Call, target: str, replacement: str, source: str, pattern: str) -> Iterator[str]:
    known = labels_of(call.args[0])
    if known is not None and source and source not in known and not _matches_empty(pattern):
        yield f"label_replace() reads '{source}', which its expression drops; keep it there"
        return
    groups = _groups(pattern)
    used = [int(match[1] or match[2]) for match in _GROUP.finditer(replacement)]
    if groups is not None and used and max(used) > groups:
        yield (
            f"label_replace() uses ${max(used)}, and its pattern has {groups} groups; "
            "put the part to take in parentheses"
        )


def _matches_empty(pattern: str) -> bool:
    """Whether a missing label matches, or may: then label_replace() sets the new label."""
    try:
        return re.fullmatch(pattern, "") is not None
    except re.error:
        # RE2, which Prometheus uses, knows more than Python.
        return True


def _groups(pattern: str) -> int | None:
    # A `$` that does not end the pattern begins a variable of Grafana, which may bring groups.
    if "$" in pattern.rstrip("$"):
        return None
    try:
        return re.compile(pattern).groups
    except re.error:
        return None
