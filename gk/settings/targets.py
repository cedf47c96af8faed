"""The versions of Grafana that a project is built for, and what each has.

docs/targets.md has the table of gk's features by version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = [
    "NATURAL_ORDER",
    "NEWEST",
    "OLDEST",
    "PART_VARIABLES",
    "SCHEMA_V2",
    "STABLE_V2",
    "SWITCH_VARIABLE",
    "Form",
    "Targets",
    "Version",
    "version_mistake",
    "version_of",
]

Form = Literal["classic", "v2"]
"""The schema in which dashboards are built."""


class Version(NamedTuple):
    """A version of Grafana without its patch: 12.4."""

    major: int
    minor: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


OLDEST = Version(9, 3)
NEWEST = Version(13, 3)
"""The last version whose documentation gk's facts are from."""

# grafana/grafana, apps/dashboard/kinds, and @grafana/schema of each version.
NATURAL_ORDER = Version(10, 3)
"""Of the values of a variable: `node-2` before `node-10`."""
SWITCH_VARIABLE = Version(12, 3)
SCHEMA_V2 = Version(12, 4)
"""As dashboard.grafana.app/v2beta1, in files, too."""
STABLE_V2 = Version(13, 0)
"""As dashboard.grafana.app/v2."""
PART_VARIABLES = Version(13, 0)
"""Variables of rows and tabs, in v2beta1, too."""

_VERSION = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,3})(?:\.[0-9]{1,3})?)?")


@dataclass(frozen=True)
class Targets:
    """The versions that the output has to work on, in order; without any, all that gk knows."""

    given: tuple[Version, ...] = ()

    @classmethod
    def of(cls, versions: Iterable[Version]) -> Targets:
        """The targets of these versions, in any order."""
        return cls(tuple(sorted(set(versions))))

    @property
    def versions(self) -> tuple[Version, ...]:
        """The oldest first."""
        return self.given or (OLDEST, NEWEST)

    @property
    def newest(self) -> Version | None:
        """The newest of those that a project names."""
        return self.given[-1] if self.given else None

    def have(self, since: Version) -> bool:
        """Whether all of them have what Grafana has since a version."""
        return self.versions[0] >= since

    def lacking(self, since: Version) -> str:
        """The versions before `since` as words: `Grafana 11.6`; empty if there is none."""
        if not self.given:
            return "" if self.have(since) else f"Grafana {OLDEST} to {NEWEST.major}"
        older = [str(version) for version in self.given if version < since]
        return f"Grafana {' and '.join(older)}" if older else ""

    @property
    def v2(self) -> str:
        """The version of schema v2 that all of them load."""
        return "v2" if self.have(STABLE_V2) else "v2beta1"


def version_of(text: str) -> Version:
    """The version in a text that `version_mistake` accepts."""
    match = _VERSION.fullmatch(text)
    return Version(int(match[1]), int(match[2] or 0)) if match else OLDEST


def version_mistake(text: str) -> str:
    """What is wrong with a version of Grafana; empty if nothing is."""
    if not _VERSION.fullmatch(text):
        return f"'{text}' is not a version of Grafana, such as \"12.4\""
    if version_of(text) < OLDEST:
        return f"gk builds for Grafana {OLDEST} and later"
    return ""
