"""The plugin of pytest: fixtures for the tests of a project.

[tool.pytest.ini_options]
gk_project = "monitoring"      # where the project is; by default the nearest gk.yaml
gk_environment = "prod"        # of gk.yaml, if it has environments
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gk.project import Project
    from gk.prometheus import Prometheus
    from gk.prometheus.throw_away import ThrowAway
    from gk.resource import Resource
    from gk.testing import AssertReturnsData, ShowPanel
    from gk.testing.panels import Panel
    from gk.testing.servers import Servers

__all__ = [
    "assert_returns_data",
    "gk_environment",
    "gk_panel",
    "gk_project",
    "gk_prometheus",
    "gk_resources",
    "pytest_addoption",
    "pytest_runtest_makereport",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    parser.addini("gk_project", "gk: the project's folder, from the root folder of the tests")
    parser.addini("gk_environment", "gk: the environment of gk.yaml to load", default="")


class _Projects:
    """What tests share: each project and environment is loaded and compiled once."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[Path, str], Project] = {}
        self._compiled: dict[tuple[Path, str], list[Resource]] = {}

    def loaded(self, root: Path, environment: str) -> Project:
        from gk.project import load

        if (root, environment) not in self._loaded:
            self._loaded[root, environment] = load(root, environment)
        return self._loaded[root, environment]

    def compiled(self, project: Project) -> list[Resource]:
        from gk.compile import compile

        key = project.root, project.settings.environment
        if key not in self._compiled:
            self._compiled[key] = compile(project)
        return self._compiled[key]


@pytest.fixture(scope="session")
def _gk_projects() -> _Projects:
    return _Projects()


@pytest.fixture
def gk_environment(pytestconfig: pytest.Config) -> str:
    """The environment of gk.yaml that gk_project loads: the setting gk_environment, or what
    `pytest.mark.parametrize` gives; empty if there are none."""
    return str(pytestconfig.getini("gk_environment"))


@pytest.fixture
def gk_project(
    request: pytest.FixtureRequest, gk_environment: str, _gk_projects: _Projects
) -> Project:
    """The loaded project: gk.project.Project. All tests share it: do not change it."""
    with _mistakes():
        return _gk_projects.loaded(_root(request.config, request.path.parent), gk_environment)


@pytest.fixture
def gk_resources(gk_project: Project, _gk_projects: _Projects) -> list[Resource]:
    """The project's documents, compiled: gk.resource.Resource, whose `body` is Grafana's JSON."""
    with _mistakes():
        return list(_gk_projects.compiled(gk_project))


def _root(config: pytest.Config, start: Path) -> Path:
    """The project: where the setting says, or the nearest folder with gk.yaml, from the test's
    upwards, or the one of the tests' root folder."""
    from gk.project import find_root
    from gk.settings import SETTINGS_FILE

    if given := config.getini("gk_project"):
        return (config.rootpath / str(given)).resolve()
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    return find_root(config.rootpath)


@contextmanager
def _mistakes() -> Iterator[None]:
    """Show a mistake in the project, or in series, as gk does: without a traceback."""
    from gk.errors import GkError

    try:
        yield
    except (GkError, ValueError) as error:
        # pytest would print both, each with the same words.
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _skip_without_prometheus(fixture: str) -> None:
    from gk.prometheus.throw_away import PROGRAM, is_installed

    if not is_installed():
        pytest.skip(f"{fixture} needs the program {PROGRAM}, which is not installed")


class _Servers:
    """Starts throw-away servers of Prometheus, and stops them all at the end."""

    def __init__(self) -> None:
        self.started: list[ThrowAway] = []

    def __call__(self, series: Mapping[str, str], interval: str = "1m") -> Prometheus:
        from gk.prometheus.throw_away import ThrowAway

        _skip_without_prometheus("gk_prometheus")
        with _mistakes():
            self.started.append(ThrowAway(series, interval))
        return self.started[-1]

    def stop(self) -> None:
        for server in self.started:
            server.stop()


