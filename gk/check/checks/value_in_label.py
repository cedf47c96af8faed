"""A label of an alert has the query's value, so each new value is a new alert.

Problem: labels identify an alert. When the value changes, the old alert resolves, and a new one
begins to wait. With `for_`, none may ever fire; without it, everybody is notified each time.

    alert(..., labels={"usage": "{{ $value }}"})

Instead: put the value into an annotation. A label may be chosen by the value.

    alert(..., description="{{ $value | humanizePercentage }} is used")
    alert(..., labels={"severity": "{{ if gt $value 0.9 }}critical{{ else }}warning{{ end }}"})

https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule

__all__ = ["value_in_label"]

# What only asks for the value, prints none of it.
_PRINTED = re.compile(
    r"\{\{-?(?!\s*(?:if|else|with|range|end)\b)(?:(?!\}\}).)*?(?:\$values?\b|\.Values?\b)"
)


@check(Severity.WARNING, peers=("pint: alerts/template",))
def value_in_label(rule: Rule) -> Iterator[str]:
    """Look at the templates of the labels."""
    for name, text in rule.labels.items() if rule.is_alert else ():
        if _PRINTED.search(str(text)):
            yield (
                f"label {name} has the value, so each change makes a new alert; "
                "put it into an annotation"
            )
