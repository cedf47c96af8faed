"""Time of `gk check --live`: 1,000 queries, this repository's node-detail, dashboards of others.

    python -m benchmarks.live [FILE.json ...]

A real Prometheus and a real node exporter on this machine, beside the exporter programs of the
tests, answer. The 1,000 queries are all different: half of them return data, a quarter reads a
metric that is not there, and a quarter a value that is not there, so that reasons have to be found.
Each file is the export of a dashboard of node exporters.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gk import Dashboard, Datasource, timeseries
from gk.check import Live, Project
from gk.check.live.asking import Limits
from gk.check.live.run import ask
from gk.compile import compile
from gk.errors import Source
from gk.project import Definition, load
from gk.project import Project as Defined
from gk.prometheus import Prometheus
from gk.resource import Kind, Resource
from gk.settings import Settings
from tests.stack import Stack

REPOSITORY = Path(__file__).resolve().parent.parent
QUERIES = 1_000
PANELS = 25
AGE = 150
"""Seconds that Prometheus scrapes first: a graph over a day has a step of two minutes."""
WORKERS = (1, 8)
REAL_NODE = "control-plane-1"
"""The instance of the real node exporter."""


def main() -> None:
    """Print what each run took, and what it found."""
    defined = compile(load(REPOSITORY))
    with tempfile.TemporaryDirectory() as folder, Stack.start(Path(folder)) as stack:
        stack.wait_until_ready()
        time.sleep(AGE)
        print(f"{'':<30}{'workers':>8}{'queries':>8}{'questions':>10}{'seconds':>9}{'reasons':>10}")
        for workers in WORKERS:
            _run(f"{QUERIES} queries", _many(), stack, workers)
        detail = [each for each in defined if each.uid == "node-detail"]
        _run("node-detail", detail, stack)
        _run("this repository", defined, stack)
        for name in sys.argv[1:]:
            _run(Path(name).stem, _export(Path(name)), stack, node=REAL_NODE)


def _run(
    name: str, resources: Sequence[Resource], stack: Stack, workers: int = 8, **chosen: str
) -> None:
    project = Project(list(resources))
    with Prometheus(stack.prometheus_url, connections=workers) as prometheus:
        live = ask(project, prometheus, Limits(workers), chosen=chosen)
    _print(name, live, workers)


def _print(name: str, live: Live, workers: int) -> None:
    known, empty = live.named
    print(
        f"{name:<30}{workers:>8}{len(live.asked):>8}{live.questions:>10}{live.seconds:>9.1f}"
        f"{f'{known}/{empty}':>10}"
    )
    states = Counter(each.state for each in live.asked)
    causes = Counter(each.reason.cause.value for each in live.asked if each.reason)
    print(f"    {dict(states)} {dict(causes)}")


def _many() -> list[Resource]:
    """Dashboards of so many different queries in all."""
    exprs = [_expr(number) for number in range(QUERIES)]
    dashboards = [
        Dashboard(
            f"Bench {start}",
            uid=f"bench-{start}",
            panels=[
                timeseries(f"Panel {number}", expr)
                for number, expr in enumerate(exprs[start : start + PANELS])
            ],
        )
        for start in range(0, QUERIES, PANELS)
    ]
    return _compiled(*dashboards)


def _expr(number: int) -> str:
    if number % 4 == 0:
        return f"sum by (mode) (rate(no_such_metric_{number}_total[$__rate_interval]))"
    if number % 4 == 1:
        return f'sum(rate(node_cpu_seconds_total{{mode="mode-{number}"}}[$__rate_interval]))'
    return f"sum by (mode) (rate(node_cpu_seconds_total[$__rate_interval])) + {number}"


def _export(file: Path) -> list[Resource]:
    return _compiled(json.loads(file.read_text("utf-8")))


def _compiled(*values: object) -> list[Resource]:
    prometheus = Datasource.prometheus(
        "Prometheus", uid="prometheus", url="http://127.0.0.1:9090", default=True
    )
    definitions = [
        Definition(value, Source(f"dashboards/{number}.py"))
        for number, value in enumerate((prometheus, *values))
    ]
    resources = compile(Defined(Path("/nonexistent"), Settings(), definitions))
    return [each for each in resources if each.kind in (Kind.DASHBOARD, Kind.DATASOURCE)]


if __name__ == "__main__":
    main()
