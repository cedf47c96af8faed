"""The inputs: which files are mutated, and which commands they go through."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from urllib.request import urlopen

import yaml

from gk.diff.compare import compare
from gk.diff.forms import FORMS
from gk.diff.sides.files import files_side
from tests.fuzz.mutations import mutated_json, mutated_python, mutated_text, mutated_yaml
from tests.fuzz.runs import Ran, run
from tests.fuzz.world import World

__all__ = ["KINDS", "Fuzz", "Input"]

SUFFIXES = ("txt", "md", "json", "html")


@dataclass(frozen=True)
class Input:
    """An input, and how each command took it."""

    number: int
    kind: str
    files: Mapping[str, bytes]
    ran: list[Ran]


class Fuzz:
    """Makes inputs by their numbers, and runs them."""

    def __init__(self, world: World, url: str, seed: int, environ: Mapping[str, str]) -> None:
        self.world = world
        self.url = url
        self.seed = seed
        self.environ = {**environ, "TMPDIR": str(world.temporary)}
        self.honest()
        for arguments in (("build", "-o", str(world.outputs / "old")), ("push",)):
            ran = self.gk(*arguments)
            if ran.code != 0:
                raise RuntimeError(
                    f"{ran}: {(world.folder / 'printed').read_text(encoding='utf-8')}"
                )
        shutil.copytree(world.outputs / "old", world.outputs / "new")
        self._warm_up()
        self.tree = {
            str(path.relative_to(world.outputs / "old")): path.read_bytes()
            for path in sorted((world.outputs / "old").rglob("*"))
            if path.suffix in (".json", ".yaml", ".yml") and path.is_file()
        }

    def _warm_up(self) -> None:
        """Let this process know what each run would otherwise work out again, such as the page's
        template."""
        sides = [files_side(self.world.outputs / name / "grafana") for name in ("old", "new")]
        found = compare(sides[0], replace(sides[1], resources=sides[1].resources[1:]))
        for form in FORMS.values():
            form(found)

    def gk(self, *arguments: str) -> Ran:
        world = self.world
        return run(arguments, cwd=world.project, inside=world.folder, environ=self.environ)

    def honest(self) -> None:
        """Have Grafana say what is true."""
        self._ask("")

    def _ask(self, seed: str) -> None:
        with urlopen(f"{self.url}/fuzz/{seed}", timeout=30):
            pass

    def input(self, number: int) -> Input:
        """Make an input and run it: the same for the same seed and number."""
        random = Random(f"{self.seed}/{number}")
        kind = random.choices(list(KINDS), [each[0] for each in KINDS.values()])[0]
        return KINDS[kind][1](self, number, random)

    def definitions(self, number: int, random: Random) -> Input:
        names = [name for name in self.world.files if name != "gk.yaml"]
        files = {}
        for name in random.sample(names, random.choice([1, 1, 1, 2])):
            text = self.world.files[name]
            is_python = name.endswith(".py")
            files[name] = (
                mutated_python(text.decode(), random).encode("utf-8", "surrogateescape")
                if is_python
                else mutated_json(text, random)
            )
        return Input(number, "definitions", files, self._compiled(files, random))

    def settings(self, number: int, random: Random) -> Input:
        files = {"gk.yaml": mutated_yaml(self.world.files["gk.yaml"], random, yaml.safe_load)}
        return Input(number, "gk.yaml", files, self._compiled(files, random))

    def _compiled(self, files: Mapping[str, bytes], random: Random) -> list[Ran]:
        output = self.world.outputs / "made"
        with self.world.only(files):
            ran = [self.gk("build", "-o", str(output))]
            # What does not compile is mostly the same for both.
            if ran[0].code == 0 or random.random() < 0.2:
                ran.append(self.gk("push", "--dry-run"))
            if output.exists():
                ran.append(self._diff(str(self.world.outputs / "old"), str(output)))
        shutil.rmtree(output, ignore_errors=True)
        # What a definition, or a folder in gk.yaml, had gk make.
        for each in ("provisioning",):
            shutil.rmtree(self.world.project / each, ignore_errors=True)
        return ran

    def _diff(self, *arguments: str) -> Ran:
        """gk diff in its four forms at once, and as text on standard output."""
        outputs = [
            part for form in SUFFIXES for part in ("-o", str(self.world.folder / f"report.{form}"))
        ]
        return self.gk("diff", "--timeout", "60", *outputs, *arguments)

    def trees(self, number: int, random: Random) -> Input:
        names = random.sample(list(self.tree), random.choice([1, 1, 1, 1, 2, 4]))
        files = {name: self._tree_file(name, random) for name in names}
        sides = random.choice([("new",), ("new",), ("old",), ("old", "new")])
        with self._in_each(sides, files):
            # The whole folders, or a file of each.
            path = next(iter(files)) if len(files) == 1 and random.random() < 0.7 else "."
            ran = [self._diff(*(str(self.world.outputs / side / path) for side in ("old", "new")))]
        return Input(number, "built folders", files, ran)

    @contextmanager
    def _in_each(self, sides: tuple[str, ...], files: Mapping[str, bytes]) -> Iterator[None]:
        changed = self.world.changed
        other = changed(self.world.outputs / sides[1], files) if len(sides) > 1 else nullcontext()
        with changed(self.world.outputs / sides[0], files), other:
            yield

    def _tree_file(self, name: str, random: Random) -> bytes:
        text = self.tree[name]
        if name.endswith(".json"):
            return mutated_json(text, random)
        documents = text.count(b"\n---") + 1
        return (
            mutated_yaml(text, random, yaml.safe_load)
            if documents == 1
            else mutated_text(text, random)
        )

    def revisions(self, number: int, random: Random) -> Input:
        name = random.choice(list(self.world.files))
        text = self.world.files[name]
        if name.endswith(".py"):
            mutated = mutated_python(text.decode(), random).encode("utf-8", "surrogateescape")
        else:
            mutated = mutated_text(text, random)
        # The files of a revision do not have the tests' own values beside them.
        found = mutated.replace(b"from tests.fuzz.values import HOSTILE\n", _values())
        files = {name: found}
        with self.world.changed(self.world.project, files):
            ran = [self._diff("--unsafe", random.choice(["main", "HEAD"]))]
            if random.random() < 0.3:
                self.world.git("checkout", "--quiet", "-B", "feature")
                self.world.commit("feature")
                ran.append(
                    self._diff(
                        "--unsafe",
                        random.choice(["main..feature", "feature..main", "main...feature"]),
                    )
                )
                self.world.git("checkout", "--quiet", "-f", "main")
        return Input(number, "revisions", files, ran)

    def answers(self, number: int, random: Random) -> Input:
        self._ask(str(random.randrange(10**9)))
        ran = [self.gk("push", "--dry-run") if random.random() < 0.6 else self._diff("--live")]
        self.honest()
        return Input(number, "answers of Grafana", {}, ran)


def _values() -> bytes:
    return (
        Path(__file__)
        .with_name("values.py")
        .read_bytes()
        .replace(b"from __future__ import annotations\n", b"")
    )


KINDS: dict[str, tuple[float, Callable[[Fuzz, int, Random], Input]]] = {
    "definitions": (45, Fuzz.definitions),
    "gk.yaml": (14, Fuzz.settings),
    "built folders": (27, Fuzz.trees),
    "revisions": (2, Fuzz.revisions),
    "answers of Grafana": (12, Fuzz.answers),
}
