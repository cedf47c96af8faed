"""Contact points, which Grafana keeps receiver by receiver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.secrets.known import REDACTED, SECRET
from gk.documents.secrets.references import is_reference
from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.alerting import UNLOCKED, alerting_path, live_of, name_is_lost, named
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = [{"name": str, "uid?": str, "settings?": dict, "provenance?": str}, None]


def read(client: Client, uid: str) -> Live | None:
    """A contact point: all receivers of its name."""
    url = alerting_path("contact-points")
    answer = client.get(url, ANSWER, name=uid)
    receivers = [receiver for receiver in answer or () if receiver["name"] == uid]
    if not receivers:
        return None
    client.check(receivers, [{"uid": str}], f"GET {url}")
    body = {"name": uid, "receivers": receivers}
    return live_of(Kind.CONTACT_POINT, uid, body, parts, receivers)


def write(client: Client, live: Live | None, document: Document) -> str:
    """Write each receiver, and then delete the others, so that the contact point always has one."""
    known = {receiver["uid"] for receiver in live.body["receivers"]} if live else set()
    wanted = document.body["receivers"]
    for receiver in wanted:
        # The API knows only receivers: those with the same name are one contact point.
        named = {**receiver, "name": document.body["name"]}
        if receiver["uid"] in known:
            client.put(alerting_path("contact-points", receiver["uid"]), named, **UNLOCKED)
        else:
            client.post(alerting_path("contact-points"), named, **UNLOCKED)
    for uid in sorted(known - {receiver["uid"] for receiver in wanted}):
        client.delete(alerting_path("contact-points", uid))
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete every receiver."""
    for receiver in live.body["receivers"]:
        client.delete(alerting_path("contact-points", receiver["uid"]))


def listed(client: Client) -> list[Listed]:
    """Every contact point but Grafana's own."""
    return named(client, Kind.CONTACT_POINT, "contact-points")


def parts(body: Any, folder: str) -> Parts:
    """Each receiver by its uid."""
    return {receiver["uid"]: _receiver(receiver) for receiver in body["receivers"]}


def _receiver(body: Mapping[str, Any]) -> Any:
    receiver = given(body, ("type", "disableResolveMessage"))
    return {**receiver, "settings": _secrets_hidden(body.get("settings") or {})}


def _secrets_hidden(value: Any) -> Any:
    """`value` with the same text for references to secrets and for secrets that Grafana hides."""
    if is_reference(value):
        return SECRET
    if isinstance(value, Mapping):
        return {key: _secrets_hidden(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_secrets_hidden(inner) for inner in value]
    # Grafana answers [REDACTED] for secret settings.
    return SECRET if value == REDACTED else value


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Grafana must be able to find the name."""
    return name_is_lost(resource, surroundings)
