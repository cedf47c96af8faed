"""Every query of this repository's dashboards, alerts and recording rules returns data on a real
Prometheus.

Prometheus and the node exporter are real; exporter programs of ours stand for Kubernetes, and where
GK_METRIC_SAMPLES names a folder of real exposition samples, these do too. One server scrapes
everything twice, with the labels of both presets.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from gk import Dashboard, timeseries
from gk.check import Project
from gk.check.live.reasons import Cause
from gk.check.live.run import ask
from gk.compile import compile
from gk.errors import Where
from gk.library import (
    apiserver,
    blackbox,
    cadvisor,
    etcd,
    kube_pods,
    kubelet,
    node,
    prometheus,
)
from gk.project import load
from gk.prometheus import Prometheus, has_data
from gk.promql import PRESETS, LabelScheme, Scope
from gk.resource import Kind, Resource
from tests.checking import QUERIES, checked
from tests.conftest import REPOSITORY
from tests.definitions import resources as compiled
from tests.live_queries import live_queries
from tests.stack import Stack, missing_programs

# A stack is started once for each worker that needs it, and four scrapes have to come in. What is
# scraped is several megabytes, so that every second would be most of what these tests take.
INTERVAL = 2
RATE_INTERVAL = f"{10 * INTERVAL}s"
# What takes no hardware and no service. A program may see all that the kernel counts, where few
# would want to keep it.
COLLECTORS = ("interrupts", "processes", "tcpstat", "netstat.fields=.*")

# Panels of node-detail, with the letters of their queries, that a node exporter leaves empty: by
# the reason.
LACKING = {
    "needs --collector.processes": {"Processes by state": "A", "Processes and threads": "ABCD"},
    "needs --collector.interrupts": {"Interrupts by kind": "A"},
    "needs --collector.tcpstat": {"TCP connections by state": "A", "UDP and TCP queues": "B"},
    "needs Tcp_MaxConn in --collector.netstat.fields": {"TCP connections": "B"},
    "needs node exporter 1.6": {"Packets passed to other CPUs": "AB"},
    "needs node exporter 1.8": {"TCP retransmits": "D"},
    "needs node exporter 1.9": {"TCP errors and drops": "E"},
    "needs node exporter 1.9 and a kernel that accounts for interrupts": {
        "Pressure (PSI)": "D",
        "Pressure (PSI), some and full": "F",
    },
    "needs node exporter 1.11": {"Tasks": "C"},
    "the kernel may be built without memory failure recovery": {"Memory by use, in detail": "I"},
    "the kernel may have no scheduler statistics": {
        "CPU run and wait time": "ABC",
        "Timeslices": "A",
    },
    "virtual machines have no CPU frequency": {"CPU frequency": "ABC"},
    "virtual machines have no sensors, fans, cooling devices and power supplies": {
        "Temperatures": "ABCD",
        "Fans": "AB",
        "Cooling and heat alarms": "AB",
        "Power supplies deliver": "A",
    },
    "virtual interfaces have no speed": {"Disks busy, network share of speed": "BC"},
    "needs --collector.systemd, and systemd": {
        "Units by state": "A",
        "Open connections of sockets": "A",
        "New connections of sockets": "AB",
        "Failed and restarted units": "AB",
    },
}
MARKED = {
    f"node-detail: panel '{title}' {letter}": reason
    for reason, panels in LACKING.items()
    for title, letters in panels.items()
    for letter in letters
}
# Pods that have everything: limits, restarts, trouble.
TROUBLED = {"namespace": "shop", "pod": "web-7c9d5f8b6d-2rjpb"}
TROUBLED_IN_SAMPLES = {"namespace": "scraper", "pod": "e2e-statefulset-0"}

# Counters that exporters call otherwise: newer ones send the first two by default (1.8, 1.9),
# without a type as all of /proc/net/netstat, and most versions take the third for a gauge.
COUNTERS = (
    "node_netstat_TcpExt_TCPOFOQueue",
    "node_netstat_TcpExt_TCPRcvQDrop",
    "node_systemd_socket_refused_connections_total",
)

# Queries without data, each with its reason.
ABSENT = {
    **MARKED,
    "node-detail: annotation 'Reboots'": "the machine has not booted within the time range",
    **{
        f"cadvisor-pod: panel '{title}' A": "the pod runs and is ready"
        for title in ("Not ready", "Crash loop", "Waiting containers")
    },
}
_OOM = "panel 'OOM kills, last hour' A"
_NOT_KILLED = "no container of the samples was killed"
_NOT_ENDED = "no container of the pod ended and was started again"
_NONE_STUCK = "no container of the samples waits or is in a crash loop"
_NO_WEBHOOKS = "the API server of the sample had no admission webhooks"
# Panels of workloads and volumes that show trouble, with the letters of their queries, where the
# samples have none: by the reason.
_WITHOUT_TROUBLE = {
    "no workload of the samples lacks pods": {
        "Unhealthy workloads": "AB",
        "Pods of workloads that are not ready": "A",
        "All Deployments": "F",
        "Missing pods of Deployments": "A",
        "Stuck rollouts": "A",
        "All StatefulSets": "EF",
        "Missing pods of StatefulSets": "A",
        "All DaemonSets": "F",
        "Missing pods of DaemonSets": "A",
    },
    "no Job of the samples runs or has failed for good": {"Failed and running Jobs": "ABCDE"},
    "the autoscaler of the samples has room": {"Horizontal pod autoscalers": "FG"},
    "the samples have no disruption budget": {
        "PDBs not met": "A",
        "Pod disruption budgets": "ABCDE",
    },
    "the quota of the samples is of another namespace": {
        "Quotas": "A",
        "Quotas by resource": "ABCDE",
        "Quotas, share used, top 10": "A",
    },
    "the sample is not of kube-state-metrics' telemetry port": {
        "Failed lists and watches": "AB",
        "Shards missing": "A",
        "Shards differ": "A",
    },
}
_ALERTS_WITHOUT_TROUBLE = {
    "no workload of the samples lacks pods": (
        "KubeDeploymentReplicasMismatch",
        "KubeDeploymentRolloutStuck",
        "KubeStatefulSetReplicasMismatch",
        "KubeStatefulSetUpdateNotRolledOut",
        "KubeDaemonSetRolloutStuck",
    ),
    "no Job of the samples runs or has failed for good": ("KubeJobNotCompleted", "KubeJobFailed"),
    "the autoscaler of the samples has room": ("KubeHpaReplicasMismatch", "KubeHpaMaxedOut"),
    "the samples have no disruption budget": ("KubePdbNotEnoughHealthyPods",),
    "the quota of the samples is hardly used": ("KubeQuotaAlmostFull",),
    "the sample is not of kube-state-metrics' telemetry port": (
        "KubeStateMetricsListErrors",
        "KubeStateMetricsWatchErrors",
        "KubeStateMetricsShardingMismatch",
        "KubeStateMetricsShardsMissing",
    ),
}
_VOLUMES_ARE_WELL = "the one volume of the samples is bound"
ABSENT_IN_SAMPLES = {
    **{
        f"workloads: panel '{title}' {letter}": reason
        for reason, panels in _WITHOUT_TROUBLE.items()
        for title, letters in panels.items()
        for letter in letters
    },
    **{
        f"workloads: alert '{name}'": reason
        for reason, names in _ALERTS_WITHOUT_TROUBLE.items()
        for name in names
    },
    "volumes: panel 'Claims that wait for a volume' A": _VOLUMES_ARE_WELL,
    "volumes: panel 'Claims that wait for a volume' B": _VOLUMES_ARE_WELL,
    "volumes: panel 'Volumes that are failed or pending' A": _VOLUMES_ARE_WELL,
    "volumes: alert 'KubePersistentVolumeErrors'": _VOLUMES_ARE_WELL,
    **{f"{uid}: {_OOM}": _NOT_KILLED for uid in ("cadvisor", "cadvisor-namespace", "cadvisor-pod")},
    "containers: alert 'ContainerOOMKilled'": _NOT_KILLED,
    "cluster: panel 'Unhealthy workloads' A": "every workload of the samples is well",
    "workloads: panel 'Workloads that restarted' A": "no container of the samples restarted",
    **{
        f"control-plane: panel '{title}' A": "one member, which elects itself and talks to nobody"
        for title in (
            "Peer round trip p99",
            "Messages to peers that failed",
            "Leader of the schedulers",
            "Leader of the controller managers",
        )
    },
    "node: panel 'Disk reads and writes' A": (
        "the highest are those of a recording without the collector that says a machine's name"
    ),
    "etcd: alert 'etcdMemberCommunicationSlow'": "one member, which talks to nobody",
    "etcd: alert 'etcdDatabaseHighFragmentationRatio'": "the database of the sample is small",
    "cadvisor-pod: panel 'Last end' A": _NOT_ENDED,
    "cadvisor-pod: panel 'Exit code' A": _NOT_ENDED,
    "cadvisor-pod: panel 'Containers' E": _NOT_ENDED,
    "cadvisor-pod: panel 'Containers' F": _NOT_ENDED,
    "cadvisor: panel 'Crash loops' A": _NONE_STUCK,
    "cadvisor: panel 'Waiting containers' A": _NONE_STUCK,
    "pods: alert 'KubePodCrashLooping'": _NONE_STUCK,
    "pods: alert 'KubeContainerWaiting'": _NONE_STUCK,
    "apiserver: panel 'etcd latency p99' A": (
        "the sample has sums and counts of these times, and no buckets"
    ),
    **{f"apiserver: panel 'Admission webhooks' {letter}": _NO_WEBHOOKS for letter in "ABCD"},
    "apiserver: panel 'Webhook latency p99' A": _NO_WEBHOOKS,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Resource]]:
    """This repository's resources, by the preset of labels that they are built with."""
    return {preset: _build(tmp_path_factory.mktemp(preset), preset) for preset in PRESETS}


