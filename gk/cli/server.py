"""The options that choose a Grafana, and how commands connect to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import progress, root_of, say

if TYPE_CHECKING:
    from gk.push import Server
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = [
    "asker",
    "complete_context",
    "complete_name",
    "context_option",
    "opened",
    "the_context",
    "verbose_option",
]


def complete_name(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete kinds and the uids of defined objects."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.project import load
    from gk.push import NAMES

    names = list(NAMES)
    # The command itself will report mistakes.
    with suppress(GkError):
        project = load(
            root_of(context.params.get("project")), context.params.get("environment", "")
        )
        names += [resource.uid for resource in compile(project)]
    return sorted({name for name in names if name.startswith(incomplete)})


def complete_context(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete the names of contexts."""
    from gk.errors import GkError
    from gk.settings import read_all

    chosen = context.params.get("environment")
    try:
        settings = read_all(root_of(context.params.get("project")))
    except GkError:
        # The command itself will report mistakes.
        return []
    names = [
        context_name
        for name, own in settings.items()
        if chosen in (None, "", name)
        for context_name in own.contexts
    ]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


context_option = click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=complete_context,
    help="The Grafana: a context of gk.yaml. Default: GRAFANA_URL, or the only context.",
)
verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="Log every request, without its body."
)


@contextmanager
def opened(
    root: Path, environment: str, context_name: str | None, *, prune: bool = False
) -> Iterator[tuple[Server, list[Resource]]]:
    """Load the project and connect to Grafana. Yields the server and the resources to push."""
    import gc

    from gk.compile import compile
    from gk.errors import ConfigError
    from gk.grafana.client import Client
    from gk.grafana.connection import connection
    from gk.grafana.objects import Grafana
    from gk.project import load
    from gk.push import open_server

    with progress("loading definitions"):
        loaded = load(root, environment)
    for warning in loaded.warnings:
        say(f"warning: {warning}", "yellow")
    if prune and not loaded.settings.project:
        raise ConfigError(
            "--prune deletes what this project owns: give it a name, `project: NAME` in gk.yaml. "
            f"Without one it takes the folder's name, '{root.name}', "
            "which another project may share"
        )
    with progress("compiling"):
        resources = compile(loaded, is_pushed=True)
    # Imported modules and compiled resources stay until the end: keep the garbage collector from
    # scanning them over and over.
    gc.freeze()
    target = connection(loaded.settings, root, context_name, os.environ, asker())
    with Client(target) as client:
        with progress(f"asking {target.shown}"):
            name, *others = loaded.settings.identities(root.name)
            server = open_server(Grafana(client), name, set(others))
        yield server, server.resources(resources)


def the_context(settings: Settings, name: str | None) -> str:
    """The name of the context `name`, or of the only one. Raises ConfigError if there is none."""
    from gk.errors import ConfigError, did_you_mean

    names = ", ".join(settings.contexts)
    # Those that the environment names itself are its own.
    candidates = settings.own_contexts or tuple(settings.contexts)
    if name is None and len(candidates) == 1:
        (name,) = candidates
    if name is None:
        there = f"has {names}; choose with --context" if names else "has no contexts; write one"
        raise ConfigError(f"which servers? gk.yaml {there}")
    if name not in settings.contexts:
        hint = did_you_mean(name, settings.contexts)
        raise ConfigError(f"--context '{name}': gk.yaml has {names or 'no contexts'}{hint}")
    return name


def asker() -> Callable[[str], str] | None:
    """The function that asks for a secret; None without a terminal."""
    # The question goes to standard error, so both streams must be terminals.
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return None
    return lambda text: str(click.prompt(text, hide_input=True, err=True))
