"""Folders, lists and journals that somebody else made: nothing outside is read, written or removed,
on their word."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest

from gk.errors import ConfigError, GkError
from gk.provisioning.output import MANIFEST, compare, read, write
from tests.conftest import ProjectFolder, RunGk

FILES = {"grafana/a.json": b"1", "grafana/sub/b.json": b"2", "c.yaml": b"3"}
STAGED = ".gk-staged"
JOURNAL = f"{STAGED}/journal"
FIFTY_MEGABYTES = 50 * 1024 * 1024


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the output, with files called like those of the output."""
    folder = tmp_path / "outside"
    (folder / "sub").mkdir(parents=True)
    for path in ("a.json", "sub/b.json", "c.yaml", "victim"):
        (folder / path).write_text("theirs")
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that gk wrote."""
    folder = tmp_path_factory.mktemp("written") / "out"
    write(FILES, folder)
    return folder


@pytest.fixture
def output(tmp_path: Path, outside: Path, written: Path) -> Iterator[Path]:
    """A folder that gk wrote. Whatever the test does in it, nothing outside changes."""
    folder = tmp_path / "out"
    shutil.copytree(written, folder)
    before = snapshot(outside)
    yield folder
    assert before == snapshot(outside)


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """What is in a folder: kind and mode, time of the last change, and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (folder, *folder.rglob("*"))
    }


def stage(output: Path, journal: object, **staged: bytes) -> None:
    """Leave what an interrupted build leaves: a journal (bytes as they are), and files by their
    number."""
    (output / STAGED).mkdir()
    text = journal if isinstance(journal, bytes) else orjson.dumps(journal)
    (output / JOURNAL).write_bytes(text)
    for name, content in staged.items():
        (output / STAGED / name.removeprefix("_")).write_bytes(content)


def message(of: Callable[[], object]) -> str:
    """How gk refuses, which takes a moment, whatever it is given."""
    start = time.process_time()
    with pytest.raises(GkError) as raised:
        of()
    assert 20 > time.process_time() - start
    return str(raised.value)


# Paths

PATHS = [
    pytest.param("/etc/passwd", id="absolute"),
    pytest.param("../outside/victim", id="out of the folder"),
    pytest.param("grafana/../../outside/victim", id="out by a folder"),
    pytest.param("..", id="the parent"),
    pytest.param(".", id="the folder itself"),
    pytest.param("./c.yaml", id="a dot"),
    pytest.param("grafana/./a.json", id="a dot within"),
    pytest.param("", id="empty"),
    pytest.param("grafana//a.json", id="an empty part"),
    pytest.param("grafana/", id="a slash at the end"),
    pytest.param("a\0b", id="NUL"),
    pytest.param("a\x1b[2Jb", id="a terminal's command"),
    pytest.param("a\N{RIGHT-TO-LEFT OVERRIDE}b", id="a bidirectional control"),
    pytest.param("x" * 256, id="a name that is too long"),
    pytest.param(".git/config", id="git's own"),
    pytest.param(".gk-staged/0", id="what is staged"),
    pytest.param("=======", id="a conflict"),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("build", [write, compare])
def test_a_list_that_names_what_is_no_file_of_the_folder_is_refused(
    output: Path, path: str, build: Callable[..., object]
) -> None:
    """The file, the path and what to do, before anything happens; the path cannot command the
    terminal."""
    (output / MANIFEST).write_text(f"# gk\ngrafana/a.json\n{path}\nz\n")
    before = snapshot(output)

    said = message(lambda: build({}, output))

    assert said.startswith(f"out/{MANIFEST}: '")
    assert said.endswith(" is not inside this folder; run git checkout on it")
    assert said.isprintable()
    assert before == snapshot(output)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", ["write", "remove"])
@pytest.mark.parametrize("build", [write, compare])
def test_a_journal_that_names_what_is_no_file_of_the_folder_is_refused(
    output: Path, path: str, key: str, build: Callable[..., object]
) -> None:
    """The same for both lists of a journal."""
    stage(output, {"write": [], "remove": []} | {key: ["c.yaml", path]}, _0=b"evil", _1=b"evil")
    before = snapshot(output)

    said = message(lambda: build({}, output))

    assert said.startswith(f"out/{JOURNAL}: '")
    assert said.endswith(f" is not inside this folder; remove out/{STAGED} and build again")
    assert said.isprintable()
    assert before == snapshot(output)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        pytest.param("a\nb\na\n", "'a' is listed twice", id="twice"),
        pytest.param("a/b/c\na\n", "'a/b/c': its parent is a file", id="a file that is a folder"),
        pytest.param(
            f"{MANIFEST}\n", f"'{MANIFEST}' is not inside this folder", id="the list itself"
        ),
        pytest.param("\N{ROCKET}" * 60 + "\x07\n", "is not inside this folder", id="other letters"),
    ],
)
def test_a_list_that_gk_cannot_have_written_is_refused(
    output: Path, lines: str, fault: str
) -> None:
    (output / MANIFEST).write_text(lines)

    assert fault in message(lambda: write({}, output))


