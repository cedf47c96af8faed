"""Alert rules, and the groups that are made of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.fake_grafana.calls import (
    GONE,
    NULL,
    Answer,
    Call,
    Json,
    Refusal,
    bad_request,
    duration,
    traced,
    typed,
)
from tests.fake_grafana.store import Store

_EXPRESSIONS = ("__expr__", "-100")
_TITLE_TAKEN = (
    "a conflicting alert rule is found: rule title under the same organisation "
    "and folder should be unique"
)


@dataclass
class _Rule:
    id: int
    uid: str
    folder: str
    group: str
    interval: int
    provenance: str
    document: Json
    updated: str
    version: int = 1
    index: int = 0


class Rules:
    """Alert rules, and the groups that are made of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_uid: dict[str, _Rule] = {}
        # The folder in which each version of a rule was written: a folder takes only these along
        # when it goes, and what stays is in the way of a new rule with that uid.
        self._written: dict[tuple[str, int], str] = {}

    def every(self, _call: Call) -> list[Json]:
        return [self._view(rule, provenance=True) for rule in self._by_uid.values()]

    def by_folder(self, _call: Call) -> Json:
        """Return the rules of each folder's title in their groups, as Grafana's UI reads them; in
        part."""
        folders: dict[str, dict[str, list[Json]]] = {}
        for rule in self._by_uid.values():
            if folder := self._store.folders.get(rule.folder):
                shown = {
                    "uid": rule.uid,
                    "title": rule.document["title"],
                    "namespace_uid": rule.folder,
                    "rule_group": rule.group,
                    **({"provenance": rule.provenance} if rule.provenance else {}),
                }
                folders.setdefault(folder.title, {}).setdefault(rule.group, []).append(
                    {"grafana_alert": shown}
                )
        return {
            title: [{"name": name, "rules": rules} for name, rules in groups.items()]
            for title, groups in folders.items()
        }

    def get(self, call: Call) -> Json | Answer:
        rule = self._by_uid.get(call.params["uid"])
        if rule is None and self._store.since(9, 4):
            return NULL
        if rule is None:
            raise traced(500, "could not find alert rule")
        return self._view(rule, provenance=True)

    def post(self, call: Call) -> tuple[int, Json]:
        rule = self._parsed(call.json())
        self._check_panel(rule.document)
        members = self._members(rule.folder, rule.group)
        rule.interval = members[0].interval if members else 60
        rule.provenance = call.provenance
        self._insert(rule, "")
        return 201, self._view(rule, provenance=True)

    def put(self, call: Call) -> Json | Answer:
        rule, old = self._parsed(call.json()), self._by_uid.get(call.params["uid"])
        if old is None:
            return NULL
        provenance = call.provenance
        if old.provenance not in ("", provenance):
            message = f"cannot changed provenance from '{old.provenance}' to '{provenance}'"
            raise self._store.conflict(message)
        self._check_panel(rule.document)
        rule.interval = old.interval
        return self._view(self._update(old, rule, provenance, ""), provenance=True)

    def delete(self, call: Call) -> Answer:
        rule = self._by_uid.get(call.params["uid"])
        provenance = self._store.owner(call)
        if rule and rule.provenance not in ("", provenance):
            raise self._provenance_refused("delete", provenance, rule)
        self._remove(call.params["uid"])
        return GONE

    def get_group(self, call: Call) -> Json:
        members = self._members(call.params["folder"], call.params["group"])
        if not members:
            raise traced(404, "rulegroup not found")
        rules = [self._view(rule, provenance=self._store.since(10)) for rule in members]
        return self._group(call, members[0].interval, rules)

    def put_group(self, call: Call) -> Json:
        body = call.json()
        interval, sent = typed(body, "interval", int), body.get("rules")
        if not isinstance(sent, list | None):
            raise bad_request()
        rules = None if sent is None else [self._parsed(rule) for rule in sent]
        answer = None if rules is None else [self._view(rule, provenance=False) for rule in rules]
        for shown, asked in zip(answer or (), sent or (), strict=True):
            shown["data"] = None if asked.get("data") is None else shown["data"]
        if interval <= 0 or interval % 10:
            message = (
                f"interval ({interval}s) should be non-zero and divided exactly "
                "by scheduler interval: 10"
            )
            raise traced(400, f"invalid alert rule: {message}")
        before = dict(self._by_uid), dict(self._written)  # Rules are replaced, never changed.
        try:
            self._replace(call, interval, rules or None)  # An empty list is as good as none.
        except Refusal:
            self._by_uid, self._written = before
            raise
        # The answer is what was sent, completed: it knows nothing of ids and of the uids that were
        # made.
        return self._group(call, interval, answer)

    def delete_group(self, call: Call) -> Answer:
        members = self._members(call.params["folder"], call.params["group"])
        if not members:
            raise traced(404, "rulegroup not found")
        self._check_provenance("delete", call.provenance, members)
        for rule in members:
            self._remove(rule.uid)
        return GONE

    def provision(self, folder: str, group: Json) -> None:
        for body in group["rules"]:
            rule = self._parsed({**body, "folderUID": folder, "ruleGroup": group["title"]})
            rule.interval, rule.provenance = group.get("interval", 60), "file"
            self._insert(rule, "")

    def in_folder(self, folder: str) -> list[_Rule]:
        return [rule for rule in self._by_uid.values() if rule.folder == folder]

    def drop_folder(self, folder: str) -> None:
        self._by_uid = {uid: rule for uid, rule in self._by_uid.items() if rule.folder != folder}
        self._written = {
            version: where for version, where in self._written.items() if where != folder
        }

    def state(self) -> Json:
        kept = ("folder", "group", "interval", "provenance")
        return {
            uid: {**rule.document, **{key: getattr(rule, key) for key in kept}}
            for uid, rule in self._by_uid.items()
        }

    def _members(self, folder: str, group: str) -> list[_Rule]:
        members = [
            rule for rule in self._by_uid.values() if (rule.folder, rule.group) == (folder, group)
        ]
        return (
            members
            if self._store.since(10)
            else sorted(members, key=lambda rule: (rule.index, rule.id))
        )

    def _replace(self, call: Call, interval: int, rules: list[_Rule] | None) -> None:
        folder, group = call.params["folder"], call.params["group"]
        provenance = self._store.owner(call)
        members = self._members(folder, group)
        rules = copy.deepcopy(members) if rules is None else rules
        for rule in rules:
            rule.folder, rule.group, rule.interval = folder, group, interval
        new = [rule for rule in rules if self._is_new(rule)]
        changed = [rule for rule in rules if rule not in new]
        gone = [member for member in members if member.uid not in {rule.uid for rule in rules}]
        steps: list[Callable[[], None]] = [
            lambda: self._insert_all(new, provenance),
            lambda: self._update_all(changed, provenance),
            lambda: self._delete_all(gone, provenance),
        ]
        # 9.3 inserts first, so a new rule cannot have the title of one that goes.
        for step in reversed(steps) if self._store.since(10) else steps:
            step()
        if self._store.since(10):
            for rule in rules:  # Later versions keep the order of the rules.
                self._by_uid[rule.uid] = self._by_uid.pop(rule.uid)

    def _is_new(self, rule: _Rule) -> bool:
        if rule.uid and rule.uid not in self._by_uid and not self._store.since(10):
            reason = f"failed to update rule with UID {rule.uid} because could not find alert rule"
            raise traced(500, f"failed to calculate diff for alert rules: {reason}")
        return rule.uid not in self._by_uid

    def _insert_all(self, rules: list[_Rule], provenance: str) -> None:
        for rule in rules:
            rule.provenance = provenance
            self._insert(rule, "failed to insert alert rules: ")

    def _update_all(self, rules: list[_Rule], provenance: str) -> None:
        olds = [self._by_uid[rule.uid] for rule in rules]
        places = {(old.folder, old.group) for old in olds} - {
            (rule.folder, rule.group) for rule in rules
        }
        self._check_provenance(
            "update",
            provenance,
            [*olds, *(member for place in places for member in self._members(*place))],
        )
        done: set[str] = set()
        for old, rule in zip(olds, rules, strict=True):
            if rule.uid in done:
                message = (
                    "version conflict while updating a record in the database "
                    "with optimistic locking"
                )
                message = f"{message}: alert rule UID {rule.uid} version {old.version}"
                raise traced(409, f"failed to update alert rules: {message}")
            done.add(rule.uid)
            kept = {
                key: old.document[key]
                for key in ("title", "noDataState", "execErrState")
                if not rule.document[key]
            }
            if not (rule.document["condition"] and rule.document["data"]):
                kept |= {key: old.document[key] for key in ("condition", "data")}
            rule.document |= kept
            self._update(old, rule, provenance, "failed to update alert rules: ")
        for place in places:  # Those that stay behind where a rule was taken away are updated too.
            for index, member in enumerate(self._members(*place), start=1):
                moved_up = replace(
                    member, index=index, version=member.version + 1, provenance=provenance
                )
                self._write(moved_up, "failed to update alert rules: ")

    def _delete_all(self, rules: list[_Rule], provenance: str) -> None:
        # 9.3 says update here too.
        self._check_provenance("delete" if self._store.since(10) else "update", provenance, rules)
        for rule in rules:
            self._remove(rule.uid)

    def _check_provenance(self, operation: str, provenance: str, rules: Iterable[_Rule]) -> None:
        for rule in rules:
            freed = self._store.since(10) and (rule.provenance, provenance) == ("api", "")
            if rule.provenance not in ("", provenance) and not freed:
                raise self._provenance_refused(operation, provenance, rule)

    def _provenance_refused(self, operation: str, provenance: str, rule: _Rule) -> Refusal:
        message = (
            f"cannot {operation} with provided provenance '{provenance}', needs '{rule.provenance}'"
        )
        return self._store.conflict(message)

    def _insert(self, rule: _Rule, prefix: str) -> None:
        self._check(rule, prefix)
        if any(other.id == rule.id for other in self._by_uid.values()):
            raise traced(
                500, f"{prefix}failed to create new rules: UNIQUE constraint failed: alert_rule.id"
            )
        if rule.uid in self._by_uid:
            raise self._store.conflict(prefix + _TITLE_TAKEN)
        _complete(rule)
        rule.uid = rule.uid or self._store.new_uid()
        rule.id = rule.id or self._store.next_id("rule")
        self._write(rule, prefix)

    def _update(self, old: _Rule, rule: _Rule, provenance: str, prefix: str) -> _Rule:
        rule.uid, rule.id, rule.version = old.uid, old.id, old.version + 1
        rule.provenance = provenance
        self._check(rule, prefix)
        _complete(rule)
        self._write(rule, prefix)
        return rule

    def _write(self, rule: _Rule, prefix: str) -> None:
        if (rule.uid, rule.version) in self._written and not self._store.since(10):
            key = (
                "alert_rule_version.rule_org_id, "
                "alert_rule_version.rule_uid, alert_rule_version.version"
            )
            raise traced(
                500, f"{prefix}failed to create new rule versions: UNIQUE constraint failed: {key}"
            )
        self._written[rule.uid, rule.version] = rule.folder
        self._by_uid[rule.uid] = rule

    def _remove(self, uid: str) -> None:
        self._by_uid.pop(uid, None)
        self._written = {
            version: where for version, where in self._written.items() if version[0] != uid
        }

    def _check(self, rule: _Rule, prefix: str) -> None:
        document = rule.document
        wrong = "no queries or expressions are found" if not document["data"] else ""
        wrong = wrong or ("title is empty" if not document["title"] else "")
        wrong = wrong or (
            "name length should not be greater than 190" if len(document["title"]) > 190 else ""
        )
        wrong = wrong or (
            "rule group name length should not be greater than 190" if len(rule.group) > 190 else ""
        )
        if self._store.since(10) and rule.folder not in self._store.folders:
            wrong = wrong or "folder does not exist"
        if wrong:
            raise traced(400, f"{prefix}invalid alert rule: {wrong}")
        # A recording rule has none (pkg/services/ngalert/models/alert_rule.go at 12.4).
        states = ("OK", "OK") if document.get("record") else ()
        error, no_data = states or (document["execErrState"], document["noDataState"])
        if error not in ("Alerting", "Error", "OK", "KeepLast"):
            raise traced(500, f"{prefix}unknown Error state option {error}")
        if no_data not in ("Alerting", "NoData", "OK", "KeepLast"):
            raise traced(500, f"{prefix}unknown NoData state option {no_data}")
        for query in document["data"]:
            window = query["relativeTimeRange"]
            if query["datasourceUid"] not in _EXPRESSIONS and window["from"] <= window["to"]:
                message = (
                    f"invalid relative time range: {{From:{window['from']}s To:{window['to']}s}}"
                )
                raise traced(500, f"{prefix}invalid alert query {query['refId']}: {message}")
        others = (other for other in self.in_folder(rule.folder) if other.uid != rule.uid)
        if not self._store.since(12) and any(
            other.document["title"] == document["title"] for other in others
        ):
            raise self._store.conflict(prefix + _TITLE_TAKEN)

    @staticmethod
    def _check_panel(document: Json) -> None:
        annotations = document.get("annotations", {})
        if ("__dashboardUid__" in annotations) != ("__panelId__" in annotations):
            raise traced(500, "both annotations __dashboardUid__ and __panelId__ must be specified")

    def _parsed(self, body: Any) -> _Rule:
        if not isinstance(body, dict):
            raise bad_request()
        document = {
            key: typed(body, key, str)
            for key in ("title", "condition", "noDataState", "execErrState")
        }
        document["data"] = [_query(query) for query in typed(body, "data", list)]
        document["for"] = duration(body.get("for") or "0s")
        for key in ("annotations", "labels"):
            texts = typed(body, key, dict)
            if not all(isinstance(value, str) for value in texts.values()):
                raise bad_request()
            document |= {key: texts} if texts else {}
        if self._store.since(10):
            document["isPaused"] = typed(body, "isPaused", bool)
        if self._store.since(11):
            document |= {key: body.get(key) for key in ("notification_settings", "record")}
        uid, folder, group = (typed(body, key, str) for key in ("uid", "folderUID", "ruleGroup"))
        return _Rule(typed(body, "id", int), uid, folder, group, 0, "", document, self._store.now())

    def _view(self, rule: _Rule, *, provenance: bool) -> Json:
        return {
            "id": rule.id,
            "uid": rule.uid,
            "orgID": 1 if rule.id else 0,
            "folderUID": rule.folder,
            "ruleGroup": rule.group,
            "updated": rule.updated,
            # 12.4.0 says so of a rule that was sent without.
            **({"keep_firing_for": "0s"} if self._store.since(12) else {}),
            **rule.document,
            **({"provenance": rule.provenance} if provenance and rule.provenance else {}),
        }

    @staticmethod
    def _group(call: Call, interval: int, rules: list[Json] | None) -> Json:
        return {
            "title": call.params["group"],
            "folderUid": call.params["folder"],
            "interval": interval,
            "rules": rules,
        }


def _complete(rule: _Rule) -> None:
    for query in rule.document["data"]:
        query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}


def _query(body: Any) -> Json:
    if not isinstance(body, dict):
        raise bad_request()
    window, model = typed(body, "relativeTimeRange", dict), body.get("model")
    if not isinstance(model, dict):
        reason = (
            "failed to set query type to query model: failed to unmarshal query model: "
            "unexpected end of JSON input"
        )
        raise traced(500, f"invalid alert query {body.get('refId')}: {reason}")
    return {
        "refId": typed(body, "refId", str),
        "queryType": typed(body, "queryType", str),
        "relativeTimeRange": {key: typed(window, key, int) for key in ("from", "to")},
        "datasourceUid": typed(body, "datasourceUid", str),
        "model": model,
    }
