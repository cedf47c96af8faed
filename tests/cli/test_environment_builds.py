"""gk build of a project with environments: a folder each, and nothing left of those that are
gone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ProjectFolder, Ran, RunGk
from tests.environments import ALERTS, SETTINGS, TEAM

RULES = "prometheus/rules/shop.yaml"
LIST = ".gk-files"


@pytest.fixture
def team(empty_project: ProjectFolder) -> ProjectFolder:
    """A project with two environments that differ by a threshold and a URL."""
    return empty_project.write(TEAM)


def files(folder: Path) -> dict[str, str]:
    """The content of each file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def last_lines(ran: Ran) -> list[str]:
    """What is said of each folder, without times and files."""
    return [
        line.partition(" (")[0]
        for line in ran.out.splitlines()
        if line and line[0] not in "+~-" and "built" not in line
    ]


def test_each_environment_has_its_own_folder(team: ProjectFolder, run_gk: RunGk) -> None:
    """With its threshold and its URL."""
    ran = run_gk("build")

    assert 0 == ran.code
    for name, limit, host in (("prod", "1.5", "prometheus.prod"), ("staging", "2", "prometheus")):
        folder = f"provisioning/{name}"
        assert f"expr: sum(seconds) > {limit}\n" in team.read(f"{folder}/{RULES}")
        datasources = team.read(f"{folder}/grafana/datasources/datasources.yaml")
        assert f"url: http://{host}:9090\n" in datasources


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_promtool_accepts_the_rules_of_each(
    team: ProjectFolder, run_gk: RunGk, environment: str
) -> None:
    run_gk("build")

    command = ["promtool", "check", "rules", f"provisioning/{environment}/{RULES}"]
    checked = subprocess.run(command, cwd=team.root, capture_output=True, check=False)

    assert 0 == checked.returncode, checked.stdout


def test_a_build_says_what_it_did_in_each(team: ProjectFolder, run_gk: RunGk) -> None:
    """In the order of gk.yaml."""
    ran = run_gk("build")

    assert [
        "wrote provisioning/prod/: 19 new, 0 changed, 0 removed, 0 unchanged",
        "wrote provisioning/staging/: 19 new, 0 changed, 0 removed, 0 unchanged",
    ] == last_lines(ran)
    assert ran.out.startswith("prod: built 1 folder, 1 data source, 1 dashboard, 1 rule group, ")


def test_one_environment_leaves_the_others_alone(team: ProjectFolder, run_gk: RunGk) -> None:
    """Even if they are not up to date."""
    run_gk("build")
    before = files(team.root / "provisioning/staging")
    team.write({"alerts/shop.py": ALERTS.replace("5m", "6m")})

    ran = run_gk("build", "-e", "prod")

    assert 0 == ran.code
    assert before == files(team.root / "provisioning/staging")
    assert "for: 6m\n" in team.read(f"provisioning/prod/{RULES}")


def test_check_lists_what_differs_in_each(team: ProjectFolder, run_gk: RunGk) -> None:
    """And writes nothing."""
    run_gk("build")
    team.write({"gk.yaml": SETTINGS.replace("slow: 2", "slow: 3")})

    ran = run_gk("build", "--check")

    assert 1 == ran.code
    assert "provisioning/prod/ is up to date: 19 files" == last_lines(ran)[0]
    assert f"~ {RULES}" in ran.out
    assert 0 == run_gk("build", "--check", "-e", "prod").code


def test_the_output_folder_has_a_folder_each(
    team: ProjectFolder, run_gk: RunGk, tmp_path: Path
) -> None:
    """That of -o, too; with -e the same one."""
    run_gk("build", "-o", str(tmp_path / "out"), "-e", "prod")
    run_gk("build", "-o", str(tmp_path / "out"))

    assert ["prod", "staging"] == sorted(path.name for path in (tmp_path / "out").iterdir())


def test_an_environment_may_have_another_output(team: ProjectFolder, run_gk: RunGk) -> None:
    """The other one is where it would be without it."""
    settings = SETTINGS.replace("staging:", "staging:\n        build: {output: elsewhere/st}")
    team.write({"gk.yaml": settings})

    run_gk("build")

    assert (team.root / "elsewhere/st" / LIST).is_file()
    assert ["prod"] == [path.name for path in (team.root / "provisioning").iterdir()]


