"""What tests share: projects in a temporary folder, gk as a user runs it, and the real programs
where they are."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from gk.compile import compile
from gk.grafana.connection import Connection
from gk.project import load
from gk.resource import Kind, Resource
from tests.chromium import Chromium, chromium
from tests.fake_grafana import FakeGrafana
from tests.forks import QUICK_HASHES, Forks, shared_forks
from tests.grafana_contract import Bearer, Server, fake_token, real_token

# A slow machine is no mistake of the code. Each run tries other examples, but for CI's: there, a
# change must not fail for a mistake that was there before it.
EXAMPLES = int(os.environ.get("GK_TEST_EXAMPLES", "25"))
hypothesis.settings.register_profile(
    "gk", deadline=None, max_examples=EXAMPLES, derandomize=bool(os.environ.get("CI"))
)
hypothesis.settings.load_profile("gk")

exec(QUICK_HASHES)

# It went through all modules and tests again and again.
gc.set_threshold(50_000)

# What is started with `&` or nohup ignores these, and so would the programs that tests send them
# to.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# CI may ask for colours; tests read what a pipe gets without.
os.environ.pop("FORCE_COLOR", None)

REPOSITORY = Path(__file__).parent.parent

SHARED = (
    "tests/deploy/test_deploy.py",
    "tests/deploy/test_stack_programs.py",
    "tests/library/test_live.py",
    "tests/library/test_native_histograms.py",
    "tests/repository/test_package.py",
)
"""The files whose tests share something that takes seconds to start: one worker runs each, before
all other tests."""


@cache
def this_repository() -> Sequence[Resource]:
    """What the definitions of this repository are compiled to; not to be changed."""
    return tuple(compile(load(REPOSITORY)))


DATASOURCE = """
    from gk import Datasource

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
    )
"""


class ProjectFolder:
    """A project in a temporary folder: write files, compile it, run gk in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: Mapping[str, str]) -> ProjectFolder:
        """Write files, given by path and by text that may be indented."""
        for path, text in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def resources(self, *, is_pushed: bool = False) -> list[Resource]:
        """Compile the project."""
        return compile(load(self.root), is_pushed=is_pushed)

    def resource(self, kind: Kind, uid: str = "") -> Resource:
        """The only resource of `kind`, or the one with `uid`."""
        resources = [
            resource
            for resource in self.resources()
            if resource.kind is kind and uid in ("", resource.uid)
        ]
        assert len(resources) == 1, [resource.uid for resource in resources]
        return resources[0]

    def read(self, path: str) -> str:
        """The text of a file of the project."""
        return (self.root / path).read_text(encoding="utf-8")


@pytest.fixture
def empty_project(tmp_path: Path) -> ProjectFolder:
    """A folder called `team`, with nothing in it."""
    root = tmp_path / "team"
    root.mkdir()
    return ProjectFolder(root)


@pytest.fixture
def project(empty_project: ProjectFolder) -> ProjectFolder:
    """A project that has a default Prometheus data source, in datasources/prometheus.py, and no
    gk.yaml."""
    return empty_project.write({"datasources/prometheus.py": DATASOURCE})


@dataclass(frozen=True)
class Ran:
    """What a run of gk left: exit code and output."""

    code: int
    out: str
    err: str


RunGk = Callable[..., Ran]


@pytest.fixture(scope="session")
def forks() -> Forks:
    """The process that gk is forked from, one for all tests."""
    return shared_forks()


def pytest_unconfigure() -> None:
    """End it."""
    if shared_forks.cache_info().currsize:
        shared_forks().close()


@pytest.fixture
def run_gk(empty_project: ProjectFolder, forks: Forks) -> RunGk:
    """Run gk as a user does, in a process of its own and in the project's folder. `before` is
    Python that the process runs first."""

    def run(
        *arguments: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        before: str = "",
    ) -> Ran:
        with (
            Path(os.devnull).open(encoding="utf-8") as nothing,
            tempfile.TemporaryFile("w+", encoding="utf-8") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        ):
            streams = [file.fileno() for file in (nothing, out, err)]
            environ = {**os.environ, **(env or {})}
            folder = cwd or empty_project.root
            forks.start(arguments, folder, environ, streams, before=before)
            code = forks.wait()
            for stream in (out, err):
                stream.seek(0)
            return Ran(code, out.read(), err.read())

    return run


