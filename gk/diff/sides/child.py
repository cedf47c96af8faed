"""The process that compiles one side: a script that runs on the files of that side, without
credentials.

The tree may contain its own, older or newer gk, so this uses only what every version has:
`gk.project.load`, `gk.compile.compile` and the fields of a resource. Its result is one line of
JSON, the index, followed by the documents of the resources as they are.
"""

from __future__ import annotations

import dis
import errno
import gc
import hashlib
import importlib
import json
import os
import runpy
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

_SUFFIXES = (".py", ".json", ".yaml", ".yml")
_CONSTANTS = (str, bytes, int, float, complex, bool, type(None))


def main() -> None:
    """Read the task from the first line of standard input: confine this process, write the files of
    the archive, and report that. Load the definitions when the next line arrives. The task names
    open files by number."""
    task = json.loads(sys.stdin.readline())
    root = Path(task["root"])
    walls = _script("sandbox.py")["confine"](root, [task["gk"], *task["path"]])
    with os.fdopen(task["archive"], "rb") as archive:
        _script("unpack.py")["unpack"](archive, root)
    project = root / task["prefix"]
    with os.fdopen(task["ready"], "w", encoding="ascii") as ready:
        ready.write(json.dumps([walls, _has_definitions(project)]) + "\n")
    if sys.stdin.readline():
        _load(root, project, task)


def _script(name: str) -> dict[str, Any]:
    """Run a file beside this one, and return its globals. It is not imported, because the tree may
    contain its own gk."""
    return runpy.run_path(str(Path(__file__).with_name(name)))


def _has_definitions(root: Path) -> bool:
    """Whether there is anything to load. A side without definitions is empty, not a mistake: the
    first dashboard of a project counts as added."""
    folders = (root / name for name in ("datasources", "dashboards", "alerts"))
    return any(file.suffix in _SUFFIXES for folder in folders for file in folder.rglob("*"))


def _load(root: Path, project: Path, task: dict[str, Any]) -> None:
    has_gk = all((project / "gk" / name).is_file() for name in ("__init__.py", "project.py"))
    # A tree that contains gk is compiled with that gk, any other with the installed one.
    own = [str(root / path) for path in task["own_path"]]
    sys.path[:] = [str(project)] * has_gk + own + task["path"]
    # They lead to the working tree; the folders of the revision are in the path.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_editable(finder)]
    missing = _watch_environment(root)
    before = set(sys.modules)
    # As in gk build: the process is short, and garbage collection took a third of its time.
    gc.disable()
    index, documents = results(project, task["environment"])
    loaded = {name: module for name, module in sys.modules.items() if name not in before}
    index["shared"] = _shared(loaded, root, task)
    index["environment"] = sorted(missing)
    with os.fdopen(task["result"], "wb") as file:
        try:
            file.write(json.dumps(index).encode() + b"\n")
            file.writelines(documents)
            file.flush()
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            # The limit is the sandbox's, LARGEST_FILE.
            sys.exit("the compiled documents are too large: the limit is 256 MiB")


def _is_editable(finder: Any) -> bool:
    module = sys.modules.get(getattr(finder, "__module__", ""))
    names = getattr(module, "MAPPING", None)
    is_finder = getattr(module, "__name__", "").startswith("__editable__")
    return is_finder and isinstance(names, dict) and "gk" not in names


def _watch_environment(root: Path) -> set[str]:
    """The names of variables that the files below `root` will ask for in vain."""
    missing: set[str] = set()
    inside = f"{root}{os.sep}"

    class Watched(os._Environ):  # type: ignore[type-arg]
        def __getitem__(self, key: Any) -> Any:
            try:
                return super().__getitem__(key)
            except KeyError:
                if _asks(inside):
                    missing.add(str(key))
                raise

        def __contains__(self, key: object) -> bool:
            there = super().__contains__(key)
            if not there and _asks(inside):
                missing.add(str(key))
            return there

    os.environ.__class__ = Watched
    return missing


def _asks(inside: str) -> bool:
    """Whether the code that asks is below this folder, not in a library that it calls."""
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__") in ("os", "collections.abc"):
        frame = frame.f_back  # type: ignore[assignment]
    return bool(frame) and frame.f_code.co_filename.startswith(inside)


def _shared(loaded: dict[str, Any], root: Path, task: dict[str, Any]) -> dict[str, str]:
    """The modules that both sides load from one place though they may differ between revisions:
    from a folder outside of the repository, or installed from inside of it. With the place."""
    shared = {}
    installed = set(task["installed"])
    for name, module in loaded.items():
        file = getattr(module, "__file__", None)
        package = name.partition(".")[0]
        if not isinstance(file, str) or package in ("gk", "__mp_main__") or package in shared:
            continue
        path = Path(file).resolve()
        if package in installed:
            shared[package] = "installed"
        elif not path.is_relative_to(root) and not _is_of_python(path):
            shared[package] = str(path.parent)
    return shared


def _is_of_python(path: Path) -> bool:
    """Whether a file belongs to Python, or to a package that is installed."""
    is_installed = {"site-packages", "dist-packages"} & set(path.parts)
    own = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    return bool(is_installed) or any(path.is_relative_to(Path(folder).resolve()) for folder in own)


def results(root: Path, chosen: str = "") -> tuple[dict[str, Any], list[bytes]]:
    """What is handed back of the project in `root`: the index, and the documents. Of a project with
    environments, the index has one of each, or of the chosen one."""
    errors = importlib.import_module("gk.errors")
    # An older gk knows no environments.
    known = getattr(importlib.import_module("gk.project"), "environments", lambda root: ())
    try:
        names = list(known(root))
    except errors.GkError as error:
        return {"problems": _problems(error.problems)}, []
    if not names:
        return result(root)
    of_each, documents = [], []
    for name in names if not chosen else set(names) & {chosen}:
        index, own = result(root, name)
        of_each.append([name, index])
        documents += own
    return {"names": names, "environments": of_each, "problems": []}, documents


