"""Finds the fields in which two values differ."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.documents.differences import ABSENT, differences
from gk.documents.schema_v2 import BEYOND

__all__ = [
    "OF_NOTIFICATIONS",
    "Json",
    "Named",
    "as_list",
    "as_mapping",
    "both",
    "edit_of",
    "edits",
    "one_edit",
    "order_edit",
    "paired",
    "removed",
]

Json = Mapping[str, Any]
S = TypeVar("S")
T = TypeVar("T")

OF_NOTIFICATIONS = {
    "mute_time_intervals": Code.MUTE_TIMINGS,
    "active_time_intervals": Code.ACTIVE_TIMINGS,
    "group_by": Code.GROUP_BY,
    "group_wait": Code.GROUP_WAIT,
    "group_interval": Code.GROUP_INTERVAL,
    "repeat_interval": Code.REPEAT_INTERVAL,
}
"""The fields that a notification policy and a rule's notification settings share."""

# The part of a path that says only where an option is.
_INSIDE = re.compile(
    r"^(?:fieldConfig\.defaults\.custom|fieldConfig\.defaults|options|v2\.spec|v2)\."
)


def edits(
    old: Json,
    new: Json,
    codes: Mapping[str, Code] | None = None,
    promql: Iterable[str] = (),
    prefix: str = "",
) -> Iterator[Edit]:
    """The fields in which two objects differ. `codes` maps paths to codes; `promql` are the paths
    with PromQL."""
    # If either side is not an object, the edit has both values whole.
    sides: list[Any] = [dict(side) if isinstance(side, Mapping) else side for side in (old, new)]
    if all(isinstance(side, dict) and isinstance(side.get(BEYOND, {}), dict) for side in sides):
        # What a classic dashboard has no place for differs field by field, even on one side only.
        beyond = [side.get(BEYOND, {}) for side in sides]
        for side, *pair in zip(sides, beyond, reversed(beyond), strict=True):
            side[BEYOND] = _with_objects_of(*pair)
    for difference in differences(*sides):
        code = (codes or {}).get(difference.path, Code.OTHER)
        is_known = code is not Code.OTHER
        option = "" if is_known else f"{prefix}{_INSIDE.sub('', difference.path) or 'value'}"
        form = Form.PROMQL if difference.path in promql else Form.VALUE
        yield Edit(option, difference.old, difference.new, form, difference.path, code=code)


def _with_objects_of(value: Any, other: Any) -> Any:
    """A value with empty objects where only the other one has objects."""
    if not isinstance(value, dict) or not isinstance(other, dict):
        return value
    missing: dict[str, Any] = {key: {} for key, inner in other.items() if isinstance(inner, dict)}
    return {
        key: _with_objects_of(inner, other.get(key)) for key, inner in {**missing, **value}.items()
    }


def one_edit(
    code: Code, old: Any, new: Any, form: Form = Form.VALUE, path: str = "", *, of: str = ""
) -> Iterator[Edit]:
    """One edit if the values differ, else none. None means no value."""
    before, after = (ABSENT if value is None else value for value in (old, new))
    if before != after:
        yield edit_of(code, before, after, form, path, of=of)


def edit_of(
    code: Code, old: Any, new: Any, form: Form = Form.VALUE, path: str = "", *, of: str = ""
) -> Edit:
    """An edit of a field with a code."""
    return Edit("", old, new, form, path, code=code, of=of)


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def paired(
    old: Sequence[T], new: Sequence[T], *keys: Callable[[T], Any]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Pair the items of both sides. Returns the pairs in the new order, the items that only the old
    side has, and those that only the new side has.

    Every function in `keys` pairs the items that are still unpaired, by equal keys and in order. An
    item with the key None is not paired.
    """
    left, right = list(range(len(old))), list(range(len(new)))
    pairs: dict[int, int] = {}
    for key in keys:
        # Queues keep the order: of several items with the same key, the first is paired with the
        # first.
        places: dict[Any, deque[int]] = defaultdict(deque)
        for index in left:
            if (value := key(old[index])) is not None:
                places[value].append(index)
        for index in right:
            if same := places.get(key(new[index])):
                pairs[index] = same.popleft()
        taken = set(pairs.values())
        left = [index for index in left if index not in taken]
        right = [index for index in right if index not in pairs]
    in_order = [(old[pairs[index]], new[index]) for index in sorted(pairs)]
    return in_order, [old[index] for index in left], [new[index] for index in right]


@dataclass(frozen=True)
class Named:
    """A kind of parts with names: variables, links, alerts.

    Parts are paired by the keys in `first`, by name, then by the keys in `others`. `chief` returns
    the main fields of one part that was added or removed, `changed` the fields in which two parts
    differ.
    """

    kind: str
    name: Callable[[Json], str]
    chief: Callable[[Json], Iterator[Edit]]
    changed: Callable[[Json, Json], Iterator[Edit]]
    others: Sequence[Callable[[Json], Any]] = ()
    first: Sequence[Callable[[Json], Any]] = ()

    def parts(self, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Part]:
        """The parts that were added, removed or changed."""
        pairs, gone, come = paired(old, new, *self.first, self.name, *self.others)
        for before, after in pairs:
            names = both(self.name, before, after)
            if changed := [*one_edit(Code.NAME, *names), *self.changed(before, after)]:
                yield Part(self.kind, names[1], Mark.CHANGED, tuple(changed), ids=names)
        for item in come:
            yield Part(
                self.kind,
                self.name(item),
                Mark.ADDED,
                tuple(self.chief(item)),
                ids=("", self.name(item)),
            )
        for item in gone:
            chief = tuple(map(removed, self.chief(item)))
            yield Part(self.kind, self.name(item), Mark.REMOVED, chief, ids=(self.name(item), ""))


def order_edit(of: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """One edit if the names that both sides have are in another order."""
    shared = set(old) & set(new)
    kept, now = ([name for name in side if name in shared] for side in (old, new))
    if kept != now and sorted(kept) == sorted(now):
        yield edit_of(Code.ORDER, ", ".join(kept), ", ".join(now), Form.WORDS, of=of)


def removed(edit: Edit) -> Edit:
    """Turn the edit of an added value into that of a removed one."""
    return replace(edit, old=edit.new, new=edit.old)


def both(function: Callable[[S], T], old: S, new: S) -> tuple[T, T]:
    """Call a function for both sides."""
    return function(old), function(new)


def as_mapping(value: Any) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
