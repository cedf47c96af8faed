"""Compiles definitions to resources. Only this package knows how Grafana and Prometheus spell a
dashboard or a rule.

It knows no files and no HTTP. Data sources are compiled first, because dashboards and rules refer
to them; dashboards before rules, because rules link to panels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gk.compile.ahead import workers
from gk.compile.context import Compilation
from gk.compile.dashboards import Ahead, compile_dashboards
from gk.compile.datasources import compile_datasources
from gk.compile.folders import compile_folders
from gk.compile.library_panels import compile_library_panels
from gk.compile.notifications import compile_notifications
from gk.compile.rules import compile_rules
from gk.compile.targets import check_targets
from gk.define.reading import reading
from gk.errors import DefinitionError, Problem
from gk.project import Definition, Project
from gk.resource import Resource

__all__ = ["compile", "compile_once", "compile_valid", "workers"]


def compile(project: Project, *, is_pushed: bool = False) -> list[Resource]:
    """Return the project's resources, ordered by kind and uid, folders first.

    Raises DefinitionError with every mistake in all definitions. What only Grafana would refuse is
    none in a project that builds nothing for Grafana, unless it `is_pushed`; likewise for
    Prometheus.
    """
    return _compiled(project, project.dashboards, is_pushed=is_pushed)


def compile_once(project: Project, ahead: Ahead | None = None) -> list[Resource]:
    """Compile like `compile`, and remove the project's dashboards on the way to save memory.

    `ahead` returns dashboards that the workers of this project have built.
    """
    return _compiled(project, project.take_dashboards(), ahead)


def _compiled(
    project: Project,
    dashboards: Iterable[Definition],
    ahead: Ahead | None = None,
    *,
    is_pushed: bool = False,
) -> list[Resource]:
    # Alerts draw their thresholds in panels, so a dashboard needs the alerts before they are
    # compiled: Compilation indexes them by query.
    context = Compilation(project, is_pushed=is_pushed)
    # Snippets are functions, which may read values, too.
    with reading(project.read):
        compile_folders(context)
        compile_datasources(context)
        compile_dashboards(context, dashboards, ahead)
        compile_library_panels(context)
        compile_rules(context)
        compile_notifications(context)
        check_targets(context)
    if problems := context.every_problem:
        raise DefinitionError(problems)
    return sorted(context.resources, key=lambda resource: (resource.kind.order, resource.uid))


def compile_valid(project: Project) -> tuple[list[Resource], list[Problem], frozenset[str]]:
    """Return the resources of the files without mistakes, the mistakes, and the files that were
    left out because of them.

    A file that fails only because another one was left out is left out too, without a mistake of
    its own.
    """
    problems: list[Problem] = []
    broken: set[str] = set()
    while True:
        rest = _without(project, broken)
        try:
            return compile(rest), problems, frozenset(broken)
        except DefinitionError as error:
            # Only the first round reports: later mistakes are consequences of the files that were
            # left out.
            problems = problems or error.problems
            at_fault = {problem.source.file for problem in error.problems} & _files(rest)
            # The mistake may be in what several files use, such as a snippet.
            broken |= (
                at_fault
                or {file for file in _files(rest) if not _compiles(project, broken, file)}
                or _files(rest)
            )


def _files(project: Project) -> set[str]:
    return {definition.source.file for definition in project.definitions}


def _without(project: Project, files: set[str]) -> Project:
    return replace(
        project,
        definitions=[
            definition for definition in project.definitions if definition.source.file not in files
        ],
    )


def _compiles(project: Project, broken: set[str], file: str) -> bool:
    """Whether the file compiles with only the data sources beside it."""
    others = {
        other for other in _files(project) if other != file and not other.startswith("datasources/")
    }
    try:
        compile(_without(project, broken | others))
    except DefinitionError:
        return False
    return True
