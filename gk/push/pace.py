"""How fast a push writes: how many writes at once, which ones again, how often, after which
pause."""

from __future__ import annotations

import random
import threading
import time

from gk.grafana.client import SERVER_FAILED, UNKNOWN
from gk.grafana.errors import ChangedError, GrafanaError, NotFoundError, UnansweredError

__all__ = ["Attempts", "Pace"]

LOCKED = 6
"""How often gk repeats a write that a locked database may have refused; the pauses add up to 6
s."""


class Pace:
    """How many writes go on at once: as many as there are workers, and fewer once Grafana's
    database could not keep up. A context manager around each write.

    SQLite has one writer at a time. Grafana begins a write again that found the database locked,
    but with the version that it gave the dashboard before: then it answers 412 for an update, and
    404 for a new dashboard, though nobody changed anything (9.3, pkg/services/dashboards/database:
    saveDashboard).
    """

    def __init__(self, workers: int, retries: int) -> None:
        self._most = workers
        self._retries = retries
        self._taken = 0
        self._free = threading.Condition()

    def __enter__(self) -> None:
        with self._free:
            self._free.wait_for(lambda: self._taken < self._most)
            self._taken += 1

    def __exit__(self, *_: object) -> None:
        with self._free:
            self._taken -= 1
            self._free.notify_all()

    def repeats(self, error: GrafanaError) -> int:
        """How often a write may be sent again after an error, once the object was seen to be as it
        was before.

        Grafana answers 500 for a locked database, too, and just after a folder was made (grafana
        issue 103355); and 401 to those whom it let in before, when it cannot look them up (12.4.0).
        """
        if isinstance(error, UnansweredError):
            return self._retries
        if isinstance(error, (ChangedError, NotFoundError)) or error.status in (
            SERVER_FAILED,
            UNKNOWN,
        ):
            with self._free:
                # Down to one writer at a time.
                self._most = max(1, self._most // 2)
            return max(self._retries, LOCKED)
        return 0


class Attempts:
    """Counts repetitions. The pause before each one grows, and differs between pushes."""

    def __init__(self) -> None:
        self.made = 0

    def another(self, most: int) -> bool:
        """Pause and return True; or return False after `most` repetitions."""
        if self.made >= most:
            return False
        # Partly random, so that two pushes which collided do not collide again.
        time.sleep(min(5.0, 0.1 * 2**self.made) * (0.5 + random.random() / 2))
        self.made += 1
        return True
