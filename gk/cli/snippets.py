"""gk snippets."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gk.cli.console import (
    environment_option,
    format_option,
    look,
    print_,
    project_option,
    root_of,
    shown,
)

__all__ = ["snippets"]


def _complete_snippet(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the names of built-in snippets and their exporters."""
    from gk.explain.reference import built_in

    snippets = built_in()
    names = [
        *dict.fromkeys(snippet.exporter.name for snippet in snippets),
        *(snippet.name for snippet in snippets),
    ]
    return [name for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=_complete_snippet)
@project_option
@environment_option
@format_option("gk.explain.forms.snippets")
def snippets(project: Path | None, environment: str, name: str | None, format_: str) -> None:
    """List the PromQL snippets, and what uses them.

    NAME is an exporter (node) or a snippet (node.cpu_busy). For a snippet, gk also shows its PromQL
    in a panel and in an alert.
    """
    from gk.compile import compile
    from gk.explain.forms.snippets import FORMS, details
    from gk.explain.reference import entries, find
    from gk.project import load

    loaded = load(root_of(project), environment)
    listed = entries(loaded, compile(loaded))
    if name is not None:
        listed = find(listed, name)
    is_one = [entry.name for entry in listed] == [name]
    if is_one and format_ == "text":
        print_(details(listed[0], look), sys.stdout)
    else:
        print_(shown(FORMS, format_, listed), sys.stdout)
