"""deploy/compose: the stack on one machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployed import BASE, DEPLOY, copy

COMPOSE = DEPLOY / "compose/compose.yaml"


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    defined: dict[str, Any] = parsed(COMPOSE)["services"]
    return defined


def test_the_compose_file_fits_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    ran = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout


def test_both_ways_run_the_same_versions(services: dict[str, Any]) -> None:
    images = {
        entry["name"]: entry["newTag"]
        for entry in parsed(DEPLOY / BASE / "kustomization.yaml")["images"]
    }

    for name, service in services.items():
        image, _, tag = service["image"].rpartition(":")
        assert images[image] == tag, name


def test_nothing_listens_for_other_machines(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name


def test_no_container_may_do_more_than_it_must(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert not service.get("privileged"), name
        assert service["mem_limit"], name


def test_every_folder_that_is_mounted_is_built(services: dict[str, Any], tmp_path: Path) -> None:
    deploy = copy(tmp_path, ["stack", "notifications"])

    for name, service in services.items():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (deploy / "compose" / source).exists(), f"{name}: {source}"


def test_only_prometheus_evaluates_alerts(services: dict[str, Any]) -> None:
    mounted = [volume.split(":")[1] for volume in services["grafana"]["volumes"]]

    assert "/etc/grafana/provisioning/dashboards" in mounted
    assert not {"/etc/grafana/provisioning", "/etc/grafana/provisioning/alerting"} & {*mounted}


def test_jobs_have_the_names_of_those_on_kubernetes() -> None:
    """So the same dashboards and alerts find their series."""
    compose, kubernetes = (
        {job["job_name"] for job in yaml.safe_load(text)["scrape_configs"]}
        for text in (
            (DEPLOY / "compose/prometheus.yml").read_text(encoding="utf-8"),
            (DEPLOY / BASE / "prometheus/prometheus.yml").read_text(encoding="utf-8"),
        )
    )

    assert compose < kubernetes


@pytest.mark.parametrize(
    "name", ["prometheus", "alertmanager", "node-exporter", "blackbox-exporter"]
)
def test_every_option_is_one_that_the_program_has(services: dict[str, Any], name: str) -> None:
    program = shutil.which(name) or shutil.which(f"prometheus-{name}")
    if program is None:
        pytest.skip(f"not installed: {name}")
    ran = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    known = re.findall(r"--(?:\[no-\])?([\w.-]+)", ran.stdout + ran.stderr)

    options = {option.removeprefix("--").partition("=")[0] for option in services[name]["command"]}

    assert set() == options - {*known}


def test_promtool_accepts_the_configuration() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not installed: promtool")
    ran = subprocess.run(
        [promtool, "check", "config", str(DEPLOY / "compose/prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
