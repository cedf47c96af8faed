"""A link in the annotations of a rule is dead.

Problem: somebody opens the runbook in the middle of the night, and it has moved.

    runbook_url: https://wiki.example.com/runbooks/disk-full        answers 404

Instead: link to where it is now.

    runbook_url: https://wiki.example.com/operations/disk-full

A policy, because it uses the network: with `--live`, it opens each link once, within `timeout`
seconds. A page that wants a login (401, 403) counts as there. It does not open links that a
template completes, nor those that match a pattern of `ignore` (`https://intranet.example.com/*`).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from gk.check.live.model import Ruled
from gk.check.model import Severity, check
from gk.http.urls import without_password

__all__ = ["dead_link"]


@check(Severity.WARNING, peers=("pint: rule/link",), is_policy=True)
def dead_link(
    ruled: Ruled, *, ignore: tuple[str, ...] = (), timeout: float = 10.0
) -> Iterator[str]:
    """Ask each link of the annotations."""
    asked = [
        url
        for url in ruled.links.urls
        if not any(fnmatch.fnmatchcase(url, pattern) for pattern in ignore)
    ]
    wrong = ruled.links.wrong(asked, timeout)
    for name, text in ruled.rule.annotations.items():
        for url in ruled.links.of(text):
            if url in wrong:
                yield f"annotation '{name}': {without_password(url)} {wrong[url]}; correct the link"
