"""The sandbox of a process that runs a stranger's definitions. The process may write below one
folder, read there and what Python needs, and reach no other process and no network. Three walls of
Linux enforce that:

    namespaces   no network of the machine, where the system lets users make namespaces
    Landlock     files, TCP (6.7 and later), signals (6.12 and later); from Linux 5.13 on
    seccomp      system calls: sockets, namespaces, io_uring, keys, shared memory,
                 modes and owners of files

docs/security.md lists what each wall guards; tests/diff/test_walls.py tests that list. The child
loads this file by path before anything else, so it needs only the standard library.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["LARGEST_FILE", "Walls", "abi", "confine", "prctl"]

LARGEST_FILE = 256 * 1024**2
"""The most bytes of a file that the process writes, including its result."""


class Walls(NamedTuple):
    """The walls around a process: the version of Landlock's interface (0 without Landlock), whether
    seccomp filters its system calls, and whether it has its own network namespace."""

    landlock: int = 0
    seccomp: bool = False
    network: bool = False

    @property
    def stand(self) -> bool:
        """Whether the sandbox is complete: the process can neither write nor connect to anything
        outside."""
        return self.landlock > 0 and self.seccomp

    @property
    def missing(self) -> str:
        """The wall that is missing, and which systems have it; empty if the sandbox is complete."""
        if not self.landlock:
            return "this system has no Landlock (Linux 5.13 and later have it)"
        return (
            ""
            if self.seccomp
            else f"this system has no seccomp filter that gk knows ({platform.machine()})"
        )

    @property
    def sentence(self) -> str:
        """The sentence about the walls in reports."""
        if self.stand:
            return f"The definitions were loaded in a sandbox: {self}."
        return (
            f"The definitions were loaded without a complete sandbox ({self}): "
            "they could do everything the user running gk can."
        )

    def __str__(self) -> str:
        names = [
            *([f"Landlock {self.landlock}"] if self.landlock else []),
            *(["seccomp"] if self.seccomp else []),
            *(["network namespace"] if self.network else []),
        ]
        return ", ".join(names) or "none"


def confine(folder: Path, readable: Iterable[str]) -> Walls:
    """Permanently confine this process and all processes that it starts: they may write only below
    `folder`, and read only there, below `readable`, and in the folders of Python and the system's
    libraries.

    Returns the walls in place: a system may lack some. Raises OSError if the kernel refuses a wall
    that it has.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    if sys.platform != "linux":
        return Walls()
    network = _leave_the_network()
    prctl(_PDEATHSIG, signal.SIGKILL)
    prctl(_NO_NEW_PRIVS, 1)
    _drop_capabilities()
    version = abi()
    if version:
        _restrict_files(version, folder, readable)
    return Walls(version, _filter_calls(version), network)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


_PDEATHSIG, _NO_NEW_PRIVS, _SET_SECCOMP = 1, 38, 22


def prctl(option: int, value: int) -> int:
    """Linux's prctl with one argument; -1 if it fails or does not exist."""
    if sys.platform != "linux":
        return -1
    return int(_libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0))


# Namespaces

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000


def _leave_the_network() -> bool:
    """Move to an empty network. Ordinary users can do so if the system allows user namespaces."""
    user, group = os.getuid(), os.getgid()
    libc = _libc()
    if libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC) == 0:
        # Keep the user's identity: without these lines, files would belong to "nobody".
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with suppress(OSError):
                Path("/proc/self", name).write_text(line, encoding="ascii")
        return True
    # Root in a container may lack user namespaces, but can still create a network.
    return bool(libc.unshare(_NEW_NETWORK | _NEW_IPC) == 0)


# Capabilities

_CAPABILITY_VERSION_3 = 0x20080522


def _drop_capabilities() -> None:
    # Root (CAP_PERFMON, CAP_SYS_ADMIN) can read /proc/PID/environ of any process in spite of
    # Landlock (seen on 6.18). With no_new_privs, no program that starts regains capabilities.
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)()))


