"""What definitions might try against the machine that compares them, one line of Python each.

Each aims at what `outside` makes: files, sockets, a process, memory. An attempt is guarded if it
ends with an error, and open if it does not. tests/diff/test_walls.py runs each of them without
a wall, behind each wall alone, and behind all; docs/security.md has the table.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GUARDED", "OPEN", "PRELUDE", "outside", "script"]

GUARDED: Mapping[str, Mapping[str, str]] = {
    "Files": {
        "read a file of the user's": "open(file).read()",
        "read the token of the checkout": "open(checkout_config).read()",
        "list a folder of the user's": "os.listdir(folder)",
        "read /etc": (
            "open('/etc/hostname' if os.path.exists('/etc/hostname') else '/etc/passwd').read()"
        ),
        "list /opt, /home or /root": "[os.listdir(each) for each in ('/opt', '/home', '/root')]",
        "write to a file": "open(file, 'r+').write('x')",
        "truncate a file": "os.truncate(file, 0)",
        "make a file": "open(folder + '/new', 'x')",
        "make a folder": "os.mkdir(folder + '/new-folder')",
        "make a link": "os.symlink('/', folder + '/link')",
        "make a pipe": "os.mkfifo(folder + '/pipe')",
        "remove a file": "os.unlink(folder + '/removed')",
        "rename a file": "os.rename(folder + '/old', folder + '/renamed')",
        "take a file in by a hard link": "os.link(file, 'linked')",
        "change the mode of a file": "os.chmod(file, 0o640)",
        "change the mode of the other side's folder": "os.chmod(folder, 0o750)",
        "change the owner of a file": "os.chown(file, os.getuid(), os.getgid())",
        "change the times of a file": "os.utime(file, (1, 1))",
        "change an attribute of a file": "os.setxattr(file, 'user.x', b'x')",
        "write to shared memory in /dev/shm": "made(f'/dev/shm/gk-{os.getpid()}')",
        "write a setting of the kernel": "open('/proc/sys/kernel/hostname', 'r+')",
    },
    "Network": {
        "connect to a TCP port": "connected(socket.AF_INET, 0, tcp)",
        "connect by Multipath TCP": "connected(socket.AF_INET, 262, tcp)",
        "connect by TCP Fast Open": "socket.socket().sendto(b'x', socket.MSG_FASTOPEN, tcp)",
        "listen on a TCP port": "listening(tcp[0])",
        "send by UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', udp)",
        "open a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
        "connect to a Unix socket in the file system": "connected(socket.AF_UNIX, 0, unix)",
        "send to a Unix socket through a pair": "pair()[0].sendto(b'x', datagrams)",
        "reconnect one of a pair of Unix sockets": "pair()[0].connect(datagrams)",
        "connect to an abstract Unix socket": "connected(socket.AF_UNIX, 0, abstract)",
        "ask the kernel by netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
        "reach the host of a virtual machine by vsock": (
            "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)"
        ),
        "open a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)",
        "make sockets by io_uring": "call(425, 8, byref(params))",
    },
    "Processes": {
        "send a signal": "os.kill(process, 0)",
        "send a signal to a thread": "call(number(200, 130), process, 0)",
        "send a signal by a descriptor": "signal.pidfd_send_signal(pidfd(process), 0)",
        "read the environment of a process": "open(f'/proc/{process}/environ', 'rb').read()",
        "read the memory of a process": "read_memory(process)",
        "trace a process": "call(number(101, 117), 16, process, 0, 0)",
        "take an open file of a process": "call(438, pidfd(process), 0, 0)",
        "limit a process": "resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))",
        "slow a process down": "os.setpriority(os.PRIO_PROCESS, process, 19)",
        "move a process to one processor": (
            "os.sched_setaffinity(process, {min(os.sched_getaffinity(0))})"
        ),
    },
    "The system": {
        "make a user namespace": "call(number(272, 97), 0x10000000)",
        "start a process in a namespace of its own": "clone(0x10000000)",
        "use the capabilities of root": "os.setgroups([12345])",
        "open a file system to mount": "call(430, b'tmpfs', 0)",
        "change the root folder": "os.chroot('.')",
        "add a key to a keyring": "call(number(248, 217), b'user', b'gk-probe', b'x', 1, -2)",
        "read a key of the user's keyring": "call(number(250, 219), 0, -4, 0)",
        "attach System V shared memory": "call(number(30, 196), segment, None, 0o10000)",
        "make a System V semaphore": (
            "call(number(66, 191), call(number(64, 190), 0, 1, 0o1600), 0, 0)"
        ),
        "make a System V message queue": (
            "call(number(71, 187), call(number(68, 186), 0, 0o1600), 0, 0)"
        ),
        "make a POSIX message queue": "queue()",
        "make a map of BPF": (
            "call(number(321, 280), 0, struct.pack('4I8Q', 2, 4, 4, 1, *[0] * 8), 48)"
        ),
        "measure a process by perf events": (
            "call(number(298, 241), perf_event(), process, -1, -1, 0)"
        ),
        "handle page faults of the kernel": "call(number(323, 282), 1)",
    },
}
"""What must not work, by what it is about."""

OPEN = {
    "see whether a path exists, its size, times and owner": "os.stat(file).st_size",
    "run the programs of the system": "subprocess.run(['true'], check=True)",
    "read the libraries of the system and of Python": "open(os.__file__).read()",
    "use memory": "bytearray(64 * 1024**2)",
    "fill the disk of the temporary folder, 256 MiB a file": "filled(8 * 1024**2)",
    "start processes and threads": "[subprocess.run(['true'], check=True) for _ in range(3)]",
    "use every processor until the time limit": "sum(range(1000))",
    "see the time, the name and the load of the machine": (
        "(time.time(), os.uname(), os.getloadavg())"
    ),
}
"""What still works: what the page lists as not guarded."""

PRELUDE = '''
import ctypes, os, platform, resource, signal, socket, struct, subprocess, time
from ctypes import byref

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
params = ctypes.create_string_buffer(256)


def number(x86_64, generic):
    return x86_64 if platform.machine() == "x86_64" else generic


def call(number, *arguments):
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = libc.syscall(ctypes.c_long(number), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def clone(flags):
    child = call(number(56, 220), flags | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def connected(family, protocol, address):
    with socket.socket(family, socket.SOCK_STREAM, protocol) as opened:
        opened.settimeout(2)
        opened.connect(address)


def listening(host):
    with socket.socket() as opened:
        opened.bind((host, 0))
        opened.listen()


def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


def pidfd(process):
    return os.pidfd_open(process)


def read_memory(process):
    own = ctypes.create_string_buffer(8)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(own), 8)
    remote = (ctypes.c_size_t * 2)(memory, 8)
    call(number(310, 270), process, local, 1, remote, 1, 0)


def made(path):
    open(path, "x").close()
    os.unlink(path)


def queue():
    call(number(240, 180), b"gk-probe", os.O_CREAT | os.O_RDWR, 0o600, None)
    call(number(241, 181), b"gk-probe")


def perf_event():
    software, size, task_clock, without_kernel = 1, 64, 1, 1 << 5
    attributes = struct.pack("IIQQQQQ", software, size, task_clock, 0, 0, 0, without_kernel)
    return attributes.ljust(64, b"\\0")


def filled(size):
    with open("filled", "wb") as file:
        file.write(bytes(size))


def tried(expression):
    """What an expression raises, in a process of its own; nothing if it works."""
    readable, writable = os.pipe()
    if os.fork() == 0:
        try:
            eval(expression)
        except Exception as error:
            os.write(writable, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writable)
    os.wait()
    with os.fdopen(readable) as said:
        return said.read()
'''
"""What the attempts use. It needs nothing but Python."""


@dataclass(frozen=True)
class _Victim:
    process: int
    memory: int


@contextmanager
def outside(folder: Path) -> Iterator[dict[str, object]]:
    """What attempts aim at, by the names they call it; made below an empty folder and on this
    machine."""
    (folder / "private").mkdir()
    for name in ("file", "removed", "old"):
        (folder / "private" / name).write_text("mine", encoding="utf-8")
    (folder / "config").write_text("mine", encoding="utf-8")
    with ExitStack() as stack:
        # The paths of Unix sockets are short.
        short = Path(tempfile.mkdtemp(prefix="gk-"))
        stack.callback(shutil.rmtree, short)
        servers = {
            "tcp": _listener(stack, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _listener(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "unix": _listener(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(short / "stream")),
            "datagrams": _listener(
                stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(short / "datagrams")
            ),
            "abstract": _listener(
                stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0gk-probe-{os.getpid()}"
            ),
        }
        victim = stack.enter_context(_victim())
        yield {
            **servers,
            "file": str(folder / "private" / "file"),
            "folder": str(folder / "private"),
            "checkout_config": str(folder / "config"),
            "process": victim.process,
            "memory": victim.memory,
            "segment": _segment(stack),
        }


def script(names: Mapping[str, object], attempts: Mapping[str, str]) -> str:
    """A program that has the results of attempts, by their names, in `results`."""
    lines = [PRELUDE, *(f"{name} = {value!r}" for name, value in names.items())]
    return "\n".join(
        [*lines, f"results = {{name: tried(each) for name, each in {dict(attempts)!r}.items()}}\n"]
    )


def _listener(stack: ExitStack, family: int, kind: int, address: tuple[str, int] | str) -> object:
    server = stack.enter_context(socket.socket(family, kind))
    server.bind(address)
    if kind == socket.SOCK_STREAM:
        server.listen(64)
    return server.getsockname() if family == socket.AF_INET else address


@contextmanager
def _victim() -> Iterator[_Victim]:
    """A process of the same user that others may look into, which is not so everywhere (Yama)."""
    lines = (
        "import ctypes, sys, time; mine = ctypes.create_string_buffer(b'private')",
        "ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)",
        "print(ctypes.addressof(mine), flush=True); time.sleep(600)",
    )
    with subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield _Victim(process.pid, int(process.stdout.readline()))
        finally:
            process.kill()


def _segment(stack: ExitStack) -> int:
    """System V shared memory of the user's."""
    libc = ctypes.CDLL(None, use_errno=True)
    segment = int(libc.shmget(0, 4096, 0o1600))
    assert segment >= 0
    stack.callback(libc.shmctl, segment, 0, None)
    return segment
