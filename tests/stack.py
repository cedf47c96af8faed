"""A real Prometheus and a real node exporter on 127.0.0.1, with the programs of tests/exporters
beside them.

    with Stack.start(tmp_path, presets=("kube-prometheus", "annotations")) as stack:
        stack.wait_until_ready()
        stack.query("up")

A preset is a set of scrape jobs with the labels that a way of installing Prometheus gives to its
targets. Two presets share no job name, so one server can scrape the same exporters under both.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.exporters import (
    alertmanager,
    apiserver,
    blackbox,
    cadvisor,
    controller_manager,
    coredns,
    etcd,
    grafana,
    inventory,
    kube_proxy,
    kube_state_metrics,
    kubelet,
    node,
    replay,
    scheduler,
)
from tests.exporters import prometheus as prometheus_exporter
from tests.exporters.exposition import Exporter
from tests.exporters.inventory import CONTROL_PLANE, Node

__all__ = [
    "PRESETS",
    "PROGRAMS",
    "Program",
    "Stack",
    "StackError",
    "missing_programs",
    "prometheus_options",
]

PROGRAMS = ("prometheus", "prometheus-node-exporter")

# Four scrapes, a second apart, see every counter of the exporter programs advance
# (tests/exporters/exposition.py).
_SCRAPES = 4
_SAMPLES_NODE = Node(
    name="datagen-1-35",
    ip="192.168.67.2",
    role="control-plane",
    cores=14,
    memory=8.2e9,
    pod_cidr="10.244.0.0/24",
)
_RECORDED_NODE = Node(
    name="recorded",
    ip="192.168.67.3",
    role="worker",
    cores=8,
    memory=4.2e9,
    pod_cidr="10.244.1.0/24",
)
_METAL_NODE = Node(
    name="metal", ip="192.168.67.4", role="worker", cores=8, memory=4.2e9, pod_cidr="10.244.2.0/24"
)
# A target that is down: no program listens on this port.
_NOBODY = "127.0.0.1:1"
# It was made over files, and says nothing of how long it ran.
_FIXTURE_UPTIME = 3600.0
_PORTS = {
    "etcd": 2381,
    "kube-scheduler": 10259,
    "kube-controller-manager": 10257,
    "kube-dns": 9153,
    "kube-proxy": 10249,
}
_SAMPLES_STATE_METRICS_IP = "10.244.0.7"
_SAMPLES_NAMESPACE = "scraper"

Job = dict[str, Any]


class StackError(Exception):
    """A program did not start, ended, or did not become ready; the message ends with the tail of
    its log."""


def missing_programs() -> list[str]:
    """Return the programs that the stack needs and this machine does not have."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


@dataclass(frozen=True, kw_only=True)
class _Targets:
    """Where everything listens. One real node exporter stands for the machine of every node, but
    for one that was recorded and one that has what only real machines have."""

    node_exporters: Mapping[Node, str]
    kubelets: Mapping[Node, str]
    kubelets_themselves: Mapping[Node, str]
    control_plane: Mapping[str, str]
    apiserver: str
    apiserver_instance: str
    kube_state_metrics: str
    kube_state_metrics_ip: str
    kube_state_metrics_node: str
    monitoring: Monitoring


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Where the programs of monitoring listen. `discovery` is a folder with the addresses of the
    stack's own Prometheus, which it knows only once it runs."""

    prometheus: str
    reloader: str
    alertmanagers: Sequence[str]
    grafana: str
    probes: Mapping[str, str]
    discovery: Path