def _build(root: Path, preset: str) -> list[Resource]:
    for folder in ("dashboards", "datasources", "alerts"):
        shutil.copytree(
            REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (root / "gk.yaml").write_text(f"labels: {preset}\n")
    return compile(load(root))


@pytest.fixture(params=PRESETS)
def resources(request: pytest.FixtureRequest, built: dict[str, list[Resource]]) -> list[Resource]:
    """This repository's resources, built with a preset of labels."""
    return built[request.param]


@pytest.fixture(scope="module")
def stack(
    request: pytest.FixtureRequest,
    built: dict[str, list[Resource]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """Prometheus with both presets' scrape jobs and rules. pytest orders the tests by this
    parameter, so that only one scrapes at a time."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "programs":
        yield from _running(folder, built)
        return
    samples = os.environ.get("GK_METRIC_SAMPLES")
    if not samples:
        pytest.skip("GK_METRIC_SAMPLES names no folder of exposition samples")
    yield from _running(folder, built, samples=Path(samples), collectors=COLLECTORS)


on_programs = pytest.mark.parametrize("stack", ["programs"], indirect=True)
"""On our exporter programs and a node exporter as it comes."""

on_samples = pytest.mark.parametrize("stack", ["samples"], indirect=True)
"""On the real samples, a node exporter's among them, and with more collectors of the real one."""


def _running(folder: Path, built: dict[str, list[Resource]], **options: Any) -> Iterator[Stack]:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    rules = [
        _rules(folder / f"{preset}.yaml", preset, resources) for preset, resources in built.items()
    ]
    with Stack.start(
        folder, presets=tuple(PRESETS), rule_files=rules, interval=INTERVAL, **options
    ) as running:
        running.wait_until_ready()
        yield running


def _rules(file: Path, preset: str, resources: list[Resource]) -> Path:
    """What is recorded, and alerts that fire for what shows alerts; those of this repository are
    queries to ask."""
    groups = [
        resource.body | {"interval": f"{INTERVAL}s", "rules": recorded}
        for resource in resources
        if resource.kind is Kind.PROMETHEUS_GROUP
        and (recorded := [rule for rule in resource.body["rules"] if "record" in rule])
    ]
    scope = Scope.alert(LabelScheme(PRESETS[preset]))
    firing = {
        "NodeTest": node.up(),
        "KubeAPITest": apiserver.up(),
        "ContainerTest": cadvisor.container_memory(),
        "KubeletTest": kubelet.up(),
        "etcdTest": etcd.up(),
        "PrometheusTest": prometheus.up(),
        "ProbeTest": blackbox.success(),
    }
    rules: list[dict[str, Any]] = [
        {"alert": name, "expr": query.render(scope)} for name, query in firing.items()
    ]
    # In a namespace where nothing worse fires.
    labels = {"severity": "info", "namespace": "quiet"}
    rules.append({"alert": "InfoTest", "expr": "vector(1)", "labels": labels})
    groups.append({"name": f"firing-{preset}", "interval": f"{INTERVAL}s", "rules": rules})
    file.write_text(yaml.safe_dump({"groups": groups}))
    return file


@dataclass
class Answers:
    """What came of asking: every query, how many there are of each resource, and those without
    data, with theirs."""

    asked: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    without: dict[str, tuple[str, str]] = field(default_factory=dict)

    def unexplained(self, absent: Mapping[str, str]) -> list[str]:
        """The queries without data and without a reason."""
        return [
            f"{where}: {expr}" for where, (_, expr) in self.without.items() if where not in absent
        ]

    def lacking(self, absent: Mapping[str, str]) -> dict[str, str]:
        """The queries without data and without a reason, and the resource of each."""
        return {where: owner for where, (owner, _) in self.without.items() if where not in absent}

    def replace(self, newer: Answers) -> None:
        """Take newer answers in place of those that are here."""
        others = {where: lack for where, lack in self.without.items() if where not in newer.asked}
        self.without = others | newer.without

    def table(self, absent: Mapping[str, str]) -> str:
        """For people: resource, queries, with data, without and why."""
        lines = [f"{'resource':<30}{'queries':>8}{'data':>6}{'none':>6}"]
        for name, count in self.counts.items():
            none = [where for where, (owner, _) in self.without.items() if owner == name]
            lines.append(f"{name:<30}{count:>8}{count - len(none):>6}{len(none):>6}")
            lines += [
                f"    {where.partition(': ')[2]}: {absent.get(where, 'UNKNOWN')}" for where in none
            ]
        total, none_at_all = self.counts.total(), len(self.without)
        return "\n".join([*lines, f"{'all':<30}{total:>8}{total - none_at_all:>6}{none_at_all:>6}"])


def _owner(resource: Resource) -> str:
    return f"{'dashboard' if resource.kind is Kind.DASHBOARD else 'rules'} {resource.title}"


def _full_node(detail: Resource, prometheus: Prometheus) -> str:
    """The first node of a dashboard whose exporter is the real program: that says the name of this
    machine, by which others may come before it."""
    variables = {variable["name"]: variable for variable in detail.body["templating"]["list"]}
    (job,) = variables["job"]["current"]["value"]
    selector = f'node_uname_info{{job="{job}",nodename="{platform.node()}"}}'
    return min(prometheus.label_values("instance", selector))


def _ask(
    resources: list[Resource], url: str, only: Container[str] | None = None, **chosen: str
) -> Answers:
    """Ask every query once, or only those at some places; zero is data, NaN is none."""
    answers = Answers()
    with Prometheus(url) as prometheus:
        for resource in resources:
            owner = _owner(resource)
            name = resource.uid if resource.kind is Kind.DASHBOARD else resource.title
            values = {"node": _full_node(resource, prometheus)} if name == "node-detail" else {}
            for query in live_queries(
                resource, prometheus, rate_interval=RATE_INTERVAL, chosen=values | chosen
            ):
                where = f"{name}: {query}"
                if only is not None and where not in only:
                    continue
                answers.asked.add(where)
                answers.counts[owner] += 1
                if not has_data(prometheus.query(query.expr)):
                    answers.without[where] = owner, query.expr
    return answers


def _ask_until_explained(
    resources: list[Resource], url: str, absent: Mapping[str, str], chosen: Mapping[str, str]
) -> Answers:
    """Ask those again for a while that lack data: recording rules that read others' results need
    some evaluations."""
    deadline = time.monotonic() + 90
    answers = _ask(resources, url, **chosen)
    while (lacking := answers.lacking(absent)) and time.monotonic() < deadline:
        time.sleep(1)
        owners = [resource for resource in resources if _owner(resource) in lacking.values()]
        answers.replace(_ask(owners, url, lacking, **chosen))
    return answers


@on_programs
def test_every_query_returns_data(
    stack: Stack, resources: list[Resource], record_property: Callable[[str, object], None]
) -> None:
    """Panels, variables, annotations, recording rules, and alerts without their comparison."""
    answers = _ask_until_explained(resources, stack.prometheus_url, ABSENT, TROUBLED)

    record_property("table", answers.table(ABSENT))
    assert [] == answers.unexplained(ABSENT)
    assert set() == ABSENT.keys() - answers.asked
    assert answers.counts.total() > 600


@on_samples
def test_every_query_returns_data_on_real_samples(
    stack: Stack, resources: list[Resource], record_property: Callable[[str, object], None]
) -> None:
    """The same, with what real components sent."""
    absent = ABSENT | ABSENT_IN_SAMPLES
    answers = _ask_until_explained(resources, stack.prometheus_url, absent, TROUBLED_IN_SAMPLES)

    record_property("table", answers.table(absent))
    assert [] == answers.unexplained(absent)
    assert set() == absent.keys() - answers.asked


@on_samples
def test_what_a_default_node_exporter_lacks_comes_with_collectors_hardware_or_a_newer_one(
    stack: Stack, resources: list[Resource]
) -> None:
    """Each such query of node-detail has data with more collectors, in a recording of 1.12, or of a
    real machine."""
    detail = [resource for resource in resources if resource.uid == "node-detail"]
    with Prometheus(stack.prometheus_url) as prometheus:
        (variable,) = (
            query
            for resource in detail
            for query in live_queries(resource, prometheus)
            if query.where == Where("variable", "node")
        )
        # The recording was made without the collector that says a machine's name.
        up = re.search(r"\bup\{[^}]*\}", variable.expr)
        assert up
        nodes = prometheus.label_values("instance", up[0])
    deadline = time.monotonic() + 60
    # A rate needs a few scrapes of each node.
    while missing := set.intersection(
        *(set(_ask(detail, stack.prometheus_url, ABSENT, node=node).without) for node in nodes)
    ):
        if time.monotonic() > deadline:
            break
        time.sleep(1)

    assert 3 <= len(nodes)
    assert set() == missing


@on_programs
def test_live_checks_find_the_same_and_say_why(stack: Stack, resources: list[Resource]) -> None:
    """What is empty here is empty there, with the flag or the version where that is the reason.

    The server is so young that some subqueries have no point yet.
    """
    asked = [resource for resource in resources if resource.uid in ("node-detail", "cadvisor-pod")]
    (detail,) = (resource for resource in asked if resource.uid == "node-detail")
    with Prometheus(stack.prometheus_url) as client:
        live = ask(Project(asked), client, chosen={**TROUBLED, "node": _full_node(detail, client)})

    empty = {
        f"{answer.query.owner.resource.uid}: {answer.query.promql}": answer.reason
        for answer in live.asked
        if not answer.has_data and answer.reason and not answer.reason.cause.is_passing
    }
    quiet = {name for name, reason in empty.items() if reason.cause is Cause.QUIET}
    assert set() == set(empty) - quiet - set(ABSENT)
    assert [] == [name for name, reason in empty.items() if reason.cause is Cause.UNKNOWN]
    assert [] == [
        (name, str(reason))
        for name, reason in empty.items()
        for needed in _NEEDED.findall(ABSENT.get(name, ""))
        if needed not in str(reason)
    ]
    assert [] == list(live.unanswered)
    assert live.seconds < 30


@on_programs
def test_the_dead_queries_of_a_dashboard_that_people_use_are_explained(stack: Stack) -> None:
    """Node Exporter Full (1860 on grafana.com) reads a counter without its _total, and a label that
    node exporter 0.18 took away; the queries beside them have data."""
    exprs = [
        'node_kernel_hung_tasks{instance="control-plane-1"}',
        'node_network_up{operstate="up",instance="control-plane-1"}',
        'node_network_carrier{instance="control-plane-1"}',
    ]
    panels = [timeseries(f"P{number}", expr) for number, expr in enumerate(exprs)]
    with Prometheus(stack.prometheus_url) as client:
        live = ask(Project(compiled(Dashboard("D", panels=panels))), client)

    dead, gone, alive = live.asked
    assert dead.reason
    assert gone.reason
    assert "did you mean node_kernel_hung_tasks_total" in dead.reason.text
    assert "node_network_up has no label 'operstate'; it has " in gone.reason.text
    assert "data" == alive.state


_NEEDED = re.compile(r"--collector\.\w+|exporter 1\.\d+")


@on_programs
def test_a_graph_of_the_highest_has_no_more_lines_than_it_names(stack: Stack) -> None:
    """Over the whole range, where topk alone takes others at each point in time."""
    scope = replace(Scope.alert(LabelScheme()), is_graph=True)
    expr = cadvisor.container_cpu.top(2).render(scope)
    expr = expr.replace("${__range}", "30s").replace("$__rate_interval", RATE_INTERVAL)

    def series() -> int:
        now = time.time()
        params: dict[str, str | float] = {"query": expr, "start": now - 30, "end": now, "step": 1}
        answer = requests.get(
            f"{stack.prometheus_url}/api/v1/query_range", params=params, timeout=30
        ).json()
        return len(answer["data"]["result"])

    deadline = time.monotonic() + 30
    # There is none before the first look, at a multiple of ten seconds.
    while not (count := series()) and time.monotonic() < deadline:
        time.sleep(1)

    assert 2 == count


@on_programs
@pytest.mark.parametrize("preset", PRESETS)
def test_a_pod_has_the_status_that_kubectl_would_show_and_its_node(
    stack: Stack, preset: str
) -> None:
    """Whatever keeps it from running; kubectl calls the unschedulable one Pending."""
    scope = Scope.alert(LabelScheme(PRESETS[preset]))
    states = stack.query(kube_pods.pod_status.render(scope, namespace="shop"))
    nodes = stack.query(cadvisor.pod_nodes.render(scope, namespace="shop"))
    placed = {sample["metric"]["pod"].partition("-")[0] for sample in nodes}

    expected = {
        ("catalog", "ImagePullBackOff", "4"),
        ("db", "Running", "0"),
        ("importer", "Init:CrashLoopBackOff", "4"),
        ("mailer", "CrashLoopBackOff", "4"),
        ("migrate", "Completed", "1"),
        ("report", "Error", "4"),
        ("trainer", "Unschedulable", "3"),
        ("web", "Running", "0"),
        ("web", "Running", "2"),
    }
    names = {name for name, _, _ in expected}

    assert expected == {
        (metric["pod"].partition("-")[0], metric["status"], sample["value"][1])
        for sample in states
        for metric in [sample["metric"]]
        if metric["pod"].partition("-")[0] in names
    }
    assert "trainer" not in placed
    assert {"catalog", "mailer", "web"} <= placed


@on_programs
def test_checks_find_nothing(stack: Stack, resources: list[Resource]) -> None:
    """No rate of a gauge by the types that exporters state, no unguarded division, no label that is
    not there."""
    with Prometheus(stack.prometheus_url) as prometheus:
        types = prometheus.metric_types() | dict.fromkeys(COUNTERS, "counter")

    report = checked(resources, only=QUERIES, types=types)
    assert [] == [f"{finding.source}: {finding.text}" for finding in report.findings]


def test_prometheus_loads_and_evaluates_the_built_rules(tmp_path: Path) -> None:
    """A real Prometheus evaluates every built rule without an error, and fires the Watchdog."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    files = sorted((REPOSITORY / "provisioning" / "prometheus" / "rules").glob("*.yaml"))
    hurried = [_hurried(file, tmp_path / file.name) for file in files]
    with Stack.start(tmp_path, rule_files=hurried, interval=INTERVAL) as running:
        running.wait_until_ready()
        rules = _evaluated_rules(running.prometheus_url)

    assert [] == [rule["name"] for rule in rules if rule["health"] != "ok"]
    assert "firing" == next(rule["state"] for rule in rules if rule["name"] == "Watchdog")


def _hurried(file: Path, copy: Path) -> Path:
    """A copy of a rule file whose groups are evaluated at each scrape."""
    groups = [
        group | {"interval": f"{INTERVAL}s"}
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
    ]
    copy.write_text(yaml.safe_dump({"groups": groups}))
    return copy


def _evaluated_rules(url: str, seconds: float = 90) -> list[dict[str, Any]]:
    """Prometheus's rules once each has been evaluated: the first evaluation comes within a group's
    interval."""
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

    checked = subprocess.run(
        [promtool, "check", "rules", *files], capture_output=True, text=True, check=False
    )

    assert (0, "") == (checked.returncode, checked.stderr)
