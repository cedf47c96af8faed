"""Probes of the blackbox exporter: what is probed, does it answer, how fast, and when do its
certificates expire."""

from functools import partial

from alerts.blackbox import EXPIRES, EXPIRES_SOON, SLOW
from dashboards.monitoring_parts import (
    ANY_IS_BAD,
    NEUTRAL,
    STATE,
    TO_KUBERNETES,
    hidden,
    lines,
    without,
)
from dashboards.no_data import NO_DATA
from gk import (
    Dashboard,
    Row,
    alert_list,
    annotation,
    column,
    link,
    stat,
    state_timeline,
    table,
    timeseries,
)
from gk.define.fields import Mappings, Thresholds
from gk.library import blackbox

PROBED: Mappings = {1: ("OK", "green"), 0: ("Failed", "red")}
EXPIRY: Thresholds = {None: "red", EXPIRES_SOON: "orange", EXPIRES: "green"}
AVAILABLE: Thresholds = {None: "red", 0.99: "orange", 0.999: "green"}
RANGE = "$__range"
TARGET_LINK = [
    link(
        "Show this target only",
        "/d/blackbox?var-node=${__data.fields.Target}&${job:queryparam}&${datasource:queryparam}"
        "&${__url_time_range}",
    )
]

tile = partial(stat, mappings=NO_DATA)

dashboard = Dashboard(
    "Probes",
    uid="blackbox",
    folder="Kubernetes",
    description="What the blackbox exporter probes: success, duration by phase, status codes, "
    "TLS certificates, DNS.",
    tags=["kubernetes", "blackbox"],
    exporter=blackbox,
    refresh="1m",
    links=[TO_KUBERNETES],
    annotations=[
        annotation(
            "Firing alerts",
            blackbox.firing_alerts,
            title="{{alertname}}",
            text="{{$node}}",
            tags=["severity"],
            color="red",
            enabled=False,
        )
    ],
    panels=[
        tile("Failing", blackbox.failed_count, thresholds=ANY_IS_BAD),
        tile("Targets", blackbox.count, thresholds=NEUTRAL),
        tile(
            "Not probed",
            blackbox.unscraped_count,
            thresholds=ANY_IS_BAD,
        ),
        tile(
            "Availability",
            blackbox.mean_availability(window=RANGE),
            thresholds=AVAILABLE,
            decimals=2,
            max=1,
        ),
        tile(
            "Slowest probe",
            blackbox.slowest,
            thresholds={None: "green", SLOW: "orange"},
            decimals=2,
        ),
        tile("Next expiry", blackbox.first_certificate_days, thresholds=EXPIRY, decimals=0),
        table(
            "Targets and their state",
            column("Target", label="{{$node}}", links=TARGET_LINK),
            column("Job", label="job", width=140),
            column("State", blackbox.success, cell="color-text", mappings=PROBED, width=95),
            column("Exporter", blackbox.scraped, cell="color-text", mappings=STATE, width=95),
            column(
                "Availability",
                blackbox.availability(window=RANGE),
                decimals=2,
                width=105,
                thresholds=AVAILABLE,
            ),
            column("Duration", blackbox.duration, cell="color-text", decimals=2, width=95),
            column("Status", blackbox.status_code, decimals=0, width=85),
            column(
                "Certificate", blackbox.certificate_days, cell="color-text", decimals=0, width=100
            ),
            column("HTTP", blackbox.http_version, decimals=1, width=80),
            column("DNS", blackbox.dns_lookup, decimals=1, width=85),
            column("Redirects", blackbox.redirects, decimals=0, width=105),
            description="Each target: result of the last probe, whether the exporter answered at "
            "all, share of probes that succeeded in the time range, mean duration, status code "
            "and version of HTTP (0 without an answer), days until the first certificate expires, "
            "time to resolve the name. Source: blackbox exporter.",
            sort_by="State",
            sort_descending=False,
            filterable=True,
            width=24,
            height=9,
        ),
        state_timeline(
            "Failures over time, worst 20",
            blackbox.failed.top(20),
            mappings={0: ("OK", "green"), 1: ("Failed", "red")},
            show_value="never",
            legend="hidden",
            width=15,
            height=7,
        ),
        alert_list(
            "Firing alerts",
            label_filter=f"{{{blackbox.ALERTS}}}",
            description="Alerts on probes that fire, of Prometheus and of Grafana.",
            states=["firing"],
            width=9,
            height=7,
        ),
    ],
    rows=[
        Row(
            "Duration",
            [
                lines("Probe duration", blackbox.duration, width=12),
                timeseries(
                    "Phases of HTTP, mean",
                    blackbox.http_phases,
                    stack="normal",
                    fill=30,
                    min=0,
                    width=12,
                ),
                lines("Phases of ICMP and DNS", blackbox.other_phases, width=12),
                lines("DNS lookup", blackbox.dns_lookup, width=12),
            ],
        ),
        Row(
            "Answers, certificates, availability",
            [
                lines("Status codes", blackbox.status_code, decimals=0, width=12),
                lines("Days until certificates expire", blackbox.certificate_days, width=12),
                table(
                    "Versions of TLS",
                    column("Target", label="{{$node}}"),
                    column("Version", label="version", width=120),
                    column("Known", blackbox.tls_version),
                    description="The version of TLS that each target agreed to. Nothing without "
                    "TLS. Source: blackbox exporter.",
                    overrides=hidden("Known"),
                    transformations=without("job"),
                    sort_by="Version",
                    sort_descending=False,
                    width=12,
                ),
                lines("Size of answers", blackbox.content_length, width=12),
                lines(
                    "Failed by what the answer says",
                    blackbox.regex_failed,
                    decimals=0,
                    soft_max=1,
                    width=12,
                ),
                lines(
                    "Availability of the window",
                    blackbox.availability,
                    decimals=1,
                    max=1,
                    width=12,
                ),
            ],
        ),
    ],
)
