"""Begins a repository of a team, and brings this repository's own dashboards and alerts into it.

    repository      the files of a new repository
    sets            the definitions that ship with gk, by name
    bring           both, written where nothing is in the way
    update          newer versions of what was brought, merged with a team's own edits

What is brought belongs to the team, which edits it like its own definitions. gk keeps a copy of
what it brought in .gk/brought, so that it can tell later what the team changed.
"""

from __future__ import annotations

from gk.init.brought import bring, create, sets_in, update
from gk.init.outcome import Outcome, State
from gk.init.repository import repository
from gk.init.sets import ALL, RUNBOOKS, SETS, elsewhere, files_of
from gk.init.surroundings import FORGES, Surroundings, look_around, project_name

__all__ = [
    "ALL",
    "FORGES",
    "RUNBOOKS",
    "SETS",
    "Outcome",
    "State",
    "Surroundings",
    "bring",
    "create",
    "elsewhere",
    "files_of",
    "look_around",
    "project_name",
    "repository",
    "sets_in",
    "update",
]
