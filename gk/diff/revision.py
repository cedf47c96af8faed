"""The sides that git knows: revisions of a project, and its working tree.

Each is copied to a temporary folder and compiled there by gk.diff.child, in a process of its own: with its own
definitions and gk.yaml, without the environment, and with a time limit. Definitions are programs that somebody else
wrote, so whatever a process leaves behind is ended, and what it says is read as what a stranger says.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import orjson

from gk.diff.sandbox import prctl
from gk.diff.side import Side, SnippetFacts, Used
from gk.errors import ConfigError, GkError, Problem, Source
from gk.project import FOLDERS
from gk.resource import Kind, Resource

__all__ = ["TIME_LIMIT", "WORKING_TREE", "Range", "parse", "sides"]

TIME_LIMIT = 120.0
"""Seconds for both sides, which are built at once."""
WORKING_TREE = ""
"""The revision that is no commit yet."""
_PATIENCE = 10.0
"""Seconds to end what definitions started."""
_CHILD = Path(__file__).with_name("child.py")
_KEPT = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
_DUMPABLE, _GET_DUMPABLE, _SUBREAPER = 4, 3, 36


@dataclass(frozen=True, slots=True)
class Range:
    """What is compared: two revisions, of which the new one may be the working tree. With `merge_base` the old side is
    the commit where the new one left it."""

    old: str
    new: str
    merge_base: bool = False


def parse(arguments: Sequence[str]) -> Range:
    """The range that the arguments of a command name, as in `git diff`. Raises ConfigError for what is none."""
    if len(arguments) > 2:
        raise ConfigError(
            "more than two revisions are given; gk diff compares two: A..B, or A...B from their merge base"
        )
    if len(arguments) == 2:
        found = Range(arguments[0], arguments[1])
    elif not arguments:
        found = Range("HEAD", WORKING_TREE)
    elif "..." in arguments[0]:
        old, _, new = arguments[0].partition("...")
        found = Range(old or "HEAD", new or "HEAD", merge_base=True)
    elif ".." in arguments[0]:
        old, _, new = arguments[0].partition("..")
        found = Range(old or "HEAD", new or "HEAD")
    else:
        found = Range(arguments[0], WORKING_TREE)
    for each in (found.old, found.new):
        if each.startswith("-"):
            raise ConfigError(f"'{each}' is no revision: none starts with '-'")
    return found


def sides(root: Path, range: Range, timeout: float = TIME_LIMIT) -> tuple[Side, Side]:
    """Both sides of a range of the project in `root`, built at once within `timeout` seconds.

    Neither the working tree nor the repository is written to. Raises ConfigError if there is no such revision, and
    GkError where git fails; mistakes in the definitions are the sides' own.
    """
    git = _Git(root)
    with _own_folder() as folder, ExitStack() as stack:
        builds = []
        for name, commit in zip(("old", "new"), git.commits(range), strict=True):
            place = folder / name
            place.mkdir()
            if commit is None:
                git.copy_working_tree(place)
            else:
                git.export(commit.id, place)
            result, said = (stack.enter_context(tempfile.TemporaryFile()) for _ in ("result", "said"))
            builds.append(_Build(commit.name if commit else "working tree", place, result, said))
        with _unreadable(), _Children() as children:
            ends = time.monotonic() + timeout
            for each in builds:
                if each.has_definitions:
                    children.start(each, root)
            codes = children.wait(ends)
        # What was not started had nothing to load. Not asked of the folders again: definitions may have emptied them.
        old, new = (
            each.side(codes[each.place], timeout) if each.place in codes else Side(name=each.name) for each in builds
        )
    return _checked(old, new), _checked(new, old)


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A temporary folder, removed whatever definitions made of its permissions."""
    folder = Path(tempfile.mkdtemp(prefix="gk-diff-")).resolve()
    try:
        yield folder
    finally:
        for path, names, _ in os.walk(folder):
            for inside in (Path(path, name) for name in names):
                if not inside.is_symlink():
                    with suppress(OSError):
                        inside.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)


# git


@dataclass(frozen=True, slots=True)
class _Commit:
    id: str
    name: str


