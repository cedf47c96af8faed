"""Dashboards that processes of their own build: the same as without them, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, ProjectFolder

START = """
import os, sys
from dataclasses import replace
from pathlib import Path

import gk.processes.workers
from gk.compile import compile, compile_once, workers
from gk.errors import DefinitionError
from gk.project import load

gk.processes.workers._FEWEST = 2
os.sched_getaffinity = lambda _: {0, 1, 2}

def outcome(call):
    try:
        return call()
    except DefinitionError as error:
        return error.problems

project = load(Path.cwd())
with workers(replace(project, definitions=list(project.definitions))) as answer:
"""
"""What runs in a process without other threads, as gk does."""

SAME = """
    answers = []

    def told():
        answers.append(answer())
        return answers[-1]

    once = outcome(lambda: compile_once(replace(project, definitions=[*project.definitions]), told))
assert once == outcome(lambda: compile(project)), once
print(sum(each is not None for each in answers), "of", len(answers))
"""


def ran(folder: Path, *texts: str) -> str:
    """What a program prints that has workers for the definitions of a project."""
    process = subprocess.run(
        [sys.executable, "-c", START + "".join(texts)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ("", 0) == (process.stderr, process.returncode)
    return process.stdout.strip()


def board(number: int, panels: str = "timeseries('CPU', node.cpu_busy)") -> str:
    return (
        "from gk import Dashboard, timeseries\nfrom gk.library import node\n"
        f"dashboard = Dashboard('D{number}', uid='d{number}', exporter=node, panels=[{panels}])\n"
    )


PROMETHEUS = (
    "from gk import Datasource\n"
    "prometheus = Datasource.prometheus('P', uid='p', url='http://p:9090', default=True)\n"
)


@pytest.fixture
def project(empty_project: ProjectFolder) -> ProjectFolder:
    """A project of six dashboards."""
    files = {f"dashboards/d{number}.py": board(number) for number in range(6)}
    return empty_project.write({"datasources/p.py": PROMETHEUS, **files})


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


@linux
def test_what_workers_build_is_what_is_built_without_them() -> None:
    """The snippets that wrote its queries, and the panels that alerts link to, too."""
    count, _, whole = ran(REPOSITORY, SAME).partition(" of ")
    assert count == whole


@linux
def test_mistakes_are_told_as_without_workers(project: ProjectFolder) -> None:
    """Each once, where it is first met, though several workers meet it."""
    own = (
        "from gk.promql.snippet import Exporter\n"
        "exporter = Exporter('own')\n\n\n"
        "@exporter.snippet()\n"
        "def broken(s):\n    '''Broken.'''\n    return s.rate('x') + ')'\n"
    )
    broken = "from dashboards import own\n" + board(0, "timeseries('X', own.broken)")
    project.write(
        {
            "dashboards/own.py": own,
            **{
                f"dashboards/d{number}.py": broken.replace("D0", f"D{number}").replace(
                    "d0", f"d{number % 5}"
                )
                for number in range(1, 6)
            },
            "dashboards/odd.py": board(9, "timeseries('Y', unit='byte')"),
        }
    )
    assert ran(project.root, SAME).endswith(" of 7")


@linux
def test_a_worker_that_ends_leaves_its_part_to_others(project: ProjectFolder) -> None:
    project.write(
        {
            "dashboards/end.py": "import os\nfrom gk import Dashboard\nfirst = os.getpid()\n\n\n"
            "class Ending(Dashboard):\n    def to_json_data(self):\n"
            "        if os.getpid() != first:\n            os._exit(1)\n"
            "        return super().to_json_data()\n\n\nending = Ending('Ending')\n"
        }
    )
    answered = int(ran(project.root, SAME).partition(" of ")[0])
    assert 4 <= answered < 7


@linux
def test_where_a_thread_goes_on_there_are_no_workers(project: ProjectFolder) -> None:
    project.write(
        {
            "dashboards/thread.py": "import threading, time\n"
            "threading.Thread(target=time.sleep, args=[60], daemon=True).start()\n"
        }
    )
    assert "None" == ran(project.root, "    print(answer)\n")


@linux
def test_a_few_dashboards_have_no_workers(project: ProjectFolder) -> None:
    assert "None" == ran(project.root, "    pass\ngk.processes.workers._FEWEST = 100\n", RETRY)


RETRY = "with workers(project) as answer:\n    print(answer)\n"


@linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_who_started_them(project: ProjectFolder, how: signal.Signals) -> None:
    """Also one that waits for what it sends to be read, or that is at work."""
    slow = (
        "import time\nfrom gk import Dashboard\n\n\nclass Slow(Dashboard):\n"
        "    def to_json_data(self):\n        time.sleep(1)\n        return super().to_json_data()"
        "\n\n\nslow = [Slow(f'Slow {number}') for number in range(3)]\n"
    )
    project.write({"dashboards/slow.py": slow})
    wait = "    print('go', flush=True)\n    answer()\n    answer()\n    os.read(0, 1)\n"
    with subprocess.Popen(
        [sys.executable, "-c", START + wait],
        cwd=project.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdout
        assert b"go\n" == process.stdout.readline()
        process.send_signal(how)
        process.wait(timeout=20)
    ends = time.monotonic() + 20
    while group_lives(process.pid) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not group_lives(process.pid)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


CHECKED = """
    pass
from gk.check import Project, run
from gk.check.checks import ALL_CHECKS

checked = Project(compile(project), place=project.place)
shared = run(checked, ALL_CHECKS, project.root)
gk.processes.workers._FEWEST = 1000
alone = run(checked, ALL_CHECKS, project.root)
assert shared == alone, (shared, alone)
print(len(alone.findings), "found in", alone.queries)
"""


def test_a_check_by_several_processes_finds_the_same(project: ProjectFolder) -> None:
    """In the same order, what a snippet has once, and each query counted once."""
    for number in range(7):
        project.write(
            {
                f"dashboards/d{number}.py": board(
                    number, f"timeseries('A', 'sum(a / rate(b{number % 2}_total[5m]))')"
                )
            }
        )
    words = ran(project.root, CHECKED).split()

    assert 7 <= int(words[0])
    assert int(words[-1]) < 7
