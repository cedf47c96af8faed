"""gk diff."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from gk.cli.comparing import Limit, drawn, revisions, write_pictures
from gk.cli.comparing import live as live_compared
from gk.cli.console import (
    DIFFERENT,
    FAILED,
    SAME,
    columns,
    format_option,
    one_of_environments,
    print_,
    progress,
    project_option,
    references,
    root_of,
    say,
    shown,
    wrapped,
    write_file,
)
from gk.cli.drawing import Drawing, drawing_options
from gk.cli.server import complete_name, context_option, verbose_option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from gk.diff.model import Diff

__all__ = ["diff"]

SUFFIXES = {".txt": "text", ".md": "markdown", ".json": "json", ".html": "html"}
TIME_LIMIT = 120


def _output_paths(
    context: click.Context, parameter: click.Parameter, paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    for path in paths:
        if path.suffix not in SUFFIXES:
            raise click.BadParameter(f"'{path.name}' must end in one of {', '.join(SUFFIXES)}")
        if not path.parent.is_dir():
            # Fail before both sides are built, which may take a minute.
            raise click.BadParameter(f"folder '{path.parent}' does not exist")
    return paths


def _environ(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """The variables in `--env NAME` and `--env NAME=VALUE`. NAME keeps its value out of the list of
    arguments, which every user of the machine can read."""
    environ = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name or (not equals and name not in os.environ):
            raise click.BadParameter(
                f"'{name}' is not set; write NAME=VALUE, or set it; -e chooses an environment of "
                "gk.yaml"
            )
        environ[name] = value if equals else os.environ[name]
    return environ


def _complete_what(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """Complete branches and tags, including the second in `A..B`; object names after --live; or
    else files."""
    from click.shell_completion import CompletionItem

    if context.params.get("live"):
        return complete_name(context, parameter, incomplete)
    # Also splits `A...`: the third dot stays in `before`.
    before, dots, begun = incomplete.rpartition("..")
    names = [
        f"{before}{dots}{name}"
        for name in references(context.params.get("project"))
        if name.startswith(begun)
    ]
    return names or [CompletionItem(incomplete, type="file")]


@click.command()
@click.argument(
    "what", metavar="[REVISIONS | OLD NEW | NAME...]", nargs=-1, shell_complete=_complete_what
)
@project_option
@one_of_environments
@click.option("--live", is_flag=True, help="Compare a running Grafana with the definitions.")
@context_option
@verbose_option
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=TIME_LIMIT,
    show_default=True,
    help=(
        "The time limit for each of three steps: loading the definitions of both sides, "
        "everything after that, and --preview."
    ),
)
@click.option(
    "--unsafe",
    is_flag=True,
    help="Load definitions even if their sandbox is incomplete (docs/security.md).",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_output_paths,
    help=(
        "Also write the result to a file, in the format of its suffix: .txt, .md, .json or .html. "
        "May be repeated."
    ),
)
@click.option(
    "--preview",
    is_flag=True,
    help="Add pictures of the changed panels, before and after, to the page (.html). Their data "
    "come from --context, --prometheus, --series or --replay.",
)
@click.option(
    "--pictures",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --preview: also write each picture to a file (SVG) in DIR.",
)
@drawing_options
@click.option(
    "--comment",
    is_flag=True,
    help="Keep one comment on the pull or merge request up to date (docs/ci.md).",
)
@click.option(
    "--comment-from",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=(
        "Make the comment from the report that an earlier run wrote with --output FILE.json; build "
        "nothing."
    ),
)
@click.option(
    "--env",
    "environ",
    metavar="NAME[=VALUE]",
    multiple=True,
    callback=_environ,
    help="Let the definitions of both sides read an environment variable. May be repeated.",
)
@format_option("gk.diff.forms")
@click.pass_context
def diff(
    context: click.Context,
    /,
    what: tuple[str, ...],
    project: Path | None,
    environment: str,
    live: bool,
    context_name: str | None,
    verbose: bool,
    timeout: int,
    unsafe: bool,
    output: tuple[Path, ...],
    preview: bool,
    pictures: Path | None,
    comment: bool,
    comment_from: Path | None,
    environ: Mapping[str, str],
    format_: str,
    **drawing: Any,
) -> None:
    """Show what changes in dashboards, data sources and alerts.

    \b
    gk diff                    the last commit and the working tree
    gk diff main               main and the working tree
    gk diff main..feature      two revisions
    gk diff main...feature     feature, and where it left main
    gk diff old.json new.json  two files, or two built folders
    gk diff --live [NAME]...   a running Grafana and the definitions

    gk builds each revision from git, in its own process without credentials, and does not touch the
    working tree.

    \b
    Exit codes: 0 no differences, 1 differences, 2 could not run, the new side has mistakes, or
    nothing differs but not all of it could be compared.
    """
    from gk.diff.forms import FORMS

    # As in gk build: garbage collection took a third of the time of comparing 20,000 panels.
    gc.disable()
    _refuse_what_does_nothing(context)
    if comment_from:
        from gk.diff.forms.from_json import from_json

        _comment(from_json(comment_from.read_bytes(), comment_from.name), project)
        context.exit(SAME)
    asked = Drawing(context_name, **drawing) if preview else None
    limit = Limit(timeout)
    if live:
        compared = live_compared(project, environment, context_name, what, limit, verbose=verbose)
    else:
        compared = revisions(
            project,
            what,
            timeout,
            limit,
            unsafe=unsafe,
            # CI is strict: nobody there decides whether to trust a revision.
            strict=comment or _is_ci(),
            environ=environ,
            environment=environment,
        )
    looks = drawn(compared, asked, project, environment, timeout) if asked else None
    comparison = looks.of(compared.diff) if looks else compared.diff
    with limit:
        texts = [(path, FORMS[SUFFIXES[path.suffix]](comparison).strip()) for path in output]
        printed = shown(FORMS, format_, comparison).strip()
        if format_ == "text" and (width := columns()):
            printed = wrapped(printed, width)
    # Only after all forms are rendered, so that an error leaves no file behind.
    for path, text in texts:
        write_file(path, f"{text}\n".encode())
    if looks and pictures:
        write_pictures(pictures, looks)
    print_(printed, sys.stdout)
    # Last, so that a forge that fails loses no result.
    is_told = not comment or _is_commented(comparison, project)
    failed = not is_told or _has_failed(comparison, live=live)
    context.exit(
        FAILED if failed else DIFFERENT if comparison.differs or comparison.old_problems else SAME
    )


def _has_failed(comparison: Diff, *, live: bool) -> bool:
    """Whether the comparison says too little, or that the new side does not build."""
    return bool(
        comparison.is_tampered
        or comparison.new_problems
        # Objects of Grafana that gk could not read.
        or (live and comparison.old_problems)
        or (comparison.not_compared and not comparison.differs)
    )


def _refuse_what_does_nothing(context: click.Context) -> None:
    """Raise UsageError for options that the other options would make gk ignore.

    --live and --comment exclude each other: a comment reports what a pull request does, and changes
    that somebody made in Grafana would replace that report. Besides, the definitions of the pull
    request would run in the same process as Grafana's credentials.
    """
    given = {
        name
        for name in context.params
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    refused, message = _refused(given)
    if refused:
        names = [
            max(option.opts, key=len) for option in context.command.params if option.name in refused
        ]
        shown = " and ".join("arguments" if name == "what" else name for name in names)
        verb = "need" if len(refused) > 1 else "needs"
        raise click.UsageError(message.format(shown, verb=verb), context)
    asked = context.params
    forms = {asked["format_"], *(SUFFIXES[path.suffix] for path in asked["output"])}
    if asked["preview"] and not asked["pictures"] and "html" not in forms:
        message = "--preview needs a page for its pictures: add -o report.html"
        raise click.UsageError(message, context)


_OF_PICTURES = frozenset(
    {"pictures", "url", "series", "replay", "record", "loki", "start", "end", "variables"}
)


def _refused(given: Set[str]) -> tuple[Set[str], str]:
    """The options that do nothing, and why."""
    if "comment_from" in given:
        message = "--comment-from allows no other option but -C; leave out {}"
        return given - {"comment_from", "project"}, message
    if "live" in given and (refused := given & {"comment", "timeout", "unsafe", "environ"}):
        return refused, "--live cannot be combined with a revision or --comment; leave out {}"
    if "live" not in given and "verbose" in given:
        return {"verbose"}, "{} {verb} --live"
    if not given & {"live", "preview"} and "context_name" in given:
        return {"context_name"}, "{} {verb} --live or --preview"
    if "preview" not in given:
        return given & _OF_PICTURES, "{} {verb} --preview"
    return frozenset(), ""


def _is_ci() -> bool:
    # GitHub, GitLab and most others set CI=true.
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _is_commented(comparison: Diff, project: Path | None) -> bool:
    """Comment, and return whether that worked. An error only goes to standard error: the result is
    already printed, and standard output must remain one document."""
    from gk.errors import GkError

    try:
        _comment(comparison, project)
    except GkError as error:
        say(str(error), "red")
        return False
    return True


def _comment(comparison: Diff, project: Path | None) -> None:
    """Update the comment on the pull or merge request, and print its address."""
    from gk.diff.forms.markdown import markdown
    from gk.forge import marker, review
    from gk.settings import read_all

    root = root_of(project)
    # The name is the same in all environments.
    settings = next(iter(read_all(root).values()))
    asked = review(os.environ)
    with progress("commenting"):
        comment = asked.comment(
            markdown(comparison, asked.limit),
            marker(settings.project or root.name),
            is_news=comparison.differs or bool(comparison.old_problems or comparison.new_problems),
        )
    say(
        f"comment {comment.did}: {comment.url}" if comment.url else "no comment: nothing differs",
        "green",
    )
