"""gk preview."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.asking import Asking
from gk.cli.console import (
    FAILED,
    SAME,
    bar,
    environment_option,
    print_,
    progress,
    project_option,
    root_of,
    say,
    write_file,
)
from gk.cli.server import complete_context

if TYPE_CHECKING:
    from gk.check.live.asking import Limits
    from gk.preview.asking import Preview, Wanted
    from gk.preview.asking.records import RecordFile
    from gk.prometheus import Prometheus
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["preview"]

_DOCUMENTS = (".json", ".yaml", ".yml")


def _complete_dashboard(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the uids of dashboards."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.project import load
    from gk.resource import Kind

    try:
        project = load(
            root_of(context.params.get("project")), context.params.get("environment", "")
        )
        names = [each.uid for each in compile(project) if each.kind is Kind.DASHBOARD]
    except GkError:
        # The command itself will report mistakes.
        return []
    return sorted(name for name in names if name.startswith(incomplete))


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=_complete_dashboard)
@project_option
@environment_option
@click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=complete_context,
    help="The context of gk.yaml that names the Prometheus. Default: the only one.",
)
@click.option(
    "--prometheus",
    "url",
    metavar="URL",
    help="The Prometheus, or a server with its API, instead of that of a context.",
)
@click.option(
    "--series",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Instead of a server: series in promtool's notation. The same ones give the same page. "
    "Needs the program prometheus.",
)
@click.option(
    "--replay",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Instead of a server: the answers that --record kept.",
)
@click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep all answers in FILE, compressed if it ends in .gz.",
)
@click.option(
    "--from",
    "start",
    metavar="TIME",
    default="",
    help="Where the time range begins: now-1h, 2026-01-31T12:00:00Z, or milliseconds. Default: as "
    "the dashboard has it.",
)
@click.option("--to", "end", metavar="TIME", default="", help="Where the time range ends.")
@click.option(
    "--var",
    "--variable",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="A value of a dashboard's variable, instead of the one that it opens with. May be "
    "repeated, also for several values of one variable.",
)
@click.option(
    "--workers",
    metavar="NUMBER",
    type=click.IntRange(1, 64),
    help="How many queries run at the same time. Default: workers of the context, or 8.",
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="The limit for all queries together; what is left over is not drawn.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("preview.html"),
    show_default=True,
    help="The page; - prints it.",
)
@click.pass_context
def preview(
    context: click.Context,
    names: tuple[str, ...],
    project: Path | None,
    environment: str,
    context_name: str | None,
    url: str | None,
    series: Path | None,
    replay: Path | None,
    record: Path | None,
    start: str,
    end: str,
    variables: tuple[str, ...],
    workers: int | None,
    budget: int,
    output: Path,
) -> None:
    """Draw dashboards with real data, without a Grafana.

    Writes one page that needs no network. NAME is the uid or the title of a dashboard of the
    project, or a file with an exported one; without NAME, all dashboards of the project are drawn.
    Each query is asked as Grafana would ask it. Where there are no data, the panel says why.

    \b
    gk preview shop --context prod               one dashboard, as it is now
    gk preview --prometheus http://localhost:9090 --from now-7d
    gk preview shop.json --var instance=a --var instance=b
    gk preview shop --series series.yaml         the same page each time
    gk preview shop --record shop.gz             later: gk preview shop --replay shop.gz

    \b
    Exit codes: 0 drawn, 2 gk could not run, or a query was not answered.
    """
    from gk.preview.page import html

    given = {
        "--prometheus or --context": url or context_name,
        "--series": series,
        "--replay": replay,
    }
    if len(several := [name for name, value in given.items() if value]) > 1:
        raise click.UsageError(f"choose one of {' and '.join(several)}")
    if replay and record:
        raise click.UsageError("--replay has what --record would write; leave out --record")
    chosen = _values(variables)
    _refuse_times(start, end)
    _refuse_folders(output, record)
    loaded = _loaded(names, project, environment)
    asking = Asking(context_name, url, workers, budget)
    with _source(asking, loaded.settings, series, replay) as source:
        made = _made(loaded, source, _Choice(start, end, chosen), record, asking)
    page = html(made.boards)
    if str(output) == "-":
        print_(page, sys.stdout)
    else:
        write_file(output, f"{page}\n".encode())
        say(f"{output} shows {_counted(made)}", "green")
    for text in made.unanswered:
        say(f"not answered: {text}", "red")
    context.exit(FAILED if made.unanswered else SAME)


def _counted(made: Preview) -> str:
    from gk.plurals import counted

    return counted(len(made.boards), "dashboard")


# What is drawn


@dataclass(frozen=True)
class _Loaded:
    """The dashboards to draw, everything beside them, and the project's settings."""

    shown: Sequence[Resource]
    resources: Sequence[Resource]
    settings: Settings


def _loaded(names: Sequence[str], project: Path | None, environment: str) -> _Loaded:
    from gk.errors import ConfigError
    from gk.settings import Settings

    files = [Path(name) for name in names if name.endswith(_DOCUMENTS) and Path(name).is_file()]
    of_project = [name for name in names if Path(name) not in files]
    read = [each for file in files for each in _read(file)]
    try:
        root = root_of(project)
    except ConfigError:
        if project or of_project or not files:
            raise
        return _Loaded(read, read, Settings())
    resources, settings = _compiled(root, environment)
    shown = [*_named(of_project, resources), *read] if names else _dashboards(resources)
    if not shown:
        raise ConfigError("the project has no dashboards to draw")
    return _Loaded(shown, [*resources, *read], settings)


