"""A query reads more samples, takes longer, or returns more series than a dashboard's query should.

Problem: Prometheus does all of this work again for everybody who opens the dashboard, and at each
refresh.

    topk(10, sum by (pod) (rate(container_cpu_usage_seconds_total[1d])))

Instead: record it as a series of its own, and show that; or ask for fewer series.

    topk(10, pod:container_cpu_usage_seconds:rate1d)

`most_samples` limits the samples that Prometheus says a query read in total (Prometheus 2.35 and
later); `--query.max-samples`, 50,000,000 by default, limits those in memory at once. `most_seconds`
and `most_series` limit the time and the result. `gk check --live` always lists the most expensive
queries, whatever they cost.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["expensive_query"]


@check(Severity.WARNING, peers=("pint: query/cost",))
def expensive_query(
    asked: Asked,
    *,
    most_samples: int = 20_000_000,
    most_seconds: float = 10.0,
    most_series: int = 5_000,
) -> Iterator[str]:
    """Compare the cost of an answer with the limits."""
    answer = asked.answer
    if answer is None:
        return
    costs = []
    if answer.samples > most_samples:
        costs.append(f"reads {answer.samples:,} samples (at most {most_samples:,})")
    if answer.seconds > most_seconds:
        costs.append(f"takes {answer.seconds:.1f} s (at most {most_seconds:g})")
    if len(answer.series) > most_series:
        costs.append(f"returns {len(answer.series):,} series (at most {most_series:,})")
    if costs:
        yield f"{', '.join(costs)}; ask for less, or record it as a series of its own"
