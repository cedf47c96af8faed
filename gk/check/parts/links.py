"""Where links lead: to a dashboard, a panel of it, and values of its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gk.check.parts.panels import Link, data_links
from gk.check.subjects import Dashboard
from gk.documents.parts import dicts
from gk.errors import Where

__all__ = ["Target", "links", "target_of"]

# Only a path of the same Grafana: another host has other dashboards.
_DASHBOARD = re.compile(r"/?d/(?P<uid>[\w-]+)(?:/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?")
_PANEL = re.compile(r"(?:^|&)(?:viewPanel|editPanel)=(?:panel-)?(\d+)(?=&|$)")
_VARIABLE = re.compile(r"(?:^|&)var-(\w+)=")


class Target(NamedTuple):
    """What a link names: a dashboard's uid, the id of a panel if it shows one, and variables."""

    uid: str
    panel: int | None
    variables: tuple[str, ...]


def target_of(url: str) -> Target | None:
    """The dashboard of the same Grafana to which a URL leads; None for any other URL."""
    match = _DASHBOARD.fullmatch(url.strip())
    if match is None:
        return None
    query = match["query"] or ""
    panel = _PANEL.search(query)
    return Target(match["uid"], int(panel[1]) if panel else None, tuple(_VARIABLE.findall(query)))


# Several checks look at the links of one dashboard after another.
@lru_cache(maxsize=1)
def links(dashboard: Dashboard) -> Sequence[tuple[Where, Link]]:
    """Every link of a dashboard with a URL, and its place."""
    return list(_links(dashboard))


def _links(dashboard: Dashboard) -> Iterator[tuple[Where, Link]]:
    for body in dicts(dashboard.body, "links"):
        title, url = body.get("title"), body.get("url")
        if body.get("type") == "link" and isinstance(url, str) and url.strip():
            yield Where("link", str(title or "")), Link(str(title or ""), url)
    for panel in dashboard.panels:
        yield from ((panel.where, link) for link in data_links(panel) if link.url.strip())
