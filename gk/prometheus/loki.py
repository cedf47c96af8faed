"""Queries of Loki, whose API has the form of Prometheus's:
https://grafana.com/docs/loki/latest/reference/loki-http-api/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gk.prometheus.client import Prometheus

__all__ = ["PATH", "LogQuestion", "logs"]

PATH = "/loki/api/v1/query_range"


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """A query of lines, or of numbers of them, as Grafana sends it: over a range with a step, in
    seconds, for the newest `limit` lines."""

    expr: str
    start: float
    end: float
    step: float
    limit: int


def logs(server: Prometheus, question: LogQuestion) -> Mapping[str, Any]:
    """The `data` of the answer: `streams` of lines, or a matrix. `server` has the URL of a Loki.
    Raises PrometheusError."""
    asked = {
        "query": question.expr,
        # In nanoseconds.
        "start": f"{round(question.start * 1000)}000000",
        "end": f"{round(question.end * 1000)}000000",
        "step": f"{question.step:g}",
        "limit": str(question.limit),
        "direction": "backward",
    }
    data = server.get(PATH, asked)
    return data if isinstance(data, dict) else {}
