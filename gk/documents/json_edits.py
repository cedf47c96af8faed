"""Changes values in the text of a JSON document, and leaves every other character as it is: the
order of keys, the indentation, the form of numbers, the line breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

__all__ = ["Edit", "NoEditError", "applied", "edits"]


class NoEditError(ValueError):
    """The difference is more than other values and new keys, or the text is not JSON."""


class Edit(NamedTuple):
    """A part of the text, and what replaces it."""

    start: int
    end: int
    new: str


@dataclass(slots=True)
class _Node:
    """A value in the text, and where it is. An object has members, and a list has items."""

    start: int
    end: int
    value: Any = None
    members: dict[str, _Member] | None = None
    items: list[_Node] | None = None


@dataclass(slots=True)
class _Member:
    key: int
    key_end: int
    node: _Node = field(default_factory=lambda: _Node(0, 0))


def edits(text: str, after: Any) -> list[Edit]:
    """What makes `text` a document equal to `after`, from the first to the last. Raises
    NoEditError."""
    try:
        root = _value(text, _space(text, 1 if text.startswith("\ufeff") else 0))
        if _space(text, root.end) != len(text):
            raise NoEditError("is followed by something else")
        return sorted(_edits(text, root, after))
    except (IndexError, ValueError, RecursionError) as error:
        raise NoEditError(str(error)) from error


def applied(text: str, edits: list[Edit]) -> str:
    """The text after edits, which do not overlap and are in order."""
    parts, position = [], 0
    for edit in edits:
        parts += [text[position : edit.start], edit.new]
        position = edit.end
    return "".join([*parts, text[position:]])


def _edits(text: str, node: _Node, after: Any) -> Iterator[Edit]:
    if node.members is not None and isinstance(after, dict):
        if gone := node.members.keys() - after.keys():
            raise NoEditError(f"no key is taken away: {min(gone)}")
        for key, member in node.members.items():
            yield from _edits(text, member.node, after[key])
        new = {key: value for key, value in after.items() if key not in node.members}
        if new:
            yield _insertion(text, node, new)
    elif node.items is not None and isinstance(after, list):
        if len(node.items) != len(after):
            raise NoEditError("no list gets longer or shorter")
        for item, value in zip(node.items, after, strict=True):
            yield from _edits(text, item, value)
    elif node.members is not None or node.items is not None or not _is_same(node.value, after):
        yield Edit(node.start, node.end, _written(text, after))


def _is_same(one: Any, other: Any) -> bool:
    # True == 1 in Python.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _insertion(text: str, node: _Node, new: dict[str, Any]) -> Edit:
    """New keys, after the last one and laid out like it."""
    members = [*(node.members or {}).values()]
    if not members:
        inside = ", ".join(
            f"{_written(text, key)}: {_written(text, value)}" for key, value in new.items()
        )
        return Edit(node.start, node.end, f"{{{inside}}}")
    last = max(members, key=lambda member: member.key)
    before = text[text.rindex("{" if len(members) == 1 else ",", 0, last.key) + 1 : last.key]
    between = text[last.key_end : last.node.start]
    parts = (
        f",{before}{_written(text, key)}{between}{_written(text, value)}"
        for key, value in new.items()
    )
    return Edit(last.node.end, last.node.end, "".join(parts))


def _written(text: str, value: Any) -> str:
    # A document in ASCII stays one: what wrote it escapes all other characters.
    return json.dumps(value, ensure_ascii=text.isascii())


# Reading

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int) -> _Node:
    """The value that starts at a place. Raises IndexError and ValueError for what is not JSON."""
    first = text[at]
    if first == "{":
        return _object(text, at)
    if first == "[":
        return _list(text, at)
    if first == '"':
        value, end = scanstring(text, at + 1, True)
        return _Node(at, end, value)
    if first in _WORDS:
        word, value = _WORDS[first]
        if text.startswith(word, at):
            return _Node(at, at + len(word), value)
    number = _NUMBER.match(text, at)
    if number is None:
        raise NoEditError(f"no JSON at character {at}")
    return _Node(at, number.end(), json.loads(number.group()))


def _object(text: str, start: int) -> _Node:
    node = _Node(start, start, members={})
    assert node.members is not None
    at = _space(text, start + 1)
    while text[at] != "}":
        key, key_end = scanstring(text, at + 1, True)
        member = node.members[key] = _Member(at, key_end)
        colon = _space(text, key_end)
        if text[at] != '"' or text[colon] != ":":
            raise NoEditError(f"no JSON at character {at}")
        member.node = _value(text, _space(text, colon + 1))
        at = _next(text, member.node.end, "}")
    node.end = at + 1
    return node


def _list(text: str, start: int) -> _Node:
    node = _Node(start, start, items=[])
    assert node.items is not None
    at = _space(text, start + 1)
    while text[at] != "]":
        item = _value(text, at)
        node.items.append(item)
        at = _next(text, item.end, "]")
    node.end = at + 1
    return node


def _next(text: str, end: int, closing: str) -> int:
    """Where the next value begins, or the closing bracket is."""
    at = _space(text, end)
    if text[at] == closing:
        return at
    if text[at] != ",":
        raise NoEditError(f"no JSON at character {at}")
    return _space(text, at + 1)
