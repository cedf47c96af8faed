"""Library panels, as far as they show what is in a folder."""

from __future__ import annotations

from tests.fake_grafana.calls import Call, Json, page_of, traced, typed
from tests.fake_grafana.store import LibraryPanel, Store


class LibraryPanels:
    """Library panels, which are nobody's but their folder's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def every(self, call: Call) -> Json:
        found = (
            []
            if call.user.elsewhere
            else sorted(self._store.panels.values(), key=lambda each: each.name)
        )
        page, size = call.number("page", 1), call.number("perPage", 100)
        shown = [self._view(each) for each in page_of(found, size, page)]
        return {
            "result": {"totalCount": len(found), "elements": shown, "page": page, "perPage": size}
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
            (each.name, each.folder) == (name, folder) for each in self._store.panels.values()
        )
        if taken and not self._store.since(12):
            raise traced(400, "library element with that name or UID already exists")
        uid = self._store.new_uid()
        panel = LibraryPanel(
            self._store.next_id("panel"), uid, name, folder, model, self._store.now()
        )
        self._store.panels[uid] = panel
        return {"result": self._view(panel)}

    def delete(self, call: Call) -> Json:
        panel = self._store.panels.pop(call.params["uid"], None)
        if panel is None:
            raise traced(404, "library element could not be found")
        return {"id": panel.id, "message": "Library element deleted"}

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
            "version": 1,
            "meta": {
                # 12.4.0 says General for every folder.
                "folderName": folder.title if folder and not self._store.since(12) else "General",
                "folderUid": panel.folder,
                "connectedDashboards": 0,
                "created": panel.created,
                "updated": panel.created,
            },
        }
