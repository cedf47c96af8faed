"""gk diff as people and machines see it: what it compares, prints, writes, comments, and exits
with."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gk.forge import marker
from gk.grafana.connection import Connection
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.fake_forges import BOT, FakeForge, FakeGitHub, FakeGitLab, Fault
from tests.fake_grafana import FakeGrafana, Faults
from tests.forks import Forks
from tests.pushing import EVERYTHING, SECRETS, Team

GK = [sys.executable, "-W", "error", "-c", "from gk.cli import main; main()"]
DASHBOARD = """
    from gk import Dashboard, timeseries

    dashboard = Dashboard("Orders", uid="orders", panels=[timeseries("Orders", "sum(orders_open)")])
"""
CHANGED = DASHBOARD.replace("orders_open", "orders_all")
BROKEN = "from gk import dashbord\n"
OTHER = DASHBOARD.replace("Orders", "Stock").replace("orders", "stock")
FILE = '{"title": "Orders", "uid": "orders", "panels": [{"type": "text", "title": "%s"}]}'
NO_CI = dict.fromkeys(("CI", "GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI", "NO_COLOR"), "")


class Shop(ProjectFolder):
    """A project in a repository of its own."""

    def git(self, *arguments: str) -> str:
        who = {
            f"GIT_{role}_{what}": "ada"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        ran = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, **who},
            check=True,
            capture_output=True,
            text=True,
        )
        return ran.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> str:
        """Commit files; the commit's id."""
        self.write(files).root.joinpath(".git").exists() or self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "The shop")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def shop(project: ProjectFolder) -> Shop:
    shop = Shop(project.root)
    shop.commit({"gk.yaml": "project: store\n", "dashboards/orders.py": DASHBOARD})
    return shop


@pytest.fixture
def gk(run_gk: RunGk) -> Callable[..., Ran]:
    def run(*arguments: str, cwd: Path | None = None, **environ: str) -> Ran:
        return run_gk("diff", *arguments, cwd=cwd, env={**NO_CI, **environ})

    return run


Gk = Callable[..., Ran]


def first_line(ran: Ran) -> str:
    return re.sub(r"\([0-9a-f]{7,}\)", "(1a2b3c4)", ran.out.partition("\n")[0])


# Revisions


def test_without_arguments_the_working_tree_is_compared_with_the_last_commit(
    shop: Shop, gk: Gk
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    ran = gk()
    assert (1, "", "HEAD (1a2b3c4) -> working tree") == (ran.code, ran.err, first_line(ran))
    assert "- sum(orders_open)\n" in ran.out
    assert "+ sum(orders_all)\n" in ran.out


def test_without_a_difference_the_exit_code_is_0(shop: Shop, gk: Gk) -> None:
    ran = gk()
    assert (0, "", "no differences (2 objects compared)") == (
        ran.code,
        ran.err,
        ran.out.splitlines()[-2],
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["main"], "main (1a2b3c4) -> working tree", id="one"),
        pytest.param(["main..feature"], "main (1a2b3c4) -> feature (1a2b3c4)", id="two dots"),
        pytest.param(
            ["main..."], "merge base of main and HEAD (1a2b3c4) -> HEAD (1a2b3c4)", id="three dots"
        ),
        pytest.param(["main", "feature"], "main (1a2b3c4) -> feature (1a2b3c4)", id="two"),
        pytest.param(
            ["--", "main..feature"], "main (1a2b3c4) -> feature (1a2b3c4)", id="after two hyphens"
        ),
    ],
)
def test_arguments_name_both_sides(shop: Shop, gk: Gk, arguments: list[str], expected: str) -> None:
    shop.git("checkout", "--quiet", "-b", "feature")
    shop.commit({"dashboards/orders.py": CHANGED})
    shop.git("checkout", "--quiet", "main")
    shop.commit({"dashboards/stock.py": OTHER})
    shop.git("checkout", "--quiet", "feature")
    ran = gk(*arguments)
    assert (1, "", expected) == (ran.code, ran.err, first_line(ran))


