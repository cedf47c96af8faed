"""With which data gk preview, gk diff and gk watch draw dashboards: the options, and what they
mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from gk.cli.asking import Asking, assignments
from gk.cli.console import bar, progress, write_file

if TYPE_CHECKING:
    from gk.check.live.asking import Limits
    from gk.documents.shapes import Json
    from gk.preview.asking import Preview
    from gk.preview.asking.records import RecordFile
    from gk.prometheus import Prometheus
    from gk.resource import Resource
    from gk.settings import Settings
    from gk.settings.targets import Version

__all__ = ["BUDGET", "Draw", "Drawing", "drawing_options", "refuse_folders"]

Command = TypeVar("Command", bound=Callable[..., Any])

BUDGET = 600
"""Seconds for all queries together."""


def drawing_options(command: Command) -> Command:
    """The options of `Drawing`, without --context: commands have other words for that."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_file = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option(
        "--prometheus",
        "url",
        metavar="URL",
        help="The URL of a Prometheus, or of a server with its API. Default: that of the context.",
    ),
    click.option(
        "--loki",
        metavar="URL",
        help="The URL of a Loki, for panels of logs. Without it, gk leaves their queries out.",
    ),
    click.option(
        "--series",
        metavar="FILE",
        type=_file,
        help="Draw the series in FILE (promtool's notation) instead of asking a server. The same "
        "series give the same pictures. Needs the program prometheus.",
    ),
    click.option(
        "--replay",
        metavar="FILE",
        type=_file,
        help="Draw the answers that --record saved in FILE instead of asking a server.",
    ),
    click.option(
        "--record",
        metavar="FILE",
        type=_file,
        help="Save all answers to FILE, compressed if its name ends in .gz.",
    ),
    click.option(
        "--from",
        "start",
        metavar="TIME",
        default="",
        help="The start of the time range: now-1h, 2026-01-31T12:00:00Z, or milliseconds. Default: "
        "that of the dashboard.",
    ),
    click.option("--to", "end", metavar="TIME", default="", help="The end of the time range."),
    click.option(
        "--var",
        "--variable",
        "variables",
        metavar="NAME=VALUE",
        multiple=True,
        help="Set a variable of the dashboards. Default: the value that the dashboard opens with. "
        "May be repeated, also for several values of one variable.",
    ),
)


class Draw(Protocol):
    """Draws dashboards of a project, all with the same data."""

    def __call__(
        self,
        shown: Sequence[Resource],
        resources: Sequence[Resource],
        shows: Callable[[Json], bool] | None = None,
    ) -> Preview:
        """Draw the dashboards `shown` of a project with `resources`: the panels that `shows`
        takes."""


