"""gk impact."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gk.cli.console import (
    environment_option,
    format_option,
    print_,
    progress,
    project_option,
    root_of,
    shown,
)

__all__ = ["impact"]


def _complete_name(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete names of the project; nothing if its definitions do not load."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.explain.impact import names
    from gk.explain.reference import built_in
    from gk.project import load

    snippets = dict.fromkeys((snippet.name for snippet in built_in()), ())
    try:
        project = load(
            root_of(context.params.get("project")), context.params.get("environment", "")
        )
        known = names(compile(project), snippets)
    except GkError:
        # The command itself will report mistakes.
        return []
    return [name for name in known if name.startswith(incomplete)]


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=_complete_name)
@project_option
@environment_option
@format_option("gk.explain.forms.impact")
def impact(names: tuple[str, ...], project: Path | None, environment: str, format_: str) -> None:
    """Show what depends on a name, directly and through others.

    NAME is a snippet (node.cpu_busy), an exporter (node) for all of its snippets, a metric or a
    recorded series, the uid or name of a data source, a variable ('$node'), a contact point, a mute
    timing or a message template.
    """
    import gc

    from gk.compile import compile
    from gk.explain.forms.impact import FORMS
    from gk.explain.impact import impacts
    from gk.explain.reference import entries
    from gk.project import load

    # As in a build: the process is short, and its objects form few cycles.
    gc.disable()
    with progress("compiling"):
        loaded = load(root_of(project), environment)
        resources = compile(loaded)
        snippets = {snippet.name: snippet.metrics for snippet in entries(loaded, resources)}
    result = impacts(resources, names, snippets)
    print_(shown(FORMS, format_, result), sys.stdout)
