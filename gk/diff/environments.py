"""Joins the comparisons of a project's environments, so that a change which is the same in several
is told once, with the environments that have it: object by object, part by part, edit by edit."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from gk.diff.model import Cause, Change, Diff, Edit, Level, Part, Risk
from gk.diff.repeated import cause_of
from gk.diff.sides.side import Side
from gk.documents.differences import ABSENT
from gk.resource import Key, Kind
from gk.settings.environments import told_once

__all__ = ["environments_of", "joined_diff"]

T = TypeVar("T")
_ByEnvironment = Mapping[str, T]
"""Something by the environments that have it."""


def environments_of(old: Side, new: Side) -> list[str]:
    """The environments of two sides: those of the new one first."""
    return list(dict.fromkeys((*new.environments, *old.environments)))


def joined_diff(diffs: Mapping[str, Diff], old: Side, new: Side) -> Diff:
    """One comparison of those of all environments."""
    first = next(iter(diffs.values()))
    causes, ids = _joined_causes(diffs)
    changes = _joined_changes(
        {
            name: [_with_ids(change, ids[name]) for change in diff.changes]
            for name, diff in diffs.items()
        }
    )
    is_known = old.environments and new.environments
    return replace(
        first,
        changes=tuple(changes),
        causes=tuple(causes),
        risks=tuple(_joined_risks(diffs)),
        old_problems=tuple(told_once({name: diff.old_problems for name, diff in diffs.items()})),
        new_problems=tuple(told_once({name: diff.new_problems for name, diff in diffs.items()})),
        not_compared=tuple(
            dict.fromkeys(text for diff in diffs.values() for text in diff.not_compared)
        ),
        unchanged=_unchanged(new, list(diffs), changes),
        environments=tuple(diffs),
        environments_added=tuple(_missing_in(old, new)) if is_known else (),
        environments_removed=tuple(_missing_in(new, old)) if is_known else (),
    )


def _missing_in(one: Side, other: Side) -> list[str]:
    return [name for name in other.environments if name not in one.environments]


def _grouped(
    parts_of: Mapping[str, Iterable[T]], key_of: Callable[[T], Hashable]
) -> list[dict[str, T]]:
    """Pair what has the same key in several environments, in the order of the first. What an
    environment has twice stays apart."""
    groups: dict[Hashable, dict[str, T]] = defaultdict(dict)
    for name, items in parts_of.items():
        seen: Counter[Hashable] = Counter()
        for item in items:
            key = key_of(item)
            groups[key, seen[key]][name] = item
            seen[key] += 1
    return list(groups.values())


def _unchanged(new: Side, names: Sequence[str], changes: Iterable[Change]) -> dict[Kind, int]:
    """The number of objects of each kind that no environment changes."""
    changed: set[Key] = {(change.kind, change.uid) for change in changes}
    keys = {resource.key for name in names for resource in new.of(name).resources}
    counts = Counter(kind for kind, uid in keys if (kind, uid) not in changed)
    return {kind: counts[kind] for kind in Kind if counts[kind]}


# Causes and risks


def _joined_causes(diffs: Mapping[str, Diff]) -> tuple[list[Cause], dict[str, dict[str, str]]]:
    """The causes, and the id in each environment's edits by the id that it gets here."""
    ids: dict[str, dict[str, str]] = {name: {} for name in diffs}
    taken: set[str] = set()
    causes = []
    for group in _grouped({name: diff.causes for name, diff in diffs.items()}, _key_of_cause):
        cause = next(iter(group.values()))
        # Two environments may have different causes with one id.
        id = cause.id if cause.id not in taken else f"{cause.id} in {next(iter(group))}"
        taken.add(id)
        for name, own in group.items():
            ids[name][own.id] = id
        places = (place for own in group.values() for place in own.places)
        joined = cause_of(id, cause.title, cause.edits, places)
        causes.append(replace(joined, environments=tuple(group)))
    return sorted(causes, key=lambda cause: (-len(cause.places), cause.title)), ids


def _key_of_cause(cause: Cause) -> Hashable:
    return cause.title, tuple(map(_key_of_edit, cause.edits))


def _joined_risks(diffs: Mapping[str, Diff]) -> list[Risk]:
    groups = _grouped({name: diff.risks for name, diff in diffs.items()}, lambda risk: risk)
    joined = [replace(next(iter(group.values())), environments=tuple(group)) for group in groups]
    levels = list(Level)
    return sorted(joined, key=lambda risk: levels.index(risk.level))


# Changes


def _with_ids(change: Change, ids: Mapping[str, str]) -> Change:
    """A change whose edits name their causes by the ids of the joined ones."""
    if all(old == new for old, new in ids.items()):
        return change
    parts = [
        replace(
            part,
            edits=tuple(
                replace(edit, causes=tuple(ids.get(id, id) for id in edit.causes))
                for edit in part.edits
            ),
        )
        for part in change.parts
    ]
    return replace(change, parts=tuple(parts))


def _joined_changes(changes_of: Mapping[str, Sequence[Change]]) -> list[Change]:
    changes = [_joined_change(group) for group in _grouped(changes_of, _key_of_change)]
    return sorted(
        changes,
        key=lambda change: (change.kind.reading_order, change.folder, change.title, change.uid),
    )


def _key_of_change(change: Change) -> Hashable:
    old = change.old_uid, change.old_title, change.old_folder
    return change.mark, change.kind, change.uid, change.title, change.folder, old, change.is_twin


def _joined_change(by_environment: _ByEnvironment[Change]) -> Change:
    first = next(iter(by_environment.values()))
    groups = _grouped({name: change.parts for name, change in by_environment.items()}, _key_of_part)
    documents = {name: (change.old, change.new) for name, change in by_environment.items()}
    return replace(
        first,
        parts=tuple(_joined_part(group) for group in groups),
        environments=tuple(by_environment),
        variants={name: both for name, both in documents.items() if both != (first.old, first.new)},
    )


def _key_of_part(part: Part) -> Hashable:
    return part.kind, part.name, part.mark, part.row, part.ids, part.within


def _joined_part(by_environment: _ByEnvironment[Part]) -> Part:
    groups = _grouped({name: part.edits for name, part in by_environment.items()}, _key_of_edit)
    edits = [replace(next(iter(group.values())), environments=tuple(group)) for group in groups]
    # The edits of one field follow each other, whichever environments they are in.
    fields = {_field_of(edit): index for index, edit in reversed(list(enumerate(edits)))}
    edits.sort(key=lambda edit: fields[_field_of(edit)])
    return replace(
        next(iter(by_environment.values())), edits=tuple(edits), environments=tuple(by_environment)
    )


def _field_of(edit: Edit) -> Hashable:
    return edit.code, edit.option, edit.of


def _key_of_edit(edit: Edit) -> Hashable:
    field = _field_of(edit), edit.form, edit.path, edit.causes
    return field, _text(edit.old), _text(edit.new)


def _text(value: Any) -> str | None:
    # As JSON, because values may be lists and objects, which have no hash.
    return None if value is ABSENT else json.dumps(value, sort_keys=True, default=str)
