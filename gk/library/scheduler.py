"""Snippets of kube-scheduler, Kubernetes 1.28 and later.
https://kubernetes.io/docs/reference/instrumentation/metrics/

Of several schedulers one is the leader and does the work; the others wait. A managed control plane
does not let one scrape them: nothing here has data then. No query returns NaN.
"""

from __future__ import annotations

from gk.library._common import down_count as _down_count
from gk.library._common import own
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("kube-scheduler", metric="scheduler_pending_pods", target="Scheduler")
snippet = exporter.snippet


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """Schedulers that Prometheus can scrape: 0 if none of those it knows answers, and for a day
    after the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """Schedulers that Prometheus knows and cannot scrape; for a day after all of them vanished, how
    many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="short", legend="{{$node}} {{name}}")
def leader(s: Scope) -> str:
    """Whether a scheduler is the leader, 1 or 0. Nothing where it runs alone, without election
    (--leader-elect=false). Source: kube-scheduler."""
    status = s.select("leader_election_master_status", name="kube-scheduler")
    return f"max by ({s.node}, name) ({own(s, status)})"


@snippet(unit="short", legend="{{queue}}")
def pending_pods(s: Scope) -> str:
    """Pods that wait for a node, by queue: active (about to be tried), backoff (tried, and waiting
    to be tried again), unschedulable (no node fits), gated (by a scheduling gate).
    Source: kube-scheduler."""
    return f"max by (queue) ({s.select('scheduler_pending_pods')})"


@snippet(unit="short", legend="unschedulable")
def unschedulable_pods(s: Scope) -> str:
    """Pods for which the scheduler found no node that fits. Source: kube-scheduler."""
    return f"max({s.select('scheduler_pending_pods', queue='unschedulable')})"


@snippet(unit="short", legend="{{plugin}}")
def unschedulable_by_plugin(s: Scope) -> str:
    """Pods that fit no node, by the rule that refused the nodes: NodeResourcesFit (too little CPU
    or memory), TaintToleration, NodeAffinity, VolumeBinding, and so on. 0 while all pods fit.
    Source: kube-scheduler."""
    refused = f"max by (plugin) ({s.select('scheduler_unschedulable_pods')})"
    # The scheduler has no series before a pod did not fit.
    none = f"0 * max({s.select('scheduler_pending_pods')})"
    return f'{refused} or on () label_replace({none}, "plugin", "none", "", "")'


@snippet(unit="ops", legend="{{result}}")
def attempts(s: Scope) -> str:
    """Attempts per second to find a node for a pod, by result: scheduled, unschedulable (no node
    fits), error. Source: kube-scheduler."""
    return f"sum by (result) ({s.rate('scheduler_schedule_attempts_total')})"


@snippet(unit="s", legend="{{result}}")
def attempt_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time of one attempt to find a node for a pod, in seconds, by result. Source:
    kube-scheduler."""
    durations = s.histogram("scheduler_scheduling_attempt_duration_seconds")
    return durations.quantile(quantile, "result")


@snippet(unit="s", legend="from the queue to a node")
def scheduling_duration(s: Scope, quantile: float = 0.99) -> str:
    """Time from a pod's entry into the queue until it has a node, in seconds, all attempts
    together. Pods that still wait are not in it. Source: kube-scheduler, its service level
    indicator (SLI)."""
    durations = s.histogram("scheduler_pod_scheduling_sli_duration_seconds")
    return durations.quantile(quantile)


@snippet(unit="ops", legend="attempts")
def preemptions(s: Scope) -> str:
    """Attempts per second to evict pods of lower priority in favour of one that fits nowhere.
    Source: kube-scheduler."""
    return f"sum({s.rate('scheduler_preemption_attempts_total')})"


@snippet(unit="ops", legend="victims")
def preemption_victims(s: Scope) -> str:
    """Pods per second that were evicted in favour of one of higher priority. Source:
    kube-scheduler."""
    return f"sum({s.histogram('scheduler_preemption_victims').sum()})"


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a scheduler uses. Source: kube-scheduler."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a scheduler, in bytes. Source: kube-scheduler."""
    return f"max by ({s.node}) ({own(s, s.select('process_resident_memory_bytes'))})"
