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
# What a reader can do something about: a flag, a version, a kernel, hardware.
_NEEDS = re.compile(r"\bneeds?\b|--\w|\b\d+\.\d+\b|\bexporter \d")


def hint(query: Query | None, metric: str) -> str:
    """What brings a metric, by the snippets that wrote the query, or else by one that comes with gk
    and reads the metric; empty if none says so."""
    for snippet in [*_snippets_of(query), *_readers().get(metric, ())]:
        match = _SOURCE.search(snippet.description)
        if match and _NEEDS.search(match["source"]) and _reads(snippet, metric):
            return match["source"]
    return ""


def known_metrics() -> Iterable[str]:
    """The metrics that gk's own snippets read."""
    return _readers()


def _snippets_of(query: Query | None) -> Sequence[Snippet]:
    if query is None:
        return ()
    used = [use for use in query.owner.resource.uses if use.where == query.where]
    own = {snippet for use in used for snippet in use.snippets}
    return sorted(own, key=lambda snippet: snippet.number)


def _reads(snippet: Snippet, metric: str) -> bool:
    """Whether the metric is the snippet's; one with arguments may read any of a family."""
    read = _metrics(snippet)
    return metric in read if read else True


@lru_cache(maxsize=1)
def _readers() -> dict[str, list[Snippet]]:
    found: dict[str, list[Snippet]] = defaultdict(list)
    for snippet in built_in():
        for name in _metrics(snippet):
            found[name].append(snippet)
    return found


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