def test_a_project_is_named_from_elsewhere(shop: Shop, gk: Gk, tmp_path: Path) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    assert gk().out == gk("-C", str(shop.root), cwd=tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["nowhere"],
            "revision 'nowhere' not found; `git branch --all`",
            id="no such revision",
        ),
        pytest.param(["a", "b", "c"], "give at most two revisions", id="three"),
        pytest.param(
            ["--", "--output=x"],
            "'--output=x' is not a revision: revisions cannot start with '-'",
            id="an option",
        ),
        pytest.param(
            ["--", "HEAD..-x"],
            "'-x' is not a revision: revisions cannot start with '-'",
            id="an option in a range",
        ),
        pytest.param(
            ["old.json"], "revision 'old.json' not found; to compare files, name two", id="one file"
        ),
        pytest.param(
            ["old.json", "HEAD"],
            "HEAD: file or folder not found",
            id="a file and a revision",
        ),
        pytest.param(
            ["old.json", "gone.json"],
            "gone.json: file or folder not found",
            id="a missing file",
        ),
        pytest.param(
            ["gone.json", "HEAD"],
            "gone.json: file or folder not found",
            id="no file and a revision",
        ),
        pytest.param(
            ["dashboards", "HEAD"],
            "file or folder 'HEAD' not found",
            id="a folder and a revision",
        ),
        pytest.param(
            ["empty", "empty"], "empty: contains nothing that gk reads", id="empty folders"
        ),
    ],
)
def test_what_cannot_be_compared_is_an_error_that_says_why(
    shop: Shop, gk: Gk, arguments: list[str], said: str
) -> None:
    shop.write({"old.json": FILE % "Old", "empty/text": ""})
    ran = gk(*arguments)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert 1 == len(ran.err.splitlines())


def test_what_ends_a_run_is_json_where_json_was_asked_for(shop: Shop, gk: Gk) -> None:
    ran = gk("nowhere", "--format", "json")
    (problem,) = json.loads(ran.out)["problems"]
    assert (2, f"{problem['message']}\n") == (ran.code, ran.err)


def test_outside_of_a_repository_files_can_be_compared(project: ProjectFolder, gk: Gk) -> None:
    project.write({"gk.yaml": ""})
    ran = gk(GIT_CEILING_DIRECTORIES=str(project.root.parent))
    assert (2, "") == (ran.code, ran.out)
    assert "team/ is not in a git repository" in ran.err
    assert "gk diff OLD NEW" in ran.err


def test_outside_of_a_project_gk_says_where_it_looked(empty_project: ProjectFolder, gk: Gk) -> None:
    ran = gk()
    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith("no gk project here: neither team/ nor a folder above it")


# Files


def test_two_files_need_no_project(empty_project: ProjectFolder, gk: Gk) -> None:
    empty_project.write({"old.json": FILE % "Old", "new.json": FILE % "New"})
    ran = gk("old.json", "new.json")
    assert (1, "", "old.json -> new.json") == (ran.code, ran.err, first_line(ran))


def test_two_built_folders_are_compared(shop: Shop, run_gk: RunGk, gk: Gk) -> None:
    run_gk("build", "-o", "old")
    run_gk("build", "-o", "new", "-C", str(shop.write({"dashboards/orders.py": CHANGED}).root))
    ran = gk("old", "new")
    assert (1, "", "old -> new") == (ran.code, ran.err, first_line(ran))
    assert "+ sum(orders_all)\n" in ran.out


def test_of_names_that_are_files_and_revisions_the_files_are_meant(shop: Shop, gk: Gk) -> None:
    shop.write({"main": "", "other": ""}).root.joinpath("main").unlink()
    shop.git("branch", "other")
    shop.write({"main/a.json": FILE % "A"})
    assert ("main (1a2b3c4) -> other (1a2b3c4)", "main -> main") == (
        first_line(gk("main..other")),
        first_line(gk("main", "main")),
    )


