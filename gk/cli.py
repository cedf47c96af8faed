"""The command line: the only place that knows options, printing, colour and exit codes."""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

import gk

if TYPE_CHECKING:
    from gk.errors import GkError
    from gk.provisioning import Changes
    from gk.resource import Resource

__all__ = ["main"]

SAME = 0
"""Nothing to report."""
DIFFERENT = 1
"""Differences or problems."""
FAILED = 2
"""Could not run: wrong usage, mistakes in the project, or a bug of gk."""
INTERRUPTED = 130
"""Ctrl-C, as shells report it."""


def main() -> None:
    """Run gk with the arguments of the process. Never returns."""
    try:
        # Without its standalone mode click returns what a command gave to Context.exit.
        code = _cli(prog_name="gk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(FAILED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as error:
        _fail(error)
    sys.exit(code or SAME)


def _fail(error: Exception) -> None:
    """Show what ended the run: a user's mistake as one message, a bug of gk's with its traceback."""
    # Imported here: gk.errors is not needed to print a version or a help text.
    from gk.errors import GkError

    if not isinstance(error, GkError):
        # Python's own exit code for this is 1, which would pass for "differences".
        sys.excepthook(type(error), error, error.__traceback__)
        _say("this is a bug of gk: please report it with the lines above", "red")
    else:
        _say(str(error), "red")
    sys.exit(FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(gk.__version__, prog_name="gk", message="%(prog)s %(version)s")
def _cli() -> None:
    """Grafana dashboards, data sources and alert rules as Python.

    \b
    Exit codes: 0 nothing to report, 1 differences or problems, 2 could not run.
    Completion: eval "$(_GK_COMPLETE=bash_source gk)", or zsh_source, fish_source.
    """


_project_option = click.option(
    "-C",
    "project",
    metavar="PROJECT",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The project's folder. Default: the nearest of here and above that has gk.yaml or dashboards/.",
)


def _format_option(*formats: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add --format, the first by default; with "json" what ends a run is shown in that format too."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*arguments: Any, format_: str, **options: Any) -> None:
            from gk.errors import GkError

            try:
                command(*arguments, format_=format_, **options)
            except GkError as error:
                if format_ == "json":
                    _print(_problems(error), sys.stdout)
                raise

        return click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="How to print the result.",
        )(run)

    return decorate


def _problems(error: GkError) -> str:
    problems = [
        {"file": each.source.file, "line": each.source.line, "message": each.message} for each in error.problems
    ]
    return json.dumps({"version": 1, "problems": problems}, indent=2)


@_cli.command()
@_project_option
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write. Default: build.output of gk.yaml, or provisioning/ in the project.",
)
@click.option("--check", is_flag=True, help="Write nothing; list what differs, and exit 1 if anything does.")
@click.option(
    "--forget-deleted",
    is_flag=True,
    help="Drop the entries that delete rules and data sources which are no longer defined. "
    "Use it once every Grafana has loaded them.",
)
@_format_option("text", "json")
@click.pass_context
def build(
    context: click.Context,
    project: Path | None,
    output: Path | None,
    check: bool,
    forget_deleted: bool,
    format_: str,
) -> None:
    """Compile the definitions to provisioning files, rule files and ConfigMaps.

    Files that are right already are not touched, and only files that gk wrote are ever removed.
    """
    start = time.perf_counter()
    import gc

    from gk.compile import compile
    from gk.datasource import Datasource
    from gk.project import find_root, load
    from gk.provisioning import compare, tree, write

    # The process is short and its objects form few cycles: collecting them took a third of the time of a large build.
    gc.disable()
    root = project.resolve() if project else find_root(Path.cwd())
    with _progress("loading definitions"):
        loaded = load(root)
    with _progress("compiling"):
        resources = compile(loaded)
    target = output or root / loaded.settings.output
    external = [each.value.name for each in loaded.of(Datasource) if each.value.external]
    built = tree(resources, loaded.settings, target, forget_deleted=forget_deleted, external=external)
    with _progress("writing"):
        changes = compare(built.files, target) if check else write(built.files, target)
    for warning in built.warnings:
        _say(f"warning: {warning}", "yellow")
    report = _Report(
        counts=_counts(resources),
        changes=changes,
        output=os.path.relpath(target),
        check=check,
        warnings=built.warnings,
        seconds=time.perf_counter() - start,
    )
    _print(report.json() if format_ == "json" else report.text(), sys.stdout)
    context.exit(DIFFERENT if check and changes else SAME)


@dataclass(frozen=True)
class _Report:
    """What a build says of itself."""

    counts: dict[str, int]
    changes: Changes
    output: str
    check: bool
    warnings: list[str]
    seconds: float

    def text(self) -> str:
        changes = self.changes
        built = ", ".join(_count(number, name) for name, number in self.counts.items()) or "nothing"
        marks = (("+", "green", changes.added), ("~", "yellow", changes.changed), ("-", "red", changes.removed))
        listed = [click.style(f"{mark} {path}", fg=color) for mark, color, paths in marks for path in paths]
        counted = [
            f"{len(changes.added)} new",
            f"{len(changes.changed)} changed",
            f"{len(changes.removed)} removed",
            f"{changes.unchanged} left alone",
        ]
        verb = "would write" if self.check else "wrote"
        last = f"{verb} {self.output}/: {', '.join(counted)} ({self.seconds:.2f} s)"
        if self.check and not changes:
            last = f"{self.output}/ is up to date: {changes.unchanged} files ({self.seconds:.2f} s)"
        return "\n".join([f"built {built}", *listed, last])

    def json(self) -> str:
        body = {
            "version": 1,
            "output": self.output,
            "built": self.counts,
            "added": self.changes.added,
            "changed": self.changes.changed,
            "removed": self.changes.removed,
            "unchanged": self.changes.unchanged,
            "written": not self.check,
            "warnings": self.warnings,
            "seconds": round(self.seconds, 3),
        }
        return json.dumps(body, indent=2)


def _counts(resources: list[Resource]) -> dict[str, int]:
    """How many resources there are of each kind, in the order of the kinds."""
    counts: dict[str, int] = {}
    for each in resources:
        counts[each.kind.value] = counts.get(each.kind.value, 0) + 1
    return counts


def _count(number: int, name: str) -> str:
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{number} {name if number == 1 else plural}"


def _complete_snippet(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The names of gk's own snippets, and of their exporters, that start so."""
    from gk.reference import built_in

    snippets = built_in()
    names = [*dict.fromkeys(each.exporter.name for each in snippets), *(each.name for each in snippets)]
    return [name for name in names if name.startswith(incomplete)]


@_cli.command()
@click.argument("name", required=False, shell_complete=_complete_snippet)
@_project_option
@_format_option("text", "json", "markdown")
def snippets(project: Path | None, name: str | None, format_: str) -> None:
    """List the PromQL snippets, and what uses them.

    NAME is an exporter (node), or a snippet (node.cpu_busy), which is then shown with its PromQL in a panel and in an
    alert.
    """
    from gk import reference
    from gk.compile import compile
    from gk.project import find_root, load

    loaded = load(project.resolve() if project else find_root(Path.cwd()))
    entries = reference.entries(loaded, compile(loaded))
    if name is not None:
        entries = reference.find(entries, name)
    if format_ == "text":
        is_one = [each.name for each in entries] == [name]
        paragraphs = [reference.details(entries[0])] if is_one else reference.as_text(entries).split("\n\n")
        _print("\n\n".join(map(_titled, paragraphs)), sys.stdout)
    else:
        _print((reference.as_json if format_ == "json" else reference.as_markdown)(entries), sys.stdout)


def _titled(text: str) -> str:
    """The text with its first line in bold."""
    first, newline, rest = text.partition("\n")
    return f"{click.style(first, bold=True)}{newline}{rest}"


# What is printed


def _say(message: str, color: str) -> None:
    """A message for people, on standard error."""
    _print(click.style(message, fg=color), sys.stderr)


def _print(text: str, stream: TextIO) -> None:
    """Print, in colour on a terminal unless NO_COLOR is set. A reader that has gone, as `head` goes, is no failure."""
    # https://no-color.org: set, and not empty.
    color = False if os.environ.get("NO_COLOR") else None
    try:
        click.echo(text, file=stream, color=color)
    except OSError as error:
        _discard(stream)
        if not isinstance(error, BrokenPipeError):
            from gk.errors import GkError

            raise GkError(f"the result cannot be printed: {error.strerror}") from error


def _discard(stream: TextIO) -> None:
    """Send what Python still holds for a stream, and would write at its exit, nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """A spinner on a terminal, for work that may take long; nothing elsewhere."""
    # It is None for a process that was started without one.
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