class Stack:
    """The running programs. Leaving the context, or `stop`, ends them all."""

    def __init__(self, prometheus: Program, node_exporter: Program, targets: int) -> None:
        self.prometheus_url = f"http://{prometheus.address}"
        self._programs = (prometheus, node_exporter)
        self._targets = targets
        self._running = ExitStack()

    @classmethod
    def start(
        cls,
        tmp_path: Path,
        presets: Sequence[str] = ("kube-prometheus",),
        rule_files: Sequence[Path] = (),
        samples: Path | None = None,
        collectors: Sequence[str] = (),
        *,
        interval: int = 1,
        native: bool = False,
    ) -> Stack:
        """Start everything in a folder, and return when Prometheus answers.

        `samples` names a folder of recorded expositions: they are replayed in place of the exporter
        programs, and that of a node exporter as one node more. `collectors` are those of the real
        node exporter to turn on besides. Every `interval` seconds Prometheus scrapes everything.
        With `native`, it takes native histograms.
        """
        if missing := missing_programs():
            raise StackError(f"not installed: {', '.join(missing)}")
        if unknown := set(presets) - PRESETS.keys():
            raise StackError(
                f"no such preset: {', '.join(sorted(unknown))}; there are {', '.join(PRESETS)}"
            )
        tmp_path.mkdir(parents=True, exist_ok=True)
        with ExitStack() as running:
            node_exporter = Program(
                "prometheus-node-exporter",
                [f"--collector.{collector}" for collector in collectors],
                tmp_path,
            )
            running.callback(node_exporter.stop)
            address = node_exporter.wait_for_address()
            targets = _start_exporters(running, address, samples, tmp_path, interval / 2)
            jobs = [job for preset in presets for job in PRESETS[preset](targets)]
            options = prometheus_options(
                tmp_path, jobs, rule_files, interval=interval, native=native
            )
            prometheus = Program("prometheus", options, tmp_path)
            running.callback(prometheus.stop)
            _announce(prometheus.wait_for_address(), targets.monitoring.discovery)
            addresses = [
                address
                for job in jobs
                for group in job["static_configs"]
                for address in group["targets"]
            ]
            count = len(addresses) - addresses.count(_NOBODY) + len(presets)
            stack = cls(prometheus, node_exporter, count)
            stack._wait_for(stack._not_up, 30)
            stack._running = running.pop_all()
            return stack

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the programs and wait until they are gone; Prometheus first, so that nobody is left
        to scrape."""
        self._running.close()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until every target was scraped often enough for a rate over ten intervals to have
        data."""
        self._wait_for(self._not_ready, seconds)

    def query(self, expr: str) -> list[dict[str, Any]]:
        """Return the result of an instant query: one object per series, with `metric` and
        `value`."""
        answer = self._get("/api/v1/query", query=expr)
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def _not_up(self) -> str:
        """Say why Prometheus does not answer until it does: it refuses while it reads its
        storage."""
        try:
            self._get("/api/v1/status/runtimeinfo")
        except StackError as error:
            return str(error)
        return ""

    def _not_ready(self) -> str:
        """Say what is missing until the stack is ready, or nothing."""
        scraped = self.query("sum_over_time(up[1m]) and up == 1")
        ready = sum(float(series["value"][1]) >= _SCRAPES for series in scraped)
        return (
            ""
            if ready == self._targets
            else f"{ready} of {self._targets} targets are ready{self._troubles()}"
        )

    def _troubles(self) -> str:
        active = self._get("/api/v1/targets", state="active")["data"]["activeTargets"]
        return "".join(
            f"\n  {target['labels']['job']} {target['labels']['instance']}: {target['lastError']}"
            for target in active
            if target["lastError"]
        )

    def _wait_for(self, problem: Callable[[], str], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while reason := problem():
            self._check_programs()
            if time.monotonic() > deadline:
                raise StackError(f"after {seconds:g} s: {reason}\n{self._programs[0].log_tail()}")
            time.sleep(0.1)

    def _check_programs(self) -> None:
        for program in self._programs:
            program.check()

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        url = f"{self.prometheus_url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            # No proxy of the environment may stand between a test and 127.0.0.1.
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                url, timeout=10
            ) as answer:
                body: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise StackError(f"{path} {parameters}: {error} {error.read().decode()}") from error
        except OSError as error:
            self._check_programs()
            raise StackError(f"{path}: {error}") from error
        return body


