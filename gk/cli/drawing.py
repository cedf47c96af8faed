"""The options by which dashboards are drawn with data: what answers their queries, over which time,
and how much it is asked. gk preview has them, and what else draws."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gk.cli.asking import Asking
from gk.cli.console import bar, progress, write_file
from gk.cli.server import complete_context

if TYPE_CHECKING:
    from gk.check.live.asking import Asker
    from gk.preview.asking import Preview, Wanted
    from gk.preview.asking.records import RecordFile
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["Drawing", "Source", "drawing_options"]

_FILE = click.Path(path_type=Path, dir_okay=False)


def drawing_options(
    prefix: str = "", *, has_context: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options; the command gets a `drawing`. `prefix` begins their help, such as `With
    --preview: `. A command that `has_context` has --context itself, and passes that on."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*arguments: Any, **options: Any) -> None:
            given = {name: options.pop(name) for name in _NAMES if name in options}
            if has_context:
                given["context"] = options.get("context_name")
            elif given["context"] and (given["series"] or given["replay"]):
                raise click.UsageError("--context is for a server; leave it out")
            variables = _values(given.pop("variables"))
            command(*arguments, drawing=Drawing(**given, variables=variables), **options)

        decorated: Callable[..., None] = run
        for add in reversed(_options(prefix, has_context=has_context)):
            decorated = add(decorated)
        return decorated

    return decorate


_NAMES = (
    "context",
    "url",
    "series",
    "replay",
    "record",
    "start",
    "end",
    "variables",
    "workers",
    "budget",
)


def _options(prefix: str, *, has_context: bool) -> list[Callable[..., Any]]:
    def help_(text: str) -> str:
        return f"{prefix}{text[:1].lower()}{text[1:]}" if prefix else text

    of_context = click.option(
        "--context",
        "context",
        metavar="NAME",
        shell_complete=complete_context,
        help=help_("The context of gk.yaml that names the Prometheus. Default: the only one."),
    )
    return [
        *([] if has_context else [of_context]),
        click.option(
            "--prometheus",
            "url",
            metavar="URL",
            help=help_("The Prometheus, or a server with its API, instead of that of a context."),
        ),
        click.option(
            "--series",
            metavar="FILE",
            type=_FILE,
            help=help_(
                "Instead of a server: series in promtool's notation. The same ones give the same "
                "page. Needs the program prometheus."
            ),
        ),
        click.option(
            "--replay",
            metavar="FILE",
            type=_FILE,
            help=help_("Instead of a server: the answers that --record kept."),
        ),
        click.option(
            "--record",
            metavar="FILE",
            type=_FILE,
            help=help_("Keep all answers in FILE, compressed if it ends in .gz."),
        ),
        click.option(
            "--from",
            "start",
            metavar="TIME",
            default="",
            help=help_(
                "Where the time range begins: now-1h, 2026-01-31T12:00:00Z, or milliseconds. "
                "Default: as the dashboard has it."
            ),
        ),
        click.option(
            "--to", "end", metavar="TIME", default="", help=help_("Where the time range ends.")
        ),
        click.option(
            "--var",
            "--variable",
            "variables",
            metavar="NAME=VALUE",
            multiple=True,
            help=help_(
                "A value of a dashboard's variable, instead of the one that it opens with. May be "
                "repeated, also for several values of one variable."
            ),
        ),
        click.option(
            "--workers",
            metavar="NUMBER",
            type=click.IntRange(1, 64),
            help=help_(
                "How many queries run at the same time. Default: workers of the context, or 8."
            ),
        ),
        click.option(
            "--budget",
            metavar="SECONDS",
            type=click.IntRange(min=1),
            default=600,
            show_default=True,
            help=help_("The limit for all queries together; what is left over is not drawn."),
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What answers, over which time, with which values of variables, and how much it is asked.

    Raises UsageError or ConfigError for options that exclude each other, or cannot be read.
    """

    context: str | None = None
    url: str | None = None
    series: Path | None = None
    replay: Path | None = None
    record: Path | None = None
    start: str = ""
    end: str = ""
    variables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    workers: int | None = None
    budget: int = 600

    def __post_init__(self) -> None:
        given = {
            "--prometheus": self.url,
            "--series": self.series,
            "--replay": self.replay,
        }
        if len(several := [name for name, value in given.items() if value]) > 1:
            raise click.UsageError(f"choose one of {' and '.join(several)}")
        if self.replay and self.record:
            raise click.UsageError("--replay has what --record would write; leave out --record")
        _refuse_times(self.start, self.end)
        _refuse_folder(self.record)

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Source]:
        """What answers, for all dashboards that are to be drawn; at the end, --record is
        written."""
        with self._opened(settings) as source:
            yield source
            if self.record:
                source.keep(self.record)

    @contextmanager
    def _opened(self, settings: Settings) -> Iterator[Source]:
        import time

        if self.series:
            yield from self._of_series(self.series)
        elif self.replay:
            yield self._of_record(self.replay)
        else:
            from gk.check.live.asking import Asker

            asking = Asking(self.context, self.url, self.workers, self.budget)
            with asking.opened(settings) as (prometheus, limits):
                # With as many decimals as Prometheus reads.
                now = round(time.time(), 3)
                yield self._source(Asker(prometheus, limits, now, keeps_data=True))

    def _of_series(self, path: Path) -> Iterator[Source]:
        from gk.check.live.asking import Asker
        from gk.errors import ConfigError
        from gk.preview.asking.series import read_series
        from gk.prometheus.throw_away import PROGRAM, ThrowAway, is_installed

        found = read_series(path)
        if not is_installed():
            raise ConfigError(f"--series needs the program {PROGRAM}, which is not installed")
        with progress(f"starting {PROGRAM}"):
            server = ThrowAway(found.series, found.interval, at=found.time)
        with server:
            asker = Asker(server, self._limits, found.time, keeps_data=True)
            yield self._source(asker, server.interval)

    def _of_record(self, path: Path) -> Source:
        from gk.check.live.asking import Asker
        from gk.preview.asking.records import read_record
        from gk.prometheus.records import Replayed

        kept = read_record(path)
        replayed = Replayed(kept.record, f"the record {path.name}")
        asker = Asker(replayed, self._limits, kept.now, keeps_data=True)
        if self.start or self.end:
            kept = replace(kept, start=self.start, end=self.end)
        return Source(asker, replace(kept, variables={**kept.variables, **self.variables}))

    @property
    def _limits(self) -> Any:
        from gk.check.live.asking import Limits

        return Limits(self.workers or 8, budget=self.budget)

    def _source(self, asker: Asker, interval: int = 0) -> Source:
        from gk.preview.asking.records import RecordFile
        from gk.prometheus.records import Record

        record = Record()
        if self.record:
            asker.prometheus.record = record
        kept = RecordFile(record, asker.now, self.start, self.end, self.variables, interval)
        return Source(asker, kept)


