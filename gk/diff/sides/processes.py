"""The processes that compile the sides of a comparison: started, watched and ended.

Definitions are programs that somebody else wrote. Each side has a process of its own
(gk.diff.sides.child), which confines itself, writes the side's files below a folder of its own, and
then waits for a word to load them. What it leaves behind is ended with it, and what it says is
data.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gk.diff.sides.git import Archive
from gk.diff.sides.sandbox import Walls, prctl
from gk.interruption import uninterrupted

__all__ = ["Child", "Children"]

_PATIENCE = 10.0
"""Seconds to end what definitions started."""
_CHILD = Path(__file__).with_name("child.py")
_KEPT = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
_LONGEST_WORD = 4096
_DUMPABLE, _GET_DUMPABLE, _SUBREAPER = 4, 3, 36

_Mark = tuple[int, ...]
"""What changes when somebody writes to a file, exchanges it, or changes who may read it."""


@dataclass
class Child:
    """The process of one side.

    `folder` has the side's files, `result` what it hands back, `said` what it printed. The rest is
    known as it goes: `is_ready`, `walls` and `has_definitions` once the files are written; at its
    end `code`, None if it had to be ended, and `changed`, the files that are not as they were
    written.
    """

    archive: Archive
    folder: Path
    result: IO[bytes]
    said: IO[bytes]
    ready: int = -1
    process: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    walls: Walls = field(default_factory=Walls)
    has_definitions: bool = False
    code: int | None = None
    changed: list[str] = field(default_factory=list)
    _marks: dict[str, _Mark] = field(default_factory=dict)

    def mark(self) -> None:
        """Remember the state of every file."""
        self._marks = dict(_marks(self.folder, self.archive.paths))

    def compare(self) -> None:
        """See which files are not as they were when `mark` was called."""
        now = dict(_marks(self.folder, self.archive.paths))
        self.changed = [path for path, mark in self._marks.items() if now.get(path) != mark]


def _marks(folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, _Mark]]:
    folders = dict.fromkeys(str(parent) for path in paths for parent in Path(path).parents)
    for path in (*folders, *paths):
        with suppress(OSError):
            state = os.lstat(folder / path)
            # Files that definitions write beside theirs change the times of a folder, and nothing
            # else.
            times = (
                ()
                if stat.S_ISDIR(state.st_mode)
                else (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
            )
            yield path, (state.st_mode, state.st_ino, *times)


class Children:
    """The processes of both sides. However this ends, they end, and so does all that they
    started."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stack = ExitStack()
        self._before: set[int] = set()

    def __enter__(self) -> Children:
        self._stack.enter_context(_unreadable())
        # What loses its parent becomes a child of this process, and not of the system's first
        # (Linux).
        prctl(_SUBREAPER, 1)
        self._stack.callback(prctl, _SUBREAPER, 0)
        self._before = set(_children())
        self._stack.enter_context(_terminated_as_interrupted())
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            try:
                self._end(self._children)
            finally:
                self._stack.close()

    def start(self, archive: Archive, root: Path) -> Child:
        """Start the process of a side of the project in `root`, which writes its files and then
        waits."""
        with uninterrupted():
            return self._start(archive, root)

    def _start(self, archive: Archive, root: Path) -> Child:
        folder = self._stack.enter_context(_own_folder())
        result = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        said = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        child = Child(archive, folder, result, said)
        child.ready, tells = os.pipe()
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environ |= {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        task = {
            "root": str(folder),
            "archive": archive.file.fileno(),
            "ready": tells,
            "result": result.fileno(),
            "path": [path for path in sys.path if path and Path(path).resolve() != root.resolve()],
            "gk": str(_CHILD.parents[2]),
        }
        archive.file.seek(0)
        try:
            child.process = subprocess.Popen(
                [sys.executable, "-I", str(_CHILD)],
                cwd=folder,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                pass_fds=[archive.file.fileno(), tells, result.fileno()],
                start_new_session=True,
            )
        finally:
            os.close(tells)
        self._children.append(child)
        _tell(child.process, json.dumps(task))
        return child

    def wait_until_ready(self, ends: float) -> None:
        """Wait until every process has written its files, or has ended, or until then."""
        for child in self._children:
            word = _word(child.ready, ends)
            os.close(child.ready)
            child.ready = -1
            if word is None:
                child.code = _code(child.process, min(ends, time.monotonic() + _PATIENCE))
                self._end([child])
            else:
                child.is_ready = True
                child.walls, child.has_definitions = word
        # None of them has run anything of a revision's yet.
        for child in self._children:
            child.mark()

    def load(self, ends: float) -> None:
        """Have the definitions loaded that there are, and end every process by then.

        At once where walls keep the sides apart; otherwise one after the other, so that when the
        second begins nothing of the first can be changed any more.
        """
        waiting = [child for child in self._children if child.is_ready and child.has_definitions]
        walled = all(child.walls.stand for child in waiting)
        for group in [waiting] if walled else [[child] for child in waiting]:
            for child in group:
                _tell(child.process, "load")
            for child in group:
                child.code = _code(child.process, ends)
            self._end(group)
            for child in group:
                child.compare()

    def _end(self, children: Sequence[Child]) -> None:
        """End processes, and all that they started."""
        processes = [child.process for child in children if child.process]
        for process in processes:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
            if process.stdin:
                with suppress(BrokenPipeError):
                    process.stdin.close()
        # Those that left the group. What they started meanwhile is there the next time; what the
        # system cannot end just now, it ends later.
        others = {child.process.pid for child in self._children if child.process} - {
            p.pid for p in processes
        }
        ends = time.monotonic() + _PATIENCE
        while (left := set(_children()) - self._before - others) and time.monotonic() < ends:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)


