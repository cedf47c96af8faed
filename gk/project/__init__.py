"""Finds a project's root, imports its definitions, and knows the place of each.

Definitions are module-level objects of dashboards/, datasources/ and alerts/. This module only
imports them; gk.compile interprets and checks them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from gk.bounded.reading import UnusableFileError, check, read_text
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.define.reading import Reading, reading
from gk.documents.files import NotReadableError, documents
from gk.errors import ConfigError, DefinitionError, Problem, Source, did_you_mean
from gk.project.definitions import DEFINITIONS, definitions_in, hidden_in
from gk.project.imports import FOLDERS, Libraries, imported, imports_of, streams_kept
from gk.project.raised import is_gk, message_of
from gk.promql.snippet import Snippet
from gk.settings import SETTINGS_FILE, Settings, read, read_all

__all__ = [
    "FOLDERS",
    "CheckedWarning",
    "Definition",
    "Project",
    "environments",
    "find_root",
    "load",
    "load_valid",
    "problem_of",
    "snippets_in",
]

_EXPORTS = (".json", ".yaml", ".yml")
_LARGEST = 16 << 20
"""Bytes of a definition file."""
_MOST_HIDDEN = 3
"""Definitions that a warning names."""

_NO_DASHBOARDS = tuple(type_ for type_ in DEFINITIONS if type_ is not Dashboard)
"""Every other definition is a dashboard, from any library."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition and its place in the project."""

    value: Any
    source: Source


class CheckedWarning(str):
    """A warning of what a check of gk check finds, too: gk check leaves it to that."""

    __slots__ = ()


