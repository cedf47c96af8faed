"""Applies a plan: writes objects in the order in which Grafana needs them, each at most once
in effect.

A write that is refused, or whose answer gets lost, is looked into: what is there now says whether
it was done, may be tried again, or lost a race against somebody. The ledger knows what is about to
be written before it is, so a push may be killed at any point.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from gk.documents.secrets.hidden import secrets_of
from gk.documents.secrets.references import references
from gk.documents.secrets.values import resolved, values
from gk.errors import GkError
from gk.grafana.errors import DeniedError, GrafanaError
from gk.grafana.kinds import Document
from gk.grafana.live import Live, fingerprints
from gk.push.book import Book
from gk.push.keeping import Keep
from gk.push.ledger import Entry, secret_fingerprint
from gk.push.pace import Attempts, Pace
from gk.push.plan import Action, Plan, PlannedChange, desired_parts, is_as_pushed, live_parts
from gk.push.sent import sent
from gk.push.server import Server, in_parallel
from gk.resource import Key, Kind

__all__ = ["Outcome", "Status", "apply"]

SOME = 10
"""From so many dashboards on the ledger is written for updates, too: up to that their versions say
whose they are."""


class Status(enum.Enum):
    """How a change ended."""

    DONE = "done"
    CONFLICT = "conflict"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended, and why. `kept` is the file with the replaced version, if there is
    one."""

    change: PlannedChange
    status: Status
    reason: str = ""
    kept: str = ""


