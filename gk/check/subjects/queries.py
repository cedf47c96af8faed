"""Queries in their places, and their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import promql_parser

from gk.check.expressions.trees import located
from gk.check.model import ALONE, Turn
from gk.documents.queries import PromQL
from gk.documents.shapes import Json
from gk.errors import Where
from gk.promql.snippet import Snippet
from gk.promql.syntax import TooDeepError, depth, parse
from gk.resource import Key

if TYPE_CHECKING:
    from gk.check.subjects.dashboards import Dashboard, Panel
    from gk.check.subjects.project import Project
    from gk.check.subjects.rules import Group, Rule

__all__ = ["DEEPEST", "Expression", "Query", "Written"]

DEEPEST = 150
"""Checks look no deeper into an expression. Python's stack has 1,000 levels."""


@dataclass(frozen=True, eq=False)
class Query:
    """A PromQL query in its place: of a panel, a variable, an annotation or a rule."""

    promql: PromQL
    dashboard: Dashboard | None = None
    panel: Panel | None = None
    rule: Rule | None = None

    @property
    def project(self) -> Project:
        """The project that it is in."""
        return self.owner.project

    @property
    def owner(self) -> Dashboard | Group:
        """The dashboard or the group that it is in."""
        if self.dashboard:
            return self.dashboard
        assert self.rule
        return self.rule.group

    @property
    def where(self) -> Where:
        """The part that it is in."""
        return self.promql.where

    @property
    def ref(self) -> str:
        """Its refId, if the part may have several queries."""
        return self.promql.ref

    @property
    def turn(self) -> Turn:
        """The place of the rule that it is of among those of its name."""
        return self.rule.turn if self.rule else ALONE

    @property
    def labels(self) -> frozenset[str]:
        """The labels that are read from its result: by a legend, columns, an alert's texts."""
        return self.promql.labels

    @cached_property
    def expression(self) -> Expression:
        """Its text."""
        return Expression(self.project, self.promql.expr, self)

    @cached_property
    def target(self) -> Json:
        """The panel's target; empty elsewhere."""
        targets = self.panel.targets if self.panel else []
        return next((target for target in targets if target.get("refId") == self.ref), {})

    @cached_property
    def snippet(self) -> Snippet | None:
        """The snippet that wrote it, or for an alert the largest part of it."""
        text = self.promql.expr
        written = [
            use for use in self.owner.resource.uses if use.where == self.where and use.expr in text
        ]
        return max(written, key=lambda use: len(use.expr)).query.snippet if written else None


@dataclass(frozen=True, eq=False)
class Expression:
    """The text of a PromQL query, with Grafana's variables in it.

    `query` is the first that it is the text of.
    """

    project: Project
    text: str
    query: Query

    @property
    def tree(self) -> promql_parser.Expr | None:
        """The parsed text; None if it is no valid PromQL, if a variable stands for more than a
        value or a duration, or if it is too deep for functions that call themselves."""
        return self._parsed[0]

    @property
    def mistake(self) -> str:
        """Why it is no valid PromQL, in the parser's words; empty if it is, or if nobody knows."""
        return self._parsed[1]

    @cached_property
    def _parsed(self) -> tuple[promql_parser.Expr | None, str]:
        try:
            tree = parse(self.text)
        except TooDeepError:
            return None, ""
        except ValueError as error:
            return None, str(error)
        # Each level takes two characters, so depth() need not read a shorter text.
        is_deep = len(self.text) > 2 * DEEPEST and depth(self.text) > DEEPEST
        return None if is_deep else tree, ""

    @cached_property
    def nodes(self) -> Sequence[promql_parser.Expr]:
        """The tree and everything in it, from the outside in; empty without a tree. Each step down
        the tree copies what is below, so checks share this list."""
        return [part for part, _ in self.located]

    @cached_property
    def located(self) -> Sequence[tuple[promql_parser.Expr, tuple[promql_parser.Expr, ...]]]:
        """The same, each with what contains it, the outermost first."""
        return list(located(self.tree)) if self.tree else []

    @cached_property
    def selectors(self) -> Sequence[promql_parser.VectorSelector]:
        """The selectors in it."""
        return [part for part in self.nodes if isinstance(part, promql_parser.VectorSelector)]


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a query, the number of definitions in Python that write it, and a snippet that
    renders it; the `first` of these definitions by its object, its part and the refId."""

    text: str
    places: int
    snippet: str = ""
    first: tuple[Key, Where, str] | None = None

    def joined(self, other: Written) -> Written:
        """The same text, with the places of another share of the project."""
        return Written(
            self.text,
            self.places + other.places,
            self.snippet or other.snippet,
            self.first or other.first,
        )
