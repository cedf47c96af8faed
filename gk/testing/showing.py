"""Shows a panel of a dashboard with the data of a Prometheus, as Grafana would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.check.live.asking import Asker, Limits
from gk.documents.parts import dicts, path
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.errors import ConfigError, GkError, did_you_mean
from gk.preview.asking.run import Wanted, preview
from gk.preview.model import Board, Section, Shown
from gk.project import Project
from gk.prometheus import Prometheus
from gk.prometheus.macros import moment
from gk.resource import Kind, Resource
from gk.testing.asking import compiled
from gk.testing.panels import Panel

__all__ = ["Look", "dashboard_of"]


def dashboard_of(what: Any, project: Project, resources: Sequence[Resource]) -> Resource:
    """The dashboard that a test means: by its uid or its title, itself, or that of a definition. A
    panel or a snippet is a dashboard of its own. Raises ConfigError if there is none."""
    if isinstance(what, Resource):
        return what
    known = [resource for resource in resources if resource.kind is Kind.DASHBOARD]
    if not isinstance(what, str):
        place = next(
            (definition.source for definition in project.definitions if definition.value is what),
            None,
        )
        defined = (definition for definition in known if definition.source == place)
        return next(defined, None) or compiled(what, project)
    if named := [resource for resource in known if what in (resource.uid, resource.title)]:
        return named[0]
    hint = did_you_mean(
        what, [name for resource in known for name in (resource.uid, resource.title)]
    )
    raise ConfigError(f"there is no dashboard '{what}'{hint}")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a test looks at a dashboard: with the data of `server` at a time, in seconds since 1970,
    and with `interval` milliseconds between samples, if that is known; with values of variables,
    and over a time range other than the dashboard's (`now-1h`, ISO 8601, milliseconds).
    `resources` are those of the project.
    """

    server: Prometheus
    now: float
    interval: int = 0
    variables: Mapping[str, str | Sequence[str]]
    start: str = ""
    end: str = ""
    resources: Sequence[Resource] = ()

    def at(self, dashboard: Resource, title: str) -> Panel:
        """The panel with a title, as it is written or as it is shown; the only one of a dashboard
        needs none. Raises ConfigError for what is not there, and GkError if Prometheus does not
        answer all queries."""
        self._refuse(dashboard)
        seen: list[str] = []

        def is_named(panel: Json) -> bool:
            seen.append(str(panel.get("title") or ""))
            return title in ("", seen[-1])

        board = self._board(dashboard, is_named)
        panels = list(_panels(board.sections))
        if not panels and title not in seen:
            # Its title may have the value of a variable in it.
            board = self._board(dashboard, lambda panel: "$" in str(panel.get("title")))
            shown = list(_panels(board.sections))
            panels = [panel for panel in shown if panel.title == title]
            seen += [panel.title for panel in shown]
        return Panel(board.title, _one(panels, title, board.title, seen))

    def _board(self, dashboard: Resource, shows: Callable[[Json], bool]) -> Board:
        asker = Asker(self.server, Limits(), self.now, keeps_data=True)
        wanted = Wanted(
            start=self.start,
            end=self.end,
            chosen=self.variables,
            shows=shows,
            interval=self.interval,
        )
        shown = preview([dashboard], [dashboard, *self.resources], asker, wanted)
        if shown.unanswered:
            raise GkError("\n".join(shown.unanswered))
        (board,) = shown.boards
        return board

    def _refuse(self, dashboard: Resource) -> None:
        """Raises ConfigError for variables that the dashboard does not have, and for what is no
        time."""
        listed = dicts(path(as_classic(dashboard.body), "templating"), "list")
        names = [str(variable.get("name")) for variable in listed]
        for name in self.variables:
            if name not in names:
                hint = did_you_mean(name, names)
                raise ConfigError(f"dashboard '{dashboard.title}' has no variable ${name}{hint}")
        for name, given in (("start", self.start), ("end", self.end)):
            if given and _moment(given, self.now) is None:
                example = "now-1h, 2026-01-31T12:00:00Z or milliseconds"
                raise ConfigError(f"{name} '{given}' is not a time; write {example}")


def _moment(given: str, now: float) -> float | None:
    try:
        return moment(given, now)
    except (ValueError, OverflowError, OSError):
        return None


def _panels(sections: Sequence[Section]) -> Iterator[Shown]:
    for section in sections:
        yield from (placed.panel for placed in section.panels)
        yield from _panels(section.sections)


def _one(panels: Sequence[Shown], title: str, dashboard: str, seen: Sequence[str]) -> Shown:
    """The panel that is meant. Raises ConfigError unless there is exactly one."""
    if len(panels) == 1:
        return panels[0]
    titles = list(dict.fromkeys(panel.title for panel in panels))
    if len(titles) > 1:
        listed = ", ".join(f"'{title}'" for title in titles)
        raise ConfigError(f"dashboard '{dashboard}' shows several panels; name one of {listed}")
    if panels:
        raise ConfigError(
            f"dashboard '{dashboard}' shows {len(panels)} panels '{titles[0]}'; choose one value "
            "of the variable that repeats them with variables=, or give them titles of their own"
        )
    if title in seen:
        raise ConfigError(f"dashboard '{dashboard}' does not show '{title}': its rules hide it")
    hint = did_you_mean(title, dict.fromkeys(filter(None, seen)))
    raise ConfigError(f"dashboard '{dashboard}' has no panel '{title}'{hint}")
