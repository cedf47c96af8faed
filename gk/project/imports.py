"""Imports the modules of a project, as long as it loads, and leaves nothing of them behind.

A project's modules are those in its folder, and in its libraries: `lib/`, and the folders that
`libraries:` in gk.yaml names, each a package with the name of its folder. Several projects of a
repository may share one.
"""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TextIO

from gk.errors import Problem, Source
from gk.project.raised import is_gk
from gk.settings import SETTINGS_FILE

__all__ = ["CHECKS", "FOLDERS", "LIBRARY", "Libraries", "imported", "imports_of", "streams_kept"]

FOLDERS = ("datasources", "dashboards", "alerts")
CHECKS = "checks"
"""The folder of a team's own checks. They may import what definitions may."""
LIBRARY = "lib"
"""The folder of a project that is a library if it is there."""


@dataclass(frozen=True)
class Libraries:
    """The folders from which the project in `root` imports, beside its own: by the name of their
    package."""

    root: Path
    packages: Mapping[str, Path]

    @classmethod
    def of(cls, root: Path, given: Mapping[str, int]) -> tuple[Libraries, list[Problem]]:
        """The libraries of a project, and what is wrong with those that gk.yaml names, in which
        `given` are their lines."""
        problems = []
        packages: dict[str, Path] = {}
        by_default = {LIBRARY: 0} if (root / LIBRARY).is_dir() else {}
        for path, line in {**by_default, **given}.items():
            # A link is called as it is called here.
            name = os.path.basename(os.path.normpath(root / path))  # noqa: PTH119
            folder = (root / path).resolve()
            if mistake := _mistake(root, folder, name, packages):
                problems.append(
                    Problem(Source(SETTINGS_FILE, line), f"libraries: '{path}' {mistake}")
                )
            else:
                packages[name] = folder
        return cls(root, packages), problems

    @cached_property
    def _starts(self) -> tuple[str, ...]:
        """With what the paths of files of the project and of the libraries start."""
        return tuple(_start(str(folder)) for folder in (self.root, *self.packages.values()))

    def contain(self, file: str) -> bool:
        """Whether a file is in one of the libraries, or elsewhere in the project."""
        # Asked of every module that is imported, which may be thousands.
        return file.startswith(self._starts)

    def place(self, file: str) -> str:
        """The path of a file relative to the project: `lib/panels.py`, `../lib/panels.py`; of a
        file elsewhere, only its name."""
        if not self.contain(file):
            return Path(file).name
        return Path(os.path.relpath(file, self.root)).as_posix()

    def without_paths(self, text: str) -> str:
        """A text with the paths in it relative to the project."""
        for folder in self.packages.values():
            text = text.replace(f"{folder}{os.sep}", f"{self.place(str(folder / '_'))[:-1]}")
        return text.replace(f"{self.root}{os.sep}", "")

    def own(self, module: ModuleType) -> bool:
        """Whether a module belongs to the project, and not to gk, to Python or to a virtual
        environment inside the project, which may be the root of a container."""
        # Not by getattr: some modules import others when they are asked for an attribute.
        known = object.__getattribute__(module, "__dict__")
        file = str(known.get("__file__") or _folder_of(known.get("__path__")))
        # A package without __init__.py has its folder only.
        inside = self.contain(file) or file in map(str, self.packages.values())
        return inside and not (
            _INSTALLED.search(file) or is_gk(file) or file.startswith(_OF_PYTHON)
        )

    def shadowing(self, modules: Sequence[ModuleType]) -> Iterator[Problem]:
        """A mistake for each imported package of the project that has the name of one that is
        installed: whoever else imports that gets the project's."""
        for name in dict.fromkeys(module.__name__.partition(".")[0] for module in modules):
            if name not in (*FOLDERS, CHECKS) and (place := self._installed(name)):
                folder = self.packages.get(name, self.root / name)
                file = folder if folder.is_dir() else folder.with_suffix(".py")
                yield Problem(
                    Source(self.place(str(file))),
                    f"has the name of {place}, and would replace it; rename one of them",
                )

    def _installed(self, name: str) -> str:
        """What else Python would import by this name; empty for nothing."""
        if name in sys.stdlib_module_names:
            return f"Python's own module '{name}'"
        elsewhere = [path for path in sys.path if path and not _is_same(path, self.root)]
        with suppress(ImportError, AttributeError, ValueError):
            spec = PathFinder.find_spec(name, elsewhere)
            # A folder without __init__.py is a package to Python, wherever it is.
            if spec and spec.origin and not self.contain(spec.origin):
                return f"the installed package '{name}'"
        return ""


_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]")


def _start(folder: str) -> str:
    # The root of the file system ends with the separator.
    return f"{folder.rstrip(os.sep)}{os.sep}"


_OF_PYTHON = tuple(_start(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))


