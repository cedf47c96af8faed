"""The notification policies: one tree in a Grafana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.alerting import UNLOCKED, alerting_path, live_of, seconds, unlocked
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {
    "group_wait?": str,
    "group_interval?": str,
    "repeat_interval?": str,
    "provenance?": str,
}
# Routes have routes.
ANSWER["routes?"] = [ANSWER]
UID = "root"
"""gk's own name for the tree, which has none in Grafana."""
BUILT_IN = tuple(
    {"receiver": receiver, "group_by": ["grafana_folder", "alertname"]}
    for receiver in ("grafana-default-email", "empty")
)
"""The notification policies of a new Grafana: until 11, and of 12.4.0."""
_FIELDS = (
    "receiver",
    "object_matchers",
    "group_by",
    "continue",
    "mute_time_intervals",
    "active_time_intervals",
    "matchers",
    "match",
    "match_re",
)
_WAITS = ("group_wait", "group_interval", "repeat_interval")


def read(client: Client, uid: str) -> Live | None:
    """The policies; nobody wrote those of a new Grafana."""
    answer = client.get(alerting_path("policies"), ANSWER)
    live = live_of(Kind.NOTIFICATION_POLICY, uid, answer, parts, [answer])
    given = {key: value for key, value in answer.items() if value}
    return replace(live, is_untouched=given in BUILT_IN)


def every(client: Client) -> Iterator[Live]:
    """The policies: there is only one tree."""
    if live := read(client, UID):
        yield live


def write(client: Client, live: Live | None, document: Document) -> str:
    """Put policies in place of those that are there."""
    header = unlocked(live.body) if live else UNLOCKED
    client.put(alerting_path("policies"), document.body, **header)
    return ""


def delete(client: Client, live: Live) -> None:
    """Let Grafana put its own policies in place of them."""
    client.delete(alerting_path("policies"))


def listed(client: Client) -> list[Listed]:
    """No list: there is only one tree."""
    return []


def parts(body: Any, folder: str) -> Parts:
    """The whole tree, without empty values."""
    return {"": _route(body)}


def _route(body: Mapping[str, Any]) -> Any:
    waits = {key: seconds(wait) for key, wait in given(body, _WAITS).items()}
    routes = [_route(route) for route in body.get("routes") or ()]
    return {**given(body, _FIELDS), **waits, **({"routes": routes} if routes else {})}


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Grafana refuses none: there is only one tree."""
    return None
