"""gk watch: it builds at each save, keeps the last good output, and survives what editors and
definitions do."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from gk.watch import Attempt, View
from gk.watch.forms import Size, lines, screen
from tests.conftest import ProjectFolder, RunGk
from tests.fake_grafana import FakeGrafana
from tests.fake_prometheus import FakePrometheus, serving
from tests.grafana_contract import fake_token
from tests.waiting import is_readable

DASHBOARD = """\
from gk import Dashboard, stat

dashboard = Dashboard("Shop", panels=[stat("Up", "up")])
"""
BUILT = "provisioning/grafana/dashboards/general/shop.json"
_TIMEOUT = 30


class Watching:
    """A running gk watch, and the lines that it prints."""

    def __init__(self, project: ProjectFolder, *arguments: str, env: Mapping[str, str]) -> None:
        self.project = project
        # A build that never ends is given up sooner.
        code = (
            "import gk.watch.fresh as fresh; fresh._PATIENCE = 0.5; from gk.cli import main; main()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, "watch", *arguments],
            cwd=project.root,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self.process.stdout
        self._out = self.process.stdout.fileno()
        self._text = ""

    def until(self, pattern: str) -> str:
        """What it prints until a line matches, with that line and those that came with it."""
        end = time.monotonic() + _TIMEOUT
        # On a busy machine, the end of the line may come later.
        while not (match := re.search(rf"(?:{pattern}).*?\n", self._text)):
            ready = is_readable(self._out, end - time.monotonic())
            read = os.read(self._out, 1 << 16).decode() if ready else ""
            assert read, f"nothing matches {pattern!r} in:\n{self._text}"
            self._text += read
        text, self._text = self._text[: match.end()], self._text[match.end() :]
        return text

    def is_silent(self, seconds: float) -> bool:
        """Whether it prints nothing for a while."""
        return not self._text and not is_readable(self._out, seconds)

    def save(self, files: Mapping[str, str]) -> None:
        """Save files, each at once, as most editors do: on a busy machine, gk might build what is
        written of a file between two steps."""
        for path, text in files.items():
            file = self.project.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f"{file.name}~")
            new.write_text(text, "utf-8")
            new.replace(file)

    def end(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_TIMEOUT)


Watch = Callable[..., Watching]


@pytest.fixture
def watch(project: ProjectFolder) -> Iterator[Watch]:
    """Start gk watch in a project with one dashboard, and wait for its first build."""
    started: list[Watching] = []

    def start(*arguments: str, env: Mapping[str, str] | None = None) -> Watching:
        project.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": "project: shop\n"})
        watching = Watching(project, *arguments, env=env or {})
        started.append(watching)
        watching.until(r"build: \d+ new in provisioning/ ")
        return watching

    yield start
    for watching in started:
        watching.process.kill()
        watching.process.communicate(timeout=_TIMEOUT)


def test_a_save_is_built(watch: Watch) -> None:
    watching = watch()
    watching.until("shop.yaml")

    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    assert "build: 2 changed in provisioning/" in watching.until("kubernetes/dashboards/shop.yaml")
    assert "Alive" in watching.project.read(BUILT)


def test_a_save_by_renaming_is_built(watch: Watch) -> None:
    """vim and others write a new file, and put it in the place of the old one."""
    watching = watch()
    new = watching.project.root / "dashboards" / ".shop.py.swp"
    new.write_text(DASHBOARD.replace("Up", "Alive"), "utf-8")

    new.replace(watching.project.root / "dashboards" / "shop.py")

    watching.until("build: 2 changed")
    assert "Alive" in watching.project.read(BUILT)


def test_mistakes_are_shown_where_they_are_and_the_output_stays(watch: Watch) -> None:
    watching = watch()
    before = watching.project.read(BUILT)

    watching.save({"dashboards/shop.py": DASHBOARD.replace('"up"', '"up("')})

    shown = watching.until("the output is still that of")
    assert "build: 1 mistake\n  dashboards/shop.py:3: panel 'Up'" in shown
    assert before == watching.project.read(BUILT)
    watching.save({"dashboards/shop.py": DASHBOARD})
    watching.until("build: nothing changed")


def test_a_file_that_is_half_written_is_a_mistake_until_the_rest_comes(watch: Watch) -> None:
    watching = watch()

    watching.save({"dashboards/shop.py": DASHBOARD[:60]})
    watching.until("dashboards/shop.py:3: is not Python")
    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    watching.until("build: 2 changed")


def test_a_mistake_in_gk_yaml_is_one_like_any_other(watch: Watch) -> None:
    watching = watch()

    watching.save({"gk.yaml": "projekt: shop\n"})

    watching.until(r"gk\.yaml:1: unknown key 'projekt'; did you mean 'project'\?")


def test_what_gk_writes_itself_is_not_built_again(watch: Watch) -> None:
    watching = watch()
    watching.until("providers.yaml")
    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})
    watching.until("kubernetes/dashboards/shop.yaml")

    assert watching.is_silent(1)


def test_a_new_folder_is_followed(watch: Watch) -> None:
    watching = watch()
    watching.save({"dashboards/more/d.py": DASHBOARD.replace("Shop", "More")})
    watching.until("general/more.json")

    # Nothing was written since, so nothing more is built.
    watching.until("mount/deployment.yaml")
    assert watching.is_silent(1)

    watching.save({"dashboards/more/d.py": DASHBOARD.replace("Shop", "Other")})

    watching.until("general/other.json")


def test_virtual_environments_and_hidden_folders_are_not_followed(watch: Watch) -> None:
    watching = watch()
    watching.save({"venv/pyvenv.cfg": "", "venv/lib/x.py": "", ".git/HEAD": ""})
    while not watching.is_silent(1):
        watching.until("build: nothing changed")

    watching.save({"venv/lib/x.py": "a = 1\n", ".git/HEAD": "a"})

    assert watching.is_silent(1)


def test_what_definitions_print_is_shown(watch: Watch) -> None:
    watching = watch()

    watching.save({"dashboards/shop.py": f"print('here')\n{DASHBOARD}"})

    watching.until("printed by definitions:\n    here")


def test_a_definition_that_ends_its_process_does_not_end_gk(watch: Watch) -> None:
    watching = watch()

    watching.save({"dashboards/shop.py": "import os\nos._exit(3)\n"})
    watching.until(r"build: the process ended with exit code 3: .*os\._exit")
    watching.save({"dashboards/shop.py": DASHBOARD})

    watching.until("build: nothing changed")


def test_a_definition_that_never_ends_is_given_up_at_the_next_save(watch: Watch) -> None:
    watching = watch()

    watching.save({"dashboards/shop.py": "while True:\n    pass\n"})
    watching.until("build: still runs")
    watching.save({"dashboards/shop.py": DASHBOARD})

    watching.until("build: gave up: it did not end")
    watching.until("build: nothing changed")


def test_a_thread_that_a_definition_leaves_behind_delays_nothing(watch: Watch) -> None:
    watching = watch()
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=[600]).start()\n"

    watching.save({"dashboards/shop.py": f"{thread}{DASHBOARD.replace('Up', 'Alive')}"})
    watching.until("build: 2 changed")
    watching.save({"dashboards/shop.py": DASHBOARD})

    watching.until("build: 2 changed")


def test_ctrl_c_ends_it_and_its_processes(watch: Watch) -> None:
    watching = watch()
    watching.save({"dashboards/shop.py": "while True:\n    pass\n"})
    watching.until("build: still runs")

    assert 130 == watching.end()
    # All of them have its standard output, which ends with the last one.
    assert watching.process.stdout
    assert b"Traceback" not in watching.process.stdout.read()


def test_a_terminal_shows_one_screen_without_what_was_before(watch: Watch) -> None:
    watching = watch()
    project = watching.project
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.root)
        os.execv(sys.executable, [sys.executable, "-m", "gk", "watch"])
    shown = b""
    while b"build:" not in shown:
        shown += os.read(terminal, 1 << 16)
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)

    assert shown.startswith(b"\x1b[2J\x1b[1;1H\x1b[1mgk watch: team")
    assert 130 == os.waitstatus_to_exitcode(status)


# Pushes


@pytest.fixture
def grafana() -> Iterator[tuple[FakeGrafana, dict[str, str]]]:
    """A Grafana, and the variables by which gk finds it."""
    token = fake_token("Admin")
    with FakeGrafana(tokens={token: "Admin"}) as fake:
        yield fake, {"GRAFANA_URL": fake.url, "GRAFANA_TOKEN": token}


def test_a_good_build_is_pushed(watch: Watch, grafana: tuple[FakeGrafana, dict[str, str]]) -> None:
    _, environ = grafana
    watching = watch("--push", env=environ)
    watching.until("plan: ")

    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    assert "push: 1 updated (" in watching.until("~ dashboard 'Shop'")


def test_a_push_can_be_of_some_kinds_only(
    watch: Watch, grafana: tuple[FakeGrafana, dict[str, str]]
) -> None:
    """Where Prometheus evaluates the alerts, Grafana must not have them, too."""
    _, environ = grafana

    shown = watch("--push", "data-sources", env=environ).until("plan: ")

    assert "+ data source 'Prometheus'" in shown
    assert "dashboard" not in shown.partition("push: ")[2]


def test_what_somebody_changed_in_grafana_is_shown_and_stays(
    watch: Watch, grafana: tuple[FakeGrafana, dict[str, str]]
) -> None:
    """As with gk push without --force."""
    fake, environ = grafana
    watching = watch("--push", env=environ)
    watching.until("plan: ")
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {environ['GRAFANA_TOKEN']}"
    there = session.get(f"{fake.url}/api/dashboards/uid/shop").json()["dashboard"]
    session.post(
        f"{fake.url}/api/dashboards/db", json={"dashboard": {**there, "title": "Theirs"}}
    ).raise_for_status()

    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    shown = watching.until("conflicts are not pushed")
    assert "push: nothing was pushed (" in shown
    assert "! dashboard 'Shop'" in shown
    theirs = session.get(f"{fake.url}/api/dashboards/uid/shop").json()["dashboard"]
    assert "Theirs" == theirs["title"]


def test_mistakes_are_not_pushed(watch: Watch, grafana: tuple[FakeGrafana, dict[str, str]]) -> None:
    _, environ = grafana
    watching = watch("--push", env=environ)
    watching.until("plan: ")

    watching.save({"dashboards/shop.py": "x = (\n"})

    watching.until("the output is still that of")
    assert watching.is_silent(1)


def test_a_grafana_that_does_not_answer_ends_nothing(watch: Watch) -> None:
    environ = {"GRAFANA_URL": "http://127.0.0.1:9", "GRAFANA_TOKEN": "t"}
    watching = watch("--push", env=environ)
    watching.until("push: 1 mistake")

    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    watching.until("build: 2 changed")


# The screen

NOON = 12 * 3600.0


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_screen_says_when_the_output_was_good() -> None:
    view = View().after(Attempt(True, "1 new", at=NOON))
    view = view.after(Attempt(False, "1 mistake", problems=["a.py:1: x"], at=NOON + 60))

    assert "12:01:00 build: 1 mistake\n  a.py:1: x\nthe output is still that of 12:00:00" == lines(
        view
    )


def test_the_screen_shows_mistakes_first_and_says_what_does_not_fit() -> None:
    problems = [f"a.py:{number}: x" for number in range(1, 40)]
    view = View().after(Attempt(False, "39 mistakes", problems=problems, at=NOON))

    shown = screen(view, "gk watch: shop", Size(80, 10)).splitlines()

    assert 9 == len(shown)
    assert ["gk watch: shop", "Ctrl-C ends", "", "12:00:00 build: 39 mistakes"] == shown[:4]
    assert ["  a.py:4: x", "and 36 more lines"] == shown[-2:]


def test_a_long_build_leaves_the_preview_and_the_push_in_sight() -> None:
    """Also one whose lines are longer than the terminal is wide."""
    long = Attempt(True, "40 new", warnings=["word " * 40], details=["+ file"] * 40, at=NOON)
    view = View().after(long).previewed(Attempt(True, "http://127.0.0.1:1 has it", at=NOON))
    view = view.pushed(Attempt(True, "pushed", details=["~ one", "~ two"], at=NOON))

    shown = screen(view, "gk watch: shop", Size(50, 20)).splitlines()

    assert (19, True) == (len(shown), all(len(line) <= 50 for line in shown))
    assert ["", "12:00:00 preview: http://127.0.0.1:1 has it"] == shown[-6:-4]
    assert ["", "12:00:00 push: pushed", "  ~ one", "  ~ two"] == shown[-4:]
    assert "12:00:00 build: 40 new" == shown[3]
    assert "and 37 more lines" == shown[12]


def test_the_screen_keeps_the_last_push_beside_a_build() -> None:
    view = (
        View().after(Attempt(True, "1 new", at=NOON)).pushed(Attempt(True, "pushed", at=NOON + 1))
    )
    view = view.after(Attempt(True, "1 changed", at=NOON + 60))

    shown = screen(view, "gk watch: shop", Size(80, 24))

    assert shown.endswith("12:01:00 build: 1 changed\n\n12:00:01 push: pushed")
    assert "12:01:00 build: 1 changed" == lines(view)


def test_a_context_without_push_has_no_meaning(project: ProjectFolder) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "gk", "watch", "--context", "local"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )

    assert (2, True) == (ran.returncode, "--context are for --push" in ran.stderr)


def test_a_project_of_links_is_followed(watch: Watch, tmp_path: Path) -> None:
    """deploy/stack has the definitions of this repository as links."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "d.py").write_text(DASHBOARD.replace("Shop", "More"), "utf-8")
    watching = watch()
    (watching.project.root / "alerts").symlink_to(elsewhere)
    watching.until("general/more.json")

    (elsewhere / "d.py").write_text(DASHBOARD.replace("Shop", "Other"), "utf-8")

    watching.until("general/other.json")


