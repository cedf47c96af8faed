"""Nobody owns an alert.

Problem: when it fires without reason, or nobody understands it, nobody feels responsible for it.

    alert("ApiErrors", errors > 0.1)

Instead: name the team in a label, preferably of the whole group, and route by it.

    alert_group("api", [...], labels={"team": "shop"})

`label` is the name of the label. With the option `owners`, its value must be one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Severity, check
from gk.check.subjects import Rule
from gk.errors import did_you_mean

__all__ = ["alert_without_owner"]


@check(Severity.WARNING, peers=("pint: rule/owner",), is_policy=True)
def alert_without_owner(
    rule: Rule, *, label: str = "team", owners: tuple[str, ...] = ()
) -> Iterator[str]:
    """Look at the label."""
    if not rule.is_alert:
        return
    owner = str(rule.labels.get(label, ""))
    if not owner:
        yield f"has no owner; name the team in the label {label}"
    elif owners and owner not in owners and "{{" not in owner:
        yield f"{label} '{owner}' is not one of the owners in gk.yaml{did_you_mean(owner, owners)}"
