"""The exit codes of gk."""

__all__ = ["DIFFERENT", "FAILED", "INTERRUPTED", "SAME"]

SAME = 0
"""Nothing to report."""
DIFFERENT = 1
"""Differences or problems."""
FAILED = 2
"""Could not run: wrong usage, mistakes in the project, or a bug of gk."""
INTERRUPTED = 130
"""Ctrl-C, as shells report it."""
