"""Prometheus refuses to evaluate a query.

Problem: the panel shows an error. The query is well-formed, but several series of one side of an
operation match one of the other, it takes too long, or its function is not enabled on the server,
or too new for it.

    node_filesystem_size_bytes * on (instance) node_uname_info

Instead: correct it as the server's message says; here, allow many series on the left side.

    node_filesystem_size_bytes * on (instance) group_left () node_uname_info

An experimental function needs the server's flag `--enable-feature=promql-experimental-functions`.
https://prometheus.io/docs/prometheus/latest/feature_flags/
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.live.model import Asked
from gk.check.model import Severity, check

__all__ = ["query_failed"]

_NEWER = (
    "; the function may need a newer server, or its flag "
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
