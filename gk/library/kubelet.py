"""Snippets of the kubelet, Kubernetes 1.28 and later: its path /metrics.
https://kubernetes.io/docs/reference/instrumentation/metrics/

What its containers use comes from cAdvisor, on another path (gk.library.cadvisor). A counter that
has no series before the first event counts as zero here. No query returns NaN, and none the
infinity by which the kubelet says that it has no certificate of its own to renew.
"""

from __future__ import annotations

from gk.library import apiserver, kube_state_metrics
from gk.library._common import down_count as _down_count
from gk.library._common import own
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["ALERTS", "exporter", "snippet"]

exporter = Exporter("kubelet", metric="kubelet_running_pods")
snippet = exporter.snippet

ALERTS = 'alertname=~"Kubelet.+|KubeNode.+|KubeVersionMismatch"'
"""Matches the alerts on kubelets and their nodes by name."""

_FAILED = 'status!="success"'
# Quantiles of what happens seldom need a longer window than rates.
_STARTS = "15m"
_RECENT = "15m"
_EVICTED = "1h"


def _per_node(s: Scope, expr: str) -> str:
    return f"max by ({s.node}) ({expr})"


def _or_zero(s: Scope, expr: str) -> str:
    return f"{expr} or 0 * {running_pods(s)}"


def _by_our_node(s: Scope, expr: str) -> str:
    """A result of kube-state-metrics by node, with the label by which the kubelet's series name the
    node."""
    theirs = s.of(kube_state_metrics.exporter).node
    return (
        expr
        if theirs == s.node
        else f'max by ({s.node}) (label_join({expr}, "{s.node}", "", "{theirs}"))'
    )


# Availability and alerts


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape a kubelet, 1 or 0. 0 means that the kubelet, the node or the
    way to it is down; containers that run go on without the kubelet. Source: the series up of
    Prometheus."""
    return _per_node(s, s.up())


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """Kubelets that Prometheus can scrape: 0 if none of those it knows answers, and for a day after
    the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """Kubelets that Prometheus knows and cannot scrape; for a day after all of them vanished, how
    many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The alerts on kubelets and their nodes that fire, each as 1, by name and severity. Nothing
    while none fires, and nothing where Grafana evaluates the rules. Source: the series ALERTS of
    Prometheus."""
    return f"max by (alertname, severity) ({s.firing(ALERTS)})"


@snippet(unit="short", legend="{{git_version}}")
def versions(s: Scope) -> str:
    """Kubelets and API servers by version. During an upgrade there are two. Source: the kubelet and
    kube-apiserver."""
    everywhere = s.all_nodes
    theirs = everywhere.of(apiserver.exporter)
    info = "kubernetes_build_info"
    return f"count by (git_version) ({everywhere.select(info)} or {theirs.select(info)})"


@snippet(unit="short", legend="minor versions")
def version_count(s: Scope) -> str:
    """Different minor versions (1.35) of kubelets and API servers. More than one is normal during
    an upgrade only. Source: the kubelet and kube-apiserver."""
    everywhere = s.all_nodes
    theirs = everywhere.of(apiserver.exporter)
    info = "kubernetes_build_info"
    return f"count(count by (major, minor) ({everywhere.select(info)} or {theirs.select(info)}))"


# Pods and containers


@snippet(unit="short")
def running_pods(s: Scope) -> str:
    """Pods whose sandbox runs on a node, as the kubelet counts them. Source: the kubelet."""
    return _per_node(s, s.select("kubelet_running_pods"))


@snippet(unit="percentunit")
def pods_of_capacity(s: Scope) -> str:
    """Running pods of the most that a node takes, 0 to 1. At 1 no pod fits there any more, however
    idle the node is; 110 pods is the default. Source: the kubelet, and kube-state-metrics for what
    the node takes."""
    ksm = s.of(kube_state_metrics.exporter)
    capacity = f"max by ({ksm.node}) ({ksm.select('kube_node_status_capacity', resource='pods')})"
    # A virtual kubelet that takes one pod is always full.
    return f"{running_pods(s)} / ({_by_our_node(s, capacity)} > 1)"


@snippet(unit="percentunit", legend="fullest node")
def pods_of_capacity_highest(s: Scope) -> str:
    """Running pods of the most that a node takes, on the node that is fullest, 0 to 1. Source: the
    kubelet, and kube-state-metrics for what the node takes."""
    return f"max({pods_of_capacity(s)})"


@snippet(unit="short")
def running_containers(s: Scope) -> str:
    """Containers that run on a node, as the kubelet counts them. Source: the kubelet."""
    running = s.select("kubelet_running_containers", container_state="running")
    return f"max by ({s.node}) ({running})"


