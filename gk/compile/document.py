"""A definition of a dashboard as plain JSON of the current schema, whoever made it: gk, grafanalib,
the Foundation SDK, an export."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from grafanalib import core

from gk.compile.context import Compilation
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.panel import Notes
from gk.documents.migrations import migrate
from gk.documents.shapes import DASHBOARD, UNMIGRATED, misfit
from gk.promql.snippet import Condition, Query, Snippet

__all__ = ["document_of"]

_ATOMS = frozenset({str, int, float, bool, type(None), Query, Snippet, Condition, Notes})


def document_of(context: Compilation, own: Dashboard, value: Any) -> dict[str, Any]:
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
        plain = {}
        for key, each in value.items():
            # Most values are atoms or empty: a call for each would double the time of a build.
            if (inner := type(each)) in _ATOMS:
                if each is not None or key == "value":
                    plain[key] = each
            else:
                plain[key] = _plain(each) if each or inner is not list else []
        return plain
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
