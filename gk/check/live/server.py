"""What a server says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import yaml

from gk.check.live.asking import Asker
from gk.check.live.model import Served
from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, path
from gk.prometheus import PrometheusError

__all__ = ["served"]

Value = TypeVar("Value")

_DURATION = re.compile(r"(?:\d+(?:ms|[ywdhms]))+")
_DEFAULT_SCRAPE_INTERVAL = 60_000
"""Of Prometheus: https://prometheus.io/docs/prometheus/latest/configuration/configuration/"""


def served(asker: Asker) -> Served:
    """Ask a server for what it says of itself. Raises PrometheusError if it is not there, or not a
    Prometheus."""
    prometheus = asker.prometheus
    # Every compatible server answers this; the others may not exist there.
    asker.at("vector(1)")
    config = _parsed(_optional(prometheus.config, ""))
    external = path(config, "global", "external_labels")
    return Served(
        prometheus.shown,
        _optional(prometheus.version, ""),
        _retention(_optional(prometheus.retention, "")),
        _scrape_intervals(config),
        {str(name): str(value) for name, value in external.items()},
        _optional(prometheus.metric_types, {}),
    )


def _optional(ask: Callable[[], Value], default: Value) -> Value:
    try:
        return ask()
    except (PrometheusError, KeyError, TypeError, AttributeError):
        return default


def _parsed(text: str) -> dict[str, Any]:
    try:
        config = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return {}
    return config if isinstance(config, dict) else {}


def _retention(text: str) -> int:
    """Milliseconds of `15d`, or of `15d or 10GiB`; 0 for a limit of the size alone."""
    duration = _DURATION.match(text)
    return milliseconds(duration[0]) or 0 if duration else 0


def _scrape_intervals(config: dict[str, Any]) -> dict[str, int]:
    """Milliseconds by the name of the job."""
    default = _interval(path(config, "global"), _DEFAULT_SCRAPE_INTERVAL)
    return {
        str(job.get("job_name", "")): _interval(job, default)
        for job in dicts(config, "scrape_configs")
    }


def _interval(part: dict[str, Any], default: int) -> int:
    return milliseconds(str(part.get("scrape_interval") or "")) or default