# Previews


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    with serving() as state:
        yield state


def test_a_preview_is_served_and_drawn_again_at_each_save(
    watch: Watch, prometheus: FakePrometheus
) -> None:
    watching = watch("--preview", "--prometheus", prometheus.url)
    address = address_in(watching.until(r"preview: .* has 1 dashboard, 1 new"))
    assert ">Up</bdi>" in requests.get(address, timeout=_TIMEOUT).text

    watching.save({"dashboards/shop.py": DASHBOARD.replace("Up", "Alive")})

    watching.until(r"preview: .* has 1 dashboard, 1 new")
    assert ">Alive</bdi>" in requests.get(f"{address}/shop", timeout=_TIMEOUT).text
    assert 130 == watching.end()


def test_only_the_dashboard_that_a_save_changed_is_asked_for(
    watch: Watch, prometheus: FakePrometheus
) -> None:
    watching = watch("--preview", "--prometheus", prometheus.url)
    watching.until("1 new")

    other = DASHBOARD.replace("Shop", "Stock").replace('"up"', '"stock"')
    watching.save({"dashboards/stock.py": other})
    watching.until("has 2 dashboards, 1 new")

    assert 1 == prometheus.asked.count("up")
    assert 1 == prometheus.asked.count("stock")


def test_a_preview_stays_while_there_are_mistakes(watch: Watch, prometheus: FakePrometheus) -> None:
    watching = watch("--preview", "--prometheus", prometheus.url)
    address = address_in(watching.until("1 new"))

    watching.save({"dashboards/shop.py": DASHBOARD.replace('"up"', '"up("')})
    watching.until("the output is still that of")

    assert ">Up</bdi>" in requests.get(address, timeout=_TIMEOUT).text


def test_a_prometheus_that_is_not_there_is_asked_again_at_the_next_save(
    watch: Watch, prometheus: FakePrometheus
) -> None:
    watching = watch("--preview", "--prometheus", "http://127.0.0.1:9")

    assert "no Prometheus answers at http://127.0.0.1:9" in watching.until("no Prometheus answers")
    watching.save({"dashboards/shop.py": DASHBOARD + "\n"})
    watching.until("no Prometheus answers")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--series", "s.yaml"], "options for data need --preview"),
        (["--preview", "--record", "r"], "--record is for gk preview; leave it out"),
        (["shop"], "NAME and --context are for --push and --preview; add one of them"),
    ],
)
def test_options_of_previews_that_do_nothing_are_refused(
    project: ProjectFolder, run_gk: RunGk, arguments: list[str], message: str
) -> None:
    project.write({"dashboards/shop.py": DASHBOARD})

    ran = run_gk("watch", *arguments)

    assert 2 == ran.code
    assert message in ran.err


def address_in(printed: str) -> str:
    """The address that gk printed."""
    match = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert match
    return match[0]
