"""The links of dashboards, of panels and of values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from gk.documents.parts import dicts
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.preview.asking.lists import tags_of
from gk.preview.asking.texts import Texts
from gk.preview.model import Field, Frame, Link
from gk.preview.parts import word
from gk.resource import Kind, Resource

__all__ = ["Links"]


@dataclass(frozen=True, eq=False)
class Links:
    """Makes links: `grafana` is the URL of the Grafana that relative ones lead to, and empty if
    there is none. Those to the dashboards `here`, by their uids, stay relative, because the page
    has these."""

    resources: Sequence[Resource]
    grafana: str = ""
    here: Set[str] = frozenset()

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

    def of_values(self, frames: Sequence[Frame]) -> list[Frame]:
        """Frames with the links of their fields, which may still have variables."""
        return [
            replace(frame, fields=[self._of_field(field) for field in frame.fields])
            for frame in frames
        ]

    def _of_field(self, field: Field) -> Field:
        links = dicts(field.config, "links")
        if not links or not self.grafana:
            return field
        absolute = [{**link, "url": self._absolute(word(link, "url"))} for link in links]
        return replace(field, config={**field.config, "links": absolute})

    def _of(self, given: Json, texts: Texts) -> Iterator[Link]:
        new_tab = bool(given.get("targetBlank"))
        if given.get("type") == "dashboards":
            for resource in self._tagged(set(tags_of(given))):
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
        if not self.grafana or not is_of_grafana or _uid(url) in self.here:
            return url
        return f"{self.grafana.rstrip('/')}{url}"

    def _tagged(self, tags: Set[str]) -> list[Resource]:
        """The dashboards that have all of the tags, by title."""
        boards = [
            resource
            for resource in self.resources
            if resource.kind is Kind.DASHBOARD and tags <= set(tags_of(as_classic(resource.body)))
        ]
        return sorted(boards, key=lambda board: (board.title.casefold(), board.uid))


_TO_DASHBOARD = re.compile(r"/d/([^/?#]+)")


def _uid(url: str) -> str:
    """The dashboard that a relative URL leads to."""
    match = _TO_DASHBOARD.match(url)
    return unquote(match[1]) if match else ""
