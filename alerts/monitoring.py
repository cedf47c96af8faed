"""Alerts on the monitoring itself: targets of all jobs, Prometheus, Alertmanager and Grafana.
docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/monitoring.py shows. Rates look back five
minutes unless an alert says otherwise.
"""

from gk import alert, alert_group
from gk.library import alertmanager, grafana, prometheus, targets

TARGETS_DOWN = 0.1
ERRORS_ANYWHERE = 0.01
ERRORS_EVERYWHERE = 0.03
NOTIFICATION_FAILURES = 0.01
REMOTE_FAILURES = 0.01
REMOTE_BEHIND = 120
QUERY_LOAD = 0.8
REQUESTS_FAILING = 0.5

_PERCENT = "{{ $value | humanizePercentage }}"
_COUNT = '{{ $value | printf "%.0f" }}'
_RATE = '{{ $value | printf "%.3g" }}'
_QUEUE = "the remote write {{ $labels.remote_name }} ({{ $labels.url }}) of Prometheus {{ $node }}"

scrapes = alert_group(
    "targets",
    [
        alert(
            "TargetDown",
            targets.down_share > TARGETS_DOWN,
            for_="10m",
            severity="warning",
            summary=f"{_PERCENT} of the targets of {{{{ $labels.job }}}} are down",
            description=f"{_PERCENT} of the targets of the job "
            "{{ $labels.job }}{{ if $labels.service }} (service "
            "{{ $labels.namespace }}/{{ $labels.service }}){{ end }} cannot be scraped, and it "
            "has been more than 10% for 10 minutes. No alert on their series can fire.",
        ),
        alert(
            "ConfigReloaderSidecarErrors",
            targets.reloader_ok < 1,
            for_="10m",
            severity="warning",
            summary="The sidecar of {{ $labels.namespace }}/{{ $labels.pod }} cannot reload "
            "its configuration",
            description="For 10 minutes the config-reloader {{ $labels.container }} of the pod "
            "{{ $labels.namespace }}/{{ $labels.pod }} has failed to load the configuration. The "
            "pod keeps the previous one; changes of rules and targets do not arrive.",
        ),
    ],
)

