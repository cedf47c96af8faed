"""gk push and gk status as people and machines see them: text, JSON, exit codes, questions, and
nothing secret.

golden/push/<case>.txt is what is printed, but for seconds, ports and times. GK_UPDATE_GOLDEN=1
writes them anew.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gk.grafana.connection import Connection
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.fake_grafana import FakeGrafana, Faults
from tests.forks import QUICK_HASHES
from tests.pushing import ALERTS, DASHBOARD, EVERYTHING, NOTIFICATIONS, SECRETS, Team
from tests.waiting import is_readable

GOLDEN = Path(__file__).parent.parent / "golden" / "push"
TOKEN = "glsa_" + "t0ken" * 6
PASSWORD = "pa55word-of-the-admin"


@pytest.fixture
def team(empty_project: ProjectFolder) -> Iterator[Team]:
    """A team called store with everything defined, and an empty Grafana 9.3.2 which knows a
    token."""
    with FakeGrafana(tokens={TOKEN: "Admin"}, passwords={"ada": PASSWORD}) as fake:
        connection = Connection(url=fake.url, name="", user="ada", password=PASSWORD)
        team = Team(empty_project, connection, "store", fake, dict(SECRETS))
        yield team.write({**EVERYTHING, "gk.yaml": "project: store\n"})


@pytest.fixture
def gk(team: Team, run_gk: RunGk) -> Callable[..., Ran]:
    """Run gk with the team's Grafana in the environment."""

    def run(*arguments: str, **environ: str) -> Ran:
        return run_gk(*arguments, env={**_environ(team), "NO_COLOR": "1", **environ})

    return run


def _environ(team: Team) -> dict[str, str]:
    return {"GRAFANA_URL": team.connection.url, "GRAFANA_TOKEN": TOKEN, **SECRETS}


def _masked(text: str) -> str:
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\(\d+\.\d+ s\)", "(0.00 s)", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z", text)
    text = re.sub(r"/\S*/\.gk/replaced/\d{8}T\d{6}", "/project/.gk/replaced/20260101T000000", text)
    text = re.sub(r"-[0-9a-f]{16}\.json", "-0123456789abcdef.json", text)
    return re.sub(r"last pushed at \S+", "last pushed at 0123456789", text)


def _assert_golden(name: str, ran: Ran) -> None:
    shown = _masked(f"exit code {ran.code}\n{ran.out}{ran.err}")
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == shown


def _everything_happens(team: Team) -> None:
    """Leave a Grafana and definitions of which a plan has each kind of change."""
    moved = DASHBOARD.replace("TEAM-shop", "TEAM-old").replace('"Shop"', '"Old"')
    team.write({"dashboards/old.py": moved}).push()
    team.edit("store-shop", description="mine")
    assert team.fake
    team.fake.provision_dashboard({"uid": "store-locked", "title": "Locked"})
    team.remove("dashboards/old.py").write(
        {
            "dashboards/new.py": DASHBOARD.replace("TEAM-shop", "TEAM-new").replace(
                '"Shop"', '"New"'
            ),
            "dashboards/locked.py": DASHBOARD.replace("TEAM-shop", "TEAM-locked").replace(
                '"Shop"', '"Locked"'
            ),
            "alerts/orders.py": ALERTS.replace("< 1", "< 2"),
            "alerts/notifications.py": NOTIFICATIONS.replace("team@", "squad@"),
        }
    )


def test_a_plan_shows_what_becomes_of_each_object(team: Team, gk: Callable[..., Ran]) -> None:
    """Marks, names, fields, reasons and what to do; exit 2, because something is blocked."""
    _everything_happens(team)

    _assert_golden("plan", gk("push", "--dry-run"))


def test_a_plan_shows_the_type_of_a_panel_that_one_side_has(
    team: Team, gk: Callable[..., Ran]
) -> None:
    """Of its JSON, one line says nothing."""
    team.push()
    team.edit("store-shop", panels=[{"id": 9, "title": "Theirs", "type": "gauge"}])

    shown = gk("push", "--dry-run").out.splitlines()

    assert "    panels['Theirs']: (gauge) -> (nothing)" in shown


def test_a_push_shows_the_plan_and_how_it_ended(team: Team, gk: Callable[..., Ran]) -> None:
    """With where that is kept which was overwritten or deleted."""
    _everything_happens(team)

    _assert_golden("pushed", gk("push", "--prune", "--prune-limit", "3", "--yes", "--force"))