# Sides with mistakes


def test_a_new_side_with_mistakes_is_exit_code_2_and_what_loads_is_compared(
    shop: Shop, gk: Gk
) -> None:
    shop.commit({"dashboards/stock.py": OTHER})
    shop.write({"dashboards/orders.py": CHANGED, "dashboards/stock.py": BROKEN})
    ran = gk()
    assert (2, "") == (ran.code, ran.err)
    assert (
        "working tree has mistakes; gk did not compare the affected objects\n"
        "  dashboards/stock.py:1: " in ran.out
    )
    assert "+ sum(orders_all)\n" in ran.out
    assert (
        "? not known, because working tree has mistakes:\n    dashboard 'Stock' (stock)\n"
        in ran.out
    )


def test_an_old_side_with_mistakes_is_exit_code_1(shop: Shop, gk: Gk) -> None:
    shop.commit({"dashboards/stock.py": BROKEN})
    shop.write({"dashboards/stock.py": OTHER})
    ran = gk()
    assert (1, "") == (ran.code, ran.err)
    assert "dashboards/stock.py:1: " in ran.out


def test_mistakes_of_a_side_are_in_the_json_of_the_comparison(shop: Shop, gk: Gk) -> None:
    shop.write({"dashboards/orders.py": BROKEN})
    ran = gk("--format", "json")
    body = json.loads(ran.out)
    assert (2, [("dashboards/orders.py", 1)]) == (
        ran.code,
        [(problem["file"], problem["line"]) for problem in body["new"]["problems"]],
    )


def test_definitions_that_take_too_long_are_a_mistake_of_their_side(shop: Shop, gk: Gk) -> None:
    shop.write({"dashboards/slow.py": "while True: pass\n"})
    ran = gk("--timeout", "2")
    assert 2 == ran.code
    assert "the definitions did not load and compile within 2 s; increase --timeout" in ran.out


# Forms and files


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "HEAD ("), ("markdown", "### gk diff"), ("json", "{"), ("html", "<!doctype html>")],
)
def test_each_form_is_printed_as_it_is_written(shop: Shop, gk: Gk, form: str, start: str) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    suffix = {"text": "txt", "markdown": "md"}.get(form, form)
    ran = gk("--format", form, "--output", f"report.{suffix}")
    assert (1, "", True) == (ran.code, ran.err, ran.out.lower().startswith(start.lower()))
    assert ran.out == shop.read(f"report.{suffix}")


