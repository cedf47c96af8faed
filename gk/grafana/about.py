"""A Grafana, and the account that gk uses there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RESOURCE_API_SINCE", "About"]

NESTED_SINCE = (11, 0)
UNIQUE_TITLES_UNTIL = (11, 3)
UNIQUE_LIBRARY_NAMES_UNTIL = (12,)
RESOURCE_API_SINCE = (12,)
SLASHES_BELOW_A_PATH_SINCE = (10,)
SHOWS_V2_SINCE = (13,)


@dataclass(frozen=True, slots=True)
class About:
    """A Grafana, and the account that gk uses there. `version` is empty if Grafana hides it."""

    version: str
    database: str
    organization: str
    login: str

    @property
    def number(self) -> tuple[int, ...]:
        """The version to compare with others; a hidden one counts as the newest."""
        numbers = self.version.split("-")[0].split("+")[0].split(".")[:3]
        return (
            tuple(int(number) for number in numbers) if all(map(str.isdecimal, numbers)) else (999,)
        )

    @property
    def has_nested_folders(self) -> bool:
        """Whether folders may be in folders, without a feature toggle."""
        return self.number >= NESTED_SINCE

    @property
    def has_unique_titles(self) -> bool:
        """Whether titles are unique in a folder."""
        return self.number < UNIQUE_TITLES_UNTIL

    @property
    def has_unique_library_names(self) -> bool:
        """Whether the name of a library panel is unique in a folder."""
        return self.number < UNIQUE_LIBRARY_NAMES_UNTIL

    @property
    def needs_a_toggle_for_v2(self) -> bool:
        """Whether only a feature toggle lets Grafana's pages show dashboards of schema v2."""
        return self.number < SHOWS_V2_SINCE

    @property
    def finds_slashes_below_a_path(self) -> bool:
        """Whether Grafana finds a name with a slash if its URL has a path."""
        return self.number >= SLASHES_BELOW_A_PATH_SINCE
