"""Compares two sides: pairs their resources, and finds what changed in each."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from gk.diff.causes import told_once
from gk.diff.codes import Code
from gk.diff.environments import environments_of, joined_diff
from gk.diff.model import Change, Diff, Edit, Mark, Part, Spot
from gk.diff.parts.dashboards import dashboard_parts
from gk.diff.parts.documents import documents
from gk.diff.parts.fields import Json, as_mapping, paired
from gk.diff.parts.objects import object_parts
from gk.diff.parts.rules import rule_parts
from gk.diff.risks import risks
from gk.diff.sides.side import Side
from gk.documents.differences import differences
from gk.documents.parts import every_panel
from gk.documents.schema_v2 import as_classic
from gk.resource import Kind, Resource

__all__ = ["compare"]

_SPELLED_ALIKE = (Code.QUERY, Code.THRESHOLD, Code.WAITS, Code.SEVERITY)
_ALIKE = 0.5
"""Two dashboards with different titles and uids count as one that was renamed if they share more
than this part of their panels."""
_MOST_SHARING = 50
"""How many of the dashboards with the same panel are candidates for a renamed one. More would take
quadratic time if all dashboards share a panel."""
_MOST_NESTED = 10
"""The longest path of folders. Grafana allows 8 levels (9.3.2) or 4 (12.4.0)."""


def compare(old: Side, new: Side) -> Diff:
    """Compare two sides, environment by environment.

    If only one side has a resource, and the other side's definition of it may have mistakes, the
    change is unknown. Two files with one dashboard each are compared even if the uids differ. A
    side without environments is compared with each of the other one's.
    """
    if names := environments_of(old, new):
        return joined_diff({name: _compare(old.of(name), new.of(name)) for name in names}, old, new)
    return _compare(old, new)


def _compare(old: Side, new: Side) -> Diff:
    pairs, gone, come = _matched(old, new)
    folders = {name: _folder_paths(side.resources) for name, side in (("old", old), ("new", new))}
    changes = []
    unchanged: Counter[Kind] = Counter()
    for before, after in pairs:
        saved = before.uid in old.saved or after.uid in new.saved
        change = _change(before, after, folders, saved=saved)
        if change:
            changes.append(change)
        else:
            unchanged[after.kind] += 1
    changes += [_alone(resource, Mark.REMOVED, new, folders) for resource in gone]
    changes += [_alone(resource, Mark.ADDED, old, folders) for resource in come]
    changes.sort(
        key=lambda change: (change.kind.reading_order, change.folder, change.title, change.uid)
    )
    # Before causes, which skip twins.
    changes = _told_by_one_engine(changes)
    causes, changes = told_once(old, new, changes)
    histories = old.history
    return Diff(
        old=old.name,
        new=new.name,
        changes=tuple(
            replace(change, history=histories.get((change.kind, change.uid), ()))
            for change in changes
        ),
        causes=tuple(causes),
        risks=tuple(risks(changes, new.resources)),
        old_problems=old.problems,
        new_problems=new.problems,
        not_compared=tuple(dict.fromkeys((*old.not_compared, *new.not_compared))),
        unchanged={kind: unchanged[kind] for kind in Kind if unchanged[kind]},
        # The weaker sandbox of the two.
        walls=min((side.walls for side in (old, new) if side.walls), default=None),
        is_tampered=old.is_tampered or new.is_tampered,
    )


# Pairing

_Pairs = tuple[list[tuple[Resource, Resource]], list[Resource], list[Resource]]


def _matched(old: Side, new: Side) -> _Pairs:
    paths = [_folder_paths(side.resources) for side in (old, new)]
    titles = {
        id(resource): (resource.kind, resource.title, path.get(resource.folder, resource.folder))
        for side, path in zip((old, new), paths, strict=True)
        for resource in side.resources
    }
    pairs, gone, come = paired(
        old.resources,
        new.resources,
        lambda resource: resource.key,
        lambda resource: titles[id(resource)] if resource.kind is not Kind.FOLDER else None,
    )
    # Last, because it is a guess: uids and titles are surer.
    renamed, gone, come = _renamed(gone, come, alone=old.is_file and new.is_file)
    return [*pairs, *renamed], gone, come


def _renamed(gone: list[Resource], come: list[Resource], *, alone: bool) -> _Pairs:
    """Pair dashboards that changed both uid and title, but kept most of their panels."""
    candidates = {
        id(resource): _panel_names(resource)
        for resource in (*gone, *come)
        if resource.kind is Kind.DASHBOARD
    }
    # Somebody compares two files because they are the same dashboard, whatever it is called.
    if alone and len(candidates) == 2 and len(gone) == len(come) == 1:
        return [(gone[0], come[0])], [], []
    left = {id(resource): resource for resource in gone if id(resource) in candidates}
    having: dict[tuple[str, str], OrderedDict[int, None]] = defaultdict(OrderedDict)
    for key in left:
        for name in candidates[key]:
            having[name][key] = None
    pairs: list[tuple[Resource, Resource]] = []
    for after in come:
        names = candidates.get(id(after), Counter())
        # Look only at dashboards that share a panel, and at few of those that share a common one.
        sharing = dict.fromkeys(
            key for name in names for key in islice(having[name], _MOST_SHARING)
        )
        # No object has the id 0.
        best = max(sharing, key=lambda key: _likeness(candidates[key], names), default=0)
        if best and _likeness(candidates[best], names) > _ALIKE:
            pairs.append((left.pop(best), after))
            for name in candidates[best]:
                del having[name][best]
    taken = {id(resource) for pair in pairs for resource in pair}
    return (
        pairs,
        [resource for resource in gone if id(resource) not in taken],
        [resource for resource in come if id(resource) not in taken],
    )


def _panel_names(resource: Resource) -> Counter[tuple[str, str]]:
    return Counter(
        (str(panel.get("title", "")), str(panel.get("targets")))
        for panel in every_panel(as_classic(resource.body))
    )


def _likeness(old: Counter[tuple[str, str]], new: Counter[tuple[str, str]]) -> float:
    return (old & new).total() / max(old.total(), new.total(), 1)


def _folder_paths(resources: Sequence[Resource]) -> dict[str, str]:
    """The path of titles of each folder, by uid: `Kubernetes/Nodes`."""
    folders = {folder.uid: folder for folder in resources if folder.kind is Kind.FOLDER}

    def path(uid: str, most: int) -> str:
        folder = folders.get(uid)
        # A folder may be inside itself in a malformed file, so the depth is limited.
        if folder is None or not most:
            return uid
        outer = path(folder.folder, most - 1) if folder.folder else ""
        # The title of the definition is the whole path; the document's is what Grafana shows.
        title = str(as_mapping(folder.body).get("title", folder.title))
        return f"{outer}/{title}" if outer else title

    return {uid: path(uid, _MOST_NESTED) for uid in folders}


# Changes

_Folders = Mapping[str, Mapping[str, str]]


def _change(old: Resource, new: Resource, folders: _Folders, *, saved: bool) -> Change | None:
    # Most resources are equal, and comparing bytes is faster than parsing them.
    if (old.json, old.uid, old.folder) == (new.json, new.uid, new.folder):
        return None
    before, after = documents(old, new, saved=saved)
    places = [
        folders[side].get(resource.folder, resource.folder)
        for side, resource in (("old", old), ("new", new))
    ]
    if old.folder == new.folder:
        # If the folder was renamed, that is the folder's change, not this one's.
        places[0] = places[1]
    if (before, old.uid, places[0]) == (after, new.uid, places[1]):
        return None
    parts = _parts(new.kind, before, after)
    if before != after and not parts:
        # gk has no words for this difference: report it by path.
        parts = [_in_paths(before, after)]
    return Change(
        mark=Mark.CHANGED,
        kind=new.kind,
        uid=new.uid,
        title=new.title,
        folder=places[1],
        old_uid=old.uid,
        old_title=old.title,
        old_folder=places[0],
        source=new.source,
        parts=tuple(parts),
        old=before,
        new=after,
    )


def _in_paths(old: Any, new: Any) -> Part:
    edits = [
        Edit(difference.path or "document", difference.old, difference.new, path=difference.path)
        for difference in differences(old, new)
    ]
    return Part("", "", Mark.CHANGED, tuple(edits))


def _parts(kind: Kind, old: Any, new: Any) -> list[Part]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return []
    of_kind = _PARTS.get(kind)
    return of_kind(old, new) if of_kind else object_parts(kind, old, new)


_PARTS: Mapping[Kind, Callable[[Json, Json], list[Part]]] = {
    Kind.DASHBOARD: dashboard_parts,
    Kind.RULE_GROUP: rule_parts,
    Kind.PROMETHEUS_GROUP: rule_parts,
}
"""The kinds with their own comparison; `object_parts` compares the others."""


def _alone(resource: Resource, mark: Mark, other: Side, folders: _Folders) -> Change:
    """The change of a resource that only one side has."""
    is_added = mark is Mark.ADDED
    before, after = documents(*((None, resource) if is_added else (resource, None)))
    folder = folders["new" if is_added else "old"].get(resource.folder, resource.folder)
    # Without the definitions of the other side, gk cannot tell whether it has the resource.
    is_unknown = resource.source.file in other.broken or (
        bool(other.problems) and not other.resources
    )
    parts = [] if is_unknown else _parts(resource.kind, before or {}, after or {})
    if resource.kind in _PARTS:
        # All settings of the resource itself are new or gone: nothing to list.
        parts = [part for part in parts if part.kind]
    return Change(
        mark=Mark.UNKNOWN if is_unknown else mark,
        kind=resource.kind,
        uid=resource.uid,
        title=resource.title,
        folder=folder,
        old_uid=resource.uid,
        old_title=resource.title,
        old_folder=folder,
        source=resource.source,
        parts=tuple(parts),
        old=before,
        new=after,
    )


def _told_by_one_engine(changes: list[Change]) -> list[Change]:
    """Alerts are built for both engines. Mark changes of Prometheus groups that only repeat a
    change of the Grafana group as twins."""
    # Groups in several folders may share a name.
    told: dict[tuple[str, Mark], list[Part]] = {}
    for change in changes:
        if change.kind is Kind.RULE_GROUP:
            told.setdefault((change.title, change.mark), []).extend(change.parts)
    with_twins = []
    for change in changes:
        other = (
            told.get((change.title, change.mark)) if change.kind is Kind.PROMETHEUS_GROUP else None
        )
        with_twins.append(change if other is None else _twin(change, other))
    return with_twins


def _twin(change: Change, told: Iterable[Part]) -> Change:
    fields: dict[tuple[Spot | None, Mark], set[tuple[Code | str, ...]]] = {}
    for part in told:
        # Alerts may share a name, too.
        fields.setdefault((part.spot, part.mark), set()).update(map(_said, part.edits))
    parts = []
    for part in change.parts:
        said = fields.get((part.spot, part.mark))
        if said is None:
            parts.append(part)
        elif part.mark is Mark.CHANGED and (
            left := tuple(edit for edit in part.edits if _said(edit) not in said)
        ):
            parts.append(replace(part, edits=left))
    return replace(change, parts=tuple(parts), is_twin=True)


def _said(edit: Edit) -> tuple[Code | str, ...]:
    """What an edit has in common with its twin in the other engine's document. Queries and numbers
    are written alike in both, other texts are not."""
    field = (edit.code, edit.of, edit.option)
    return (*field, str(edit.old), str(edit.new)) if edit.code in _SPELLED_ALIKE else field
