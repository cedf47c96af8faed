"""The rows of node-detail on hardware and systemd."""

from dashboards.node_detail_parts import WITHOUT_NODE, graph, limited
from gk import Row, column, table, target
from gk.library import node
from gk.library import node_detail as detail

hardware = [
    Row(
        "Hardware: temperatures, fans, power",
        [
            limited(
                "Temperatures",
                detail.temperature,
                target(
                    detail.temperature(field="max_celsius"),
                    legend="{{chip_name}} {{sensor}} high limit",
                ),
                target(
                    detail.temperature(field="crit_celsius"),
                    legend="{{chip_name}} {{sensor}} critical limit",
                ),
                target(
                    detail.temperature(field="crit_hyst_celsius"),
                    legend="{{chip_name}} {{sensor}} cooled limit",
                ),
                description="What a sensor measures, and from where on its chip calls it high "
                "or critical; a critical one stays so until it is below the last limit. "
                "Chips have some of these. Source: hwmon collector, which needs sensors that Linux "
                "knows; virtual machines have none.",
                legend_placement="right",
                width=12,
            ),
            graph(
                "Fans",
                detail.fan_speed,
                target(detail.fan_speed(field="min_rpm"), legend="{{chip_name}} {{sensor}} least"),
                width=12,
            ),
            graph(
                "Cooling and heat alarms",
                detail.cooling,
                target(detail.temperature_alarm, legend="{{chip_name}} {{sensor}} too hot"),
                description="How hard cooling devices work: a processor above 0 is throttled "
                "because it is hot. An alarm is at 100% while its chip says that a sensor is "
                "beyond its critical temperature. Source: thermal_zone and hwmon collectors, which "
                "need cooling devices or sensors that Linux knows.",
                unit="percentunit",
                max=1,
                width=12,
            ),
            graph(
                "Power supplies deliver",
                detail.power_online,
                unit="bool_yes_no",
                max=1,
                width=12,
            ),
        ],
        collapsed=True,
    ),
    Row(
        "systemd (needs --collector.systemd)",
        [
            graph("Units by state", detail.systemd_units),
            graph("Open connections of sockets", detail.systemd_connections.top(10)),
            graph(
                "New connections of sockets",
                target(detail.systemd_connection_rate.top(10), legend="{{name}} accepted"),
                target(
                    detail.systemd_connection_rate(field="refused").top(10),
                    legend="{{name}} refused",
                ),
            ),
            table(
                "Failed and restarted units",
                column("Unit", label="name"),
                column("Failed", node.systemd_failed, mappings={1: ("Failed", "red")}),
                column("Restarts in 5 min", node.systemd_restarts, decimals=0),
                description="Units of systemd that have failed, and services that systemd "
                "restarted within the last 5 minutes. Needs --collector.systemd, and "
                "--collector.systemd.enable-restarts-metrics for the restarts; without, and "
                "where all is well, it is empty. Source: systemd collector.",
                overrides=[WITHOUT_NODE],
                sort_by="Restarts in 5 min",
                width=24,
                height=6,
            ),
        ],
        collapsed=True,
    ),
]
