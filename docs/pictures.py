"""Draw the pictures of the reference: each is what a real Grafana makes of the example above it.

    GRAFANA_TOKEN=... .venv/bin/python docs/pictures.py http://127.0.0.1:3000 [NAME]...

It pushes the examples into that Grafana with `gk push`, as the project gk-pictures, and deletes
them again. Their data are the same at each run: a Prometheus with two hours of a shop that does not
exist, and an answer of Loki. It needs `prometheus`, `promtool` and `chromium`.

The committed pictures are of 12.4 with the feature toggle newGauge.
"""

from __future__ import annotations

import base64
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))
from docs.examples import Example, examples  # noqa: E402

START, END, STEP = 1_768_204_800, 1_768_212_000, 15
"""12 January 2026, 8:00 to 10:00 UTC; a sample every 15 seconds."""
BEFORE = 3600
"""Seconds of samples before, for increases within an hour."""
WIDTH, HEIGHT = 640, 300
SETTLING = 4000
"""Milliseconds that a panel gets to draw itself."""
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, math.inf)
ORDERS = {"DE": 40, "FR": 31, "IT": 22, "ES": 14, "PL": 9, "AT": 5}

STORES = """
from gk import Datasource

prometheus = Datasource.prometheus(
    "Prometheus", uid="gk-pictures-prometheus", url="{prometheus}", default=True
)
loki = Datasource.loki("Loki", uid="gk-pictures-loki", url="{loki}")
"""
ELSEWHERE = """
from gk import Datasource

prometheus = Datasource.prometheus("Elsewhere", uid="elsewhere", external=True)
"""
# The list of alerts and the list of dashboards need something to list.
AROUND = {
    "alerts/firing.py": """
from gk import alert, alert_group

shop = alert_group("shop", [
    alert("ShopErrors", "vector(0.08) > 0.05", severity="critical", summary="Errors of shop-3"),
    alert("ShopSlow", "vector(3) > 2", summary="Durations of /buy"),
])
""",
    "dashboards/others.py": """
from gk import Dashboard

others = [Dashboard(title, tags=["shop"]) for title in ("Orders", "Payments", "Servers")]
""",
}


def main(grafana: str, names: list[str]) -> None:
    """Draw the pictures with these names, or all."""
    drawn = [each for each in examples() if each.picture and (not names or each.picture in names)]
    with (
        tempfile.TemporaryDirectory() as folder,
        prometheus(Path(folder)) as metrics,
        loki() as log,
        pushed(Path(folder) / "project", grafana, drawn, metrics, log),
        sync_playwright() as playwright,
    ):
        # As root it starts without a sandbox only; the pages are our own.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for example in drawn:
            file = DOCS / "pictures" / f"{example.picture}.webp"
            file.write_bytes(screenshot(browser, grafana, example.picture))
            sys.stdout.write(f"{file.relative_to(DOCS)}: {file.stat().st_size:,} bytes\n")
        browser.close()


# Data


def samples() -> Iterator[str]:
    """The shop's series, in OpenMetrics."""
    for name, series in (
        ("http_requests", _requests()),
        ("http_request_duration_seconds", _durations()),
        ("shop_orders", _orders()),
        ("up", _up()),
    ):
        kind = {"up": "gauge", "http_request_duration_seconds": "histogram"}.get(name, "counter")
        yield f"# TYPE {name} {kind}\n"
        yield from series
    yield "# EOF\n"


def _times() -> range:
    return range(START - BEFORE, END + STEP, STEP)


def _busy(moment: int, phase: float) -> float:
    """How busy the shop is: waves of an hour and of a few minutes."""
    return (
        1
        + 0.35 * math.sin(moment / 1150 + phase)
        + 0.12 * math.sin(moment / 170 + 2 * phase)
        + 0.05 * math.sin(moment / 37 + 5 * phase)
    )


def _servers() -> Iterator[tuple[int, str]]:
    yield from ((number, f'job="shop",instance="shop-{number}:8080"') for number in (1, 2, 3))


def _counter(series: str, rates: Iterator[tuple[int, float]]) -> Iterator[str]:
    total = 0.0
    for moment, rate in rates:
        total += max(rate, 0) * STEP
        yield f"{series} {total:.3f} {moment}\n"


def _requests() -> Iterator[str]:
    for number, labels in _servers():
        for phase, (code, share) in enumerate({"200": 20, "302": 6, "404": 2, "500": 0.28}.items()):
            # The third server has more errors for a while.
            rates = (
                (
                    moment,
                    share
                    * _busy(moment, number + phase)
                    * (6 if code == "500" and number == 3 and moment > START + 3600 else 1),
                )
                for moment in _times()
            )
            yield from _counter(f'http_requests_total{{{labels},code="{code}"}}', rates)


def _durations() -> Iterator[str]:
    for number, labels in _servers():
        for bound in BOUNDS:
            le = "+Inf" if math.isinf(bound) else f"{float(bound)}"
            rates = (
                (moment, 25 * _busy(moment, number) * _share(bound, moment)) for moment in _times()
            )
            name = "http_request_duration_seconds_bucket"
            yield from _counter(f'{name}{{{labels},route="/buy",le="{le}"}}', rates)


