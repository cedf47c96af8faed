"""Alerts on kubelets and on what keeps pods away from their nodes, from the kubelet and
kube-state-metrics; and what Prometheus records of kubelets for the graphs. docs/runbooks/ has a
page for each alert.

Each condition is a query that a panel of dashboards/kubelet.py shows.
"""

from gk import alert, alert_group, recording_rule
from gk.library import kube_nodes, kubelet

DAY = 24 * 60 * 60
FULL = 0.95
PLEG_SLOW = 10
START_SLOW = 60
EXPIRES = 7 * DAY
EXPIRES_SOON = DAY
CHANGES = 2

# A group of its own: recording rules run in Prometheus even where Grafana evaluates the alerts.
durations = alert_group(
    "kubelet-durations",
    [
        recording_rule(
            "job_node:kubelet_pleg_relist_duration:p99_rate5m", kubelet.pleg_relist_to_record
        ),
        recording_rule(
            "job_node:kubelet_pod_start_duration:p99_rate15m", kubelet.pod_start_to_record
        ),
    ],
)

kubelets = alert_group(
    "kubelet",
    [
        # Kubelets
        alert(
            "KubeletDown",
            kubelet.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No kubelet can be scraped",
            description="For 15 minutes Prometheus has had no answer from any kubelet: 0 are up. "
            "Either all nodes are down, or Prometheus no longer finds or reaches them.",
        ),
        alert(
            "KubeletTooManyPods",
            kubelet.pods_of_capacity > FULL,
            for_="15m",
            severity="info",
            summary="{{ $node }} runs {{ $value | humanizePercentage }} of the pods it can take",
            description="{{ $node }} runs {{ $value | humanizePercentage }} of the pods that it "
            "takes at most, and it has been more than 95% for 15 minutes. At 100% no pod fits "
            "there, however idle the node is.",
        ),
        alert(
            "KubeletPlegDurationHigh",
            kubelet.pleg_relist >= PLEG_SLOW,
            for_="5m",
            severity="warning",
            summary="The PLEG relist of {{ $node }} takes {{ $value | humanizeDuration }}",
            description="The kubelet of {{ $node }} needs {{ $value | humanizeDuration }} at p99 "
            "to ask the container runtime for the state of all containers (PLEG), and has needed "
            "10 seconds or more for the last 5 minutes. It is late with everything, "
            "and after 3 minutes without an answer the node is NotReady.",
        ),
        alert(
            "KubeletPodStartUpLatencyHigh",
            kubelet.pod_start > START_SLOW,
            for_="15m",
            severity="warning",
            summary="Pods on {{ $node }} take {{ $value | humanizeDuration }} to start",
            description="On {{ $node }} it takes {{ $value | humanizeDuration }} at p99 "
            "until the containers of a new pod run, without the time to pull images, "
            "and has taken more than 60 seconds for the last 15 minutes.",
        ),
        alert(
            "KubeletClientCertificateExpiration",
            kubelet.client_certificate_left < EXPIRES,
            severity="warning",
            summary="The client certificate of the kubelet of {{ $node }} expires in "
            "{{ $value | humanizeDuration }}",
            description="The kubelet of {{ $node }} authenticates to the API servers with a "
            "certificate that expires in {{ $value | humanizeDuration }}; it should have been "
            "renewed 7 days before. After that the node is NotReady.",
        ),
        alert(
            "KubeletClientCertificateExpiration",
            kubelet.client_certificate_left < EXPIRES_SOON,
            severity="critical",
            summary="The client certificate of the kubelet of {{ $node }} expires in "
            "{{ $value | humanizeDuration }}",
            description="The kubelet of {{ $node }} authenticates to the API servers with a "
            "certificate that expires in {{ $value | humanizeDuration }}, which is less than 1 "
            "day. After that the node is NotReady.",
        ),
        alert(
            "KubeletServerCertificateExpiration",
            kubelet.server_certificate_left < EXPIRES,
            severity="warning",
            summary="The server certificate of the kubelet of {{ $node }} expires in "
            "{{ $value | humanizeDuration }}",
            description="The kubelet of {{ $node }} serves with a certificate that expires in "
            "{{ $value | humanizeDuration }}; it should have been renewed 7 days before. After "
            "that logs, exec and metrics of its pods fail.",
        ),
        alert(
            "KubeletServerCertificateExpiration",
            kubelet.server_certificate_left < EXPIRES_SOON,
            severity="critical",
            summary="The server certificate of the kubelet of {{ $node }} expires in "
            "{{ $value | humanizeDuration }}",
            description="The kubelet of {{ $node }} serves with a certificate that expires in "
            "{{ $value | humanizeDuration }}, which is less than 1 day. After that logs, exec and "
            "metrics of its pods fail.",
        ),
        alert(
            "KubeletClientCertificateRenewalErrors",
            kubelet.client_renewal_errors > 0,
            for_="15m",
            severity="warning",
            summary="The kubelet of {{ $node }} cannot renew its client certificate",
            description="The kubelet of {{ $node }} failed to renew its client certificate "
            '{{ $value | printf "%.0f" }} times within 5 minutes, and has failed for the last '
            "15 minutes. When the certificate expires the node is NotReady.",
        ),
        alert(
            "KubeletServerCertificateRenewalErrors",
            kubelet.server_renewal_errors > 0,
            for_="15m",
            severity="warning",
            summary="The kubelet of {{ $node }} cannot renew its server certificate",
            description="The kubelet of {{ $node }} failed to renew its server certificate "
            '{{ $value | printf "%.0f" }} times within 5 minutes, and has failed for the last '
            "15 minutes. When the certificate expires, logs, exec and metrics of its pods fail.",
        ),
        # Nodes
        alert(
            "KubeNodeUnreachable",
            kube_nodes.node_unreachable > 0,
            for_="15m",
            severity="warning",
            summary="The control plane has lost {{ $node }}",
            description="For 15 minutes the kubelet of {{ $node }} has reported nothing "
            "to the control plane. Its pods are started on other nodes, except for those that "
            "are bound to it.",
        ),
        alert(
            "KubeNodePressure",
            kube_nodes.node_pressure > 0,
            for_="10m",
            severity="info",
            summary="{{ $node }} reports {{ $labels.condition }}",
            description="For 10 minutes the kubelet of {{ $node }} has reported "
            "{{ $labels.condition }}. The node takes no new pods, and evicts some that run there.",
        ),
        alert(
            "KubeNodeReadinessFlapping",
            kube_nodes.node_readiness_changes > CHANGES,
            for_="15m",
            severity="warning",
            summary='{{ $node }} switched between Ready and NotReady {{ $value | printf "%.0f" }} '
            "times",
            description="{{ $node }} switched between Ready and NotReady "
            '{{ $value | printf "%.0f" }} times within 15 minutes, and it has been more than '
            "twice for 15 minutes. Its pods get traffic and lose it each time.",
        ),
        alert(
            "KubeNodeEviction",
            kubelet.evictions > 0,
            severity="info",
            summary='{{ $node }} evicted {{ $value | printf "%.0f" }} pods',
            description="The kubelet of {{ $node }} evicted "
            '{{ $value | printf "%.0f" }} pods within the last hour, because the node ran short '
            "of memory, disk space, inodes or process ids.",
        ),
        # Versions
        alert(
            "KubeVersionMismatch",
            kubelet.version_count > 1,
            for_="15m",
            severity="warning",
            summary='The cluster runs {{ $value | printf "%.0f" }} minor versions of Kubernetes',
            description='Kubelets and API servers have run {{ $value | printf "%.0f" }} different '
            "minor versions of Kubernetes for 15 minutes. That is normal only during an upgrade.",
        ),
    ],
)
