"""Resources to files on disk: what Grafana, Prometheus and Kubernetes load.

    grafana/{datasources,dashboards,alerting}/   mounts as it is at /etc/grafana/provisioning
    prometheus/rules/                            rule files
    kubernetes/                                  ConfigMaps, PrometheusRules, kustomization.yaml, mount/

The files are a function of the resources, and of the rules and data sources that earlier files had and Grafana would
keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gk.errors import DefinitionError
from gk.provisioning import grafana, kubernetes, prometheus
from gk.provisioning.output import Changes, compare, write
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["Changes", "Tree", "compare", "tree", "write"]


@dataclass(frozen=True)
class Tree:
    """Files by their path in the output, and what the user should know about them."""

    files: dict[str, bytes]
    warnings: list[str]


def tree(resources: Sequence[Resource], settings: Settings, output: Path, *, forget_deleted: bool = False) -> Tree:
    """The files of the formats that the settings name; `output` is asked for what earlier builds wrote.

    Raises DefinitionError for a dashboard that is too large for a ConfigMap.
    """
    files: dict[str, bytes] = {}
    warnings: list[str] = []
    grafana_files = _grafana(resources, output, forget_deleted=forget_deleted)
    if "grafana" in settings.formats:
        files |= {f"grafana/{path}": text for path, text in grafana_files.items()}
    if "prometheus" in settings.formats:
        files |= {f"prometheus/rules/{name}": text for name, text in prometheus.rule_files(resources).items()}
    if "kubernetes" in settings.formats:
        manifests = kubernetes.manifests(resources, settings, grafana_files)
        problems, warnings = kubernetes.check_sizes(resources, manifests)
        if problems:
            raise DefinitionError(problems)
        files |= {f"kubernetes/{path}": text for path, text in manifests.items()}
    return Tree(files, warnings)


def _grafana(resources: Sequence[Resource], output: Path, *, forget_deleted: bool) -> dict[str, bytes]:
    """Grafana's provisioning folder, by path in it."""
    rules = _earlier(output, f"grafana/{grafana.ALERTING}/{grafana.RULES_FILE}")
    datasources = None if forget_deleted else _earlier(output, f"grafana/datasources/{grafana.DATASOURCES_FILE}")
    alerting = grafana.alerting_files(resources, rules, forget=forget_deleted)
    files = {f"datasources/{name}": text for name, text in grafana.datasource_file(resources, datasources).items()}
    files |= {f"{grafana.ALERTING}/{name}": text for name, text in alerting.items()}
    for directory, dashboards in grafana.dashboards_of(resources).items():
        files |= {f"dashboards/{directory}/{each.uid}.json": each.json for each in dashboards}
    if any(each.kind is Kind.DASHBOARD for each in resources):
        files["dashboards/gk.yaml"] = grafana.provider_file(
            resources, lambda directory: f"{grafana.PROVISIONING}/dashboards/{directory}"
        )
    return files


def _earlier(output: Path, path: str) -> bytes | None:
    file = output / path
    return file.read_bytes() if file.is_file() else None
