"""The part `check:` of gk.yaml: what fails, the severities and options of checks, and silences.

    check:
      fail_on: error                     or warning (the default), or info
      checks:
        panel-without-description: off   or error, warning, info
        alert-name-too-long: {severity: error, most: 50}
      silences:
        - check: division-by-zero
          file: dashboards/legacy/*.py   default: any; * matches any characters
          name: Error rate*              of a panel, an alert, a variable; default: any
          reason: No request means no error here.

gk.check knows the names of checks and their options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import yaml

from gk.settings.yaml_nodes import NodeReader, key_nodes, one_of

__all__ = ["OFF", "CheckChange", "CheckReader", "CheckSettings", "Option", "Silence"]

SEVERITIES = ("error", "info", "warning")
OFF = "off"
"""Read as the text of its node: as a value, YAML 1.1 makes false of it."""


@dataclass(frozen=True, slots=True)
class Option:
    """The value of an option, as text or as a list of texts, and its line in gk.yaml."""

    value: str | tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class CheckChange:
    """What gk.yaml changes of a check: its severity (empty: nothing) and options, and its line."""

    severity: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """Findings of a check that are meant to be, in files and parts whose names match patterns; the
    reason, and the line in gk.yaml."""

    check: str
    reason: str
    file: str = "*"
    name: str = "*"
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """The whole part; `checks` is by name, whether there is such a check or not."""

    fail_on: str = "warning"
    checks: Mapping[str, CheckChange] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()


class CheckReader(NodeReader):
    """Reads the nodes of `check:`."""

    def _check(self, node: yaml.Node, where: str) -> CheckSettings:
        keys: dict[str, Callable[[yaml.Node, str], Any]] = {
            "fail_on": partial(self._checked, mistake=_severity_mistake),
            "checks": self._checks,
            "silences": self._silences,
        }
        return CheckSettings(**self._map(node, where, keys))

    def _checks(self, node: yaml.Node, where: str) -> dict[str, CheckChange]:
        lines = {str(key.value): key.start_mark.line + 1 for key in key_nodes(node)}
        return {
            name: self._change(value, f"{where}.{name}", lines[name])
            for name, value in self._items(node, where)
        }

    def _change(self, node: yaml.Node, where: str, line: int) -> CheckChange:
        if isinstance(node, yaml.ScalarNode):
            return CheckChange(self._checked(node, where, _change_mistake), line=line)
        severity, options = "", {}
        for name, value in self._items(node, where):
            path = f"{where}.{name}"
            if name == "severity":
                severity = self._checked(value, path, _change_mistake)
            else:
                given = (
                    self._list(value, path)
                    if isinstance(value, yaml.SequenceNode)
                    else self._text(value, path)
                )
                options[name] = Option(given, value.start_mark.line + 1)
        return CheckChange(severity, options, line)

    def _silences(self, node: yaml.Node, where: str) -> tuple[Silence, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, f"{where}: expected a list")
            return ()
        silences = (self._silence(silence, where) for silence in node.value)
        return tuple(filter(None, silences))

    def _silence(self, node: yaml.Node, where: str) -> Silence | None:
        keys = dict.fromkeys(("check", "reason", "file", "name"), self._filled)
        given = self._map(node, where, keys)
        if lacking := [key for key in ("check", "reason") if not given.get(key)]:
            if isinstance(node, yaml.MappingNode):
                self._wrong(node, f"{where}: a silence needs {' and '.join(lacking)}")
            return None
        return Silence(**given, line=node.start_mark.line + 1)


def _severity_mistake(word: str) -> str:
    return "" if word in SEVERITIES else f"'{word}' is not a severity{one_of(SEVERITIES)}"


def _change_mistake(word: str) -> str:
    words = (*SEVERITIES, OFF)
    return "" if word in words else f"'{word}' is not a severity{one_of(words)}"
