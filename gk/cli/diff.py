"""gk diff."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import DIFFERENT, FAILED, SAME, bar, format_option, print_, progress, project_option, root_of, say
from gk.cli.server import context_option, opened, verbose_option

if TYPE_CHECKING:
    from gk.diff.model import Diff
    from gk.diff.side import Side

__all__ = ["diff"]

FORMS = {".txt": "text", ".md": "markdown", ".json": "json", ".html": "html"}
TIME_LIMIT = 120


def _output_paths(context: click.Context, parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    for path in paths:
        if path.suffix not in FORMS:
            raise click.BadParameter(f"'{path.name}' ends in none of {', '.join(FORMS)}, which say the form")
    return paths


@click.command()
@click.argument("what", metavar="[REVISIONS | OLD NEW | NAME...]", nargs=-1)
@project_option
@click.option("--live", is_flag=True, help="Compare a running Grafana with the definitions.")
@context_option
@verbose_option
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=TIME_LIMIT,
    show_default=True,
    help="How long the definitions of a revision may take to load.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_output_paths,
    help="Write the result to a file, too, in the form of its suffix: .txt, .md, .json or .html. May be repeated.",
)
@click.option("--comment", is_flag=True, help="Keep one comment on the pull or merge request up to date. See docs/ci.md.")
@format_option("text", "markdown", "json", "html")
@click.pass_context
def diff(
    context: click.Context,
    what: tuple[str, ...],
    project: Path | None,
    live: bool,
    context_name: str | None,
    verbose: bool,
    timeout: int,
    output: tuple[Path, ...],
    comment: bool,
    format_: str,
) -> None:
    """Show what changes in dashboards, data sources and alerts.

    \b
    gk diff                    the last commit and the working tree
    gk diff main               main and the working tree
    gk diff main..feature      two revisions
    gk diff main...feature     feature, and where it left main
    gk diff old.json new.json  two files, or two built folders
    gk diff --live [NAME]...   a running Grafana and the definitions

    Revisions are built from git, each in a process of its own without credentials, and the working tree is not touched.

    \b
    Exit codes: 0 no differences, 1 differences, 2 a side could not be read or built.
    """
    found = _live(project, context_name, what, verbose=verbose) if live else _local(project, what, timeout)
    for path in output:
        _write(path, _formed(found, FORMS[path.suffix]))
    print_(_formed(found, format_), sys.stdout)
    if comment:
        _comment(found, project)
    failed = bool(found.new_problems)
    context.exit(FAILED if failed else DIFFERENT if found.differs or found.old_problems else SAME)


def _formed(found: Diff, form: str) -> str:
    """The comparison in a form."""
    if form == "text":
        from gk.cli.review import text

        return text(found)
    if form == "markdown":
        from gk.diff.markdown import markdown

        return markdown(found)
    if form == "json":
        from gk.diff.as_json import as_json

        return as_json(found)
    from gk.diff.html import html

    return html(found)


def _local(project: Path | None, what: Sequence[str], timeout: int) -> Diff:
    """Two files, or two revisions of the project."""
    from gk.diff.compare import compare

    if len(what) == 2 and all(map(os.path.exists, what)):
        from gk.diff.files import files_side

        with progress("reading"):
            return compare(*(files_side(Path(each)) for each in what))
    from gk.diff.revision import parse, sides

    root = root_of(project)
    with progress("building both sides"):
        return compare(*sides(root, parse(what), timeout))


def _live(project: Path | None, context_name: str | None, names: Sequence[str], *, verbose: bool) -> Diff:
    """A running Grafana and the definitions."""
    raise NotImplementedError


def _write(path: Path, text: str) -> None:
    """Write a result whole or not at all."""
    from gk.errors import GkError

    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(f"{text.rstrip()}\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise GkError(f"{path} cannot be written: {error.strerror}") from error
