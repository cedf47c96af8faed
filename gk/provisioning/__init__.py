"""Resources to files on disk: what Grafana, Prometheus and Kubernetes load.

    grafana/{datasources,dashboards,alerting}/  mounts as it is at /etc/grafana/provisioning
    prometheus/rules/                           rule files
    alertmanager/                               Alertmanager's configuration
    kubernetes/                                 ConfigMaps, PrometheusRules, kustomizations, patches
    operator/                                   objects of the Prometheus and the Grafana operator
    helm/                                       values for charts
    terraform/                                  configurations for Terraform's provider

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
from gk.forms.plurals import counted
from gk.provisioning import grafana, rules
from gk.provisioning.leftovers import left_in
from gk.provisioning.names import collisions
from gk.provisioning.output import Changes, compare, output_of, remove, write

# Under another name: gk.provisioning.read is a module, whose import would take the place of this.
from gk.provisioning.output import read as read_built
from gk.provisioning.outputs import Given, earlier, made
from gk.provisioning.text import WithJson, load_yaml
from gk.resource import Resource
from gk.settings import FORMATS, Settings

__all__ = [
    "Changes",
    "Files",
    "Tree",
    "compare",
    "left_in",
    "output_of",
    "remove",
    "tree",
    "write",
]


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
    Raises DefinitionError for documents that an output cannot have and for files whose names
    differ only in case, and ConfigError for earlier files that cannot be read.
    """
    rule_uids: set[str] = set()
    datasources: set[str] = set()
    if not forget_deleted:
        rule_uids = _earlier(output, grafana.ALERTING, grafana.RULES_FILE, grafana.rule_uids)
        datasources = _earlier(
            output, grafana.DATASOURCES, grafana.DATASOURCES_FILE, grafana.datasource_names
        )
    given = Given(
        resources, settings, grafana.files(resources, rule_uids, datasources - set(external))
    )
    # In the order of FORMATS, whatever the order in gk.yaml.
    outputs = [made(name, given) for name in FORMATS if name in settings.formats]
    dashboards = {
        path: resource for output in outputs for path, resource in output.dashboards.items()
    }
    if problems := list(collisions(dashboards)):
        raise DefinitionError(problems)
    if problems := [problem for output in outputs for problem in output.problems]:
        raise DefinitionError(problems)
    warnings = [
        *_without_files(resources),
        *rules.warnings(resources, settings),
        *(warning for output in outputs for warning in output.warnings),
    ]
    return Tree(
        Files({path: text for output in outputs for path, text in output.files.items()}), warnings
    )


def _without_files(resources: Sequence[Resource]) -> Iterator[str]:
    """A warning for each kind that Grafana does not load from files."""
    kinds = Counter(resource.kind for resource in resources if not resource.kind.facts.has_file)
    for kind, number in kinds.items():
        yield (
            f"{counted(number, kind.value)}: Grafana loads no {kind.plural} from files; "
            "use gk push for them"
        )


def _earlier(
    output: Path, directory: str, name: str, read_ids: Callable[[Mapping[str, Any]], set[str]]
) -> set[str]:
    """The names that the file of an earlier build defines or deletes; the first output that
    contains it knows."""
    for path, file_in in earlier(directory, name):
        text = read_built(output, path)
        if text is None:
            continue
        try:
            return read_ids(file_in(load_yaml(text)))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Otherwise this build would forget what Grafana must delete.
            raise ConfigError(
                f"{output.name}/{path}: was modified; it lists what Grafana must delete; restore "
                "it (git checkout), or build with --forget-deleted"
            ) from error
    return set()
