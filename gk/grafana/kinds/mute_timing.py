"""Mute timings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gk.grafana.answers import Shape
from gk.grafana.client import Client
from gk.grafana.kinds.alerting import (
    UNLOCKED,
    alerting_path,
    live_of,
    name_is_lost,
    named,
    unlocked,
    version_that_was_read,
)
from gk.grafana.kinds.api import Document, Listed, Refusal, Surroundings
from gk.grafana.live import Live, Parts
from gk.resource import Kind, Resource

__all__ = ["ANSWER", "delete", "every", "listed", "parts", "read", "refusal", "write"]

ANSWER: Shape = {"name": str, "time_intervals?": [dict], "version?": str, "provenance?": str}


def read(client: Client, uid: str) -> Live | None:
    """A mute timing."""
    answer = client.get(alerting_path("mute-timings", uid), ANSWER)
    return live_of(Kind.MUTE_TIMING, uid, answer, parts, [answer])


def every(client: Client) -> Iterator[Live]:
    """Every mute timing."""
    for answer in client.get(alerting_path("mute-timings"), [ANSWER, None]) or ():
        yield live_of(Kind.MUTE_TIMING, answer["name"], answer, parts, [answer])


def write(client: Client, live: Live | None, document: Document) -> str:
    """Make a mute timing, or put another in its place."""
    if live is None:
        client.post(alerting_path("mute-timings"), document.body, **UNLOCKED)
    else:
        body = {**document.body, **version_that_was_read(live)}
        client.put(alerting_path("mute-timings", live.uid), body, **unlocked(live.body))
    return ""


def delete(client: Client, live: Live) -> None:
    """Delete a mute timing."""
    client.delete(alerting_path("mute-timings", live.uid))


def listed(client: Client) -> list[Listed]:
    """Every mute timing."""
    return named(client, Kind.MUTE_TIMING, "mute-timings")


def parts(body: Any, folder: str) -> Parts:
    """Its intervals, without empty values."""
    intervals = body.get("time_intervals") or ()
    return {"": {"time_intervals": [_without_empty(interval) for interval in intervals]}}


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_empty(inner) for key, inner in value.items() if inner}
    return value


def refusal(resource: Resource, live: Live | None, surroundings: Surroundings) -> Refusal | None:
    """Grafana must be able to find the name."""
    return name_is_lost(resource, surroundings)
