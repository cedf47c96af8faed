"""Turns a definition of a dashboard into plain JSON of the current schema: one of gk, grafanalib,
the Foundation SDK or an export."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from grafanalib import core

from gk.compile.arrangement import unnested, variables_of_parts
from gk.compile.context import Compilation
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.panel import NOTES, Notes
from gk.documents.exports import opened, with_elements
from gk.documents.migrations import migrate
from gk.documents.parts import dicts, path
from gk.documents.schema_v2 import adapted, classic, is_v2
from gk.documents.shapes import DASHBOARD, UNMIGRATED, wrong_part
from gk.errors import did_you_mean
from gk.promql.condition import Condition
from gk.promql.snippet import Query, Snippet

__all__ = ["Document", "document_of"]

_ATOMS = frozenset({str, int, float, bool, type(None), Query, Snippet, Condition, Notes})


class Document(NamedTuple):
    """A dashboard's JSON in the current schema, with queries and notes as leaves; the uid and the
    folder that its envelope has; and the paths of what a classic dashboard cannot say.

    `spec` is an export of schema v2 that stays as it is.
    """

    body: dict[str, Any]
    uid: str
    folder: str
    lost: Sequence[str]
    spec: dict[str, Any] | None = None


def document_of(context: Compilation, own: Dashboard, value: Any) -> Document:
    """Return the document of a dashboard.

    Raises TypeError or ValueError for an object that is not a dashboard, or that file provisioning
    does not accept.
    """
    inner = value if own.body is None else own.body
    # grafanalib's to_json_data() drops the panels without a word.
    if isinstance(inner, core.Dashboard) and inner.rows and inner.panels:
        raise ValueError(
            "it has rows and panels, and grafanalib then leaves out the panels; put them into a row"
        )
    body = _plain(inner)
    if not isinstance(body, dict):
        raise TypeError(f"a {type(inner).__name__} is not a dashboard")
    body, uid, folder = opened(body)
    lost: list[str] = []
    spec = None
    if is_v2(body):
        if context.settings.dashboards == "v2":
            # What follows changes the classic view in place.
            spec = adapted(copy.deepcopy(body), context.settings.targets.v2)
        body, lost = classic(body)
    elif any(NOTES in panel for panel in dicts(body, "panels")):
        body = _unnested(body)
    _merge(body, _plain(own.extra))
    if mistake := wrong_part(body, UNMIGRATED):
        raise TypeError(mistake)
    body = _with_inputs(context, own, with_elements(body))
    body = _migrated(body) if isinstance(inner, Dashboard) else migrate(body)
    if mistake := wrong_part(body, DASHBOARD):
        raise TypeError(mistake)
    for text in (body.get("title", ""), body.get("uid", "")):
        # Raises UnicodeEncodeError, which is a ValueError, for an unpaired surrogate: no file can
        # contain one.
        text.encode()
    return Document(body, uid, folder, [] if spec else lost, spec)


def _migrated(body: dict[str, Any]) -> dict[str, Any]:
    """A dashboard of gk in the current schema: panels of grafanalib may be of an older one."""
    variables = dicts(path(body, "templating"), "list")
    never = {variable.get("name") for variable in variables if variable.get("refresh") == 0}
    body = migrate(body)
    for variable in dicts(path(body, "templating"), "list"):
        if variable.get("name") in never:
            # Migration 29 takes it for a default of long ago. Here, somebody wrote it.
            variable["refresh"] = 0
    return body


def _unnested(body: dict[str, Any]) -> dict[str, Any]:
    """The panels of all parts in one list, and the variables of all parts beside the
    dashboard's."""
    panels = unnested(body["panels"])
    variables = [*dicts(path(body, "templating"), "list"), *_plain(variables_of_parts(panels))]
    return {**body, "panels": panels, "templating": {"list": variables}}


_INPUT = re.compile(r"\$\{([\w-]+)\}")


def _with_inputs(context: Compilation, own: Dashboard, body: dict[str, Any]) -> dict[str, Any]:
    """Fill in the inputs of an export "for sharing externally", as Grafana's import dialog does.

    The definition or gk.yaml says which data source each is; an input that neither of them has is
    the project's default of its type. Raises ValueError for inputs that stay open.
    """
    values: dict[str, str] = {}
    open_: dict[str, list[str]] = defaultdict(list)
    for given in body.pop("__inputs", []):
        name, plugin = str(given.get("name")), str(given.get("pluginId", ""))
        chosen = own.chosen_inputs.get(name) or context.settings.inputs.get(name)
        if given.get("type") != "datasource":
            values[name] = str(chosen or given.get("value", ""))
        elif chosen is None:
            open_[plugin].append(name)
        else:
            values[name] = _chosen(context, name, chosen)
    for plugin, names in open_.items():
        default = context.default_datasource(plugin)
        if default is None or len(names) > 1:
            raise ValueError(_open_inputs(plugin, names))
        values[names[0]] = default.uid
    return _filled_in(body, values) if values else body


def _chosen(context: Compilation, name: str, chosen: Datasource | str) -> str:
    """The uid of the data source that an input stands for. Raises ValueError if it is unknown."""
    if isinstance(chosen, Datasource):
        return chosen.uid
    if datasource := context.defined(chosen):
        return datasource.uid
    known = [name for own in context.datasources for name in (own.uid, own.name)]
    raise ValueError(
        f"its input {name} is '{chosen}', which datasources/ does not define"
        f"{did_you_mean(chosen, known)}"
    )


def _open_inputs(plugin: str, names: Sequence[str]) -> str:
    if len(names) > 1:
        what = f"the inputs {', '.join(names)} are different data sources of type {plugin}"
    else:
        what = f"the project has no default data source of type {plugin} for its input {names[0]}"
    return (
        f"{what}; name each in gk.yaml (inputs: {{{names[0]}: UID}}) or with "
        "Dashboard.wrap(..., inputs=...)"
    )


def _filled_in(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled_in(inner, values) for inner in value]
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
    """Convert the objects of grafanalib and the Foundation SDK to plain JSON without nulls.

    Nulls stay in `value`: those of thresholds and value mappings have a meaning. Raises TypeError
    for an object without JSON.
    """
    kind = type(value)
    if kind is dict:
        plain = {}
        for key, item in value.items():
            # Most values are atoms or empty: a call for each would double the time of a build.
            if (inner := type(item)) in _ATOMS:
                if item is not None or key == "value":
                    plain[key] = item
            elif inner is list:
                plain[key] = [entry if type(entry) in _ATOMS else _plain(entry) for entry in item]
            else:
                plain[key] = _plain(item)
        return plain
    if kind in _ATOMS:
        return value
    if kind is list or kind is tuple:
        return [_plain(item) for item in value]
    if to_json_data := getattr(value, "to_json_data", None):
        return _plain(to_json_data())
    return _plain(_opened(value))


def _opened(value: Any) -> Any:
    """Convert an object by one step towards plain types."""
    if isinstance(value, Datasource):
        return value.ref
    if to_json := getattr(value, "to_json", None):
        return to_json()
    # By the name of its module, because the SDK is no dependency of gk.
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
