"""Trees that git itself would not check out: made by hand, as whoever pushes a commit can make
them.

What they aim at is a file outside the folder that a side is written to. Each ends as a mistake of
its side, and nothing is written anywhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gk.diff.compare import compare
from gk.diff.model import Mark
from gk.diff.sides import revision
from gk.diff.sides.git import MOST_ENTRIES, Range, Repository, parse
from gk.diff.sides.names import refusals
from gk.diff.sides.side import Side
from gk.diff.sides.unpack import unpack
from tests.diff.test_revisions import DASHBOARD, everything, git_in
from tests.diffs import sides, write

Entry = tuple[str, bytes, str]
"""A mode, a name and an object's id."""


class EvilRepository:
    """A repository with one dashboard at `main`, and objects that no git client would make."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write(root, {"dashboards/one.py": DASHBOARD})
        self.git = git_in(root)
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "one")
        self.folder = self.git("rev-parse", "HEAD:dashboards").strip()
        self.victim = root.parent / "victim"
        self.victim.mkdir()
        (self.victim / "file").write_text("mine", encoding="utf-8")

    def blob(self, content: bytes = b"harmed") -> str:
        return self._write("blob", content)

    def tree(self, *entries: Entry) -> str:
        return self._write(
            "tree",
            b"".join(
                f"{mode} ".encode() + name + b"\0" + bytes.fromhex(id) for mode, name, id in entries
            ),
        )

    def commit(self, *entries: Entry) -> str:
        """The id of a commit with these entries beside the folder of the dashboard."""
        tree = self.tree(*entries, ("40000", b"dashboards", self.folder))
        return self.git("commit-tree", "-p", "HEAD", "-m", "evil", tree).strip()

    def side(self, *entries: Entry) -> Side:
        """The side of such a commit."""
        return sides(self.root, parse([f"HEAD..{self.commit(*entries)}"]), 30)[1]

    def _write(self, kind: str, content: bytes) -> str:
        # As git keeps an object, without a process for each of thousands.
        text = f"{kind} {len(content)}\0".encode() + content
        id = hashlib.sha1(text, usedforsecurity=False).hexdigest()
        file = self.root / ".git" / "objects" / id[:2] / id[2:]
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(text, 1))
        return id


@pytest.fixture
def evil(tmp_path: Path) -> EvilRepository:
    return EvilRepository(tmp_path / "team")


def is_refused(side: Side, because: str) -> bool:
    """Whether a side has nothing but a mistake that says so."""
    (problem,) = side.problems
    return not side.resources and because in problem.message


FILE, LINK, FOLDER = "100644", "120000", "40000"


# What wrote outside


@pytest.mark.parametrize(
    "name",
    [b"/{victim}/new", b"../victim/new", b"../../victim/new", b"dashboards/../../victim/new"],
)
def test_a_name_that_leads_elsewhere_writes_nothing(evil: EvilRepository, name: bytes) -> None:
    before = everything(evil.victim)
    name = name.replace(b"{victim}", os.fsencode(evil.victim).lstrip(b"/"))
    assert is_refused(evil.side((FILE, name, evil.blob())), "leads out of the project")
    assert before == everything(evil.victim)


def test_a_folder_called_dot_dot_writes_nothing(evil: EvilRepository) -> None:
    before = everything(evil.root.parent)
    inside = evil.tree((FILE, b"planted", evil.blob()))
    assert is_refused(
        evil.side((FOLDER, b"..", evil.tree((FOLDER, b"victim", inside)))), "leads out"
    )
    assert not (evil.victim / "planted").exists()
    assert before.keys() <= everything(evil.root.parent).keys()


def test_a_link_and_a_folder_of_one_name_write_nothing(evil: EvilRepository) -> None:
    before = everything(evil.victim)
    link = evil.blob(os.fsencode(evil.victim))
    folder = evil.tree((FILE, b"file", evil.blob()))
    assert is_refused(evil.side((LINK, b"a", link), (FOLDER, b"a", folder)), "is there twice")
    assert before == everything(evil.victim)


def test_a_link_and_a_name_with_a_slash_write_nothing(evil: EvilRepository) -> None:
    before = everything(evil.victim)
    link = evil.blob(b"../victim")
    side = evil.side((LINK, b"a", link), (FILE, b"a/file", evil.blob()))
    assert is_refused(side, "has a slash in its name")
    assert before == everything(evil.victim)


@pytest.mark.parametrize(
    ("entries", "because"),
    [
        ([b"same", b"same"], "is there twice"),
        ([b"a/b"], "has a slash"),
        ([b"Notes.md", b"notes.md"], "only in case"),
        ([b"STRASSE.md", "straße.md".encode()], "only in case"),
        ([b".git"], "git's own"),
        ([b".GiT"], "git's own"),
        ([b"git~1"], "git's own"),
        ([b"."], "leads out"),
        ([b"x" * 256], "more than 255 bytes"),
        (["ü".encode() * 128], "more than 255 bytes"),
        ([b"a//b"], "leads out"),
        ([b"a/"], "leads out"),
    ],
)
def test_names_that_no_checkout_has_are_a_mistake(
    evil: EvilRepository, entries: list[bytes], because: str
) -> None:
    assert is_refused(evil.side(*((FILE, name, evil.blob()) for name in entries)), because)


def test_an_empty_name_is_a_mistake(evil: EvilRepository) -> None:
    assert is_refused(evil.side((FILE, b"", evil.blob())), "empty filename in tree entry")


def test_each_of_many_refused_names_is_counted(evil: EvilRepository) -> None:
    side = evil.side(*((FILE, b"../%d" % number, evil.blob()) for number in range(9)))
    assert is_refused(side, "and 4 more")


def test_names_in_a_message_cannot_move_the_cursor(evil: EvilRepository) -> None:
    (problem,) = evil.side((FILE, b"../\x1b[2J\r\xe2\x80\xae", evil.blob())).problems
    assert problem.message.isprintable()


# What is missing, and what is too much


def test_a_missing_file_is_a_mistake_that_names_it(evil: EvilRepository) -> None:
    side = evil.side((FILE, b"notes.md", "12" * 20))
    assert is_refused(side, "git has no object 1212121212 for 'notes.md'")


def test_a_missing_folder_is_a_mistake(evil: EvilRepository) -> None:
    assert is_refused(evil.side((FOLDER, b"notes", "12" * 20)), "git cannot read its tree")


def test_a_folder_that_is_a_file_is_a_mistake(evil: EvilRepository) -> None:
    assert evil.side((FOLDER, b"notes", evil.blob())).problems


def test_a_file_that_is_a_folder_is_a_mistake(evil: EvilRepository) -> None:
    assert is_refused(evil.side((FILE, b"notes", evil.tree())), "git has no object")


def test_a_tree_of_a_few_bytes_that_names_billions_of_files_is_a_mistake(
    evil: EvilRepository,
) -> None:
    tree = evil.tree((FILE, b"f", evil.blob()))
    for _ in range(20):
        tree = evil.tree(*((FOLDER, b"%d" % number, tree) for number in range(10)))
    assert is_refused(
        evil.side((FOLDER, b"bomb", tree)), f"the limit is {MOST_ENTRIES:,} files and folders"
    )


def test_folders_deeper_than_a_path_can_be_are_a_mistake(evil: EvilRepository) -> None:
    tree = evil.tree((FILE, b"f", evil.blob()))
    for _ in range(2100):
        tree = evil.tree((FOLDER, b"d", tree))
    assert is_refused(evil.side((FOLDER, b"deep", tree)), "longer than 4095 bytes")


def test_files_that_are_too_large_together_are_a_mistake(
    evil: EvilRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gk.diff.sides.git.MOST_BYTES", 10_000)
    content = evil.blob(b"x" * 4000)
    commit = evil.commit(*((FILE, name, content) for name in (b"a", b"b", b"c")))
    side = revision.sides(evil.root, parse([f"HEAD..{commit}"]))[1]
    assert is_refused(side, "the limit is 10,000 bytes")


def test_the_other_side_is_shown_beside_a_tree_that_is_refused(evil: EvilRepository) -> None:
    commit = evil.commit((FILE, b"../x", evil.blob()))
    old, new = sides(evil.root, parse([f"HEAD..{commit}"]), 30)
    assert ["one"] == [resource.uid for resource in old.resources]
    assert [Mark.UNKNOWN] == [change.mark for change in compare(old, new).changes]


# Links


@pytest.mark.parametrize(
    "links",
    [
        {"out": b"/etc"},
        {"out": b"../victim"},
        {"d/out": b"../../victim"},
        # By its letters this one stays inside: `r` leads up from where it is.
        {"a/b/r": b"../..", "out": b"a/b/r/../victim"},
        {"a/b/r": b"../..", "r2": b"a/b/r", "out": b"r2/../victim"},
        {"out": b"dashboards/../../victim"},
        {"one": b"two", "two": b"../victim", "out": b"one"},
    ],
)
def test_a_link_out_of_the_project_is_left_out(
    evil: EvilRepository, links: dict[str, bytes], tmp_path: Path
) -> None:
    paths = {path: ("link", content) for path, content in links.items()}
    place = unpacked(tmp_path / "place", paths)
    assert not any(
        os.path.realpath(path).startswith(str(evil.victim)) or os.path.realpath(path) == "/etc"
        for path in place.rglob("*")
    )


def test_a_link_inside_the_project_is_kept(tmp_path: Path) -> None:
    place = unpacked(
        tmp_path / "place", {"a/file": ("file", b"text"), "b/link": ("link", b"../a/file")}
    )
    assert "text" == (place / "b" / "link").read_text("utf-8")


@pytest.mark.parametrize("target", [b"", b"loop", b"x" * 5000, b"nul\0nul", b"nowhere"])
def test_a_link_that_leads_nowhere_harms_nothing(tmp_path: Path, target: bytes) -> None:
    place = unpacked(tmp_path / "place", {"loop": ("link", target), "file": ("file", b"text")})
    assert "text" == (place / "file").read_text("utf-8")


def unpacked(place: Path, files: dict[str, tuple[str, bytes]]) -> Path:
    """A folder with the files of an archive that nobody checked."""
    place.mkdir()
    with tempfile.TemporaryFile() as archive:
        index = [[path, kind, len(content)] for path, (kind, content) in files.items()]
        archive.write(
            json.dumps(index).encode() + b"\n" + b"".join(content for _, content in files.values())
        )
        archive.seek(0)
        unpack(archive, place)
    return place


# The two walls by themselves: names that are refused, and a writer that needs no such check


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", "a//x", ".", "a/.."])
def test_what_writes_the_files_refuses_such_a_path_by_itself(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        unpacked(tmp_path / "place", {path: ("file", b"harmed")})
    assert ["place"] == [inside.name for inside in tmp_path.iterdir()]


def test_what_writes_the_files_follows_no_link(tmp_path: Path) -> None:
    place, victim = tmp_path / "place", tmp_path / "victim"
    place.mkdir()
    victim.mkdir()
    (place / "a").symlink_to(victim)
    with tempfile.TemporaryFile() as archive:
        archive.write(json.dumps([["a/file", "file", 1]]).encode() + b"\nx")
        archive.seek(0)
        with pytest.raises(OSError, match="a"):
            unpack(archive, place)
    assert [] == list(victim.iterdir())


def test_what_writes_the_files_replaces_none(tmp_path: Path) -> None:
    with tempfile.TemporaryFile() as archive:
        archive.write(json.dumps([["a", "file", 1], ["a", "file", 1]]).encode() + b"\nxy")
        archive.seek(0)
        with pytest.raises(FileExistsError):
            unpack(archive, tmp_path)
    assert "x" == (tmp_path / "a").read_text("utf-8")


NAMES = st.text(st.sampled_from("aAß./\\\0 g\u0130"), max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=4))
def test_names_that_are_not_refused_are_those_of_files_that_can_all_be_written(
    paths: list[str],
) -> None:
    folders = {
        "/".join(path.split("/")[:depth])
        for path in paths
        for depth in range(1, path.count("/") + 1)
    }
    if refusals(paths, folders):
        return
    with tempfile.TemporaryDirectory() as folder:
        place = unpacked(Path(folder, "place"), {path: ("file", path.encode()) for path in paths})
        assert [place] == list(Path(folder).iterdir())
        written = {path for path in place.rglob("*") if path.is_file()}
        assert {place / path for path in paths} == written


# The working tree


def test_links_of_the_working_tree_that_lead_out_are_not_followed(evil: EvilRepository) -> None:
    (evil.root / "dashboards" / "two.py").symlink_to(evil.victim / "file")
    (evil.root / "dashboards" / "all").symlink_to("/etc")
    assert ["one"] == [
        resource.uid for resource in sides(evil.root, Range("HEAD", ""), 30)[1].resources
    ]


def test_names_of_the_working_tree_are_checked_as_well(evil: EvilRepository) -> None:
    write(evil.root, {"Notes.md": "", "notes.md": ""})
    assert is_refused(sides(evil.root, Range("HEAD", ""), 30)[1], "only in case")


def test_an_archive_has_the_bytes_of_the_files(evil: EvilRepository, tmp_path: Path) -> None:
    write(evil.root, {"a/b.txt": "text\n", "empty": "", "ünï.md": "ü"})
    (evil.root / "binary").write_bytes(bytes(range(256)) * 300)
    evil.git("add", ".")
    evil.git("commit", "--quiet", "--message", "files")
    repository = Repository(evil.root)
    (tmp_path / "place").mkdir()
    with tempfile.TemporaryFile() as file:
        commit, _ = repository.commits(Range("HEAD", ""))
        repository.archive(commit, file)
        file.seek(0)
        unpack(file, tmp_path / "place")
    expected = {
        name: hash for name, hash in everything(evil.root).items() if not name.startswith(".git/")
    }
    assert expected == everything(tmp_path / "place")
