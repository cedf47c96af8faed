"""How well `gk import` writes what it reads: each file alone, and all files at once.

    python benchmarks/imports.py FOLDER...              also: files

A folder counts every dashboard and rule file in it. The table has, for each file, whether what is
written builds what was read, the panels, those with `extra` and those that stay JSON, the lines of
all that is written, the median of the lines of a panel's own code, the query texts that occur
twice or more, those of them that became a snippet, and seconds. Files that contain nothing that gk
reads are left out, and counted. The exit code is 1 if a file is not equal.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from gk.decompile.project import into_project
from gk.errors import ConfigError
from gk.provisioning.read import SUFFIXES, read
from gk.resource import Resource

COLUMNS = (
    ("", 9), ("panels", 7), ("extra", 6), ("JSON", 5), ("lines", 7), ("a panel", 8),
    ("repeated", 9), ("snippets", 9), ("s", 6),
)  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """What became of some files; `of_panels` are the lines of each panel's code."""

    name: str
    verdict: str
    panels: int = 0
    with_extra: int = 0
    as_json: int = 0
    lines: int = 0
    of_panels: Sequence[int] = field(default=())
    repeated: int = 0
    shared: int = 0
    seconds: float = 0.0

    def row(self, width: int) -> str:
        """A line of the table."""
        cells = (
            self.verdict,
            self.panels,
            self.with_extra,
            self.as_json,
            self.lines,
            f"{median(self.of_panels):g}" if self.of_panels else "-",
            self.repeated,
            self.shared,
            f"{self.seconds:.2f}",
        )
        return _line(self.name, cells, width)


def main() -> None:
    """Print the table; exit code 1 if a file is not equal."""
    files = [file for each in sys.argv[1:] for file in _files(Path(each))]
    if not files:
        raise SystemExit("give a folder or a file with dashboards or rules")
    width = min(60, max(len(file.name) for file in files))
    print(_line("", [title for title, _ in COLUMNS], width))
    everything: dict[object, Resource] = {}
    found: list[Imported] = []
    for file in files:
        resources = _resources(file)
        if not resources:
            continue
        for resource in resources:
            everything.setdefault(resource.key, resource)
        found.append(_imported(file.name, resources))
        print(found[-1].row(width), flush=True)
    print(_summary(found, len(files)))
    together = _imported("all files at once", list(everything.values()))
    print(together.row(width))
    sys.exit(any(each.verdict != "equal" for each in (*found, together)))


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    inside = (file for file in sorted(path.rglob("*")) if file.is_file())
    return [file for file in inside if file.suffix in SUFFIXES and not file.name.startswith(".")]


def _resources(file: Path) -> list[Resource]:
    """What a file has; nothing if gk cannot read it."""
    try:
        return read(file).resources
    except ConfigError:
        return []


def _imported(name: str, resources: Sequence[Resource]) -> Imported:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        proof = into_project(Path(folder, "team"), resources, dry_run=True).proven
    seconds = time.perf_counter() - start
    counts = proof.definitions.counts
    return Imported(
        name=name,
        verdict="equal" if proof.is_equal else "not built" if proof.diff is None else "differs",
        panels=counts.panels,
        with_extra=counts.with_extra,
        as_json=counts.as_json,
        lines=counts.lines,
        of_panels=counts.lines_of_panels,
        repeated=counts.repeated,
        shared=counts.shared,
        seconds=seconds,
    )


def _summary(found: Sequence[Imported], files: int) -> str:
    panels = sum(each.panels for each in found)
    plain = panels - sum(each.with_extra + each.as_json for each in found)
    lines = [count for each in found for count in each.of_panels]
    repeated = sum(each.repeated for each in found)
    slowest = max(found, key=lambda each: each.seconds)
    parts = [
        f"{sum(each.verdict == 'equal' for each in found)} of {len(found)} files equal",
        f"{files - len(found)} without anything to read",
        f"{panels} panels, {_share(plain, panels)} without extra",
        f"median {median(lines):g} lines a panel" if lines else "no panel",
        f"{_share(sum(each.shared for each in found), repeated)} of {repeated} repeated queries "
        "are snippets",
        f"slowest {slowest.name} ({slowest.seconds:.2f} s)",
    ]
    return "; ".join(parts)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _line(name: str, cells: Sequence[object], width: int) -> str:
    sized = zip(cells, (size for _, size in COLUMNS), strict=True)
    return name[:width].ljust(width) + " ".join(
        ["", *(str(cell).rjust(size) for cell, size in sized)]
    )


if __name__ == "__main__":
    main()
