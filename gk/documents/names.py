"""Uids: which ones Grafana accepts, and how gk makes them from titles; titles of rules."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["MAX_UID", "is_uid", "rule_name", "rule_title", "slug"]

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


def rule_title(name: str, severity: str) -> str:
    """The title in Grafana of an alert whose name another one in its folder has.

    Grafana before 12 takes a title once in a folder; Prometheus's alerts of one name differ by
    their severity, so that the critical one inhibits the warning.
    """
    return f"{name} ({severity})"


def rule_name(title: str, severity: str) -> str:
    """The name of the alert that has a title in Grafana."""
    return title.removesuffix(f" ({severity})") if severity else title
