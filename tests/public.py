"""Tries gk on dashboards and rule files that other people published.

    python -m tests.public FOLDER [--warnings]

Every dashboard (JSON) below the folder becomes the only one of a project that defines the data
sources it names; every rule file (YAML, also a PrometheusRule) becomes alert groups of a project
that builds for Prometheus. The script prints each file that gk refuses, builds to something that
`gk diff` does not call equal, or fails on, and counts: how many load, build and are equal, and the
problems and warnings by kind. With `--warnings`, it prints each warning, too. It exits with 1 if gk
raised an error of its own.
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

import yaml

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
    for path in sorted(file for file in folder.rglob("*") if file.suffix in _TRIES):
        tried = _tried(path)
        if tried is None:
            continue
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


def _tried(path: Path) -> Tried | None:
    """What came of a file; None if it is something else."""
    if path.suffix != ".json" and not _groups(path):
        return None
    tried = Tried()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        try:
            _TRIES[path.suffix](path, root, tried)
        except (ConfigError, DefinitionError) as error:
            tried.says += [
                f"{problem.source.line or ''} {problem.text}".strip() for problem in error.problems
            ]
        except Exception:
            tried.failed = True
            tried.says += traceback.format_exc().splitlines()[-4:]
    return tried


def _try_dashboard(path: Path, root: Path, tried: Tried) -> None:
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


def _try_rules(path: Path, root: Path, tried: Tried) -> None:
    groups = _groups(path)
    (root / "alerts").mkdir()
    (root / "alerts" / "groups.py").write_text(_definitions(groups))
    (root / "gk.yaml").write_text("build: {formats: [prometheus]}\n")
    project = load(root)
    tried.loads = True
    built = [item.body for item in compile(project) if item.kind is Kind.PROMETHEUS_GROUP]
    tried.builds = True
    # gk writes the interval even where it is the default of Prometheus.
    explicit = [{"interval": "1m", **group} for group in groups]
    for name, body in (("original.yaml", explicit), ("built.yaml", built)):
        (root / name).write_text(yaml.safe_dump({"groups": body}))
    diff = compare(files_side(root / "original.yaml"), files_side(root / "built.yaml"))
    tried.is_equal = not diff.changes and not diff.old_problems and not diff.new_problems
    if not tried.is_equal:
        tried.says += text(diff).splitlines()[2:]


def _groups(path: Path) -> list[Any]:
    """The rule groups of a file, as Prometheus or its operator keeps them."""
    try:
        documents = list(yaml.safe_load_all(path.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError):
        return []
    groups: list[Any] = []
    for document in documents:
        if isinstance(document, dict):
            spec = document.get("spec", document)
            listed = spec.get("groups") if isinstance(spec, dict) else None
            groups += listed if isinstance(listed, list) and all(map(_is_group, listed)) else []
    return groups


def _is_group(group: Any) -> bool:
    rules = group.get("rules") if isinstance(group, dict) else None
    return isinstance(rules, list) and all(
        isinstance(rule, dict) and "expr" in rule and {"alert", "record"} & rule.keys()
        for rule in rules
    )


def _definitions(groups: list[Any]) -> str:
    """A module of alert groups."""
    lines = ["from gk import alert, alert_group, recording_rule", ""]
    for number, group in enumerate(groups):
        rules = ", ".join(map(_rule, group["rules"]))
        options = {
            key: group[key]
            for key in ("interval", "limit", "query_offset", "labels")
            if key in group
        }
        # Groups of one name may be in one folder of no Grafana.
        lines.append(
            f"g{number} = alert_group({group['name']!r}, [{rules}], folder='f{number}', "
            f"{_arguments(options)})"
        )
    return "\n".join(lines)


def _rule(rule: dict[str, Any]) -> str:
    labels = {key: str(value) for key, value in (rule.get("labels") or {}).items()}
    expr = str(rule["expr"])
    if "record" in rule:
        return f"recording_rule({rule['record']!r}, {expr!r}, labels={labels!r})"
    options = {
        "for_": rule.get("for", "0s"),
        "keep_firing_for": rule.get("keep_firing_for"),
        "labels": labels,
        "annotations": rule.get("annotations"),
        "severity": "",
    }
    given = {key: value for key, value in options.items() if value is not None}
    return f"alert({rule['alert']!r}, {expr!r}, {_arguments(given)})"


def _arguments(given: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in given.items())


def _datasources(body: Any) -> str:
    """A module that defines the data sources that a dashboard names."""
    # With one data source of a type, that would be the default.
    named = dict(_named(body))
    for given in body.get("__inputs") or []:
        named[given["name"]] = given.get("pluginId", "")
    for number, type in enumerate(sorted({"prometheus", *named.values()})):
        named |= {f"other-{number}-a": type, f"other-{number}-b": type}
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


_TRIES = {".json": _try_dashboard, ".yaml": _try_rules, ".yml": _try_rules}

if __name__ == "__main__":
    main()
