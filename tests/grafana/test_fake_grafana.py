"""What only the fake can do: objects from files, faults, and being a program."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from tests.fake_grafana import FakeGrafana, Faults
from tests.grafana_contract import PROVISIONING, point, rule, source


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with FakeGrafana() as running:
        yield running


def ask(
    grafana: FakeGrafana, method: str, path: str, body: Any = None, timeout: float = 10.0
) -> requests.Response:
    return requests.request(
        method, grafana.url + path, json=body, auth=("admin", "admin"), timeout=timeout
    )


def test_a_dashboard_from_a_file_cannot_be_changed(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"}, "f")
    meta = ask(grafana, "GET", "/api/dashboards/uid/d").json()["meta"]
    assert (True, "d.json", "f") == (
        meta["provisioned"],
        meta["provisionedExternalId"],
        meta["folderUid"],
    )
    saved = ask(
        grafana,
        "POST",
        "/api/dashboards/db",
        {"dashboard": {"uid": "d", "title": "D"}, "overwrite": True},
    )
    assert (400, "Cannot save provisioned dashboard") == (
        saved.status_code,
        saved.json()["message"],
    )
    gone = ask(grafana, "DELETE", "/api/dashboards/uid/d")
    assert (400, "provisioned dashboard cannot be deleted") == (
        gone.status_code,
        gone.json()["message"],
    )
    restored = ask(grafana, "POST", "/api/dashboards/uid/d/restore", {"version": 1})
    assert 400 == restored.status_code


def test_a_dashboard_from_a_file_is_not_overwritten_by_its_title(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"})
    body = {"dashboard": {"uid": "other", "title": "D"}, "overwrite": True}
    assert 400 == ask(grafana, "POST", "/api/dashboards/db", body).status_code


def test_a_moved_receiver_may_drop_another(grafana: FakeGrafana) -> None:
    """Where the other contact point's place in the list is one in the receivers' list too; so on
    9.3.2."""
    for uid, called in (("three", "other"), ("one", "team"), ("two", "team")):
        ask(grafana, "POST", f"{PROVISIONING}/contact-points", point(uid, called))
    assert ask(grafana, "PUT", f"{PROVISIONING}/contact-points/one", point("one", "other")).ok
    assert {"", "one", "three"} == grafana.state()["contact_points"].keys()


def test_a_folder_goes_with_dashboards_from_files_too(grafana: FakeGrafana) -> None:
    grafana.provision_dashboard({"uid": "d", "title": "D"}, "f")
    assert 200 == ask(grafana, "DELETE", "/api/folders/f").status_code
    assert {} == grafana.state()["dashboards"]


def test_a_data_source_from_a_file_cannot_be_changed(grafana: FakeGrafana) -> None:
    grafana.provision_datasource(source("s"))
    assert ask(grafana, "GET", "/api/datasources/uid/s").json()["readOnly"]
    changed = ask(grafana, "PUT", "/api/datasources/uid/s", source("s"))
    assert (403, "Cannot update read-only data source") == (
        changed.status_code,
        changed.json()["message"],
    )
    gone = ask(grafana, "DELETE", "/api/datasources/uid/s")
    assert (403, "Cannot delete read-only data source") == (
        gone.status_code,
        gone.json()["message"],
    )


FILE_RULE_REFUSALS: list[Any] = [
    pytest.param(
        "PUT",
        "/alert-rules/r",
        rule("r"),
        "cannot changed provenance from 'file' to 'api'",
        id="rule",
    ),
    pytest.param(
        "DELETE",
        "/alert-rules/r",
        None,
        "cannot delete with provided provenance 'api', needs 'file'",
        id="delete",
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 60, "rules": [rule("r")]},
        "cannot update with provided provenance 'api', needs 'file'",
        id="group",
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 120},
        "cannot update with provided provenance 'api', needs 'file'",
        id="interval",
    ),
    pytest.param(
        "PUT",
        "/folder/f/rule-groups/g",
        {"interval": 60, "rules": []},
        "cannot update with provided provenance 'api', needs 'file'",
        id="emptied",
    ),
    pytest.param(
        "PUT",
        "/folder/other/rule-groups/g",
        {"interval": 60, "rules": [rule("r")]},
        "cannot update with provided provenance 'api', needs 'file'",
        id="moved",
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "message"), FILE_RULE_REFUSALS)
def test_a_rule_from_a_file_cannot_be_changed(
    grafana: FakeGrafana, method: str, path: str, body: Any, message: str
) -> None:
    grafana.provision_rules("f", {"title": "g", "interval": 60, "rules": [rule("r")]})
    before = grafana.state()
    response = ask(grafana, method, PROVISIONING + path, body)
    assert (500, message) == (response.status_code, response.json()["message"])
    assert before == grafana.state()


def test_requests_are_kept_in_the_order_they_came(grafana: FakeGrafana) -> None:
    ask(grafana, "GET", "/api/search?tag=a")
    ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
    assert [("GET", "/api/search?tag=a", 200), ("POST", "/api/folders", 200)] == [
        (request.method, request.path, request.status) for request in grafana.requests
    ]
    assert ["/api/folders"] == [request.path for request in grafana.writes]


def test_the_state_is_a_copy_with_secrets(grafana: FakeGrafana) -> None:
    ask(grafana, "POST", "/api/datasources", source("s", secureJsonData={"password": "p"}))
    grafana.state()["datasources"]["s"]["secrets"].clear()
    assert {"password": "p"} == grafana.state()["datasources"]["s"]["secrets"]


@pytest.mark.parametrize("kind", ["429", "502", "503", "504"])
def test_a_status_may_come_from_in_front_of_it(grafana: FakeGrafana, kind: str) -> None:
    grafana.faults = Faults(kinds=(kind,))
    response = ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
    assert int(kind) == response.status_code
    assert ("0" if kind == "429" else None) == response.headers.get("Retry-After")
    assert {} == grafana.state()["folders"]


@pytest.mark.parametrize(
    ("kind", "made"), [("reset", False), ("reset-after", True), ("502-after", True)]
)
def test_a_request_may_fail_before_or_after_it_was_done(
    grafana: FakeGrafana, kind: str, made: bool
) -> None:
    grafana.faults = Faults(kinds=(kind,))
    with suppress(requests.ConnectionError):
        response = ask(grafana, "POST", "/api/folders", {"uid": "f", "title": "F"})
        assert 502 == response.status_code
    assert made == ("f" in grafana.state()["folders"])


def test_nothing_may_be_answered_for_a_while(grafana: FakeGrafana) -> None:
    grafana.faults = Faults(kinds=("hang",), hang_seconds=30)
    with pytest.raises(requests.ReadTimeout):
        ask(grafana, "GET", "/api/org", timeout=0.1)


def test_faults_are_for_some_requests_and_some_times(grafana: FakeGrafana) -> None:
    grafana.faults = Faults(kinds=("503",), only="GET /api/org", times=2)
    statuses = [
        ask(grafana, "GET", path).status_code for path in ("/api/folders", *["/api/org"] * 3)
    ]
    assert [200, 503, 503, 200] == statuses


def test_a_seed_brings_the_same_faults(grafana: FakeGrafana) -> None:
    def statuses() -> list[int]:
        grafana.faults = Faults(rate=0.5, kinds=("502", "503"), seed=7)
        return [ask(grafana, "GET", "/api/org").status_code for _ in range(20)]

    first = statuses()
    assert {200, 502, 503} == set(first)
    assert first == statuses()


def test_somebody_may_come_in_between(grafana: FakeGrafana) -> None:
    ask(grafana, "POST", "/api/dashboards/db", {"dashboard": {"uid": "d", "title": "D"}})

    def edit(method: str, _path: str) -> None:
        if method == "POST":
            grafana.on_request = None
            body = {"dashboard": {"uid": "d", "title": "D", "version": 1, "description": "theirs"}}
            assert ask(grafana, "POST", "/api/dashboards/db", body).ok

    grafana.on_request = edit
    mine = {"dashboard": {"uid": "d", "title": "D", "version": 1}}
    assert 412 == ask(grafana, "POST", "/api/dashboards/db", mine).status_code
    assert "theirs" == grafana.state()["dashboards"]["d"]["dashboard"]["description"]


def test_a_login_page_is_all_there_is(grafana: FakeGrafana) -> None:
    grafana.login_page = True
    response = ask(grafana, "POST", "/api/folders", {"title": "F"})
    assert (200, "text/html; charset=UTF-8") == (
        response.status_code,
        response.headers["Content-Type"],
    )
    assert {} == grafana.state()["folders"]


def test_nothing_is_beside_the_prefix() -> None:
    with FakeGrafana(prefix="/grafana") as grafana:
        outside = grafana.url.removesuffix("/grafana")
        for path in ("/api/org", "/grafanaapi/org", "/"):
            assert (
                404 == requests.get(outside + path, auth=("admin", "admin"), timeout=10).status_code
            )


def test_many_come_at_once(grafana: FakeGrafana) -> None:
    def make(number: int) -> None:
        for index in range(5):
            body = {"uid": f"f{number}-{index}", "title": f"F {number} {index}"}
            assert ask(grafana, "POST", "/api/folders", body).ok

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 40 == len(grafana.state()["folders"])
    assert 40 == len({folder["id"] for folder in ask(grafana, "GET", "/api/folders").json()})


def test_it_ends_while_connections_are_open() -> None:
    before = set(threading.enumerate())
    with requests.Session() as session:
        with FakeGrafana() as grafana:
            assert session.get(f"{grafana.url}/api/health", timeout=10).ok
            started = time.monotonic()
        assert time.monotonic() - started < 20
    # A client may have threads of its own. Those of the server end by themselves, on a busy machine
    # a moment later.
    serving = [
        thread for thread in set(threading.enumerate()) - before if "process_request" in thread.name
    ]
    for thread in serving:
        thread.join(5)
    assert not [thread.name for thread in serving if thread.is_alive()]


def test_it_is_a_program_too(tmp_path: Path) -> None:
    file = tmp_path / "dashboards.json"
    file.write_bytes(orjson.dumps([{"dashboard": {"uid": "d", "title": "D"}, "folderUid": "f"}]))
    command = [
        sys.executable,
        "-m",
        "tests.fake_grafana",
        "--version",
        "10.4.1",
        "--dashboards",
        str(file),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent.parent
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert "10.4.1" == requests.get(f"{url}/api/health", timeout=10).json()["version"]
            response = requests.get(
                f"{url}/api/dashboards/uid/d", auth=("admin", "admin"), timeout=10
            )
            assert "f" == response.json()["meta"]["folderUid"]
        finally:
            process.terminate()
    assert 0 == process.returncode
