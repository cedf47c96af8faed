"""What the kinds of alerting share: Grafana's provisioning API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gk.documents.durations import milliseconds
from gk.grafana.answers import Shape
from gk.grafana.client import Client, path
from gk.grafana.kinds.api import Listed, Refusal, Surroundings
from gk.grafana.live import FROM_FILE, Form, Live
from gk.resource import Kind, Resource

__all__ = [
    "NAMES",
    "UNLOCKED",
    "alerting_path",
    "live_of",
    "name_is_lost",
    "named",
    "provenance",
    "seconds",
    "unlocked",
    "version_that_was_read",
]

UNLOCKED = {"X-Disable-Provenance": "true"}
"""Without it the UI does not edit what was pushed. Only its presence matters; 9.3 heeds it for
single rules only."""
_OWN = "api"
"""The provenance that Grafana gives to what was written without the header."""
NAMES: Shape = [{"name": str, "uid?": str}, None]


def alerting_path(*parts: str) -> str:
    """A path of the provisioning API."""
    return path("v1", "provisioning", *parts)


def named(client: Client, kind: Kind, *parts: str) -> list[Listed]:
    """The objects that a path of the API lists, sorted by name."""
    answer = client.get(alerting_path(*parts), NAMES) or ()
    # A contact point without a uid is Grafana's own.
    names = sorted({entry["name"] for entry in answer if entry.get("uid", True)})
    return [Listed(kind=kind, uid=name, title=name) for name in names]


def live_of(kind: Kind, name: str, body: Any, form: Form, objects: Sequence[Any]) -> Live:
    """An object that is identified by its name, and consists of `objects`."""
    return Live(
        kind=kind,
        uid=name,
        title=name,
        folder="",
        body=body,
        form=form,
        locked=provenance(objects),
    )


def provenance(objects: Sequence[Any]) -> str:
    """Why objects may not be changed through the API, by their provenance; empty if they may."""
    # 13.x says classic-file-provisioning.
    is_from_file = any("file" in str(entry.get("provenance") or "") for entry in objects)
    return FROM_FILE if is_from_file else ""


def version_that_was_read(live: Live) -> dict[str, Any]:
    """The version that was read, which newer Grafana (11 on) compares with the one that it has."""
    return {"version": live.body["version"]} if live.body.get("version") else {}


def unlocked(live: Any) -> Mapping[str, str]:
    """The header for a write over an object, if it may have it: 12.4.0 does not take the provenance
    away from what somebody wrote without it."""
    return {} if live.get("provenance") == _OWN else UNLOCKED


def seconds(text: str) -> str:
    """`90s` for `1m30s`: Grafana answers in its own spelling."""
    length = milliseconds(text)
    return text if length is None else f"{length / 1000:g}s"


def name_is_lost(resource: Resource, surroundings: Surroundings) -> Refusal | None:
    """A refusal if Grafana cannot find this name in a path of its API."""
    if (
        "/" in resource.title
        and surroundings.has_path
        and not surroundings.about.finds_slashes_below_a_path
    ):
        return Refusal(
            "Grafana before 10 cannot find names with a slash under a sub-path; rename it, or push "
            "to the root URL"
        )
    return None
