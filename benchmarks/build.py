"""Time and peak memory of `gk build`, beside grafanalib's own `generate-dashboards` on the same
dashboards.

    python benchmarks/build.py [DASHBOARDS ...]         default: 100 1000 10000

Both read the same Python files, one a dashboard of 30 panels with 2 queries each. grafanalib writes
a JSON file for each. gk writes its provisioning files and ConfigMaps besides, with checks, ids and
data source references. The two run in turn, five times up to 1,000 dashboards; the ratio is the
median of the pairs', and its range says how still the machine was. Memory is that of the largest
process: workers share the definitions with the one that forked them. Last come this repository's
own definitions: what Python needs to start and to import libraries is taken off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PANELS = 30
SIZES = (100, 1_000, 10_000)
PAIRS, MOST_IN_PAIRS = 5, 1_000

DASHBOARD = """\
from grafanalib.core import Dashboard, GridPos, Target, TimeSeries

dashboard = Dashboard(
    title="Service {number:05d}",
    uid="service-{number:05d}",
    tags=["generated"],
    panels=[
        TimeSeries(
            title=f"Panel {{index}}",
            dataSource="Prometheus",
            gridPos=GridPos(h=8, w=12, x=12 * (index % 2), y=8 * (index // 2)),
            targets=[
                Target(
                    expr="sum by (code) (rate(http_requests_total"
                    f'{{{{service="s{number}",route="r{{index}}"}}}}[5m]))',
                    legendFormat="{{{{code}}}}",
                    refId="A",
                ),
                Target(
                    expr=f'avg(up{{{{service="s{number}",route="r{{index}}"}}}})',
                    legendFormat="up",
                    refId="B",
                ),
            ],
            unit="reqps",
        )
        for index in range({panels})
    ],
).auto_panel_ids()
"""
DATASOURCE = """\
from gk import Datasource

prometheus = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
"""


@dataclass(frozen=True)
class Run:
    """What one process took."""

    seconds: float
    megabytes: float
    written: int


def main() -> None:
    """Print a row for each size."""
    # With it, gk's own modules would be compiled again in each run, which is not what users see.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sizes = [int(each) for each in sys.argv[1:]] or list(SIZES)
    print(
        f"{'dashboards':>10}  {'grafanalib':>24}  {'gk build':>24}  {'gk again':>10}  "
        f"{'ratio':>17}  ms a dashboard"
    )
    for size in sizes:
        runs = [_measure(size) for _ in range(PAIRS if size <= MOST_IN_PAIRS else 1)]
        ratios = sorted(first.seconds / grafanalib.seconds for grafanalib, first, _ in runs)
        ratio = f"{ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
        grafanalib, first, again = sorted(runs, key=lambda run: run[1].seconds)[len(runs) // 2]
        print(
            f"{size:>10}  {_words(grafanalib):>24}  {_words(first):>24}  {again.seconds:>8.2f} s  "
            f"{ratio:>17}  {first.seconds / size * 1000:.2f}",
            flush=True,
        )
    print(f"\nthis repository: {_own():.2f} s of gk's own time")
    print(f"gk --version takes {_startup():.2f} times as long as importing click")


def _words(run: Run) -> str:
    return f"{run.seconds:.2f} s {run.megabytes:.0f} MB {run.written / 1e6:.0f} MB out"


def _measure(size: int) -> tuple[Run, Run, Run]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project, plain = folder / "project", folder / "plain"
        (project / "dashboards").mkdir(parents=True)
        (project / "datasources").mkdir()
        plain.mkdir()
        (project / "datasources" / "prometheus.py").write_text(DATASOURCE)
        for number in range(size):
            text = DASHBOARD.format(number=number, panels=PANELS)
            (project / "dashboards" / f"service_{number:05d}.py").write_text(text)
            (plain / f"service_{number:05d}.dashboard.py").write_text(text)
        # The arguments would be too long for one call of the program at 10,000 files; its function
        # is the same.
        grafanalib = _run(
            [
                sys.executable,
                "-c",
                "import glob; from grafanalib import _gen; "
                "_gen.generate_dashboards(glob.glob('*.dashboard.py'))",
            ],
            plain,
        )
        gk = [_program("gk"), "build"]
        _forget_bytecode(project)
        return grafanalib, _run(gk, project), _run(gk, project)


def _program(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or name


def _forget_bytecode(project: Path) -> None:
    for cache in project.rglob("__pycache__"):
        shutil.rmtree(cache)


def _run(command: list[str], folder: Path) -> Run:
    before = _size(folder)
    # What an earlier run wrote is not to be waited for by this one.
    os.sync()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} exited with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024, _size(folder) - before)


def _size(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.suffix in {".json", ".yaml"})
    return sum(path.stat().st_size for path in files)


def _own() -> float:
    """Median of the seconds that a build of this repository takes beyond importing what it
    imports."""
    libraries = "import click, grafanalib.core, orjson, promql_parser, yaml"
    repository = Path(__file__).resolve().parent.parent
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(9):
            build = _run([_program("gk"), "build", "-o", f"{name}/{number}"], repository).seconds
            seconds.append(build - _run([sys.executable, "-c", libraries], repository).seconds)
    return sorted(seconds)[len(seconds) // 2]


def _startup() -> float:
    """Median of pairs of runs: `gk --version` over `import click`."""
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        for _ in range(15):
            version = _run([_program("gk"), "--version"], Path(name)).seconds
            ratios.append(
                version / _run([sys.executable, "-c", "import click"], Path(name)).seconds
            )
    return sorted(ratios)[len(ratios) // 2]


if __name__ == "__main__":
    main()
