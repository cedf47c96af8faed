"""Time of `gk check` beside `gk build`, on the same dashboards.

    python -m benchmarks.check [DASHBOARDS ...]         default: 100 1000

Both read dashboards of 30 panels with 2 queries each, all different, and compile them; gk build
then writes its files, and gk check applies every check. The two run in turn, five times. `checks`
is the time of the checks alone: that of gk check less that of loading and compiling. Nothing is
found; 30,000 findings at 1,000 dashboards take another 0.8 s. Last come this repository's own
definitions.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.build import DASHBOARD, DATASOURCE, PANELS

# As a team that runs gk check has it: nothing is found.
CLEAN = DASHBOARD.replace("[5m]", "[$__rate_interval]")
PAIRS = 5
SIZES = (100, 1_000)
REPOSITORY = Path(__file__).parent.parent
LOADED = """
import gc; gc.disable()
from pathlib import Path
from gk.compile import compile_once, workers
from gk.project import load
loaded = load(Path.cwd())
with workers(loaded) as ahead:
    compile_once(loaded, ahead)
"""


def main() -> None:
    """Print a row for each size."""
    sizes = [int(each) for each in sys.argv[1:]] or list(SIZES)
    print(f"{'dashboards':>10}  {'gk build':>9}  {'gk check':>9}  {'checks':>9}  ratio to gk build")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            _write(Path(name), size)
            print(_row(f"{size}", Path(name)), flush=True)
    print(_row("own", REPOSITORY))


def _write(folder: Path, size: int) -> None:
    for name in ("dashboards", "datasources"):
        (folder / name).mkdir()
    (folder / "datasources" / "prometheus.py").write_text(DATASOURCE)
    for number in range(size):
        text = CLEAN.format(number=number, panels=PANELS)
        (folder / "dashboards" / f"service_{number:05d}.py").write_text(text)


def _row(name: str, folder: Path) -> str:
    gk = ("-m", "gk")
    rounds = []
    for _ in range(PAIRS):
        with tempfile.TemporaryDirectory() as output:
            build = _seconds(folder, *gk, "build", "-o", output)
        rounds.append((build, _seconds(folder, *gk, "check", "--no-tests"), _loaded(folder)))
    build, check, loaded = (median(times) for times in zip(*rounds, strict=True))
    ratio = median((check - loaded) / build for build, check, loaded in rounds)
    return (
        f"{name:>10}  {build:>7.2f} s  {check:>7.2f} s  {check - loaded:>7.2f} s  "
        f"{ratio:.2f} (whole: {check / build:.2f})"
    )


def _loaded(folder: Path) -> float:
    return _seconds(folder, "-c", LOADED)


def _seconds(folder: Path, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
