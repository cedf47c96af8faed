"""Finds a team's own checks: functions with the decorator `check` in checks/*.py of the project.

They are imported as definitions are. A mistake in one is a mistake of the project; one that fails
while it runs is a finding, and the others run.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

from gk.bounded.reading import UnusableFileError, check, read_text
from gk.check.live.model import LIVE_SUBJECTS
from gk.check.model import Check, Found
from gk.check.subjects import (
    Annotation,
    Dashboard,
    Expression,
    Group,
    Panel,
    Query,
    Rule,
    Variable,
)
from gk.check.subjects import Project as Subject
from gk.define.reading import Reading, reading
from gk.errors import ConfigError, DefinitionError, Problem, Source, did_you_mean
from gk.project import Project, problem_of
from gk.project.imports import CHECKS, Libraries, imported, imports_of, streams_kept
from gk.resource import Resource
from gk.settings import Settings

__all__ = ["SUBJECTS", "custom_checks", "names_of_custom_checks"]

SUBJECTS = (
    Annotation,
    Dashboard,
    Expression,
    Group,
    Panel,
    Subject,
    Query,
    Resource,
    Rule,
    Variable,
    *LIVE_SUBJECTS,
)
_LARGEST = 1 << 20
"""Bytes of a file of checks."""


def custom_checks(root: Path, settings: Settings, known: Collection[str]) -> list[Check]:
    """The checks in the folder checks/ of the project in `root`, by name; `known` are the names of
    gk's own.

    Raises DefinitionError with every file that does not import, and every check that cannot run.
    """
    files = _files(root)
    if not files:
        return []
    libraries, problems = Libraries.of(root, settings.libraries)
    if problems:
        raise ConfigError(problems)
    project = Project(root, settings, libraries=libraries, read=Reading(settings))
    imported, problems = _imported(project, libraries, files)
    checks: dict[str, Check] = {}
    for own in imported:
        if mistake := _mistake(own, checks, known):
            problems.append(Problem(own.source or Source(CHECKS), mistake))
        else:
            checks[own.name] = _Guarded.of(own, project)
    if problems:
        raise DefinitionError(problems)
    return [checks[name] for name in sorted(checks)]


def names_of_custom_checks(root: Path) -> list[str]:
    """The names of the checks, as far as the text of the files tells: nothing is imported."""
    return [
        node.name.replace("_", "-")
        for path in _files(root)
        for node in _parsed(path)
        if isinstance(node, ast.FunctionDef) and any(map(_is_check, node.decorator_list))
    ]


def _parsed(path: Path) -> list[ast.stmt]:
    try:
        return ast.parse(read_text(path, _LARGEST)).body
    # A shell completes names while its user types: no place for messages.
    except (UnusableFileError, SyntaxError, ValueError, RecursionError):
        return []


def _is_check(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else None
    return getattr(name, "id", "") == "check" or getattr(name, "attr", "") == "check"


def _files(root: Path) -> list[Path]:
    return [
        path
        for path in sorted((root / CHECKS).rglob("*.py"))
        if not any(name.startswith(".") for name in path.relative_to(root).parts)
    ]


def _imported(
    project: Project, libraries: Libraries, files: Collection[Path]
) -> tuple[list[Check], list[Problem]]:
    """The checks of files, and the mistakes in these files."""
    checks: dict[int, Check] = {}
    problems = []
    with (
        reading(project.read),
        imports_of(libraries),
        streams_kept(),
        redirect_stdout(sys.stderr),
    ):
        for path in files:
            try:
                check(path, _LARGEST)
                values = list(vars(imported(project.root, path)).values())
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                # Also sys.exit(), which must not end gk.
                problems.append(problem_of(project, path, error))
                continue
            # A check that several files import is one.
            checks |= {
                id(value): replace(value, source=_source(value, project))
                for value in values
                if isinstance(value, Check) and id(value) not in checks
            }
    return list(checks.values()), problems


def _source(check: Check, project: Project) -> Source:
    code = getattr(check.function, "__code__", None)
    return project.place(Source(code.co_filename, code.co_firstlineno)) if code else Source(CHECKS)


def _mistake(check: Check, others: Collection[str], known: Collection[str]) -> str:
    """Why a check cannot run; empty if it can."""
    if check.name in known:
        return f"gk has a check '{check.name}'; rename this one"
    if check.name in others:
        return f"there are two checks '{check.name}'; rename one"
    if check.subject not in SUBJECTS:
        words = [subject.__name__ for subject in SUBJECTS]
        given = getattr(check.subject, "__name__", str(check.subject))
        hint = did_you_mean(given, words) or f"; one of {', '.join(words)}"
        return f"check {check.name} looks at {given}, which gk does not pass to checks{hint}"
    return ""


_MOST = 10_000
"""Messages of a check on one subject; a generator without an end would fill the memory."""


class _Guarded:
    """The function of a check, with its failures as findings."""

    def __init__(self, check: Check, project: Project) -> None:
        self._check = check
        self._project = project

    @classmethod
    def of(cls, check: Check, project: Project) -> Check:
        """The check, guarded."""
        return replace(check, function=cls(check, project))

    def __call__(self, subject: object, **options: object) -> Iterator[str | Found]:
        """What the check finds, and how it failed."""
        messages: list[str | Found] = []
        try:
            # Standard output is for the report.
            with redirect_stdout(sys.stderr):
                messages.extend(_messages(self._check.function(subject, **options)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            messages.append(self._failure(error, subject))
        yield from messages

    def _failure(self, error: BaseException, subject: object) -> Found:
        line = self._project.line_of(error) or self._check.source or Source(CHECKS)
        words = self._project.words_of(error)
        return Found(
            f"fails on {_named(subject)}: {words}; fix the check",
            failed_at=self._project.place(line),
        )


def _messages(result: Iterable[object] | None) -> Iterator[str | Found]:
    if result is None or isinstance(result, str):
        raise TypeError("yields nothing; write `yield` before each message")
    for number, message in enumerate(result):
        if number == _MOST:
            raise ValueError(f"yields more than {_MOST:,} messages")
        if not isinstance(message, (str, Found)):
            raise TypeError(f"yields {type(message).__name__}, not a message")
        yield message


def _named(subject: object) -> str:
    """What a check looked at, for people."""
    noun = type(subject).__name__.lower()
    names = (getattr(subject, attribute, "") for attribute in ("title", "name", "where", "text"))
    name = next((str(name) for name in names if name), "")
    return f"{noun} '{name}'" if name else f"the {noun}"
