"""What a shop has in Grafana and in Prometheus before it has gk: written by hand, and exported."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import ProjectFolder, Ran, RunGk
from tests.definitions import Json
from tests.exporting import exported

__all__ = ["BUSY", "RULES", "board", "given", "import_", "panel", "sources"]

BUSY = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))'

RULES = """
    groups:
      - name: nodes
        rules:
          - alert: NodeGone
            expr: up{job="node"} == 0
            for: 5m
            labels: {severity: critical}
            annotations: {summary: "{{ $labels.instance }} is gone"}
          - alert: ShopErrors
            expr: sum(rate(shop_errors_total[5m])) > 10
            labels: {severity: warning}
          - record: job:shop_requests:rate5m
            expr: sum by (job) (rate(shop_requests_total[5m]))
"""


def panel(title: str, *exprs: str, id: int = 1, type: str = "timeseries", **more: Any) -> Json:
    """A panel as Grafana exports it."""
    return {
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "fieldConfig": {"defaults": {}, "overrides": []},
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
        "id": id,
        "options": {},
        "targets": [
            {
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "editorMode": "code",
                "expr": expr,
                "range": True,
                "refId": chr(ord("A") + number),
            }
            for number, expr in enumerate(exprs)
        ],
        "title": title,
        "type": type,
        **more,
    }


def board(*panels: Any, title: str = "Shop", uid: str = "shop-1", **more: Any) -> str:
    """A dashboard as JSON."""
    return json.dumps(exported(*panels, title=title, uid=uid, **more), ensure_ascii=False)


def given(project: ProjectFolder, **files: str) -> None:
    """Write files into the folder `given`: `shop_json` is given/shop.json."""
    project.write({f"given/{name.replace('_', '.')}": text for name, text in files.items()})


def import_(run_gk: RunGk, *arguments: str) -> Ran:
    """Import the folder `given` into the folder `own`."""
    return run_gk("import", "given", "--into", "own", *arguments)


def sources(project: ProjectFolder, folder: str = "own") -> dict[str, str]:
    """The files of a project by their paths."""
    root = project.root / folder
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
