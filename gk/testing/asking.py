"""Asks a Prometheus the queries of panels, rules and snippets, as Grafana would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafanalib import core

from gk.check import Project as Subject
from gk.check.live.run import ask
from gk.compile import compile
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.folder import Folder
from gk.define.library_panel import LibraryPanel
from gk.define.panels import timeseries
from gk.documents.queries import queries
from gk.errors import ConfigError, GkError, Source, did_you_mean
from gk.project import Definition, Project
from gk.prometheus import Prometheus
from gk.promql.snippet import Exporter, Query, Snippet, query_of
from gk.resource import Kind, Resource, canonical

__all__ = ["Asked", "asked", "compiled", "empty"]

_KINDS = (Kind.DASHBOARD, Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP)


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
    return Asked(compiled(what, project))


def empty(
    what: Asked,
    prometheus: Prometheus,
    project: Project,
    *,
    interval: int = 0,
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """A message for each query that returns no number, asked as `gk check --live` asks it: a
    dashboard's over its time range, an alert's without its comparison.

    `interval` is the time between two samples in milliseconds; without it, Grafana's default for
    data sources counts. Raises ConfigError if there is no query, and GkError if Prometheus does not
    answer all of them.
    """
    sources = [_scraped_every(interval)] if interval else []
    subject = Subject([what.resource, *sources], project.settings)
    live = ask(subject, prometheus, chosen=variables)
    if live.unanswered:
        raise GkError("\n".join(live.unanswered))
    answers = [answer for answer in live.asked if what.part in ("", answer.query.where.name)]
    if not answers:
        raise ConfigError(f"{what} has no PromQL query")
    return [
        f"{answer.query.promql} returns no data: {answer.question.expr}\n"
        f"  {answer.reason or answer.refusal or 'Prometheus did not answer'}"
        for answer in answers
        if not answer.has_data
    ]


def _scraped_every(interval: int) -> Resource:
    """A data source with the interval of the samples, which decides what `$__rate_interval` is."""
    body = {
        "type": "prometheus",
        "isDefault": True,
        "jsonData": {"timeInterval": f"{interval}ms"},
    }
    return Resource(Kind.DATASOURCE, "test", "Test", "", canonical(body), Source(""))


def _named(text: str, resources: Sequence[Resource]) -> Asked:
    known = [resource for resource in resources if resource.kind in _KINDS]
    # The title of a dashboard may have a slash in it.
    for owner, part in _readings(text):
        for resource in known:
            if owner in (resource.uid, resource.title) and (not part or part in _parts(resource)):
                return Asked(resource, part)
    owner, _, part = text.partition("/")
    if part and (
        named := [resource for resource in known if owner in (resource.uid, resource.title)]
    ):
        parts = {part for resource in named for part in _parts(resource)}
        hint = did_you_mean(part, parts)
        raise ConfigError(f"{named[0].kind.noun} '{owner}' has no panel or rule '{part}'{hint}")
    hint = did_you_mean(
        owner, [name for resource in known for name in (resource.uid, resource.title)]
    )
    raise ConfigError(f"there is no dashboard and no rule group '{owner}'{hint}")


def _readings(text: str) -> Iterator[tuple[str, str]]:
    yield text, ""
    for at, letter in enumerate(text):
        if letter == "/":
            yield text[:at], text[at + 1 :]


def _parts(resource: Resource) -> set[str]:
    return {query.where.name or "" for query in queries(resource)}


def compiled(what: Any, project: Project) -> Resource:
    """A dashboard, or the dashboard of one panel that is given or shows a snippet. Raises
    ConfigError for anything else."""
    dashboard = what if isinstance(what, core.Dashboard) else _around(what)
    sources = list(project.of(Datasource))
    if not sources:
        prometheus = Datasource.prometheus(
            "Prometheus", uid="prometheus", url="http://localhost:9090", default=True
        )
        sources = [Definition(prometheus, Source(""))]
    definitions = [
        *sources,
        *project.of(Folder, LibraryPanel),
        Definition(dashboard, Source("")),
    ]
    built = compile(Project(project.root, project.settings, definitions, read=project.read))
    (dashboard,) = (resource for resource in built if resource.kind is Kind.DASHBOARD)
    return dashboard


def _around(what: Any) -> Dashboard:
    panel = what
    if isinstance(what, (Query, Snippet)):
        panel = timeseries(str(query_of(what)), what)
    try:
        return Dashboard("Test", uid="test", panels=[panel], exporter=_exporter(what, panel))
    except TypeError:
        raise ConfigError(
            f"{what!r} has no queries; pass a name such as 'shop/Orders', a snippet, a panel or a "
            "resource"
        ) from None


def _exporter(what: Any, panel: Any) -> Exporter | None:
    """The exporter of the first snippet: it brings `$job` and `$node`."""
    shown = [what, *(getattr(target, "expr", None) for target in getattr(panel, "targets", ()))]
    queries = (query_of(query) for query in shown if isinstance(query, (Query, Snippet)))
    return next((query.snippet.exporter for query in queries), None)