class Program:
    """A child process that logs to a file and says there where it listens."""

    def __init__(
        self, name: str, options: Sequence[str], folder: Path, *, listen: str = "127.0.0.1:0"
    ) -> None:
        self.name = name
        self.address = ""
        self._log = folder / f"{name}.log"
        # Port 0 lets the program take a free port itself: no other process can take it in between.
        command = [name, *options, f"--web.listen-address={listen}"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
            )

    def wait_for_address(self, seconds: float = 30) -> str:
        """Return the address once the log names it."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(r'msg="Listening on".* address=(\S+)', self._log_text())):
            self.check()
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.name} does not listen after {seconds:g} s\n{self.log_tail()}"
                )
            time.sleep(0.05)
        self.address = match[1]
        return self.address

    def check(self) -> None:
        """Raise if the program has ended."""
        code = self._process.poll()
        if code is not None:
            raise StackError(f"{self.name} ended with {code}\n{self.log_tail()}")

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the program's log."""
        return "\n".join(f"  {line}" for line in self._log_text().splitlines()[-lines:])

    def stop(self) -> None:
        """End the process, by force if it does not go, and reap it."""
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _log_text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def _start_exporters(
    running: ExitStack, node_exporter: str, samples: Path | None, folder: Path, keeping: float
) -> _Targets:
    def started(exporter: Exporter) -> str:
        # Each preset scrapes it, and takes the same answer.
        exporter.keeping = keeping
        running.callback(exporter.stop)
        return exporter.address

    # Nobody recorded these, so our own programs stand for them beside samples, too.
    monitoring = Monitoring(
        prometheus=started(prometheus_exporter.serve()),
        reloader=started(prometheus_exporter.serve_reloader()),
        alertmanagers=[started(alertmanager.serve(member=member)) for member in (0, 1)],
        grafana=started(grafana.serve()),
        probes={target: started(blackbox.serve(target)) for target in blackbox.TARGETS},
        discovery=folder,
    )
    if samples is None:
        state_metrics = next(pod for pod in inventory.PODS if pod.workload == "kube-state-metrics")
        return _Targets(
            node_exporters={
                **dict.fromkeys(inventory.NODES, node_exporter),
                _METAL_NODE: started(node.serve()),
            },
            kubelets={node: started(cadvisor.serve(node=node.name)) for node in inventory.NODES},
            kubelets_themselves={
                node: started(kubelet.serve(node=node.name)) for node in inventory.NODES
            },
            control_plane={
                "etcd": started(etcd.serve()),
                "kube-scheduler": started(scheduler.serve()),
                "kube-controller-manager": started(controller_manager.serve()),
                "kube-dns": started(coredns.serve()),
                "kube-proxy": started(kube_proxy.serve()),
            },
            apiserver=started(apiserver.serve()),
            apiserver_instance=f"{CONTROL_PLANE.ip}:6443",
            kube_state_metrics=started(kube_state_metrics.serve()),
            kube_state_metrics_ip=state_metrics.ip,
            kube_state_metrics_node=state_metrics.node.name,
            monitoring=monitoring,
        )
    recorded = replay.serve(_sample(samples, "node-exporter-*.prom"), uptime=_FIXTURE_UPTIME)
    containers = replay.serve(_sample(samples, "kubelet-cadvisor-1.*.prom"), path=cadvisor.PATH)
    components = ("etcd", "kube-scheduler", "kube-controller-manager")
    return _Targets(
        node_exporters={
            _SAMPLES_NODE: node_exporter,
            _RECORDED_NODE: started(recorded),
            _METAL_NODE: started(node.serve()),
        },
        kubelets={_SAMPLES_NODE: started(containers)},
        # There are no samples of these.
        kubelets_themselves={
            _SAMPLES_NODE: started(
                kubelet.serve(node=inventory.WORKER.name, namespace=_SAMPLES_NAMESPACE)
            )
        },
        control_plane={
            **{
                name: started(replay.serve(_sample(samples, f"{name}-*.prom")))
                for name in components
            },
            "kube-dns": started(coredns.serve()),
            "kube-proxy": started(kube_proxy.serve()),
        },
        apiserver=started(replay.serve(_sample(samples, "kube-apiserver-*.prom"))),
        apiserver_instance=f"{_SAMPLES_NODE.ip}:8443",
        kube_state_metrics=started(replay.serve(_sample(samples, "kube-state-metrics-*.prom"))),
        kube_state_metrics_ip=_SAMPLES_STATE_METRICS_IP,
        kube_state_metrics_node=_SAMPLES_NODE.name,
        monitoring=monitoring,
    )


