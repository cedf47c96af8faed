"""The commands of gk, and how gk shows errors."""

from __future__ import annotations

import io
import sys
import traceback
from pathlib import Path

import click

import gk
from gk.cli.adopt import adopt
from gk.cli.build import build
from gk.cli.check import check
from gk.cli.console import say
from gk.cli.diff import diff
from gk.cli.exits import FAILED, INTERRUPTED, SAME
from gk.cli.impact import impact
from gk.cli.imports import import_
from gk.cli.init import init
from gk.cli.preview import preview
from gk.cli.pull import pull
from gk.cli.push import push, status
from gk.cli.reload import reload
from gk.cli.snippets import snippets
from gk.cli.watch import watch

__all__ = ["cli", "failed", "run"]


def run() -> int:
    """Run gk with the arguments of the process, and return its exit code. `failed` handles what
    this raises."""
    for stream in (sys.stdout, sys.stderr):
        # A title may contain characters that the terminal's encoding lacks.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        # Outside its standalone mode, click returns the code that a command passed to Context.exit.
        return cli(prog_name="gk", standalone_mode=False) or SAME
    except click.ClickException as error:
        error.show()
        return FAILED
    except click.Abort:
        return INTERRUPTED
    except SystemExit as error:
        return _ended(error)


def _ended(error: SystemExit) -> int:
    """The exit code of a SystemExit that click raised, after shell completion or for a closed pipe.
    From anywhere else, SystemExit is a bug."""
    by = traceback.extract_tb(error.__traceback__)[-1].filename
    if Path(by).is_relative_to(Path(click.__file__).parent) and isinstance(error.code, int):
        return error.code
    raise error


def failed(error: BaseException) -> int:
    """Show the error that ended the run: a user's mistake as one message, a bug in gk with its
    traceback."""
    # Imported here because --version and --help do not need it.
    from gk.errors import GkError

    if not isinstance(error, GkError):
        # Python's own exit code would be 1, which means "differences" in gk.
        sys.excepthook(type(error), error, error.__traceback__)
        say("this is a bug in gk: please report it with the lines above", "red")
    else:
        say(str(error), "red")
    return FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=gk.DISTRIBUTION, prog_name="gk", message="%(prog)s %(version)s")
def cli() -> None:
    """Grafana dashboards, data sources and alert rules as Python.

    \b
    Exit codes: 0 nothing to report, 1 differences or problems, 2 could not run.
    Completion: eval "$(_GK_COMPLETE=bash_source gk)", or zsh_source, fish_source.
    """


for _command in (
    adopt,
    build,
    check,
    diff,
    impact,
    import_,
    init,
    preview,
    pull,
    push,
    reload,
    snippets,
    status,
    watch,
):
    # click cuts the summaries that it finds itself to one line, and wraps others.
    _command.short_help = _command.short_help or (_command.help or "").partition("\n\n")[0]
    cli.add_command(_command)
