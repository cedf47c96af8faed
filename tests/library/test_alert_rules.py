"""The alerts of this repository: each is tested with promtool, says what it should, and has a
runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases import every
from tests.conftest import REPOSITORY

CASES = sorted((REPOSITORY / "tests" / "alerts").glob("*.yaml"))


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    return content


# A warning and a critical alert of one kind share their name.
RULES = {
    (rule["alert"], rule["labels"]["severity"]): rule
    for file in sorted((REPOSITORY / "provisioning" / "prometheus" / "rules").glob("*.yaml"))
    for group in _read(file)["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
NAMES = {name for name, _ in RULES}

# Names, severities and waits that users of the mixins know (kubernetes-mixin, node-mixin,
# kube-prometheus).
KNOWN = {
    ("NodeTargetDown", "critical"): "5m",
    ("NodeCPUHighUsage", "info"): "15m",
    ("NodeSystemSaturation", "warning"): "15m",
    ("NodeMemoryHighUtilization", "warning"): "15m",
    ("NodeMemoryMajorPagesFaults", "warning"): "15m",
    ("NodeFilesystemAlmostOutOfSpace", "warning"): "30m",
    ("NodeFilesystemSpaceFillingUp", "warning"): "1h",
    ("NodeFilesystemAlmostOutOfFiles", "warning"): "1h",
    ("NodeDiskIOSaturation", "warning"): "30m",
    ("NodeNetworkReceiveErrs", "warning"): "1h",
    ("NodeHighNumberConntrackEntriesUsed", "warning"): "5m",
    ("NodeClockNotSynchronising", "warning"): "10m",
    ("NodeFileDescriptorLimit", "warning"): "15m",
    ("NodeTextFileCollectorScrapeError", "warning"): "5m",
    ("CPUThrottlingHigh", "info"): "15m",
    ("KubeCPUOvercommit", "warning"): "10m",
    ("KubeMemoryOvercommit", "warning"): "10m",
    ("KubePodNotReady", "warning"): "15m",
    ("KubePodCrashLooping", "warning"): "15m",
    ("KubeContainerWaiting", "warning"): "1h",
    ("KubeNodeNotReady", "warning"): "15m",
    ("KubeAPIDown", "critical"): "15m",
    ("KubeAPIInstanceUnreachable", "warning"): "15m",
    ("KubeAPIErrorRatioHigh", "warning"): "10m",
    ("KubeAPIErrorBudgetBurnFast", "critical"): "2m",
    ("KubeAPIErrorBudgetBurnSlow", "critical"): "15m",
    ("KubeAPITerminatedRequests", "warning"): "5m",
    ("KubeClientCertificateExpiration", "warning"): "5m",
    ("KubeAggregatedAPIDown", "warning"): "5m",
    ("Watchdog", "none"): "",
    ("KubeClientCertificateExpiration", "critical"): "5m",
    ("TargetDown", "warning"): "10m",
    ("ConfigReloaderSidecarErrors", "warning"): "10m",
    ("PrometheusBadConfig", "critical"): "10m",
    ("PrometheusSDRefreshFailure", "warning"): "20m",
    ("PrometheusKubernetesListWatchFailures", "warning"): "15m",
    ("PrometheusNotificationQueueRunningFull", "warning"): "15m",
    ("PrometheusErrorSendingAlertsToSomeAlertmanagers", "warning"): "15m",
    ("PrometheusErrorSendingAlertsToAnyAlertmanager", "critical"): "15m",
    ("PrometheusNotConnectedToAlertmanagers", "warning"): "10m",
    ("PrometheusTSDBReloadsFailing", "warning"): "4h",
    ("PrometheusTSDBCompactionsFailing", "warning"): "4h",
    ("PrometheusNotIngestingSamples", "warning"): "10m",
    ("PrometheusDuplicateTimestamps", "warning"): "10m",
    ("PrometheusOutOfOrderTimestamps", "warning"): "10m",
    ("PrometheusRemoteStorageFailures", "critical"): "15m",
    ("PrometheusRemoteWriteBehind", "critical"): "15m",
    ("PrometheusRemoteWriteDesiredShards", "warning"): "15m",
    ("PrometheusRuleFailures", "critical"): "15m",
    ("PrometheusMissingRuleEvaluations", "warning"): "15m",
    ("PrometheusTargetLimitHit", "warning"): "15m",
    ("PrometheusLabelLimitHit", "warning"): "15m",
    ("PrometheusScrapeBodySizeLimitHit", "warning"): "15m",
    ("PrometheusScrapeSampleLimitHit", "warning"): "15m",
    ("PrometheusTargetSyncFailure", "critical"): "5m",
    ("PrometheusHighQueryLoad", "warning"): "15m",
    ("AlertmanagerFailedReload", "critical"): "10m",
    ("AlertmanagerMembersInconsistent", "critical"): "15m",
    ("AlertmanagerFailedToSendAlerts", "warning"): "5m",
    ("AlertmanagerClusterFailedToSendAlerts", "critical"): "5m",
    ("AlertmanagerConfigInconsistent", "critical"): "20m",
    ("AlertmanagerClusterDown", "critical"): "5m",
    ("AlertmanagerClusterCrashlooping", "critical"): "5m",
    ("GrafanaRequestsFailing", "warning"): "5m",
    ("InfoInhibitor", "none"): "",
    ("KubeDeploymentReplicasMismatch", "warning"): "15m",
    ("KubeDeploymentGenerationMismatch", "warning"): "15m",
    ("KubeDeploymentRolloutStuck", "warning"): "15m",
    ("KubeStatefulSetReplicasMismatch", "warning"): "15m",
    ("KubeStatefulSetGenerationMismatch", "warning"): "15m",
    ("KubeStatefulSetUpdateNotRolledOut", "warning"): "15m",
    ("KubeDaemonSetRolloutStuck", "warning"): "15m",
    ("KubeDaemonSetNotScheduled", "warning"): "10m",
    ("KubeDaemonSetMisScheduled", "warning"): "15m",
    ("KubeJobNotCompleted", "warning"): "",
    ("KubeJobFailed", "warning"): "15m",
    ("KubeHpaReplicasMismatch", "warning"): "15m",
    ("KubeHpaMaxedOut", "warning"): "15m",
    ("KubePdbNotEnoughHealthyPods", "warning"): "15m",
    ("KubeQuotaAlmostFull", "info"): "15m",
    ("KubeQuotaFullyUsed", "info"): "15m",
    ("KubeQuotaExceeded", "warning"): "15m",
    ("KubeCPUQuotaOvercommit", "warning"): "5m",
    ("KubeMemoryQuotaOvercommit", "warning"): "5m",
    ("KubeStateMetricsListErrors", "critical"): "15m",
    ("KubeStateMetricsWatchErrors", "critical"): "15m",
    ("KubeStateMetricsShardingMismatch", "critical"): "15m",
    ("KubeStateMetricsShardsMissing", "critical"): "15m",
    ("KubePersistentVolumeFillingUp", "warning"): "1h",
    ("KubePersistentVolumeInodesFillingUp", "warning"): "1h",
    ("KubePersistentVolumeErrors", "critical"): "5m",
    ("NodeFilesystemAlmostOutOfSpace", "critical"): "30m",
    ("NodeFilesystemSpaceFillingUp", "critical"): "1h",
    ("NodeFilesystemAlmostOutOfFiles", "critical"): "1h",
    ("NodeFilesystemFilesFillingUp", "warning"): "1h",
    ("NodeFilesystemFilesFillingUp", "critical"): "1h",
    ("NodeFileDescriptorLimit", "critical"): "15m",
    ("NodeNetworkTransmitErrs", "warning"): "1h",
    ("NodeNetworkInterfaceFlapping", "warning"): "2m",
    ("NodeBondingDegraded", "warning"): "5m",
    ("NodeRAIDDegraded", "critical"): "15m",
    ("NodeRAIDDiskFailure", "warning"): "",
    ("NodeClockSkewDetected", "warning"): "10m",
    ("NodeSystemdServiceFailed", "warning"): "5m",
    ("NodeSystemdServiceCrashlooping", "warning"): "15m",
    ("KubeletDown", "critical"): "15m",
    ("KubeletTooManyPods", "info"): "15m",
    ("KubeletPlegDurationHigh", "warning"): "5m",
    ("KubeletPodStartUpLatencyHigh", "warning"): "15m",
    ("KubeletClientCertificateExpiration", "warning"): "",
    ("KubeletServerCertificateExpiration", "warning"): "",
    ("KubeletClientCertificateRenewalErrors", "warning"): "15m",
    ("KubeletServerCertificateRenewalErrors", "warning"): "15m",
    ("KubeNodeUnreachable", "warning"): "15m",
    ("KubeNodePressure", "info"): "10m",
    ("KubeNodeReadinessFlapping", "warning"): "15m",
    ("KubeNodeEviction", "info"): "",
    ("KubeVersionMismatch", "warning"): "15m",
    ("KubeClientErrors", "warning"): "15m",
    ("KubeSchedulerDown", "critical"): "15m",
    ("KubeControllerManagerDown", "critical"): "15m",
    ("KubeProxyDown", "critical"): "15m",
    ("etcdMembersDown", "critical"): "10m",
    ("etcdInsufficientMembers", "critical"): "3m",
    ("etcdNoLeader", "critical"): "1m",
    ("etcdHighNumberOfLeaderChanges", "warning"): "5m",
    ("etcdHighNumberOfFailedProposals", "warning"): "15m",
    ("etcdMemberCommunicationSlow", "warning"): "10m",
    ("etcdHighFsyncDurations", "warning"): "10m",
    ("etcdHighCommitDurations", "warning"): "10m",
    ("etcdDatabaseQuotaLowSpace", "critical"): "10m",
    ("etcdExcessiveDatabaseGrowth", "warning"): "10m",
    ("etcdDatabaseHighFragmentationRatio", "warning"): "10m",
    ("CoreDNSDown", "critical"): "15m",
    ("CoreDNSLatencyHigh", "critical"): "10m",
    ("CoreDNSErrorsHigh", "warning"): "10m",
    ("KubeletClientCertificateExpiration", "critical"): "",
    ("KubeletServerCertificateExpiration", "critical"): "",
    ("etcdHighFsyncDurations", "critical"): "10m",
    ("CoreDNSErrorsHigh", "critical"): "10m",
}
ALWAYS_FIRES = {"Watchdog"}
HEADINGS = ["Meaning", "Impact", "Diagnosis", "What to do"]


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_alerts_fire_on_series_made_for_them_and_are_silent_on_healthy_ones(
    file: Path, tmp_path: Path
) -> None:
    """promtool evaluates the committed rules over each case's series, and compares alerts, labels
    and texts."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not installed: promtool")

    ran = subprocess.run(
        [promtool, "test", "rules", *_divided(file, tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert 0 == ran.returncode, ran.stdout + ran.stderr


def _divided(file: Path, folder: Path) -> Iterator[str]:
    """Write each case into a file of its own, with the alerts that it names: promtool would
    evaluate all of them at every step, which takes four times as long."""
    document = _read(file)
    rules = [_read(file.parent / path) for path in document["rule_files"]]
    for number, case in enumerate(document["tests"]):
        named = {expectation["alertname"] for expectation in case.get("alert_rule_test", ())}
        names = []
        for index, content in enumerate(rules):
            names.append(f"rules-{number}-{index}.json")
            (folder / names[-1]).write_text(json.dumps(_only(content, named)), "utf-8")
        divided = f"{file.stem}-{number}.json"
        (folder / divided).write_text(
            json.dumps({**document, "rule_files": names, "tests": [case]}), "utf-8"
        )
        yield divided


def _only(rules: dict[str, Any], named: set[str]) -> dict[str, Any]:
    """The rules that record, and alerts of these names."""
    groups = [
        {
            **group,
            "rules": [rule for rule in group["rules"] if rule.get("alert") in {None, *named}],
        }
        for group in rules["groups"]
    ]
    # One that reads other alerts needs all.
    reads = any("ALERTS" in rule["expr"] for group in groups for rule in group["rules"])
    return rules if reads else {"groups": groups}


def test_every_alert_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    """What always fires has no other."""
    fires, silent = set(), set()
    for alert, expected in _expectations():
        for firing in expected:
            fires.add((alert, firing["exp_labels"]["severity"]))
        if not expected:
            silent.add(alert)

    assert set(RULES) == fires
    assert NAMES - ALWAYS_FIRES == silent


def _expectations() -> list[tuple[str, list[Any]]]:
    return [
        (expectation["alertname"], expectation.get("exp_alerts") or [])
        for file in CASES
        for case in _read(file)["tests"]
        for expectation in case.get("alert_rule_test", ())
    ]


def test_every_case_says_what_it_shows() -> None:
    """A case has a name of its own, so that promtool's report can be read."""
    names = defaultdict(list)
    for file in CASES:
        for case in _read(file)["tests"]:
            names[case.get("name", "")].append(file.name)

    assert "" not in names
    assert {} == {name: files for name, files in names.items() if len(files) > 1}


def test_the_known_alerts_are_there_with_the_severity_and_the_wait_that_people_know() -> None:
    """Others may be beside them."""
    assert {key: RULES[key].get("for", "") for key in KNOWN if key in RULES} == KNOWN


@every("name, severity", RULES)
def test_an_alert_says_in_words_and_numbers_what_is_wrong(name: str, severity: str) -> None:
    """A summary of one line, a description of whole sentences, and a number in one of them."""
    annotations = RULES[name, severity]["annotations"]
    summary, description = annotations["summary"], annotations["description"]

    assert not summary.endswith(".")
    assert "\n" not in summary
    assert description.endswith(".")
    assert name in ALWAYS_FIRES or re.search(r"\d", description)
    assert annotations["runbook_url"].endswith(f"/{name}.md")


@every("name, severity", RULES)
def test_an_alert_has_a_runbook(name: str, severity: str) -> None:
    """A page that says meaning, impact, diagnosis and what to do, and where the alert's panel
    is."""
    page = (REPOSITORY / "docs" / "runbooks" / f"{name}.md").read_text("utf-8")
    panel = _panel(RULES[name, severity])

    assert page.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS
    assert f"`{panel}`" in page or name in ALWAYS_FIRES


def _panel(rule: dict[str, Any]) -> str:
    """The path of the alert's panel; the rest of its link chooses what the alert is about."""
    return re.split(r"\{\{|&", rule["annotations"].get("dashboard_url", ""))[0]


def test_every_runbook_is_of_an_alert() -> None:
    """None is left of an alert that is gone."""
    assert {file.stem for file in (REPOSITORY / "docs" / "runbooks").glob("*.md")} == NAMES


def test_a_panel_shows_what_every_alert_waits_for() -> None:
    """Its address is in the alert, and the panel is there. The Watchdog waits for nothing."""
    panels = {
        f"/d/{body['uid']}?viewPanel={panel['id']}"
        for file in (REPOSITORY / "provisioning" / "grafana" / "dashboards").rglob("*.json")
        for body in [json.loads(file.read_text("utf-8"))]
        for top in body["panels"]
        for panel in (top, *top.get("panels", ()))
    }
    shown = {key: _panel(rule) for key, rule in RULES.items()}

    assert ALWAYS_FIRES == {name for (name, _), address in shown.items() if not address}
    assert set() == set(filter(None, shown.values())) - panels
