"""Contact points, mute timings, templates and policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.fake_grafana.calls import (
    GONE,
    NULL,
    Answer,
    Call,
    Json,
    Refusal,
    bad_request,
    traced,
    typed,
)
from tests.fake_grafana.routes import interval_of, route_of, routes_of
from tests.fake_grafana.store import Store

_T = TypeVar("_T")
_REDACTED = "[REDACTED]"
# The settings that a type of contact point keeps secret: all others are given back as they were
# sent.
_SECRETS: dict[str, tuple[str, ...]] = {
    "dingding": (),
    "discord": (),
    "email": (),
    "googlechat": (),
    "kafka": (),
    "opsgenie": ("apiKey",),
    "pagerduty": ("integrationKey",),
    "prometheus-alertmanager": ("basicAuthPassword",),
    "pushover": ("apiToken", "userKey"),
    "sensugo": ("apikey",),
    "slack": ("url", "token"),
    "teams": (),
    "telegram": ("bottoken",),
    "threema": ("api_secret",),
    "victorops": (),
    "webex": ("bot_token",),
    "webhook": ("password", "authorization_credentials"),
    "wecom": ("url", "secret"),
}
# The setting without which a type is refused, and what Grafana says then.
_REQUIRED = {
    "discord": ("url", "could not find webhook url property in settings"),
    "email": ("addresses", "could not find addresses in settings"),
    "opsgenie": ("apiKey", "could not find api key property in settings"),
    "pagerduty": ("integrationKey", "could not find integration key property in settings"),
    "teams": ("url", "could not find url property in settings"),
    "telegram": ("bottoken", "could not find Bot Token in settings"),
    "webhook": ("url", "required field 'url' is not specified"),
}


@dataclass(eq=False)
class _Receiver:
    uid: str
    name: str
    type: str
    settings: Json
    secrets: dict[str, str]
    quiet: bool
    provenance: str


class Notifications:
    """Contact points, mute timings, templates and policies: one document in Grafana too, for they
    name each other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        default = _Receiver(
            "", "email receiver", "email", {"addresses": "<example@email.com>"}, {}, False, ""
        )
        # Receivers of one name are one contact point; a policy names it.
        # 12.4.0 has a contact point without receivers instead.
        self._default = "empty" if store.since(12) else "grafana-default-email"
        self._points: list[tuple[str, list[_Receiver]]] = (
            [] if store.since(12) else [(self._default, [default])]
        )
        self._timings: dict[str, Json] = {}
        self._templates: dict[str, Json] = {}
        self._policies = self._default_policies()
        self._lists = 0
        """How many were asked for."""

    def state(self) -> Json:
        return {
            "contact_points": {
                receiver.uid: {
                    "name": receiver.name,
                    "type": receiver.type,
                    "settings": {**receiver.settings, **receiver.secrets},
                    "provenance": receiver.provenance,
                }
                for receiver in self._receivers()
            },
            "mute_timings": self._timings,
            "templates": self._templates,
            "policies": self._policies,
        }

    # Contact points

    def points(self, call: Call) -> list[Json]:
        name = call.argument("name")
        receivers = [receiver for receiver in self._receivers() if name in ("", receiver.name)]
        return [
            self._view(
                receiver,
                receiver.settings
                | dict.fromkeys(
                    (key for key, value in receiver.secrets.items() if value), _REDACTED
                ),
            )
            for receiver in self._listed(
                receivers, key=lambda receiver: (receiver.name, receiver.uid)
            )
        ]

    def _listed(self, entries: Iterable[_T], key: Callable[[_T], tuple[str, ...]]) -> list[_T]:
        """As a list of Grafana has them: 12.4.0 sorts by the whole key, 9.3 by the name of a
        contact point alone, and goes through a map, which Go does in another order each time."""
        self._lists += 1
        listed = sorted(
            entries, key=key, reverse=not self._store.since(10) and self._lists % 2 == 1
        )
        return (
            listed if self._store.since(10) else sorted(listed, key=lambda entry: key(entry)[:-1])
        )

    def post_point(self, call: Call) -> tuple[int, Json]:
        new = self._parsed(call.json(), call)
        taken = next((receiver for receiver in self._receivers() if receiver.uid == new.uid), None)
        if new.uid and taken:
            where = f"already exist in contact point '{taken.name}'"
            advice = "Please use unique identifiers for receivers across all contact points"
            raise traced(500, f"receiver configuration with UID '{new.uid}' {where}. {advice}")
        new.uid = new.uid or self._store.new_uid()
        self._join(new)
        return 202, self._view(new, new.settings | dict.fromkeys(_SECRETS[new.type], _REDACTED))

    def put_point(self, call: Call) -> tuple[int, Json]:
        body, uid = call.json(), call.params["uid"]
        if not isinstance(body.get("settings"), dict):
            raise traced(400, "invalid object specification: settings should not be empty")
        old = next((receiver for receiver in self._receivers() if receiver.uid == uid), None)
        if old is None:
            raise traced(404, f"object not found: contact point with uid '{uid}' not found")
        if self._store.keeps_provenance(old.provenance, call):
            raise traced(500, "cannot change provenance from 'api' to ''")
        if body.get("type") not in _SECRETS:
            raise traced(
                400,
                "invalid object specification: no secrets configured for type "
                f"'{body.get('type', '')}'",
            )
        known = {**old.settings, **old.secrets}
        for key in _SECRETS[body["type"]]:
            if body["settings"].get(key) == _REDACTED:
                body["settings"][key] = known.get(key, "")
        new = self._parsed({**body, "uid": uid}, call)
        self._replace(old, new)
        return 202, {"message": "contactpoint updated"}

    def delete_point(self, call: Call) -> tuple[int, Json]:
        for name, receivers in self._points:
            if old := next(
                (receiver for receiver in receivers if receiver.uid == call.params["uid"]), None
            ):
                if receivers == [old] and any(
                    route.get("receiver", "") == name for route in routes_of(self._policies)
                ):
                    message = f"contact point '{name}' is currently used by a notification policy"
                    raise self._store.conflict(message)
                receivers.remove(old)
        self._points = [(name, receivers) for name, receivers in self._points if receivers]
        return 202, {"message": "contactpoint deleted"}

    def _receivers(self) -> Iterable[_Receiver]:
        return {
            receiver.uid: receiver for _name, receivers in self._points for receiver in receivers
        }.values()

    def _join(self, new: _Receiver) -> None:
        for name, receivers in self._points:
            if name == new.name:
                receivers.append(new)
                return
        self._points.append((new.name, [new]))

    def _replace(self, old: _Receiver, new: _Receiver) -> None:
        index = next(
            index for index, (_name, receivers) in enumerate(self._points) if old in receivers
        )
        name, receivers = self._points[index]
        if new.name == name:
            receivers[receivers.index(old)] = new
        elif len(receivers) == 1:
            self._points[index] = (new.name, [new])
            for route in routes_of(self._policies):  # They follow a contact point that is renamed.
                if route.get("receiver") == name:
                    route["receiver"] = new.name
        else:
            self._drop(receivers, old, new.name)
            self._join(new)

    def _drop(self, receivers: list[_Receiver], old: _Receiver, new_name: str) -> None:
        """Take a receiver out of its contact point; 9.3 takes that at the other's index instead, or
        fails at it."""
        there = next(
            (index for index, (name, _receivers) in enumerate(self._points) if name == new_name),
            None,
        )
        if there is None or self._store.since(10):
            receivers.remove(old)
        elif there < len(receivers):
            del receivers[there]
        else:
            message = (
                "Internal Server Error - Check the Grafana server logs "
                "for the detailed error message."
            )
            raise Refusal(500, {"error": "Server Error", "message": message})

    def _parsed(self, body: Json, call: Call) -> _Receiver:
        uid, name, type = (typed(body, key, str) for key in ("uid", "name", "type"))
        settings = None if body.get("settings") is None else typed(body, "settings", dict)
        if settings is None and type and self._store.since(12):
            raise traced(500, "Internal Server Error")
        wrong = self._wrong(type, settings)
        if wrong or settings is None:
            raise traced(400, f"invalid object specification: {wrong}")
        if type not in _SECRETS:
            raise traced(500, f"no secrets configured for type '{type}'")
        secrets = {key: str(settings.pop(key, "")) for key in _SECRETS[type]}
        provenance = self._store.owner(call)
        quiet = typed(body, "disableResolveMessage", bool)
        return _Receiver(uid, name, type, settings, secrets, quiet, provenance)

    @staticmethod
    def _wrong(type: str, settings: Any) -> str:
        if not type:
            return "type should not be an empty string"
        if not isinstance(settings, dict):
            return "settings should not be empty"
        if type not in _SECRETS and type != "line":
            return f"unknown type '{type}'"
        key, reason = _REQUIRED.get(type, ("", ""))
        if type == "slack" and not settings.get("url"):
            key = next((field for field in ("recipient", "token") if not settings.get(field)), "")
            reason = f"{key} must be specified when using the Slack chat API"
        if type == "webhook" and all(
            map(settings.get, ("username", "password", "authorization_credentials"))
        ):
            key = "both"
            reason = (
                "both HTTP Basic Authentication and Authorization Header are set, "
                "only 1 is permitted"
            )
        return (
            f'failed to validate receiver of type "{type}": {reason}'
            if key and not settings.get(key)
            else ""
        )

    @staticmethod
    def _view(receiver: _Receiver, settings: Json) -> Json:
        return {
            "uid": receiver.uid,
            "name": receiver.name,
            "type": receiver.type,
            "settings": settings,
            "disableResolveMessage": receiver.quiet,
            **({"provenance": receiver.provenance} if receiver.provenance else {}),
        }

    # Mute timings

    def timings(self, _call: Call) -> list[Json]:
        return [self._shown(timing) for timing in self._timings.values()]

    def timing(self, call: Call) -> Json | Answer:
        timing = self._timings.get(call.params["name"])
        return self._shown(timing) if timing else NULL

    def post_timing(self, call: Call) -> tuple[int, Json]:
        new = self._timing(call.json(), call)
        if new["name"] in self._timings:
            raise traced(
                400, "invalid object specification: a mute timing with this name already exists"
            )
        self._timings[new["name"]] = new
        return 201, new

    def put_timing(self, call: Call) -> tuple[int, Json] | Answer:
        new = {**self._timing(call.json(), call), "name": call.params["name"]}
        if new["name"] not in self._timings:
            return NULL
        self._store.check_provenance(self._timings[new["name"]], call)
        self._timings[new["name"]] = new
        return 202, new

    def delete_timing(self, call: Call) -> Answer:
        name = call.params["name"]
        used = any(
            name in route.get("mute_time_intervals", ()) for route in routes_of(self._policies)
        )
        if used:
            message = f"mute time '{name}' is currently used by a notification policy"
            raise self._store.conflict(message)
        self._timings.pop(name, None)
        return GONE

    def _timing(self, body: Json, call: Call) -> Json:
        name, intervals = typed(body, "name", str), typed(body, "time_intervals", list)
        if not name:
            raise bad_request()
        new = {"name": name, "time_intervals": [interval_of(interval) for interval in intervals]}
        return self._owned(new, call)

    def _owned(self, new: Json, call: Call) -> Json:
        provenance = self._store.owner(call)
        return {**new, "provenance": provenance} if provenance else new

    def _shown(self, kept: Json) -> Json:
        """Return a mute timing or template as GET gives it: 9.3 does not say who made it."""
        return (
            kept
            if self._store.since(10)
            else {key: value for key, value in kept.items() if key != "provenance"}
        )

    # Templates

    def templates(self, _call: Call) -> list[Json]:
        listed = self._listed(
            self._templates.values(), key=lambda template: (str(template["name"]),)
        )
        return [self._shown(template) for template in listed]

    def template(self, call: Call) -> Json | Answer:
        template = self._templates.get(call.params["name"])
        return self._shown(template) if template else NULL

    def put_template(self, call: Call) -> tuple[int, Json]:
        name, text = call.params["name"], typed(call.json(), "template", str)
        if not text:
            raise traced(400, "invalid object specification: template must have content")
        if text.count("{{") != text.count("}}"):
            raise traced(
                400, "invalid object specification: invalid template: template: :1: unclosed action"
            )
        text = text.strip()
        if not re.search(r"\{\{\s*define", text):
            lines = "\n".join(f"  {line}" for line in text.split("\n"))
            text = f'{{{{ define "{name}" }}}}\n{lines}\n{{{{ end }}}}'
        self._store.check_provenance(self._templates.get(name, {}), call)
        self._templates[name] = self._owned({"name": name, "template": text}, call)
        return 202, self._templates[name]

    def delete_template(self, call: Call) -> Answer:
        self._templates.pop(call.params["name"], None)
        return GONE

    # Policies

    def policies(self, _call: Call) -> Json:
        return self._policies

    def put_policies(self, call: Call) -> tuple[int, Json]:
        tree = route_of(call.json())
        if not tree.get("receiver") or {"match", "match_re", "mute_time_intervals"} & tree.keys():
            raise bad_request()
        self._check_names(tree)
        if tree.get("continue"):
            message = (
                "change would result in an invalid configuration state: "
                "cannot have continue in root route"
            )
            raise traced(500, message)
        self._store.check_provenance(self._policies, call)
        self._policies = self._owned(tree, call)
        return 202, {"message": "policies updated"}

    def reset_policies(self, _call: Call) -> tuple[int, Json]:
        self._policies = self._default_policies()
        return 202, self._policies

    def _check_names(self, tree: Json) -> None:
        known = {self._default, *(name for name, _receivers in self._points)}
        # Later versions let a route without a receiver have its parent's.
        known |= {""} if self._store.since(10) else set()
        wrong = [
            *(
                f"receiver '{name}'"
                for name in (route.get("receiver", "") for route in routes_of(tree))
                if name not in known
            ),
            *(
                f"mute time interval '{name}'"
                for route in routes_of(tree)
                for name in route.get("mute_time_intervals", ())
                if name not in self._timings
            ),
        ]
        if wrong:
            raise traced(400, f"invalid object specification: {wrong[0]} does not exist")

    def _default_policies(self) -> Json:
        return {"receiver": self._default, "group_by": ["grafana_folder", "alertname"]}
