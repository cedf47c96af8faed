"""Reads YAML as nodes, because values do not know their lines: texts, numbers, lists and mappings
with checked keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import yaml

from gk.errors import Problem, Source, did_you_mean

__all__ = ["NodeReader", "composed", "is_null", "key_nodes", "one_of"]

_DEEPEST = 50
"""Levels of brackets; settings have five at most."""
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_BOOLS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def composed(text: str) -> yaml.Node | None:
    """The node of a YAML text; None for an empty one. Raises YAMLError, and RecursionError for one
    that is nested too deep."""
    # Compose nodes, because constructing values may take forever for a few lines with aliases and
    # merges. The parser's time also grows with the square of the depth of brackets.
    depth = accumulate((letter in "[{") - (letter in "]}") for letter in text)
    if max(depth, default=0) > _DEEPEST:
        raise RecursionError
    return yaml.compose(text, Loader=yaml.SafeLoader)


class NodeReader:
    """Reads the nodes of a file, and collects mistakes in `problems`.

    Where a method takes `where`, that is the path of the node for messages; at the top of the file,
    its name.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def _number(self, node: yaml.Node, where: str, *, least: int, most: int) -> int:
        # Only as people write numbers: YAML also knows 0x1f, 1_000 and 1:30.
        number = (
            int(node.value)
            if node.tag == _INT and re.fullmatch("0|[1-9][0-9]{0,9}", str(node.value))
            else -1
        )
        if not least <= number <= most:
            self._wrong(node, f"{where}: expected a whole number from {least} to {most}")
        return number

    def _yes_or_no(self, node: yaml.Node, where: str) -> bool:
        if node.tag == _BOOL and str(node.value).lower() in _BOOLS:
            return _BOOLS[node.value.lower()]
        self._wrong(node, f"{where}: expected true or false")
        return False

    def _checked(self, node: yaml.Node, where: str, mistake: Callable[[str], str]) -> str:
        text = self._text(node, where)
        # They differ if the text itself is a mistake.
        if text == node.value and (message := mistake(text)):
            self._wrong(node, f"{where}: {message}")
        return text

    def _list(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._text(item, where) for item in node.value)
        self._wrong(node, f"{where}: expected a list")
        return ()

    def _text(self, node: yaml.Node, where: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or is_null(node):
            self._wrong(node, f"{where}: expected text")
            return ""
        text = str(node.value)
        if _UNPRINTABLE.search(text):
            self._wrong(node, f"{where}: contains a control character or an unpaired surrogate")
            return ""
        return text

    def _filled(self, node: yaml.Node, where: str) -> str:
        if isinstance(node, yaml.ScalarNode) and not node.value.strip():
            self._wrong(node, f"{where}: expected text")
            return ""
        return self._text(node, where)

    def _items(self, node: yaml.Node, where: str) -> list[tuple[str, yaml.Node]]:
        """Return the keys and values of a mapping, and the first value of a repeated key.

        Notes a mistake for a repeated key, and for a node that is not a mapping; a missing value is
        an empty mapping.
        """
        if not isinstance(node, yaml.MappingNode):
            if not is_null(node):
                self._wrong(
                    node,
                    f"{'' if where == self._file else f'{where}: '}expected keys with values",
                )
            return []
        items: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(key, f"{'' if where == self._file else f'{where}: '}a key must be text")
            elif items.setdefault(str(key.value), value) is not value:
                self._wrong(key, f"key '{self._path(where, key.value)}' appears twice")
        return list(items.items())

    def _map(
        self, node: yaml.Node, where: str, keys: Mapping[str, Callable[[yaml.Node, str], Any]]
    ) -> dict[str, Any]:
        """Return the values of a mapping, each read by its function in `keys`.

        Notes a mistake for an unknown key; a key without a value is unset.
        """
        values: dict[str, Any] = {}
        named = {str(key.value): key for key in key_nodes(node)}
        for name, value in self._items(node, where):
            path = self._path(where, name)
            if name not in keys:
                hint = did_you_mean(name, keys) or one_of(keys)
                self._wrong(named[name], f"unknown key '{path}'{hint}")
            elif not is_null(value):
                values[name] = keys[name](value, path)
        return values

    def _path(self, where: str, name: str) -> str:
        return name if where == self._file else f"{where}.{name}"

    def _wrong(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(Source(self._file, node.start_mark.line + 1), message))


def is_null(node: yaml.Node) -> bool:
    """Whether a node has no value."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def key_nodes(node: yaml.Node) -> list[yaml.Node]:
    """The keys of a mapping that are scalars; none of another node."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return [key for key, _ in pairs if isinstance(key, yaml.ScalarNode)]


def one_of(words: Mapping[str, Any] | tuple[str, ...]) -> str:
    """The end of a message that lists all words."""
    return f"; one of {', '.join(sorted(words))}"