prometheus_server = alert_group(
    "prometheus",
    [
        alert(
            "PrometheusBadConfig",
            prometheus.config_ok < 1,
            for_="10m",
            severity="critical",
            summary="Prometheus {{ $node }} cannot load its configuration",
            description="For 10 minutes Prometheus {{ $node }} has not been able to load its "
            "configuration. It keeps the previous one, and would not start with this one.",
        ),
        alert(
            "PrometheusSDRefreshFailure",
            prometheus.discovery_failures > 0,
            for_="20m",
            severity="warning",
            window="10m",
            summary="Service discovery {{ $labels.mechanism }} of Prometheus {{ $node }} fails",
            description="Service discovery {{ $labels.mechanism }} of Prometheus {{ $node }} "
            f"failed to refresh its targets {_COUNT} times within 10 minutes, and has failed for "
            "20 minutes. New targets are not found.",
        ),
        alert(
            "PrometheusKubernetesListWatchFailures",
            prometheus.kubernetes_failures > 0,
            for_="15m",
            severity="warning",
            summary="Prometheus {{ $node }} cannot list or watch objects of Kubernetes",
            description=f"{_COUNT} requests of Prometheus {{{{ $node }}}} to the API server failed "
            "within 5 minutes, and some have failed for 15 minutes. New pods and services are not "
            "found.",
        ),
        alert(
            "PrometheusNotificationQueueRunningFull",
            prometheus.notification_queue_predicted > 1,
            for_="15m",
            severity="warning",
            summary="The alert queue of Prometheus {{ $node }} is filling up",
            description="At the rate of the last 5 minutes, the queue of alerts that Prometheus "
            f"{{{{ $node }}}} has to send will be {_PERCENT} full in 30 minutes. Alerts are lost "
            "once it is full.",
        ),
        alert(
            "PrometheusErrorSendingAlertsToSomeAlertmanagers",
            prometheus.notification_errors > ERRORS_ANYWHERE,
            for_="15m",
            severity="warning",
            summary=f"{_PERCENT} of the alerts do not reach {{{{ $labels.alertmanager }}}}",
            description=f"{_PERCENT} of the alerts that Prometheus {{{{ $node }}}} sends to "
            "{{ $labels.alertmanager }} do not arrive, and it has been more than 1% for 15 "
            "minutes. Other Alertmanagers of the cluster may have got them.",
        ),
        alert(
            "PrometheusErrorSendingAlertsToAnyAlertmanager",
            prometheus.notification_errors_everywhere > ERRORS_EVERYWHERE,
            for_="15m",
            severity="critical",
            summary=f"{_PERCENT} of the alerts of Prometheus {{{{ $node }}}} reach no Alertmanager",
            description=f"At least {_PERCENT} of the alerts that Prometheus {{{{ $node }}}} sends "
            "reach no Alertmanager, and it has been more than 3% for 15 minutes. These alerts are "
            "lost.",
        ),
        alert(
            "PrometheusNotConnectedToAlertmanagers",
            prometheus.alertmanagers <= 0,
            for_="10m",
            severity="warning",
            summary="Prometheus {{ $node }} knows no Alertmanager",
            description="For 10 minutes Prometheus {{ $node }} has had no Alertmanager to send "
            "alerts to. Nobody hears of its alerts.",
        ),
        alert(
            "PrometheusTSDBReloadsFailing",
            prometheus.storage_failures(kind="reloads") > 0,
            for_="4h",
            severity="warning",
            window="3h",
            summary="Prometheus {{ $node }} cannot reload its blocks",
            description=f"Prometheus {{{{ $node }}}} failed to reload its blocks {_COUNT} times "
            "within 3 hours, and has for 4 hours. Old data may be missing, and is not deleted.",
        ),
        alert(
            "PrometheusTSDBCompactionsFailing",
            prometheus.storage_failures() > 0,
            for_="4h",
            severity="warning",
            window="3h",
            summary="Prometheus {{ $node }} cannot compact its blocks",
            description=f"Compactions of Prometheus {{{{ $node }}}} failed {_COUNT} times within 3 "
            "hours, and have for 4 hours. Memory and the write-ahead log grow until they succeed.",
        ),
        alert(
            "PrometheusNotIngestingSamples",
            prometheus.samples_ingested <= 0,
            for_="10m",
            severity="warning",
            summary="Prometheus {{ $node }} stores no samples",
            description="For 10 minutes Prometheus {{ $node }} has stored no samples, though it "
            "has targets to scrape. No alert can fire.",
        ),
        alert(
            "PrometheusDuplicateTimestamps",
            prometheus.samples_rejected() > 0,
            for_="10m",
            severity="warning",
            summary="Prometheus {{ $node }} drops samples with duplicate timestamps",
            description=f"Prometheus {{{{ $node }}}} drops {_RATE} samples per second, and has "
            "dropped some for 10 minutes, because a target sends two values of a series for the "
            "same time.",
        ),
        alert(
            "PrometheusOutOfOrderTimestamps",
            prometheus.samples_rejected(reason="out of order") > 0,
            for_="10m",
            severity="warning",
            summary="Prometheus {{ $node }} drops samples that are out of order",
            description=f"Prometheus {{{{ $node }}}} drops {_RATE} samples per second, and has "
            "dropped some for 10 minutes, because they are older than the last of their series.",
        ),
        alert(
            "PrometheusRemoteStorageFailures",
            prometheus.remote_failures > REMOTE_FAILURES,
            for_="15m",
            severity="critical",
            summary=f"{_PERCENT} of the samples are lost on the way to "
            "{{ $labels.remote_name }}",
            description=f"{_PERCENT} of the samples of {_QUEUE} are refused for good, and it has "
            "been more than 1% for 15 minutes. They are missing there.",
        ),
        alert(
            "PrometheusRemoteWriteBehind",
            prometheus.remote_behind > REMOTE_BEHIND,
            for_="15m",
            severity="critical",
            summary="Remote write {{ $labels.remote_name }} is "
            "{{ $value | humanizeDuration }} behind",
            description=f"The newest sample that arrived by {_QUEUE} is "
            "{{ $value | humanizeDuration }} older than the newest that there is, and has been "
            "more than 2 minutes older for 15 minutes. Prometheus keeps about 2 hours to send "
            "again.",
        ),
        alert(
            "PrometheusRemoteWriteDesiredShards",
            prometheus.remote_shards_share > 1,
            for_="15m",
            severity="warning",
            summary="Remote write {{ $labels.remote_name }} needs more shards than it may use",
            description=f"For 15 minutes, {_QUEUE} has needed {_PERCENT} of the shards that "
            "max_shards allows. It falls behind.",
        ),
        alert(
            "PrometheusRuleFailures",
            prometheus.rule_failures > 0,
            for_="15m",
            severity="critical",
            summary="Rules of the group {{ $labels.group }} fail",
            description=f"{_COUNT} evaluations of rules of the group {{{{ $labels.group }}}} "
            "failed at Prometheus {{ $node }} within 5 minutes, and some have failed for 15 "
            "minutes. Their alerts cannot fire.",
        ),
        alert(
            "PrometheusMissingRuleEvaluations",
            prometheus.rule_evaluations_missed > 0,
            for_="15m",
            severity="warning",
            summary="The rule group {{ $labels.group }} takes longer than its interval",
            description=f"{_COUNT} evaluations of the rule group {{{{ $labels.group }}}} of "
            "Prometheus {{ $node }} were skipped within 5 minutes, and some have been for 15 "
            "minutes, because the previous one was not done. Its alerts come late.",
        ),
        alert(
            "PrometheusTargetLimitHit",
            prometheus.limit_hits(limit="target") > 0,
            for_="15m",
            severity="warning",
            summary="A job of Prometheus {{ $node }} has more targets than its limit",
            description=f"{_COUNT} times within 5 minutes, and for 15 minutes, a job of "
            "Prometheus {{ $node }} had more targets than its target_limit. None of its targets "
            "is scraped.",
        ),
        alert(
            "PrometheusLabelLimitHit",
            prometheus.limit_hits(limit="label") > 0,
            for_="15m",
            severity="warning",
            summary="Targets of Prometheus {{ $node }} send more labels than their limit",
            description=f"{_COUNT} times within 5 minutes, and for 15 minutes, a target of "
            "Prometheus {{ $node }} exceeded label_limit, label_name_length_limit or "
            "label_value_length_limit. Nothing of such a scrape is stored.",
        ),
        alert(
            "PrometheusScrapeBodySizeLimitHit",
            prometheus.limit_hits(limit="body size") > 0,
            for_="15m",
            severity="warning",
            summary="Targets of Prometheus {{ $node }} answer with more bytes than their limit",
            description=f"{_COUNT} scrapes of Prometheus {{{{ $node }}}} failed within 5 minutes, "
            "and some for 15 minutes, because the answer exceeded body_size_limit.",
        ),
        alert(
            "PrometheusScrapeSampleLimitHit",
            prometheus.limit_hits() > 0,
            for_="15m",
            severity="warning",
            summary="Targets of Prometheus {{ $node }} send more samples than their limit",
            description=f"{_COUNT} scrapes of Prometheus {{{{ $node }}}} failed within 5 minutes, "
            "and some for 15 minutes, because the target sent more samples than sample_limit.",
        ),
        alert(
            "PrometheusTargetSyncFailure",
            prometheus.sync_failures > 0,
            for_="5m",
            severity="critical",
            window="30m",
            summary="Targets of the job {{ $labels.scrape_job }} are invalid",
            description=f"{_COUNT} targets of the job {{{{ $labels.scrape_job }}}} of Prometheus "
            "{{ $node }} were invalid within 30 minutes, after discovery and relabelling. They "
            "are not scraped.",
        ),
        alert(
            "PrometheusHighQueryLoad",
            prometheus.query_load > QUERY_LOAD,
            for_="15m",
            severity="warning",
            summary=f"Prometheus {{{{ $node }}}} runs {_PERCENT} of its maximum of concurrent "
            "queries",
            description=f"Prometheus {{{{ $node }}}} runs {_PERCENT} of the queries that it can "
            "run at once, and it has been more than 80% for 15 minutes. Dashboards and rules wait.",
        ),
    ],
)