def test_one_run_writes_all_forms_in_place_of_older_ones(
    shop: Shop, gk: Gk, tmp_path: Path
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    folder = tmp_path / "reports"
    folder.mkdir()
    names = {f"report.{suffix}" for suffix in ("txt", "md", "json", "html")}
    for name in names:
        (folder / name).write_text("older")
    ran = gk(*(word for name in names for word in ("-o", f"{folder}/{name}")))
    assert (1, "") == (ran.code, ran.err)
    assert names == {file.name for file in folder.iterdir()}
    assert [] == [file.name for file in folder.iterdir() if file.read_text() == "older"]


def test_a_file_that_cannot_be_written_is_exit_code_2(shop: Shop, gk: Gk) -> None:
    ran = gk("--output", "/proc/report.md")
    assert (2, "") == (ran.code, ran.out)
    assert (
        "cannot write /proc/report.md: No such file or directory; name another file with --output\n"
    ) == ran.err


def test_nothing_is_left_of_a_file_that_could_not_be_written_whole(shop: Shop, gk: Gk) -> None:
    (shop.root / "report.md").mkdir()
    (shop.root / ".report.md.new").symlink_to("/dev/full")
    ran = gk("--output", "report.md")
    assert 2 == ran.code
    (shop.root / "report.md").rmdir()
    ran = gk("--output", "report.md")
    assert (
        2,
        "cannot write report.md: No space left on device; name another file with --output\n",
    ) == (
        ran.code,
        ran.err,
    )
    assert [] == [file.name for file in shop.root.iterdir() if "report" in file.name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["-o", "report.pdf"],
            "'report.pdf' must end in one of .txt, .md, .json, .html",
            id="no such form",
        ),
        pytest.param(
            ["-o", "nowhere/r.md"], "folder 'nowhere' does not exist", id="no such folder"
        ),
        pytest.param(
            ["--context", "local"],
            "--context needs --live",
            id="a context",
        ),
        pytest.param(["-v"], "--verbose needs --live", id="requests of none"),
        pytest.param(
            ["--live", "--comment"],
            "revision or --comment; leave out --comment",
            id="a comment on drift",
        ),
        pytest.param(
            ["--live", "--timeout", "9"], "leave out --timeout", id="a limit for revisions"
        ),
        pytest.param(
            ["--comment-from", "r.json", "main"],
            "leave out arguments",
            id="a report and a revision",
        ),
        pytest.param(
            ["--comment-from", "r.json", "--comment", "--live", "--format", "html", "-o", "r.md"],
            "leave out --live and --output and --comment and --format",
            id="a report and more",
        ),
        pytest.param(["--comment-from", "gone.json"], "'gone.json' does not exist", id="no report"),
        pytest.param(["--timeout", "0"], "0 is not in the range x>=1", id="no time at all"),
    ],
)
def test_options_that_would_be_ignored_are_wrong_usage(
    shop: Shop, gk: Gk, arguments: list[str], said: str
) -> None:
    shop.write({"r.json": "{}"})
    ran = gk(*arguments)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert "Usage: gk diff" in ran.err


# Terminals and pipes


def on_terminal(forks: Forks, folder: Path, **environ: str) -> str:
    """What gk diff prints on a terminal."""
    leader, follower = pty.openpty()
    environ = {**os.environ, **NO_CI, "TERM": "xterm", **environ}
    with Path(os.devnull).open("r+b") as nothing:
        streams = [nothing.fileno(), follower, nothing.fileno()]
        forks.start(["diff"], folder, environ, streams)
    os.close(follower)
    shown = b""
    try:
        while read := os.read(leader, 65536):
            shown += read
    except OSError:  # Linux says EIO when the other end has gone.
        pass
    os.close(leader)
    forks.wait()
    return shown.decode()


def test_a_terminal_has_colours_unless_they_are_unwanted(shop: Shop, forks: Forks) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    assert "\x1b[33m" in on_terminal(forks, shop.root)
    assert "\x1b[" not in on_terminal(forks, shop.root, NO_COLOR="1")


def test_long_lines_are_broken_where_a_terminal_ends_and_not_in_a_pipe(
    shop: Shop, gk: Gk, forks: Forks
) -> None:
    by = "sum by (job, instance, pod, container, namespace)"
    shop.commit({"dashboards/orders.py": DASHBOARD.replace("sum(", f"{by} (")})
    shop.write({"dashboards/orders.py": CHANGED.replace("sum(", f"{by} (")})
    shown = on_terminal(forks, shop.root, NO_COLOR="1", COLUMNS="50").replace("\r\n", "\n")
    assert (
        "          - sum by (job, instance, pod, container,\n"
        "            namespace) (orders_open)\n"
        "          + sum by (job, instance, pod, container,\n"
        "            namespace) (orders_all)\n"
    ) in shown
    assert f"          - {by} (orders_open)\n" in gk().out


def test_of_what_is_removed_its_parts_are_named_alone(shop: Shop, gk: Gk) -> None:
    (shop.root / "dashboards/orders.py").unlink()
    out = gk().out
    assert "- dashboard 'Orders' (orders)  dashboards/orders.py:3\n    - panel 'Orders'\n" in out
    assert "orders_open" not in out


def test_a_pipe_and_a_file_have_no_colours(shop: Shop, gk: Gk) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    ran = gk("--output", "report.txt")
    assert "\x1b" not in ran.out + ran.err + shop.read("report.txt")


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_reader_that_has_gone_is_no_failure(shop: Shop, form: str) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    reader, writer = os.pipe()
    os.close(reader)
    command = [*GK, "diff", "--format", form]
    ran = subprocess.run(
        command, cwd=shop.root, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writer)
    assert (1, b"") == (ran.returncode, ran.stderr)


# Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_definitions_that_run_for_ever_and_leaves_nothing(
    shop: Shop, tmp_path: Path, number: signal.Signals
) -> None:
    slow = (
        "import os, pathlib\n"
        'pathlib.Path("running").write_text(str(os.getpid()))\n'
        "while True: pass\n"
    )
    shop.write({"dashboards/slow.py": slow})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [*GK, "diff"],
        cwd=shop.root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    definition = _running(temporary)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (130, b"", b"") == (process.returncode, out, err.strip())
    assert [] == list(temporary.iterdir())
    assert not Path(f"/proc/{definition}").exists()


def _running(temporary: Path) -> int:
    """The process of the definition that runs for ever, once it does."""
    for _ in range(600):
        for file in temporary.glob("gk-diff-*/running"):
            if text := file.read_text():
                return int(text)
        time.sleep(0.1)
    raise AssertionError("it does not run")


# Comments

FORGE_TOKEN = "t0ken" * 6
PULL = {
    "number": 7,
    "head": {"repo": {"full_name": "acme/boards"}},
    "base": {"repo": {"full_name": "acme/boards"}},
}


@pytest.fixture(params=["GitHub", "GitLab"])
def forge(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    with (FakeGitLab if request.param == "GitLab" else FakeGitHub)({FORGE_TOKEN: BOT}) as forge:
        yield forge


@pytest.fixture
def ci(forge: FakeForge, tmp_path: Path) -> dict[str, str]:
    """The variables of a pipeline of merge request 7, or of a run for pull request 7."""
    if isinstance(forge, FakeGitLab):
        url = {
            "CI_API_V4_URL": forge.url,
            "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example.com/shop",
        }
        return {
            "GITLAB_CI": "true",
            "GITLAB_TOKEN": FORGE_TOKEN,
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            **url,
        }
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": PULL}), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": FORGE_TOKEN,
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "acme/boards",
        "GITHUB_EVENT_PATH": str(event),
    }


