"""Time of `gk diff` of 1,000 dashboards of 30 panels with 10 of them changed, beside building both
sides without it.

    python benchmarks/diff.py [DASHBOARDS]              default: 1000

Both are whole processes. Without gk diff, two processes load and compile the definitions of one
side each, at once, and throw the result away. The two take turns, because machines are noisy.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PANELS = 30
CHANGED = 10
ROUNDS = 5
AIM = 1.0
"""Seconds that gk diff may take beyond building both sides."""
DASHBOARDS = """
from datasources.prometheus import prometheus
from gk import Dashboard, timeseries

dashboards = [
    Dashboard(
        f"Service {{number:05d}}",
        uid=f"service-{{number:05d}}",
        folder="Services",
        datasource=prometheus,
        panels=[
            timeseries(
                f"Panel {{index}}",
                "sum by (code) (rate(http_requests_total"
                f'{{{{service="s{{number}}",route="r{{index}}"}}}}[{window}]))',
                f'avg(up{{{{service="s{{number}}",route="r{{index}}"}}}})',
                unit="reqps",
            )
            for index in range({panels})
        ],
    )
    for number in range({first}, {last})
]
"""
DATASOURCE = """
from gk import Datasource

prometheus = Datasource.prometheus("Prometheus", uid="prometheus", external=True)
"""
BUILD = """
import gc
from pathlib import Path
from gk.compile import compile
from gk.project import load

gc.disable()
compile(load(Path(".")))
"""


def main() -> None:
    """Measure, and print a line for each round and the medians."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        old, new, repository = (Path(folder) / name for name in ("old", "new", "repository"))
        for root, window in ((old, "5m"), (new, "10m"), (repository, "5m")):
            _write(root, size, window)
        _commit(repository)
        _write(repository, size, "10m")
        rounds = [(_built(old, new), _compared(repository)) for _ in range(ROUNDS)]
    for built, compared in rounds:
        print(
            f"build both {built:6.2f} s   gk diff {compared:6.2f} s   beyond "
            f"{compared - built:+.2f} s"
        )
    beyond = median(compared - built for built, compared in rounds)
    print(
        f"{size} dashboards, {CHANGED} changed: median {beyond:.2f} s "
        f"beyond building both sides (aim: {AIM:.0f} s)"
    )


def _write(root: Path, size: int, window: str) -> None:
    """A project of `size` dashboards, ten of them with queries over `window`."""
    folder = root / "dashboards"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "datasources").mkdir(exist_ok=True)
    (root / "datasources" / "prometheus.py").write_text(DATASOURCE, encoding="utf-8")
    (root / "gk.yaml").write_text("project: bench\n", encoding="utf-8")
    for name, first, last, over in (
        ("changed", 0, CHANGED, window),
        ("others", CHANGED, size, "5m"),
    ):
        text = DASHBOARDS.format(first=first, last=last, window=over, panels=PANELS)
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def _commit(root: Path) -> None:
    git = [
        "git",
        "-c",
        "user.name=bench",
        "-c",
        "user.email=bench@example.com",
        "-c",
        "init.defaultBranch=main",
    ]
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "--message", "before"],
    ):
        subprocess.run([*git, *arguments], cwd=root, check=True)


def _built(*roots: Path) -> float:
    """Seconds of building sides at once."""
    start = time.perf_counter()
    processes = [subprocess.Popen([sys.executable, "-c", BUILD], cwd=root) for root in roots]
    assert [0] * len(roots) == [process.wait() for process in processes]
    return time.perf_counter() - start


def _compared(root: Path) -> float:
    """Seconds of gk diff, which finds differences."""
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", "from gk.cli import main; main()", "diff", "HEAD"],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1, ran.stderr
    assert f"{CHANGED} dashboards changed" in ran.stdout, ran.stdout[-500:]
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
