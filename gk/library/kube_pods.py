"""Snippets of kube-state-metrics, 2.0 and later: the state of pods and of their containers, as
`kubectl get pods` and `kubectl describe pod` show it.

A pod without a node, or without a running container, has no series of cAdvisor: these show it.
Exit codes come with version 2.7, classes of service with 2.8, the times at which containers ended
with 2.12. Severities are numbers, so that tables sort and colour by them: 0 is well, 1 has ended or
is ending, 2 runs and is not ready, 3 waits, 4 fails.
https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md
"""

from __future__ import annotations

from collections.abc import Callable

from gk.library.kube_state_metrics import exporter, on_selected_nodes, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

_POD = "namespace, pod"
_CONTAINER = f"{_POD}, container"
# What a container waits for in the first moments of every pod.
_STARTING = 'reason=~"ContainerCreating|PodInitializing"'
_STUCK = 'reason!~"ContainerCreating|PodInitializing"'
_NOT_GATED = 'reason!="SchedulingGated"'
_BACKING_OFF = 'reason=~".+BackOff"'
_PULLING = "ErrImagePull|ImagePullBackOff"
# Containers that have ended, and not as they should.
_FAILED = ("status_terminated_reason", 'reason!="Completed"')


def _named(expr: str, label: str, text: str) -> str:
    """The series with one label more."""
    return f'label_replace({expr}, "{label}", "{text}", "", "")'


def _copied(expr: str, label: str, *sources: str) -> str:
    """The series with one label more, made of others."""
    listed = ", ".join(f'"{source}"' for source in sources)
    return f'label_join({expr}, "{label}", "", {listed})'


def _reason(expr: str, label: str = "reason") -> str:
    return _copied(expr, "status", label)


def _init(expr: str) -> str:
    return _copied(_named(expr, "status", "Init:"), "status", "status", "reason")


class _Pods:
    """Selects series of pods, of all nodes, because most of them do not name the pod's node."""

    def __init__(self, s: Scope, namespace: str | None, pod: str | None) -> None:
        self._all = s.all_nodes
        self._about = {"namespace": namespace, "pod": pod}

    def of_pods(self, what: str, *matchers: str, **labels: object) -> str:
        """Series of whole pods."""
        return self._all.select(f"kube_pod_{what}", *matchers, **self._about, **labels)

    def of_containers(self, what: str, *matchers: str, **labels: object) -> str:
        """Series of containers."""
        return self.of_pods(f"container_{what}", *matchers, **labels)

    def of_init_containers(self, what: str, *matchers: str, **labels: object) -> str:
        """Series of init containers."""
        return self.of_pods(f"init_container_{what}", *matchers, **labels)

    def of_both(self, what: str, *matchers: str, **labels: object) -> str:
        """Series of containers and of init containers."""
        return (
            f"({self.of_containers(what, *matchers, **labels)} "
            f"or {self.of_init_containers(what, *matchers, **labels)})"
        )


# Pods


@snippet(unit="short", legend="{{status}}")
def pod_status(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The status of a pod as kubectl names it, in the label status: a reason such as
    CrashLoopBackOff, ImagePullBackOff, OOMKilled or Evicted, or else the phase. A pod that no node
    takes is Unschedulable, where kubectl says Pending. The value is the severity: 0 well, 1 ended
    or ending, 2 running and not ready, 3 waiting, 4 failing. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, pod)
    phase = "status_phase"
    running = f"{pods.of_pods(phase, phase='Running')} == 1"
    unready = f"({pods.of_pods('status_ready', condition='false')} == 1 and on ({_POD}) {running})"
    waiting = "status_waiting_reason"
    # The fractions put the reason first that kubectl would show.
    reasons = [
        _init(f"4.5 * {pods.of_init_containers(waiting, _STUCK)}"),
        _reason(f"4.4 * {pods.of_containers(waiting, _STUCK)}"),
        _reason(f"4.3 * ({pods.of_pods('status_reason', _NOT_GATED)} == 1)"),
        _init(f"4.2 * {pods.of_init_containers(*_FAILED)}"),
        _reason(f"4.2 * {pods.of_containers(*_FAILED)}"),
        _reason(f"4.1 * ({pods.of_pods(phase, phase=['Failed', 'Unknown'])} == 1)", "phase"),
        _reason(f"3.4 * ({pods.of_pods('status_reason', reason='SchedulingGated')} == 1)"),
        _named(f"3.3 * {pods.of_pods('status_unschedulable')}", "status", "Unschedulable"),
        _reason(f"3.2 * {pods.of_containers(waiting, _STARTING)}"),
        _reason(f"3.1 * ({pods.of_pods(phase, phase='Pending')} == 1)", "phase"),
        _named(f"2 * {unready}", "status", "Running"),
        _named(f"1 * ({pods.of_pods(phase, phase='Succeeded')} == 1)", "status", "Completed"),
        _named(f"0 * ({running})", "status", "Running"),
    ]
    chosen = f"topk by ({_POD}) (1, max by ({_POD}, status) ({' or '.join(reasons)}))"
    # A minute after its time is over a pod that is still there is stuck.
    deleted = pods.of_pods("deletion_timestamp")
    ending = _named(f"1 + 2 * (time() - {deleted} > bool 60)", "status", "Terminating")
    status = f"(max by ({_POD}, status) ({ending}) or on ({_POD}) floor({chosen}))"
    return on_selected_nodes(s, status)


