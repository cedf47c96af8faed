"""Alerts on the control plane beside the API servers: etcd, scheduler, controller manager, CoreDNS,
kube-proxy. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/control_plane.py shows. A component that
Prometheus never scraped, as on a managed control plane, has no data, so nothing fires; one that it
scraped and that vanished counts as down for a day.
"""

from gk import alert, alert_group
from gk.library import controller_manager, coredns, etcd, kube_proxy, scheduler

NEAR_QUOTA = 0.95
FRAGMENTED = 0.5
WORTH_DEFRAGMENTING = 100 * 1024**2
CHANGES = 4
FAILED_PROPOSALS = 5
FSYNC_SLOW = 0.5
FSYNC_TOO_SLOW = 1
COMMIT_SLOW = 0.25
PEER_SLOW = 0.15
CLIENT_ERRORS = 0.01
DNS_ERRORS = 0.01
DNS_MANY_ERRORS = 0.03
DNS_SLOW = 4

etcd_members = alert_group(
    "etcd",
    [
        alert(
            "etcdMembersDown",
            etcd.down_count > 0,
            for_="10m",
            severity="critical",
            summary='{{ $value | printf "%.0f" }} etcd members are down',
            description='For 10 minutes {{ $value | printf "%.0f" }} of the etcd members '
            "that Prometheus knows have not answered it. "
            "Without a majority the cluster takes no writes.",
        ),
        alert(
            "etcdInsufficientMembers",
            etcd.spare_members < 0,
            for_="3m",
            severity="critical",
            summary="etcd has no majority of its members",
            description="For 3 minutes less than a majority of the etcd members has answered "
            "Prometheus. The cluster takes no writes: nothing in Kubernetes changes any more.",
        ),
        alert(
            "etcdNoLeader",
            etcd.has_leader < 1,
            for_="1m",
            severity="critical",
            summary="etcd member {{ $node }} has no leader",
            description="The etcd member {{ $node }} has had no leader for 1 minute. "
            "It takes no writes meanwhile.",
        ),
        alert(
            "etcdHighNumberOfLeaderChanges",
            etcd.leader_changes >= CHANGES,
            for_="5m",
            severity="warning",
            summary='etcd elected {{ $value | printf "%.0f" }} leaders within 15 minutes',
            description='The etcd members elected {{ $value | printf "%.0f" }} leaders within '
            "15 minutes; fewer than 4 are tolerated. Each election stops all writes for a moment. "
            "A slow disk or a bad network between the members is the usual cause.",
        ),
        alert(
            "etcdHighNumberOfFailedProposals",
            etcd.proposals_failed > FAILED_PROPOSALS,
            for_="15m",
            severity="warning",
            window="15m",
            summary='{{ $value | printf "%.1f" }} proposals a second fail on etcd member '
            "{{ $node }}",
            description='On the etcd member {{ $node }} {{ $value | printf "%.1f" }} proposals '
            "(writes) a second fail, and more than 5 have for 15 minutes: it has no leader, or "
            "the cluster has no majority.",
        ),
        alert(
            "etcdMemberCommunicationSlow",
            etcd.peer_round_trip > PEER_SLOW,
            for_="10m",
            severity="warning",
            summary="etcd member {{ $node }} needs {{ $value | humanizeDuration }} to reach "
            "{{ $labels.To }}",
            description="A message from the etcd member {{ $node }} to {{ $labels.To }} and back "
            "takes {{ $value | humanizeDuration }} at p99, and has taken more than 150 ms "
            "for the last 10 minutes. Every write waits for that.",
        ),
        alert(
            "etcdHighFsyncDurations",
            etcd.fsync > FSYNC_SLOW,
            for_="10m",
            severity="warning",
            summary="The disk of etcd member {{ $node }} takes {{ $value | humanizeDuration }} "
            "to fsync",
            description="The etcd member {{ $node }} needs {{ $value | humanizeDuration }} at p99 "
            "to write its log to the disk, and has needed more than 0.5 s for the last 10 minutes; "
            "10 ms is what etcd needs. Elections follow.",
        ),
        alert(
            "etcdHighFsyncDurations",
            etcd.fsync > FSYNC_TOO_SLOW,
            for_="10m",
            severity="critical",
            summary="The disk of etcd member {{ $node }} takes {{ $value | humanizeDuration }} "
            "to fsync",
            description="The etcd member {{ $node }} needs {{ $value | humanizeDuration }} at p99 "
            "to write its log to the disk, and has needed more than 1 s for the last 10 minutes; "
            "10 ms is what etcd needs. It loses its leader again and again.",
        ),
        alert(
            "etcdHighCommitDurations",
            etcd.commit > COMMIT_SLOW,
            for_="10m",
            severity="warning",
            summary="The disk of etcd member {{ $node }} takes {{ $value | humanizeDuration }} "
            "to commit",
            description="The etcd member {{ $node }} needs {{ $value | humanizeDuration }} at p99 "
            "to write changes to its database file, and has needed more than 0.25 s for the last "
            "10 minutes; 25 ms is what etcd needs.",
        ),
        alert(
            "etcdDatabaseQuotaLowSpace",
            etcd.database_of_quota > NEAR_QUOTA,
            for_="10m",
            severity="critical",
            summary="The database of etcd member {{ $node }} is at "
            "{{ $value | humanizePercentage }} of its quota",
            description="The database file of the etcd member {{ $node }} is at "
            "{{ $value | humanizePercentage }} of its quota, and has been above 95% for the last "
            "10 minutes. At 100% etcd takes no more writes.",
        ),
        alert(
            "etcdExcessiveDatabaseGrowth",
            etcd.database_ahead > 1,
            for_="10m",
            severity="warning",
            summary="The database of etcd member {{ $node }} reaches its quota within 4 hours",
            description="If it goes on growing as in the last 4 hours, the database file of "
            "the etcd member {{ $node }} will be at {{ $value | humanizePercentage }} of its quota "
            "in 4 hours. At 100% etcd takes no more writes.",
        ),
        alert(
            "etcdDatabaseHighFragmentationRatio",
            (etcd.database_used_share < FRAGMENTED) & (etcd.database_in_use > WORTH_DEFRAGMENTING),
            for_="10m",
            severity="warning",
            summary="Only {{ $value | humanizePercentage }} of the database file of etcd member "
            "{{ $node }} is in use",
            description="Only {{ $value | humanizePercentage }} of the database file of the etcd "
            "member {{ $node }} is in use, and less than 50% has been for 10 minutes. A "
            "defragmentation gives the rest back.",
        ),
    ],
)

