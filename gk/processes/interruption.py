"""Changes that must not be interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uninterrupted"]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay the signals that end a program until a change is complete.

    With handlers and not with a mask: the system would give a masked signal to another thread, such
    as a spinner's.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may set handlers.
        return
    arrived: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        number: signal.signal(number, lambda arrival, _: arrived.append(arrival))
        for number in signals
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        # Once each: a person may have pressed Ctrl-C several times.
        for arrival in dict.fromkeys(arrived):
            signal.raise_signal(arrival)
