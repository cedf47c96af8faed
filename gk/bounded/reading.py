"""Reading a file that may be anything: a folder, a pipe, a device, or larger than memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["UnusableFileError", "check", "read_bytes", "read_text"]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnusableFileError(Exception):
    """A file cannot be read; the message continues a sentence that starts with its name."""


def check(path: Path, most: int) -> None:
    """Raise UnusableFileError if this is not a file, or has more than `most` bytes."""
    try:
        _refuse(os.stat(path), most)  # noqa: PTH116 (as fstat below)
    except OSError as error:
        raise UnusableFileError(f"cannot be read: {_reason(path, error)}") from error


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of at most `most` bytes. Raises UnusableFileError for anything else,
    and never blocks."""
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise UnusableFileError(f"cannot be read: {_reason(path, error)}") from error
    try:
        _refuse(os.fstat(descriptor), most)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
    except OSError as error:
        raise UnusableFileError(f"cannot be read: {_reason(path, error)}") from error
    finally:
        os.close(descriptor)
    # A file may grow meanwhile, and files in /proc claim to have 0 bytes.
    if len(content) > most:
        raise UnusableFileError(f"has more than {_size(most)}")
    return content


def read_text(path: Path, most: int) -> str:
    """The same as text, without the mark that some editors put before UTF-8."""
    content = read_bytes(path, most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"is not UTF-8, from byte {error.start} on") from error


def _refuse(status: os.stat_result, most: int) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise UnusableFileError(f"is {_KINDS.get(kind, 'something else')} and must be a file")
    if status.st_size > most:
        raise UnusableFileError(f"has more than {_size(most)}")


def _reason(path: Path, error: OSError | ValueError) -> str:
    # Such as a path with a NUL character.
    if isinstance(error, ValueError):
        return "not a valid path"
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return "it is a link to nothing"
    return error.strerror or str(error)


def _size(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
