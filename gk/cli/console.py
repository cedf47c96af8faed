"""What the commands share: exit codes, options and printing."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from gk.cli.exits import DIFFERENT, FAILED, INTERRUPTED, SAME
from gk.forms import Tone

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from gk.errors import GkError

__all__ = [
    "DIFFERENT",
    "FAILED",
    "INTERRUPTED",
    "SAME",
    "bar",
    "columns",
    "complete_revision",
    "environment_option",
    "format_option",
    "log_requests",
    "look",
    "one_of_environments",
    "print_",
    "progress",
    "project_option",
    "references",
    "root_of",
    "say",
    "shown",
    "wrapped",
    "write_file",
]

project_option = click.option(
    "-C",
    "project",
    metavar="PROJECT",
    type=click.Path(path_type=Path),
    help=(
        "The project's folder. Default: the nearest folder, from the current one upwards, "
        "with gk.yaml or dashboards/."
    ),
)


def _complete_environment(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the names of environments."""
    from gk.errors import GkError
    from gk.settings import read_all

    try:
        names = read_all(root_of(context.params.get("project")))
    except GkError:
        # The command itself will report mistakes.
        return []
    return [name for name in names if name and name.startswith(incomplete)]


environment_option = click.option(
    "-e",
    "--environment",
    metavar="NAME",
    default="",
    shell_complete=_complete_environment,
    help="An environment of gk.yaml; needed if it has several.",
)
one_of_environments = click.option(
    "-e",
    "--environment",
    metavar="NAME",
    default="",
    shell_complete=_complete_environment,
    help="Only this environment of gk.yaml. Default: all of them.",
)


