"""What is written: YAML that every reader reads alike, and a folder that is the old one or the new
one, never a mix."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gk.errors import ConfigError, GkError
from gk.provisioning.output import MANIFEST, compare, write
from gk.provisioning.text import yaml_text
from tests.cases import every

# YAML

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.text(
        st.sampled_from("ab \t\n\r:#-'\"|>{}[]&*!%@`~=<\\\N{ROCKET}\x85\u2028\ufeff0"), max_size=20
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(value=JSON)
def test_yaml_is_read_back_as_it_was(value: Any) -> None:
    """Whatever the value, a reader has the same one, with the same types."""
    read = yaml.safe_load(yaml_text({"value": value}))

    assert repr({"value": _sorted(value)}) == repr(read)


def _sorted(value: Any) -> Any:
    """The value with the keys of each mapping in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@given(value=st.dictionaries(TEXTS, JSON, max_size=5), seed=st.randoms(use_true_random=False))
def test_yaml_does_not_depend_on_the_order_of_keys(value: dict[str, Any], seed: Any) -> None:
    """Equal values have equal texts."""
    keys = list(value)
    seed.shuffle(keys)

    assert yaml_text(value) == yaml_text({key: value[key] for key in keys})


def styles(text: bytes) -> list[str | None]:
    """How each scalar but the keys `k` is written: None is plain."""
    events = [event for event in yaml.parse(text) if isinstance(event, yaml.ScalarEvent)]
    return [event.style for event in events if event.value != "k"]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param("null Null NULL ~", id="nothing"),
        pytest.param(
            "true True TRUE false False yes Yes YES no No NO on On ON off Off y Y n N", id="truth"
        ),
        pytest.param(
            "0 1 -1 +1 012 0o7 0O7 0x1f 0X1F 0b1 -0x1 1_000 0x_1 190:20:30 1:30", id="whole numbers"
        ),
        pytest.param("1e3 1E3 1e+3 -1e-3 .5 5. -.5 +.5 1.5 1.e3 1_000.5", id="fractions"),
        pytest.param(".inf -.inf +.inf .Inf .INF .nan .NaN .NAN", id="no numbers"),
        pytest.param("2001-01-01 2001-01-01T00:00:00Z", id="dates"),
        pytest.param("= << - ? : # & * ! | > % @ `", id="signs"),
    ],
)
def test_a_text_that_a_reader_takes_for_something_else_is_quoted(texts: str) -> None:
    """YAML 1.1, YAML 1.2 and Go's mixtures of them differ in what a plain scalar is; a quoted one
    is a text to all."""
    assert [] == [text for text in texts.split() if styles(yaml_text({"k": text})) == [None]]


def test_an_empty_text_is_quoted() -> None:
    """Nothing at all would be read as null."""
    assert b"k: ''\n" in yaml_text({"k": ""})


@every(
    "text", ["plain", "15m", "30s", "5m30s", "up < 1", "v1", "http://a:1/b", "10.0.0.1", "1.2.3"]
)
def test_a_text_that_every_reader_takes_for_one_is_plain(text: str) -> None:
    """Quotes only where they are needed."""
    assert [None] == styles(yaml_text({"k": text}))


def test_a_number_is_not_quoted() -> None:
    """Grafana takes whole numbers only for a relative time range."""
    assert b"k: 600\n" in yaml_text({"k": 600})


@pytest.mark.parametrize(
    "text", ["a\nb\n", "a\nb", '{\n"a": "\N{ROCKET} é"\n}\n', "  indented\nless\n", "a: b\n#\n"]
)
def test_a_text_of_several_lines_is_a_block(text: str) -> None:
    """A change of one line of the text is a change of one line of the file."""
    assert ["|"] == styles(yaml_text({"k": text}))


def test_a_value_that_stands_twice_is_written_twice() -> None:
    """Anchors and aliases are hard to read and to review."""
    shared = {"a": ["b"]}

    assert b"&" not in yaml_text({"x": shared, "y": shared})


# The folder

Files = Mapping[str, bytes]