@pytest.fixture
def start_gk(empty_project: ProjectFolder) -> RunGk:
    """Run gk as `run_gk` does, and start Python for it: for what is about that start."""

    def run(*arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ran:
        process = subprocess.run(
            [sys.executable, "-W", "error", "-c", "from gk.cli import main; main()", *arguments],
            cwd=cwd or empty_project.root,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(process.returncode, process.stdout, process.stderr)

    return run


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser, one for all tests."""
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried sooner: a pause is a twentieth of what it would be."""
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(seconds / 20))


_NEEDS_GRAFANA = pytest.StashKey[bool]()


@pytest.fixture
def grafana_server(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """The real Grafana that GK_TEST_GRAFANA_URL names, with a token in GK_TEST_GRAFANA_TOKEN or a
    user in the URL."""
    request.node.stash[_NEEDS_GRAFANA] = True
    given = os.environ.get("GK_TEST_GRAFANA_URL", "").rstrip("/")
    if not given:
        pytest.skip("GK_TEST_GRAFANA_URL names no Grafana")
    parts = urlsplit(given)
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    token = os.environ.get("GK_TEST_GRAFANA_TOKEN", "")
    # Tests of it run one at a time: notifications are one document, and where two change it,
    # Grafana refuses one.
    with (Path(tempfile.gettempdir()) / "gk-test-grafana.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Connection(
            url=url, name="", token=token, user=parts.username or "", password=parts.password or ""
        )


@pytest.fixture(params=["9.3.2", "12.4.0", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A Grafana whose API is under test."""
    if request.param != "real":
        tokens = {fake_token(role): role for role in ("Admin", "Editor", "Viewer")}
        with (
            FakeGrafana(version=request.param, prefix="/sub/path", tokens=tokens) as fake,
            closing(
                Server(fake.url, ("admin", "admin"), lambda _server, role: fake_token(role))
            ) as server,
        ):
            yield server
        return
    real: Connection = request.getfixturevalue("grafana_server")
    auth = Bearer(real.token) if real.token else (real.user, real.password)
    with closing(Server(real.url, auth, real_token)) as server:
        yield server


class _Scheduling(LoadScopeScheduling):
    """Workers take one test at a time, or all of a file in SHARED. The marks of `--dist=loadgroup`
    group nothing in pytest-xdist 3.8 under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in SHARED else nodeid

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        super().add_node_collection(node, collection)
        if node in self.registered_collections:
            self.registered_collections[node] = _Collection(collection)

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Forget what is done: for each test it would count all before it."""
        super().mark_test_complete(node, item_index, duration)
        scope = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node][scope].values()):
            del self.assigned_work[node][scope]


class _Collection(list[str]):
    """The tests of a worker. Each is looked for once."""

    def __init__(self, tests: Iterable[str]) -> None:
        super().__init__(tests)
        self._places = {test: place for place, test in enumerate(self)}

    def index(self, test: str, *_: Any) -> int:
        return self._places[test]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Called only where tests run in several processes."""
    return _Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a fake is too new for: a real server says itself which it is."""
    gone = [item for item in items if _is_too_new(item)]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in set(gone)]


def _is_too_new(item: pytest.Item) -> bool:
    mark, call = item.get_closest_marker("until"), getattr(item, "callspec", None)
    version = call.params.get("server", "real") if call else "real"
    if mark is None or version == "real":
        return False
    return tuple(int(part) for part in version.split(".")) >= mark.args


def pytest_collection_finish() -> None:
    """Leave modules and tests out of garbage collection."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Tests wait for a third of their time: for other processes, the disk, and timeouts."""
    return len(os.sched_getaffinity(0)) * 3 // 2


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skipping is forbidden, a skipped test fails, unless it needs a real Grafana or a real
    cluster."""
    report = yield
    needs_server = _NEEDS_GRAFANA in item.stash or item.get_closest_marker("cluster")
    forbidden = os.environ.get("GK_TEST_SKIPS") == "forbidden" and not needs_server
    if forbidden and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests recorded, whichever worker ran them."""
    for report in (entry for reports in terminalreporter.stats.values() for entry in reports):
        for name, value in getattr(report, "user_properties", ()):
            if name == "table" and report.when == "call":
                terminalreporter.section(report.nodeid.rpartition("::")[2])
                terminalreporter.write_line(value)
