"""gk.push.plan: what becomes of an object, of what is there, what is defined, and what was pushed
last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gk.documents.differences import ABSENT
from gk.errors import Source
from gk.grafana.kinds import KINDS, parts
from gk.grafana.live import Live, fingerprints
from gk.push.ledger import Entry
from gk.push.plan import (
    Action,
    Field,
    Plan,
    PlannedChange,
    Secrets,
    compare,
    desired_parts,
    fields,
    forced,
    is_as_pushed,
)
from gk.push.sent import sent
from gk.resource import Kind, Resource, canonical
from tests.cases import every

SOURCE = Source("dashboards/shop.py", 3)


def resource(kind: Kind, body: Any, uid: str = "shop", folder: str = "") -> Resource:
    return Resource(kind, uid, uid.title(), folder, canonical(body), SOURCE)


def dashboard(title: str = "Shop", folder: str = "team", **more: Any) -> Resource:
    return resource(
        Kind.DASHBOARD, {"uid": "shop", "title": title, "schemaVersion": 39, **more}, folder=folder
    )


def live(of: Resource, stamp: str = "7.1", **changes: Any) -> Live:
    """The object that Grafana has after `of` was pushed."""
    as_pushed = Live(
        kind=of.kind,
        uid=of.uid,
        title=of.title,
        folder=of.folder,
        body=of.body,
        form=KINDS[of.kind].parts,
        stamp=stamp,
    )
    return replace(as_pushed, **changes)


def pushed(of: Resource, stamp: str = "7.1") -> Entry:
    """What the ledger has after `of` was pushed."""
    stored = {} if of.kind is Kind.DASHBOARD else fingerprints(desired_parts(of))
    return Entry(folder=of.folder, sent=sent(of), stamp=stamp, stored=stored)


TIMING = resource(Kind.MUTE_TIMING, {"name": "shop", "time_intervals": [{"weekdays": ["monday"]}]})
OTHER_TIMING = resource(
    Kind.MUTE_TIMING, {"name": "shop", "time_intervals": [{"weekdays": ["friday"]}]}
)
THIRD_TIMING = resource(
    Kind.MUTE_TIMING, {"name": "shop", "time_intervals": [{"weekdays": ["sunday"]}]}
)


@every(
    "wanted, there, entry, expected",
    [
        pytest.param(dashboard(), None, None, Action.CREATE, id="not there"),
        pytest.param(dashboard(), None, pushed(dashboard()), Action.CREATE, id="deleted there"),
        pytest.param(
            dashboard(), live(dashboard()), pushed(dashboard()), Action.UNCHANGED, id="as pushed"
        ),
        pytest.param(
            dashboard(),
            live(dashboard()),
            None,
            Action.UNCHANGED,
            id="the same, and nobody pushed it",
        ),
        pytest.param(
            dashboard("New"),
            live(dashboard()),
            pushed(dashboard()),
            Action.UPDATE,
            id="changed here",
        ),
        pytest.param(
            dashboard(),
            live(dashboard("New"), "7.2"),
            pushed(dashboard()),
            Action.CONFLICT,
            id="there",
        ),
        pytest.param(
            dashboard("New"),
            live(dashboard("New"), "7.2"),
            pushed(dashboard()),
            Action.UNCHANGED,
            id="both alike",
        ),
        pytest.param(
            dashboard("Ours"),
            live(dashboard("Theirs"), "7.2"),
            pushed(dashboard()),
            Action.CONFLICT,
            id="on both sides",
        ),
        pytest.param(
            dashboard(), live(dashboard("Old")), None, Action.CONFLICT, id="somebody else's"
        ),
        pytest.param(
            dashboard(),
            live(dashboard(), folder="other"),
            pushed(dashboard()),
            Action.CONFLICT,
            id="moved there",
        ),
        pytest.param(
            dashboard(folder="new"),
            live(dashboard()),
            pushed(dashboard()),
            Action.UPDATE,
            id="moved here",
        ),
        pytest.param(
            dashboard(),
            live(dashboard(), "9.1", body=dashboard("Other").body),
            pushed(dashboard()),
            Action.CONFLICT,
            id="deleted there and made anew",
        ),
        pytest.param(
            TIMING,
            live(TIMING, ""),
            pushed(TIMING, ""),
            Action.UNCHANGED,
            id="no versions: as pushed",
        ),
        pytest.param(
            OTHER_TIMING,
            live(TIMING, ""),
            pushed(TIMING, ""),
            Action.UPDATE,
            id="no versions: here",
        ),
        pytest.param(
            TIMING,
            live(OTHER_TIMING, ""),
            pushed(TIMING, ""),
            Action.CONFLICT,
            id="no versions: there",
        ),
    ],
)
def test_what_becomes_of_an_object(
    wanted: Resource, there: Live | None, entry: Entry | None, expected: Action
) -> None:
    """Of what is defined, what is there, and what was pushed last."""
    assert expected is compare(wanted, there, entry).action


def test_an_object_that_the_server_keeps_in_another_form_is_unchanged() -> None:
    """What was sent last is what would be sent now, and nobody saved it since."""
    kept = live(dashboard(), body={**dashboard().body, "refresh": "5s"})

    assert (
        Action.UNCHANGED
        is compare(dashboard(refresh="1s"), kept, pushed(dashboard(refresh="1s"))).action
    )


def test_what_was_pushed_says_whether_a_dashboard_s_history_had_to_be_asked() -> None:
    """The ledger may be behind, and Grafana's history says the version is gk's own."""
    there = live(dashboard("Second"), "7.2")
    behind = pushed(dashboard("First"))

    assert Action.CONFLICT is compare(dashboard("Third"), there, behind).action
    assert Action.UPDATE is compare(dashboard("Third"), there, behind, pushed=True).action


def test_a_dashboard_without_id_or_version_is_not_taken_for_the_one_that_was_pushed() -> None:
    """Two of nothing are the same, and say nothing: the history has to."""
    there = live(dashboard("Theirs"), "")

    assert not is_as_pushed(pushed(dashboard(), ""), there)
    assert Action.CONFLICT is compare(dashboard(), there, pushed(dashboard(), "")).action


def test_what_the_ledger_has_is_not_what_is_there_when_the_history_says_so() -> None:
    """It is behind: what it has was pushed before what is there."""
    there = live(dashboard("Second"), "7.2")

    assert (
        Action.UPDATE
        is compare(dashboard("First"), there, pushed(dashboard("First")), pushed=True).action
    )


def test_an_old_version_of_ours_that_somebody_restored_is_a_conflict() -> None:
    """Its content was pushed once, but somebody wanted it back."""
    restored = live(dashboard("First"), "7.3")

    assert (
        Action.CONFLICT
        is compare(dashboard("Second"), restored, pushed(dashboard("Second"), "7.2")).action
    )


def test_an_object_that_may_not_be_changed_is_blocked_and_says_why() -> None:
    """Also if it is gk's; but not when nothing would change."""
    locked = live(dashboard(), locked="it is provisioned from a file")

    change = compare(dashboard("New"), locked, pushed(dashboard()))

    assert Action.BLOCKED is change.action
    assert change.reason.startswith("it is provisioned from a file; ")
    assert Action.UNCHANGED is compare(dashboard(), locked, None).action


