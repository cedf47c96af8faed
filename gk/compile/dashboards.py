"""Dashboards to Grafana's documents: canonical JSON of the current schema.

Whatever made a dashboard (gk, grafanalib, the Foundation SDK, an export), it becomes plain JSON
first (gk.compile.document). Then its variables and panels go one way: panels are taken apart, laid
out, numbered and completed with what queries and alerts know, and what Grafana would add by itself
is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

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
from gk.resource import Kind, Use, canonical

__all__ = ["Built", "build", "compile_dashboards"]

_NOTHING_OF_GK = Dashboard("")
"""What gk's own constructor would say of a dashboard that something else made."""


Ahead: TypeAlias = "Callable[[], Built | None]"


class Built(NamedTuple):
    """A dashboard by itself, before others are looked at."""

    json: bytes
    not_json: str
    uid: str
    title: str
    folder: str | None
    uses: Sequence[Use]
    panels: Mapping[Query, int]
    """For alerts, the id of the panel that shows a query: the first that shows its course, or else
    the first."""


def compile_dashboards(
    context: Compilation, definitions: Iterable[Definition], ahead: Ahead | None = None
) -> None:
    """Add every dashboard. Two of one uid, or of one title in a folder, would freeze Grafana's
    provisioning.

    `ahead` is asked for each, in order, whether it was built already.
    """
    seen: dict[tuple[str, ...], Source] = {}
    for definition in definitions:
        built = ahead() if ahead else None
        with context.mistakes_at(definition.source):
            if built or (built := build(context, definition)):
                _add(context, built, definition.source, seen)


def build(context: Compilation, definition: Definition) -> Built | None:
    """The dashboard of a definition; None, and a mistake noted, for what is none."""
    source = definition.source
    own = definition.value if isinstance(definition.value, Dashboard) else _NOTHING_OF_GK
    try:
        body = document_of(context, own, definition.value)
    except (TypeError, ValueError) as error:
        context.wrong(source, f"dashboard cannot be read: {error}")
        return None
    title = body.get("title", "")
    uid = own.uid or body.get("uid") or slug(title)
    body, panels, uses = _completed({**body, "title": title, "uid": uid}, context, own, source)
    strip_dashboard(body)
    json, not_json = b"", ""
    try:
        json = canonical(body)
    except (TypeError, RecursionError) as error:
        not_json = str(error)
    return Built(json, not_json, uid, title, own.folder, uses, panels)


def _add(
    context: Compilation, built: Built, source: Source, seen: dict[tuple[str, ...], Source]
) -> None:
    folder = context.folder(built.folder, source)
    _check(context, built, folder, source, seen)
    for query, panel in built.panels.items():
        ref = PanelRef(built.uid, panel)
        context.panels.setdefault(query, ref)
        context.panels_by_snippet.setdefault(query.snippet, ref)
    if built.not_json:
        who = f"dashboard '{built.title or built.uid}'"
        context.wrong(source, f"{who} is not JSON: {built.not_json}")
        return
    context.add_json(
        Kind.DASHBOARD,
        built.json,
        source,
        uid=built.uid,
        title=built.title,
        folder=folder,
        uses=built.uses,
    )


def _completed(
    body: Json, context: Compilation, own: Dashboard, source: Source
) -> tuple[Json, Mapping[Query, int], list[Use]]:
    """The dashboard with all that a definition leaves to gk, the panels that show queries, and the
    queries of snippets in it."""
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
    annotations = [
        compiler.completed_annotation(each) for each in body.get("annotations", {}).get("list", [])
    ]
    document = {
        **body,
        "templating": {"list": variables},
        "panels": [_with_inside(panel.document, inside) for panel, inside in completed],
    }
    of_snippets = [*uses, *(use for part in (*every, *annotations) for use in part.uses)]
    return document, _panels_by_query(every), of_snippets


def _refuse_nested_rows(context: Compilation, panels: Sequence[Panel], source: Source) -> None:
    for inner in (each for panel in panels for each in panel.inside if each.is_row):
        context.wrong(
            source, f"row '{inner.title}' is inside a collapsed row; Grafana nests no rows"
        )


def _with_inside(document: Json, inside: Sequence[Completed]) -> Json:
    """A row's document holds those of its panels."""
    return {**document, "panels": [each.document for each in inside]} if inside else document


def _panels_by_query(panels: Sequence[Completed]) -> Mapping[Query, int]:
    ids: dict[Query, int] = {}
    for panel in sorted(panels, key=lambda each: each.document.get("type") != "timeseries"):
        for query in panel.queries:
            ids.setdefault(query, panel.document["id"])
    return ids


def _check(
    context: Compilation,
    built: Built,
    folder: str,
    source: Source,
    seen: dict[tuple[str, ...], Source],
) -> None:
    who = f"dashboard '{built.title or built.uid}'"
    if not built.title:
        context.wrong(source, f"{who}: title is empty, and Grafana takes no dashboard without one")
    if not is_uid(built.uid):
        long = (
            f" has {len(built.uid)} characters, and Grafana"
            if len(built.uid) > MAX_UID
            else ": Grafana"
        )
        context.wrong(
            source,
            f"{who}: uid '{built.uid}'{long} takes 1 to {MAX_UID} letters, digits, - and _",
        )
    first = seen.setdefault(("uid", built.uid), source)
    if first is not source:
        context.wrong(
            source,
            f"{who}: uid '{built.uid}' is taken by the dashboard at {first}; change one",
        )
    # Grafana compares titles without case where its database does.
    first = seen.setdefault(("title", folder, built.title.casefold()), source)
    if first is not source:
        where = f"folder '{context.folder_title(folder)}'" if folder else "General"
        context.wrong(
            source,
            f"{who}: the title is taken in {where} by the dashboard at {first}; change one",
        )
