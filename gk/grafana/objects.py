"""The objects of a Grafana, one by one: how each kind is read, created, updated and deleted over HTTP.

https://grafana.com/docs/grafana/latest/developers/http_api/; what differs between versions is said where it does, as a
9.3.2 answered it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol

from gk.grafana.client import Client, DeniedError, GrafanaError, NotFoundError, path
from gk.grafana.live import Live
from gk.resource import Kind

__all__ = ["About", "Document", "Grafana", "Hit", "Rule", "SavedVersion"]

RULES = ("v1", "provisioning")
UNLOCKED = {"X-Disable-Provenance": "true"}
"""Without it the UI does not edit what was pushed. Only its presence matters; 9.3 heeds it for single rules only."""
PAGE = 1000
"""How many results a page of a search has; Grafana gives 5,000 at most."""
NESTED_SINCE = (11, 0)
UNIQUE_TITLES_UNTIL = (11, 3)
FROM_FILE = "it is provisioned from a file"
NO_RIGHT = "the account may not change it"
BUILT_IN_POLICY = {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
"""The notification policies of a new Grafana, which nobody wrote."""


@dataclass(frozen=True, slots=True)
class About:
    """A Grafana and who gk is in it. `version` is empty where Grafana hides it."""

    version: str
    database: str
    organization: str
    login: str

    @property
    def number(self) -> tuple[int, ...]:
        """The version to compare with others; a hidden one counts as the newest."""
        numbers = self.version.split("-")[0].split("+")[0].split(".")[:3]
        return tuple(int(each) for each in numbers) if all(map(str.isdigit, numbers)) else (999,)

    @property
    def has_nested_folders(self) -> bool:
        """Whether folders may be in folders, without a feature toggle."""
        return self.number >= NESTED_SINCE

    @property
    def has_unique_titles(self) -> bool:
        """Whether a folder refuses a second dashboard of a title."""
        return self.number < UNIQUE_TITLES_UNTIL


@dataclass(frozen=True, slots=True)
class Hit:
    """A dashboard or folder as the search lists it; `folder` is the uid of the one that it is in."""

    kind: Kind
    uid: str
    title: str
    folder: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule: its uid, the uid of its group as resources have it, and why it may not be changed."""

    uid: str
    group: str
    locked: str = ""


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version of a dashboard: who saved it (empty for a service account), when (RFC 3339), and what they said."""

    number: int
    by: str
    at: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """What is written: the HTTP API's body, the uid of its folder, and the message of a dashboard's version."""

    body: Any
    folder: str = ""
    message: str = ""


class Grafana:
    """The objects of one Grafana.

    Every method raises GrafanaErrors: ChangedError for a write that came too late, DeniedError for what gk may not do,
    UnansweredError, and GrafanaError itself for other refusals.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._kinds: Mapping[Kind, _Api] = {
            Kind.FOLDER: _Folders(client),
            Kind.DATASOURCE: _Datasources(client),
            Kind.DASHBOARD: _Dashboards(client),
            Kind.MESSAGE_TEMPLATE: _Templates(client),
            Kind.MUTE_TIMING: _MuteTimings(client),
            Kind.CONTACT_POINT: _ContactPoints(client),
            Kind.NOTIFICATION_POLICY: _Policies(client),
            Kind.RULE_GROUP: _RuleGroups(client),
        }

    def about(self) -> About:
        """What answers there, and for whom. Raises GrafanaError if it is no Grafana or knows nobody like us."""
        health = self.client.get("/health")
        if not isinstance(health, Mapping) or "database" not in health:
            raise GrafanaError("GET /health: the answer is not Grafana's; check the URL and its path")
        organization = self.client.get("/org")
        try:
            login = str(self.client.get("/user").get("login", ""))
        except (NotFoundError, DeniedError):
            # A service account is no user (9.3 answers 404).
            login = ""
        version = str(health.get("version", ""))
        return About(version, str(health["database"]), str(organization.get("name", "")), login)

    def read(self, kind: Kind, uid: str) -> Live | None:
        """The object; None if there is none."""
        try:
            return self._kinds[kind].read(uid)
        except NotFoundError:
            return None

    def write(self, kind: Kind, live: Live | None, document: Document) -> str:
        """Put a document in place of an object as it was read, or where there is none; its stamp, if the answer tells.

        A dashboard, folder or data source that changed since it was read is a ChangedError; other kinds have no
        version to compare in every Grafana.
        """
        return self._kinds[kind].write(live, document) or ""

    def delete(self, live: Live) -> None:
        """Delete an object; one that is gone already is no error."""
        try:
            self._kinds[live.kind].delete(live)
        except NotFoundError:
            return

    def search(self) -> list[Hit]:
        """Every dashboard and folder that we may see."""
        return [
            Hit(
                Kind.FOLDER if each["type"] == "dash-folder" else Kind.DASHBOARD,
                each["uid"],
                each["title"],
                each.get("folderUid") or "",
                tuple(each.get("tags") or ()),
            )
            for each in _pages(self.client, "/search")
            if each["type"] in ("dash-db", "dash-folder")
        ]

    def datasources(self) -> list[Mapping[str, Any]]:
        """Every data source as Grafana lists it: uid, name, isDefault and others, without secrets."""
        found: list[Mapping[str, Any]] = self.client.get("/datasources")
        return found

    def alerting(self, kind: Kind) -> list[str]:
        """The uids, as resources have them, of all objects of an alerting kind but rule groups."""
        name = {Kind.CONTACT_POINT: "contact-points", Kind.MUTE_TIMING: "mute-timings"}.get(kind, "templates")
        # A contact point without a uid is Grafana's own.
        found = self.client.get(path(*RULES, name)) or ()
        return sorted({each["name"] for each in found if each.get("uid", True)})

    def rules(self) -> list[Rule]:
        """Every rule that we may see."""
        # The provisioning API has no list in 9.3, and its groups do not say where their rules are from.
        folders = self.client.get("/ruler/grafana/api/v1/rules")
        rules = [rule["grafana_alert"] for groups in folders.values() for group in groups for rule in group["rules"]]
        return [
            Rule(each["uid"], f"{each['namespace_uid']}/{each['rule_group']}", _provenance([each])) for each in rules
        ]

    def holds(self, folder: Live, going: Set[tuple[Kind, str]] = frozenset()) -> str:
        """What is in a folder, such as "dashboard 'Shop'", but for what is `going`; empty if it is empty."""
        for each in self.search():
            if each.folder == folder.uid and (each.kind, each.uid) not in going:
                return f"{each.kind.value} '{each.title}'"
        for panel in self._library_elements():
            if folder.uid in (panel.get("folderUid"), (panel.get("meta") or {}).get("folderUid")):
                return f"library panel '{panel['name']}'"
        for rule in self.rules():
            in_folder, _, group = rule.group.partition("/")
            if in_folder == folder.uid and (Kind.RULE_GROUP, rule.group) not in going:
                return f"rule group '{group}'"
        return ""

    def _library_elements(self) -> Iterator[Mapping[str, Any]]:
        page = 1
        while found := self.client.get("/library-elements", perPage=PAGE, page=page)["result"]["elements"]:
            yield from found
            page += 1

    def version(self, uid: str, version: int) -> tuple[str, Any]:
        """The message and the document of a dashboard's version; empty and None if Grafana has it no longer."""
        # The list of versions says "Initial save" of a first one (9.3), the version itself what was sent with it.
        try:
            found = self.client.get(path("dashboards", "uid", uid, "versions", str(version)))
        except GrafanaError as error:
            # 9.3 answers 500.
            if isinstance(error, NotFoundError) or "not found" in str(error):
                return "", None
            raise
        return str(found.get("message", "")), found.get("data")

    def versions(self, uid: str) -> list[SavedVersion]:
        """The versions of a dashboard that Grafana keeps (20 by default), the newest first."""
        found = self.client.get(path("dashboards", "uid", uid, "versions"), limit=PAGE)
        versions = found["versions"] if isinstance(found, Mapping) else found
        saved = [
            SavedVersion(
                each["version"], _by(each.get("createdBy")), each.get("created") or "", each.get("message") or ""
            )
            for each in versions
        ]
        return sorted(saved, key=lambda each: -each.number)


