"""Dashboards to Grafana's documents: canonical JSON of the current schema.

Whatever made a dashboard (gk, grafanalib, the Foundation SDK, an export), it becomes plain JSON
first (gk.compile.document). Then its variables and panels go one way: panels are taken apart, laid
out, numbered and completed with what queries and alerts know, and what Grafana would add by itself
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gk.compile.context import Compilation, PanelRef
from gk.compile.document import document_of
from gk.compile.layout import laid_out, with_ids
from gk.compile.panel import Completed, Panel, PanelCompiler
from gk.compile.references import References
from gk.compile.variables import completed_variables, variables_of
from gk.define.dashboard import Dashboard
from gk.documents.dashboards import flatten
from gk.documents.names import MAX_UID, is_uid, slug
from gk.documents.shapes import Json
from gk.documents.strip import strip_dashboard
from gk.errors import Source
from gk.project import Definition
from gk.promql.snippet import Query
from gk.resource import Kind, Use

__all__ = ["compile_dashboards"]


def compile_dashboards(context: Compilation) -> None:
    """Add every dashboard. Two of one uid, or of one title in a folder, would freeze Grafana's
    provisioning."""
    seen: dict[tuple[str, ...], Source] = {}
    for definition in context.project.dashboards:
        with context.mistakes_at(definition.source):
            if built := _built(context, definition):
                _check(context, built, seen)
                context.add(
                    Kind.DASHBOARD,
                    built.body,
                    built.source,
                    uid=built.uid,
                    title=built.title,
                    folder=built.folder,
                    uses=built.uses,
                )


@dataclass(frozen=True)
class _Built:
    body: Json
    uid: str
    title: str
    folder: str
    source: Source
    uses: list[Use]


def _built(context: Compilation, definition: Definition) -> _Built | None:
    source = definition.source
    own = definition.value if isinstance(definition.value, Dashboard) else Dashboard("")
    try:
        body = document_of(context, own, definition.value)
    except (TypeError, ValueError) as error:
        context.wrong(source, f"dashboard cannot be read: {error}")
        return None
    title = body.get("title", "")
    uid = own.uid or body.get("uid") or slug(title)
    body, uses = _completed({**body, "title": title, "uid": uid}, context, own, source)
    strip_dashboard(body)
    return _Built(body, uid, title, context.folder(own.folder, source), source, uses)


def _completed(
    body: Json, context: Compilation, own: Dashboard, source: Source
) -> tuple[Json, list[Use]]:
    """The dashboard with all that a definition leaves to gk, and the queries of snippets in it."""
    given = variables_of(context, body.get("templating", {}).get("list", []), own)
    panels = [Panel.of(document) for document in flatten(body.get("panels", []))]
    _refuse_nested_rows(context, panels, source)
    references = References(context, own, given, source)
    variables, uses = completed_variables(context, given, own, references, source)
    compiler = PanelCompiler(context, own, references, source)
    completed = [
        (compiler.completed(panel), [compiler.completed(inner) for inner in panel.inside])
        for panel in with_ids(laid_out(panels))
    ]
    every = [each for panel, inside in completed for each in (panel, *inside)]
    _link_alerts(context, body["uid"], every)
    annotations = [
        compiler.completed_annotation(each) for each in body.get("annotations", {}).get("list", [])
    ]
    document = {
        **body,
        "templating": {"list": variables},
        "panels": [_with_inside(panel.document, inside) for panel, inside in completed],
    }
    return document, [*uses, *(use for each in (*every, *annotations) for use in each.uses)]


def _refuse_nested_rows(context: Compilation, panels: Sequence[Panel], source: Source) -> None:
    for inner in (each for panel in panels for each in panel.inside if each.is_row):
        context.wrong(
            source, f"row '{inner.title}' is inside a collapsed row; Grafana nests no rows"
        )


def _with_inside(document: Json, inside: Sequence[Completed]) -> Json:
    """A row's document holds those of its panels."""
    return {**document, "panels": [each.document for each in inside]} if inside else document


def _link_alerts(context: Compilation, uid: str, panels: Sequence[Completed]) -> None:
    """Remember, for alerts, the panel that shows each query: the first that shows its course, or
    else the first."""
    by_query: dict[Query, PanelRef] = {}
    for panel in sorted(panels, key=lambda each: each.document.get("type") != "timeseries"):
        for query in panel.queries:
            by_query.setdefault(query, PanelRef(uid, panel.document["id"]))
    for query, ref in by_query.items():
        context.panels.setdefault(query, ref)
        context.panels_by_snippet.setdefault(query.snippet, ref)


def _check(context: Compilation, built: _Built, seen: dict[tuple[str, ...], Source]) -> None:
    who = f"dashboard '{built.title or built.uid}'"
    if not built.title:
        context.wrong(
            built.source, f"{who}: title is empty, and Grafana takes no dashboard without one"
        )
    if not is_uid(built.uid):
        long = (
            f" has {len(built.uid)} characters, and Grafana"
            if len(built.uid) > MAX_UID
            else ": Grafana"
        )
        context.wrong(
            built.source,
            f"{who}: uid '{built.uid}'{long} takes 1 to {MAX_UID} letters, digits, - and _",
        )
    first = seen.setdefault(("uid", built.uid), built.source)
    if first is not built.source:
        context.wrong(
            built.source,
            f"{who}: uid '{built.uid}' is taken by the dashboard at {first}; change one",
        )
    # Grafana compares titles without case where its database does.
    first = seen.setdefault(("title", built.folder, built.title.casefold()), built.source)
    if first is not built.source:
        where = f"folder '{context.folder_title(built.folder)}'" if built.folder else "General"
        context.wrong(
            built.source,
            f"{who}: the title is taken in {where} by the dashboard at {first}; change one",
        )
