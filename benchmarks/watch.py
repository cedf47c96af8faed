"""Time from a save to the built files, with `gk watch` of a project of 100 dashboards of 30 panels.

    python benchmarks/watch.py [DASHBOARDS] [SAVES]     default: 100 20

A save replaces one file, as an editor does. The time ends with the line that gk prints once all
files are written; it includes the 50 ms in which gk waits for the rest of a save.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from build import DASHBOARD, DATASOURCE, PANELS

AIM = 1.0
"""Seconds that a save may take to be built."""
PAUSE = 0.5
"""Seconds between two saves, in which gk has nothing to do."""


def main() -> None:
    """Print the median and the slowest; exit code 1 if the median misses the aim."""
    dashboards, saves = (int(each) for each in (*sys.argv[1:], 100, 20)[:2])
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        (project / "dashboards").mkdir()
        (project / "datasources").mkdir()
        (project / "datasources" / "prometheus.py").write_text(DATASOURCE)
        for number in range(dashboards):
            text = DASHBOARD.format(number=number, panels=PANELS)
            (project / "dashboards" / f"service_{number:05d}.py").write_text(text)
        seconds = _watch(project, saves)
    print(
        f"{dashboards} dashboards, {saves} saves: median {median(seconds):.2f} s, "
        f"slowest {max(seconds):.2f} s"
    )
    sys.exit(median(seconds) > AIM)


def _watch(project: Path, saves: int) -> list[float]:
    """Seconds of each save."""
    gk = Path(sys.executable).parent / "gk"
    file = project / "dashboards" / "service_00000.py"
    text = file.read_text()
    with subprocess.Popen(
        [gk, "watch"], cwd=project, stdout=subprocess.PIPE, text=True
    ) as watching:
        _built(watching)
        seconds = []
        for number in range(saves):
            time.sleep(PAUSE)
            new = file.with_name("new.py~")
            new.write_text(text.replace('title="', f'title="{number} '))
            start = time.perf_counter()
            new.replace(file)
            _built(watching)
            seconds.append(time.perf_counter() - start)
        watching.send_signal(signal.SIGINT)
    return seconds


def _built(watching: subprocess.Popen[str]) -> None:
    """Wait for the line of a build."""
    assert watching.stdout
    line = next(line for line in watching.stdout if " build: " in line)
    if " in provisioning/ " not in line:
        raise SystemExit(f"the build failed: {line}")


if __name__ == "__main__":
    main()
