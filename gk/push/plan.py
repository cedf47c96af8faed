"""What a push would do: compares each resource with Grafana and with what gk pushed last. Values
in, values out.

The three-way rule: first compare Grafana with the definitions; the same content on both sides is
never a conflict. If they differ, the last push decides: if Grafana still has what gk pushed, it is
an update; otherwise somebody changed it, and it is a conflict.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from gk.documents.dashboards import drop_ids_of_one_side, is_classic
from gk.documents.differences import ABSENT, Difference, Place, differences
from gk.documents.references import share_types
from gk.documents.schema_v2 import as_classic, is_enveloped
from gk.documents.secrets.hidden import hidden_alike
from gk.documents.secrets.known import SECRET
from gk.documents.secrets.references import is_reference
from gk.grafana.kinds import parts
from gk.grafana.live import Live, Parts, fingerprints
from gk.push.ledger import Entry
from gk.push.sent import sent
from gk.resource import Key, Kind, Resource, canonical

__all__ = [
    "Action",
    "Field",
    "Plan",
    "PlannedChange",
    "Secrets",
    "compare",
    "desired_parts",
    "fields",
    "forced",
    "is_as_pushed",
    "live_parts",
    "unseen",
    "whole",
]


class Action(enum.Enum):
    """What a push does with an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    """Grafana would refuse it, or it cannot be sent; the reason says what to do."""
    ORPHAN = "orphan"
    """gk owns it, it is no longer defined, and --prune was not given."""
    UNCHANGED = "unchanged"


class Secrets(enum.Enum):
    """How the secrets of a resource compare with those that gk sent last."""

    NONE = "none"
    SAME = "same"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """They cannot be read."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs: its value in Grafana (`there`), in the definitions (`here`), and at the
    last push (`pushed`)."""

    path: str
    there: Any
    here: Any
    pushed: Any = ABSENT
    place: Place = field(default=(), compare=False)
    """What the path means, whichever titles panels have on a side."""

    @property
    def is_ours(self) -> bool:
        """Whether Grafana has what was pushed, so that only the definitions changed."""
        # The same object: JSON's 1 and true are equal, and a change all the same.
        return self.pushed is self.there


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What a push does with one object, and why. `resource` is from the definitions, `live` from
    Grafana."""

    action: Action
    kind: Kind
    uid: str
    title: str
    folder: str = ""
    reason: str = ""
    resource: Resource | None = None
    live: Live | None = None
    fields: tuple[Field, ...] = ()
    adopts: bool = False
    """It is as defined, but the ledger does not know it yet."""
    forced: bool = False
    """It is a conflict that --force overwrites."""

    @classmethod
    def of(
        cls, action: Action, resource: Resource, *, live: Live | None = None, reason: str = ""
    ) -> PlannedChange:
        """The change of a resource."""
        return cls(
            action=action,
            kind=resource.kind,
            uid=resource.uid,
            title=resource.title,
            folder=resource.folder,
            reason=reason,
            resource=resource,
            live=live,
        )

    @property
    def key(self) -> Key:
        """What identifies the object."""
        return (self.kind, self.uid)

    @property
    def writes(self) -> bool:
        """Whether applying it sends anything but reads."""
        return self.action in (Action.CREATE, Action.UPDATE, Action.DELETE)


@dataclass(frozen=True)
class Plan:
    """Every change, in the order of application: first what others refer to, deletes last."""

    changes: list[PlannedChange] = field(default_factory=list)
    forgotten: frozenset[Key] = frozenset()
    """Entries of objects that are gone or belong to another project: the next push drops them from
    the ledger."""

    def of(self, *actions: Action) -> list[PlannedChange]:
        """The changes of these actions."""
        return [change for change in self.changes if change.action in actions]

    def count(self, action: Action) -> int:
        """How many changes of an action there are."""
        return sum(change.action is action for change in self.changes)

    def depth(self, change: PlannedChange) -> int:
        """How many folders a folder is in; 0 for anything else."""
        above = {folder.uid: folder.folder for folder in self.changes if folder.kind is Kind.FOLDER}
        uid, depth = change.folder if change.kind is Kind.FOLDER else "", 0
        # Must end, even if folders contain each other.
        while uid and depth <= len(above):
            uid, depth = above.get(uid, ""), depth + 1
        return depth

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to do and no conflict. Orphans do not count without --prune."""
        return not self.of(
            Action.CREATE, Action.UPDATE, Action.DELETE, Action.CONFLICT, Action.BLOCKED
        )


