"""Writes the files of an archive of gk.diff.sides.git below one folder and nowhere else.

The process that compiles a side loads this file by path after it is confined, so it needs only the
standard library. The names were checked before, but this module does not rely on that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

__all__ = ["unpack"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def unpack(archive: IO[bytes], folder: Path) -> None:
    """Write the files of an archive below an empty folder.

    Links are written last, so that no file is written through a link. Links that lead out of the
    folder are left out. Raises OSError or ValueError if a file cannot be written this way.
    """
    top = os.open(folder, _FOLDER)
    links = []
    for path, kind, size in json.loads(archive.readline()):
        content = archive.read(size)
        if kind == "link":
            links.append((path, content))
            continue
        with _parent(top, path) as (parent, name):
            descriptor = os.open(name, _NEW_FILE, 0o644, dir_fd=parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    # Skip absolute targets, which lead out of the project, and invalid ones.
    for path, target in links:
        if target and not target.startswith(b"/") and b"\0" not in target:
            with _parent(top, path) as (parent, name), suppress(OSError):
                os.symlink(target, name, dir_fd=parent)
    _remove_leading_out(folder, [path for path, _ in links])
    os.close(top)


@contextmanager
def _parent(top: int, path: str) -> Iterator[tuple[int, bytes]]:
    """Open the folder of a path, creating it if necessary. Yields it and the last name of the
    path."""
    *folders, name = map(os.fsencode, path.split("/"))
    if any(part in (b"", b".", b"..") for part in (*folders, name)):
        raise ValueError(f"{path!r} leads out of the folder")
    parent = os.dup(top)
    try:
        for folder in folders:
            with suppress(FileExistsError):
                os.mkdir(folder, 0o755, dir_fd=parent)
            inner = os.open(folder, _FOLDER, dir_fd=parent)
            os.close(parent)
            parent = inner
        yield parent, name
    finally:
        os.close(parent)


def _remove_leading_out(folder: Path, links: Sequence[str]) -> None:
    """Remove the links that lead out of the folder when the system follows them."""
    top = Path(os.path.realpath(folder))
    for path in links:
        link = top / path
        # Path.resolve would raise for a link to itself (before Python 3.13).
        if link.is_symlink() and not Path(os.path.realpath(link)).is_relative_to(top):
            link.unlink()
