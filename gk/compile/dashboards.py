"""Compiles dashboards to Grafana's documents: canonical JSON of the current schema.

Every dashboard (gk, grafanalib, the Foundation SDK, an export) becomes plain JSON first
(gk.compile.document). Then all take the same path: panels are laid out, numbered, and completed
with what queries and alerts know, and what Grafana would add itself is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from gk.compile.arrangement import Arrangement, is_arranged, laid_out_by_part
from gk.compile.context import Compilation, PanelRef
from gk.compile.document import document_of
from gk.compile.findings import Findings
from gk.compile.layout import laid_out, with_ids
from gk.compile.names import Names
from gk.compile.options import check_keys, check_times
from gk.compile.panel import Completed, Panel, PanelCompiler
from gk.compile.references import References
from gk.compile.variables import completed_variables, variables_of
from gk.define.dashboard import Dashboard
from gk.documents.dashboards import flatten
from gk.documents.names import MAX_UID, is_uid, slug
from gk.documents.parts import every_panel
from gk.documents.rows import place
from gk.documents.schema_v2 import enveloped, with_part_variables, written
from gk.documents.shapes import Json
from gk.documents.strip import strip_dashboard
from gk.errors import Problem, Source, Where
from gk.project import Definition
from gk.promql.snippet import Query
from gk.resource import Kind, Use, canonical
from gk.settings.targets import PART_VARIABLES

__all__ = ["Built", "build", "compile_dashboards"]

_NOTHING_OF_GK = Dashboard("")
"""Stands for gk's own arguments where another library made the dashboard."""


_BOM = "\ufeff".encode()
"""A byte order mark, in links that people copied. Grafana 12.4 refuses a dashboard of v2 with one;
its own conversion drops them, too."""

Ahead: TypeAlias = "Callable[[], Built | None]"


class Built(NamedTuple):
    """A dashboard before it is compared with others."""

    json: bytes
    not_json: str
    uid: str
    title: str
    folder: str | None
    uses: Sequence[Use]
    panels: Mapping[Query, int]
    """For alerts, the id of the panel that shows each query: the first time series, or else the
    first panel."""
    labels: Mapping[str, str]
    """The label whose values each variable has, by the name of the variable."""
    lost: Sequence[str]
    """The paths of what an export says and a classic dashboard cannot."""
    warnings: Sequence[str]
    """What cannot work in an export, and what is probably wrong in any dashboard."""
    fallbacks: Sequence[Problem]
    """What the targets lack, and what becomes of it."""


def compile_dashboards(
    context: Compilation, definitions: Iterable[Definition], ahead: Ahead | None = None
) -> None:
    """Add every dashboard.

    Two dashboards with the same uid, or the same title in a folder, are a mistake: they would
    freeze Grafana's provisioning. `ahead` returns the next dashboard if a worker has built it.
    """
    seen: dict[tuple[str, ...], Source] = {}
    for definition in definitions:
        built = ahead() if ahead else None
        with context.mistakes_at(definition.source):
            if built or (built := build(context, definition)):
                _add(context, built, definition.source, seen)


