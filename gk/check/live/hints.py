"""What brings a metric that is not there: the flag or the version of an exporter, as the
descriptions of snippets say.

    Source: processes collector, which needs --collector.processes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from gk.check.subjects import Query
from gk.explain.reference import built_in
from gk.promql.labels import LabelScheme
from gk.promql.snippet import Scope, Snippet
from gk.promql.syntax import parse, selectors

__all__ = ["hint", "known_metrics"]

_SOURCE = re.compile(r"\bSource: (?P<source>.+?)\.(?=\s|$)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CLAUSE = re.compile(r"(?<=;)\s+")
_LONGEST = 160
"""Characters of a sentence that is told whole."""
# What a reader can do something about: a flag, a version, a kernel, hardware.
_NEEDS = re.compile(r"\bneeds?\b|--\w|\bexporter \d")


def hint(query: Query, metric: str) -> str:
    """What brings a metric, by the snippets that wrote the query, those that come with gk and read
    the metric, or the panel's description; empty if none says so."""
    of_panel = _of_panel(query)
    for snippet in [*_snippets_of(query, metric), *_readers().get(metric, ())]:
        match = _SOURCE.search(snippet.description)
        if match and _NEEDS.search(match["source"]):
            # A description may say the same and more.
            return of_panel if match["source"] in of_panel else match["source"]
    return of_panel


def known_metrics() -> Iterable[str]:
    """The metrics that gk's own snippets read."""
    return _readers()


def _snippets_of(query: Query, metric: str) -> Sequence[Snippet]:
    """The snippets of a query that may read a metric, its own first: with arguments, one may read
    any of a family."""
    own = [
        use for use in query.owner.resource.uses if use.where == query.where and metric in use.expr
    ]
    inner = {snippet for use in own for snippet in use.snippets if metric in _metrics(snippet)}
    return [
        *(use.query.snippet for use in own),
        *sorted(inner, key=lambda snippet: snippet.number),
    ]


def _of_panel(query: Query) -> str:
    """The sentence of the panel's description that says what it needs."""
    text = str(query.panel.body.get("description") or "") if query.panel else ""
    sentence = _needing(_SENTENCE, text)
    if len(sentence) > _LONGEST:
        sentence = _needing(_CLAUSE, sentence)
    return sentence.removeprefix("Source: ").rstrip(".;")


def _needing(pieces: re.Pattern[str], text: str) -> str:
    return next((piece for piece in pieces.split(text) if _NEEDS.search(piece)), "")


@lru_cache(maxsize=1)
def _readers() -> dict[str, list[Snippet]]:
    readers: dict[str, list[Snippet]] = defaultdict(list)
    for snippet in built_in():
        for name in _metrics(snippet):
            readers[name].append(snippet)
    return readers


@lru_cache(maxsize=4096)
def _metrics(snippet: Snippet) -> frozenset[str]:
    """The metrics that a snippet reads without arguments; none if it needs some."""
    return frozenset(_rendered(snippet))


def _rendered(snippet: Snippet) -> Iterator[str]:
    try:
        tree = parse(snippet.render(Scope.alert(LabelScheme())))
    except Exception:
        # It is a team's code, needs arguments, or reads values of gk.yaml: then it gives no hint.
        return
    for selector in selectors(tree) if tree is not None else ():
        if selector.name:
            yield selector.name
