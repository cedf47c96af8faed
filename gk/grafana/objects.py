"""A Grafana: who answers there, what is listed, and its objects of any kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from gk.documents.secrets.hidden import secrets_of
from gk.grafana import answers
from gk.grafana.client import PAGE, Client, DeniedError, GrafanaError, NotFoundError, path
from gk.grafana.kinds import RULES, Document, by, kinds, provenance
from gk.grafana.live import Live
from gk.resource import Kind

__all__ = ["About", "Grafana", "Hit", "Rule", "SavedVersion"]

EVERY_DASHBOARD = frozenset({"*", "dashboards:*", "folders:*"})
"""The scopes of who sees all of them."""
NESTED_SINCE = (11, 0)
UNIQUE_TITLES_UNTIL = (11, 3)


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
        return tuple(int(each) for each in numbers) if all(map(str.isdecimal, numbers)) else (999,)

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
    """A dashboard or folder as the search lists it; `folder` is the uid of the one that it is
    in."""

    kind: Kind
    uid: str
    title: str
    folder: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule: its uid, the uid of its group as resources have it, and why it may not be
    changed."""

    uid: str
    group: str
    locked: str = ""


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version of a dashboard: who saved it (empty for a service account), when (RFC 3339), and
    what they said."""

    number: int
    by: str
    at: str
    message: str


class Grafana:
    """The objects of one Grafana.

    Every method raises GrafanaErrors: ChangedError for a write that came too late, DeniedError for
    what gk may not do, UnansweredError, and GrafanaError itself for other refusals.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._kinds = kinds(client)

    def about(self) -> About:
        """What answers there, and for whom. Raises GrafanaError if it is no Grafana or knows nobody
        like us."""
        health = self.client.get("/health", answers.HEALTH)
        organization = self.client.get("/org", answers.ORGANIZATION)
        try:
            login = str(self.client.get("/user", answers.USER).get("login") or "")
        except (NotFoundError, DeniedError):
            # A service account is no user (9.3 answers 404).
            login = ""
        return About(
            health.get("version") or "", health["database"], organization.get("name") or "", login
        )

    def read(self, kind: Kind, uid: str) -> Live | None:
        """The object; None if there is none."""
        try:
            live = self._kinds[kind].read(uid)
        except NotFoundError:
            return None
        if live and kind.facts.has_secrets:
            self.client.unspoken.add(secrets_of(kind, live.body))
        return live

    def write(self, kind: Kind, live: Live | None, document: Document) -> str:
        """Put a document in place of an object as it was read, or where there is none; its stamp,
        if the answer tells.

        A dashboard, folder or data source that changed since it was read is a ChangedError; other
        kinds have no version to compare in every Grafana.
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
            for each in self.client.pages("/search", answers.HITS)
            if each["type"] in ("dash-db", "dash-folder")
        ]

    def sees_every_dashboard(self) -> bool:
        """Whether no dashboard is hidden from us, by the permissions of one or of a folder."""
        try:
            rights = self.client.get("/access-control/user/permissions", answers.RIGHTS)
        except (DeniedError, NotFoundError):
            return False
        return not EVERY_DASHBOARD.isdisjoint(rights.get("dashboards:read") or ())

    def restrict(self, uid: str) -> bool:
        """Let only administrators see a dashboard, and the users and teams that somebody named;
        whether that could be done. Raises DeniedError for who may not."""
        url = path("dashboards", "uid", uid, "permissions")
        given = self.client.get(url, answers.PERMISSIONS)
        public = [each for each in given if each.get("role") in ("Viewer", "Editor")]
        if own := [each for each in public if not each.get("inherited")]:
            kept = [each for each in given if each not in own and not each.get("inherited")]
            fields = ("role", "userId", "teamId", "permission")
            self.client.post(
                url,
                {
                    "items": [
                        {name: each[name] for name in fields if each.get(name)} for each in kept
                    ]
                },
            )
        return len(own) == len(public)

    def datasources(self) -> list[Mapping[str, Any]]:
        """Every data source as Grafana lists it: uid, name, isDefault and others, without
        secrets."""
        found: list[Mapping[str, Any]] = self.client.get("/datasources", answers.DATASOURCES)
        return found

    def alerting(self, kind: Kind) -> list[str]:
        """The uids, as resources have them, of all objects of an alerting kind but rule groups."""
        name = {Kind.CONTACT_POINT: "contact-points", Kind.MUTE_TIMING: "mute-timings"}.get(
            kind, "templates"
        )
        # A contact point without a uid is Grafana's own.
        found = self.client.get(path(*RULES, name), answers.NAMES) or ()
        return sorted({each["name"] for each in found if each.get("uid", True)})

    def rules(self) -> list[Rule]:
        """Every rule that we may see."""
        # The provisioning API has no list in 9.3, and its groups do not say where their rules are
        # from.
        folders = self.client.get("/ruler/grafana/api/v1/rules", answers.RULES)
        rules = [
            rule["grafana_alert"]
            for groups in folders.values()
            for group in groups
            for rule in group["rules"]
        ]
        return [
            Rule(each["uid"], f"{each['namespace_uid']}/{each['rule_group']}", provenance([each]))
            for each in rules
        ]

    def holds(self, folder: Live, going: Set[tuple[Kind, str]] = frozenset()) -> str:
        """What is in a folder, such as "dashboard 'Shop'", but for what is `going`; empty if it is
        empty."""
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
        def page(number: int, size: int) -> list[Mapping[str, Any]]:
            found = self.client.get("/library-elements", answers.LIBRARY, perPage=size, page=number)
            elements: list[Mapping[str, Any]] = found["result"]["elements"]
            return elements

        return self.client.every("/library-elements", page)

    def version(self, uid: str, version: int) -> tuple[str, Any]:
        """The message and the document of a dashboard's version; empty and None if Grafana has it
        no longer."""
        # The list of versions says "Initial save" of a first one (9.3), the version itself what was
        # sent with it.
        try:
            found = self.client.get(
                path("dashboards", "uid", uid, "versions", str(version)), answers.VERSION
            )
        except GrafanaError as error:
            # 9.3 answers 500.
            if isinstance(error, NotFoundError) or "not found" in str(error):
                return "", None
            raise
        return found.get("message") or "", found.get("data")

    def versions(self, uid: str) -> list[SavedVersion]:
        """The versions of a dashboard that Grafana keeps (20 by default), the newest first."""
        url = path("dashboards", "uid", uid, "versions")
        found = self.client.get(url, (list, dict), limit=PAGE)
        versions: Any = found.get("versions") if isinstance(found, Mapping) else found
        self.client.check(versions, answers.VERSIONS, f"GET {url}")
        saved = [
            SavedVersion(
                each["version"],
                by(each.get("createdBy")),
                each.get("created") or "",
                each.get("message") or "",
            )
            for each in versions
        ]
        return sorted(saved, key=lambda each: -each.number)
