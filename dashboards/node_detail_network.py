"""The rows of node-detail on networks: interfaces, sockets, protocols."""

from dashboards.node_detail_parts import (
    WITHOUT_NODE,
    YES_NO,
    each,
    graph,
    limited,
    wide,
)
from gk import Row, column, table, target
from gk.library import node
from gk.library import node_detail_network as network_detail

network = [
    Row(
        "Network interfaces",
        [
            wide(
                "Packets",
                *each(
                    network_detail.network_rate,
                    {
                        "{{device}} received": "receive_packets",
                        "{{device}} sent": "transmit_packets",
                        "{{device}} multicast received": "receive_multicast",
                        "{{device}} compressed received": "receive_compressed",
                        "{{device}} compressed sent": "transmit_compressed",
                    },
                ),
                description="Packets per second by interface; of these, "
                "packets to groups of hosts, and packets that the interface compressed, "
                "as on serial lines (PPP, SLIP). Source: netdev collector.",
            ),
            wide(
                "Errors by kind",
                *each(
                    network_detail.network_rate,
                    {
                        "{{device}} receive errors": "receive_errs",
                        "{{device}} receive frame": "receive_frame",
                        "{{device}} receive fifo": "receive_fifo",
                        "{{device}} receive nohandler": "receive_nohandler",
                        "{{device}} transmit errors": "transmit_errs",
                        "{{device}} transmit fifo": "transmit_fifo",
                        "{{device}} transmit carrier": "transmit_carrier",
                        "{{device}} collisions": "transmit_colls",
                    },
                ),
                description="Packets per second, in the kernel's words. Bad frames and a lost "
                "carrier point at cables and ports; a full buffer (fifo) at a node that is too "
                "slow; collisions at half duplex. Packets of a protocol that the node does not "
                "know (nohandler) are harmless. Source: netdev collector.",
            ),
            graph(
                "Drops",
                target(node.network_receive_drops, legend="{{device}} received"),
                target(node.network_send_drops, legend="{{device}} sent"),
                description="Packets per second that were in order and were dropped, "
                "because there was no time or no memory for them, or nobody wanted them. "
                "Source: netdev collector.",
            ),
            table(
                "Interfaces",
                column("Interface", label="device"),
                column("Up", network_detail.network_interface, mappings=YES_NO),
                column(
                    "Carrier", network_detail.network_interface(field="carrier"), mappings=YES_NO
                ),
                column("Speed", network_detail.network_speed),
                column(
                    "MTU", network_detail.network_interface(field="mtu_bytes"), unit="suffix:bytes"
                ),
                column("Neighbours", network_detail.arp_entries),
                description="Whether an interface works, whether something is at the other end "
                "of its cable (carrier), its speed, 0 where it has none, the longest packet "
                "that it takes, and of how many neighbours it knows the address (ARP). "
                "Source: netclass and arp collectors.",
                overrides=[WITHOUT_NODE],
                sort_by="Interface",
                sort_descending=False,
                width=16,
            ),
            limited(
                "Conntrack entries",
                network_detail.conntrack_entries,
                network_detail.conntrack_limit,
                description="Connections in the kernel's connection tracking table, and how many "
                "fit. When it is full, new connections are dropped. Source: conntrack collector, "
                "which needs a kernel that tracks connections (nf_conntrack).",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Sockets and packet processing",
        [
            graph(
                "Sockets",
                *each(
                    network_detail.sockets,
                    {
                        "in use, all kinds": "sockets_used",
                        "TCP": "TCP_inuse",
                        "TCP allocated": "TCP_alloc",
                        "TCP without a process": "TCP_orphan",
                        "TCP closed, waiting": "TCP_tw",
                        "UDP": "UDP_inuse",
                        "UDP-Lite": "UDPLITE_inuse",
                        "raw": "RAW_inuse",
                        "IP fragments": "FRAG_inuse",
                    },
                ),
                description="Closed ones wait for late packets (TIME_WAIT); raw ones are those "
                "of ping; fragments wait for the rest of a packet. Source: sockstat collector.",
            ),
            graph(
                "Memory of sockets",
                *each(
                    network_detail.socket_bytes,
                    {"TCP": "TCP_mem_bytes", "UDP": "UDP_mem_bytes", "IP fragments": "FRAG_memory"},
                ),
                *[
                    target(
                        network_detail.socket_bytes_each(protocol=each),
                        legend=f"{each}, a socket on average",
                    )
                    for each in ("TCP", "UDP")
                ],
                description="Memory of the kernel for data that programs have not read yet "
                "or that are not sent yet. Source: sockstat collector.",
            ),
            graph(
                "Memory of sockets, in pages",
                *each(network_detail.sockets, {"TCP": "TCP_mem", "UDP": "UDP_mem"}),
                description="The same in pages, as the limits net.ipv4.tcp_mem "
                "and udp_mem count it. Source: sockstat collector.",
            ),
            graph("Packets taken from network cards", network_detail.softnet.top(10)),
            graph(
                "Softnet drops and squeezes",
                target(
                    network_detail.softnet(field="dropped").top(10), legend="CPU {{cpu}} dropped"
                ),
                target(
                    network_detail.softnet(field="times_squeezed").top(10),
                    legend="CPU {{cpu}} squeezed",
                ),
                description="Packets per second that a CPU dropped because its queue was full, "
                "and times per second that it stopped with packets left because its time was up "
                "(squeezed). "
                "Source: softnet collector.",
            ),
            graph(
                "Packets passed to other CPUs",
                target(
                    network_detail.softnet(field="received_rps").top(10), legend="CPU {{cpu}} woken"
                ),
                target(
                    network_detail.softnet(field="flow_limit_count").top(10),
                    legend="CPU {{cpu}} dropped",
                ),
                description="Times per second that a CPU was woken to take packets of another "
                "(receive packet steering), and packets that its flow limit dropped. "
                "Source: softnet collector, node exporter 1.6 and later.",
            ),
        ],
        collapsed=True,
    ),
    Row(
        "Protocols: IP, TCP, UDP, ICMP (connections by state need --collector.tcpstat)",
        [
            graph(
                "IP traffic",
                target(network_detail.ip_bytes, legend="received"),
                target(network_detail.ip_bytes(direction="Out"), legend="sent"),
                width=6,
            ),
            graph(
                "TCP, UDP and ICMP packets",
                *each(
                    network_detail.netstat,
                    {
                        "TCP received": "Tcp_InSegs",
                        "TCP sent": "Tcp_OutSegs",
                        "UDP received": "Udp_InDatagrams",
                        "UDP sent": "Udp_OutDatagrams",
                        "ICMP received": "Icmp_InMsgs",
                        "ICMP sent": "Icmp_OutMsgs",
                    },
                ),
                description="Per second, in the exporter's network namespace: "
                "pods have counters of their own. ICMP is about the network itself, "
                "such as pings and unreachable hosts. Source: netstat collector.",
                width=6,
            ),
            graph(
                "TCP connections",
                target(network_detail.tcp_connections, legend="open"),
                target(network_detail.tcp_connections(field="MaxConn"), legend="limit"),
                description="Connections that are open now, and the most there may be, which is -1 "
                "(no limit) on every Linux and needs Tcp_MaxConn in --collector.netstat.fields. "
                "Source: netstat collector.",
                width=6,
            ),
            graph(
                "New TCP connections",
                *each(
                    network_detail.netstat,
                    {"from this node": "Tcp_ActiveOpens", "to this node": "Tcp_PassiveOpens"},
                ),
                description="Per second: connections that the node opened, and that it accepted. "
                "Source: netstat collector.",
                unit="cps",
                width=6,
            ),
            graph(
                "TCP retransmits",
                *each(
                    network_detail.netstat,
                    {
                        "retransmits": "Tcp_RetransSegs",
                        "SYN retransmits": "TcpExt_TCPSynRetrans",
                        "timeouts": "TcpExt_TCPTimeouts",
                        "out of order": "TcpExt_TCPOFOQueue",
                    },
                ),
                description="Segments per second that were sent again because no answer came, "
                "those that open a connection (SYN), waits in vain, and segments "
                "that came before an earlier one (node exporter 1.8). Many mean loss on the way. "
                "Source: netstat collector.",
                width=8,
            ),
            graph(
                "TCP errors and drops",
                *each(
                    network_detail.netstat,
                    {
                        "receive errors": "Tcp_InErrs",
                        "resets sent": "Tcp_OutRsts",
                        "listen overflows": "TcpExt_ListenOverflows",
                        "listen drops": "TcpExt_ListenDrops",
                        "receive queue drops": "TcpExt_TCPRcvQDrop",
                        "SYN cookies sent": "TcpExt_SyncookiesSent",
                        "SYN cookies received": "TcpExt_SyncookiesRecv",
                        "SYN cookies failed": "TcpExt_SyncookiesFailed",
                    },
                ),
                description="Per second. Listen overflows mean that a server accepts too slowly; "
                "if the queue of half-open connections is full, the kernel sends SYN cookies; "
                "resets answer where nobody listens; a receive queue drops what its program does "
                "not read (node exporter 1.9). "
                "Source: netstat collector.",
                width=8,
            ),
            graph(
                "UDP and ICMP errors",
                *each(
                    network_detail.netstat,
                    {
                        "UDP receive errors": "Udp_InErrors",
                        "UDP no port": "Udp_NoPorts",
                        "UDP receive buffer errors": "Udp_RcvbufErrors",
                        "UDP send buffer errors": "Udp_SndbufErrors",
                        "UDP-Lite receive errors": "UdpLite_InErrors",
                        "ICMP receive errors": "Icmp_InErrors",
                    },
                ),
                description="Per second. Receive buffer errors mean that a program, often a DNS or "
                "log server, reads too slowly; no port, that nobody listens. Source: netstat "
                "collector.",
                width=8,
            ),
            graph("TCP connections by state", network_detail.tcp_states, width=12),
            graph(
                "UDP and TCP queues",
                target(network_detail.udp_queues, legend="UDP {{queue}} {{ip}}"),
                target(network_detail.tcp_queues, legend="TCP {{state}}"),
                description="Bytes that wait in sockets. Much in rx means that programs "
                "read too slowly, much in tx that the network or the other side is slow. "
                "Source: udp_queues collector, and tcpstat, which needs --collector.tcpstat.",
                width=12,
            ),
        ],
        collapsed=True,
    ),
]
