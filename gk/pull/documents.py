"""An object as its definition builds it and as Grafana has it, in one form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gk.decompile.secrets import with_references
from gk.documents.dashboards import normalized
from gk.documents.references import share_types
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.grafana.live import Live
from gk.push.plan import unseen
from gk.resource import Kind, Resource, canonical

__all__ = ["both", "by_id"]


def both(resource: Resource, live: Live) -> tuple[Any, Any]:
    """The documents of both sides. Grafana's has a reference in place of each secret, that of the
    definition where it has one."""
    if resource.kind is Kind.DASHBOARD:
        one, other = (normalized(as_classic(body)) for body in (resource.body, live.body))
        # Old dashboards do not name the types of their data sources.
        share_types([one, other])
        return one, other
    own = resource.body
    there = unseen(_in_order(own, live.body), own)
    if resource.kind is Kind.DATASOURCE:
        there = _with_own_secrets(there, own)
    [named], _ = with_references([replace(resource, json=canonical(there))])
    return own, named.body


def by_id(panels: Iterable[Json]) -> dict[str, Json]:
    """Panels by their ids. Those that a program saves may have none: Grafana's API gives none."""
    by_key: dict[str, Json] = {}
    for number, panel in enumerate(panels):
        id_ = str(panel.get("id", ""))
        by_key[id_ if id_ and id_ not in by_key else f"{id_} {number}"] = panel
    return by_key


def _in_order(own: Any, body: Any) -> Any:
    """A contact point with its receivers in the order of its definition."""
    if "receivers" not in own:
        return body
    # gk reads receivers in the order of their uids; the order means nothing to Grafana.
    order = [receiver.get("uid") for receiver in own["receivers"]]
    key = {uid: number for number, uid in enumerate(order)}
    receivers = sorted(
        body["receivers"], key=lambda receiver: key.get(receiver.get("uid"), len(key))
    )
    return {**body, "receivers": receivers}


def _with_own_secrets(there: Any, own: Any) -> Any:
    """A data source with the definition's references for the secrets that both have."""
    fields = there.get("secureJsonFields") or {}
    given = own.get("secureJsonData") or {}
    kept = {key: value for key, value in given.items() if fields.get(key)}
    return {**there, "secureJsonData": kept}
