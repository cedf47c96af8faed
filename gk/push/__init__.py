"""gk push: makes a running Grafana match the definitions, and does not touch what others own.

In the order in which they are called:

    open_server     who we are there, and what the ledger says
    select          the objects that were asked for
    make_plan       every object read and compared; nothing is written
    prune_refusal   whether too much would be deleted
    apply           what the plan says, object by object

Only the last one writes.
"""

from __future__ import annotations

from gk.push.applying import Outcome, Status, apply
from gk.push.planning import make_plan, prune_refusal
from gk.push.selection import NAMES, select
from gk.push.server import Server, open_server

__all__ = [
    "NAMES",
    "Outcome",
    "Server",
    "Status",
    "apply",
    "make_plan",
    "open_server",
    "prune_refusal",
    "select",
]
