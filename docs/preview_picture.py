"""Draw the picture of the guide to gk preview: the shop of the reference on one page.

    .venv/bin/python docs/preview_picture.py

Needs no Grafana: `prometheus`, `promtool` and `chromium`. The data are those of docs/pictures.py.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))
from docs.pictures import END, START, prometheus  # noqa: E402

WIDTH, HEIGHT = 1440, 966
PICTURE = DOCS / "preview.webp"
SHOP = """
from gk import (
    Dashboard, Datasource, bar_gauge, gauge, heatmap, pie_chart, stat, state_timeline, target,
    timeseries,
)

BAD = {None: "green", 0.01: "orange", 0.03: "red"}
SHARE = (
    'sum by (instance) (rate(http_requests_total{code="500"}[5m]))'
    " / sum by (instance) (rate(http_requests_total[5m]))"
)
BY_SERVER = target(SHARE, legend="{{instance}}")
STATUS = target("sum by (code) (rate(http_requests_total[5m]))", legend="{{code}}")
BUCKETS = target("sum by (le) (rate(http_request_duration_seconds_bucket[2m]))", legend="{{le}}")
ORDERS = target("sum by (country) (increase(shop_orders_total[1h]))", legend="{{country}}")

prometheus = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://127.0.0.1:9090", default=True
)
shop = Dashboard(
    "Shop",
    uid="shop",
    description="What customers do, and how long they wait for it.",
    tags=["shop"],
    timezone="utc",
    panels=[
        stat("Requests", "sum(rate(http_requests_total[5m]))", unit="reqps", graph="area",
             width=5, height=5),
        stat("Orders within 1 h", "sum(increase(shop_orders_total[1h]))", unit="short", decimals=0,
             graph="area", width=5, height=5),
        gauge("Errors", f"max({SHARE})", unit="percentunit", decimals=2, min=0, max=0.05,
              thresholds=BAD, width=5, height=5),
        bar_gauge("Errors by server", BY_SERVER, unit="percentunit", min=0, max=0.06,
              thresholds=BAD,
                  width=9, height=5),
        timeseries("Requests by status", STATUS, unit="reqps", stack="normal", fill=40, width=12,
                   height=8),
        timeseries("Errors by server", BY_SERVER, unit="percentunit",
                   thresholds={None: "green", 0.03: "red"}, legend="table",
                   legend_placement="right", legend_values=["max", "lastNotNull"], width=12,
                   height=8),
        heatmap("Duration", BUCKETS, unit="s", width=10, height=8),
        state_timeline("Servers", target("up", legend="{{instance}}"),
                       mappings={1: ("up", "green"), 0: ("down", "red")}, width=9, height=8),
        pie_chart("Orders by country", ORDERS, legend_placement="bottom", width=5, height=8),
    ],
)
"""


def main() -> None:
    """Draw it."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "dashboards").mkdir()
        (folder / "dashboards" / "shop.py").write_text(SHOP, "utf-8")
        page = folder / "preview.html"
        with prometheus(folder) as url:
            times = ["--from", f"{START * 1000}", "--to", f"{END * 1000}"]
            command = [sys.executable, "-m", "gk", "preview", "-C", name, "--prometheus", url]
            subprocess.run([*command, *times, "-o", str(page)], check=True)
        # As root it starts without a sandbox only; the page is our own.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark", timezone_id="UTC"
        )
        shown.goto(page.as_uri())
        shown.locator("html[data-drawn]").wait_for()
        shot = shown.context.new_cdp_session(shown).send(
            "Page.captureScreenshot", {"format": "webp", "quality": 85}
        )
        PICTURE.write_bytes(base64.b64decode(shot["data"]))
        browser.close()


if __name__ == "__main__":
    main()
