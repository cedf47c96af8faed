"""Uids: which ones Grafana accepts, and how gk makes them from titles; titles of rules; paths of
folders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

__all__ = [
    "MAX_UID",
    "folder_names",
    "folder_path",
    "is_uid",
    "rule_name",
    "rule_title",
    "slug",
]

MAX_UID = 40
"""Grafana refuses longer uids of dashboards, folders and rules, and since 12.0 of data sources
(grafana issue 102192)."""

_UID = re.compile(r"[A-Za-z0-9_-]{1,%d}" % MAX_UID)  # noqa: UP031 - braces of the regex
_SEPARATOR = re.compile(r"(?<!\\)/")


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


def folder_names(path: str) -> tuple[str, ...]:
    """The names in the path of a folder: of those that it is in, and its own.

    `Kubernetes/Nodes` is Nodes in Kubernetes. A slash of a name has a backslash before it, as in
    Grafana's own paths (SplitFullpath in pkg/services/folder/folderimpl).
    """
    return tuple(part.replace("\\/", "/").strip() for part in _SEPARATOR.split(path))


def folder_path(names: Iterable[str]) -> str:
    """The path of a folder of these names."""
    return "/".join(name.replace("/", "\\/") for name in names)


def rule_title(name: str, severity: str) -> str:
    """The title in Grafana of an alert whose name another one in its folder has.

    Grafana before 12 takes a title once in a folder; Prometheus's alerts of one name differ by
    their severity, so that the critical one inhibits the warning.
    """
    return f"{name} ({severity})"


def rule_name(title: str, severity: str) -> str:
    """The name of the alert that has a title in Grafana."""
    return title.removesuffix(f" ({severity})") if severity else title
