"""The process that gk is forked from, as tests.forks starts it.

It has imported all of gk and has built a project, and runs gk in a child for each task that comes.
The processes of sides, which `gk diff` starts, are children as well.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

import gk.cli.commands
import gk.decompile.probes
import gk.decompile.project
import gk.diff.sides.processes
import gk.library
from gk.decompile.queries import Known, known_snippets
from gk.explain.reference import built_in
from gk.promql.labels import LabelScheme
from gk.promql.snippet import Snippet
from tests.forks import LARGEST_TASK, QUICK_HASHES


def serve(tasks: socket.socket) -> None:
    """Run gk for each task, until nobody has another."""
    while True:
        text, streams, _, _ = socket.recv_fds(tasks, LARGEST_TASK, 3)
        if not text:
            return
        if (child := os.fork()) == 0:
            tasks.close()
            task = json.loads(text)
            _begin(streams, task["cwd"], task["environ"])
            sys.argv[1:] = task["arguments"]
            exec(task["before"], {"sys": sys})
            gk.cli.main()
        for stream in streams:
            os.close(stream)
        tasks.send(str(child).encode())
        tasks.send(str(os.waitpid(child, 0)[1]).encode())


def _begin(streams: Sequence[int], cwd: str, environ: Mapping[str, str]) -> None:
    """Give a child what it would have been started with."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # Those that are here are of other files: whether one is a terminal is asked when it is made.
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    # It was asked for before, with another TMPDIR.
    tempfile.tempdir = None


class _Side(subprocess.Popen[bytes]):
    """The process of a side, which runs its script in a child."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: IO[bytes],
        pass_fds: Sequence[int],
        **_: Any,
    ) -> None:
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            _begin([reader, *(os.dup(stdout.fileno()) for _ in "12")], str(cwd), env)
            _close_all_but(pass_fds)
            _run_script(args[-1])
        os.close(reader)
        self.args, self.returncode = args, None
        self.stdin, self.stdout, self.stderr = os.fdopen(writer, "wb"), None, None
        self._child_created, self._waitpid_lock = True, threading.Lock()


class _Subprocess:
    """What `gk diff` uses of the module subprocess."""

    Popen = _Side
    PIPE = subprocess.PIPE
    TimeoutExpired = subprocess.TimeoutExpired


def _close_all_but(kept: Sequence[int]) -> None:
    low = 3
    for number in sorted(kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 1024)


def _run_script(path: str) -> NoReturn:
    """Run a script as Python does with -I."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.argv[:], sys.path[:] = [path], sys.path[1:]
    code = 0
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        sys.stderr.write(f"{error.code}\n" if isinstance(error.code, str) else "")
    except BaseException:
        code = 1
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


PROJECT = {
    "datasources/prometheus.py": """
from gk import Datasource
prometheus = Datasource.prometheus("P", uid="p", url="http://p:9090", default=True)
""",
    "dashboards/shop.py": """
from gk import Dashboard, Row, query_variable, stat, table, text, timeseries
shop = Dashboard(
    "Shop",
    variables=[query_variable("job", "label_values(up, job)")],
    panels=[timeseries("T", "up"), stat("S", "up", thresholds={1: "red"}), table("B", "up")],
    rows=[Row("R", [text("W", "words")])],
)
""",
    "alerts/shop.py": """
from gk import alert, alert_group, contact_point, notification_policy, receiver
group = alert_group("shop", [alert("Down", "up == 0", for_="5m", summary="Down")])
point = contact_point("Mail", receiver("email", {"addresses": "a@example.com"}))
policy = notification_policy(point)
""",
}


def learn() -> None:
    """Do once what takes longer the first time: what the constructors take and make, and what
    templates and patterns are compiled to, is kept."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROJECT.items():
            path = Path(folder, name)
            path.parent.mkdir()
            path.write_text(text, "utf-8")
        os.chdir(folder)
        for arguments in (["build"], ["check", "--no-tests", "--fail-on", "error"]):
            with contextlib.redirect_stdout(io.StringIO()):
                assert not gk.cli.commands.cli(arguments, standalone_mode=False), arguments
        os.chdir(here)
    for type in gk.decompile.probes.PANELS:
        gk.decompile.probes.of_panel(type)
    for type in gk.decompile.probes.VARIABLES:
        gk.decompile.probes.of_variable(type)


def learn_snippets() -> None:
    """Keep what the snippets that come with gk render to: each import asks all of them, which is
    half of its time. They are forgotten: those that definitions import are theirs."""
    labels = LabelScheme()
    texts = {_name(snippet): known_snippets([snippet], labels) for snippet in built_in()}
    for name in [loaded for loaded in sys.modules if loaded.startswith("gk.library.")]:
        del sys.modules[name]
        delattr(gk.library, name.rpartition(".")[2])

    def known(snippets: Iterable[Snippet], of: LabelScheme) -> list[Known]:
        kept = texts if of == labels else {}
        return [
            text
            for snippet in snippets
            for text in kept.get(_name(snippet)) or known_snippets([snippet], of)
        ]

    vars(gk.decompile.project)["known_snippets"] = known


def _name(snippet: Snippet) -> tuple[str, str]:
    return snippet.function.__module__, snippet.function.__name__


if __name__ == "__main__":
    # As with -c: modules are looked for where gk runs.
    sys.path[0] = ""
    for module in pkgutil.walk_packages(gk.__path__, "gk."):
        # What definitions import is theirs.
        if not module.name.startswith("gk.library"):
            importlib.import_module(module.name)
    importlib.import_module("rich.console")
    exec(QUICK_HASHES)
    learn()
    learn_snippets()
    # A collection in a child would copy all that is here.
    gc.collect()
    gc.freeze()
    vars(gk.diff.sides.processes)["subprocess"] = _Subprocess
    with socket.socket(fileno=int(sys.argv[1])) as tasks:
        serve(tasks)
