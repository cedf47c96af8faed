"""gk push, gk status and gk diff --live of a project with environments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ProjectFolder, Ran, RunGk
from tests.environments import SETTINGS, TEAM
from tests.fake_grafana import FakeGrafana

TOKEN = "glsa_" + "t0ken" * 6
Gk = Callable[..., Ran]


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    """An empty Grafana."""
    with FakeGrafana(tokens={TOKEN: "Admin"}) as fake:
        yield fake


@pytest.fixture
def team(empty_project: ProjectFolder) -> ProjectFolder:
    """A project with two environments that differ by a threshold and a URL."""
    return empty_project.write(TEAM)


@pytest.fixture
def gk(team: ProjectFolder, grafana: FakeGrafana, run_gk: RunGk) -> Gk:
    """Run gk with a Grafana in its environment."""

    def run(*arguments: str) -> Ran:
        env = {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": TOKEN, "TOKEN": TOKEN, "NO_COLOR": "1"}
        return run_gk(*arguments, env=env)

    return run


def contexts(settings: str, **urls: str) -> dict[str, str]:
    """The gk.yaml in which environments have a Grafana of their own."""
    for name, url in urls.items():
        context = f"contexts: {{{name}: {{grafana: '{url}', token: {{env: TOKEN}}}}}}"
        settings = settings.replace(f"{name}:\n", f"{name}:\n        {context}\n")
    return {"gk.yaml": settings}


@pytest.mark.parametrize(
    "command", [("push",), ("status",), ("reload",), ("diff", "--live"), ("impact", "prometheus")]
)
def test_several_environments_need_a_choice(gk: Gk, command: tuple[str, ...]) -> None:
    """gk never takes the first one."""
    ran = gk(*command)

    assert (2, "which environment? gk.yaml has prod and staging; choose with -e\n") == (
        ran.code,
        ran.err,
    )


def test_the_only_environment_needs_no_choice(team: ProjectFolder, gk: Gk) -> None:
    """There is nothing else to push."""
    team.write({"gk.yaml": SETTINGS.partition("      staging")[0]})

    assert 0 == gk("push").code


def test_an_environment_is_pushed_with_its_values(gk: Gk, grafana: FakeGrafana) -> None:
    """And as a project of its own."""
    ran = gk("push", "-e", "staging")

    assert 0 == ran.code
    assert "project shop-staging" in ran.out.splitlines()[0]
    assert gk("push", "-e", "staging", "--dry-run").code == 0


def test_two_environments_in_one_grafana_are_in_conflict(gk: Gk) -> None:
    """One never overwrites what the other one has otherwise."""
    gk("push", "-e", "prod")

    ran = gk("push", "-e", "staging")

    assert 1 == ran.code
    assert [
        "! data source 'Prometheus' (prometheus): 'shop-prod', another environment of this "
        "project, pushed it; give each its own uids, or its own Grafana",
        "! rule group 'shop' (alerts/shop): 'shop-prod', another environment of this project, "
        "pushed it; give each its own uids, or its own Grafana",
    ] == [line for line in ran.out.splitlines() if line.startswith("!")]


def test_pruning_one_environment_keeps_those_of_another(team: ProjectFolder, gk: Gk) -> None:
    """Each has its own ledger."""
    gk("push", "-e", "prod")
    gk("push", "-e", "staging")
    (team.root / "dashboards/shop.py").unlink()

    ran = gk("push", "-e", "staging", "--prune", "--yes", "--prune-limit", "9")

    assert "- " not in ran.out
    assert "? dashboard" in gk("push", "-e", "prod", "--dry-run").out


def test_an_environment_is_pushed_to_its_own_grafana(
    team: ProjectFolder, gk: Gk, grafana: FakeGrafana
) -> None:
    """GRAFANA_URL of the shell is another one's."""
    with FakeGrafana(tokens={TOKEN: "Admin"}) as own:
        team.write(contexts(SETTINGS, prod=own.url))

        ran = gk("push", "-e", "prod")
        other = gk("push", "-e", "staging")

        assert f"prod ({own.url})" in ran.out.splitlines()[0]
        assert f"at {grafana.url}, " in other.out.splitlines()[0]


def test_diff_live_compares_one_environment(gk: Gk) -> None:
    """With the threshold that it has."""
    gk("push", "-e", "prod")

    same, other = gk("diff", "--live", "-e", "prod"), gk("diff", "--live", "-e", "staging")

    assert (0, 1) == (same.code, other.code)
    assert "threshold: > 1.5 -> > 2" in other.out


def test_status_is_that_of_one_environment(gk: Gk) -> None:
    """The other one has pushed nothing."""
    gk("push", "-e", "prod")

    owned = [gk("status", "-e", name).out.splitlines()[2] for name in ("prod", "staging")]

    assert owned[0].startswith("owned: 4 objects")
    assert owned[1].startswith("owned: 0 objects")
