"""Prometheus's rule files: one a group, and right in the eyes of promtool."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gk import Datasource, alert, alert_group, recording_rule
from tests.conftest import REPOSITORY, ProjectFolder
from tests.rich import RICH, built, files_of, parsed

PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)
AWKWARD = {
    "alerts/awkward.py": r"""
        from gk import alert, alert_group, recording_rule

        group = alert_group("1e3", [
            alert("Quotes", 'up{job="a\\"b", path=~"\\\\d+"} == 0',
                  labels={"y": "n", "no": "1_000"}),
            alert("Lines", "up\n  == 0", description="first\nsecond: {{ $labels.job }}\n",
                  for_="1d12h"),
            recording_rule("job:up:sum", "sum by (job) (up)", labels={"level": "0o7"}),
        ], interval="2m30s")
        """
}


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of promtool, which comes with Prometheus."""
    path = shutil.which("promtool")
    if not path:
        pytest.skip("promtool is not installed")
    return path


def checked(promtool: str, files: list[Path]) -> tuple[int, str]:
    """What promtool says of rule files."""
    ran = subprocess.run(
        [promtool, "check", "rules", *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "definitions", [pytest.param(RICH, id="rich"), pytest.param(AWKWARD, id="awkward")]
)
def test_promtool_accepts_the_rule_files(
    request: pytest.FixtureRequest, promtool: str, definitions: dict[str, str]
) -> None:
    """Prometheus's own program finds the rules, and nothing wrong with them."""
    project: ProjectFolder = request.getfixturevalue(
        "empty_project" if definitions is RICH else "project"
    )
    built(project.write(definitions))

    code, said = checked(
        promtool, sorted(project.root.glob("provisioning/prometheus/rules/*.yaml"))
    )

    assert (0, 3) == (
        code,
        sum(int(line.split()[1]) for line in said.splitlines() if "SUCCESS" in line),
    ), said


def test_promtool_accepts_this_repository_s_rules(promtool: str) -> None:
    """The rule files that this repository ships are right."""
    files = sorted((REPOSITORY / "provisioning" / "prometheus" / "rules").glob("*.yaml"))

    code, said = checked(promtool, files)

    assert (0, True) == (code, bool(files)), said


def test_each_group_has_a_file() -> None:
    """A file is named after its group, and holds that group alone."""
    files = files_of(
        PROMETHEUS,
        alert_group("node", [alert("A", "up < 1")]),
        alert_group("API server", [recording_rule("job:up:sum", "sum by (job) (up)")]),
    )

    rules = {path: parsed(text) for path, text in files.items() if path.startswith("prometheus/")}
    assert {
        "prometheus/rules/api-server.yaml": {
            "groups": [
                {
                    "name": "API server",
                    "interval": "1m",
                    "rules": [{"record": "job:up:sum", "expr": "sum by (job) (up)"}],
                }
            ]
        },
        "prometheus/rules/node.yaml": {
            "groups": [
                {
                    "name": "node",
                    "interval": "1m",
                    "rules": [{"alert": "A", "expr": "up < 1", "labels": {"severity": "warning"}}],
                }
            ]
        },
    } == rules


def test_groups_of_similar_names_do_not_share_a_file() -> None:
    """Names that differ in spelling alone give different files, and none loses its rules."""
    names = ["Node rules", "node rules", "node-rules"]
    files = files_of(
        PROMETHEUS,
        *(alert_group(name, [alert(f"A{at}", "up < 1")]) for at, name in enumerate(names)),
    )

    rules = {
        path: parsed(text)["groups"]
        for path, text in files.items()
        if path.startswith("prometheus/")
    }

    assert [[name] for name in names] == sorted(
        [group["name"] for group in groups] for groups in rules.values()
    )
    assert "node-rules" == rules["prometheus/rules/node-rules.yaml"][0]["name"]
