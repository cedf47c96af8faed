"""A rule's text reads an external label that the server does not have.

Problem: the text is empty where the label's value belongs.

    summary="Disk full in {{ $externalLabels.cluster }}"

Instead: set the label in the server's configuration (`global.external_labels`), or do not read it.

    summary="Disk full on {{ $labels.instance }}"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.live.model import Ruled
from gk.check.model import Severity, check

__all__ = ["external_label_unknown"]

_READ = re.compile(r"\$externalLabels\.(\w+)|\.ExternalLabels\.(\w+)")


@check(Severity.WARNING, peers=("pint: alerts/external_labels",))
def external_label_unknown(ruled: Ruled) -> Iterator[str]:
    """Compare what the rule's texts read with the server's configuration."""
    if not ruled.server.scrape_intervals:
        # It does not tell its configuration.
        return
    texts = [*ruled.rule.labels.values(), *ruled.rule.annotations.values()]
    read = {match[1] or match[2] for text in texts for match in _READ.finditer(str(text))}
    for label in sorted(read - set(ruled.server.external_labels)):
        yield (
            f"its texts read the external label '{label}', which the server does not have; "
            "set it there, or do not read it"
        )
