"""gk.yaml: the settings of a project. All of it is optional, and every key is checked.

folder: Kubernetes                 folder of dashboards that name none
labels: kube-prometheus            a preset, or {preset: ..., <exporter>: {job: ..., node: ..., matchers: [...]}}
build:
  output: provisioning             relative to the project
  formats: [grafana, prometheus, kubernetes]
kubernetes:
  namespace: monitoring
  labels: {release: monitoring}    on every object, for those who select by label
  deployment: grafana              name of the Deployment, and of its container, that the built patch is for
links:
  grafana: https://grafana.example.com         where links from Prometheus's alerts to panels lead
  runbooks: https://runbooks.example.com/{alert}   {alert} is the alert's name
contexts:
  local: {grafana: "http://127.0.0.1:3000", token: {env: GRAFANA_TOKEN}, prometheus: "http://127.0.0.1:9090"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gk.errors import ConfigError, Problem, Source, did_you_mean
from gk.promql.labels import PRESETS, Labels, LabelScheme
from gk.promql.syntax import parse

__all__ = ["FORMATS", "SETTINGS_FILE", "Context", "Settings", "read"]

SETTINGS_FILE = "gk.yaml"
FORMATS = ("grafana", "prometheus", "kubernetes")
DEFAULT_PRESET = "kube-prometheus"
DEFINITIONS = ("dashboards", "datasources", "alerts")

_NULL = "tag:yaml.org,2002:null"
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_USER = re.compile(r"\w+://[^/?#]*@")


@dataclass(frozen=True, kw_only=True)
class Context:
    """A running Grafana and Prometheus: their URLs, and where the token is (`{"env": NAME}` or `{"file": PATH}`)."""

    grafana: str = ""
    prometheus: str = ""
    token: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A project's settings, complete: what gk.yaml does not say has its default."""

    folder: str = ""
    labels: LabelScheme = field(default_factory=LabelScheme)
    output: str = "provisioning"
    formats: tuple[str, ...] = FORMATS
    namespace: str = "monitoring"
    object_labels: Mapping[str, str] = field(default_factory=dict)
    deployment: str = "grafana"
    grafana_url: str = ""
    runbooks: str = ""
    contexts: Mapping[str, Context] = field(default_factory=dict)


def read(root: Path) -> Settings:
    """The settings of the project in `root`. Raises ConfigError with every mistake, each at its line."""
    path = root / SETTINGS_FILE
    if not path.is_file():
        return Settings()
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([_unreadable(error)]) from error
    if document is None:
        return Settings()
    reader = _Reader()
    settings = reader.settings(document)
    if reader.problems:
        raise ConfigError(reader.problems)
    return settings