def desired_parts(resource: Resource) -> Parts:
    """The parts of a resource, to compare with those of a `Live`."""
    return parts(resource.kind, resource.body, resource.folder)


def live_parts(resource: Resource, live: Live) -> Parts:
    """The parts of an object, as far as its definition says something about them: whether a data
    source is the default is somebody else's choice where it says nothing, such as Grafana's own,
    which makes the first one the default (12.4.0)."""
    return live.parts if resource.body.get("isDefault") else _without_default(live)


def _without_default(live: Live) -> Parts:
    if live.kind is not Kind.DATASOURCE:
        return live.parts
    return {
        name: {key: value for key, value in part.items() if key != "isDefault"}
        for name, part in live.parts.items()
    }


def compare(
    resource: Resource,
    live: Live | None,
    entry: Entry | None,
    *,
    secrets: Secrets = Secrets.NONE,
    owner: str = "",
    sees_owners: bool = True,
    is_environment: bool = False,
    pushed: bool | None = None,
) -> PlannedChange:
    """What a push does with one resource.

    `entry` is from the ledger. `owner` is another project with this object in its ledger; without
    `sees_owners` that is unknown; with `is_environment` it is another environment
    of this project. `pushed` says whether Grafana has the dashboard that gk pushed, if its history
    was read; otherwise the entry decides.
    """
    change = PlannedChange.of(Action.UNCHANGED, resource, live=live)
    if live is None:
        was_there = entry is not None and bool(entry.stamp or entry.stored)
        reason = "it was deleted in Grafana" if was_there else ""
        return _sendable(replace(change, action=Action.CREATE, reason=reason), secrets)
    is_pushed = entry is not None and is_as_pushed(entry, live) if pushed is None else pushed
    # Secrets that cannot be read cannot be sent: those that gk never sent stay as Grafana has them.
    keeps_secrets = secrets is Secrets.UNKNOWN and not (entry and entry.secrets)
    same_secrets = secrets in (Secrets.NONE, Secrets.SAME) or (
        secrets is Secrets.UNKNOWN and (is_pushed or keeps_secrets)
    )
    is_current = entry is not None and not entry.pending and pushed is None
    if same_secrets and is_pushed and is_current and entry and entry.sent == sent(resource):
        # Before the documents are compared: it is the usual case, and the server may keep another
        # form of what is sent. Not where a push was interrupted or the history was asked: then the
        # ledger says what was sent before.
        return replace(change, live=None)
    wanted, hidden = _hidden_alike(resource, live)
    there: Parts = live_parts(resource, live)
    there = unseen(there, wanted) if keeps_secrets else there
    if resource.kind is Kind.DASHBOARD and hidden is not None and wanted != there:
        wanted, there = _settled(wanted, there)
    if same_secrets and (hidden is None or (wanted == there and not hidden)):
        return replace(change, adopts=True)
    # After the comparison: a provisioned object that is as defined is in nobody's way.
    if live.locked:
        what_to_do = "change it where it comes from, or remove it from the definitions"
        return replace(change, action=Action.BLOCKED, reason=f"{live.locked}; {what_to_do}")
    differing = fields(resource.kind, there, wanted)
    if mixed := _of_two_schemas(resource, live):
        differing, to_v2 = mixed
        if is_pushed:
            reason = f"it becomes a {'dashboard of schema v2' if to_v2 else 'classic dashboard'}"
            return replace(change, action=Action.UPDATE, fields=differing, reason=reason)
    elif is_pushed:
        reason = "" if differing else "its secrets changed"
        changed = replace(change, action=Action.UPDATE, fields=differing, reason=reason)
        return _sendable(changed, secrets)
    reason = _conflict(
        live,
        entry,
        owner,
        differs=bool(differing),
        sees_owners=sees_owners,
        is_environment=is_environment,
    )
    if mixed and not to_v2:
        reason += "; it is kept in schema v2, whose tabs and conditions a classic one would lose"
    return replace(change, action=Action.CONFLICT, fields=differing, reason=reason)


