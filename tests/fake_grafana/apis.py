"""The resource API of Grafana 12 and later: dashboards and folders as objects of Kubernetes, as
seen on 12.4.0."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson

from tests.fake_grafana.calls import Answer, Call, Json, Refusal, uid_of
from tests.fake_grafana.dashboards import (
    ADMIN,
    EDIT,
    VIEW,
    Dashboards,
    Save,
    below_five_seconds,
    may,
)
from tests.fake_grafana.folders import Folders
from tests.fake_grafana.store import Dashboard, Folder, Store

T = TypeVar("T")
DASHBOARDS = "/apis/dashboard.grafana.app/:in/namespaces/default/dashboards"
V2 = "v2beta1"
# The key of a stored document that has a dashboard of schema v2.
_SPEC_OF_V2 = "fake: schema v2"
FOLDERS = "/apis/folder.grafana.app/v1beta1/namespaces/default/folders"
_REASONS = {404: "NotFound", 409: "Conflict", 400: "BadRequest"}
_GROUPS = {
    "iam.grafana.app": ("v0alpha1",),
    "dashboard.grafana.app": ("v1beta1", "v0alpha1"),
    "folder.grafana.app": ("v1beta1",),
}


def status(code: int, message: str = "") -> Refusal:
    """A refusal, which is an object itself."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    said = {"message": message, "reason": _REASONS[code]} if message else {}
    return Refusal(code, {**body, **said, "code": code})