def test_a_conflict_says_whose_the_object_is() -> None:
    """Another project's, nobody's that gk knows, or changed, by whom and when."""
    there = live(dashboard("Old"), "7.2", changed_by="ada", changed_at="2026-01-01T00:00:00Z")

    assert (
        "project 'other' pushed it; if that is this project, write `project: other` in gk.yaml"
        == compare(dashboard(), there, None, owner="other").reason
    )
    assert "it already exists, and gk did not push it" == compare(dashboard(), there, None).reason
    assert (
        "it was changed in Grafana since gk pushed it (ada at 2026-01-01T00:00:00Z)"
        == compare(dashboard(), there, pushed(dashboard())).reason
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(TIMING, True, id="not written yet"),
        pytest.param(OTHER_TIMING, True, id="written"),
        pytest.param(THIRD_TIMING, False, id="somebody else's since"),
    ],
)
def test_after_an_interrupted_push_what_was_and_what_was_to_be_are_both_ours(
    found: Resource, expected: bool
) -> None:
    """Anything else is not."""
    entry = replace(pushed(TIMING, ""), pending=fingerprints(desired_parts(OTHER_TIMING)))

    assert expected is is_as_pushed(entry, live(found, ""))


def test_what_an_interrupted_push_wrote_is_updated_when_the_definitions_go_back() -> None:
    """The ledger has what was sent before it, and that is not what is there."""
    entry = replace(pushed(TIMING, ""), pending=fingerprints(desired_parts(OTHER_TIMING)))

    assert Action.UPDATE is compare(TIMING, live(OTHER_TIMING, ""), entry).action
    assert Action.UNCHANGED is compare(OTHER_TIMING, live(OTHER_TIMING, ""), entry).action
    assert Action.UNCHANGED is compare(TIMING, live(TIMING, ""), entry).action


def _group(*titles: str) -> Resource:
    rules = [
        {"uid": title.lower(), "title": title, "condition": "A", "data": [], "for": "5m"}
        for title in titles
    ]
    return resource(
        Kind.RULE_GROUP, {"title": "g", "folderUid": "f", "interval": 60, "rules": rules}, uid="f/g"
    )


