"""Definitions to resources: the only place that knows how Grafana and Prometheus spell a dashboard
or a rule.

Knows no files and no HTTP. Data sources come first because dashboards and rules refer to them;
dashboards come before rules because rules link to panels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gk.compile.ahead import workers
from gk.compile.context import Compilation
from gk.compile.dashboards import Ahead, compile_dashboards
from gk.compile.datasources import compile_datasources
from gk.compile.notifications import compile_notifications
from gk.compile.rules import compile_rules
from gk.errors import DefinitionError, Problem
from gk.project import Definition, Project
from gk.resource import Resource

__all__ = ["compile", "compile_once", "compile_valid", "workers"]


def compile(project: Project) -> list[Resource]:
    """The project's resources, ordered by kind and uid, folders first.

    Raises DefinitionError with every mistake in the definitions, whichever of them it is in.
    """
    return _compiled(project, project.dashboards)


def compile_once(project: Project, ahead: Ahead | None = None) -> list[Resource]:
    """The same, for whoever needs no dashboard of the project afterwards: it has none then.

    `ahead` are the workers of this project.
    """
    return _compiled(project, project.take_dashboards(), ahead)


def _compiled(
    project: Project, dashboards: Iterable[Definition], ahead: Ahead | None = None
) -> list[Resource]:
    context = Compilation(project)
    compile_datasources(context)
    compile_dashboards(context, dashboards, ahead)
    compile_rules(context)
    compile_notifications(context)
    if context.problems:
        raise DefinitionError(context.problems)
    return sorted(context.resources, key=lambda each: (each.kind.order, each.uid))


def compile_valid(project: Project) -> tuple[list[Resource], list[Problem], frozenset[str]]:
    """The resources of the files without mistakes, the mistakes, and the files that were left out
    for them.

    What fails only because another file was left out is left out too; its mistake is the other's.
    """
    problems: list[Problem] = []
    broken: set[str] = set()
    while True:
        rest = _without(project, broken)
        try:
            return compile(rest), problems, frozenset(broken)
        except DefinitionError as error:
            problems = problems or error.problems
            at_fault = {each.source.file for each in error.problems} & _files(rest)
            # The mistake may be in what several files use, such as a snippet.
            broken |= (
                at_fault
                or {file for file in _files(rest) if not _compiles(project, broken, file)}
                or _files(rest)
            )


def _files(project: Project) -> set[str]:
    return {each.source.file for each in project.definitions}


def _without(project: Project, files: set[str]) -> Project:
    return replace(
        project, definitions=[each for each in project.definitions if each.source.file not in files]
    )


def _compiles(project: Project, broken: set[str], file: str) -> bool:
    """Whether the file does with nothing but the data sources."""
    others = {
        each for each in _files(project) if each != file and not each.startswith("datasources/")
    }
    try:
        compile(_without(project, broken | others))
    except DefinitionError:
        return False
    return True