def apply(
    plan: Plan,
    server: Server,
    *,
    revision: str,
    environ: Mapping[str, str],
    root: Path,
    fail_fast: bool = False,
    done: Callable[[], None] = lambda: None,
    note: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Carry out what a plan writes, and return how each change of it ended.

    `revision` is what the messages of versions say was pushed. What a forced change overwrites, and
    what is deleted, goes into files below `root`, the project's folder, first. `done` is called
    after each change, and `note` with what people should know besides. Raises GrafanaError if the
    ledger cannot be written: then nothing else was.
    """
    applier = _Applier(
        plan=plan,
        server=server,
        revision=revision,
        environ=environ,
        keep=Keep(root),
        fail_fast=fail_fast,
        done=done,
        note=note,
    )
    return applier.apply()


@dataclass(kw_only=True)
class _Applier:
    plan: Plan
    server: Server
    revision: str
    environ: Mapping[str, str]
    keep: Keep
    fail_fast: bool
    done: Callable[[], None]
    note: Callable[[str], None]
    settled: dict[Key, Entry | None] = field(default_factory=dict)
    """What the ledger will say about objects that were tried; None for deleted ones."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.grafana = self.server.grafana
        self.pace = Pace(self.server.workers, self.grafana.client.connection.retries)
        self.book = Book(self.server, self.revision, self.pace, self.note)
        in_the_way = self.plan.of(Action.BLOCKED, Action.CONFLICT)
        self.absent = {
            change.uid for change in in_the_way if change.kind is Kind.FOLDER and not change.live
        }
        """Folders that do not exist, and will not."""

    def apply(self) -> list[Outcome]:
        pending = {
            change.key: self._pending(change)
            for change in self.plan.changes
            if self._is_announced(change)
        }
        if pending:
            self.book.write(pending)
        outcomes: list[Outcome] = []
        try:
            for wave, workers in self._waves():
                outcomes += in_parallel(self._attempt, wave, workers, self.done)
        finally:
            # Also when a person interrupts: what was written is ours, and the next push should
            # know.
            outcomes += self._settle(pending)
        return outcomes

    def _waves(self) -> Iterable[tuple[Sequence[PlannedChange], int]]:
        """Changes that may be written at the same time, with the number of workers: folders level
        by level, deletes in reverse."""
        writes = self.plan.of(Action.CREATE, Action.UPDATE)
        deletes = self.plan.of(Action.DELETE)
        # Deletes come last: until then, what they delete may still be in use.
        for changes, direction in ((writes, 1), (deletes, -1)):

            def rank(change: PlannedChange, direction: int = direction) -> tuple[int, int]:
                return direction * change.kind.order, direction * self.plan.depth(change)

            for _, wave in groupby(sorted(changes, key=rank), key=rank):
                group = list(wave)
                is_alone = group[0].kind.facts.is_written_alone
                yield group, 1 if is_alone else self.server.workers

    # One object

    def _attempt(self, change: PlannedChange) -> Outcome:
        if self.stopped.is_set():
            reason = "an earlier object failed (--fail-fast)"
            return Outcome(change, Status.SKIPPED, reason)
        try:
            outcome = (
                self._delete(change) if change.action is Action.DELETE else self._write(change)
            )
        except DeniedError as error:
            reason = f"this account lacks the permission: {error}"
            outcome = Outcome(change, Status.FAILED, reason)
        except GkError as error:
            outcome = Outcome(change, Status.FAILED, str(error))
        if outcome.status is not Status.DONE:
            # Objects in this folder then fail with that reason, not with an error of Grafana.
            if change.kind is Kind.FOLDER and not change.live:
                self.absent.add(change.uid)
            if self.fail_fast:
                self.stopped.set()
        return outcome

    def _write(self, change: PlannedChange) -> Outcome:
        resource = change.resource
        if resource is None:
            raise AssertionError(change)
        if change.folder in self.absent:
            return Outcome(
                change,
                Status.FAILED,
                f"its folder '{change.folder}' does not exist",
            )
        message = f"{self.server.signature}{self.revision} ({sent(resource)})"
        body = resolved(resource.body, self.environ)
        # Before they are sent: a server may repeat them in the message of an error.
        self.grafana.client.unspoken.add(
            (*secrets_of(change.kind, body), *values(resource.body, self.environ).values())
        )
        document = Document(body, change.folder, message)
        live, attempts = change.live, Attempts()
        if change.kind is not Kind.DASHBOARD:
            # Only a dashboard has a version that every Grafana compares.
            live = self.grafana.read(*change.key)
            if not self._is_ours_so_far(change, live) or self._is_desired(change, live):
                return self._overtaken(change, live)
        # Kept before the first attempt: if that fails, nothing is overwritten.
        kept = self._keep(change)
        while True:
            try:
                with self.pace:
                    stamp = self.grafana.write(change.kind, live, document)
                break
            except GrafanaError as error:
                now = self.grafana.read(*change.key)
                if not self._is_ours_so_far(change, now) or self._is_desired(change, now):
                    return self._overtaken(change, now, kept)
                if not attempts.another(self.pace.repeats(error)):
                    raise
                live = now
        self._note(change, None if stamp else self.grafana.read(*change.key), stamp)
        return Outcome(change, Status.DONE, kept=kept)

    def _delete(self, change: PlannedChange) -> Outcome:
        live = change.live
        if live is None:
            raise AssertionError(change)
        # The plan may be minutes old, because somebody was asked to confirm it.
        now = self._touched(change.key)
        if now and not fingerprints(now.parts).items() <= fingerprints(live.parts).items():
            return self._overtaken(change, now)
        if now and (used := self.grafana.used(live)):
            return Outcome(change, Status.CONFLICT, f"{used} now, so it stays")
        kept = self._keep(change)
        attempts = Attempts()
        # A group whose rules this push moved into another is gone by now, or has fewer.
        while now:
            try:
                with self.pace:
                    self.grafana.delete(now)
                break
            except GrafanaError as error:
                if self._touched(change.key) is None:
                    break
                if not attempts.another(self.pace.repeats(error)):
                    raise
        self.settled[change.key] = None
        return Outcome(change, Status.DONE, kept=kept)

    def _touched(self, key: Key) -> Live | None:
        """An object that is there and not as Grafana made it by itself."""
        now = self.grafana.read(*key)
        return None if now and now.is_untouched else now

    def _overtaken(self, change: PlannedChange, now: Live | None, kept: str = "") -> Outcome:
        """How a write ended when the object is another than it was: it was done, though its answer
        got lost or another push did it; or somebody changed it."""
        if self._is_desired(change, now):
            self._note(change, now)
            return Outcome(change, Status.DONE, kept=kept)
        self.settled[change.key] = self.server.entry(change.key)
        return Outcome(
            change,
            Status.CONFLICT,
            "somebody changed it while this push was under way; push again to see",
        )

    def _is_desired(self, change: PlannedChange, now: Live | None) -> bool:
        """Whether Grafana has it already. Nobody can see that of an object with secrets."""
        return (
            now is not None
            and change.resource is not None
            and not any(references(change.resource.body))
            and live_parts(change.resource, now) == desired_parts(change.resource)
        )

    def _is_ours_so_far(self, change: PlannedChange, now: Live | None) -> bool:
        """Whether an object is as it was, or has some of the parts that were to be written in place
        of those it had."""
        if now is None or (now.is_untouched and change.live is None):
            return change.live is None
        if change.live and change.live.stamp:
            return now.stamp == change.live.stamp
        before = fingerprints(change.live.parts) if change.live else {}
        wanted = fingerprints(desired_parts(change.resource)) if change.resource else {}
        return is_as_pushed(Entry(folder=now.folder, stored=before, pending=wanted), now)

    # The ledger

    def _is_announced(self, change: PlannedChange) -> bool:
        """Whether the ledger must know of a change before it is made: an update of a dashboard that
        stays in its folder is known by its version."""
        if change.action is Action.UPDATE and change.kind is Kind.DASHBOARD:
            entry = self.server.entry(change.key)
            return entry is None or entry.folder != change.folder
        return change.action in (Action.CREATE, Action.UPDATE)

    def _pending(self, change: PlannedChange) -> Entry:
        entry = self.server.entry(change.key) or Entry(folder=change.folder)
        resource = change.resource
        wanted = fingerprints(desired_parts(resource)) if resource else {}
        # What is overwritten by force, or was deleted there, is no longer what was pushed last.
        stored = (
            fingerprints(change.live.parts)
            if change.live and change.kind is not Kind.DASHBOARD
            else {}
        )
        stamp = change.live.stamp if change.live else ""
        return replace(entry, stamp=stamp, stored=stored, pending=wanted)

    def _note(self, change: PlannedChange, live: Live | None, stamp: str = "") -> None:
        """Remember the result of an object for the ledger."""
        resource = change.resource
        if resource is None:
            raise AssertionError(change)
        secrets = values(resource.body, self.environ) if change.kind is not Kind.DASHBOARD else {}
        self.settled[change.key] = Entry(
            folder=change.folder,
            sent=sent(resource),
            stamp=live.stamp if live else stamp,
            stored=fingerprints(live.parts) if live and change.kind is not Kind.DASHBOARD else {},
            secrets=secret_fingerprint(secrets) if secrets else "",
        )

    def _settle(self, pending: Mapping[Key, Entry]) -> list[Outcome]:
        """Write all results into the ledger; returns an outcome if that failed. Then the pending
        entries in the ledger are enough for the next push."""
        adopted = {
            change.key: self._adopted(change) for change in self.plan.changes if change.adopts
        }
        gone = {key: None for key in self.plan.forgotten if key in self.server.ledger.entries}
        entries = {**adopted, **gone, **self.settled}
        updated = [
            key
            for key in entries
            if key not in pending and entries[key] is not None and key not in adopted
        ]
        try:
            are_known = len(updated) == len(entries) <= SOME and self._has_messages(updated)
            if entries and not are_known:
                self.book.write(entries)
        except GkError as error:
            change = PlannedChange(
                Action.UPDATE, Kind.DASHBOARD, self.server.ledger.uid, self.server.ledger.title
            )
            return [Outcome(change, Status.FAILED, f"push again: {error}")]
        return []

    def _adopted(self, change: PlannedChange) -> Entry:
        resource, live = change.resource, change.live
        if resource is None or live is None:
            raise AssertionError(change)
        entry = self.server.entry(change.key)
        return Entry(
            folder=change.folder,
            sent=sent(resource),
            stamp=live.stamp,
            stored=fingerprints(live.parts) if change.kind is not Kind.DASHBOARD else {},
            secrets=entry.secrets if entry else "",
        )

    def _has_messages(self, updated: Sequence[Key]) -> bool:
        """Whether this Grafana keeps the messages of versions, by which updates of dashboards are
        known as ours."""
        if not updated or self.server.keeps_messages:
            return False
        entry = self.settled[updated[0]]
        version = int(entry.stamp.partition(".")[2] or 0) if entry else 0
        message, _ = self.grafana.version(updated[0][1], version)
        return message.startswith(self.server.signature)

    # What was there

    def _keep(self, change: PlannedChange) -> str:
        """Save what a change deletes or overwrites by force, and return the file name; empty for
        other changes."""
        if change.live is None or not (change.forced or change.action is Action.DELETE):
            return ""
        return self.keep.write(change.live, change.resource.body if change.resource else None)
