"""The operators' objects against what their custom resource definitions say: facts of them in
tests/data/operators.yaml, and whole ones in the folder that GK_OPERATOR_CRDS names.

The facts know the fields that gk writes. One that it writes from now on belongs there first: look
it up in the definition, which a newer operator may have changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY, ProjectFolder
from tests.provisioning.test_operator import (
    ALERTS,
    DASHBOARDS,
    DATASOURCES,
    SETTINGS,
    TEAM,
    built,
)

Json = dict[str, Any]

FACTS: Json = yaml.safe_load((REPOSITORY / "tests/data/operators.yaml").read_text(encoding="utf-8"))
TYPES: Mapping[str, tuple[type[Any], str]] = {
    "boolean": (bool, ""),
    "integer": (int, ""),
    "text": (str, ".*"),
    "filled": (str, ".+"),
    "url": (str, "https?://.+"),
    "uid": (str, "[a-zA-Z0-9_-]+"),
    "duration": (str, "([0-9]+(ms|[smhdwy]))+|0"),
    "short duration": (str, "([0-9]+(ms|[smh]))+"),
}
WITH_ALERTMANAGER = """
    build: {formats: [operator, alertmanager]}
    alertmanager:
      smtp:
        {smarthost: "smtp:587", from: a@example.com, username: a, password: {secret: s, key: p}}
"""
EVERY_RECEIVER = """
    from gk import contact_point, mute_timing, notification_policy, receiver, secret_key

    key = secret_key("team", "key")
    quiet = mute_timing("quiet", {
        "times": [{"start_time": "22:00", "end_time": "24:00"}], "weekdays": ["monday:friday"],
        "days_of_month": ["1:5", "-1"], "months": ["january:march"], "years": ["2027"],
    })
    everybody = contact_point(
        "everybody",
        receiver("discord", {
            "url": key, "title": "T", "message": "M", "avatar_url": "http://a",
        }),
        receiver("email", {
            "addresses": "a@b.c; d@e.f", "singleEmail": True, "subject": "S", "message": "M",
        }),
        receiver("opsgenie", {
            "apiUrl": "http://o", "apiKey": key, "message": "M", "description": "D",
        }),
        receiver("pagerduty", {
            "integrationKey": key, "summary": "S", "severity": "critical", "class": "C",
            "component": "C", "group": "G", "source": "S", "client": "C", "client_url": "http://c",
            "details": {"a": "b"}, "url": "http://p",
        }),
        receiver("pushover", {
            "apiToken": key, "userKey": key, "title": "T", "message": "M", "device": "D",
            "sound": "S", "priority": "1",
        }),
        receiver("slack", {
            "url": key, "recipient": "#r", "username": "U", "icon_emoji": ":e:",
            "icon_url": "http://i", "color": "red", "title": "T", "text": "X", "footer": "F",
        }),
        receiver("teams", {"url": key, "title": "T", "message": "M"}),
        receiver("telegram", {
            "bottoken": key, "chatid": "-1", "message": "M", "parse_mode": "HTML",
            "disable_notifications": True, "message_thread_id": "3",
        }),
        receiver("webex", {
            "bot_token": key, "api_url": "http://w", "room_id": "R", "message": "M",
        }),
        receiver("webhook", {
            "url": key, "maxAlerts": "5", "authorization_scheme": "Bearer",
            "authorization_credentials": key,
        }),
        receiver("webhook", {"url": "http://h"}, disable_resolve_message=True),
    )
    policy = notification_policy(
        everybody, group_by=["..."], group_wait="30s", group_interval="5m", repeat_interval="12h",
        routes=[notification_policy(
            everybody, matchers=["a=b"], mute_timings=[quiet], active_timings=[quiet],
        )],
    )
