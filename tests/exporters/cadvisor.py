"""What a kubelet's /metrics/cadvisor sends for one node of the inventory.

A real kubelet stamps most of these samples with the time of its own last look, some seconds before
the scrape; this one sends no time stamps, so that a rate over a few seconds has data.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from tests.exporters import inventory
from tests.exporters.exposition import (
    Exporter,
    Family,
    Value,
    counter,
    gauge,
    run,
    serve_families,
    started_at,
    wandering,
)
from tests.exporters.inventory import Container, Node, Pod

__all__ = ["PATH", "families", "serve"]

PATH = "/metrics/cadvisor"

_PAUSE = Container(
    name="", image="registry.k8s.io/pause:3.10.1", cpu=0.0005, memory=0.6 * inventory.MI
)
_SERVICES = {"containerd": (0.06, 140 * inventory.MI), "kubelet": (0.09, 95 * inventory.MI)}


@dataclass(frozen=True, kw_only=True)
class Cgroup:
    """One control group that cAdvisor watches: the root, a slice, a service, a pod, a container."""

    id: str
    cpu: float
    memory: Value
    image: str = ""
    name: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""
    cpu_limit: float = 0.0
    cpu_request: float = 0.0
    memory_limit: float = 0.0

    def labels(self, **more: str) -> dict[str, str]:
        """Return the labels that every container_* series has, in cAdvisor's order."""
        own = {
            "container": self.container,
            "id": self.id,
            "image": self.image,
            "name": self.name,
            "namespace": self.namespace,
            "pod": self.pod,
        }
        return dict(sorted({**own, **more}.items()))


def serve(port: int = 0, node: str = inventory.NODES[0].name) -> Exporter:
    """Serve a node's cAdvisor metrics on 127.0.0.1."""
    return serve_families(port, PATH, families(inventory.node_named(node)))


def families(node: Node) -> Iterator[Family]:
    """Return the metric families of a node."""
    groups = _cgroups(node)
    yield gauge(
        "cadvisor_version_info",
        "Constant 1, labelled with the versions that cAdvisor found.",
        [
            (
                {
                    "cadvisorRevision": "",
                    "cadvisorVersion": "",
                    "dockerVersion": "",
                    "kernelVersion": "6.12.48",
                },
                1,
            )
        ],
    )
    yield from _cpu(groups)
    yield from _memory(groups)
    yield from _pressure(groups)
    yield from _filesystem(node, groups)
    yield from _network(node)
    yield from _processes(groups)
    yield from _specification(groups)
    yield from _machine(node)


def _cgroups(node: Node) -> list[Cgroup]:
    """Return the node's control groups, parents first, each parent using what its children use."""
    pods = [(pod, list(_containers(pod))) for pod in inventory.pods_on(node)]
    pod_groups = {pod.uid: _pod_group(pod, containers) for pod, containers in pods}
    classes = []
    for qos in ("BestEffort", "Burstable"):
        members = [pod_groups[pod.uid] for pod, _ in pods if pod.qos == qos]
        if members:
            classes.append(_parent(_slice(qos), members))
    guaranteed = [pod_groups[pod.uid] for pod, _ in pods if pod.qos == "Guaranteed"]
    kubepods = _parent(_slice("Guaranteed"), [*classes, *guaranteed])
    services = [
        Cgroup(
            id=f"/system.slice/{name}.service",
            cpu=cpu,
            memory=wandering(memory, f"{node.name}{name}"),
        )
        for name, (cpu, memory) in _SERVICES.items()
    ]
    kernel = Cgroup(id="", cpu=0.05, memory=wandering(0.4 * inventory.GI, node.name))
    root = _parent("/", [kubepods, *services, kernel])
    containers = [group for _, groups in pods for group in groups]
    return [root, kubepods, *classes, *services, *pod_groups.values(), *containers]


def _slice(qos: str, pod: Pod | None = None) -> str:
    """Name the slice of a quality-of-service class, or of a pod in it, as the systemd cgroup driver
    does."""
    path = "/kubepods.slice"
    prefix = "kubepods"
    if qos != "Guaranteed":
        prefix = f"kubepods-{qos.lower()}"
        path += f"/{prefix}.slice"
    return f"{path}/{prefix}-pod{pod.uid.replace('-', '_')}.slice" if pod else path


