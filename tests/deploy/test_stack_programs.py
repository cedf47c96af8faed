"""The programs of the stack, without containers, from the files in deploy/: real Prometheus, node
exporter, Alertmanager and blackbox exporter on 127.0.0.1."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller

from gk.compile import compile
from gk.project import load
from gk.prometheus import Prometheus, has_data
from tests.conftest import RunGk
from tests.deployed import (
    BASE,
    CONTROL_PLANE,
    DEPLOY,
    DIRECT,
    build,
    copy,
    endpoint,
    pod,
    scraping,
)
from tests.exporters import (
    apiserver,
    cadvisor,
    controller_manager,
    coredns,
    etcd,
    grafana,
    kube_proxy,
    kube_state_metrics,
    kubelet,
    scheduler,
)
from tests.live_queries import live_queries
from tests.stack import Program

PROGRAMS = (
    "prometheus",
    "promtool",
    "prometheus-node-exporter",
    "prometheus-alertmanager",
    "prometheus-blackbox-exporter",
)
PATIENCE = 60.0
SCRAPED = {"prometheus.io/should_be_scraped": "true"}


@pytest.fixture(autouse=True, scope="module")
def programs() -> None:
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")


def answer(url: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        return json.load(response)


def eventually(attempt: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        # Prometheus answers 503 until it has read its storage.
        with suppress(urllib.error.URLError):
            if result := attempt():
                return result
        assert time.monotonic() < deadline, f"after {seconds:g} s: {what}"
        time.sleep(0.2)


def targets(prometheus: str) -> list[Any]:
    reply = answer(f"http://{prometheus}/api/v1/targets?state=active")
    active: list[Any] = reply["data"]["activeTargets"]
    return active


# How the jobs label what they find

Labelled = dict[str, list[tuple[str, dict[str, str]]]]
"""The URL and the labels of each target, by job."""

HOW = {
    **SCRAPED,
    "prometheus.io/metric_path": "/internal/metrics",
    "prometheus.io/scrape_port": "9100",
    "prometheus.io/scrape_scheme": "https",
}


def node_target(name: str, address: str) -> Mapping[str, Any]:
    # The discovery of nodes names the instance after the node.
    labels = {"__meta_kubernetes_node_name": name, "instance": name}
    return {"targets": [address], "labels": labels}


# Every pod of kube-system, as both jobs of the control plane find it.
SYSTEM_PODS = [
    pod("10.0.0.1", "kube-apiserver"),
    pod("10.0.0.1", "etcd"),
    pod("10.0.0.1", "etcd", port=2381),
    pod("10.0.0.1", "kube-scheduler"),
    pod("fd00::1", "kube-controller-manager"),
    pod("10.0.0.1", "kube-proxy"),
    pod("10.0.0.2", "kube-proxy", node="worker-1"),
    pod("10.244.0.2", "kube-dns", port=53),
    pod("10.244.0.2", "kube-dns", port=9153),
    pod("10.244.0.3", "kube-dns", port=9153, phase="Failed"),
    # Google's.
    pod("10.244.0.4", "kube-dns", port=10054),
    pod("10.244.0.5", "metrics-server", port=10250),
]
DISCOVERED = {
    "control-plane": SYSTEM_PODS,
    "control-plane-https": SYSTEM_PODS,
    "kubernetes-service-endpoints": [
        endpoint("10.0.0.1:80", "shop", HOW),
        endpoint("10.0.0.1:81", "shop", HOW),
        endpoint("10.0.0.2:80", "plain"),
        endpoint("10.0.0.3:80", "refused", {"prometheus.io/should_be_scraped": "false"}),
        endpoint("10.0.0.4:80", "other", {"prometheus.io/scrape": "true"}),
        endpoint("10.0.0.5:80", "ended", SCRAPED, phase="Succeeded"),
        endpoint("10.0.0.6:80", "ports", SCRAPED),
        endpoint("10.0.0.6:81", "ports", SCRAPED),
        endpoint("[fd00::1]:80", "six", {**SCRAPED, "prometheus.io/scrape_port": "9"}),
    ],
    "kubernetes-nodes": [node_target("worker-1", "10.0.0.9:10250")],
    "kubernetes-cadvisor": [node_target("worker-1", "10.0.0.9:10250")],
    "kubernetes-apiservers": [
        endpoint("10.0.0.1:6443", "kubernetes", namespace="default", port="https"),
        endpoint("10.0.0.1:80", "other", namespace="default", port="https"),
    ],
}
WITH_COMPONENTS = {
    **DIRECT,
    **CONTROL_PLANE,
    "KUBELET_ADDRESS": "kubernetes.default.svc:443",
    "KUBELET_PATH": "/api/v1/nodes/$1/proxy",
}


@pytest.fixture(scope="module", params=[DIRECT, WITH_COMPONENTS], ids=["base", "components"])
def labelled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, Labelled]:
    """Whether the components apiserver-proxy and control-plane are there, and the targets that a
    real Prometheus makes of what was discovered."""
    folder = tmp_path_factory.mktemp("labelled")
    config = scraping(folder, DISCOVERED, variables=request.param)
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    prometheus = Program("prometheus", options, folder)
    try:
        address = prometheus.wait_for_address()
        eventually(lambda: len(targets(address)) > len(DISCOVERED), "no targets")
        by_job: Labelled = defaultdict(list)
        for target in targets(address):
            by_job[target["scrapePool"]].append((target["scrapeUrl"], target["labels"]))
    finally:
        prometheus.stop()
    return request.param is WITH_COMPONENTS, {
        job: sorted(scraped) for job, scraped in by_job.items()
    }


def of_service(labelled: tuple[bool, Labelled], service: str) -> list[tuple[str, dict[str, str]]]:
    endpoints = labelled[1]["kubernetes-service-endpoints"]
    return [(url, labels) for url, labels in endpoints if labels["service"] == service]


def test_a_service_is_scraped_as_its_annotations_say(labelled: tuple[bool, Labelled]) -> None:
    """Two ports of a pod are one target, because the annotation names the port."""
    assert [
        (
            "https://10.0.0.1:9100/internal/metrics",
            {
                "job": "kubernetes-service-endpoints",
                "instance": "10.0.0.1:9100",
                "namespace": "monitoring",
                "service": "shop",
                "node": "worker-1",
                "app_kubernetes_io_name": "shop",
            },
        )
    ] == of_service(labelled, "shop")


def test_every_port_is_scraped_if_no_annotation_names_one(labelled: tuple[bool, Labelled]) -> None:
    assert ["http://10.0.0.6:80/metrics", "http://10.0.0.6:81/metrics"] == [
        url for url, _ in of_service(labelled, "ports")
    ]


def test_an_ipv6_address_keeps_its_brackets(labelled: tuple[bool, Labelled]) -> None:
    assert ["http://[fd00::1]:9/metrics"] == [url for url, _ in of_service(labelled, "six")]


def test_services_without_the_annotation_and_pods_that_ended_are_not_scraped(
    labelled: tuple[bool, Labelled],
) -> None:
    """Other annotations that people know do not count."""
    services = {labels["service"] for _, labels in labelled[1]["kubernetes-service-endpoints"]}

    assert {"shop", "ports", "six"} == services


@pytest.mark.parametrize(
    ("job", "path"),
    [("kubernetes-nodes", "/metrics"), ("kubernetes-cadvisor", "/metrics/cadvisor")],
)
def test_kubelets_are_scraped_by_themselves_or_through_the_api_server(
    labelled: tuple[bool, Labelled], job: str, path: str
) -> None:
    """The node's name is the instance both times."""
    is_proxied, by_job = labelled
    url = (
        f"http://kubernetes.default.svc:443/api/v1/nodes/worker-1/proxy{path}"
        if is_proxied
        else f"http://10.0.0.9:10250{path}"
    )

    assert [(url, {"job": job, "instance": "worker-1"})] == by_job[job]


