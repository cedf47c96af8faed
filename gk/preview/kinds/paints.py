"""Texts and gradients of pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from markupsafe import Markup

from gk.preview.svg import element
from gk.preview.theme import Theme

__all__ = ["apart", "gradient", "written"]

_DEFINED = re.compile(r'<defs><linearGradient id="(g[0-9a-f]{12})".*?</defs>')


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


def apart(body: Markup) -> tuple[Markup, dict[str, Markup]]:
    """A part of a page without the definitions of its gradients, and these by their names. The page
    has each once, outside of what it may hide: there, no other part could use it."""
    kept: dict[str, Markup] = {}

    def taken(match: re.Match[str]) -> str:
        kept[match[1]] = Markup(match[0])
        return ""

    # Texts are escaped, so what looks like an element is one.
    return Markup(_DEFINED.sub(taken, body)), kept