@pytest.mark.parametrize(
    "journal",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"write": ["a"', id="cut off"),
        pytest.param(b"\0" * 4096, id="zeros"),
        pytest.param(b"\xff\xfe{}", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"write"', id="a text"),
        pytest.param(b"7", id="a number"),
        pytest.param({}, id="no keys"),
        pytest.param({"write": []}, id="a key too few"),
        pytest.param({"write": [], "remove": [], "run": []}, id="a key too many"),
        pytest.param({"write": "abc", "remove": []}, id="a text for a list"),
        pytest.param({"write": {"a": 1}, "remove": []}, id="a mapping for a list"),
        pytest.param({"write": [None], "remove": []}, id="null for a path"),
        pytest.param({"write": [], "remove": [["a"]]}, id="a list for a path"),
        pytest.param({"write": [], "remove": [7]}, id="a number for a path"),
        pytest.param({"write": ["c.yaml"], "remove": ["c.yaml"]}, id="written and removed"),
        pytest.param(b'{"write": ["\\ud800"], "remove": []}', id="a surrogate"),
    ],
)
def test_a_journal_that_gk_cannot_have_written_is_refused(output: Path, journal: object) -> None:
    stage(output, journal, _0=b"evil")
    before = snapshot(output)

    for build in (compare, write):
        said = message(lambda build=build: build({}, output))  # type: ignore[misc]
        assert (
            f"out/{JOURNAL}: is not what gk wrote there; remove out/{STAGED} and build again"
            == said
        )

    assert before == snapshot(output)


@pytest.mark.parametrize(
    ("journal", "fault"),
    [
        pytest.param(
            {"write": ["a", "a"], "remove": []}, "'a' is listed twice", id="written twice"
        ),
        pytest.param(
            {"write": [], "remove": ["a", "a"]}, "'a' is listed twice", id="removed twice"
        ),
        pytest.param(
            {"write": ["a", "a/b"], "remove": []},
            "'a/b': its parent is a file",
            id="file and folder",
        ),
        pytest.param(
            {"write": [], "remove": [MANIFEST]},
            f"'{MANIFEST}' is not inside this folder",
            id="the list removed",
        ),
    ],
)
def test_a_journal_that_contradicts_itself_is_refused(
    output: Path, journal: object, fault: str
) -> None:
    stage(output, journal, _0=b"evil", _1=b"evil")

    assert f"out/{JOURNAL}: {fault}" in message(lambda: write({}, output))


def test_journals_and_lists_of_50_mb_are_refused_at_once(output: Path) -> None:
    """Sparse, as they cost their author nothing."""
    stage(output, {"write": [], "remove": []})
    os.truncate(output / JOURNAL, FIFTY_MEGABYTES)
    assert "is not what gk wrote there" in message(lambda: write({}, output))

    (output / JOURNAL).unlink()
    os.truncate(output / MANIFEST, FIFTY_MEGABYTES)
    assert "has more than 33,554,432 bytes" in message(lambda: write({}, output))


def test_lists_of_millions_of_names_are_refused_at_once(output: Path) -> None:
    lines = {
        "names more than 200,000 files": "".join(f"{number}\n" for number in range(2_000_000)),
        "is not inside this folder": "a/" * 10_000_000 + "a\n",
        "its parent is a file": "a\n"
        + "".join(f"{'a/' * 500}{number}\n" for number in range(5_000)),
    }
    for fault, text in lines.items():
        (output / MANIFEST).write_text(text)
        assert fault in message(lambda: compare(FILES, output))


# Links and special files


def special(kind: str, place: Path, outside: Path) -> None:
    """Put something in a place in which gk expects a file or a folder of its own."""
    if kind == "link":
        place.symlink_to(outside)
    elif kind == "link to nothing":
        place.symlink_to(outside / "nothing")
    elif kind == "link to itself":
        place.symlink_to(place)
    elif kind == "folder":
        place.mkdir()
        (place / "theirs").write_text("x")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        here = Path.cwd()
        os.chdir(place.parent)  # A socket's path has 100 characters at most.
        try:
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(place.name)
        finally:
            os.chdir(here)


KINDS = ["link", "link to nothing", "link to itself", "folder", "pipe", "socket"]
NAMED = {"pipe": "special file", "socket": "special file"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_the_place_of_the_list_is_refused(
    output: Path, outside: Path, kind: str
) -> None:
    (output / MANIFEST).unlink()
    special(kind, output / MANIFEST, outside)

    for build in (compare, write):
        said = message(lambda build=build: build({}, output))  # type: ignore[misc]
        what = NAMED.get(kind, kind.split()[0])
        assert (
            f"out/{MANIFEST}: is not a list of files but a {what}; remove it and run git "
            "checkout on it"
        ) == said


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (place, kind)
        for place in (STAGED, JOURNAL)
        for kind in KINDS
        if (place, kind) != (STAGED, "folder")
    ],
)
def test_what_stands_in_the_place_of_the_journal_is_refused(
    output: Path, outside: Path, kind: str, place: str
) -> None:
    (output / place).parent.mkdir(exist_ok=True)
    special(kind, output / place, outside)

    for build in (compare, write):
        said = message(lambda build=build: build({}, output))  # type: ignore[misc]
        assert said.startswith(
            f"out/{place}: is a {NAMED.get(kind, kind.split()[0])} that gk did not put there; "
        )


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_staged_beside_gk_s_files_is_not_removed(
    output: Path, outside: Path, kind: str
) -> None:
    """Dropping what an interrupted build staged follows no link, and enters no folder."""
    (output / STAGED).mkdir()
    special(kind, output / STAGED / "0", outside)

    assert f"out/{STAGED}/0: is a " in message(lambda: write({}, output))
    assert (output / STAGED / "0").is_symlink() or (output / STAGED / "0").exists()


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_a_journal_puts_nothing_but_files_in_place(output: Path, outside: Path, kind: str) -> None:
    """A staged link would be published, and Grafana would read through it."""
    stage(output, {"write": ["new.json"], "remove": []})
    special(kind, output / STAGED / "0", outside)

    assert f"out/{STAGED}/0: is a " in message(lambda: write({}, output))
    assert not (output / "new.json").is_symlink()