def _containers(pod: Pod) -> Iterator[Cgroup]:
    """Return the pod's sandbox, which has no container name, and its containers."""
    for container in (_PAUSE, *pod.containers):
        identity = pod.container_id(container.name)
        yield Cgroup(
            id=f"{_slice(pod.qos, pod)}/cri-containerd-{identity}.scope",
            cpu=container.cpu,
            memory=wandering(container.memory, identity),
            image=container.image,
            name=identity,
            namespace=pod.namespace,
            pod=pod.name,
            container=container.name,
            cpu_limit=container.cpu_limit,
            cpu_request=container.cpu_request,
            memory_limit=container.memory_limit,
        )


def _pod_group(pod: Pod, containers: list[Cgroup]) -> Cgroup:
    # The kubelet limits the pod as a whole only where each of its containers has a limit.
    limited = all(container.cpu_limit for container in pod.containers)
    return Cgroup(
        id=_slice(pod.qos, pod),
        cpu=sum(group.cpu for group in containers),
        memory=_total(group.memory for group in containers),
        namespace=pod.namespace,
        pod=pod.name,
        cpu_limit=sum(group.cpu_limit for group in containers) if limited else 0.0,
        cpu_request=sum(group.cpu_request for group in containers),
    )


def _parent(id: str, children: Iterable[Cgroup]) -> Cgroup:
    members = tuple(children)
    return Cgroup(
        id=id,
        cpu=sum(group.cpu for group in members),
        memory=_total(group.memory for group in members),
        cpu_request=sum(group.cpu_request for group in members),
    )


def _total(values: Iterable[Value]) -> Value:
    parts = tuple(values)
    return lambda age: sum(part(age) for part in parts)


def _part(value: Value, share: float) -> Value:
    return lambda age: float(int(value(age) * share))


def _per_group(
    groups: Iterable[Cgroup], number: Callable[[Cgroup], float], **labels: str
) -> list[tuple[Mapping[str, str], float]]:
    return [(group.labels(**labels), number(group)) for group in groups]


def _cpu(groups: list[Cgroup]) -> Iterator[Family]:
    yield counter(
        "container_cpu_usage_seconds_total",
        "CPU time used.",
        _per_group(groups, lambda group: group.cpu, cpu="total"),
    )
    yield counter(
        "container_cpu_user_seconds_total",
        "CPU time used in user mode.",
        _per_group(groups, lambda group: 0.7 * group.cpu),
    )
    yield counter(
        "container_cpu_system_seconds_total",
        "CPU time used in the kernel.",
        _per_group(groups, lambda group: 0.3 * group.cpu),
    )
    yield gauge(
        "container_cpu_load_average_10s",
        "Load of the last ten seconds.",
        _per_group(groups, lambda _group: 0),
    )
    limited = [group for group in groups if group.cpu_limit]
    yield counter(
        "container_cpu_cfs_periods_total",
        "Enforcement periods in which the group wanted to run.",
        _per_group(limited, lambda _group: 9.5),
    )
    yield counter(
        "container_cpu_cfs_throttled_periods_total",
        "Enforcement periods in which the group was held back.",
        _per_group(limited, lambda group: 9.5 * _throttled(group)),
    )
    yield counter(
        "container_cpu_cfs_throttled_seconds_total",
        "Time for which the group was held back.",
        _per_group(limited, lambda group: 0.4 * _throttled(group)),
    )


def _throttled(group: Cgroup) -> float:
    """Return the share of periods that are throttled: more of them the nearer the group is to its
    limit."""
    return max(0.06, 0.35 * group.cpu / group.cpu_limit)


def _memory(groups: list[Cgroup]) -> Iterator[Family]:
    # The kubelet counts as working set what is used minus inactive file pages; these shares keep to
    # that.
    shares = {
        "container_memory_working_set_bytes": ("Memory that cannot be reclaimed easily.", 1.0),
        "container_memory_usage_bytes": ("Memory used, page cache included.", 1.35),
        "container_memory_total_inactive_file_bytes": ("Inactive file pages.", 0.35),
        "container_memory_total_active_file_bytes": ("Active file pages.", 0.15),
        "container_memory_cache": ("Page cache.", 0.5),
        "container_memory_rss": ("Anonymous memory.", 0.8),
        "container_memory_mapped_file": ("Mapped files.", 0.1),
        "container_memory_kernel_usage": ("Memory of the kernel on the group's behalf.", 0.04),
        "container_memory_swap": ("Memory swapped out.", 0.0),
    }
    for name, (help, share) in shares.items():
        yield gauge(name, help, [(group.labels(), _part(group.memory, share)) for group in groups])
    yield gauge(
        "container_memory_max_usage_bytes",
        "Largest usage seen.",
        _per_group(groups, lambda group: float(int(1.5 * group.memory(0)))),
    )
    yield counter(
        "container_memory_failcnt",
        "Times that usage reached the limit.",
        _per_group(groups, lambda group: 0.5 if group.container == "web" else 0.0),
    )
    yield counter(
        "container_memory_failures_total",
        "Page faults.",
        [
            (group.labels(failure_type=failure, scope=scope), rate * (0.5 + group.cpu))
            for group in groups
            for failure, rate in (("pgfault", 120.0), ("pgmajfault", 1.0))
            for scope in ("container", "hierarchy")
        ],
    )
    yield counter(
        "container_oom_events_total",
        "Processes killed for want of memory.",
        _per_group(groups, lambda group: 0.5 if group.container == "web" else 0.0),
    )