# Landlock, include/uapi/linux/landlock.h

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
# The rights to read, and to write by the ABI version that introduced them. Executing stays allowed.
_READS = 1 << 2 | 1 << 3
_WRITES = {1: 1 << 1 | sum(1 << bit for bit in range(4, 13)), 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_ON_FILES = 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_WITH_SIGNALS = 6
# Not all of /usr, /opt and /etc: people keep keys and settings of programs there.
_SYSTEM = (
    *(
        "/lib",
        "/lib32",
        "/lib64",
        "/bin",
        "/usr/lib",
        "/usr/lib32",
        "/usr/lib64",
        "/usr/libexec",
        "/usr/bin",
    ),
    *(
        "/usr/share",
        "/usr/local/lib",
        "/nix/store",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/dev/urandom",
    ),
)


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock's interface; 0 without Landlock."""
    return max(0, _syscall(_CREATE_RULESET, None, 0, 1)) if sys.platform == "linux" else 0


def _restrict_files(version: int, folder: Path, readable: Iterable[str]) -> None:
    writes = sum(bits for since, bits in _WRITES.items() if version >= since)
    rules = _Ruleset(_READS | writes, _BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS)
    size = 8 if version < 4 else 16 if version < _WITH_SIGNALS else 24
    ruleset = _checked(_syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0))
    _allow(ruleset, folder, _READS | writes)
    _allow(ruleset, Path(os.devnull), _READS | writes)
    for path in {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *readable}:
        _allow(ruleset, Path(path), _READS)
    _checked(_syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        # A missing path needs no rule.
        return
    rule = _PathBeneath(access if path.is_dir() else access & _ON_FILES, parent)
    _checked(_syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    os.close(parent)


# seccomp, include/uapi/linux/seccomp.h. The filter is a flat list of refusals, so it is written out
# here: libseccomp's bindings are on no index, and not every system has its C library.

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "riscv64": (0xC00000F3, 1)}
"""The audit architecture of each machine, and the column of its numbers below."""

_Calls = dict[str, tuple[int, "int | None"]]
# The call's number on x86_64 and in asm-generic/unistd.h; None if the call does not exist there.
_REFUSED: _Calls = {
    # Sockets of every family: with one, the process could reach any local service.
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    # io_uring makes sockets and opens files past this filter.
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # Namespaces, mounts, and other interfaces of the system.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "syslog": (103, 116),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # Keys, shared memory and queues of the user's other programs.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Modes, owners, times and attributes of files, which Landlock does not know.
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
}
# Their first argument is a process; 0 is the caller itself, which is allowed.
_OF_A_PROCESS: _Calls = {
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
# From Linux 6.12 on, Landlock limits signals. On older kernels the filter does: a process may send
# signals only to itself.
_SIGNALS: _Calls = {"kill": (62, 129), "tgkill": (234, 131)}
_OTHER_SIGNALS: _Calls = {
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
}
_SOCKETPAIR, _CLONE, _CLONE3, _FCNTL, _IOCTL = (53, 199), (56, 220), (435, 435), (72, 25), (16, 29)
_NEWEST = 466
"""The newest call that this list considers (Linux 6.13). The filter refuses newer calls."""
_UNIX_STREAM = 1, 1
_SOCKET_TYPE = 0xF
_NEW_NAMESPACES = 0x7E020000
_SET_OWNER = 8, 15, 10  # F_SETOWN, F_SETOWN_EX and F_SETSIG: a pipe that sends signals.
_PUSH_INPUT = 0x5412, 0x541C  # TIOCSTI and TIOCLINUX type into a terminal.

_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_SET, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_FILTER_MODE = 2

_Step = tuple[int, int, int, int]
"""An instruction of classic BPF: code, jump if true, jump if false, constant."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _filter_calls(landlock: int) -> bool:
    """Permanently refuse the calls above. Returns False if gk lacks the numbers of this machine, or
    the kernel lacks filters."""
    if platform.machine() not in _MACHINES or sys.maxsize < 2**32:
        return False
    steps = b"".join(struct.pack("HBBI", *step) for step in _program(platform.machine(), landlock))
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    return bool(
        _libc().prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER_MODE), ctypes.byref(program), 0, 0) == 0
    )


def _program(machine: str, landlock: int) -> Iterator[_Step]:
    """The filter: it allows every call that it does not refuse."""
    architecture, column = _MACHINES[machine]
    yield _LOAD, 0, 0, _ARCHITECTURE
    # Refuse calls by the numbers of another architecture (32-bit calls on 64 bits).
    yield _JUMP_EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _REFUSE | errno.EPERM
    yield _LOAD, 0, 0, _NUMBER
    # Newer calls, and the x32 calls of x86_64, do not exist for the process, as on an older kernel.
    yield from _if(_JUMP_ABOVE, _NEWEST, [(_RETURN, 0, 0, _REFUSE | errno.ENOSYS)])
    refused = [_REFUSED] if landlock >= _WITH_SIGNALS else [_REFUSED, _OTHER_SIGNALS]
    for numbers in (numbers for table in refused for numbers in table.values()):
        if numbers[column] is not None:
            yield from _if(_JUMP_EQUAL, numbers[column], [_no()])
    # On ENOSYS the C library falls back to clone, whose flags the filter can read.
    yield from _if(_JUMP_EQUAL, _CLONE3[column], [(_RETURN, 0, 0, _REFUSE | errno.ENOSYS)])
    yield from _if(
        _JUMP_EQUAL,
        _CLONE[column],
        [_argument(0), *_if(_JUMP_SET, _NEW_NAMESPACES, [_no()]), _yes()],
    )
    # Allow stream pairs, which connect only the process's own children. A datagram socket of a pair
    # could be connected to another process.
    family, kind = _UNIX_STREAM
    pair = [_argument(0), *_unless(family, [_no()]), _argument(1), (_AND, 0, 0, _SOCKET_TYPE)]
    yield from _if(_JUMP_EQUAL, _SOCKETPAIR[column], [*pair, *_unless(kind, [_no()]), _yes()])
    for numbers in _OF_A_PROCESS.values():
        yield from _if(_JUMP_EQUAL, numbers[column], [_argument(0), *_unless(0, [_no()]), _yes()])
    typed = [step for code in _PUSH_INPUT for step in _if(_JUMP_EQUAL, code, [_no()])]
    yield from _if(_JUMP_EQUAL, _IOCTL[column], [_argument(1), *typed, _yes()])
    if landlock < _WITH_SIGNALS:
        for numbers in _SIGNALS.values():
            yield from _if(
                _JUMP_EQUAL, numbers[column], [_argument(0), *_unless(os.getpid(), [_no()]), _yes()]
            )
        owned = [step for code in _SET_OWNER for step in _if(_JUMP_EQUAL, code, [_no()])]
        yield from _if(_JUMP_EQUAL, _FCNTL[column], [_argument(1), *owned, _yes()])
    yield _yes()


def _if(jump: int, value: int | None, steps: list[_Step]) -> list[_Step]:
    """Run steps only if the loaded number or argument compares true with a value."""
    return [(jump, 0, len(steps), value or 0), *steps]


def _unless(value: int, steps: list[_Step]) -> list[_Step]:
    return [(_JUMP_EQUAL, len(steps), 0, value), *steps]


def _argument(index: int) -> _Step:
    """Load the lower half of an argument (little-endian). The checked arguments have 32 bits."""
    return _LOAD, 0, 0, _ARGUMENTS + 8 * index


def _yes() -> _Step:
    return _RETURN, 0, 0, _ALLOW


def _no() -> _Step:
    return _RETURN, 0, 0, _REFUSE | errno.EPERM


# The system


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: object) -> int:
    given = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    function = _libc().syscall
    function.restype = ctypes.c_long
    return int(function(ctypes.c_long(number), *given))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the sandbox: {os.strerror(number)}")
    return result
