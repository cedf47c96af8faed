"""Objects of the Grafana operator 5.

Source of the keys: the custom resource definitions and the controllers of grafana/grafana-operator
at 5.24. The operator writes the objects to Grafana's HTTP API, so nothing expands `$` in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gk.documents.durations import milliseconds
from gk.documents.names import MAX_UID, slug
from gk.documents.parts import without
from gk.documents.secrets.references import Reference, references, replaced
from gk.errors import Problem
from gk.provisioning import folders
from gk.provisioning.grafana import RECORD
from gk.provisioning.objects import Manifest, metadata_of, name_of
from gk.provisioning.text import WithJson, yaml_with_json
from gk.resource import Kind, Resource
from gk.settings import Settings
from gk.settings.object_names import object_name

__all__ = ["SHOWN", "dashboards", "objects", "path_of", "too_large"]

SHOWN = ("folders", "datasources", "dashboards")
ALERTING = "alerting-grafana"
MAX_OBJECT = 1_572_864
"""Bytes of an object as JSON: etcd refuses larger requests by default (--max-request-bytes)."""

SELECTOR = {"matchLabels": {"dashboards": "grafana"}}
"""The label of the Grafana objects that get ours: the one in the operator's own examples."""

Spec = dict[str, Any]


def objects(
    resources: Sequence[Resource], settings: Settings
) -> tuple[dict[str, Manifest], list[Problem]]:
    """The objects by path, without those of dashboards, and the problems of what the operator
    cannot have. There are no alerts where Grafana does not evaluate them."""
    shown = folders.shown(resources)
    shown |= {resource.key for resource in resources if resource.kind is Kind.DATASOURCE}
    wanted = [
        resource
        for resource in resources
        if resource.kind in SPECS and (resource.key in shown or settings.has_grafana)
    ]
    made = {
        path_of(resource, is_shown=resource.key in shown): _object(
            settings, resource, SPECS[resource.kind](resource, settings)
        )
        for resource in wanted
    }
    return made, [problem for resource in wanted for problem in _problems(resource)]


def path_of(resource: Resource, *, is_shown: bool = True) -> str:
    """The path of a resource's object."""
    folder = f"{resource.kind.plural.replace(' ', '')}" if is_shown else ALERTING
    if resource.kind is Kind.DASHBOARD:
        return f"{folder}/{resource.uid}.yaml"
    what = _what(resource)
    return f"{folder}/{what if is_shown else f'{slug(resource.kind.value)}-{what}'}.yaml"


def _what(resource: Resource) -> str:
    """What an object is called, beside others of its kind: names of contact points are any text."""
    uid = resource.uid
    return object_name(uid if len(uid) <= MAX_UID else slug(uid))


def _object(settings: Settings, resource: Resource, spec: Spec) -> Manifest:
    return {
        "apiVersion": "grafana.integreatly.org/v1beta1",
        "kind": _KINDS[resource.kind],
        "metadata": metadata_of(settings, name_of(settings, _what(resource))),
        "spec": {"instanceSelector": SELECTOR, **spec},
    }


def dashboards(
    resources: Sequence[Resource], settings: Settings
) -> Iterator[tuple[str, bytes | WithJson]]:
    """The dashboards by path, as text."""
    for resource in resources:
        if resource.kind is Kind.DASHBOARD:
            # Without a folder, the operator makes one that is named after the namespace.
            place = (
                {"folderRef": _folder(resource.folder, settings)}
                if resource.folder
                else {"folder": "General"}
            )
            yield (
                path_of(resource),
                yaml_with_json(_object(settings, resource, place), "spec", "json", resource.json),
            )