def _announce(prometheus: str, folder: Path) -> None:
    """Tell Prometheus its own address, with the labels of each preset."""
    for preset, labels in _OWN_LABELS.items():
        groups = [{"targets": [prometheus], "labels": labels}]
        # Prometheus may read the file at any moment, so it has to be whole from the first.
        (folder / "own.new").write_text(json.dumps(groups), encoding="utf-8")
        (folder / "own.new").rename(folder / f"own-{preset}.json")


def _sample(folder: Path, pattern: str) -> Path:
    """Return the newest version of a recorded exposition."""
    if files := sorted(folder.glob(pattern)):
        return files[-1]
    raise StackError(f"{folder}: no file {pattern}")


def prometheus_options(
    folder: Path,
    jobs: list[Job],
    rule_files: Sequence[Path] = (),
    *,
    interval: int = 1,
    native: bool = False,
) -> list[str]:
    """Write the configuration of a Prometheus, and return the options that it takes."""
    config: dict[str, Any] = {
        "global": {"scrape_interval": f"{interval}s", "evaluation_interval": f"{interval}s"},
        "rule_files": [str(file.resolve()) for file in rule_files],
        "scrape_configs": jobs,
    }
    file = folder / "prometheus.yml"
    options = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'prometheus-data'}"]
    if native and _version() < (3, 8):
        options.append("--enable-feature=native-histograms")
    elif native:
        config["global"]["scrape_native_histograms"] = True
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return options


def _version() -> tuple[int, ...]:
    """The version of Prometheus; one that somebody built without a version counts as new."""
    said = subprocess.run(
        ["prometheus", "--version"], capture_output=True, text=True, check=True, timeout=30
    )
    match = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    return tuple(map(int, match.groups())) if match else (sys.maxsize,)


def _job(name: str, targets: Sequence[tuple[str, dict[str, str]]], **options: object) -> Job:
    """Return a scrape job whose targets have the labels that discovery and relabelling would give
    them."""
    static = [{"targets": [address], "labels": labels} for address, labels in targets]
    return {"job_name": name, **options, "static_configs": static}


