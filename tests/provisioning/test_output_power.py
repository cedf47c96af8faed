"""Power that fails while gk builds: what the disk then has is replayed from the calls that gk made.

A disk keeps what was synced. Of the rest it may keep anything: each change of a name or not, in any
order, and of a file's content all, some or zeros. One change is whole, such as a rename, as on
every file system with a journal.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gk.provisioning.output import MANIFEST, write

OLD = {
    "a/same": b"1",
    "a/changed": b"2" * 9000,
    "a/gone": b"3",
    "b/c/gone": b"4",
    "file": b"5",
    "folder/in": b"6",
}
NEW = {
    "a/same": b"1",
    "a/changed": b"I" * 9000,
    "a/new": b"7",
    "d/e/new": b"8",
    "file/now/in": b"9",
    "folder": b"0",
}
THEIRS = {"a/theirs": b"x", "b/theirs": b"y"}
JOURNAL = ".gk-staged/journal"
CHOICES = 4
"""Random choices of what the disk keeps, for each moment, beside the extreme ones."""
TORN: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda it: it[: len(it) // 2],
    "zeros": lambda it: bytes(len(it)),
}
"""What may be left of content that was not synced."""


@dataclass
class Node:
    """A file or a folder: what programs see, and what the disk has for sure."""

    names: dict[str, Node] | None = None
    synced_names: dict[str, Node] = field(default_factory=dict)
    content: bytes = b""
    synced: bytes | None = None


Change = list[tuple[Node, str, "Node | None"]]
"""What one call does to names: a folder, a name in it, and what has the name then."""


class Disk:
    """Does what a log says, and tells what may be left of it."""

    def __init__(self, top: Path) -> None:
        self.path = top
        self.top = self._load(top)
        self.unsynced: list[Change] = []

    def _load(self, path: Path) -> Node:
        if path.is_file():
            return Node(content=path.read_bytes(), synced=path.read_bytes())
        names = {inner.name: self._load(inner) for inner in path.iterdir()}
        return Node(names=names, synced_names=dict(names))

    def do(self, call: str, *arguments: Any) -> None:
        getattr(self, f"_{call}")(*arguments)

    def _create(self, path: Path) -> None:
        self._change([(*self._place(path), Node())])

    def _mkdir(self, path: Path) -> None:
        self._change([(*self._place(path), Node(names={}))])

    def _unlink(self, path: Path) -> None:
        self._change([(*self._place(path), None)])

    _rmdir = _unlink

    def _rename(self, old: Path, new: Path) -> None:
        self._change([(*self._place(new), self._node(old)), (*self._place(old), None)])

    def _write(self, path: Path, content: bytes) -> None:
        self._node(path).content += content

    def _fsync(self, path: Path) -> None:
        node = self._node(path)
        if node.names is None:
            node.synced = node.content
            return
        # With a change of a name, the disk has those of the same name before it.
        kept: list[Change] = []
        places: set[tuple[int, str]] = set()
        for change in reversed(self.unsynced):
            here = {(id(folder), name) for folder, name, _ in change}
            if any(folder is node for folder, _, _ in change) or here & places:
                places |= here
                kept.insert(0, change)
        self.unsynced = [other for other in self.unsynced if not any(other is one for one in kept)]
        for folder, name, what in (one for change in kept for one in change):
            _put(folder.synced_names, name, what)

    def _change(self, change: Change) -> None:
        for folder, name, what in change:
            assert folder.names is not None
            _put(folder.names, name, what)
        self.unsynced.append(change)

    def _node(self, path: Path) -> Node:
        node = self.top
        for name in path.relative_to(self.path).parts:
            assert node.names is not None
            node = node.names[name]
        return node

    def _place(self, path: Path) -> tuple[Node, str]:
        return self._node(path.parent), path.name

    def left(
        self, keeps: Callable[[int], bool], torn: Callable[[bytes], bytes]
    ) -> dict[str, bytes]:
        """The files that are there after power failed, where the disk kept some of the unsynced
        changes."""
        names: dict[int, dict[str, Node]] = {}

        def of(folder: Node) -> dict[str, Node]:
            return names.setdefault(id(folder), dict(folder.synced_names))

        for number, change in enumerate(self.unsynced):
            if keeps(number):
                for folder, name, what in change:
                    _put(of(folder), name, what)

        def files(node: Node, path: str) -> Iterator[tuple[str, bytes]]:
            for name, inner in of(node).items():
                if inner.names is not None:
                    yield from files(inner, f"{path}{name}/")
                else:
                    yield (
                        f"{path}{name}",
                        torn(inner.content) if inner.synced is None else inner.synced,
                    )

        return dict(files(self.top, ""))


def _put(names: dict[str, Node], name: str, what: Node | None) -> None:
    if what is None:
        names.pop(name, None)
    else:
        names[name] = what


Log = list[tuple[Any, ...]]


class Recorder:
    """Stands for the functions of `os` that change a folder or sync it, and keeps a log of what
    they were asked for."""

    def __init__(self, below: Path) -> None:
        self.below = below
        self.log: Log = []
        self.paths: dict[int, Path] = {}
        self.os = {name: getattr(os, name) for name in NAMES}

    def open(self, name: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        path = self._path(name, dir_fd)
        descriptor: int = self.os["open"](name, flags, mode, dir_fd=dir_fd)
        self.paths[descriptor] = path
        if flags & os.O_CREAT:
            self._tell("create", path)
        return descriptor

    def dup(self, descriptor: int) -> int:
        copy: int = self.os["dup"](descriptor)
        self.paths[copy] = self.paths[descriptor]
        return copy

    def write(self, descriptor: int, content: bytes) -> int:
        count: int = self.os["write"](descriptor, content)
        self._tell("write", self.paths[descriptor], bytes(content)[:count])
        return count

    def fsync(self, descriptor: int) -> None:
        self._tell("fsync", self.paths[descriptor])

    def rename(self, old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        self.os["rename"](old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        self._tell("rename", self._path(old, src_dir_fd), self._path(new, dst_dir_fd))

    def mkdir(self, name: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        self.os["mkdir"](name, mode, dir_fd=dir_fd)
        self._tell("mkdir", self._path(name, dir_fd))

    def rmdir(self, name: Any, *, dir_fd: int | None = None) -> None:
        self.os["rmdir"](name, dir_fd=dir_fd)
        self._tell("rmdir", self._path(name, dir_fd))

    def unlink(self, name: Any, *, dir_fd: int | None = None) -> None:
        self.os["unlink"](name, dir_fd=dir_fd)
        self._tell("unlink", self._path(name, dir_fd))

    def _path(self, name: Any, folder: int | None) -> Path:
        return Path(name) if folder is None else self.paths[folder] / name

    def _tell(self, call: str, path: Path, *more: Any) -> None:
        if path.is_relative_to(self.below):
            self.log.append((call, path, *more))


NAMES = ("open", "dup", "write", "fsync", "rename", "mkdir", "rmdir", "unlink")


def record(build: Callable[[], object], below: Path) -> Log:
    """Each change below a folder that a build asks the system for, and each sync."""
    recorder = Recorder(below)
    with pytest.MonkeyPatch.context() as patched:
        for name in NAMES:
            patched.setattr(os, name, getattr(recorder, name))
        # Python 3.10 keeps the function that it found when it was imported. A bound method would
        # not get the path.
        patched.setattr(Path, "mkdir", lambda path, mode: recorder.mkdir(path, mode))  # noqa: PLW0108
        build()
    return recorder.log


def states(start: Path, log: Log, *torn: str) -> Iterator[tuple[bool, dict[str, bytes]]]:
    """What may be there when power fails at each moment of a log, and whether that is after its
    end."""
    chance = random.Random(7)
    disk = Disk(start)
    seen = set()
    for step in range(len(log) + 1):
        count = len(disk.unsynced)
        kept: list[set[int]] = [set(), set(range(count))]
        kept += [{one} for one in range(count)] + [
            set(range(count)) - {one} for one in range(count)
        ]
        kept += [{one for one in range(count) if chance.random() < 0.5} for _ in range(CHOICES)]
        for choice in kept:
            for how in torn or TORN:
                files = disk.left(choice.__contains__, TORN[how])
                key = (step == len(log), tuple(sorted(files.items())))
                if key not in seen:
                    seen.add(key)
                    yield step == len(log), files
        if step < len(log):
            disk.do(*log[step])


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file in the folder, by path."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def published(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that a reader of the folder looks at."""
    return {path: text for path, text in files.items() if not path.startswith(".gk-")}


