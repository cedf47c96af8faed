"""gk init: a new repository is sound from its first minute, nothing is overwritten, and newer
versions of what was brought keep a team's edits."""

from __future__ import annotations

import ast
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from gk.errors import ConfigError
from gk.init import SETS, State, brought, elsewhere, files_of, repository
from gk.init.surroundings import Surroundings, look_around, project_name, requirement
from gk.settings import read
from tests.cases import every
from tests.conftest import REPOSITORY, RunGk

BIN = Path(sys.executable).parent


@pytest.fixture
def begun(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, run_gk: RunGk) -> Path:
    """A new repository that is built: a copy of the first one."""
    first = tmp_path_factory.getbasetemp() / "begun"
    if not (first / "shop").exists():
        first.mkdir(exist_ok=True)
        assert 0 == run_gk("init", "shop", "--with", "node", cwd=first).code
        assert 0 == run_gk("build", cwd=first / "shop").code
    return Path(shutil.copytree(first / "shop", tmp_path / "shop", symlinks=True))


def _run(folder: Path, *command: str | Path, **environ: str) -> str:
    """What a command prints if it fails."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.stdout + ran.stderr if ran.returncode else ""


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    assert "" == _run(folder, "git", *who, *arguments)


# A new repository


def test_what_a_new_repository_builds_is_up_to_date(begun: Path, run_gk: RunGk) -> None:
    assert 0 == run_gk("build", "--check", cwd=begun).code


@pytest.mark.parametrize("shipped", [[], ["--with", "node"]])
def test_a_new_repository_builds_without_a_warning(
    tmp_path: Path, run_gk: RunGk, shipped: list[str]
) -> None:
    run_gk("init", "shop", *shipped, cwd=tmp_path)

    ran = run_gk("build", cwd=tmp_path / "shop")

    assert (0, "") == (ran.code, ran.err)


def test_gk_check_finds_nothing_in_a_new_repository(tmp_path: Path, run_gk: RunGk) -> None:
    """Which its CI runs. Where runbooks are, the remote says."""
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "remote", "add", "origin", "https://github.com/team/shop.git")
    run_gk("init", ".", cwd=tmp_path)

    ran = run_gk("check", "--fail-on", "info", cwd=tmp_path)

    assert (0, "no problems", "") == (ran.code, ran.out[:11], ran.err)


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")])
def test_a_new_repository_passes_its_own_lint(begun: Path, command: tuple[str, ...]) -> None:
    """So do the definitions that ship with gk, by the settings of the new repository."""
    assert "" == _run(begun, BIN / command[0], *command[1:])


def test_a_new_repository_passes_mypy(begun: Path, tmp_path: Path) -> None:
    """mypy finds no gk that is installed to be edited, so it gets a path."""
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "gk").symlink_to(REPOSITORY / "gk")

    assert "" == _run(begun, BIN / "mypy", "--follow-imports=silent", MYPYPATH=str(packages))


def test_the_tests_of_a_new_repository_pass(begun: Path) -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")

    assert "" == _run(begun, *command)


def test_the_test_of_a_new_repository_fails_for_a_build_that_was_forgotten(begun: Path) -> None:
    gk_yaml = begun / "gk.yaml"
    gk_yaml.write_text(gk_yaml.read_text("utf-8").replace("Monitoring", "Sales"), "utf-8")

    printed = _run(begun, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert "test_the_build_is_up_to_date" in printed


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_the_alert_s_test_fails_for_another_threshold(begun: Path, run_gk: RunGk) -> None:
    alerts = begun / "alerts" / "scrapes.py"
    alerts.write_text(alerts.read_text("utf-8").replace("answering < 1", "answering < 0"), "utf-8")
    run_gk("build", cwd=begun)

    printed = _run(begun, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert "test_alerts_fire_when_they_should[scrapes]" in printed


@pytest.mark.parametrize(
    ("forge", "path", "schema"),
    [
        ("github", ".github/workflows/gk.yml", "vendor.github-workflows"),
        ("gitlab", ".gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_the_ci_file_is_valid(
    tmp_path: Path, run_gk: RunGk, forge: str, path: str, schema: str
) -> None:
    """By the schema of the forge."""
    run_gk("init", "shop", "--forge", forge, cwd=tmp_path)

    check = (BIN / "check-jsonschema", "--builtin-schema", schema)
    assert "" == _run(tmp_path, *check, tmp_path / "shop" / path)


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_no_job_of_ci_has_a_token_and_runs_what_a_request_brings(forge: str) -> None:
    """The job that comments checks out the base."""
    files = repository("shop", forge, Surroundings(), [])
    (ci,) = (
        yaml.safe_load(text)
        for path, text in files.items()
        if path in (".github/workflows/gk.yml", ".gitlab-ci.yml")
    )
    comment = (
        ci["jobs"]["comment"]["steps"] if forge == "github" else ci["gk diff comment"]["script"]
    )
    others = (
        [ci["jobs"]["test"], ci["jobs"]["diff"]]
        if forge == "github"
        else [ci["test"], ci["gk diff"]]
    )

    assert "base.sha" in str(comment[0]) or "DIFF_BASE_SHA" in comment[0]
    assert not [job for job in others if "GITHUB_TOKEN" in str(job) or "GITLAB_TOKEN" in str(job)]


def test_the_pre_commit_hooks_have_what_pre_commit_needs() -> None:
    """A hook has an id, a name, and a command of the environment."""
    config = yaml.safe_load(repository("shop", "", Surroundings(), [])[".pre-commit-config.yaml"])
    (repo,) = config["repos"]

    assert "local" == repo["repo"]
    assert ["system"] * 5 == [hook["language"] for hook in repo["hooks"]]
    assert all({"id", "name", "entry"} <= hook.keys() for hook in repo["hooks"])


# What gk knows without asking


@pytest.mark.parametrize(
    ("folder", "name"),
    [("shop", "shop"), ("Our shop (EU)", "Our-shop-EU"), ("x" * 50, "x" * 40), ("日本", "")],
)
def test_a_project_is_called_like_its_folder(folder: str, name: str) -> None:
    assert name == project_name(Path("/srv") / folder)


def test_a_folder_without_a_usable_name_needs_project(tmp_path: Path, run_gk: RunGk) -> None:
    ran = run_gk("init", "日本", cwd=tmp_path)

    assert (2, True) == (ran.code, "pass --project NAME" in ran.err)
    assert 0 == run_gk("init", "日本", "--project", "japan", cwd=tmp_path).code
    assert "japan" == read(tmp_path / "日本").project


@pytest.mark.parametrize(
    ("remote", "forge", "address"),
    [
        ("git@github.com:team/shop.git", "github", "https://github.com/team/shop"),
        ("https://user:word@github.com/team/shop", "github", "https://github.com/team/shop"),
        (
            "ssh://git@gitlab.example.com:2222/team/sub/shop.git",
            "gitlab",
            "https://gitlab.example.com/team/sub/shop",
        ),
        ("https://git.example.com/team/shop.git", "", ""),
        ("/srv/git/shop.git", "", ""),
    ],
)
def test_the_remote_tells_the_forge(tmp_path: Path, remote: str, forge: str, address: str) -> None:
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "remote", "add", "origin", remote)

    around = look_around(tmp_path / "new")

    assert (forge, address) == (around.forge, around.address)
    assert tmp_path == around.repository


def test_alerts_link_to_runbooks_on_the_forge(tmp_path: Path, run_gk: RunGk) -> None:
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "remote", "add", "origin", "git@github.com:team/shop.git")

    run_gk("init", cwd=tmp_path)

    assert (
        "https://github.com/team/shop/blob/HEAD/docs/runbooks/{alert}.md" == read(tmp_path).runbooks
    )


def test_a_project_below_a_repository_gets_no_ci_of_its_own(tmp_path: Path, run_gk: RunGk) -> None:
    """Forges read CI files at the root of a repository only."""
    _git(tmp_path, "init", "--quiet")

    ran = run_gk("init", "teams/shop", cwd=tmp_path)

    assert "no CI file" in ran.out
    assert not (tmp_path / "teams" / "shop" / ".github").exists()


class _Installed:
    def __init__(self, version: str, origin: Mapping[str, Any] | None) -> None:
        self.version = version
        self._origin = origin

    def read_text(self, name: str) -> str | None:
        return json.dumps(self._origin) if self._origin else None


@pytest.mark.parametrize(
    ("version", "origin", "expected"),
    [
        pytest.param("1.2.0", None, "grafana-gk==1.2.0", id="a release"),
        pytest.param(
            "1.2.0",
            {
                "url": "https://user:word@git.example.com/gk.git",
                "vcs_info": {"requested_revision": "v1.2.0", "commit_id": "abc"},
            },
            "grafana-gk @ git+https://git.example.com/gk.git@v1.2.0",
            id="a tag, without the password",
        ),
        pytest.param(
            "1.2.1.dev1+gabc",
            {"url": "ssh://git@git.example.com/gk.git", "vcs_info": {"commit_id": "abc"}},
            "grafana-gk @ git+ssh://git@git.example.com/gk.git@abc",
            id="a commit",
        ),
        pytest.param(
            "1.2.0",
            {"url": "file:///srv/gk", "dir_info": {"editable": True}},
            "grafana-gk",
            id="a folder, which others do not have",
        ),
    ],
)
def test_a_repository_requires_the_gk_that_began_it(
    monkeypatch: pytest.MonkeyPatch, version: str, origin: Mapping[str, Any] | None, expected: str
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: _Installed(version, origin))

    assert expected == requirement()


@pytest.mark.parametrize(
    ("arguments", "answer", "file"),
    [
        pytest.param((), b"gitlab\n", ".gitlab-ci.yml", id="asked"),
        pytest.param(("--yes",), b"", ".github/workflows/gk.yml", id="not asked"),
    ],
)
def test_a_terminal_is_asked_for_the_forge_alone(
    tmp_path: Path, arguments: tuple[str, ...], answer: bytes, file: str
) -> None:
    """Nothing tells it in a new folder; --yes takes the default."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execv(sys.executable, [sys.executable, "-m", "gk", "init", "shop", *arguments])
    shown = b""
    while (b"Which CI (github, gitlab) [github]: " if answer else b"next:") not in shown:
        shown += os.read(terminal, 1 << 16)
    os.write(terminal, answer)
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)

    assert 0 == os.waitstatus_to_exitcode(status)
    assert (b"Which" in shown) is bool(answer)
    assert (tmp_path / "shop" / file).exists()


