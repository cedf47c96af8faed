"""The queries of a resource, with variables resolved: each can be asked whether it returns data.

`gk check --live` asks them over the dashboard's time range; here `$__rate_interval` is given.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from gk.documents.queries import PromQL, queries
from gk.documents.schema_v2 import as_classic
from gk.prometheus import Prometheus, Variables
from gk.resource import Kind, Resource

__all__ = ["live_queries"]


def live_queries(
    resource: Resource,
    prometheus: Prometheus,
    *,
    rate_interval: str = "5m",
    chosen: Mapping[str, str] | None = None,
) -> list[PromQL]:
    """Every PromQL query of a resource: of panels, variables and annotations, of alerts and
    recording rules.

    Variables have the values that the dashboard opens with, from Prometheus where they are queries,
    or those `chosen` by the variable's name. An alert's query is without its comparison.
    `rate_interval` is what `$__rate_interval` stands for.
    """
    promql = queries(resource)
    if resource.kind is Kind.DASHBOARD:
        body = as_classic(resource.body)
        resolved = Variables(body, prometheus, _macros(rate_interval), chosen or {})
        return [replace(query, expr=resolved.interpolate(query.expr)) for query in promql]
    if resource.kind is Kind.PROMETHEUS_GROUP:
        # Its alerts are those of Grafana's group, with their comparisons.
        rules = resource.body["rules"]
        return [query for query, rule in zip(promql, rules, strict=True) if "record" in rule]
    return promql


def _macros(rate_interval: str) -> dict[str, str]:
    return {
        "__rate_interval": rate_interval,
        "__interval": rate_interval,
        "__range": "3600s",
        "__interval_ms": "15000",
        "__range_s": "3600",
        "__range_ms": "3600000",
        # Milliseconds since 1970: the last hour.
        "__from": str(int(time.time() - 3600) * 1000),
        "__to": str(int(time.time()) * 1000),
    }