@snippet(unit="short", legend="{{status}}")
def pods_by_status(s: Scope, namespace: str | None = None) -> str:
    """How many pods have each status, named as kubectl does. Source: kube-state-metrics."""
    return f"count by (status) ({pod_status(s, namespace=namespace)})"


@snippet(unit="short", legend="{{phase}}")
def pod_phase(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The phase of a pod, in the label phase. The value is its severity: 0 for Running and
    Succeeded, 3 for Pending, 4 for Failed and Unknown. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, pod)
    severities = {4: ["Failed", "Unknown"], 3: ["Pending"], 0: ["Running", "Succeeded"]}
    parts = [
        f"{severity} * ({pods.of_pods('status_phase', phase=phases)} == 1)"
        for severity, phases in severities.items()
    ]
    return f"max by ({_POD}, phase) ({' or '.join(parts)})"


@snippet(unit="short", legend="{{phase}}")
def pods_by_phase(s: Scope, namespace: str | None = None) -> str:
    """Pods by phase, those that have no node yet among them. Running and Succeeded are well;
    Pending for long means that no node fits, or that an image or a volume is missing. Source:
    kube-state-metrics."""
    phases = _Pods(s, namespace, None).of_pods("status_phase")
    by_pod = on_selected_nodes(s, f"max by ({_POD}, phase) ({phases})")
    return f"sum by (phase) ({by_pod})"


@snippet(unit="short", legend="{{namespace}}")
def namespace_pods(s: Scope, namespace: str | None = None) -> str:
    """Pods of a namespace, whatever their phase. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, None).of_pods("info")
    return f"count by (namespace) ({on_selected_nodes(s, f'max by ({_POD}) ({pods})')})"


def _not_ready(s: Scope, namespace: str | None, pod: str | None = None) -> str:
    pods = _Pods(s, namespace, pod)
    waiting = pods.of_pods("status_phase", phase=["Pending", "Unknown"])
    running = pods.of_pods("status_phase", phase="Running")
    ready = pods.of_pods("status_ready", condition="true")
    failing = f"{running} == 1 and on ({_POD}) {ready} == 0"
    return on_selected_nodes(s, f"max by ({_POD}, phase) ({waiting} == 1 or {failing})")


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{reason}}")
def pods_not_ready(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Pods that ought to run and are not ready, each as 1, with the phase, the worst reason of the
    last 15 minutes (that of a waiting container, Unschedulable, or ContainersNotReady for a
    container that runs and does not pass its readiness probe), and the container that it is about.
    For a while that is normal after each start. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, pod)

    # A container in a crash loop waits, runs and fails in turns, and an alert on a reason that
    # changes would start anew each time.
    def lately(select: Callable[..., str], *matchers: str) -> str:
        return f"max_over_time({select('status_waiting_reason', *matchers)}[15m])"

    unready = f"({pods.of_containers('status_ready')} == 0)"
    reasons = [
        f"4 * {lately(pods.of_containers, _BACKING_OFF)}",
        f"4 * {lately(pods.of_init_containers, _BACKING_OFF)}",
        f"3 * {lately(pods.of_containers)}",
        f"3 * {lately(pods.of_init_containers)}",
        _named(f"2 * {pods.of_pods('status_unschedulable')}", "reason", "Unschedulable"),
        _named(f"1 + {unready}", "reason", "ContainersNotReady"),
    ]
    labels = f"{_CONTAINER}, reason"
    worst = f"topk by ({_POD}) (1, max by ({labels}) ({' or '.join(reasons)}))"
    every = f"group by ({_POD}) ({pods.of_pods('status_phase', phase='Running')})"
    return (
        f"({_not_ready(s, namespace, pod)}) * on ({_POD}) group_left (container, reason) "
        f"(group by ({labels}) ({worst}) or on ({_POD}) {every})"
    )


@snippet(unit="short", legend="not ready")
def pods_not_ready_count(s: Scope, namespace: str | None = None) -> str:
    """How many pods ought to run and are not ready: they wait for a node, an image or a volume, do
    not pass their readiness probes, or their node is lost. Source: kube-state-metrics."""
    phases = _Pods(s, namespace, None).of_pods("status_phase", phase="Running")
    return f"count({_not_ready(s, namespace)}) or 0 * count({phases})"


@snippet(unit="short", legend="{{namespace}}")
def namespace_not_ready(s: Scope, namespace: str | None = None) -> str:
    """How many pods of a namespace ought to run and are not ready. Source: kube-state-metrics."""
    return (
        f"count by (namespace) ({_not_ready(s, namespace)}) "
        f"or 0 * {namespace_pods(s, namespace=namespace)}"
    )


@snippet(unit="short", legend="{{qos_class}}")
def pod_qos(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The class of service of a pod, in the label qos_class: Guaranteed, Burstable or BestEffort.
    When a node runs out of memory, those that use more than they ask for are evicted first. Source:
    kube-state-metrics 2.8."""
    classes = _Pods(s, namespace, pod).of_pods("status_qos_class")
    return f"max by ({_POD}, qos_class) ({classes} == 1)"


