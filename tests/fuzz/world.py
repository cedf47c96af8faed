"""What is mutated: a project of every kind of definition, built once, in a repository, beside a
Grafana."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import orjson

from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.fake_grafana.calls import Answer
from tests.fuzz.mutations import mutated_json, mutated_text
from tests.rich import RICH

__all__ = ["FILES", "World", "served"]

_MORE = """
from gk import *
from gk.library import node

board = Dashboard(
    "Shop", uid="shop", folder="Team/Shop", tags=["shop"], description="All of it", refresh="30s",
    timezone="utc", exporter=node, time=("now-6h", "now"), tooltip="tooltip",
    extra={"weekStart": "monday"},
    variables=[
        query_variable("region", "label_values(up, region)", multi=True, include_all=True),
        custom_variable("size", {"small": "1", "large": "2"}, default="1"),
        interval_variable("step", ["1m", "5m"], default="5m"),
        textbox_variable("search", "x"), constant_variable("env", "live"),
        adhoc_variable("filters"),
    ],
    links=[
        dashboard_link("Other", dashboard="node", keep_time=True),
        dashboard_link("Tagged", tags=["shop"]),
    ],
    annotations=[annotation("deploys", "changes(up[5m])", title="{{job}}", tags=["job"])],
    panels=[text("Read me", "# Shop", mode="markdown", width=24)],
    rows=[
        Row("Traffic", [
            timeseries("Orders", target("sum(rate(orders_total[5m]))", legend="{{job}}"),
                       unit="reqps", stack="normal", thresholds={0.8: "orange", 0.9: "red"},
                       mappings={"1": "up"}, links=[link("Go", "/d/node")]),
            stat("Busy", node.cpu_busy, graph="area", decimals=1, min=0, max=1),
            gauge("Free", node.memory_used,
                  overrides=[override(name="a", properties={"unit": "bytes"})]),
        ]),
        Row("More", [
            table("Nodes", column("Busy", node.cpu_busy), column("Memory", node.memory_used)),
            heatmap("Latency", "sum by (le) (rate(seconds_bucket[5m]))"),
            bar_gauge("Top", node.cpu_busy.top(5)), pie_chart("Shares", "sum by (job) (up)"),
            state_timeline("State", "up"), alert_list("Alerts"),
            dashboard_list("Boards", tags=["shop"]),
        ], collapsed=True, repeat="region"),
    ],
)
old = {
    "title": "Old", "uid": "old", "schemaVersion": 16,
    "rows": [{"title": "R", "panels": [
        {"type": "graph", "title": "G", "span": 6, "targets": [{"expr": "up"}],
         "thresholds": [{"value": 1, "op": "gt"}], "yaxes": [{"format": "short"}]},
        {"type": "singlestat", "title": "S", "span": 6, "valueName": "current",
         "thresholds": "1,2"},
    ]}],
    "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)"}]},
}
"""
_SETTINGS = """
project: fuzz
folder: Team
labels: {preset: kube-prometheus, shop: {job: shop, node: instance, matchers: ['env="live"']}}
build: {output: provisioning, formats: [grafana, prometheus, kubernetes]}
kubernetes: {namespace: monitoring, labels: {release: monitoring}, deployment: grafana}
links: {grafana: "https://grafana.example.com", runbooks: "https://runbooks.example.com/{alert}"}
contexts:
  other:
    grafana: "http://127.0.0.1:9"
    user: admin
    password: {env: GRAFANA_PASSWORD}
    timeout: 2
    retries: 0
"""
FILES: Mapping[str, str] = {
    # Of the file's path, gk push finds nothing here.
    **{
        path: text.replace('secret_file("/etc/secrets/mysql")', 'secret("LOKI_TENANT")')
        for path, text in RICH.items()
    },
    "dashboards/shop.py": _MORE,
    "dashboards/export.json": (
        '{"title": "Export", "uid": "export", "panels": [{"type": "stat", "title": "S", "id": 1, '
        '"gridPos": {"x": 0, "y": 0, "w": 4, "h": 4}, "targets": [{"expr": "up", "refId": "A"}]}]}'
    ),
    "gk.yaml": _SETTINGS,
}
_NEEDED = "datasources/all.py"


class World:
    """The folders that inputs are put into: `project`, which is built to `old` and `new`, and is a
    repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.outputs = folder / "outputs"
        self.temporary = folder / "temporary"
        for each in (self.project, self.outputs, self.temporary):
            each.mkdir(parents=True)
        ProjectFolder(self.project).write(FILES)
        self.files = {path: (self.project / path).read_bytes() for path in FILES}
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("main")

    def git(self, *arguments: str) -> None:
        who = {
            f"GIT_{role}_{what}": "ada"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        subprocess.run(
            ["git", *arguments],
            cwd=self.project,
            env={**os.environ, **who},
            check=True,
            capture_output=True,
        )

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    @contextlib.contextmanager
    def only(self, files: Mapping[str, bytes]) -> Iterator[None]:
        """The project has these files for a while, and of its own those that they need: so an input
        takes no longer than it has to."""
        for path in self.files.keys() - files.keys() - {_NEEDED, "gk.yaml"}:
            (self.project / path).unlink()
        try:
            with self.changed(self.project, files):
                yield
        finally:
            for path, content in self.files.items():
                (self.project / path).write_bytes(content)

    @contextlib.contextmanager
    def changed(self, root: Path, files: Mapping[str, bytes]) -> Iterator[None]:
        """Files of a folder are others for a while."""
        before = {path: (root / path).read_bytes() for path in files}
        try:
            for path, content in files.items():
                (root / path).write_bytes(content)
            yield
        finally:
            for path, content in before.items():
                (root / path).write_bytes(content)


class _Lying(FakeGrafana):
    """A Grafana some of whose answers are mutated; which ones is asked for with a request of its
    own."""

    random: Random | None = None

    def _respond(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> Answer | None:
        if target.startswith("/fuzz/"):
            seed = target.removeprefix("/fuzz/")
            self.random = Random(seed) if seed else None
            self.requests.clear()
            return Answer(200, b"{}")
        answer = super()._respond(method, target, headers, content)
        random = self.random
        if random is None or answer is None or random.random() > 0.05:
            return answer
        return self._lie(answer, random)

    @staticmethod
    def _lie(answer: Answer, random: Random) -> Answer:
        if random.random() < 0.1:
            answer = replace(
                answer,
                status=random.choice([200, 204, 301, 400, 401, 403, 404, 409, 412, 418, 500]),
            )
        if random.random() < 0.05:
            answer = replace(
                answer, content_type=random.choice(["text/html", "", "application/json; charset=x"])
            )
        try:
            orjson.loads(answer.body)
        except ValueError:
            return replace(answer, body=mutated_text(answer.body, random))
        return replace(answer, body=mutated_json(answer.body, random))


def served(port_to: int) -> None:
    """Serve a Grafana that has the project, in this process, until it is killed; its port goes to a
    pipe."""
    with _Lying() as fake:
        os.write(port_to, f"{fake.url}\n".encode())
        os.close(port_to)
        while True:
            time.sleep(60)
