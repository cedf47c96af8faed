"""Renders queries to PromQL, each once for each scope."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import NamedTuple

from gk.errors import Source, Where
from gk.promql.snippet import NotPromQLError, Query, Scope, Snippet
from gk.promql.syntax import outline

__all__ = ["Renderer", "SnippetMistake", "excerpt"]

_LONGEST_SHOWN = 1000
"""Characters of a query in a message."""


def excerpt(expr: str) -> str:
    """The expression as a message shows it."""
    return expr if len(expr) <= _LONGEST_SHOWN else f"{expr[:_LONGEST_SHOWN]}..."


class SnippetMistake(NamedTuple):
    """What is wrong with a snippet itself, whichever panel or alert uses it.

    `key` is equal for the same mistake, which a snippet with other arguments words differently.
    """

    source: Source
    message: str
    key: Hashable


class Renderer:
    """Renders queries.

    It calls `wrong` with the places and the message of each mistake in the use of a snippet, and
    `in_snippet` with each mistake of a snippet, for every place that uses it.
    """

    def __init__(
        self,
        wrong: Callable[[Source, str, Where | None], None],
        in_snippet: Callable[[SnippetMistake, Source, Where], None],
    ) -> None:
        self._wrong = wrong
        self._in_snippet = in_snippet
        self._rendered: dict[tuple[object, ...], str] = {}
        self._snippets: dict[Query, frozenset[Snippet]] = {}
        self._failed: dict[tuple[object, ...], SnippetMistake | str] = {}

    def render(self, query: Query, scope: Scope, source: Source, where: Where) -> str:
        """Return the query's PromQL in `scope`, for what is `where` at `source`; empty if the
        snippet fails or returns invalid PromQL."""
        # Equal queries may differ in what does not count for equality.
        key = (query, query.limit, query.label, scope)
        if key not in self._rendered:
            try:
                self._rendered[key] = self._render(query, scope)
            except _FailedError as error:
                self._rendered[key], self._failed[key] = "", error.mistake
        mistake = self._failed.get(key)
        if isinstance(mistake, str):
            self._wrong(source, mistake, where)
        elif mistake:
            self._in_snippet(mistake, source, where)
        return self._rendered[key]

    def snippets(self, query: Query) -> frozenset[Snippet]:
        """Every snippet that a rendered query uses, including its own."""
        return self._snippets.get(query, frozenset())

    def parsed(self, expr: str, source: Source, where: Where) -> str:
        """Return `expr`; empty if Prometheus would not parse it."""
        try:
            outline(expr)
        except ValueError as error:
            self._wrong(source, _does_not_parse(error, expr), where)
            return ""
        return expr

    def _render(self, query: Query, scope: Scope) -> str:
        called: set[Snippet] = set()
        try:
            expr = query.render(replace(scope, called=called))
        except KeyboardInterrupt:
            raise
        except NotPromQLError as error:
            # A snippet calls this one.
            raise _FailedError(_unparsed(error.snippet, error.snippet.name, error)) from None
        except BaseException as error:
            raise _FailedError(_raised(query, error)) from None
        self._snippets[query] = frozenset(called)
        try:
            outline(expr)
        except ValueError as error:
            broken = NotPromQLError(query.snippet, expr, error)
            raise _FailedError(_unparsed(query.snippet, str(query), broken)) from None
        return expr


class _FailedError(Exception):
    """Carries a mistake of a snippet, or the words for one in the use of it."""

    def __init__(self, mistake: SnippetMistake | str) -> None:
        super().__init__()
        self.mistake = mistake


def _unparsed(snippet: Snippet, name: str, error: NotPromQLError) -> SnippetMistake:
    place = Source(*snippet.place)
    return SnippetMistake(place, f"snippet {name}: {_does_not_parse(error, error.expr)}", place)


def _raised(query: Query, error: BaseException) -> SnippetMistake | str:
    """The line of the snippet that failed, if it ran at all."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename == query.snippet.place[0]]
    words = _words(error)
    message = f"snippet {query}: {words}"
    if not inside:
        return message
    place = Source(inside[-1].filename, inside[-1].lineno or 0)
    return SnippetMistake(place, message, (place, words))


def _does_not_parse(error: Exception, expr: str) -> str:
    return f"PromQL does not parse: {error}: {excerpt(expr)}"


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
