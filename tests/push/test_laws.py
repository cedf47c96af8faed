"""What holds of every push, whatever the definitions say and whatever people did in Grafana
before."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gk.errors import Source
from gk.grafana.connection import Connection
from gk.push import Status
from gk.push.plan import Action
from gk.resource import Kind, Resource, canonical
from tests.conftest import EXAMPLES, ProjectFolder
from tests.fake_grafana import FakeGrafana
from tests.pushing import Pushed, Team

Key = tuple[Kind, str]

FOLDER = (Kind.FOLDER, "shelf")
KEYS: list[Key] = [
    (Kind.DASHBOARD, "one"),
    (Kind.DASHBOARD, "two"),
    (Kind.MUTE_TIMING, "nights"),
    (Kind.DATASOURCE, "metrics"),
    (Kind.RULE_GROUP, "shelf/group"),
]
VARIANTS = ["crimson", "emerald", "azure"]
VARIANT = st.sampled_from(VARIANTS)


def _steps(keys: list[Key]) -> st.SearchStrategy[list[tuple[Any, Any, Any]]]:
    key = st.sampled_from(keys)
    return st.lists(
        st.one_of(
            st.tuples(st.just("define"), key, VARIANT),
            st.tuples(st.just("forget"), key, st.just("")),
            st.tuples(st.just("write by hand"), key, VARIANT),
            st.tuples(st.just("delete by hand"), key, st.just("")),
            st.tuples(st.just("push"), st.booleans(), st.booleans()),
        ),
        min_size=4,
        max_size=10,
    )


# Few objects at a time, so that much happens to each.
STEPS = st.lists(st.sampled_from(KEYS), min_size=1, max_size=2).flatmap(_steps)


def _body(key: Key, variant: str) -> dict[str, Any]:
    kind, uid = key
    if kind is Kind.DASHBOARD:
        return {"uid": uid, "title": uid.title(), "description": variant, "schemaVersion": 39}
    if kind is Kind.MUTE_TIMING:
        return {"name": uid, "time_intervals": [{"years": [f"20{10 + VARIANTS.index(variant)}"]}]}
    if kind is Kind.DATASOURCE:
        return {
            "uid": uid,
            "name": uid,
            "type": "prometheus",
            "access": "proxy",
            "url": f"http://{variant}:9090",
        }
    if kind is Kind.FOLDER:
        return {"uid": uid, "title": variant}
    rule = {
        "uid": f"rule-{variant}",
        "title": "Rule",
        "folderUID": "shelf",
        "ruleGroup": "group",
        "condition": "A",
        "data": [
            {
                "refId": "A",
                "datasourceUid": "metrics",
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": {"refId": "A", "expr": variant},
            }
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": "1m",
    }
    return {"title": "group", "folderUid": "shelf", "interval": 60, "rules": [rule]}


def _resource(key: Key, variant: str) -> Resource:
    kind, uid = key
    folder = "shelf" if kind in (Kind.DASHBOARD, Kind.RULE_GROUP) else ""
    return Resource(
        kind, uid, uid.title(), folder, canonical(_body(key, variant)), Source("shelf.py", 1)
    )


class _World:
    """A Grafana, what is defined, and which of its objects somebody wrote by hand."""

    def __init__(self, fake: FakeGrafana, root: Path) -> None:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        self.team = Team(ProjectFolder(root), connection, "laws", fake)
        self.defined: dict[Key, str] = {}
        self.theirs: set[Key] = set()
        self.pushed: dict[Key, str] = {}
        self.team.ask("POST", "/folders", _body(FOLDER, "Shelf"))

    def there(self) -> dict[Key, str]:
        """The variant of each object that Grafana has."""
        variants = {}
        for key in KEYS:
            if self.team.is_there(_path(key)):
                variants[key] = _variant(key, self.team.ask("GET", _path(key)))
        return variants

    def write(self, key: Key, variant: str) -> None:
        body, is_there = _body(key, variant), self.team.is_there(_path(key))
        if key[0] is Kind.DASHBOARD:
            version = self.team.dashboard(key[1])["version"] if is_there else 0
            self.team.save({**body, "version": version}, "shelf")
        elif key[0] is Kind.RULE_GROUP:
            self.delete(key)
            self.team.ask("POST", "/v1/provisioning/alert-rules", body["rules"][0])
        elif is_there:
            self.team.ask("PUT", _path(key), body)
        else:
            self.team.ask(
                "POST",
                "/datasources" if key[0] is Kind.DATASOURCE else _path(key).rpartition("/")[0],
                body,
            )
        # What gk pushed last is gk's, whoever saved it.
        if variant == self.pushed.get(key):
            self.theirs.discard(key)
        else:
            self.theirs.add(key)

    def delete(self, key: Key) -> None:
        self.theirs.discard(key)
        if not self.team.is_there(_path(key)):
            return
        if key[0] is Kind.RULE_GROUP:
            for rule in self.team.ask("GET", _path(key))["rules"]:
                self.team.ask("DELETE", f"/v1/provisioning/alert-rules/{rule['uid']}")
        else:
            self.team.ask("DELETE", _path(key))

    def push(self, prune: bool, force: bool) -> Pushed:
        resources = [_resource(FOLDER, "Shelf")]
        resources += [_resource(key, variant) for key, variant in self.defined.items()]
        return self.team.push_resources(resources, prune=prune, force=force)


def _path(key: Key) -> str:
    kind, uid = key
    return {
        Kind.DASHBOARD: f"/dashboards/uid/{uid}",
        Kind.MUTE_TIMING: f"/v1/provisioning/mute-timings/{uid}",
        Kind.DATASOURCE: f"/datasources/uid/{uid}",
        Kind.RULE_GROUP: "/v1/provisioning/folder/shelf/rule-groups/group",
    }[kind]


def _variant(key: Key, answer: Mapping[str, Any]) -> str:
    text = str(answer)
    variants = [variant for variant in VARIANTS if str(_mark(key, variant)) in text]
    assert 1 == len(variants), (key, text)
    return variants[0]


def _mark(key: Key, variant: str) -> str:
    """What is in a variant of an object and in no other."""
    if key[0] is Kind.MUTE_TIMING:
        return f"20{10 + VARIANTS.index(variant)}"
    return f"rule-{variant}" if key[0] is Kind.RULE_GROUP else variant


# Few of the examples have the steps that matter after each other.
@settings(max_examples=2 * EXAMPLES)
@given(STEPS, st.sampled_from(["9.3.2", "13.0.1"]))
def test_a_push_leaves_everything_as_desired_or_as_it_was_and_says_which(
    steps: list[tuple[Any, Any, Any]], version: str
) -> None:
    """Desired objects are as desired, or in the plan's conflicts; what others wrote is untouched
    unless forced."""
    with FakeGrafana(version=version) as fake, tempfile.TemporaryDirectory() as root:
        world = _World(fake, Path(root))
        for what, key, more in [*steps, ("push", False, False), ("push", True, False)]:
            if what == "define":
                world.defined[key] = more
            elif what == "forget":
                world.defined.pop(key, None)
            elif what == "write by hand":
                world.write(key, more)
            elif what == "delete by hand":
                world.delete(key)
            else:
                _assert_laws(world, prune=key, force=more)


def _assert_laws(world: _World, *, prune: bool, force: bool) -> None:
    before = world.there()
    pushed = world.push(prune, force)
    after = world.there()

    conflicts = {change.key for change in pushed.plan.of(Action.CONFLICT)}
    assert {Status.DONE} >= set(pushed.ended.values())
    assert [] == pushed.plan.of(Action.BLOCKED)
    for key, variant in world.defined.items():
        assert variant == after.get(key) or key in conflicts, key
    for key in world.theirs:
        is_taken = force and (key in world.defined or prune)
        assert before[key] == after.get(key) or is_taken, key
        assert key not in conflicts or before[key] == after[key], key
    for key in before.keys() - world.defined.keys():
        assert prune or key in after, key
    # What is as desired now is gk's, whoever wrote it.
    world.pushed |= {
        key: variant for key, variant in world.defined.items() if after.get(key) == variant
    }
    world.theirs -= {key for key, variant in world.defined.items() if after.get(key) == variant}
    world.theirs &= after.keys()

    again = world.push(False, False)
    assert [] == again.writes
    assert after == world.there()