def _is_same(path: str, root: Path) -> bool:
    return os.path.realpath(path) == str(root)


def _mistake(root: Path, folder: Path, name: str, packages: Mapping[str, Path]) -> str:
    """What is wrong with a library; empty if nothing is."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if top and not folder.is_relative_to(top):
        return f"is outside of the repository, which begins at {os.path.relpath(top, root)}"
    if root.is_relative_to(folder):
        return "contains the project; name a folder beside it"
    if not folder.is_dir():
        return "is not a folder" if folder.exists() else "does not exist"
    if not name.isidentifier() or keyword.iskeyword(name):
        return f"cannot be imported: '{name}' is not a name in Python; rename the folder"
    if name in FOLDERS or name == "gk":
        return f"has a name that gk uses itself; rename '{name}'"
    if packages.get(name, folder) != folder:
        other = os.path.relpath(packages[name], root)
        return f"has the same name as {other}, and definitions import both as '{name}'; rename one"
    return ""


class _Finder(MetaPathFinder):
    """Finds libraries, before anything that is installed. A folder without __init__.py is a
    package, too."""

    def __init__(self, packages: Mapping[str, Path]) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a library; None for any other module."""
        folder = self._packages.get(fullname)
        if folder is None:
            return None
        init = folder / "__init__.py"
        if init.is_file():
            return importlib.util.spec_from_file_location(
                fullname, init, submodule_search_locations=[str(folder)]
            )
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec


@contextmanager
def imports_of(libraries: Libraries) -> Iterator[None]:
    """Let definitions import each other and the libraries, and remove their modules afterwards for
    the next project or environment.

    A folder without __init__.py becomes a package by hand, so that Python never imports an
    installed package of the same name instead. No bytecode is written: the folder belongs to the
    user, and writing costs more than it saves.
    """
    root = libraries.root
    path = list(sys.path)
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    # Modules of the project that somebody imported before, such as its tests, are not those of
    # this environment.
    hidden = {name: sys.modules.pop(name) for name in _own_names(libraries, set())}
    # Definitions may import something else that is called checks.
    own = [CHECKS] if (root / CHECKS).is_dir() and CHECKS not in libraries.packages else []
    hidden |= {name: sys.modules.pop(name) for name in own if name in sys.modules}
    before = set(sys.modules)
    finder = _Finder(libraries.packages)
    sys.path.insert(0, str(root))
    sys.meta_path.insert(0, finder)
    importlib.invalidate_caches()
    for folder in (*FOLDERS, *own):
        if not (root / folder / "__init__.py").is_file():
            package = ModuleType(folder)
            package.__path__ = [str(root / folder)]
            sys.modules[folder] = package
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_bytecode
        sys.path[:] = path
        with suppress(ValueError):
            sys.meta_path.remove(finder)
        for name in _own_names(libraries, before):
            sys.modules.pop(name, None)
        sys.modules.update(hidden)


def _own_names(libraries: Libraries, without: Set[str]) -> list[str]:
    """The names of imported modules that belong to the project."""
    names = {*FOLDERS, *libraries.packages}
    return [
        name
        for name, module in list(sys.modules.items())
        if name not in without
        and name != "__main__"
        and (
            name.partition(".")[0] in names
            # Not by isinstance: the libraries of cffi claim to be modules, and have no __dict__.
            or (issubclass(type(module), ModuleType) and libraries.own(module))
        )
    ]


def _folder_of(path: Iterable[str] | None) -> str:
    """The folder of a package without __init__.py, from its `__path__`."""
    try:
        # The path of a namespace package cannot be indexed.
        return next(iter(path or ()), "/")
    except KeyError:
        # It asks for the package that it is in, which may be gone.
        return "/"


def imported(root: Path, path: Path) -> ModuleType:
    """Import the file of definitions at `path`."""
    parts = list(path.relative_to(root).with_suffix("").parts)
    if not any("." in part for part in parts):
        return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    # Python would read the dot in a file name such as grafanalib's `service.dashboard.py` as a
    # package. A colon keeps the name distinct: other modules have none.
    name = ".".join(part.replace(".", ":") for part in parts)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def streams_kept() -> Iterator[None]:
    """Restore the standard streams, whatever definitions did to them.

    If a definition closes one, the next file that is opened gets its number: results would go to
    Grafana, in its connection.
    """
    streams = sys.stdout, sys.stderr
    kept = {}
    for number in (1, 2):
        # The process that started gk may have closed them.
        with suppress(OSError):
            kept[number] = os.dup(number)
    try:
        yield
    finally:
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
        sys.stdout, sys.stderr = (
            _open_again(stream, number) for number, stream in enumerate(streams, 1)
        )


def _open_again(stream: TextIO, number: int) -> TextIO:
    # A stream is None if the process started without it.
    if not getattr(stream, "closed", False):
        return stream
    return open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
