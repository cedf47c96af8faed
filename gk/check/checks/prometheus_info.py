"""Prometheus answers a query with a hint.

Problem: Prometheus doubts that the query does what its author wants, such as a rate of a metric
that does not look like a counter (Prometheus 3).

    rate(process_open_fds[5m])

Instead: find out whether the hint is right. Where Prometheus does not know the type of a metric, it
goes by the name, and may be wrong. Metrics that gk knows to be counters, such as
node_vmstat_pgmajfault, are left out.

    deriv(process_open_fds[5m])
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.expressions.counters import is_counter
from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["prometheus_info"]

_DOUBT = re.compile(r'metric might not be a counter.*"(?P<name>[^"]+)"')


@check(Severity.INFO)
def prometheus_info(asked: Asked) -> Iterator[str]:
    """Repeat the infos of an answer."""
    for text in dict.fromkeys(asked.answer.infos if asked.answer else ()):
        doubt = _DOUBT.search(text)
        # The exporter states no type, which the server's metadata has as unknown.
        if doubt and is_counter(doubt["name"], {}):
            continue
        yield f"Prometheus hints: {text.removeprefix('PromQL info: ')}"