def _pressure(groups: list[Cgroup]) -> Iterator[Family]:
    """Pressure stall information, which the kubelet sends by default since 1.34."""
    for resource, share in (("cpu", 0.08), ("memory", 0.002), ("io", 0.01)):
        yield counter(
            f"container_pressure_{resource}_waiting_seconds_total",
            f"Time in which some tasks waited for {resource}.",
            _per_group(groups, partial(_scaled_cpu, share)),
        )
        yield counter(
            f"container_pressure_{resource}_stalled_seconds_total",
            f"Time in which no task could go on for want of {resource}.",
            _per_group(groups, partial(_scaled_cpu, share / 3)),
        )


def _scaled_cpu(share: float, group: Cgroup) -> float:
    return share * group.cpu


def _filesystem(node: Node, groups: list[Cgroup]) -> Iterator[Family]:
    """Space is known for the whole machine only; reads and writes for each group that has a disk to
    itself."""
    root, gi = groups[0], inventory.GI
    devices: dict[str, tuple[float, float | Value, float]] = {
        "/dev/vda1": (100 * gi, wandering(38 * gi, node.name, swing=0.01, whole=True), 6.5e6),
        "/dev/shm": (node.memory / 2, 98304.0, node.memory / 2 / 4096),
        "/run": (node.memory / 5, wandering(9 * inventory.MI, f"{node.name}/run", whole=True), 8e5),
    }
    labels = {device: root.labels(device=device) for device in devices}
    yield gauge(
        "container_fs_limit_bytes",
        "Size.",
        [(labels[device], size) for device, (size, _, _) in devices.items()],
    )
    yield gauge(
        "container_fs_usage_bytes",
        "Space used.",
        [(labels[device], used) for device, (_, used, _) in devices.items()],
    )
    yield gauge(
        "container_fs_inodes_total",
        "Inodes.",
        [(labels[device], float(int(inodes))) for device, (_, _, inodes) in devices.items()],
    )
    yield gauge(
        "container_fs_inodes_free",
        "Inodes not in use.",
        [(labels[device], float(int(0.9 * inodes))) for device, (_, _, inodes) in devices.items()],
    )
    disk = root.labels(device="/dev/vda1")
    yield gauge("container_fs_io_current", "Transfers under way.", [(disk, 0)])
    yield counter("container_fs_io_time_seconds_total", "Time spent on transfers.", [(disk, 0.07)])
    yield counter(
        "container_fs_io_time_weighted_seconds_total", "The same, weighted.", [(disk, 0.11)]
    )
    yield from _transfers(groups)


def _transfers(groups: list[Cgroup]) -> Iterator[Family]:
    rates = {
        "container_fs_reads_bytes_total": ("Bytes read.", 60_000.0),
        "container_fs_writes_bytes_total": ("Bytes written.", 400_000.0),
        "container_fs_reads_total": ("Reads completed.", 12.0),
        "container_fs_writes_total": ("Writes completed.", 48.0),
    }
    writing = [group for group in groups if group.image != _PAUSE.image]
    for name, (help, rate) in rates.items():
        yield counter(
            name, help, _per_group(writing, partial(_transfer_rate, rate), device="/dev/vda")
        )
    yield counter(
        "container_blkio_device_usage_total",
        "Bytes that block devices moved.",
        [
            (
                group.labels(device="/dev/vda", major="254", minor="0", operation=operation),
                rate * group.cpu,
            )
            for group in writing
            for operation, rate in (("Read", 60_000.0), ("Write", 400_000.0))
        ],
    )


def _transfer_rate(rate: float, group: Cgroup) -> float:
    return rate * (0.05 + group.cpu)