def test_status_shows_how_what_gk_owns_stands(team: Team, gk: Callable[..., Ran]) -> None:
    """And what else is there."""
    _everything_happens(team)

    _assert_golden("status", gk("status"))


def test_a_first_push_and_a_second_are_short(team: Team, gk: Callable[..., Ran]) -> None:
    """A line an object, and none for what is unchanged."""
    _assert_golden("first", gk("push"))
    _assert_golden("second", gk("push"))


@pytest.mark.parametrize(
    ("arguments", "happens", "expected"),
    [
        pytest.param(("push",), "nothing", 0, id="a first push"),
        pytest.param(("push", "--dry-run"), "nothing", 1, id="a plan with something to do"),
        pytest.param(("push", "--dry-run"), "pushed", 0, id="a plan with nothing to do"),
        pytest.param(("push",), "edited", 1, id="a conflict"),
        pytest.param(("push", "--force"), "edited", 0, id="a conflict that was forced"),
        pytest.param(("status",), "pushed", 0, id="status: all as defined"),
        pytest.param(("status",), "edited", 1, id="status: drift"),
        pytest.param(("status",), "nothing", 1, id="status: nothing pushed yet"),
        pytest.param(("push", "nothing-of-this-name"), "nothing", 2, id="a name that nothing has"),
        pytest.param(
            ("push", "--prune"), "removed", 2, id="a delete that nobody can be asked about"
        ),
        pytest.param(("push", "--prune", "--yes"), "removed", 0, id="a delete that was allowed"),
        pytest.param(("push",), "refused", 2, id="something that could not be pushed"),
    ],
)
def test_exit_codes_say_how_it_went(
    team: Team, gk: Callable[..., Ran], arguments: tuple[str, ...], happens: str, expected: int
) -> None:
    """0 as desired, 1 differences or conflicts, 2 could not."""
    assert team.fake
    if happens in ("pushed", "edited", "removed"):
        team.push()
    if happens == "edited":
        team.edit("store-shop", description="mine")
    if happens == "removed":
        team.remove("dashboards/shop.py")
    if happens == "refused":
        team.fake.faults = Faults(kinds=("502",), only="POST /api/datasources")

    ran = gk(*arguments)

    assert expected == ran.code, ran.out + ran.err


def test_json_has_the_plan_and_how_it_ended(team: Team, gk: Callable[..., Ran]) -> None:
    """One document, on standard output."""
    _everything_happens(team)

    body = json.loads(gk("push", "--format", "json").out)

    changes = {change["uid"]: change for change in body["changes"]}
    assert (1, "store", "9.3.2") == (body["version"], body["project"], body["grafana"]["version"])
    assert {
        "create": 1,
        "update": 2,
        "delete": 0,
        "conflict": 1,
        "blocked": 1,
        "orphan": 1,
        "unchanged": 5,
    } == body["summary"]
    assert {"done": 3, "conflict": 0, "failed": 0, "skipped": 0} == body["ended"]
    assert [{"path": "description", "there": "mine"}] == changes["store-shop"]["fields"]
    assert ("create", "done", "dashboards/new.py", 3) == tuple(
        changes["store-new"][key] for key in ("action", "status", "file", "line")
    )


def test_status_as_json_has_the_same_as_the_text(team: Team, gk: Callable[..., Ran]) -> None:
    """For machines."""
    _everything_happens(team)

    body = json.loads(gk("status", "--format", "json").out)

    assert ["store-shop"] == [change["uid"] for change in body["drifted"]]
    assert ["store-new"] == [change["uid"] for change in body["new"]]
    assert ["store-locked"] == [change["uid"] for change in body["blocked"]]
    assert ["store-old"] == [change["uid"] for change in body["orphaned"]]
    assert {"dashboard": 1} == body["foreign"]
    assert (9, "ok") == (body["owned"], body["grafana"]["database"])


def test_what_cannot_run_is_json_where_json_was_asked_for(gk: Callable[..., Ran]) -> None:
    """With the message that is on standard error, too."""
    ran = gk("push", "--format", "json", GRAFANA_TOKEN="wrong")

    assert 2 == ran.code
    assert "refused the credentials" in json.loads(ran.out)["problems"][0]["message"]


