"""Finds the place in the user's files where an object was made, so that a mistake is shown at its
line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gk.errors import Source

__all__ = ["caller"]

_GK = str(Path(__file__).parents[1]) + os.sep


def caller() -> Source:
    """Return the file (Python's name for it) and the line of the nearest frame outside gk and
    outside generated code."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((_GK, "<")):
        frame = frame.f_back
    return Source(frame.f_code.co_filename, frame.f_lineno)
