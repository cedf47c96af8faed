"""The plan of a push: every object read, compared, and what Grafana would refuse found before
anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from urllib.parse import urlsplit

from gk.grafana.client import DeniedError, GrafanaError, MalformedError
from gk.grafana.live import Live, parts
from gk.push import secrets
from gk.push.ledger import Entry
from gk.push.plan import Action, Plan, PlannedChange, compare, fields, is_as_pushed, sent
from gk.push.server import Server, in_parallel
from gk.resource import Key, Kind, Resource

__all__ = ["make_plan", "prune_refusal"]

_ORDER = {kind: index for index, kind in enumerate(Kind)}
SHARE = 0.3
MOST = 10
"""More than this share of what gk owns, or this many objects, are not pruned unless a number is
given."""


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
    """What has to be done so that the chosen of `resources` are in Grafana as they are here.

    An object that cannot be read does not keep the others from being planned. `done` is called
    after each object. Raises MalformedError for an answer that no Grafana gives: whatever else
    answers there is not to be written to.
    """
    planner = _Planner(server, resources, environ)
    wanted = [each for each in resources if each.key in chosen]
    defined = {each.key for each in resources}
    gone = sorted(chosen - defined, key=lambda key: (-_ORDER[key[0]], key[1]))
    changes = in_parallel(planner.desired, wanted, server.workers, done)
    found = in_parallel(planner.orphan, gone, server.workers, done)
    orphans = [each for each in found if each]
    forgotten = frozenset(key for key, each in zip(gone, found, strict=True) if each is None)
    if force:
        changes = [_forced(each) for each in changes]
        orphans = [_forced(each) for each in orphans] if prune else orphans
    if not prune:
        orphans = [replace(each, action=Action.ORPHAN, reason="") for each in orphans]
    return Plan([*changes, *_without_full_folders(server, orphans)], forgotten)


def _forced(change: PlannedChange) -> PlannedChange:
    """A conflict that is decided for our side."""
    if change.action is not Action.CONFLICT:
        return change
    if change.resource is None:
        return replace(change, action=Action.DELETE, forced=True)
    return replace(change, action=Action.UPDATE if change.live else Action.CREATE, forced=True)


def _without_full_folders(server: Server, orphans: list[PlannedChange]) -> list[PlannedChange]:
    going = {each.key for each in orphans if each.action is Action.DELETE}
    kept = []
    # The innermost folders first: one that stays keeps those around it.
    plan = Plan(orphans)
    for each in sorted(
        orphans, key=lambda change: -plan.depth(change) if change.kind is Kind.FOLDER else -999
    ):
        if each.kind is Kind.FOLDER and each.action is Action.DELETE and each.live:
            inside = server.grafana.holds(each.live, going)
            if inside:
                going.discard(each.key)
                kept.append(
                    replace(each, action=Action.ORPHAN, reason=f"it stays: it has {inside}")
                )
                continue
        kept.append(each)
    return kept


def prune_refusal(plan: Plan, owned: int, limit: int | None) -> str:
    """Why so much is not deleted; empty if it may be. `limit` is the number of objects that were
    allowed."""
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
        self, server: Server, resources: Sequence[Resource], environ: Mapping[str, str]
    ) -> None:
        self.server = server
        self.grafana = server.grafana
        self.environ = environ
        self.defined = {each.key: each for each in resources}
        titles = [each.title for each in server.hits if each.kind is Kind.FOLDER]
        titles += [each.title for each in resources if each.kind is Kind.FOLDER]
        self.folder_titles = {title.casefold() for title in titles}

    def desired(self, resource: Resource) -> PlannedChange:
        """What becomes of a resource."""
        try:
            return self._desired(resource)
        except MalformedError:
            raise
        except GrafanaError as error:
            return PlannedChange(
                action=Action.BLOCKED,
                kind=resource.kind,
                uid=resource.uid,
                title=resource.title,
                folder=resource.folder,
                reason=_unread(error),
                resource=resource,
            )

    def _desired(self, resource: Resource) -> PlannedChange:
        key = resource.key
        entry = self.server.entry(key)
        live = self._read(key)
        body = None if resource.kind in _WITHOUT_SECRETS else resource.body
        state, missing = secrets.state(body, entry, self.environ)
        owner = self.server.owners.get(key, "")
        change = compare(
            resource, live, entry, secrets=state, owner=owner, sees_owners=self.server.sees_all
        )
        if live and resource.kind is Kind.DASHBOARD and self._needs_history(change, entry, live):
            change = self._with_history(change, entry, live)
        if change.action is Action.BLOCKED and missing and not (live and live.locked):
            return replace(change, reason=missing)
        if change.action in (Action.CREATE, Action.UPDATE):
            return self._refusal(change) or change
        return change

    def _read(self, key: Key) -> Live | None:
        live = self.grafana.read(*key)
        if live and live.kind is Kind.RULE_GROUP and not live.locked:
            found = [
                self.server.rules[rule["uid"]]
                for rule in live.body["rules"]
                if rule["uid"] in self.server.rules
            ]
            return replace(live, locked=next((rule.locked for rule in found if rule.locked), ""))
        return live

    # The history of dashboards

    def _needs_history(self, change: PlannedChange, entry: Entry | None, live: Live) -> bool:
        """Whether it depends on who saved a dashboard last: it is in the way, or only the ledger is
        behind."""
        if change.action is Action.CONFLICT:
            return live.folder == (entry.folder if entry else live.folder)
        return change.action is Action.UNCHANGED and entry is not None and change.adopts

    def _with_history(
        self, change: PlannedChange, entry: Entry | None, live: Live
    ) -> PlannedChange:
        message, _ = self.grafana.version(live.uid, live.version)
        resource = change.resource
        if message.startswith(self.server.signature) and resource:
            # The ledger is not written for updates of a few dashboards: the version itself says
            # that it is ours.
            if change.action is Action.UNCHANGED or message.endswith(f"({sent(resource)})"):
                return replace(
                    change, action=Action.UNCHANGED, adopts=entry is None, reason="", fields=()
                )
            return compare(resource, live, entry, pushed=True)
        if change.action is Action.UNCHANGED or entry is None:
            return change
        return self._conflict(change, entry, live)

    def _conflict(self, change: PlannedChange, entry: Entry, live: Live) -> PlannedChange:
        """The conflict with what they changed since our last version, where Grafana has it
        still."""
        id, _, number = entry.stamp.partition(".")
        # Whoever deleted it and made another began to count anew.
        stamped = int(number) if number.isdecimal() and id == live.stamp.partition(".")[0] else 0
        ours = [
            each.number
            for each in self.grafana.versions(live.uid)
            if each.message.startswith(self.server.signature)
        ]
        version = max([stamped, *ours])
        _, pushed = self.grafana.version(live.uid, version) if version else ("", None)
        if pushed is None or change.resource is None:
            return change
        before = parts(Kind.DASHBOARD, pushed, entry.folder)
        here = parts(Kind.DASHBOARD, change.resource.body, change.resource.folder)
        theirs = fields(Kind.DASHBOARD, live.parts, here, before)
        if not theirs:
            # It was saved there without a change.
            return compare(change.resource, live, entry, pushed=True)
        return replace(change, fields=theirs)

    # What Grafana would refuse, or do to others

    def _refusal(self, change: PlannedChange) -> PlannedChange | None:
        if "/" in change.title and change.kind in _NAMED and self._is_below_a_path():
            reason = (
                "Grafana before 10 finds no name with a slash below a path; "
                "rename it, or push to its root URL"
            )
            return replace(change, action=Action.BLOCKED, reason=reason, fields=())
        check = {
            Kind.FOLDER: self._same_title,
            Kind.DASHBOARD: self._same_title,
            Kind.DATASOURCE: self._other_datasources,
            Kind.RULE_GROUP: self._other_groups,
        }.get(change.kind)
        return check(change) if check else None

    def _is_below_a_path(self) -> bool:
        return bool(
            urlsplit(self.grafana.client.connection.url).path
        ) and self.server.about.number < (10,)

    def _same_title(self, change: PlannedChange) -> PlannedChange | None:
        if not self.server.about.has_unique_titles:
            return None
        for hit in self.server.hits:
            is_there = (
                hit.kind is change.kind and hit.folder == change.folder and hit.uid != change.uid
            )
            moves = self.defined.get((hit.kind, hit.uid))
            if (
                is_there
                and hit.title.casefold() == change.title.casefold()
                and (not moves or moves.title == hit.title)
            ):
                reason = (
                    f"there is another {change.kind.value} of this title (uid '{hit.uid}'); "
                    "rename one of them"
                )
                return replace(change, action=Action.BLOCKED, reason=reason, fields=())
        if change.kind is Kind.DASHBOARD and change.title.casefold() in self.folder_titles:
            reason = (
                "a folder has this title, and Grafana before 11.3 takes no dashboard of the same; "
                "rename one of them"
            )
            return replace(change, action=Action.BLOCKED, reason=reason, fields=())
        return None

    def _other_datasources(self, change: PlannedChange) -> PlannedChange | None:
        is_default = change.resource is not None and change.resource.body.get("isDefault")
        for each in self.server.datasources:
            key = (Kind.DATASOURCE, each["uid"])
            if key == change.key or key in self.defined:
                continue
            if each["name"] == change.title:
                reason = (
                    f"there is another data source of this name (uid '{each['uid']}'); "
                    "rename one of them"
                )
                return replace(change, action=Action.BLOCKED, reason=reason, fields=())
            if each["isDefault"] and is_default and key not in self.server.ledger.entries:
                reason = (
                    f"it would be the default one in place of '{each['name']}', "
                    "which gk did not push"
                )
                return replace(change, action=Action.CONFLICT, reason=reason)
        return None

    def _other_groups(self, change: PlannedChange) -> PlannedChange | None:
        known = {rule["uid"] for rule in change.live.body["rules"]} if change.live else set()
        for rule in change.resource.body["rules"] if change.resource else ():
            found = None if rule["uid"] in known else self.server.rules.get(rule["uid"])
            group = found.group if found else change.uid
            if group != change.uid and (Kind.RULE_GROUP, group) not in self.server.ledger.entries:
                reason = (
                    f"its rule '{rule['title']}' is in the rule group '{group}', "
                    "which gk did not push"
                )
                return replace(change, action=Action.CONFLICT, reason=reason)
        return None

    # What the definitions no longer have

    def orphan(self, key: Key) -> PlannedChange | None:
        """What becomes of an object that gk owns and nobody defines; None if it is gone, or another
        project's too."""
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
        if live is None or key in self.server.owners:
            return None
        change = replace(change, live=live, title=live.title or key[1])
        if live.locked:
            return replace(change, action=Action.BLOCKED, reason=live.locked)
        if is_as_pushed(entry, live) or self._is_ours(live):
            return (
                change
                if self.server.sees_all
                else replace(change, action=Action.CONFLICT, reason=_SHARED)
            )
        by = f" ({live.changed})" if live.changed else ""
        return replace(
            change, action=Action.CONFLICT, reason=f"it was changed there since gk pushed it{by}"
        )

    def _is_ours(self, live: Live) -> bool:
        if live.kind is not Kind.DASHBOARD:
            return False
        message, _ = self.grafana.version(live.uid, live.version)
        return message.startswith(self.server.signature)


_SHARED = (
    "it stays, because another project may have pushed it, too, and this account does not see "
    "the ledgers of others; prune with an account of the role Admin"
)
_NAMED = frozenset({Kind.RULE_GROUP, Kind.CONTACT_POINT, Kind.MUTE_TIMING, Kind.MESSAGE_TEMPLATE})
"""The kinds whose names are in the paths of Grafana's API."""
_WITHOUT_SECRETS = frozenset({Kind.FOLDER, Kind.DASHBOARD, Kind.RULE_GROUP})


def _unread(error: GrafanaError) -> str:
    what = "the account may not read it" if isinstance(error, DeniedError) else "it cannot be read"
    return f"{what}: {error}"
