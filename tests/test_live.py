"""Every query of this repository's dashboards, alerts and recording rules returns data on a real Prometheus.

Prometheus and the node exporter are real; exporter programs of ours stand for Kubernetes, and where
GK_METRIC_SAMPLES names a folder of real exposition samples, these do too. One server scrapes everything twice, with the
labels of both presets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gk.compile import compile
from gk.project import load
from gk.prometheus import LiveQuery, Prometheus, has_data, live_queries
from gk.resource import Resource
from tests.conftest import REPOSITORY
from tests.stack import PRESETS, Stack, missing_programs

# A stack is started once for each worker that needs it, and four scrapes a second apart have to come in.
pytestmark = pytest.mark.xdist_group("stack")

RATE_INTERVAL = "10s"

# Queries without data, each with its reason.
ABSENT = {"node: annotation 'Reboots'": "the machine has not booted within the time range"}
ABSENT_IN_SAMPLES = {
    "apiserver: panel 'Admission latency p99' A": "the API server of the sample had no admission webhooks",
    "cadvisor: panel 'Killed for want of memory in the last hour' A": "no container of the samples was killed",
    "containers: alert 'ContainerOOMKilled'": "no container of the samples was killed",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Prometheus with both presets' scrape jobs, on our exporter programs."""
    yield from _running(tmp_path_factory.mktemp("stack"), None)


@pytest.fixture(scope="module")
def samples_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Prometheus with both presets' scrape jobs, on the real samples."""
    folder = os.environ.get("GK_METRIC_SAMPLES")
    if not folder:
        pytest.skip("GK_METRIC_SAMPLES names no folder of exposition samples")
    yield from _running(tmp_path_factory.mktemp("samples"), Path(folder))


def _running(folder: Path, samples: Path | None) -> Iterator[Stack]:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with Stack.start(folder, presets=tuple(PRESETS), samples=samples) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module", params=PRESETS)
def resources(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    """This repository's resources, built with a preset of labels."""
    root = tmp_path_factory.mktemp(request.param)
    for folder in ("dashboards", "datasources", "alerts"):
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "gk.yaml").write_text(f"labels: {request.param}\n")
    return compile(load(root))


def _without_data(resources: list[Resource], url: str) -> tuple[list[LiveQuery], list[LiveQuery]]:
    """All queries, and those that return nothing or only NaN."""
    with Prometheus(url) as prometheus:
        queries = [
            query for resource in resources for query in live_queries(resource, prometheus, rate_interval=RATE_INTERVAL)
        ]
        return queries, [query for query in queries if not has_data(prometheus.query(query.expr))]


def test_every_query_returns_data(stack: Stack, resources: list[Resource]) -> None:
    """Panels, variables, annotations, and alerts without their comparison."""
    queries, without = _without_data(resources, stack.prometheus_url)

    unexplained = [f"{query.where}: {query.expr}" for query in without if query.where not in ABSENT]
    assert not unexplained, "\n".join(unexplained)
    assert len(queries) > 100


def test_every_query_returns_data_on_real_samples(samples_stack: Stack, resources: list[Resource]) -> None:
    """The same, with what real components sent."""
    _, without = _without_data(resources, samples_stack.prometheus_url)

    absent = ABSENT | ABSENT_IN_SAMPLES
    unexplained = [f"{query.where}: {query.expr}" for query in without if query.where not in absent]
    assert not unexplained, "\n".join(unexplained)


def test_prometheus_loads_and_evaluates_the_built_rules(tmp_path: Path) -> None:
    """A real Prometheus evaluates every built rule without an error, and fires the Watchdog."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    files = sorted((REPOSITORY / "provisioning" / "prometheus" / "rules").glob("*.yaml"))
    with Stack.start(tmp_path, rule_files=files) as running:
        running.wait_until_ready()
        rules = _evaluated_rules(running.prometheus_url)

    assert [] == [rule["name"] for rule in rules if rule["health"] != "ok"]
    assert "firing" == next(rule["state"] for rule in rules if rule["name"] == "Watchdog")


def _evaluated_rules(url: str, seconds: float = 90) -> list[dict[str, Any]]:
    """Prometheus's rules once each has been evaluated: the first evaluation comes within a group's interval."""
    deadline = time.monotonic() + seconds
    while True:
        groups = requests.get(f"{url}/api/v1/rules", timeout=10).json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        if all(rule["health"] != "unknown" for rule in rules) or time.monotonic() > deadline:
            return rules
        time.sleep(1)


def test_promtool_accepts_the_built_rules() -> None:
    """`promtool check rules` finds nothing in the committed rule files."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not installed: promtool")
    files = sorted((REPOSITORY / "provisioning" / "prometheus" / "rules").glob("*.yaml"))

    checked = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, check=False)

    assert (0, "") == (checked.returncode, checked.stderr)
