"""Dashboards to Grafana's documents: canonical JSON of the current schema.

Whatever made a dashboard (gk, grafanalib, the Foundation SDK, an export), it becomes plain JSON
first, is brought to the current schema by gk.documents.migrations, is completed with what queries
and alerts know, and loses what Grafana would add by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from grafanalib import core

from gk.compile.context import Compilation, PanelRef
from gk.compile.layout import assign_ids, lay_out
from gk.compile.panel import PanelCompiler
from gk.compile.variables import all_variables, complete_queries
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.panels import NOTES, Notes
from gk.documents.dashboards import flatten, with_inner
from gk.documents.migrations import migrate
from gk.documents.names import MAX_UID, is_uid, slug
from gk.documents.shapes import DASHBOARD, UNMIGRATED, misfit
from gk.documents.strip import strip_dashboard
from gk.errors import Source
from gk.project import Definition
from gk.promql.snippet import Condition, Query, Snippet
from gk.resource import Kind, Use

__all__ = ["compile_dashboards"]

_ATOMS = frozenset({str, int, float, bool, type(None), Query, Snippet, Condition, Notes})


def compile_dashboards(context: Compilation) -> None:
    """Add every dashboard. Two of one uid, or of one title in a folder, would freeze Grafana's
    provisioning."""
    seen: dict[tuple[str, ...], Source] = {}
    for definition in context.project.dashboards:
        with context.mistakes_at(definition.source):
            if built := _Built.of(context, definition):
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
    body: dict[str, Any]
    uid: str
    title: str
    folder: str
    source: Source
    uses: list[Use]

    @classmethod
    def of(cls, context: Compilation, definition: Definition) -> _Built | None:
        source = definition.source
        own = definition.value if isinstance(definition.value, Dashboard) else Dashboard("")
        try:
            body = _body(context, own, definition.value)
        except (TypeError, ValueError) as error:
            context.wrong(source, f"dashboard cannot be read: {error}")
            return None
        title = body.setdefault("title", "")
        body["uid"] = uid = own.uid or body.get("uid") or slug(title)
        uses = _complete(context, body, own, source)
        strip_dashboard(body)
        return cls(body, uid, title, context.folder(own.folder, source), source, uses)


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


def _body(context: Compilation, own: Dashboard, value: Any) -> dict[str, Any]:
    """The JSON of a dashboard in the current schema, with queries and notes as leaves.

    Raises TypeError or ValueError for what is no dashboard, or none that file provisioning takes.
    """
    inner = value if own.body is None else own.body
    if isinstance(inner, core.Dashboard) and inner.rows and inner.panels:
        raise ValueError(
            "it has rows and panels, and grafanalib leaves out the panels then; put them into a row"
        )
    body = _plain(inner)
    if not isinstance(body, dict):
        raise TypeError(f"a {type(inner).__name__} is no dashboard")
    if isinstance(body.get("dashboard"), dict) and "panels" not in body:
        # What Grafana's HTTP API answers, and what it is sent.
        body = body["dashboard"]
    _refuse_newer(body)
    _merge(body, _plain(own.extra))
    if mistake := misfit(body, UNMIGRATED):
        raise TypeError(mistake)
    body = migrate(_with_inputs(context, body))
    if mistake := misfit(body, DASHBOARD):
        raise TypeError(mistake)
    for text in (body.get("title", ""), body.get("uid", "")):
        text.encode()
    return body


def _refuse_newer(body: Mapping[str, Any]) -> None:
    if {"apiVersion", "kind", "spec"} <= body.keys():
        raise TypeError(
            "this is a Kubernetes-style export (apiVersion, kind, spec), which file provisioning "
            "does not take; export the classic JSON, or use its 'spec' if that has panels"
        )
    if {"elements", "layout"} <= body.keys():
        raise TypeError(
            "this is a dashboard of schema v2 (elements, layout), which file provisioning does "
            "not take; export the classic JSON"
        )


_INPUT = re.compile(r"\$\{([\w-]+)\}")


def _with_inputs(context: Compilation, body: dict[str, Any]) -> dict[str, Any]:
    """Fill in what an export "for sharing externally" leaves open, as Grafana's import dialog does.

    A data source becomes the project's default one of that type. Raises ValueError if there is
    none.
    """
    values: dict[str, str] = {}
    for each in body.pop("__inputs", []):
        if each.get("type") == "datasource":
            plugin = str(each.get("pluginId", ""))
            default = context.default_datasource(plugin)
            if default is None:
                raise ValueError(
                    f"it was exported without its data source of type {plugin}, and the project "
                    "has no default one; define one in datasources/ with default=True"
                )
            values[str(each.get("name"))] = default.uid
        else:
            values[str(each.get("name"))] = str(each.get("value", ""))
    return _filled_in(body, values) if values else body


def _filled_in(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled_in(each, values) for each in value]
    if isinstance(value, str) and "${" in value:
        return _INPUT.sub(lambda match: values.get(match[1], match[0]), value)
    return value


def _merge(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(body.get(key), dict):
            _merge(body[key], value)
        else:
            body[key] = value


def _plain(value: Any) -> Any:
    """Plain JSON of grafanalib's and the Foundation SDK's objects, without nulls.

    Only a threshold's and a mapping's null value means something. Raises TypeError for an object
    that has no JSON.
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
    return _plain(_opened(value))


def _opened(value: Any) -> Any:
    """What an object stands for in JSON, one step nearer to plain types."""
    if isinstance(value, Datasource):
        return value.ref
    if to_json := getattr(value, "to_json", None):
        return to_json()
    if type(value).__module__.startswith("grafana_foundation_sdk.") and hasattr(value, "build"):
        return value.build()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return list(value)
    raise TypeError(f"a {type(value).__name__} has no JSON")


def _complete(
    context: Compilation, body: dict[str, Any], own: Dashboard, source: Source
) -> list[Use]:
    variables = all_variables(context, body, own)
    panels = flatten(body.get("panels", []))
    for inside in (
        each for panel in panels for each in panel.get("panels", ()) if each.get("type") == "row"
    ):
        context.wrong(
            source,
            f"row '{inside.get('title', '')}' is inside a collapsed row; Grafana nests no rows",
        )
    notes: dict[int, Notes] = {
        id(panel): panel.pop(NOTES) for panel in with_inner(panels) if NOTES in panel
    }
    lay_out(panels, notes)
    assign_ids(panels, notes)
    body["panels"] = panels
    compiler = PanelCompiler(context, own, variables, source)
    of_variables = complete_queries(context, variables, own, source)
    for panel in with_inner(panels):
        compiler.complete(panel, notes.get(id(panel)))
    _link_alerts(context, body["uid"], with_inner(panels), compiler.shown)
    compiler.complete_annotations(body)
    return [*of_variables, *compiler.uses]


def _link_alerts(
    context: Compilation,
    uid: str,
    panels: Sequence[dict[str, Any]],
    shown: Mapping[int, list[Query]],
) -> None:
    """Remember, for alerts, the panel that shows each query: the first that shows its course, or
    else the first."""
    by_query: dict[Query, PanelRef] = {}
    for panel in sorted(panels, key=lambda each: each.get("type") != "timeseries"):
        for query in shown.get(panel["id"], ()):
            by_query.setdefault(query, PanelRef(uid, panel["id"]))
    for query, ref in by_query.items():
        context.panels.setdefault(query, ref)
        context.panels_by_snippet.setdefault(query.snippet, ref)
