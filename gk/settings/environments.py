"""The parts of gk.yaml that make environments: what each of them changes, the values that
definitions read, and data sources with another URL, uid or name.

    values: {cpu_high: 0.9}            of every environment that does not set its own
    environments:
      prod:
        datasources: {prometheus: {url: "http://prometheus.example.com"}}
      staging:
        values: {cpu_high: 0.8}

An environment is the whole file with its own keys merged over it, as nodes, so that every mistake
keeps its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from gk.errors import ConfigError, Problem, did_you_mean
from gk.settings.yaml_nodes import NodeReader, is_null, key_nodes

__all__ = [
    "DatasourceChange",
    "EnvironmentReader",
    "Value",
    "choose",
    "joined",
    "merged",
    "own_node",
    "told_once",
    "words",
]

OF_ALL = ("project", "environments", "sandbox", "libraries")
"""Keys that an environment cannot have: they are about the repository."""
LONGEST = 30
"""Characters of a name."""
MOST = 50
"""Environments: each is read, loaded and compiled by itself."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
# YAML 1.1 reads 1e3 as text.
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_ODD_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_BOOL = "tag:yaml.org,2002:bool"


@dataclass(frozen=True, slots=True)
class Value:
    """A value for definitions, and its line in gk.yaml."""

    value: Any
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasourceChange:
    """What gk.yaml changes of a data source. An empty text changes nothing."""

    url: str = ""
    uid: str = ""
    name: str = ""
    line: int = 0


class EnvironmentReader(NodeReader):
    """Reads the nodes of `environments:`, `values:`, `datasources:` and `libraries:`."""

    def _environments(
        self, node: yaml.Node, where: str, reserved: Iterable[str]
    ) -> dict[str, yaml.Node]:
        """The node of each environment by its name, which becomes the name of a folder."""
        keys = {str(key.value): key for key in key_nodes(node)}
        items = dict(self._items(node, where))
        if len(items) > MOST:
            self._wrong(node, f"{where}: has {len(items)} environments; gk allows {MOST}")
            return {}
        folded: dict[str, str] = {}
        for name, own in items.items():
            if len(name) > LONGEST or not _NAME.fullmatch(name):
                self._wrong(
                    keys[name],
                    f"{where}: '{name}' must be 1 to {LONGEST} letters, digits, '-' or '_', with a "
                    "letter or a digit at both ends: gk build writes a folder of that name",
                )
            elif name.casefold() in reserved:
                self._wrong(
                    keys[name],
                    f"{where}: '{name}' is the name of a format, whose files are in a folder of "
                    "that name; choose another",
                )
            elif (first := folded.setdefault(name.casefold(), name)) != name:
                self._wrong(
                    keys[name],
                    f"{where}: '{first}' and '{name}' are one folder on systems that ignore case; "
                    "rename one",
                )
            self._items(own, f"{where}.{name}")
            for key in key_nodes(own):
                if key.value in OF_ALL:
                    self._wrong(
                        key,
                        f"{where}.{name}.{key.value}: is the same in every environment; "
                        "write it at the top of the file",
                    )
        return items

    def _values(self, node: yaml.Node, where: str) -> dict[str, Value]:
        return {
            name: Value(self._value(value, f"{where}.{name}"), value.start_mark.line + 1)
            for name, value in self._items(node, where)
            # A key without a value is unset.
            if not is_null(value)
        }

    def _value(self, node: yaml.Node, where: str) -> Any:
        """A text, a number or a flag, or a list or a mapping of these."""
        if isinstance(node, yaml.SequenceNode):
            return [self._scalar(inner, where) for inner in node.value]
        if isinstance(node, yaml.MappingNode):
            items = self._items(node, where)
            return {name: self._scalar(inner, f"{where}.{name}") for name, inner in items}
        return self._scalar(node, where)

    def _scalar(self, node: yaml.Node, where: str) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(
                node,
                f"{where}: expected a text, a number or a flag; a value is one of these, or one "
                "list or mapping of them",
            )
            return ""
        if node.tag == _BOOL:
            return self._yes_or_no(node, where)
        # A quoted number is a text.
        if node.style is None and _NUMBER.fullmatch(node.value):
            return self._decimal(node, where)
        if node.tag in _ODD_NUMBERS:
            self._wrong(
                node, f"{where}: write {node.value} as a decimal number, or in quotes as a text"
            )
            return 0
        return self._text(node, where)

    def _decimal(self, node: yaml.Node, where: str) -> int | float:
        text = str(node.value)
        digits = text.lstrip("+-")
        if digits.isdecimal() and (digits == "0" or digits[0] != "0"):
            return int(text)
        number = float(text)
        # YAML 1.1 reads 010 as 8.
        if digits.isdecimal() or not math.isfinite(number):
            self._wrong(node, f"{where}: write {text} as a decimal number, or in quotes as a text")
        return number

    def _datasources(self, node: yaml.Node, where: str) -> dict[str, DatasourceChange]:
        return {
            uid: DatasourceChange(
                **self._map(
                    own,
                    f"{where}.{uid}",
                    {"url": self._filled, "uid": self._filled, "name": self._filled},
                ),
                line=own.start_mark.line + 1,
            )
            for uid, own in self._items(node, where)
        }

    def _libraries(self, node: yaml.Node, where: str) -> dict[str, int]:
        lines: dict[str, int] = {}
        for path, item in zip(self._list(node, where), node.value, strict=False):
            lines[path] = item.start_mark.line + 1
            if not path.strip() or path.startswith("/"):
                self._wrong(
                    item,
                    f"{where}: '{path}' must be a folder of the repository, relative to the "
                    "project, such as ../lib",
                )
        return lines


