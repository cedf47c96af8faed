"""Tries gk on dashboards that other people published.

    python -m tests.public FOLDER [--warnings]

Every dashboard (JSON) below the folder becomes the only one of a project that defines the data
sources it names. The script prints each file that gk refuses, builds to something that `gk diff`
does not call equal, or fails on, and counts: how many load, build and are equal, and the problems
and warnings by kind. With `--warnings`, it prints each warning, too. It exits with 1 if gk raised
an error of its own.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gk.compile import compile
from gk.diff.compare import compare
from gk.diff.forms.text import text
from gk.diff.sides.files import files_side
from gk.errors import ConfigError, DefinitionError
from gk.project import load
from gk.resource import Kind

_VARIABLE = re.compile(r"\$\w+|\$\{[^}]*\}|\[\[[^\]]*\]\]")
_BUILT_IN = frozenset({"", "default", "grafana", "__expr__", "-100"})


@dataclass
class Tried:
    """What came of one file."""

    loads: bool = False
    builds: bool = False
    is_equal: bool = False
    failed: bool = False
    says: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def main() -> None:
    """Try every file, and print what came of it."""
    folder = Path(sys.argv[1])
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.json")):
        tried = _tried(path)
        counts += Counter(
            files=1,
            load=tried.loads,
            build=tried.builds,
            equal=tried.is_equal,
            tracebacks=tried.failed,
        )
        kinds.update({_kind(line) for line in tried.says})
        warned.update({_kind(line) for line in tried.warnings})
        if "--warnings" in sys.argv and tried.warnings:
            print(f"warned: {path.relative_to(folder)}", *tried.warnings, sep="\n    ", flush=True)
        if not tried.is_equal:
            how = "not equal" if tried.builds else "refused" if tried.loads else "not read"
            print(f"{how}: {path.relative_to(folder)}", *tried.says, sep="\n    ", flush=True)
    for what, counted in (("problems", kinds), ("warnings", warned)):
        print(f"\n{what} by kind, in files:")
        for kind, number in counted.most_common():
            print(f"{number:>6}  {kind}")
    print(", ".join(f"{name} {counts[name]}" for name in ("files", "load", "build", "equal")))
    print(f"{counts['tracebacks']} tracebacks")
    sys.exit(1 if counts["tracebacks"] else 0)


def _tried(path: Path) -> Tried:
    tried = Tried()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        try:
            _try(path, root, tried)
        except (ConfigError, DefinitionError) as error:
            tried.says += [
                f"{problem.source.line or ''} {problem.message}".strip()
                for problem in error.problems
            ]
        except Exception:
            tried.failed = True
            tried.says += traceback.format_exc().splitlines()[-4:]
    return tried


def _try(path: Path, root: Path, tried: Tried) -> None:
    (root / "dashboards").mkdir()
    (root / "datasources").mkdir()
    content = path.read_bytes()
    (root / "dashboards" / "board.json").write_bytes(content)
    body = json.loads(content)
    (root / "datasources" / "named.py").write_text(_datasources(body))
    inputs = [given["name"] for given in body.get("__inputs") or []]
    (root / "gk.yaml").write_text(json.dumps({"inputs": {name: name for name in inputs}}))
    # What the import dialog of Grafana does.
    imported = _VARIABLE.sub(
        lambda match: match[0][2:-1] if match[0][2:-1] in inputs else match[0], content.decode()
    )
    (root / "original.json").write_text(imported)
    project = load(root)
    tried.loads = True
    [built] = [item for item in compile(project) if item.kind is Kind.DASHBOARD]
    tried.builds = True
    tried.warnings += [warning.partition("': ")[2] for warning in project.warnings]
    (root / "built").mkdir()
    (root / "built" / "board.json").write_bytes(built.json)
    diff = compare(files_side(root / "original.json"), files_side(root / "built" / "board.json"))
    tried.is_equal = not diff.changes and not diff.old_problems and not diff.new_problems
    if not tried.is_equal:
        tried.says += text(diff).splitlines()[2:]


def _datasources(body: Any) -> str:
    """A module that defines the data sources that a dashboard names."""
    # With one data source, that would be the default.
    named = {"other-1": "", "other-2": "", **dict(_named(body))}
    for given in body.get("__inputs") or []:
        named[given["name"]] = given.get("pluginId", "")
    lines = ["from gk import Datasource", ""]
    for number, (uid, type) in enumerate(named.items()):
        lines.append(
            f"d{number} = Datasource(name={uid!r}, type={type or 'prometheus'!r}, uid={uid!r}, "
            "external=True)"
        )
    return "\n".join(lines)


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        given = value.get("datasource")
        ref = given if isinstance(given, dict) else {"uid": given}
        uid = str(ref.get("uid") or "")
        if uid not in _BUILT_IN and not uid.startswith("-- ") and not _VARIABLE.search(uid):
            yield uid, str(ref.get("type") or "")
        for item in value.values():
            yield from _named(item)


def _kind(line: str) -> str:
    """A message without the names and values in it."""
    return re.sub(r"'[^']*'|\d+", "_", line)[:100]


if __name__ == "__main__":
    main()
