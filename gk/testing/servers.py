"""The Prometheus behind each panel that a test looks at: one for each set of series."""

from __future__ import annotations

from collections.abc import Mapping

from gk.prometheus.throw_away import Starting, ThrowAway
from gk.testing import NOW

__all__ = ["Servers"]


class Servers:
    """Gives series a Prometheus of their own, in which nothing else is and nothing else was: all
    can then be of one time, NOW, so that texts with dates and ages are the same in each run.

    The next one starts while a test looks at its panel, so that nobody waits for it. Series that
    are equal to the last ones get that Prometheus again.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._server: ThrowAway | None = None
        self._next: Starting | None = None

    def of(self, series: Mapping[str, str], interval: str) -> ThrowAway:
        """The Prometheus with series, until the next one. Raises GkError if it does not start, and
        ValueError for series or an interval that it cannot read."""
        key = frozenset(series.items()), interval
        if self._server is None or key != self._key:
            self._stop()
            starting, self._next = self._next or Starting(), None
            try:
                self._server = ThrowAway(series, interval, at=NOW, starting=starting)
            except BaseException:
                starting.stop()
                raise
            self._key, self._next = key, Starting()
        return self._server

    def stop(self) -> None:
        """End all."""
        self._stop()
        if self._next:
            self._next.stop()

    def _stop(self) -> None:
        if self._server:
            self._server.stop()
        self._server = None
