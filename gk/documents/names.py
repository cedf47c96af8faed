"""Uids: which ones Grafana accepts, and how gk makes them from titles."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["MAX_UID", "is_uid", "slug"]

MAX_UID = 40
"""Grafana refuses longer uids of dashboards, folders and rules, and since 12.0 of data sources
(grafana issue 102192)."""

_UID = re.compile(r"[A-Za-z0-9_-]{1,%d}" % MAX_UID)  # noqa: UP031 - braces of the regex


def is_uid(text: str) -> bool:
    """Whether every version of Grafana accepts `text` as a uid."""
    return _UID.fullmatch(text) is not None


def slug(text: str) -> str:
    """Make a uid of `text`: the same for the same text, and at most 40 characters."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")
    if plain and len(plain) <= MAX_UID and len(ascii_text) >= len(text):
        return plain
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{plain[: MAX_UID - 9].rstrip('-')}-{digest}".lstrip("-")
