"""Resolves revisions with git, and reads the files of a project at a revision.

A tree becomes one archive; this module never writes its files. The author of a commit also chose
the names in it, and git checks names only on checkout: gk.diff.sides.names finds those that git
would refuse.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gk.bounded.reading import UnusableFileError, read_text
from gk.diff.sides.names import refusals, shown
from gk.errors import ConfigError, GkError
from gk.settings import LARGEST, SETTINGS_FILE, libraries_of

__all__ = [
    "WORKING_TREE",
    "Archive",
    "Commit",
    "Range",
    "Repository",
    "TreeError",
    "parse",
]

WORKING_TREE = ""
"""Stands for the working tree where a revision is expected."""
MOST_ENTRIES = 200_000
"""The most files and folders in a tree. A few kilobytes of nested trees can name billions."""
_MOST_WHOLE = 3_000, 30 * 1024**2
"""Files and bytes of a repository that is exported whole. Of a larger one, only the project and the
folders that Python imports from are."""
MOST_BYTES = 1024**3
"""The most bytes of all files in a tree."""
_LONGEST_LISTING = 128 * 1024**2
_LONGEST_LINE = 1024**2
"""Bytes of git's list of a tree: whoever made the revision chose its names."""
_SHOWN = 5
"""How many invalid names a message lists."""
_LINK = "120000"


