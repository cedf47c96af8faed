"""Builds the sides that come from git: revisions of a project, and its working tree.

gk.diff.sides.child compiles each side in its own process and folder, inside the sandbox of
gk.diff.sides.sandbox: with the side's definitions and gk.yaml, without the environment, and with a
time limit. The result of a process is untrusted.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import orjson

from gk.diff.sides.git import Archive, Commit, Range, Repository, TreeError
from gk.diff.sides.imports import Imports
from gk.diff.sides.processes import Child, Children
from gk.diff.sides.sandbox import LARGEST_FILE
from gk.diff.sides.side import LabelFacts, Side, SnippetFacts, Used
from gk.errors import ConfigError, Problem, Source
from gk.forms.plurals import several
from gk.resource import MOST_NESTED, Kind, Resource, is_nested_too_deep
from gk.settings import SETTINGS_FILE, requires_sandbox
from gk.settings.environments import choose

__all__ = ["TIME_LIMIT", "read", "sides"]

TIME_LIMIT = 120.0
"""Seconds for both sides together."""
_LONGEST_INDEX = 64 * 1024**2
"""The most bytes of the index in a result."""
_SHOWN = 3
"""How many changed files a message lists."""


def sides(
    root: Path,
    range: Range,
    timeout: float = TIME_LIMIT,
    *,
    unsafe: bool = False,
    strict: bool = False,
    environ: Mapping[str, str] = MappingProxyType({}),
    environment: str = "",
) -> tuple[Side, Side]:
    """Build both sides of a range of the project in `root` within `timeout` seconds. Definitions
    may read the variables of `environ`, and no others. `environment` is the only one that is
    compiled.

    Writes neither to the working tree nor to the repository. If the sandbox is not complete, gk
    refuses a new side that is not checked out here, and with `strict` any side. `unsafe` overrides
    this, unless gk.yaml of the old side requires a sandbox. Raises ConfigError if gk refuses, and
    for an unknown revision. Mistakes in the definitions or the tree of a revision become problems
    of that side.
    """
    git = Repository(root)
    imports = Imports.of(git.top, root)
    commits = git.commits(range)
    ends = time.monotonic() + timeout
    with ExitStack() as stack:
        archives = [
            _archive(git, commit, imports, stack.enter_context(tempfile.TemporaryFile()))
            for commit in commits
        ]
        children = stack.enter_context(Children())
        started = [
            children.start(archive, git.prefix, imports, environ, environment)
            if isinstance(archive, Archive) and archive.paths
            else None
            for archive in archives
        ]
        # Both sides write their files before either runs code, so that they can be compared later.
        children.wait_until_ready(ends)
        if missing := _missing_wall(started):
            _refuse(missing, git, range, commits[1], unsafe=unsafe, strict=strict)
        children.load(ends)
        old, new = (
            _side(commit.name if commit else "working tree", archive, child, timeout)
            for commit, archive, child in zip(commits, archives, started, strict=True)
        )
    # What a side with mistakes has is unknown.
    if environment and not (old.problems or new.problems):
        choose(list(dict.fromkeys((*new.environment_names, *old.environment_names))), environment)
    return _checked(old, new), _checked(new, old)


def _archive(
    git: Repository, commit: Commit | None, imports: Imports, file: IO[bytes]
) -> Archive | TreeError:
    """The files of a side, or the reason why gk cannot read them."""
    try:
        return git.archive(commit, file, [*imports.inside, *git.libraries(commit)])
    except TreeError as error:
        return error


def _missing_wall(children: list[Child | None]) -> str:
    """The wall that is missing around definitions that gk would load; empty if none is."""
    loading = [child for child in children if child and child.is_ready and child.has_definitions]
    return next((missing for child in loading if (missing := child.walls.missing)), "")


def _refuse(
    missing: str, git: Repository, range: Range, new: Commit | None, *, unsafe: bool, strict: bool
) -> None:
    """Raise ConfigError if gk must not load the definitions without the missing wall."""
    instead = "run gk on a newer kernel, or in a container on one"
    # The old side, because the new one could remove the setting.
    if requires_sandbox(git.settings(range.old)):
        raise ConfigError(
            f"{missing}, and {SETTINGS_FILE} at {range.old} says sandbox: required; {instead}"
        )
    if unsafe:
        return
    accept = "or pass --unsafe to accept that the definitions can do everything you can"
    if strict:
        raise ConfigError(
            f"{missing}; in CI and for comments gk does not load definitions without it: "
            f"{instead}, {accept}"
        )
    # Definitions that are checked out would run in gk build anyway.
    if new and not git.is_checked_out(new):
        raise ConfigError(
            f"{missing}, and {new.name} is not checked out here, so its definitions may "
            f"be a stranger's: {instead}, {accept}"
        )


def _side(name: str, archive: Archive | TreeError, child: Child | None, timeout: float) -> Side:
    """The side that a process built. Nothing in its result is trusted."""
    if isinstance(archive, TreeError):
        return _failed(name, str(archive))
    # A side without a project or definitions is empty, not broken.
    if child is None or (child.is_ready and not child.has_definitions):
        return Side(name=name)
    # Definitions of one side may have edited files of the other, or their own before they load.
    if child.changed:
        side = _failed(
            name,
            f"its files changed while gk loaded them ({several(child.changed, _SHOWN)}): "
            "definitions must not write to definitions, and the result is unreliable",
        )
        return replace(side, is_tampered=True, walls=child.walls)
    return replace(_result(name, child, timeout), walls=child.walls)


def _result(name: str, child: Child, timeout: float) -> Side:
    if child.code is None:
        return _failed(
            name,
            f"the definitions did not load and compile within {timeout:g} s; increase --timeout",
        )
    if child.code:
        ended = (
            f"signal {_signal_name(-child.code)}" if child.code < 0 else f"exit code {child.code}"
        )
        return _failed(
            name,
            f"the process that loads the definitions ended with {ended}{_last_words(child.said)}",
        )
    try:
        return replace(read(child.result), name=name)
    # Everything that orjson and the checks of `read` raise for a malformed result.
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        return _failed(
            name, f"the process that loads the definitions left no result ({type(error).__name__})"
        )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _last_words(said: IO[bytes]) -> str:
    """The last line of a process's output."""
    end = said.seek(0, os.SEEK_END)
    said.seek(max(0, end - 2000))
    lines = said.read().decode(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    # A stranger's output must not control the terminal.
    plain = "".join(letter for letter in last if letter.isprintable())
    return f": {plain[:300]}" if plain else ""


def _failed(name: str, message: str) -> Side:
    return Side(name=name, problems=(Problem(Source(""), message),))


def _checked(side: Side, other: Side) -> Side:
    """The side, or a failed one if its documents are not valid JSON. Documents that are equal on
    both sides are skipped, because nothing reads them."""
    if side.environments:
        loaded = {name: _checked(own, other.of(name)) for name, own in side.environments.items()}
        return replace(side, environments=loaded)
    same = {resource.key: resource.json for resource in other.resources}
    for resource in side.resources:
        if resource.kind is Kind.FOLDER or same.get(resource.key) != resource.json:
            try:
                is_too_deep = is_nested_too_deep(resource.body)
            except ValueError:
                return _failed(
                    side.name,
                    "the process that loads the definitions left no result (invalid JSON)",
                )
            # Comparing recurses into documents, and Python limits recursion.
            if is_too_deep:
                place = f"{resource.kind.value} '{resource.title}'"
                return _failed(
                    side.name,
                    f"{place} is nested deeper than {MOST_NESTED} levels, and cannot be compared",
                )
    return side


def read(result: IO[bytes]) -> Side:
    """Read the side in a result. Raises any of the exceptions that `_result` catches if the result
    is malformed."""
    left = result.seek(0, os.SEEK_END)
    if left > LARGEST_FILE:
        raise ValueError("the result is too large")
    result.seek(0)
    line = result.readline(_LONGEST_INDEX)
    index = orjson.loads(line)
    documents = _Documents(result, left - len(line))
    side = _read(index, documents)
    return replace(
        side,
        not_compared=tuple(_not_compared(index)),
        environments={
            _text(name): _read(side, documents) for name, side in index.get("environments", ())
        },
        environment_names=tuple(map(_text, index.get("names", ()))),
    )


class _Documents:
    """The documents in a result, which follow each other."""

    def __init__(self, result: IO[bytes], left: int) -> None:
        self._result = result
        self._left = left

    def read(self, size: Any) -> bytes:
        """The next document."""
        self._left -= _number(size)
        if self._left < 0:
            raise ValueError("a document is longer than the result")
        return self._result.read(size)


def _read(index: Mapping[str, Any], documents: _Documents) -> Side:
    resources, uses = [], {}
    for kind, uid, title, folder, source, number, size, used in index.get("resources", ()):
        text = documents.read(size)
        key = (Kind(kind), _text(uid))
        resources.append(
            Resource(
                *key, _text(title), _text(folder), text, Source(_text(source), _number(number))
            )
        )
        uses[key] = tuple(
            Used(
                _text(where),
                _text(query),
                _text(snippet),
                frozenset(map(_text, made_of)),
                _text(expr),
            )
            for where, query, snippet, made_of, expr in used
        )
    return Side(
        name="",
        resources=resources,
        problems=tuple(sorted({_problem(*problem) for problem in index["problems"]})),
        broken=frozenset(map(_text, index.get("broken", ()))),
        uses=uses,
        snippets={
            _text(name): SnippetFacts(*map(_text, facts))
            for name, facts in index.get("snippets", {}).items()
        },
        labels={
            _text(name): LabelFacts(*map(_text, facts))
            for name, facts in index.get("labels", {}).items()
        },
    )


def _problem(file: Any, line: Any, message: Any) -> Problem:
    text = _text(message)
    if text.startswith(("PermissionError: ", "BlockingIOError: ")):
        text += (
            "; gk diff loads definitions in a sandbox, in which they read only the repository and "
            "write nothing outside"
        )
    return Problem(Source(_text(file), _number(line)), text)


def _not_compared(index: Mapping[str, Any]) -> Iterator[str]:
    for name, place in index.get("shared", {}).items():
        where = (
            "is installed as a copy from this repository; install it with pip install -e"
            if _text(place) == "installed"
            else f"is loaded from {place}, outside of this repository"
        )
        yield f"module '{_text(name)}' {where}"
    for name in index.get("environment", ()):
        # What is not set here either is the same in every build.
        if _text(name) in os.environ:
            yield (
                f"the definitions read the environment variable {name}, which gk diff hides from "
                f"them; hand it to both sides with --env {name}"
            )


def _number(value: Any) -> int:
    """Check a size or a line number."""
    # Not isinstance: True is an int.
    if type(value) is not int or not 0 <= value <= LARGEST_FILE:
        raise ValueError("not a size")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