# Nothing is overwritten


def test_what_is_there_stays(tmp_path: Path, run_gk: RunGk) -> None:
    """A forge makes new repositories with a README and a .gitignore."""
    (tmp_path / "README.md").write_text("# Ours\n", "utf-8")

    ran = run_gk("init", "--project", "shop", cwd=tmp_path)

    assert (0, True) == (ran.code, "= README.md: exists; left as it is\n" in ran.out)
    assert "# Ours\n" == (tmp_path / "README.md").read_text("utf-8")
    assert (tmp_path / "gk.yaml").exists()


def test_what_cannot_be_a_folder_stops_gk_before_it_writes(tmp_path: Path, run_gk: RunGk) -> None:
    """All of it is told at once."""
    shop = tmp_path / "shop"
    shop.mkdir()
    for name in ("dashboards", "alerts"):
        (shop / name).write_text("", "utf-8")

    ran = run_gk("init", cwd=shop)

    expected = "alerts: must be a folder; move it\ndashboards: must be a folder; move it\n"
    assert (2, expected) == (ran.code, ran.err)
    assert ["alerts", "dashboards"] == sorted(path.name for path in shop.iterdir())


def test_a_project_that_exists_is_not_begun_again(begun: Path, run_gk: RunGk) -> None:
    ran = run_gk("init", cwd=begun)

    assert (2, True) == (ran.code, "is already a project" in ran.err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--with", "nodes"), "--with: unknown 'nodes'; did you mean 'node'?"),
        (("--with", "nodes,cubelet"), "'cubelet'; did you mean 'kubelet'?"),
        (("--project", "-x-"), "--project: '-x-' is not a valid project name"),
        (("--update",), "nothing was brought"),
        (("--update", "--with", "node"), "--with cannot be combined with --update"),
    ],
)
def test_wrong_options_are_explained(
    tmp_path: Path, run_gk: RunGk, arguments: tuple[str, ...], words: str
) -> None:
    ran = run_gk("init", "shop", *arguments, cwd=tmp_path)

    assert (2, True) == (ran.code, words in ran.err), ran.err
    assert not (tmp_path / "shop").exists()


