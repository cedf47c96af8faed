"""Exemplars: single events that a query's series count, with labels such as the id of a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gk.prometheus.client import Prometheus

__all__ = ["ExemplarQuestion", "exemplars"]

_PATH = "/api/v1/query_exemplars"


@dataclass(frozen=True, slots=True)
class ExemplarQuestion:
    """A query for the exemplars of all series that are in it, in a range of seconds."""

    expr: str
    start: float
    end: float


def exemplars(server: Prometheus, question: ExemplarQuestion) -> Mapping[str, Any]:
    """What the API answers, as `exemplars`: of each series its `seriesLabels` and its `exemplars`;
    nothing from a server that keeps none. Raises PrometheusError."""
    asked = {
        "query": question.expr,
        "start": f"{question.start:.3f}",
        "end": f"{question.end:.3f}",
    }
    return {"exemplars": server.get(_PATH, asked)}
