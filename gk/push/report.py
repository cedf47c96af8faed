"""What gk push and gk status report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gk.push.applying import Outcome
from gk.push.plan import Action, Plan, PlannedChange
from gk.push.server import Server

__all__ = ["Report", "StatusReport"]


@dataclass
class Report:
    """A push: its plan, and the outcomes once it was applied."""

    server: Server
    plan: Plan
    revision: str
    seconds: float
    outcomes: list[Outcome] = field(default_factory=list)
    refused: str = ""
    """Why nothing of the plan was applied."""


@dataclass
class StatusReport:
    """The state of everything gk manages in a Grafana, and what else is there."""

    server: Server
    plan: Plan
    foreign: Mapping[str, int]

    @classmethod
    def of(cls, server: Server, plan: Plan) -> StatusReport:
        """Also lists what is in Grafana but not in the ledger."""
        return cls(server, plan, server.foreign())

    @property
    def lists(self) -> Mapping[str, Sequence[PlannedChange]]:
        """The changes that differ from the definitions, by the state that gk status shows."""
        conflicts = self.plan.of(Action.CONFLICT)
        # An entry without `sent` is of a first push that was interrupted.
        owned = {key for key, entry in self.server.ledger.entries.items() if entry.sent}
        creates = self.plan.of(Action.CREATE)
        return {
            "drifted": [change for change in conflicts if change.key in owned],
            "missing": [change for change in creates if change.key in owned],
            "new": [change for change in creates if change.key not in owned],
            "outdated": self.plan.of(Action.UPDATE),
            "taken": [change for change in conflicts if change.key not in owned],
            "blocked": self.plan.of(Action.BLOCKED),
            "orphaned": self.plan.of(Action.ORPHAN),
        }

    @property
    def is_clean(self) -> bool:
        """Whether Grafana is healthy and has everything as it is defined."""
        return self.server.about.database == "ok" and not any(self.lists.values())
