"""Resources to files on disk: what Grafana, Prometheus and Kubernetes load.

    grafana/{datasources,dashboards,alerting}/  mounts as it is at /etc/grafana/provisioning
    prometheus/rules/                           rule files
    alertmanager/                               Alertmanager's configuration
    kubernetes/                                 ConfigMaps, PrometheusRules, kustomizations, patches

The files depend only on the resources, and on earlier files: Grafana keeps rules and data sources
that are no longer in its files, so the new files have to delete them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gk.errors import ConfigError, DefinitionError
from gk.plurals import counted
from gk.provisioning import alertmanager, grafana, kubernetes, prometheus, rules
from gk.provisioning.names import collisions
from gk.provisioning.output import Changes, compare, output_of, write

# Under another name: gk.provisioning.read is a module, whose import would take the place of this.
from gk.provisioning.output import read as read_built
from gk.provisioning.text import WithJson, load_yaml
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["Changes", "Files", "Tree", "compare", "output_of", "tree", "write"]


class Files(Mapping[str, bytes]):
    """Files by their path in the output."""

    def __init__(self, texts: Mapping[str, bytes | WithJson]) -> None:
        self._texts = texts

    def __getitem__(self, path: str) -> bytes:
        return bytes(self._texts[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@dataclass(frozen=True)
class Tree:
    """Files, and warnings."""

    files: Files
    warnings: list[str]


def tree(
    resources: Sequence[Resource],
    settings: Settings,
    output: Path,
    *,
    forget_deleted: bool = False,
    external: Collection[str] = (),
) -> Tree:
    """The files of the formats in the settings; reads files of earlier builds in `output`.

    `external` are the names of data sources that somebody else provisions: they are not deleted.
    Raises DefinitionError for documents that are too large for a ConfigMap and for files whose
    names differ only in case, and ConfigError for earlier files that cannot be read.
    """
    if problems := list(collisions(_dashboards(resources, settings))):
        raise DefinitionError(problems)
    files: dict[str, bytes | WithJson] = {}
    warnings = [*_without_files(resources), *rules.warnings(resources, settings)]
    rule_uids: set[str] = set()
    datasources: set[str] = set()
    if not forget_deleted:
        rule_uids = _earlier(output, grafana.ALERTING, grafana.RULES_FILE, grafana.rule_uids)
        datasources = _earlier(
            output, grafana.DATASOURCES, grafana.DATASOURCES_FILE, grafana.datasource_names
        )
    grafana_files = _grafana(resources, rule_uids, datasources - set(external))
    # Grafana's files are made in any case: the ConfigMaps contain them.
    if "grafana" in settings.formats:
        files |= {f"grafana/{path}": text for path, text in grafana_files.items()}
    if "prometheus" in settings.formats:
        files |= {
            f"prometheus/rules/{name}": text
            for name, text in prometheus.rule_files(resources).items()
        }
    if "alertmanager" in settings.formats:
        files |= {
            f"alertmanager/{name}": text for name, text in alertmanager.files(resources).items()
        }
    if "kubernetes" in settings.formats:
        manifests = kubernetes.manifests(resources, settings, grafana_files)
        problems, large = kubernetes.check(resources, grafana_files, manifests)
        warnings += large
        if problems:
            raise DefinitionError(problems)
        files |= {f"kubernetes/{path}": text for path, text in manifests.items()}
    return Tree(Files(files), warnings)


def _without_files(resources: Sequence[Resource]) -> Iterator[str]:
    """A warning for each kind that Grafana does not load from files."""
    kinds = Counter(resource.kind for resource in resources if not resource.kind.facts.has_file)
    for kind, number in kinds.items():
        yield (
            f"{counted(number, kind.value)}: Grafana loads no {kind.plural} from files; "
            "use gk push for them"
        )


def _dashboards(resources: Sequence[Resource], settings: Settings) -> dict[str, Resource]:
    """The dashboards by their files. Only these file names contain a uid unchanged."""
    files: dict[str, Resource] = {}
    for directory, dashboards in grafana.dashboards_of(resources).items():
        if "grafana" in settings.formats:
            files |= {
                f"grafana/dashboards/{directory}/{dashboard.uid}.json": dashboard
                for dashboard in dashboards
            }
        if "kubernetes" in settings.formats:
            files |= {
                f"kubernetes/dashboards/{dashboard.uid}.yaml": dashboard for dashboard in dashboards
            }
    return files


def _grafana(
    resources: Sequence[Resource], rules: set[str], datasources: set[str]
) -> dict[str, bytes]:
    """Grafana's provisioning folder, by path in it."""
    datasource_file = grafana.datasource_file(resources, datasources)
    files = {f"{grafana.DATASOURCES}/{name}": text for name, text in datasource_file.items()}
    files |= {
        f"{grafana.ALERTING}/{name}": text
        for name, text in grafana.alerting_files(resources, rules).items()
    }
    for directory, dashboards in grafana.dashboards_of(resources).items():
        files |= {
            f"dashboards/{directory}/{dashboard.uid}.json": dashboard.json
            for dashboard in dashboards
        }
    if any(resource.kind is Kind.DASHBOARD for resource in resources):
        files["dashboards/gk.yaml"] = grafana.provider_file(
            resources, lambda directory: f"{grafana.PROVISIONING}/dashboards/{directory}"
        )
    return files


def _earlier(
    output: Path, directory: str, name: str, read_ids: Callable[[Mapping[str, Any]], set[str]]
) -> set[str]:
    """The names that the file of an earlier build defines or deletes; a build for only Kubernetes
    has it in a ConfigMap."""
    path = f"grafana/{directory}/{name}"
    text = read_built(output, path)
    try:
        if text is None:
            path = f"kubernetes/{kubernetes.CONFIG_MAPS[directory]}"
            config_map = read_built(output, path)
            text = load_yaml(config_map)["data"].get(name) if config_map is not None else None
        return read_ids(load_yaml(text)) if text is not None else set()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Otherwise this build would forget what Grafana must delete.
        raise ConfigError(
            f"{output.name}/{path}: was modified; it lists what Grafana must delete; restore it "
            "(git checkout), or build with --forget-deleted"
        ) from error
