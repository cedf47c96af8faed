"""The names in a tree of git, which anybody may have made: git checks them only on checkout."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

__all__ = ["refusals", "shown"]

LONGEST_NAME, LONGEST_PATH = 255, 4095
"""The most bytes of a name and of a path: Linux's NAME_MAX and PATH_MAX."""


def refusals(files: Iterable[str], folders: Collection[str] = ()) -> list[str]:
    """List the invalid names in a tree, with reasons; empty if git would check it out.

    `files` are the paths of files and links, `folders` those of trees. Names that differ only in
    case are invalid as well: some file systems treat them as one name.
    """
    known = set(folders)
    seen: dict[str, str] = {}
    reasons = []
    for path in (*files, *folders):
        above, slash, _ = path.rpartition("/")
        reason = _misnamed(path) or (
            "has a slash in its name" if slash and above not in known else ""
        )
        if other := seen.get(path.casefold()):
            reason = reason or (
                "is there twice" if other == path else f"differs from '{shown(other)}' only in case"
            )
        seen[path.casefold()] = path
        if reason:
            reasons.append(f"'{shown(path)}' {reason}")
    return reasons


def _misnamed(path: str) -> str:
    """What is wrong with a path; empty if nothing is."""
    if len(os.fsencode(path)) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} bytes"
    for name in path.split("/"):
        if name in ("", ".", "..") or "\0" in name:
            return "leads out of the project"
        if name.casefold() in (".git", "git~1"):
            return "is git's own"
        if len(os.fsencode(name)) > LONGEST_NAME:
            return f"has a name of more than {LONGEST_NAME} bytes"
    return ""


def shown(path: str) -> str:
    """A path as a message shows it: shortened, and without characters that a terminal obeys."""
    text = "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in path
    )
    return text if len(text) <= 80 else f"{text[:77]}..."
