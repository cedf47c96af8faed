"""Definitions compiled as they are, for tests that need no files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gk import Dashboard, Datasource
from gk.compile import compile
from gk.errors import DefinitionError, GkError, Source
from gk.project import Definition, Project
from gk.promql.snippet import Exporter, Scope
from gk.resource import Kind, Resource
from gk.settings import Settings
from tests.conftest import ProjectFolder

Json = dict[str, Any]

PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
LOKI = Datasource.loki("Loki", uid="loki", url="http://loki:3100")
REF = {"type": "prometheus", "uid": "prometheus"}

NODE = Exporter("node", metric="node_uname_info")


@NODE.snippet(unit="percentunit")
def busy(s: Scope) -> str:
    """Share of CPU time that is used."""
    return f"1 - avg by ({s.node}) ({s.rate('node_cpu_seconds_total', mode='idle')})"


@NODE.snippet(unit="percentunit")
def idle(s: Scope) -> str:
    """Share of CPU time that is not used."""
    return f"1 - {busy(s)}"


@NODE.snippet(unit="bytes")
def free(s: Scope, *, mountpoint: str) -> str:
    """Bytes that are free on a filesystem."""
    return s.select("node_filesystem_avail_bytes", mountpoint=mountpoint)


@NODE.snippet(unit="short", legend="up")
def up(s: Scope) -> str:
    """Whether a node
    can be scraped."""
    return s.select("up")


def resources(*values: Any, settings: Settings | None = None) -> list[Resource]:
    """The resources of a project with these definitions; the default data source is there if none
    is given."""
    given = (
        values if any(isinstance(value, Datasource) for value in values) else (PROMETHEUS, *values)
    )
    definitions = [
        Definition(value, Source("dashboards/d.py", line)) for line, value in enumerate(given, 1)
    ]
    return compile(Project(Path("/team"), settings or Settings(), definitions))


def dashboards(*values: Any, settings: Settings | None = None) -> list[Json]:
    """The bodies of the dashboards among them, by uid."""
    return [
        resource.body
        for resource in resources(*values, settings=settings)
        if resource.kind is Kind.DASHBOARD
    ]


def dashboard(*values: Any, settings: Settings | None = None) -> Json:
    """The body of the only dashboard among them."""
    (body,) = dashboards(*values, settings=settings)
    return body


def panel(definition: Any, *others: Any, **arguments: Any) -> Json:
    """A panel of a dashboard of nodes, compiled; `arguments` are the dashboard's."""
    body = dashboard(
        Dashboard("D", panels=[definition], **{"exporter": NODE, **arguments}), *others
    )
    (compiled,) = body["panels"]
    assert isinstance(compiled, dict)
    return compiled


def variable(definition: Any, *others: Any, **arguments: Any) -> Json:
    """A variable of a dashboard without an exporter, compiled; `arguments` are the dashboard's."""
    (compiled,) = dashboard(Dashboard("D", variables=[definition], **arguments), *others)[
        "templating"
    ]["list"]
    assert isinstance(compiled, dict)
    return compiled


def mistakes(*values: Any, settings: Settings | None = None) -> list[str]:
    """What is wrong with the definitions, without the places."""
    with pytest.raises(DefinitionError) as raised:
        resources(*values, settings=settings)
    return [problem.text for problem in raised.value.problems]


def problems(project: ProjectFolder) -> list[str]:
    """What is wrong with a project in a folder, as the user sees it."""
    with pytest.raises(GkError) as raised:
        project.resources()
    return str(raised.value).splitlines()


def leaves(value: Any, *path: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Everything in a JSON value that has nothing inside, with the way to it."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    has_parts = False
    for step, part in inside:
        has_parts = True
        yield from leaves(part, *path, step)
    if not has_parts:
        yield path, value
