"""Rule groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from gk.documents.durations import milliseconds
from gk.documents.strip import without_defaults
from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.errors import GrafanaError, NotFoundError
from gk.grafana.kinds.alerting import UNLOCKED, alerting_path, name_is_lost, provenance, seconds
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "LIST", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {
    "title": str,
    "folderUid": str,
    "interval": int,
    "rules": [
        {
            "uid": str,
            "data": [{"model": dict}],
            "for?": str,
            "keep_firing_for?": str,
            "updated?": str,
            "provenance?": str,
        },
    ],
}
LIST: Shape = {
    "*": [
        {
            "rules": [
                {
                    "grafana_alert": {
                        "uid": str,
                        "namespace_uid": str,
                        "rule_group": str,
                        "provenance?": str,
                    }
                }
            ]
        },
    ],
}
_FIELDS = (
    "title",
    "condition",
    "noDataState",
    "execErrState",
    "labels",
    "annotations",
    "isPaused",
    "record",
)
_WAITS = ("group_wait", "group_interval", "repeat_interval")


def read(client: Client, uid: str) -> Live | None:
    """A rule group."""
    answer = client.get(_path(uid), dict)
    rules = answer.get("rules")
    if not rules:
        # Newer versions answer an empty group instead of 404.
        return None
    client.check(answer, ANSWER, f"GET {_path(uid)}")
    return Live(
        kind=Kind.RULE_GROUP,
        uid=uid,
        title=answer["title"],
        folder=answer["folderUid"],
        body=answer,
        form=parts,
        locked=provenance(rules),
        changed_at=max(rule.get("updated") or "" for rule in rules),
    )


def every(client: Client) -> Iterator[Live]:
    """Every group with a rule that the account may see."""
    for group in listed(client):
        if live := read(client, group.uid):
            yield live


def _path(uid: str) -> str:
    # A uid has no slash in it, but the name of a group may.
    folder, _, group = uid.partition("/")
    return alerting_path("folder", folder, "rule-groups", group)


def write(client: Client, live: Live | None, document: Document) -> str:
    """Write a group; rule by rule if Grafana has no other way."""
    body = document.body
    url = _path(f"{body['folderUid']}/{body['title']}")
    try:
        client.put(url, body, **UNLOCKED)
    except GrafanaError as error:
        # 9.3 takes a group of rules that it knows only, and writes nothing otherwise.
        if "could not find alert rule" not in str(error):
            raise
        _make_room(client, url, live, body)
        there = {rule["uid"] for rule in live.body["rules"]} if live else set()
        for rule in body["rules"]:
            if rule["uid"] not in there:
                client.post(alerting_path("alert-rules"), rule, **UNLOCKED)
        client.put(url, body, **UNLOCKED)
    return ""


def _make_room(client: Client, url: str, live: Live | None, body: Any) -> None:
    """Delete rules that are no longer defined and update the others: titles are unique in a folder,
    and 9.3 creates new rules before it does either."""
    wanted = {rule["uid"]: rule for rule in body["rules"]}
    there = [rule["uid"] for rule in live.body["rules"]] if live else []
    for uid in there:
        if uid not in wanted:
            client.delete(alerting_path("alert-rules", uid))
    if known := [wanted[uid] for uid in there if uid in wanted]:
        # A PUT replaces the group and deletes rules that it does not have.
        client.put(url, {**body, "rules": known}, **UNLOCKED)


def delete(client: Client, live: Live) -> None:
    """Delete a group and its rules."""
    try:
        client.delete(_path(live.uid))
    except NotFoundError:
        # 9.3 has no route for groups.
        for rule in live.body["rules"]:
            client.delete(alerting_path("alert-rules", rule["uid"]))


def listed(client: Client) -> list[Listed]:
    """Every group with a rule that the account may see."""
    # The provisioning API has no list in 9.3, and its groups do not say where their rules are from.
    folders = client.get("/ruler/grafana/api/v1/rules", LIST)
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for answer in chain.from_iterable(folders.values()):
        for rule in answer["rules"]:
            alert = rule["grafana_alert"]
            groups[alert["namespace_uid"], alert["rule_group"]].append(alert)
    return [
        Listed(
            kind=Kind.RULE_GROUP,
            uid=f"{folder}/{name}",
            title=name,
            folder=folder,
            members=tuple(rule["uid"] for rule in rules),
            locked=provenance(rules),
        )
        for (folder, name), rules in groups.items()
    ]


def parts(body: Any, folder: str) -> Parts:
    """Each rule by its uid, and the interval, which is the group's."""
    rules = {rule["uid"]: _rule(rule) for rule in body.get("rules") or ()}
    return {"": {"interval": body["interval"]}, **rules}


def _rule(body: Mapping[str, Any]) -> Any:
    waits = {"for": body.get("for"), "keep_firing_for": body.get("keep_firing_for")}
    # A wait of 0 s is the same as none.
    spelled = {key: seconds(wait) for key, wait in waits.items() if wait and milliseconds(wait)}
    return {
        **given(body, _FIELDS),
        **_settings(body.get("notification_settings") or {}),
        **spelled,
        # Grafana adds intervalMs, maxDataPoints and others to the queries of a rule (9.3).
        "data": [without_defaults(query) for query in body["data"]],
    }


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    """The notification settings of a rule, if it has any."""
    settings = {key: value for key, value in body.items() if value}
    waits = {key: seconds(settings[key]) for key in _WAITS if key in settings}
    return {"notification_settings": {**settings, **waits}} if settings else {}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """What this version does not have; or a rule of another group, which this push would take
    from there."""
    if lost := name_is_lost(resource, surroundings) or _too_new(resource, surroundings):
        return lost
    known = {rule["uid"] for rule in live.body["rules"]} if live else set()
    for rule in resource.body["rules"]:
        group = resource.uid
        if rule["uid"] not in known:
            group = surroundings.group_of.get(rule["uid"], resource.uid)
        if group != resource.uid and (Kind.RULE_GROUP, group) not in surroundings.owned:
            return Refusal(
                f"its rule '{rule['title']}' is in the rule group '{group}', which gk did not push",
                is_conflict=True,
            )
    return None


_SINCE = {
    "notification_settings": ((10, 4), "notification settings"),
    "record": ((11, 2), "recording rules"),
}
_TITLES_TWICE_SINCE = (12,)


def _too_new(resource: Resource, surroundings: Surroundings) -> Refusal | None:
    """A refusal of what this version would drop without a word, or answer with an error."""
    number, rules = surroundings.about.number, resource.body["rules"]
    for key, (since, what) in _SINCE.items():
        if number < since and any(rule.get(key) for rule in rules):
            return Refusal(f"Grafana before {'.'.join(map(str, since))} has no {what}")
    if number >= _TITLES_TWICE_SINCE:
        return None
    titles = (rule["title"] for rule in rules)
    called = surroundings.rules_called
    twice = next((title for title in titles if called[resource.folder, title] > 1), None)
    if twice is not None:
        return Refusal(
            f"Grafana before 12 does not allow two rules with one name in a folder, and '{twice}' "
            "is there twice; rename one"
        )
    return None
