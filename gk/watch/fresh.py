"""Runs functions in new processes that need not import gk again.

Definitions are Python modules: only a new process is sure to load them afresh, and to forget what
they left behind. What runs no definition may have a process that lives on. To start Python and
import gk takes longer than many a build, so the processes are forked from one that did both, has no
threads and runs no definition.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, redirect_stderr, suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from gk.errors import GkError
from gk.watch.attempt import Attempt

if TYPE_CHECKING:
    from gk.watch.saves import Saves

__all__ = ["Fresh", "Lasting", "Make", "Task", "Tell"]

Tell: TypeAlias = Callable[[object], None]
"""Sends what is there before the rest is done."""
Task: TypeAlias = Callable[[Path, Tell], Attempt]
Make: TypeAlias = "Callable[[], AbstractContextManager[Callable[[Any], Attempt]]]"
"""Makes a function, and frees what that keeps at the end."""

_PATIENCE = 5.0
"""Seconds after which a newer save ends a build, which may never end by itself."""
_INTERRUPTED = 130
_GRACE = 30.0
"""Seconds that an interrupted process may take to finish its writes."""


class Fresh:
    """Runs tasks with the root of a project, one at a time. `imports` are the modules that the
    processes have from the start."""

    def __init__(self, root: Path, imports: Sequence[str]) -> None:
        self._root = root
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(list(imports))
        self._running: BaseProcess | None = None

    def __enter__(self) -> Fresh:
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End what still runs, as Ctrl-C does: it finishes what must not be half done."""
        if self._running is not None:
            _end(self._running, signal.SIGINT)

    def run(
        self,
        task: Task,
        saves: Saves | None = None,
        late: Callable[[Attempt], None] | None = None,
        early: Tell | None = None,
    ) -> Attempt:
        """Run the task in a new process. `early` gets what it tells. With `saves`, a newer one ends
        it after a while, and `late` gets what there is to say then."""
        receiver, sender = self._processes.Pipe(duplex=False)
        process = self._processes.Process(
            target=_run, args=(sender, task, self._root, early is not None)
        )
        process.start()
        sender.close()
        self._running = process
        with receiver:
            attempt = _answered(process, receiver, saves, late, early)
        process.join()
        self._running = None
        return attempt

    def lasting(self, make: Make) -> Lasting:
        """A process that lives on, made in the same way."""
        return Lasting(self._processes, make)


class Lasting:
    """Runs a function, which `make` makes there, in one process that lives on: for what runs no
    definition, and may keep what it has read. If the process ends, the next run starts another."""

    def __init__(self, processes: ForkServerContext, make: Make) -> None:
        self._processes = processes
        self._make = make
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Lasting:
        # It gets ready while something else runs.
        self._started()
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process is not None and self._connection is not None:
            self._connection.close()
            _end(self._process, signal.SIGTERM)

    def ask(self, given: object) -> None:
        """Run the function with what is `given`, while something else goes on here."""
        _, connection = self._started()
        # It may have ended since.
        with suppress(OSError):
            connection.send(given)

    def answer(
        self, saves: Saves | None = None, late: Callable[[Attempt], None] | None = None
    ) -> Attempt:
        """What the function returns of what was asked last. `saves` and `late` are those of
        `Fresh.run`."""
        assert self._process is not None
        assert self._connection is not None
        return _answered(self._process, self._connection, saves, late)

    def _started(self) -> tuple[BaseProcess, Connection]:
        if self._process is not None and self._connection is not None and self._process.is_alive():
            return self._process, self._connection
        self._connection, other = self._processes.Pipe()
        self._process = self._processes.Process(target=_serve, args=(other, self._make))
        self._process.start()
        other.close()
        return self._process, self._connection


def _answered(
    process: BaseProcess,
    receiver: Connection,
    saves: Saves | None,
    late: Callable[[Attempt], None] | None,
    early: Tell | None = None,
) -> Attempt:
    """The attempt that the process sends; `early` gets what it sends before. With `saves`, a newer
    one ends it after a while, and `late` gets what there is to say then."""
    while True:
        if saves and not receiver.poll(_PATIENCE):
            if late:
                late(Attempt(False, "still runs; if it never ends, the next save stops it"))
            ready = wait([receiver, saves.fileno()])
            if receiver not in ready:
                _end(process, signal.SIGTERM)
                return Attempt(False, "gave up: it did not end, and there is a newer save")
        try:
            received = receiver.recv()
        except (EOFError, ConnectionError):
            process.join()
            return _ended(process)
        if isinstance(received, Attempt):
            return received
        if early:
            early(received)


def _ended(process: BaseProcess) -> Attempt:
    code = process.exitcode
    return Attempt(
        False, f"the process ended with exit code {code}: does a definition end it (os._exit)?"
    )


def _end(process: BaseProcess, number: int) -> None:
    """End a process with a signal; after a while, whatever it does."""
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        process.join(_GRACE)
        if process.is_alive():
            process.kill()
            process.join()


# In the new process


def _run(sender: Connection, task: Task, root: Path, is_heard: bool) -> None:
    """Send what the task returns, and what it tells if that `is_heard`."""
    _alone(signal.SIGINT)
    tell = sender.send if is_heard else _ignore
    try:
        attempt = _attempted(partial(task, root, tell))
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    with suppress(BrokenPipeError):
        sender.send(attempt)
    # Python would wait for threads that definitions left behind.
    os._exit(0)


def _ignore(_: object) -> None:
    """Nobody hears what the task tells."""


def _serve(connection: Connection, make: Make) -> None:
    """Send what the function returns of all that comes, until nothing can come any more."""
    _alone(signal.SIGTERM)
    with suppress(EOFError, OSError, KeyboardInterrupt), make() as function:
        try:
            while True:
                connection.send(_attempted(partial(function, connection.recv())))
        finally:
            # It ends anyway, and nothing may interrupt what frees the rest.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Python would wait for threads that ask a server.
    os._exit(0)


def _alone(interrupting: signal.Signals) -> None:
    """Let one signal interrupt this process. Ctrl-C on a terminal reaches all processes of a group,
    and gk passes it on, once."""
    os.setpgid(0, 0)
    signal.signal(interrupting, signal.default_int_handler)


def _attempted(function: Callable[[], Attempt]) -> Attempt:
    """What the function returns, or why it does not. Raises KeyboardInterrupt."""
    printed = io.StringIO()
    try:
        with redirect_stderr(printed):
            attempt = function()
    except KeyboardInterrupt:
        raise
    except GkError as error:
        attempt = Attempt.of_mistakes(error)
    except BaseException:
        lines = traceback.format_exc().splitlines()
        attempt = Attempt(
            False, "this is a bug in gk: please report it with the lines below", problems=lines
        )
    return replace(attempt, printed=printed.getvalue().strip())