@dataclass(frozen=True)
class Drawing:
    """With which data to draw: a server's, or series or a record in its place; over which range,
    with which variables. Raises UsageError or ConfigError for what cannot be."""

    context: str | None = None
    url: str | None = None
    loki: str | None = None
    series: Path | None = None
    replay: Path | None = None
    record: Path | None = None
    start: str = ""
    end: str = ""
    variables: Sequence[str] = ()
    workers: int | None = None
    budget: int = BUDGET

    def __post_init__(self) -> None:
        given = {
            "--prometheus or --context": self.url or self.context,
            "--series": self.series,
            "--replay": self.replay,
        }
        if len(several := [name for name, value in given.items() if value]) > 1:
            raise click.UsageError(f"choose one of {' and '.join(several)}")
        if self.replay and self.record:
            raise click.UsageError("--replay has what --record would write; leave out --record")
        _values(self.variables)
        _refuse_times(self.start, self.end)
        refuse_folders(self.record)

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Draw]:
        """Draw with the data, which are the same each time; keep them at the end if that is
        wanted."""
        from gk import __version__
        from gk.check.live.asking import Asker
        from gk.preview.asking import Wanted, preview
        from gk.preview.asking.records import written_record
        from gk.preview.model import DRAWN

        with self._source(settings) as source:
            kept = self._kept(source)
            loki = self._loki(source)
            for server in (source.prometheus, loki):
                if self.record and server is not None:
                    server.record = kept.record
            asker = Asker(source.prometheus, source.limits, source.now, keeps_data=True)
            wanted = Wanted(
                start=kept.start,
                end=kept.end,
                chosen=kept.variables,
                interval=kept.interval,
                grafana=settings.grafana_url,
                version=source.version or settings.targets.newest or DRAWN,
                loki=loki,
            )

            def draw(
                shown: Sequence[Resource],
                resources: Sequence[Resource],
                shows: Callable[[Json], bool] | None = None,
            ) -> Preview:
                return preview(shown, resources, asker, replace(wanted, shows=shows), bar)

            yield draw
            if self.record:
                packed = written_record(kept, __version__, is_packed=self.record.suffix == ".gz")
                write_file(self.record, packed)

    def _loki(self, source: _Source) -> Prometheus | None:
        """The Loki that is named, or the one of a record."""
        from gk.errors import ConfigError
        from gk.http.urls import url_mistake
        from gk.prometheus import Prometheus
        from gk.prometheus.loki import PATH

        if source.chosen is not None:
            return source.prometheus if source.chosen.record.has(PATH) else None
        if not self.loki:
            return None
        if mistake := url_mistake(self.loki, "gk has no use for them here"):
            raise ConfigError(f"--loki {mistake}")
        return Prometheus(self.loki, source.limits.timeout, noun="Loki")

    def _kept(self, source: _Source) -> RecordFile:
        """What a record says: the range and the variables of the one that is replayed, unless
        others are given."""
        from gk.preview.asking.records import RecordFile
        from gk.prometheus.records import Record

        kept = source.chosen or RecordFile(Record(), source.now, interval=source.interval)
        if self.start or self.end:
            kept = replace(kept, start=self.start, end=self.end)
        return replace(kept, variables={**kept.variables, **_values(self.variables)})

    @contextmanager
    def _source(self, settings: Settings) -> Iterator[_Source]:
        import time

        if self.series:
            yield from _of_series(self.series, self.budget)
        elif self.replay:
            yield _of_record(self.replay, self.budget)
        else:
            asking = Asking(self.context, self.url, self.workers, self.budget)
            version = asking.target(settings).version
            with asking.opened(settings) as (prometheus, limits):
                # With as many decimals as Prometheus reads, so that a replay asks the same.
                yield _Source(prometheus, limits, round(time.time(), 3), version=version)


@dataclass(frozen=True)
class _Source:
    """What answers: a server or what stands for one, at what time, and how much it is asked.
    `interval` is that of its samples in milliseconds, if it is known; `chosen` is what a record was
    made with, and `version` that of the Grafana beside the server, if gk.yaml has it."""

    prometheus: Prometheus
    limits: Limits
    now: float
    interval: int = 0
    chosen: RecordFile | None = None
    version: Version | None = None


def _of_series(path: Path, budget: int) -> Iterator[_Source]:
    from gk.check.live.asking import Limits
    from gk.errors import ConfigError
    from gk.preview.asking.series import read_series
    from gk.prometheus.throw_away import PROGRAM, ThrowAway, is_installed

    file = read_series(path)
    if not is_installed():
        raise ConfigError(f"--series needs the program {PROGRAM}, which is not installed")
    with progress(f"starting {PROGRAM}"):
        server = ThrowAway(file.series, file.interval, at=file.time)
    with server:
        yield _Source(server, Limits(budget=budget), file.time, server.interval)


def _of_record(path: Path, budget: int) -> _Source:
    from gk.check.live.asking import Limits
    from gk.preview.asking.records import read_record
    from gk.prometheus.replayed import Replayed

    kept = read_record(path)
    prometheus = Replayed(kept.record, f"the record {path.name}")
    return _Source(prometheus, Limits(budget=budget), kept.now, kept.interval, kept)


# Mistakes in options


def _values(given: Sequence[str]) -> Mapping[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in assignments("--var", given):
        values.setdefault(name, []).append(value)
    return values


def _refuse_times(start: str, end: str) -> None:
    from gk.errors import ConfigError
    from gk.prometheus.macros import moment

    for option, given in (("--from", start), ("--to", end)):
        try:
            # Any moment does for `now`: only the form is tried.
            is_time = not given or moment(given, 1e9) is not None
        except (ValueError, OverflowError, OSError):
            is_time = False
        if not is_time:
            raise ConfigError(
                f"{option} '{given}' is not a time; write now-1h, 2026-01-31T12:00:00Z or "
                "milliseconds"
            )


def refuse_folders(*files: Path | None) -> None:
    """Fail before anything is asked. Raises ConfigError for a file in a folder that is not
    there."""
    from gk.errors import ConfigError

    for file in files:
        if file is not None and not file.parent.is_dir():
            raise ConfigError(f"folder '{file.parent}' does not exist")
