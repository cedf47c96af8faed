"""Links in pictures of the page: what shows a value leads to where the value's links lead."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from gk.preview.kinds.boxes import Box, rect
from gk.preview.links import menu, safe
from gk.preview.model import Link
from gk.preview.svg import element
from gk.preview.theme import PAGE, Theme

__all__ = ["linked"]


def linked(
    inside: Markup,
    links: Sequence[Link],
    theme: Theme,
    *,
    box: Box | None = None,
    whole: tuple[float, float] = (1.0, 1.0),
    is_stop: bool = True,
) -> Markup:
    """A part of a drawing of the size `whole`, as a link if it has any that is safe: the shapes in
    it, or all of its box. The page's script makes a menu of several. A picture by itself leads
    nowhere. Without `is_stop`, the Tab key passes by: there are hundreds of them."""
    if theme is not PAGE:
        return inside
    anchors = safe(links)
    if not anchors:
        return inside
    names = "\n".join(anchor.title for anchor in anchors)
    return element(
        "a",
        element("title", names) if box else Markup(""),
        rect(box, whole, "transparent") if box else Markup(""),
        inside,
        aria_label=names,
        href=anchors[0].href,
        target="_blank" if anchors[0].new_tab else None,
        rel="noopener noreferrer",
        tabindex=None if is_stop else "-1",
        data_links=menu(anchors) or None,
    )
