"""Dashboards built in processes of their own, ahead of whoever adds them, where there are enough to
pay for it.

The processes are forked when the definitions are loaded, so that nothing has to be sent to them.
Each builds every n-th dashboard and sends what came of it. What has a mistake, or cannot be sent,
is built once more by whoever asks: mistakes depend on what was rendered before, and are told in one
order.
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
from gk.project import Definition, Project

__all__ = ["workers"]

_FEWEST = 50
"""Dashboards of a worker: with fewer, starting it takes as long as it saves."""
_MOST = 8
"""Workers: what they send is read by one process."""
_PIPE = 1 << 20
"""Bytes that a worker may be ahead: Linux gives everybody that much."""
_ENDS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_LENGTH = 8


class _Worker(NamedTuple):
    process: int
    answers: BinaryIO


@contextmanager
def workers(project: Project) -> Iterator[Ahead | None]:
    """Processes that build the project's dashboards: a function that returns what came of the next
    one, or None, and None where no process pays."""
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
    """Whether no thread would be missing in a forked process, with locks that it holds.

    Definitions, and the libraries that they import, may have started some.
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
            # What is in it would be written by the worker as well.
            stream.flush()
    read, write = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        process = os.fork()
        if not process:
            _work(
                project, number, count, write, [read, *(each.answers.fileno() for each in started)]
            )
        os.close(write)
        started.append(_Worker(process, os.fdopen(read, "rb", _PIPE)))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker


def _work(project: Project, number: int, count: int, write: int, ends: Sequence[int]) -> NoReturn:
    """Build and send every `count`-th dashboard, and end."""
    try:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        for descriptor in ends:
            # Who holds the end of a pipe that is read keeps its worker from noticing the end.
            os.close(descriptor)
        with suppress(OSError):
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, _PIPE)
        own, _others = _shares(project, number, count)
        context = Compilation(project)
        with open(write, "wb", 0) as answers:
            while own:
                answers.write(_sent(context, own.popleft()))
    finally:
        # Neither what definitions registered for the end nor what called this is for a worker.
        os._exit(0)


def _shares(
    project: Project, number: int, count: int
) -> tuple[deque[Definition], list[Definition]]:
    """The worker's own dashboards, which nothing else holds, and the others.

    To let go of these would write to memory that is shared until then.
    """
    dashboards = list(enumerate(project.take_dashboards()))
    return (
        deque(each for index, each in dashboards if index % count == number),
        [each for index, each in dashboards if index % count != number],
    )


def _sent(context: Compilation, definition: Definition) -> bytes:
    """What came of a definition, after its length; nothing for what has to be built once more."""
    mistakes = len(context.problems)
    answer = b""
    try:
        built = build(context, definition)
        if built and not built.not_json and len(context.problems) == mistakes:
            answer = pickle.dumps(built, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        # Whatever it is, it comes again where it is told.
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
        # It was cut off, or names what is not here.
        return None
    return built
