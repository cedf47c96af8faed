"""Plans a push: reads and compares every object, and finds what Grafana would refuse, before
anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

from gk.documents.schema_v2 import is_enveloped
from gk.grafana.errors import DeniedError, GrafanaError, MalformedError
from gk.grafana.kinds import KINDS, parts
from gk.grafana.live import Live
from gk.push import secrets
from gk.push.ledger import Entry
from gk.push.needs import blocked_with
from gk.push.plan import Action, Plan, PlannedChange, compare, fields, forced, is_as_pushed
from gk.push.sent import sent
from gk.push.server import Server, in_parallel
from gk.resource import Key, Kind, Resource

__all__ = ["make_plan", "prune_refusal"]

SHARE = 0.3
MOST = 10
"""gk refuses to prune more than this share of what it owns, or more than this many objects, without
--prune-limit."""


def make_plan(
    server: Server,
    resources: Sequence[Resource],
    chosen: Set[Key],
    *,
    prune: bool = False,
    force: bool = False,
    environ: Mapping[str, str],
    done: Callable[[], None] = lambda: None,
) -> Plan:
    """The changes that make Grafana match the chosen ones of `resources`.

    An object that cannot be read does not keep the others from being planned. `done` is called
    after each object. Raises MalformedError for an answer that no Grafana gives: whatever else
    answers there is not to be written to.
    """
    planner = _Planner(server, resources, chosen, environ)
    wanted = [resource for resource in resources if resource.key in chosen]
    defined = {resource.key for resource in resources}
    # What refers to others is deleted before them.
    gone = sorted(chosen - defined, key=lambda key: (-key[0].order, key[1]))
    changes = in_parallel(planner.desired, wanted, server.workers, done)
    candidates = in_parallel(planner.orphan, gone, server.workers, done)
    orphans = [change for change in candidates if change]
    forgotten = frozenset(
        key for key, change in zip(gone, candidates, strict=True) if change is None
    )
    if force:
        changes = [_overwriting(change, environ) for change in changes]
        orphans = [forced(change) for change in orphans] if prune else orphans
    if not prune:
        orphans = [replace(change, action=Action.ORPHAN, reason="") for change in orphans]
    changes = blocked_with(changes)
    return Plan([*changes, *_without_used(server, orphans)], forgotten)


def _overwriting(change: PlannedChange, environ: Mapping[str, str]) -> PlannedChange:
    """The change, with a conflict turned into an overwrite, or blocked if its secrets cannot be
    read: they would be gone."""
    overwrite = forced(change)
    if overwrite is change or not (change.resource and change.kind.facts.has_secrets):
        return overwrite
    _, missing = secrets.state(change.resource.body, None, environ)
    return replace(change, action=Action.BLOCKED, reason=missing) if missing else overwrite


def _without_used(server: Server, orphans: list[PlannedChange]) -> list[PlannedChange]:
    """The orphans, of which folders that have something, and library panels that a dashboard shows,
    stay."""
    going = {change.key for change in orphans if change.action is Action.DELETE}
    kept = []
    # The innermost folders first: one that stays keeps those around it.
    plan = Plan(orphans)
    for change in sorted(
        orphans, key=lambda change: -plan.depth(change) if change.kind is Kind.FOLDER else -999
    ):
        live = change.live if change.action is Action.DELETE else None
        if live and (used := server.grafana.used(live, going)):
            going.discard(change.key)
            kept.append(replace(change, action=Action.ORPHAN, reason=f"it stays: {used}"))
        else:
            kept.append(change)
    return kept


def prune_refusal(plan: Plan, owned: int, limit: int | None) -> str:
    """Why gk refuses to delete so much; empty if it does not. `limit` is --prune-limit."""
    deleted = plan.count(Action.DELETE)
    if deleted == 0 or (limit is not None and deleted <= limit):
        return ""
    if limit is None and deleted <= MOST and deleted <= SHARE * owned:
        return ""
    allowed = (
        f"more than {limit}"
        if limit is not None
        else f"more than {SHARE:.0%} of them, or than {MOST}"
    )
    return (
        f"{deleted} of the {owned} objects that gk owns would be deleted, and that is "
        f"{allowed}: nothing was pushed. If that is right, allow it with --prune-limit {deleted}"
    )


class _Planner:
    """Reads and compares one object at a time; may do so in several threads."""

    def __init__(
        self,
        server: Server,
        resources: Sequence[Resource],
        chosen: Set[Key],
        environ: Mapping[str, str],
    ) -> None:
        self.server = server
        self.lists = server.read_lists(chosen)
        self.grafana = server.grafana
        self.environ = environ
        self.surroundings = server.surroundings(resources)

    def desired(self, resource: Resource) -> PlannedChange:
        """The change of a resource."""
        try:
            return self._desired(resource)
        except MalformedError:
            raise
        except GrafanaError as error:
            return PlannedChange.of(Action.BLOCKED, resource, reason=_unread(error))

    def _desired(self, resource: Resource) -> PlannedChange:
        if self.server.has_newest(resource):
            return PlannedChange.of(Action.UNCHANGED, resource)
        key = resource.key
        entry = self.server.entry(key)
        live = self._read(key)
        body = resource.body if resource.kind.facts.has_secrets else None
        state, missing = secrets.state(body, entry, self.environ)
        owner = self.server.owners.get(key, "")
        change = compare(
            resource,
            live,
            entry,
            secrets=state,
            owner=owner,
            sees_owners=self.server.sees_all,
            is_environment=owner in self.server.environments,
        )
        if live and resource.kind is Kind.DASHBOARD and self._needs_history(change, entry, live):
            change = self._with_history(change, entry, live)
        if change.action is Action.BLOCKED and missing and not (live and live.locked):
            return replace(change, reason=missing)
        if change.action in (Action.CREATE, Action.UPDATE):
            return self._refusal(change) or change
        return change

    def _read(self, key: Key) -> Live | None:
        kind, uid = key
        live = self.lists.get(kind, {}).get(uid)
        if live is None and not (kind in self.lists and self.server.sees_all):
            live = self.server.read(key)
        # 9.3 says only in its list of rules where those of a group are from.
        locked = self.server.locked.get(key, "")
        return replace(live, locked=locked) if live and locked and not live.locked else live

    # The history of dashboards

    def _needs_history(self, change: PlannedChange, entry: Entry | None, live: Live) -> bool:
        """Whether the result depends on who saved a dashboard last: in a conflict, or if only the
        ledger is behind."""
        if change.action is Action.CONFLICT:
            return live.folder == (entry.folder if entry else live.folder)
        return change.action is Action.UNCHANGED and entry is not None and change.adopts

    def _with_history(
        self, change: PlannedChange, entry: Entry | None, live: Live
    ) -> PlannedChange:
        pushed, resource = self.server.pushed(live), change.resource
        if pushed and resource:
            # The ledger is not written for updates of a few dashboards: the version itself says
            # that it is ours.
            if change.action is Action.UNCHANGED or pushed == sent(resource):
                return replace(
                    change, action=Action.UNCHANGED, adopts=entry is None, reason="", fields=()
                )
            return compare(resource, live, entry, pushed=True)
        if change.action is Action.UNCHANGED or entry is None:
            return change
        return self._conflict(change, entry, live)

    def _conflict(self, change: PlannedChange, entry: Entry, live: Live) -> PlannedChange:
        """The conflict with the fields that somebody changed since our last version, if Grafana
        still has that version."""
        if is_enveloped(live.body):
            # The old API, which has the versions, converts them to the classic form.
            return change
        id, _, number = entry.stamp.partition(".")
        # Whoever deleted it and made another began to count anew.
        stamped = int(number) if number.isdecimal() and id == live.stamp.partition(".")[0] else 0
        ours = (
            version.number
            for version in self.grafana.versions(live.uid)
            if version.message.startswith(self.server.signature) and not self.server.keeps_messages
        )
        version = max([stamped, *ours])
        pushed = self.server.version(live.uid, version) if version else None
        if pushed is None or change.resource is None:
            return change
        before = parts(Kind.DASHBOARD, pushed, entry.folder)
        here = parts(Kind.DASHBOARD, change.resource.body, change.resource.folder)
        differing = fields(Kind.DASHBOARD, live.parts, here, before)
        if all(field.is_ours for field in differing):
            # It was saved there without a change.
            return compare(change.resource, live, entry, pushed=True)
        return replace(change, fields=differing)

    # What Grafana would refuse, or do to others

    def _refusal(self, change: PlannedChange) -> PlannedChange | None:
        if change.resource is None:
            return None
        kind = KINDS[change.kind]
        refusal = kind.refusal(change.resource, change.live, self.surroundings)
        if refusal is None:
            return None
        if refusal.is_conflict:
            return replace(change, action=Action.CONFLICT, reason=refusal.reason)
        return replace(change, action=Action.BLOCKED, reason=refusal.reason, fields=())

    # What the definitions no longer have

    def orphan(self, key: Key) -> PlannedChange | None:
        """The change of an object that gk owns and nobody defines; None if it is gone, or another
        project has it, too."""
        entry = self.server.ledger.entries[key]
        change = PlannedChange(
            Action.DELETE, *key, self.server.titles.get(key, key[1]), entry.folder
        )
        try:
            live = self._read(key)
        except MalformedError:
            raise
        except GrafanaError as error:
            return replace(change, action=Action.BLOCKED, reason=_unread(error))
        if live is None or live.is_untouched or key in self.server.owners:
            return None
        change = replace(change, live=live, title=live.title or key[1])
        if live.locked:
            return replace(change, action=Action.BLOCKED, reason=live.locked)
        is_ours = live.kind is Kind.DASHBOARD and self.server.pushed(live)
        if is_as_pushed(entry, live) or is_ours:
            return (
                change
                if self.server.sees_all
                else replace(change, action=Action.CONFLICT, reason=_SHARED)
            )
        by = f" ({live.changed})" if live.changed else ""
        return replace(
            change,
            action=Action.CONFLICT,
            reason=f"it was changed in Grafana since gk pushed it{by}",
        )


_SHARED = (
    "it stays, because another project may have pushed it, too, and this account cannot see the "
    "ledgers of others; prune with an account that has the role Admin"
)


def _unread(error: GrafanaError) -> str:
    what = "this account may not read it" if isinstance(error, DeniedError) else "it cannot be read"
    return f"{what}: {error}"
