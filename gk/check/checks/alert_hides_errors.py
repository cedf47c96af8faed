"""An alert of Grafana counts as normal when its query fails.

Problem: with `exec_err="OK"`, the alert resolves when its data source is down or refuses the query:
just when nobody can see how things are.

    alert("ApiErrors", errors > 0.1, exec_err="OK")

Instead: let Grafana report that it cannot evaluate the alert, or keep the state that it had.

    alert("ApiErrors", errors > 0.1)
    alert("ApiErrors", errors > 0.1, exec_err="KeepLast")
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.documents.parts import dicts
from gk.errors import Where
from gk.resource import Kind, Resource

__all__ = ["alert_hides_errors"]


@check(Severity.INFO)
def alert_hides_errors(resource: Resource) -> Iterator[Found]:
    """Look at the state that Grafana gives a rule whose query fails."""
    for rule in dicts(resource.body, "rules") if resource.kind is Kind.RULE_GROUP else ():
        if rule.get("execErrState") == "OK" and not rule.get("record"):
            yield Found(
                "counts as normal when its query fails; leave out exec_err, or use KeepLast",
                Where("alert", str(rule.get("title", ""))),
            )
