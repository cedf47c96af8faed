"""The command line: the only place that knows options, printing, colour and exit codes.

Here is how a run begins and ends; what it does is in gk.cli.commands. Everything else is imported
by then, so that Ctrl-C is understood from the first moment.
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
"""Seconds until an interruption comes again that Python could not raise."""


def main() -> NoReturn:
    """Run gk with the arguments of the process, and end it."""
    interruption = _Interruption()
    code = FAILED
    try:
        interruption.expect()
        from gk.cli.commands import run

        code = run()
    except BaseException as error:
        # An interruption may surface as another error: of a thread pool that has ended, of an
        # import.
        is_interrupted = interruption.came or isinstance(error, KeyboardInterrupt)
        code = INTERRUPTED if is_interrupted else _failed(error)
    finally:
        # Whatever definitions left behind (threads, handlers) neither holds up the end nor changes
        # the exit code.
        _end(INTERRUPTED if interruption.came else code)


def _failed(error: BaseException) -> int:
    try:
        from gk.cli.commands import failed
    except ImportError:
        # gk is not installed whole.
        sys.excepthook(type(error), error, error.__traceback__)
        return FAILED
    return failed(error)


def _end(code: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        # Printing has flushed what there was, and told of failures.
        with suppress(Exception):
            stream.flush()
    os._exit(code)


class _Interruption:
    """Ctrl-C: raised as KeyboardInterrupt where there may be something to clean up, and an end at
    once elsewhere."""

    def __init__(self) -> None:
        self.came = False

    def expect(self) -> None:
        """From now on, Ctrl-C is this."""
        # A program that was started in the background is to ignore it.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
            sys.unraisablehook = self._again

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        if frame is None or frame.f_code in (main.__code__, _end.__code__):
            os._exit(INTERRUPTED)
        raise KeyboardInterrupt

    def _again(self, unraisable: Any) -> None:
        """Interrupt once more: where objects are finalized, as in importing, Python drops what is
        raised."""
        if unraisable.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(unraisable)
            return
        import threading

        again = threading.Timer(_SWALLOWED, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()
