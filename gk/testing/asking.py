"""Asks a Prometheus the queries of panels, rules and snippets, as Grafana would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import promql_parser

from gk.compile import compile
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.panels import timeseries
from gk.documents.queries import PromQL, queries
from gk.errors import ConfigError, Source, did_you_mean
from gk.project import Definition, Project
from gk.prometheus import Prometheus, has_data, live_queries
from gk.promql.snippet import Exporter, Query, Snippet, query_of
from gk.promql.syntax import parse, parses
from gk.resource import Kind, Resource
from gk.testing.emptiness import why_empty

__all__ = ["Asked", "asked", "empty"]

_KINDS = (Kind.DASHBOARD, Kind.LIBRARY_PANEL, Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP)


@dataclass(frozen=True, slots=True)
class Asked:
    """The queries to ask of an object: of all its parts, or of the one that is called `part`."""

    resource: Resource
    part: str = ""

    def __str__(self) -> str:
        owner = f"{self.resource.kind.noun} '{self.resource.title}'"
        return f"'{self.part}' of {owner}" if self.part else owner


def asked(what: Any, project: Project, resources: Sequence[Resource]) -> Asked:
    """What a test means: a resource, a panel or a snippet of its own, or a text.

    A text is the uid or the title of a dashboard or a group, and after a slash the title of a panel
    or the name of a rule in it. Raises ConfigError for a text that means nothing in `resources`.
    """
    if isinstance(what, Asked):
        return what
    if isinstance(what, Resource):
        return Asked(what)
    if isinstance(what, str):
        return _named(what, resources)
    return Asked(_compiled(what, project))


def empty(
    what: Asked,
    prometheus: Prometheus,
    *,
    rate_interval: str = "5m",
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """A message for each query that returns no number. Raises ConfigError if there is no query.

    A variable without values shows in the queries that read it. What an alert compares has to have
    data, whether it fires or not.
    """
    all_queries = live_queries(
        what.resource, prometheus, rate_interval=rate_interval, chosen=variables
    )
    chosen = [each for each in all_queries if what.part in ("", each.where.name)]
    texts = [(each, _compared(each)) for each in chosen if each.where.kind != "variable"]
    if not texts:
        raise ConfigError(f"{what} has no PromQL query")
    return [
        f"{query} returns no data: {text}\n{_indented(why_empty(prometheus, text))}"
        for query, text in texts
        if not has_data(prometheus.query(text))
    ]


_COMPARISON = re.compile(r"\s*(?:[=!]=|[<>]=?)\s*[^=!<>]+$")


def _compared(query: PromQL) -> str:
    """The text of a query; of an alert that compares with a number at the end, what it compares."""
    if query.where.kind != "alert":
        return query.expr
    try:
        tree, text = parse(query.expr), _COMPARISON.sub("", query.expr)
    except ValueError:
        return query.expr
    is_compared = (
        isinstance(tree, promql_parser.BinaryExpr)
        and isinstance(tree.rhs, (promql_parser.NumberLiteral, promql_parser.UnaryExpr))
        and parses(text)
    )
    return text if is_compared else query.expr


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)


def _named(text: str, resources: Sequence[Resource]) -> Asked:
    known = [each for each in resources if each.kind in _KINDS]
    # The title of a dashboard may have a slash in it.
    for owner, part in _readings(text):
        for each in known:
            if owner in (each.uid, each.title) and (not part or part in _parts(each)):
                return Asked(each, part)
    owner, _, part = text.partition("/")
    if part and (found := [each for each in known if owner in (each.uid, each.title)]):
        parts = {part for each in found for part in _parts(each)}
        hint = did_you_mean(part, parts)
        raise ConfigError(f"{found[0].kind.noun} '{owner}' has no panel or rule '{part}'{hint}")
    hint = did_you_mean(owner, [name for each in known for name in (each.uid, each.title)])
    raise ConfigError(f"there is no dashboard and no rule group '{owner}'{hint}")


def _readings(text: str) -> Iterator[tuple[str, str]]:
    yield text, ""
    for at, letter in enumerate(text):
        if letter == "/":
            yield text[:at], text[at + 1 :]


def _parts(resource: Resource) -> set[str]:
    return {query.where.name or "" for query in queries(resource)}


def _compiled(what: Any, project: Project) -> Resource:
    """The dashboard of one panel that shows a snippet, or that is given."""
    panel = what
    if isinstance(what, (Query, Snippet)):
        panel = timeseries(str(query_of(what)), what)
    try:
        dashboard = Dashboard("Test", uid="test", panels=[panel], exporter=_exporter(what, panel))
    except TypeError:
        raise ConfigError(
            f"{what!r} has no queries; pass a name such as 'shop/Orders', a snippet, a panel or a "
            "resource"
        ) from None
    sources = list(project.of(Datasource))
    if not sources:
        prometheus = Datasource.prometheus(
            "Prometheus", uid="prometheus", url="http://localhost:9090", default=True
        )
        sources = [Definition(prometheus, Source(""))]
    definitions = [*sources, Definition(dashboard, Source(""))]
    built = compile(Project(project.root, project.settings, definitions, read=project.read))
    (found,) = (each for each in built if each.kind is Kind.DASHBOARD)
    return found


def _exporter(what: Any, panel: Any) -> Exporter | None:
    """The exporter of the first snippet: it brings `$job` and `$node`."""
    shown = [what, *(getattr(target, "expr", None) for target in getattr(panel, "targets", ()))]
    queries = (query_of(each) for each in shown if isinstance(each, (Query, Snippet)))
    return next((query.snippet.exporter for query in queries), None)
