"""A repository of gk init has a sample data source: it gives way to the one that a team has."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ProjectFolder, Ran, RunGk

SAMPLE = "datasources/prometheus.py"
OWN = {"name": "Prometheus", "uid": "PBFA97", "type": "prometheus", "url": "http://prom:9090"}


@pytest.fixture
def begun(empty_project: ProjectFolder, run_gk: RunGk) -> ProjectFolder:
    """A new repository, and a file of data sources to import."""
    assert 0 == run_gk("init", ".", "--yes").code
    return empty_project


def imported(project: ProjectFolder, run_gk: RunGk, *options: str, **keys: object) -> Ran:
    """An import of one data source."""
    file = {"apiVersion": 1, "datasources": [{**OWN, **keys}]}
    project.write({"given/sources.yaml": json.dumps(file)})
    return run_gk("import", "given", "--into", ".", *options)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"isDefault": True}, id="name and default"),
        pytest.param({"name": "Metrics", "isDefault": True}, id="default"),
        pytest.param({"uid": "prometheus", "isDefault": True}, id="uid"),
    ],
)
def test_the_sample_gives_way_to_a_data_source_that_was_read(
    begun: ProjectFolder, run_gk: RunGk, keys: dict[str, object]
) -> None:
    ran = imported(begun, run_gk, **keys)

    assert (0, "") == (ran.code, ran.err)
    assert f"- {SAMPLE}: the sample of gk init, which what was read replaces" in ran.out
    assert not (begun.root / SAMPLE).exists()
    assert 0 == run_gk("build").code


def test_a_dry_run_leaves_the_sample(begun: ProjectFolder, run_gk: RunGk) -> None:
    said = json.loads(imported(begun, run_gk, "--dry-run", "--format", "json", isDefault=True).out)
    assert ([SAMPLE], True) == (said["files"]["removed"], (begun.root / SAMPLE).exists())


def test_a_data_source_beside_the_sample_leaves_it(begun: ProjectFolder, run_gk: RunGk) -> None:
    ran = imported(begun, run_gk, name="Logs", type="loki", uid="logs")
    assert (0, True) == (ran.code, (begun.root / SAMPLE).exists())


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param(SAMPLE, "# Ours.\n", id="edited"),
        pytest.param(
            "dashboards/own.py", "from datasources.prometheus import prometheus\n", id="imported"
        ),
    ],
)
def test_a_sample_that_somebody_uses_stays(
    begun: ProjectFolder, run_gk: RunGk, file: str, text: str
) -> None:
    """And the report says what collides."""
    begun.write({file: text + (begun.read(file) if (begun.root / file).exists() else "")})

    ran = imported(begun, run_gk, isDefault=True)

    assert (1, True) == (ran.code, (begun.root / SAMPLE).exists())
    assert "name 'Prometheus' is taken by the one at datasources/grafana.py" in ran.out
