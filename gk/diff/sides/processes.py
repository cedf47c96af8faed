"""Starts, watches and ends the processes that compile the sides of a comparison.

Definitions are programs of strangers. Each side has its own process (gk.diff.sides.child), which
confines itself, writes the side's files below its own folder, and then waits for permission to load
them. When it ends, gk also ends every process that it started. Its output is untrusted data.
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gk.diff.sides.git import Archive
from gk.diff.sides.imports import Imports
from gk.diff.sides.sandbox import Walls, prctl
from gk.processes.interruption import uninterrupted

__all__ = ["Child", "Children"]

_PATIENCE = 10.0
"""Seconds that gk takes to end the processes that definitions started."""
_CHILD = Path(__file__).with_name("child.py")
_KEPT = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
_LONGEST_WORD = 4096
_DUMPABLE, _GET_DUMPABLE, _SUBREAPER = 4, 3, 36

_Mark = tuple[int, ...]
"""The state of a file. It changes when the file is written, replaced, or gets other permissions."""


@dataclass
class Child:
    """The process of one side.

    `folder` contains the side's files, `result` its result, `said` its output. `is_ready`, `walls`
    and `has_definitions` are set when it has written the files. At its end, `code` is set (None if
    gk had to end it), and `changed`: the files that differ from how they were written.
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
        """Record the state of every file."""
        self._marks = dict(_marks(self.folder, self.archive.paths))

    def compare(self) -> None:
        """Set `changed` to the files that changed since `mark`."""
        now = dict(_marks(self.folder, self.archive.paths))
        self.changed = [path for path, mark in self._marks.items() if now.get(path) != mark]


def _marks(folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, _Mark]]:
    folders = dict.fromkeys(str(parent) for path in paths for parent in Path(path).parents)
    for path in (*folders, *paths):
        with suppress(OSError):
            state = os.lstat(folder / path)
            # Definitions may create files, which changes the times of their folder: ignore these.
            times = (
                ()
                if stat.S_ISDIR(state.st_mode)
                else (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
            )
            yield path, (state.st_mode, state.st_ino, *times)


class Children:
    """The processes of both sides. They and all processes that they started end with this context,
    even if it raises."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stack = ExitStack()
        self._before: set[int] = set()

    def __enter__(self) -> Children:
        self._stack.enter_context(_unreadable())
        # Orphaned processes become children of this process instead of init, so that `_end` finds
        # them (Linux).
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

    def start(
        self,
        archive: Archive,
        prefix: str,
        imports: Imports,
        environ: Mapping[str, str],
        environment: str = "",
    ) -> Child:
        """Start the process of a side of the project in the folder `prefix` of the repository. It
        writes its files, then waits. `environ` are the variables that its definitions may read,
        `environment` the only one that it compiles."""
        with uninterrupted():
            return self._start(archive, prefix, imports, environ, environment)

    def _start(
        self,
        archive: Archive,
        prefix: str,
        imports: Imports,
        given: Mapping[str, str],
        environment: str,
    ) -> Child:
        folder = self._stack.enter_context(_own_folder())
        result = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        said = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        child = Child(archive, folder, result, said)
        child.ready, tells = os.pipe()
        # Nothing else: the environment may have credentials, and so may the user's home.
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environ |= {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        environ |= given
        task = {
            "root": str(folder),
            "archive": archive.file.fileno(),
            "ready": tells,
            "result": result.fileno(),
            "prefix": prefix,
            "environment": environment,
            "path": imports.outside,
            "own_path": imports.inside,
            "installed": imports.installed,
            "gk": str(_CHILD.parents[2]),
        }
        archive.file.seek(0)
        try:
            child.process = subprocess.Popen(
                # -I ignores PYTHON* variables, the user's packages and the current folder.
                [sys.executable, "-I", str(_CHILD)],
                cwd=folder,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                pass_fds=[archive.file.fileno(), tells, result.fileno()],
                # Its own process group, which `_end` ends as a whole.
                start_new_session=True,
            )
        finally:
            os.close(tells)
        self._children.append(child)
        _tell(child.process, json.dumps(task))
        return child

    def wait_until_ready(self, ends: float) -> None:
        """Wait until every process has written its files or has ended, or until the time `ends`."""
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
        # No process has run code of a revision yet, so the files are as they were written.
        for child in self._children:
            child.mark()

    def load(self, ends: float) -> None:
        """Let every process load its definitions, and end all processes by the time `ends`.

        If the sandbox separates the sides, they load at once. Otherwise they load one after the
        other: when the second one starts, the result of the first is final.
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
        """End processes, and every process that they started."""
        processes = [child.process for child in children if child.process]
        for process in processes:
            # The group is gone once its last process has ended.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
            if process.stdin:
                with suppress(BrokenPipeError):
                    process.stdin.close()
        # End the processes that left the group. Processes that they start meanwhile are found in
        # the next round; those that the system cannot end within the time are left to it.
        others = {child.process.pid for child in self._children if child.process} - {
            process.pid for process in processes
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
    """Write a line to a process, which may have ended."""
    assert process is not None
    assert process.stdin is not None
    # How it ended is told by its exit code.
    with suppress(BrokenPipeError):
        process.stdin.write(f"{line}\n".encode())
        process.stdin.flush()


def _word(ready: int, ends: float) -> tuple[Walls, bool] | None:
    """The report of a process that has written its files; None if the process ends without it, or
    not in time."""
    # Not select(), which takes no descriptor above 1023.
    waiting = select.poll()
    waiting.register(ready, select.POLLIN)
    text = b""
    while not text.endswith(b"\n"):
        readable = waiting.poll(max(0.0, ends - time.monotonic()) * 1000)
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
    """A temporary folder that the other side can neither guess nor list. It is removed even if
    definitions changed its permissions."""
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
    """Keep processes of the same user from reading the environment and memory of this one
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
    """Treat SIGTERM like Ctrl-C, so that gk still removes its files and ends its processes."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python allows only the main thread to set signal handlers.
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _children() -> Iterator[int]:
    """The child processes of this process; none on systems without /proc."""
    own = os.getpid()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name is in parentheses, and may itself contain spaces and parentheses.
            if (
                int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                == own
            ):
                yield int(folder.name)
