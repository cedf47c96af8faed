"""Completes one panel: renders its queries, names its data sources, and adds what queries and
alerts know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from gk.compile.context import Compilation, name_node, name_node_in_format
from gk.compile.fields import (
    Shown,
    Target,
    add_alerts,
    add_base_threshold,
    add_texts,
    add_units,
    units,
)
from gk.compile.names import Names
from gk.compile.options import check_colors, check_keys, check_overrides
from gk.compile.references import References
from gk.define.dashboard import Dashboard
from gk.define.exported import EXPORTED
from gk.define.panel import NOTES, Notes, Shared
from gk.documents.colors import color_mistake
from gk.documents.panels import add_display_modes, modernise
from gk.documents.references import MIXED, combined, is_prometheus, refer
from gk.documents.shapes import PANEL, Json, wrong_part
from gk.documents.strip import strip_panel
from gk.documents.targets import WITHOUT_DATA, lacks_query, number
from gk.documents.units import unit_mistake
from gk.errors import Source, Where
from gk.promql.mistakes import expr_mistake
from gk.promql.rendering import SnippetMistake
from gk.promql.snippet import Query, Scope, Snippet, query_of
from gk.promql.syntax import variables
from gk.resource import Use

__all__ = ["Completed", "Panel", "PanelCompiler"]


class Panel(NamedTuple):
    """A panel while it is compiled.

    `document` is its JSON, to which nothing else refers; `notes` is what its constructor noted for
    gk. `inside` are the panels of a row. `is_export` is one that somebody drew in Grafana.
    """

    document: Json
    notes: Notes | None = None
    inside: tuple[Panel, ...] = ()
    is_export: bool = False

    @classmethod
    def of(cls, document: Json) -> Panel:
        """Make a panel, and those inside it, of a definition's JSON, which carries its notes."""
        panel = _noted(document)
        inside = tuple(_noted(inner) for inner in document.get("panels", ()))
        return panel._replace(inside=inside) if inside else panel

    @property
    def is_row(self) -> bool:
        """Whether it is a row, which has no data."""
        return self.document.get("type") == "row"

    @property
    def title(self) -> str:
        """Its title, empty if it has none."""
        return str(self.document.get("title", ""))

    @property
    def where(self) -> Where:
        """How mistakes name it; its type tells panels without a title apart."""
        if title := self.document.get("title"):
            return Where("panel", title)
        return Where(f"{self.document.get('type')} panel", None)

    def but(self, *, inside: Iterable[Panel] = (), **changes: Any) -> Panel:
        """Return the panel with some keys of its document changed, and with these panels inside."""
        return self._replace(document={**self.document, **changes}, inside=tuple(inside))


def _noted(document: Json) -> Panel:
    notes = document.get(NOTES)
    if not isinstance(notes, Notes):
        own = {key: value for key, value in document.items() if key != EXPORTED}
        return Panel(own, is_export=EXPORTED in document)
    return Panel({key: value for key, value in document.items() if key != NOTES}, notes)


_STEP_OF_HIGHEST = "1m"
"""The least step of a graph of the highest series. They are chosen among all series, over the whole
range, and rates look back a minute or more anyway."""


_IN_DASHBOARD = ("id", "gridPos", "title", "repeat", "repeatDirection", "maxPerRow")
"""What a dashboard says of a library panel."""


class Completed(NamedTuple):
    """A panel's final document, the queries that it shows, and the uses of their snippets."""

    document: Json
    queries: Sequence[Query] = ()
    uses: Sequence[Use] = ()


