"""Resources to values of charts: kube-prometheus-stack, and Grafana's own.

    kube-prometheus-stack/
      grafana.yaml               data sources and dashboards
      recording.yaml             groups that only record
      alerting-prometheus.yaml   the other groups
      alerting-grafana.yaml      alerts that Grafana evaluates, and what notifies there
      alertmanager.yaml          Alertmanager's configuration
    grafana/
      grafana.yaml               data sources and dashboards
      alerting-grafana.yaml      alerts, and what notifies

Each is a file for `helm --values`: of those with alerts, one engine's, or every alert fires twice.

The charts run some values through Helm's templates, and others not (kube-prometheus-stack 88,
grafana 12): `templated` is for the former, in which `{{` would be Helm's.
https://github.com/prometheus-community/helm-charts/tree/main/charts/kube-prometheus-stack
https://github.com/grafana-community/helm-charts/tree/main/charts/grafana
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from gk.errors import Problem, Source
from gk.provisioning import grafana
from gk.provisioning.objects import MAX_DATA
from gk.provisioning.outputs import Earlier, Given, Made
from gk.provisioning.prometheus import only_records, rule_groups
from gk.provisioning.secret_keys import same_variables, variables
from gk.provisioning.text import load_yaml, yaml_text
from gk.resource import Kind, Resource
from gk.settings import ALERTMANAGER_SECRETS
from gk.settings.object_names import object_name

__all__ = ["earlier", "output", "templated"]

STACK = "kube-prometheus-stack"
CHART = "grafana"
DATASOURCES = "gk-datasources.yaml"
PROVIDERS = "gk-providers.yaml"
"""Names of files, beside files of others. The chart keeps files of all folders in one ConfigMap, so
each name needs to be different."""

DASHBOARDS = "/var/lib/grafana/dashboards"
"""Where the chart mounts each provider's dashboards, in a folder with the provider's name."""

MOST_KEPT = 500_000
"""Bytes of a release that may be our values: Helm keeps a release, compressed, in a Secret of
1,048,576 bytes, and the stack with its own values takes half of it (88.5)."""

LONGEST_RULE = 36
"""The chart cuts a PrometheusRule's name at 63 characters, with up to 26 of the release's before
it."""

BRACES = "{{`{{`}}"
"""What Helm makes `{{` of."""

Values = dict[str, Any]


def output(given: Given) -> Made:
    """The folder helm/."""
    shown, alerting = _shown(given), _alerting(given)
    files = {
        f"{STACK}/grafana.yaml": _of_stack(shown),
        f"{STACK}/alerting-grafana.yaml": {"grafana": alerting} if alerting else {},
        **_rules(given),
        f"{STACK}/alertmanager.yaml": _alertmanager(given.resources),
        f"{CHART}/grafana.yaml": shown,
        f"{CHART}/alerting-grafana.yaml": alerting,
    }
    written = {f"helm/{path}": yaml_text(values) for path, values in files.items() if values}
    return Made(
        files=written,
        problems=[*_too_large(given), *same_variables(given.resources)],
        warnings=list(_warnings(written)),
    )


def earlier(directory: str, name: str) -> Earlier:
    """The values of Grafana's chart with its file."""
    if directory == grafana.DATASOURCES:
        path, keys = f"helm/{CHART}/grafana.yaml", ("datasources", DATASOURCES)
    else:
        path, keys = f"helm/{CHART}/alerting-grafana.yaml", ("alerting", f"gk-{name}")
    return path, lambda values: _untemplated(values.get(keys[0], {}).get(keys[1], {}))


def templated(value: Any) -> Any:
    """A value for a chart that runs it through Helm's templates: they give it back as it is.

    The text has no quotes, which YAML might escape before Helm reads it.
    """
    return _with_texts(value, lambda text: text.replace("{{", BRACES))


def _untemplated(value: Any) -> Any:
    """What Helm makes of it."""
    return _with_texts(value, lambda text: text.replace(BRACES, "{{"))


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key): _with_texts(inner, change) for key, inner in value.items()}
    return [_with_texts(inner, change) for inner in value] if isinstance(value, list) else value


# Grafana


def _shown(given: Given) -> Values:
    """Values of Grafana's chart for data sources and dashboards."""
    datasources = _file(given, f"{grafana.DATASOURCES}/{grafana.DATASOURCES_FILE}")
    providers, dashboards = _dashboards(given.resources)
    values = {
        "datasources": {DATASOURCES: templated(datasources)} if datasources else {},
        "envValueFrom": variables(given.resources, Kind.DATASOURCE),
        "dashboardProviders": {PROVIDERS: {"apiVersion": 1, "providers": providers}}
        if providers
        else {},
        "dashboards": dashboards,
    }
    return {key: value for key, value in values.items() if value}


def _of_stack(values: Values) -> Values:
    """The same for kube-prometheus-stack, which keeps data sources in a file of its own."""
    if not values:
        return {}
    rest = {key: value for key, value in values.items() if key != "datasources"}
    file = values.get("datasources", {}).get(DATASOURCES, {})
    given = {
        "additionalDataSources": file.get("datasources", []),
        "deleteDatasources": file.get("deleteDatasources", []),
    }
    rest |= {key: value for key, value in given.items() if value}
    if replaced := _replaced(given["additionalDataSources"]):
        rest["sidecar"] = {"datasources": replaced}
    return {"grafana": rest}


def _replaced(datasources: Sequence[Mapping[str, Any]]) -> Values:
    """Values that leave out the chart's own data sources, where Grafana cannot have both."""
    taken = {datasource[key].lower() for datasource in datasources for key in ("name", "uid")}
    values: Values = {}
    if "prometheus" in taken or any(datasource.get("isDefault") for datasource in datasources):
        values["defaultDatasourceEnabled"] = False
    if "alertmanager" in taken:
        values["alertmanager"] = {"enabled": False}
    return values