def fault(files: Mapping[str, bytes], *, complete: bool) -> str:
    """What is wrong with the files that power left, before another build."""
    shown = published(files)
    old, new = {**OLD, **THEIRS}, {**NEW, **THEIRS}
    if complete and shown != new:
        return "a build that ended is lost"
    if JOURNAL not in files and shown not in (old, new):
        return "neither old nor new, and no journal"
    if any(text not in (old.get(path), new.get(path)) for path, text in shown.items()):
        return "a file that is neither"
    return ""


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """The folder tmp_path/start with out/ in it: the old files, and some of somebody else's."""
    output = tmp_path / "start" / "out"
    write(OLD, output)
    for path, text in THEIRS.items():
        (output / path).write_bytes(text)
    return tmp_path / "start"


@pytest.fixture
def log(start: Path, tmp_path: Path) -> Log:
    """What building the new files over the old ones asks the system for."""
    copy = tmp_path / "copy"
    shutil.copytree(start, copy)
    log = record(lambda: write(NEW, copy / "out"), copy)
    return [
        tuple(
            start / argument.relative_to(copy) if isinstance(argument, Path) else argument
            for argument in one
        )
        for one in log
    ]


def put_back(files: Mapping[str, bytes], folder: Path) -> Path:
    """A folder with the files that power left, as the next build finds it."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    return folder


def test_the_log_has_all_that_a_build_does(start: Path, log: Log) -> None:
    """Replayed in full, it leaves what the build left, of which nothing can be lost any more."""
    disk = Disk(start)
    for one in log:
        disk.do(*one)

    kept = disk.left(lambda _: True, lambda _: b"")

    assert {**NEW, **THEIRS} == published(
        {path.removeprefix("out/"): text for path, text in kept.items()}
    )
    assert f"out/{MANIFEST}" in kept
    assert kept == disk.left(lambda _: False, lambda _: b"")


def test_power_that_fails_leaves_whole_files(start: Path, log: Log) -> None:
    """Without a journal all is old or all is new; with one, each file is either; after the end all
    is new."""
    faults = [
        (reason, sorted(files))
        for complete, files in states(start / "out", _below(log, start / "out"))
        if (reason := fault(files, complete=complete))
    ]

    assert [] == faults


def test_the_build_after_power_failed_is_right(
    start: Path, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the disk kept, the next build, of the same files or of others, leaves its own and
    those of others."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    count = 0
    for _, left in states(start / "out", _below(log, start / "out"), "half"):
        files = NEW if count % 2 else {"a/x": b"1", "d": b"2"}
        output = put_back(left, tmp_path / "after")
        write(files, output)

        assert {**files, **THEIRS} == published(files_in(output)), sorted(left)
        assert not (output / ".gk-staged").exists()
        count += 1

    assert count > 100


def test_a_first_build_is_there_when_it_has_ended(tmp_path: Path) -> None:
    """The folders that it made, too."""
    top = tmp_path / "top"
    top.mkdir()
    log = record(lambda: write(NEW, top / "deep" / "out"), top)
    for path in top.iterdir():
        shutil.rmtree(path)
    disk = Disk(top)
    for one in log:
        disk.do(*one)

    left = disk.left(lambda _: False, lambda _: b"")

    assert NEW == published({path.removeprefix("deep/out/"): text for path, text in left.items()})


@pytest.mark.parametrize("lost", ["files", "folders"])
def test_the_replay_would_notice_a_sync_that_is_missing(start: Path, log: Log, lost: str) -> None:
    """Without the syncs of files, or of folders, it finds states that no build may leave."""
    below = _below(log, start / "out")
    folders = {path.parent for call, path, *_ in below if call != "fsync"}
    less = [
        one
        for one in below
        if not (one[0] == "fsync" and (one[1] in folders) == (lost == "folders"))
    ]

    assert len(less) < len(below)
    assert {""} < {
        fault(files, complete=complete) for complete, files in states(start / "out", less)
    }


def _below(log: Log, folder: Path) -> Log:
    return [one for one in log if one[1].is_relative_to(folder)]
