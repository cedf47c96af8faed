"""Alerts on the state of pods and their containers, from kube-state-metrics. docs/runbooks/ has a
page for each.

Each condition is a query that a panel of dashboards/cadvisor.py shows.
"""

from gk import alert, alert_group
from gk.library import kube_pods

pods = alert_group(
    "pods",
    [
        alert(
            "KubePodNotReady",
            kube_pods.pods_not_ready > 0,
            for_="15m",
            severity="warning",
            summary="{{ $labels.namespace }}/{{ $labels.pod }} is not ready"
            "{{ if $labels.reason }}: {{ $labels.reason }}{{ end }}",
            description="The pod {{ $labels.namespace }}/{{ $labels.pod }} should run, and has "
            "not been ready for 15 minutes. Its phase is {{ $labels.phase }}"
            "{{ if $labels.reason }}, the reason {{ $labels.reason }}"
            "{{ if $labels.container }} (container {{ $labels.container }}){{ end }}{{ end }}. "
            "It gets no requests, and others of its workload, if there are any, have to serve "
            "them.",
        ),
        alert(
            "KubePodCrashLooping",
            kube_pods.crash_looping > 0,
            for_="15m",
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} is in "
            "CrashLoopBackOff",
            description="The container {{ $labels.container }} of "
            "{{ $labels.namespace }}/{{ $labels.pod }} has kept exiting for 15 minutes, "
            "last with the reason {{ $labels.reason }}. It has restarted "
            '{{ $value | printf "%.0f" }} times since its pod was created, and Kubernetes waits '
            "up to 5 minutes before each start.",
        ),
        alert(
            "KubeContainerWaiting",
            kube_pods.containers_waiting > 0,
            for_="1h",
            severity="warning",
            summary="{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} waits: "
            "{{ $labels.reason }}",
            description="The container {{ $labels.container }} of "
            "{{ $labels.namespace }}/{{ $labels.pod }} has waited to be started for 1 hour. The "
            "reason is {{ $labels.reason }}.",
        ),
    ],
)
