"""The name of an alert is not one word in CamelCase.

Problem: the name is the value of the label `alertname`, which people type into the matchers of
silences and routes, and which becomes a part of file names and links.

    alert("High CPU usage (node)", ...)

Instead: write it in CamelCase, as Prometheus recommends.

    alert("NodeCPUHighUsage", ...)

https://prometheus.io/docs/practices/rules/ Alerts that only Grafana evaluates have titles, which
are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["alert_name_style"]

# etcdNoLeader has the product's own spelling.
_CAMEL_CASE = re.compile(r"[a-z]*(?:[A-Z0-9][a-z0-9]*)+")


@check(Severity.INFO, peers=("mixtool: alert-name-camelcase",))
def alert_name_style(rule: Rule) -> Iterator[str]:
    """Look at its letters."""
    if rule.is_alert and not rule.is_grafanas and not _CAMEL_CASE.fullmatch(rule.name):
        yield "the name is not in CamelCase; write it as one word, such as NodeCPUHighUsage"
