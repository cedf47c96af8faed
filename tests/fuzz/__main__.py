"""The program: see the package."""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.fuzz.inputs import KINDS, Fuzz, Input
from tests.fuzz.world import World, served
from tests.pushing import SECRETS

_IMPORTED = (
    "gk.cli.commands gk.compile gk.diff.forms gk.diff.forms.as_json gk.push.forms.push "
    "gk.diff.compare gk.provisioning.read gk.diff.forms.html gk.diff.sides.live "
    "gk.diff.forms.markdown gk.diff.sides.revision gk.forge gk.grafana.client "
    "gk.grafana.connection gk.provisioning gk.push gk.push.revision gk.define.alerting "
    "gk.define.dashboard gk.define.datasource gk.define.panels gk.define.panel gk.define.target "
    "gk.library.node yaml urllib3 requests grafana_client difflib grafanalib.core "
    "tests.fuzz.values"
)


def main() -> int:
    """Run the inputs; 1 if there is a finding."""
    options = _options()
    for name in _IMPORTED.split():
        importlib.import_module(name)
    # What is there is neither collected nor copied in each fork.
    gc.collect()
    gc.freeze()
    folder = Path(tempfile.mkdtemp(prefix="gk-fuzz-")).resolve()
    try:
        found = fuzzed(_numbers(options), options.seed, folder, Path(options.keep))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--first", type=int, default=0, help="the number of the first, where several share the work"
    )
    parser.add_argument("--only", type=int, help="the number of one input, which is made again")
    parser.add_argument(
        "--keep", default="fuzz-findings", help="where the inputs go that find something"
    )
    return parser.parse_args()


def _numbers(options: argparse.Namespace) -> Sequence[int]:
    return (
        range(options.first, options.first + options.inputs)
        if options.only is None
        else [options.only]
    )


def fuzzed(numbers: Sequence[int], seed: int, folder: Path, keep: Path) -> int:
    """Run inputs by their numbers, print the table, and return how many found something."""
    server, url = _grafana()
    try:
        environ = {
            **{name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ},
            **SECRETS,
            **{
                "PYTHONPATH": str(REPOSITORY),
                "GRAFANA_URL": url,
                "GRAFANA_USER": "admin",
                "GRAFANA_PASSWORD": "admin",
            },
            **dict.fromkeys(
                ("SLACK_URL", "LOKI_TENANT", "GK_SECRET_HOOKS_URL", "GK_SECRET_ORDERS_DB_PASSWORD"),
                "x",
            ),
        }
        fuzz = Fuzz(World(folder / "world"), url, seed, environ)
        table = _Table()
        for number in numbers:
            each = fuzz.input(number)
            table.add(each)
            if any(ran.finding for ran in each.ran):
                _keep(each, seed, keep)
            if number % 100 == 99:
                print(f"... {number + 1}: {dict(table.findings)}", file=sys.stderr, flush=True)
        print(table)
        return sum(table.findings.values())
    finally:
        os.kill(server, 9)
        os.waitpid(server, 0)


def _grafana() -> tuple[int, str]:
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        served(writes)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        return child, pipe.readline().strip()


class _Table:
    def __init__(self) -> None:
        self.inputs: Counter[str] = Counter()
        self.codes: Counter[tuple[str, str, int]] = Counter()
        self.findings: Counter[str] = Counter()
        self.slowest: dict[str, tuple[float, int]] = {}

    def add(self, each: Input) -> None:
        self.inputs[each.kind] += 1
        for ran in each.ran:
            self.codes[each.kind, ran.arguments[0], ran.code] += 1
            self.slowest[each.kind] = max(
                self.slowest.get(each.kind, (0, 0)), (ran.seconds, each.number)
            )
            if ran.finding:
                self.findings[ran.finding] += 1

    def __str__(self) -> str:
        lines = [
            (
                f"{'kind':20} {'inputs':>6} {'command':8} {'code 0':>7} {'1':>6} {'2':>6} "
                f"{'other':>6}  slowest"
            )
        ]
        for kind in KINDS:
            for command in sorted({key[1] for key in self.codes if key[0] == kind}):
                of = {
                    code: number
                    for (k, c, code), number in self.codes.items()
                    if (k, c) == (kind, command)
                }
                other = sum(number for code, number in of.items() if code not in (0, 1, 2))
                seconds, number = self.slowest[kind]
                lines.append(
                    f"{kind:20} {self.inputs[kind]:6} {command:8} {of.get(0, 0):7} "
                    f"{of.get(1, 0):6} {of.get(2, 0):6} {other:6}  "
                    f"{seconds:.1f} s (number {number})"
                )
        lines.append(
            f"inputs {sum(self.inputs.values())}, runs {sum(self.codes.values())}, "
            f"findings: {dict(self.findings)}"
        )
        return "\n".join(lines)


def _keep(each: Input, seed: int, keep: Path) -> None:
    folder = keep / f"{seed}-{each.number}"
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in each.files.items():
        (folder / re.sub(r"\W+", "-", path)).write_bytes(content)
    ran = [
        {"arguments": r.arguments, "code": r.code, "finding": r.finding, "said": r.said}
        for r in each.ran
    ]
    (folder / "ran.json").write_text(json.dumps(ran, indent=1), encoding="utf-8")
    for r in each.ran:
        if r.finding:
            last = [line for line in r.said.strip().splitlines() if line.strip()][-4:]
            print(
                f"seed {seed}, number {each.number}, {each.kind}: {r.finding}: "
                f"{' | '.join(last)[-400:]}",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