def _dashboards(resources: Sequence[Resource]) -> tuple[list[Values], dict[str, Values]]:
    """The providers, and the dashboards of each by the provider's name."""
    titles = {
        resource.uid: resource.title for resource in resources if resource.kind is Kind.FOLDER
    }
    providers, dashboards = [], {}
    for directory, in_folder in sorted(grafana.dashboards_of(resources).items()):
        for number, part in enumerate(_parts(in_folder), 1):
            name = object_name(directory) + (f"-{number}" if number > 1 else "")
            path = f"{DASHBOARDS}/{name}"
            providers.append(grafana.provider(name, directory, path, titles.get(directory)))
            dashboards[name] = {uid: {"json": text} for uid, text in part.items()}
    return providers, dashboards


def _parts(dashboards: Sequence[Resource]) -> Iterator[dict[str, str]]:
    """The JSON of a folder's dashboards by uid, as many at once as fit into the ConfigMap of a
    provider."""
    part: dict[str, str] = {}
    size = 0
    for dashboard in sorted(dashboards, key=lambda resource: resource.uid):
        text = _compact(dashboard)
        if part and size + len(text) > MAX_DATA:
            yield part
            part, size = {}, 0
        part[dashboard.uid] = text.decode()
        size += len(text)
    yield part


def _compact(dashboard: Resource) -> bytes:
    # Helm keeps values and manifests in one Secret, so space counts twice.
    return orjson.dumps(dashboard.body, option=orjson.OPT_SORT_KEYS)


def _alerting(given: Given) -> Values:
    """Values of Grafana's chart for alerts, and for what notifies."""
    prefix = f"{grafana.ALERTING}/"
    files = {
        f"gk-{path.removeprefix(prefix)}": templated(load_yaml(text))
        for path, text in given.grafana.items()
        if path.startswith(prefix)
    }
    if not files or not given.settings.has_grafana:
        return {}
    keys = variables(given.resources, Kind.CONTACT_POINT)
    return {"alerting": files} | ({"envValueFrom": keys} if keys else {})


def _file(given: Given, path: str) -> Any:
    return load_yaml(given.grafana[path]) if path in given.grafana else None


def _too_large(given: Given) -> Iterator[Problem]:
    """Problems of what no ConfigMap holds."""
    for resource in given.resources:
        if resource.kind is not Kind.DASHBOARD or len(resource.json) <= MAX_DATA:
            continue
        if (size := len(_compact(resource))) > MAX_DATA:
            yield Problem(
                resource.source,
                f"dashboard '{resource.title}' has {size:,} bytes of JSON, and the chart's "
                f"ConfigMap holds {MAX_DATA:,}; split it, or leave helm out of build.formats",
            )
    together = (f"{grafana.DATASOURCES}/", f"{grafana.ALERTING}/")
    size = sum(len(text) for path, text in given.grafana.items() if path.startswith(together))
    if size > MAX_DATA:
        yield Problem(
            Source("helm/grafana"),
            f"data sources and alerts have {size:,} bytes, and the chart's ConfigMap holds "
            f"{MAX_DATA:,}; leave helm out of build.formats",
        )


def _warnings(written: Mapping[str, bytes]) -> Iterator[str]:
    """Warnings about values that Helm cannot keep."""
    for path, text in written.items():
        # Base64 of the values and of the manifests that they become.
        size = len(zlib.compress(text)) * 8 // 3
        if size > MOST_KEPT:
            yield (
                f"{path}: Helm would keep some {size:,} bytes of it, and has room for "
                f"{MOST_KEPT:,} beside the chart; leave dashboards out, and let a sidecar load "
                "them from ConfigMaps (format kubernetes)"
            )


# Prometheus and Alertmanager


def _rules(given: Given) -> dict[str, Values]:
    """Groups by the file that they are in; the chart does not run them through templates."""
    files: dict[str, Values] = {}
    for name, group in rule_groups(given.resources).items():
        what = "recording" if only_records(group) else "alerting-prometheus"
        values = files.setdefault(f"{STACK}/{what}.yaml", {"additionalPrometheusRulesMap": {}})
        key = _short(object_name(f"{given.settings.identity or 'gk'}-{name}"))
        values["additionalPrometheusRulesMap"][key] = {"groups": [group]}
    return files


def _short(name: str) -> str:
    if len(name) <= LONGEST_RULE:
        return name
    return f"{name[: LONGEST_RULE - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


_ROUTE = {
    "group_by": [],
    "group_wait": "30s",
    "group_interval": "5m",
    "repeat_interval": "4h",
    "routes": [],
}
"""Alertmanager's defaults. Helm merges maps, so a key that a route lacks would be the chart's."""


def _alertmanager(resources: Sequence[Resource]) -> Values:
    """Values for Alertmanager's configuration, whose templates are Alertmanager's."""
    body = next(
        (resource.body for resource in resources if resource.kind is Kind.ALERTMANAGER), None
    )
    if body is None:
        return {}
    config = body["config"]
    secrets = re.findall(f"{ALERTMANAGER_SECRETS}/([^/]+)/", yaml_text(config).decode())
    values = {
        "tplConfig": False,
        "config": {
            "inhibit_rules": [],
            **config,
            "route": _ROUTE | config["route"],
            # The operator's Alertmanager has its configuration and its templates in two folders.
            "templates": ["/etc/alertmanager/config/*.tmpl"],
        },
        "templateFiles": body["templates"],
        "alertmanagerSpec": {"secrets": sorted({*secrets})},
    }
    return {"alertmanager": values}
