"""A team that pushes its project to a Grafana, and what people do there by hand."""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import pytest
import requests

from gk.grafana.apis import DASHBOARDS, Group
from gk.grafana.client import Client, below_the_base
from gk.grafana.connection import Connection
from gk.grafana.objects import Grafana
from gk.push import Outcome, Status, apply, make_plan, open_server, select
from gk.push.plan import Action, Plan, PlannedChange
from gk.resource import Kind, Resource
from tests.conftest import ProjectFolder
from tests.fake_grafana import FakeGrafana

__all__ = [
    "ALERTS",
    "DASHBOARD",
    "DATASOURCE",
    "EVERYTHING",
    "NOTIFICATIONS",
    "SECRETS",
    "THEIR_DATASOURCE",
    "Pushed",
    "Team",
    "team_of",
]

DATASOURCE = """
    from gk import Datasource

    prometheus = Datasource.prometheus(
        "TEAM Prometheus", uid="TEAM-prometheus", url="http://prometheus:9090"
    )
"""
DASHBOARD = """
    from gk import Dashboard

    dashboard = Dashboard.wrap(
        {
            "title": "Shop",
            "panels": [
                {
                    "type": "timeseries",
                    "title": "Orders",
                    "datasource": {"type": "prometheus", "uid": "TEAM-prometheus"},
                    "targets": [{"expr": "sum(rate(orders_total[5m]))"}],
                },
            ],
        },
        uid="TEAM-shop",
        folder="TEAM",
    )
"""
ALERTS = """
    from gk import alert, alert_group
    from datasources.prometheus import prometheus

    group = alert_group(
        "TEAM orders & more",
        [
            alert("TEAM NoOrders", "sum(rate(orders_total[5m])) < 1", for_="90s",
                  uid="TEAM-no-orders"),
            alert("TEAM Slow", "histogram_quantile(0.9, rate(seconds_bucket[5m])) > 2",
                  uid="TEAM-slow"),
        ],
        folder="TEAM alerts",
        datasource=prometheus,
    )
"""
NOTIFICATIONS = """
    from gk import contact_point, message_template, mute_timing, receiver, secret

    pager = contact_point(
        "TEAM pager",
        receiver(
            "webhook",
            {"url": "http://127.0.0.1:9/hook", "password": secret("HOOK"), "username": "gk"},
            uid="TEAM-hook",
        ),
        receiver("email", {"addresses": "team@example.com"}, uid="TEAM-mail"),
    )
    nights = mute_timing("TEAM nights", {"times": [{"start_time": "22:00", "end_time": "23:59"}]})
    text = message_template("TEAM text", "an alert of the team")
"""
EVERYTHING = {
    "datasources/prometheus.py": DATASOURCE,
    "dashboards/shop.py": DASHBOARD,
    "alerts/orders.py": ALERTS,
    "alerts/notifications.py": NOTIFICATIONS,
}
THEIR_DATASOURCE = """
    from gk import Datasource

    theirs = Datasource.prometheus("Theirs", uid="theirs", external=True)
"""
SECRETS = {"HOOK": "s3cr3t-of-the-hook"}


class _RecordingClient(Client):
    """A client that knows what it sent."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.sent: list[tuple[str, str]] = []

    def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> Any:
        self.sent.append((method, path))
        return super()._answer(method, path, options)


@dataclass(frozen=True)
class Pushed:
    """What a push did."""

    plan: Plan
    outcomes: Sequence[Outcome]
    sent: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()

    @property
    def actions(self) -> dict[str, Action]:
        """What became of each object but those left alone, by kind and uid."""
        return {
            _named(change): change.action
            for change in self.plan.changes
            if change.action is not Action.UNCHANGED
        }

    @property
    def ended(self) -> dict[str, Status]:
        """How each change that was applied ended."""
        return {_named(outcome.change): outcome.status for outcome in self.outcomes}

    @property
    def not_done(self) -> dict[str, str]:
        """Why changes that were applied did not end well."""
        return {
            _named(outcome.change): outcome.reason
            for outcome in self.outcomes
            if outcome.status is not Status.DONE
        }

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that asked for a change."""
        return [(method, path) for method, path in self.sent if method != "GET"]

    def change(self, kind: Kind, uid: str) -> PlannedChange:
        """What was planned for an object."""
        return next(change for change in self.plan.changes if change.key == (kind, uid))

    def outcome(self, kind: Kind, uid: str) -> Outcome:
        """How the change of an object ended."""
        return next(outcome for outcome in self.outcomes if outcome.change.key == (kind, uid))


def _named(change: PlannedChange) -> str:
    return f"{change.kind.value} {change.uid}"