class _Git:
    """The repository that a project is in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self.prefix = self._run("rev-parse", "--show-prefix").removesuffix("\n")
        except FileNotFoundError:
            raise ConfigError(
                "git is not installed, and revisions are read with it; install it, or compare built folders: "
                "gk diff OLD NEW"
            ) from None
        except _GitError as error:
            raise ConfigError(
                f"{root.name}/ is in no git repository, so there are no revisions to compare ({error}); compare built "
                "folders or files: gk diff OLD NEW"
            ) from None

    def commits(self, range: Range) -> tuple[_Commit | None, _Commit | None]:
        """Both commits; None for the working tree."""
        new = None if range.new == WORKING_TREE else self._commit(range.new)
        old = self._commit(range.old)
        if range.merge_base and new:
            old = self._merge_base(old, new, range)
        return old, new

    def _commit(self, revision: str) -> _Commit:
        try:
            found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except _GitError:
            raise ConfigError(f"there is no revision '{revision}' here{self._hint(revision)}") from None
        return self._named(revision, found.strip().split("\n")[-1])

    def _named(self, revision: str, id: str) -> _Commit:
        short = self._run("rev-parse", "--short", id).strip()
        return _Commit(id, short if id.startswith(revision) else f"{revision} ({short})")

    def _hint(self, revision: str) -> str:
        if revision == "HEAD":
            return ": the repository has no commit yet; commit, and compare with that"
        if self._is_shallow():
            return "; the clone is shallow: fetch all of it (fetch-depth: 0, or git fetch --unshallow)"
        if Path(revision).exists():
            return "; to compare files, name two: gk diff OLD NEW"
        return "; `git branch --all` and `git tag` list what there is"

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == "true"

    def _merge_base(self, old: _Commit, new: _Commit, range: Range) -> _Commit:
        try:
            id = self._run("merge-base", old.id, new.id).strip()
        except _GitError:
            what_to_do = "; the clone is shallow: fetch all of it (fetch-depth: 0)" if self._is_shallow() else ""
            raise ConfigError(f"'{range.old}' and '{range.new}' have no commit in common{what_to_do}") from None
        return old if id == old.id else self._named(f"merge base of {range.old} and {range.new}", id)

    def export(self, commit: str, place: Path) -> None:
        """Write the project as it is in a commit; nothing if it is not there."""
        tree = f"{commit}:{self.prefix.rstrip('/')}"
        try:
            self._run("rev-parse", "--verify", "--quiet", "--end-of-options", tree)
        except _GitError:
            return
        listed = self._run("ls-tree", "-r", "-z", "--full-tree", tree)
        # Contents as they are: no filter of the git configuration is run, and no attribute leaves anything out.
        entries = [_Entry.of(line) for line in listed.split("\0") if line]
        files = [each for each in entries if each.type == "blob"]
        contents = self._contents([each.id for each in files])
        for each, content in zip(files, contents, strict=True):
            each.write(place, content)

    def _contents(self, ids: Sequence[str]) -> Iterator[bytes]:
        """What the objects hold, in their order."""
        answer = self._ran(["cat-file", "--batch"], input="".join(f"{each}\n" for each in ids).encode())
        start = 0
        for _ in ids:
            line = answer.index(b"\n", start)
            size = int(answer[start:line].split()[2])
            start = line + 1 + size + 1
            yield answer[line + 1 : line + 1 + size]

    def copy_working_tree(self, place: Path) -> None:
        """Copy the files of the project that are tracked, or could be, as they are on disk."""
        listed = self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in dict.fromkeys(filter(None, listed.split("\0"))):
            source = self.root / name
            if source.is_symlink():
                _link(place, name, str(source.readlink()))
            elif source.is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, place / name)

    def _run(self, *arguments: str) -> str:
        """What a git command prints."""
        return os.fsdecode(self._ran(arguments))

    def _ran(self, arguments: Sequence[str], input: bytes = b"") -> bytes:
        # In a hook, git names the hook's own repository and index in variables. Hooks and monitors that the repository
        # itself names are not run.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        command = ["git", "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", *arguments]
        ran = subprocess.run(command, cwd=self.root, env=environ, input=input, capture_output=True, check=False)
        if ran.returncode:
            raise _GitError(ran.stderr.decode(errors="replace").strip().removeprefix("fatal: ") or "git failed")
        return ran.stdout


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a tree of git's: a file, a link or a submodule."""

    mode: str
    type: str
    id: str
    path: str

    @classmethod
    def of(cls, line: str) -> _Entry:
        about, _, path = line.partition("\t")
        mode, type, id = about.split(" ")
        return cls(mode, type, id, path)

    def write(self, place: Path, content: bytes) -> None:
        if self.mode == "120000":
            _link(place, self.path, os.fsdecode(content))
            return
        file = place / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _link(place: Path, path: str, target: str) -> None:
    """Make a link that leads to somewhere in the project; one that leads out of it is left out."""
    link = place / path
    if not Path(target).is_absolute() and not os.path.normpath(Path(path).parent / target).startswith(".."):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)


class _GitError(GkError):
    """A git command failed."""


# Processes


@contextmanager
def _unreadable() -> Iterator[None]:
    """While this lasts, processes of the same user cannot read this one's environment or memory (Linux)."""
    before = prctl(_GET_DUMPABLE, 0)
    prctl(_DUMPABLE, 0)
    try:
        yield
    finally:
        if before >= 0:
            prctl(_DUMPABLE, before)


