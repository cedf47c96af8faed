"""Grafana does not understand the query of a variable, or Prometheus refuses it.

Problem: label_values() takes a selector, because Prometheus looks up labels of series and computes
nothing for that.

    label_values(up == 1, instance)

Instead: drop the condition, or use query_result() and extract the value with a regular expression.

    label_values(up, instance)
    query_result(up == 1)

The same goes for a function that Grafana's variables do not have.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
"""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import VectorSelector

from gk.check.expressions.trees import bare
from gk.check.model import Severity, check
from gk.check.subjects import Variable
from gk.documents.queries import LABEL_VALUES, QUERY_RESULT, variable_query
from gk.promql.mistakes import variable_query_mistake
from gk.promql.syntax import parsed

__all__ = ["invalid_variable_query"]


@check(Severity.ERROR, peers=("dashboard-linter: template-label-promql-rule",))
def invalid_variable_query(variable: Variable) -> Iterator[str]:
    """Read the query as Grafana does. Whether the PromQL in it is valid, another check says."""
    text = variable_query(variable.body).strip()
    if not text or QUERY_RESULT.fullmatch(text):
        return
    given = LABEL_VALUES.fullmatch(text)
    if given is None:
        mistake = variable_query_mistake(text)
        if mistake:
            yield mistake.message
    elif given["selector"] and not _is_selector(given["selector"]):
        yield "label_values() takes a selector; use query_result() for an expression"


def _is_selector(text: str) -> bool:
    tree = parsed(text)
    return tree is None or isinstance(bare(tree), VectorSelector)
