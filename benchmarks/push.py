"""Time of `gk push` of 1,000 dashboards of 30 panels, beside the same reads and writes without gk.

    python benchmarks/push.py [DASHBOARDS]              default: 1000

Grafana is the tests' fake, in a process of its own, of the version in GK_TEST_FAKE_VERSION;
GK_TEST_GRAFANA_URL, with a user and a password in it, names a real one, whose folders `gk-bench`
and `gk-bench-raw` are made and removed. The raw reads and writes are by as many workers and by the
same HTTP library, and nobody looks at the answers: a POST of each dashboard, a GET of each, and,
where Grafana has it, the list of all with their documents, in pages of 500. They and a push that
finds nothing to do take turns, because machines are noisy.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter

from gk.compile import compile
from gk.grafana.apis import DASHBOARDS
from gk.grafana.client import Client
from gk.grafana.connection import Connection
from gk.grafana.objects import Grafana
from gk.project import load
from gk.push import apply, make_plan, open_server, select
from gk.resource import Kind, Resource

REPOSITORY = Path(__file__).resolve().parent.parent
PANELS = 30
ROUNDS = 5
PROJECT = "gk-bench"
DEFINITIONS = """
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
        posts = _raw_posts(connection, resources)
        seconds, writes = _push(connection, resources, root)
        print(
            f"raw POSTs of {size}: {posts:.2f} s, first push: {_words(seconds, writes)}, "
            f"ratio {seconds / posts:.2f}",
            flush=True,
        )
        _no_ops(connection, resources, root)
        changed = _defined(root, size, "changed")
        print(f"one change: {_words(*_push(connection, changed, root))}")
        last = _defined(root, 0, "")
        print(f"prune of all: {_words(*_push(connection, last, root, prune=True))}")


def _no_ops(connection: Connection, resources: list[Resource], root: Path) -> None:
    with Client(connection) as client:
        collection = client.apis.collection(DASHBOARDS, "v1beta1")
    ratios: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        raw = {"GETs": _raw_gets(connection, resources)}
        if collection:
            raw["list"] = _raw_list(connection, collection.path)
        seconds, writes = _push(connection, resources, root)
        for name, its in raw.items():
            ratios[name].append(seconds / its)
        shown = ", ".join(f"raw {name}: {its:.2f} s" for name, its in raw.items())
        print(f"{shown}, no-op push: {_words(seconds, writes)}", flush=True)
    for name, those in ratios.items():
        print(f"median ratio of a no-op push to the raw {name}: {median(those):.2f}")


def _words(seconds: float, writes: int) -> str:
    return f"{seconds:.2f} s, {writes} writes"


def _defined(root: Path, size: int, description: str) -> list[Resource]:
    (root / "dashboards").mkdir(exist_ok=True)
    text = DEFINITIONS.format(size=size, panels=PANELS, description=description)
    (root / "dashboards" / "services.py").write_text(text)
    resources = compile(load(root))
    # As the command does it.
    gc.freeze()
    return resources


class _CountingClient(Client):
    writes = 0

    def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> Any:
        if method != "GET":
            self.writes += 1
        return super()._answer(method, path, options)


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


def _raw_gets(connection: Connection, resources: list[Resource]) -> float:
    uids = [each.uid for each in resources if each.kind is Kind.DASHBOARD]
    return _timed(connection, "GET", [f"/api/dashboards/uid/{uid}" for uid in uids])


def _raw_list(connection: Connection, path: str) -> float:
    start, token = time.perf_counter(), ""
    with requests.Session() as session:
        session.auth = (connection.user, connection.password)
        while True:
            where = {"limit": "500", **({"continue": token} if token else {})}
            answer = session.get(f"{connection.url}{path}", params=where)
            answer.raise_for_status()
            token = answer.json()["metadata"].get("continue", "")
            if not token:
                return time.perf_counter() - start


def _raw_posts(connection: Connection, resources: list[Resource]) -> float:
    raw = f"{PROJECT}-raw"
    with requests.Session() as session:
        session.auth = (connection.user, connection.password)
        folder = {"uid": raw, "title": raw}
        session.post(f"{connection.url}/api/folders", json=folder).raise_for_status()
        bodies = [
            orjson.dumps({"dashboard": {**each.body, "uid": f"raw-{number}"}, "folderUid": raw})
            for number, each in enumerate(resources)
            if each.kind is Kind.DASHBOARD
        ]
        seconds = _timed(connection, "POST", ["/api/dashboards/db"] * len(bodies), bodies)
        session.delete(f"{connection.url}/api/folders/{raw}").raise_for_status()
    return seconds


def _timed(
    connection: Connection, method: str, paths: list[str], bodies: list[bytes] | None = None
) -> float:
    start = time.perf_counter()
    with requests.Session() as session, ThreadPoolExecutor(connection.workers) as pool:
        session.mount(connection.url, HTTPAdapter(pool_maxsize=connection.workers))
        session.auth = (connection.user, connection.password)

        def ask(path: str, body: bytes | None) -> int:
            headers = {"Content-Type": "application/json"}
            url = f"{connection.url}{path}"
            answer = session.request(method, url, data=body, headers=headers)
            # SQLite refuses some writes of several at once.
            while method == "POST" and answer.status_code in (404, 412, 500):
                answer = session.request(method, url, data=body, headers=headers)
            answer.raise_for_status()
            return len(answer.content or b"")

        list(pool.map(ask, paths, bodies or [None] * len(paths)))
    return time.perf_counter() - start


@contextmanager
def _grafana() -> Iterator[Connection]:
    if given := os.environ.get("GK_TEST_GRAFANA_URL"):
        parts = urlsplit(given)
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        yield Connection(url=url, name="", user=parts.username or "", password=parts.password or "")
        return
    version = os.environ.get("GK_TEST_FAKE_VERSION", "9.3.2")
    fake = [sys.executable, "-m", "tests.fake_grafana", "--version", version]
    with subprocess.Popen(fake, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            yield Connection(url=url, name="", user="admin", password="admin")
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