def test_a_comment_is_made_once_and_then_kept_up_to_date(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    made = gk("--comment", **ci)
    again = gk("--comment", **ci)
    shop.write({"dashboards/orders.py": CHANGED.replace("orders_all", "orders_done")})
    updated = gk("--comment", **ci)
    assert [1, 1, 1] == [made.code, again.code, updated.code]
    said = [ran.err.split(":")[0] for ran in (made, again, updated)]
    assert ["comment created", "comment unchanged", "comment updated"] == said
    (body,) = forge.bodies
    assert body.startswith(f"{marker('store')}\n### gk diff")
    assert "orders_done" in body
    assert "HEAD (" in made.out


def test_where_nothing_differs_there_is_no_comment(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    ran = gk("--comment", **ci)
    assert (0, "no comment: nothing differs\n", []) == (ran.code, ran.err, forge.bodies)


def test_a_comment_says_when_nothing_differs_any_more(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    gk("--comment", **ci)
    shop.write({"dashboards/orders.py": DASHBOARD})
    ran = gk("--comment", **ci)
    assert (0, True) == (ran.code, ran.err.startswith("comment updated"))
    assert ["sum(orders" not in body for body in forge.bodies] == [True]


def test_a_comment_of_a_report_says_the_same(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    gk("--comment", "--output", "report.json", **ci)
    ran = gk("--comment-from", "report.json", **ci)
    assert (0, "", True) == (ran.code, ran.out, ran.err.startswith("comment unchanged"))
    assert 1 == len(forge.bodies)


def test_a_report_of_mistakes_is_commented(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"dashboards/orders.py": BROKEN})
    written = gk("--output", "report.json")
    ran = gk("--comment-from", "report.json", **ci)
    assert (2, 0) == (written.code, ran.code)
    assert "dashboards/orders.py:1" in forge.bodies[0]


def test_a_file_that_is_no_report_is_an_error(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    ran = gk("--comment-from", "gk.yaml", **ci)
    assert (2, "", []) == (ran.code, ran.out, forge.requests)
    assert "gk.yaml was not written by gk diff --output FILE.json" in ran.err


def test_without_the_name_of_a_project_the_comment_has_that_of_its_folder(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"gk.yaml": "", "dashboards/orders.py": CHANGED})
    gk("--comment", **ci)
    assert [True] == [body.startswith(marker("team")) for body in forge.bodies]


def test_no_token_is_in_any_output(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    leak = "import os\n\nraise ValueError(str(dict(os.environ)))\n"
    shop.write({"dashboards/orders.py": CHANGED, "dashboards/leak.py": leak})
    runs = [gk("--comment", "--output", "report.json", **ci)]
    forge.can_write = False
    shop.write({"dashboards/orders.py": DASHBOARD})
    runs.append(gk("--comment", "--format", "html", **ci))
    forge.tokens.clear()
    runs.append(gk("--comment", "--format", "json", **ci))
    assert [True, False, False] == ["comment created" in ran.err for ran in runs]
    shown = "".join([*(ran.out + ran.err for ran in runs), *forge.bodies, shop.read("report.json")])
    assert "ValueError" in shown
    assert FORGE_TOKEN not in shown


def test_a_comment_that_fails_leaves_the_result_as_one_document(
    shop: Shop, gk: Gk, forge: FakeForge, ci: Mapping[str, str]
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    forge.faults = [Fault("GET", 404)] * 2
    ran = gk("--comment", "--format", "json", "--output", "report.md", **ci)
    assert (2, True) == (ran.code, json.loads(ran.out)["differs"])
    assert "404" in ran.err
    assert "sum(orders_all)" in shop.read("report.md")


@pytest.mark.parametrize("arguments", [("--comment",), ("--comment-from", "report.json")])
def test_without_a_pipeline_there_is_nothing_to_comment(
    shop: Shop, gk: Gk, arguments: tuple[str, ...]
) -> None:
    gk("--output", "report.json")
    ran = gk(*arguments)
    assert 2 == ran.code
    assert (
        "there is no pull request to comment on: neither GITHUB_ACTIONS nor GITLAB_CI is set"
        in ran.err
    )
    assert "--output report.md" in ran.err


# A running Grafana

GRAFANA_TOKEN = "glsa_" + "t0ken" * 6


@pytest.fixture
def team(empty_project: ProjectFolder) -> Iterator[Team]:
    """A team called store that pushed everything to a Grafana."""
    with FakeGrafana(tokens={GRAFANA_TOKEN: "Admin"}, passwords={"ada": "pa55word"}) as fake:
        connection = Connection(url=fake.url, name="", user="ada", password="pa55word")
        team = Team(empty_project, connection, "store", fake, dict(SECRETS))
        team.write({**EVERYTHING, "gk.yaml": "project: store\n"}).push()
        yield team


@pytest.fixture
def live(team: Team, gk: Gk) -> Gk:
    def run(*arguments: str, **environ: str) -> Ran:
        variables = {
            "GRAFANA_URL": team.connection.url,
            "GRAFANA_TOKEN": GRAFANA_TOKEN,
            **SECRETS,
            **environ,
        }
        return gk("--live", *arguments, **variables)

    return run


def masked(text: str) -> str:
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z", text)


def test_a_grafana_without_drift_is_exit_code_0(live: Gk) -> None:
    ran = live()
    assert (0, "") == (ran.code, ran.err)
    assert (
        "Grafana at http://127.0.0.1:PORT -> definitions\n\nno differences (8 objects compared)\n"
        == masked(ran.out)
    )


def test_drift_is_shown_with_who_and_when(team: Team, live: Gk) -> None:
    team.edit("store-shop", description="mine")
    ran = live()
    assert (1, "") == (ran.code, ran.err)
    assert (
        "Grafana at http://127.0.0.1:PORT -> definitions\n\n"
        "~ dashboard 'Shop' (store-shop)  dashboards/shop.py:3\n"
        "    version 2 by ada, 2026-01-01T00:00:00Z: by hand\n"
        "    description: mine -> (nothing)\n\n"
        "1 dashboard changed; 7 unchanged\n"
    ) == masked(ran.out)


def test_names_limit_what_is_compared(team: Team, live: Gk) -> None:
    team.edit("store-shop", description="mine")
    assert (0, 1, 1) == (
        live("data-sources").code,
        live("store-shop").code,
        live("data-sources", "Shop").code,
    )


def test_a_name_that_nothing_has_is_an_error(live: Gk) -> None:
    ran = live("store-shp")
    assert (2, "") == (ran.code, ran.out)
    assert "nothing is named 'store-shp'; did you mean 'store-shop'?\n" == ran.err


def test_a_grafana_that_is_not_there_is_exit_code_2(live: Gk) -> None:
    ran = live("--format", "json", GRAFANA_URL="http://127.0.0.1:9")
    (problem,) = json.loads(ran.out)["problems"]
    assert (2, True) == (
        ran.code,
        problem["message"].startswith("no Grafana answers at http://127.0.0.1:9"),
    )


def test_what_cannot_be_read_there_is_exit_code_2(team: Team, live: Gk) -> None:
    assert team.fake
    team.fake.faults = Faults(kinds=("502",), only="GET /api/datasources/uid")
    ran = live()
    assert (2, "") == (ran.code, ran.err)
    assert "data source 'store Prometheus' cannot be read" in ran.out


def test_no_secret_of_a_grafana_is_in_any_output(team: Team, live: Gk) -> None:
    team.edit("store-shop", description="mine")
    runs = [
        live("-v", "-o", "r.html", "-o", "r.json", HOOK="another-secret"),
        live("-v", GRAFANA_TOKEN="glsa_wrong"),
        live("-v", GRAFANA_TOKEN="", GRAFANA_USER="ada", GRAFANA_PASSWORD="pa55word"),
    ]
    assert [1, 2, 1] == [ran.code for ran in runs]
    shown = "".join(
        [
            *(ran.out + ran.err for ran in runs),
            team.project.read("r.html"),
            team.project.read("r.json"),
        ]
    )
    secrets = [GRAFANA_TOKEN, "glsa_wrong", "pa55word", "another-secret", *SECRETS.values()]
    assert "GET /org" in shown
    assert [] == [secret for secret in secrets if secret in shown]


def test_nothing_is_written_to_a_grafana(team: Team, live: Gk) -> None:
    assert team.fake
    team.edit("store-shop", description="mine")
    before = len(team.fake.writes)
    live()
    assert before == len(team.fake.writes)


# Completion


def completed(gk: RunGk, words: str) -> list[str]:
    environ = {
        "_GK_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    return gk(env=environ).out.split()


def test_branches_and_tags_are_completed(shop: Shop, run_gk: RunGk) -> None:
    shop.git("branch", "feature")
    shop.git("tag", "v1.0")
    assert ["plain,feature"] == completed(run_gk, "gk diff fea")
    assert ["plain,main..v1.0"] == completed(run_gk, "gk diff main..v")
    assert ["plain,main...feature"] == completed(run_gk, "gk diff main...f")


def test_files_are_completed_where_no_revision_starts_so(shop: Shop, run_gk: RunGk) -> None:
    assert ["file,old"] == completed(run_gk, "gk diff old")


def test_contexts_and_names_of_objects_are_completed(shop: Shop, run_gk: RunGk) -> None:
    shop.write({"gk.yaml": "contexts: {local: {grafana: 'http://127.0.0.1:9'}}\n"})
    assert ["plain,local"] == completed(run_gk, "gk diff --live --context lo")
    assert ["plain,orders"] == completed(run_gk, "gk diff --live ord")