class Objects:
    """Dashboards and folders as objects."""

    def __init__(self, store: Store, folders: Folders, dashboards: Dashboards) -> None:
        self._store = store
        self._folders = folders
        self._dashboards = dashboards

    def routes(self) -> Iterator[tuple[str, str, str, Callable[[Call], Any]]]:
        """What is served, and the permission for it."""
        if not self._store.since(12):
            return
        yield "GET", "/apis", "", self.groups
        yield "GET", "/frontend/settings", "", self.settings
        yield "GET", f"{DASHBOARDS}", "", self.dashboards
        yield "POST", DASHBOARDS, "", self.post_dashboard
        yield "GET", f"{DASHBOARDS}/:uid", "", self.dashboard
        yield "GET", f"{DASHBOARDS}/:uid/dto", "", self.dashboard
        yield "PUT", f"{DASHBOARDS}/:uid", "", self.put_dashboard
        yield "DELETE", f"{DASHBOARDS}/:uid", "", self.delete_dashboard
        yield "GET", FOLDERS, "", self.folders
        yield "POST", FOLDERS, "", self.post_folder
        yield "GET", f"{FOLDERS}/:uid", "", self.folder
        yield "PUT", f"{FOLDERS}/:uid", "", self.put_folder
        yield "GET", "/apis/iam.grafana.app/v0alpha1/namespaces/default/display", "", self.name

    def settings(self, call: Call) -> Json:
        return {"namespace": "default", "featureToggles": dict.fromkeys(self._store.toggles, True)}

    def groups(self, call: Call) -> Json:
        v2 = (V2, "v2alpha1") if self._store.since(12, 4) else ()
        served = {**_GROUPS, "dashboard.grafana.app": (*_GROUPS["dashboard.grafana.app"], *v2)}
        return {
            "kind": "APIGroupList",
            "groups": [
                {"name": name, "versions": [{"version": version} for version in versions]}
                for name, versions in served.items()
            ],
        }

    @staticmethod
    def name(call: Call) -> Json:
        """The name behind an identity: here it is a part of it."""
        name = call.argument("key").partition(":")[2]
        return {"display": [{"displayName": name}]}

    # Dashboards

    def dashboards(self, call: Call) -> Json:
        seen = [
            dashboard
            for dashboard in self._store.dashboards.values()
            if may(dashboard, call.user, VIEW)
        ]
        return _page(call, seen, lambda dashboard: self._dashboard(dashboard, call))

    def dashboard(self, call: Call) -> Json:
        dashboard = self._found(call)
        if not may(dashboard, call.user, VIEW):
            raise status(403)
        return self._dashboard(dashboard, call)

    def post_dashboard(self, call: Call) -> Answer:
        name, metadata, spec = _sent(call)
        if name in self._store.dashboards:
            raise status(409, f'dashboards.dashboard.grafana.app "{name}" already exists')
        self._save(call, name, metadata, {**spec, "uid": name})
        created = self._store.dashboards[name]
        granted = _annotations(metadata).get("grafana.app/grant-permissions") == "default"
        if not granted or created.folder:
            created.permissions = []
        return Answer(201, orjson.dumps(self._dashboard(created, call)))

    def put_dashboard(self, call: Call) -> Json:
        dashboard, (_, metadata, spec) = self._found(call), _sent(call)
        if metadata.get("resourceVersion") not in (None, _version(dashboard)):
            raise _modified("dashboards.dashboard", dashboard.uid)
        before = orjson.loads(dashboard.last.data)
        same = {**spec, "id": 0, "uid": "", "version": 0} == {
            **before,
            "id": 0,
            "uid": "",
            "version": 0,
        }
        if not same or _annotations(metadata).get("grafana.app/folder", "") != dashboard.folder:
            document = {**spec, "uid": dashboard.uid, "version": dashboard.last.version}
            self._save(call, dashboard.uid, metadata, document)
        dashboard.annotations = {
            name: text
            for name, text in _annotations(metadata).items()
            if not name.startswith("grafana.app/")
        }
        return self._dashboard(dashboard, call)

    def delete_dashboard(self, call: Call) -> Json:
        dashboard = self._found(call)
        if not (may(dashboard, call.user, EDIT) and call.user.role in ("Editor", "Admin")):
            raise status(403)
        wanted = call.json().get("preconditions", {}) if call.content else {}
        if wanted.get("resourceVersion") not in (None, _version(dashboard)):
            raise _modified("dashboards.dashboard", dashboard.uid)
        if dashboard.provisioned:
            raise status(400, "provisioned dashboard cannot be deleted")
        del self._store.dashboards[dashboard.uid]
        return {"kind": "Status", "status": "Success"}

    def _save(self, call: Call, name: str, metadata: Json, document: Json) -> None:
        if call.user.role not in ("Editor", "Admin"):
            raise status(403)
        annotations = _annotations(metadata)
        folder = annotations.get("grafana.app/folder", "")
        if folder and folder not in self._store.folders:
            raise status(404, f'folders.folder.grafana.app "{folder}" not found')
        if below_five_seconds(document.get("refresh")):
            raise status(400, "Dashboard refresh interval is too low")
        message = annotations.get("grafana.app/message", "")
        message = "" if self._dashboards.forgets_messages else message
        try:
            self._dashboards.save(
                Save(dashboard=document, folder=folder, user=call.user, message=message)
            )
        except Refusal as refusal:
            raise status(400 if refusal.status == 412 else refusal.status, str(refusal)) from None

    def _found(self, call: Call) -> Dashboard:
        uid = call.params["uid"]
        if uid not in self._store.dashboards:
            raise status(404, f'dashboards.dashboard.grafana.app "{uid}" not found')
        return self._store.dashboards[uid]

    def _dashboard(self, dashboard: Dashboard, call: Call) -> Json:
        user, version = call.user, call.params["in"]
        spec, status = _in_version(orjson.loads(dashboard.last.data), version)
        manager = {
            "grafana.app/managedBy": "classic-file-provisioning",
            "grafana.app/sourcePath": f"{dashboard.uid}.json",
        }
        annotations = {
            **dashboard.annotations,
            **({"grafana.app/folder": dashboard.folder} if dashboard.folder else {}),
            **({"grafana.app/message": dashboard.last.message} if dashboard.last.message else {}),
            **(manager if dashboard.provisioned else {}),
            "grafana.app/updatedBy": f"user:{dashboard.last.author}",
            "grafana.app/updatedTimestamp": dashboard.last.created,
        }
        changes = may(dashboard, user, EDIT) and user.role in ("Editor", "Admin")
        return {
            "kind": "Dashboard",
            "apiVersion": f"dashboard.grafana.app/{version}",
            "metadata": {
                "name": dashboard.uid,
                "uid": f"object-{dashboard.id}",
                "resourceVersion": _version(dashboard),
                "generation": dashboard.last.version,
                "labels": {"grafana.app/deprecatedInternalID": str(dashboard.id)},
                "annotations": annotations,
            },
            "spec": {
                key: value for key, value in spec.items() if key not in ("id", "uid", "version")
            },
            "status": status,
            "access": {"canSave": changes, "canAdmin": may(dashboard, user, ADMIN)},
        }

    # Folders

    def folders(self, call: Call) -> Json:
        return _page(call, [*self._store.folders.values()], _folder)

    def folder(self, call: Call) -> Json:
        return _folder(self._found_folder(call))

    def post_folder(self, call: Call) -> Answer:
        name, metadata, spec = _sent(call)
        if call.user.role not in ("Editor", "Admin"):
            raise status(403)
        if name in self._store.folders:
            raise status(409, f'folders.folder.grafana.app "{name}" already exists')
        parent = self._parent(metadata)
        added = self._folders.add(name, str(spec.get("title")), parent, call.user)
        return Answer(201, orjson.dumps(_folder(added)))

    def put_folder(self, call: Call) -> Json:
        folder, (_, metadata, spec) = self._found_folder(call), _sent(call)
        if call.user.role not in ("Editor", "Admin"):
            raise status(403)
        if metadata.get("resourceVersion") not in (None, _folder_version(folder)):
            raise _modified("folders.folder", folder.uid)
        folder.parent, folder.title = self._parent(metadata), str(spec.get("title"))
        folder.version += 1
        folder.updated, folder.updated_by = self._store.now(), self._store.author(call.user)
        return _folder(folder)

    def _parent(self, metadata: Json) -> str:
        parent = _annotations(metadata).get("grafana.app/folder", "")
        if parent and parent not in self._store.folders:
            raise status(404, f'folders.folder.grafana.app "{parent}" not found')
        return parent

    def _found_folder(self, call: Call) -> Folder:
        uid = call.params["uid"]
        if uid not in self._store.folders:
            raise status(404, f'folders.folder.grafana.app "{uid}" not found')
        return self._store.folders[uid]