@dataclass(frozen=True)
class Project:
    """The definitions of a project, in the order of their files and lines."""

    root: Path
    settings: Settings
    definitions: list[Definition] = field(default_factory=list)
    snippets: list[Snippet] = field(default_factory=list)
    """Those that the project's own modules define or import."""
    warnings: list[str] = field(default_factory=list)
    """Files that define nothing, although their author probably thinks that they do, and values
    that nobody reads."""
    libraries: Libraries | None = None
    read: Reading = field(default_factory=lambda: Reading(Settings()))
    """What the definitions read of gk.yaml."""

    def of(self, *types: type) -> Iterator[Definition]:
        """The definitions whose value has one of `types`."""
        return (
            definition for definition in self.definitions if isinstance(definition.value, types)
        )

    @property
    def dashboards(self) -> Iterator[Definition]:
        """Every definition of a dashboard, from any library."""
        return (
            definition
            for definition in self.definitions
            if not isinstance(definition.value, _NO_DASHBOARDS)
        )

    def take_dashboards(self) -> Iterator[Definition]:
        """Yield every dashboard, and remove it from the project, so that it is freed after its use.

        10,000 dashboards as objects do not fit into memory together with their JSON.
        """
        dashboards = list(self.dashboards)
        taken = {id(definition) for definition in dashboards}
        self.definitions[:] = [
            definition for definition in self.definitions if id(definition) not in taken
        ]
        dashboards.reverse()
        while dashboards:
            yield dashboards.pop()

    def place(self, source: Source) -> Source:
        """Return `source` with its file relative to the project; of files elsewhere, only the
        name."""
        if not Path(source.file).is_absolute():
            return source
        return replace(source, file=self._libraries.place(source.file))

    def line_of(self, error: BaseException) -> Source | None:
        """The project's last line in the traceback of an error."""
        lines = [
            (frame.f_code.co_filename, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
        ]
        own = [
            Source(file, line) for file, line in lines if self.contains(file) and not is_gk(file)
        ]
        return own[-1] if own else None

    def contains(self, file: str) -> bool:
        """Whether a file is in the project or in one of its libraries."""
        return self._libraries.contain(file)

    @property
    def _libraries(self) -> Libraries:
        return self.libraries or Libraries(self.root, {})

    def words_of(self, error: BaseException) -> str:
        """The message of an error, the same wherever the project is."""
        try:
            return self._libraries.without_paths(message_of(error))
        except KeyboardInterrupt:
            raise
        except BaseException:
            # The class may belong to the definition, and its methods may fail, too.
            return f"{type(error).__name__}, which does not say what is wrong"


def find_root(start: Path) -> Path:
    """Return the nearest of `start` and its parents with gk.yaml, dashboards/, or Python files in
    datasources/ or alerts/.

    Raises ConfigError if there is none.
    """
    for folder in (start, *start.parents):
        if os.path.lexists(folder / SETTINGS_FILE) or (folder / "dashboards").is_dir():
            return folder
        # These names are common, so the folder alone is no sign.
        if any(any((folder / name).glob("*.py")) for name in ("datasources", "alerts")):
            return folder
    raise ConfigError(
        f"no gk project here: neither {start.name or start}/ nor a folder above it has "
        f"{SETTINGS_FILE}, dashboards/, datasources/ or alerts/. Go to the project, or name it "
        "with -C"
    )


def environments(root: Path) -> list[str]:
    """The names of the environments of the project in `root`, in the order of gk.yaml. Raises
    ConfigError for mistakes in gk.yaml."""
    return [name for name in read_all(root) if name]


def load(root: Path, environment: str = "") -> Project:
    """Import the definitions of the project in `root`, as its `environment` has them.

    Raises ConfigError for mistakes in gk.yaml and for an environment that is open or unknown, and
    DefinitionError with every module that does not import.
    """
    project, problems, _ = load_valid(root, environment)
    if problems:
        raise DefinitionError(problems)
    return project


def load_valid(root: Path, environment: str = "") -> tuple[Project, list[Problem], frozenset[str]]:
    """Return the definitions that import, the mistakes of the others, and the files of these
    mistakes.

    Raises ConfigError as `load` does.
    """
    if sys.flags.optimize > 1:
        raise ConfigError(
            "Python runs with -OO (or PYTHONOPTIMIZE=2), which drops docstrings, "
            "and with them the descriptions of snippets; run gk without it"
        )
    root = root.resolve()
    settings = read(root, environment)
    files = list(_files(root))
    if not files:
        raise ConfigError(
            f"{root.name}/ has no definitions: write a dashboard in dashboards/, "
            "a data source in datasources/ or an alert group in alerts/, each a Python file "
            "with module-level objects"
        )
    libraries, mistakes = Libraries.of(root, settings.libraries)
    if mistakes:
        raise ConfigError(mistakes)
    project = Project(root, settings, libraries=libraries, read=Reading(settings))
    problems, broken = _import(project, files)
    if not problems:
        problems += _of_datasources(project)
    return project, problems, frozenset(broken)


def _import(project: Project, files: Sequence[Path]) -> tuple[list[Problem], set[str]]:
    """Import files of definitions into a project. Returns their mistakes, and the files of
    these."""
    root, libraries = project.root, project.libraries or Libraries(project.root, {})
    problems: list[Problem] = []
    broken: set[str] = set()
    definitions: dict[int, Definition] = {}
    # Standard output is for results, so what definitions print goes to standard error.
    with (
        reading(project.read),
        imports_of(libraries),
        streams_kept(),
        redirect_stdout(sys.stderr),
    ):
        before = set(sys.modules)
        for path in files:
            try:
                _add_definitions(project, path, definitions)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                problems.append(problem_of(project, path, error))
                broken.add(path.relative_to(root).as_posix())
        new = [module for name, module in list(sys.modules.items()) if name not in before]
        own = [module for module in new if isinstance(module, ModuleType) and libraries.own(module)]
        problems += libraries.shadowing(own)
        project.snippets.extend(snippets_in(own))
        project.warnings.extend(_without_definitions(root, own, definitions, broken))
        if not problems:
            project.warnings.extend(_unread(project, own))
    wrapped = {
        id(definition.value.body)
        for definition in definitions.values()
        if isinstance(definition.value, Dashboard)
    }
    project.definitions[:] = sorted(
        (definition for key, definition in definitions.items() if key not in wrapped), key=_order
    )
    return problems, broken


def _unread(project: Project, modules: Sequence[ModuleType]) -> Iterator[str]:
    """A warning for each value of gk.yaml that nobody reads."""
    left = {
        name: value
        for name, value in project.settings.values.items()
        if name not in project.read.used
    }
    if not left:
        return
    # A snippet reads a value when gk renders it, and a condition may hide the call.
    files = {str(file) for module in modules if (file := getattr(module, "__file__", None))}
    texts = [text for file in sorted(files) if (text := _text_of(Path(file)))]
    for name, value in left.items():
        if not any(f"{quote}{name}{quote}" in text for text in texts for quote in "'\""):
            yield (
                f"{SETTINGS_FILE}:{value.line}: no definition reads the value '{name}'; "
                "read it with gk.value, or remove it"
            )


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        # Definitions may do anything to their files.
        return ""


def _of_datasources(project: Project) -> Iterator[Problem]:
    """The mistakes in `datasources:` of gk.yaml: uids that no definition has, and exchanged
    ones."""
    defined = {definition.value.uid for definition in project.of(Datasource)}
    known = (defined - {*project.read.renamed.values()}) | project.read.applied
    for uid, change in project.settings.datasources.items():
        source = Source(SETTINGS_FILE, change.line)
        if uid not in project.read.applied:
            yield Problem(
                source,
                f"datasources: no definition has the uid '{uid}'{did_you_mean(uid, known)}",
            )
        elif change.uid in project.read.applied - {uid}:
            yield Problem(
                source,
                f"datasources.{uid}: another definition has the uid '{change.uid}', so references "
                "by it could mean both; choose another",
            )


def snippets_in(modules: Iterable[ModuleType]) -> list[Snippet]:
    """The snippets at the top level of the modules, each once."""
    values = [
        value
        for module in modules
        for name, value in vars(module).items()
        if not str(name).startswith("_")
    ]
    return list(dict.fromkeys(value for value in values if issubclass(type(value), Snippet)))


def _order(definition: Definition) -> tuple[int, tuple[str, ...], int]:
    """Sort by file and line; data sources before dashboards, dashboards before alerts."""
    parts = PurePosixPath(definition.source.file).parts
    folder = FOLDERS.index(parts[0]) if parts[0] in FOLDERS else len(FOLDERS)
    return folder, parts, definition.source.line


def _files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            names = path.relative_to(root).parts
            hidden = any(name.startswith(".") or name == "__pycache__" for name in names)
            if not hidden and (
                path.suffix == ".py" or (path.suffix in _EXPORTS and folder == "dashboards")
            ):
                yield path


def _add_definitions(project: Project, path: Path, definitions: dict[int, Definition]) -> None:
    """Add the definitions of one file to `definitions`, by id, so that imports from other files
    count once."""
    if path.suffix in _EXPORTS:
        for value in _exported(path):
            definitions[id(value)] = Definition(value, project.place(Source(str(path), 1)))
        return
    check(path, _LARGEST)
    module = imported(project.root, path)
    # Copy the items: threads that a definition started may still add some.
    for name, value in list(vars(module).items()):
        if name.startswith("_"):
            continue
        for definition in definitions_in(value):
            own = getattr(definition, "source", None)
            if not isinstance(own, Source):
                own = Source(str(path), _line_of(path, name))
            first = definitions.get(id(definition))
            # A definition without a line was imported there; its own file may come later.
            if first is None or (own.line and not first.source.line):
                definitions[id(definition)] = Definition(definition, project.place(own))


def _exported(path: Path) -> list[Any]:
    """The dashboards of a file of JSON, or of YAML, which may also contain something else."""
    text = read_text(path, _LARGEST)
    if path.suffix == ".json":
        return [json.loads(text, parse_int=_number)]
    return list(definitions_in(documents(path.name, text.encode())))


def _without_definitions(
    root: Path,
    modules: Sequence[ModuleType],
    definitions: Mapping[int, Definition],
    broken: Set[str],
) -> Iterator[str]:
    """A warning for each module of definitions that has none and hides some. `definitions` are
    those of all modules by their id, `broken` the files that did not import."""
    files = {definition.source.file for definition in definitions.values()} | broken
    for module in modules:
        file = Path(getattr(module, "__file__", None) or "/")
        place = file.relative_to(root).as_posix() if file.is_relative_to(root) else ""
        if place.partition("/")[0] in FOLDERS and place not in files:
            others = [other for other in modules if other is not module]
            if hidden := _hidden(module, others, definitions):
                yield (
                    f"{place} defines nothing; gk takes only what has a name at module level: "
                    f"assign {' and '.join(hidden[:_MOST_HIDDEN])} to a name"
                )


def _hidden(
    module: ModuleType, others: Sequence[ModuleType], taken: Mapping[int, Definition]
) -> list[str]:
    try:
        return hidden_in(module, others, taken)
    except KeyboardInterrupt:
        raise
    except BaseException:
        # The methods of a module's own classes may fail, and nothing is built of them.
        return []


def _number(text: str) -> int | float:
    """An integer, or a float beyond what JSON's readers take for one, as JavaScript has it."""
    number = float(text)
    return int(text) if -(2.0**63) <= number < 2.0**64 else number


def _line_of(path: Path, name: str) -> int:
    """The line of the first assignment to `name`, at module level if there is one; 0 without any,
    as for imports."""
    # A regular expression, because parsing each file again took a tenth of the time of a large
    # build.
    text = path.read_text(encoding="utf-8", errors="replace")
    for indent in ("", r"[ \t]+"):
        # Other targets may come before it: `first, name = ...`.
        pattern = rf"^{indent}(?:[\w, (]*,[ \t(]*)?{re.escape(name)}\b[^=\n]*=(?!=)"
        if assignment := re.search(pattern, text, re.MULTILINE):
            return text.count("\n", 0, assignment.start()) + 1
    return 0


def problem_of(project: Project, path: Path, error: BaseException) -> Problem:
    """Convert an error to a mistake at the project's last line in its traceback."""
    if isinstance(error, UnusableFileError):
        return Problem(project.place(Source(str(path))), str(error))
    if path.suffix == ".json" and isinstance(error, json.JSONDecodeError):
        message = f"is not JSON: {error.msg} at column {error.colno}"
        return Problem(project.place(Source(str(path), error.lineno)), message)
    if isinstance(error, NotReadableError):
        return Problem(project.place(Source(str(path), error.line)), str(error))
    line = project.line_of(error) or Source(str(path), 1)
    match error:
        # If a definition raises it itself, the attributes may have any value.
        case SyntaxError(filename=str(file), lineno=int(number)) if project.contains(file):
            return Problem(project.place(Source(file, number)), f"is not Python: {error.msg}")
    return Problem(project.place(line), project.words_of(error))
