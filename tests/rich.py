"""A project that has every kind of definition, with what is hard to write in each, for the tests of
what gk builds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gk.compile import compile
from gk.errors import Source
from gk.project import Definition, Project, load
from gk.provisioning import Tree, tree, write
from gk.settings import Settings
from tests.conftest import ProjectFolder

NOWHERE = Path("/nonexistent")

RICH = {
    "datasources/all.py": """
        from gk import Datasource, secret, secret_file, secret_key

        prometheus = Datasource.prometheus(
            "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
        )
        loki = Datasource.loki(
            "Logs in $region", uid="Loki_1", url="http://loki:3100",
            json_data={
                "derivedFields": [{"name": "trace", "url": "${__value.raw}"}], "maxLines": 10,
            },
            secure_json_data={"httpHeaderValue1": secret("LOKI_TENANT")},
        )
        postgres = Datasource.postgres(
            "Orders", uid="orders", url="db:5432", database="orders", user="gra$fana", version=1500,
            password=secret_key("orders-db", "password"),
        )
        mysql = Datasource.mysql(
            "Old", uid="old", url="old:3306", password=secret_file("/etc/secrets/mysql"),
        )
        """,
    "dashboards/all.py": """
        from datasources.all import loki
        from gk import Dashboard, custom_variable, logs, stat, timeseries
        from gk.library import node

        nodes = Dashboard("Node", uid="node", exporter=node, folder="Kubernetes", panels=[
            timeseries("CPU busy", node.cpu_busy),
        ])
        upper = Dashboard("Other node", uid="Other-Node", folder="Kubernetes", panels=[
            stat("Up", "sum(up)"),
        ])
        underscore = Dashboard("Underscore", uid="no_de", folder="Team $A", panels=[
            stat("Up", "sum(up)"),
        ])
        units = custom_variable("unit", ["USD", "EUR"])
        general = Dashboard("Rockets \\N{ROCKET}", uid="rockets", variables=[units], panels=[
            timeseries(
                "Cost in $", 'rate(cost_dollars_total{unit=~"$$|${unit}"}[$__rate_interval])',
            ),
            logs("Logs", '{app="x"} |= "$"', datasource=loki),
        ])
        """,
    "alerts/all.py": """
        from gk import (
            alert, alert_group, contact_point, message_template, mute_timing, notification_policy,
            receiver, recording_rule, secret, secret_key,
        )
        from gk.library import node

        nodes = alert_group("node", [
            alert(
                "NodeCPUHigh", node.cpu_busy > 0.9, for_="15m", keep_firing_for="5m",
                severity="critical", labels={"cost": "$5"},
                summary="{{ $labels.instance }} is at {{ $value }} $",
            ),
            recording_rule("node:cpu_busy:ratio", node.cpu_busy),
        ], interval="30s")
        paused = alert_group("Paused rules", [
            alert(
                "Absent", 'absent(up{job="$"})', no_data="Alerting", exec_err="OK", paused=True,
                uid="absent",
            ),
        ], folder="Alerts $2")
        team = contact_point(
            "team $A",
            receiver("slack", {
                "url": secret("SLACK_URL"), "title": "$x {{ .Status }}", "text": "$b",
            }),
            receiver("webhook", {"url": secret_key("hooks", "url")}, disable_resolve_message=True),
        )
        nights = mute_timing("nights $", {"times": [{"start_time": "22:00", "end_time": "24:00"}]})
        subject = message_template(
            "subject", '{{ define "subject" }}{{ $x := 1 }}$$ {{ $x }}\\n{{ end }}',
        )
        root = notification_policy(team, group_by=["alertname"], routes=[
            notification_policy(
                team, matchers=['team="$A"'], mute_timings=[nights], group_wait="30s",
                continue_=True,
            ),
        ])
        """,
}


def built(project: ProjectFolder, output: str = "provisioning", **options: Any) -> Tree:
    """Build a project into its folder, as `gk build` does."""
    loaded = load(project.root)
    files = tree(compile(loaded), loaded.settings, project.root / output, **options)
    write(files.files, project.root / output)
    return files


def files_of(*definitions: Any, settings: Settings | None = None) -> Mapping[str, bytes]:
    """What is built of definitions, without a project's folder."""
    numbered = [
        Definition(definition, Source(f"{index}.py"))
        for index, definition in enumerate(definitions)
    ]
    project = Project(NOWHERE, settings or Settings(), numbered)
    return tree(compile(project), project.settings, NOWHERE).files


def parsed(text: bytes | str) -> Any:
    """The value of a YAML text."""
    return yaml.safe_load(text)