"""
PROJECTS = {
    "shop": {
        "gk.yaml": SETTINGS,
        "datasources/all.py": DATASOURCES,
        "dashboards/all.py": DASHBOARDS,
        "alerts/all.py": ALERTS,
    },
    "team": {
        "gk.yaml": WITH_ALERTMANAGER,
        "alerts/team.py": TEAM,
    },
    "every-receiver": {
        "gk.yaml": WITH_ALERTMANAGER,
        "alerts/team.py": EVERY_RECEIVER,
    },
}


def wrong(fact: Any, value: Any, where: str) -> Iterator[str]:
    """What of a value a fact does not allow."""
    if isinstance(fact, dict) and isinstance(value, dict):
        yield from _wrong_fields(fact, value, where)
    elif isinstance(fact, list) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from wrong(fact[0], item, f"{where}[{index}]")
    elif isinstance(fact, str) and fact in FACTS:
        yield from wrong(FACTS[fact], value, where)
    elif fact != "any" and not _is_of(fact, value):
        yield f"{where}: {value!r} is not {fact}"


def _wrong_fields(fact: Json, value: Json, where: str) -> Iterator[str]:
    fields = {name.rstrip("!"): inner for name, inner in fact.items()}
    for name in fact:
        if name.endswith("!") and name[:-1] not in value:
            yield f"{where}: {name[:-1]} is missing"
    for name, part in value.items():
        if name in fields or "*" in fields:
            yield from wrong(fields.get(name, fields.get("*")), part, f"{where}.{name}")
        else:
            yield f"{where}: {name} is unknown"


def _is_of(fact: Any, value: Any) -> bool:
    if not isinstance(fact, str):
        return False
    # A text that is no type lists the values.
    kind, pattern = TYPES.get(fact, (str, "|".join(map(re.escape, fact.split()))))
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        return False
    return kind is not str or re.fullmatch(pattern, value, re.DOTALL) is not None


@cache
def definitions() -> Mapping[tuple[str, str], Draft202012Validator]:
    """The whole custom resource definitions, by API version and kind: none without a folder."""
    folder = os.environ.get("GK_OPERATOR_CRDS")
    validators = {}
    for file in sorted(Path(folder).glob("*.yaml")) if folder else ():
        # An enumeration has a bare `=`, which YAML 1.1 has a meaning for that Python lacks.
        text = re.sub(r"(?m)^(\s*- )=$", r'\1"="', file.read_text(encoding="utf-8"))
        for definition in yaml.load_all(text, yaml.CSafeLoader):
            spec = definition["spec"]
            for version in spec["versions"]:
                key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                schema = _strict(version["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {}
                validators[key] = Draft202012Validator(schema)
    return validators


def _strict(schema: Any) -> Any:
    """A schema of Kubernetes as one of JSON, in which an unknown field is a mistake."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and isinstance(made.get("type"), str):
        made.setdefault(
            "additionalProperties", bool(made.get("x-kubernetes-preserve-unknown-fields"))
        )
    if isinstance(pattern := made.get("pattern"), str) and "(?i)" in pattern:
        # Python has flags at the start only.
        made["pattern"] = "(?i)" + pattern.replace("(?i)", "")
    if made.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    return made


def mistakes(manifest: Json) -> list[str]:
    """What is wrong with an object of an operator."""
    where = f"{manifest['kind']} {manifest['metadata']['name']}"
    problems = [*wrong(FACTS[manifest["kind"]], manifest["spec"], where)]
    if whole := definitions().get((manifest["apiVersion"], manifest["kind"])):
        errors = whole.iter_errors(manifest)
        problems += [f"{where}: {error.json_path}: {error.message}" for error in errors]
    return problems


def operated(objects: Iterator[Any]) -> Iterator[Json]:
    """The objects that belong to an operator."""
    groups = ("monitoring.coreos.com/", "grafana.integreatly.org/")
    return (manifest for manifest in objects if str(manifest["apiVersion"]).startswith(groups))


@pytest.mark.parametrize("name", PROJECTS)
def test_the_operators_know_every_field_that_is_built(
    empty_project: ProjectFolder, name: str
) -> None:
    """And its type, and every field that they need."""
    objects = [*operated(iter(built(empty_project.write(PROJECTS[name])).values()))]

    assert objects
    assert [] == [mistake for manifest in objects for mistake in mistakes(manifest)]


@pytest.mark.parametrize("file", ["monitors.yaml", "probe.yaml"])
def test_the_operator_knows_every_field_of_the_component(file: str) -> None:
    path = REPOSITORY / "deploy/kubernetes/components/operator" / file
    objects = yaml.safe_load_all(path.read_text(encoding="utf-8"))

    assert [] == [mistake for manifest in objects for mistake in mistakes(manifest)]


@pytest.mark.parametrize(
    ("expected", "spec"),
    [
        ("ServiceMonitor x: selector is missing", {"endpoints": []}),
        ("ServiceMonitor x: port is unknown", {"selector": {}, "endpoints": [], "port": "http"}),
        (
            "ServiceMonitor x.endpoints[0].honorLabels: 'true' is not boolean",
            {"selector": {}, "endpoints": [{"honorLabels": "true"}]},
        ),
        (
            "ServiceMonitor x.endpoints[0].interval: '1 minute' is not duration",
            {"selector": {}, "endpoints": [{"interval": "1 minute"}]},
        ),
        (
            "ServiceMonitor x.selector.matchLabels.a: 1 is not text",
            {"selector": {"matchLabels": {"a": 1}}, "endpoints": []},
        ),
    ],
)
def test_the_facts_notice_a_mistake(expected: str, spec: Json) -> None:
    manifest = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "x"},
        "spec": spec,
    }

    assert expected == mistakes(manifest)[0]
