"""A dashboard refreshes every few seconds.

Problem: each reader's browser sends all of the dashboard's queries again every few seconds,
although Prometheus has new samples only after each scrape.

    {"refresh": "1s"}

Instead: refresh about as often as Prometheus scrapes, or less.

    Dashboard("Checkout", refresh="30s", panels=[...])

`least` is the shortest interval that is not reported; `--fix` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Dashboard
from gk.documents.durations import milliseconds
from gk.documents.shapes import Json

__all__ = ["refresh_too_fast"]


def _fix(body: Json, *, least: str = "10s") -> Iterator[str]:
    """Refresh at the shortest interval that is fine."""
    if _is_shorter(body.get("refresh"), least):
        yield f"refresh {body['refresh']} -> {least}"
        body["refresh"] = least


def _is_shorter(refresh: object, least: str) -> bool:
    # It may be false, or a word.
    interval = milliseconds(refresh) if isinstance(refresh, str) else None
    return interval is not None and 0 < interval < (milliseconds(least) or 0)


@check(Severity.INFO, fix=_fix)
def refresh_too_fast(dashboard: Dashboard, *, least: str = "10s") -> Iterator[str]:
    """Compare the interval with the least one."""
    refresh = dashboard.body.get("refresh")
    if _is_shorter(refresh, least):
        yield f"refreshes every {refresh}; refresh every {least} or less often"