@pytest.mark.parametrize("folder", ["grafana", "grafana/sub"])
@pytest.mark.parametrize(
    "files",
    [
        pytest.param(FILES, id="nothing changes"),
        pytest.param(
            {**FILES, "grafana/a.json": b"new", "grafana/sub/b.json": b"new"}, id="files change"
        ),
        pytest.param({**FILES, "grafana/sub/new.json": b"new"}, id="a file is new"),
        pytest.param({"c.yaml": b"3"}, id="files are gone"),
    ],
)
def test_a_link_in_the_place_of_a_folder_is_refused(
    output: Path, outside: Path, folder: str, files: dict[str, bytes]
) -> None:
    """Even where files of the same names and contents are behind it."""
    for path in reversed(list((output / folder).rglob("*"))):
        path.rmdir() if path.is_dir() else path.unlink()
    (output / folder).rmdir()
    (output / folder).symlink_to(outside / folder.removeprefix("grafana").strip("/"))
    before = snapshot(output)

    for build in (compare, write):
        said = message(lambda build=build: build(files, output))  # type: ignore[misc]
        assert f"out/{folder}: is a link, and gk build follows no links; " in said
        assert said.endswith("move it, or use another folder with -o")

    assert before == snapshot(output)


def test_a_link_in_the_place_of_a_file_is_refused(output: Path, outside: Path) -> None:
    """Its content is another file's, which gk does not even read."""
    (output / "c.yaml").unlink()
    (output / "c.yaml").symlink_to(outside / "c.yaml")

    assert message(lambda: write(FILES, output)).startswith("out/c.yaml: is a link, ")
    assert (output / "c.yaml").is_symlink()


def test_all_links_are_told_at_once(output: Path, outside: Path) -> None:
    for name in ("x", "y"):
        (output / name).symlink_to(outside)

    said = message(lambda: compare({**FILES, "x/1": b"", "x/2": b"", "y/1": b""}, output))

    assert ["out/x", "out/y"] == [line.partition(":")[0] for line in said.splitlines()]


