"""Tells when a file of a project changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType

import watchfiles

__all__ = ["Saves"]

_QUIET = 50
"""Milliseconds without another change after which a save is complete: editors write a file in
several steps."""
_MOST = 400
"""Milliseconds of changes without a pause that are one save."""
_TURN = 100
"""Milliseconds after which the thread looks whether it should end."""
_NOT_OURS = ("node_modules", "__pycache__", "site-packages")


@dataclass(frozen=True)
class Followed:
    """Folders to follow. `files` are those in them at the last save, if nobody followed all of the
    folders then."""

    folders: frozenset[Path]
    files: Mapping[str, tuple[int, int]] | None = None


class Saves:
    """Follows folders, those of a project and its libraries, in a thread: not its outputs, hidden
    folders, and virtual environments. A number of saves that nobody has seen yet counts as one."""

    def __init__(self, roots: Sequence[Path], outputs: Iterable[Path]) -> None:
        self._roots = roots
        self._outputs = {output.resolve() for output in outputs}
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Saves:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()

    def fileno(self) -> int:
        """Readable after a save."""
        return self._reader

    def seen(self) -> None:
        """Forget the saves so far."""
        with suppress(BlockingIOError):
            os.read(self._reader, 1 << 16)

    def wait(self) -> None:
        """Wait for a save. Raises OSError if the system cannot follow files (any more)."""
        wait([self._reader])
        if self._failed:
            raise self._failed

    def _follow(self) -> None:
        followed = Followed(frozenset(self._folders()))
        try:
            while not self._stop.is_set():
                followed = self._changed(followed)
        except Exception as error:
            # In its thread, it would be lost.
            self._failed = error
        self._ready.set()
        self._tell()

    def _changed(self, followed: Followed) -> Followed:
        """Follow folders until there are others, and return those."""
        is_first = True
        for changes in watchfiles.watch(
            *followed.folders,
            recursive=False,
            watch_filter=watchfiles.DefaultFilter(ignore_paths=[*self._outputs]),
            debounce=_MOST,
            step=_QUIET,
            rust_timeout=_TURN,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
        ):
            is_missed = is_first and followed.files not in (None, _files(followed.folders))
            is_first = False
            self._ready.set()
            if not changes and not is_missed:
                continue
            folders = frozenset(self._folders())
            # Before the build that this starts reads them.
            files = _files(folders) if folders != followed.folders else None
            self._tell()
            if files is not None:
                return Followed(folders, files)
        return followed

    def _tell(self) -> None:
        # A full pipe tells enough.
        with suppress(BlockingIOError):
            os.write(self._writer, b".")

    def _folders(self) -> Iterator[Path]:
        seen = set()
        walks = (os.walk(root, followlinks=True) for root in self._roots)
        for name, below, files in chain.from_iterable(walks):
            folder = Path(name)
            # A link may lead to a folder above it.
            if "pyvenv.cfg" in files or folder.resolve() in seen:
                below.clear()
                continue
            seen.add(folder.resolve())
            yield folder
            below[:] = [
                inner
                for inner in below
                if not inner.startswith(".")
                and inner not in _NOT_OURS
                and (folder / inner).resolve() not in self._outputs
            ]


def _files(folders: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """What tells versions of files apart: when each was written, and its size."""
    versions = {}
    for folder in folders:
        # Folders and files may vanish at any moment.
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat()
                    if entry.is_file():
                        versions[entry.path] = (status.st_mtime_ns, status.st_size)
    return versions
