"""Renders queries to PromQL, each once for each scope."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace

from gk.errors import Source
from gk.promql.snippet import Query, Scope, Snippet
from gk.promql.syntax import parse

__all__ = ["Renderer", "excerpt"]

_LONGEST_SHOWN = 1000
"""Characters of a query in a message."""


def excerpt(expr: str) -> str:
    """The expression as a message shows it."""
    return expr if len(expr) <= _LONGEST_SHOWN else f"{expr[:_LONGEST_SHOWN]}..."


class Renderer:
    """Renders queries. It calls `wrong` with the place and the message of each mistake."""

    def __init__(self, wrong: Callable[[Source, str], None]) -> None:
        self._wrong = wrong
        self._rendered: dict[tuple[Query, int | None, Scope], str] = {}
        self._snippets: dict[Query, frozenset[Snippet]] = {}

    def render(self, query: Query, scope: Scope, source: Source) -> str:
        """Return the query's PromQL in `scope`; empty if the snippet fails or returns invalid
        PromQL."""
        # Equal queries may differ in their limit, which does not count for equality.
        key = (query, query.limit, scope)
        if key not in self._rendered:
            self._rendered[key] = self._render(query, scope, source)
        return self._rendered[key]

    def snippets(self, query: Query) -> frozenset[Snippet]:
        """Every snippet that a rendered query uses, including its own."""
        return self._snippets.get(query, frozenset())

    def parsed(self, expr: str, source: Source, who: str) -> str:
        """Return `expr`; empty if Prometheus would not parse it."""
        try:
            parse(expr)
        except ValueError as error:
            self._wrong(source, f"{who}: PromQL does not parse: {error}: {excerpt(expr)}")
            return ""
        return expr

    def _render(self, query: Query, scope: Scope, source: Source) -> str:
        called: set[Snippet] = set()
        try:
            expr = query.render(replace(scope, called=called))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            # The line of the snippet that failed, not the panel's: the mistake is in the snippet.
            frames = traceback.extract_tb(error.__traceback__)
            inside = [frame for frame in frames if frame.filename == query.snippet.place[0]]
            place = Source(inside[-1].filename, inside[-1].lineno or 0) if inside else source
            self._wrong(place, f"snippet {query}: {_words(error)}")
            return ""
        self._snippets[query] = frozenset(called)
        return self.parsed(expr, Source(*query.snippet.place), f"snippet {query}")


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