def files_in(output: Path) -> dict[str, bytes]:
    """Every file in the folder but gk's list, by path."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def put(output: Path, files: Files) -> None:
    """Write files as somebody else would."""
    for path, text in files.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(text)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A folder `out`, in which gk has written a/one, a/two and b/three."""
    folder = tmp_path / "out"
    write({"a/one": b"1", "a/two": b"2", "b/three": b"3"}, folder)
    return folder


def test_changes_are_told(output: Path) -> None:
    """What is new, what differs, what is gone and what stays is each reported, in order."""
    files = {"a/one": b"1", "a/two": b"II", "c": b"4", "a/new": b"5"}

    promised, done = compare(files, output), write(files, output)

    assert promised == done
    assert (["a/new", "c"], ["a/two"], ["b/three"], 1) == (
        done.added,
        done.changed,
        done.removed,
        done.unchanged,
    )


def test_comparing_writes_nothing(output: Path, tmp_path: Path) -> None:
    """Neither into a folder, nor the folder itself."""
    before = files_in(output)

    compare({"new": b""}, output)
    compare({"new": b""}, tmp_path / "none")

    assert before == files_in(output)
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_right_is_not_touched(output: Path) -> None:
    """Its inode and its time stay: what watches the folder sees the changed files alone."""
    before = (output / "a/one").stat()

    write({"a/one": b"1", "a/two": b"II"}, output)

    after = (output / "a/one").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_build_that_changes_nothing_touches_nothing(output: Path) -> None:
    """Not even gk's own list, nor a folder."""
    before = {
        path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (output, *output.rglob("*"))
    }

    changes = write({"a/one": b"1", "a/two": b"2", "b/three": b"3"}, output)

    assert not changes
    assert before == {
        path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (output, *output.rglob("*"))
    }


def test_written_files_can_be_read_by_others(tmp_path: Path) -> None:
    """Grafana runs as another user: the files have the mode that the umask gives."""
    mask = os.umask(0o022)
    try:
        write({"a/one": b"1"}, tmp_path / "out")
    finally:
        os.umask(mask)

    assert (0o755, 0o644) == tuple(
        (tmp_path / "out" / path).stat().st_mode & 0o777 for path in ("a", "a/one")
    )


def test_the_list_names_what_gk_wrote(output: Path) -> None:
    """One line a file, in order, below a comment that says what it is for."""
    header, *paths = (output / MANIFEST).read_text().splitlines()

    assert header.startswith("# ")
    assert ["a/one", "a/two", "b/three"] == paths


def test_files_of_others_stay(output: Path) -> None:
    """Only files that gk wrote are removed, and only folders that are empty then."""
    put(output, {"a/theirs": b"x", "README.md": b"y"})

    write({}, output)

    assert {"a/theirs": b"x", "README.md": b"y"} == files_in(output)
    assert not (output / "b").exists()


def test_a_file_of_gk_s_that_somebody_removed_is_no_matter(output: Path) -> None:
    """It is written again when it is wanted, and not missed when it is not."""
    shutil.rmtree(output / "b")
    (output / "a/one").unlink()

    changes = write({"a/one": b"1"}, output)

    assert (["a/one"], ["a/two"]) == (changes.added, changes.removed)
    assert {"a/one": b"1"} == files_in(output)


def test_a_file_of_somebody_else_s_that_is_the_same_becomes_gk_s(tmp_path: Path) -> None:
    """A folder whose list was lost is taken over where it is right."""
    put(tmp_path, {"a": b"1"})

    write({"a": b"1"}, tmp_path)
    write({}, tmp_path)

    assert {} == files_in(tmp_path)


