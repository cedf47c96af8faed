"""Time of `gk push` of 1,000 dashboards of 30 panels, beside reading the same dashboards without
gk.

    python benchmarks/push.py [DASHBOARDS]              default: 1000

Grafana is the tests' fake, in a process of its own; GK_TEST_GRAFANA_URL, with a user and a password
in it, names a real one, whose folder `gk-bench` is made and removed. The raw reads are those that a
push cannot do without: a GET of each dashboard, by as many workers and by the same HTTP library,
whose answers nobody looks at. They and a push that finds nothing to do take turns, because machines
are noisy.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from gk.compile import compile
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.objects import Grafana
from gk.project import load
from gk.push import apply, make_plan, open_server, select
from gk.resource import Resource

REPOSITORY = Path(__file__).resolve().parent.parent
PANELS = 30
ROUNDS = 5
PROJECT = "gk-bench"
DASHBOARDS = """
from gk import Dashboard, Datasource, timeseries

prometheus = Datasource.prometheus("gk-bench", uid="gk-bench", external=True)
dashboards = [
    Dashboard(
        f"Service {{number:05d}}",
        uid=f"gk-bench-{{number:05d}}",
        folder="gk-bench",
        datasource=prometheus,
        panels=[
            timeseries(
                f"Panel {{index}}",
                "sum by (code) (rate(http_requests_total"
                f'{{{{service="s{{number}}",route="r{{index}}"}}}}[5m]))',
                f'avg(up{{{{service="s{{number}}",route="r{{index}}"}}}})',
                unit="reqps",
                description="{description}" if number == 0 else "",
            )
            for index in range({panels})
        ],
    )
    for number in range({size})
]
"""


def main() -> None:
    """Print what each step took, and the ratio that matters."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with _grafana() as connection, tempfile.TemporaryDirectory() as name:
        root = Path(name)
        resources = _defined(root, size, "")
        print(f"first push of {size}: {_words(*_push(connection, resources, root))}", flush=True)
        pairs = []
        for _ in range(ROUNDS):
            raw = _raw(connection, resources)
            seconds, writes = _push(connection, resources, root)
            pairs.append((raw, seconds))
            print(
                f"raw GETs: {raw:.2f} s, no-op push: {_words(seconds, writes)}, "
                f"ratio {seconds / raw:.2f}",
                flush=True,
            )
        print(
            "median ratio of a no-op push to the raw GETs: "
            f"{median(no_op / raw for raw, no_op in pairs):.2f}"
        )
        changed = _defined(root, size, "changed")
        print(f"one change: {_words(*_push(connection, changed, root))}")
        last = _defined(root, 0, "")
        print(f"prune of all: {_words(*_push(connection, last, root, prune=True))}")


def _words(seconds: float, writes: int) -> str:
    return f"{seconds:.2f} s, {writes} writes"


def _defined(root: Path, size: int, description: str) -> list[Resource]:
    (root / "dashboards").mkdir(exist_ok=True)
    text = DASHBOARDS.format(size=size, panels=PANELS, description=description)
    (root / "dashboards" / "services.py").write_text(text)
    resources = compile(load(root))
    # As the command does it.
    gc.freeze()
    return resources


class _CountingClient(Client):
    writes = 0

    def _answer(self, method: str, path: str, options: object) -> object:
        if method != "GET":
            self.writes += 1
        return super()._answer(method, path, options)  # type: ignore[arg-type]


def _push(
    connection: Connection, resources: list[Resource], root: Path, *, prune: bool = False
) -> tuple[float, int]:
    """The seconds of a push without loading and compiling, and how many requests asked for a
    change."""
    start = time.perf_counter()
    with _CountingClient(connection) as client:
        server = open_server(Grafana(client), PROJECT)
        sent = server.resources(resources)
        plan = make_plan(
            server, sent, select((), sent, server.ledger.entries), environ={}, prune=prune
        )
        outcomes = apply(plan, server, revision="bench", environ={}, root=root)
    failed = [each for each in outcomes if each.status.value != "done"]
    if failed:
        raise SystemExit(f"{len(failed)} were not pushed: {failed[0].reason}")
    return time.perf_counter() - start, client.writes


def _raw(connection: Connection, resources: list[Resource]) -> float:
    uids = [each.uid for each in resources if each.kind.value == "dashboard"]
    start = time.perf_counter()
    with requests.Session() as session, ThreadPoolExecutor(connection.workers) as pool:
        session.mount(connection.url, HTTPAdapter(pool_maxsize=connection.workers))
        session.auth = (connection.user, connection.password)

        def read(uid: str) -> int:
            answer = session.get(f"{connection.url}/api/dashboards/uid/{uid}")
            answer.raise_for_status()
            return len(answer.content or b"")

        list(pool.map(read, uids))
    return time.perf_counter() - start


@contextmanager
def _grafana() -> Iterator[Connection]:
    if given := os.environ.get("GK_TEST_GRAFANA_URL"):
        parts = urlsplit(given)
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        yield Connection(url=url, name="", user=parts.username or "", password=parts.password or "")
        return
    fake = [sys.executable, "-m", "tests.fake_grafana"]
    with subprocess.Popen(fake, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            yield Connection(url=url, name="", user="admin", password="admin")
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