@pytest.mark.parametrize("files", [FILES, {}, {"grafana": b"file"}, {"c.yaml/x": b"folder"}])
def test_a_journal_follows_no_link(output: Path, outside: Path, files: dict[str, bytes]) -> None:
    """Neither where it writes nor where it removes."""
    (output / "link").symlink_to(outside)
    for journal in (
        {"write": ["link/victim"], "remove": []},
        {"write": [], "remove": ["link/victim"]},
        {"write": ["link/victim/x"], "remove": []},
    ):
        stage(output, journal, _0=b"evil")

        assert message(lambda: write(files, output)).startswith("out/link: is a link, ")

        for file in (output / STAGED).iterdir():
            file.unlink()
        (output / STAGED).rmdir()


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_special_file_in_the_place_of_a_file_is_somebody_else_s(
    output: Path, outside: Path, kind: str
) -> None:
    """A pipe that nobody writes to does not make gk wait."""
    (output / "c.yaml").unlink()
    special(kind, output / "c.yaml", outside)

    for files in (FILES, {**FILES, "c.yaml": b"new"}):
        said = message(lambda files=files: compare({**files, "d": b""}, output))  # type: ignore[misc]
        assert "files that gk did not write, at paths that gk needs: c.yaml" in said


def test_what_earlier_builds_left_is_not_read_through_a_link(output: Path, outside: Path) -> None:
    """A file that says what Grafana has to delete is only believed in the output."""
    (output / "link").symlink_to(outside)

    assert message(lambda: read(output, "link/victim")).startswith("out/link: is a link, ")


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(dict.fromkeys(FILES, b"new"), id="files change"),
        pytest.param({"grafana/new/a.json": b"new", "c.yaml": b"3"}, id="files are new and gone"),
        pytest.param({"grafana": b"new"}, id="a folder becomes a file"),
    ],
)
def test_a_folder_that_becomes_a_link_at_any_moment_is_not_followed(
    written: Path,
    tmp_path: Path,
    outside: Path,
    files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody exchanges the folder for a link before the build's first system call, or its second,
    and so on."""
    before = snapshot(outside)
    for step in range(10_000):
        output = tmp_path / str(step) / "out"
        shutil.copytree(written, output)
        with monkeypatch.context() as patched:
            calls = exchange_before(step, output / "grafana", outside, patched)
            with suppress(GkError):
                write(files, output)
            with suppress(GkError):
                write(FILES, output)
        assert before == snapshot(outside), step
        if next(calls) <= step:
            break

    assert step > 100


def exchange_before(
    step: int, folder: Path, outside: Path, patched: pytest.MonkeyPatch
) -> Iterator[int]:
    """Put a link to `outside` in the place of a folder before gk's system call of a number; counts
    the calls."""
    calls = itertools.count()
    original = {
        name: getattr(os, name)
        for name in ("open", "stat", "mkdir", "rename", "unlink", "rmdir", "scandir")
    }

    def patch(name: str) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if next(calls) == step:
                if folder.exists():
                    original["rename"](folder, folder.with_name("aside"))
                folder.symlink_to(outside)
            return original[name](*arguments, **options)

        return call

    for name in original:
        patched.setattr(os, name, patch(name))
    return calls


# As a user runs it


def test_a_link_as_output_is_the_user_s_choice_with_o(
    project: ProjectFolder, run_gk: RunGk, tmp_path: Path, outside: Path
) -> None:
    """-o may name a link to a folder; gk.yaml's folder may be one only inside the project."""
    project.write({"dashboards/a.py": dashboards("a")})
    (project.root / "elsewhere").symlink_to(outside)
    assert 0 == run_gk("build", "-o", "elsewhere").code
    assert (outside / "grafana").is_dir()

    (project.root / "inside").mkdir()
    (project.root / "provisioning").symlink_to("inside")
    assert 0 == run_gk("build").code

    (project.root / "provisioning").unlink()
    (project.root / "provisioning").symlink_to(tmp_path / "other")
    (tmp_path / "other").mkdir()
    ran = run_gk("build")
    assert 2 == ran.code
    assert (
        f"provisioning: a link leads out of the project to {tmp_path / 'other'}; use gk build -o to"
        in ran.err
    )
    assert [] == list((tmp_path / "other").iterdir())


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param(MANIFEST, b"../../outside/victim\n", id="a list that leads out"),
        pytest.param(
            JOURNAL,
            b'{"write": [], "remove": ["../../outside/victim"]}',
            id="a journal that leads out",
        ),
        pytest.param(JOURNAL, b'{"write": [["0", "../x"]]}', id="a journal of another form"),
        pytest.param(JOURNAL, b"[" * 1_000_000, id="a deep journal"),
        pytest.param(MANIFEST, b"\xff" * 1000, id="a list of bytes"),
    ],
)
def test_a_stranger_s_list_or_journal_ends_with_a_message(
    project: ProjectFolder, run_gk: RunGk, outside: Path, path: str, content: bytes
) -> None:
    project.write({"dashboards/a.py": dashboards("a")})
    file = project.root / "provisioning" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    for arguments in (["build"], ["build", "--check"]):
        ran = run_gk(*arguments)
        assert (2, "") == (ran.code, ran.out)
        assert ran.err.startswith(f"provisioning/{path}: ")
        assert 1 == len(ran.err.splitlines())
    assert (outside / "victim").exists()


