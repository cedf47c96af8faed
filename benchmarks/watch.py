"""Time from a save to the built files, with `gk watch` of a project of 100 dashboards of 30 panels.

    python -m benchmarks.watch [DASHBOARDS] [SAVES]     default: 100 20
    python -m benchmarks.watch --preview URL [SAVES]    of this repository's node-detail, on the
                                                        Prometheus at URL

A save replaces one file, as an editor does. The time ends with the line that gk prints once all
files are written, or with --preview once browsers are told of the new page; it includes the 50 ms
in which gk waits for the rest of a save.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.build import DASHBOARD, DATASOURCE, PANELS

AIM = 1.0
"""Seconds that a save may take to be built."""
REPOSITORY = Path(__file__).resolve().parent.parent
PAUSE = 0.5
"""Seconds between two saves, in which gk has nothing to do."""


def main() -> None:
    """Print the median and the slowest; exit code 1 if the median misses the aim."""
    with tempfile.TemporaryDirectory() as name:
        if sys.argv[1:2] == ["--preview"]:
            url, saves = sys.argv[2], int((*sys.argv[3:], "10")[0])
            what, seconds = "node-detail", _previewed(Path(name), url, saves)
        else:
            dashboards, saves = (int(each) for each in (*sys.argv[1:], "100", "20")[:2])
            what, seconds = f"{dashboards} dashboards", _built(Path(name), dashboards, saves)
    print(f"{what}, {saves} saves: median {median(seconds):.2f} s, slowest {max(seconds):.2f} s")
    sys.exit(median(seconds) > AIM)


def _built(project: Path, dashboards: int, saves: int) -> list[float]:
    """Seconds from each save to the files."""
    (project / "dashboards").mkdir()
    (project / "datasources").mkdir()
    (project / "datasources" / "prometheus.py").write_text(DATASOURCE)
    for number in range(dashboards):
        text = DASHBOARD.format(number=number, panels=PANELS)
        (project / "dashboards" / f"service_{number:05d}.py").write_text(text)
    file = project / "dashboards" / "service_00000.py"
    return _watched(
        project, file, changed='title="', line=" build: ", ends=" in provisioning/ ", saves=saves
    )


def _previewed(project: Path, url: str, saves: int) -> list[float]:
    """Seconds from each save to the page."""
    for name in ("dashboards", "datasources", "alerts"):
        shutil.copytree(REPOSITORY / name, project / name)
    shutil.copy(REPOSITORY / "gk.yaml", project)
    file = project / "dashboards" / "node_detail.py"
    asked = ["--preview", "node-detail", "--prometheus", url]
    return _watched(
        project,
        file,
        changed='"Network ',
        line=" preview: ",
        ends=" 1 new ",
        saves=saves,
        arguments=asked,
    )


def _watched(
    project: Path,
    file: Path,
    *,
    changed: str,
    line: str,
    ends: str,
    saves: int,
    arguments: Sequence[str] = (),
) -> list[float]:
    """Seconds from each save of a file, in which a number follows the text `changed`, to the next
    `line`, which has the text `ends` if it is good."""
    gk = Path(sys.executable).parent / "gk"
    text = file.read_text()
    with subprocess.Popen(
        [gk, "watch", *arguments], cwd=project, stdout=subprocess.PIPE, text=True
    ) as watching:
        _wait(watching, line, ends)
        seconds = []
        for number in range(saves):
            time.sleep(PAUSE)
            new = file.with_name("new.py~")
            new.write_text(text.replace(changed, f"{changed}{number} ", 1))
            start = time.perf_counter()
            new.replace(file)
            _wait(watching, line, ends)
            seconds.append(time.perf_counter() - start)
        watching.send_signal(signal.SIGINT)
    return seconds


def _wait(watching: subprocess.Popen[str], line: str, ends: str) -> None:
    assert watching.stdout
    found = next(each for each in watching.stdout if line in each)
    if ends not in found:
        watching.kill()
        raise SystemExit(f"it failed: {found}")


if __name__ == "__main__":
    main()