@snippet(unit="short", legend="{{container_state}}")
def containers_by_state(s: Scope) -> str:
    """Containers by the state that the runtime reports: running, created, exited, unknown. Exited
    ones stay until the kubelet cleans up. Source: the kubelet."""
    return f"sum by (container_state) ({s.select('kubelet_running_containers')})"


@snippet(unit="short", legend="{{lifecycle}}")
def pods_by_lifecycle(s: Scope) -> str:
    """Pods that the kubelet works on, by what it does: sync (runs), terminating, terminated. Many
    that stay terminating hang on a volume or a container that does not end. Source: the kubelet."""
    return f"sum by (lifecycle) ({s.select('kubelet_working_pods')})"


@snippet(unit="ops", legend="{{code}}")
def container_start_errors(s: Scope) -> str:
    """Containers per second that did not start, by reason (ErrImagePull, CreateContainerError,
    RunContainerError). 0 if none failed since the kubelets started. Source: the kubelet."""
    errors = s.rate("kubelet_started_containers_errors_total")
    none = f"0 * sum({s.select('kubelet_running_pods')})"
    return f'sum by (code) ({errors}) or on () label_replace({none}, "code", "none", "", "")'


# Start of pods, PLEG


@snippet(unit="s")
def pod_start(s: Scope, quantile: float = 0.99) -> str:
    """Time from the creation of a pod until its containers run, in seconds, without the time to
    pull images and to run init containers, over 15 minutes: 99 of 100 starts are faster than p99.
    Nothing for a node that started no pod. Source: the kubelet, its service level indicator
    (SLI)."""
    durations = s.histogram("kubelet_pod_start_sli_duration_seconds", window=_STARTS)
    return durations.quantile(quantile, s.node)


@snippet(unit="s", legend="slowest node")
def pod_start_highest(s: Scope) -> str:
    """Time from the creation of a pod until its containers run at p99, in seconds, without the
    time to pull images and to run init containers, on the slowest node, over 15 minutes. Source:
    the kubelet, its service level indicator (SLI)."""
    return f"max({pod_start(s)})"


@snippet(unit="s")
def pleg_relist(s: Scope, quantile: float = 0.99) -> str:
    """Time in which the kubelet asks the runtime for the state of all containers (PLEG relist), in
    seconds. It does so every second; from 10 s on it is late with everything, and after 3 minutes
    without one the node is NotReady. Source: the kubelet."""
    durations = s.histogram("kubelet_pleg_relist_duration_seconds")
    return durations.quantile(quantile, s.node)


@snippet(unit="s")
def pod_start_to_record(s: Scope) -> str:
    """Time from the creation of a pod until its containers run at p99, in seconds, to be recorded.
    Source: the kubelet, its service level indicator (SLI)."""
    durations = s.histogram("kubelet_pod_start_sli_duration_seconds", window=_STARTS)
    return durations.quantile(0.99, "job", s.node)


@snippet(unit="s")
def pleg_relist_to_record(s: Scope) -> str:
    """Time in which the kubelet asks the runtime for the state of all containers (PLEG relist) at
    p99, in seconds, to be recorded. Source: the kubelet."""
    durations = s.histogram("kubelet_pleg_relist_duration_seconds")
    return durations.quantile(0.99, "job", s.node)


def _of_selected_nodes(s: Scope, record: str) -> str:
    return f"max by ({s.node}) ({s.recorded(record)}) and on ({s.node}) {s.up()}"


@snippet(unit="s")
def recorded_pod_start(s: Scope) -> str:
    """Time from the creation of a pod until its containers run at p99, in seconds, without the
    time to pull images and to run init containers, over 15 minutes. Source: recording rules on the
    kubelet's series."""
    return _of_selected_nodes(s, "job_node:kubelet_pod_start_duration:p99_rate15m")


@snippet(unit="s")
def recorded_pleg_relist(s: Scope) -> str:
    """Time in which the kubelet asks the runtime for the state of all containers (PLEG relist) at
    p99, in seconds, over 5 minutes. From 10 s on it is late with everything. Source: recording
    rules on the kubelet's series."""
    return _of_selected_nodes(s, "job_node:kubelet_pleg_relist_duration:p99_rate5m")


@snippet(unit="s")
def pleg_age(s: Scope) -> str:
    """Time since the kubelet last asked the runtime for the state of all containers (PLEG), in
    seconds. After 3 minutes the node is NotReady. Source: the kubelet."""
    return f"clamp_min(time() - {_per_node(s, s.select('kubelet_pleg_last_seen_seconds'))}, 0)"


@snippet(unit="ops", legend="{{operation_type}}")
def pod_work(s: Scope) -> str:
    """Times per second that the kubelet worked on a pod, by what it did: create, sync, terminating,
    terminated. Source: the kubelet."""
    work = s.histogram("kubelet_pod_worker_duration_seconds")
    return f"sum by (operation_type) ({work.count()})"


