"""Runs functions in new processes that need not import gk again.

Definitions are Python modules: only a new process is sure to load them afresh, and to forget what
they left behind. To start Python and import gk takes longer than many a build, so the processes are
forked from one that did both, has no threads and runs no definition.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from gk.errors import GkError
from gk.watch.attempt import Attempt

if TYPE_CHECKING:
    from gk.watch.saves import Saves

__all__ = ["Fresh"]

_PATIENCE = 5.0
"""Seconds after which a newer save ends a build, which may never end by itself."""
_INTERRUPTED = 130
_GRACE = 30.0
"""Seconds that an interrupted process may take to finish its writes."""


class Fresh:
    """Runs functions with the root of a project, one at a time. `imports` are the modules that the
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
        function: Callable[[Path], Attempt],
        saves: Saves | None = None,
        late: Callable[[Attempt], None] | None = None,
    ) -> Attempt:
        """Run the function in a new process. With `saves`, a newer one ends it after a while, and
        `late` gets what there is to say then."""
        receiver, sender = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=_run, args=(sender, function, self._root))
        process.start()
        sender.close()
        self._running = process
        with receiver:
            if saves and not receiver.poll(_PATIENCE):
                if late:
                    late(Attempt(False, "still runs; if it never ends, the next save stops it"))
                ready = wait([receiver, saves.fileno()])
                if receiver not in ready:
                    _end(process, signal.SIGTERM)
                    self._running = None
                    return Attempt(False, "gave up: it did not end, and there is a newer save")
            attempt = _received(receiver)
        process.join()
        self._running = None
        return attempt or _ended(process)


def _received(receiver: Connection) -> Attempt | None:
    """What the process sent; None if it ended without."""
    with suppress(EOFError):
        received = receiver.recv()
        if isinstance(received, Attempt):
            return received
    return None


def _ended(process: BaseProcess) -> Attempt:
    code = process.exitcode
    return Attempt(
        False, f"the process ended with exit code {code}: does a definition end it (os._exit)?"
    )


def _end(process: BaseProcess, number: int) -> None:
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        process.join(_GRACE)
        if process.is_alive():
            process.kill()
            process.join()


def _run(sender: Connection, function: Callable[[Path], Attempt], root: Path) -> None:
    """In the new process: send what the function returns."""
    # Ctrl-C on a terminal reaches all processes of a group; gk passes it on, once.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    printed = io.StringIO()
    try:
        with redirect_stderr(printed):
            attempt = function(root)
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    except GkError as error:
        attempt = Attempt.of_mistakes(error)
    except BaseException:
        lines = traceback.format_exc().splitlines()
        attempt = Attempt(
            False, "this is a bug in gk: please report it with the lines below", problems=lines
        )
    with suppress(BrokenPipeError):
        sender.send(replace(attempt, printed=printed.getvalue().strip()))
    # Python would wait for threads that definitions left behind.
    os._exit(0)
