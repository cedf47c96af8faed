"""The monitoring itself: is it alive, which targets are down, do notifications arrive.

Then targets, rules, notifications, Alertmanager, ingestion, storage, remote write, queries, Grafana
and processes.

It shows all servers: Prometheus, Alertmanager and Grafana have no node in common to choose.
"""

from functools import partial

from alerts.monitoring import (
    ERRORS_EVERYWHERE,
    NOTIFICATION_FAILURES,
)
from dashboards.monitoring_parts import (
    ANY_IS_A_WARNING,
    ANY_IS_BAD,
    LOADED,
    STATE,
    STEP,
    TO_KUBERNETES,
    failures,
    hidden,
    lines,
    narrow,
    narrow_failures,
    shaded,
    without,
)
from dashboards.no_data import BLANK, NO_DATA, NOTHING
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    stat,
    state_timeline,
    table,
    target,
    timeseries,
)
from gk.library import alertmanager, grafana, prometheus, targets

tile = partial(stat, mappings=NO_DATA)
SLOW = "5m"
"""Between two points of histograms: Grafana has a series for each bucket, handler and status."""

dashboard = Dashboard(
    "Monitoring",
    uid="monitoring",
    folder="Kubernetes",
    description="Prometheus, Alertmanager and Grafana: targets that are down, rules that fail, "
    "notifications that do not arrive, ingestion, storage and queries.",
    tags=["kubernetes", "monitoring"],
    exporter=prometheus,
    nodes="all",
    refresh="1m",
    links=[TO_KUBERNETES],
    annotations=[
        annotation(
            "Firing alerts",
            targets.firing_alerts,
            title="{{alertname}}",
            tags=["severity"],
            color="red",
            enabled=False,
        )
    ],
    panels=[
        tile("Targets down", targets.down_count, thresholds=ANY_IS_A_WARNING),
        tile(
            "Servers down", targets.program_down_count, key="Programs down", thresholds=ANY_IS_BAD
        ),
        tile("Config errors", targets.config_failed_count, thresholds=ANY_IS_BAD),
        tile(
            "Rule failures",
            prometheus.rule_failure_count,
            decimals=0,
            thresholds={None: "green", 0.5: "red"},
        ),
        tile(
            "Alerts lost",
            prometheus.notification_errors_worst,
            decimals=1,
            thresholds={None: "green", 0.0001: "orange", ERRORS_EVERYWHERE: "red"},
        ),
        tile(
            "Not notified",
            alertmanager.notification_failures_worst,
            decimals=1,
            thresholds={None: "green", 0.0001: "orange", NOTIFICATION_FAILURES: "red"},
        ),
        table(
            "Targets that are down",
            column("Job", label="job", width=145),
            column("Instance", label="instance"),
            column("Down for", targets.down_for, decimals=0, width=110),
            column("Scrape took", targets.down_scrape_duration, decimals=1, width=125),
            column("Namespace", label="namespace", width=115),
            column("Pod", label="pod"),
            column("Node", label="node", width=100),
            column("Path", label="metrics_path"),
            description="Each target that is down, and for how long: to three minutes, up to 6 "
            "hours. If the last scrape took as long as a scrape may take (10 s by default), the "
            "target did not answer in time; if it took next to nothing, the connection or the "
            "answer was refused. Prometheus, Status > Target health, has the message. "
            "Source: Prometheus's own series up.",
            no_value=NOTHING,
            overrides=[BLANK],
            sort_by="Down for",
            sort_descending=False,
            filterable=True,
            width=16,
            height=8,
        ),
        alert_list(
            "Firing alerts",
            label_filter=f"{{{targets.ALERTS}}}",
            description="Alerts on targets, Prometheus, Alertmanager and Grafana that fire, of "
            "Prometheus and of Grafana.",
            states=["firing"],
            width=8,
            height=8,
        ),
        table(
            "Programs",
            column("Program", label="program", width=115),
            column("Instance", label="instance", width=145),
            column("Pod", label="pod"),
            column("State", targets.program_up, cell="color-background", mappings=STATE, width=80),
            column(
                "Configuration",
                targets.program_config_ok,
                cell="color-text",
                mappings=LOADED,
                width=118,
            ),
            column("Up for", targets.program_uptime, decimals=1, width=100),
            column("CPU", targets.program_cpu, decimals=3, width=75),
            column("Memory", targets.program_memory, decimals=0, width=95),
            description="Each Prometheus, Alertmanager and Grafana that is scraped: whether it "
            "is up, whether its last configuration was loaded, since when it runs, cores and "
            "resident memory. Source: Prometheus's own series up, and each program.",
            transformations=without("namespace"),
            sort_by="State",
            sort_descending=False,
            width=17,
            height=7,
        ),
        table(
            "Versions",
            column("Program", label="program", width=110),
            column("Instance", label="instance"),
            column("Version", label="version", width=90),
            column("Builds", targets.program_version),
            description="The version of each Prometheus, Alertmanager and Grafana. Source: each "
            "program.",
            overrides=hidden("Builds"),
            transformations=without("namespace", "pod"),
            sort_by="Program",
            sort_descending=False,
            width=7,
            height=7,
        ),
    ],
    rows=[
        Row(
            "Targets",
            [
                table(
                    "Jobs",
                    column("Job", label="job"),
                    column("Namespace", label="namespace"),
                    column("Service", label="service"),
                    column("Targets", targets.count_by_job, width=95),
                    column("Down", targets.down_share, cell="color-text", decimals=0, width=90),
                    column("Slowest scrape", targets.scrape_duration, decimals=2, width=150),
                    column("Samples", targets.samples, decimals=1, width=95),
                    description="One row for each job and service: targets, share of them that "
                    "is down, the slowest of the last scrapes, and the samples that one scrape of "
                    "all brings. Source: Prometheus's own series of each scrape.",
                    sort_by="Down",
                    filterable=True,
                    height=9,
                ),
                lines(
                    "Targets down by job",
                    targets.down_by_job,
                    decimals=0,
                    soft_max=1,
                ),
                lines("Slowest scrapes by job", targets.scrape_duration),
                lines("Samples of a scrape by job", targets.samples),
                failures(
                    "Limits exceeded",
                    *(
                        target(prometheus.limit_hits(limit=limit), legend=f"{{{{$node}}}} {limit}")
                        for limit in ("sample", "body size", "target", "label")
                    ),
                    description="How often a limit of a scrape configuration was exceeded within "
                    "the window: sample and body size (the scrape fails), label (the scrape "
                    "fails), target (the job is not scraped). Source: Prometheus.",
                ),
                failures(
                    "Discovery failures",
                    prometheus.discovery_failures,
                    prometheus.kubernetes_failures,
                    description="Failed refreshes of a service discovery within the window, and "
                    "failed requests to Kubernetes. Prometheus goes on with the targets that it "
                    "knew. Only discoveries that are configured have series. Source: Prometheus.",
                ),
                failures("Invalid targets by job", prometheus.sync_failures),
            ],
        ),
        Row(
            "Rules",
            [
                table(
                    "Rule groups",
                    column("Group", label="group"),
                    column("Prometheus", label="instance", width=160),
                    column(
                        "Of interval",
                        prometheus.rule_group_share,
                        cell="bar",
                        decimals=0,
                        min=0,
                        max=1,
                        width=150,
                    ),
                    column("Took", prometheus.rule_group_duration, decimals=2, width=90),
                    column("Last run", prometheus.rule_group_age, decimals=0, width=90),
                    column("Rules", prometheus.rule_group_rules, width=75),
                    description="Rule groups by the share of their interval that the last "
                    "evaluation took; from 100% on, evaluations are missed. Last run is how long "
                    "ago it was. Source: Prometheus.",
                    transformations=without("namespace", "pod"),
                    sort_by="Of interval",
                    filterable=True,
                    height=9,
                ),
                failures("Rule failures by group", prometheus.rule_failures),
                failures("Missed evaluations", prometheus.rule_evaluations_missed),
                lines(
                    "Evaluation of interval by group",
                    prometheus.rule_group_share,
                    thresholds={1: "orange"},
                ),
                failures(
                    "Info alerts alone",
                    targets.info_alerts_alone,
                ),
            ],
        ),
        Row(
            "Notifications: Prometheus to Alertmanager",
            [
                narrow("Alerts sent", prometheus.notifications_sent, width=12),
                narrow(
                    "Alerts not arrived, by Alertmanager",
                    prometheus.notification_errors,
                    decimals=1,
                    max=1,
                    width=12,
                ),
                narrow(
                    "Alerts not arrived anywhere",
                    prometheus.notification_errors_everywhere,
                    decimals=1,
                    max=1,
                ),
                narrow(
                    "Queue of alerts",
                    prometheus.notification_queue,
                    prometheus.notification_queue_predicted,
                    description="Share of the queue of alerts to send in use, now and in 30 "
                    "minutes if it goes on growing as in the window, 0 to 1. Alerts are dropped "
                    "at 1. Source: Prometheus.",
                    decimals=1,
                    soft_max=1,
                ),
                narrow("Alerts dropped", prometheus.notifications_dropped, soft_max=1),
                lines("Alertmanagers known", prometheus.alertmanagers, decimals=0, soft_max=1),
                lines("Alerts received", alertmanager.alerts_received, alertmanager.alerts_invalid),
            ],
        ),
        Row(
            "Notifications: Alertmanager to receivers",
            [
                table(
                    "Integrations, last hour",
                    column("Integration", label="integration"),
                    column("Notifications", alertmanager.notifications, decimals=0, width=120),
                    column(
                        "Failed",
                        alertmanager.notifications_failed,
                        decimals=0,
                        width=90,
                        thresholds={0.5: "red"},
                    ),
                    column(
                        "Latency, mean", alertmanager.notification_latency, decimals=2, width=120
                    ),
                    description="Integrations (kinds of receivers) that were used since "
                    "Alertmanager started: notifications of the last hour, failed ones among "
                    "them, and the time that one takes. Source: Alertmanager.",
                    sort_by="Failed",
                    width=12,
                ),
                timeseries(
                    "Alerts by state",
                    alertmanager.alerts,
                    overrides=shaded(
                        {"active": "orange", "suppressed": "blue", "unprocessed": "purple"}
                    ),
                    fill=0,
                    min=0,
                    decimals=0,
                    width=6,
                ),
                timeseries(
                    "Silences",
                    alertmanager.silences,
                    fill=0,
                    min=0,
                    decimals=0,
                    soft_max=1,
                    width=6,
                ),
                lines(
                    "Notifications failed, by member",
                    alertmanager.notification_failures,
                    decimals=1,
                    max=1,
                ),
                lines(
                    "Notifications failed everywhere",
                    alertmanager.notification_failures_everywhere,
                    decimals=1,
                    max=1,
                ),
            ],
        ),
        Row(
            "Alertmanager cluster",
            [
                narrow(
                    "Members known and missing",
                    target(alertmanager.members, legend="{{$node}} knows"),
                    target(alertmanager.members_missing, legend="{{$node}} misses"),
                    description="Members of the cluster that each member knows, itself included, "
                    "and those that it does not know though Prometheus scrapes them. "
                    "Source: Alertmanager.",
                    decimals=0,
                ),
                narrow("Configurations", alertmanager.configurations, decimals=0, soft_max=2),
                narrow("Members down", alertmanager.down_share, decimals=0, max=1),
                narrow(
                    "Members that crash",
                    alertmanager.crashlooping_share,
                    decimals=0,
                    max=1,
                ),
                narrow_failures("Members not reached", alertmanager.failed_peers),
                narrow_failures("Messages queued", alertmanager.messages_queued),
            ],
        ),
        Row(
            "Ingestion",
            [
                lines("Samples stored", prometheus.samples_ingested),
                lines("Targets scraped", prometheus.scraped_targets, decimals=0),
                narrow("Series in memory", prometheus.series),
                narrow("New series", prometheus.series_created),
                narrow(
                    "Samples dropped",
                    *(
                        target(
                            prometheus.samples_rejected(reason=reason),
                            legend=f"{{{{$node}}}} {reason}",
                        )
                        for reason in ("duplicate timestamp", "out of order", "out of bounds")
                    ),
                    prometheus.samples_too_old,
                    description="Samples per second that were not stored: a second value for the "
                    "same time, older than the last one of the series, too old or in the future. "
                    "Source: Prometheus.",
                    soft_max=1,
                ),
            ],
        ),
        Row(
            "Storage",
            [
                lines(
                    "Size on disk",
                    prometheus.block_bytes,
                    prometheus.wal_bytes,
                    prometheus.retention_bytes,
                    description="Size of the blocks and of the write-ahead log (from 2.43 on) on "
                    "disk, and the limit of the blocks, if there is one. Source: Prometheus.",
                ),
                lines("History", prometheus.history),
                failures(
                    "Failed compactions and reloads",
                    target(prometheus.storage_failures(), legend="{{$node}} compactions"),
                    target(prometheus.storage_failures(kind="reloads"), legend="{{$node}} reloads"),
                    description="Compactions and reloads of blocks that failed within the window. "
                    "Source: Prometheus.",
                ),
                failures(
                    "Failures of head and WAL",
                    *(
                        target(
                            prometheus.storage_failures(kind=kind), legend=f"{{{{$node}}}} {kind}"
                        )
                        for kind in (
                            "head truncations",
                            "checkpoints",
                            "WAL corruptions",
                            "WAL writes",
                            "WAL truncations",
                        )
                    ),
                    description="Operations on the head block and the write-ahead log that failed "
                    "within the window; corruptions are found at a start. Source: Prometheus.",
                ),
            ],
        ),
        Row(
            "Remote write",
            [
                narrow("Remote write: samples sent", prometheus.remote_samples),
                narrow(
                    "Remote write: samples lost",
                    prometheus.remote_failures,
                    decimals=1,
                    max=1,
                ),
                narrow("Remote write: behind", prometheus.remote_behind, soft_max=60),
                narrow("Remote write: shards", prometheus.remote_shards, decimals=0),
                narrow(
                    "Remote write: shards needed",
                    prometheus.remote_shards_share,
                    decimals=0,
                    soft_max=1,
                ),
                narrow("Remote write: waiting", prometheus.remote_pending),
            ],
        ),
        Row(
            "Queries",
            [
                narrow("Query load", prometheus.query_load, decimals=0, soft_max=1),
                narrow("Query duration p99", prometheus.query_duration),
                narrow("HTTP requests", prometheus.http_requests),
            ],
        ),
        Row(
            "Grafana",
            [
                timeseries(
                    "Requests by status", grafana.requests, fill=0, min=0, width=8, interval=STEP
                ),
                narrow(
                    "Failed requests by handler",
                    grafana.error_share,
                    decimals=0,
                    max=1,
                ),
                timeseries(
                    "Request duration",
                    grafana.latency,
                    grafana.latency_mean,
                    description="Duration of HTTP requests: the mean, and what one in a hundred "
                    "exceeds (p99). Live connections do not count. Source: Grafana.",
                    fill=0,
                    min=0,
                    width=8,
                    interval=SLOW,
                ),
                narrow("Data source requests", grafana.datasource_requests),
                narrow(
                    "Data source errors",
                    grafana.datasource_errors,
                    decimals=1,
                    max=1,
                ),
                narrow("Data source latency p99", grafana.datasource_latency, interval=SLOW),
                timeseries(
                    "Rule evaluations of Grafana",
                    grafana.evaluations,
                    grafana.evaluation_failures,
                    overrides=shaded({"evaluations": "blue", "failed": "red"}),
                    description="Evaluations of Grafana's own alert rules per second, and those "
                    "of them that failed. Source: Grafana.",
                    fill=0,
                    min=0,
                    width=8,
                ),
                timeseries(
                    "Alerts of Grafana by state",
                    grafana.alerts,
                    overrides=shaded(
                        {
                            "alerting": "red",
                            "error": "orange",
                            "pending": "yellow",
                            "nodata": "blue",
                            "normal": "green",
                        }
                    ),
                    fill=0,
                    min=0,
                    decimals=0,
                    width=8,
                ),
                narrow("Scheduler behind", grafana.scheduler_behind, soft_max=1),
            ],
        ),
        Row(
            "Programs over time",
            [
                state_timeline(
                    "Configuration loads",
                    target(prometheus.config_ok, legend="Prometheus {{$node}}"),
                    target(alertmanager.config_ok, legend="Alertmanager {{$node}}"),
                    target(targets.reloader_ok, legend="{{container}} of {{pod}}"),
                    description="Whether the last load of the configuration succeeded: of each "
                    "Prometheus and Alertmanager, and of the sidecars that make them load it. "
                    "After a failure a program goes on with the configuration before. "
                    "Source: Prometheus, Alertmanager and the operator's config-reloader.",
                    mappings=LOADED,
                    show_value="never",
                    legend="hidden",
                ),
                state_timeline(
                    "Programs up",
                    targets.program_up,
                    mappings=STATE,
                    show_value="never",
                    legend="hidden",
                ),
                lines("CPU", targets.program_cpu, axis_label="cores"),
                lines("Memory", targets.program_memory),
                lines(
                    "File descriptors of Prometheus",
                    prometheus.file_descriptors,
                    decimals=1,
                    max=1,
                ),
                lines("Time since start", targets.program_uptime),
            ],
        ),
    ],
)