def test_only_the_api_server_is_one(labelled: tuple[bool, Labelled]) -> None:
    labels = {"job": "kubernetes-apiservers", "instance": "10.0.0.1:6443"}

    assert [("http://10.0.0.1:6443/metrics", labels)] == labelled[1]["kubernetes-apiservers"]


def program(address: str, name: str, node: str = "control-1") -> tuple[str, dict[str, str]]:
    """A target of the control plane, with the labels of the preset."""
    labels = {
        "job": "kubernetes-service-endpoints",
        "instance": address,
        "namespace": "kube-system",
        "service": name,
        "node": node,
    }
    return f"http://{address}/metrics", labels


def test_the_control_plane_is_scraped_at_its_ports_where_a_component_says_so(
    labelled: tuple[bool, Labelled],
) -> None:
    """CoreDNS without it; its job gives preset `annotations` what it matches."""
    has_component, by_job = labelled
    dns = program("10.244.0.2:9153", "kube-dns")
    plain = [
        program("10.0.0.1:10249", "kube-proxy"),
        program("10.0.0.1:2381", "etcd"),
        program("10.0.0.2:10249", "kube-proxy", "worker-1"),
    ]
    authorized = [
        program("10.0.0.1:10259", "kube-scheduler"),
        program("[fd00::1]:10257", "kube-controller-manager"),
    ]

    assert [*(plain if has_component else ()), dns] == by_job["control-plane"]
    assert (authorized if has_component else []) == by_job.get("control-plane-https", [])


