"""The command line, as a process: what it prints and where, and what it exits with."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

import gk
from gk.cli.commands import cli
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk
from tests.rich import RICH

GOLDEN = Path(__file__).parent.parent / "golden" / "cli"
GK = [sys.executable, "-W", "error", "-c", "from gk.cli import main; main()"]

DASHBOARD = """
    from gk import Dashboard, timeseries
    from gk.library import node

    dashboard = Dashboard("Node", exporter=node, panels=[timeseries("CPU busy", node.cpu_busy)])
"""
MISTAKES = {
    "dashboards/node.py": DASHBOARD.replace("node.cpu_busy)", 'node.cpu_busy, unit="percentUnit")'),
    "dashboards/other.py": "from gk import dashbord\n",
}


@pytest.fixture
def dashboards(project: ProjectFolder) -> ProjectFolder:
    """A project with one dashboard, not built yet."""
    return project.write({"dashboards/node.py": DASHBOARD})


def tree_hash(folder: Path) -> str:
    """A digest of every path and byte in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


# gk build


def test_build_says_what_it_wrote(project: ProjectFolder, run_gk: RunGk) -> None:
    """The summary counts resources and files."""
    project.write({"dashboards/node.py": DASHBOARD})

    ran = run_gk("build")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("built 1 data source, 1 dashboard\n+ grafana/")


