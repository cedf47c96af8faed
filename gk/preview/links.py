"""Addresses of links, which are untrusted: only those that can run nothing are links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gk.preview.model import Link

__all__ = ["Anchor", "anchor", "is_safe", "menu", "safe"]

# No scheme but http and https: a colon before the first slash, question mark or hash makes one.
_SAFE = re.compile(r"https?://[^\s]|[^\s:/?#][^:/?#]*([/?#]|$)|[/?#]", re.IGNORECASE)
# Browsers skip these in an address, and so read "java\nscript:" as a scheme.
_SKIPPED = re.compile(
    r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff\\]"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link as the page has it; without an address it is a text."""

    title: str
    href: str
    new_tab: bool


def is_safe(url: str) -> bool:
    """Whether an address is of http or https, or relative."""
    return bool(_SAFE.match(url)) and not _SKIPPED.search(url)


def anchor(link: Link) -> Anchor:
    """A link whose address can run nothing. Spaces in an address are written as browsers do."""
    url = link.url.strip().replace(" ", "%20")
    return Anchor(link.title or url, url if is_safe(url) else "", link.new_tab)


def safe(links: Iterable[Link]) -> list[Anchor]:
    """Those that lead anywhere."""
    return [link for link in map(anchor, links) if link.href]


def menu(anchors: Sequence[Anchor]) -> str:
    """What the page's script makes a menu of, if a value has several links: `data-links`."""
    if len(anchors) < 2:
        return ""
    listed = [[link.title, link.href, link.new_tab] for link in anchors]
    return json.dumps(listed, ensure_ascii=False)