def _folder(folder: Folder) -> Json:
    annotations = {"grafana.app/folder": folder.parent} if folder.parent else {}
    changed = {
        "grafana.app/updatedBy": f"user:{folder.updated_by}",
        "grafana.app/updatedTimestamp": folder.updated,
    }
    return {
        "kind": "Folder",
        "apiVersion": "folder.grafana.app/v1beta1",
        "metadata": {
            "name": folder.uid,
            "uid": f"object-{folder.id}",
            "resourceVersion": _folder_version(folder),
            "generation": folder.version,
            "labels": {"grafana.app/deprecatedInternalID": str(folder.id)},
            "annotations": {**annotations, **changed},
        },
        "spec": {"title": folder.title, "description": ""},
    }


def _sent(call: Call) -> tuple[str, Json, Json]:
    """The name, the metadata and the spec of what was sent."""
    body = call.json()
    metadata, spec = body.get("metadata", {}), body.get("spec", {})
    if call.params.get("in") == V2:
        spec = {"title": spec.get("title"), _SPEC_OF_V2: spec}
    name = uid_of({"uid": metadata.get("name")}, status)
    return call.params.get("uid", name), metadata, spec


def _in_version(document: Json, version: str) -> tuple[Json, Json]:
    """A stored document in a version, with the status that says in which it is stored.

    A classic view of schema v2 is a mere title here.
    """
    spec = document.get(_SPEC_OF_V2)
    if spec is None:
        return document, {}
    if version == V2:
        links = [{"targetBlank": False, "asDropdown": False, **link} for link in spec["links"]]
        return {**spec, "links": links}, {}
    classic = {"title": document["title"], "panels": [], "schemaVersion": 42}
    return classic, {"conversion": {"failed": False, "storedVersion": V2}}


def _annotations(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    return metadata.get("annotations") or {}


def _page(call: Call, objects: Sequence[T], shown: Callable[[T], Json]) -> Json:
    """A page of a list; without the documents if that is asked for."""
    start, limit = int(call.argument("continue") or 0), call.number("limit", 500)
    page = [shown(item) for item in objects[start : start + limit]]
    left = {"continue": str(start + limit)} if start + limit < len(objects) else {}
    if "as=PartialObjectMetadataList" in call.headers.get("accept", ""):
        page = [{"metadata": item["metadata"]} for item in page]
    return {"kind": "List", "metadata": left, "items": page}


def _version(dashboard: Dashboard) -> str:
    return f"{dashboard.last.id}.{dashboard.folder}"


def _folder_version(folder: Folder) -> str:
    return f"{folder.id}.{folder.version}.{folder.parent}.{folder.title}"


def _modified(resource: str, name: str) -> Refusal:
    return status(
        409,
        f'Operation cannot be fulfilled on {resource}.grafana.app "{name}": the object has been '
        "modified; please apply your changes to the latest version and try again",
    )