def forced(change: PlannedChange) -> PlannedChange:
    """The change, with a conflict turned into an overwrite: its fields are what is written."""
    if change.action is not Action.CONFLICT:
        return change
    resource, live = change.resource, change.live
    if resource is None:
        return replace(change, action=Action.DELETE, forced=True)
    if live is None:
        return replace(change, action=Action.CREATE, forced=True)
    wanted, _ = _hidden_alike(resource, live)
    mixed = _of_two_schemas(resource, live)
    differing = mixed[0] if mixed else fields(change.kind, live_parts(resource, live), wanted)
    return replace(change, action=Action.UPDATE, forced=True, fields=differing)


def _conflict(
    live: Live,
    entry: Entry | None,
    owner: str,
    *,
    differs: bool,
    sees_owners: bool,
    is_environment: bool,
) -> str:
    if entry is None and is_environment:
        return (
            f"'{owner}', another environment of this project, pushed it; give each its own uids, "
            "or its own Grafana"
        )
    if entry is None and owner:
        return (
            f"project '{owner}' pushed it; if that is this project, write `project: {owner}` in "
            "gk.yaml"
        )
    if entry is None:
        same = "" if differs else ", and nobody can see whether its secrets are the same"
        unseen = (
            "" if sees_owners else "; this account cannot see whether another project pushed it"
        )
        return f"it already exists, and gk did not push it{same}{unseen}"
    too = f"; project '{owner}' pushes it, too" if owner else ""
    by = f" ({live.changed})" if live.changed else ""
    return f"it was changed in Grafana since gk pushed it{by}{too}"


def _sendable(change: PlannedChange, secrets: Secrets) -> PlannedChange:
    if secrets is not Secrets.UNKNOWN:
        return change
    return replace(change, action=Action.BLOCKED, reason="its secrets cannot be read")


def is_as_pushed(entry: Entry, live: Live) -> bool:
    """Whether an object is as gk last pushed it, or as an interrupted push was about to write
    it."""
    if live.kind is Kind.DASHBOARD:
        # It may be moved without a new version.
        if entry.stamp and entry.stamp == live.stamp and entry.folder == live.folder:
            return True
        if not entry.pending:
            # Somebody may have restored an old version, which is content that gk once pushed: its
            # history says.
            return False
    # The definition may have said nothing about the default.
    return _has(entry, live.parts) or _has(entry, _without_default(live))


def _has(entry: Entry, parts: Parts) -> bool:
    current = fingerprints(parts)
    return all(
        current.get(name) in (entry.stored.get(name), entry.pending.get(name))
        for name in {*current, *entry.stored, *entry.pending}
    )


def _of_two_schemas(resource: Resource, live: Live) -> tuple[tuple[Field, ...], bool] | None:
    """The fields in which a dashboard differs by what it shows, and whether the definition is the
    one in schema v2; None if both are in one schema."""
    if resource.kind is not Kind.DASHBOARD:
        return None
    here, there = resource.body, live.body
    if is_enveloped(here) is is_enveloped(there):
        return None
    shown = [
        parts(Kind.DASHBOARD, as_classic(body), folder)
        for body, folder in ((there, live.folder), (here, resource.folder))
    ]
    return fields(Kind.DASHBOARD, *shown), is_enveloped(here)