class _Children:
    """The processes of both sides. However this ends, they end, and so does all that they started."""

    def __init__(self) -> None:
        self._processes: dict[Path, subprocess.Popen[bytes]] = {}
        self._before: set[int] = set()
        self._terminate: Any = None

    def __enter__(self) -> _Children:
        # What loses its parent becomes a child of this process, and not of the system's first (Linux).
        prctl(_SUBREAPER, 1)
        self._before = set(_children())
        if threading.current_thread() is threading.main_thread():
            self._terminate = signal.signal(signal.SIGTERM, _interrupt)
        return self

    def start(self, build: _Build, root: Path) -> None:
        """Start the process of a side of the project in `root`."""
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environ |= {"HOME": str(build.place), "TMPDIR": str(build.place), "PYTHONDONTWRITEBYTECODE": "1"}
        task = {
            "root": str(build.place),
            "result": build.result.fileno(),
            "path": [each for each in sys.path if each and Path(each).resolve() != root.resolve()],
            "gk": str(_CHILD.parents[1]),
        }
        process = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD)],
            cwd=build.place,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=build.said,
            stderr=build.said,
            pass_fds=[build.result.fileno()],
            start_new_session=True,
        )
        self._processes[build.place] = process
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(task).encode())

    def wait(self, ends: float) -> dict[Path, int | None]:
        """The exit code of each process, by its folder; None for one that has not ended by then."""
        return {place: self._wait(process, ends) for place, process in self._processes.items()}

    def _wait(self, process: subprocess.Popen[bytes], ends: float) -> int | None:
        try:
            return process.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
        # Those that left the group. What they started meanwhile is there the next time; what the system cannot end just
        # now, it ends later.
        ends = time.monotonic() + _PATIENCE
        while (left := set(_children()) - self._before) and time.monotonic() < ends:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)
        if self._terminate is not None:
            signal.signal(signal.SIGTERM, self._terminate)
        prctl(_SUBREAPER, 0)


def _interrupt(number: int, frame: object) -> None:
    # As after Ctrl-C: what is to be removed and ended is.
    raise KeyboardInterrupt


def _children() -> Iterator[int]:
    """The processes whose parent is this one, as far as the system tells (Linux)."""
    own = os.getpid()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in parentheses, may have spaces and parentheses in it.
            if int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]) == own:
                yield int(folder.name)


# Results


@dataclass(frozen=True)
class _Build:
    """A side that is built: in which folder, into which file its process writes the result, and what it says."""

    name: str
    place: Path
    result: IO[bytes]
    said: IO[bytes]

    @property
    def has_definitions(self) -> bool:
        """Whether there is anything to load: the first dashboard of a project is an addition, and no mistake before."""
        return any(file.suffix in (".py", ".json") for each in FOLDERS for file in (self.place / each).rglob("*"))

    def side(self, code: int | None, timeout: float) -> Side:
        """What the process left, with nothing in it taken on trust. `code` is its exit code, None if it was ended."""
        if code is None:
            return _failed(
                self.name, f"the definitions did not load and compile within {timeout:g} s; --timeout gives them longer"
            )
        if code:
            ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            return _failed(self.name, f"the process that loads the definitions ended with {ended}{self._last_words()}")
        try:
            return replace(_read(self.result), name=self.name)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            return _failed(self.name, f"the process that loads the definitions left no result ({type(error).__name__})")

    def _last_words(self) -> str:
        """The last line that the process wrote."""
        end = self.said.seek(0, os.SEEK_END)
        self.said.seek(max(0, end - 2000))
        lines = self.said.read().decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        plain = "".join(each for each in last if each.isprintable())
        return f": {plain[:300]}" if plain else ""


def _failed(name: str, message: str) -> Side:
    return Side(name=name, problems=(Problem(Source(""), message),))


def _checked(side: Side, other: Side) -> Side:
    """A side whose documents are JSON, as far as anybody will read them: those that the other has, too, are not."""
    same = {(each.kind, each.uid): each.json for each in other.resources}
    for each in side.resources:
        if each.kind is Kind.FOLDER or same.get((each.kind, each.uid)) != each.json:
            try:
                orjson.loads(each.json)
            except ValueError:
                return _failed(
                    side.name, "the process that loads the definitions left no result (a document is no JSON)"
                )
    return side


def _read(result: IO[bytes]) -> Side:
    """The side in a result. Raises what comes of a result that is none."""
    result.seek(0)
    index = orjson.loads(result.readline())
    resources, uses = [], {}
    for kind, uid, title, folder, source, line, size, used in index.get("resources", ()):
        text = result.read(int(size))
        key = (Kind(kind), _text(uid))
        resources.append(Resource(*key, _text(title), _text(folder), text, Source(_text(source), int(line))))
        uses[key] = tuple(
            Used(_text(where), _text(query), _text(snippet), frozenset(map(_text, made_of)), _text(expr))
            for where, query, snippet, made_of, expr in used
        )
    return Side(
        name="",
        resources=resources,
        problems=tuple(sorted({_problem(*each) for each in index["problems"]})),
        broken=frozenset(map(_text, index.get("broken", ()))),
        uses=uses,
        snippets={_text(name): SnippetFacts(*map(_text, facts)) for name, facts in index.get("snippets", {}).items()},
        labels={_text(name): _text(words) for name, words in index.get("labels", {}).items()},
    )


def _problem(file: Any, line: Any, message: Any) -> Problem:
    return Problem(Source(_text(file), int(line)), _text(message))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
