"""Pages of what does not fit into its panel. The page's script (pages.js) turns them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from gk.preview.svg import element

__all__ = ["paged", "sheets"]


def sheets(pages: Sequence[Markup]) -> Markup:
    """Drawings of which a reader sees one at a time."""
    listed = (
        element("div", page, class_="sheet", hidden="" if index else None)
        for index, page in enumerate(pages)
    )
    return element("div", *listed, class_="sheets")


def paged(inside: Markup) -> Markup:
    """A table, or something that has sheets, above what turns its pages, which only a script
    shows."""
    said = Markup('<span class="numbers"></span>')
    back, on = _button("‹", "Previous page", "-1"), _button("›", "Next page", "1")
    told = Markup('<span class="told" aria-live="polite"></span>')
    turns = element("nav", back, said, on, told, class_="pager", aria_label="Pages", hidden="")
    return element("div", inside, turns, class_="paged")


def _button(sign: str, label: str, step: str) -> Markup:
    return element("button", sign, type="button", aria_label=label, data_step=step)