def _read(file: Path) -> list[Resource]:
    """The dashboards in a file."""
    from gk.errors import ConfigError
    from gk.provisioning.read import read

    found = read(file)
    if found.problems:
        raise ConfigError(found.problems)
    if not (dashboards := _dashboards(found.resources)):
        raise ConfigError(f"{file} has no dashboard in it")
    return dashboards


def _compiled(root: Path, environment: str) -> tuple[list[Resource], Settings]:
    import gc

    from gk.compile import compile_once, workers
    from gk.project import load

    # As in gk build: the process is short, and its objects form few cycles.
    gc.disable()
    with progress("loading definitions"):
        loaded = load(root, environment)
    with workers(loaded) as ahead, progress("compiling"):
        return compile_once(loaded, ahead), loaded.settings


def _dashboards(resources: Sequence[Resource]) -> list[Resource]:
    from gk.resource import Kind

    return [each for each in resources if each.kind is Kind.DASHBOARD]


def _named(names: Sequence[str], resources: Sequence[Resource]) -> list[Resource]:
    from gk.errors import ConfigError, did_you_mean

    known = _dashboards(resources)
    found = []
    for name in names:
        own = [each for each in known if each.uid == name] or [
            each for each in known if each.title == name
        ]
        if not own:
            hint = did_you_mean(name, [word for each in known for word in (each.uid, each.title)])
            raise ConfigError(f"there is no dashboard '{name}'{hint}")
        found += own
    return list({each.key: each for each in found}.values())


# What is asked


@dataclass(frozen=True)
class _Choice:
    """The range and the values of variables that somebody chose."""

    start: str
    end: str
    variables: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Source:
    """What answers: a server or what stands for one, at what time, and how much it is asked.
    `interval` is that of its samples in milliseconds, if it is known; `chosen` is what a record was
    made with."""

    prometheus: Prometheus
    limits: Limits
    now: float
    interval: int = 0
    chosen: RecordFile | None = None


@contextmanager
def _source(
    asking: Asking, settings: Settings, series: Path | None, replay: Path | None
) -> Iterator[_Source]:
    import time

    if series:
        yield from _of_series(series, asking.budget)
    elif replay:
        yield _of_record(replay, asking.budget)
    else:
        with asking.opened(settings) as (prometheus, limits):
            # With as many decimals as Prometheus reads.
            yield _Source(prometheus, limits, round(time.time(), 3))


def _of_series(path: Path, budget: int) -> Iterator[_Source]:
    from gk.check.live.asking import Limits
    from gk.errors import ConfigError
    from gk.preview.asking.series import read_series
    from gk.prometheus.throw_away import PROGRAM, ThrowAway, is_installed

    found = read_series(path)
    if not is_installed():
        raise ConfigError(f"--series needs the program {PROGRAM}, which is not installed")
    with progress(f"starting {PROGRAM}"):
        server = ThrowAway(found.series, found.interval, at=found.time)
    with server:
        yield _Source(server, Limits(budget=budget), found.time, server.interval)


def _of_record(path: Path, budget: int) -> _Source:
    from gk.check.live.asking import Limits
    from gk.preview.asking.records import read_record
    from gk.prometheus.records import Replayed

    kept = read_record(path)
    prometheus = Replayed(kept.record, f"the record {path.name}")
    return _Source(prometheus, Limits(budget=budget), kept.now, kept.interval, kept)


def _made(
    loaded: _Loaded, source: _Source, choice: _Choice, record: Path | None, asking: Asking
) -> Preview:
    from gk import __version__
    from gk.check.live.asking import Asker
    from gk.preview.asking import preview
    from gk.preview.asking.records import RecordFile, written_record
    from gk.prometheus.records import Record

    kept = source.chosen or RecordFile(Record(), source.now, interval=source.interval)
    if choice.start or choice.end:
        kept = replace(kept, start=choice.start, end=choice.end)
    kept = replace(kept, variables={**kept.variables, **choice.variables})
    if record:
        source.prometheus.record = kept.record
    asker = Asker(source.prometheus, source.limits, source.now, keeps_data=True)
    made = preview(loaded.shown, loaded.resources, asker, _wanted(kept, loaded, asking), bar)
    if record:
        packed = written_record(kept, __version__, is_packed=record.suffix == ".gz")
        write_file(record, packed)
    return made


def _wanted(kept: RecordFile, loaded: _Loaded, asking: Asking) -> Wanted:
    from gk.preview.asking import Wanted

    return Wanted(
        start=kept.start,
        end=kept.end,
        chosen=kept.variables,
        interval=kept.interval,
        grafana=loaded.settings.grafana_url,
    )


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


def _refuse_folders(*files: Path | None) -> None:
    """Fail before anything is asked."""
    from gk.errors import ConfigError

    for file in files:
        if file is not None and not file.parent.is_dir():
            raise ConfigError(f"folder '{file.parent}' does not exist")
