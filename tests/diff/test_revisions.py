"""Sides from git: what revisions name, what they hold, and that neither the working tree nor the
repository changes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from gk.diff.compare import compare
from gk.diff.model import Mark
from gk.diff.sides import revision
from gk.diff.sides.git import Range, parse
from gk.diff.sides.side import Side
from gk.errors import ConfigError
from gk.resource import Kind
from tests.cases import every
from tests.diffs import sides, write

Git = Callable[..., str]
DASHBOARD = """
    from gk import Dashboard

    one = Dashboard("One", uid="one")
"""
TWO = DASHBOARD.replace("One", "Two").replace("one", "two")


def git_in(root: Path) -> Git:
    """Run git in a folder, as somebody."""
    who = {
        f"GIT_{role}_{what}": "shop@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }

    def run(*arguments: str) -> str:
        command = [
            "git",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
            *arguments,
        ]
        return subprocess.run(
            command, cwd=root, env={**os.environ, **who}, check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one dashboard in its first commit, tagged first, and two in its second."""
    root = tmp_path / "team"
    write(root, {"gk.yaml": "project: team\n", "dashboards/one.py": DASHBOARD})
    git = git_in(root)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    git("tag", "first")
    write(root, {"dashboards/two.py": TWO})
    git("add", ".")
    git("commit", "--quiet", "--message", "two")
    return root


def dashboards(side: Side) -> list[str]:
    return [resource.uid for resource in side.resources if resource.kind is Kind.DASHBOARD]


def uids(root: Path, *arguments: str) -> tuple[list[str], list[str]]:
    """The uids of the dashboards on both sides."""
    old, new = sides(root, parse(arguments))
    assert not old.problems + new.problems
    return dashboards(old), dashboards(new)


def everything(folder: Path) -> dict[str, str]:
    """The content of each file below a folder, and whose it is."""
    return {
        str(
            path.relative_to(folder)
        ): f"{path.lstat().st_mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@every(
    "arguments, expected",
    [
        ([], Range("HEAD", "")),
        (["main"], Range("main", "")),
        (["a..b"], Range("a", "b")),
        (["a", "b"], Range("a", "b")),
        (["a..."], Range("a", "HEAD", merge_base=True)),
        (["a...b"], Range("a", "b", merge_base=True)),
        (["..b"], Range("HEAD", "b")),
        (["a.."], Range("a", "HEAD")),
        (["v1.0..v1.1"], Range("v1.0", "v1.1")),
    ],
)
def test_ranges_are_those_of_git(arguments: list[str], expected: Range) -> None:
    assert expected == parse(arguments)


@pytest.mark.parametrize(
    "arguments", [["a", "b", "c"], ["--output=x"], ["--output=x..main"], ["main..--upload-pack=x"]]
)
def test_what_is_no_range_is_a_mistake(arguments: list[str]) -> None:
    with pytest.raises(ConfigError):
        parse(arguments)


def test_the_last_commit_and_the_working_tree(root: Path) -> None:
    write(root, {"dashboards/three.py": DASHBOARD.replace("One", "Three").replace("one", "three")})
    (root / "dashboards" / "one.py").unlink()
    assert (["one", "two"], ["three", "two"]) == uids(root)


@pytest.mark.parametrize("revision", ["first", "HEAD~1", "HEAD^", "main~1", "main@{0}~1"])
def test_a_revision_and_the_working_tree(root: Path, revision: str) -> None:
    assert (["one"], ["one", "two"]) == uids(root, revision)


def test_two_revisions_whatever_is_in_the_working_tree(root: Path) -> None:
    write(root, {"dashboards/one.py": "raise SystemExit"})
    assert (["one"], ["one", "two"]) == uids(root, "first..HEAD")
    assert (["one", "two"], ["one"]) == uids(root, "HEAD", "first")


def test_three_dots_compare_with_where_the_branch_left(root: Path) -> None:
    git = git_in(root)
    git("checkout", "--quiet", "-b", "feature", "first")
    write(root, {"dashboards/three.py": DASHBOARD.replace("One", "Three").replace("one", "three")})
    git("add", ".")
    git("commit", "--quiet", "--message", "three")
    assert (["one"], ["one", "three"]) == uids(root, "main...feature")
    assert (["one", "two"], ["one", "three"]) == uids(root, "main..feature")


def test_sides_are_called_as_they_were_named(root: Path) -> None:
    short = [git_in(root)("rev-parse", "--short", name).strip() for name in ("first", "HEAD")]
    names = [side.name for side in sides(root, parse(["first..HEAD"]))]
    assert [f"first ({short[0]})", f"HEAD ({short[1]})"] == names
    assert [short[0], "working tree"] == [side.name for side in sides(root, parse([short[0]]))]