@pytest.mark.parametrize(
    ("theirs", "files", "named"),
    [
        pytest.param({"c": b"x", "d": b"x"}, {"c": b"1", "d": b"2"}, "c, d", id="files"),
        pytest.param({"c": b"x"}, {"c/d/e": b"1"}, "c", id="a file where a folder is needed"),
        pytest.param({"c/d/e": b"x"}, {"c": b"1"}, "c/d/e", id="a folder where a file is needed"),
        pytest.param(
            {"a/theirs": b"x"}, {"a": b"1"}, "a/theirs", id="a file in a folder of gk's own"
        ),
    ],
)
def test_what_others_wrote_is_not_overwritten(
    output: Path, theirs: Files, files: Files, named: str
) -> None:
    """The build ends before it changes anything, and names the files that are in the way."""
    put(output, theirs)
    before = files_in(output)
    message = f"out/ has files that gk did not write, at paths that gk needs: {named}. Move them"

    for attempt in (compare, write):
        with pytest.raises(ConfigError) as raised:
            attempt(files, output)
        assert message == str(raised.value)

    assert before == files_in(output)


def test_an_empty_folder_makes_way_for_a_file(output: Path) -> None:
    """Folders in which nobody has put a file are nobody's."""
    (output / "c/d").mkdir(parents=True)

    write({"c": b"1"}, output)

    assert {"c": b"1"} == files_in(output)


def test_files_and_folders_of_gk_s_own_change_places(output: Path) -> None:
    """What was a folder becomes a file, and the other way round."""
    write({"a": b"1", "b/three/four": b"2"}, output)

    assert {"a": b"1", "b/three/four": b"2"} == files_in(output)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        pytest.param(b"../outside", "'../outside'", id="a path out of the folder"),
        pytest.param(b"a/../../outside", "'a/../../outside'", id="a path out of a subfolder"),
        pytest.param(b"/etc/passwd", "'/etc/passwd'", id="an absolute path"),
        pytest.param(b"<<<<<<< HEAD", "'<<<<<<< HEAD'", id="a conflict"),
        pytest.param(b"||||||| base", "'||||||| base'", id="a conflict with its base"),
        pytest.param(b"=======", "'======='", id="the middle of a conflict"),
        pytest.param(b"\xff\xfe", "is not a list of files", id="no text"),
    ],
)
def test_a_list_that_is_not_gk_s_is_refused(output: Path, line: bytes, named: str) -> None:
    """Nothing is removed on the word of a list that leads elsewhere, or that git could not
    merge."""
    (output / MANIFEST).write_bytes(line + b"\n")
    outside = output.parent / "outside"
    outside.write_text("x")

    with pytest.raises(ConfigError) as raised:
        write({}, output)

    assert f"out/{MANIFEST}: " in str(raised.value)
    assert named in str(raised.value)
    assert "git checkout" in str(raised.value)
    assert outside.exists()
    assert (output / "a/one").exists()


def test_a_folder_in_place_of_the_list_is_refused(tmp_path: Path) -> None:
    """An odd folder is an error that names it, and no traceback."""
    (tmp_path / MANIFEST).mkdir()

    with pytest.raises(ConfigError, match=rf"{MANIFEST}: is not a list of files"):
        write({}, tmp_path)


def test_one_build_at_a_time(output: Path) -> None:
    """A second build does not wait, and does not write between the first one's files."""
    descriptor = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(
            ConfigError, match=r"^another gk build is writing to out/; wait for it$"
        ):
            write({}, output)
    finally:
        os.close(descriptor)

    assert ["a/one", "a/two", "b/three"] == write({}, output).removed


RACE = """
import os, sys, traceback
from pathlib import Path
from gk.errors import ConfigError
from gk.provisioning.output import write

def build(letter):
    files = {
        f"{name}/{letter if name == 'own' else 'same'}": letter * 9 for name in ("own", "b", "c")
    }
    for _ in range(40):
        try:
            write({path: text.encode() for path, text in files.items()}, Path(sys.argv[1]))
        except ConfigError as error:
            assert str(error).startswith("another gk build is writing"), error

for letter in "wxyz":
    if os.fork() == 0:
        try:
            build(letter)
        except BaseException:
            traceback.print_exc()
        os._exit(0)
for _ in range(4):
    os.wait()
"""


