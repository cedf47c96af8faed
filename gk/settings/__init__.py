"""gk.yaml: the settings of a project. All of it is optional, and every key is checked.

project: shop                      name that marks this project's objects in Grafana
folder: Kubernetes                 default folder of dashboards
sandbox: required                  gk diff needs a complete sandbox (docs/security.md)
grafana: "12.4"                    the version that the output is for, or several: ["11.6", "12.4"]
dashboards: v2                     schema v2 instead of classic
alerts: prometheus                 only Prometheus evaluates alerts, or only grafana; default: both
labels: kube-prometheus            a preset, or
                                   {preset: ..., <exporter>: {job: ..., node: ..., matchers: [...]}}
                                   with one job, a list, [] for none, or {regex: shop-.+}, and
                                   histograms: classic, native or both;
                                   cluster: LABEL for a Prometheus with several clusters
build:
  output: provisioning             relative to the project
  formats: [grafana, prometheus, kubernetes]   the default; docs/settings.md has the others
kubernetes:
  namespace: monitoring
  labels: {release: monitoring}    on every object, for label selectors
  deployment: grafana              the Deployment, and its container, that the patch is for
links:
  grafana: https://grafana.example.com         base of links from Prometheus's alerts
  runbooks: https://runbooks.example.com/{alert}   {alert} is the alert's name
alertmanager:
  smtp:                            who sends the e-mail of contact points
    smarthost: smtp.example.com:587
    from: alerts@example.com
    username: alerts
    password: {secret: smtp, key: password}   a key of a Kubernetes Secret, or {file: PATH}
    hello: monitoring.example.com
    tls: true
inputs: {DS_PROMETHEUS: prometheus}   data sources, by uid or name, for the inputs of exports
values: {cpu_high: 0.9}            what definitions read with gk.value
datasources:                       changes of data sources, by the uid of the definition
  prometheus: {url: "http://prometheus.example.com"}   other keys: uid, name
environments:                      each may have any key but project, sandbox and libraries
  prod: {}
  staging:
    values: {cpu_high: 0.8}
libraries: [../lib]                folders of the repository that definitions import
check:
  fail_on: error                   what gk check fails on; default: warning
  checks: {panel-without-description: "off", alert-name-too-long: {most: 50}}
  silences:
  - {check: division-by-zero, file: dashboards/old.py, name: Errors, reason: No traffic at night.}
contexts:
  local:
    grafana: http://127.0.0.1:3000
    version: "12.4"
    token: {env: GRAFANA_TOKEN}
    prometheus: http://127.0.0.1:9090
    alertmanager: http://127.0.0.1:9093
  live:                            in place of token: user, with or without password: {env: NAME}
                                   or {file: PATH}
    grafana: https://grafana.example.com/grafana
    token: {file: token}           paths are relative to the project
    organization: 2                other keys: ca, client_certificate, client_key, proxy,
                                   plain_http, timeout, retries, workers
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from gk.bounded.reading import UnusableFileError, read_text
from gk.errors import ConfigError, Problem, Source, did_you_mean
from gk.promql.labels import LabelScheme
from gk.settings.alertmanager import ALERTMANAGER_SECRETS, AlertmanagerReader
from gk.settings.checks import CheckReader, CheckSettings
from gk.settings.contexts import Context, ContextReader
from gk.settings.environments import (
    DatasourceChange,
    EnvironmentReader,
    Value,
    choose,
    own_node,
    told_once,
)
from gk.settings.labels import LabelsReader
from gk.settings.object_names import (
    label_key_mistake,
    label_value_mistake,
    name_mistake,
    project_mistake,
)
from gk.settings.targets import (
    SCHEMA_V2,
    STABLE_V2,
    Form,
    Targets,
    Version,
    version_mistake,
    version_of,
)
from gk.settings.yaml_nodes import composed, is_null, key_nodes, one_of

__all__ = [
    "ALERTMANAGER_SECRETS",
    "FORMATS",
    "LARGEST",
    "SETTINGS_FILE",
    "Context",
    "Settings",
    "libraries_of",
    "read",
    "read_all",
    "requires_sandbox",
]

SETTINGS_FILE = "gk.yaml"
DEFAULT_FORMATS = ("grafana", "prometheus", "kubernetes")
"""Without `alertmanager`, because notifications are either Alertmanager's or Grafana's."""
REQUIRED = "required"
DEFINITIONS = ("dashboards", "datasources", "alerts")


Engine = Literal["grafana", "prometheus"]

FORMATS: Mapping[str, tuple[Engine, ...]] = {
    "grafana": ("grafana",),
    "prometheus": ("prometheus",),
    "alertmanager": (),
    "kubernetes": ("grafana", "prometheus"),
    "operator": ("grafana", "prometheus"),
    "helm": ("grafana", "prometheus"),
    "terraform": ("grafana",),
}
"""The outputs of gk build, each a module of gk.provisioning with this name, and the engines whose
rules it contains."""

LARGEST = 32 << 10
"""Bytes of gk.yaml: the YAML parser needs up to a second for this many."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A project's complete settings: gk.yaml's values, and defaults for the rest."""

    project: str = ""
    folder: str = ""
    grafana: tuple[Version, ...] = ()
    dashboards: Form = "classic"
    alerts: str = ""
    """The engine that evaluates alerts; empty if the output has the rules for both."""
    labels: LabelScheme = field(default_factory=LabelScheme)
    output: str = "provisioning"
    formats: tuple[str, ...] = DEFAULT_FORMATS
    namespace: str = "monitoring"
    object_labels: Mapping[str, str] = field(default_factory=dict)
    deployment: str = "grafana"
    grafana_url: str = ""
    runbooks: str = ""
    smtp: Mapping[str, Any] = field(default_factory=dict)
    """How Alertmanager sends e-mail: its global settings, without the prefix `smtp_`."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    datasources: Mapping[str, DatasourceChange] = field(default_factory=dict)
    check: CheckSettings = field(default_factory=CheckSettings)
    libraries: Mapping[str, int] = field(default_factory=dict)
    """Folders, as gk.yaml names them, and their lines in it."""
    environment: str = ""
    shared_output: str = ""
    """The folder in which each environment has its own; empty if `output` is not in it."""
    environments: tuple[str, ...] = ()
    """The names of all environments of the project."""
    set_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The environments that have each value."""
    own_contexts: tuple[str, ...] = ()
    """The contexts that the environment itself names: only these are its own servers."""

    @property
    def identity(self) -> str:
        """What tells the objects of this project and environment from others in a Grafana or a
        cluster: `shop-prod`; empty for a project without either."""
        return _identity(self.project, self.environment)

    def identities(self, folder: str) -> list[str]:
        """The name of this project and environment in a Grafana, and those of its other
        environments. A project without a name is called by its folder."""
        others = (name for name in self.environments if name != self.environment)
        return [_identity(self.project or folder, name) for name in (self.environment, *others)]

    @property
    def targets(self) -> Targets:
        """The versions of Grafana that the output has to work on: those given, and those of the
        contexts."""
        of_contexts = (context.version for context in self.contexts.values())
        return Targets.of([*self.grafana, *filter(None, of_contexts)])

    @property
    def has_grafana(self) -> bool:
        """Whether the output has Grafana's alerts. Where Alertmanager notifies, only Prometheus
        evaluates alerts, unless Grafana's files are wanted, too."""
        if self.alerts == "prometheus":
            return False
        return "grafana" in self.formats if self.has_alertmanager else self._has("grafana")

    @property
    def has_prometheus(self) -> bool:
        """Whether the output has Prometheus's rules. Where Grafana evaluates alerts, these are
        recording rules."""
        return self._has("prometheus")

    def _has(self, engine: Engine) -> bool:
        return any(engine in FORMATS[name] for name in self.formats)

    @property
    def has_alertmanager(self) -> bool:
        """Whether Alertmanager notifies, and not Grafana."""
        return "alertmanager" in self.formats