def test_neither_the_working_tree_nor_the_repository_changes(root: Path) -> None:
    write(
        root,
        {"dashboards/one.py": DASHBOARD.replace('"One"', '"Eins"'), "notes.txt": "untracked\n"},
    )
    git_in(root)("add", "dashboards/one.py")
    before = everything(root)
    sides(root, parse(["first"]))
    sides(root, parse(["first...HEAD"]))
    assert before == everything(root)


def test_ignored_files_are_no_part_of_the_working_tree(root: Path) -> None:
    write(root, {".gitignore": "/dashboards/three.py\n", "dashboards/three.py": "raise SystemExit"})
    assert (["one", "two"], ["one", "two"]) == uids(root)


def test_a_project_below_the_top_of_its_repository(root: Path) -> None:
    git = git_in(root)
    write(
        root / "sub" / "project",
        {"dashboards/sub.py": DASHBOARD.replace("One", "Sub").replace("one", "sub")},
    )
    git("add", ".")
    git("commit", "--quiet", "--message", "sub")
    write(root / "sub" / "project", {"dashboards/more.py": TWO})
    assert (["sub"], ["sub", "two"]) == uids(root / "sub" / "project")


def test_a_project_that_was_not_there_is_empty(root: Path) -> None:
    write(root / "later", {"dashboards/one.py": DASHBOARD})
    old, new = sides(root / "later", parse(["first"]))
    assert [Mark.ADDED] == [change.mark for change in compare(old, new).changes]


def test_a_project_without_definitions_yet_is_empty(root: Path) -> None:
    git = git_in(root)
    git("rm", "--quiet", "-r", "dashboards")
    git("commit", "--quiet", "--message", "none")
    git("checkout", "--quiet", "first", "--", "dashboards")
    assert ([], ["one"]) == uids(root, "HEAD")


def test_each_side_has_its_own_settings(root: Path) -> None:
    write(root, {"gk.yaml": "project: team\nfolder: Shop\n"})
    folders = [
        {resource.folder for resource in side.resources if resource.kind is Kind.DASHBOARD}
        for side in sides(root, parse([]))
    ]
    assert [{""}, {"shop"}] == folders


def test_each_side_has_its_own_modules(root: Path) -> None:
    files = {
        "common.py": 'TITLE = "Before"\n',
        "dashboards/one.py": f"from common import TITLE\n{textwrap.dedent(DASHBOARD)}".replace(
            '"One"', "TITLE"
        ),
    }
    git = git_in(root)
    write(root, files)
    git("add", ".")
    git("commit", "--quiet", "--message", "common")
    write(root, {"common.py": 'TITLE = "After"\n'})
    titles = [
        next(resource.title for resource in side.resources if resource.uid == "one")
        for side in sides(root, parse([]))
    ]
    assert ["Before", "After"] == titles


def test_a_worktree_of_git(root: Path, tmp_path: Path) -> None:
    git_in(root)("worktree", "add", "--quiet", str(tmp_path / "other"), "first")
    write(
        tmp_path / "other",
        {"dashboards/three.py": TWO.replace("Two", "Three").replace("two", "three")},
    )
    assert (["one", "two"], ["one", "three"]) == uids(tmp_path / "other", "main")


def test_a_detached_head(root: Path) -> None:
    git_in(root)("checkout", "--quiet", "first")
    assert (["one"], ["one"]) == uids(root)


def test_links_of_a_tree_lead_nowhere_outside(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(
        '{"title": "Secret", "uid": "secret", "panels": []}', encoding="utf-8"
    )
    write(root, {"shared/inside.json": '{"title": "Inside", "uid": "inside", "panels": []}'})
    (root / "dashboards" / "outside.json").symlink_to(tmp_path / "secret.json")
    (root / "dashboards" / "up.json").symlink_to("../../secret.json")
    (root / "dashboards" / "inside.json").symlink_to("../shared/inside.json")
    git = git_in(root)
    git("add", ".")
    git("commit", "--quiet", "--message", "links")
    assert (["inside", "one", "two"], ["inside", "one", "two"]) == uids(root)


def test_filters_and_hooks_of_the_repository_are_not_run(root: Path) -> None:
    git = git_in(root)
    git("config", "filter.evil.smudge", "touch smudged")
    git("config", "filter.evil.clean", "cat")
    write(
        root,
        {
            ".gitattributes": "*.py filter=evil\n",
            ".git/hooks/post-index-change": "#!/bin/sh\ntouch hooked\n",
        },
    )
    (root / ".git" / "hooks" / "post-index-change").chmod(0o755)
    git("add", ".gitattributes")
    git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message", "filters")
    before = everything(root)
    sides(root, parse(["first..HEAD"]))
    assert before == everything(root)


def test_variables_of_a_hook_name_another_repository(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent")
    assert (["one"], ["one", "two"]) == uids(root, "first")


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "first:dashboards", "0000000"])
def test_a_revision_that_is_not_there(root: Path, revision: str) -> None:
    with pytest.raises(ConfigError, match=r"revision .* not found"):
        sides(root, parse([revision]))