def test_builds_at_the_same_time_do_not_mix(output: Path) -> None:
    """Of many that try, one writes and the others are told; what is left is what one of them
    wrote."""
    ran = subprocess.run(
        [sys.executable, "-c", RACE, str(output)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    letter = (output / "b/same").read_text()[0]
    assert "" == ran.stderr
    assert {f"own/{letter}", "b/same", "c/same"} == files_in(output).keys()
    assert {letter.encode() * 9} == set(files_in(output).values())


# A disk that refuses


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path() -> None:
    """A folder that is not ours to write is the user's to mend: path, reason, and what to do."""
    with pytest.raises(
        GkError, match=r"^/proc/gk: No such file or directory; .*use -o for another folder$"
    ):
        write({"a": b""}, Path("/proc/gk"))


def test_a_file_in_place_of_the_output_folder_is_an_error_with_its_path(tmp_path: Path) -> None:
    """The same, where the path is taken."""
    (tmp_path / "out").write_text("")

    with pytest.raises(GkError, match=r"/out: File exists; "):
        write({"a": b""}, tmp_path / "out")


def test_a_full_disk_leaves_the_old_files(output: Path) -> None:
    """What does not fit is not half written: the output is what it was, and nothing lies beside
    it."""
    before = files_in(output)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        with pytest.raises(GkError, match=r"^/.*/out: File too large; "):
            write({"a/one": b"new", "a/large": b"x" * 20_000}, output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert before == files_in(output)


# Any change

TREES = st.dictionaries(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join), st.binary(max_size=3)
)


def fitting(tree: Files, beside: Files) -> dict[str, bytes]:
    """The files of the tree whose paths are no folders, and lie in no files, of the tree itself and
    beside it."""
    fits: dict[str, bytes] = {}
    for path, text in tree.items():
        taken = {*fits, *beside}
        folders = {str(parent) for other in taken for parent in PurePosixPath(other).parents}
        if path not in taken | folders and taken.isdisjoint(map(str, PurePosixPath(path).parents)):
            fits[path] = text
    return fits


@given(old=TREES, new=TREES, theirs=TREES)
def test_the_folder_becomes_the_new_files_and_those_of_others(
    old: Files, new: Files, theirs: Files
) -> None:
    """Whatever gk had written before, afterwards there is what it writes now, and what others
    wrote."""
    theirs = fitting(theirs, {})
    old, new = fitting(old, theirs), fitting(new, theirs)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        write(old, output)
        put(output, theirs)

        write(new, output)

        assert {**new, **theirs} == files_in(output)
        assert all(any(path.iterdir()) for path in output.rglob("*") if path.is_dir())


# A build that is interrupted

DRIVER = """
import json, os, shutil, signal, sys, threading, time, traceback
from pathlib import Path
from gk.provisioning.output import write

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}

def interrupt(step, number):
    '''Send a signal to this process before the change of the file system that has the number
    `step`.'''
    def hook(event, arguments):
        nonlocal step
        if event in CHANGES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            if step == 0:
                os.kill(os.getpid(), number)
            step -= 1
    sys.addaudithook(hook)

def child(step, number, files, output):
    # Another thread, as that of a spinner, to which the system may give the signal.
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    try:
        interrupt(step, number)
        write(files, output)
        return 0
    except KeyboardInterrupt:
        return 130
    except BaseException:
        traceback.print_exc()
        return 1

folder, number, files = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
files = {path: text.encode() for path, text in files.items()}
for step in range(1000):
    output = folder / str(step)
    shutil.copytree(folder / "old", output)
    process = os.fork()
    if process == 0:
        os._exit(child(step, number, files, output))
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(code)
    if code in (0, 1):
        sys.exit(code)
"""

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
    "a/changed": b"II" * 9000,
    "a/new": b"7",
    "d/e/new": b"8",
    "file/now/folder": b"9",
    "folder": b"0",
}
THEIRS = {"a/theirs": b"x", "b/theirs": b"y"}
STAGED = ".gk-staged"


def interrupted(tmp_path: Path, number: int, files: Files = NEW) -> Iterator[tuple[int, Path]]:
    """Exit codes and copies of tmp_path/old, each copy after a build that got the signal one step
    later."""
    arguments = [
        tmp_path,
        int(number),
        json.dumps({path: text.decode() for path, text in files.items()}),
    ]
    ran = subprocess.run(
        [sys.executable, "-c", DRIVER, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (0, "") == (ran.returncode, ran.stderr)
    codes = [int(line) for line in ran.stdout.splitlines()]
    assert len(codes) > 20
    for step, code in enumerate(codes):
        yield code, tmp_path / str(step)


def published(output: Path) -> dict[str, bytes]:
    """The files that a reader of the folder sees."""
    return {
        path: text for path, text in files_in(output).items() if not path.startswith(f"{STAGED}/")
    }


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder tmp_path/old with the old files, and some of somebody else's."""
    write(OLD, tmp_path / "old")
    put(tmp_path / "old", THEIRS)
    return tmp_path / "old"


def test_a_build_that_is_killed_leaves_whole_files(old: Path, tmp_path: Path) -> None:
    """At whatever step: before the journal is there, all is old; after it, each file is the old or
    the new one."""
    begun = set()
    for code, output in interrupted(tmp_path, signal.SIGKILL):
        has_journal = (output / STAGED / "journal").exists()
        if code:
            begun.add(has_journal)
            assert -signal.SIGKILL == code
        for path, text in published(output).items():
            assert text in (OLD.get(path), NEW.get(path), THEIRS.get(path)), (output.name, path)
        if not has_journal:
            assert published(output) in ({**OLD, **THEIRS}, {**NEW, **THEIRS}), output.name

    assert {True, False} == begun


@pytest.mark.parametrize(
    "files",
    [pytest.param(NEW, id="the same"), pytest.param({"a/x": b"1", "d": b"2"}, id="another")],
)
def test_the_build_after_one_that_was_killed_is_right(
    old: Path, tmp_path: Path, files: Files
) -> None:
    """The next build, of the same files or of others, leaves exactly its own, and nothing of the
    one before."""
    for _, output in interrupted(tmp_path, signal.SIGKILL):
        compare(files, output)
        write(files, output)

        assert {**files, **THEIRS} == files_in(output), output.name
        assert not (output / STAGED).exists()
        assert not compare(files, output)


def test_a_build_that_completes_another_may_be_killed_too(old: Path, tmp_path: Path) -> None:
    """The journal is followed again from wherever it was left."""
    half_done = [
        output
        for code, output in interrupted(tmp_path, signal.SIGKILL)
        if (output / STAGED / "journal").exists()
    ]
    again = tmp_path / "again"
    again.mkdir()
    shutil.copytree(half_done[len(half_done) // 2], again / "old")

    for _, output in interrupted(again, signal.SIGKILL, {"a/same": b"1", "z": b"2"}):
        write(NEW, output)

        assert {**NEW, **THEIRS} == files_in(output), output.name


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGTERM, -signal.SIGTERM, id="SIGTERM"),
        pytest.param(signal.SIGHUP, -signal.SIGHUP, id="SIGHUP"),
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
    ],
)
def test_a_signal_waits_for_the_moment_in_which_files_change(
    old: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Before the change the old files stay; in it, the signal ends the program when the change is
    complete."""
    seen = []
    for ended, output in interrupted(tmp_path, number):
        is_new = published(output) == {**NEW, **THEIRS}
        seen.append(is_new)
        assert ended in (code, 0)
        assert is_new or published(output) == {**OLD, **THEIRS}, output.name
        assert not (is_new and (output / STAGED).exists())

    assert sorted(seen) == seen
    assert {True, False} == set(seen)


def test_checking_after_a_build_that_was_killed_says_what_is_left_to_do(
    old: Path, tmp_path: Path
) -> None:
    """Files that the interrupted build has put in place are gk's, though no list has them yet."""
    files = dict.fromkeys(NEW, b"other")

    for _, output in interrupted(tmp_path, signal.SIGKILL):
        assert compare(files, output)


def test_a_journal_that_cannot_be_read_is_an_error_that_says_what_to_do(output: Path) -> None:
    """A disk that lost the end of the journal is no riddle."""
    (output / STAGED).mkdir()
    (output / STAGED / "journal").write_text('{"move": [')

    with pytest.raises(
        ConfigError, match=r"^out/\.gk-staged/journal: .*remove out/\.gk-staged and build again$"
    ):
        write({}, output)
