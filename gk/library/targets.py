"""Snippets of what Prometheus notes of every scrape of every job, and of the programs of monitoring
side by side. https://prometheus.io/docs/concepts/jobs_instances/

Prometheus writes the series up, scrape_duration_seconds and scrape_samples_scraped for each target,
so no exporter is needed.
"""

from __future__ import annotations

from gk.library import alertmanager, grafana, prometheus
from gk.promql.snippet import Exporter, Scope, Snippet

__all__ = ["ALERTS", "exporter", "snippet"]

exporter = Exporter("targets", metric="up", target="Target")
snippet = exporter.snippet

ALERTS = 'alertname=~"TargetDown|Prometheus.+|Alertmanager.+|Grafana.+|ConfigReloaderSidecarErrors"'
"""Matches the alerts on the monitoring by name."""

_SERVICE = "job, namespace, service"
# Two paths of one server are two targets.
_TARGET = "job, instance, metrics_path, namespace, pod, node"


@snippet(unit="short", legend="{{alertname}}")
def firing_alerts(s: Scope) -> str:
    """The alerts on targets, Prometheus, Alertmanager and Grafana that fire, each as 1. Nothing
    while none fires, and nothing where Grafana evaluates the rules. Source: Prometheus's own series
    ALERTS."""
    return f"max by (alertname, severity) ({s.firing(ALERTS)})"


@snippet(unit="short", legend="{{namespace}}")
def info_alerts_alone(s: Scope) -> str:
    """Namespaces in which alerts of severity info fire and none of severity warning or critical,
    each with how many there are. Nothing where Grafana evaluates the rules. Source: Prometheus's
    own series ALERTS."""
    worse = s.firing('severity=~"warning|critical"')
    info = s.firing('severity="info"')
    return f"count by (namespace) ({info}) unless on (namespace) ({worse})"


# Targets


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """Targets that Prometheus could not scrape the last time, of all jobs. Source: Prometheus's own
    series up."""
    return f"count({s.select('up')} == 0) or 0 * count({s.select('up')})"


@snippet(unit="s", legend="{{job}} {{instance}}")
def down_for(s: Scope) -> str:
    """For how long each target that is down now has not been scraped, in seconds, to three minutes;
    6 hours means 6 hours or longer. For one that was never up, the time since Prometheus has known
    it. Nothing while all are up. Source: Prometheus's own series up."""
    up = s.select("up")
    down = f"max by ({_TARGET}) ({up} == 0)"
    last = f"max by ({_TARGET}) (max_over_time(timestamp({up} == 1)[6h:3m]))"
    first = f"min by ({_TARGET}) (min_over_time(timestamp({up} == 0)[6h:3m]))"
    # A target that came within the last three minutes may be between the steps.
    return f"time() - ({last} or {first} or time() + {down}) and {down}"


@snippet(unit="s", legend="{{job}} {{instance}}")
def down_scrape_duration(s: Scope) -> str:
    """How long the last scrape of each target that is down took, in seconds. About the time limit
    of the scrape (10 s by default) means no answer in time; next to nothing means that the
    connection or the answer was refused. Source: Prometheus's own series scrape_duration_seconds
    and up."""
    took = f"max by ({_TARGET}) ({s.select('scrape_duration_seconds')})"
    return f"{took} and max by ({_TARGET}) ({s.select('up')} == 0)"


@snippet(unit="percentunit", legend="{{job}} {{service}}")
def down_share(s: Scope) -> str:
    """Share of the targets of a job and service that are down, 0 to 1. Source: Prometheus's own
    series up."""
    return f"{down_by_job(s)} / {count_by_job(s)}"


@snippet(unit="short", legend="{{job}} {{service}}")
def down_by_job(s: Scope) -> str:
    """Targets of a job and service that are down. Source: Prometheus's own series up."""
    up = s.select("up")
    return f"count by ({_SERVICE}) ({up}) - sum by ({_SERVICE}) ({up})"


@snippet(unit="short", legend="{{job}} {{service}}")
def count_by_job(s: Scope) -> str:
    """Targets of a job and service, up or down. Source: Prometheus's own series up."""
    return f"count by ({_SERVICE}) ({s.select('up')})"


