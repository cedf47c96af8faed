"""Contact points, which Grafana keeps receiver by receiver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from gk.documents.secrets.known import REDACTED, SECRET
from gk.documents.secrets.references import is_reference
from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.alerting import (
    UNLOCKED,
    alerting_path,
    live_of,
    name_is_lost,
    named,
    unlocked,
)
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts, given
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = [{"name": str, "uid?": str, "settings?": dict, "provenance?": str}, None]


def read(client: Client, uid: str) -> Live | None:
    """A contact point: all receivers of its name."""
    answer = client.get(alerting_path("contact-points"), ANSWER, name=uid)
    receivers = [receiver for receiver in answer or () if receiver["name"] == uid]
    return _of(client, uid, receivers) if receivers else None


def every(client: Client) -> Iterator[Live]:
    """Every contact point but Grafana's own, which has no uid."""
    answer = client.get(alerting_path("contact-points"), ANSWER)
    points: dict[str, list[Any]] = defaultdict(list)
    # 9.3 answers those of one name in another order each time, newer versions in this one.
    for receiver in sorted(answer or (), key=lambda point: (point["name"], point.get("uid") or "")):
        points[receiver["name"]].append(receiver)
    for name, receivers in points.items():
        if all(receiver.get("uid") for receiver in receivers):
            yield _of(client, name, receivers)


def _of(client: Client, name: str, receivers: list[Any]) -> Live:
    client.check(receivers, [{"uid": str}], f"GET {alerting_path('contact-points')}")
    body = {"name": name, "receivers": receivers}
    return live_of(Kind.CONTACT_POINT, name, body, parts, receivers)


def write(client: Client, live: Live | None, document: Document) -> str:
    """Write each receiver, and then delete the others, so that the contact point always has one."""
    known = {receiver["uid"]: receiver for receiver in live.body["receivers"]} if live else {}
    wanted = document.body["receivers"]
    for receiver in wanted:
        # The API knows only receivers: those with the same name are one contact point.
        named = {**receiver, "name": document.body["name"]}
        if there := known.get(receiver["uid"]):
            url = alerting_path("contact-points", receiver["uid"])
            client.put(url, named, **unlocked(there))
        else:
            client.post(alerting_path("contact-points"), named, **UNLOCKED)
    for uid in sorted(known.keys() - {receiver["uid"] for receiver in wanted}):
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
    return {
        receiver["uid"]: {
            **given(receiver, ("type", "disableResolveMessage")),
            "settings": _secrets_hidden(receiver.get("settings") or {}),
        }
        for receiver in body["receivers"]
    }


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