# Modes and names


@pytest.mark.parametrize("mask", [0o077, 0o022, 0o000, 0o777])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, mask: int) -> None:
    """Grafana runs as another user, in a container perhaps, and has to read what gk wrote."""
    before = os.umask(mask)
    try:
        write(FILES, tmp_path / "deep" / "out")
        write({**FILES, "c.yaml": b"new", "d/e": b"4"}, tmp_path / "deep" / "out")
    finally:
        os.umask(before)

    modes = {
        path: path.stat().st_mode & 0o7777
        for path in (tmp_path / "deep", *(tmp_path / "deep").rglob("*"))
    }
    assert {0o644} == {mode for path, mode in modes.items() if path.is_file()}
    assert {0o755} == {mode for path, mode in modes.items() if path.is_dir()}


def dashboards(*uids: str, folder: str = "Team") -> str:
    """Definitions of dashboards with these uids, in folders of their own."""
    lines = [
        (
            f'd{number} = Dashboard("D{number}", uid="{uid}", folder="{folder} {number}", '
            'panels=[stat("Up", "up")])'
        )
        for number, uid in enumerate(uids)
    ]
    return "\n".join(["from gk import Dashboard, stat", "", *lines, ""])


def test_files_that_differ_in_case_alone_are_mistakes(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """On macOS and Windows, and in folders shared with them, one would overwrite the other; both
    places are named."""
    project.write(
        {
            "dashboards/a.py": dashboards("CON"),
            "dashboards/b.py": dashboards("x", "con", folder="Other"),
        }
    )

    ran = run_gk("build")

    assert 2 == ran.code
    one, two = ran.err.splitlines()
    assert one.startswith("dashboards/a.py:3: dashboard 'D0': kubernetes/dashboards/CON.yaml and ")
    assert two.startswith("dashboards/b.py:4: dashboard 'D1': kubernetes/dashboards/con.yaml and ")
    assert "(dashboards/b.py:4) differ only in case and are one file on macOS" in one
    assert "(dashboards/a.py:3)" in two
    assert one.endswith("; change the uid of one")
    assert not (project.root / "provisioning").exists()


def test_files_of_two_folders_may_differ_in_case_alone(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Only a folder that has both would lose one: without the manifests, none does."""
    project.write(
        {"gk.yaml": "build: {formats: [grafana]}\n", "dashboards/a.py": dashboards("CON", "con")}
    )

    assert 0 == run_gk("build").code


def test_a_file_under_another_case_of_its_name_is_not_removed(output: Path) -> None:
    """Where case does not count, the old name is the new file; here a hard link stands for that."""
    os.link(output / "c.yaml", output / "C.yaml")
    renamed = {path: text for path, text in FILES.items() if path != "c.yaml"} | {
        "C.yaml": FILES["c.yaml"]
    }

    changes = write(renamed, output)

    assert [] == changes.removed
    assert b"3" == (output / "C.yaml").read_bytes()


def test_a_file_gets_another_case_of_its_name(output: Path) -> None:
    """Where case counts, the old one goes."""
    renamed = {path: text for path, text in FILES.items() if path != "c.yaml"} | {
        "C.yaml": FILES["c.yaml"]
    }

    changes = write(renamed, output)

    assert (["C.yaml"], ["c.yaml"]) == (changes.added, changes.removed)


def test_no_path_of_gk_s_own_leads_out(output: Path) -> None:
    """What would be a bug of gk's does no harm either."""
    for path in ("../outside/victim", "/etc/gk", "grafana/../../outside/victim", "a//b", ""):
        with pytest.raises((ValueError, ConfigError)):
            write({path: b"evil"}, output)