class PanelCompiler:
    """Completes the panels and annotations of one dashboard."""

    def __init__(
        self,
        context: Compilation,
        own: Dashboard,
        references: References,
        names: Names,
    ) -> None:
        self._context = context
        self._references = references
        self._findings = names.findings
        self._names = names
        self._source = names.findings.source
        self._scope = Scope.panel(context.settings.labels, own.exporter, nodes=own.nodes)
        self._scope_of_graph = replace(self._scope, is_graph=True)
        self._node = context.settings.labels.of(own.exporter.name).node if own.exporter else ""

    def completed(self, panel: Panel) -> Completed:
        """Return the panel in its final form, without the panels inside it."""
        document, notes = panel.document, panel.notes
        modernise(document)
        source = notes.source if notes and notes.source.file else self._source
        where = panel.where
        if mistake := wrong_part(document, PANEL):
            self._context.wrong(source, mistake, where)
            return Completed(document)
        if notes and (label := self._node_label(document)):
            _rename(document, partial(name_node, label=label))
        if notes and self._context.settings.labels.cluster:
            _rename(document, _with_cluster)
        shown: list[Shown] = []
        if document.get("type") in WITHOUT_DATA and not document.get("targets"):
            document.pop("datasource", None)
        else:
            shown = self._complete_targets(document, source, where, notes)
            self._add_knowledge(document, shown, notes)
        self._check(document, shown, source, where)
        if notes:
            add_base_threshold(document)
            check_keys(document, self._findings, str(where), of_panel=True)
        if not self._findings.of_export:
            # Grafana shows a text that is no unit after the value, and exports have many of them.
            self._check_units(document, shown, source, where)
        strip_panel(document)
        add_display_modes(document)
        rendered = dict.fromkeys((query, target["expr"]) for target, query in shown)
        uses = [self._context.use(where, query, expr) for query, expr in rendered]
        if notes and notes.shared:
            document = self._shared(document, notes.shared, source, where)
        return Completed(document, [query for _, query in shown], uses)

    def _shared(self, document: Json, shared: Shared, source: Source, where: Where) -> Json:
        """A library panel, as a dashboard has it: a reference if it is pushed, because Grafana
        loads no library from files."""
        if shared.uid not in self._context.library_panels:
            self._context.wrong(
                source,
                f"library panel '{shared.name}' is not defined in dashboards/; give it a "
                "name of its own in a module there",
                where,
            )
        if not self._context.is_pushed:
            return document
        kept = {key: document[key] for key in _IN_DASHBOARD if key in document}
        return {**kept, "libraryPanel": {"uid": shared.uid, "name": shared.name}}

    def _node_label(self, document: Json) -> str:
        """The node label of the dashboard's exporter; without one, that of the panel's first
        query."""
        asked = (target.get("expr") for target in document.get("targets", ()))
        of_queries = (
            self._context.node_label(query_of(query))
            for query in asked
            if isinstance(query, (Query, Snippet))
        )
        return self._node or next(of_queries, "")

    def _check(self, document: Json, shown: Sequence[Shown], source: Source, where: Where) -> None:
        if not self._findings.of_export:
            # Only these may be mistakes; in exports, somebody may have meant them.
            if not shown and lacks_query(document):
                self._findings.wrong(source, "has no query, so Grafana shows no data", where)
            if document.get("fieldConfig"):
                check_colors(document, self._findings, source, where)
                check_overrides(document, self._findings, source, where)
            self._names.in_panel(document, source, where)
        for target in document.get("targets", ()):
            self._names.in_target(target, source, where)

    def completed_annotation(self, annotation: Json) -> Completed:
        """Return an annotation of the dashboard with its query rendered and its data source
        named."""
        where = Where("annotation", annotation.get("name", ""))
        for key in ("titleFormat", "textFormat"):
            if self._node and key in annotation:
                annotation[key] = name_node_in_format(annotation[key], self._node)
        uses = []
        # Grafana 8 and later keep the query in `target`, and read both.
        for owner in (annotation, annotation.get("target", {})):
            if "expr" in owner:
                query = owner["expr"]
                owner["expr"] = self._expr(query, self._scope, self._source, where)
                if isinstance(query, (Query, Snippet)):
                    uses.append(self._context.use(where, query_of(query), owner["expr"]))
        color = annotation.get("iconColor")
        if isinstance(color, str) and (mistake := color_mistake(color)):
            self._findings.wrong(self._source, mistake, where)
        if not annotation.get("builtIn"):
            ref = self._references.of(annotation.get("datasource"), self._source, where)
            refer(annotation, ref)
            if is_prometheus(annotation):
                given = annotation.get("expr"), annotation.get("target", {}).get("expr")
                for text in dict.fromkeys(given):
                    self._check_expr(text, self._source, where)
                    self._names.in_promql(str(text or ""), self._source, where)
        return Completed(annotation, uses=uses)

    # Queries and data sources

    def _complete_targets(
        self, document: Json, source: Source, where: Where, notes: Notes | None
    ) -> list[Shown]:
        """Complete the targets; return those that show a query, with the query."""
        targets: list[Target] = document.get("targets", [])
        given = document.get("datasource")
        if not given and targets and all(target.get("datasource") for target in targets):
            given = targets[0]["datasource"]
        ref = None
        if targets or "datasource" in document:
            ref = self._references.of(given, source, where)
        number(targets)
        shown = []
        for target in targets:
            own = target.get("datasource")
            refer(target, self._references.of(own, source, where) if own or ref == MIXED else ref)
            query = target.get("expr")
            if isinstance(query, (Query, Snippet)):
                shown.append((target, query_of(query)))
            if query is not None:
                self._complete_target(target, query, source, where, notes)
        refer(document, combined(ref, [target.get("datasource") for target in targets]))
        if any(query.limit and not target.get("instant") for target, query in shown):
            document.setdefault("interval", _STEP_OF_HIGHEST)
        return shown

    def _complete_target(
        self, target: Target, query: Any, source: Source, where: Where, notes: Notes | None
    ) -> None:
        scope = self._scope if target.get("instant") else self._scope_of_graph
        target["expr"] = self._expr(query, scope, source, where)
        if isinstance(query, str) and is_prometheus(target):
            self._check_expr(query, source, where)
        # grafanalib writes the query a second time.
        if target.get("query") == query:
            del target["query"]
        own = query_of(query) if isinstance(query, (Query, Snippet)) else None
        if isinstance(given := target.get("legendFormat"), str):
            target["legendFormat"] = name_node_in_format(
                given, self._context.node_label(own) if own else self._node
            )
        elif own:
            target["legendFormat"] = self._context.legend(own)
        elif notes and is_prometheus(target):
            target["legendFormat"] = "__auto"

    def _expr(self, query: Any, scope: Scope, source: Source, where: Where) -> str:
        if isinstance(query, (Query, Snippet)):
            return self._context.queries.render(query_of(query), scope, source, where)
        if not isinstance(query, str):
            self._context.wrong(
                source, f"expr is a {type(query).__name__}, not a query or PromQL text", where
            )
        return str(query)

    def _check_expr(self, text: Any, source: Source, where: Where) -> None:
        # Grafana does not send an empty query.
        if isinstance(text, str) and text.strip() and (mistake := expr_mistake(text)):
            self._findings.in_query(source, where, mistake, text)

    # What queries and alerts know

    def _add_knowledge(self, document: Json, shown: Sequence[Shown], notes: Notes | None) -> None:
        add_texts(document, shown)
        add_units(document, shown, notes)
        known = self._context.alerts
        alerts_of = {query: known.get(query) or known.get(query.of_all, []) for _, query in shown}
        add_alerts(document, shown, alerts_of, thresholds=notes is None or notes.alert_thresholds)

    def _check_units(
        self, document: Json, shown: Sequence[Shown], source: Source, where: Where
    ) -> None:
        snippets = {query.snippet.unit: query.snippet for _, query in shown}
        for unit in units(document):
            mistake = unit_mistake(unit) if isinstance(unit, str) else f"unit {unit!r} must be text"
            if not mistake or variables(str(unit)):
                continue
            # A snippet's mistake is in the snippet, and once, however many panels show it.
            if isinstance(unit, str) and (snippet := snippets.get(unit)):
                place, message = Source(*snippet.place), f"snippet {snippet.name}: {mistake}"
                in_snippet = SnippetMistake(place, message, (place, message))
                self._context.wrong_in_snippet(in_snippet, source, where)
            else:
                self._context.wrong(source, mistake, where)


def _rename(document: Json, renamed: Callable[[Any], Any]) -> None:
    """Rename in the panel's own options that name fields or lead elsewhere."""
    config = document.get("fieldConfig", {})
    for owner in (document, config, config.get("defaults", {})):
        for key in ("links", "overrides", "transformations"):
            if owner.get(key):
                owner[key] = renamed(owner[key])


_SOURCE, _CLUSTER = "${datasource:queryparam}", "${cluster:queryparam}"


def _with_cluster(value: Any) -> Any:
    """Make each link that keeps the data source keep the cluster: together they say whose series
    are meant."""
    if isinstance(value, str):
        keeps = _SOURCE in value and _CLUSTER not in value
        return value.replace(_SOURCE, f"{_SOURCE}&{_CLUSTER}") if keeps else value
    if isinstance(value, dict):
        return {key: _with_cluster(inner) for key, inner in value.items()}
    return [_with_cluster(inner) for inner in value] if isinstance(value, list) else value