control_plane = alert_group(
    "control-plane",
    [
        alert(
            "KubeSchedulerDown",
            scheduler.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No scheduler can be scraped",
            description="For 15 minutes Prometheus has had no answer from any kube-scheduler "
            "that it knows: 0 are up. If it is down, new pods stay Pending.",
        ),
        alert(
            "KubeControllerManagerDown",
            controller_manager.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No controller manager can be scraped",
            description="For 15 minutes Prometheus has had no answer from any "
            "kube-controller-manager that it knows: 0 are up. If it is down, nothing replaces "
            "pods that die, and rollouts, Jobs and endpoints stop.",
        ),
        alert(
            "KubeClientErrors",
            controller_manager.client_error_share > CLIENT_ERRORS,
            for_="15m",
            severity="warning",
            summary="{{ $value | humanizePercentage }} of the API requests of "
            "{{ $labels.component }} {{ $labels.instance }} fail",
            description="{{ $value | humanizePercentage }} of the requests of "
            "{{ $labels.component }} {{ $labels.instance }} to the API servers fail "
            "(5xx or no answer), and it has been more than 1% for 15 minutes.",
        ),
        alert(
            "KubeProxyDown",
            kube_proxy.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No kube-proxy can be scraped",
            description="For 15 minutes Prometheus has had no answer from any kube-proxy "
            "that it knows: 0 are up. If they are down, services keep the endpoints "
            "that they had.",
        ),
        alert(
            "CoreDNSDown",
            coredns.up_count < 1,
            for_="15m",
            severity="critical",
            summary="No CoreDNS can be scraped",
            description="For 15 minutes Prometheus has had no answer from any CoreDNS "
            "that it knows: 0 are up. If they are down, no name resolves in the cluster.",
        ),
        alert(
            "CoreDNSLatencyHigh",
            coredns.latency > DNS_SLOW,
            for_="10m",
            severity="critical",
            summary="CoreDNS takes {{ $value | humanizeDuration }} for names in {{ $labels.zone }}",
            description="CoreDNS ({{ $labels.server }}) needs {{ $value | humanizeDuration }} "
            "at p99 to answer requests for names in {{ $labels.zone }}, and has needed "
            "more than 4 seconds for the last 10 minutes. Clients give up after 5.",
        ),
        alert(
            "CoreDNSErrorsHigh",
            coredns.error_share > DNS_ERRORS,
            for_="10m",
            severity="warning",
            summary="CoreDNS answers {{ $value | humanizePercentage }} of requests with SERVFAIL",
            description="CoreDNS answers {{ $value | humanizePercentage }} of requests with "
            "SERVFAIL, and it has been more than 1% for 10 minutes. Those names did not resolve.",
        ),
        alert(
            "CoreDNSErrorsHigh",
            coredns.error_share > DNS_MANY_ERRORS,
            for_="10m",
            severity="critical",
            summary="CoreDNS answers {{ $value | humanizePercentage }} of requests with SERVFAIL",
            description="CoreDNS answers {{ $value | humanizePercentage }} of requests with "
            "SERVFAIL, and it has been more than 3% for 10 minutes. Those names did not resolve.",
        ),
        alert(
            "CoreDNSPanics",
            coredns.panics > 0,
            severity="warning",
            summary='CoreDNS {{ $node }} panicked {{ $value | printf "%.0f" }} times',
            description='CoreDNS {{ $node }} panicked {{ $value | printf "%.0f" }} times within '
            "10 minutes, while it handled requests. These requests got no answer.",
        ),
    ],
)
