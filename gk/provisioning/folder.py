"""An open folder that no path can lead out of: gk opens the folders below it one by one, and
follows no links.

Anybody with write access can replace a folder with a link at any moment. So gk never checks a path
and then uses the same path: it opens a folder, and works in the open folder.

What `write` wrote is on the disk, even if the machine fails then; names are after `sync_folders`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

__all__ = ["Folder", "InTheWayError", "What", "make_folders"]

What = Literal["file", "folder", "link", "special file"]

# The modes do not depend on the umask: Grafana runs as another user.
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755

_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that nobody writes to must not make gk wait.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY)
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP)
"""Errors of some network file systems that cannot sync a folder."""

_AT_ONCE = 16
"""Files that are synced at the same time, five times as fast as one by one."""


class InTheWayError(Exception):
    """`what` is at `path`, where gk needs something else."""

    def __init__(self, path: str, what: What) -> None:
        self.path = path
        self.what: What = what
        super().__init__(f"{path} is a {what}")


def make_folders(path: Path) -> None:
    """Make a folder and its parents, if they do not exist. It may be a link to a folder."""
    try:
        path.mkdir(_FOLDER_MODE)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    except FileNotFoundError:
        if path.parent.is_dir():
            raise
        make_folders(path.parent)
        make_folders(path)
        return
    path.chmod(_FOLDER_MODE)
    _sync_folder(path.parent)


class Folder:
    """Paths are relative to the folder, with `/`. Methods raise InTheWayError and OSError."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self._changed: set[str] = set()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Folder]:
        """The folder at `path`. It may be a link, because the user named it."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield cls(path, descriptor)
        finally:
            os.close(descriptor)

    # What is there

    def what(self, path: str) -> What | None:
        """What is at `path`; None if nothing is, or if one of its parents is a file."""
        status = self._stat(path)
        return None if status is None else _what(status)

    def is_same(self, path: str, other: str) -> bool:
        """Whether two paths are the same file, as names that differ in case are on some systems."""
        one, two = self._stat(path), self._stat(other)
        return one is not None and two is not None and os.path.samestat(one, two)

    def read(self, path: str, most: int) -> bytes | None:
        """The content of a file, up to `most` bytes and one more; None if nothing is there."""
        try:
            with self._parent(path) as (parent, name):
                descriptor = _open(name, parent, path)
                what = _what(os.fstat(descriptor))
                if what != "file":
                    os.close(descriptor)
                    raise InTheWayError(path, what)
                with os.fdopen(descriptor, "rb") as file:
                    return file.read(most + 1)
        except FileNotFoundError:
            return None

    def below(self, path: str) -> list[tuple[str, What]]:
        """Everything in a folder, recursively; the contents of a folder come after it."""
        entries: list[tuple[str, What]] = []
        folders = [path]
        while folders:
            folder = folders.pop()
            with self._parent(f"{folder}/.") as (opened, _), os.scandir(opened) as listing:
                inside = sorted(
                    (f"{folder}/{entry.name}", _what(entry.stat(follow_symlinks=False)))
                    for entry in listing
                )
            entries += inside
            folders += [inner for inner, what in inside if what == "folder"]
        return entries

    # Changes

    def make(self, path: str) -> None:
        """Make a folder, if it does not exist."""
        with self._parent(f"{path}/.", make=True):
            pass

    def write(self, contents: Mapping[str, Callable[[], bytes]]) -> None:
        """Write new files, and wait until the disk has them. Each content is made when its turn
        comes: there may be no memory for all of them."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._write, contents, contents.values()):
                pass

    def _write(self, path: str, content: Callable[[], bytes]) -> None:
        with self._parent(path) as (parent, name):
            descriptor = os.open(name, _NEW_FILE, _FILE_MODE, dir_fd=parent)
            try:
                os.fchmod(descriptor, _FILE_MODE)
                rest = memoryview(content())
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._changed.add(_parent_of(path))

    def move(self, path: str, target: str) -> None:
        """Move a file, replacing another one if there is one, and make the folders that it
        needs."""
        with (
            self._parent(path) as (old, old_name),
            self._parent(target, make=True) as (new, new_name),
        ):
            os.rename(old_name, new_name, src_dir_fd=old, dst_dir_fd=new)
        self._changed |= {_parent_of(path), _parent_of(target)}

    def remove(self, path: str) -> None:
        """Remove a file, and the folders that are empty without it. Either may already be gone."""
        if self.what(path) == "file":
            with self._parent(path) as (parent, name):
                os.unlink(name, dir_fd=parent)
            self._changed.add(_parent_of(path))
        folder = _parent_of(path)
        while folder and self.remove_empty(folder):
            folder = _parent_of(folder)

    def remove_empty(self, path: str) -> bool:
        """Remove a folder if it is empty; returns whether it is gone."""
        try:
            with self._parent(path) as (parent, name):
                os.rmdir(name, dir_fd=parent)
        except FileNotFoundError:
            return True
        except (InTheWayError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno in _NOT_EMPTY:
                return False
            raise
        self._changed.add(_parent_of(path))
        return True

    # The disk

    def sync_folders(self) -> None:
        """Wait until the disk has every change of names since the last call."""
        changed, self._changed = self._changed, set()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._sync_names, sorted(changed)):
                pass

    def _sync_names(self, path: str) -> None:
        # A folder that was removed since, or gave way to a file, has no names to keep.
        with (
            suppress(FileNotFoundError, InTheWayError),
            self._parent(f"{path}/." if path else ".") as (folder, _),
        ):
            _sync_names(folder)

    # Descriptors

    @contextmanager
    def _parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open parent folder of a path, and the last name of the path; `.` is the folder
        itself."""
        *folders, name = path.split("/")
        if any(part in ("", ".", "..") for part in folders) or name in ("", ".."):
            raise ValueError(f"{path!r} leads out of the folder")
        parent = os.dup(self.descriptor)
        try:
            for depth, folder in enumerate(folders, 1):
                inner = self._enter(parent, "/".join(folders[:depth]), folder, make=make)
                os.close(parent)
                parent = inner
            yield parent, name
        except OSError as error:
            # The system knows a name in an open folder, the reader a path.
            if error.filename is not None:
                error.filename, error.filename2 = str(self.path / path), None
            raise
        finally:
            os.close(parent)

    def _enter(self, parent: int, path: str, name: str, *, make: bool) -> int:
        try:
            return _open(name, parent, path, _OPEN_FOLDER)
        except FileNotFoundError:
            if not make:
                raise
        os.mkdir(name, _FOLDER_MODE, dir_fd=parent)
        self._changed.add(_parent_of(path))
        descriptor = os.open(name, _OPEN_FOLDER, dir_fd=parent)
        os.fchmod(descriptor, _FOLDER_MODE)
        return descriptor

    def _stat(self, path: str) -> os.stat_result | None:
        try:
            with self._parent(path) as (parent, name):
                return os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except InTheWayError as obstacle:
            if obstacle.what == "link":
                raise
            return None


def _open(name: str, parent: int, path: str, flags: int = _OPEN_FILE) -> int:
    """Open an entry of a folder. Raises InTheWayError for a link, and for anything else than a
    folder if `flags` ask for one."""
    try:
        return os.open(name, flags, dir_fd=parent)
    except OSError as error:
        # Systems differ in what they call a link that may not be followed. ENXIO is a socket.
        if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK, errno.ENXIO):
            raise
        raise InTheWayError(
            path, _what(os.stat(name, dir_fd=parent, follow_symlinks=False))
        ) from error


def _what(status: os.stat_result) -> What:
    if stat.S_ISREG(status.st_mode):
        return "file"
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    return "link" if stat.S_ISLNK(status.st_mode) else "special file"


def _parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _sync_names(descriptor)
    finally:
        os.close(descriptor)


def _sync_names(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
