"""gk in processes that are forked from one which has imported all of it: to start Python and gk is
most of what a run takes.

A run has its own arguments, environment, folder, streams and end, as if it had been started; so
have the sides that `gk diff` loads. Not so what Python does at its start: its options and variables
(`PYTHON...`, the locale), streams that are closed, modules that are not imported yet, and the
arguments that the system shows of it. Tests of these start gk (tests.conftest's `start_gk`).
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

__all__ = ["LARGEST_TASK", "QUICK_HASHES", "Forks", "shared_forks"]

T = TypeVar("T")

QUICK_HASHES = 'import gk.push.ledger; gk.push.ledger._COST["n"] = 2'
"""Secrets are hashed so that nobody can try many, which is most of what a push takes. All that
read the same ledger have to hash alike."""
LARGEST_TASK = 1 << 20
"""Bytes of arguments and environment."""


_ANSWER = """
import os, pickle
function, arguments = pickle.load(sys.stdin.buffer)
try:
    answer = function(*arguments), None
except Exception as error:
    answer = None, error
pickle.dump(answer, sys.stdout.buffer)
sys.stdout.flush()
os._exit(0)
"""


class Forks:
    """A process that has imported gk, and runs it in children, one at a time."""

    def __init__(self) -> None:
        self._child = 0
        self._tasks, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._tasks.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_TASK)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "tests.forked", str(theirs.fileno())],
                cwd=Path(__file__).parent.parent,
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
        *,
        before: str = "",
    ) -> int:
        """Start gk, with open files as standard input, output and error; its process id. `before`
        is Python that its process runs first."""
        self._tasks.settimeout(timeout)
        task = {"arguments": arguments, "cwd": str(cwd), "environ": {**environ}, "before": before}
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

    def call(self, function: Callable[..., T], *arguments: object) -> T:
        """What a function of gk returns, or raises, in a process of its own."""
        assert sys.__stderr__ is not None
        with tempfile.TemporaryFile() as call, tempfile.TemporaryFile() as answer:
            pickle.dump((function, arguments), call)
            call.seek(0)
            streams = [call.fileno(), answer.fileno(), sys.__stderr__.fileno()]
            self.start([], Path.cwd(), os.environ, streams, before=_ANSWER)
            code = self.wait()
            assert code == 0, f"{function.__name__} ended its process with {code}"
            answer.seek(0)
            returned, error = pickle.load(answer)
        if error is not None:
            raise error
        return returned  # type: ignore[no-any-return]

    def _number(self) -> int:
        word = self._tasks.recv(100)
        assert word, "the process that gk is forked from has ended"
        return int(word)

    def close(self) -> None:
        """End it."""
        self._tasks.close()
        self._process.wait(30)


@cache
def shared_forks() -> Forks:
    """The one of all tests of this process."""
    return Forks()