@snippet(unit="s", legend="{{namespace}}/{{pod}}")
def pod_age(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Seconds since a pod was created. Source: kube-state-metrics."""
    created = _Pods(s, namespace, pod).of_pods("created")
    return on_selected_nodes(s, f"time() - max by ({_POD}) ({created})")


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{ready}}")
def pod_containers_ready(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """How many containers of a pod are not ready. The label ready says how many of how many are, as
    kubectl does: 1/2. Init containers do not count. Nothing for a pod that no node has taken.
    Source: kube-state-metrics."""
    ready = f"max by ({_CONTAINER}) ({_Pods(s, namespace, pod).of_containers('status_ready')})"
    missing = f"sum by ({_POD}) (1 - {ready})"
    number = f'count_values by ({_POD}) ("ready", sum by ({_POD}) ({ready}))'
    all = f'count_values by ({_POD}) ("all", count by ({_POD}) ({ready}))'
    both = (
        f"{missing} * on ({_POD}) group_left (ready) {number} * on ({_POD}) group_left (all) {all}"
    )
    text = f'label_join({both}, "ready", "/", "ready", "all")'
    return on_selected_nodes(s, f"max by ({_POD}, ready) ({text})")


@snippet(unit="short", legend="{{namespace}}/{{pod}}")
def pod_restarts_total(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Restarts of a pod's containers since the pod was created, those of init containers among
    them. Source: kube-state-metrics."""
    return f"sum by ({_POD}) ({container_restarts_total(s, namespace=namespace, pod=pod)})"


@snippet(unit="short", legend="{{ended}}")
def pod_last_end(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The exit code with which a container of a pod last ended before it was started again, and the
    reason, in the label ended: that of the container with the highest code. 137 is SIGKILL, mostly
    an OOM kill or a failed liveness probe; 143 is SIGTERM. Source: kube-state-metrics 2.7."""
    ends = container_last_end(s, namespace=namespace, pod=pod)
    return f"max by ({_POD}, ended) (topk by ({_POD}) (1, {ends}))"


# Containers


@snippet(unit="short", legend="{{container}} {{state}} {{reason}}")
def container_state(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The state of a container, in the label state: Running, Waiting or Terminated; why it waits or
    has ended, in the label reason; whether it is an init container, in the label type. The value is
    the severity: 0 well, 1 ended as it should, 3 starting, 4 failing. Source:
    kube-state-metrics."""
    pods = _Pods(s, namespace, pod)
    parts = [
        _named(_in_state(select), "type", type)
        for select, type in ((pods.of_containers, ""), (pods.of_init_containers, "init"))
    ]
    states = f"max by ({_CONTAINER}, type, state, reason) ({' or '.join(parts)})"
    return on_selected_nodes(s, states)


def _in_state(select: Callable[..., str]) -> str:
    waiting, ended = "status_waiting_reason", "status_terminated_reason"
    states = [
        (f"0 * ({select('status_running')} == 1)", "Running"),
        (f"3 * {select(waiting, _STARTING)}", "Waiting"),
        (f"4 * {select(waiting, _STUCK)}", "Waiting"),
        (f"1 * {select(ended, reason='Completed')}", "Terminated"),
        (f"4 * {select(*_FAILED)}", "Terminated"),
    ]
    return " or ".join(_named(expr, "state", state) for expr, state in states)


@snippet(unit="short", legend="{{container}}")
def container_ready(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Whether a container is ready, 1 or 0; an init container, whether it has ended as it should.
    Source: kube-state-metrics."""
    return f"max by ({_CONTAINER}) ({_Pods(s, namespace, pod).of_both('status_ready')})"


@snippet(unit="short", legend="{{container}}")
def container_restarts_total(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Restarts of a container or an init container since its pod was created. Source:
    kube-state-metrics."""
    restarts = _Pods(s, namespace, pod).of_both("status_restarts_total")
    return on_selected_nodes(s, f"max by ({_CONTAINER}) ({restarts})")


@snippet(unit="short", legend="{{container}} {{ended}}")
def container_last_end(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The exit code with which a container last ended before it was started again, and the reason,
    in the label ended. 137 is SIGKILL, mostly an OOM kill or a failed liveness probe; 143 is
    SIGTERM. Nothing for a container that never ended. Source: kube-state-metrics 2.7, for init
    containers 2.20."""
    pods = _Pods(s, namespace, pod)
    codes = f"max by ({_CONTAINER}) ({pods.of_both('status_last_terminated_exitcode')})"
    reasons = _copied(pods.of_both("status_last_terminated_reason"), "ended", "reason")
    reason = f"topk by ({_CONTAINER}) (1, max by ({_CONTAINER}, ended) ({reasons}))"
    ends = f"{codes} * on ({_CONTAINER}) group_left (ended) {reason}"
    return on_selected_nodes(s, f"({ends})")


@snippet(unit="s", legend="{{container}}")
def container_ended_ago(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Seconds since a container last ended before it was started again. Source: kube-state-metrics
    2.12, for init containers 2.20."""
    ended = _Pods(s, namespace, pod).of_both("status_last_terminated_timestamp")
    return f"time() - max by ({_CONTAINER}) ({ended})"


@snippet(unit="short", legend="{{container}} {{image_spec}}")
def container_images(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """The image that a container is to run, as its pod names it, in the label image_spec. Source:
    kube-state-metrics 2.1."""
    pods = _Pods(s, namespace, pod)
    return f"max by ({_CONTAINER}, image_spec) ({pods.of_both('info')})"


def _looping(select: Callable[..., str]) -> str:
    """Containers that were in a crash loop lately: in between they run."""
    return f"max_over_time({select('status_waiting_reason', reason='CrashLoopBackOff')}[5m])"


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{status}}")
def pods_in_crash_loop(s: Scope, namespace: str | None = None) -> str:
    """Pods of which a container was in CrashLoopBackOff during the last 5 minutes, each as 4, the
    severity of what fails. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, None)
    init, other = (
        _named(f"4 * max by ({_POD}) ({_looping(select)})", "status", status)
        for select, status in (
            (pods.of_init_containers, "Init:CrashLoopBackOff"),
            (pods.of_containers, "CrashLoopBackOff"),
        )
    )
    return on_selected_nodes(s, f"({init} or on ({_POD}) {other})")


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} {{reason}}")
def crash_looping(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Containers and init containers in CrashLoopBackOff during the last 5 minutes: they end soon
    after each start, and Kubernetes waits up to 5 minutes before the next one. The value is how
    often they restarted since their pod was created; the label reason says why they last ended.
    Source: kube-state-metrics."""
    pods = _Pods(s, namespace, pod)
    looping = f"{_looping(pods.of_containers)} or {_looping(pods.of_init_containers)}"
    reasons = f"max by ({_CONTAINER}, reason) ({pods.of_both('status_last_terminated_reason')})"
    restarts = container_restarts_total(s, namespace=namespace, pod=pod)
    return (
        f"({restarts} and on ({_CONTAINER}) ({looping})) "
        f"* on ({_CONTAINER}) group_left (reason) topk by ({_CONTAINER}) (1, {reasons})"
    )


@snippet(unit="short", legend="{{namespace}}/{{pod}} {{container}} {{reason}}")
def containers_waiting(s: Scope, namespace: str | None = None, pod: str | None = None) -> str:
    """Containers and init containers that wait to be started, each as 1, with the reason: an image
    that cannot be pulled (ImagePullBackOff), a ConfigMap or Secret that is missing
    (CreateContainerConfigError), a volume or the network (ContainerCreating). Those in a crash loop
    are left out. Source: kube-state-metrics."""
    pods = _Pods(s, namespace, pod)
    waiting = pods.of_both("status_waiting_reason", f'reason!~"CrashLoopBackOff|{_PULLING}"')
    # Kubernetes takes turns between the two, and an alert on a reason that changes would start
    # anew each time.
    pulling = pods.of_both("status_waiting_reason", f'reason=~"{_PULLING}"')
    images = _named(f"max by ({_CONTAINER}) ({pulling})", "reason", "ImagePullBackOff")
    return on_selected_nodes(s, f"(max by ({_CONTAINER}, reason) ({waiting}) or {images})")