def _network(node: Node) -> Iterator[Family]:
    """The root's interfaces and one per pod, counted on the sandbox; a pod on the host's network
    shows the host's."""
    root = Cgroup(id="/", cpu=0.0, memory=lambda _age: 0.0)
    interfaces = [(root.labels(interface="eth0"), 1.0), (root.labels(interface="cni0"), 0.6)]
    for pod in inventory.pods_on(node):
        sandbox = next(_containers(pod))
        share = (
            1.0
            if pod.host_network
            else 0.1 + 0.2 * sum(container.cpu for container in pod.containers)
        )
        interfaces.append((sandbox.labels(interface="eth0"), share))
    for direction, scale in (("receive", 1.0), ("transmit", 0.7)):
        for what, rate in (
            ("bytes", 250_000.0),
            ("packets", 900.0),
            ("packets_dropped", 1.5),
            ("errors", 0.8),
        ):
            yield counter(
                f"container_network_{direction}_{what}_total",
                f"{what.replace('_', ' ').capitalize()} on {direction}.",
                [(labels, _at_least(rate * scale * share)) for labels, share in interfaces],
            )


def _at_least(rate: float) -> float:
    """A rate that three seconds are enough to see, or none at all."""
    return rate if rate >= 0.5 else 0.0


def _processes(groups: list[Cgroup]) -> Iterator[Family]:
    now = started_at()
    yield gauge("container_processes", "Processes.", _per_group(groups, _process_count))
    yield gauge(
        "container_threads", "Threads.", _per_group(groups, lambda group: 4 * _process_count(group))
    )
    yield gauge(
        "container_threads_max", "Most threads allowed.", _per_group(groups, lambda _group: 18_000)
    )
    yield gauge(
        "container_file_descriptors",
        "Open file descriptors.",
        [
            (group.labels(), wandering(30 * _process_count(group), group.id, whole=True))
            for group in groups
        ],
    )
    yield gauge(
        "container_sockets", "Open sockets.", _per_group(groups, lambda g: 3 * _process_count(g))
    )
    yield gauge(
        "container_ulimits_soft",
        "Soft limits of the first process.",
        _per_group(
            [g for g in groups if g.image], lambda _group: 1_048_576, ulimit="max_open_files"
        ),
    )
    yield gauge(
        "container_start_time_seconds",
        "When the group started.",
        _per_group(groups, lambda _group: int(now)),
    )
    yield gauge(
        "container_last_seen",
        "When cAdvisor last saw the group.",
        [(group.labels(), lambda age: float(int(now + age))) for group in groups],
    )
    yield gauge(
        "container_tasks_state",
        "Tasks by state.",
        [
            (group.labels(state=state), 0)
            for group in groups
            for state in ("iowaiting", "running", "sleeping", "stopped", "uninterruptible")
        ],
    )
    yield gauge("container_scrape_error", "1 if reading the containers failed.", [({}, 0)])


def _process_count(group: Cgroup) -> float:
    return 1.0 if group.image else float(int(2 + 20 * group.cpu))


def _specification(groups: list[Cgroup]) -> Iterator[Family]:
    yield gauge(
        "container_spec_cpu_period", "CPU period.", _per_group(groups, lambda _group: 100_000)
    )
    yield gauge(
        "container_spec_cpu_quota",
        "CPU time allowed in a period.",
        _per_group([g for g in groups if g.cpu_limit], lambda group: 100_000 * group.cpu_limit),
    )
    yield gauge(
        "container_spec_cpu_shares",
        "Weight against other groups.",
        _per_group(groups, lambda group: max(2, int(1024 * group.cpu_request))),
    )
    limits = {
        "container_spec_memory_limit_bytes": 1.0,
        "container_spec_memory_reservation_limit_bytes": 0.0,
        "container_spec_memory_swap_limit_bytes": 0.0,
    }
    for name, share in limits.items():
        yield gauge(
            name,
            "Memory limit; 0 is none.",
            [(group.labels(), share * group.memory_limit) for group in groups],
        )


def _machine(node: Node) -> Iterator[Family]:
    labels = {
        "boot_id": node.uuid[::-1],
        "machine_id": node.uuid.replace("-", ""),
        "system_uuid": node.uuid,
    }
    for name, help, value in (
        ("cpu_cores", "Logical CPUs.", node.cores),
        ("cpu_physical_cores", "Physical CPU cores.", node.cores / 2),
        ("cpu_sockets", "CPU sockets.", 1),
        ("memory_bytes", "Memory.", node.memory),
        ("swap_bytes", "Swap space.", 0),
    ):
        yield gauge(f"machine_{name}", help, [(labels, value)])
    yield gauge("machine_scrape_error", "1 if reading the machine failed.", [({}, 0)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send what a kubelet's /metrics/cadvisor sends.")
    parser.add_argument(
        "--node", default=inventory.NODES[0].name, choices=[n.name for n in inventory.NODES]
    )
    run(parser, lambda arguments: serve(arguments.port, arguments.node))
