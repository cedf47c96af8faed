"""Snippets of the node exporter for a close look at the network of one node: interfaces, sockets,
protocols. As in gk.library.node_detail, families of series are one snippet with an argument.
"""

from __future__ import annotations

from gk.library.node import INTERFACES, exporter, per_node, snippet
from gk.promql.snippet import Scope

__all__ = ["exporter", "snippet"]

# Network


@snippet(unit="pps", legend="{{device}}")
def network_rate(s: Scope, field: str = "receive_packets") -> str:
    """Packets of an interface per second, such as receive_packets or transmit_fifo. The loopback
    and the interfaces of single pods are left out. Source: netdev collector."""
    return per_node(s, s.rate(f"node_network_{field}_total", INTERFACES), "device")


@snippet(unit="percentunit", legend="{{device}}")
def network_share(s: Scope, direction: str = "receive") -> str:
    """Share of an interface's speed in use in one direction, 0 to 1: receive or transmit. Nothing
    for an interface without a speed, as in most virtual machines. Source: netdev and netclass
    collectors."""
    traffic = s.rate(f"node_network_{direction}_bytes_total", INTERFACES)
    return per_node(s, f"{traffic} / ({s.select('node_network_speed_bytes')} > 0)", "device")


@snippet(unit="bps", legend="{{device}}")
def network_speed(s: Scope) -> str:
    """Speed of an interface, in bits per second; 0 where it has none, as in most virtual machines.
    Source: netclass collector."""
    return f"8 * clamp_min({network_interface(s, field='speed_bytes')}, 0)"


@snippet(unit="short", legend="{{device}}")
def network_interface(s: Scope, field: str = "up") -> str:
    """What an interface says of itself: up and carrier are 1 or 0, mtu_bytes the longest packet.
    The loopback and the interfaces of single pods are left out. Source: netclass collector."""
    return per_node(s, s.select(f"node_network_{field}", INTERFACES), "device")


@snippet(unit="short", legend="{{device}}")
def arp_entries(s: Scope) -> str:
    """Neighbours on an interface's network whose hardware address the node knows. The interfaces of
    single pods are left out. Source: arp collector."""
    return per_node(s, s.select("node_arp_entries", INTERFACES), "device")


@snippet(unit="short", legend="entries")
def conntrack_entries(s: Scope) -> str:
    """Connections in the kernel's connection tracking table (conntrack). Source: conntrack
    collector."""
    return per_node(s, s.select("node_nf_conntrack_entries"))


@snippet(unit="short", legend="limit")
def conntrack_limit(s: Scope) -> str:
    """The most connections that fit into the kernel's connection tracking table (conntrack); beyond
    it new ones are dropped. Source: conntrack collector."""
    return per_node(s, s.select("node_nf_conntrack_entries_limit"))


# Sockets and protocols


@snippet(unit="short", legend="{{$node}}")
def sockets(s: Scope, field: str = "sockets_used") -> str:
    """Sockets, by protocol and state as /proc/net/sockstat has them: TCP_inuse, UDP_mem (in pages).
    Source: sockstat collector."""
    return per_node(s, s.select(f"node_sockstat_{field}"))


@snippet(unit="bytes", legend="{{$node}}")
def socket_bytes(s: Scope, field: str = "TCP_mem_bytes") -> str:
    """Memory of the kernel that the sockets of a protocol use for data on their way, in bytes:
    TCP_mem_bytes, UDP_mem_bytes or FRAG_memory. Source: sockstat collector."""
    return sockets(s, field=field)


@snippet(unit="bytes", legend="{{$node}}")
def socket_bytes_each(s: Scope, protocol: str = "TCP") -> str:
    """Memory that a socket of a protocol, TCP or UDP, uses on average, in bytes. Source: sockstat
    collector."""
    memory, in_use = (
        s.select(f"node_sockstat_{protocol}_mem_bytes"),
        s.select(f"node_sockstat_{protocol}_inuse"),
    )
    return per_node(s, f"{memory} / clamp_min({in_use}, 1)")


@snippet(unit="pps", legend="CPU {{cpu}}")
def softnet(s: Scope, field: str = "processed") -> str:
    """Packets or events per second in the part of the kernel that takes packets from the network
    cards, by CPU, such as processed, dropped or times_squeezed. Source: softnet collector."""
    return per_node(s, s.rate(f"node_softnet_{field}_total"), "cpu")


@snippet(unit="pps", legend="{{$node}}")
def netstat(s: Scope, field: str = "Tcp_InSegs") -> str:
    """How fast one counter of /proc/net/snmp or /proc/net/netstat grows, per second; `field` is
    protocol and name. Source: netstat collector."""
    return per_node(s, s.rate(f"node_netstat_{field}"))


@snippet(unit="binBps", legend="{{$node}}")
def ip_bytes(s: Scope, direction: str = "In") -> str:
    """Bytes of IPv4 packets per second that came In or went Out, those of containers and the
    loopback too. Source: netstat collector."""
    return netstat(s, field=f"IpExt_{direction}Octets")


@snippet(unit="short", legend="{{$node}}")
def tcp_connections(s: Scope, field: str = "CurrEstab") -> str:
    """TCP connections that are open now (CurrEstab), or the most there may be (MaxConn; -1 is no
    limit, as on every Linux). Source: netstat collector."""
    return per_node(s, s.select(f"node_netstat_Tcp_{field}"))


@snippet(unit="bytes", legend="{{queue}} {{ip}}")
def udp_queues(s: Scope) -> str:
    """Bytes that wait in the queues of UDP sockets: rx until a program reads them, tx until they
    are sent. Source: udp_queues collector."""
    return per_node(s, s.select("node_udp_queues"), "queue", "ip")


@snippet(unit="short", legend="{{state}}")
def tcp_states(s: Scope) -> str:
    """TCP connections by state. Ever more in close_wait means that a program does not close its
    connections. Source: tcpstat collector, which needs --collector.tcpstat."""
    return per_node(s, s.select("node_tcp_connection_states", 'state!~".+_bytes"'), "state")


@snippet(unit="bytes", legend="{{state}}")
def tcp_queues(s: Scope) -> str:
    """Bytes that wait in the queues of TCP connections. Much in rx means that programs read too
    slowly, much in tx that the network or the other side is slow. Source: tcpstat collector, which
    needs --collector.tcpstat."""
    return per_node(s, s.select("node_tcp_connection_states", 'state=~".+_bytes"'), "state")
