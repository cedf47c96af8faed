"""Folders, which 9.3 takes for dashboards where they are asked for as such."""

from __future__ import annotations

from tests.fake_grafana.calls import (
    Answer,
    Call,
    Json,
    Refusal,
    User,
    page_of,
    plain,
    slug,
    traced,
    typed,
    uid_of,
)
from tests.fake_grafana.rules import Rules
from tests.fake_grafana.store import Dashboard, Folder, Store


class Folders:
    """Folders. Their permissions are stored, and restrict nobody."""

    TEAMS = ("SRE", "Shop")
    USERS = ("admin", "ada")

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def every(self, call: Call) -> list[Json]:
        parent = call.argument("parentUid") if self._store.since(11) else ""
        inside = (folder for folder in self._store.folders.values() if folder.parent == parent)
        chosen = page_of(
            sorted(inside, key=lambda folder: folder.title),
            call.number("limit", 1000),
            call.number("page", 1),
        )
        return [
            {"id": folder.id, "uid": folder.uid, "title": folder.title, **self._nesting(folder)}
            for folder in sorted(chosen, key=lambda folder: folder.title.lower())
        ]

    def get(self, call: Call) -> Json:
        return self._view(self._found(call.params["uid"]), call.user)

    def create(self, call: Call) -> Json:
        body = call.json()
        title, uid = _folder_title(body), uid_of(body, traced)
        if uid == "general":
            raise traced(500, "Folder API error")
        if uid in self._store.dashboards:
            raise traced(400, "Dashboard cannot be changed to a folder")
        if uid in self._store.folders:
            raise self._changed()
        parent = str(body.get("parentUid") or "") if self._store.since(11) else ""
        if parent:
            self._found(parent)
        self._check_title(title, uid, parent)
        return self._view(
            self.add(uid or self._store.new_uid(), title, parent, call.user), call.user
        )

    def add(self, uid: str, title: str, parent: str, user: User) -> Folder:
        now, author = self._store.now(), self._store.author(user)
        folder = Folder(
            self._store.next_id("dashboard"), uid, title, parent, now, author, now, author
        )
        self._store.folders[uid] = folder
        if not parent or not self._store.since(11):
            own = [{"userId": user.id, "userLogin": author, "permission": 4}]
            roles = [{"role": "Editor", "permission": 2}, {"role": "Viewer", "permission": 1}]
            folder.permissions = [*own, *roles]
        return folder

    def get_permissions(self, call: Call) -> list[Json]:
        return self._found(call.params["uid"]).permissions

    def set_permissions(self, call: Call) -> Json:
        folder = self._found(call.params["uid"])
        folder.permissions = [
            self._named(permission) for permission in typed(call.json(), "items", list)
        ]
        return {"message": "Folder permissions updated"}

    def _named(self, item: Json) -> Json:
        names = {"teamId": ("team", self.TEAMS), "userId": ("userLogin", self.USERS)}
        for key, (name, known) in names.items():
            if key in item:
                return {**item, name: known[item[key] - 1]}
        return item

    def teams(self, call: Call) -> Json:
        teams = [
            {"id": number, "name": name}
            for number, name in enumerate(self.TEAMS, start=1)
            if call.argument("name") in ("", name)
        ]
        return {"totalCount": len(teams), "teams": teams, "page": 1, "perPage": 1000}

    def users(self, call: Call) -> list[Json]:
        return [
            {"userId": number, "login": name}
            for number, name in enumerate(self.USERS, start=1)
            if call.argument("query") in name
        ]

    def update(self, call: Call) -> Json:
        folder, body = self._found(call.params["uid"]), call.json()
        title, uid = _folder_title(body), uid_of(body, traced)
        if uid not in ("", folder.uid) and (
            uid in self._store.folders or uid in self._store.dashboards
        ):
            raise plain(409, "a folder/dashboard with the same uid already exists")
        if body.get("version", 0) != folder.version and not body.get("overwrite"):
            raise self._changed()
        taken = (
            self._with_title(title, folder.uid, folder.parent) if body.get("overwrite") else None
        )
        if taken:
            # Whoever overwrites gets the folder that has the title already; the one asked for stays
            # as it was.
            folder, uid = taken, taken.uid
        else:
            self._check_title(title, folder.uid, folder.parent)
        if uid and uid != folder.uid:
            self._store.rename_folder(folder.uid, uid)
        folder.title, folder.version = title, folder.version + 1
        folder.updated, folder.updated_by = self._store.now(), self._store.author(call.user)
        return self._view(folder, call.user)

    def move(self, call: Call) -> Json:
        if not self._store.since(11):
            raise plain(404, "To use this service, you need to activate nested folder feature.")
        folder, parent = self._found(call.params["uid"]), str(call.json().get("parentUid") or "")
        if parent:
            self._found(parent)
        if parent in self._below(folder.uid):
            raise traced(400, "failed to move folder")
        folder.parent = parent
        return self._view(folder, call.user)

    def delete(self, call: Call) -> Json | Answer:
        folder = self._found(call.params["uid"])
        gone = self._below(folder.uid)
        if call.argument("forceDeleteRules") != "true" and any(map(self._rules.in_folder, gone)):
            raise plain(400, "folder cannot be deleted: folder contains alert rules")
        for uid in gone:
            self._rules.drop_folder(uid)
            self._store.drop_folder(uid)
        if not self._store.since(10):
            return Answer(200)
        return {"id": folder.id, "message": "Folder deleted", "title": folder.title}

    def as_dashboard(self, uid: str) -> Json:
        """Return a folder as one who asks for a dashboard of its uid gets it from 9.3."""
        folder = self._found(uid)
        meta = {
            "type": "db",
            "isFolder": True,
            "url": self.url(folder),
            "version": folder.version,
            "provisioned": False,
        }
        meta |= {
            "folderId": 0,
            "folderUid": "",
            "folderTitle": "General",
            "slug": slug(folder.title),
        }
        document = {
            "id": folder.id,
            "schemaVersion": 17,
            "title": folder.title,
            "uid": uid,
            "version": folder.version,
        }
        return {"meta": meta, "dashboard": document}

    def delete_as_dashboard(self, call: Call) -> Json:
        """Delete a folder, and all that is in it, for one who takes it for a dashboard, as 9.3
        does."""
        folder = self._found(call.params["uid"])
        if self._rules.in_folder(folder.uid):
            raise traced(500, "Failed to delete dashboard")
        self.delete(call)
        return deleted(folder)

    def state(self) -> Json:
        return {
            uid: {
                "title": folder.title,
                "parentUid": folder.parent,
                "permissions": folder.permissions,
            }
            for uid, folder in self._store.folders.items()
        }

    def url(self, folder: Folder) -> str:
        return f"{self._store.prefix}/dashboards/f/{folder.uid}/{slug(folder.title)}"

    def _found(self, uid: str) -> Folder:
        if uid not in self._store.folders:
            raise plain(404, "folder not found", status="not-found")
        return self._store.folders[uid]

    def _below(self, uid: str) -> list[str]:
        children = [folder.uid for folder in self._store.folders.values() if folder.parent == uid]
        return [uid, *(below for child in children for below in self._below(child))]

    def _with_title(self, title: str, own_uid: str, parent: str) -> Folder | None:
        others = (
            folder
            for folder in self._store.folders.values()
            if folder.uid != own_uid and folder.parent == parent
        )
        return next(
            (folder for folder in others if self._store.same_title(folder.title, title)), None
        )

    def _check_title(self, title: str, own_uid: str, parent: str) -> None:
        if self._with_title(title, own_uid, parent):
            raise plain(
                409, "a folder or dashboard in the general folder with the same name already exists"
            )
        if not self._store.since(10) and self._store.dashboard_with_title(title, folder=""):
            raise traced(400, "Folder name cannot be the same as one of its dashboards")

    def _changed(self) -> Refusal:
        status = "" if self._store.since(12) else "version-mismatch"
        return plain(412, "the folder has been changed by someone else", status=status)

    def _nesting(self, folder: Folder) -> Json:
        return {"parentUid": folder.parent} if self._store.since(11) and folder.parent else {}

    def _view(self, folder: Folder, user: User) -> Json:
        return {
            "id": folder.id,
            "uid": folder.uid,
            "title": folder.title,
            "url": self.url(folder),
            "hasAcl": False,
            "canSave": user.may("folders:write"),
            "canEdit": user.may("folders:write"),
            "canAdmin": user.role == "Admin",
            "canDelete": user.may("folders:delete"),
            "createdBy": folder.created_by,
            "created": folder.created,
            "updatedBy": folder.updated_by,
            "updated": folder.updated,
            "version": folder.version,
            **({"parentUid": ""} if not self._store.since(11) else self._nesting(folder)),
        }


def _folder_title(body: Json) -> str:
    title = typed(body, "title", str).strip()
    if not title:
        raise plain(400, "folder title cannot be empty")
    if title.lower() == "general":
        raise traced(400, "A folder with that name already exists")
    return str(title)


def deleted(what: Dashboard | Folder) -> Json:
    """Return what 9.3 says when either is deleted as a dashboard."""
    return {"id": what.id, "message": f"Dashboard {what.title} deleted", "title": what.title}