@dataclass(frozen=True, slots=True)
class Range:
    """Two revisions to compare; the new one may be the working tree. With `merge_base`, the old
    side is the merge base of both."""

    old: str
    new: str
    merge_base: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its id, and its name in messages (`main (1a2b3c4)`)."""

    id: str
    name: str


@dataclass(frozen=True)
class Archive:
    """The files of a project in one open file: a line of JSON, `[[path, kind, size], ...]`, then
    the contents in that order. `kind` is `file` or `link`; the content of a link is its target.

    Paths are relative to the top of the repository. Bytes that are not UTF-8 become surrogates, as
    in os.fsdecode.
    """

    paths: Sequence[str]
    file: IO[bytes]


class TreeError(GkError):
    """gk cannot read the files of a revision: its tree is damaged, hostile or too large."""


def parse(arguments: Sequence[str]) -> Range:
    """Parse the arguments of a command into a range, as in `git diff`. Raises ConfigError for
    invalid ones."""
    if len(arguments) > 2:
        raise ConfigError(
            "give at most two revisions: A..B compares them, A...B compares B with their merge base"
        )
    if len(arguments) == 2:
        range = Range(arguments[0], arguments[1])
    elif not arguments:
        range = Range("HEAD", WORKING_TREE)
    elif "..." in arguments[0]:
        old, _, new = arguments[0].partition("...")
        range = Range(old or "HEAD", new or "HEAD", merge_base=True)
    elif ".." in arguments[0]:
        old, _, new = arguments[0].partition("..")
        range = Range(old or "HEAD", new or "HEAD")
    else:
        range = Range(arguments[0], WORKING_TREE)
    for revision in (range.old, range.new):
        if revision.startswith("-"):
            raise ConfigError(f"'{revision}' is not a revision: revisions cannot start with '-'")
    return range


class Repository:
    """The git repository of a project. Reads commits and objects only: writes nothing, and runs no
    hook, filter or monitor of the repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self.prefix = self._run("rev-parse", "--show-prefix").removesuffix("\n").rstrip("/")
            top = self._run("rev-parse", "--show-toplevel").removesuffix("\n")
        except FileNotFoundError:
            raise ConfigError(
                "git is not installed, and gk reads revisions with it; install it, or compare "
                "built folders: gk diff OLD NEW"
            ) from None
        except _GitError as error:
            raise ConfigError(
                f"{root.name}/ is not in a git repository, so gk cannot compare revisions "
                f"({error}); compare built folders or files: gk diff OLD NEW"
            ) from None

        self.top = Path(top).resolve()

    # Commits

    def commits(self, range: Range) -> tuple[Commit | None, Commit | None]:
        """Resolve a range to its old and new commit; None for the working tree. Raises ConfigError
        for an unknown revision."""
        new = None if range.new == WORKING_TREE else self._commit(range.new)
        old = self._commit(range.old)
        if range.merge_base and new:
            old = self._merge_base(old, new, range)
        return old, new

    def is_checked_out(self, commit: Commit | None) -> bool:
        """Whether a commit is HEAD or one of its ancestors; the working tree counts too."""
        if commit is None:
            return True
        try:
            self._run("merge-base", "--is-ancestor", commit.id, "HEAD")
        except _GitError:
            # Exit code 1 says no. Any other one leaves it open, and no is the careful answer.
            return False
        return True

    def _commit(self, revision: str) -> Commit:
        try:
            answer = self._run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
        except _GitError:
            raise ConfigError(f"revision '{revision}' not found{self._hint(revision)}") from None
        return self._named(revision, answer.strip().split("\n")[-1])

    def _named(self, revision: str, id: str) -> Commit:
        short = self._run("rev-parse", "--short", id).strip()
        return Commit(id, short if id.startswith(revision) else f"{revision} ({short})")

    def _hint(self, revision: str) -> str:
        if revision == "HEAD":
            return ": the repository has no commit yet; make one first"
        if self._is_shallow():
            return (
                "; the clone is shallow: fetch all of it (fetch-depth: 0, or git fetch --unshallow)"
            )
        if Path(revision).exists():
            return "; to compare files, name two: gk diff OLD NEW"
        return "; `git branch --all` and `git tag` list the known ones"

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == "true"

    def _merge_base(self, old: Commit, new: Commit, range: Range) -> Commit:
        try:
            id = self._run("merge-base", old.id, new.id).strip()
        except _GitError:
            what_to_do = (
                "; the clone is shallow: fetch all of it (fetch-depth: 0)"
                if self._is_shallow()
                else ""
            )
            raise ConfigError(
                f"'{range.old}' and '{range.new}' have no common ancestor{what_to_do}"
            ) from None
        return (
            old if id == old.id else self._named(f"merge base of {range.old} and {range.new}", id)
        )

    # Files

    def settings(self, revision: str) -> str:
        """The text of gk.yaml at a revision; empty without that file."""
        return self._settings(self._commit(revision))

    def _settings(self, commit: Commit) -> str:
        path = f"{self.prefix}/{SETTINGS_FILE}".lstrip("/")
        try:
            return self._run("cat-file", "blob", f"{commit.id}:{path}")
        except _GitError:
            return ""

    def libraries(self, commit: Commit | None) -> list[str]:
        """The folders of the repository that gk.yaml names as libraries at a commit, or in the
        working tree."""
        if commit:
            text = self._settings(commit)
        else:
            try:
                text = read_text(self.root / SETTINGS_FILE, LARGEST)
            except UnusableFileError:
                text = ""
        paths = (os.path.normpath(f"{self.prefix or '.'}/{path}") for path in libraries_of(text))
        # Others lead out of the repository, and are a mistake of that side.
        return [path for path in paths if not path.startswith(("/", ".."))]

    def archive(
        self, commit: Commit | None, file: IO[bytes], imported: Sequence[str] = ()
    ) -> Archive:
        """Write the files of the repository at a commit, or in the working tree, into an empty
        file: definitions may import packages and read files beside the project.

        Of a large repository, these are the files of the project and of the folders `imported`. If
        the commit lacks the project, the archive has no files. Raises TreeError for a tree that git
        would not check out, or that is damaged or too large.
        """
        folders = [self.prefix, *imported]
        if commit is None:
            return self._of_working_tree(file, folders)
        return self._of_commit(commit, file, folders)

    def _of_commit(self, commit: Commit, file: IO[bytes], folders: Sequence[str]) -> Archive:
        tree = f"{commit.id}:{self.prefix}"
        try:
            # The project may not have existed at that commit.
            self._run("rev-parse", "--verify", "--quiet", "--end-of-options", tree)
        except _GitError:
            return _archive({}, file)
        # Read the whole tree before the first object: a hostile tree fails early.
        entries = list(self._entries(commit.id))
        kept = _kept({entry.path: entry.size for entry in entries}, folders)
        entries = [entry for entry in entries if entry.path in kept]
        files = [entry for entry in entries if entry.type == "blob"]
        _refuse(
            [entry.path for entry in files],
            [entry.path for entry in entries if entry.type != "blob"],
        )
        with tempfile.TemporaryFile() as contents:
            sizes = self._copy_objects(files, contents)
            kinds = ["link" if entry.mode == _LINK else "file" for entry in files]
            index = zip((entry.path for entry in files), kinds, sizes, strict=True)
            contents.seek(0)
            return _archive({path: (kind, size) for path, kind, size in index}, file, contents)

    def _entries(self, tree: str) -> Iterator[_Entry]:
        """The entries of a tree and of all trees in it. Raises TreeError."""
        size = 0
        with self._piped(["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", tree]) as output:
            for number, line in enumerate(_split(output)):
                size += len(line)
                if number >= MOST_ENTRIES or size > _LONGEST_LISTING:
                    raise TreeError(
                        f"its tree is too large: the limit is {MOST_ENTRIES:,} files and folders"
                    )
                about, _, path = line.partition(b"\t")
                mode, type, id, length = about.decode().split()
                # git prints no size for a tree, and another word for an object that is missing.
                yield _Entry(
                    mode, type, id, os.fsdecode(path), int(length) if length.isdigit() else 0
                )

    def _copy_objects(self, entries: Sequence[_Entry], target: IO[bytes]) -> list[int]:
        """Append the raw contents of entries to a file: git applies no filters and no attributes.
        Returns the sizes; raises TreeError."""
        with tempfile.TemporaryFile() as ids:
            ids.write("".join(f"{entry.id}\n" for entry in entries).encode())
            ids.seek(0)
            with self._piped(["cat-file", "--batch"], stdin=ids) as output:
                sizes: list[int] = []
                left = MOST_BYTES
                for entry in entries:
                    header = output.readline().split()
                    if len(header) != 3 or header[1] != b"blob":
                        raise TreeError(
                            f"git has no object {entry.id[:10]} for '{shown(entry.path)}': "
                            "the clone is damaged or partial; git fsck tells more"
                        )
                    size = int(header[2])
                    left -= size
                    if left < 0:
                        raise TreeError(
                            f"its files are too large: the limit is {MOST_BYTES:,} bytes in all"
                        )
                    if _copy(output, target, size) + len(output.read(1)) != size + 1:
                        raise TreeError(
                            f"git stopped in the middle of '{shown(entry.path)}'; "
                            "git fsck tells more"
                        )
                    sizes.append(size)
                return sizes

    def _of_working_tree(self, file: IO[bytes], folders: Sequence[str]) -> Archive:
        """Archive the files on disk that are tracked, or untracked and not ignored."""
        # -z, because names may contain line breaks.
        listed = self._run(
            "-C", str(self.top), "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        # git lists a path several times during a merge conflict.
        paths = dict.fromkeys(filter(None, listed.split("\0")))
        kept = _kept({path: _size(self.top / path) for path in paths}, folders)
        index: dict[str, tuple[str, int]] = {}
        with tempfile.TemporaryFile() as contents:
            for path in filter(kept.__contains__, paths):
                source = self.top / path
                if source.is_symlink():
                    target = os.fsencode(source.readlink())
                    index[path] = ("link", contents.write(target))
                elif source.is_file():
                    with source.open("rb") as content:
                        index[path] = ("file", _copy(content, contents))
            parents = {str(parent) for path in index for parent in Path(path).parents}
            _refuse(list(index), parents - {"."})
            contents.seek(0)
            return _archive(index, file, contents)

    # git

    def _run(self, *arguments: str) -> str:
        """The output of a git command. Raises _GitError if it fails."""
        ran = subprocess.run(
            self._command(arguments),
            cwd=self.root,
            env=_environ(),
            capture_output=True,
            check=False,
        )
        if ran.returncode:
            raise _GitError(_said(ran.stderr))
        # Names need not be UTF-8.
        return os.fsdecode(ran.stdout)

    @contextmanager
    def _piped(
        self, arguments: Sequence[str], stdin: IO[bytes] | None = None
    ) -> Iterator[IO[bytes]]:
        """The output of a git command while it runs. Raises TreeError if it fails."""
        # A file, because a full pipe would block git while nobody reads it.
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self._command(arguments),
                cwd=self.root,
                env=_environ(),
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            assert process.stdout is not None
            try:
                with process.stdout:
                    yield process.stdout
            except BaseException:
                process.kill()
                raise
            finally:
                code = process.wait()
            if code:
                errors.seek(0)
                raise TreeError(
                    f"git cannot read its tree ({_said(errors.read())}); git fsck tells more"
                )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        # Never run hooks and monitors that the repository configures: it may be a stranger's.
        return [
            "git",
            "-c",
            f"core.hooksPath={os.devnull}",
            "-c",
            "core.fsmonitor=false",
            *arguments,
        ]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a tree: `type` is `blob`, `tree`, or `commit` for a submodule."""

    mode: str
    type: str
    id: str
    path: str
    size: int


class _GitError(GkError):
    """A git command failed."""


def _environ() -> dict[str, str]:
    # Inside a hook, GIT_* variables point to the hook's repository and index.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # LC_ALL makes git's messages English, as gk quotes them.
    return environ | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _said(errors: bytes) -> str:
    return errors.decode(errors="replace").strip().removeprefix("fatal: ") or "git failed"


def _refuse(files: Iterable[str], folders: Collection[str]) -> None:
    """Raise TreeError for a tree that git would not check out."""
    reasons = refusals(files, folders)
    if reasons:
        more = f", and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        raise TreeError(
            f"its tree has invalid names: {', '.join(reasons[:_SHOWN])}{more}; git fsck tells more"
        )


def _kept(sizes: Mapping[str, int], folders: Sequence[str]) -> Collection[str]:
    """The paths that are exported: all, or in a large repository those in the folders and above
    them."""
    most_files, most_bytes = _MOST_WHOLE
    if "" in folders or (len(sizes) <= most_files and sum(sizes.values()) <= most_bytes):
        return sizes.keys()
    above = {str(parent) for folder in folders for parent in Path(folder).parents}
    inside = tuple(f"{folder}/" for folder in folders)
    return {path for path in sizes if path in above or path in folders or path.startswith(inside)}


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _archive(
    index: Mapping[str, tuple[str, int]], file: IO[bytes], contents: IO[bytes] | None = None
) -> Archive:
    listed = [[path, kind, size] for path, (kind, size) in index.items()]
    file.write(json.dumps(listed).encode() + b"\n")
    if contents:
        _copy(contents, file)
    file.flush()
    return Archive(list(index), file)


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    """Split a stream at NUL bytes."""
    rest = b""
    while chunk := stream.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\0")
        yield from lines
        if len(rest) > _LONGEST_LINE:
            raise TreeError(
                f"its tree has a path that is too long: the limit is {_LONGEST_LINE:,} bytes"
            )


def _copy(source: IO[bytes], target: IO[bytes], size: int | None = None) -> int:
    """Copy `size` bytes, or all; return how many were copied."""
    copied = 0
    while size is None or copied < size:
        chunk = source.read(1 << 20 if size is None else min(1 << 20, size - copied))
        if not chunk:
            break
        copied += target.write(chunk)
    return copied
