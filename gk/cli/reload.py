"""gk reload."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gk.cli.console import (
    DIFFERENT,
    SAME,
    environment_option,
    format_option,
    print_,
    progress,
    project_option,
    root_of,
    shown,
)
from gk.cli.server import asker, complete_context, the_context

if TYPE_CHECKING:
    from gk.reload import Server
    from gk.resource import Resource
    from gk.settings import Settings

__all__ = ["reload"]


@click.command()
@project_option
@environment_option
@click.option(
    "--context",
    "context_name",
    metavar="NAME",
    shell_complete=complete_context,
    help="The servers: a context of gk.yaml. Default: the only one.",
)
@click.option(
    "--alerts",
    type=click.Choice(["prometheus", "grafana"]),
    default="prometheus",
    show_default=True,
    help="The engine that evaluates the alerts; gk does not look for them in the other one.",
)
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.IntRange(min=0),
    default=120,
    show_default=True,
    help="How long to wait for new files; those of ConfigMaps arrive within two minutes.",
)
@format_option("gk.reload.forms")
@click.pass_context
def reload(
    context: click.Context,
    project: Path | None,
    environment: str,
    context_name: str | None,
    alerts: str,
    wait: int,
    format_: str,
) -> None:
    """Make running servers reload their files, and check that they use what is defined.

    Reloads the Prometheus, the Alertmanager and the Grafana whose URLs the context has. Grafana
    demands the account of an administrator. gk restarts nothing and writes nothing.

    \b
    Exit codes: 0 all use what is defined, 1 a server does not, 2 a server refuses or does not
    answer.
    """
    from gk.compile import compile
    from gk.project import load
    from gk.reload import reload as reloaded
    from gk.reload.forms import FORMS

    root = root_of(project)
    with progress("compiling"):
        loaded = load(root, environment)
        resources = compile(loaded)
    with ExitStack() as opened:
        servers = _servers(opened, loaded.settings, root, context_name, alerts, resources)
        outcomes = []
        for server in servers:
            with progress(f"reloading {server.name}"):
                outcomes.append(reloaded(server, resources, patience=wait))
    print_(shown(FORMS, format_, outcomes), sys.stdout)
    context.exit(DIFFERENT if any(outcome.differences for outcome in outcomes) else SAME)


def _servers(
    opened: ExitStack,
    settings: Settings,
    root: Path,
    name: str | None,
    alerts: str,
    resources: list[Resource],
) -> list[Server]:
    """The servers of the context that the project builds something for."""
    from gk.errors import ConfigError
    from gk.grafana.client import Client
    from gk.grafana.connection import connection
    from gk.grafana.objects import Grafana
    from gk.prometheus import Prometheus
    from gk.prometheus.alertmanager import Alertmanager
    from gk.reload import OfAlertmanager, OfGrafana, OfPrometheus
    from gk.resource import Kind

    # By its name, too, so that a GRAFANA_URL of the shell is not asked instead.
    name = the_context(settings, name)
    target = settings.contexts[name]
    kinds = {resource.kind for resource in resources}
    servers: list[Server] = []
    if target.prometheus and Kind.PROMETHEUS_GROUP in kinds:
        prometheus = opened.enter_context(Prometheus(target.prometheus, target.timeout))
        servers.append(OfPrometheus(prometheus, evaluates_alerts=alerts == "prometheus"))
    if target.alertmanager and Kind.ALERTMANAGER in kinds:
        alertmanager = opened.enter_context(Alertmanager(target.alertmanager, target.timeout))
        servers.append(OfAlertmanager(alertmanager))
    if target.grafana and kinds & {Kind.DASHBOARD, Kind.DATASOURCE, Kind.RULE_GROUP}:
        grafana = connection(settings, root, name, os.environ, asker())
        client = opened.enter_context(Client(grafana))
        servers.append(OfGrafana(Grafana(client), evaluates_alerts=alerts == "grafana"))
    if not servers:
        raise ConfigError(
            "the context names no server that loads what the project defines; add prometheus, "
            "alertmanager or grafana to it in gk.yaml"
        )
    return servers
