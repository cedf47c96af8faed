"""What a rule asks: the queries of Grafana's form, in the language of their data source, with the
expressions that decide; and the one expression of Prometheus's form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import promql_parser

from gk.define.expression import Expression, RuleQueries
from gk.promql.condition import Condition, Conditions
from gk.promql.snippet import Query
from gk.promql.syntax import outline

__all__ = ["PROMQL", "Asking", "compared", "data_of", "decisive", "language"]

Json = dict[str, Any]
Ref = Mapping[str, str]

EXPRESSION = "__expr__"
QUERY_SECONDS = 600
"""An instant query has no range, but Grafana refuses a range of zero length."""

PROMQL, LOGQL, SQL = "PromQL", "LogQL", "SQL"
_LANGUAGES = {
    "prometheus": PROMQL,
    "grafana-amazonprometheus-datasource": PROMQL,
    "grafana-azureprometheus-datasource": PROMQL,
    "loki": LOGQL,
    "mysql": SQL,
    "mssql": SQL,
    "postgres": SQL,
    "grafana-postgresql-datasource": SQL,
}
_MODELS: Mapping[str, Callable[[str], Json]] = {
    PROMQL: lambda text: {"expr": text, "instant": True, "range": False},
    LOGQL: lambda text: {"expr": text, "queryType": "instant"},
    SQL: lambda text: {"rawSql": text, "rawQuery": True, "format": "table", "editorMode": "code"},
}
# The evaluators for a single bound that every version has (pkg/expr/threshold.go at 9.4).
_THRESHOLDS = {">": "gt", "<": "lt"}
_COMPARES = frozenset({">", "<", ">=", "<=", "==", "!=", "and", "or", "unless"})


def language(type_: str) -> str:
    """The language in which a text asks data sources of this type; empty if gk knows none."""
    return _LANGUAGES.get(type_, "")


@dataclass(frozen=True)
class Asking:
    """How the queries of a rule are written: `datasource` finds the one of the group, `text` makes
    the text of a query, `ref` finds the data source that JSON names, and `wrong` notes a
    mistake."""

    datasource: Callable[[], Ref]
    text: Callable[[Query | Conditions | str], str]
    ref: Callable[[Any], Ref]
    wrong: Callable[[str], None]


def data_of(asked: Any, asking: Asking) -> list[Json]:
    """The queries and expressions of Grafana's form; see `decisive`.

    `asked` is the condition of an alert, or the query of a recording rule.
    """
    if isinstance(asked, RuleQueries):
        return [_as_given(query, asking) for query in asked.queries]
    if isinstance(asked, Expression):
        return list(_of_expression(asked, asking))
    query = asked.query if isinstance(asked, Condition) else asked
    return [_query("A", query, asking), _expression("B", _decision(asked))]


def decisive(asked: Any, data: Sequence[Json]) -> str:
    """The refId of the query or expression that decides: the last one, unless Grafana's own form
    names another."""
    return asked.condition if isinstance(asked, RuleQueries) else str(data[-1]["refId"])


def _as_given(query: Mapping[str, Any], asking: Asking) -> Json:
    uid = str(query.get("datasourceUid") or "")
    # Expressions have a name of their own, and another one before Grafana 9.
    if uid not in (EXPRESSION, "-100"):
        asking.ref(uid)
    return dict(query)


def _of_expression(asked: Expression, asking: Asking) -> Iterator[Json]:
    names = asked.queries.keys()
    refs = {match[1] or match[2] for match in _REF.finditer(asked.math)}
    for name in sorted(refs - names):
        asking.wrong(f"expression '{asked.math}' has no query {name}; pass {name}=...")
    for name, query in asked.queries.items():
        yield _query(f"{name}_query" if asked.reduce else name, query, asking)
    if asked.reduce:
        for name in names:
            model = {"type": "reduce", "expression": f"{name}_query", "reducer": asked.reduce}
            yield _expression(name, model)
    letters = (*"BCDEFGHIJKLMNOPQRSTUVWXYZ", "decision")
    decides = next(name for name in letters if name not in names)
    yield _expression(decides, {"type": "math", "expression": asked.math})


_REF = re.compile(r"\$(?:\{([^}]*)\}|(\w+))")


def _query(name: str, given: Any, asking: Asking) -> Json:
    model = dict(given) if isinstance(given, Mapping) else {}
    ref = asking.ref(model.pop("datasource")) if "datasource" in model else asking.datasource()
    # A range of zero length stops Grafana at its start.
    range_ = model.pop("relativeTimeRange", {"from": QUERY_SECONDS, "to": 0})
    if not isinstance(given, Mapping):
        model = _model(given, ref["type"], asking)
    return {
        "refId": name,
        "datasourceUid": ref["uid"],
        "relativeTimeRange": range_,
        "model": {**model, "refId": name, "datasource": dict(ref)},
    }


def _model(given: Query | Conditions | str, type_: str, asking: Asking) -> Json:
    written = language(type_)
    if isinstance(given, (Query, Conditions)) and written != PROMQL:
        query = given.queries[0] if isinstance(given, Conditions) else given
        asking.wrong(
            f"snippet {query} is PromQL, which a data source of type '{type_}' does not understand"
        )
    elif not written:
        asking.wrong(
            f"gk cannot write a text as a query of type '{type_}'; pass the query's JSON, as the "
            "model of a query in Grafana's rule"
        )
    else:
        return _MODELS[written](asking.text(given))
    return {}


def _expression(name: str, model: Json) -> Json:
    datasource = {"type": EXPRESSION, "uid": EXPRESSION}
    return {
        "refId": name,
        "datasourceUid": EXPRESSION,
        "model": {"refId": name, "datasource": datasource, **model},
    }


def _decision(asked: Any) -> Json:
    """The expression that decides from query A whether the alert fires."""
    if not isinstance(asked, Condition):
        # A query without a threshold fires for each series that it returns, with any value.
        return {"type": "math", "expression": "is_number($A) || is_inf($A) || is_nan($A)"}
    evaluator = _THRESHOLDS.get(asked.operator)
    if evaluator is None:
        # Thresholds that include the bound came after 9.x; math has had them always.
        return {"type": "math", "expression": f"$A {asked.operator} {_number(asked.threshold)}"}
    return {
        "type": "threshold",
        "expression": "A",
        "conditions": [{"evaluator": {"type": evaluator, "params": [asked.threshold]}}],
    }


# Prometheus's form


def compared(
    condition: Condition | Conditions, text: Callable[[Query | Conditions | str], str]
) -> str:
    """A condition as PromQL."""
    if isinstance(condition, Condition):
        operand = _operand(text(condition.query))
        return f"{operand} {condition.operator} {_number(condition.threshold)}"
    parts = [
        compared(part, text) if isinstance(part, Condition) else f"({compared(part, text)})"
        for part in condition.parts
    ]
    return f" {condition.operator} ".join(parts)


def _number(threshold: float) -> str:
    return (
        repr(int(threshold))
        if float(threshold).is_integer() and abs(threshold) < 1e15
        else repr(float(threshold))
    )


def _operand(expr: str) -> str:
    """Enclose `expr` if it cannot be the left side of a comparison, which binds weaker than
    arithmetic and stronger than `and`."""
    tree = outline(expr) if expr else None
    is_comparison = isinstance(tree, promql_parser.BinaryExpr) and str(tree.op) in _COMPARES
    return f"({expr})" if is_comparison else expr