def test_after_an_interrupted_push_a_group_may_have_some_of_its_rules() -> None:
    """Grafana 9.3 takes new rules one by one."""
    entry = Entry(pending=fingerprints(desired_parts(_group("One", "Two"))))

    assert is_as_pushed(entry, live(_group("One"), ""))
    assert not is_as_pushed(entry, live(_group("One", "Three"), ""))


@pytest.mark.parametrize(
    ("secrets", "entry", "expected"),
    [
        pytest.param(Secrets.SAME, True, Action.UNCHANGED, id="the same"),
        pytest.param(Secrets.CHANGED, True, Action.UPDATE, id="others"),
        pytest.param(Secrets.UNKNOWN, True, Action.UNCHANGED, id="not to be read here, and ours"),
        pytest.param(
            Secrets.CHANGED, False, Action.CONFLICT, id="somebody else's: nobody can tell"
        ),
    ],
)
def test_secrets_are_sent_again_when_they_changed_only(
    secrets: Secrets, entry: bool, expected: Action
) -> None:
    """Grafana answers none, so the ledger's fingerprint decides."""
    source = resource(
        Kind.DATASOURCE, {"name": "Shop", "secureJsonData": {"password": {"$secret": {"env": "X"}}}}
    )
    there = live(source, body={"name": "Shop", "secureJsonFields": {"password": True}})

    assert (
        expected
        is compare(source, there, pushed(source) if entry else None, secrets=secrets).action
    )


def test_what_has_secrets_that_cannot_be_read_is_blocked_when_it_would_be_sent() -> None:
    """A data source without its password is worse than none."""
    source = resource(Kind.DATASOURCE, {"name": "Shop"})

    assert Action.BLOCKED is compare(source, None, None, secrets=Secrets.UNKNOWN).action
    moved = resource(Kind.DATASOURCE, {"name": "Shop", "url": "http://shop"})
    assert (
        Action.BLOCKED
        is compare(moved, live(source), pushed(source), secrets=Secrets.UNKNOWN).action
    )


def _contact_point(url: str) -> Resource:
    receiver = {"uid": "hook", "type": "slack", "settings": {"url": url}}
    return resource(Kind.CONTACT_POINT, {"name": "shop", "receivers": [receiver]})


def test_a_setting_that_grafana_hides_is_compared_by_what_was_sent() -> None:
    """A webhook's URL that stands in the definition is as good as a secret."""
    there = live(_contact_point("[REDACTED]"), "")
    entry = replace(pushed(_contact_point("https://one"), ""), stored=fingerprints(there.parts))

    assert Action.UNCHANGED is compare(_contact_point("https://one"), there, entry).action
    assert Action.UPDATE is compare(_contact_point("https://two"), there, entry).action
    assert Action.CONFLICT is compare(_contact_point("https://one"), there, None).action


def test_fields_say_what_is_there_and_here() -> None:
    """Each that differs."""
    change = compare(dashboard("New", tags=["a"]), live(dashboard()), pushed(dashboard()))

    assert (Field("title", "Shop", "New"), Field("tags", ABSENT, ["a"])) == change.fields


def test_the_fields_of_a_conflict_are_theirs_and_then_ours() -> None:
    """With what was pushed, what is there, and what is here: all of it is written by force."""
    before = {"": {"title": "Shop", "description": "ours", "tags": ["a"]}}
    there = {"": {"title": "Store", "description": "ours", "tags": ["a"]}}
    here = {"": {"title": "Shop", "description": "new", "tags": ["a"]}}

    differing = fields(Kind.DASHBOARD, there, here, before)

    assert (
        Field("title", "Store", "Shop", "Shop"),
        Field("description", "ours", "new", "ours"),
    ) == differing
    assert [False, True] == [field.is_ours for field in differing]


def test_what_both_changed_is_one_field() -> None:
    """Although one of the two changed more: the definitions have no such panel any more."""
    panel = {"title": "Orders", "type": "stat"}
    before = {"": {"panels": [panel]}}
    there = {"": {"panels": [{**panel, "type": "gauge"}]}}

    (field,) = fields(Kind.DASHBOARD, there, {"": {"panels": []}}, before)

    assert ("panels['Orders'].type", "gauge", ABSENT, "stat") == (
        field.path,
        field.there,
        field.here,
        field.pushed,
    )


def test_a_panel_that_got_another_title_is_one_panel() -> None:
    """Each of its fields is there once, under the title that was pushed."""
    panel = {"id": 1, "title": "Scrape duration", "type": "stat"}
    pushed = {"": {"panels": [panel]}}
    there = {"": {"panels": [{**panel, "title": "Scrape time", "decimals": 2}]}}

    differing = fields(Kind.DASHBOARD, there, pushed, pushed)

    assert (
        Field(
            "panels['Scrape duration'].title", "Scrape time", "Scrape duration", "Scrape duration"
        ),
        Field("panels['Scrape duration'].decimals", 2, ABSENT),
    ) == differing


