"""A rule sets a label that is an external label of the server.

Problem: the server adds its external labels to what it sends, but not where a label of that name
exists already. So the rule's value hides where an alert or a series comes from.

    alert("Down", "up == 0", labels={"cluster": "main"})      # external_labels: {cluster: eu-1}

Instead: give the rule's label another name.

    alert("Down", "up == 0", labels={"team": "main"})
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Ruled
from gk.check.model import Severity, check

__all__ = ["external_label_overridden"]


@check(Severity.WARNING, peers=("pint: labels/conflict",))
def external_label_overridden(ruled: Ruled) -> Iterator[str]:
    """Compare the rule's labels with the server's."""
    external = ruled.server.external_labels
    for label in sorted(set(ruled.rule.labels) & set(external)):
        yield (
            f"sets the label '{label}', which is an external label of the server "
            f"('{external[label]}'); give it another name"
        )
