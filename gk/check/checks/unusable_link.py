"""A link has a URL that a browser does not open as it is meant.

Problem: without a scheme, the browser takes a host for a path of Grafana. Grafana replaces a
`javascript:` link with `about:blank`.

    grafana.example.com/d/abc       opens https://your-grafana/grafana.example.com/d/abc

Instead: write the whole URL, or the path of the same Grafana.

    https://grafana.example.com/d/abc
    /d/abc
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.links import links
from gk.check.subjects import Dashboard

__all__ = ["unusable_link"]

_HOST = re.compile(
    r"(?:www\.[\w-]+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|de|local|internal))(?:[:/?#]|$)"
)
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)


@check(Severity.WARNING)
def unusable_link(dashboard: Dashboard) -> Iterator[Found]:
    """Look at how each URL begins."""
    for where, link in links(dashboard):
        if _SCRIPT.match(link.url):
            yield Found("a link runs a script, which Grafana does not; write a URL", where)
        elif _HOST.match(link.url.strip()):
            yield Found(
                f"the link '{link.url.strip()}' has no scheme, so it opens a path of Grafana; "
                "write https:// before it",
                where,
            )