def test_a_server_that_is_not_there_is_named_with_what_to_check(run_gk: RunGk, team: Team) -> None:
    """Within seconds: a refused connection is tried again, and then believed."""
    start = time.monotonic()
    ran = run_gk("push", env={"GRAFANA_URL": "http://127.0.0.1:9", "GRAFANA_TOKEN": TOKEN})

    assert 2 == ran.code
    assert (
        "no Grafana answers at http://127.0.0.1:9: GET /health: Connection refused; check "
        "the address and the port, "
        "that Grafana runs, and anything in between (proxy, firewall, VPN)\n" == ran.err
    )
    assert 30 > time.monotonic() - start


def test_a_path_that_is_no_grafana_s_says_so(team: Team, gk: Callable[..., Ran]) -> None:
    """Such as a missing sub-path."""
    ran = gk("push", GRAFANA_URL=f"{team.connection.url}/nowhere")

    assert 2 == ran.code
    assert "/nowhere" in ran.err
    assert "check the URL" in ran.err


def test_prune_needs_a_name_of_the_project(team: Team, gk: Callable[..., Ran]) -> None:
    """The name of a folder is no safe answer to what is owned."""
    (team.project.root / "gk.yaml").unlink()

    ran = gk("push", "--prune", "--yes")

    assert 2 == ran.code
    assert "`project: NAME` in gk.yaml" in ran.err


def test_too_much_is_not_pruned(team: Team, gk: Callable[..., Ran]) -> None:
    """It says what would be deleted, how much that is, and how to allow it."""
    team.push()
    for path in ("dashboards/shop.py", "alerts/orders.py", "alerts/notifications.py"):
        team.remove(path)

    refused = gk("push", "--prune", "--yes")
    allowed = gk("push", "--prune", "--yes", "--prune-limit", "7")

    assert 2 == refused.code
    assert "- dashboard 'Shop' (store-shop)" in refused.out
    assert (
        "7 of the 8 objects that gk owns would be deleted, "
        "and that is more than 30% of them, or than 10: nothing was pushed. "
        "If that is right, allow it with --prune-limit 7\n" == refused.err
    )
    assert 0 == allowed.code
    assert not team.is_there("/dashboards/uid/store-shop")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(("--yes",), "--prune-limit 2", id="too much"),
        pytest.param(("--prune-limit", "9"), "pass --yes", id="nobody to ask"),
        pytest.param(("--dry-run",), "--prune-limit 2", id="a plan alone"),
    ],
)
def test_a_refusal_to_delete_is_json_with_what_would_be_deleted(
    team: Team, gk: Callable[..., Ran], arguments: tuple[str, ...], reason: str
) -> None:
    """And nothing was pushed."""
    team.write({"alerts/notifications.py": ""}).push()
    team.remove("dashboards/shop.py")

    ran = gk("push", "--prune", "--format", "json", *arguments)

    body = json.loads(ran.out)
    assert 2 == ran.code
    assert reason in body["refused"]
    assert {"store", "store-shop"} == {
        change["uid"] for change in body["changes"] if change["action"] == "delete"
    }
    assert {"done": 0, "conflict": 0, "failed": 0, "skipped": 0} == body["ended"]
    assert team.is_there("/dashboards/uid/store-shop")


def test_names_are_completed(team: Team, gk: Callable[..., Ran]) -> None:
    """Kinds, and the uids of what is defined."""
    ran = gk(_GK_COMPLETE="bash_complete", COMP_WORDS="gk push st", COMP_CWORD="2")
    kinds = gk(_GK_COMPLETE="bash_complete", COMP_WORDS="gk push con", COMP_CWORD="2")

    assert "plain,store-shop" in ran.out
    assert "plain,contact-points" in kinds.out


# On a terminal


