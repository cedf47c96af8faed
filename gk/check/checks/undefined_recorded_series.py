"""A query reads a recorded series that no rule of the project records.

Problem: the panel is empty, or the alert silent. Often the rule was renamed, or the name has a
typo.

    recording_rule("job:errors:rate5m", ...)
    alert("ErrorsHigh", "job:error:rate5m > 1")

Instead: use the name that the rule has, or record the series.

A name with a colon is that of a recorded series. It is reported only if the project records a
series with nearly the same name. Others may be recorded elsewhere; `gk check --live` asks
Prometheus.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["undefined_recorded_series"]

# As in level:metric:operations.
_PARTS = 3
# A slip is a letter or two; `windows_node_num_cpu` is another metric than `node_num_cpu`.
_NEAR = 0.88
_NEAR_OPERATIONS = 0.75


@check(Severity.WARNING, peers=("pint: rule/dependency",))
def undefined_recorded_series(expression: Expression) -> Iterator[str]:
    """Look for the rules of names with colons."""
    records = expression.project.records if ":" in expression.text else {}
    if not records:
        return
    names = {selector.name or "" for selector in expression.selectors}
    for name in sorted(name for name in names - records.keys() if ":" in name):
        if near := _near(records, name):
            yield f"no rule records {name}; did you mean {near}?"


def _near(records: Iterable[str], name: str) -> str:
    """The recorded series that is most like it: with the same level, or the same metric."""
    parts = name.split(":")
    alike = [
        record
        for record in records
        if len(own := record.split(":")) == len(parts) == _PARTS
        and sum(part == wanted for part, wanted in zip(own, parts, strict=True)) == _PARTS - 1
    ]
    of_one_metric = [record for record in alike if record.split(":")[:-1] == parts[:-1]]
    near = difflib.get_close_matches(name, of_one_metric, n=1, cutoff=_NEAR_OPERATIONS)
    near += difflib.get_close_matches(name, alike, n=1, cutoff=_NEAR)
    return near[0] if near else ""
