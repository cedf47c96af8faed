"""Queries of alerts, and Grafana's expressions over several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from gk.define.arguments import listed
from gk.errors import did_you_mean
from gk.promql.snippet import Query, query_of

__all__ = ["Expression", "RuleQueries", "any_query", "expression", "rule_queries"]

Reducer = Literal["", "last", "min", "max", "mean", "sum", "count"]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """An expression of Grafana over several queries, by their refIds."""

    math: str
    queries: Mapping[str, Query | str | Mapping[str, Any]]
    reduce: Reducer


def expression(math: str, *, reduce: Reducer = "", **queries: Any) -> Expression:
    """A condition that only Grafana evaluates: `expression("$A / $B > 0.05", A=..., B=...)`.

    `math` is a math expression over the queries. A query is a snippet, text in the language of the
    group's data source (PromQL, LogQL, SQL), or the JSON of a query of any data source; JSON with
    a `datasource` of its own asks that one. `reduce` makes one number of each series, for queries
    over a range of time; text is asked at one point in time.
    """
    given: object = math
    if not isinstance(given, str):
        raise TypeError(f"expression(): math must be text, not {type(given).__name__}")
    if reduce not in get_args(Reducer):
        known = [name for name in get_args(Reducer) if name]
        hint = did_you_mean(str(reduce), known) or f"; one of {', '.join(known)}"
        raise ValueError(f"expression(): reduce '{reduce}' is not known{hint}")
    if not queries:
        raise TypeError("expression(): has no queries; name each, as in A='up'")
    return Expression(
        math=math,
        queries={name: any_query(given, f"query {name}") for name, given in queries.items()},
        reduce=reduce,
    )


@dataclass(frozen=True, kw_only=True)
class RuleQueries:
    """The queries and expressions of a rule, as Grafana has them, and the refId of the one that
    decides."""

    queries: tuple[Mapping[str, Any], ...]
    condition: str


def rule_queries(queries: Sequence[Mapping[str, Any]], *, condition: str) -> RuleQueries:
    """A condition that only Grafana evaluates, in Grafana's own JSON: the `data` of a rule, for
    what `expression()` cannot say. `condition` is the refId of the one that decides.

    The rule's texts are in Grafana's template language, and stay as they are.
    """
    given = listed(queries, Mapping, "rule_queries(): queries")
    for query in given:
        _check_rule_query(query)
    names = [str(query["refId"]) for query in given]
    if again := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"rule_queries(): two queries have the refId '{min(again)}'; rename one")
    if condition not in names:
        known = f"; it has {', '.join(names)}" if names else ""
        raise ValueError(f"rule_queries(): has no query '{condition}'{known}")
    return RuleQueries(queries=tuple(given), condition=condition)


def _check_rule_query(query: Mapping[str, Any]) -> None:
    name = query.get("refId", "")
    for key in ("refId", "datasourceUid"):
        if not isinstance(query.get(key), str) or not query[key]:
            raise ValueError(f"rule_queries(): query '{name}' needs a {key}, which is text")
    if not isinstance(query.get("model"), Mapping):
        raise TypeError(f"rule_queries(): query '{name}' needs a model, which is an object")


def _query(given: object, who: str) -> Query | str:
    # Snippets do not overload ==, so `query == 1` is just False.
    if isinstance(given, bool):
        raise TypeError(
            f"{who}: == and != compare in Python; write < or >, "
            "or the whole condition as PromQL text"
        )
    try:
        return given if isinstance(given, str) else query_of(given)
    except TypeError as error:
        raise TypeError(f"{who}: {error}") from None


def any_query(given: object, who: str) -> Query | str | Mapping[str, Any]:
    """A query, text, or a query's JSON. Raises TypeError, with `who` in its message."""
    return given if isinstance(given, Mapping) else _query(given, who)
