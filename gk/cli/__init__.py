"""The command line: the only place that knows options, printing, colour and exit codes."""

from __future__ import annotations

import io
import sys

import click

import gk
from gk.cli.build import build
from gk.cli.console import FAILED, INTERRUPTED, SAME, say
from gk.cli.diff import diff
from gk.cli.impact import impact
from gk.cli.push import push, status
from gk.cli.snippets import snippets

__all__ = ["main"]


def main() -> None:
    """Run gk with the arguments of the process. Never returns."""
    for stream in (sys.stdout, sys.stderr):
        # A title may have what the terminal's encoding has not.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
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
        say("this is a bug of gk: please report it with the lines above", "red")
    else:
        say(str(error), "red")
    sys.exit(FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(gk.__version__, prog_name="gk", message="%(prog)s %(version)s")
def _cli() -> None:
    """Grafana dashboards, data sources and alert rules as Python.

    \b
    Exit codes: 0 nothing to report, 1 differences or problems, 2 could not run.
    Completion: eval "$(_GK_COMPLETE=bash_source gk)", or zsh_source, fish_source.
    """


for _command in (build, diff, impact, push, snippets, status):
    _cli.add_command(_command)
