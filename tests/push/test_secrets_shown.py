"""An attack on what gk shows: secrets are planted wherever they can be, and every output is
searched for them.

In definitions, where gk cannot know them; in the environment; in what a Grafana has and other
people made; and in what a Grafana says when it refuses what it was sent. Commands run as users run
them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from gk.grafana.connection import Connection
from gk.push.ledger import TAG
from tests.compile.test_secrets import DATASOURCES, RECEIVERS
from tests.conftest import ProjectFolder, RunGk
from tests.fake_grafana import FakeGrafana
from tests.fake_grafana.calls import Answer
from tests.pushing import DASHBOARD, Team
from tests.pushing import DATASOURCE as PROMETHEUS

MARK = "hunter2-canary"
TOKEN = f"glsa_{MARK}-token"
ENVIRON = {
    "DB": f"{MARK}-of-the-environment",
    "HOOK": f'{MARK}-of a "hook"',
    "CI": "",
    "NO_COLOR": "1",
}

SECRETIVE = {
    "gk.yaml": "project: store\n",
    "datasources/odd.py": f"""
        from gk import Datasource, secret

        odd = Datasource(
            name="Odd",
            type="odd",
            uid="odd",
            url="http://odd",
            json_data={{
                "connectionString": "{MARK}-dsn",
                "customQueryParameters": "tenant={MARK}-tenant",
                "sessionCookie": "{MARK}-cookie",
            }},
            secure_json_data={{"password": secret("DB"), "httpHeaderValue1": secret("HOOK")}},
        )
        """,
    "alerts/points.py": f"""
        from gk import contact_point, message_template, receiver, secret

        hook = contact_point(
            "Hook",
            receiver("webhook", {{
                "url": "https://hook/{MARK}-url", "password": secret("HOOK"),
                "headers": {{"X-Scope-OrgID": "{MARK}-header"}},
            }}, uid="hook"),
            receiver("telegram", {{
                "bottoken": secret("HOOK"), "chatid": "{MARK}-chat",
            }}, uid="chat"),
        )
        text = message_template("Text", "see https://ada:{MARK}-text@wiki")
        """,
    "dashboards/shop.py": DASHBOARD.replace("TEAM-prometheus", "odd").replace(
        '"title": "Shop",',
        f'"title": "Shop", "description": "https://ada:{MARK}-description@wiki", '
        f'"links": [{{"title": "w", "url": "https://wiki?api_key={MARK}-link"}}],',
    ),
}


class _Echoing(FakeGrafana):
    """A Grafana that refuses whatever is written at `path`, and says all that it was sent."""

    path = ""

    def _respond(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> Answer | None:
        if self.path and method != "GET" and self.path in target:
            said = {"message": f"refused: {dict(headers)} {content.decode()}"}
            return Answer(400, orjson.dumps(said))
        return super()._respond(method, target, headers, content)


@pytest.fixture
def team(empty_project: ProjectFolder) -> Iterator[Team]:
    with _Echoing(tokens={TOKEN: "Admin"}, passwords={"ada": f"{MARK}-password"}) as fake:
        connection = Connection(url=fake.url, name="", user="ada", password=f"{MARK}-password")
        yield Team(empty_project, connection, "store", fake, dict(ENVIRON)).write(SECRETIVE)


@pytest.fixture
def attack(team: Team, run_gk: RunGk) -> Any:
    """Run gk; the exit code and all that it printed, in which no secret may be."""

    def run(*arguments: str, **environ: str) -> tuple[int, str]:
        variables = {
            "GRAFANA_URL": team.connection.url,
            "GRAFANA_TOKEN": TOKEN,
            **ENVIRON,
            **environ,
        }
        ran = run_gk(*arguments, env=variables)
        assert "Traceback" not in ran.err
        shown = ran.out + ran.err
        assert MARK not in shown, (arguments, [line for line in shown.splitlines() if MARK in line])
        return ran.code, shown

    return run


def _files_with_secrets(root: Path, *but: str) -> list[str]:
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    names = {
        path.relative_to(root).as_posix() for path in files if MARK.encode() in path.read_bytes()
    }
    return sorted(
        name
        for name in names - set(SECRETIVE)
        if not name.startswith(but or ("-",)) and "__pycache__" not in name
    )


# What somebody wrote into a definition

COMMANDS = (
    ("build",),
    ("build", "--check"),
    ("push",),
    ("push", "--dry-run", "--format", "json"),
    ("status",),
    ("status", "--format", "json"),
    ("diff", "--live"),
    ("diff", "HEAD", "-o", "r.html", "-o", "r.json", "-o", "r.md"),
)


@pytest.fixture
def literal(team: Team) -> list[tuple[str, str]]:
    """A project with every kind of literal, each on a line of its own: the lines, and the
    settings."""
    sources = [
        f"d{number} = Datasource(name='D{number}', type='odd', uid='d{number}', {arguments})"
        for number, (_, arguments) in enumerate(DATASOURCES)
    ]
    points = [
        f"c{number} = contact_point('C{number}', receiver('{type}', {settings}, uid='c{number}'))"
        for number, (_, type, settings) in enumerate(RECEIVERS)
    ]
    for name in SECRETIVE:
        (team.project.root / name).unlink()
    files = {"datasources/d.py": sources, "alerts/c.py": points}
    team.project.write({"gk.yaml": "project: store\n"})
    team.project.write(
        {name: "\n".join(["from gk import *", *lines]) + "\n" for name, lines in files.items()}
    )
    settings = {
        "datasources/d.py": [source[0] for source in DATASOURCES],
        "alerts/c.py": [receiver[0] for receiver in RECEIVERS],
    }
    return [
        (f"{file}:{line}:", setting)
        for file, in_file in settings.items()
        for line, setting in enumerate(in_file, 2)
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_secret_in_a_definition_is_refused_by_every_command_and_shown_by_none(
    team: Team, attack: Any, literal: Sequence[tuple[str, str]], command: Sequence[str]
) -> None:
    """Each at its line with its setting; nothing is written and nothing is sent."""
    assert team.fake
    _git(team.project.root)

    code, shown = attack(*command)

    assert 2 == code
    assert [] == [
        pair
        for pair in literal
        if not any(pair[0] in line and pair[1] in line for line in shown.splitlines())
    ]
    assert [] == team.fake.writes
    assert [] == _files_with_secrets(team.project.root, "datasources/d.py", "alerts/c.py")


# What nobody can know


def test_no_output_of_a_comparison_shows_a_secret_and_none_misses_that_it_changed(
    team: Team, attack: Any
) -> None:
    """Of two revisions, in every form."""
    root = team.project.root
    _git(root)
    for name in SECRETIVE:
        text = (root / name).read_text()
        (root / name).write_text(text.replace(MARK, f"{MARK}-new"))
    _git(root)

    for command in ((), ("--format", "markdown"), ("--format", "json"), ("--format", "html")):
        code, shown = attack("diff", "HEAD~1", "HEAD", *command)
        assert 1 == code
        # A page marks the numbers in it.
        assert "secret-2" in re.sub("<[^>]*>", "", shown)

    code, shown = attack("diff", "HEAD~1", "HEAD", "-o", "r.html", "-o", "r.json", "-o", "r.md")
    assert all(f"'{title}'" in shown for title in ("Odd", "Hook", "Shop", "Text"))
    assert [] == _files_with_secrets(root)


def test_no_output_of_a_comparison_of_files_shows_a_secret(attack: Any, team: Team) -> None:
    """Of provisioning files and dashboards that somebody else wrote, of types that nobody knows."""
    for side in ("old", "new"):
        mark = f"{MARK}-{side}"
        point = {
            "uid": "r",
            "type": "odd",
            "settings": {"any": [mark], "message": f"http://a:{mark}@b"},
        }
        files = {
            "d.yaml": {
                "apiVersion": 1,
                "datasources": [_FOREIGN | {"password": mark, "url": f"http://a:{mark}@b"}],
            },
            "e.yaml": {
                "apiVersion": 1,
                "datasources": [{"name": "E", "type": "odd", "secureJsonData": {"x": mark}}],
            },
            "c.yaml": {"apiVersion": 1, "contactPoints": [{"name": "C", "receivers": [point]}]},
            "s.json": {
                "title": "S",
                "uid": "s",
                "panels": [],
                "links": [{"url": f"https://x?token={mark}"}],
            },
        }
        team.project.write(
            {f"{side}/{name}": orjson.dumps(body).decode() for name, body in files.items()}
        )
    for form in ("text", "markdown", "json", "html"):
        code, shown = attack("diff", "old", "new", "--format", form)
        assert 1 == code
        assert all(kind in shown for kind in ("data source", "contact point", "dashboard"))
        assert 4 <= len(re.findall("secret-2", re.sub("<[^>]*>", "", shown)))


_FOREIGN: dict[str, Any] = {"name": "D", "type": "odd", "uid": "d"}


def test_no_output_of_a_push_shows_a_secret(team: Team, attack: Any) -> None:
    """Of its definitions, its environment, or of what somebody made in Grafana; nor does a file
    that it keeps."""
    assert team.fake
    assert 1 == attack("push", "--dry-run")[0]
    assert 0 == attack("push", "-v", "--format", "json")[0]
    assert (0, 0) == (attack("diff", "--live")[0], attack("push", "--dry-run")[0])
    _edit_in_grafana(team)

    runs = [
        attack("push", "--dry-run"),
        attack("push", "--dry-run", "--format", "json"),
        attack("status"),
        attack("status", "--format", "json"),
        attack("diff", "--live", "-o", "r.html", "-o", "r.json", "-o", "r.md"),
        attack("diff", "--live", "--format", "json"),
    ]
    assert [1] * 6 == [code for code, _ in runs]
    assert "[secret-2]" in runs[0][1]
    assert 0 == attack("push", "-v", "--force", DB=f"{MARK}-rotated")[0]
    for name in ("datasources/odd.py", "alerts/points.py", "dashboards/shop.py"):
        team.remove(name)
    team.write({"datasources/prometheus.py": PROMETHEUS})
    code, shown = attack("push", "--prune", "--yes", "--prune-limit", "9")
    assert 0 == code, shown

    kept = list((team.project.root / ".gk" / "replaced").rglob("*.json"))
    assert 9 == len(kept)
    assert [] == _files_with_secrets(team.project.root)
    ledgers = [
        dashboard for dashboard in team.fake.state()["dashboards"].values() if TAG in str(dashboard)
    ]
    assert ledgers
    assert MARK not in str(ledgers)


def test_a_reference_where_grafana_keeps_no_secrets_is_not_shown(team: Team, attack: Any) -> None:
    """Grafana answers its value; that it is a secret is what the definition says."""
    odd = SECRETIVE["datasources/odd.py"]
    team.write(
        {"datasources/odd.py": odd.replace("json_data={", 'json_data={"bucket": secret("DB"), ')}
    )
    assert 0 == attack("push", "odd")[0]
    assert (0, 0) == (attack("diff", "--live", "odd")[0], attack("status")[0] - 1)

    _edit_source(team)

    assert 1 == attack("diff", "--live", "odd")[0]
    assert 0 == attack("push", "odd", "--force", DB=f"{MARK}-rotated")[0]
    assert [] == _files_with_secrets(team.project.root)


@pytest.mark.parametrize(
    "path", ["/datasources", "/contact-points", "/dashboards/db", "/templates"]
)
def test_an_answer_that_repeats_what_was_sent_is_not_shown(
    team: Team, attack: Any, path: str
) -> None:
    """Neither the secrets, nor the credentials with which gk asked; when something is made, and
    when it is changed."""
    assert isinstance(team.fake, _Echoing)
    team.fake.path = path
    shown = attack("push", "-v")[1] + attack("push", "--format", "json")[1]
    assert "refused: " in shown
    assert "[secret]" in shown

    team.fake.path = ""
    assert 0 == attack("push")[0]
    _edit_in_grafana(team)
    team.fake.path = path
    basic = {"GRAFANA_TOKEN": "", "GRAFANA_USER": "ada", "GRAFANA_PASSWORD": f"{MARK}-password"}
    code, shown = attack("push", "-v", "--force", DB=f"{MARK}-rotated", **basic)

    assert 2 == code
    assert "refused: " in shown


def _edit_in_grafana(team: Team) -> None:
    _edit_source(team)
    _edit_others(team)


def _edit_source(team: Team) -> None:
    source = team.ask("GET", "/datasources/uid/odd")
    source["url"] = f"http://eve:{MARK}-theirs@odd"
    source["jsonData"] |= {
        "httpHeaderValue1": f"{MARK}-theirs",
        "connectionString": f"{MARK}-theirs",
    }
    team.ask("PUT", "/datasources/uid/odd", source)


def _edit_others(team: Team) -> None:
    settings = {
        "url": f"https://hook/{MARK}-theirs",
        "password": f"{MARK}-theirs",
        "extra": [f"{MARK}-theirs"],
    }
    point = {"uid": "hook", "name": "Hook", "type": "webhook", "settings": settings}
    team.ask("PUT", "/v1/provisioning/contact-points/hook", point)
    team.edit("store-shop", description=f"https://eve:{MARK}-theirs@wiki?token={MARK}-theirs")
    text = {"template": f"see https://eve:{MARK}-theirs@wiki"}
    team.ask("PUT", "/v1/provisioning/templates/Text", text)


def _git(root: Path) -> None:
    identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "--message", "The shop"],
    ):
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)
