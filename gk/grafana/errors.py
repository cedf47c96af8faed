"""What a Grafana refuses, by the status of its answer."""

from __future__ import annotations

from gk.errors import GkError

__all__ = [
    "BUSY",
    "TOO_MANY",
    "ChangedError",
    "DeniedError",
    "GrafanaError",
    "MalformedError",
    "NotFoundError",
    "UnansweredError",
    "error_class",
]

BUSY = frozenset({502, 503, 504})
TOO_MANY = 429


class GrafanaError(GkError):
    """Grafana refused a request, or did not answer it. `status` is that of the answer, 0 without
    one."""

    status = 0


class NotFoundError(GrafanaError):
    """404: the object does not exist."""


class ChangedError(GrafanaError):
    """409 or 412: somebody else changed or made the object since it was read."""


class DeniedError(GrafanaError):
    """401 or 403: this account lacks the permission."""


class MalformedError(GrafanaError):
    """An answer that Grafana never gives: something else answers there, or in between."""


class UnansweredError(GrafanaError):
    """No answer, or a proxy's that Grafana did not answer: what a write would have done may have
    been done or not."""


# A write that came too late is 412 for dashboards and folders, and 409 for data sources (9.3) and
# for everything of the resource API.
_CLASSES = {
    404: NotFoundError,
    409: ChangedError,
    412: ChangedError,
    401: DeniedError,
    403: DeniedError,
}


def error_class(status: int) -> type[GrafanaError]:
    """The error for an answer with this status; 0 stands for a missing answer."""
    if status in BUSY or status in (0, TOO_MANY):
        return UnansweredError
    return _CLASSES.get(status, GrafanaError)
