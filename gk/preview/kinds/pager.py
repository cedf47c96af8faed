"""Pages of what does not fit into its panel. The page's script (pages.js) turns them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from gk.preview.svg import element

__all__ = ["pager", "sheets"]


def sheets(pages: Sequence[Markup]) -> Markup:
    """Drawings of which a reader sees one at a time, above what turns them."""
    listed = (
        element("div", each, class_="sheet", hidden="" if index else None)
        for index, each in enumerate(pages)
    )
    return element("div", element("div", *listed, class_="sheets"), pager(), class_="paged")


def pager() -> Markup:
    """What turns the pages of the element before it; hidden while there is no script."""
    said = Markup('<span aria-live="polite"></span>')
    inside = (_button("‹", "Previous page", "-1"), said, _button("›", "Next page", "1"))
    return element("nav", *inside, class_="pager", aria_label="Pages", hidden="")


def _button(sign: str, label: str, step: str) -> Markup:
    return element("button", sign, type="button", aria_label=label, data_step=step)
