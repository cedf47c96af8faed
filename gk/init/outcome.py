"""What became of a file."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["Outcome", "State"]


class State(enum.Enum):
    """What gk did with a file, and why."""

    CREATED = "created"
    SAME = "same"
    """It was there, with this content."""
    KEPT = "kept"
    """It was there with other content, and gk left it."""
    IN_THE_WAY = "in the way"
    """The same, in the place of a file that gk should bring."""
    UPDATED = "updated"
    """Nobody had edited it."""
    MERGED = "merged"
    """It has the team's edits and gk's."""
    CONFLICT = "conflict"
    """Both changed the same lines; both versions are in it, between markers."""
    UNRESOLVED = "unresolved"
    """It has the markers of an earlier conflict, so gk left it."""
    DELETED = "deleted"
    """The team deleted it, so gk did not bring it back."""
    DROPPED = "dropped"
    """gk no longer ships it; it stays."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file, relative to the repository, and what became of it."""

    path: str
    state: State
