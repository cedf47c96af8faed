"""gk snippets."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gk.cli.console import format_option, print_, project_option, root_of

__all__ = ["snippets"]


def _complete_snippet(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """The names of gk's own snippets, and of their exporters, that start so."""
    from gk.explain.reference import built_in

    snippets = built_in()
    names = [
        *dict.fromkeys(each.exporter.name for each in snippets),
        *(each.name for each in snippets),
    ]
    return [name for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=_complete_snippet)
@project_option
@format_option("text", "json", "markdown")
def snippets(project: Path | None, name: str | None, format_: str) -> None:
    """List the PromQL snippets, and what uses them.

    NAME is an exporter (node), or a snippet (node.cpu_busy), which is then shown with its PromQL in
    a panel and in an alert.
    """
    from gk.compile import compile
    from gk.explain import reference
    from gk.project import load

    loaded = load(root_of(project))
    entries = reference.entries(loaded, compile(loaded))
    if name is not None:
        entries = reference.find(entries, name)
    if format_ == "text":
        is_one = [each.name for each in entries] == [name]
        paragraphs = (
            [reference.details(entries[0])] if is_one else reference.as_text(entries).split("\n\n")
        )
        print_("\n\n".join(map(_titled, paragraphs)), sys.stdout)
    else:
        print_(
            (reference.as_json if format_ == "json" else reference.as_markdown)(entries), sys.stdout
        )


def _titled(text: str) -> str:
    """The text with its first line in bold."""
    first, newline, rest = text.partition("\n")
    return f"{click.style(first, bold=True)}{newline}{rest}"