def _identity(project: str, environment: str) -> str:
    return "-".join(filter(None, (project, environment)))


def read(root: Path, environment: str = "") -> Settings:
    """Return the settings of the project in `root`, or of one of its environments. Raises
    ConfigError with every mistake, each at its line, and if it is open which environment is
    meant."""
    settings = read_all(root)
    return settings[choose([name for name in settings if name], environment)]


def read_all(root: Path) -> dict[str, Settings]:
    """Return the settings of each environment by its name, in the order of gk.yaml; of a project
    without environments, its settings by the name "". Raises ConfigError with every mistake."""
    path = root / SETTINGS_FILE
    # A link that leads nowhere is a mistake, not a project without settings.
    if not os.path.lexists(path):
        return {"": Settings()}
    try:
        document = composed(read_text(path, LARGEST))
    except (yaml.YAMLError, UnusableFileError, RecursionError) as error:
        raise ConfigError([_unreadable(error)]) from error
    if document is None:
        return {"": Settings()}
    reader = _Reader(SETTINGS_FILE)
    nodes = reader.environments(document)
    environments = (
        _of_environments(document, nodes, reader) if nodes else {"": reader.settings(document)}
    )
    if reader.problems:
        raise ConfigError(reader.problems)
    return environments


def _of_environments(
    document: yaml.Node, nodes: Mapping[str, yaml.Node], all_: _Reader
) -> dict[str, Settings]:
    environments: dict[str, Settings] = {}
    problems: dict[str, list[Problem]] = {}
    for name, own in nodes.items():
        reader = _Reader(SETTINGS_FILE)
        environments[name] = reader.of_environment(name, own_node(document, own), own)
        for other, settings in environments.items():
            if other != name and settings.output == environments[name].output:
                reader.same_output(own, name, other, settings.output)
        problems[name] = reader.problems
    all_.problems += told_once(problems)
    names = {key: None for settings in environments.values() for key in settings.values}
    set_in = {
        key: tuple(name for name in environments if key in environments[name].values)
        for key in names
    }
    return {
        name: replace(settings, environments=tuple(nodes), set_in=set_in)
        for name, settings in environments.items()
    }


