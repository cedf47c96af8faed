"""A running Prometheus, and what Grafana puts into the queries that it sends there.

client      its HTTP API; loki and alertmanager have those of the programs beside it
variables   a dashboard's variables, resolved
macros      time ranges, steps and intervals as Grafana computes them
"""

from __future__ import annotations

from gk.prometheus.answers import Answer, Sample, has_data
from gk.prometheus.client import Prometheus
from gk.prometheus.errors import PrometheusError, RefusedError, TimedOutError, UnreachableError
from gk.prometheus.variables import Resolved, Variables, VariableServer

__all__ = [
    "Answer",
    "Prometheus",
    "PrometheusError",
    "RefusedError",
    "Resolved",
    "Sample",
    "TimedOutError",
    "UnreachableError",
    "VariableServer",
    "Variables",
    "has_data",
]
