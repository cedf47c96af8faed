"""Entries of provisioning files as bodies of Grafana's HTTP API, whose keys differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gk.documents.names import slug
from gk.documents.parts import without
from gk.documents.secrets.references import reference_of
from gk.documents.strip import without_defaults
from gk.provisioning.grafana import RECORD
from gk.resource import Kind

__all__ = ["BODIES", "datasource_body", "expanded", "rule_body"]

Json = Mapping[str, Any]


def expanded(value: Any) -> Any:
    """The opposite of gk.provisioning.grafana.escape."""
    if isinstance(value, str):
        return reference_of(value) or value.replace("$$", "$")
    if isinstance(value, Mapping):
        return {key: expanded(inner) for key, inner in value.items()}
    return [expanded(inner) for inner in value] if isinstance(value, list) else value


_DATASOURCE = (
    "name",
    "type",
    "uid",
    "access",
    "url",
    "user",
    "database",
    "basicAuth",
    "basicAuthUser",
    "isDefault",
)
# Top-level keys of older Grafana versions, which are in secureJsonData today.
_LEGACY_SECRETS = ("password", "basicAuthPassword")


def datasource_body(entry: Json) -> dict[str, Any]:
    """The body of a data source."""
    given = {key: expanded(entry.get(key)) for key in (*_DATASOURCE, "withCredentials", "jsonData")}
    secure = {key: entry[key] for key in _LEGACY_SECRETS if entry.get(key)} | dict(
        entry.get("secureJsonData") or {}
    )
    body = given | {
        "uid": str(given["uid"] or slug(given["name"])),
        "access": given["access"] or "proxy",
        "secureJsonData": {key: _secret(value) for key, value in secure.items()},
    }
    return {key: value for key, value in body.items() if value not in (None, "", {}, False)}


def _secret(value: Any) -> Any:
    """A reference to a secret; or the secret itself if it is in plain text, so that a different one
    is a change."""
    return (reference_of(value, variables=True) if isinstance(value, str) else None) or value


def _contact_point(entry: Json) -> Body:
    name = expanded(entry["name"])
    receivers = [_receiver(receiver) for receiver in entry["receivers"]]
    return {"name": name, "receivers": receivers}, name, name


def _receiver(entry: Json) -> dict[str, Any]:
    return {
        key: value
        for key, value in expanded(entry).items()
        if key in ("uid", "type", "settings") or (key == "disableResolveMessage" and value)
    }


def _policies(entry: Json) -> Body:
    return _policy(expanded(entry)), "root", "notification policies"


def _policy(entry: Json) -> dict[str, Any]:
    body = {
        key: value
        for key, value in entry.items()
        if key != "orgId" and value not in ("", [], False, None)
    }
    return (
        {**body, "routes": [_policy(route) for route in body["routes"]]}
        if "routes" in body
        else body
    )


def _as_it_is(entry: Json) -> Body:
    return without(entry, "orgId"), entry["name"], entry["name"]


Body = tuple[dict[str, Any], str, str]
"""The body, uid and title of a resource."""
BODIES: Mapping[Kind, Callable[[Json], Body]] = {
    Kind.CONTACT_POINT: _contact_point,
    Kind.NOTIFICATION_POLICY: _policies,
    Kind.MUTE_TIMING: _as_it_is,
    Kind.MESSAGE_TEMPLATE: _as_it_is,
}
"""How an entry of what notifies becomes a resource."""


_OF_A_FILE = (
    "orgId",
    "keepFiringFor",
    "annotations",
    "data",
    "dashboardUid",
    "panelId",
    "dashboardId",
)


def rule_body(entry: Json, group: str, folder: str) -> dict[str, Any]:
    """The body of a rule of a group in the folder with this uid."""
    # A file has keys for the panel of a rule, the HTTP API has annotations.
    panel = {"__dashboardUid__": entry.get("dashboardUid"), "__panelId__": entry.get("panelId")}
    annotations = {
        **{key: str(value) for key, value in panel.items() if value},
        **(entry.get("annotations") or {}),
    }
    body = {
        **expanded(without(entry, *_OF_A_FILE)),
        "ruleGroup": group,
        "folderUID": folder,
        "keep_firing_for": entry.get("keepFiringFor"),
        "annotations": annotations,
        "data": [_query(query) for query in entry["data"]],
        "record": _record(expanded(entry.get("record") or {})),
    }
    return {key: value for key, value in body.items() if value not in (None, "", {}, False)}


def _record(record: Json) -> dict[str, Any]:
    keys = {in_file: in_api for in_api, in_file in RECORD.items()}
    return {keys.get(key, key): value for key, value in record.items()}


def _query(entry: Json) -> dict[str, Any]:
    # Grafana does not expand models.
    return without_defaults(
        {key: value if key == "model" else expanded(value) for key, value in entry.items()}
    )
