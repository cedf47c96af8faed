"""What goes wrong when Prometheus is asked."""

from __future__ import annotations

from gk.errors import GkError

__all__ = ["PrometheusError", "RefusedError", "TimedOutError", "UnreachableError"]


class PrometheusError(GkError):
    """Prometheus is not reachable, or refuses a query; the message has the URL and the reason."""


class RefusedError(PrometheusError):
    """Prometheus answers that it cannot evaluate one query: others may work.

    `reason` is its own message, and `type` its error type: bad_data, execution, not_found.
    """

    def __init__(self, message: str, reason: str, type_: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.type = type_


class UnreachableError(PrometheusError):
    """Nothing answers, or a proxy before a server that does not; it may be there a moment later."""


class TimedOutError(PrometheusError):
    """Prometheus did not answer one query in time, or says that it could not: nothing is known of
    the query, and others may work."""
