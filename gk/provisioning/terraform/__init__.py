"""Resources to configurations of Terraform, in JSON syntax, for the provider grafana/grafana.

    main.tf.json            folders, data sources and dashboards
    dashboards/             the JSON of the dashboards
    alerting/main.tf.json   rule groups, what notifies, and the rules' folders

Two configurations, because Grafana's alerts are not for everybody: the second one has a state of
its own, and names what is in the first by uid. Secrets are variables.

Source: grafana/terraform-provider-grafana at 4.45.1, docs/resources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.errors import Problem
from gk.provisioning import folders
from gk.provisioning.outputs import Given, Made
from gk.provisioning.terraform.receivers import block
from gk.provisioning.terraform.syntax import (
    Body,
    encoded,
    escaped,
    interpolated,
    label,
    same_variables,
    variables,
)
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["output"]

DEEPEST = 5
"""Levels of policies below the root that the provider knows."""


def output(given: Given) -> Made:
    """The folder terraform/."""
    shown = folders.shown(given.resources)
    first = [
        resource for resource in given.resources if resource.kind in _FIRST or resource.key in shown
    ]
    second = [
        resource
        for resource in given.resources
        if resource.kind in _SECOND and resource.key not in shown
    ]
    # Apart, because Prometheus may evaluate the alerts: then nobody applies the second.
    parts = {"": first, "alerting/": second if given.settings.has_grafana else []}
    problems: list[Problem] = []
    files: dict[str, bytes] = {
        f"terraform/{part}main.tf.json": canonical(_configuration(resources, problems))
        for part, resources in parts.items()
        if resources
    }
    dashboards = [resource for resource in given.resources if resource.kind is Kind.DASHBOARD]
    files |= {f"terraform/{_path(dashboard)}": dashboard.json for dashboard in dashboards}
    return Made(
        files=files,
        dashboards={f"terraform/{_path(dashboard)}": dashboard for dashboard in dashboards},
        problems=problems,
    )


def _path(dashboard: Resource) -> str:
    return f"dashboards/{dashboard.uid}.json"


def _configuration(resources: Sequence[Resource], problems: list[Problem]) -> Body:
    """A configuration of these resources; adds problems of what the provider cannot have."""
    writer = _Writer(frozenset(resource.key for resource in resources))
    blocks: dict[str, Body] = {}
    for resource in resources:
        type, body = _TYPES[resource.kind]
        try:
            made = body(writer, resource)
        except ValueError as error:
            problems.append(
                Problem(
                    resource.source,
                    f"{resource.kind.value} '{resource.title}': {error}; leave it out, or leave "
                    "terraform out of build.formats",
                )
            )
        else:
            blocks.setdefault(type, {})[label(resource.uid)] = made
    problems += same_variables(resources)
    configuration = {
        "//": "Written by gk build; what is changed here by hand is lost.",
        "terraform": {"required_providers": {"grafana": {"source": "grafana/grafana"}}},
        "variable": variables(resources),
        "resource": blocks,
    }
    return {key: value for key, value in configuration.items() if value}


@dataclass(frozen=True)
class _Writer:
    """Writes blocks of a configuration that has these resources."""

    here: frozenset[Key]

    def reference(self, kind: Kind, uid: str) -> str:
        """The uid or the name of a resource, by which Terraform knows what comes first; as text if
        it is in another configuration, or Grafana's own."""
        if (kind, uid) not in self.here:
            return str(escaped(uid))
        return interpolated(f"{_TYPES[kind][0]}.{label(uid)}.{_IDENTIFIED_BY[kind]}")

    def names(self, kind: Kind, names: Iterable[str]) -> list[str]:
        """References to several."""
        return [self.reference(kind, name) for name in names]

    def folder(self, resource: Resource) -> Body:
        """A folder."""
        body = {"uid": resource.uid, "title": escaped(resource.body["title"])}
        if resource.folder:
            body["parent_folder_uid"] = self.reference(Kind.FOLDER, resource.folder)
        return body

    def dashboard(self, resource: Resource) -> Body:
        """A dashboard, whose JSON is a file."""
        # In the configuration itself, each `${` of the JSON would have to be escaped.
        body = {"config_json": interpolated(f'file("${{path.module}}/{_path(resource)}")')}
        if resource.folder:
            body["folder"] = self.reference(Kind.FOLDER, resource.folder)
        return body

    def datasource(self, resource: Resource) -> Body:
        """A data source."""
        body = resource.body
        made = {_DATASOURCE[key]: escaped(body[key]) for key in _DATASOURCE if key in body}
        for key, name in (("jsonData", "json_data"), ("secureJsonData", "secure_json_data")):
            if key in body:
                made[f"{name}_encoded"] = encoded(body[key])
        return made

    def message_template(self, resource: Resource) -> Body:
        """A message template."""
        return {key: escaped(value) for key, value in resource.body.items()}

    def mute_timing(self, resource: Resource) -> Body:
        """A mute timing."""
        intervals = [_interval(interval) for interval in resource.body["time_intervals"]]
        return {"name": escaped(resource.title), "intervals": intervals}

    def contact_point(self, resource: Resource) -> Body:
        """A contact point: a list of blocks for each type of receiver."""
        made: Body = {"name": escaped(resource.title)}
        for receiver in resource.body["receivers"]:
            name, body = block(receiver)
            made.setdefault(name, []).append(body)
        return made

    def root_policy(self, resource: Resource) -> Body:
        """The root of the notification policies."""
        return {"group_by": [], **self._policy(resource.body, DEEPEST)}

    def _policy(self, policy: Mapping[str, Any], levels: int) -> Body:
        made = {key: policy[key] for key in _SAME_IN_POLICIES if key in policy}
        made["contact_point"] = self.reference(Kind.CONTACT_POINT, policy["receiver"])
        made |= self._timings(policy)
        if matchers := policy.get("object_matchers"):
            made["matcher"] = [
                {"label": name, "match": operator, "value": escaped(value)}
                for name, operator, value in matchers
            ]
        if routes := policy.get("routes"):
            if not levels:
                raise ValueError(f"Terraform's provider knows {DEEPEST} levels of policies")
            made["policy"] = [
                # The provider needs it in the lowest level only, and takes none for the parent's.
                {"group_by": [], **self._policy(route, levels - 1)}
                for route in routes
            ]
        return made

    def _timings(self, given: Mapping[str, Any]) -> Body:
        return {
            name: self.names(Kind.MUTE_TIMING, given[key])
            for key, name in _TIMINGS.items()
            if key in given
        }

    def rule_group(self, resource: Resource) -> Body:
        """A rule group."""
        body = resource.body
        return {
            "name": escaped(body["title"]),
            "folder_uid": self.reference(Kind.FOLDER, body["folderUid"]),
            "interval_seconds": body["interval"],
            "rule": [self._rule(rule) for rule in body["rules"]],
        }

    def _rule(self, rule: Mapping[str, Any]) -> Body:
        made = {_RULE[key]: escaped(rule[key]) for key in _RULE if key in rule}
        made["data"] = [self._query(query) for query in rule["data"]]
        if settings := rule.get("notification_settings"):
            made["notification_settings"] = {
                "contact_point": self.reference(Kind.CONTACT_POINT, settings["receiver"]),
                **{key: settings[key] for key in _SAME_IN_POLICIES if key in settings},
                **self._timings(settings),
            }
        if record := rule.get("record"):
            target = self.reference(Kind.DATASOURCE, record["target_datasource_uid"])
            made["record"] = {**record, "target_datasource_uid": target}
        return made

    def _query(self, query: Mapping[str, Any]) -> Body:
        return {
            "ref_id": query["refId"],
            "datasource_uid": self.reference(Kind.DATASOURCE, query["datasourceUid"]),
            # Expressions have none, and the provider needs it.
            "relative_time_range": query.get("relativeTimeRange", {"from": 0, "to": 0}),
            "model": encoded(query["model"]),
        }