# What ships


def test_every_definition_of_this_repository_is_in_a_set() -> None:
    own = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("dashboards", "alerts")
        for path in (REPOSITORY / folder).glob("*.py")
    }

    assert own == {path for path in files_of(SETS) if path.endswith(".py")}


@every("name", SETS)
def test_a_set_has_all_that_it_imports_and_its_runbooks(name: str) -> None:
    """So it builds by itself."""
    files = files_of([name])
    imported = {
        f"{node.module.replace('.', '/')}.py"
        for path, text in files.items()
        if path.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(("dashboards.", "alerts."))
    }
    runbooks = {path for path in files if path.startswith("docs/runbooks/")}

    assert set() == imported - files.keys()
    assert set(SETS[name].modules) <= files.keys()
    assert bool(runbooks) == any(path.startswith("alerts/") for path in files)


def test_every_runbook_comes_with_a_set() -> None:
    runbooks = {f"docs/runbooks/{path.name}" for path in (REPOSITORY / "docs/runbooks").iterdir()}

    assert runbooks == {path for path in files_of(SETS) if path.endswith(".md")}


def test_a_set_that_links_to_another_says_so(tmp_path: Path, run_gk: RunGk) -> None:
    ran = run_gk("init", "shop", "--with", "node", cwd=tmp_path)

    assert "some links lead to dashboards of cadvisor, which --with brings\n" in ran.out
    assert [] == elsewhere(SETS)


