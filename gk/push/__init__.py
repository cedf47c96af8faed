"""gk push: brings a running Grafana to what the definitions say, and leaves alone what is not gk's.

open_server   who we are there, and what the ledger says
make_plan     every object read and compared; nothing is written
apply         what the plan says, object by object
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