def _pages(client: Client, url: str, **parameters: str) -> Iterator[Mapping[str, Any]]:
    page = 1
    while found := client.get(url, limit=PAGE, page=page, **parameters):
        yield from found
        if len(found) < PAGE:
            return
        page += 1


class _Api(Protocol):
    """One kind of objects. `read` raises NotFoundError, or answers None, for what is not there."""

    def read(self, uid: str) -> Live | None: ...

    def write(self, live: Live | None, document: Document) -> str | None: ...

    def delete(self, live: Live) -> None: ...


@dataclass(frozen=True)
class _Folders:
    client: Client

    def read(self, uid: str) -> Live | None:
        try:
            answer = self.client.get(path("folders", uid))
        except DeniedError:
            # Whoever is no admin is refused a folder that is not there (9.3).
            if any(each["uid"] == uid for each in _pages(self.client, "/search", type="dash-folder")):
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
            changed_by=_by(answer.get("updatedBy")),
            changed_at=answer.get("updated") or "",
        )

    def write(self, live: Live | None, document: Document) -> None:
        body = document.body
        if live is None:
            self.client.post("/folders", body)
            return
        if live.folder != body.get("parentUid", ""):
            self.client.post(path("folders", live.uid, "move"), {"parentUid": body.get("parentUid", "")})
        if live.title != body["title"]:
            self.client.put(path("folders", live.uid), {"title": body["title"], "version": live.version})

    def delete(self, live: Live) -> None:
        # Without forceDeleteRules: a folder with rules is refused (400).
        self.client.delete(path("folders", live.uid))


