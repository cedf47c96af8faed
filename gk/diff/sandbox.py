"""What a process that runs somebody's definitions may do: on Linux, write below one folder, and read there
and what Python needs.

Loaded by path in the child before anything else, so it needs nothing but the standard library. Where the kernel has no
Landlock (before 5.13, macOS) it does what is left: no core dumps and, on Linux, no new privileges.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["abi", "confine", "prctl"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38
_PATH_BENEATH = 1
_CAPABILITY_VERSION_3 = 0x20080522

# include/uapi/linux/landlock.h: what reads, and what writes, by the ABI that knows it. Executing is not handled.
_READS = 1 << 2 | 1 << 3
_WRITES = {1: 1 << 1 | sum(1 << bit for bit in range(4, 13)), 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_ON_FILES = 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/opt", "/nix", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom")
_LARGEST_FILE = 4 * 1024**3
"""Bytes; the documents of 10,000 dashboards are a tenth of them."""
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock's interface, 0 where there is none."""
    return max(0, _syscall(_CREATE_RULESET, None, 0, 1)) if sys.platform == "linux" else 0


def prctl(option: int, value: int) -> int:
    """Linux's prctl with one argument; -1 where it fails or does not exist."""
    if sys.platform != "linux":
        return -1
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def confine(folder: Path, readable: Iterable[str]) -> None:
    """Let this process and all that it starts write only below `folder`, for good, and read only there, below
    `readable`, and where Python's own files and the system's libraries are.

    Raises OSError where the kernel refuses what it has.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    prctl(_PDEATHSIG, signal.SIGKILL)
    prctl(_NO_NEW_PRIVS, 1)
    _drop_capabilities()
    version = abi()
    if not version:
        return
    writes = sum(bits for since, bits in _WRITES.items() if version >= since)
    rules = _Ruleset(_READS | writes, _BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _checked(_syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0))
    _allow(ruleset, folder, _READS | writes)
    _allow(ruleset, Path(os.devnull), _READS | writes)
    for path in {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *readable}:
        _allow(ruleset, Path(path), _READS)
    _checked(_syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _drop_capabilities() -> None:
    # Root (CAP_PERFMON, CAP_SYS_ADMIN) may read /proc/PID/environ of any process whatever Landlock says (seen on 6.18).
    # Without new privileges, no program that is started gets them back.
    if sys.platform == "linux":
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        _checked(ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)()))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        # What is not there need not be allowed.
        return
    rule = _PathBeneath(access if path.is_dir() else access & _ON_FILES, parent)
    _checked(_syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    os.close(parent)


def _syscall(number: int, *arguments: object) -> int:
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    return int(function(ctypes.c_long(number), *given))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result
