"""gk init."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import DIFFERENT, SAME, format_option, print_, shown

if TYPE_CHECKING:
    from gk.init.forms import Report

__all__ = ["init"]


def _complete_set(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the last of several names."""
    from gk.init import ALL, SETS

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in (*SETS, ALL) if name.startswith(last)]


@click.command(short_help="Create a repository, or add dashboards and alerts that ship with gk.")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "sets",
    metavar="NAME,...",
    multiple=True,
    shell_complete=_complete_set,
    help="Add dashboards and alerts that ship with gk, to own and edit. --list shows them.",
)
@click.option("--list", "is_list", is_flag=True, help="List what --with can add, and exit.")
@click.option(
    "--update",
    "is_update",
    is_flag=True,
    help="Update what --with added to the versions of this gk, merged with your edits.",
)
@click.option(
    "--project", "name", metavar="NAME", help="The project's name. Default: that of the folder."
)
@click.option(
    "--forge",
    type=click.Choice(["github", "gitlab"]),
    help="The forge whose CI to set up. Default: that of the git remote, or GitHub.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask no questions; use the defaults.")
@format_option("gk.init.forms")
@click.pass_context
def init(
    context: click.Context,
    folder: Path,
    sets: tuple[str, ...],
    is_list: bool,
    is_update: bool,
    name: str | None,
    forge: str | None,
    yes: bool,
    format_: str,
) -> None:
    """Create a repository that builds, tests and reviews: settings, a data source, a dashboard with
    its snippets, an alert with its test, and CI.

    In an existing project, --with adds dashboards and alerts. gk never overwrites a file.

    \b
    Exit codes: 0 done, 1 a file was in the way, or conflicts with your edits; 2 could not run.
    """
    from gk.init import SETS, State, update
    from gk.init.forms import FORMS, LISTINGS, Report

    if is_list:
        print_(shown(LISTINGS, format_, SETS), sys.stdout)
        context.exit(SAME)
    root = folder.resolve()
    names = _names(sets)
    if is_update:
        _refuse(context, "sets", "name", "forge", beside="--update")
        report = Report(_shown(root), update(root), is_update=True)
    elif _is_project(root):
        _refuse(context, "name", "forge", beside="an existing project")
        report = _added(root, names)
    else:
        report = _begun(root, names, name, forge, is_asking=not yes and format_ == "text")
    print_(shown(FORMS, format_, report), sys.stdout)
    is_open = {State.IN_THE_WAY, State.CONFLICT, State.UNRESOLVED}
    context.exit(DIFFERENT if is_open & {outcome.state for outcome in report.outcomes} else SAME)


def _names(given: tuple[str, ...]) -> list[str]:
    """The names of sets, each once."""
    from gk.errors import ConfigError, Problem, Source, did_you_mean
    from gk.init import ALL, SETS

    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    if ALL in names:
        return list(SETS)
    if unknown := [name for name in names if name not in SETS]:
        raise ConfigError(
            Problem(
                Source("--with"),
                f"unknown '{name}'{did_you_mean(name, SETS)}; choose from {', '.join(SETS)}, {ALL}",
            )
            for name in unknown
        )
    return list(dict.fromkeys(names))


def _refuse(context: click.Context, *options: str, beside: str) -> None:
    """Raise a UsageError for options that have no meaning here."""
    for option in context.command.params:
        if option.name in options and context.params[option.name]:
            raise click.UsageError(f"{option.opts[0]} cannot be combined with {beside}", context)


def _is_project(root: Path) -> bool:
    from gk.settings import SETTINGS_FILE

    # gk.yaml is optional.
    return (root / SETTINGS_FILE).exists() or any(root.glob("dashboards/*.py"))


def _added(root: Path, names: Sequence[str]) -> Report:
    """Bring definitions into a project that exists."""
    from gk.errors import ConfigError
    from gk.init import RUNBOOKS, bring, sets_in
    from gk.init.forms import Report
    from gk.settings import read

    if not names:
        raise ConfigError(
            f"{_shown(root)}/ is already a project; --with NAME adds dashboards and alerts to "
            "it (--list shows them), and --update takes their newer versions"
        )
    has_runbooks = bool(read(root).runbooks)
    outcomes = bring(root, names)
    notes = _links(sets_in(root))
    if not has_runbooks:
        notes.append(
            f"{RUNBOOKS}/ has a runbook for each alert; so that alerts link to them, write "
            f"links: {{runbooks: {RUNBOOKS}/{{alert}}.md}} in gk.yaml"
        )
    return Report(_shown(root), outcomes, notes=notes, next_=[*_go_to(root), "gk build"])


def _begun(
    root: Path, names: list[str], name: str | None, forge: str | None, *, is_asking: bool
) -> Report:
    """Begin a repository."""
    from gk.init import bring, create, look_around, repository
    from gk.init.forms import Report

    around = look_around(root)
    project = _project(root, name)
    is_below = around.repository is not None and around.repository != root
    # A forge reads CI files at the top of a repository only.
    ci = "" if is_below else forge or around.forge or _asked_forge(is_asking)
    files = repository(project, ci, around, names)
    outcomes = create(root, files)
    notes = _links(names)
    if names:
        outcomes += bring(root, names)
    if is_below:
        notes.append(
            f"no CI file: the repository's CI is in {_shown(around.repository or root)}/; "
            "gk's docs/ci.md has the jobs"
        )
    if "==" not in files["requirements.txt"] and "@" not in files["requirements.txt"]:
        notes.append("requirements.txt names no version: this gk is not a release")
    commit = "git add --all && git commit --message 'Begin with gk'"
    return Report(
        _shown(root),
        outcomes,
        notes=notes,
        next_=[
            *_go_to(root),
            "gk build",
            commit if around.repository else f"git init && {commit}",
            "gk watch  # builds at each save",
        ],
    )


def _project(root: Path, name: str | None) -> str:
    from gk.errors import ConfigError
    from gk.init import project_name
    from gk.settings.object_names import project_mistake

    if name is not None and (mistake := project_mistake(name)):
        raise ConfigError(f"--project: {mistake}")
    if project := name or project_name(root):
        return project
    raise ConfigError(
        f"'{root.name}' contains no characters for a project's name; pass --project NAME"
    )


def _asked_forge(is_asking: bool) -> str:
    """The forge, if nothing tells it."""
    from gk.init import FORGES

    default = next(iter(FORGES))
    if not (is_asking and sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return default
    return str(click.prompt("Which CI", type=click.Choice(list(FORGES)), default=default, err=True))


def _links(names: Sequence[str]) -> list[str]:
    """A note if dashboards of the sets link to those of others."""
    from gk.init import elsewhere

    others = elsewhere(names)
    if not others:
        return []
    return [f"some links lead to dashboards of {', '.join(others)}, which --with brings"]


def _go_to(root: Path) -> list[str]:
    return [] if root == Path.cwd() else [f"cd {shlex.quote(_shown(root))}"]


def _shown(path: Path) -> str:
    return os.path.relpath(path)