@pytest.fixture
def gk_prometheus() -> Iterator[_Servers]:
    """Start a throw-away Prometheus with series in promtool's notation, and stop it at the end.

        prometheus = gk_prometheus({"up{job='shop'}": "1 1 0x5"}, interval="1m")

    The last sample is the current one. Returns gk.prometheus.Prometheus: `query(expr)`. Skips the
    test where Prometheus is not installed.
    """
    servers = _Servers()
    try:
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def assert_returns_data(
    request: pytest.FixtureRequest, gk_prometheus: _Servers
) -> AssertReturnsData:
    """Assert that each query of a panel, a rule, a dashboard or a snippet returns a number.

        assert_returns_data("shop/Orders")      the uid or the title of a dashboard, and a panel
        assert_returns_data(snippets.orders)    a snippet, or a panel of gk's constructors
        assert_returns_data("shop", prometheus=..., variables={"zone": "a"})

    Asks the Prometheus that gk_prometheus started last, with the variables that the dashboard opens
    with. A failure says which query is empty, and why.
    """

    def check(
        panel: object,
        *,
        prometheus: Prometheus | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        __tracebackhide__ = True
        from gk.testing.asking import asked, empty

        server = prometheus or next(reversed(gk_prometheus.started), None)
        if server is None:
            message = "start a Prometheus with gk_prometheus first, or pass prometheus="
            pytest.fail(message, pytrace=False)
        project = request.getfixturevalue("gk_project")
        resources = request.getfixturevalue("gk_resources") if isinstance(panel, str) else []
        with _mistakes():
            what = asked(panel, project, resources)
            interval = getattr(server, "interval", 0)
            silent = empty(what, server, project, interval=interval, variables=variables)
        if silent:
            raise AssertionError("\n".join([f"{what}:", *silent]))

    return check


@dataclass
class _Looked:
    """The panels that a test looked at, and where their pictures go if it fails."""

    folders: pytest.TempPathFactory
    panels: list[Panel] = field(default_factory=list)


_LOOKED = pytest.StashKey[_Looked]()


@pytest.fixture(scope="session")
def _gk_panel_servers() -> Iterator[Servers]:
    from gk.testing.servers import Servers

    servers = Servers()
    try:
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def gk_panel(
    request: pytest.FixtureRequest,
    gk_project: Project,
    gk_resources: list[Resource],
    tmp_path_factory: pytest.TempPathFactory,
) -> ShowPanel:
    """Show a panel with series in promtool's notation, as values to compare.

        panel = gk_panel("shop", "Orders", {"orders_total{job='shop'}": "0+10x60"})
        assert panel.text == "10 req/m"
        assert panel.color == "green"

    Takes the uid, the title or the definition of a dashboard and the title of a panel, or a panel
    or a snippet alone. The last sample of each series is of gk.testing.NOW. Returns
    gk.testing.panels.Panel. When the test fails, its report says what the panels show, and where
    pictures of them are. Skips the test where Prometheus is not installed.
    """
    looked = request.node.stash.setdefault(_LOOKED, _Looked(tmp_path_factory))

    def show(
        dashboard: object,
        title: str = "",
        series: Mapping[str, str] | None = None,
        *,
        interval: str = "1m",
        variables: Mapping[str, str | Sequence[str]] | None = None,
        start: str = "",
        end: str = "",
        prometheus: Prometheus | None = None,
    ) -> Panel:
        __tracebackhide__ = True
        import time

        from gk.testing.showing import Look, dashboard_of

        if prometheus is not None and series is not None:
            pytest.fail("pass either series or prometheus=", pytrace=False)
        server = prometheus
        if server is None:
            _skip_without_prometheus("gk_panel")
        with _mistakes():
            if server is None:
                servers: Servers = request.getfixturevalue("_gk_panel_servers")
                server = servers.of(series or {}, interval)
            look = Look(
                server=server,
                now=getattr(server, "now", None) or time.time(),
                interval=getattr(server, "interval", 0),
                variables=variables or {},
                start=start,
                end=end,
                resources=gk_resources,
            )
            panel = look.at(dashboard_of(dashboard, gk_project, gk_resources), title)
        looked.panels.append(panel)
        return panel

    return show


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what panels show to the report of a test that fails."""
    report = yield
    looked = item.stash.get(_LOOKED, None)
    if report.failed and looked and looked.panels:
        report.sections.append(("gk_panel", _pictured(item.name, looked)))
        looked.panels.clear()
    return report


def _pictured(test: str, looked: _Looked) -> str:
    import re

    from gk.testing.pictures import kept

    folder = looked.folders.mktemp(f"gk_panel-{re.sub(r'[^A-Za-z0-9_]+', '_', test)[:40]}")
    try:
        return kept(looked.panels, folder)
    except Exception as error:
        # Raised here, it would end pytest, which could not say any more why the test failed.
        return f"no pictures: {error!r}"
