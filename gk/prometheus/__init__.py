"""A running Prometheus, and the queries of resources as Grafana would send them there.

client      its HTTP API
variables   a dashboard's variables, resolved
macros      time ranges, steps and intervals as Grafana computes them
queries     the queries of a resource, with both
"""

from __future__ import annotations

from gk.prometheus.answers import Answer, Sample, has_data
from gk.prometheus.client import Prometheus
from gk.prometheus.errors import PrometheusError, RefusedError, TimedOutError, UnreachableError
from gk.prometheus.queries import live_queries
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
    "live_queries",
]