def test_all_sets_build_together(tmp_path: Path, run_gk: RunGk) -> None:
    """Beside the example, whose names are others."""
    run_gk("init", "shop", "--with", "all", cwd=tmp_path)

    assert 0 == run_gk("build", cwd=tmp_path / "shop").code


def test_a_project_that_exists_takes_more_sets(begun: Path, run_gk: RunGk) -> None:
    ran = run_gk("init", "--with", "blackbox", cwd=begun)

    assert (0, True) == (ran.code, "+ dashboards/blackbox.py\n" in ran.out)
    assert ["node", "blackbox"] == brought.sets_in(begun)


def test_a_definition_of_the_team_is_not_replaced_by_one_that_ships(
    begun: Path, run_gk: RunGk
) -> None:
    """It is in the way, so the exit code is 1."""
    own = begun / "dashboards" / "blackbox.py"
    own.write_text("OURS = 1\n", "utf-8")

    ran = run_gk("init", "--with", "blackbox", cwd=begun)

    assert (1, True) == (ran.code, "! dashboards/blackbox.py: exists" in ran.out)
    assert "OURS = 1\n" == own.read_text("utf-8")


def test_the_list_names_every_set(run_gk: RunGk) -> None:
    ran = run_gk("init", "--list")

    assert list(SETS) == [line.split(":")[0] for line in ran.out.splitlines()[::2]]


def test_the_list_is_a_document_for_programs(run_gk: RunGk) -> None:
    printed = json.loads(run_gk("init", "--list", "--format", "json").out)

    assert list(SETS) == [entry["name"] for entry in printed["sets"]]


# Updates

Ship = Callable[[Mapping[str, str]], None]
OLD = "a = 1\n\n\n\nb = 1\n\n\n\nc = 1\n"
NEW = OLD.replace("a = 1", "a = 2")


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Ship:
    """Let gk ship other files."""

    def ship(files: Mapping[str, str]) -> None:
        monkeypatch.setattr(brought, "files_of", lambda names: dict(files))

    return ship


@pytest.fixture
def team(tmp_path: Path, ship: Ship) -> Iterator[Path]:
    """A repository into which one file was brought."""
    ship({"dashboards/node.py": OLD})
    brought.bring(tmp_path, ["node"])
    ship({"dashboards/node.py": NEW})
    yield tmp_path
    assert [] == list(tmp_path.rglob("*.gk-new"))


def _outcomes(root: Path) -> dict[str, State]:
    return {outcome.path: outcome.state for outcome in brought.update(root)}