def test_the_token_goes_to_kubernetes_itself_and_encrypted() -> None:
    """Not to whoever asks by an annotation."""
    text = (DEPLOY / BASE / "prometheus/prometheus.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["scrape_configs"]

    assert {
        "kubernetes-apiservers": "https",
        "kubernetes-nodes": "https",
        "kubernetes-cadvisor": "https",
        "control-plane-https": "https",
    } == {job["job_name"]: job.get("scheme") for job in jobs if "authorization" in job}


def test_every_rule_file_that_a_component_mounts_is_read(tmp_path: Path) -> None:
    """Prometheus takes a wildcard in the last part of a path only, so the folders are named."""
    config = yaml.safe_load(scraping(tmp_path, {}).read_text(encoding="utf-8"))
    deploy = copy(tmp_path, ["stack", "demo"])

    mounted = {
        mount["mountPath"]
        for patch in deploy.glob("*/provisioning/kubernetes/rules/*/statefulset.yaml")
        for container in yaml.safe_load(patch.read_text())["spec"]["template"]["spec"]["containers"]
        for mount in container["volumeMounts"]
    }

    assert {f"{path}/*.yaml" for path in mounted} == {*config["rule_files"]}


def test_promtool_accepts_the_configuration_of_every_component(tmp_path: Path) -> None:
    remote = '[{url: "http://mimir/api/v1/push", headers: {X-Scope-OrgID: main}}]'
    variables = {**DIRECT, "REMOTE_WRITE": remote, "EXTERNAL_LABELS": "{cluster: main}"}
    config = scraping(tmp_path, {}, variables=variables)

    ran = subprocess.run(
        ["promtool", "check", "config", str(config)], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


# From a busy CPU to a mail


@dataclass
class Inbox:
    """What the mail server was given, and when."""

    mails: list[tuple[float, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a mail, as aiosmtpd hands it on."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((time.time(), mail))
        return "250 OK"


@dataclass(frozen=True)
class Running:
    """The running stack: addresses, the copy of deploy/, the folder with rules, the inbox, and
    what keeps the machine busy until the mail has come."""

    prometheus: str
    alertmanager: str
    deploy: Path
    rules: Path
    inbox: Inbox
    busy: subprocess.Popen[bytes]

    def copy_rules(self) -> None:
        """What mounting the built rules does."""
        for name in ("stack", "demo"):
            folder = self.rules / f"gk-{name}-alerting-rules"
            folder.mkdir(parents=True, exist_ok=True)
            for file in (self.deploy / name / "provisioning/prometheus/rules").iterdir():
                shutil.copy(file, folder)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("stack")
    deploy = copy(folder / "repository", ["stack"])
    inbox, own = Inbox(), f"127.0.0.1:{free_port()}"
    with ExitStack() as programs:
        mail = Controller(inbox, hostname="127.0.0.1", port=free_port())
        mail.start()
        programs.callback(mail.stop)
        settings = deploy / "demo/gk.yaml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("inbox:1025", f"127.0.0.1:{mail.port}"), encoding="utf-8")
        build(deploy / "demo")
        # A machine that does nothing would be idle enough.
        busy = subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", "while True: pass"])
        programs.callback(busy.wait)
        programs.callback(busy.kill)

        def started(name: str, *options: str) -> Program:
            program = Program(name, options, folder)
            programs.callback(program.stop)
            return program

        alertmanager = started(
            "prometheus-alertmanager",
            f"--config.file={deploy / 'demo/provisioning/alertmanager/alertmanager.yaml'}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
        ).wait_for_address()
        node = started("prometheus-node-exporter").wait_for_address()
        blackbox = started(
            "prometheus-blackbox-exporter",
            f"--config.file={DEPLOY / BASE / 'blackbox/blackbox.yml'}",
        ).wait_for_address()
        exporters = {
            name: module.serve()
            for name, module in {
                "apiserver": apiserver,
                "cadvisor": cadvisor,
                "grafana": grafana,
                "kube-state-metrics": kube_state_metrics,
                "kubelet": kubelet,
            }.items()
        }
        for exporter in exporters.values():
            programs.callback(exporter.stop)
        services = {
            "node-exporter": node,
            "alertmanager": alertmanager,
            "blackbox-exporter": blackbox,
            "grafana": exporters["grafana"].address,
            "kube-state-metrics": exporters["kube-state-metrics"].address,
        }
        system = {
            "kube-dns": (coredns.serve(), 9153),
            "etcd": (etcd.serve(), 2381),
            "kube-proxy": (kube_proxy.serve(), 10249),
            "kube-scheduler": (scheduler.serve(), 10259),
            "kube-controller-manager": (controller_manager.serve(), 10257),
        }
        for exporter, _ in system.values():
            programs.callback(exporter.stop)
        pods = [pod("127.0.0.1", name, port=port) for name, (_, port) in system.items()]
        rules = folder / "rules"
        prometheus_config = scraping(
            folder,
            {
                "control-plane": pods,
                "control-plane-https": pods,
                "alertmanagers": [endpoint(alertmanager, "alertmanager", port="web")],
                "kubernetes-apiservers": [
                    endpoint(exporters["apiserver"].address, "kubernetes", port="https")
                ],
                "kubernetes-nodes": [node_target("worker-1", exporters["kubelet"].address)],
                "kubernetes-cadvisor": [node_target("worker-1", exporters["cadvisor"].address)],
                "kubernetes-service-endpoints": [
                    endpoint(
                        address,
                        name,
                        {**SCRAPED, "prometheus.io/scrape_port": address.rpartition(":")[2]},
                    )
                    for name, address in services.items()
                ],
            },
            variables={
                **DIRECT,
                **CONTROL_PLANE,
                "EXTERNAL_LABELS": "{cluster: main, replica: prometheus-0}",
            },
            substitutions={
                **{
                    f"$1:{port}": f"$1:{exporter.address.rpartition(':')[2]}"
                    for exporter, port in system.values()
                },
                "15s": "2s",
                "scrape_timeout: 10s": "scrape_timeout: 1s",
                "/etc/prometheus/rules/": f"{rules}/",
                "localhost:9090": own,
                "grafana.monitoring:3000/api/health": f"{services['grafana']}/metrics",
                "alertmanager.monitoring:9093": alertmanager,
                "prometheus.monitoring:9090": own,
                "blackbox-exporter.monitoring:9115": blackbox,
            },
        )
        stack = Running(own, alertmanager, deploy, rules, inbox, busy)
        stack.copy_rules()
        # Its own port is in its configuration.
        server = Program(
            "prometheus",
            [
                f"--config.file={prometheus_config}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--web.enable-lifecycle",
            ],
            folder,
            listen=own,
        )
        programs.callback(server.stop)
        server.wait_for_address()
        yield stack


def test_every_job_is_up(running: Running) -> None:
    def down() -> dict[str, str]:
        active = targets(running.prometheus)
        return {
            target["scrapeUrl"]: target["lastError"]
            for target in active
            if target["health"] != "up"
        }

    eventually(lambda: targets(running.prometheus) and not down(), "targets are down")

    assert {
        "prometheus": 1,
        "kubernetes-apiservers": 1,
        "kubernetes-nodes": 1,
        "kubernetes-cadvisor": 1,
        "kubernetes-service-endpoints": 5,
        "control-plane": 3,
        "control-plane-https": 2,
        "kubernetes-services": 3,
    } == Counter(target["scrapePool"] for target in targets(running.prometheus))


def test_every_query_about_the_control_plane_returns_data(running: Running) -> None:
    """Of its dashboard and its alerts, on the labels of these jobs."""
    about = {"control-plane", "coredns", "etcd"}
    resources = [
        resource
        for resource in compile(load(running.deploy / "stack"))
        if resource.uid == "control-plane" or resource.title in about
    ]

    with Prometheus(f"http://{running.prometheus}") as prometheus:
        queries = {
            f"{resource.title}: {query}": query.expr
            for resource in resources
            for query in live_queries(resource, prometheus, rate_interval="20s")
            # Its alerts, which wait for minutes before they fire.
            if query.where.kind != "annotation"
        }
        without, deadline = queries, time.monotonic() + PATIENCE
        while without and time.monotonic() < deadline:
            without = {
                where: expr
                for where, expr in without.items()
                if not has_data(prometheus.query(expr))
            }

    assert {} == without
    assert len(queries) > 80


def test_every_probe_succeeds(running: Running) -> None:
    query = urllib.parse.quote('probe_success{job="kubernetes-services"}')

    def values() -> list[str]:
        result = answer(f"http://{running.prometheus}/api/v1/query?query={query}")["data"]["result"]
        return [series["value"][1] for series in result]

    assert ["1"] * 3 == eventually(lambda: values() == ["1"] * 3 and values(), "probes fail")


def test_a_busy_machine_is_mailed_within_a_minute(running: Running) -> None:
    """The alert waits 30 seconds, and the group 5."""

    def mailed() -> list[tuple[float, EmailMessage]]:
        return [
            arrival
            for arrival in running.inbox.mails
            if "NodeCpuIdleTooLow" in arrival[1]["Subject"]
        ]

    (at, mail), *_ = eventually(mailed, "no mail", 90)
    # Other tests need the processor.
    running.busy.kill()
    alerts = answer(f"http://{running.prometheus}/api/v1/alerts")["data"]["alerts"]
    (alert,) = [
        candidate for candidate in alerts if candidate["labels"]["alertname"] == "NodeCpuIdleTooLow"
    ]
    # Go writes more digits of a second than Python 3.10 reads.
    busy_since = datetime.fromisoformat(f"{alert['activeAt'][:19]}+00:00").timestamp()

    assert at - busy_since < 60
    told = [
        notified["labels"] for notified in answer(f"http://{running.alertmanager}/api/v2/alerts")
    ]
    assert {"main"} == {labels["cluster"] for labels in told}
    assert not any("replica" in labels for labels in told)
    assert "sre@example.com" == mail["To"]
    body = mail.get_body()
    assert body is not None
    assert re.search(r"busy for [\d.]+% of its CPU time", body.get_content())


def test_a_changed_rule_is_live_after_a_reload_without_a_restart(
    running: Running, run_gk: RunGk
) -> None:
    """And gk reload proves it: without the built file it says what is missing."""
    project = running.deploy / "demo"
    with (project / "gk.yaml").open("a", encoding="utf-8") as settings:
        settings.write(
            f"contexts:\n  test: {{prometheus: 'http://{running.prometheus}', "
            f"alertmanager: 'http://{running.alertmanager}'}}\n"
        )

    def start() -> str:
        info = answer(f"http://{running.prometheus}/api/v1/status/runtimeinfo")["data"]
        return str(info["startTime"])

    before_start = eventually(start, "no answer")
    rules = project / "alerts/idle.py"
    rules.write_text(rules.read_text().replace("> 0.1", "> 0.12"), encoding="utf-8")

    before = run_gk("reload", "-C", str(project), "--wait", "0")
    build(project)
    running.copy_rules()
    after = run_gk("reload", "-C", str(project), "--wait", "30")

    assert 1 == before.code, before
    assert "rule group 'demo': rule 'NodeCpuIdleTooLow' differs" in before.out
    assert 0 == after.code, after
    assert "uses what is defined: 1 rule group" in after.out
    assert "uses what is defined: 2 receivers" in after.out
    assert before_start == start()