alertmanagers = alert_group(
    "alertmanager",
    [
        alert(
            "AlertmanagerFailedReload",
            alertmanager.config_ok < 1,
            for_="10m",
            severity="critical",
            summary="Alertmanager {{ $node }} cannot load its configuration",
            description="For 10 minutes Alertmanager {{ $node }} has not been able to load its "
            "configuration. It keeps the previous one, and would not start with this one.",
        ),
        alert(
            "AlertmanagerMembersInconsistent",
            alertmanager.members_missing > 0,
            for_="15m",
            severity="critical",
            summary=f"Alertmanager {{{{ $node }}}} does not see {_COUNT} members of its cluster",
            description=f"For 15 minutes Alertmanager {{{{ $node }}}} has not seen {_COUNT} "
            "members of its cluster. Notifications may come twice, and silences may not apply "
            "everywhere.",
        ),
        alert(
            "AlertmanagerFailedToSendAlerts",
            alertmanager.notification_failures > NOTIFICATION_FAILURES,
            for_="5m",
            severity="warning",
            summary=f"{_PERCENT} of the {{{{ $labels.integration }}}} notifications of "
            "{{ $node }} fail",
            description=f"{_PERCENT} of the {{{{ $labels.integration }}}} notifications that "
            "Alertmanager {{ $node }} sends fail, and it has been more than 1% for 5 minutes. "
            "Other members of the cluster may have sent them.",
        ),
        alert(
            "AlertmanagerClusterFailedToSendAlerts",
            alertmanager.notification_failures_everywhere > NOTIFICATION_FAILURES,
            for_="5m",
            severity="critical",
            summary=f"{_PERCENT} of the {{{{ $labels.integration }}}} notifications fail",
            description=f"At least {_PERCENT} of the {{{{ $labels.integration }}}} notifications "
            "fail at every member of {{ $labels.job }} that sends any, and it has been more than "
            "1% for 5 minutes. Nobody gets them.",
        ),
        alert(
            "AlertmanagerConfigInconsistent",
            alertmanager.configurations >= 2,
            for_="20m",
            severity="critical",
            summary=f"The members of {{{{ $labels.job }}}} have {_COUNT} configurations",
            description=f"For 20 minutes the Alertmanagers of {{{{ $labels.job }}}} have had "
            f"{_COUNT} different configurations. Who is notified depends on the member.",
        ),
        alert(
            "AlertmanagerClusterDown",
            alertmanager.down_share >= 0.5,
            for_="5m",
            severity="critical",
            summary=f"{_PERCENT} of the members of {{{{ $labels.job }}}} are down",
            description=f"{_PERCENT} of the Alertmanagers of {{{{ $labels.job }}}} were down for "
            "more than half of the last 5 minutes. If the others go down, too, nobody is notified.",
        ),
        alert(
            "AlertmanagerClusterCrashlooping",
            alertmanager.crashlooping_share >= 0.5,
            for_="5m",
            severity="critical",
            window="10m",
            summary=f"{_PERCENT} of the members of {{{{ $labels.job }}}} keep restarting",
            description=f"{_PERCENT} of the Alertmanagers of {{{{ $labels.job }}}} started 5 times "
            "or more within 10 minutes. Notifications are late or lost.",
        ),
    ],
)

grafana_server = alert_group(
    "grafana",
    [
        alert(
            "GrafanaRequestsFailing",
            grafana.error_share > REQUESTS_FAILING,
            for_="5m",
            severity="warning",
            summary=f"{_PERCENT} of Grafana's requests for {{{{ $labels.handler }}}} fail",
            description=f"Grafana answers {_PERCENT} of the requests for "
            "{{ $labels.handler }} with a server error (5xx), and it has been more than 50% for 5 "
            "minutes. What data sources answer does not count.",
        ),
    ],
)