def test_a_folder_without_a_repository(tmp_path: Path) -> None:
    write(tmp_path, {"dashboards/one.py": DASHBOARD})
    with pytest.raises(ConfigError, match="is not in a git repository"):
        sides(tmp_path, parse([]))


def test_a_shallow_clone_says_what_to_fetch(root: Path, tmp_path: Path) -> None:
    git_in(tmp_path)("clone", "--quiet", "--depth=1", f"file://{root}", "clone")
    with pytest.raises(ConfigError, match="fetch-depth: 0"):
        sides(tmp_path / "clone", parse(["HEAD~1"]))


def test_branches_with_nothing_in_common(root: Path) -> None:
    git = git_in(root)
    git("checkout", "--quiet", "--orphan", "other")
    git("commit", "--quiet", "--message", "other")
    with pytest.raises(ConfigError, match="no common ancestor"):
        sides(root, parse(["main...other"]))


# Mistakes


def problems(root: Path) -> list[str]:
    return [str(problem) for problem in sides(root, parse([]))[1].problems]


def test_files_with_mistakes_are_left_out_and_named(root: Path) -> None:
    write(root, {"dashboards/one.py": "from gk import Dashbord\n"})
    _, new = sides(root, parse([]))
    assert (["two"], {"dashboards/one.py"}) == (dashboards(new), set(new.broken))
    assert ["dashboards/one.py:1: 'gk' has no 'Dashbord'; did you mean 'Dashboard'?"] == [
        str(problem) for problem in new.problems
    ]


def test_definitions_that_do_not_compile_are_left_out(root: Path) -> None:
    write(root, {"dashboards/one.py": DASHBOARD.replace('"one"', '"no uid"')})
    _, new = sides(root, parse([]))
    assert (["two"], {"dashboards/one.py"}) == (dashboards(new), set(new.broken))


def test_a_snippet_with_a_mistake_leaves_out_what_uses_it(root: Path) -> None:
    snippets = """
        from gk import Dashboard, Datasource, stat
        from gk.promql import Exporter

        exporter = Exporter("shop")
        prometheus = Datasource.prometheus("Prometheus", uid="prometheus", default=True)


        @exporter.snippet()
        def broken(s):
            return "sum("


        dashboard = Dashboard("Uses", uid="uses", panels=[stat("Broken", broken)])
    """
    write(root, {"dashboards/uses.py": snippets})
    _, new = sides(root, parse([]))
    assert (["one", "two"], {"dashboards/uses.py"}) == (dashboards(new), set(new.broken))


def test_settings_with_mistakes_leave_nothing(root: Path) -> None:
    write(root, {"gk.yaml": "projct: team\n"})
    assert ["gk.yaml:1: unknown key 'projct'; did you mean 'project'?"] == problems(root)


def test_a_gk_in_the_tree_compiles_the_tree(root: Path) -> None:
    """gk's own repository has definitions, too, and each revision is compiled by the gk that it
    has."""
    older = """
        class GkError(Exception):
            problems = []
    """
    resource = """
        from types import SimpleNamespace as S

        def load(root):
            return S(settings=S(labels=S(by_exporter={})), snippets=[], definitions=[])

        def compile(project):
            kind = S(value="dashboard")
            source = S(file="a.py", line=1)
            return [S(kind=kind, uid="old", title="Old", folder="", json=b"{}", source=source)]
    """
    write(
        root,
        {
            "gk/__init__.py": "",
            "gk/errors.py": older,
            "gk/project.py": resource,
            "gk/compile.py": resource,
        },
    )
    # A process that is forked has its gk already.
    sides = revision.sides(root, parse([]))
    assert [["one", "two"], ["old"]] == [dashboards(side) for side in sides]


def test_a_tree_that_git_cannot_read_is_a_mistake_and_not_an_empty_project(root: Path) -> None:
    tree = git_in(root)("rev-parse", "first:dashboards").strip()
    (root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    old, new = sides(root, parse(["first"]))
    (problem,) = old.problems
    assert "git cannot read its tree" in problem.message
    assert [Mark.UNKNOWN] * 2 == [change.mark for change in compare(old, new).changes]
