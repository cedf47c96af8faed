"""Data sources."""

from __future__ import annotations

from tests.fake_grafana.calls import Call, Json, bad_request, plain, traced, typed
from tests.fake_grafana.store import Store


class DataSources:
    """Data sources; the values of their secrets come in and never out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_uid: dict[str, Json] = {}
        self._secrets: dict[int, dict[str, str]] = {}

    def every(self, _call: Call) -> list[Json]:
        hidden = ("basicAuthUser", "withCredentials", "secureJsonFields", "version")
        logo = "public/app/plugins/datasource/{0}/img/{0}_logo.svg"
        return [
            {key: value for key, value in self._view(source).items() if key not in hidden}
            | {"typeName": source["type"].capitalize(), "typeLogoUrl": logo.format(source["type"])}
            for source in sorted(self._by_uid.values(), key=lambda source: str(source["name"]))
        ]

    def get(self, call: Call) -> Json:
        return self._view(self._found(call.params["uid"]))

    def post(self, call: Call) -> Json:
        return self.create(call.json())

    def create(self, body: Json, *, read_only: bool = False) -> Json:
        new = self._parsed(body)
        if new["url"].startswith("://"):
            raise traced(400, "Validation error, invalid URL")
        if self._with_name(new["name"]):
            raise traced(409, "data source with the same name already exists")
        if new["uid"] in self._by_uid:
            raise traced(409, "data source with the same uid already exists")
        new["uid"] = new["uid"] or self._store.new_uid()
        new |= {"id": self._store.next_id("datasource"), "version": 1, "readOnly": read_only}
        # 12.4.0 makes the first one the default.
        new["isDefault"] = new["isDefault"] or (self._store.since(12) and not self._by_uid)
        return self._kept(new, body, "Datasource added")

    def put(self, call: Call) -> Json:
        body = call.json()
        new = self._parsed(body)
        if not self._store.since(10) and (not new["url"] or new["url"].startswith("://")):
            raise traced(400, "Validation error, invalid URL")
        old = self._found(call.params["uid"])
        if old["readOnly"]:
            raise plain(403, "Cannot update read-only data source")
        version = body.get("version") or 0
        if version and version < old["version"]:
            message = (
                "Datasource has already been updated by someone else. Please reload and try again"
            )
            raise traced(409, message)
        new["uid"] = new["uid"] or old["uid"]
        named = self._with_name(new["name"])
        if named not in (None, old) or self._by_uid.get(new["uid"], old) is not old:
            status = 409 if self._store.since(10) else 500
            raise traced(status, "Failed to update datasource")
        new |= {"id": old["id"], "version": version + 1, "readOnly": False}
        for key in ("basicAuthUser", "database"):  # These cannot be emptied.
            new[key] = new[key] or old[key]
        del self._by_uid[old["uid"]]
        return self._kept(new, body, "Datasource updated")

    def delete(self, call: Call) -> Json:
        old = self._found(call.params["uid"])
        if old["readOnly"]:
            raise plain(403, "Cannot delete read-only data source")
        del self._by_uid[old["uid"]]
        return {"id": old["id"], "message": "Data source deleted"}

    def state(self) -> Json:
        return {
            uid: {**source, "secrets": self._secrets[source["id"]]}
            for uid, source in self._by_uid.items()
        }

    def _found(self, uid: str) -> Json:
        if uid not in self._by_uid:
            raise plain(404, "Data source not found")
        return self._by_uid[uid]

    def _with_name(self, name: str) -> Json | None:
        return next((source for source in self._by_uid.values() if source["name"] == name), None)

    def _parsed(self, body: Json) -> Json:
        new = {
            key: typed(body, key, str)
            for key in ("uid", "name", "type", "access", "url", "user", "database", "basicAuthUser")
        }
        if self._store.since(12):
            new["name"] = new["name"] or f"{new['type']}-{len(self._by_uid)}"
        if not (new["name"] and new["type"] and new["access"]):
            raise bad_request()
        new |= {
            key: typed(body, key, bool) for key in ("basicAuth", "withCredentials", "isDefault")
        }
        return new | {"jsonData": typed(body, "jsonData", dict)}

    def _kept(self, new: Json, body: Json, message: str) -> Json:
        self._by_uid[new["uid"]] = new
        secrets = {**self._secrets.get(new["id"], {}), **typed(body, "secureJsonData", dict)}
        self._secrets[new["id"]] = {key: value for key, value in secrets.items() if value}
        if new["isDefault"]:
            for other in self._by_uid.values():
                other["isDefault"] = other is new
        return {
            "datasource": self._view(new),
            "id": new["id"],
            "message": message,
            "name": new["name"],
        }

    def _view(self, source: Json) -> Json:
        secrets = dict.fromkeys(self._secrets[source["id"]], True)
        return {**source, "orgId": 1, "typeLogoUrl": "", "secureJsonFields": secrets}