_DATASOURCE = {
    "name": "name",
    "type": "type",
    "uid": "uid",
    "access": "access_mode",
    "url": "url",
    "user": "username",
    "database": "database_name",
    "basicAuth": "basic_auth_enabled",
    "basicAuthUser": "basic_auth_username",
    "isDefault": "is_default",
}
_RULE = {
    "title": "name",
    "uid": "uid",
    "condition": "condition",
    "for": "for",
    "keep_firing_for": "keep_firing_for",
    "noDataState": "no_data_state",
    "execErrState": "exec_err_state",
    "labels": "labels",
    "annotations": "annotations",
    "isPaused": "is_paused",
}
_SAME_IN_POLICIES = ("continue", "group_by", "group_wait", "group_interval", "repeat_interval")
_TIMINGS = {"mute_time_intervals": "mute_timings", "active_time_intervals": "active_timings"}


def _interval(interval: Mapping[str, Any]) -> Body:
    made = {key: value for key, value in interval.items() if value and key != "times"}
    if times := interval.get("times"):
        made["times"] = [{"start": time["start_time"], "end": time["end_time"]} for time in times]
    return made


_TYPES: Mapping[Kind, tuple[str, Callable[[_Writer, Resource], Body]]] = {
    Kind.FOLDER: ("grafana_folder", _Writer.folder),
    Kind.DATASOURCE: ("grafana_data_source", _Writer.datasource),
    Kind.DASHBOARD: ("grafana_dashboard", _Writer.dashboard),
    Kind.MESSAGE_TEMPLATE: ("grafana_message_template", _Writer.message_template),
    Kind.MUTE_TIMING: ("grafana_mute_timing", _Writer.mute_timing),
    Kind.CONTACT_POINT: ("grafana_contact_point", _Writer.contact_point),
    Kind.NOTIFICATION_POLICY: ("grafana_notification_policy", _Writer.root_policy),
    Kind.RULE_GROUP: ("grafana_rule_group", _Writer.rule_group),
}
"""The type of resource in the provider, and the function that writes its block."""

_IDENTIFIED_BY = {
    Kind.FOLDER: "uid",
    Kind.DATASOURCE: "uid",
    Kind.CONTACT_POINT: "name",
    Kind.MUTE_TIMING: "name",
}
_FIRST = (Kind.DATASOURCE, Kind.DASHBOARD)
_SECOND = tuple(kind for kind in _TYPES if kind not in _FIRST)
