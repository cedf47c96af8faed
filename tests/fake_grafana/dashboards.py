"""Dashboards with their versions, and the search that finds them and folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from tests.fake_grafana.calls import (
    Answer,
    Call,
    Json,
    User,
    bad_request,
    forbidden,
    page_of,
    plain,
    slug,
    traced,
    typed,
    uid_of,
)
from tests.fake_grafana.folders import Folders, deleted
from tests.fake_grafana.store import Dashboard, Folder, Store, Version


@dataclass(frozen=True, kw_only=True)
class Save:
    """One save of a dashboard, by whoever."""

    dashboard: Json
    folder: str
    user: User
    message: str = ""
    overwrite: bool = False
    by_file: bool = False


class Dashboards:
    """Dashboards with their versions."""

    def __init__(self, store: Store, folders: Folders) -> None:
        self.forgets_messages = False
        self._store = store
        self._folders = folders

    def get(self, call: Call) -> Answer:
        uid = call.params["uid"]
        if uid in self._store.folders and not self._store.since(10):
            return Answer(200, orjson.dumps(self._folders.as_dashboard(uid)))
        dashboard = self._found(uid)
        if not may(dashboard, call.user, VIEW):
            raise plain(403, "Access denied to this dashboard")
        meta = orjson.dumps(self._meta(dashboard, call.user))
        return Answer(200, b'{"meta":' + meta + b',"dashboard":' + dashboard.last.data + b"}")

    def post(self, call: Call) -> Json:
        body = call.json()
        if not isinstance(body.get("dashboard", ()), dict | list):
            raise bad_request()
        dashboard = body["dashboard"] if isinstance(body["dashboard"], dict) else {}
        folder = str(body.get("folderUid") or "")
        if folder and folder not in self._store.folders:
            raise traced(400, "Folder not found")
        message = "" if self.forgets_messages else str(body.get("message") or "")
        overwrite = bool(body.get("overwrite"))
        return self.save(
            Save(
                dashboard=dashboard,
                folder=folder,
                user=call.user,
                message=message,
                overwrite=overwrite,
            )
        )

    def save(self, save: Save) -> Json:
        document = dict(save.dashboard)
        title = document.get("title")
        document["title"] = title.strip() if isinstance(title, str) else ""
        if not document["title"]:
            raise plain(400, "Dashboard title cannot be empty", status="empty-name")
        uid = uid_of(document, plain)
        if below_five_seconds(document.get("refresh")):
            document["refresh"] = "5s"
        asked = self._asked_for(document.get("id"), uid)
        if (
            asked
            and document.get("version") != asked.last.version
            and not (save.overwrite or save.by_file)
        ):
            raise plain(
                412, "The dashboard has been changed by someone else", status="version-mismatch"
            )
        target = self._with_the_title(document["title"], asked, save) or asked
        if target and target.provisioned and not save.by_file:
            raise plain(400, "Cannot save provisioned dashboard")
        if target and not may(target, save.user, EDIT):
            raise traced(403, "Access denied to save dashboard")
        return self._stored(document, target, uid, save)

    def delete(self, call: Call) -> Json:
        if call.params["uid"] in self._store.folders and not self._store.since(10):
            return self._folders.delete_as_dashboard(call)
        dashboard = self._found(call.params["uid"])
        if dashboard.provisioned:
            raise traced(400, "provisioned dashboard cannot be deleted")
        del self._store.dashboards[dashboard.uid]
        return deleted(dashboard)

    def versions(self, call: Call) -> Json | list[Json]:
        dashboard = self._versioned(call)
        start = int(call.argument("start") or 0)
        chosen = dashboard.versions[::-1][start : start + call.number("limit", 1000)]
        entries = [
            {
                "id": version.id,
                "dashboardId": dashboard.id,
                "dashboardUid": dashboard.uid if self._store.since(10) else "",
                "parentVersion": version.parent,
                "restoredFrom": 0,
                "version": version.version,
                "created": version.created,
                "createdBy": version.author,
                # The first save's own message is only in the answer for that version.
                "message": version.message if version.parent else "Initial save",
            }
            for version in chosen
        ]
        return {"continueToken": "", "versions": entries} if self._store.since(11) else entries

    def version(self, call: Call) -> Json:
        dashboard = self._versioned(call)
        version = self._version(dashboard, call.params["version"])
        if version is None:
            message = (
                f"Dashboard version {call.params['version']} not found "
                f"for dashboardId {dashboard.id}"
            )
            raise traced(
                404 if self._store.since(10) and not self._store.since(12) else 500, message
            )
        return {
            "id": version.id,
            "dashboardId": dashboard.id,
            "uid": dashboard.uid,
            "parentVersion": version.parent,
            "restoredFrom": 0,
            "version": version.version,
            "created": version.created,
            "message": version.message,
            "data": orjson.loads(version.data),
            "createdBy": version.author,
        }

    def restore(self, call: Call) -> Json:
        version = typed(call.json(), "version", int)
        if not version:
            raise bad_request()
        dashboard = self._found(call.params["uid"])
        old = self._version(dashboard, str(version))
        if old is None:
            raise plain(404, "Dashboard version not found")
        document = {
            **orjson.loads(old.data),
            "version": dashboard.last.version,
            "uid": dashboard.uid,
        }
        message = f"Restored from version {old.version}"
        return self.save(
            Save(dashboard=document, folder=dashboard.folder, user=call.user, message=message)
        )

    def get_permissions(self, call: Call) -> list[Json]:
        dashboard = self._found(call.params["uid"])
        if not may(dashboard, call.user, ADMIN):
            raise forbidden("dashboards.permissions:read")
        return [{**_NOBODY, **permission} for permission in dashboard.permissions]

    def set_permissions(self, call: Call) -> Json:
        dashboard = self._found(call.params["uid"])
        if not may(dashboard, call.user, ADMIN):
            raise forbidden("dashboards.permissions:write")
        items = typed(call.json(), "items", list)
        kept = ("role", "userId", "teamId", "permission")
        dashboard.permissions = [
            {key: permission[key] for key in kept if permission.get(key)}
            for permission in items
            if isinstance(permission, dict)
        ]
        return {"message": "Dashboard permissions updated"}

    def state(self) -> Json:
        return {
            uid: {
                "dashboard": orjson.loads(dashboard.last.data),
                "folderUid": dashboard.folder,
                "version": dashboard.last.version,
                "provisioned": dashboard.provisioned,
                "messages": [version.message for version in dashboard.versions],
            }
            for uid, dashboard in self._store.dashboards.items()
        }

    def url(self, dashboard: Dashboard) -> str:
        return f"{self._store.prefix}/d/{dashboard.uid}/{slug(dashboard.title)}"

    def _found(self, uid: str) -> Dashboard:
        if uid not in self._store.dashboards:
            raise traced(404, "Dashboard not found")
        return self._store.dashboards[uid]

    def _versioned(self, call: Call) -> Dashboard:
        if call.params["uid"] not in self._store.dashboards:
            raise traced(404 if self._store.since(10) else 400, "failed to get dashboard by UID")
        return self._store.dashboards[call.params["uid"]]

    @staticmethod
    def _version(dashboard: Dashboard, number: str) -> Version | None:
        return next(
            (version for version in dashboard.versions if str(version.version) == number), None
        )

    def _asked_for(self, number: object, uid: str) -> Dashboard | None:
        """Return the dashboard that a document says it is: that with its id, or that with its
        uid."""
        if uid in self._store.folders:
            raise plain(400, "Dashboard cannot be changed to a folder")
        by_uid = self._store.dashboards.get(uid)
        if not isinstance(number, int) or number <= 0:
            return by_uid
        by_id = next(
            (dashboard for dashboard in self._store.dashboards.values() if dashboard.id == number),
            None,
        )
        if by_id is None:
            raise plain(404, "Dashboard not found", status="not-found")
        if by_uid and by_uid is not by_id:
            raise plain(400, "A dashboard with the same uid already exists")
        return by_id

    def _with_the_title(self, title: str, asked: Dashboard | None, save: Save) -> Dashboard | None:
        """Return another dashboard that has the title, which a save that overwrites replaces
        instead of its own."""
        folders = self._store.folders.values()
        if not self._store.since(10) and any(
            self._store.same_title(folder.title, title) for folder in folders
        ):
            raise plain(400, "Dashboard name cannot be the same as folder", status="name-match")
        taken = self._store.dashboard_with_title(title, save.folder)
        if taken is None or taken is asked or self._store.since(11, 3):
            return None
        if not save.overwrite:
            raise plain(
                412,
                "A dashboard with the same name in the folder already exists",
                status="name-exists",
            )
        return taken

    def _stored(self, document: Json, target: Dashboard | None, uid: str, save: Save) -> Json:
        now, author = self._store.now(), self._store.author(save.user)
        if target is None:
            number, uid = self._store.next_id("dashboard"), uid or self._store.new_uid()
            target = Dashboard(number, uid, "", "", [], now, author)
            # A service account gets none of its own from 9.3.2; it does from 12.4.0.
            has_own = self._store.since(10) or not save.user.is_token
            own = [{"userId": save.user.id, "permission": ADMIN}] if has_own else []
            public = [
                {"role": "Editor", "permission": EDIT},
                {"role": "Viewer", "permission": VIEW},
            ]
            target.permissions = own if save.folder else [*own, *public]
            self._store.dashboards[uid] = target
        moved = bool(target.versions) and target.folder != save.folder
        said = document.get("version")
        # A new dashboard's first version follows the one that its document says.
        parent = target.last.version if target.versions else said if isinstance(said, int) else 0
        version = target.last.version + 1 if target.versions else 1
        document.update(id=target.id, uid=target.uid, version=version)
        tags = document.get("tags")
        if self._store.since(12) and version > 1 and _same(document, target) and not moved:
            # Saved without a change, it stays what it is (12.4.0).
            return self._answer(target)
        target.title, target.folder = document["title"], save.folder
        target.tags = (
            [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
        )
        target.provisioned = target.provisioned or save.by_file
        data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        number = self._store.next_id("version")
        target.versions.append(Version(number, version, parent, now, author, save.message, data))
        return self._answer(target)

    def _answer(self, saved: Dashboard) -> Json:
        return {
            "id": saved.id,
            "slug": slug(saved.title),
            "status": "success",
            "uid": saved.uid,
            "url": self.url(saved),
            "version": saved.last.version,
        }

    def _meta(self, dashboard: Dashboard, user: User) -> Json:
        folder = self._store.folders.get(dashboard.folder)
        edits = user.may("any of dashboards:create, dashboards:write")
        may_edit = edits and may(dashboard, user, EDIT)
        annotations = {"canAdd": may_edit, "canEdit": may_edit, "canDelete": may_edit}
        return {
            "type": "db",
            "canSave": may_edit,
            "canEdit": may_edit,
            "canAdmin": user.role == "Admin",
            "canStar": not user.is_token,
            "canDelete": may_edit,
            "slug": slug(dashboard.title),
            "url": self.url(dashboard),
            "expires": "0001-01-01T00:00:00Z",
            "created": dashboard.created,
            "updated": dashboard.last.created,
            "updatedBy": dashboard.last.author,
            "createdBy": dashboard.created_by,
            "version": dashboard.last.version,
            "hasAcl": False,
            "isFolder": False,
            "folderId": folder.id if folder else 0,
            "folderUid": dashboard.folder,
            "folderTitle": folder.title if folder else "General",
            "folderUrl": self._folders.url(folder) if folder else "",
            "provisioned": dashboard.provisioned,
            "provisionedExternalId": f"{dashboard.uid}.json" if dashboard.provisioned else "",
            "annotationsPermissions": {"dashboard": annotations, "organization": annotations},
        }


def _same(document: Json, dashboard: Dashboard) -> bool:
    """Whether a document is the one that a dashboard has, but for its version."""
    return {**document, "version": 0} == {**orjson.loads(dashboard.last.data), "version": 0}


VIEW, EDIT, ADMIN = 1, 2, 4
_NOBODY = {
    "userId": 0,
    "userLogin": "",
    "teamId": 0,
    "team": "",
    "permission": 0,
    "inherited": False,
}


def may(dashboard: Dashboard, user: User, permission: int) -> bool:
    """Whether the permissions of a dashboard let somebody do so; those of a folder let everybody,
    by their role."""
    if user.role == "Admin" or dashboard.folder:
        return True
    roles = ("Viewer", "Editor")[: ("Viewer", "Editor").index(user.role) + 1] if user.role else ()
    return any(
        (entry.get("role") in roles or entry.get("userId") == user.id)
        and entry["permission"] >= permission
        for entry in dashboard.permissions
    )


def below_five_seconds(refresh: object) -> bool:
    """Grafana's min_refresh_interval, which is 5s unless somebody sets it."""
    match = re.fullmatch(r"(\d+)(ms|s)", refresh) if isinstance(refresh, str) else None
    return match is not None and int(match[1]) * (1 if match[2] == "ms" else 1000) < 5000