@dataclass(frozen=True, eq=False)
class Source:
    """What answers: a server, or series or a record in its place. Each different question is asked
    once, whatever is drawn."""

    asker: Asker
    kept: RecordFile

    def preview(
        self,
        shown: Sequence[Resource],
        resources: Sequence[Resource],
        settings: Settings,
        wanted: Wanted | None = None,
    ) -> Preview:
        """The dashboards `shown`, which are of a project with `resources`. `wanted` is for what no
        option says."""
        from gk.preview.asking import Wanted, preview

        chosen = replace(
            wanted or Wanted(),
            start=self.kept.start,
            end=self.kept.end,
            chosen=self.kept.variables,
            interval=self.kept.interval,
            grafana=settings.grafana_url,
        )
        return preview(shown, resources, self.asker, chosen, bar)

    def keep(self, path: Path) -> None:
        """Write the record of all answers so far."""
        from gk import __version__
        from gk.preview.asking.records import written_record

        packed = path.suffix == ".gz"
        write_file(path, written_record(self.kept, __version__, is_packed=packed))


# Mistakes in options


def _values(given: Sequence[str]) -> dict[str, list[str]]:
    from gk.errors import ConfigError

    if wrong := next((each for each in given if not re.match(r"\w+=", each)), None):
        raise ConfigError(f"--var '{wrong}': write NAME=VALUE")
    found: dict[str, list[str]] = {}
    for name, _, value in (each.partition("=") for each in given):
        found.setdefault(name, []).append(value)
    return found


def _refuse_times(start: str, end: str) -> None:
    from gk.errors import ConfigError
    from gk.prometheus.macros import moment

    for option, given in (("--from", start), ("--to", end)):
        try:
            is_time = not given or moment(given, 1e9) is not None
        except (ValueError, OverflowError, OSError):
            is_time = False
        if not is_time:
            raise ConfigError(
                f"{option} '{given}' is not a time; write now-1h, 2026-01-31T12:00:00Z or "
                "milliseconds"
            )


def _refuse_folder(file: Path | None) -> None:
    """Fail before anything is asked."""
    from gk.errors import ConfigError

    if file is not None and not file.parent.is_dir():
        raise ConfigError(f"--record: folder '{file.parent}' does not exist")
