"""How each kind of object of a Grafana is read, created, updated and deleted over HTTP.

https://grafana.com/docs/grafana/latest/developers/http_api/; what differs between versions is said
where it does, as a 9.3.2 answered it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gk.grafana import answers
from gk.grafana.answers import misfit
from gk.grafana.client import Client, DeniedError, GrafanaError, NotFoundError, path
from gk.grafana.live import Live
from gk.resource import Kind

__all__ = ["RULES", "Document", "KindApi", "by", "kinds", "provenance"]

RULES = ("v1", "provisioning")
UNLOCKED = {"X-Disable-Provenance": "true"}
"""Without it the UI does not edit what was pushed. Only its presence matters; 9.3 heeds it for
single rules only."""
FROM_FILE = "it is provisioned from a file"
NO_RIGHT = "the account may not change it"
BUILT_IN_POLICY = {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
"""The notification policies of a new Grafana, which nobody wrote."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is written: the HTTP API's body, the uid of its folder, and the message of a dashboard's
    version."""

    body: Any
    folder: str = ""
    message: str = ""


class KindApi(Protocol):
    """One kind of objects."""

    def read(self, uid: str) -> Live | None:
        """An object. Raises NotFoundError, or returns None, for what is not there."""

    def write(self, live: Live | None, document: Document) -> str | None:
        """Put a document in place of an object as it was read, or where there is none; its stamp,
        if known."""

    def delete(self, live: Live) -> None:
        """Delete an object. Raises NotFoundError for what is not there."""


def kinds(client: Client) -> Mapping[Kind, KindApi]:
    """The API of each kind."""
    return {
        Kind.FOLDER: _Folders(client),
        Kind.DATASOURCE: _Datasources(client),
        Kind.DASHBOARD: _Dashboards(client),
        Kind.MESSAGE_TEMPLATE: _Templates(client),
        Kind.MUTE_TIMING: _MuteTimings(client),
        Kind.CONTACT_POINT: _ContactPoints(client),
        Kind.NOTIFICATION_POLICY: _Policies(client),
        Kind.RULE_GROUP: _RuleGroups(client),
    }


@dataclass(frozen=True)
class _Folders:
    client: Client

    def read(self, uid: str) -> Live | None:
        try:
            answer = self.client.get(path("folders", uid), answers.FOLDER)
        except DeniedError:
            # Whoever is no admin is refused a folder that is not there (9.3).
            if any(
                each["uid"] == uid
                for each in self.client.pages("/search", answers.HITS, type="dash-folder")
            ):
                raise
            return None
        return Live(
            kind=Kind.FOLDER,
            uid=uid,
            title=answer["title"],
            folder=answer.get("parentUid") or "",
            body=answer,
            version=answer.get("version", 0),
            locked="" if answer.get("canSave", True) else NO_RIGHT,
            changed_by=by(answer.get("updatedBy")),
            changed_at=answer.get("updated") or "",
        )

    def write(self, live: Live | None, document: Document) -> None:
        body = document.body
        if live is None:
            self.client.post("/folders", body)
            return
        if live.folder != body.get("parentUid", ""):
            self.client.post(
                path("folders", live.uid, "move"), {"parentUid": body.get("parentUid", "")}
            )
        if live.title != body["title"]:
            self.client.put(
                path("folders", live.uid), {"title": body["title"], "version": live.version}
            )

    def delete(self, live: Live) -> None:
        # Without forceDeleteRules: a folder with rules is refused (400).
        self.client.delete(path("folders", live.uid))


@dataclass(frozen=True)
class _Datasources:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path("datasources", "uid", uid), answers.DATASOURCE)
        return Live(
            kind=Kind.DATASOURCE,
            uid=uid,
            title=answer["name"],
            folder="",
            body=answer,
            version=answer.get("version", 0),
            locked=FROM_FILE if answer.get("readOnly") else "",
        )

    def write(self, live: Live | None, document: Document) -> None:
        if live is None:
            self.client.post("/datasources", document.body)
            return
        # Secrets are merged into those that Grafana has; an empty one removes it.
        gone = {
            name: "" for name, is_set in (live.body.get("secureJsonFields") or {}).items() if is_set
        }
        secrets = (
            {"secureJsonData": {**gone, **document.body.get("secureJsonData", {})}} if gone else {}
        )
        body = {**document.body, **secrets, "version": live.version}
        self.client.put(path("datasources", "uid", live.uid), body)

    def delete(self, live: Live) -> None:
        self.client.delete(path("datasources", "uid", live.uid))


@dataclass(frozen=True)
class _Dashboards:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path("dashboards", "uid", uid), answers.DASHBOARD)
        meta, body = answer["meta"], answer["dashboard"]
        locked = "" if meta.get("canSave", True) else NO_RIGHT
        if meta.get("isFolder"):
            locked = "its uid is a folder's"
        if meta.get("provisioned"):
            locked = (
                f"{FROM_FILE}, {meta['provisionedExternalId']}"
                if meta.get("provisionedExternalId")
                else FROM_FILE
            )
        stamp, version = _stamp(body), body.get("version", 0)
        for key in ("id", "version"):
            body.pop(key, None)
        return Live(
            kind=Kind.DASHBOARD,
            uid=uid,
            title=body.get("title", ""),
            folder=meta.get("folderUid") or "",
            body=body,
            version=version,
            stamp=stamp,
            locked=locked,
            changed_by=by(meta.get("updatedBy")),
            changed_at=meta.get("updated") or "",
        )

    def write(self, live: Live | None, document: Document) -> str:
        # Never with `overwrite`: that replaces a dashboard of the same title, whoever's it is
        # (9.3). Always with the folder: without it the dashboard would move to General.
        answer = self.client.post(
            "/dashboards/db",
            {
                "dashboard": {**document.body, "id": None, "version": live.version if live else 0},
                "folderUid": document.folder,
                "message": document.message,
                "overwrite": False,
            },
        )
        return "" if misfit(answer, answers.SAVED) else _stamp(answer)

    def delete(self, live: Live) -> None:
        self.client.delete(path("dashboards", "uid", live.uid))


@dataclass(frozen=True)
class _RuleGroups:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(self._path(uid), dict)
        rules = answer.get("rules")
        if not rules:
            # Newer versions answer an empty group instead of 404.
            return None
        self.client.check(answer, answers.RULE_GROUP, f"GET {self._path(uid)}")
        return Live(
            kind=Kind.RULE_GROUP,
            uid=uid,
            title=answer["title"],
            folder=answer["folderUid"],
            body=answer,
            locked=provenance(rules),
            changed_at=max(rule.get("updated") or "" for rule in rules),
        )

    def write(self, live: Live | None, document: Document) -> None:
        body = document.body
        url = self._path(f"{body['folderUid']}/{body['title']}")
        try:
            self.client.put(url, body, **UNLOCKED)
        except GrafanaError as error:
            # 9.3 takes a group of rules that it knows only, and writes nothing otherwise.
            if "could not find alert rule" not in str(error):
                raise
            self._make_room(url, live, body)
            there = {rule["uid"] for rule in live.body["rules"]} if live else set()
            for rule in body["rules"]:
                if rule["uid"] not in there:
                    self.client.post(path(*RULES, "alert-rules"), rule, **UNLOCKED)
            self.client.put(url, body, **UNLOCKED)

    def delete(self, live: Live) -> None:
        try:
            self.client.delete(self._path(live.uid))
        except NotFoundError:
            # 9.3 has no route for groups.
            for rule in live.body["rules"]:
                self.client.delete(path(*RULES, "alert-rules", rule["uid"]))

    def _make_room(self, url: str, live: Live | None, body: Any) -> None:
        """Take out the rules that go, and rename those that stay: no two rules of a folder have one
        title, and 9.3 makes the new ones before it does either."""
        wanted = {rule["uid"]: rule for rule in body["rules"]}
        there = [rule["uid"] for rule in live.body["rules"]] if live else []
        for uid in there:
            if uid not in wanted:
                self.client.delete(path(*RULES, "alert-rules", uid))
        if known := [wanted[uid] for uid in there if uid in wanted]:
            self.client.put(url, {**body, "rules": known}, **UNLOCKED)

    def _path(self, uid: str) -> str:
        folder, _, group = uid.partition("/")
        return path(*RULES, "folder", folder, "rule-groups", group)


@dataclass(frozen=True)
class _ContactPoints:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path(*RULES, "contact-points"), answers.CONTACT_POINTS, name=uid)
        receivers = [each for each in answer or () if each["name"] == uid]
        if not receivers:
            return None
        self.client.check(receivers, [{"uid": str}], "GET /v1/provisioning/contact-points")
        return _alerting(Kind.CONTACT_POINT, uid, {"name": uid, "receivers": receivers}, receivers)

    def write(self, live: Live | None, document: Document) -> None:
        known = {each["uid"] for each in live.body["receivers"]} if live else set()
        for each in document.body["receivers"]:
            receiver = {**each, "name": document.body["name"]}
            if each["uid"] in known:
                self.client.put(path(*RULES, "contact-points", each["uid"]), receiver, **UNLOCKED)
            else:
                self.client.post(path(*RULES, "contact-points"), receiver, **UNLOCKED)
        for uid in sorted(known - {each["uid"] for each in document.body["receivers"]}):
            self.client.delete(path(*RULES, "contact-points", uid))

    def delete(self, live: Live) -> None:
        for each in live.body["receivers"]:
            self.client.delete(path(*RULES, "contact-points", each["uid"]))


@dataclass(frozen=True)
class _MuteTimings:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path(*RULES, "mute-timings", uid), answers.MUTE_TIMING)
        return _alerting(Kind.MUTE_TIMING, uid, answer, [answer])

    def write(self, live: Live | None, document: Document) -> None:
        if live is None:
            self.client.post(path(*RULES, "mute-timings"), document.body, **UNLOCKED)
        else:
            body = {**document.body, **_read_version(live)}
            self.client.put(path(*RULES, "mute-timings", live.uid), body, **UNLOCKED)

    def delete(self, live: Live) -> None:
        self.client.delete(path(*RULES, "mute-timings", live.uid))


@dataclass(frozen=True)
class _Templates:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path(*RULES, "templates", uid), answers.TEMPLATE)
        return _alerting(Kind.MESSAGE_TEMPLATE, uid, answer, [answer])

    def write(self, live: Live | None, document: Document) -> None:
        text = {"template": document.body["template"], **(_read_version(live) if live else {})}
        self.client.put(path(*RULES, "templates", document.body["name"]), text, **UNLOCKED)

    def delete(self, live: Live) -> None:
        self.client.delete(path(*RULES, "templates", live.uid))


@dataclass(frozen=True)
class _Policies:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path(*RULES, "policies"), answers.POLICIES)
        if {key: value for key, value in answer.items() if value} == BUILT_IN_POLICY:
            return None
        return _alerting(Kind.NOTIFICATION_POLICY, uid, answer, [answer])

    def write(self, live: Live | None, document: Document) -> None:
        self.client.put(path(*RULES, "policies"), document.body, **UNLOCKED)

    def delete(self, live: Live) -> None:
        # Grafana puts its own policies in place of them.
        self.client.delete(path(*RULES, "policies"))


def _alerting(kind: Kind, uid: str, body: Any, objects: list[Any]) -> Live:
    return Live(kind=kind, uid=uid, title=uid, folder="", body=body, locked=provenance(objects))


def _read_version(live: Live) -> dict[str, Any]:
    """The version that was read, which newer Grafana (11 on) compares with the one that it has."""
    return {"version": live.body["version"]} if live.body.get("version") else {}


def provenance(objects: list[Any]) -> str:
    """Why objects may not be changed through the API, by their provenance; empty if they may."""
    # 13.x says classic-file-provisioning.
    is_from_file = any("file" in str(each.get("provenance") or "") for each in objects)
    return FROM_FILE if is_from_file else ""


def _stamp(answer: Mapping[str, Any]) -> str:
    """What changes with every save, and differs for another object of the same uid."""
    return (
        f"{answer['id']}.{answer['version']}" if answer.get("id") and answer.get("version") else ""
    )


def by(login: Any) -> str:
    """Who saved something, as people read it."""
    # A service account is Anonymous (9.3).
    return str(login) if login and login != "Anonymous" else ""