def result(root: Path, environment: str = "") -> tuple[dict[str, Any], list[bytes]]:
    """The index and the documents of one environment, or of a project without any."""
    errors = importlib.import_module("gk.errors")
    try:
        project, resources, problems, broken = _compiled(root, environment)
    except errors.GkError as error:
        return {"problems": _problems(error.problems)}, []
    used = [use.query.snippet for resource in resources for use in getattr(resource, "uses", ())]
    used += [
        snippet
        for resource in resources
        for use in getattr(resource, "uses", ())
        for snippet in use.snippets
    ]
    snippets = list(dict.fromkeys([*used, *getattr(project, "snippets", ())]))
    index = {
        "resources": [_resource(resource) for resource in resources],
        "problems": _problems(problems),
        "broken": sorted(broken),
        "snippets": {snippet.name: _facts(snippet) for snippet in snippets},
        "labels": _labels(project, snippets),
    }
    return index, [resource.json for resource in resources]


def _compiled(root: Path, environment: str) -> tuple[Any, list[Any], list[Any], set[str]]:
    """The project, its resources, the mistakes, and the files that were left out because of
    them."""
    project_module, compile_module = (
        importlib.import_module("gk.project"),
        importlib.import_module("gk.compile"),
    )
    # An older gk has no load_valid: it loads the whole project or raises.
    if not hasattr(project_module, "load_valid"):
        project = project_module.load(root)
        return project, compile_module.compile(project), [], set()
    # An older gk has no environments, and takes no second argument.
    named = [environment] if environment else []
    project, problems, broken = project_module.load_valid(root, *named)
    resources, more, also_broken = compile_module.compile_valid(project)
    return project, resources, [*problems, *more], {*broken, *also_broken}


def _problems(problems: Any) -> list[list[Any]]:
    # An older gk has no parts of documents apart from messages.
    return [
        [problem.source.file, problem.source.line, getattr(problem, "text", problem.message)]
        for problem in problems
    ]


def _resource(resource: Any) -> list[Any]:
    uses = [
        [
            *(str(use.where), str(use.query), use.query.snippet.name),
            *(sorted(snippet.name for snippet in use.snippets), getattr(use, "expr", "")),
        ]
        for use in getattr(resource, "uses", ())
    ]
    place = [resource.source.file, resource.source.line]
    return [
        resource.kind.value,
        resource.uid,
        resource.title,
        resource.folder,
        *place,
        len(resource.json),
        uses,
    ]


def _facts(snippet: Any) -> list[str]:
    digest = hashlib.sha256(repr(_code_of(snippet.function, set())).encode()).hexdigest()
    return [digest, snippet.unit, snippet.legend, snippet.description]


def _labels(project: Any, snippets: list[Any]) -> dict[str, list[str]]:
    scheme = project.settings.labels
    names = {*scheme.by_exporter, *(snippet.exporter.name for snippet in snippets)}
    return {name: _facts_of_labels(scheme.of(name)) for name in sorted(names)}


def _facts_of_labels(labels: Any) -> list[str]:
    shared = ["shared"] if getattr(labels, "shared", False) else []
    # An older gk knows one job only, and classic histograms.
    job = getattr(labels, "job_matcher", f'job="{labels.job}"')
    histograms = getattr(labels, "histograms", "classic")
    stored = [f"{histograms} histograms"] if histograms != "classic" else []
    words = [job or "any job", f"node={labels.node}", *labels.matchers, *shared, *stored]
    return [labels.job if isinstance(labels.job, str) else job, labels.node, ", ".join(words)]


def _code_of(function: Any, seen: set[Any]) -> Any:
    """A value for what a function does. It stays equal if only comments, formatting, line numbers
    or docstrings change."""
    # Functions may call each other in a circle.
    if not isinstance(function, FunctionType) or function in seen:
        return None
    seen.add(function)
    values = [*(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())]
    cells = [_named(cell.cell_contents, function, seen) for cell in function.__closure__ or ()]
    names = {
        name: function.__globals__[name]
        for name in _names(function.__code__)
        if name in function.__globals__
    }
    named = [(name, _named(value, function, seen)) for name, value in sorted(names.items())]
    return _instructions(function.__code__), [_constant(value) for value in values], cells, named


def _instructions(code: CodeType) -> Any:
    # Compare loaded values, not their indexes: a docstring is a constant too, and shifts others.
    steps = [(step.opname, _constant(step.argval)) for step in dis.get_instructions(code)]
    return (
        code.co_varnames[: code.co_argcount + code.co_kwonlyargcount],
        # CO_VARARGS and CO_VARKEYWORDS: whether it takes *args and **kwargs.
        code.co_flags & 0b1100,
        steps,
    )


def _names(code: CodeType) -> set[str]:
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)


def _named(value: Any, function: FunctionType, seen: set[Any]) -> Any:
    """The value of a helper function of the same module, or of a constant. Functions of other
    modules count as unchanged."""
    if isinstance(value, FunctionType):
        return _code_of(value, seen) if value.__module__ == function.__module__ else None
    return _constant(value)


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _instructions(value)
    if isinstance(value, (list, tuple)):
        return [_constant(item) for item in value]
    if isinstance(value, (set, frozenset)):
        # The order of a set differs between processes.
        return sorted(repr(_constant(item)) for item in value)
    if isinstance(value, dict):
        return [(_constant(key), _constant(item)) for key, item in value.items()]
    return repr(value) if isinstance(value, _CONSTANTS) else None


if __name__ == "__main__":
    main()