def build(context: Compilation, definition: Definition) -> Built | None:
    """Build the dashboard of a definition; without a valid dashboard, note a mistake and return
    None."""
    source = definition.source
    own = definition.value if isinstance(definition.value, Dashboard) else _NOTHING_OF_GK
    try:
        document = document_of(context, own, definition.value)
    except (TypeError, ValueError) as error:
        context.wrong(source, f"dashboard cannot be read: {error}")
        return None
    body = document.body
    if not source.file.endswith(".py"):
        # Somebody drew it in Grafana; only what is written for gk is laid out by gk.
        for panel in every_panel(body):
            place(panel)
    title = body.get("title", "")
    # From the title, not at random: each build must give the same uid.
    uid = own.uid or document.uid or body.get("uid") or slug(title)
    findings = Findings(
        context, source, of_export=isinstance(definition.value, dict) or isinstance(own.body, dict)
    )
    body, arranged, panels, uses = _completed(
        {**body, "title": title, "uid": uid}, context, own, source, findings
    )
    strip_dashboard(body)
    json, not_json = b"", ""
    try:
        json = canonical(_in_form(context, body, arranged, document.spec, findings))
        if context.settings.dashboards == "v2":
            json = json.replace(_BOM, b"")
    except (TypeError, RecursionError) as error:
        not_json = str(error)
    folder = document.folder or None if own.folder is None else own.folder
    labels = _labels(context, own, body.get("templating", {}).get("list", []))
    return Built(
        json,
        not_json,
        uid,
        title,
        folder,
        uses,
        panels,
        labels,
        document.lost,
        findings.warnings,
        _fallbacks(context, arranged, source),
    )


def _in_form(
    context: Compilation,
    body: Json,
    arranged: Arrangement | None,
    spec: Json | None,
    findings: Findings,
) -> Json:
    """The document in the form that gk.yaml chooses: a classic one, or schema v2 in its envelope;
    `spec` is an export of schema v2."""
    if context.settings.dashboards == "classic":
        return {**body, "panels": arranged.classic_panels()} if arranged else body
    targets = context.settings.targets
    if spec is None:
        own = targets.have(PART_VARIABLES)
        layout = arranged.layout(with_variables=own) if arranged else None
        spec, lost = written(body, targets.v2, layout)
        if lost:
            findings.warn(f"schema v2 cannot say this, so it is left out: {', '.join(lost)}")
        if arranged and arranged.has_variables and own:
            spec = with_part_variables(spec)
    return enveloped(spec, str(body["uid"]), targets.v2)


def _fallbacks(
    context: Compilation, arranged: Arrangement | None, source: Source
) -> Sequence[Problem]:
    if arranged is None:
        return ()
    if context.settings.dashboards == "classic":
        why = "a classic dashboard cannot say more (dashboards: v2 can)"
        return list(arranged.fallbacks(source, classic=True, why=why))
    older = context.settings.targets.lacking(PART_VARIABLES)
    why = f"{older} has no variables of rows and tabs, which need {PART_VARIABLES}"
    return list(arranged.fallbacks(source, classic=False, why=why)) if older else ()


