"""Folders and what is in them, which share ids, uids and titles in 9.3; and what all kinds
share."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone

from tests.fake_grafana.calls import Call, Json, Refusal, User, slug, traced


@dataclass
class Folder:
    """A folder; `parent` is the uid of the one that it is in, empty at the top."""

    id: int
    uid: str
    title: str
    parent: str
    created: str
    created_by: str
    updated: str
    updated_by: str
    version: int = 1
    permissions: list[Json] = field(default_factory=list)
    """Who may do what, in the API's form, beside administrators."""


@dataclass(frozen=True)
class Version:
    """One version of a dashboard, and the number of the one that it was made of."""

    id: int
    version: int
    parent: int
    created: str
    author: str | None
    message: str
    data: bytes


@dataclass
class Dashboard:
    """A dashboard; its document stays text, which is what makes a GET fast."""

    id: int
    uid: str
    title: str
    folder: str
    tags: list[str]
    created: str
    created_by: str
    versions: list[Version] = field(default_factory=list)
    permissions: list[Json] = field(default_factory=list)
    """Who may do what, in the API's form, beside administrators."""
    provisioned: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    """Those that others gave it in the resource API."""

    @property
    def last(self) -> Version:
        return self.versions[-1]


@dataclass
class LibraryPanel:
    """A panel that dashboards share."""

    id: int
    uid: str
    name: str
    folder: str
    model: Json
    created: str
    version: int = 1


class Store:
    """Folders, dashboards and library panels by uid, and what many kinds do otherwise in another
    version."""

    def __init__(self, version: str, prefix: str) -> None:
        self.prefix = prefix
        self.folders: dict[str, Folder] = {}
        self.dashboards: dict[str, Dashboard] = {}
        self.panels: dict[str, LibraryPanel] = {}
        self.toggles: set[str] = set()
        self._version = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
        self._ids: dict[str, int] = {}

    def since(self, *version: int) -> bool:
        return self._version >= version

    def next_id(self, kind: str) -> int:
        self._ids[kind] = self._ids.get(kind, 0) + 1
        return self._ids[kind]

    @staticmethod
    def new_uid() -> str:
        return uuid.uuid4().hex[:14]

    @staticmethod
    def now() -> str:
        return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def author(self, user: User) -> str:
        """Return who made something: 9.3 does not name service accounts."""
        return "Anonymous" if user.is_token and not self.since(10) else user.name

    def owner(self, call: Call) -> str:
        """Return who owns what a request writes, where 9.3 does not look at the header."""
        return call.provenance if self.since(10) else "api"

    def keeps_provenance(self, provenance: str, call: Call) -> bool:
        """Return whether an object of this provenance must not lose it to a request."""
        return self.since(12) and provenance == "api" and self.owner(call) == ""

    def check_provenance(self, kept: Json, call: Call) -> None:
        """Refuse a request that would take the provenance from an object (12.4.0)."""
        if self.keeps_provenance(kept.get("provenance", ""), call):
            message = (
                "Resource with provenance status 'api' cannot be managed via API that handles "
                "resources with provenance status 'none'"
            )
            raise traced(403, message)

    def conflict(self, message: str) -> Refusal:
        """Return a refusal that was a server's error until 11."""
        return traced(409 if self.since(11) else 500, message)

    def same_title(self, one: str, other: str) -> bool:
        return one == other if self.since(10) else slug(one) == slug(other)

    def dashboard_with_title(self, title: str, folder: str) -> Dashboard | None:
        inside = (dashboard for dashboard in self.dashboards.values() if dashboard.folder == folder)
        return next(
            (dashboard for dashboard in inside if self.same_title(dashboard.title, title)), None
        )

    def rename_folder(self, old: str, new: str) -> None:
        inside: list[Dashboard | LibraryPanel] = [*self.dashboards.values(), *self.panels.values()]
        for item in inside:
            item.folder = new if item.folder == old else item.folder
        folder = self.folders.pop(old)
        folder.uid = new
        self.folders[new] = folder

    def drop_folder(self, uid: str) -> None:
        """Remove a folder and what is in it."""
        self.dashboards = {
            key: dashboard for key, dashboard in self.dashboards.items() if dashboard.folder != uid
        }
        self.panels = {key: panel for key, panel in self.panels.items() if panel.folder != uid}
        del self.folders[uid]
