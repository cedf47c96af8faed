"""Writes gk/check/expressions/metric_names.py: the types that exporters declare, where a name does
not tell.

    GK_METRIC_SAMPLES=... python -m tests.metric_types

It reads the exposition samples of that folder, and the exporters of tests/exporters.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from gk.check.expressions import metric_types
from gk.check.expressions.metric_types import type_by_pattern
from tests.exporters import (
    alertmanager,
    apiserver,
    blackbox,
    cadvisor,
    controller_manager,
    coredns,
    etcd,
    grafana,
    inventory,
    kube_proxy,
    kube_state_metrics,
    kubelet,
    node,
    prometheus,
    scheduler,
    volumes,
)

__all__ = ["declared", "exceptions"]

TARGET = Path(metric_types.__file__).with_name("metric_names.py")
_TYPE = re.compile(r"# TYPE (\S+) (counter|gauge)")
# Declared as gauges, although they only grow: everybody takes their rate.
_COUNT = re.compile(
    r"etcd_server_proposals_(?:applied|committed)_total|etcd_disk_wal_write_bytes_total"
    r"|etcd_grpc_proxy_cache_(?:hits|misses)_total"
    r"|node_nf_conntrack_stat_\w+|node_bcache_io_errors|node_systemd_socket_refused_\w+"
    # The quantiles of a summary.
    r"|prometheus_engine_query_duration_seconds"
)
# Of the node exporter's own tests.
_NOT_REAL = re.compile(r"testmetric\w*|node_nfsd_\w+_testing")


def declared(folder: str = "") -> dict[str, str]:
    """The type of each counter and gauge: of the samples in a folder, and of the exporters."""
    families = chain(
        alertmanager.families(0),
        apiserver.families(),
        chain.from_iterable(map(blackbox.families, blackbox.TARGETS)),
        cadvisor.families(inventory.NODES[0]),
        controller_manager.families(),
        coredns.families(),
        etcd.families(),
        grafana.families(),
        kube_proxy.families(),
        kube_state_metrics.families(),
        kubelet.families(inventory.NODES[0], "shop"),
        node.families(),
        prometheus.families(),
        scheduler.families(),
        volumes.families(inventory.NODES[0].name),
    )
    types = {family.name: family.type for family in families if family.type in ("counter", "gauge")}
    for file in sorted(Path(folder).glob("*.prom")) if folder else ():
        types |= dict(_in(file.read_text("utf-8").splitlines()))
    return {
        name: type_
        for name, type_ in types.items()
        if not _COUNT.fullmatch(name) and not _NOT_REAL.fullmatch(name)
    }


def _in(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    return (match.groups() for line in lines if (match := _TYPE.fullmatch(line)))  # type: ignore[misc]


def exceptions(types: Mapping[str, str], wanted: str) -> list[str]:
    """The names of a type that their patterns do not tell."""
    return sorted(
        name for name, type_ in types.items() if type_ == wanted and type_by_pattern(name) != wanted
    )


def _written(types: Mapping[str, str]) -> str:
    return f'''"""Which metrics are counters or gauges, where the name does not tell.

As the exporters that gk.library covers declare them: `python -m tests.metric_types` writes this.
"""

from __future__ import annotations

__all__ = ["COUNTERS", "GAUGES"]

{_set("COUNTERS", exceptions(types, "counter"))}
{_set("GAUGES", exceptions(types, "gauge"))}'''


def _set(name: str, names: Iterable[str]) -> str:
    listed = textwrap.fill(" ".join(names), 100, break_long_words=False, break_on_hyphens=False)
    return f'_{name} = """\n{listed}\n"""\n{name} = frozenset(_{name}.split())\n'


if __name__ == "__main__":
    TARGET.write_text(_written(declared(os.environ.get("GK_METRIC_SAMPLES", ""))), "utf-8")
