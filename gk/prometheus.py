"""A running Prometheus, and the queries of resources as Grafana would send them there.

Dashboards' variables are resolved and Grafana's macros computed, so that a query can be asked whether it returns data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from gk.errors import GkError
from gk.promql.syntax import variables
from gk.resource import Kind, Resource

__all__ = ["LiveQuery", "Prometheus", "PrometheusError", "Sample", "has_data", "live_queries"]

_LABEL_VALUES = re.compile(r"label_values\((?:(?P<selector>.+),\s*)?(?P<label>\w+)\)")
_QUERY_RESULT = re.compile(r"query_result\((?P<expr>.+)\)", re.DOTALL)
ALL = "$__all"
_REFERENCE = re.compile(r"\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\$(?P<bare>\w+)|\[\[(?P<old>\w+)\]\]")


class PrometheusError(GkError):
    """Prometheus is not reachable, or refuses a query; the message has its URL and its words."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query's result."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """A query ready to be sent: where it stands (`node: panel 'CPU busy' A`), and its PromQL."""

    where: str
    expr: str


class Prometheus:
    """The HTTP API of the Prometheus at `url`, with a timeout in seconds for each request."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()

    def query(self, expr: str) -> list[Sample]:
        """The result of an instant query, now. Scalars are a sample without labels.

        Raises PrometheusError when Prometheus cannot be asked or cannot answer.
        """
        data = self._get("/api/v1/query", {"query": expr})
        if data["resultType"] in ("scalar", "string"):
            return [Sample({}, float(data["result"][1]))]
        return [Sample(each["metric"], float(each["value"][1])) for each in data["result"]]

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """The values of `label`, of the series that `selector` selects, sorted. Raises PrometheusError."""
        matches = {"match[]": selector} if selector else {}
        return sorted(self._get(f"/api/v1/label/{label}/values", matches))

    def _get(self, path: str, parameters: Mapping[str, str]) -> Any:
        try:
            response = self._send(f"{self.url}{path}", parameters)
            body = response.json()
        except (requests.RequestException, ValueError) as error:
            raise PrometheusError(f"no Prometheus answers at {self.url}: {error}") from error
        if body.get("status") != "success":
            raise PrometheusError(f"{self.url}: {body.get('error', response.reason)}: {parameters}")
        return body["data"]

    def _send(self, url: str, parameters: Mapping[str, str]) -> requests.Response:
        if "query" in parameters:
            # As a form: long queries do not fit into a URL.
            return self._session.post(url, data=parameters, timeout=self._timeout)
        return self._session.get(url, params=parameters, timeout=self._timeout)


def has_data(samples: Sequence[Sample]) -> bool:
    """Whether a result holds a number: zero is one, NaN is none."""
    return any(not math.isnan(sample.value) for sample in samples)


def live_queries(resource: Resource, prometheus: Prometheus, *, rate_interval: str = "5m") -> list[LiveQuery]:
    """Every PromQL query of a resource: of panels, variables and annotations, of alerts and recording rules.

    Variables have the values that the dashboard opens with, from Prometheus where they are queries. An alert's query
    is without its comparison. `rate_interval` is what `$__rate_interval` stands for.
    """
    if resource.kind is Kind.DASHBOARD:
        return list(_Dashboard(resource.body, prometheus, rate_interval).queries())
    if resource.kind is Kind.RULE_GROUP:
        return [
            LiveQuery(f"{resource.title}: alert '{rule['title']}'", query["model"]["expr"])
            for rule in resource.body["rules"]
            for query in rule["data"]
            if "expr" in query["model"]
        ]
    if resource.kind is Kind.PROMETHEUS_GROUP:
        return [
            LiveQuery(f"{resource.title}: record '{rule['record']}'", rule["expr"])
            for rule in resource.body["rules"]
            if "record" in rule
        ]
    return []


class _Dashboard:
    def __init__(self, body: Mapping[str, Any], prometheus: Prometheus, rate_interval: str) -> None:
        self.body = body
        self.prometheus = prometheus
        self.values: dict[str, list[str]] = {
            "__rate_interval": [rate_interval],
            "__interval": [rate_interval],
            "__range": ["1h"],
            "__interval_ms": ["15000"],
            "__range_s": ["3600"],
            "__range_ms": ["3600000"],
        }
        self.variables: Sequence[Mapping[str, Any]] = body.get("templating", {}).get("list", [])

    def queries(self) -> Iterator[LiveQuery]:
        uid = self.body["uid"]
        for variable in self.variables:
            if query := self._resolve(variable):
                yield LiveQuery(f"{uid}: variable ${variable['name']}", query)
        for annotation in self.body.get("annotations", {}).get("list", []):
            if "expr" in annotation:
                yield LiveQuery(f"{uid}: annotation '{annotation['name']}'", self._interpolate(annotation["expr"]))
        for panel in self._panels():
            for target in panel.get("targets", []):
                if "expr" in target and target.get("datasource", {}).get("type") == "prometheus":
                    where = f"{uid}: panel '{panel.get('title', '')}' {target['refId']}"
                    yield LiveQuery(where, self._interpolate(target["expr"]))

    def _panels(self) -> Iterator[Mapping[str, Any]]:
        for panel in self.body.get("panels", []):
            yield panel
            yield from panel.get("panels", [])

    def _resolve(self, variable: Mapping[str, Any]) -> str | None:
        """Give the variable the values that the dashboard opens with; the query it sends, if it sends one."""
        query = variable.get("query", "")
        text = self._interpolate(query.get("query", "") if isinstance(query, Mapping) else query)
        chosen = variable.get("current", {}).get("value", [])
        chosen = [chosen] if isinstance(chosen, str) else list(chosen)
        options, asked = self._options(text) if variable.get("type") == "query" else ([], None)
        if ALL in chosen:
            everything = variable.get("allValue")
            self.values[variable["name"]] = [everything] if everything else [re.escape(each) for each in options]
        else:
            # As Grafana does: what is no longer among the options is replaced by the first of them.
            known = [each for each in chosen if each in options] or options[:1] or chosen
            self.values[variable["name"]] = known
        return asked

    def _options(self, text: str) -> tuple[list[str], str | None]:
        if match := _LABEL_VALUES.fullmatch(text):
            selector = match["selector"] or ""
            return self.prometheus.label_values(match["label"], selector), selector or None
        if match := _QUERY_RESULT.fullmatch(text):
            return [str(sample.value) for sample in self.prometheus.query(match["expr"])], match["expr"]
        return [], None

    def _interpolate(self, text: str) -> str:
        if not variables(text):
            return text
        return _REFERENCE.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name = match["braced"] or match["bare"] or match["old"]
        if name not in self.values:
            return match.group()
        values = self.values[name]
        if match["format"] == "csv":
            return ",".join(values)
        return values[0] if len(values) == 1 else f"({'|'.join(values)})"
