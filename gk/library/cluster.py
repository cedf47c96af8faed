"""Snippets about a whole cluster: the alerts that fire in it, and the versions that run in it.

Alerts are Prometheus's own series ALERTS, which are there only where Prometheus evaluates the
rules. Versions are those that the API server and kube-state-metrics report.
"""

from __future__ import annotations

from gk.library import apiserver, cadvisor, kube_state_metrics
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

exporter = kube_state_metrics.exporter
snippet = exporter.snippet

_SEVERITIES = {"critical": 3, "warning": 2, "info": 1}
# What an alert may be about besides a namespace and a pod: the first labels that it has name it.
_OBJECTS = (
    "nodename",
    "node",
    "instance",
    "deployment",
    "statefulset",
    "daemonset",
    "job_name",
    "cronjob",
    "horizontalpodautoscaler",
    "poddisruptionbudget",
    "resourcequota",
    "persistentvolumeclaim",
    "persistentvolume",
    "device",
    "mountpoint",
    "container",
    "name",
)
_ALERT = "alertname, severity, namespace, pod, object"


def _firing(s: Scope, severity: str) -> str:
    return s.all_nodes.firing(f'severity="{severity}"')


@snippet(unit="none", legend="firing")
def alerts_of_severity(s: Scope, severity: str) -> str:
    """Alerts of a severity that fire, 0 if none does. Nothing where Prometheus fires no alert at
    all, as where Grafana evaluates the rules. Source: Prometheus's own series ALERTS."""
    return f"count({_firing(s, severity)}) or 0 * group({s.all_nodes.firing()})"


def _about(expr: str) -> str:
    """The series with a label that names what the alert is about besides its pod."""
    labels = ", ".join(f'"{label}"' for label in _OBJECTS)
    joined = f'label_join({expr}, "object", " ", {labels})'
    # Labels that an alert lacks leave spaces around the others.
    return f'max by ({_ALERT}) (label_replace({joined}, "object", "$1", "object", " *(.*?) *"))'


@snippet(unit="none", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """Every alert that fires: 3 if it is critical, 2 for a warning, 1 for information. Its label
    object names what it is about besides a namespace and a pod. Source: Prometheus's own series
    ALERTS."""
    ranked = (f"{rank} * {_firing(s, severity)}" for severity, rank in _SEVERITIES.items())
    return _about(f"({' or '.join(ranked)})")


@snippet(unit="dateTimeFromNow", legend="{{alertname}}")
def firing_since(s: Scope) -> str:
    """When the condition of each alert that fires began to hold, in milliseconds since 1970: the
    time before it may fire is included. Source: Prometheus's own series ALERTS_FOR_STATE."""
    return f"1000 * {_about(s.all_nodes.active_since())} and on ({_ALERT}) {firing_alerts(s)}"


@snippet(unit="none", legend="in trouble")
def pods_in_trouble_count(s: Scope) -> str:
    """How many pods fail, wait, or run and are not ready. For a while that is normal after each
    start. Source: kube-state-metrics."""
    troubled = cadvisor.pods_in_trouble(s.of(cadvisor.exporter).all_nodes)
    return f"count({troubled}) or 0 * count({s.all_nodes.select('kube_pod_info')})"


@snippet(unit="none", legend="{{kubelet_version}}")
def kubelet_versions(s: Scope) -> str:
    """Nodes by the version of their kubelet, operating system and container runtime. Source:
    kube-state-metrics."""
    nodes = s.all_nodes.select("kube_node_info")
    versions = "kubelet_version, os_image, kernel_version, container_runtime_version"
    return f"count by ({versions}) ({nodes})"


@snippet(unit="none", legend="{{git_version}}")
def apiserver_versions(s: Scope) -> str:
    """API servers by their version; two of them mean that an upgrade is going on. Source: API
    server."""
    servers = s.of(apiserver.exporter).all_nodes.select("kubernetes_build_info")
    return f"count by (git_version) ({servers})"
