"""This project's ledger, as a push writes it: hidden from those who may not see what it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gk.grafana.errors import DeniedError, GrafanaError, NotFoundError, UnansweredError
from gk.grafana.kinds import Document
from gk.push.ledger import Entry, Ledger
from gk.push.pace import Attempts, Pace
from gk.push.server import Server
from gk.resource import Key, Kind

__all__ = ["Book"]

# Not 401, which a locked database may cause.
FORBIDDEN = 403


class Book:
    """The ledger of the project that is pushed; `note` is told if it cannot be hidden."""

    def __init__(
        self, server: Server, revision: str, pace: Pace, note: Callable[[str], None]
    ) -> None:
        self._server = server
        self._revision = revision
        self._pace = pace
        self._note = note
        self._is_private = False
        self.ledger, self._kept = server.ledger, server.kept

    def write(self, entries: Mapping[Key, Entry | None]) -> None:
        """Write entries into the ledger. Entries that another push wrote since it was read stay.

        Raises GrafanaError if that cannot be done.
        """
        if not self._is_private:
            self._hide()
        self._write(entries)

    def _hide(self) -> None:
        """Let only administrators see it, before it has entries: it lists objects that the
        permissions of a folder may hide."""
        if self._kept is None:
            self._write({})
        is_hidden = self._restricted()
        self._is_private = True
        if not is_hidden:
            self._note(
                f"the dashboard '{self.ledger.title}' lists the uid of every object gk pushed, and "
                "this account may not hide it from viewers: push once with an account that has the "
                "role Admin"
            )

    def _restricted(self) -> bool:
        attempts = Attempts()
        while True:
            try:
                return self._server.grafana.restrict(self.ledger.uid)
            except (DeniedError, NotFoundError):
                return False
            except GrafanaError as error:
                # It sets the same permissions again.
                if not attempts.another(self._pace.repeats(error)):
                    raise

    def _write(self, entries: Mapping[Key, Entry | None]) -> None:
        grafana, attempts = self._server.grafana, Attempts()
        while True:
            # Merged anew in each round, because another push may have written meanwhile.
            merged = replace(self.ledger.with_entries(entries), revision=self._revision)
            document = Document(merged.dashboard(), "", f"{self._server.signature}{self._revision}")
            try:
                grafana.write(Kind.DASHBOARD, self._kept, document)
                lost: GrafanaError | None = None
            except GrafanaError as error:
                if error.status == FORBIDDEN:
                    raise GrafanaError(
                        f"gk keeps what it pushed in the dashboard '{merged.title}' in "
                        f"General, and this account lacks write permission: {error}"
                    ) from error
                lost = error
            self._kept = grafana.read(Kind.DASHBOARD, merged.uid)
            self.ledger = Ledger.of(self._kept.body) if self._kept else Ledger(merged.project)
            is_there = self._kept is not None and all(
                self.ledger.entries.get(key) == it for key, it in entries.items()
            )
            if lost is None or is_there:
                return
            repeats = self._pace.repeats(lost)
            if not (repeats or isinstance(lost, UnansweredError)) or not attempts.another(
                repeats + 4
            ):
                raise lost