def _tell(process: subprocess.Popen[bytes] | None, line: str) -> None:
    """Write a line to a process that may have ended."""
    assert process is not None
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(f"{line}\n".encode())
        process.stdin.flush()


def _word(ready: int, ends: float) -> tuple[Walls, bool] | None:
    """What a process says when its files are written; None if it ends without, or does not by
    then."""
    text = b""
    while not text.endswith(b"\n"):
        readable, _, _ = select.select([ready], [], [], max(0.0, ends - time.monotonic()))
        chunk = os.read(ready, _LONGEST_WORD) if readable else b""
        if not chunk:
            return None
        text += chunk
    walls, has_definitions = json.loads(text)
    return Walls(*walls), has_definitions


def _code(process: subprocess.Popen[bytes] | None, ends: float) -> int | None:
    assert process is not None
    try:
        return process.wait(max(0.0, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A temporary folder that no other side can guess or list, removed whatever definitions made of
    its permissions."""
    folder = Path(tempfile.mkdtemp(prefix="gk-diff-")).resolve()
    follow = os.chmod not in os.supports_follow_symlinks
    try:
        yield folder
    finally:
        for path, names, _ in os.walk(folder):
            for inside in (Path(path, name) for name in names):
                if not inside.is_symlink():
                    with suppress(OSError):
                        inside.chmod(0o700, follow_symlinks=follow)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _unreadable() -> Iterator[None]:
    """While this lasts, processes of the same user cannot read this one's environment or memory
    (Linux)."""
    before = prctl(_GET_DUMPABLE, 0)
    prctl(_DUMPABLE, 0)
    try:
        yield
    finally:
        if before >= 0:
            prctl(_DUMPABLE, before)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM as Ctrl-C: what is to be removed and ended is."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may set handlers.
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _children() -> Iterator[int]:
    """The processes whose parent is this one, as far as the system tells (Linux)."""
    own = os.getpid()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in parentheses, may have spaces and parentheses in it.
            if (
                int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                == own
            ):
                yield int(folder.name)
