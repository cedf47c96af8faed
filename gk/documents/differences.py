"""Compares two JSON documents field by field; list elements are matched by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gk.bounded.matching import stretches

__all__ = ["ABSENT", "Difference", "Place", "differences", "patch"]


class _Absent:
    """Marks a field that does not exist."""

    def __repr__(self) -> str:
        return "(nothing)"


ABSENT: Any = _Absent()

_KEYS = ("uid", "refId", "id", "name", "title")
"""Keys that identify the elements of Grafana's lists: rules, targets, panels, variables, links."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


Place: TypeAlias = "tuple[object, ...]"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its path (`panels['CPU busy'].targets['A'].expr`) and its values;
    ABSENT if a side lacks it.

    A path has the names that people know, which may differ themselves. `place` has what identifies
    the same element on both sides, and so in other comparisons.
    """

    path: str
    old: Any
    new: Any
    place: Place = field(default=(), compare=False)


def differences(old: Any, new: Any) -> list[Difference]:
    """Return the smallest fields in which two JSON documents differ, in the order of their keys."""
    return list(_differences(old, new, "", ()))


def _differences(old: Any, new: Any, path: str, place: Place) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(
                old.get(key, ABSENT), new.get(key, ABSENT), _join(path, key), (*place, key)
            )
    elif isinstance(old, list) and isinstance(new, list) and (key := _key(old, new)):
        before, after = ({element[key]: element for element in elements} for elements in (old, new))
        for name in dict.fromkeys((*before, *after)):
            called = _called((before.get(name) or after[name]), key)
            yield from _differences(
                before.get(name, ABSENT),
                after.get(name, ABSENT),
                f"{path}[{called!r}]",
                (*place, (key, name)),
            )
        kept, now = (
            [name for name in side if name in before and name in after] for side in (before, after)
        )
        if kept != now:
            names = {name: _called(element, key) for name, element in before.items()}
            yield Difference(
                f"{path} (order)",
                [names[name] for name in kept],
                [names[name] for name in now],
                (*place, "(order)"),
            )
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]", (*place, index))
    # By type, too: in Python True equals 1, in JSON they differ.
    elif old != new or type(old) is not type(new):
        yield Difference(path, old, new, place)


def _called(element: Mapping[str, Any], key: str) -> Any:
    """The name by which people know a list element: a panel's title rather than its id."""
    return element.get("title") or element[key]


def _key(old: Sequence[Any], new: Sequence[Any]) -> str:
    """Return the key whose values identify all elements of both lists; empty if there is none."""
    elements = (*old, *new)
    if not elements or not all(isinstance(element, Mapping) for element in elements):
        return ""
    for key in _KEYS:
        values = [[element.get(key) for element in side] for side in (old, new)]
        if all(isinstance(value, (str, int)) for side in values for value in side) and all(
            len(set(side)) == len(side) for side in values
        ):
            return key
    return ""


def _join(path: str, key: str) -> str:
    if not _PLAIN.fullmatch(key):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key


# JSON Patch


def patch(old: Any, new: Any) -> list[dict[str, Any]]:
    """Return the operations that turn one JSON document into another: `add`, `remove` and `replace`
    (RFC 6902).

    Equal elements of two lists stay in place, so inserting one in front changes no other.
    """
    return list(_operations(old, new, ""))


def _operations(old: Any, new: Any, pointer: str) -> Iterator[dict[str, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in new:
                yield {"op": "remove", "path": at}
            elif key not in old:
                yield {"op": "add", "path": at, "value": new[key]}
            else:
                yield from _operations(old[key], new[key], at)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, pointer)
    elif type(old) is not type(new) or old != new:
        yield {"op": "replace", "path": pointer, "value": new}


def _of_lists(old: list[Any], new: list[Any], pointer: str) -> Iterator[dict[str, Any]]:
    key = _key(old, new)
    names, others = (
        [json.dumps(element.get(key) if key else element, sort_keys=True) for element in side]
        for side in (old, new)
    )
    # How far earlier additions and removals have moved the elements still to come.
    shift = 0
    for start, end, other, last, _ in stretches(names, others):
        for index in range(min(end - start, last - other)):
            yield from _operations(
                old[start + index], new[other + index], f"{pointer}/{start + index + shift}"
            )
        for _ in range(max(0, (end - start) - (last - other))):
            yield {"op": "remove", "path": f"{pointer}/{start + (last - other) + shift}"}
        for index in range(end - start, last - other):
            yield {
                "op": "add",
                "path": f"{pointer}/{start + index + shift}",
                "value": new[other + index],
            }
        shift += (last - other) - (end - start)
