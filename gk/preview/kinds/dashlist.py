"""Dashboard lists: the names of the dashboards that a search finds, as Grafana 12.4 lists them.

They are in a frame of `meta` type "dashboards": title, uid, folder and its uid, tags (lists of
texts). What a reader starred or opened, only a Grafana knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from gk.forms.html import templates_of
from gk.preview.kinds import lines
from gk.preview.model import Shown
from gk.preview.parts import flag, number, word, words
from gk.preview.theme import Theme

__all__ = ["Dashboard", "Dashboards", "draw", "html", "view"]

_MOST = 1_000
_ROOT = "Dashboards"
"""What Grafana calls the folder of those that are in none."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard of the list."""

    title: str
    uid: str = ""
    folder: str = ""
    folder_uid: str = ""
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Dashboards:
    """What the list shows: its heading, the dashboards in the order of their titles, and what only
    a Grafana knows."""

    heading: str = ""
    dashboards: Sequence[Dashboard] = ()
    notes: Sequence[str] = ()


def view(shown: Shown) -> Dashboards:
    """The dashboards that have the panel's tags, folder, and a title with its query."""
    options = shown.options
    searches = flag(options, "showSearch")
    headings = flag(options, "showHeadings", True)
    most = number(options, "maxItems")
    return Dashboards(
        heading="Search" if searches and headings else "",
        dashboards=_matching(shown)[: min(_MOST, max(0, int(10 if most is None else most)))]
        if searches
        else [],
        notes=list(_notes(options)),
    )


def _matching(shown: Shown) -> list[Dashboard]:
    options = shown.options
    query = shown.interpolate(word(options, "query")).strip().casefold()
    tags = {shown.interpolate(tag) for tag in words(options, "tags")}
    folder = shown.interpolate(word(options, "folderUID"))
    names_folders = flag(options, "showFolderNames", True)
    dashboards = [
        replace(dashboard, folder=(dashboard.folder or _ROOT) if names_folders else "")
        for dashboard in _dashboards(shown)
        if query in dashboard.title.casefold()
        and tags <= set(dashboard.tags)
        and (not folder or folder == dashboard.folder_uid)
    ]
    return sorted(dashboards, key=lambda dashboard: (dashboard.title.casefold(), dashboard.uid))


def _dashboards(shown: Shown) -> Iterator[Dashboard]:
    for frame in shown.frames:
        if frame.meta.get("type") != "dashboards":
            continue
        # More than are listed, because the panel's search comes later.
        for row in range(min(frame.length, 100 * _MOST)):
            given = {field.name: field.at(row) for field in frame.fields}
            yield Dashboard(
                title=word(given, "title"),
                uid=word(given, "uid"),
                folder=word(given, "folder"),
                folder_uid=word(given, "folderUid"),
                tags=words(given, "tags"),
            )


def _notes(options: Mapping[str, Any]) -> Iterator[str]:
    if flag(options, "showStarred"):
        yield "Starred dashboards are not shown: each reader has their own."
    if flag(options, "showRecentlyViewed"):
        yield "Recently viewed dashboards are not shown: each reader has their own."


# The page and pictures


def html(view: Dashboards) -> Markup:
    """The list."""
    template = templates_of("gk.preview.kinds").get_template("dashlist.html")
    return Markup(template.render(view=view))


def draw(view: Dashboards, width: float, height: float, theme: Theme) -> Markup:
    """The names that fit."""
    if not view.dashboards and not view.notes:
        return lines.message("No dashboards", width, height, theme)
    return lines.drawn(_lines(view), width, height, theme)


def _lines(view: Dashboards) -> Iterator[lines.Line]:
    if view.heading:
        yield lines.Line(view.heading, 14.0, is_bold=True)
    for dashboard in view.dashboards:
        yield lines.Line(dashboard.title, 14.0, color="link", gap=4.0)
        if dashboard.folder:
            yield lines.Line(dashboard.folder, 12.0, color="faint")
    for note in view.notes:
        yield lines.Line(note, 12.0, color="faint", gap=4.0)