def _kube_prometheus(targets: _Targets) -> list[Job]:
    """Return the jobs of kube-prometheus: its ServiceMonitors for these, as of 2026.

    The operator adds namespace, service, pod, container and endpoint. Its drop rules are kept where
    they take series that the exporters send: a query that needs one of those finds nothing on a
    user's server either.
    """
    node_exporters = [
        (
            address,
            {
                "instance": node.name,
                "namespace": "monitoring",
                "service": "node-exporter",
                "pod": f"node-exporter-{index}",
                "container": "kube-rbac-proxy",
                "endpoint": "https",
            },
        )
        for index, (node, address) in enumerate(targets.node_exporters.items())
    ]
    kubelets = [
        (
            address,
            {
                "instance": f"{node.ip}:10250",
                "node": node.name,
                "metrics_path": cadvisor.PATH,
                "namespace": "kube-system",
                "service": "kubelet",
                "endpoint": "https-metrics",
            },
        )
        for node, address in targets.kubelets.items()
    ]
    apiserver_labels = {
        "instance": targets.apiserver_instance,
        "namespace": "default",
        "service": "kubernetes",
        "endpoint": "https",
    }
    # Its relabelling takes namespace, pod, service and endpoint away again, but not the proxy's
    # container.
    state_labels = {
        "instance": f"{targets.kube_state_metrics_ip}:8443",
        "container": "kube-rbac-proxy-main",
    }
    return [
        _job("node-exporter", node_exporters),
        _job(
            "kubelet",
            kubelets,
            metrics_path=cadvisor.PATH,
            honor_labels=True,
            honor_timestamps=False,
            metric_relabel_configs=[
                _drop("container_(tasks_state|cpu_load_average_10s)", "__name__"),
                _drop(
                    "container_(spec_.*|file_descriptors|sockets|threads|threads_max|"
                    "start_time_seconds|last_seen);;",
                    "__name__",
                    "pod",
                    "namespace",
                ),
                _drop("container_blkio_device_usage_total;.+", "__name__", "container"),
            ],
        ),
        _job(
            "apiserver",
            [(targets.apiserver, apiserver_labels)],
            metric_relabel_configs=[
                _drop(
                    "(apiserver_request|apiserver_request_sli|etcd_request)_duration_seconds_bucket"
                    ";(0.6|0.8|1.25|1.5|3|6|8|15|30)",
                    "__name__",
                    "le",
                )
            ],
        ),
        _job("kube-state-metrics", [(targets.kube_state_metrics, state_labels)], honor_labels=True),
        *_kube_prometheus_monitoring(targets.monitoring),
        # The same job as that of cAdvisor there, with another path.
        _job(
            "kubelet-itself",
            [
                (
                    address,
                    {
                        "job": "kubelet",
                        "instance": f"{node.ip}:10250",
                        "node": node.name,
                        "metrics_path": kubelet.PATH,
                        "namespace": "kube-system",
                        "service": "kubelet",
                        "endpoint": "https-metrics",
                    },
                )
                for node, address in targets.kubelets_themselves.items()
            ],
            honor_labels=True,
        ),
        *(
            _job(name, [(address, {"namespace": "kube-system", "service": name})])
            for name, address in targets.control_plane.items()
        ),
    ]


_OWN_LABELS = {
    "annotations": {"instance": "localhost:9090"},
    "kube-prometheus": {
        "instance": "10.244.1.4:9090",
        "namespace": "monitoring",
        "service": "prometheus-k8s",
        "pod": "prometheus-k8s-0",
        "container": "prometheus",
        "endpoint": "web",
    },
}


def _kube_prometheus_monitoring(targets: Monitoring) -> list[Job]:
    """Return the jobs of Prometheus, Alertmanager, Grafana and probes. The operator makes those of
    Prometheus and Alertmanager scrape the sidecars, too."""

    def of(service: str, pod: str, container: str, instance: str) -> dict[str, str]:
        return {
            "instance": instance,
            "namespace": "monitoring",
            "service": service,
            "pod": pod,
            "container": container,
            "endpoint": "web",
        }

    service = "prometheus-k8s"
    servers = [
        (targets.prometheus, of(service, f"{service}-1", "prometheus", "10.244.0.4:9090")),
        (targets.reloader, of(service, f"{service}-1", "config-reloader", "10.244.0.4:8080")),
    ]
    service = "alertmanager-main"
    members = [
        (address, of(service, f"{service}-{index}", "alertmanager", f"10.244.{index}.8:9093"))
        for index, address in enumerate(targets.alertmanagers)
    ]
    grafana_pod = of("grafana", "grafana-6f9c5d5b7f-x2x8k", "grafana", "10.244.1.9:3000")
    probes = [
        (address, {"instance": target, "namespace": "monitoring"})
        for target, address in targets.probes.items()
    ]
    return [
        _job("prometheus-k8s", servers, **_own("kube-prometheus", targets)),
        _job("alertmanager-main", members),
        _job("grafana", [(targets.grafana, grafana_pod)]),
        _job("probe/monitoring/websites", probes, metrics_path=blackbox.PATH),
        _job("shop-api", [(_NOBODY, of("shop-api", "shop-api-0", "api", "10.244.1.77:8080"))]),
    ]


