"""Waiting for output, whatever the descriptor is: select() takes none above 1023, which a worker
that has run thousands of tests may have."""

from __future__ import annotations

import select

__all__ = ["is_readable"]


def is_readable(descriptor: int, seconds: float) -> bool:
    """Whether something can be read within a time, or the other end is closed."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(max(0.0, seconds) * 1000))
