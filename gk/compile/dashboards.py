"""Dashboards to Grafana's documents: canonical JSON of the current schema.

Whatever made a dashboard (gk, grafanalib, the Foundation SDK, an export), it becomes plain JSON first, is brought to
the current schema by gk.compile.migrations, is completed with what queries and alerts know, and loses what Grafana
would add by itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.compile.context import Context, PanelRef, is_uid, slug
from gk.compile.layout import assign_ids, flatten, lay_out
from gk.compile.migrations import migrate
from gk.compile.panel import PanelCompiler
from gk.compile.strip import strip_dashboard
from gk.compile.variables import compile_variables
from gk.dashboard import Dashboard
from gk.errors import Source
from gk.panels import NOTES, Notes
from gk.project import Definition
from gk.promql.snippet import Query, Snippet
from gk.resource import Kind

__all__ = ["compile_dashboards"]

_ATOMS = frozenset({str, int, float, bool, type(None), Query, Snippet, Notes})


def compile_dashboards(context: Context) -> None:
    """Add every dashboard. Two of one uid, or of one title in a folder, would freeze Grafana's provisioning."""
    seen: dict[tuple[str, ...], Source] = {}
    for definition in context.project.dashboards:
        built = _Built.of(context, definition)
        if built:
            _check(context, built, seen)
            context.add(Kind.DASHBOARD, built.body, built.source, uid=built.uid, title=built.title, folder=built.folder)


@dataclass(frozen=True)
class _Built:
    body: dict[str, Any]
    uid: str
    title: str
    folder: str
    source: Source

    @classmethod
    def of(cls, context: Context, definition: Definition) -> _Built | None:
        source = definition.source
        own = definition.value if isinstance(definition.value, Dashboard) else Dashboard("")
        try:
            body = _plain_body(definition.value)
        except TypeError as error:
            context.wrong(source, f"dashboard cannot be read: {error}")
            return None
        body = migrate(body)
        body["uid"] = uid = str(own.uid or body.get("uid") or slug(str(body.get("title", ""))))
        _complete(context, body, own, source)
        strip_dashboard(body)
        return cls(body, uid, str(body.get("title", "")), context.folder(own.folder, source), source)


def _check(context: Context, built: _Built, seen: dict[tuple[str, ...], Source]) -> None:
    who = f"dashboard '{built.title or built.uid}'"
    if not built.title:
        context.wrong(built.source, f"{who}: title is empty, and Grafana takes no dashboard without one")
    if not is_uid(built.uid):
        context.wrong(
            built.source,
            f"{who}: uid '{built.uid}' has {len(built.uid)} characters; Grafana takes 1 to 40 letters, digits, - and _",
        )
    first = seen.setdefault(("uid", built.uid), built.source)
    if first is not built.source:
        context.wrong(built.source, f"{who}: uid '{built.uid}' is taken by the dashboard at {first}; change one")
    # Grafana compares titles without case where its database does.
    first = seen.setdefault(("title", built.folder, built.title.casefold()), built.source)
    if first is not built.source:
        where = f"folder '{built.folder}'" if built.folder else "General"
        context.wrong(built.source, f"{who}: the title is taken in {where} by the dashboard at {first}; change one")


def _plain_body(value: Any) -> dict[str, Any]:
    """JSON of a dashboard, with queries and notes as leaves."""
    inner = value.body if isinstance(value, Dashboard) and value.body is not None else value
    if type(inner).__module__.startswith("grafana_foundation_sdk."):
        inner = _foundation(inner)
    body = _plain(inner)
    if not isinstance(body, dict):
        raise TypeError(f"{type(value).__name__} is no dashboard")
    if {"apiVersion", "kind", "spec"} <= body.keys():
        raise TypeError(
            "this is a Kubernetes-style export (apiVersion, kind, spec), which file provisioning does not take; "
            "export the classic JSON, or use its 'spec' if that has panels"
        )
    return body | getattr(value, "extra", {})


def _foundation(value: Any) -> Any:
    # Imported here: the Foundation SDK is an optional extra.
    from grafana_foundation_sdk.cog.encoder import JSONEncoder  # noqa: PLC0415

    model = value.build() if hasattr(value, "build") else value
    return json.loads(JSONEncoder().encode(model))


def _plain(value: Any) -> Any:
    """Plain JSON of grafanalib's objects, without nulls; only a threshold's and a mapping's null value means something.

    Raises TypeError for an object that has no JSON.
    """
    kind = type(value)
    if kind is dict:
        # Most values are atoms: a call for each of them would double the time of a build.
        return {
            key: each if type(each) in _ATOMS else _plain(each)
            for key, each in value.items()
            if each is not None or key == "value"
        }
    if kind in _ATOMS:
        return value
    if kind is list or kind is tuple:
        return [_plain(each) for each in value]
    if to_json_data := getattr(value, "to_json_data", None):
        return _plain(to_json_data())
    if isinstance(value, Mapping):
        return _plain(dict(value))
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (Sequence, set, frozenset)):
        return [_plain(each) for each in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    raise TypeError(f"a {kind.__name__} has no JSON")


def _complete(context: Context, body: dict[str, Any], own: Dashboard, source: Source) -> None:
    variables = compile_variables(context, body, own, source)
    panels = flatten(body.get("panels", []))
    notes: dict[int, Notes] = {id(panel): panel.pop(NOTES) for panel in _all(panels) if NOTES in panel}
    lay_out(panels, notes)
    assign_ids(panels, notes)
    body["panels"] = panels
    compiler = PanelCompiler(context, own, variables, source)
    for panel in _all(panels):
        compiler.complete(panel, notes.get(id(panel)))
    _link_alerts(context, body["uid"], compiler.shown)
    compiler.complete_annotations(body)


def _all(panels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panels and those inside collapsed rows, in order."""
    return [each for panel in panels for each in (panel, *panel.get("panels", ()))]


def _link_alerts(context: Context, uid: str, shown: Mapping[int, list[Query]]) -> None:
    """Remember, for alerts, the first panel that shows each query."""
    by_query: dict[Query, PanelRef] = defaultdict()
    for panel_id, queries in shown.items():
        for query in queries:
            by_query.setdefault(query, PanelRef(uid, panel_id))
    for query, ref in by_query.items():
        context.panels.setdefault(query, ref)
        context.panels_by_snippet.setdefault(query.snippet, ref)
