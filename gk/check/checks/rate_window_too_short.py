"""A rate's window is shorter than two scrapes, so it often has no result.

Problem: rate() needs two samples in its window. With a scrape every 30 seconds, 40 seconds mostly
contain one.

    rate(http_requests_total[40s])

Instead: four scrapes, so that one may be missing.

    rate(http_requests_total[2m])

`scrape_interval` says how often the targets are scraped. By default it is that of the project's
data source (`scrape_interval=`). Without either, nothing is reported, because some exporters are
scraped every second. window-too-short looks at rules, which need more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import promql_parser

from gk.check.expressions.trees import calls
from gk.check.model import Severity, check
from gk.check.parts.windows import NEED_TWO_SAMPLES, has_fixed, windowed
from gk.check.subjects import Expression
from gk.documents.durations import milliseconds

__all__ = ["rate_window_too_short"]


@check(Severity.WARNING, peers=("pint: promql/rate",))
def rate_window_too_short(expression: Expression, *, scrape_interval: str = "") -> Iterator[str]:
    """Compare fixed windows with the scrape interval."""
    if expression.query.rule or not has_fixed(expression.text):
        return
    stated = milliseconds(scrape_interval)
    # Of several data sources, nobody knows which one is asked: the shortest may be right.
    interval = stated or min(expression.project.scrape_intervals, default=0)
    for call in calls(windowed(expression).nodes, NEED_TWO_SAMPLES):
        argument = call.args[0]
        if not isinstance(argument, promql_parser.MatrixSelector):
            continue
        if argument.range < 2 * timedelta(milliseconds=interval):
            window = promql_parser.display_duration(argument.range)
            yield (
                f"{call.func.name}() over {window} with a scrape every {interval / 1000:g}s may "
                "have fewer than two samples; take at least four scrapes"
            )
