"""Fields that differ."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gk.diff.codes import Code
from gk.diff.model import Edit, Form, Mark, Part
from gk.documents.differences import ABSENT, differences

__all__ = [
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
    "without",
]

Json = Mapping[str, Any]
S = TypeVar("S")
T = TypeVar("T")

# What says where an option is, and not what it is.
_INSIDE = re.compile(r"^(?:fieldConfig\.defaults\.custom|fieldConfig\.defaults|options)\.")


def edits(
    old: Json,
    new: Json,
    codes: Mapping[str, Code] | None = None,
    promql: Iterable[str] = (),
    prefix: str = "",
) -> Iterator[Edit]:
    """The fields in which two objects differ. `codes` has those of paths, `promql` the paths of
    PromQL."""
    # Where either has something other than an object, the whole is told.
    sides: list[Any] = [dict(side) if isinstance(side, Mapping) else side for side in (old, new)]
    for difference in differences(*sides):
        code = (codes or {}).get(difference.path, Code.OTHER)
        is_known = code is not Code.OTHER
        option = "" if is_known else f"{prefix}{_INSIDE.sub('', difference.path) or 'value'}"
        form = Form.PROMQL if difference.path in promql else Form.VALUE
        yield Edit(option, difference.old, difference.new, form, difference.path, code=code)


def one_edit(
    code: Code, old: Any, new: Any, form: Form = Form.VALUE, path: str = "", *, of: str = ""
) -> Iterator[Edit]:
    """One edit if the values differ; None stands for no value."""
    before, after = (ABSENT if value is None else value for value in (old, new))
    if before != after:
        yield edit_of(code, before, after, form, path, of=of)


def edit_of(
    code: Code, old: Any, new: Any, form: Form = Form.VALUE, path: str = "", *, of: str = ""
) -> Edit:
    """An edit of a field that gk knows."""
    return Edit("", old, new, form, path, code=code, of=of)


def as_list(value: Any) -> list[Any]:
    """The value if it is a list, or else none."""
    return value if isinstance(value, list) else []


def paired(
    old: Sequence[T], new: Sequence[T], *keys: Callable[[T], Any]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """What belongs together of both sides, in the new order; what is only in the old, and only in
    the new.

    Each of `keys` pairs what none before it did, by equal keys and in order; None is no key.
    """
    left, right = list(range(len(old))), list(range(len(new)))
    pairs: dict[int, int] = {}
    for key in keys:
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
    """A kind of parts that have names: variables, links, alerts.

    They are matched by name, and then by each of `others`. `chief` gives what is worth telling of
    one alone, as of one that was added, `changed` the fields in which two differ.
    """

    kind: str
    name: Callable[[Json], str]
    chief: Callable[[Json], Iterator[Edit]]
    changed: Callable[[Json, Json], Iterator[Edit]]
    others: Sequence[Callable[[Json], Any]] = ()

    def parts(self, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Part]:
        """Those that were added, removed or changed."""
        pairs, gone, come = paired(old, new, self.name, *self.others)
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
    """One edit if the names that both sides have stand in another order."""
    shared = set(old) & set(new)
    kept, now = ([name for name in side if name in shared] for side in (old, new))
    if kept != now and sorted(kept) == sorted(now):
        yield edit_of(Code.ORDER, ", ".join(kept), ", ".join(now), Form.WORDS, of=of)


def removed(edit: Edit) -> Edit:
    """The edit of something that was added, for something that was removed."""
    return replace(edit, old=edit.new, new=edit.old)


def both(function: Callable[[S], T], old: S, new: S) -> tuple[T, T]:
    """What a function gives for both sides."""
    return function(old), function(new)


def without(value: Json, *keys: str) -> dict[str, Any]:
    """An object without some of its fields."""
    return {key: item for key, item in value.items() if key not in keys}


def as_mapping(value: Any) -> Json:
    """The value if it is an object, or else an empty one."""
    return value if isinstance(value, Mapping) else {}
