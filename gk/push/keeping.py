"""Saves what a push deletes or overwrites by force, in files of the project: `.gk/replaced/TIME/`.

Only the user can read these files. They have `[secret]` in place of what may be a secret.
"""

from __future__ import annotations

import os
import re
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gk.documents.secrets.hidden import hidden
from gk.documents.secrets.known import SECRET
from gk.errors import GkError
from gk.grafana.live import Live, fingerprint
from gk.resource import Kind, canonical

__all__ = ["Keep"]

FOLDERS = (".gk", "replaced")


class Keep:
    """The folder of one push, in the project at `root`; made when there is something to keep."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._time = time.strftime("%Y%m%dT%H%M%S")

    def write(self, live: Live, wanted: Any = None) -> str:
        """Write an object as it was read into a new file, and return the file's path.

        What `wanted`, the document in its place, refers to as secrets is hidden, too. Nothing is
        written through a link, nor over what is there. Raises GkError where it cannot be
        written; the object must not be overwritten then.
        """
        folder = self._root.joinpath(*FOLDERS, self._time)
        name = re.sub(r"[^\w.-]", "-", f"{live.kind.value}-{live.uid}", flags=re.ASCII)[:100]
        content = canonical(_without_secrets(live, wanted))
        try:
            file = _written(
                self._root, (*FOLDERS, self._time), f"{name}-{fingerprint(content)}", content
            )
        except OSError as error:
            message = (
                f"the current version cannot be saved in {folder}, so it stays: {error.strerror}"
            )
            raise GkError(
                f"{message}; make sure that this is your own folder, not a link"
            ) from error
        return str(folder / file)


def _written(root: Path, names: tuple[str, ...], name: str, content: bytes) -> str:
    """The name of a new file below `root`, in folders that are made where they are not there."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, part in enumerate(names):
            inner = _opened_folder(folder, part)
            os.close(folder)
            folder = inner
            if number == len(FOLDERS) - 1:
                # Keep .gk/replaced out of git.
                with suppress(FileExistsError):
                    _create(folder, ".gitignore", b"*\n")
        return _new_file(folder, name, content)
    finally:
        os.close(folder)


def _opened_folder(parent: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    # An older gk made it for all to read.
    if stat.S_IMODE(os.fstat(folder).st_mode) != 0o700:
        os.fchmod(folder, 0o700)
    return folder


def _new_file(folder: int, name: str, content: bytes) -> str:
    # Uids that differ only in characters other than these share a name.
    number = 1
    while True:
        file = f"{name}.json" if number == 1 else f"{name}-{number}.json"
        try:
            _create(folder, file, content)
        except FileExistsError:
            number += 1
            continue
        return file


def _create(folder: int, name: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:  # noqa: PTH123
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _without_secrets(live: Live, wanted: Any) -> Any:
    """What Grafana answered, with `[secret]` for what may be one; also for those that it only
    counts."""
    shown = hidden(live.kind, live.body, wanted)
    if live.kind is Kind.DATASOURCE and live.body.get("secureJsonFields"):
        secure = {name: SECRET for name, is_set in live.body["secureJsonFields"].items() if is_set}
        return {**shown, "secureJsonData": secure}
    return shown