@snippet(unit="s", legend="{{job}} {{service}}")
def scrape_duration(s: Scope) -> str:
    """How long the slowest scrape of a job and service took, in seconds. Source: Prometheus's own
    series scrape_duration_seconds."""
    return f"max by ({_SERVICE}) ({s.select('scrape_duration_seconds')})"


@snippet(unit="short", legend="{{job}} {{service}}")
def samples(s: Scope) -> str:
    """Samples that one scrape of all targets of a job and service brings, before relabelling drops
    any. Source: Prometheus's own series scrape_samples_scraped."""
    return f"sum by ({_SERVICE}) ({s.select('scrape_samples_scraped')})"


# The programs of monitoring


def _programs(s: Scope, **programs: Snippet) -> str:
    """The results of several programs, with the program's name in the label program."""
    return " or ".join(
        f'label_replace({query(s)}, "program", "{name.capitalize()}", "", "")'
        for name, query in programs.items()
    )


@snippet(unit="short", legend="{{program}} {{$node}}")
def program_up(s: Scope) -> str:
    """Whether each Prometheus, Alertmanager and Grafana is scraped, 1 or 0. Source: Prometheus's
    own series up."""
    return _programs(s, prometheus=prometheus.up, alertmanager=alertmanager.up, grafana=grafana.up)


@snippet(unit="short", legend="down")
def program_down_count(s: Scope) -> str:
    """How many of Prometheus, Alertmanager and Grafana are not scraped. Source: Prometheus's own
    series up."""
    return f"count({program_up(s)} == 0) or 0 * count({program_up(s)})"


@snippet(unit="short", legend="{{program}} {{$node}}")
def program_config_ok(s: Scope) -> str:
    """Whether the last load of the configuration of each Prometheus and Alertmanager succeeded, 1
    or 0. After a failure a program goes on with the configuration before. Source: Prometheus and
    Alertmanager."""
    return _programs(s, prometheus=prometheus.config_ok, alertmanager=alertmanager.config_ok)


@snippet(unit="short", legend="{{pod}} {{container}}")
def reloader_ok(s: Scope) -> str:
    """Whether the sidecar that reloads a program's configuration did so successfully the last time,
    1 or 0. Nothing without such sidecars. Source: the Prometheus operator's config-reloader."""
    last = s.range("reloader_last_reload_successful")
    return f"min by (namespace, pod, container) (max_over_time({last}))"


@snippet(unit="short", legend="failed")
def config_failed_count(s: Scope) -> str:
    """Loads of a configuration that failed: those of Prometheus and Alertmanager, and those of the
    sidecars that reload them. Source: Prometheus, Alertmanager and the operator's
    config-reloader."""
    loaded = f"({program_config_ok(s)} or {reloader_ok(s)})"
    return f"count({loaded} == 0) or 0 * count({loaded})"


@snippet(unit="short", legend="{{program}} {{$node}}")
def program_version(s: Scope) -> str:
    """The version of each Prometheus, Alertmanager and Grafana, in the label version. Source: each
    program."""
    return _programs(
        s,
        prometheus=prometheus.version,
        alertmanager=alertmanager.version,
        grafana=grafana.version,
    )


@snippet(unit="s", legend="{{program}} {{$node}}")
def program_uptime(s: Scope) -> str:
    """Time since each Prometheus, Alertmanager and Grafana started, in seconds. Source: each
    program."""
    return _programs(
        s, prometheus=prometheus.uptime, alertmanager=alertmanager.uptime, grafana=grafana.uptime
    )


@snippet(unit="short", legend="{{program}} {{$node}}")
def program_cpu(s: Scope) -> str:
    """Cores that each Prometheus, Alertmanager and Grafana uses. Source: each program."""
    return _programs(
        s, prometheus=prometheus.cpu, alertmanager=alertmanager.cpu, grafana=grafana.cpu
    )


@snippet(unit="bytes", legend="{{program}} {{$node}}")
def program_memory(s: Scope) -> str:
    """Resident memory of each Prometheus, Alertmanager and Grafana, in bytes. Source: each
    program."""
    return _programs(
        s, prometheus=prometheus.memory, alertmanager=alertmanager.memory, grafana=grafana.memory
    )