def test_build_counts_what_it_built(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """Every kind is named, in the singular or the plural."""
    empty_project.write(RICH)

    ran = run_gk("build")

    assert (
        "built 4 folders, 4 data sources, 4 dashboards, 1 message template, 1 mute timing, "
        "1 contact point, 1 notification policy, 2 rule groups, 2 Prometheus rule groups"
    ) == ran.out.splitlines()[0]


def test_a_second_build_marks_what_changed(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """`+` is new, `~` differs, `-` is gone, and what is right is counted alone."""
    run_gk("build")
    other = DASHBOARD.replace("Node", "Other")
    dashboards.write(
        {"dashboards/other.py": other, "dashboards/node.py": DASHBOARD.replace('"Node"', '"Nodes"')}
    )

    ran = run_gk("build")

    shown = re.sub(r"\d+\.\d\d s", "", ran.out).splitlines()
    assert [
        "+ grafana/dashboards/general/nodes.json",
        "+ grafana/dashboards/general/other.json",
        "+ kubernetes/dashboards/nodes.yaml",
        "+ kubernetes/dashboards/other.yaml",
        "~ kubernetes/kustomization.yaml",
        "~ kubernetes/mount/deployment.yaml",
        "- grafana/dashboards/general/node.json",
        "- kubernetes/dashboards/node.yaml",
        "wrote provisioning/: 4 new, 2 changed, 2 removed, 5 unchanged ()",
    ] == shown[1:]


def test_check_of_an_up_to_date_output_is_quiet(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """Nothing to report is exit code 0."""
    run_gk("build")

    ran = run_gk("build", "--check")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.splitlines()[1].startswith("provisioning/ is up to date: 9 files (")


def test_check_lists_differences_and_writes_nothing(
    dashboards: ProjectFolder, run_gk: RunGk
) -> None:
    """Differences are exit code 1; the output stays what it was."""
    run_gk("build")
    (dashboards.root / "provisioning/kubernetes/providers.yaml").write_text("by hand\n")
    before = tree_hash(dashboards.root / "provisioning")

    ran = run_gk("build", "--check")

    assert (1, "") == (ran.code, ran.err)
    assert "~ kubernetes/providers.yaml" == ran.out.splitlines()[1]
    assert ran.out.splitlines()[2].startswith(
        "would write provisioning/: 0 new, 1 changed, 0 removed, 8 unchanged ("
    )
    assert before == tree_hash(dashboards.root / "provisioning")


def test_check_does_not_make_the_output_folder(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """Of a project that was never built, everything differs."""
    ran = run_gk("build", "--check")

    assert 1 == ran.code
    assert not (dashboards.root / "provisioning").exists()


def test_output_may_lie_elsewhere(dashboards: ProjectFolder, run_gk: RunGk, tmp_path: Path) -> None:
    """-o is relative to where gk runs, wherever the project is."""
    ran = run_gk("build", "-C", "team", "-o", "elsewhere/out", cwd=tmp_path)

    assert (0, "") == (ran.code, ran.err)
    assert "wrote elsewhere/out/: 9 new" in ran.out
    assert (tmp_path / "elsewhere/out/grafana/dashboards/general/node.json").exists()
    assert not (dashboards.root / "provisioning").exists()


def test_the_project_is_found_from_a_folder_in_it(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """Output goes to the project, and is shown as seen from where gk runs."""
    ran = run_gk("build", cwd=dashboards.root / "dashboards")

    assert (0, "") == (ran.code, ran.err)
    assert "wrote ../provisioning/: 9 new" in ran.out


def test_the_folders_of_gk_yaml_count(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """build.output and build.formats say where and what."""
    dashboards.write({"gk.yaml": "build: {output: out, formats: [prometheus, grafana]}"})

    ran = run_gk("build")

    assert "wrote out/: 3 new" in ran.out
    assert ["grafana"] == [
        folder.name for folder in (dashboards.root / "out").iterdir() if folder.is_dir()
    ]


def test_forgetting_deleted_rules(project: ProjectFolder, run_gk: RunGk) -> None:
    """--forget-deleted drops what a build of the files before would keep."""
    alerts = (
        "from gk import alert, alert_group\n"
        'g = alert_group("g", [alert("A", "up < 1"), alert("B", "up < 2")])\n'
    )
    project.write({"gk.yaml": "", "alerts/a.py": alerts})
    run_gk("build")
    project.write({"alerts/a.py": alerts.replace(', alert("B", "up < 2")', "")})
    kept = run_gk("build")
    rules = project.read("provisioning/grafana/alerting/rules.yaml")

    forgot = run_gk("build", "--forget-deleted")

    assert (0, 0, True) == (kept.code, forgot.code, "deleteRules" in rules)
    assert "deleteRules" not in project.read("provisioning/grafana/alerting/rules.yaml")


# As JSON


def test_a_result_as_json(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """One document on standard output, with what the text says."""
    run_gk("build")
    (dashboards.root / "provisioning/kubernetes/providers.yaml").unlink()

    ran = run_gk("build", "--format", "json")

    printed = json.loads(ran.out)
    assert (0, "") == (ran.code, ran.err)
    assert isinstance(printed.pop("seconds"), float)
    assert {
        "version": 1,
        "output": "provisioning",
        "built": {"data source": 1, "dashboard": 1},
        "added": ["kubernetes/providers.yaml"],
        "changed": [],
        "removed": [],
        "unchanged": 8,
        "written": True,
        "warnings": [],
    } == printed


def test_a_check_as_json(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """The same document says that nothing was written, and the exit code that something differs."""
    ran = run_gk("build", "--check", "--format", "json")

    assert (1, False, 9) == (
        ran.code,
        json.loads(ran.out)["written"],
        len(json.loads(ran.out)["added"]),
    )


def test_mistakes_as_json(project: ProjectFolder, run_gk: RunGk) -> None:
    """Every mistake with its file, its line and its message, on standard output; the text stays on
    standard error."""
    project.write({**MISTAKES, "dashboards/third.py": "x = 1\ny = (\n"})

    ran = run_gk("build", "--format", "json")

    printed = json.loads(ran.out)
    assert (2, {"version", "problems"}, 1) == (ran.code, printed.keys(), printed["version"])
    assert [("dashboards/other.py", 1), ("dashboards/third.py", 2)] == [
        (problem["file"], problem["line"]) for problem in printed["problems"]
    ]
    assert ran.err.splitlines() == [
        f"{problem['file']}:{problem['line']}: {problem['message']}"
        for problem in printed["problems"]
    ]


def test_what_ends_a_build_without_a_place_as_json(project: ProjectFolder, run_gk: RunGk) -> None:
    """An error that is no mistake in a file has the same form, with an empty file and line 0."""
    project.write(
        {
            "dashboards/node.py": DASHBOARD,
            "provisioning/kubernetes/providers.yaml": "somebody else's\n",
        }
    )

    ran = run_gk("build", "--format", "json")

    message = (
        "provisioning/ has files that gk did not write, at paths that gk needs: "
        "kubernetes/providers.yaml. Move them"
    )
    assert (2, [{"file": "", "line": 0, "message": message}]) == (
        ran.code,
        json.loads(ran.out)["problems"],
    )


# Exit codes and errors


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["build"], 0, "built 1 data source", id="build"),
        pytest.param(["diff", "a.json", "b.json"], 1, "title", id="diff"),
        pytest.param(["impact", "node.cpu_busy"], 0, "CPU busy", id="impact"),
        pytest.param(["push"], 2, "no Grafana answers", id="push"),
        pytest.param(["snippets", "node.cpu_busy"], 0, "node_cpu", id="snippets"),
        pytest.param(["status"], 2, "no Grafana answers", id="status"),
    ],
)
def test_a_command_that_is_started_imports_what_it_needs(
    dashboards: ProjectFolder, start_gk: RunGk, arguments: list[str], code: int, said: str
) -> None:
    """Most tests run commands where all of gk has been imported."""
    dashboards.write(
        {"a.json": '{"title": "A", "panels": []}', "b.json": '{"title": "B", "panels": []}'}
    )

    ran = start_gk(*arguments, env={"GRAFANA_URL": "http://127.0.0.1:9", "GRAFANA_TOKEN": "x"})

    assert code == ran.code
    assert said in ran.out + ran.err


def test_mistakes_are_told_at_their_lines_and_all_at_once(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """A line for each, no traceback, nothing on standard output, exit code 2."""
    project.write(MISTAKES)

    ran = run_gk("build")

    assert (2, "") == (ran.code, ran.out)
    assert ["dashboards/other.py:1: "] == [line[:23] for line in ran.err.splitlines()]
    assert not (project.root / "provisioning").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["build", "--chek"], "No such option", id="an unknown option"),
        pytest.param(["bild"], "No such command 'bild'", id="an unknown command"),
        pytest.param(["build", "-o", "file"], "'file' is a file", id="a file as the output"),
        pytest.param(
            ["build", "--format", "xml"],
            "'xml' is not one of 'text', 'json'",
            id="an unknown format",
        ),
        pytest.param(["build", "extra"], "unexpected extra argument", id="an argument too many"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    empty_project: ProjectFolder, run_gk: RunGk, arguments: list[str], said: str
) -> None:
    """What is wrong with the command line, and how it is used, on standard error."""
    empty_project.write({"file": ""})

    ran = run_gk(*arguments)

    assert (2, "") == (ran.code, ran.out)
    assert "Usage: gk " in ran.err
    assert said.casefold() in ran.err.casefold()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["build", "-C", "nowhere"], "-C: 'nowhere' does not exist; name the folder of a project"),
        (["push", "-C", "file"], "-C: 'file' is not a folder; name the folder of a project"),
    ],
)
def test_a_project_that_is_not_there_is_an_error(
    empty_project: ProjectFolder, run_gk: RunGk, command: list[str], said: str
) -> None:
    """In one line, without the usage of the command, and for programs as JSON."""
    empty_project.write({"file": ""})

    ran, as_json = run_gk(*command), run_gk(*command, "--format", "json")

    assert (2, "", f"{said}\n") == (ran.code, ran.out, ran.err)
    assert [said] == [problem["message"] for problem in json.loads(as_json.out)["problems"]]


def test_a_deleted_folder_is_an_error(empty_project: ProjectFolder) -> None:
    """A shell stays in a folder that somebody deletes."""
    gone = empty_project.root / "gone"
    gone.mkdir()
    script = 'cd gone && rmdir ../gone && exec "$@"'

    ran = subprocess.run(
        ["sh", "-c", script, "sh", *GK, "build"],
        cwd=empty_project.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (2, "the current folder was deleted: go to another one\n") == (
        ran.returncode,
        ran.stderr,
    )


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_summaries_of_commands_are_whole(run_gk: RunGk, columns: str) -> None:
    """However narrow the terminal is: they are wrapped, and not cut."""
    shown = run_gk("--help", env={"COLUMNS": columns}).out.partition("Commands:")[2]

    assert "..." not in shown
    assert "rule files and ConfigMaps. " in f"{' '.join(shown.split())} "


def test_the_module_is_the_command(dashboards: ProjectFolder) -> None:
    """`python -m gk` works where the script is not on the path."""
    ran = subprocess.run(
        [sys.executable, "-m", "gk", "build", "--check"],
        cwd=dashboards.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (1, "") == (ran.returncode, ran.stderr)
    assert "would write provisioning/" in ran.stdout


def test_no_project_is_an_error_that_says_where_gk_looked(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Outside of any project, the message names the folder and -C."""
    ran = run_gk("build")

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith(
        "no gk project here: neither team/ nor a folder above it has gk.yaml, dashboards/, "
        "datasources/ or alerts/."
    )


def test_an_output_that_cannot_be_written_is_an_error_without_a_traceback(
    dashboards: ProjectFolder, run_gk: RunGk
) -> None:
    """Path and reason, and exit code 2."""
    ran = run_gk("build", "-o", "/proc/gk")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "/proc/gk: No such file or directory; gk build reads and writes there; use -o "
        "for another folder\n"
    ) == ran.err


def test_a_bug_of_gk_is_exit_code_2_with_its_traceback(
    dashboards: ProjectFolder, run_gk: RunGk
) -> None:
    """Python's own exit code for it would pass for "differences"."""
    dashboards.write(
        {
            "dashboards/breaks.py": (
                "from gk.provisioning import kubernetes\n\nkubernetes.manifests = None\n"
            )
        }
    )

    ran = run_gk("build")

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith("Traceback (most recent call last):\n")
    assert ran.err.endswith("this is a bug in gk: please report it with the lines above\n")


def test_ctrl_c_is_exit_code_130(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """While definitions load, Ctrl-C ends the run: no traceback, nothing written."""
    dashboards.write(
        {
            "dashboards/slow.py": (
                "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"
            )
        }
    )

    ran = run_gk("build")

    assert (130, "", "") == (ran.code, ran.out, ran.err.strip())
    assert not (dashboards.root / "provisioning").exists()


def test_a_definition_that_exits_does_not_decide_the_exit_code(
    dashboards: ProjectFolder, run_gk: RunGk
) -> None:
    """sys.exit in a definition is a mistake at its line."""
    dashboards.write({"dashboards/exits.py": "import sys\n\nsys.exit(0)\n"})

    ran = run_gk("build")

    assert (2, "dashboards/exits.py:3: ") == (ran.code, ran.err[:23])


def test_warnings_go_to_standard_error(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """A warning is no result, and no failure; as JSON it is in the document too."""
    large = (
        "from gk import Dashboard, text\n\n"
        'large = Dashboard("Large", panels=[text("T", "x" * 300_000)])\n'
    )
    dashboards.write({"dashboards/large.py": large})

    ran = run_gk("build", "--format", "json")

    (warning,) = json.loads(ran.out)["warnings"]
    assert (0, f"warning: {warning}\n") == (ran.code, ran.err)
    assert warning.startswith(
        "dashboards/large.yaml: client-side `kubectl apply` keeps it in annotations of 30"
    )


def test_a_build_warns_about_files_whose_definitions_gk_does_not_see(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """It builds the rest all the same."""
    project.write(
        {"dashboards/b.py": "from gk import Dashboard\n\ndef make():\n    return Dashboard('B')\n"}
    )

    ran = run_gk("build", "--format", "json")

    (warning,) = json.loads(ran.out)["warnings"]
    assert (0, f"warning: {warning}\n") == (ran.code, ran.err)
    assert warning.startswith("dashboards/b.py defines nothing; ")


# Terminals and pipes


def on_terminal(
    folder: Path, *arguments: str, stream: str = "stdout", env: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """What gk prints on a stream that is a terminal, and on the other, which is a pipe."""
    leader, follower = pty.openpty()
    other = "stderr" if stream == "stdout" else "stdout"
    streams: dict[str, Any] = {stream: follower, other: subprocess.PIPE}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [*GK, *arguments],
        cwd=folder,
        env={**environment, "TERM": "xterm", **(env or {})},
        **streams,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            read = os.read(leader, 65536)
        except OSError:  # Linux says EIO when the other end has gone.
            break
        if not read:
            break
        shown += read
    os.close(leader)
    piped = b"".join(filter(None, process.communicate(timeout=60)))
    return shown.decode(), piped.decode()


def test_a_terminal_has_colour(dashboards: ProjectFolder) -> None:
    """What is new is green."""
    shown, _ = on_terminal(dashboards.root, "build")

    assert "\x1b[32m+ grafana/dashboards/gk.yaml\x1b[0m" in shown


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_no_color_is_obeyed(project: ProjectFolder, stream: str) -> None:
    """Neither results nor errors are coloured where NO_COLOR is set."""
    project.write({"dashboards/node.py": DASHBOARD if stream == "stdout" else "sys.exit()"})

    shown, _ = on_terminal(project.root, "build", stream=stream, env={"NO_COLOR": "1"})

    assert "+ grafana" in shown or "NameError" in shown
    assert [] == re.findall(r"\x1b\[[\d;]*m", shown)


def test_an_empty_no_color_means_nothing(dashboards: ProjectFolder) -> None:
    """As no-color.org has it: set, and not empty."""
    shown, _ = on_terminal(dashboards.root, "build", env={"NO_COLOR": ""})

    assert "\x1b[32m" in shown


@pytest.mark.parametrize(
    ("environ", "has_colour"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_force_color_is_obeyed(
    dashboards: ProjectFolder, run_gk: RunGk, environ: dict[str, str], has_colour: bool
) -> None:
    """In a pipe, as in CI, whose pages show colours; NO_COLOR wins."""
    shown = run_gk("build", "--check", env={"NO_COLOR": "", **environ}).out

    assert has_colour is ("\x1b[32m+ grafana/dashboards/gk.yaml\x1b[0m" in shown)


def test_a_pipe_has_no_colour_and_no_progress(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """What a file or a program gets is text alone."""
    ran = run_gk("build")

    assert "\x1b" not in ran.out
    assert "" == ran.err


def test_progress_is_shown_where_messages_go(dashboards: ProjectFolder) -> None:
    """On a terminal standard error has the progress, and standard output the result alone."""
    shown, piped = on_terminal(dashboards.root, "build", stream="stderr")

    assert "loading definitions" in shown
    assert piped.startswith("built 1 data source, 1 dashboard\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["build"], 0, id="build"),
        pytest.param(["build", "--check"], 1, id="check"),
        pytest.param(["build", "--check", "--format", "json"], 1, id="as JSON"),
    ],
)
def test_a_reader_that_has_gone_is_no_failure(
    dashboards: ProjectFolder, arguments: list[str], code: int
) -> None:
    """`gk build | head -0` is quiet, and the exit code is what it would have been."""
    assert (code, "") == without_reader(dashboards.root, *arguments)


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_for_a_reader_that_has_gone_is_quiet(dashboards: ProjectFolder, argument: str) -> None:
    """No traceback for `gk --help | head -0` either."""
    _, said = without_reader(dashboards.root, argument)

    assert "" == said


def without_reader(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a run whose standard output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = subprocess.run(
            [*GK, *arguments],
            cwd=folder,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            text=True,
        )
    finally:
        os.close(writer)
    return ran.returncode, ran.stderr


def test_a_result_that_cannot_be_printed_is_a_failure(dashboards: ProjectFolder) -> None:
    """A full disk, or whatever standard output is, must not pass for a good check."""
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*GK, "build"],
            cwd=dashboards.root,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            text=True,
        )

    assert (2, "the result cannot be printed: No space left on device\n") == (
        ran.returncode,
        ran.stderr,
    )


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_gk_runs_without_standard_streams(dashboards: ProjectFolder, closed: str) -> None:
    """As daemons start their programs: there is nobody to print for, and the build is done all the
    same."""
    command = f'exec "$0" -c "from gk.cli import main; main()" build {closed}'

    ran = subprocess.run(
        ["sh", "-c", command, sys.executable], cwd=dashboards.root, timeout=60, check=False
    )

    assert 0 == ran.returncode
    assert (dashboards.root / "provisioning/kubernetes/providers.yaml").exists()


# Help


COMMANDS = {"gk": cli, **{f"gk {name}": command for name, command in cli.commands.items()}}


@every("name", COMMANDS)
def test_commands_and_options_have_help(name: str) -> None:
    """Each says in a sentence what it does."""
    command = COMMANDS[name]

    options = [option for option in command.params if isinstance(option, click.Option)]

    assert (command.help or "").strip().partition("\n\n")[0].endswith(".")
    assert [] == [
        option.opts for option in options if not (option.help or "").strip().endswith(".")
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_is_the_golden_one(name: str, run_gk: RunGk, empty_project: ProjectFolder) -> None:
    """Help is part of what users see; GK_UPDATE_GOLDEN=1 writes it anew, and a review shows the
    difference."""
    golden = GOLDEN / f"{name.replace(' ', '-')}.txt"

    ran = run_gk(*name.split()[1:], "--help", env={"COLUMNS": "100"})

    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.write_text(ran.out)
    assert (0, "") == (ran.code, ran.err)
    assert golden.read_text() == ran.out


def test_the_short_help_is_the_same(run_gk: RunGk, empty_project: ProjectFolder) -> None:
    """-h is --help."""
    assert run_gk("build", "--help").out == run_gk("build", "-h").out


def test_gk_alone_shows_its_help(run_gk: RunGk, empty_project: ProjectFolder) -> None:
    """Nothing to do is wrong usage, and the help says what there is."""
    ran = run_gk()

    assert 2 == ran.code
    assert "build" in ran.err + ran.out


def test_the_version(run_gk: RunGk, empty_project: ProjectFolder) -> None:
    """Name and number."""
    assert f"gk {gk.__version__}\n" == run_gk("--version").out


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_answer_at_once(argument: str) -> None:
    """What only a build needs is not imported for them: it would take most of their time."""
    code = "from gk.cli import main; main()"

    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, argument],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    heavy = {"attr", "grafanalib", "yaml", "requests", "rich", "orjson", "promql_parser", "urllib3"}
    assert [] == [name for name in heavy if re.search(rf"\| +{name}$", ran.stderr, re.MULTILINE)]
    assert re.search(r"\| +click$", ran.stderr, re.MULTILINE)


def test_a_build_imports_nothing_that_speaks_http() -> None:
    """It would take as long as all the rest of its imports."""
    code = (
        "import sys, gk.compile, gk.project, gk.provisioning; "
        "print([each for each in ('requests', 'urllib3', 'ssl') if each in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]\n" == ran.stdout


def test_shells_can_complete_commands(run_gk: RunGk, empty_project: ProjectFolder) -> None:
    """The completion that the help offers works."""
    script = run_gk(env={"_GK_COMPLETE": "bash_source"})
    words = run_gk(env={"_GK_COMPLETE": "bash_complete", "COMP_WORDS": "gk bu", "COMP_CWORD": "1"})

    assert (0, 0) == (script.code, words.code)
    assert "_GK_COMPLETE=bash_complete" in script.out
    assert "plain,build\n" == words.out


# The same bytes


def test_output_depends_on_the_definitions_alone(
    empty_project: ProjectFolder, tmp_path: Path
) -> None:
    """Another hash seed, folder, locale, time zone, user and umask: the same bytes."""
    empty_project.write(RICH)
    other = tmp_path / "another name" / "deeper"
    shutil.copytree(empty_project.root, other)
    environments = [
        (empty_project.root, {"PYTHONHASHSEED": "1"}),
        (
            empty_project.root / "alerts",
            {"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        ),
        (
            other,
            {"PYTHONHASHSEED": "3", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "USER": "nobody"},
        ),
    ]

    hashes = []
    for at, (folder, env) in enumerate(environments):
        output = tmp_path / f"out{at}"
        subprocess.run(
            [*GK, "build", "-o", str(output)],
            cwd=folder,
            env={**os.environ, **env},
            check=True,
            timeout=60,
        )
        hashes.append(tree_hash(output))

    assert 1 == len(set(hashes))
    assert len(list((tmp_path / "out0").rglob("*.*"))) > 20


def test_no_file_has_a_path_of_this_machine(
    empty_project: ProjectFolder, run_gk: RunGk, tmp_path: Path
) -> None:
    """Where the project lies is nobody's business."""
    empty_project.write(RICH)
    built = run_gk("build")

    files = [file for file in (empty_project.root / "provisioning").rglob("*") if file.is_file()]

    assert (0, True) == (built.code, len(files) > 10)
    assert [] == [file for file in files if str(tmp_path).encode() in file.read_bytes()]


def test_building_leaves_nothing_but_the_output(dashboards: ProjectFolder, run_gk: RunGk) -> None:
    """No bytecode, no caches and no temporary files in the user's folders."""
    before = {path for path in dashboards.root.rglob("*") if path.name != "provisioning"}

    assert 0 == run_gk("build").code

    after = {path for path in dashboards.root.rglob("*") if "provisioning" not in path.parts}
    assert before == after
    output = dashboards.root / "provisioning"
    written = {path.suffix or path.name for path in output.rglob("*") if path.is_file()}
    assert {".json", ".yaml", ".gk-files"} == written


def test_a_terminated_build_ends_by_the_signal(dashboards: ProjectFolder) -> None:
    """SIGTERM while definitions load ends the process as other programs end, with nothing
    written."""
    dashboards.write(
        {
            "dashboards/slow.py": (
                "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(60)\n"
            )
        }
    )

    ran = subprocess.run(
        [*GK, "build"], cwd=dashboards.root, capture_output=True, timeout=60, check=False
    )

    assert -signal.SIGTERM == ran.returncode
    assert not (dashboards.root / "provisioning").exists()


def test_a_line_of_a_message_is_no_command_to_a_ci_system(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """A title may begin a line with what GitHub's runner would obey."""
    panel = {"type": "stat", "title": "A\n::error::owned", "datasource": "nowhere"}
    text = json.dumps({"uid": "a", "title": "A", "panels": [panel]})
    project.write({"dashboards/a.json": text})

    ran = run_gk("build")

    assert 2 == ran.code
    assert "owned" in ran.err
    assert not [line for line in ran.err.splitlines() if line.lstrip().startswith("::")]
