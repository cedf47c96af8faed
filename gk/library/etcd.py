"""Snippets of etcd, 3.5 and later. https://etcd.io/docs/latest/metrics/

A managed control plane does not let one scrape its etcd: nothing here has data then. No query
returns NaN.
"""

from __future__ import annotations

from gk.library._common import down_count as _down_count
from gk.library._common import own
from gk.library._common import up_count as _up_count
from gk.promql.snippet import Exporter, Scope

__all__ = ["exporter", "snippet"]

exporter = Exporter("etcd", metric="etcd_server_has_leader", target="Member")
snippet = exporter.snippet

_CHANGES = "15m"
_AHEAD = "4h"
_LAST = "1h"
_AHEAD_SECONDS = 4 * 60 * 60


def _per_member(s: Scope, expr: str) -> str:
    return f"max by ({s.node}) ({expr})"


# Availability


@snippet(unit="short", legend="up")
def up_count(s: Scope) -> str:
    """etcd members that Prometheus can scrape: 0 if none of those it knows answers, and for a day
    after the last one vanished. Nothing where it never scraped one. Source: the series up of
    Prometheus."""
    return _up_count(s)


@snippet(unit="short", legend="down")
def down_count(s: Scope) -> str:
    """etcd members that Prometheus knows and cannot scrape; for a day after all of them vanished,
    how many there were. Source: the series up of Prometheus."""
    return _down_count(s)


@snippet(unit="short")
def up(s: Scope) -> str:
    """Whether Prometheus can scrape an etcd member, 1 or 0. Source: the series up of
    Prometheus."""
    return _per_member(s, s.up())


@snippet(unit="short", legend="members to spare")
def spare_members(s: Scope) -> str:
    """Members that may still fail before the rest is no majority: with 3 members up of 3 it is 1.
    At 0 the next failure stops all writes; below 0 there is no majority, and the cluster is read
    only. Source: the series up of Prometheus."""
    return f"sum({s.up()}) - floor(count({s.up()}) / 2) - 1"


@snippet(unit="short")
def has_leader(s: Scope) -> str:
    """Whether a member has a leader, 1 or 0. Without one it takes no writes. Source: etcd."""
    return _per_member(s, s.select("etcd_server_has_leader"))


@snippet(unit="short")
def is_leader(s: Scope) -> str:
    """Whether a member is the leader, 1 or 0. Source: etcd."""
    return _per_member(s, s.select("etcd_server_is_leader"))


@snippet(unit="short", legend="leader changes")
def leader_changes(s: Scope) -> str:
    """Leaders that were elected within 15 minutes, as the member that saw most has it. Zero is
    normal; a member that cannot reach the others, or whose disk is slow, causes elections. Source:
    etcd."""
    changes = s.increase("etcd_server_leader_changes_seen_total", window=_CHANGES)
    return f"max(round({changes}))"


# Proposals: writes that the members agree on


@snippet(unit="ops", legend="{{$node}} failed")
def proposals_failed(s: Scope) -> str:
    """Proposals (writes) per second that failed, because there was no leader or no majority. Zero
    is normal. Source: etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_server_proposals_failed_total')})"


@snippet(unit="short", legend="{{$node}} pending")
def proposals_pending(s: Scope) -> str:
    """Proposals (writes) that wait for the other members. Many for long mean a slow disk or
    network. Source: etcd."""
    return _per_member(s, s.select("etcd_server_proposals_pending"))


@snippet(unit="short", legend="{{$node}} to apply")
def proposals_to_apply(s: Scope) -> str:
    """Proposals that the members agreed on and that a member has not applied yet. Source: etcd."""
    committed, applied = (
        s.select(f"etcd_server_proposals_{state}_total") for state in ("committed", "applied")
    )
    return _per_member(s, f"clamp_min({committed} - {applied}, 0)")


# Database


@snippet(unit="bytes", legend="{{$node}} file")
def database_size(s: Scope) -> str:
    """Size of a member's database file, in bytes. It shrinks only when it is defragmented. Source:
    etcd."""
    return _per_member(s, s.select("etcd_mvcc_db_total_size_in_bytes"))


@snippet(unit="bytes", legend="{{$node}} file, last")
def database_last_size(s: Scope) -> str:
    """Size of a member's database file, in bytes, as Prometheus last saw it within an hour: of a
    member that is down, too. Source: etcd."""
    size = s.range("etcd_mvcc_db_total_size_in_bytes", window=_LAST)
    return _per_member(s, f"last_over_time({size})")


@snippet(unit="bytes", legend="{{$node}} in use")
def database_in_use(s: Scope) -> str:
    """What a member's database file holds, in bytes; the rest of the file is free for new data.
    Source: etcd."""
    return _per_member(s, s.select("etcd_mvcc_db_total_size_in_use_in_bytes"))


@snippet(unit="bytes", legend="{{$node}} free in it")
def database_free(s: Scope) -> str:
    """What is free in a member's database file, in bytes. New data go there; a defragmentation
    gives it back to the disk. Source: etcd."""
    return f"{database_size(s)} - {database_in_use(s)}"


@snippet(unit="bytes", legend="{{$node}} quota")
def database_quota(s: Scope) -> str:
    """The most that a member's database file may grow to, in bytes: 2 GiB unless
    --quota-backend-bytes sets it. At the quota etcd takes no more writes. Source: etcd."""
    return _per_member(s, s.select("etcd_server_quota_backend_bytes"))


@snippet(unit="percentunit")
def database_of_quota(s: Scope) -> str:
    """Size of a member's database file of its quota, 0 to 1. At 1 etcd takes no more writes until
    somebody frees space and clears the alarm. Source: etcd."""
    return f"{database_size(s)} / ({database_quota(s)} > 0)"


@snippet(unit="percentunit", legend="fullest member")
def database_of_quota_highest(s: Scope) -> str:
    """Size of the database file of its quota, 0 to 1, of the member where it is highest. At 1 etcd
    takes no more writes. Source: etcd."""
    return f"max({database_of_quota(s)})"


@snippet(unit="percentunit")
def database_ahead(s: Scope) -> str:
    """Size of a member's database file of its quota in 4 hours, 0 to 1, if it goes on growing as in
    the last 4 hours. Source: etcd."""
    size = s.range("etcd_mvcc_db_total_size_in_bytes", window=_AHEAD)
    ahead = _per_member(s, f"predict_linear({size}, {_AHEAD_SECONDS})")
    return f"clamp_min({ahead}, 0) / ({database_quota(s)} > 0)"


@snippet(unit="percentunit")
def database_used_share(s: Scope) -> str:
    """Share of a member's database file that is in use, 0 to 1. The rest comes back with a
    defragmentation. Source: etcd."""
    return f"{database_in_use(s)} / ({database_size(s)} > 0)"


@snippet(unit="short")
def keys(s: Scope) -> str:
    """Keys in a member's database. Source: etcd."""
    return _per_member(s, s.select("etcd_debugging_mvcc_keys_total"))


