"""Documents alone, in this process, which takes a twentieth of the time: a built file is mutated
and compared with what it was, in the four forms of gk diff, and a dashboard is mutated, compiled,
and checked.

    python -m tests.fuzz.documents --inputs 10000 --seed 1
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import yaml

from gk import Dashboard, Datasource
from gk.check import Project as Checked
from gk.check import run
from gk.check.checks import ALL_CHECKS
from gk.check.live.model import LIVE_SUBJECTS
from gk.compile import compile
from gk.diff.compare import compare
from gk.diff.forms import FORMS
from gk.diff.sides.files import files_side
from gk.errors import GkError, Source
from gk.project import Definition, Project, load
from gk.provisioning import tree
from gk.settings import Settings
from tests.fuzz.mutations import mutated_json, mutated_yaml
from tests.fuzz.world import World

__all__ = ["Documents"]

STATIC = [each.name for each in ALL_CHECKS if each.subject not in LIVE_SUBJECTS]
SECONDS = 10.0
"""Of a processor, that an input may take."""


class Documents:
    """Makes inputs by their numbers, and knows how they ended."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        world = World(folder / "world")
        project = load(world.project)
        files = tree(compile(project), project.settings, folder / "none").files
        self.files = {
            path: text for path, text in files.items() if path.endswith((".json", ".yaml"))
        }
        self.dashboards = [path for path in self.files if path.endswith(".json")]
        # Without those that the dashboards name, none would compile.
        self.datasources = list(project.of(Datasource))
        self.ended: Counter[str] = Counter()
        self.findings: list[str] = []
        self.slowest = (0.0, 0)

    def run(self, number: int) -> None:
        """Make an input and run it: the same for the same seed and number."""
        random = Random(f"{self.seed}/{number}")
        for what, step in (("diff", self._compared), ("compile", self._compiled)):
            start = time.process_time()
            try:
                self.ended[f"{what}: {step(random)}"] += 1
            except GkError:
                self.ended[f"{what}: mistakes"] += 1
            except Exception:
                self.ended[f"{what}: traceback"] += 1
                self.findings.append(
                    f"seed {self.seed}, number {number}, {what}: {traceback.format_exc(limit=-3)}"
                )
            took = time.process_time() - start
            self.slowest = max(self.slowest, (took, number))
            if took > SECONDS:
                self.findings.append(f"seed {self.seed}, number {number}, {what}: {took:.1f} s")

    def _compared(self, random: Random) -> str:
        path = random.choice(list(self.files))
        text = self.files[path]
        other = (
            mutated_json(text, random)
            if path.endswith(".json")
            else mutated_yaml(text, random, _first)
        )
        sides = []
        for name, content in (("old", text), ("new", other)):
            file = self.folder / name / Path(path).name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
            sides.append(file)
        if random.random() < 0.2:
            sides.reverse()
        try:
            found = compare(*map(files_side, sides))
            for form in FORMS.values():
                form(found)
        finally:
            for file in sides:
                file.unlink()
        return "differs" if found.differs else "the same"

    def _compiled(self, random: Random) -> str:
        try:
            body = json.loads(mutated_json(self.files[random.choice(self.dashboards)], random))
        except (ValueError, RecursionError):
            return "no JSON"
        definition = Definition(Dashboard.wrap(body, uid="a"), Source("dashboards/a.json", 1))
        built = compile(Project(Path("/project"), Settings(), [*self.datasources, definition]))
        run(Checked(built), ALL_CHECKS, Path("/project"), only=STATIC)
        return "checked"

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {number}" for name, number in sorted(self.ended.items()))
        took, number = self.slowest
        return f"{counts}; slowest {took:.1f} s (number {number}); findings: {len(self.findings)}"


def _first(text: bytes) -> Any:
    return next(iter(yaml.load_all(text, Loader=yaml.CSafeLoader)))


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.documents")
    parser.add_argument("--inputs", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gk-fuzz-") as folder:
        documents = Documents(Path(folder).resolve(), options.seed)
        for number in range(options.inputs):
            told = len(documents.findings)
            documents.run(number)
            for finding in documents.findings[told:]:
                print(finding, flush=True)
            if number % 1000 == 999:
                print(f"... {number + 1}: {documents}", file=sys.stderr, flush=True)
        print(documents)
    return 1 if documents.findings else 0


if __name__ == "__main__":
    sys.exit(_main())
