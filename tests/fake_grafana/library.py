"""Library panels."""

from __future__ import annotations

from tests.fake_grafana.calls import Call, Json, page_of, traced, typed
from tests.fake_grafana.store import LibraryPanel, Store


class LibraryPanels:
    """Library panels, and the dashboards that show them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def every(self, call: Call) -> Json:
        panels = (
            []
            if call.user.elsewhere
            else sorted(self._store.panels.values(), key=lambda panel: panel.name)
        )
        page, size = call.number("page", 1), call.number("perPage", 100)
        shown = [self._view(panel) for panel in page_of(panels, size, page)]
        return {
            "result": {"totalCount": len(panels), "elements": shown, "page": page, "perPage": size}
        }

    def create(self, call: Call) -> Json:
        body = call.json()
        name, folder, model = (
            typed(body, "name", str),
            typed(body, "folderUid", str),
            typed(body, "model", dict),
        )
        if folder and folder not in self._store.folders:
            raise traced(400, "failed to get folder")
        taken = any(
            (other.name, other.folder) == (name, folder) for other in self._store.panels.values()
        )
        taken = taken or body.get("uid") in self._store.panels
        if taken and not self._store.since(12):
            raise traced(400, "library element with that name or UID already exists")
        uid = typed(body, "uid", str) or self._store.new_uid()
        panel = LibraryPanel(
            self._store.next_id("panel"), uid, name, folder, model, self._store.now()
        )
        self._store.panels[uid] = panel
        return {"result": self._view(panel)}

    def get(self, call: Call) -> Json:
        view = self._view(self._found(call))
        if self._store.since(12) and not view["folderUid"]:
            view["folderUid"] = view["meta"]["folderUid"] = "general"
        return {"result": view}

    def change(self, call: Call) -> Json:
        panel, body = self._found(call), call.json()
        if not typed(body, "version", int):
            raise traced(400, "bad request data")
        if body["version"] != panel.version:
            raise traced(412, "the library element has been changed by someone else")
        panel.name, panel.model = typed(body, "name", str), typed(body, "model", dict)
        # An empty one is taken for none, whatever the answer says.
        panel.folder = typed(body, "folderUid", str) or panel.folder
        panel.version += 1
        return {"result": self._view(panel)}

    def connections(self, call: Call) -> Json:
        return {"result": [{"connectionUid": uid} for uid in self._shown_by(self._found(call))]}

    def _shown_by(self, panel: LibraryPanel) -> list[str]:
        reference = f'"uid":"{panel.uid}"'.encode()
        return [
            uid
            for uid, dashboard in self._store.dashboards.items()
            if b'"libraryPanel"' in dashboard.last.data and reference in dashboard.last.data
        ]

    def _found(self, call: Call) -> LibraryPanel:
        panel = self._store.panels.get(call.params["uid"])
        if panel is None:
            raise traced(404, "library element could not be found")
        return panel

    def delete(self, call: Call) -> Json:
        panel = self._found(call)
        if self._shown_by(panel) and not self._store.since(12):
            raise traced(403, "the library element has connections")
        del self._store.panels[panel.uid]
        return {"id": panel.id, "message": "Library element deleted"}

    def state(self) -> Json:
        return {
            uid: {"name": panel.name, "folderUid": panel.folder, "model": panel.model}
            for uid, panel in self._store.panels.items()
        }

    def _view(self, panel: LibraryPanel) -> Json:
        folder = self._store.folders.get(panel.folder)
        return {
            "id": panel.id,
            "orgId": 1,
            "folderId": folder.id if folder else 0,
            "folderUid": panel.folder,
            "uid": panel.uid,
            "name": panel.name,
            "kind": 1,
            "type": panel.model.get("type", ""),
            "description": panel.model.get("description", ""),
            "model": panel.model,
            "version": panel.version,
            "meta": {
                # 12.4.0 says General for every folder.
                "folderName": folder.title if folder and not self._store.since(12) else "General",
                "folderUid": panel.folder,
                "connectedDashboards": 0,
                "created": panel.created,
                "updated": panel.created,
            },
        }
