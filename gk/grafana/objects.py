"""A Grafana: its version and account, its objects of every kind, and the versions of its
dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from gk.documents.secrets.hidden import secrets_of
from gk.grafana import answers
from gk.grafana.about import About
from gk.grafana.client import PAGE, Client, path
from gk.grafana.errors import DeniedError, GrafanaError, NotFoundError
from gk.grafana.kinds import KINDS, Document, inside, library_panel
from gk.grafana.live import Live, by
from gk.resource import Key, Kind

__all__ = ["Grafana", "SavedVersion"]

EVERY_DASHBOARD = frozenset({"*", "dashboards:*", "folders:*"})
"""The scopes that include every dashboard."""


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

    def about(self) -> About:
        """The Grafana and the account. Raises GrafanaError if it is not a Grafana, or refuses the
        credentials."""
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

    def provision(self, what: str) -> None:
        """Let Grafana read its provisioning files again: `datasources`, `dashboards` or `alerting`.
        Only a server administrator may; Grafana refuses files with a mistake (GrafanaError)."""
        self.client.post(path("admin", "provisioning", what, "reload"), {})

    def read(self, kind: Kind, uid: str) -> Live | None:
        """The object; None if it does not exist."""
        try:
            live = KINDS[kind].read(self.client, uid)
        except NotFoundError:
            return None
        if live and kind.facts.has_secrets:
            self.client.unspoken.add(secrets_of(kind, live.body))
        return live

    def every(self, kind: Kind) -> Iterator[Live]:
        """Every object of a kind that the account may see, from a list where Grafana has one."""
        for live in KINDS[kind].every(self.client):
            if kind.facts.has_secrets:
                self.client.unspoken.add(secrets_of(kind, live.body))
            yield live

    def write(self, kind: Kind, live: Live | None, document: Document) -> str:
        """Write a document over an object as it was read, or create one; returns its stamp, if the
        answer has it.

        A dashboard, folder or data source that changed since it was read is a ChangedError; other
        kinds have no version to compare in every Grafana.
        """
        return KINDS[kind].write(self.client, live, document)

    def delete(self, live: Live) -> None:
        """Delete an object. It is not an error if it is already gone."""
        try:
            KINDS[live.kind].delete(self.client, live)
        except NotFoundError:
            return

    def sees_every_dashboard(self) -> bool:
        """Whether the account sees every dashboard, whatever the permissions of dashboards and
        folders."""
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
        # The roles that a new dashboard is open to.
        public = [
            permission for permission in given if permission.get("role") in ("Viewer", "Editor")
        ]
        if own := [permission for permission in public if not permission.get("inherited")]:
            kept = [
                permission
                for permission in given
                if permission not in own and not permission.get("inherited")
            ]
            fields = ("role", "userId", "teamId", "permission")
            # Grafana replaces the whole list, so those that stay are sent again.
            self.client.post(
                url,
                {
                    "items": [
                        {name: permission[name] for name in fields if permission.get(name)}
                        for permission in kept
                    ]
                },
            )
        # A folder's permissions are inherited, and cannot be removed here.
        return len(own) == len(public)

    def used(self, live: Live, going: Set[Key] = frozenset()) -> str:
        """Why a folder or a library panel must stay, such as "it has dashboard 'Shop'" or
        "dashboard 'shop' shows it", apart from objects that are `going`; otherwise empty."""
        if live.kind is Kind.FOLDER:
            contents = inside(self.client, live.uid, going)
            return f"it has {contents}" if contents else ""
        if live.kind is Kind.LIBRARY_PANEL:
            uids = library_panel.shown_by(self.client, live.uid)
            staying = [uid for uid in uids if (Kind.DASHBOARD, uid) not in going]
            return f"dashboard '{staying[0]}' shows it" if staying else ""
        return ""

    def version(self, uid: str, version: int) -> tuple[str, Any]:
        """The message and the document of a dashboard's version; empty and None if Grafana has it
        no longer."""
        # The list of versions says "Initial save" of a first one (9.3), the version itself what was
        # sent with it.
        try:
            answer = self.client.get(
                path("dashboards", "uid", uid, "versions", str(version)), answers.VERSION
            )
        except GrafanaError as error:
            # 9.3 answers 500.
            if isinstance(error, NotFoundError) or "not found" in str(error):
                return "", None
            raise
        return answer.get("message") or "", answer.get("data")

    def versions(self, uid: str) -> list[SavedVersion]:
        """The versions of a dashboard that Grafana keeps (20 by default), the newest first."""
        url = path("dashboards", "uid", uid, "versions")
        answer = self.client.get(url, (list, dict), limit=PAGE)
        # 9.3 answers a list, newer versions an object with the list.
        versions: Any = answer.get("versions") if isinstance(answer, Mapping) else answer
        self.client.check(versions, answers.VERSIONS, f"GET {url}")
        saved = [
            SavedVersion(
                version["version"],
                by(version.get("createdBy")),
                version.get("created") or "",
                version.get("message") or "",
            )
            for version in versions
        ]
        return sorted(saved, key=lambda version: -version.number)
