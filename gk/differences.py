"""How two JSON documents differ, field by field, with lists compared by what their elements are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ABSENT", "Difference", "differences"]


class _Absent:
    """There is no such field."""

    def __repr__(self) -> str:
        return "(nothing)"


ABSENT: Any = _Absent()

_KEYS = ("uid", "refId", "id", "name", "title")
"""What tells the elements of Grafana's lists apart: rules, targets, panels, variables, links."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: where (`panels['CPU busy'].targets['A'].expr`), and its values; ABSENT where it is not."""

    path: str
    old: Any
    new: Any


def differences(old: Any, new: Any) -> list[Difference]:
    """Every field in which two JSON documents differ, in the order of their keys; the smallest that differ."""
    return list(_differences(old, new, ""))


def _differences(old: Any, new: Any, path: str) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), _join(path, key))
    elif isinstance(old, list) and isinstance(new, list) and (key := _key(old, new)):
        before, after = ({each[key]: each for each in elements} for elements in (old, new))
        for name in dict.fromkeys((*before, *after)):
            called = _called((before.get(name) or after[name]), key)
            yield from _differences(before.get(name, ABSENT), after.get(name, ABSENT), f"{path}[{called!r}]")
        kept, now = ([each for each in side if each in before and each in after] for side in (before, after))
        if kept != now:
            names = {name: _called(each, key) for name, each in before.items()}
            yield Difference(f"{path} (order)", [names[each] for each in kept], [names[each] for each in now])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif old != new or type(old) is not type(new):
        yield Difference(path, old, new)


def _called(element: Mapping[str, Any], key: str) -> Any:
    """What people call an element of a list: a panel by its title rather than by its id."""
    return element.get("title") or element[key]


def _key(old: Sequence[Any], new: Sequence[Any]) -> str:
    """The key whose values tell all elements of both lists apart; empty if there is none."""
    elements = (*old, *new)
    if not elements or not all(isinstance(each, Mapping) for each in elements):
        return ""
    for key in _KEYS:
        values = [[each.get(key) for each in side] for side in (old, new)]
        if all(isinstance(value, (str, int)) for side in values for value in side) and all(
            len(set(side)) == len(side) for side in values
        ):
            return key
    return ""


def _join(path: str, key: str) -> str:
    if not _PLAIN.fullmatch(key):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key