@contextmanager
def team_of(request: pytest.FixtureRequest, project: ProjectFolder) -> Iterator[Team]:
    """A team whose Grafana is a fake of the version `request.param`, or, for "real", the one under
    test, where everything of the team is removed afterwards."""
    if request.param == "real":
        name = f"t{uuid.uuid4().hex[:8]}"
        connection: Connection = request.getfixturevalue("grafana_server")
        real = Team(project, connection, name, environ=dict(SECRETS))
        try:
            yield real
        finally:
            real.clean_up()
        return
    with FakeGrafana(version=request.param) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        yield Team(project, connection, "t01234567", fake, dict(SECRETS))


_COMPILED: dict[tuple[str, frozenset[tuple[str, bytes]]], Sequence[Resource]] = {}
"""What the files of a project are compiled to, by its folder's name and their texts."""


@dataclass
class Team:
    """A team with a project and a Grafana. `TEAM` in what it writes stands for its name, which
    nobody else has."""

    project: ProjectFolder
    connection: Connection
    name: str
    fake: FakeGrafana | None = None
    environ: dict[str, str] = field(default_factory=dict)

    def write(self, files: Mapping[str, str]) -> Team:
        """Write files of the project."""
        self.project.write({path: text.replace("TEAM", self.name) for path, text in files.items()})
        return self

    def remove(self, path: str) -> Team:
        """Remove a file of the project."""
        (self.project.root / path).unlink()
        return self

    def push(
        self, *names: str, dry_run: bool = False, fail_fast: bool = False, **options: Any
    ) -> Pushed:
        """Push the project as `gk push` does."""
        return self.push_resources(
            self.resources(),
            *names,
            dry_run=dry_run,
            fail_fast=fail_fast,
            **options,
        )

    def resources(self) -> Sequence[Resource]:
        """The project as it is pushed, compiled once for the same files: tests push them again and
        again."""
        root = self.project.root
        files = {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in root.rglob("*")
            if file.is_file() and file.suffix != ".pyc"
        }
        key = root.name, frozenset(files.items())
        if key not in _COMPILED:
            _COMPILED[key] = tuple(self.project.resources(is_pushed=True))
        return _COMPILED[key]

    def push_resources(
        self,
        resources: Sequence[Resource],
        *names: str,
        dry_run: bool = False,
        fail_fast: bool = False,
        **options: Any,
    ) -> Pushed:
        """Push these instead of the project's."""
        with _RecordingClient(self.connection) as client:
            server = open_server(Grafana(client), self.name)
            resources = server.resources(resources)
            chosen = select(names, resources, server.ledger.entries, server.titles)
            plan = make_plan(server, resources, chosen, environ=self.environ, **options)
            outcomes: list[Outcome] = []
            notes: list[str] = []
            if not dry_run:
                outcomes = apply(
                    plan,
                    server,
                    revision="1a2b3c",
                    environ=self.environ,
                    root=self.project.root,
                    fail_fast=fail_fast,
                    note=notes.append,
                )
            return Pushed(plan, outcomes, client.sent, notes)

    # What people do by hand

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask Grafana's API without gk; the answer, or None for nothing."""
        status, content = self._answer(method, path, body, headers)
        assert status < 300, (method, path, status, content)
        return orjson.loads(content) if content else None

    def is_there(self, path: str) -> bool:
        """Whether Grafana has an object at a path of its API."""
        return self._answer("GET", path, None, {})[0] == 200

    def _answer(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        url = f"{self.connection.url}{below_the_base(path)}"
        content = b"" if body is None else orjson.dumps(body)
        sent = {"content-type": "application/json", "authorization": self._credentials}
        sent |= {name.lower(): value for name, value in headers.items()}
        if self.fake:
            target = url.removeprefix(f"http://{urlsplit(url).netloc}")
            answer = self.fake.answer(method, target, sent, content)
            assert answer is not None, (method, path)
            return answer.status, answer.body
        got = requests.request(method, url, data=content, headers=sent, timeout=30)
        return got.status_code, got.content

    @property
    def _credentials(self) -> str:
        it = self.connection
        if it.token:
            return f"Bearer {it.token}"
        return f"Basic {b64encode(f'{it.user}:{it.password}'.encode()).decode()}"

    # The requests in which gk writes, which depend on the version

    @cached_property
    def has_resource_api(self) -> bool:
        """Whether dashboards and folders are written by the resource API."""
        with Client(self.connection) as client:
            return client.apis.collection(DASHBOARDS) is not None

    def serves(self, group: Group, version: str) -> bool:
        """Whether the resource API serves a group in a version."""
        with Client(self.connection) as client:
            return client.apis.serves(group, version)

    def create(self, group: Group, old: str) -> tuple[str, str]:
        """The request that creates an object; `old` is the path of the old API."""
        return "POST", f"{self._path(group)}" if self.has_resource_api else f"/api{old}"

    def update(self, uid: str) -> tuple[str, str]:
        """The request that saves a dashboard which is there."""
        if self.has_resource_api:
            return "PUT", f"{self._path(DASHBOARDS)}/{uid}"
        return "POST", "/api/dashboards/db"

    def removal(self, uid: str) -> tuple[str, str]:
        """The request that deletes a dashboard."""
        if self.has_resource_api:
            return "DELETE", f"{self._path(DASHBOARDS)}/{uid}"
        return "DELETE", f"/api/dashboards/uid/{uid}"

    def look(self, uid: str) -> tuple[str, str]:
        """The request that reads a dashboard."""
        if self.has_resource_api:
            return "GET", f"{self._path(DASHBOARDS)}/{uid}/dto"
        return "GET", f"/api/dashboards/uid/{uid}"

    def _path(self, group: Group) -> str:
        with Client(self.connection) as client:
            collection = client.apis.collection(group)
        assert collection is not None
        return collection.path

    def dashboard(self, uid: str) -> dict[str, Any]:
        """A dashboard as Grafana has it."""
        dashboard: dict[str, Any] = self.ask("GET", f"/dashboards/uid/{uid}")["dashboard"]
        return dashboard

    def save(self, body: Mapping[str, Any], folder: str = "", message: str = "by hand") -> None:
        """Save a dashboard as the UI does."""
        self.ask(
            "POST", "/dashboards/db", {"dashboard": body, "folderUid": folder, "message": message}
        )

    def edit(self, uid: str, **changes: Any) -> None:
        """Change fields of a dashboard in the UI."""
        answer = self.ask("GET", f"/dashboards/uid/{uid}")
        self.save({**answer["dashboard"], **changes}, answer["meta"].get("folderUid", ""))

    def edit_as_kubectl(self, uid: str, **changes: Any) -> None:
        """Change fields of a dashboard and send back the rest of the object, as `kubectl edit`
        does."""
        path = self.object_path(uid)
        dashboard = self.ask("GET", path)
        dashboard["spec"] |= changes
        self.ask("PUT", path, dashboard)

    def object_path(self, uid: str) -> str:
        """The path of a dashboard in the resource API."""
        return f"{self._path(DASHBOARDS)}/{uid}"

    def object_of(self, uid: str, version: str = "v2beta1") -> dict[str, Any]:
        """A dashboard in a version of the resource API."""
        dashboard: dict[str, Any] = self.ask(
            "GET", self.object_path(uid).replace("v0alpha1", version)
        )
        return dashboard

    def edit_rules(self, folder: str, group: str, **changes: Any) -> None:
        """Change fields of every rule of a group."""
        path = f"/v1/provisioning/folder/{folder}/rule-groups/{quote(group, safe='')}"
        body = self.ask("GET", path)
        body["rules"] = [{**rule, **changes} for rule in body["rules"]]
        self.ask("PUT", path, body, **{"X-Disable-Provenance": "true"})

    def clean_up(self) -> None:
        """Remove everything that has the team's name."""
        for path in self._made():
            # One by one contact points cannot be asked for; what was in a folder is gone with it.
            if "contact-points" in path or self.is_there(path):
                self.ask("DELETE", path)

    def _made(self) -> Iterator[str]:
        """Where everything is that has the team's name, in an order in which it may go."""
        provisioning = "/v1/provisioning"
        groups = [
            group
            for groups in self.ask("GET", "/ruler/grafana/api/v1/rules").values()
            for group in groups
        ]
        rules = [rule["grafana_alert"] for group in groups for rule in group["rules"]]
        hits = sorted(self.ask("GET", "/search?limit=5000"), key=lambda hit: hit["type"])
        lists = [(f"{provisioning}/alert-rules", "uid", rules)]
        lists += [("/dashboards/uid", "uid", [hit for hit in hits if hit["type"] == "dash-db"])]
        elements = self.ask("GET", "/library-elements?perPage=1000")["result"]["elements"]
        lists += [("/library-elements", "uid", elements)]
        lists += [("/folders", "uid", [hit for hit in hits if hit["type"] == "dash-folder"])]
        lists += [("/datasources/uid", "uid", self.ask("GET", "/datasources"))]
        for kind, key in (
            ("contact-points", "uid"),
            ("mute-timings", "name"),
            ("templates", "name"),
        ):
            lists += [
                (f"{provisioning}/{kind}", key, self.ask("GET", f"{provisioning}/{kind}") or [])
            ]
        for path, key, objects in lists:
            names = [
                item[key] for item in objects if item[key].removeprefix("gk-").startswith(self.name)
            ]
            yield from (f"{path}/{quote(name, safe='')}" for name in names)
