"""Alertmanager's configuration to an AlertmanagerConfig of the Prometheus operator (v1alpha1), with
its templates in a ConfigMap.

Source of the keys: the custom resource definition at prometheus-operator 0.93. The object says
itself who sends the mail, because only an Alertmanager object has global settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gk.documents.matchers import matcher
from gk.errors import Problem
from gk.provisioning.objects import Manifest, config_map, metadata_of, name_of
from gk.resource import Kind, Resource
from gk.settings import ALERTMANAGER_SECRETS, Settings

__all__ = ["objects"]

Json = Mapping[str, Any]


def objects(
    resources: Sequence[Resource], settings: Settings
) -> tuple[dict[str, Manifest], list[Problem]]:
    """The objects by path, and what the operator cannot have; none without a configuration."""
    resource = next(
        (resource for resource in resources if resource.kind is Kind.ALERTMANAGER), None
    )
    if resource is None:
        return {}, []
    body = resource.body
    spec, mistakes = _spec(body["config"])
    name = name_of(settings, "alertmanager")
    made = {
        "alertmanager/config.yaml": {
            "apiVersion": "monitoring.coreos.com/v1alpha1",
            "kind": "AlertmanagerConfig",
            "metadata": metadata_of(settings, name),
            "spec": spec,
        }
    }
    if body["templates"]:
        made["alertmanager/templates.yaml"] = config_map(settings, name, body["templates"])
    return made, [Problem(resource.source, mistake) for mistake in mistakes]


def _spec(config: Json) -> tuple[dict[str, Any], list[str]]:
    """What the object specifies, and mistakes."""
    mistakes: list[str] = []
    smtp = {key.removeprefix("smtp_"): value for key, value in config.get("global", {}).items()}
    spec = {
        "route": _route(config["route"]),
        "receivers": [_receiver(receiver, smtp, mistakes) for receiver in config["receivers"]],
        "inhibitRules": [_inhibit_rule(rule) for rule in config.get("inhibit_rules", ())],
        "muteTimeIntervals": [
            _time_interval(interval, mistakes) for interval in config.get("time_intervals", ())
        ],
    }
    return {key: value for key, value in spec.items() if value}, mistakes


# Routes


def _route(route: Json) -> dict[str, Any]:
    made = {_camel(key): value for key, value in route.items()}
    if "matchers" in made:
        made["matchers"] = [_matcher(text) for text in route["matchers"]]
    if "routes" in made:
        made["routes"] = [_route(inner) for inner in route["routes"]]
    return made


def _inhibit_rule(rule: Json) -> dict[str, Any]:
    made = {
        "sourceMatch": [_matcher(text) for text in rule.get("source_matchers", ())],
        "targetMatch": [_matcher(text) for text in rule.get("target_matchers", ())],
        "equal": rule.get("equal", []),
    }
    return {key: value for key, value in made.items() if value}


def _matcher(text: str) -> dict[str, str]:
    """`severity="critical"` as an object."""
    name, operator, value = matcher(text)
    return {"name": name, "matchType": operator, "value": value}


# Mute timings


def _time_interval(timing: Json, mistakes: list[str]) -> dict[str, Any]:
    if any("location" in interval for interval in timing["time_intervals"]):
        mistakes.append(
            f"mute timing '{timing['name']}': an AlertmanagerConfig has no location; write the "
            "times in UTC, or leave operator out of build.formats"
        )
    return {
        "name": timing["name"],
        "timeIntervals": [_interval(interval) for interval in timing["time_intervals"]],
    }


def _interval(interval: Json) -> dict[str, Any]:
    made = {_camel(key): value for key, value in interval.items() if value and key != "location"}
    if "times" in made:
        made["times"] = [
            {_camel(key): value for key, value in time.items()} for time in made["times"]
        ]
    if "daysOfMonth" in made:
        made["daysOfMonth"] = [_days(str(day)) for day in made["daysOfMonth"]]
    return made


def _days(text: str) -> dict[str, int]:
    """`1:5` as an object."""
    start, _, end = text.partition(":")
    return {"start": int(start), "end": int(end or start)}


# Receivers


def _receiver(receiver: Json, smtp: Json, mistakes: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": receiver["name"]}
    for key, configs in receiver.items():
        if key == "name":
            continue
        given = [{**smtp, **config} if key == "email_configs" else config for config in configs]
        try:
            made[_camel(key)] = [_config(key, config) for config in given]
        except ValueError as error:
            mistakes.append(f"contact point '{receiver['name']}': {key}: {error}")
    return made


def _config(type: str, config: Json) -> dict[str, Any]:
    """The configuration of a receiver. Raises ValueError for what an object cannot have."""
    made: dict[str, Any] = {}
    for key, value in config.items():
        name = _NAMES.get((type, key), _camel(key.removesuffix("_file")))
        if key.endswith("_file"):
            made[name] = _selector(key, value)
        elif (type, key) in _ONLY_SECRET:
            raise ValueError(
                f"the operator reads '{key}' from a Kubernetes Secret only; use secret_key(), or "
                "leave operator out of build.formats"
            )
        elif (key, value) == ("parse_mode", ""):
            raise ValueError(
                "the operator has no plain text; use another parse_mode than 'None', or leave "
                "operator out of build.formats"
            )
        else:
            made[name] = _FORMS.get(key, _as_it_is)(value)
    return made


def _selector(key: str, path: str) -> dict[str, str]:
    """The key of a Secret that a file has, where the built manifests mount it."""
    match = re.fullmatch(rf"{ALERTMANAGER_SECRETS}/([^/]+)/([^/]+)", path)
    if match is None:
        raise ValueError(
            f"the operator reads '{key}' from a Kubernetes Secret only, and not from the file "
            f"{path}; use secret_key()"
        )
    return {"name": match[1], "key": match[2]}


def _as_it_is(value: Any) -> Any:
    return value


def _pairs(value: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": text} for key, text in value.items()]


def _http(value: Json) -> dict[str, Any]:
    return {_camel(key): _config("http_config", inner) for key, inner in value.items()}


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "headers": _pairs,
    "details": _pairs,
    "http_config": _http,
}
_ONLY_SECRET = {
    ("slack_configs", "api_url"),
    ("discord_configs", "webhook_url"),
    ("msteams_configs", "webhook_url"),
    ("http_config", "username"),
}
"""What is text in Alertmanager's configuration, and cannot be in the operator's."""

_NAMES = {
    ("discord_configs", "webhook_url_file"): "apiURL",
    ("msteams_configs", "webhook_url_file"): "webhookUrl",
    ("webhook_configs", "url_file"): "urlSecret",
    ("email_configs", "require_tls"): "requireTLS",
}
"""Keys that differ in more than their spelling."""


def _camel(key: str) -> str:
    """`chat_id` as the operator spells it: `chatID`."""
    first, *rest = key.split("_")
    return first + "".join({"url": "URL", "id": "ID"}.get(word, word.capitalize()) for word in rest)