def complete_revision(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the branches and tags of the project's repository."""
    names = references(context.params.get("project"))
    return [name for name in names if name.startswith(incomplete)]


def references(project: Path | None) -> list[str]:
    """The branches and tags of the project's repository; none without git."""
    import subprocess

    command = [
        "git",
        "for-each-ref",
        "--format=%(refname:short)",
        "refs/heads",
        "refs/tags",
        "refs/remotes",
    ]
    try:
        ran = subprocess.run(
            command, cwd=project, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError:
        return []
    return ran.stdout.split()


class _FormName(click.ParamType):  # type: ignore[type-arg]  # it has some from 8.2 on
    """The name of a form in a table of a module. Imports the module only when needed, so that
    other commands start faster."""

    name = "form"

    def __init__(self, module: str, table: str, default: str) -> None:
        self._module = module
        self._table = table
        self._default = default

    @property
    def _choice(self) -> click.Choice[str]:
        return click.Choice(list(getattr(import_module(self._module), self._table)))

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        # Every command has its default, so this needs no import.
        return value if value == self._default else self._choice.convert(value, parameter, context)

    def get_metavar(self, *arguments: Any, **named: Any) -> str | None:
        return self._choice.get_metavar(*arguments, **named)

    def shell_complete(self, *arguments: Any, **named: Any) -> list[CompletionItem]:
        return self._choice.shell_complete(*arguments, **named)


def format_option(
    module: str, table: str = "FORMS", default: str = "text"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add --format with the forms of a module. With "json", errors are printed as JSON too."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*arguments: Any, format_: str, **options: Any) -> None:
            from gk.errors import GkError

            try:
                command(*arguments, format_=format_, **options)
            except GkError as error:
                # Programs that asked for JSON get the mistakes as JSON, too.
                if format_ == "json":
                    print_(problems_json(error), sys.stdout)
                raise

        return click.option(
            "--format",
            "format_",
            type=_FormName(module, table, default),
            default=default,
            show_default=True,
            help="How to print the result.",
        )(run)

    return decorate


def problems_json(error: GkError) -> str:
    problems = [
        {"file": problem.source.file, "line": problem.source.line, "message": problem.text}
        for problem in error.problems
    ]
    return json.dumps({"version": 1, "problems": problems}, indent=2)


def root_of(project: Path | None) -> Path:
    """The root of the project: -C, or the nearest one from the current folder upwards. Raises
    ConfigError if there is none."""
    from gk.errors import ConfigError
    from gk.project import find_root

    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise ConfigError("the current folder was deleted: go to another one") from error
    if project and not project.is_dir():
        what = "is not a folder" if project.exists() else "does not exist"
        raise ConfigError(f"-C: '{project}' {what}; name the folder of a project")
    return project.resolve() if project else find_root(here)


_LOOKS: Mapping[Tone, Mapping[str, Any]] = {
    Tone.GOOD: {"fg": "green"},
    Tone.BAD: {"fg": "red"},
    Tone.DOUBTFUL: {"fg": "yellow"},
    Tone.INDIRECT: {"fg": "cyan"},
    Tone.STRONG: {"bold": True},
    Tone.FAINT: {"dim": True},
}


def look(text: str, *tones: Tone) -> str:
    """Style text with the terminal's colours for these tones."""
    return click.style(text, **{key: look for tone in tones for key, look in _LOOKS[tone].items()})


def shown(forms: Mapping[str, Callable[..., str]], name: str, value: object) -> str:
    """Render a value in a form for standard output; the form "text" has colours."""
    return forms[name](value, look) if name == "text" else forms[name](value)


def columns() -> int:
    """The width of the terminal on standard output; 0 without one."""
    return shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else 0


def wrapped(text: str, width: int) -> str:
    """Wrap lines to `width` columns, at spaces and commas only."""
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    """Wrap one line, and indent the rest below its text."""
    # Two more: marks such as `+ ` stay alone at the left.
    indent = len(line) - len(line.lstrip(" ")) + 2
    lines, columns = [""], 0
    for piece in re.findall("[^ ,]*[ ,]?", line):
        plain = click.unstyle(piece)
        if columns > indent and columns + len(plain.rstrip()) > width:
            lines.append(" " * indent)
            columns = indent
        lines[-1] += piece
        columns += len(plain)
    return "\n".join(line.rstrip() for line in lines)


def say(message: str, color: str) -> None:
    """Print a message for people on standard error."""
    # A line of a title must not be a command to GitHub's runner, such as `::error::`.
    print_(click.style(_COMMAND.sub(r"\1\\u003a:", message), fg=color), sys.stderr)


def print_(text: str, stream: TextIO) -> None:
    """Print, in colour on a terminal unless NO_COLOR is set, and elsewhere if FORCE_COLOR is. If
    the reader closed the pipe, as `head` does, this is not an error.

    Characters that ring, move the cursor or change the text direction are printed as escapes. Forms
    escape them first, as they know better how; this is the second line of defence.
    """
    text = _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    try:
        click.echo(text, file=stream, color=_color())
    except ValueError as error:
        from gk.errors import GkError

        raise GkError("the result cannot be printed: a definition closed the stream") from error
    except OSError as error:
        _discard(stream)
        if not isinstance(error, BrokenPipeError):
            from gk.errors import GkError

            raise GkError(f"the result cannot be printed: {error.strerror}") from error


def _color() -> bool | None:
    """Whether to print colours; None where a terminal decides."""
    # https://no-color.org and https://force-color.org: set, and not empty. Some set 0 for "no".
    if os.environ.get("NO_COLOR"):
        return False
    return None if os.environ.get("FORCE_COLOR", "") in ("", "0") else True


_COMMAND = re.compile(r"(?m)^(\s*)::")
# Control characters except tab, newline and the start of a colour; text direction marks.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    "|\x1b(?!\\[[0-9;]*m)"
)


def _discard(stream: TextIO) -> None:
    """Redirect a stream to /dev/null: Python would write its buffer at exit, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show a spinner on a terminal, for work that may take long; nothing elsewhere."""
    # sys.stderr is None in a process that was started without one.
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on a terminal; nothing elsewhere. Yields the function that advances
    it."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # Standard output is the result's.
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda: bars.advance(task)


def write_file(path: Path, content: bytes) -> None:
    """Write a result completely or not at all."""
    from gk.errors import GkError

    # Replacing a complete file is atomic; writing the file itself is not. Beside it, because a
    # rename does not cross file systems.
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise GkError(
            f"cannot write {path}: {error.strerror}; name another file with --output"
        ) from error


def log_requests() -> None:
    """Log every request to Grafana on standard error: method, path and result."""
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("gk.grafana")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
