"""Prometheus answers a query with a warning.

Problem: the result may be incomplete or wrong: a store behind the server did not answer, or
Prometheus left out samples, such as histograms of different buckets (Prometheus 2.48 and later).

    histogram_quantile(1.5, sum by (le) (rate(request_seconds_bucket[5m])))

Instead: correct the query as the warning says.

    histogram_quantile(0.99, sum by (le) (rate(request_seconds_bucket[5m])))
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["prometheus_warning"]


@check(Severity.WARNING)
def prometheus_warning(asked: Asked) -> Iterator[str]:
    """Repeat the warnings of an answer."""
    for text in dict.fromkeys(asked.answer.warnings if asked.answer else ()):
        yield f"Prometheus warns: {text.removeprefix('PromQL warning: ')}"