def libraries_of(text: str) -> tuple[str, ...]:
    """The libraries of a gk.yaml; none if it cannot be read."""
    try:
        document = composed(text) if len(text) <= LARGEST else None
    except (yaml.YAMLError, RecursionError):
        return ()
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    return tuple(
        str(item.value)
        for key, value in pairs
        if key.value == "libraries" and isinstance(value, yaml.SequenceNode)
        for item in value.value
        if isinstance(item, yaml.ScalarNode)
    )


def requires_sandbox(text: str) -> bool:
    """Whether a gk.yaml has `sandbox: required`; False if it cannot be read."""
    try:
        document = composed(text) if len(text) <= LARGEST else None
    except (yaml.YAMLError, RecursionError):
        return False
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    return any((key.value, value.value) == ("sandbox", REQUIRED) for key, value in pairs)


def _unreadable(error: Exception) -> Problem:
    if isinstance(error, UnusableFileError):
        return Problem(Source(SETTINGS_FILE), str(error))
    if isinstance(error, RecursionError):
        return Problem(
            Source(SETTINGS_FILE), "is nested too deep; settings are at most five levels deep"
        )
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    words = [
        part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
    ]
    return Problem(Source(SETTINGS_FILE, line), f"is not YAML: {', '.join(words) or error}")


