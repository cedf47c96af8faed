"""A running Prometheus, and the queries of resources as Grafana would send them there.

Dashboards' variables are resolved and Grafana's macros computed, so that a query can be asked
whether it returns data.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from gk.documents.queries import LABEL_VALUES, QUERY_RESULT, PromQL, queries, variable_query
from gk.documents.schema_v2 import as_classic
from gk.errors import ConfigError, GkError
from gk.http import network
from gk.http.urls import listener, without_password
from gk.promql.syntax import with_variables
from gk.resource import Kind, Resource

__all__ = ["Prometheus", "PrometheusError", "Sample", "has_data", "live_queries"]

ALL = "$__all"
_LONGEST_REASON = 500
"""Characters of a message of Prometheus that gk repeats."""


class PrometheusError(GkError):
    """Prometheus is not reachable, or refuses a query; the message has the URL and the reason."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant query's result."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """The HTTP API of the Prometheus at `url`, with a timeout in seconds for each request.

    As a context manager it closes its connections at the end. Raises ConfigError for a URL with a
    password in it that others could read on its way, and for a proxy of the environment that is not
    a URL.
    """

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._shown = without_password(self.url)
        self._timeout = timeout
        self._session = network.session(self.url, os.environ)
        proxy = self._session.proxies.get(urlsplit(self.url).scheme, "")
        if self._shown != self.url and (reader := listener(self.url, proxy)):
            message = (
                f"anybody on the network path to {reader} could read the password of "
                f"{self._shown} over plain http"
            )
            raise ConfigError(f"{message}; use https")

    def __enter__(self) -> Prometheus:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def query(self, expr: str) -> list[Sample]:
        """The result of an instant query, now: the last value of each series, the count of a native
        histogram.

        A scalar is a sample without labels, a text none. Raises PrometheusError when Prometheus
        cannot be asked or cannot answer.
        """
        data = self._get("/api/v1/query", {"query": expr})
        if data["resultType"] == "string":
            return []
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(series["metric"], _last(series)) for series in data["result"]]

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """The values of `label`, of the series that `selector` selects, sorted. Raises
        PrometheusError."""
        matches = {"match[]": selector} if selector else {}
        return sorted(self._get(f"/api/v1/label/{label}/values", matches))

    def metric_types(self) -> dict[str, str]:
        """The type of each metric that targets stated: counter, gauge, histogram, summary,
        unknown."""
        stated = self._get("/api/v1/metadata", {})
        # Targets may state different types for one metric: the first one counts.
        return {name: entries[0]["type"] for name, entries in stated.items() if entries}

    def reload(self) -> None:
        """Let Prometheus read its configuration and its rule files again. Raises PrometheusError
        if it does not: it then keeps the old ones."""
        try:
            response = self._session.post(
                f"{self.url}/-/reload", timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise self._unanswered(error) from error
        if response.status_code != 200:
            reason = " ".join(response.text.split())[:_LONGEST_REASON] or response.reason
            raise PrometheusError(f"{self._shown} refuses to reload: {reason}")

    def uses_newest_files(self) -> bool:
        """Whether its last reload succeeded, of rules and scrape jobs alike. Raises
        PrometheusError."""
        return bool(self._get("/api/v1/status/runtimeinfo", {})["reloadConfigSuccess"])

    def rule_groups(self) -> list[Any]:
        """The groups of rules that Prometheus evaluates, as its API has them. Raises
        PrometheusError."""
        groups: list[Any] = self._get("/api/v1/rules", {})["groups"]
        return groups

    def _unanswered(self, error: requests.RequestException) -> PrometheusError:
        reason = str(error).replace(self.url, self._shown)
        return PrometheusError(f"no Prometheus answers at {self._shown}: {reason}")

    def _get(self, path: str, parameters: Mapping[str, str]) -> Any:
        try:
            response = self._send(f"{self.url}{path}", parameters)
        except requests.RequestException as error:
            raise self._unanswered(error) from error
        try:
            body = response.json()
        except ValueError:
            body = None
        # Each answer of Prometheus's API has a status, an error too. Anything else is another
        # server's, such as a proxy's.
        if not isinstance(body, dict) or "status" not in body:
            said = f"{response.status_code} {response.reason}, and not JSON of its API"
            raise PrometheusError(f"no Prometheus answers at {self._shown}: {said}")
        if body["status"] != "success":
            raise PrometheusError(
                f"{self._shown}: {body.get('error', response.reason)}: {parameters}"
            )
        return body["data"]

    def _send(self, url: str, parameters: Mapping[str, str]) -> requests.Response:
        # Redirects would lead to another address, past the rules for proxies and for plain http.
        options: dict[str, Any] = {"timeout": self._timeout, "allow_redirects": False}
        if "query" in parameters:
            # As a form: long queries do not fit into a URL.
            return self._session.post(url, data=parameters, **options)
        return self._session.get(url, params=parameters, **options)


def _last(series: Mapping[str, Any]) -> float:
    # A selector with a range has all its values; the last one is the newest.
    if "value" in series or "values" in series:
        _, value = series["value"] if "value" in series else series["values"][-1]
        return float(value)
    _, histogram = series["histogram"] if "histogram" in series else series["histograms"][-1]
    return float(histogram["count"])


def has_data(samples: Sequence[Sample]) -> bool:
    """Whether a result has a number other than NaN; zero counts."""
    return any(not math.isnan(sample.value) for sample in samples)


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
        dashboard = _Dashboard(as_classic(resource.body), prometheus, rate_interval, chosen or {})
        return dashboard.complete(promql)
    if resource.kind is Kind.PROMETHEUS_GROUP:
        # Its alerts are those of Grafana's group, with their comparisons.
        rules = resource.body["rules"]
        return [query for query, rule in zip(promql, rules, strict=True) if "record" in rule]
    return promql


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The values that a variable has; those of a choice of several are put into queries as regular
    expressions."""

    values: Sequence[str]
    several: bool = False

    def text(self, format: str) -> str:
        if format in ("csv", "raw", "pipe"):
            return ("|" if format == "pipe" else ",").join(self.values)
        values = [_escaped(value) for value in self.values] if self.several else self.values
        return f"({'|'.join(values)})" if len(values) > 1 else "".join(values)


def _escaped(value: str) -> str:
    # Two backslashes for one, because a query has the value between quotes; as Grafana's
    # prometheusSpecialRegexEscape.
    return re.sub(
        r"[\\$^*{}\[\]'+?.()|]",
        lambda match: r"\\\\" if match[0] == "\\" else rf"\\{match[0]}",
        value,
    )


class _Dashboard:
    def __init__(
        self,
        body: Mapping[str, Any],
        prometheus: Prometheus,
        rate_interval: str,
        chosen: Mapping[str, str],
    ) -> None:
        self.body = body
        self.prometheus = prometheus
        self.chosen = chosen
        macros = {
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
        self.values = {name: _Chosen([value]) for name, value in macros.items()}
        self.variables: Sequence[Mapping[str, Any]] = body.get("templating", {}).get("list", [])

    def complete(self, promql: Sequence[PromQL]) -> list[PromQL]:
        """The dashboard's queries with the values of its variables; a variable may use earlier
        ones."""
        for variable in self.variables:
            self._resolve(variable)
        return [replace(query, expr=self._interpolate(query.expr)) for query in promql]

    def _resolve(self, variable: Mapping[str, Any]) -> None:
        """Give the variable the values that the dashboard opens with, or that was chosen."""
        if variable["name"] in self.chosen:
            self.values[variable["name"]] = _Chosen([self.chosen[variable["name"]]])
            return
        current = variable.get("current", {}).get("value", [])
        chosen = [current] if isinstance(current, str) else list(current)
        options = [option["value"] for option in variable.get("options", [])]
        if query := variable_query(variable):
            options = _matching(self._options(self._interpolate(query)), variable.get("regex", ""))
        several = bool(variable.get("multi") or variable.get("includeAll"))
        if ALL not in chosen:
            # As Grafana does: what is no longer among the options is replaced by the first of them.
            chosen = [value for value in chosen if value in options] or options[:1] or chosen
            self.values[variable["name"]] = _Chosen(chosen, several)
        elif everything := variable.get("allValue"):
            # Grafana puts an allValue into queries as it is, without escaping it.
            self.values[variable["name"]] = _Chosen([everything])
        else:
            self.values[variable["name"]] = _Chosen(
                [option for option in options if option != ALL], several
            )

    def _options(self, text: str) -> list[str]:
        if match := LABEL_VALUES.fullmatch(text):
            return self.prometheus.label_values(match["label"], match["selector"] or "")
        if match := QUERY_RESULT.fullmatch(text):
            # Prometheus returns aggregated series in no order.
            return sorted(map(_shown, self.prometheus.query(match["expr"])))
        return []

    def _interpolate(self, text: str) -> str:
        return with_variables(text, self._value)

    def _value(self, name: str, format: str) -> str | None:
        chosen = self.values.get(name)
        return chosen.text(format) if chosen else None


def _shown(sample: Sample) -> str:
    """A result as Grafana offers it to a variable, which picks a part of it by a regular
    expression."""
    labels = ",".join(
        f'{name}="{value}"' for name, value in sample.labels.items() if name != "__name__"
    )
    return f"{sample.labels.get('__name__', '')}{{{labels}}} {sample.value:g}"


def _matching(options: list[str], regex: str) -> list[str]:
    """The options that match, each with its first group in its place. `regex` is JavaScript's,
    between slashes."""
    if not regex:
        return options
    # As Grafana's stringToJsRegex: without slashes the whole option has to match.
    pattern = regex[1:].rpartition("/")[0] if regex.startswith("/") else f"^{regex}$"
    try:
        # JavaScript names a group without the P.
        compiled = re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern))
    except re.error:
        return options
    matches = filter(None, (list(compiled.finditer(option)) for option in options))
    return list(dict.fromkeys(map(_picked, matches)))


def _picked(matches: Sequence[re.Match[str]]) -> str:
    """What Grafana puts into queries of the matches in an option: the group `value`, or else
    `text`, of any match; or else the first group; or else the option."""
    named = [match.groupdict() for match in matches]
    for name in ("value", "text"):
        if picked := next((groups[name] for groups in named if groups.get(name)), ""):
            return picked
    first = matches[0]
    return str(first[1] if first.re.groups else first.string)