def _unreadable(error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    words = [each for each in (getattr(error, "context", None), getattr(error, "problem", None)) if each]
    return Problem(Source(SETTINGS_FILE, line), f"is not YAML: {', '.join(words) or error}")


class _Reader:
    """Reads YAML nodes rather than values, because only nodes know their lines; collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def settings(self, node: yaml.Node) -> Settings:
        found = self._map(
            node,
            "gk.yaml",
            {
                "folder": self._text,
                "labels": self._labels,
                "build": self._build,
                "kubernetes": self._kubernetes,
                "links": self._links,
                "contexts": self._contexts,
            },
        )
        sections = {key: found.pop(key, {}) for key in ("build", "kubernetes", "links")}
        return Settings(**found, **sections["build"], **sections["kubernetes"], **sections["links"])

    def _build(self, node: yaml.Node, where: str) -> dict[str, Any]:
        return self._map(node, where, {"output": self._output, "formats": self._formats})

    def _kubernetes(self, node: yaml.Node, where: str) -> dict[str, Any]:
        keys = {"namespace": self._text, "labels": self._texts, "deployment": self._text}
        return {
            "object_labels" if key == "labels" else key: value for key, value in self._map(node, where, keys).items()
        }

    def _links(self, node: yaml.Node, where: str) -> dict[str, Any]:
        found = self._map(node, where, {"grafana": self._url, "runbooks": self._text})
        return {"grafana_url" if key == "grafana" else key: value for key, value in found.items()}

    def _contexts(self, node: yaml.Node, where: str) -> dict[str, Context]:
        return {
            name: Context(
                **self._map(
                    value,
                    f"{where}.{name}",
                    {"grafana": self._url, "prometheus": self._url, "token": self._secret},
                )
            )
            for name, value in self._items(node, where)
        }

    def _secret(self, node: yaml.Node, where: str) -> dict[str, str]:
        # What is there instead is not shown: it may be the token.
        is_one = [key.value for key in _key_nodes(node)] in (["env"], ["file"])
        found = self._map(node, where, {"env": self._text, "file": self._text}) if is_one else {}
        if not found:
            self._wrong(node, f"{where}: write where the token is, {{env: NAME}} or {{file: PATH}}, never the token")
        return found

    def _labels(self, node: yaml.Node, where: str) -> LabelScheme:
        if isinstance(node, yaml.ScalarNode):
            return LabelScheme(PRESETS[self._preset(node, where)])
        items = self._items(node, where)
        preset = next((self._preset(value, where) for key, value in items if key == "preset"), DEFAULT_PRESET)
        labels = dict(PRESETS[preset])
        for name, value in items:
            if name != "preset":
                labels[name] = self._exporter(value, f"{where}.{name}", labels.get(name) or Labels(job=name))
        return LabelScheme(labels)

    def _preset(self, node: yaml.Node, where: str) -> str:
        name = self._text(node, where)
        if name in PRESETS:
            return name
        self._wrong(node, f"{where}: '{name}' is no preset of labels{did_you_mean(name, PRESETS) or _one_of(PRESETS)}")
        return DEFAULT_PRESET

    def _exporter(self, node: yaml.Node, where: str, default: Labels) -> Labels:
        found = self._map(node, where, {"job": self._text, "node": self._label, "matchers": self._matchers})
        # Matchers say which of a job's series are the exporter's, so they go with the job that they were for.
        inherited = {} if "job" in found else {"matchers": default.matchers, "shared": default.shared}
        return Labels(**{"job": default.job, "node": default.node, **inherited, **found})

    def _label(self, node: yaml.Node, where: str) -> str:
        name = self._text(node, where)
        if not _LABEL.fullmatch(name):
            self._wrong(node, f"{where}: '{name}' is no name of a label")
        return name

    def _matchers(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        matchers = self._list(node, where)
        for matcher in matchers:
            try:
                parse(f"up{{{matcher}}}")
            except ValueError:
                self._wrong(node, f"{where}: '{matcher}' is no PromQL matcher, such as 'env=\"production\"'")
        return matchers

    def _formats(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        formats = self._list(node, where)
        for name in formats:
            if name not in FORMATS:
                self._wrong(node, f"{where}: '{name}' is no format{did_you_mean(name, FORMATS) or _one_of(FORMATS)}")
        return formats

    def _output(self, node: yaml.Node, where: str) -> str:
        path = self._text(node, where)
        if path.startswith("/") or ".." in Path(path).parts or Path(path) == Path():
            self._wrong(node, f"{where}: '{path}' is no folder inside the project; gk build -o writes elsewhere")
        elif Path(path).parts[0] in DEFINITIONS:
            self._wrong(node, f"{where}: '{path}' is where definitions are; choose another folder")
        return path

    def _url(self, node: yaml.Node, where: str) -> str:
        # The URL is not shown: it may have a password in it.
        url = self._text(node, where)
        if url and not url.startswith(("http://", "https://")):
            self._wrong(node, f"{where}: is no URL; it starts with http:// or https://")
        elif _USER.match(url):
            self._wrong(node, f"{where}: leave user and password out of the URL; a context's token says who gk is")
        return url.rstrip("/")

    def _texts(self, node: yaml.Node, where: str) -> dict[str, str]:
        return {key: self._text(value, f"{where}.{key}") for key, value in self._items(node, where)}

    def _list(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._text(each, where) for each in node.value)
        self._wrong(node, f"{where}: expected a list")
        return ()

    def _text(self, node: yaml.Node, where: str) -> str:
        if isinstance(node, yaml.ScalarNode) and not _is_null(node):
            return str(node.value)
        self._wrong(node, f"{where}: expected a text")
        return ""

    def _items(self, node: yaml.Node, where: str) -> list[tuple[str, yaml.Node]]:
        """The keys of a mapping and their values, those of a repeated key once. No mapping, or a repeated key, is a
        problem; no value at all is an empty mapping."""
        if not isinstance(node, yaml.MappingNode):
            if not _is_null(node):
                self._wrong(node, f"{'' if where == SETTINGS_FILE else f'{where}: '}expected keys with values")
            return []
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if found.setdefault(str(key.value), value) is not value:
                self._wrong(key, f"key '{_path(where, key.value)}' is here twice")
        return list(found.items())

    def _map(self, node: yaml.Node, where: str, keys: Mapping[str, Callable[[yaml.Node, str], Any]]) -> dict[str, Any]:
        """The values of a mapping, each read as `keys` says. An unknown key is a problem, one without a value unset."""
        found: dict[str, Any] = {}
        key_nodes = {str(key.value): key for key in _key_nodes(node)}
        for name, value in self._items(node, where):
            path = _path(where, name)
            if name not in keys:
                hint = did_you_mean(name, keys) or _one_of(keys)
                self._wrong(key_nodes[name], f"unknown key '{path}'{hint}")
            elif not _is_null(value):
                found[name] = keys[name](value, path)
        return found

    def _wrong(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(Source(SETTINGS_FILE, node.start_mark.line + 1), message))


def _path(where: str, name: str) -> str:
    return name if where == SETTINGS_FILE else f"{where}.{name}"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def _key_nodes(node: yaml.Node) -> list[yaml.Node]:
    return [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _one_of(words: Mapping[str, Any] | tuple[str, ...]) -> str:
    return f"; one of {', '.join(sorted(words))}"
