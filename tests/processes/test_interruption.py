"""Ctrl-C at any moment: exit code 130, no traceback, nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import EVERYTHING, SECRETS

START = """
import os, signal
# A program that was started in the background ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
set_handler = signal.signal

def begun(*arguments):
    # What comes before is Python's own start.
    signal.signal = set_handler
    before = set_handler(*arguments)
    os.write(1, b"begun")
    return before

from gk.cli import main
signal.signal = begun
main()
"""
SLICES = int(os.environ.get("GK_TEST_INTERRUPTIONS", "4"))
"""How many moments of a run are tried."""


class World:
    """A project, and gk run in it with a new Grafana each time."""

    def __init__(self, project: ProjectFolder) -> None:
        self.project = project
        self.temporary = project.root.parent / "temporary"

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """gk, once it has begun."""
        with FakeGrafana() as fake:
            names = {"GRAFANA_URL": fake.url, "GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin"}
            environ = {**os.environ, **SECRETS, **names, "TMPDIR": str(self.temporary), "CI": ""}
            process = subprocess.Popen(
                [sys.executable, "-c", START, *arguments],
                cwd=self.project.root,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert process.stdout
            assert "begun" == process.stdout.read(5)
            yield process
            assert process.poll() is not None

    @property
    def left(self) -> list[Path]:
        """What is left of a run that should leave nothing."""
        return [*self.temporary.iterdir(), *self.project.root.glob("provisioning/.gk-staged")]


@pytest.fixture
def world(empty_project: ProjectFolder) -> World:
    """A project in a repository, which has a change."""
    root = empty_project.write({**EVERYTHING, "datasources/theirs.py": ""}).root
    who = {
        f"GIT_{role}_{what}": "ada"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "--message", "The shop"],
    ):
        subprocess.run(["git", *command], cwd=root, env={**os.environ, **who}, check=True)
    empty_project.write(
        {"dashboards/more.py": EVERYTHING["dashboards/shop.py"].replace("hop", "tock")}
    )
    (root.parent / "temporary").mkdir()
    return World(empty_project)


COMMANDS = {
    "build": (("build",), 0),
    "diff": (("diff", "--unsafe"), 1),
    "push": (("push",), 0),
    "plan": (("push", "--dry-run"), 1),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_at_any_moment_is_130_or_comes_too_late(world: World, command: str) -> None:
    """Whatever it meets: imports, definitions, processes of gk diff, threads of gk push, or the
    end."""
    arguments, done = COMMANDS[command]
    start = time.monotonic()
    with world.started(*arguments) as process:
        _, err = process.communicate(timeout=60)
    whole = time.monotonic() - start
    assert (done, "") == (process.returncode, err)
    ended = []
    for number in range(SLICES):
        with world.started(*arguments) as process:
            time.sleep(number * whole / SLICES)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        ended.append(process.returncode)
        assert "" == err.strip()
        assert process.returncode in (130, done)
        assert [] == world.left
    assert 130 in ended


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n", id="while it loads"),
        pytest.param(
            "class Last:\n    def __del__(self):\n        os.kill(os.getpid(), signal.SIGINT)\n\n"
            "Last()\ntime.sleep(60)\n",
            id="where Python drops what is raised",
        ),
        pytest.param(
            "try:\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n"
            "    time.sleep(60)\n"
            "except:\n"
            "    raise RuntimeError\n",
            id="where another error comes of it",
        ),
        pytest.param(
            "import atexit, threading\natexit.register(os._exit, 0)\n"
            "threading.Thread(target=time.sleep, args=[60]).start()\n"
            "os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n",
            id="beside a thread that goes on",
        ),
    ],
)
def test_ctrl_c_in_a_definition_is_130(world: World, text: str) -> None:
    """Nothing is written, and there is no traceback."""
    world.project.write({"dashboards/hit.py": f"import os, signal, time\n{text}"})
    with world.started("build") as process:
        _, err = process.communicate(timeout=50)
    assert 130 == process.returncode
    assert "Traceback" not in err
    assert not (world.project.root / "provisioning").exists()


def test_a_thread_that_goes_on_does_not_hold_up_the_end(world: World) -> None:
    """Nor does what a definition registered for the end change the exit code."""
    more = (
        "import atexit, os, threading, time\natexit.register(os._exit, 1)\n"
        "threading.Thread(target=time.sleep, args=[60]).start()\n"
    )
    world.project.write({"dashboards/threads.py": more})
    with world.started("build") as process:
        _, err = process.communicate(timeout=50)
    assert (0, "") == (process.returncode, err)


def test_whoever_presses_ctrl_c_again_and_again_leaves_no_process_and_no_file(world: World) -> None:
    """While gk diff ends the definitions that run for ever, too."""
    world.project.write({"dashboards/slow.py": "open('running', 'w').close()\nwhile True: pass\n"})
    with world.started("diff", "--unsafe") as process:
        ends = time.monotonic() + 20
        while not list(world.temporary.glob("gk-diff-*/running")) and time.monotonic() < ends:
            time.sleep(0.05)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.002)
        _, err = process.communicate(timeout=50)
    assert (130, "") == (process.returncode, err.strip())
    assert [] == world.left