class Search:
    """What finds folders and dashboards."""

    def __init__(self, store: Store, folders: Folders, dashboards: Dashboards) -> None:
        self._store = store
        self._folders = folders
        self._dashboards = dashboards

    def search(self, call: Call) -> list[Json]:
        if call.user.elsewhere:
            return []
        limit = call.number("limit", 1000)
        if limit > 5000:
            message = (
                "Limit is above maximum allowed (5000), use page parameter "
                "to access hits beyond limit"
            )
            raise plain(422, message)
        hits = sorted(
            (hit for hit in self._hits(call.user) if self._matches(hit, call)),
            key=lambda hit: hit["title"],
        )
        # Pages are cut in the database's order; only what is on a page is sorted for people.
        shown = page_of(hits, limit, call.number("page", 1))
        return sorted(shown, key=lambda hit: (hit["type"] == "dash-db", hit["title"].lower()))

    def _hits(self, user: User) -> Iterator[Json]:
        for folder in self._store.folders.values():
            yield self._hit("dash-folder", folder, self._folders.url(folder), [])
        for dashboard in self._store.dashboards.values():
            if not may(dashboard, user, VIEW):
                continue
            hit = self._hit("dash-db", dashboard, self._dashboards.url(dashboard), dashboard.tags)
            if parent := self._store.folders.get(dashboard.folder):
                hit |= {"folderId": parent.id, "folderUid": parent.uid, "folderTitle": parent.title}
                hit["folderUrl"] = self._folders.url(parent)
            yield hit

    @staticmethod
    def _hit(type: str, shown: Folder | Dashboard, url: str, tags: list[str]) -> Json:
        return {
            "id": shown.id,
            "uid": shown.uid,
            "title": shown.title,
            "uri": f"db/{slug(shown.title)}",
            "url": url,
            "slug": "",
            "type": type,
            "tags": tags,
            "isStarred": False,
            "sortMeta": 0,
        }

    def _matches(self, hit: Json, call: Call) -> bool:
        folder_ids = call.query.get("folderIds", [])
        folder_uids = call.query.get("folderUIDs", []) if self._store.since(10) else []
        type = call.argument("type")
        return (
            (type not in ("dash-db", "dash-folder") or hit["type"] == type)
            and all(tag in hit["tags"] for tag in call.query.get("tag", []))
            and (not folder_ids or str(hit.get("folderId", 0)) in folder_ids)
            and (not folder_uids or hit.get("folderUid", "general") in folder_uids)
            and call.argument("query").lower() in hit["title"].lower()
        )
