"""A text of an alert runs a query of its own.

Problem: Prometheus expands the texts of an alert at every evaluation, for every series that fires.
So the query loads the server just when there is trouble. Grafana's templates have no `query`.

    description="{{ with query `sum(kube_pod_info)` }}{{ . | first | value }} pods{{ end }}"

Instead: let the alert's own query return what the text needs, or link to a panel that shows it.

A query that reads no series, such as `time()`, is not reported: gk's links to panels have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule
from gk.promql.syntax import parsed, selectors

__all__ = ["query_in_text"]

_QUERY = re.compile(
    r"""\{\{(?:(?!\}\}).)*?\bquery\b(?:\s+(?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`))?""", re.DOTALL
)
_PIPED = re.compile(r"\|\s*query\b")


@check(Severity.INFO, peers=("pint: alerts/template",))
def query_in_text(rule: Rule) -> Iterator[str]:
    """Look for the function in each text."""
    for name, text in rule.annotations.items() if rule.is_alert else ():
        if isinstance(text, str) and any(map(_reads_series, _QUERY.finditer(text))):
            yield (
                f"{name} runs a query at every evaluation; "
                "let the alert's query return what it needs"
            )


def _reads_series(match: re.Match[str]) -> bool:
    if not match["text"]:
        return bool(_PIPED.search(match.group()))
    tree = parsed(match["text"][1:-1].replace('\\"', '"'))
    return tree is None or bool(selectors(tree))