def _settled(*both: Parts) -> Sequence[Parts]:
    """The parts of a dashboard on both sides, with what only one of them says: the types of data
    sources, which old ones do not name, and ids, which Grafana gives to panels without."""
    copies: list[dict[str, Any]] = [orjson.loads(orjson.dumps(dict(parts))) for parts in both]
    bodies = [parts.get("", {}) for parts in copies]
    if all(map(is_classic, bodies)):
        share_types(bodies)
        drop_ids_of_one_side(bodies)
    return copies


def _hidden_alike(resource: Resource, live: Live) -> tuple[Parts, bool | None]:
    """The parts of a resource with the secrets hidden that Grafana hides, and whether any of them
    was not a reference.

    If the documents are equal, returns no parts and None.
    """
    if (
        resource.kind is Kind.DASHBOARD
        and resource.folder == live.folder
        and resource.body == live.body
    ):
        return {}, None
    hidden = False

    def hide(ours: Any, theirs: Any) -> Any:
        nonlocal hidden
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            return {key: hide(value, theirs.get(key)) for key, value in ours.items()}
        if theirs == SECRET and isinstance(ours, str) and ours != SECRET:
            hidden = True
            return SECRET
        return ours

    wanted = desired_parts(resource)
    if resource.kind is Kind.CONTACT_POINT:
        wanted = {name: hide(part, live.parts.get(name)) for name, part in wanted.items()}
    return wanted, hidden


def unseen(there: Any, wanted: Any) -> Any:
    """What Grafana has, with the references of a definition in place of the secrets that Grafana
    shows, such as the URL of a webhook: they stay as they are."""
    if there and (wanted == SECRET or is_reference(wanted)):
        return wanted
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        return {key: unseen(value, wanted.get(key)) for key, value in there.items()}
    if isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        return [*map(unseen, there, wanted)]
    return there


def fields(kind: Kind, there: Parts, here: Parts, pushed: Parts | None = None) -> tuple[Field, ...]:
    """The fields that differ between Grafana and the definitions, or, with `pushed`, those that
    somebody changed in Grafana and that the definitions do not have, and then those that only the
    definitions changed.

    Fields that both have come first. Those that only Grafana has come last: the UI adds the
    defaults of panels when it saves a dashboard. Secrets are hidden; a different number means a
    different secret.
    """
    # All sides are hidden together, so that equal secrets get equal numbers.
    sides = (there, here) if pushed is None else (there, here, pushed)
    live, wanted, *earlier = hidden_alike(kind, *(whole(kind, side) for side in sides))
    differing = [
        Field(difference.path, difference.old, difference.new, place=difference.place)
        for difference in differences(live, wanted)
    ]
    if earlier:
        ours, theirs = (differences(earlier[0], side) for side in (wanted, live))
        changed = [
            Field(
                difference.path,
                difference.new,
                _at(difference, ours),
                difference.old,
                difference.place,
            )
            for difference in theirs
            if not _is_same(_at(difference, ours), difference.new)
        ]
        places = [field.place for field in changed]
        own = [
            replace(field, pushed=field.there)
            for field in differing
            if not any(_overlap(field.place, place) for place in places)
        ]
        differing = [*changed, *own]
    return tuple(sorted(differing, key=_rank))


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values of JSON are the same, unlike 1 and true."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return canonical(one) == canonical(other)


def _overlap(place: Place, other: Place) -> bool:
    """Whether one place is the other, or in it."""
    return all(one == another for one, another in zip(place, other, strict=False))


def _rank(field: Field) -> tuple[int, bool]:
    before = field.here if field.pushed is ABSENT else field.pushed
    return 2 if before is ABSENT else int(field.there is ABSENT), field.is_ours


def _at(field: Difference, changes: list[Difference]) -> Any:
    """The value of a field after `changes` of the document that it was different from."""
    for change in changes:
        # More than the field may have changed: what it is in may be gone.
        if field.place[: len(change.place)] == change.place:
            return change.new
    return field.old


def whole(kind: Kind, parts: Parts) -> dict[str, Any]:
    """The document that consists of these parts."""
    named = {name: part for name, part in parts.items() if name}
    own = dict(parts.get("", {}))
    return {**own, kind.facts.members: named} if named else own
