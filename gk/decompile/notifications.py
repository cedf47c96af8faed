"""Contact points, notification policies, mute timings and message templates as definitions."""

from __future__ import annotations

from collections.abc import Mapping

from gk.decompile.python import Call, Code, Name
from gk.decompile.secrets import with_calls
from gk.documents.matchers import matcher_text
from gk.documents.shapes import Json

__all__ = ["contact_point_code", "mute_timing_code", "policy_code", "template_code"]

_WAITS = ("group_wait", "group_interval", "repeat_interval")
_OF_POLICY = {
    "receiver", "object_matchers", "group_by", "continue", "mute_time_intervals",
    "active_time_intervals", "matchers", "match", "match_re", "routes", "provenance", *_WAITS,
}  # fmt: skip
_BY_DEFAULT = ["grafana_folder", "alertname"]
"""The labels by which gk groups alerts if a definition does not say."""


def contact_point_code(body: Json) -> Call:
    """A contact point."""
    name = str(body["name"])
    receivers: list[Code] = []
    for receiver in body.get("receivers") or ():
        settings = with_calls(receiver.get("settings") or {})
        named: dict[str, Code] = {"uid": receiver["uid"]} if receiver.get("uid") else {}
        if receiver.get("disableResolveMessage"):
            named["disable_resolve_message"] = True
        receivers.append(Call(Name("receiver", "gk"), [receiver["type"], settings], named))
    return Call(Name("contact_point", "gk"), [name, *receivers])


def mute_timing_code(body: Json) -> Call:
    """A mute timing."""
    return Call(Name("mute_timing", "gk"), [body["name"], *(body.get("time_intervals") or ())])


def template_code(body: Json) -> Call:
    """A message template."""
    return Call(Name("message_template", "gk"), [body["name"], body["template"]])


def policy_code(body: Json, points: Mapping[str, Name], timings: Mapping[str, Name]) -> Call:
    """A notification policy with those below it; `points` and `timings` are the variables of
    contact points and mute timings. Raises ValueError for a field that gk does not know."""
    if unknown := sorted(body.keys() - _OF_POLICY):
        raise ValueError(
            f"a notification policy has a field '{unknown[0]}', which gk does not know"
        )
    named: dict[str, Code] = {}
    if matchers := _matchers(body):
        named["matchers"] = matchers
    if body.get("group_by") and body["group_by"] != _BY_DEFAULT:
        named["group_by"] = body["group_by"]
    for wait in _WAITS:
        if body.get(wait):
            named[wait] = body[wait]
    if body.get("continue"):
        named["continue_"] = True
    for key, argument in (
        ("mute_time_intervals", "mute_timings"),
        ("active_time_intervals", "active_timings"),
    ):
        if body.get(key):
            named[argument] = [timings.get(name, name) for name in body[key]]
    if body.get("routes"):
        named["routes"] = [policy_code(route, points, timings) for route in body["routes"]]
    receiver = str(body.get("receiver") or "")
    return Call(Name("notification_policy", "gk"), [points.get(receiver, receiver)], named)


def _matchers(body: Json) -> list[Code]:
    """Matchers in Alertmanager's form, from any of Grafana's three."""
    given = [
        (str(name), str(sign), str(value))
        for name, sign, value in body.get("object_matchers") or ()
    ]
    given += [(name, "=", value) for name, value in (body.get("match") or {}).items()]
    given += [(name, "=~", value) for name, value in (body.get("match_re") or {}).items()]
    return [*(matcher_text(*matcher) for matcher in given), *(body.get("matchers") or ())]