@snippet(unit="s", legend="{{operation_type}}")
def pod_work_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time that the kubelet works on a pod, in seconds, by what it does: create, sync, terminating,
    terminated. Source: the kubelet."""
    return s.histogram("kubelet_pod_worker_duration_seconds").quantile(quantile, "operation_type")


@snippet(unit="ops", legend="{{operation_type}}")
def cgroup_work(s: Scope) -> str:
    """Control groups per second that the kubelet creates, updates and destroys. Source: the
    kubelet."""
    work = s.histogram("kubelet_cgroup_manager_duration_seconds")
    return f"sum by (operation_type) ({work.count()})"


@snippet(unit="s", legend="{{operation_type}}")
def cgroup_work_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time in which the kubelet creates, updates or destroys a control group, in seconds. Source:
    the kubelet."""
    return s.histogram("kubelet_cgroup_manager_duration_seconds").quantile(
        quantile, "operation_type"
    )


# Container runtime


@snippet(unit="ops", legend="{{operation_type}}")
def runtime_operations(s: Scope) -> str:
    """Requests from the kubelet to the container runtime per second, by operation. Source: the
    kubelet."""
    return f"sum by (operation_type) ({s.rate('kubelet_runtime_operations_total')})"


@snippet(unit="ops", legend="{{operation_type}}")
def runtime_errors(s: Scope) -> str:
    """Requests from the kubelet to the container runtime per second that failed, by operation. A
    missing image fails pull_image; a runtime that does not answer fails all of them. Source: the
    kubelet."""
    # An operation that never failed has no such series.
    errors = f"sum by (operation_type) ({s.rate('kubelet_runtime_operations_errors_total')})"
    return f"{errors} or 0 * {runtime_operations(s)}"


@snippet(unit="short")
def runtime_errors_by_node(s: Scope) -> str:
    """Requests from a kubelet to the container runtime that failed within 15 minutes. Source: the
    kubelet."""
    errors = s.increase("kubelet_runtime_operations_errors_total", window=_RECENT)
    return _or_zero(s, f"round(sum by ({s.node}) ({errors}))")


@snippet(unit="short", legend="errors")
def runtime_errors_total(s: Scope) -> str:
    """Requests from all selected kubelets to the container runtime that failed within 15 minutes: a
    missing image, a runtime that does not answer. Source: the kubelet."""
    return f"sum({runtime_errors_by_node(s)})"


@snippet(unit="s", legend="{{operation_type}}")
def runtime_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time of a request from the kubelet to the container runtime, in seconds, by operation.
    Pulling images is slow, anything else takes well below a second. Source: the kubelet."""
    return s.histogram("kubelet_runtime_operations_duration_seconds").quantile(
        quantile, "operation_type"
    )


# Volumes and storage


def _volumes(s: Scope, state: str) -> str:
    volumes = s.select("volume_manager_total_volumes", state=f"{state}_state_of_world")
    return f"sum by ({s.node}) ({volumes})"


@snippet(unit="short", legend="wanted")
def volumes_wanted(s: Scope) -> str:
    """Volumes that the pods of the selected nodes need. Source: the kubelet."""
    return f"sum({_volumes(s, 'desired')})"


@snippet(unit="short", legend="mounted")
def volumes_mounted(s: Scope) -> str:
    """Volumes that are mounted on the selected nodes. Source: the kubelet."""
    return f"sum({_volumes(s, 'actual')})"


@snippet(unit="short")
def volumes_pending(s: Scope) -> str:
    """Volumes that pods of a node need and that are not mounted yet. Above zero for minutes means
    that pods wait for storage. Source: the kubelet."""
    wanted, mounted = _volumes(s, "desired"), _volumes(s, "actual")
    return _or_zero(s, f"clamp_min({wanted} - ({mounted} or 0 * {wanted}), 0)")


@snippet(unit="short", legend="pending")
def volumes_pending_count(s: Scope) -> str:
    """Volumes that pods of the selected nodes need and that are not mounted yet. Source: the
    kubelet."""
    return f"sum({volumes_pending(s)})"


@snippet(unit="ops", legend="{{operation_name}} {{volume_plugin}}")
def storage_operations(s: Scope) -> str:
    """Storage operations per second (volume_mount, volume_unmount, volume_attach) by volume plugin.
    Source: the kubelet."""
    operations = s.histogram("storage_operation_duration_seconds")
    return f"sum by (operation_name, volume_plugin) ({operations.count()})"


@snippet(unit="ops", legend="{{operation_name}} {{volume_plugin}}")
def storage_errors(s: Scope) -> str:
    """Storage operations per second that failed, by operation and volume plugin. Zero is normal.
    Source: the kubelet."""
    errors = s.histogram("storage_operation_duration_seconds", _FAILED).count()
    by = "operation_name, volume_plugin"
    return f"sum by ({by}) ({errors}) or 0 * {storage_operations(s)}"


@snippet(unit="s", legend="{{operation_name}} {{volume_plugin}}")
def storage_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time of a storage operation, in seconds, by operation and volume plugin. Source: the
    kubelet."""
    durations = s.histogram("storage_operation_duration_seconds")
    return durations.quantile(quantile, "operation_name", "volume_plugin")


