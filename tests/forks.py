"""gk in processes that are forked from one which has imported all of it: to start Python and gk is
most of what a run takes.

A run has its own arguments, environment, folder, streams and end, as if it had been started. Not
so what Python does at its start: its options and variables (`PYTHON...`, the locale), streams that
are closed, modules that are not imported yet, and the arguments that the system shows of it. Tests
of these start gk (tests.conftest's `start_gk`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["QUICK_HASHES", "Forks"]

QUICK_HASHES = 'import gk.push.ledger; gk.push.ledger._COST["n"] = 2'
"""Secrets are hashed so that nobody can try many, which is most of what a push takes. All that
read the same ledger have to hash alike."""
_MOST = 1 << 20
"""Bytes of a task: arguments and environment."""
_PROGRAM = f"""
import importlib, json, os, pkgutil, socket, sys, time
import gk, rich.console

for module in pkgutil.walk_packages(gk.__path__, "gk."):
    # What definitions import is theirs.
    if not module.name.startswith("gk.library"):
        importlib.import_module(module.name)
{QUICK_HASHES}
tasks = socket.socket(fileno=int(sys.argv[1]))
while True:
    text, streams, _, _ = socket.recv_fds(tasks, {_MOST}, 3)
    if not text:
        break
    child = os.fork()
    if child == 0:
        tasks.close()
        task = json.loads(text)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(task["cwd"])
        os.environ.clear()
        os.environ.update(task["environ"])
        time.tzset()
        sys.argv[1:] = task["arguments"]
        gk.cli.main()
    for stream in streams:
        os.close(stream)
    tasks.send(str(child).encode())
    tasks.send(str(os.waitpid(child, 0)[1]).encode())
"""


class Forks:
    """A process that has imported gk, and runs it in children, one at a time."""

    def __init__(self) -> None:
        self._child = 0
        self._tasks, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._tasks.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-c", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        arguments: Sequence[str],
        cwd: Path,
        environ: Mapping[str, str],
        streams: Sequence[int],
        timeout: float = 120,
    ) -> int:
        """Start gk, with open files as standard input, output and error; its process id."""
        self._tasks.settimeout(timeout)
        task = {"arguments": arguments, "cwd": str(cwd), "environ": {**environ}}
        socket.send_fds(self._tasks, [json.dumps(task).encode()], streams)
        self._child = self._number()
        return self._child

    def wait(self) -> int:
        """The exit code of what was started last; negative for the signal that ended it."""
        try:
            return os.waitstatus_to_exitcode(self._number())
        except TimeoutError:
            os.kill(self._child, signal.SIGKILL)
            self._number()
            raise

    def _number(self) -> int:
        word = self._tasks.recv(100)
        assert word, "the process that gk is forked from has ended"
        return int(word)

    def close(self) -> None:
        """End it."""
        self._tasks.close()
        self._process.wait(30)
