"""Resources to the files that Grafana loads at its start: data sources, dashboard providers,
dashboards, alerting.

The files use other keys than the HTTP API, and Grafana expands `$` in some of their fields. This
module converts the keys and escapes `$`.
https://grafana.com/docs/grafana/latest/administration/provisioning/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from gk.documents.secrets.references import expansion, reference
from gk.provisioning.outputs import Earlier, Given, Made
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource

__all__ = [
    "ALERTING",
    "DATASOURCES",
    "DATASOURCES_FILE",
    "NOTIFYING",
    "PROVISIONING",
    "RECORD",
    "RULES_FILE",
    "alerting_files",
    "dashboards_of",
    "datasource_file",
    "datasource_names",
    "earlier",
    "escape",
    "files",
    "output",
    "provider",
    "provider_file",
    "rule_uids",
]

PROVISIONING = "/etc/grafana/provisioning"
"""Where Grafana's image looks for provisioning files."""

ALERTING = "alerting"
DATASOURCES = "datasources"
ROOT_FOLDER = "general"
RULES_FILE = "rules.yaml"
DATASOURCES_FILE = "datasources.yaml"
ORGANISATION = 1
"""The id of a new Grafana's only organization."""
UPDATE_INTERVAL = 30
"""Seconds between two reads of a directory of dashboards.

With 10 or less, the default too, Grafana from 12.3 on waits for events of files instead, and sees
only the first update of a ConfigMap's volume (observed on 12.4.0).
"""

Files = dict[str, bytes]


def output(given: Given) -> Made:
    """The folder grafana/, to be mounted as it is."""
    return Made(
        files={f"grafana/{path}": text for path, text in given.grafana.items()},
        dashboards={
            f"grafana/dashboards/{directory}/{dashboard.uid}.json": dashboard
            for directory, dashboards in dashboards_of(given.resources).items()
            for dashboard in dashboards
        },
    )


def earlier(directory: str, name: str) -> Earlier:
    """The file itself."""
    return f"grafana/{directory}/{name}", lambda file: file


def files(resources: Sequence[Resource], rules: Set[str], datasources: Set[str]) -> Files:
    """Grafana's provisioning folder, by path in it. It deletes what is in `rules` (uids) and
    `datasources` (names) and no longer defined."""
    written = {
        f"{DATASOURCES}/{name}": text
        for name, text in datasource_file(resources, datasources).items()
    }
    written |= {
        f"{ALERTING}/{name}": text for name, text in alerting_files(resources, rules).items()
    }
    for directory, dashboards in dashboards_of(resources).items():
        written |= {
            f"dashboards/{directory}/{dashboard.uid}.json": dashboard.json
            for dashboard in dashboards
        }
    if any(resource.kind is Kind.DASHBOARD for resource in resources):
        written["dashboards/gk.yaml"] = provider_file(
            resources, lambda directory: f"{PROVISIONING}/dashboards/{directory}"
        )
    return written


def escape(value: Any) -> Any:
    """`value` for fields in which Grafana expands `$NAME`: every `$` doubled, secrets as
    references."""
    if secret := reference(value):
        return expansion(secret)
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: escape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [escape(inner) for inner in value]
    return value


# Data sources


def datasource_file(resources: Iterable[Resource], earlier: Set[str]) -> Files:
    """The data source file. It deletes data sources with `earlier` names that are no longer
    defined.

    Grafana finds a provisioned data source by its name: one that is renamed and keeps its uid would
    stop Grafana at its start, were the old name not deleted first.
    """
    bodies = [resource.body for resource in resources if resource.kind is Kind.DATASOURCE]
    gone = sorted(earlier - {body["name"] for body in bodies})
    if not bodies and not gone:
        return {}
    file: dict[str, Any] = {
        "apiVersion": 1,
        "datasources": [{"orgId": ORGANISATION, **escape(body)} for body in bodies],
    }
    if gone:
        file["deleteDatasources"] = [{"orgId": ORGANISATION, "name": escape(name)} for name in gone]
    return {DATASOURCES_FILE: yaml_text(file)}


def datasource_names(file: Mapping[str, Any]) -> set[str]:
    """The data sources that gk's data source file defines or deletes."""
    entries = (*file.get("datasources", ()), *file.get("deleteDatasources", ()))
    # In the file every $ is doubled.
    return {entry["name"].replace("$$", "$") for entry in entries}


# Dashboards


