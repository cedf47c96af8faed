"""gk run in processes that are forked from one which has imported everything, and what is wrong
with how they ended."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gk.cli import main

__all__ = ["Ran", "run"]

SECONDS = 10
"""Of a processor, that a run may take."""
_PATIENCE = 60.0
"""Seconds that it may take on a machine which does other things, too."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
}
_OF_A_THREAD = re.compile(r"Exception in thread .*:\nTraceback \(most recent call last\):\n")
_LINE_OF_GK = re.compile(r'/gk/[\w/]+\.py", line')
_OUTSIDE = "outside of the folder: "


@dataclass(frozen=True)
class Ran:
    """How a run of gk ended: its exit code (a signal's number, negative), and what it said."""

    arguments: Sequence[str]
    code: int
    seconds: float
    said: str

    @property
    def finding(self) -> str:
        """What is wrong with it; nothing for a good run."""
        if self.code in (-signal.SIGXCPU, -signal.SIGKILL):
            return "slow"
        if self.code not in (0, 1, 2):
            return f"exit code {self.code}"
        # What a thread of a definition's own raises, Python prints by itself; it goes through no
        # line of gk's.
        said = self.said if _LINE_OF_GK.search(self.said) else _OF_A_THREAD.sub("", self.said)
        if "Traceback (most recent" in said or "this is a bug in gk" in said:
            return "traceback"
        return "writes outside" if _OUTSIDE in self.said else ""


def run(arguments: Sequence[str], *, cwd: Path, inside: Path, environ: Mapping[str, str]) -> Ran:
    """Run gk in a process of its own, which may change what is `inside`."""
    output = inside / "said"
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _gk(arguments, cwd, inside, output, environ)
    code = _waited(child, start + _PATIENCE)
    said = output.read_text(encoding="utf-8", errors="replace")
    return Ran(tuple(arguments), code, time.monotonic() - start, said)


def _waited(child: int, ends: float) -> int:
    pause = 0.002
    while time.monotonic() < ends:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _gk(
    arguments: Sequence[str], cwd: Path, inside: Path, output: Path, environ: Mapping[str, str]
) -> NoReturn:
    try:
        os.chdir(cwd)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, path in ((1, inside / "printed"), (2, output)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.environ.clear()
        os.environ.update(environ)
        tempfile.tempdir = None
        sys.argv[:] = ["gk", *arguments]
        _watch(inside)
        main()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(99)


def _watch(inside: Path) -> None:
    """Say so where a file elsewhere is changed."""
    allowed = (f"{inside}/", "/dev/null", "/proc/self/")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES:
            paths = [each for each in arguments[:2] if isinstance(each, (str, bytes))]
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
            paths = [arguments[0]]
        else:
            return
        for each in paths:
            # Of paths below an open folder only that folder is known.
            if isinstance(each, (str, bytes)) and os.fsdecode(each).startswith("/"):
                path = os.path.realpath(os.fsdecode(each))
                if not path.startswith(allowed) and path != str(inside):
                    os.write(2, f"{_OUTSIDE}{event} {path!r}\n".encode(errors="backslashreplace"))

    sys.addaudithook(hook)