def _edit(root: Path, text: str) -> Path:
    file = root / "dashboards" / "node.py"
    file.write_text(text, "utf-8")
    return file


def test_a_file_that_nobody_edited_is_replaced(team: Path) -> None:
    assert {"dashboards/node.py": State.UPDATED} == _outcomes(team)
    assert NEW == (team / "dashboards/node.py").read_text("utf-8")


def test_edits_elsewhere_in_a_file_are_kept(team: Path) -> None:
    file = _edit(team, OLD.replace("c = 1", "c = 3"))

    assert {"dashboards/node.py": State.MERGED} == _outcomes(team)
    assert NEW.replace("c = 1", "c = 3") == file.read_text("utf-8")


def test_edits_of_the_same_lines_are_a_conflict_with_both_versions(team: Path) -> None:
    file = _edit(team, OLD.replace("a = 1", "a = 3"))

    assert {"dashboards/node.py": State.CONFLICT} == _outcomes(team)
    lines = file.read_text("utf-8").splitlines()
    assert ["<<<<<<< yours", "a = 3", "=======", "a = 2"] == lines[:4]
    assert lines[4].startswith(">>>>>>> gk ")


def test_a_conflict_is_told_until_it_is_resolved(team: Path) -> None:
    _edit(team, OLD.replace("a = 1", "a = 3"))
    brought.update(team)

    assert {"dashboards/node.py": State.UNRESOLVED} == _outcomes(team)
    _edit(team, NEW)
    assert {} == _outcomes(team)


def test_a_second_update_finds_nothing_to_do(team: Path) -> None:
    brought.update(team)

    assert {} == _outcomes(team)


def test_a_file_that_the_team_deleted_stays_away(team: Path) -> None:
    (team / "dashboards/node.py").unlink()

    assert {"dashboards/node.py": State.DELETED} == _outcomes(team)
    assert not (team / "dashboards/node.py").exists()


def test_a_file_that_gk_ships_no_longer_stays(team: Path, ship: Ship) -> None:
    """Something of the team's may import it."""
    ship({})

    assert {"dashboards/node.py": State.DROPPED} == _outcomes(team)
    assert (team / "dashboards/node.py").exists()


def test_a_new_file_of_a_set_is_brought(team: Path, ship: Ship) -> None:
    ship({"dashboards/node.py": OLD, "dashboards/parts.py": "d = 1\n"})

    assert {"dashboards/parts.py": State.CREATED} == _outcomes(team)


def test_a_new_file_of_a_set_replaces_none_of_the_team(team: Path, ship: Ship) -> None:
    ship({"dashboards/node.py": OLD, "dashboards/parts.py": "d = 1\n"})
    (team / "dashboards/parts.py").write_text("ours = 1\n", "utf-8")

    assert {"dashboards/parts.py": State.IN_THE_WAY} == _outcomes(team)
    assert "ours = 1\n" == (team / "dashboards/parts.py").read_text("utf-8")


def test_ends_of_lines_are_kept(team: Path) -> None:
    """A merge of a file that an editor saved with others is a conflict, and loses nothing."""
    file = team / "dashboards/node.py"
    file.write_bytes(OLD.replace("\n", "\r\n").encode())

    assert {"dashboards/node.py": State.CONFLICT} == _outcomes(team)
    assert b"c = 1\r\n" in file.read_bytes()


def test_a_list_that_somebody_broke_is_a_mistake(team: Path) -> None:
    (team / ".gk/brought/brought.json").write_text("[]", "utf-8")

    with pytest.raises(ConfigError, match=r"brought\.json: was modified; restore it"):
        brought.update(team)


def test_an_update_of_what_is_current_changes_nothing(begun: Path, run_gk: RunGk) -> None:
    """With the files that really ship."""
    ran = run_gk("init", "--update", cwd=begun)

    assert (0, "everything that was brought is up to date\n") == (ran.code, ran.out)


def test_the_result_is_a_document_for_programs(tmp_path: Path, run_gk: RunGk) -> None:
    printed = json.loads(run_gk("init", "shop", "--format", "json", cwd=tmp_path).out)

    assert {"version", "folder", "files", "notes"} == printed.keys()
    assert {"path": "gk.yaml", "state": "created"} in printed["files"]
