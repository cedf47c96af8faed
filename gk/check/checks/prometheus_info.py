"""Prometheus answers a query with a hint.

Problem: the engine doubts that the query means what it says (Prometheus 3): a rate of what does not
look like a counter, a sort that a range query ignores.

    rate(process_open_fds[5m])

Instead: look at whether the hint is right. It goes by the metric's name where Prometheus has no
type, and may be wrong.

    deriv(process_open_fds[5m])
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["prometheus_info"]


@check(Severity.INFO)
def prometheus_info(asked: Asked) -> Iterator[str]:
    """Repeat the infos of an answer."""
    for text in dict.fromkeys(asked.answer.infos if asked.answer else ()):
        yield f"Prometheus hints: {text.removeprefix('PromQL info: ')}"