# Evictions


def _evicted(s: Scope, by: str) -> str:
    evictions, window = s.select("kubelet_evictions"), _EVICTED
    # The series of a signal appears with its first eviction, which increase() does not see. It is
    # new only if Prometheus scraped the kubelet before.
    scraped = f"on ({s.node}) {s.select('kubelet_running_pods')} offset {window}"
    new = f"{evictions} unless last_over_time({evictions}[{window}] offset {window}) and {scraped}"
    return f"sum by ({by}) ({new} or increase({evictions}[{window}]))"


@snippet(unit="short")
def evictions(s: Scope) -> str:
    """Pods that the kubelet evicted within the last hour, because the node ran short of memory,
    disk space, inodes or process ids. Source: the kubelet."""
    return _or_zero(s, f"round({_evicted(s, s.node)})")


@snippet(unit="short", legend="evicted")
def evictions_count(s: Scope) -> str:
    """Pods that the selected kubelets evicted within the last hour. Source: the kubelet."""
    return f"sum({evictions(s)})"


@snippet(unit="short", legend="{{$node}} {{eviction_signal}}")
def evictions_since_start(s: Scope) -> str:
    """Pods that a kubelet evicted since it started, by what the node ran short of. 0 for a kubelet
    that evicted none. Source: the kubelet."""
    by_signal = f"sum by ({s.node}, eviction_signal) ({s.select('kubelet_evictions')})"
    return f"{by_signal} or on ({s.node}) 0 * {running_pods(s)}"


# Requests to the API servers, certificates


@snippet(unit="reqps", legend="{{code}}")
def api_requests(s: Scope) -> str:
    """Requests from kubelets to the API servers per second, by status code. `<error>` is a
    connection that failed. Source: the kubelet."""
    return f"sum by (code) ({s.rate('rest_client_requests_total')})"


@snippet(unit="percentunit")
def api_error_share(s: Scope) -> str:
    """Share of a kubelet's requests to the API servers that failed, 0 to 1: answered 5xx, or no
    answer. Source: the kubelet."""
    failed = f"sum by ({s.node}) ({s.rate('rest_client_requests_total', CLIENT_ERRORS)})"
    requests = f"sum by ({s.node}) ({s.rate('rest_client_requests_total')})"
    return f"({failed} or 0 * {requests}) / ({requests} > 0)"


CLIENT_ERRORS = 'code=~"5..|<error>"'
"""Matches the requests to the API servers that failed for no fault of the client."""


@snippet(unit="s")
def client_certificate_left(s: Scope) -> str:
    """Time until the certificate expires with which a kubelet shows the API servers who it is, in
    seconds; below 0 it has expired. Nothing where the kubelet does not renew it itself. Source: the
    kubelet."""
    left = s.select("kubelet_certificate_manager_client_ttl_seconds")
    return f"min by ({s.node}) ({left}) < Inf"


@snippet(unit="s")
def server_certificate_left(s: Scope) -> str:
    """Time until the certificate expires with which a kubelet answers, in seconds; below 0 it has
    expired. Nothing where the kubelet does not renew it itself (serverTLSBootstrap). Source: the
    kubelet."""
    left = s.select("kubelet_certificate_manager_server_ttl_seconds")
    return f"min by ({s.node}) ({left}) < Inf"


@snippet(unit="short")
def client_renewal_errors(s: Scope) -> str:
    """Attempts to renew a kubelet's client certificate that failed. Zero is normal. Source: the
    kubelet."""
    errors = s.increase("kubelet_certificate_manager_client_expiration_renew_errors")
    return f"sum by ({s.node}) ({errors})"


@snippet(unit="short")
def server_renewal_errors(s: Scope) -> str:
    """Attempts to renew a kubelet's server certificate that failed. Zero is normal. Source: the
    kubelet."""
    return f"sum by ({s.node}) ({s.increase('kubelet_server_expiration_renew_errors')})"


# Process


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a kubelet itself uses: 1 is one core all the time. Source: the kubelet."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a kubelet itself, in bytes. Source: the kubelet."""
    return _per_node(s, own(s, s.select("process_resident_memory_bytes")))


@snippet(unit="short")
def goroutines(s: Scope) -> str:
    """Goroutines of a kubelet. Growth without end is a leak. Source: the kubelet."""
    return _per_node(s, own(s, s.select("go_goroutines")))