def _own(preset: str, targets: Monitoring) -> dict[str, object]:
    """The part of a job that scrapes the stack's own Prometheus."""
    return {"file_sd_configs": [{"files": [str(targets.discovery / f"own-{preset}.json")]}]}


def _drop(regex: str, *labels: str) -> dict[str, object]:
    return {"action": "drop", "source_labels": list(labels), "regex": regex}


def _annotations(targets: _Targets) -> list[Job]:
    """Return the jobs of scraping by annotations: Prometheus' own example for Kubernetes.

    Service endpoints carry namespace, service and node and honour the exporter's labels, as in the
    community's chart; the example itself has neither the node nor that. A target of role node is
    named by its node, so cAdvisor's instance is the node's name, beside the node's own labels.
    """
    kubelets = [
        (
            address,
            {
                "instance": node.name,
                "kubernetes_io_arch": "amd64",
                "kubernetes_io_hostname": node.name,
                "kubernetes_io_os": "linux",
            },
        )
        for node, address in targets.kubelets.items()
    ]
    node_exporters = [
        (address, _endpoint("node-exporter", f"{node.ip}:9100", node.name))
        for node, address in targets.node_exporters.items()
    ]
    state_labels = _endpoint(
        "kube-state-metrics",
        f"{targets.kube_state_metrics_ip}:8080",
        targets.kube_state_metrics_node,
    )
    monitoring = targets.monitoring
    members = [
        (address, _endpoint("alertmanager", f"10.244.{index}.8:9093", "worker-1"))
        for index, address in enumerate(monitoring.alertmanagers)
    ]
    grafana_labels = _endpoint("grafana", "10.244.1.9:3000", "worker-1")
    return [
        _job(
            "prometheus",
            [(monitoring.prometheus, {"instance": "other:9090"})],
            **_own("annotations", monitoring),
        ),
        _job(
            "kubernetes-services",
            [
                (address, {"instance": target, "namespace": "shop"})
                for target, address in monitoring.probes.items()
            ],
            metrics_path=blackbox.PATH,
        ),
        _job("kubernetes-pods", [(_NOBODY, {"instance": "10.244.1.77:8080", "namespace": "shop"})]),
        _job(
            "kubernetes-apiservers", [(targets.apiserver, {"instance": targets.apiserver_instance})]
        ),
        _job("kubernetes-cadvisor", kubelets, metrics_path=cadvisor.PATH),
        _job(
            "kubernetes-nodes",
            [
                (address, {"instance": node.name, "kubernetes_io_hostname": node.name})
                for node, address in targets.kubelets_themselves.items()
            ],
        ),
        _job(
            "kubernetes-service-endpoints",
            [
                *node_exporters,
                (targets.kube_state_metrics, state_labels),
                *members,
                (monitoring.grafana, grafana_labels),
                *(
                    (
                        address,
                        {
                            "instance": f"{CONTROL_PLANE.ip}:{_PORTS[name]}",
                            "namespace": "kube-system",
                            "node": CONTROL_PLANE.name,
                            "service": name,
                        },
                    )
                    for name, address in targets.control_plane.items()
                ),
            ],
            honor_labels=True,
        ),
    ]


def _endpoint(service: str, instance: str, node: str) -> dict[str, str]:
    return {
        "app_kubernetes_io_name": service,
        "instance": instance,
        "namespace": "monitoring",
        "node": node,
        "service": service,
    }


PRESETS: dict[str, Callable[[_Targets], list[Job]]] = {
    "annotations": _annotations,
    "kube-prometheus": _kube_prometheus,
}