def dashboards_of(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Dashboards by the directory that one provider reads: the uid of their folder, `general` for
    the root."""
    directories: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.kind is Kind.DASHBOARD:
            directories.setdefault(resource.folder or ROOT_FOLDER, []).append(resource)
    return directories


def provider_file(resources: Sequence[Resource], path: Callable[[str], str]) -> bytes:
    """Providers, one a folder, because only a provider of its own can give a folder a stable uid.

    `path` gives the path at which Grafana finds a directory of dashboards.
    """
    titles = {
        resource.uid: resource.title for resource in resources if resource.kind is Kind.FOLDER
    }
    providers = [
        provider(directory, directory, path(directory), titles.get(directory))
        for directory in sorted(dashboards_of(resources))
    ]
    return yaml_text({"apiVersion": 1, "providers": providers})


def provider(name: str, directory: str, path: str, title: str | None) -> dict[str, Any]:
    """A provider of the dashboards at `path`, which are in the folder `directory` of this title."""
    # With allowUiUpdates a save in the UI would last until the file changes, and be lost then.
    made: dict[str, Any] = {
        "name": f"gk-{name}",
        "orgId": ORGANISATION,
        "type": "file",
        "allowUiUpdates": False,
        "updateIntervalSeconds": UPDATE_INTERVAL,
        "options": {"path": escape(path)},
    }
    # Grafana ignores folderUid without the title of the folder (9.3).
    return made | {"folder": escape(title), "folderUid": directory} if title is not None else made


# Alerting


def alerting_files(resources: Sequence[Resource], earlier: Set[str]) -> Files:
    """Alerting files by name. They delete rules with `earlier` uids that are no longer defined.

    Grafana keeps a rule that is no longer in its files. The entry that deletes it stays until
    --forget-deleted, because every Grafana that had the rule has to load it once.
    """
    folders = {
        resource.uid: resource.title for resource in resources if resource.kind is Kind.FOLDER
    }
    groups = [
        _group(resource.body, folders) for resource in resources if resource.kind is Kind.RULE_GROUP
    ]
    gone = sorted(earlier - rule_uids({"groups": groups}))
    files: Files = {}
    # Also without groups: a file that is missing deletes no rule.
    if groups or gone:
        deleted = (
            {"deleteRules": [{"orgId": ORGANISATION, "uid": uid} for uid in gone]} if gone else {}
        )
        files[RULES_FILE] = yaml_text({"apiVersion": 1, "groups": groups} | deleted)
    for kind, file in NOTIFYING.items():
        entries = [
            {"orgId": ORGANISATION, **file.entry(resource.body)}
            for resource in resources
            if resource.kind is kind
        ]
        if entries:
            files[file.name] = yaml_text({"apiVersion": 1, file.key: entries})
    return files


def _as_it_is(body: dict[str, Any]) -> dict[str, Any]:
    # Grafana reads mute timings and templates without expansion.
    return body


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that lists the objects of one kind: its name, the key of the list, and the function
    from the body of a resource to an entry."""

    name: str
    key: str
    entry: Callable[[Any], dict[str, Any]]


NOTIFYING: Mapping[Kind, ListFile] = {
    Kind.CONTACT_POINT: ListFile("contact-points.yaml", "contactPoints", escape),
    Kind.NOTIFICATION_POLICY: ListFile("notification-policies.yaml", "policies", escape),
    Kind.MUTE_TIMING: ListFile("mute-timings.yaml", "muteTimes", _as_it_is),
    Kind.MESSAGE_TEMPLATE: ListFile("templates.yaml", "templates", _as_it_is),
}
"""The files of the kinds that are about notifications."""


def rule_uids(file: Mapping[str, Any]) -> set[str]:
    """The rules that gk's rules file defines or deletes."""
    rules = [rule for group in file.get("groups", ()) for rule in group["rules"]]
    # An entry with an empty uid would make Grafana give up the provenance of other rules (grafana
    # issue 61885).
    return {str(rule["uid"]) for rule in (*rules, *file.get("deleteRules", ())) if rule["uid"]}


def _group(body: Mapping[str, Any], folders: Mapping[str, str]) -> dict[str, Any]:
    return {
        "orgId": ORGANISATION,
        "name": escape(body["title"]),
        "folder": escape(folders[body["folderUid"]]),
        "interval": f"{body['interval']}s",
        "rules": [_rule(rule) for rule in body["rules"]],
    }


RECORD = {"target_datasource_uid": "targetDatasourceUid"}
"""The keys of `record` that files spell differently."""


def _rule(body: dict[str, Any]) -> dict[str, Any]:
    """A rule of the API as a rule of a file: other keys, and `$` doubled where Grafana expands it.

    Grafana expands every field but the annotations and the queries' models (9.1.x to 13.x; it
    expanded annotations in 9.0 and 9.1.0). A doubled `$` in those would stay doubled.
    """
    api_only = {"ruleGroup", "folderUID", "keep_firing_for", "annotations", "data", "record"}
    rule = {key: escape(value) for key, value in body.items() if key not in api_only}
    if "keep_firing_for" in body:
        rule["keepFiringFor"] = body["keep_firing_for"]
    if "record" in body:
        rule["record"] = {RECORD.get(key, key): value for key, value in body["record"].items()}
    if "annotations" in body:
        rule["annotations"] = body["annotations"]
    rule["data"] = [
        {key: value if key == "model" else escape(value) for key, value in query.items()}
        for query in body["data"]
    ]
    return rule