class _Reader(ContextReader, LabelsReader, AlertmanagerReader, EnvironmentReader, CheckReader):
    """Reads the nodes of gk.yaml."""

    def environments(self, node: yaml.Node) -> dict[str, yaml.Node]:
        """The node of each environment by its name."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        own = next((value for key, value in pairs if key.value == "environments"), None)
        return {} if own is None else self._environments(own, "environments", FORMATS)

    def of_environment(self, name: str, node: yaml.Node, own: yaml.Node) -> Settings:
        """The settings of an environment. `node` is its whole document, `own` what it changes."""
        settings = self.settings(node)
        changed = dict(self._items(own, f"environments.{name}"))
        build = dict(self._items(changed["build"], "build")) if "build" in changed else {}
        has_output = "output" in build and not is_null(build["output"])
        contexts = self._items(changed["contexts"], "contexts") if "contexts" in changed else []
        # The folder of the environment inside of the common one, unless it says its own: two
        # environments must not write the same files.
        settings = replace(
            settings,
            environment=name,
            output=settings.output if has_output else f"{settings.output}/{name}",
            shared_output="" if has_output else settings.output,
            own_contexts=tuple(key for key, value in contexts if not is_null(value)),
        )
        if settings.project and (mistake := project_mistake(settings.identity)):
            self._wrong(own, f"environments.{name}: {mistake}")
        return settings

    def same_output(self, node: yaml.Node, name: str, other: str, output: str) -> None:
        """Note that two environments would write the same files."""
        self._wrong(
            node,
            f"environments.{name}: has the same build.output as {other}, '{output}'; "
            "give each its own folder",
        )

    def settings(self, node: yaml.Node) -> Settings:
        """The settings of a project without environments, or the document of one environment."""
        values = self._map(
            node,
            "gk.yaml",
            {
                "project": partial(self._checked, mistake=project_mistake),
                "folder": self._text,
                "sandbox": partial(self._checked, mistake=_sandbox_mistake),
                "grafana": self._versions,
                "dashboards": partial(self._checked, mistake=_form_mistake),
                "alerts": partial(self._checked, mistake=_engine_mistake),
                "labels": self._labels,
                "build": self._build,
                "kubernetes": self._kubernetes,
                "links": self._links,
                "alertmanager": self._alertmanager,
                "inputs": self._inputs,
                "contexts": self._contexts,
                "values": self._values,
                "datasources": self._datasources,
                "environments": lambda node, where: None,
                "libraries": self._libraries,
                "check": self._check,
            },
        )
        values.pop("environments", None)
        # Only gk diff uses it, from the side that has been reviewed: requires_sandbox.
        values.pop("sandbox", None)
        sections = {key: values.pop(key, {}) for key in ("build", "kubernetes", "links")}
        smtp = values.pop("alertmanager", {})
        settings = Settings(
            **values, **smtp, **sections["build"], **sections["kubernetes"], **sections["links"]
        )
        if settings.dashboards == "v2":
            self._check_v2(settings, next(k for k in key_nodes(node) if k.value == "dashboards"))
        return settings

    def _check_v2(self, settings: Settings, line: yaml.Node) -> None:
        """Note what of this project cannot load dashboards of schema v2."""
        if lacking := settings.targets.lacking(SCHEMA_V2):
            self._wrong(
                line,
                f"dashboards: v2 needs Grafana {SCHEMA_V2}, and this project is built for "
                f'{lacking}; write grafana: "{SCHEMA_V2}", or leave dashboards out',
            )
        elif "terraform" in settings.formats and not settings.targets.have(STABLE_V2):
            self._wrong(
                line,
                "dashboards: Terraform's grafana_dashboard takes v2 from Grafana "
                f"{STABLE_V2} on; leave terraform out of build.formats, or dashboards out",
            )
        if "operator" in settings.formats:
            self._wrong(
                line,
                "dashboards: the Grafana operator does not support v2 (grafana-operator issue "
                "2955: it deletes the dashboard); leave operator out of build.formats, or "
                "dashboards out",
            )

    def _versions(self, node: yaml.Node, where: str) -> tuple[Version, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(
            version_of(self._checked(version, where, version_mistake)) for version in nodes
        )

    def _build(self, node: yaml.Node, where: str) -> dict[str, Any]:
        return self._map(node, where, {"output": self._output, "formats": self._formats})

    def _kubernetes(self, node: yaml.Node, where: str) -> dict[str, Any]:
        name = partial(self._checked, mistake=name_mistake)
        # The container has the name of the Deployment, which may be a longer one.
        values = self._map(
            node,
            where,
            {"namespace": name, "labels": self._object_labels, "deployment": name},
        )
        return {"object_labels" if key == "labels" else key: value for key, value in values.items()}

    def _object_labels(self, node: yaml.Node, where: str) -> dict[str, str]:
        for key in key_nodes(node):
            if mistake := label_key_mistake(str(key.value)):
                self._wrong(key, f"{where}: {mistake}")
        return {
            key: self._checked(value, f"{where}.{key}", label_value_mistake)
            for key, value in self._items(node, where)
        }

    def _inputs(self, node: yaml.Node, where: str) -> dict[str, str]:
        return {key: self._text(value, f"{where}.{key}") for key, value in self._items(node, where)}

    def _links(self, node: yaml.Node, where: str) -> dict[str, Any]:
        links = self._map(node, where, {"grafana": self._url, "runbooks": self._text})
        return {"grafana_url" if key == "grafana" else key: value for key, value in links.items()}

    def _formats(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        formats = self._list(node, where)
        for name in formats:
            if name not in FORMATS:
                self._wrong(
                    node,
                    f"{where}: unknown format '{name}'"
                    f"{did_you_mean(name, FORMATS) or one_of(FORMATS)}",
                )
        return formats

    def _output(self, node: yaml.Node, where: str) -> str:
        path = self._text(node, where)
        # gk build also removes files in this folder, so it must be inside the project, and not the
        # project itself.
        if path.startswith("/") or ".." in Path(path).parts or Path(path) == Path():
            self._wrong(
                node,
                f"{where}: '{path}' must be a folder inside the project; "
                "gk build -o writes elsewhere",
            )
        # gk build would take its own output for definitions.
        elif Path(path).parts[0] in DEFINITIONS:
            self._wrong(node, f"{where}: '{path}' contains definitions; choose another folder")
        return path


def _sandbox_mistake(word: str) -> str:
    return "" if word == REQUIRED else f"write '{REQUIRED}', or leave it out"


def _engine_mistake(word: str) -> str:
    return (
        "" if word in get_args(Engine) else f"'{word}' is not an engine{one_of(get_args(Engine))}"
    )


def _form_mistake(word: str) -> str:
    return "" if word in get_args(Form) else f"'{word}' is not a form; write classic or v2"
