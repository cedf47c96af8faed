"""An alert of Grafana whose query returns nothing while all is well treats that as trouble.

Problem: PromQL leaves out what a comparison excludes, so `up == 0` has no result while everything
is up. With `no_data="Alerting"` the alert fires just then, and with `"NoData"` Grafana notifies of
missing data.

    alert("Down", "up == 0", no_data="Alerting")

Instead: let Grafana compare, so that the query has a result as long as there is data.

    alert("Down", up < 1, no_data="Alerting")     # up is a snippet
    alert("Down", "up == 0")                      # no result means that all is well
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser

from gk.check.expressions.trees import compares
from gk.check.model import Found, Severity, check
from gk.documents.parts import dicts, path
from gk.errors import Where
from gk.promql.syntax import parsed
from gk.resource import Kind, Resource

__all__ = ["no_data_when_healthy"]

_STATES = {"Alerting": "fires", "NoData": "notifies of missing data"}


@check(Severity.WARNING)
def no_data_when_healthy(resource: Resource) -> Iterator[Found]:
    """Look at the PromQL of Grafana's rules that do something without data."""
    for rule in dicts(resource.body, "rules") if resource.kind is Kind.RULE_GROUP else ():
        consequence = _STATES.get(str(rule.get("noDataState")))
        data = dicts(rule, "data")
        if consequence and not rule.get("record") and any(map(_leaves_out, data)):
            yield Found(
                f"its query returns nothing while all is well, and Grafana {consequence} then; "
                "leave out no_data, or compare a query with a number",
                Where("alert", str(rule.get("title", ""))),
            )


def _leaves_out(query: dict[str, Any]) -> bool:
    """Whether the query as a whole is a comparison."""
    tree = parsed(str(path(query, "model").get("expr", "")))
    while isinstance(tree, (promql_parser.ParenExpr, promql_parser.AggregateExpr)):
        tree = tree.expr
    return tree is not None and compares(tree)