def own_node(document: yaml.Node, own: yaml.Node) -> yaml.Node:
    """The document of an environment: the whole file with the environment's keys merged over
    it."""
    if not isinstance(document, yaml.MappingNode):
        return document
    shared = [pair for pair in document.value if pair[0].value != "environments"]
    if not isinstance(own, yaml.MappingNode):
        return _mapping(shared, document)
    base = _mapping([(key, _as_mapping(key, value)) for key, value in shared], document)
    return merged(base, _mapping([p for p in own.value if p[0].value not in OF_ALL], own))


def _as_mapping(key: yaml.Node, value: yaml.Node) -> yaml.Node:
    """The preset of labels in the form that an environment can change: `{preset: annotations}`."""
    if key.value != "labels" or not isinstance(value, yaml.ScalarNode) or is_null(value):
        return value
    preset = yaml.ScalarNode("tag:yaml.org,2002:str", "preset", value.start_mark, value.end_mark)
    return yaml.MappingNode(
        "tag:yaml.org,2002:map", [(preset, value)], value.start_mark, value.end_mark
    )


def merged(
    base: yaml.Node, own: yaml.Node, _known: dict[tuple[int, int], yaml.Node] | None = None
) -> yaml.Node:
    """Merge two mappings key by key; anything else of `own` replaces what `base` has, and a key
    without a value unsets it."""
    if not (isinstance(base, yaml.MappingNode) and isinstance(own, yaml.MappingNode)):
        return own
    # Aliases let few lines name the same nodes very often.
    known = {} if _known is None else _known
    if node := known.get((id(base), id(own))):
        return node
    changed = {str(key.value) for key in key_nodes(own)}
    # Of a repeated key, the first value counts.
    before = {str(key.value): value for key, value in reversed(base.value)}
    pairs = [pair for pair in base.value if str(pair[0].value) not in changed]
    for key, value in own.value:
        inner = before.get(str(key.value)) if isinstance(key, yaml.ScalarNode) else None
        pairs.append((key, value if inner is None else merged(inner, value, known)))
    known[id(base), id(own)] = result = _mapping(pairs, own)
    return result


def _mapping(pairs: Sequence[Any], like: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode(like.tag, list(pairs), like.start_mark, like.end_mark)


def choose(names: Sequence[str], name: str) -> str:
    """The environment `name` of a project with the environments `names`; without a name the only
    one, and "" for a project without any. Raises ConfigError for an unknown one, and for a choice
    that nobody made."""
    if name and name not in names:
        there = f"has {joined(names)}" if names else "has no environments"
        raise ConfigError(f"-e '{name}': gk.yaml {there}{did_you_mean(name, names)}")
    if not name and len(names) > 1:
        raise ConfigError(f"which environment? gk.yaml has {joined(names)}; choose with -e")
    return name or next(iter(names), "")


def joined(names: Sequence[str]) -> str:
    """`prod`, `prod and staging`, `dev, prod and staging`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def words(names: Sequence[str]) -> str:
    """`environment prod`, `environments prod and staging`."""
    return f"environment{'s' if len(names) > 1 else ''} {joined(names)}"


def told_once(problems: Mapping[str, Iterable[Problem]]) -> list[Problem]:
    """The mistakes of several environments, each once; those that are not in all of them say in
    which they are."""
    environments: dict[Problem, list[str]] = {}
    for name, of_one in problems.items():
        for problem in dict.fromkeys(of_one):
            environments.setdefault(problem, []).append(name)
    return [
        problem
        if len(names) == len(problems)
        else replace(problem, message=f"{problem.message} ({words(names)})")
        for problem, names in environments.items()
    ]