def test_nothing_is_written_unless_all_compile(team: ProjectFolder, run_gk: RunGk) -> None:
    """A mistake of all is told once, one of some with their names."""
    team.write(
        {
            "gk.yaml": SETTINGS.replace("slow: 2", "slow: [2]"),
            "dashboards/more.py": "from gk import dashbord\n",
        }
    )

    ran = run_gk("build")

    assert [
        "alerts/shop.py:3: value 'slow' must be a number (float), but gk.yaml:7 has [2] "
        "(environment staging)",
        "dashboards/more.py:1: 'gk' has no 'dashbord'; did you mean 'Dashboard'?",
    ] == ran.err.splitlines()
    assert (2, False) == (ran.code, (team.root / "provisioning").exists())


def test_a_warning_of_all_is_printed_once(team: ProjectFolder, run_gk: RunGk) -> None:
    """One of some names them."""
    settings = SETTINGS.replace("slow: 2", "slow: 2, b: 3").replace("slow: 1.5", "slow: 1.5, a: 3")
    team.write({"gk.yaml": settings})

    warning = "no definition reads the value '{}'; read it with gk.value, or remove it"
    assert [
        f"warning: gk.yaml:2: {warning.format('a')}",
        f"warning: gk.yaml:7: {warning.format('b')} (environment staging)",
    ] == run_gk("build").err.splitlines()


def test_json_has_a_build_for_each(team: ProjectFolder, run_gk: RunGk) -> None:
    """With the keys of a build without environments."""
    team.write({"gk.yaml": "values: {slow: 1}\n"})
    alone = json.loads(run_gk("build", "--format", "json", "-o", "alone").out)
    team.write({"gk.yaml": SETTINGS})

    document = json.loads(run_gk("build", "--format", "json").out)

    assert ["prod", "staging"] == [build["environment"] for build in document["environments"]]
    keys = {key for build in document["environments"] for key in build}
    assert keys | {"version"} == alone.keys() | {"environment"}


def test_an_environment_is_the_same_alone_and_with_others(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """Nothing of the one before is in it."""
    run_gk("build", "-o", "all")
    run_gk("build", "-o", "one", "-e", "staging")

    assert files(team.root / "all/staging") == files(team.root / "one/staging")


# What earlier builds left


def test_the_folder_of_an_environment_that_is_gone_is_removed(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """But for what gk did not write."""
    run_gk("build")
    team.write({"provisioning/staging/notes.txt": "mine\n"})
    team.write({"gk.yaml": SETTINGS.replace("staging:", "test:")})

    checked, ran = run_gk("build", "--check"), run_gk("build")

    said = "19 files of an earlier build from provisioning/staging/, which no build writes now"
    assert (1, f"would remove {said}") == (checked.code, last_lines(checked)[-1])
    assert (0, f"removed {said}") == (ran.code, last_lines(ran)[-1])
    assert {"notes.txt": "mine\n"} == files(team.root / "provisioning/staging")
    assert 0 == run_gk("build", "--check").code


def test_a_build_of_one_environment_removes_no_folder(team: ProjectFolder, run_gk: RunGk) -> None:
    """It leaves all others alone."""
    run_gk("build")
    team.write({"gk.yaml": SETTINGS.replace("staging:", "test:")})

    run_gk("build", "-e", "prod")

    assert (team.root / "provisioning/staging" / RULES).is_file()


def test_what_was_built_before_environments_is_removed(team: ProjectFolder, run_gk: RunGk) -> None:
    """It would be mounted for ever."""
    team.write({"gk.yaml": "values: {slow: 1}\n"})
    run_gk("build")
    team.write({"gk.yaml": SETTINGS})

    run_gk("build")

    folder = team.root / "provisioning"
    assert ["prod", "staging"] == sorted(path.name for path in folder.iterdir())


def test_the_folders_go_with_the_last_environment(team: ProjectFolder, run_gk: RunGk) -> None:
    """As those of any other."""
    run_gk("build")
    team.write({"gk.yaml": "values: {slow: 1}\n"})

    run_gk("build")

    folder = team.root / "provisioning"
    assert [LIST, "grafana", "kubernetes", "prometheus"] == sorted(
        path.name for path in folder.iterdir()
    )


def test_the_output_of_another_project_stays(team: ProjectFolder, run_gk: RunGk) -> None:
    """Its list names no environment, or another one than its folder."""
    run_gk("build", "-o", "provisioning/other", "-e", "prod")
    (team.root / "provisioning/other/prod").rename(team.root / "provisioning/kept")
    team.write({"gk.yaml": "values: {slow: 1}\n"})
    run_gk("build", "-o", "provisioning/plain")
    before = files(team.root / "provisioning")
    team.write({"gk.yaml": SETTINGS})

    run_gk("build")

    assert before.items() <= files(team.root / "provisioning").items()
