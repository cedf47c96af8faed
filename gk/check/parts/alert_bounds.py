"""The bounds of a project's alerts: at which value of which query each fires.

A query is known by the snippet with its arguments, or by its text: Grafana's `$__rate_interval`
and an alert's `[5m]` are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gk.check.expressions.trees import text_of
from gk.check.parts.conditions import Comparison, comparison_of
from gk.check.subjects import Panel, Project, Query, Rule
from gk.documents.parts import dicts, finite, path
from gk.errors import Where
from gk.promql.syntax import parsed
from gk.resource import Kind, Resource, Use

__all__ = ["Bound", "names_of_rule", "on_panel", "shown_names"]


class Bound(NamedTuple):
    """An alert, and the value above or below which it fires."""

    alert: str
    operator: str
    value: float


@lru_cache(maxsize=1)
def _bounds_of(project: Project) -> Mapping[Hashable, Sequence[Bound]]:
    """The bounds of the alerts on each query, by all names of the query."""
    bounds: dict[Hashable, list[Bound]] = defaultdict(list)
    rules = (rule for group in project.groups for rule in group.rules if rule.is_alert)
    for rule in rules:
        for query in rule.queries:
            for comparison in _comparisons(rule, query):
                for name in _names(comparison.left, rule.group.resource, rule.where):
                    bounds[name].append(Bound(rule.name, comparison.operator, comparison.bound))
    return bounds


def on_panel(panel: Panel, exprs: Iterable[str]) -> list[Bound]:
    """The bounds of the alerts on a panel's queries."""
    known = _bounds_of(panel.project)
    names = {name for expr in exprs for name in _names_of_target(panel, expr)} if known else set()
    return list(dict.fromkeys(bound for name in names for bound in known.get(name, ())))


def names_of_rule(rule: Rule) -> set[Hashable]:
    """The names of all queries that a rule compares or has in it, and its snippets."""
    names: set[Hashable] = set()
    for query in rule.queries:
        texts = [comparison.left for comparison in _comparisons(rule, query)]
        if query.expression.tree:
            texts.append(text_of(query.expression.tree))
        for text in texts:
            names |= _names(text, rule.group.resource, rule.where)
    for use in rule.group.resource.uses:
        if use.where == rule.where:
            names |= {use.query, use.query.snippet}
    return names


def _names_of_target(panel: Panel, expr: str) -> set[Hashable]:
    """The names of a query of a panel."""
    tree = parsed(expr)
    where = Where("panel", panel.title)
    return _names(text_of(tree), panel.dashboard.resource, where) if tree else set()


@lru_cache(maxsize=1)
def shown_names(project: Project) -> frozenset[Hashable]:
    """The names of every query that a panel shows, and all snippets that these are made of."""
    names: set[Hashable] = set()
    for dashboard in project.dashboards():
        for panel in dashboard.panels:
            for query in panel.queries:
                names |= _names_of_target(panel, query.promql.expr)
    for resource in project.of(Kind.DASHBOARD):
        for use in resource.uses:
            if use.where.kind == "panel":
                names |= {use.query, *use.snippets}
    return frozenset(names)


def _comparisons(rule: Rule, query: Query) -> Iterator[Comparison]:
    """The bounds above or below which a query makes the rule fire."""
    tree = query.expression.tree
    if tree is None:
        return
    for operator, value in _thresholds(rule) if rule.is_grafanas else ():
        yield Comparison(text_of(tree), operator, value)
    comparison = comparison_of(tree)
    if comparison and (comparison.is_upper or comparison.is_lower):
        yield comparison


def _thresholds(rule: Rule) -> Iterator[tuple[str, float]]:
    """The bound of Grafana's alert on one query, which nothing but a reduction changes."""
    models = [path(query, "model") for query in dicts(rule.body, "data")]
    # Of several queries, the bound is of what they are together.
    if len([model for model in models if "expr" in model]) != 1:
        return
    if any(model.get("type") in ("math", "sql") for model in models):
        return
    for model in models:
        if model.get("type") == "threshold":
            for condition in dicts(model, "conditions"):
                evaluator = path(condition, "evaluator")
                # Any other type is a range, which has two bounds.
                operator = {"gt": ">", "lt": "<"}.get(str(evaluator.get("type")))
                params = evaluator.get("params")
                value = finite(params[0]) if isinstance(params, list) and params else None
                if operator and value is not None:
                    yield operator, value


def _names(text: str, resource: Resource, where: Where) -> set[Hashable]:
    uses = (use for use in resource.uses if use.where == where)
    return {text, *(use.query for use in uses if _is_of(use, text))}


def _is_of(use: Use, text: str) -> bool:
    tree = parsed(use.expr)
    return tree is not None and text_of(tree) == text
