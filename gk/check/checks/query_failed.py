"""Prometheus refuses to evaluate a query.

Problem: the panel shows an error. Prometheus parses the query, and then finds that both sides of an
operation have several series to match, that it takes too long, or that the function is not enabled
or is too new for the server.

    node_filesystem_size_bytes * on (instance) node_uname_info

Instead: correct it as the server's message says; here, one side is a group.

    node_filesystem_size_bytes * on (instance) group_left () node_uname_info

An experimental function needs `--enable-feature=promql-experimental-functions` at the server.
https://prometheus.io/docs/prometheus/latest/feature_flags/
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["query_failed"]

_NEWER = (
    "; the function needs a newer server, or its option "
    "--enable-feature=promql-experimental-functions"
)


@check(Severity.ERROR, peers=("pint: promql/features",))
def query_failed(asked: Asked) -> Iterator[str]:
    """Report what the server says, with its version where a newer one may do."""
    if asked.refusal:
        version = asked.server.version
        of = f" {version}" if version else ""
        newer = _NEWER if "unknown function" in asked.refusal else ""
        yield f"Prometheus{of} refuses it: {asked.refusal}{newer}"
