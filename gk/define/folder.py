"""Folders that have a uid of their own, or say who may do what in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from gk.define.arguments import checked
from gk.define.place import caller
from gk.errors import Source, did_you_mean

__all__ = ["DEFINITIONS", "Folder", "folder"]

Right: TypeAlias = Literal["view", "edit", "admin"]
ROLES = ("Viewer", "Editor")
"""The roles that a folder's permissions may name; an Admin may do everything anyway."""


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder, and the permissions of the roles, teams and users that it names; None without
    any."""

    title: str
    uid: str
    permissions: Mapping[str, Right] | None
    source: Source


@checked
def folder(title: str, *, uid: str = "", permissions: Mapping[str, Right] | None = None) -> Folder:
    """The folder with this title (`Kubernetes/Nodes` is in Kubernetes), and who may do what in it.
    A slash that is part of a name has a backslash before it.

    The keys of `permissions` are roles (`Viewer`, `Editor`), teams (`team:SRE`) and users
    (`user:ada`, by their login); the values are `view`, `edit` and `admin`. Whoever is not in it
    loses what they had, apart from administrators, service accounts and the account that pushes.
    `uid` is for a folder that Grafana has already; the default is made from the title.
    """
    for who, right in (permissions or {}).items():
        kind, separator, name = who.partition(":")
        if who not in ROLES and not (kind in ("team", "user") and separator and name.strip()):
            hint = did_you_mean(who, ROLES)
            raise ValueError(
                f"folder(): '{who}' is neither a role (Viewer, Editor) nor team:NAME nor user:LOGIN"
                f"{hint}"
            )
        if right not in get_args(Right):
            raise ValueError(
                f"folder(): the permission of '{who}' is '{right}'; write view, edit or admin"
            )
    own = None if permissions is None else dict(permissions)
    return Folder(title, uid, own, caller())


DEFINITIONS = (Folder,)
