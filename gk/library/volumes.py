"""Snippets of volumes that pods have mounted, as the kubelet measures them: space and inodes of
persistent volume claims, those of generic ephemeral volumes included.

The kubelet of each node that has a claim mounted sends it; results are by claim. A volume that is a
directory of the node's disk, as those of local provisioners are, shows that whole disk. Claims that
pods only read (ReadOnlyMany) are left out, because they are full by nature. A volume in block mode
has no filesystem to measure.
"""

from __future__ import annotations

from gk.library import kube_volumes
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("kubelet", metric="kubelet_node_name")
snippet = exporter.snippet

_CLAIM = "namespace, persistentvolumeclaim"
_TREND = "6h"
# A trend of hours says nothing of what is months away.
_FAR = 90 * 86400


def _stats(s: Scope, what: str, namespace: str | None) -> str:
    stats = s.all_nodes.select(f"kubelet_volume_stats_{what}", namespace=namespace)
    read_only = kube_volumes.claims_read_only(s, namespace=namespace)
    return f"(max by ({_CLAIM}) ({stats}) unless {read_only})"


def _until_empty(s: Scope, free: str, namespace: str | None) -> str:
    left = _stats(s, free, namespace)
    metric = s.all_nodes.range(f"kubelet_volume_stats_{free}", window=_TREND, namespace=namespace)
    shrinking = f"min by ({_CLAIM}) (deriv({metric})) < 0"
    return f"{left} / -({shrinking}) < {_FAR}"


@snippet(unit="bytes", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_capacity(s: Scope, namespace: str | None = None) -> str:
    """Size of the filesystem of a mounted claim, in bytes. Source: kubelet."""
    return _stats(s, "capacity_bytes", namespace)


@snippet(unit="bytes", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_used(s: Scope, namespace: str | None = None) -> str:
    """Space in use on the filesystem of a mounted claim, in bytes. Source: kubelet."""
    return _stats(s, "used_bytes", namespace)


@snippet(unit="bytes", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_available(s: Scope, namespace: str | None = None) -> str:
    """Space that programs can still write to on the filesystem of a mounted claim, in bytes; what
    is kept for root is not in it. Source: kubelet."""
    return _stats(s, "available_bytes", namespace)


@snippet(unit="percentunit", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_used_share(s: Scope, namespace: str | None = None) -> str:
    """Share of the filesystem of a mounted claim in use, 0 to 1, as df has it: used of used and
    available. What is kept for root is in neither. Source: kubelet."""
    used = _stats(s, "used_bytes", namespace)
    return f"{used} / ({used} + {_stats(s, 'available_bytes', namespace)} > 0)"


@snippet(unit="percentunit", legend="fullest")
def fullest_claim(s: Scope, namespace: str | None = None) -> str:
    """Share in use of the filesystem of the claim that is fullest, 0 to 1. Source: kubelet."""
    return f"max({claim_used_share(s, namespace=namespace)})"


@snippet(unit="s", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_full_in(s: Scope, namespace: str | None = None) -> str:
    """Seconds until a mounted claim is full if it goes on filling as it did over the last 6 hours.
    Nothing for one that does not fill, or would take more than 90 days. Source: kubelet."""
    return _until_empty(s, "available_bytes", namespace)


@snippet(unit="short", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_inodes_free(s: Scope, namespace: str | None = None) -> str:
    """Files that can still be created on the filesystem of a mounted claim (inodes). Source:
    kubelet."""
    return _stats(s, "inodes_free", namespace)


@snippet(unit="percentunit", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_inodes_used_share(s: Scope, namespace: str | None = None) -> str:
    """Share of the inodes of a mounted claim's filesystem in use, 0 to 1; at 1 no file can be
    created. Nothing for a filesystem without a fixed number, such as btrfs. Source: kubelet."""
    inodes = f"({_stats(s, 'inodes', namespace)} > 0)"
    return f"1 - {_stats(s, 'inodes_free', namespace)} / {inodes}"


@snippet(unit="s", legend="{{namespace}}/{{persistentvolumeclaim}}")
def claim_inodes_full_in(s: Scope, namespace: str | None = None) -> str:
    """Seconds until a mounted claim has no inodes left if files are created as over the last 6
    hours. Nothing for one whose inodes do not become fewer, or would last for more than 90 days.
    Source: kubelet."""
    return _until_empty(s, "inodes_free", namespace)


@snippet(unit="percentunit", legend="most")
def fullest_inodes(s: Scope, namespace: str | None = None) -> str:
    """Share in use of the inodes of the claim that has fewest left, 0 to 1. Source: kubelet."""
    return f"max({claim_inodes_used_share(s, namespace=namespace)})"


@snippet(unit="short", legend="full soon")
def claims_filling(s: Scope, namespace: str | None = None) -> str:
    """How many mounted claims are full within a day if they go on filling as over the last 6 hours,
    or within 4 days and are half full. Source: kubelet."""
    full_in = claim_full_in(s, namespace=namespace)
    half_full = f"{claim_used_share(s, namespace=namespace)} >= 0.5"
    filling = f"({full_in} < 86400) or ({full_in} < 4 * 86400 and {half_full})"
    return f"count({filling}) or 0 * count({claim_capacity(s, namespace=namespace)})"