def _share(bound: float, moment: int) -> float:
    """The share of requests that take at most so long."""
    median = 0.2 * (1 + 0.8 * math.sin(moment / 1500))
    return 1 / (1 + math.pow(median / bound, 2.2))


def _orders() -> Iterator[str]:
    _, labels = next(_servers())
    for phase, (country, an_hour) in enumerate(ORDERS.items()):
        rates = ((moment, an_hour / 3600 * _busy(moment, phase)) for moment in _times())
        yield from _counter(f'shop_orders_total{{{labels},country="{country}"}}', rates)


def _up() -> Iterator[str]:
    for number, labels in _servers():
        for moment in _times():
            is_down = number == 2 and START + 2700 < moment < START + 3600
            yield f"up{{{labels}}} {0 if is_down else 1} {moment}\n"


@contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    """A Prometheus with the samples; its URL."""
    (folder / "samples").write_text("".join(samples()), "utf-8")
    (folder / "prometheus.yml").write_text("", "utf-8")
    create = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "samples", "data"]
    subprocess.run(create, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    address = f"127.0.0.1:{_free_port()}"
    command = ["prometheus", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=100y"]
    with subprocess.Popen(
        [*command, f"--web.listen-address={address}", "--log.level=error"], cwd=folder
    ) as process:
        try:
            _wait_for(f"http://{address}/-/ready")
            yield f"http://{address}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(url)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")


LOG = (
    "level=info msg=paid order=4711 country=DE amount=23.90",
    "level=info msg=request method=GET path=/ status=200 took=0.021s",
    "level=warn msg=retry provider=payments attempt=2 status=503",
    "level=info msg=request method=GET path=/item/17 status=200 took=0.038s",
    "level=error msg=failed provider=payments error=timeout order=4710",
    "level=info msg=request method=POST path=/buy status=500 took=5.003s",
)


class _Loki(BaseHTTPRequestHandler):
    """Answers each query with the same lines."""

    def do_GET(self) -> None:
        lines = [[str((END - 7 * index) * 10**9), line] for index, line in enumerate(LOG)]
        stream = {"stream": {"app": "shop"}, "values": lines}
        data = {"resultType": "streams", "result": [stream], "stats": {}}
        body = json.dumps({"status": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def loki() -> Iterator[str]:
    """What answers as a Loki; its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Loki) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# Grafana


@contextmanager
def pushed(
    project: Path, grafana: str, drawn: list[Example], metrics: str, log: str
) -> Iterator[None]:
    """The examples in Grafana, as dashboards with the names of their pictures as uids."""
    files = {
        "gk.yaml": "project: gk-pictures\nfolder: gk-pictures\n",
        **AROUND,
        **{path: code for each in drawn for path, code in each.files.items()},
        "datasources/stores.py": STORES.format(prometheus=metrics, loki=log),
    }
    files.pop("dashboards/example.py")
    for each in drawn:
        code = each.files[each.path].replace("'Example'", f"{each.picture!r}, uid={each.picture!r}")
        files[f"dashboards/{each.picture}.py"] = code
    _write(project, files)
    _push(project, grafana)
    try:
        # Until the alerts have been evaluated.
        time.sleep(75 if any(each.picture == "alert_list" for each in drawn) else 0)
        yield
    finally:
        for path in files.keys() - {"gk.yaml"}:
            (project / path).unlink()
        # A project without definitions is a mistake.
        _write(project, {"datasources/stores.py": ELSEWHERE})
        _push(project, grafana, "--prune", "--yes", "--prune-limit", "1000")


def _write(project: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, "utf-8")


def _push(project: Path, grafana: str, *options: str) -> None:
    command = [sys.executable, "-m", "gk", "push", "-C", str(project), "--force", *options]
    subprocess.run(command, env={**os.environ, "GRAFANA_URL": grafana}, check=True)


def screenshot(browser: Browser, grafana: str, uid: str) -> bytes:
    """A picture of the only panel of a dashboard, as WebP."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        extra_http_headers={"Authorization": _credentials()},
    )
    try:
        found = page.request.get(f"{grafana}/api/dashboards/uid/{uid}").json()
        panel = found["dashboard"]["panels"][0]["id"]
        range_ = f"from={START * 1000}&to={END * 1000}&timezone=utc&theme=light&hideLogo=true"
        page.goto(f"{grafana}/d-solo/{uid}/?panelId={panel}&{range_}")
        page.get_by_test_id("data-testid panel content").wait_for()
        page.wait_for_load_state("networkidle")
        # Queries have been answered; what follows is drawing.
        page.wait_for_timeout(SETTLING)
        shot = page.context.new_cdp_session(page).send(
            "Page.captureScreenshot", {"format": "webp", "quality": 80}
        )
        return base64.b64decode(shot["data"])
    finally:
        page.close()


def _credentials() -> str:
    if token := os.environ.get("GRAFANA_TOKEN"):
        return f"Bearer {token}"
    user = f"{os.environ['GRAFANA_USER']}:{os.environ['GRAFANA_PASSWORD']}"
    return f"Basic {base64.b64encode(user.encode()).decode()}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