# Disk and network


@snippet(unit="s")
def fsync(s: Scope, quantile: float = 0.99) -> str:
    """Time in which a member writes its log to the disk (WAL fsync), in seconds. Below 10 ms at p99
    is what etcd needs; a slow disk causes elections. Source: etcd."""
    durations = s.histogram("etcd_disk_wal_fsync_duration_seconds")
    return durations.quantile(quantile, s.node)


@snippet(unit="s")
def commit(s: Scope, quantile: float = 0.99) -> str:
    """Time in which a member writes changes to its database file (backend commit), in seconds.
    Below 25 ms at p99 is what etcd needs. Source: etcd."""
    durations = s.histogram("etcd_disk_backend_commit_duration_seconds")
    return durations.quantile(quantile, s.node)


@snippet(unit="s", legend="{{$node}} to {{To}}")
def peer_round_trip(s: Scope, quantile: float = 0.99) -> str:
    """Time of a message from a member to another and back, in seconds. Nothing for a single member.
    Source: etcd."""
    durations = s.histogram("etcd_network_peer_round_trip_time_seconds")
    return durations.quantile(quantile, s.node, "To")


@snippet(unit="ops", legend="{{$node}} to {{To}}")
def peer_failures(s: Scope) -> str:
    """Messages per second that a member could not send to another. Nothing for a single member.
    Source: etcd."""
    return f"sum by ({s.node}, To) ({s.rate('etcd_network_peer_sent_failures_total')})"


@snippet(unit="Bps", legend="{{$node}} received")
def client_received(s: Scope) -> str:
    """Bytes per second that a member receives from clients, which are the API servers. Source:
    etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_network_client_grpc_received_bytes_total')})"


@snippet(unit="Bps", legend="{{$node}} sent")
def client_sent(s: Scope) -> str:
    """Bytes per second that a member sends to clients, which are the API servers. Source: etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_network_client_grpc_sent_bytes_total')})"


# Requests


@snippet(unit="reqps", legend="{{$node}} {{type}}")
def requests(s: Scope) -> str:
    """Requests of clients to a member per second, single ones (unary) and streams. Source: etcd."""
    return f"sum by ({s.node}, type) ({s.rate('etcd_server_client_requests_total')})"


@snippet(unit="ops", legend="{{$node}} writes")
def slow_applies(s: Scope) -> str:
    """Writes per second that took longer than 100 ms to apply. Zero is normal. Source: etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_server_slow_apply_total')})"


@snippet(unit="ops", legend="{{$node}} reads")
def slow_reads(s: Scope) -> str:
    """Reads per second that waited too long for the leader (slow read indexes). Zero is normal.
    Source: etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_server_slow_read_indexes_total')})"


@snippet(unit="ops", legend="{{$node}} heartbeats")
def heartbeat_failures(s: Scope) -> str:
    """Heartbeats per second that the leader sent too late. Its disk or its CPU is too slow; others
    start an election soon. Source: etcd."""
    return f"sum by ({s.node}) ({s.rate('etcd_server_heartbeat_send_failures_total')})"


# Process


@snippet(unit="short")
def cpu(s: Scope) -> str:
    """CPU cores that a member uses. Source: etcd."""
    return f"sum by ({s.node}) ({own(s, s.rate('process_cpu_seconds_total'))})"


@snippet(unit="bytes")
def memory(s: Scope) -> str:
    """Resident memory of a member, in bytes. Source: etcd."""
    return _per_member(s, own(s, s.select("process_resident_memory_bytes")))
