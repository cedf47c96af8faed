"""Builds dashboards ahead of time in worker processes, if there are enough of them to pay for it.

The processes are forked after the definitions are loaded, so nothing has to be sent to them. Each
one builds every n-th dashboard and sends the result. The main process builds a dashboard again if
it has a mistake or cannot be sent: mistakes depend on what was rendered before, and are reported in
one order.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from gk.compile.context import Compilation
from gk.compile.dashboards import Ahead, Built, build
from gk.define.reading import reading
from gk.project import Definition, Project

__all__ = ["workers"]

_FEWEST = 50
"""Dashboards for each worker: with fewer, starting it takes as long as it saves."""
_MOST = 8
"""Workers: one process reads everything that they send."""
_PIPE = 1 << 20
"""Bytes that a worker may be ahead: Linux allows every user that much (fs.pipe-max-size)."""
_ENDS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_LENGTH = 8


class _Worker(NamedTuple):
    process: int
    answers: BinaryIO


@contextmanager
def workers(project: Project) -> Iterator[Ahead | None]:
    """Start processes that build the project's dashboards, and stop them at the end.

    Yields a function that returns the next dashboard, or None if it has to be built again; yields
    None if workers do not pay.
    """
    count = _count(project)
    started: list[_Worker] = []
    try:
        with suppress(OSError):
            # There may be no room for another process.
            for number in range(count):
                _start(project, number, count, started)
        turns = itertools.cycle(worker.answers for worker in started)
        yield (lambda: _answer(next(turns))) if count and len(started) == count else None
    finally:
        for worker in started:
            worker.answers.close()
            os.kill(worker.process, signal.SIGKILL)
            os.waitpid(worker.process, 0)


def _count(project: Project) -> int:
    if sys.platform != "linux" or not _is_alone():
        return 0
    dashboards = sum(1 for _ in project.dashboards)
    count = min(len(os.sched_getaffinity(0)), dashboards // _FEWEST, _MOST)
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


def _start(project: Project, number: int, count: int, started: list[_Worker]) -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # The worker would write what is still in the buffer a second time.
            stream.flush()
    read, write = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        process = os.fork()
        if not process:
            _work(
                project,
                number,
                count,
                write,
                [read, *(worker.answers.fileno() for worker in started)],
            )
        os.close(write)
        started.append(_Worker(process, os.fdopen(read, "rb", _PIPE)))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker


def _work(project: Project, number: int, count: int, write: int, ends: Sequence[int]) -> NoReturn:
    """Build and send every `count`-th dashboard, then exit."""
    try:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        for descriptor in ends:
            # While this process holds the reading end of a pipe, its worker never gets EPIPE.
            os.close(descriptor)
        with suppress(OSError):
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, _PIPE)
        own, _others = _shares(project, number, count)
        context = Compilation(project)
        with open(write, "wb", 0) as answers, reading(project.read):
            while own:
                answers.write(_sent(context, own.popleft()))
    finally:
        # Skips the atexit functions of definitions, and the code that called this.
        os._exit(0)


def _shares(
    project: Project, number: int, count: int
) -> tuple[deque[Definition], list[Definition]]:
    """Return the worker's own dashboards, to which nothing else refers, and the others.

    The others are kept: to free them would write to memory that is shared until then.
    """
    dashboards = list(enumerate(project.take_dashboards()))
    return (
        deque(definition for index, definition in dashboards if index % count == number),
        [definition for index, definition in dashboards if index % count != number],
    )


def _sent(context: Compilation, definition: Definition) -> bytes:
    """Return a built dashboard after its length; a length of 0 means that it has to be built
    again."""
    mistakes = context.mistakes
    answer = b""
    try:
        built = build(context, definition)
        if built and not built.not_json and context.mistakes == mistakes:
            answer = pickle.dumps(built, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        # The main process builds it again, and reports the error.
        answer = b""
    return len(answer).to_bytes(_LENGTH, "little") + answer


# Where they are asked


def _answer(answers: BinaryIO) -> Built | None:
    length = int.from_bytes(answers.read(_LENGTH), "little")
    if not length:
        return None
    try:
        built: Built = pickle.loads(answers.read(length))
    except KeyboardInterrupt:
        raise
    except Exception:
        # The answer was cut off, or names a class that this process has not imported.
        return None
    return built
