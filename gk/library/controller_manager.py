"""Snippets of kube-controller-manager, Kubernetes 1.28 and later, and of the control plane as a
whole. https://kubernetes.io/docs/reference/instrumentation/metrics/

Of several controller managers one is the leader and does the work; the others wait. A managed
control plane does not let one scrape them: nothing here has data then. No query returns NaN.
"""

from __future__ import annotations

from gk.library import kubelet, scheduler
from gk.library._common import down_count as _down_count
from gk.library._common import own, own_histogram
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["ALERTS", "exporter", "snippet"]

# Only the leader sends it; a controller manager that waits has no series of its own.
exporter = Exporter(
    "kube-controller-manager",
    metric="endpoint_slice_controller_num_endpoint_slices",
    target="Controller manager",
)
snippet = exporter.snippet

ALERTS = 'alertname=~"etcd.+|CoreDNS.+|Kube(Scheduler|ControllerManager|Proxy|API|Client).+"'
"""Matches the alerts on the control plane by name."""


# The whole control plane


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The alerts on the control plane that fire, each as 1, by name and severity. Nothing while
    none fires, and nothing where Grafana evaluates the rules. Source: the series ALERTS of
    Prometheus."""
    return f"max by (alertname, severity) ({s.firing(ALERTS)})"


@snippet(unit="percentunit", legend="{{component}} {{instance}}")
def client_error_share(s: Scope) -> str:
    """Share of a component's requests to the API servers that failed, 0 to 1: answered 5xx, or no
    answer. Of kubelets, schedulers and controller managers, by the label component. Source: the
    components themselves, as clients."""
    metric, everywhere = "rest_client_requests_total", s.all_nodes
    clients = [everywhere.of(client) for client in (kubelet.exporter, scheduler.exporter, exporter)]
    # A job may be that of several components.
    requests, failed = (
        "sum by (component, instance) ("
        + " or ".join(
            f"label_replace({own(client, client.rate(metric, *matchers))}, "
            f'"component", "{client.exporter.name}", "", "")'
            for client in clients
        )
        + ")"
        for matchers in ((), (kubelet.CLIENT_ERRORS,))
    )
    return f"({failed} or 0 * {requests}) / ({requests} > 0)"


# Availability


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """Controller managers that Prometheus can scrape: 0 if none of those it knows answers, and for
    a day after the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """Controller managers that Prometheus knows and cannot scrape; for a day after all of them
    vanished, how many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="short", legend="{{$node}} {{name}}")
def leader(s: Scope) -> str:
    """Whether a controller manager is the leader, 1 or 0. Nothing where it runs alone, without
    election (--leader-elect=false). Source: kube-controller-manager."""
    status = s.select("leader_election_master_status", name="kube-controller-manager")
    return f"max by ({s.node}, name) ({own(s, status)})"


# Work queues


@snippet(unit="short", legend="{{name}}")
def queue_depth(s: Scope) -> str:
    """Items that wait in each controller's queue. Near zero is normal; a queue that grows belongs
    to a controller that does not keep up. Source: kube-controller-manager."""
    return f"sum by (name) ({own(s, s.select('workqueue_depth'))})"


@snippet(unit="short", legend="longest queue")
def queue_depth_highest(s: Scope) -> str:
    """Items that wait in the longest queue of all controllers. Source: kube-controller-manager."""
    return f"max({queue_depth(s)})"


@snippet(unit="ops", legend="{{name}}")
def queue_adds(s: Scope) -> str:
    """Items put into each controller's queue, per second. Source: kube-controller-manager."""
    return f"sum by (name) ({own(s, s.rate('workqueue_adds_total'))})"


@snippet(unit="ops", legend="{{name}}")
def queue_retries(s: Scope) -> str:
    """Items per second that a controller puts back into its queue after a failure. Source:
    kube-controller-manager."""
    return f"sum by (name) ({own(s, s.rate('workqueue_retries_total'))})"


@snippet(unit="s", legend="{{name}}")
def queue_wait(s: Scope, quantile: float = 0.99) -> str:
    """Time that an item waits in each controller's queue, in seconds. Source:
    kube-controller-manager."""
    return own_histogram(s, "workqueue_queue_duration_seconds").quantile(quantile, "name")


@snippet(unit="s", legend="{{name}}")
def queue_work(s: Scope, quantile: float = 0.99) -> str:
    """Time that each controller works on an item, in seconds. Source: kube-controller-manager."""
    return own_histogram(s, "workqueue_work_duration_seconds").quantile(quantile, "name")


@snippet(unit="s", legend="{{name}}")
def queue_longest_work(s: Scope) -> str:
    """How long a controller has been working on its oldest item, in seconds. One that only grows
    hangs. Source: kube-controller-manager."""
    longest = own(s, s.select("workqueue_longest_running_processor_seconds"))
    return f"max by (name) ({longest})"


# Nodes and jobs


@snippet(unit="short", legend="unhealthy nodes {{zone}}")
def unhealthy_nodes(s: Scope) -> str:
    """Nodes that are not ready, by zone, as the controller that evicts their pods counts them.
    Source: kube-controller-manager."""
    return f"max by (zone) ({s.select('node_collector_unhealthy_nodes_in_zone')})"


# Process


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a controller manager uses. Source: kube-controller-manager."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a controller manager, in bytes. Source: kube-controller-manager."""
    return f"max by ({s.node}) ({own(s, s.select('process_resident_memory_bytes'))})"
