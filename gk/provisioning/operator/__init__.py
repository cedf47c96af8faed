"""Resources to objects of the Prometheus operator and of the Grafana operator 5.

    kustomization.yaml      folders/, datasources/, dashboards/
    recording/              kustomization: PrometheusRules of the groups that only record
    alerting-prometheus/    kustomization: the other PrometheusRules
    alerting-grafana/       kustomization: rule groups, what notifies, and the rules' folders
    alertmanager/           kustomization: AlertmanagerConfig, and a ConfigMap of its templates

The operators read secrets from Kubernetes Secrets only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gk.errors import Problem
from gk.provisioning.annotations import applicable, warnings
from gk.provisioning.objects import Manifest, kustomization
from gk.provisioning.operator import alertmanager, grafana
from gk.provisioning.outputs import Given, Made
from gk.provisioning.prometheus import only_records, prometheus_rule, rule_groups
from gk.provisioning.text import WithJson, yaml_text
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["output"]

Files = dict[str, bytes | WithJson]


def output(given: Given) -> Made:
    """The folder operator/."""
    objects, problems = _objects(given.resources, given.settings)
    written: Files = {path: yaml_text(body) for path, body in objects.items()}
    written |= applicable(dict(grafana.dashboards(given.resources, given.settings)))
    written |= _kustomizations(written)
    return Made(
        files={f"operator/{path}": text for path, text in written.items()},
        dashboards={
            f"operator/{grafana.path_of(resource)}": resource
            for resource in given.resources
            if resource.kind is Kind.DASHBOARD
        },
        problems=[*grafana.too_large(given.resources), *problems],
        warnings=[f"operator/{warning}" for warning in warnings(written)],
    )


def _objects(
    resources: Sequence[Resource], settings: Settings
) -> tuple[Mapping[str, Manifest], Sequence[Problem]]:
    """All objects but the dashboards, by path, and the problems of those that no operator can
    have."""
    in_grafana, problems = grafana.objects(resources, settings)
    config, more = alertmanager.objects(resources, settings)
    return _rules(resources, settings) | in_grafana | config, [*problems, *more]


def _rules(resources: Sequence[Resource], settings: Settings) -> dict[str, Manifest]:
    """PrometheusRules: those that only record apart, because Prometheus records also where Grafana
    evaluates the alerts."""
    return {
        f"{'recording' if only_records(group) else 'alerting-prometheus'}/{name}.yaml": (
            prometheus_rule(settings, name, group)
        )
        for name, group in rule_groups(resources).items()
    }


def _kustomizations(written: Mapping[str, bytes | WithJson]) -> Files:
    """The kustomization of each folder that is applied by itself. The root has what Grafana shows:
    with both folders of alerts, every alert would fire twice."""
    folders: dict[str, list[str]] = {}
    for path in sorted(written):
        folder, _, name = path.partition("/")
        is_shown = folder in grafana.SHOWN
        folders.setdefault("" if is_shown else f"{folder}/", []).append(path if is_shown else name)
    return {
        f"{folder}kustomization.yaml": yaml_text(kustomization(paths))
        for folder, paths in folders.items()
    }