def _on_a_terminal(
    team: Team, arguments: list[str], answers: str, environ: dict[str, str]
) -> tuple[int, str]:
    """Run gk on a pseudo-terminal; its exit code and what was seen."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(team.project.root)
        os.environ.update({"TERM": "xterm", "COLUMNS": "200", **environ})
        program = f"{QUICK_HASHES}; from gk.cli import main; main()"
        os.execv(sys.executable, [sys.executable, "-c", program, *arguments])
    seen, sent = b"", False
    while True:
        assert is_readable(terminal, 30), seen
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if not sent and seen.rstrip().endswith(b":"):
            os.write(terminal, answers.encode())
            sent = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode()


@pytest.mark.parametrize(
    ("answer", "expected", "is_there"),
    [pytest.param("y\n", 0, False, id="yes"), pytest.param("n\n", 130, True, id="no")],
)
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_terminal_is_asked_before_a_delete(
    team: Team, answer: str, expected: int, is_there: bool
) -> None:
    """And nothing at all is pushed when the answer is no."""
    team.push()
    team.remove("dashboards/shop.py")
    arguments = ["push", "--prune", "--prune-limit", "2"]

    code, seen = _on_a_terminal(team, arguments, answer, _environ(team))

    assert "Delete 2 objects? [y/N]:" in seen
    assert expected == code
    assert is_there is team.is_there("/dashboards/uid/store-shop")


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_terminal_is_asked_for_a_token_that_is_not_shown(team: Team) -> None:
    """Where the environment has none."""
    environ = {"GRAFANA_URL": team.connection.url, **SECRETS}

    code, seen = _on_a_terminal(team, ["push", "dashboards"], f"{TOKEN}\n", environ)

    assert 0 == code, seen
    assert TOKEN not in seen
    assert "1 to create" not in seen
    assert "created" in seen


# Nothing secret


@pytest.mark.parametrize("fault", ["", "502", "reset", "429"])
def test_no_secret_is_in_any_output(team: Team, gk: Callable[..., Ran], fault: str) -> None:
    """At the highest verbosity, in errors of the server, and with a user and password."""
    assert team.fake
    secret_words = [TOKEN, PASSWORD, *SECRETS.values()]
    if fault:
        team.fake.faults = Faults(kinds=(fault,), rate=0.4, seed=3, only="POST")
    environ = {"GRAFANA_TOKEN": "", "GRAFANA_USER": "ada", "GRAFANA_PASSWORD": PASSWORD}

    runs = [
        gk("push", "-v"),
        gk("push", "-v", "--force", "--format", "json", HOOK="rotated-secret"),
        gk("push", "-v", **environ),
        gk("status", "-v", "--format", "json"),
        gk("push", "-v", **{**environ, "GRAFANA_PASSWORD": "wrong-password"}),
        gk("push", "-v", GRAFANA_TOKEN="glsa_wrong"),
    ]

    shown = "".join(ran.out + ran.err for ran in runs)
    assert "GET /org" in shown
    assert [] == [
        word
        for word in [*secret_words, "rotated-secret", "wrong-password", "glsa_wrong"]
        if word in shown
    ]
    files = [path.read_bytes() for path in team.project.root.rglob("*") if path.is_file()]
    assert [] == [
        word for word in secret_words if any(word.encode() in content for content in files)
    ]


def test_no_secret_is_in_the_process_list(team: Team, start_gk: RunGk) -> None:
    """Nor in that of what gk starts, which anybody on the machine can see."""
    assert team.fake
    listed: set[str] = set()
    team.fake.on_request = lambda _method, _path: listed.update(_process_list())

    ada = {"GRAFANA_TOKEN": "", "GRAFANA_USER": "ada", "GRAFANA_PASSWORD": PASSWORD}

    assert 0 == start_gk("push", "-v", env=_environ(team)).code
    assert 0 == start_gk("push", "-v", env={**_environ(team), **ada}).code

    assert any("gk.cli" in command for command in listed)
    words = [TOKEN, PASSWORD, *SECRETS.values()]
    assert [] == [word for word in words if any(word in command for command in listed)]


def _process_list() -> Iterator[str]:
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                yield (process / "cmdline").read_text(errors="replace")
            except OSError:
                continue


def test_gk_says_its_version_without_importing_what_a_push_needs() -> None:
    """grafana-client takes a quarter of a second."""
    program = (
        "import sys, gk.cli; print([each for each in ('requests', 'grafana_client', 'rich') "
        "if each in sys.modules])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "[]\n" == ran.stdout


def test_a_title_does_not_steer_the_terminal(team: Team, gk: Callable[..., Ran]) -> None:
    """Not even one that somebody gave in Grafana."""
    evil = "\x1b]0;x\x07\u202e\x9b31m"
    team.push()
    team.edit("store-shop", description=evil)
    team.edit("store-shop", **{evil: evil})

    ran = gk("push", "--dry-run")

    assert 1 == ran.code
    assert set() == {
        character
        for character in ran.out + ran.err
        if not character.isprintable() and character != "\n"
    }
