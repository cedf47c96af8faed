"""A data source states a shorter scrape interval than that of the server.

Problem: Grafana makes `$__rate_interval` at least four of these intervals long. If the data source
states none, Grafana assumes 15 s. A server that scrapes once a minute then has one sample in that
range, and rate() returns nothing.

    prometheus = Datasource.prometheus("Prometheus", uid="prometheus", url="http://prometheus:9090")

Instead: state the interval of the server.

    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://prometheus:9090", scrape_interval="1m"
    )

The interval is the most common one of the jobs in the server's configuration.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gk.check.live.model import Sourced
from gk.check.model import Severity, check

__all__ = ["scrape_interval_too_short"]

_SCRAPES = 4


@check(Severity.WARNING)
def scrape_interval_too_short(sourced: Sourced) -> Iterator[str]:
    """Compare it with that of most jobs."""
    intervals = Counter(sourced.server.scrape_intervals.values())
    usual = intervals.most_common(1)[0][0] if intervals else 0
    stated = sourced.scrape_interval
    if usual > stated:
        yield (
            f"$__rate_interval may be {_SCRAPES * stated / 1000:g} s, and most jobs are scraped "
            f'every {usual / 1000:g} s; set scrape_interval="{usual // 1000}s"'
        )