def too_large(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Problems of dashboards that no object holds."""
    for resource in resources:
        if resource.kind is Kind.DASHBOARD and len(resource.json) > MAX_OBJECT // 2:
            escaped = sum(resource.json.count(sign) for sign in (b'"', b"\\", b"\n"))
            size = len(resource.json) + escaped
            if size > MAX_OBJECT:
                yield Problem(
                    resource.source,
                    f"dashboard '{resource.title}' has {size:,} bytes in an object, and "
                    f"Kubernetes keeps {MAX_OBJECT:,}; split it, or leave operator out of "
                    "build.formats",
                )


# Secrets


def _problems(resource: Resource) -> Iterator[Problem]:
    """Problems of secrets that are not in a Kubernetes Secret."""
    for where, secret in references(resource.body):
        if "name" not in secret:
            what = where.rpartition(".")[2]
            yield Problem(
                resource.source,
                f"{resource.kind.value} '{resource.title}': the operator reads '{what}' from a "
                "Kubernetes Secret only; use secret_key()",
            )


def _values_from(body: Any) -> dict[str, Any]:
    """The key `valuesFrom` of what refers to secrets, which are placed by their path."""
    values = [
        {
            "targetPath": where.removeprefix("."),
            "valueFrom": {"secretKeyRef": {"name": secret["name"], "key": secret["key"]}},
        }
        for where, secret in references(body)
        if "name" in secret
    ]
    return {"valuesFrom": values} if values else {}


def _placeholder(secret: Reference) -> str:
    # The operator puts the value in place of `${KEY}` in a data source, and of everything in a
    # contact point.
    return f"${{{secret.get('key', '')}}}"


# Kinds


def _folder(uid: str, settings: Settings) -> str:
    """The name of a folder's object: the operator waits for it."""
    return name_of(settings, object_name(uid))


def _folder_spec(resource: Resource, settings: Settings) -> Spec:
    parent = {"parentFolderRef": _folder(resource.folder, settings)} if resource.folder else {}
    return {"uid": resource.uid, "title": resource.body["title"], **parent}


def _datasource_spec(resource: Resource, settings: Settings) -> Spec:
    body = resource.body
    return {
        "uid": resource.uid,
        "datasource": replaced(without(body, "uid"), _placeholder),
        **_values_from(body),
    }


def _contact_point_spec(resource: Resource, settings: Settings) -> Spec:
    return {
        "name": resource.title,
        "receivers": [
            {
                **receiver,
                "settings": replaced(receiver["settings"], _placeholder),
                **_values_from(receiver["settings"]),
            }
            for receiver in resource.body["receivers"]
        ],
    }


def _policy_spec(resource: Resource, settings: Settings) -> Spec:
    return {"route": resource.body}


def _as_it_is(resource: Resource, settings: Settings) -> Spec:
    spec: Spec = resource.body
    return spec


def _group_spec(resource: Resource, settings: Settings) -> Spec:
    body = resource.body
    return {
        "name": body["title"],
        "folderRef": _folder(body["folderUid"], settings),
        "interval": f"{body['interval']}s",
        "rules": [_rule(rule) for rule in body["rules"]],
    }


_RULE = {"keep_firing_for": "keepFiringFor", "notification_settings": "notificationSettings"}
_RECORDING = {"condition": "", "for": "0s", "noDataState": "NoData", "execErrState": "Error"}
"""What the definition of the operator's kind requires of every rule; Grafana ignores it in those
that record."""


def _rule(body: Mapping[str, Any]) -> dict[str, Any]:
    rule = {
        _RULE.get(key, key): value for key, value in without(body, "ruleGroup", "folderUID").items()
    }
    if "record" in body:
        record = {RECORD.get(key, key): value for key, value in body["record"].items()}
        rule = {**_RECORDING, **rule, "record": record}
    for key, units in (("for", "smhdw"), ("keepFiringFor", "smh")):
        if key in rule and not re.fullmatch(rf"([0-9]+[{units}])+", rule[key]):
            rule[key] = f"{(milliseconds(rule[key]) or 0) // 1000}s"
    return rule


SPECS: Mapping[Kind, Callable[[Resource, Settings], Spec]] = {
    Kind.FOLDER: _folder_spec,
    Kind.DATASOURCE: _datasource_spec,
    Kind.MESSAGE_TEMPLATE: _as_it_is,
    Kind.MUTE_TIMING: _as_it_is,
    Kind.CONTACT_POINT: _contact_point_spec,
    Kind.NOTIFICATION_POLICY: _policy_spec,
    Kind.RULE_GROUP: _group_spec,
}
"""The function from a resource to what the object specifies."""

_KINDS = {
    Kind.FOLDER: "GrafanaFolder",
    Kind.DATASOURCE: "GrafanaDatasource",
    Kind.DASHBOARD: "GrafanaDashboard",
    Kind.MESSAGE_TEMPLATE: "GrafanaNotificationTemplate",
    Kind.MUTE_TIMING: "GrafanaMuteTiming",
    Kind.CONTACT_POINT: "GrafanaContactPoint",
    Kind.NOTIFICATION_POLICY: "GrafanaNotificationPolicy",
    Kind.RULE_GROUP: "GrafanaAlertRuleGroup",
}
