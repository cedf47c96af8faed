"""The bounds of a project's alerts: at which value of which query each fires.

A query is known by the snippet with its arguments, or by its text: Grafana's `$__rate_interval`
and an alert's `[5m]` are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import promql_parser

from gk.check.subjects import Panel, Project, Query, Rule
from gk.documents.parts import dicts, finite, path
from gk.promql.syntax import parse
from gk.resource import Kind, Resource, Use, Where

__all__ = ["Bound", "bounds_of", "names_of_rule", "names_of_target", "shown_names"]

_COMPARISONS = frozenset({">", ">=", "<", "<="})


class Bound(NamedTuple):
    """An alert, and the value above or below which it fires."""

    alert: str
    operator: str
    value: float


@lru_cache(maxsize=1)
def bounds_of(project: Project) -> Mapping[Hashable, Sequence[Bound]]:
    """The bounds of the alerts on each query, by all names of the query."""
    found: dict[Hashable, list[Bound]] = defaultdict(list)
    rules = (rule for group in project.groups for rule in group.rules if rule.is_alert)
    for rule in rules:
        for query in rule.queries:
            for left, operator, value in _comparisons(rule, query):
                for name in _names(left, rule.group.resource, rule.where):
                    found[name].append(Bound(rule.name, operator, value))
    return found


def names_of_rule(rule: Rule) -> set[Hashable]:
    """The names of all queries that a rule compares or has in it, and its snippets."""
    found: set[Hashable] = set()
    for query in rule.queries:
        lefts = [left for left, _, _ in _comparisons(rule, query)]
        for left in [*lefts, *([query.expression.tree] if query.expression.tree else ())]:
            found.update(_names(left, rule.group.resource, rule.where))
    for use in rule.group.resource.uses:
        if use.where == rule.where:
            found |= {use.query, use.query.snippet}
    return found


def names_of_target(panel: Panel, expr: str) -> set[Hashable]:
    """The names of a query of a panel."""
    try:
        tree = parse(expr)
    except ValueError:
        return set()
    where = Where("panel", panel.title)
    return _names(tree, panel.dashboard.resource, where) if tree else set()


@lru_cache(maxsize=1)
def shown_names(project: Project) -> frozenset[Hashable]:
    """The names of every query that a panel shows, and all snippets that these are made of."""
    found: set[Hashable] = set()
    for dashboard in project.dashboards():
        for panel in dashboard.panels:
            for query in panel.queries:
                found |= names_of_target(panel, query.promql.expr)
    for resource in project.of(Kind.DASHBOARD):
        for use in resource.uses:
            if use.where.kind == "panel":
                found |= {use.query, *use.snippets}
    return frozenset(found)


def _comparisons(rule: Rule, query: Query) -> Iterator[tuple[promql_parser.Expr, str, float]]:
    """What is compared, how, and with which number."""
    tree = query.expression.tree
    if tree is None:
        return
    for operator, value in _thresholds(rule) if rule.is_grafanas else ():
        yield tree, operator, value
    tree = _without_parentheses(tree)
    if isinstance(tree, promql_parser.BinaryExpr) and str(tree.op) in _COMPARISONS:
        bound = _number(tree.rhs)
        if bound is not None:
            yield _without_parentheses(tree.lhs), str(tree.op), bound


def _thresholds(rule: Rule) -> Iterator[tuple[str, float]]:
    """The bound of Grafana's alert on one query, which nothing but a reduction changes."""
    models = [path(each, "model") for each in dicts(rule.body, "data")]
    if len([model for model in models if "expr" in model]) != 1:
        return
    if any(model.get("type") in ("math", "sql") for model in models):
        return
    for model in models:
        if model.get("type") == "threshold":
            for condition in dicts(model, "conditions"):
                evaluator = path(condition, "evaluator")
                operator = {"gt": ">", "lt": "<"}.get(str(evaluator.get("type")))
                params = evaluator.get("params")
                value = finite(params[0]) if isinstance(params, list) and params else None
                if operator and value is not None:
                    yield operator, value


def _names(tree: promql_parser.Expr, resource: Resource, where: Where) -> set[Hashable]:
    text = _text(tree)
    uses = (use for use in resource.uses if use.where == where)
    return {text, *(use.query for use in uses if _is_of(use, text))}


def _is_of(use: Use, text: str) -> bool:
    try:
        tree = parse(use.expr)
    except ValueError:
        return False
    return tree is not None and _text(tree) == text


def _text(tree: promql_parser.Expr) -> str:
    return " ".join(str(_without_parentheses(tree).prettify()).split())


def _without_parentheses(tree: promql_parser.Expr) -> promql_parser.Expr:
    while isinstance(tree, promql_parser.ParenExpr):
        tree = tree.expr
    return tree


def _number(expr: promql_parser.Expr) -> float | None:
    if isinstance(expr, promql_parser.UnaryExpr):
        value = _number(expr.expr)
        return None if value is None else -value
    return float(expr.val) if isinstance(expr, promql_parser.NumberLiteral) else None


def on_panel(panel: Panel, exprs: Iterable[str]) -> list[Bound]:
    """The bounds of the alerts on a panel's queries."""
    known = bounds_of(panel.project)
    names = {name for expr in exprs for name in names_of_target(panel, expr)} if known else set()
    return list(dict.fromkeys(bound for name in names for bound in known.get(name, ())))
