"""The command line: the only package that knows options, printing, colour and exit codes.

This module starts and ends a run; gk.cli.commands has the commands. It imports everything else only
after it handles Ctrl-C, so that Ctrl-C works from the first moment.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from gk.cli.exits import FAILED, INTERRUPTED

__all__ = ["main"]

_SWALLOWED = 0.01
"""Seconds after which gk repeats an interruption that Python dropped."""


def main() -> NoReturn:
    """Run gk with the arguments of the process, and end it."""
    interruption = _Interruption()
    code = FAILED
    try:
        interruption.expect()
        from gk.cli.commands import run

        code = run()
    except BaseException as error:
        # An interruption may surface as another error, of a thread pool or an import.
        is_interrupted = interruption.came or isinstance(error, KeyboardInterrupt)
        code = INTERRUPTED if is_interrupted else _failed(error)
    finally:
        # Threads and exit handlers that definitions left behind must neither delay the end nor
        # change the exit code.
        _end(INTERRUPTED if interruption.came else code)


def _failed(error: BaseException) -> int:
    try:
        from gk.cli.commands import failed
    except ImportError:
        # The installation of gk is incomplete.
        sys.excepthook(type(error), error, error.__traceback__)
        return FAILED
    return failed(error)


def _end(code: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        # print_ has flushed the result and reported failures.
        with suppress(Exception):
            stream.flush()
    os._exit(code)


class _Interruption:
    """Handles Ctrl-C: raises KeyboardInterrupt while there may be something to clean up, and ends
    the process at once otherwise."""

    def __init__(self) -> None:
        self.came = False

    def expect(self) -> None:
        """Handle Ctrl-C from now on."""
        # A shell tells programs that it starts in the background to ignore Ctrl-C.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
            sys.unraisablehook = self._again

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        # In these frames there is nothing to clean up.
        if frame is None or frame.f_code in (main.__code__, _end.__code__):
            os._exit(INTERRUPTED)
        raise KeyboardInterrupt

    def _again(self, unraisable: Any) -> None:
        """Interrupt once more: Python drops exceptions that are raised while it finalizes objects,
        for example during an import."""
        if unraisable.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(unraisable)
            return
        import threading

        again = threading.Timer(_SWALLOWED, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()