def test_a_forced_change_has_the_fields_that_it_writes() -> None:
    """What is there, and what is here instead: what was pushed before is of no interest any
    more."""
    there = live(dashboard("Store"))
    conflict = replace(
        compare(dashboard("Shop", tags=["a"]), there, None),
        fields=(Field("title", "Store", "Shop", "Shop"),),
    )

    change = forced(conflict)

    assert (Action.UPDATE, True) == (change.action, change.forced)
    assert (Field("title", "Store", "Shop"), Field("tags", ABSENT, ["a"])) == change.fields


def test_what_the_ui_adds_by_itself_comes_after_what_somebody_changed() -> None:
    """A save in the UI adds the defaults of panels."""
    pushed = {"": {"a": 1, "time": "1h", "z": 1}}
    there = {"": {"a": 1, "b": "default", "time": "12h"}}

    differing = fields(Kind.DASHBOARD, there, pushed, pushed)

    assert ["time", "z", "b"] == [field.path for field in differing]


@pytest.mark.parametrize(
    ("kind", "there", "here", "expected"),
    [
        pytest.param(
            Kind.CONTACT_POINT,
            {"a": {"settings": {"url": "https://hook/one"}}},
            {"a": {"settings": {"url": "https://hook/two"}}},
            Field("receivers.a.settings.url", "[secret-1]", "[secret-2]"),
            id="what a contact point is set to",
        ),
        pytest.param(
            Kind.DATASOURCE,
            {"": {"url": "http://me:hunter2@db"}},
            {"": {"url": "http://db"}},
            Field("url", "http://[secret-1]@db", "http://db"),
            id="a user and password in a URL",
        ),
    ],
)
def test_no_field_shows_what_may_be_a_secret(
    kind: Kind, there: Any, here: Any, expected: Field
) -> None:
    """It says that it differs, and not how."""
    assert (expected,) == fields(kind, there, here)


def test_a_plan_is_clean_when_nothing_would_be_written_and_nothing_is_in_the_way() -> None:
    """Orphans are left where nobody asked to prune."""
    change = PlannedChange(Action.UNCHANGED, Kind.DASHBOARD, "shop", "Shop")

    assert Plan([change, replace(change, action=Action.ORPHAN)]).is_clean
    assert not Plan([change, replace(change, action=Action.BLOCKED)]).is_clean
    assert not Plan([replace(change, action=Action.CREATE)]).is_clean


FINGERPRINTS = {
    "folder": {"": "ae04bd817d31c25f"},
    "data source": {"": "c43bab288928bb27"},
    "message template": {"": "127e4d9657ff93b6"},
    "mute timing": {"": "1c96f01e877aea22"},
    "contact point": {"x": "bac84d5e6a5d8821"},
    "notification policy": {"": "dff0b09a674f30fd"},
    "rule group": {"": "02911cd8a1ca0cb7", "r": "9b7db90dd0624442"},
}


def test_fingerprints_are_those_of_earlier_versions_of_gk() -> None:
    """What a ledger has was made by them: were the form that is compared another, everything would
    look edited."""
    rule = {
        "uid": "r",
        "title": "Rule",
        "condition": "A",
        "for": "1m30s",
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"severity": "page"},
        "isPaused": False,
        "updated": "2026-01-01T00:00:00Z",
        "data": [
            {
                "refId": "A",
                "queryType": "",
                "datasourceUid": "p",
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": {"refId": "A", "expr": "up", "intervalMs": 1000, "maxDataPoints": 43200},
            }
        ],
    }
    bodies = {
        Kind.FOLDER: {"uid": "f", "title": "Folder", "id": 3},
        Kind.DATASOURCE: {
            "uid": "d",
            "name": "D",
            "type": "loki",
            "secureJsonFields": {"password": True},
            "user": "",
        },
        Kind.MESSAGE_TEMPLATE: {"name": "t", "template": "text"},
        Kind.MUTE_TIMING: {
            "name": "m",
            "time_intervals": [{"weekdays": ["monday"], "months": None}],
        },
        Kind.CONTACT_POINT: {
            "name": "c",
            "receivers": [
                {
                    "uid": "x",
                    "type": "slack",
                    "settings": {"url": "[REDACTED]"},
                    "provenance": "api",
                }
            ],
        },
        Kind.NOTIFICATION_POLICY: {
            "receiver": "c",
            "group_wait": "1m30s",
            "routes": [],
            "provenance": "api",
        },
        Kind.RULE_GROUP: {"title": "g", "folderUid": "f", "interval": 60, "rules": [rule]},
    }

    computed = {kind.value: fingerprints(parts(kind, body, "")) for kind, body in bodies.items()}

    assert FINGERPRINTS == computed
