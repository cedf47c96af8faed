"""Texts and gradients of pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from markupsafe import Markup

from gk.preview.svg import element
from gk.preview.theme import Theme

__all__ = ["gradient", "written"]


def written(
    text: str,
    x: float | str,
    middle: float,
    *,
    size: float,
    fill: str,
    anchor: str = "start",
) -> Markup:
    """A line of text whose capitals have their middle at a height."""
    return element(
        "text",
        text,
        x=x,
        y=middle + size * 0.36,
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
        fill=fill,
    )


def gradient(
    stops: Sequence[tuple[float, str, float]],
    theme: Theme,
    ends: tuple[str, str, str, str],
) -> tuple[str, Markup]:
    """A gradient through (offset, colour, opacity), from one end to another (x1, y1, x2, y2): what
    to fill with, and its definition. Equal gradients have one name, so a page may repeat them."""
    words = repr((list(stops), theme.name, ends))
    name = f"g{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}"
    x1, y1, x2, y2 = ends
    inside = [
        element(
            "stop",
            offset=round(offset, 4),
            stop_color=theme.paint(color),
            stop_opacity=opacity if opacity < 1 else None,
        )
        for offset, color, opacity in stops
    ]
    made = element(
        "linearGradient",
        *inside,
        id=name,
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
    )
    return f"url(#{name})", element("defs", made)