@dataclass(frozen=True)
class _Datasources:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path("datasources", "uid", uid))
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
        gone = {name: "" for name, is_set in (live.body.get("secureJsonFields") or {}).items() if is_set}
        secrets = {"secureJsonData": {**gone, **document.body.get("secureJsonData", {})}} if gone else {}
        body = {**document.body, **secrets, "version": live.version}
        self.client.put(path("datasources", "uid", live.uid), body)

    def delete(self, live: Live) -> None:
        self.client.delete(path("datasources", "uid", live.uid))


@dataclass(frozen=True)
class _Dashboards:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(path("dashboards", "uid", uid))
        meta, body = answer["meta"], answer["dashboard"]
        locked = "" if meta.get("canSave", True) else NO_RIGHT
        if meta.get("isFolder"):
            locked = "its uid is a folder's"
        if meta.get("provisioned"):
            locked = f"{FROM_FILE}, {meta['provisionedExternalId']}" if meta.get("provisionedExternalId") else FROM_FILE
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
            changed_by=_by(meta.get("updatedBy")),
            changed_at=meta.get("updated") or "",
        )

    def write(self, live: Live | None, document: Document) -> str:
        # Never with `overwrite`: that replaces a dashboard of the same title, whoever's it is (9.3). Always with the
        # folder: without it the dashboard would move to General.
        answer = self.client.post(
            "/dashboards/db",
            {
                "dashboard": {**document.body, "id": None, "version": live.version if live else 0},
                "folderUid": document.folder,
                "message": document.message,
                "overwrite": False,
            },
        )
        return _stamp(answer)

    def delete(self, live: Live) -> None:
        self.client.delete(path("dashboards", "uid", live.uid))


@dataclass(frozen=True)
class _RuleGroups:
    client: Client

    def read(self, uid: str) -> Live | None:
        answer = self.client.get(self._path(uid))
        rules = answer.get("rules")
        if not rules:
            # Newer versions answer an empty group instead of 404.
            return None
        return Live(
            kind=Kind.RULE_GROUP,
            uid=uid,
            title=answer["title"],
            folder=answer["folderUid"],
            body=answer,
            locked=_provenance(rules),
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
        """Take out the rules that go, and rename those that stay: no two rules of a folder have one title, and 9.3
        makes the new ones before it does either."""
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
        answer = self.client.get(path(*RULES, "contact-points"), name=uid)
        receivers = [each for each in answer if each["name"] == uid]
        if not receivers:
            return None
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
        answer = self.client.get(path(*RULES, "mute-timings", uid))
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
        answer = self.client.get(path(*RULES, "templates", uid))
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
        answer = self.client.get(path(*RULES, "policies"))
        if {key: value for key, value in answer.items() if value} == BUILT_IN_POLICY:
            return None
        return _alerting(Kind.NOTIFICATION_POLICY, uid, answer, [answer])

    def write(self, live: Live | None, document: Document) -> None:
        self.client.put(path(*RULES, "policies"), document.body, **UNLOCKED)

    def delete(self, live: Live) -> None:
        # Grafana puts its own policies in place of them.
        self.client.delete(path(*RULES, "policies"))


def _alerting(kind: Kind, uid: str, body: Any, provenances: list[Any]) -> Live:
    return Live(kind=kind, uid=uid, title=uid, folder="", body=body, locked=_provenance(provenances))


def _read_version(live: Live) -> dict[str, Any]:
    """The version that was read, which newer Grafana (11 on) compares with the one that it has."""
    return {"version": live.body["version"]} if live.body.get("version") else {}


def _provenance(objects: list[Any]) -> str:
    # 13.x says classic-file-provisioning.
    is_from_file = any("file" in str(each.get("provenance") or "") for each in objects)
    return FROM_FILE if is_from_file else ""


def _stamp(answer: Mapping[str, Any]) -> str:
    """What changes with every save, and differs for another object of the same uid."""
    return f"{answer['id']}.{answer['version']}" if answer.get("id") and answer.get("version") else ""


def _by(login: Any) -> str:
    # A service account is Anonymous (9.3).
    return str(login) if login and login != "Anonymous" else ""