def _add(
    context: Compilation, built: Built, source: Source, seen: dict[tuple[str, ...], Source]
) -> None:
    if built.lost:
        context.project.warnings.append(
            f"{source}: dashboard '{built.title}' is built as a classic one, which has no "
            f"conditions and no variables of rows; left out: {', '.join(built.lost)}"
        )
    context.project.warnings.extend(
        # Of the same kind.
        type(warning)(f"{source}: dashboard '{built.title}': {warning}")
        for warning in built.warnings
    )
    context.project.warnings.extend(
        f"{context.project.place(problem.source)}: dashboard '{built.title}': {problem.text}"
        for problem in built.fallbacks
    )
    folder = context.folder(built.folder, source)
    _check(context, built, folder, source, seen)
    for query, panel in built.panels.items():
        ref = PanelRef(built.uid, panel, built.labels)
        # The first dashboard wins, so that links do not depend on later files.
        context.panels.setdefault(query, ref)
        context.panels_by_snippet.setdefault(query.snippet, ref)
        chosen = len(query.arguments) - len(query.of_all.arguments)
        if chosen > context.narrow_panels.get(query.of_all, (-1,))[0]:
            context.narrow_panels[query.of_all] = chosen, ref
    if built.not_json:
        where = Where("dashboard", built.title or built.uid)
        context.wrong(source, f"is not JSON: {built.not_json}", where)
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
    body: Json, context: Compilation, own: Dashboard, source: Source, findings: Findings
) -> tuple[Json, Arrangement | None, Mapping[Query, int], list[Use]]:
    """Return the completed dashboard, its parts if it has what only schema v2 has, the ids of the
    panels that show queries, and the uses of snippets."""
    given = variables_of(context, body.get("templating", {}).get("list", []), own)
    panels = [Panel.of(document) for document in flatten(body.get("panels", []))]
    if not findings.of_export:
        _refuse_nested_rows(context, panels, source)
    names = Names(given, findings)
    check_times(body, findings)
    check_keys(own.extra, findings, "extra", of_panel=False)
    references = References(context, own, given, source, findings)
    lenient = findings.for_export()
    of_export = References(context, own, given, source, lenient), Names(given, lenient)
    variables, uses = completed_variables(context, given, own, (references, names), of_export)
    compiler = PanelCompiler(context, own, references, names)
    of_exports = PanelCompiler(context, own, *of_export)
    numbered = with_ids(laid_out_by_part(panels) if is_arranged(panels) else laid_out(panels))

    def complete(panel: Panel) -> Completed:
        return (of_exports if panel.is_export else compiler).completed(panel)

    completed = [(complete(panel), list(map(complete, panel.inside))) for panel in numbered]
    arranged = Arrangement(numbered) if is_arranged(panels) else None
    if arranged:
        arranged.check(names, given, source)
    every = [part for panel, inside in completed for part in (panel, *inside)]
    for link in body.get("links", ()):
        names.in_link(link, source, Where("link", link.get("title", "")))
    annotations = [
        compiler.completed_annotation(annotation)
        for annotation in body.get("annotations", {}).get("list", [])
    ]
    document = {
        **body,
        "templating": {"list": variables},
        "panels": [
            {**panel.document, "panels": [inner.document for inner in inside]}
            if inside
            else panel.document
            for panel, inside in completed
        ],
    }
    of_snippets = [*uses, *(use for part in (*every, *annotations) for use in part.uses)]
    return document, arranged, _panels_by_query(every), of_snippets


def _labels(context: Compilation, own: Dashboard, variables: Sequence[Json]) -> dict[str, str]:
    names = [
        str(variable.get("name"))
        for variable in variables
        if variable.get("type") in ("query", "custom")
    ]
    scheme = context.settings.labels
    node = scheme.of(own.exporter.name).node if own.exporter else "node"
    called = {"node": node, "cluster": scheme.cluster or "cluster"}
    # A job is not a label of what most alerts return.
    return {name: called.get(name, name) for name in names if name != "job"}


def _refuse_nested_rows(context: Compilation, panels: Sequence[Panel], source: Source) -> None:
    for inner in (inner for panel in panels for inner in panel.inside if inner.is_row):
        context.wrong(
            source,
            "is inside a collapsed row; Grafana does not support nested rows",
            Where("row", inner.title),
        )


def _panels_by_query(panels: Sequence[Completed]) -> Mapping[Query, int]:
    ids: dict[Query, int] = {}
    # A link from an alert goes to a time series if possible, because it shows what led to the
    # alert.
    for panel in sorted(panels, key=lambda panel: panel.document.get("type") != "timeseries"):
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
    where = Where("dashboard", built.title or built.uid)
    if not built.title:
        context.wrong(source, "title is empty; Grafana requires a title", where)
    if not is_uid(built.uid):
        long = f", and has {len(built.uid)} characters" if len(built.uid) > MAX_UID else ""
        context.wrong(
            source,
            f"uid '{built.uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'{long}",
            where,
        )
    first = seen.setdefault(("uid", built.uid), source)
    if first is not source:
        context.wrong(
            source, f"uid '{built.uid}' is taken by the dashboard at {first}; change one", where
        )
    # Grafana compares titles without case where its database does.
    first = seen.setdefault(("title", folder, built.title.casefold()), source)
    if first is not source:
        there = f"folder '{context.folder_title(folder)}'" if folder else "General"
        context.wrong(
            source, f"the title is taken in {there} by the dashboard at {first}; change one", where
        )
