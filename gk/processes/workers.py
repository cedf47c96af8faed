"""Processes that do a share of the work, where there is enough of it to pay for them.

A worker is forked, so it has everything already; it writes answers and ends. It is killed when
nobody wants its answers any more.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

__all__ = ["count_for", "workers"]

Work = Callable[[int, BinaryIO], None]
"""What a worker does: its number, and where it writes its answers."""

_FEWEST = 200
"""Panels for each worker: with fewer, starting it takes as long as it saves. They may be of a few
dashboards or of many."""
_MOST = 8
"""Workers: one process reads everything that they send."""
_PIPE = 1 << 20
"""Bytes that a worker may be ahead: Linux allows every user that much (fs.pipe-max-size)."""
_ENDS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class _Worker(NamedTuple):
    process: int
    answers: BinaryIO


def count_for(panels: int) -> int:
    """How many workers pay for so many panels; 0 if the work is better done here."""
    if sys.platform != "linux" or not _is_alone():
        return 0
    count = min(len(os.sched_getaffinity(0)), panels // _FEWEST, _MOST)
    return count if count > 1 else 0


def _is_alone() -> bool:
    """Whether this is the only thread.

    A forked process lacks the other threads, but keeps the locks that they hold. Definitions, and
    the libraries that they import, may have started some.
    """
    if threading.current_thread() is not threading.main_thread():
        return False
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


@contextmanager
def workers(count: int, work: Work) -> Iterator[Sequence[BinaryIO]]:
    """Start `count` processes that do `work`, and kill them at the end.

    Yields what each of them writes; nothing if the system has no room for so many processes.
    """
    started: list[_Worker] = []
    try:
        with suppress(OSError):
            for number in range(count):
                _start(work, number, started)
        yield [worker.answers for worker in started] if len(started) == count else []
    finally:
        for worker in started:
            worker.answers.close()
            os.kill(worker.process, signal.SIGKILL)
            os.waitpid(worker.process, 0)


def _start(work: Work, number: int, started: list[_Worker]) -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # The worker would write what is still in the buffer a second time.
            stream.flush()
    read, write = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        process = os.fork()
        if not process:
            _work(work, number, write, [read, *(worker.answers.fileno() for worker in started)])
        os.close(write)
        started.append(_Worker(process, os.fdopen(read, "rb", _PIPE)))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(work: Work, number: int, write: int, ends: Sequence[int]) -> NoReturn:
    """Do the work of a worker in its process, then exit."""
    try:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        for descriptor in ends:
            # While this process holds the reading end of a pipe, its worker never gets EPIPE.
            os.close(descriptor)
        with suppress(OSError):
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, _PIPE)
        with open(write, "wb", 0) as answers:
            work(number, answers)
    finally:
        # Skips the atexit functions of definitions, and the code that called this.
        os._exit(0)
