"""The links of dashboards and of panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gk.documents.parts import dicts
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.preview.asking.texts import Texts
from gk.preview.model import Link
from gk.resource import Kind, Resource

__all__ = ["Links"]


@dataclass(frozen=True, eq=False)
class Links:
    """Makes links: `grafana` is the URL of the Grafana that relative ones lead to, and empty if
    there is none."""

    resources: Sequence[Resource]
    grafana: str = ""

    def of_dashboard(self, body: Json, texts: Texts) -> list[Link]:
        """Those below the title of a dashboard; one that lists dashboards is a link to each."""
        return [link for given in dicts(body, "links") for link in self._of(given, texts)]

    def of_panel(self, panel: Json, texts: Texts) -> list[Link]:
        """Those at the title of a panel."""
        return [
            Link(
                texts.title(str(given.get("title") or "")) or "Link",
                self._absolute(texts.plain(str(given.get("url") or ""))),
                bool(given.get("targetBlank")),
            )
            for given in dicts(panel, "links")
        ]

    def _of(self, given: Json, texts: Texts) -> Iterator[Link]:
        new_tab = bool(given.get("targetBlank"))
        if given.get("type") == "dashboards":
            for resource in self._tagged(given.get("tags")):
                url = f"/d/{quote(resource.uid)}"
                yield Link(resource.title, self._with_state(url, given, texts), new_tab)
            return
        url = texts.plain(str(given.get("url") or ""))
        title = texts.title(str(given.get("title") or "")) or url
        yield Link(title, self._with_state(url, given, texts), new_tab)

    def _with_state(self, url: str, given: Json, texts: Texts) -> str:
        """A URL with the range and the variables of the dashboard that it leads away from."""
        state = [
            texts.plain(name)
            for name, key in (
                ("${__url_time_range}", "keepTime"),
                ("${__all_variables}", "includeVars"),
            )
            if given.get(key)
        ]
        added = "&".join(filter(None, state))
        if added:
            url = f"{url}{'&' if '?' in url else '?'}{added}"
        return self._absolute(url)

    def _absolute(self, url: str) -> str:
        is_of_grafana = url.startswith("/") and not url.startswith("//")
        return f"{self.grafana.rstrip('/')}{url}" if self.grafana and is_of_grafana else url

    def _tagged(self, tags: Any) -> list[Resource]:
        """The dashboards that have all of the tags, by title."""
        wanted = _texts(tags)
        return sorted(
            (
                resource
                for resource in self.resources
                if resource.kind is Kind.DASHBOARD and wanted <= _tags(as_classic(resource.body))
            ),
            key=lambda each: (each.title.casefold(), each.uid),
        )


def _tags(body: Any) -> set[str]:
    return _texts(body.get("tags")) if isinstance(body, dict) else set()


def _texts(given: Any) -> set[str]:
    return {each for each in given if isinstance(each, str)} if isinstance(given, list) else set()
