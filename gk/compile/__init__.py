"""Definitions to resources: the only place that knows how Grafana and Prometheus spell a dashboard or a rule.

Knows no files and no HTTP. Data sources come first because dashboards and rules refer to them; dashboards come before
rules because rules link to panels.
"""

from __future__ import annotations

from gk.compile.alerts import compile_alerting
from gk.compile.context import Context
from gk.compile.dashboards import compile_dashboards
from gk.compile.datasources import compile_datasources
from gk.errors import DefinitionError
from gk.project import Project
from gk.resource import Kind, Resource

__all__ = ["compile"]

_ORDER = {kind: index for index, kind in enumerate(Kind)}


def compile(project: Project) -> list[Resource]:
    """The project's resources, ordered by kind and uid, folders first.

    Raises DefinitionError with every mistake in the definitions, whichever of them it is in.
    """
    context = Context(project)
    compile_datasources(context)
    compile_dashboards(context)
    compile_alerting(context)
    if context.problems:
        raise DefinitionError(context.problems)
    return sorted(context.resources, key=lambda each: (_ORDER[each.kind], each.uid))
