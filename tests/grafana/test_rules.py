"""Grafana's alert rules and the groups that they are in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.grafana_contract import PROVISIONING, UNOWNED, Json, Server, group_path, name, rule

TAKEN = (
    "a conflicting alert rule is found: rule title under the same organisation "
    "and folder should be unique"
)


def post_rule(server: Server, uid: str, **more: Any) -> requests.Response:
    server.removes(f"{PROVISIONING}/alert-rules/{uid}")
    return server.ask("POST", f"{PROVISIONING}/alert-rules", rule(uid, **more))


def put_group(
    server: Server, folder: str, rules: Any, group: str = "group", **more: Any
) -> requests.Response:
    headers = more.pop("headers", None)
    return server.ask(
        "PUT", group_path(folder, group), {"interval": 60, "rules": rules, **more}, headers=headers
    )


def uids(server: Server, folder: str, group: str = "group") -> list[str]:
    response = server.ask("GET", group_path(folder, group))
    return [entry["uid"] for entry in response.json()["rules"]] if response.ok else []


def test_a_rule_is_completed_when_it_is_made(server: Server) -> None:
    folder, uid = server.folder(), name()
    response = post_rule(server, uid, folderUID=folder, ruleGroup="group", **{"for": "90s"})
    made = response.json()
    assert 201 == response.status_code
    assert (uid, folder, "group", 1, "api") == tuple(
        made[key] for key in ("uid", "folderUID", "ruleGroup", "orgID", "provenance")
    )
    assert "1m30s" == made["for"]
    first, expression = made["data"]
    assert {"intervalMs": 1000, "maxDataPoints": 43200}.items() <= first["model"].items()
    assert ({"from": 0, "to": 0}, "") == (expression["relativeTimeRange"], expression["queryType"])
    assert {"id", "updated"} <= made.keys()
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert {**made, "updated": ""} == {**read, "updated": ""}


def test_a_rule_without_annotations_is_read_without(server: Server) -> None:
    uid = server.rule(server.folder(), annotations={}, labels=None)
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert server.since(10) or not {"annotations", "labels"} & read.keys()


def test_an_unknown_rule_is_an_error(server: Server) -> None:
    status = server.ask("GET", f"{PROVISIONING}/alert-rules/{name()}").status_code
    assert (404 if server.since(9, 4) else 500) == status


def test_rules_are_listed_since_9_4(server: Server) -> None:
    uid = server.rule(server.folder())
    response = server.ask("GET", f"{PROVISIONING}/alert-rules")
    assert (200 if server.since(9, 4) else 404) == response.status_code
    assert not response.ok or uid in [entry["uid"] for entry in response.json()]


def test_a_rule_goes_into_its_groups_interval(server: Server) -> None:
    folder = server.folder()
    server.rule(folder)
    assert 60 == server.get(group_path(folder))["interval"]


def test_a_rule_may_be_in_a_folder_that_is_not_there(server: Server) -> None:
    """A typing error in a folder's uid shows only in Grafana: nowhere."""
    uid = name()
    response = post_rule(server, uid, folderUID=name(), ruleGroup="group")
    assert server.since(10) or 201 == response.status_code


def test_a_rule_may_ask_a_data_source_that_is_not_there(server: Server) -> None:
    body = rule(name())
    body["data"][0]["datasourceUid"] = name()
    assert server.rule(server.folder(), data=body["data"])


@pytest.mark.parametrize("taken", ["uid", "title"])
def test_a_rules_uid_and_title_are_taken_once(server: Server, taken: str) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    body = {"uid": name(), "title": name()} | (
        {"uid": uid} if taken == "uid" else {"title": f"Rule {uid}"}
    )
    response = post_rule(server, body.pop("uid"), folderUID=folder, ruleGroup="other", **body)
    if not server.since(10):
        assert (500, TAKEN) == (response.status_code, response.json()["message"])


def test_a_rule_with_the_id_of_another_is_refused(server: Server) -> None:
    """As when a rule that was read is sent under a new uid."""
    folder = server.folder()
    read = server.get(f"{PROVISIONING}/alert-rules/{server.rule(folder)}")
    response = post_rule(server, name(), folderUID=folder, ruleGroup="group", id=read["id"])
    assert server.since(10) or 500 == response.status_code


@pytest.mark.parametrize(
    ("wrong", "status", "message"),
    [
        pytest.param(
            {"data": []},
            400,
            "invalid alert rule: no queries or expressions are found",
            id="no query",
        ),
        pytest.param({"data": ["up"]}, 400, "bad request data", id="text as query"),
        pytest.param(
            {"data": [{"refId": "A"}]},
            500,
            "invalid alert query A: failed to set query type to query model:"
            " failed to unmarshal query model: unexpected end of JSON input",
            id="no model",
        ),
        pytest.param({"title": ""}, 400, "invalid alert rule: title is empty", id="no title"),
        pytest.param(
            {"title": "x" * 191},
            400,
            "invalid alert rule: name length should not be greater than 190",
            id="long",
        ),
        pytest.param(
            {"noDataState": "No Data"}, 500, "unknown NoData state option No Data", id="no data"
        ),
        pytest.param({"execErrState": "x"}, 500, "unknown Error state option x", id="error"),
        pytest.param({"noDataState": ""}, 500, "unknown NoData state option ", id="no state"),
        pytest.param({"for": "-5m"}, 400, "bad request data", id="negative"),
        pytest.param({"for": "5"}, 400, "bad request data", id="no unit"),
        pytest.param({"for": 300}, 400, "bad request data", id="number"),
        pytest.param({"labels": {"a": 1}}, 400, "bad request data", id="label"),
        pytest.param(
            {"annotations": {"__dashboardUid__": "d"}},
            500,
            "both annotations __dashboardUid__ and __panelId__ must be specified",
            id="panel",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    server: Server, wrong: Json, status: int, message: str
) -> None:
    uid = name()
    response = post_rule(server, uid, folderUID=server.folder(), ruleGroup="group", **wrong)
    assert not response.ok
    assert server.since(10) or (status, message) == (
        response.status_code,
        response.json()["message"],
    )


def test_a_query_needs_a_time_range(server: Server) -> None:
    body = rule(name())
    del body["data"][0]["relativeTimeRange"]
    response = post_rule(
        server, body["uid"], folderUID=server.folder(), ruleGroup="group", data=body["data"]
    )
    assert not response.ok
    message = "invalid alert query A: invalid relative time range: {From:0s To:0s}"
    assert server.since(10) or (500, message) == (response.status_code, response.json()["message"])


def test_a_single_rule_changes_and_moves(server: Server) -> None:
    folder, other = server.folder(), server.folder()
    uid = server.rule(folder)
    server.done(
        "PUT",
        f"{PROVISIONING}/alert-rules/{uid}",
        rule(uid, folderUID=other, ruleGroup="new", title=f"T {uid}"),
    )
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert (other, "new", f"T {uid}") == (read["folderUID"], read["ruleGroup"], read["title"])
    assert [] == uids(server, folder)


def test_changing_an_unknown_rule_is_not_found(server: Server) -> None:
    body = rule(name(), folderUID=server.folder(), ruleGroup="group")
    assert 404 == server.ask("PUT", f"{PROVISIONING}/alert-rules/{name()}", body).status_code


def test_deleting_a_rule_is_no_error_where_it_is_not(server: Server) -> None:
    uid = server.rule(server.folder())
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/alert-rules/{uid}").status_code


def test_a_rule_made_with_the_header_has_no_owner(server: Server) -> None:
    uid, folder = name(), server.folder()
    server.removes(f"{PROVISIONING}/alert-rules/{uid}")
    body = rule(uid, folderUID=folder, ruleGroup="group")
    server.done(
        "POST", f"{PROVISIONING}/alert-rules", body, headers={"X-Disable-Provenance": "false"}
    )
    assert "" == server.get(f"{PROVISIONING}/alert-rules/{uid}").get("provenance", "")


def test_a_single_rule_does_not_lose_its_owner(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    body = rule(uid, folderUID=folder, ruleGroup="group")
    response = server.ask("PUT", f"{PROVISIONING}/alert-rules/{uid}", body, headers=UNOWNED)
    if server.since(10):
        assert response.status_code in (409, 500)
        return
    assert (500, "cannot changed provenance from 'api' to ''") == (
        response.status_code,
        response.json()["message"],
    )


# Groups


def test_a_group_is_read_with_its_rules(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    group = server.get(group_path(folder))
    assert ("group", folder, 60) == (group["title"], group["folderUid"], group["interval"])
    (read,) = group["rules"]
    assert (uid, folder, "group", 1) == tuple(
        read[key] for key in ("uid", "folderUID", "ruleGroup", "orgID")
    )
    assert server.since(10) or "provenance" not in read


def test_an_unknown_group_is_not_found(server: Server) -> None:
    for folder in (server.folder(), name()):
        server.refused(404, "GET", group_path(folder))


def test_a_group_does_not_make_rules_with_a_uid_before_10(server: Server) -> None:
    """They have to be posted one by one."""
    folder, uid = server.folder(), name()
    response = put_group(server, folder, [rule(uid)])
    if server.since(10):
        assert not response.ok or [uid] == uids(server, folder)
        return
    message = f"failed to update rule with UID {uid} because could not find alert rule"
    assert 500 == response.status_code
    assert f"failed to calculate diff for alert rules: {message}" == response.json()["message"]
    assert [] == uids(server, folder)


def test_a_group_makes_rules_without_a_uid(server: Server) -> None:
    folder = server.folder()
    assert 200 == put_group(server, folder, [rule("")]).status_code
    (uid,) = uids(server, folder)
    assert uid


def test_a_group_answers_with_what_was_sent(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = put_group(
        server, folder, [rule(uid), rule("")], title="ignored", folderUid="ignored"
    ).json()
    assert ("group", folder, 60) == (answer["title"], answer["folderUid"], answer["interval"])
    if not server.since(10):
        assert [uid, ""] == [entry["uid"] for entry in answer["rules"]]
        assert {(0, 0, "")} == {
            (entry["id"], entry["orgID"], entry["folderUID"]) for entry in answer["rules"]
        }


def test_a_group_replaces_all_its_rules(server: Server) -> None:
    folder = server.folder()
    kept, gone = server.rule(folder), server.rule(folder)
    assert (
        200
        == put_group(server, folder, [rule(kept, title=f"New {kept}")], interval=120).status_code
    )
    assert [kept] == uids(server, folder)
    assert 120 == server.get(group_path(folder))["interval"]
    assert f"New {kept}" == server.get(f"{PROVISIONING}/alert-rules/{kept}")["title"]
    assert not server.ask("GET", f"{PROVISIONING}/alert-rules/{gone}").ok


def test_a_group_without_rules_changes_only_its_interval(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = server.done("PUT", group_path(folder), {"interval": 30})
    assert answer["rules"] is None or server.since(10)
    assert ([uid], 30) == (uids(server, folder), server.get(group_path(folder))["interval"])


def test_an_empty_list_of_rules_removes_none(server: Server) -> None:
    """The last rule of a group goes only by itself."""
    folder = server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, folder, []).status_code
    assert server.since(10) or [uid] == uids(server, folder)


@pytest.mark.parametrize("interval", [15, 0, -10])
def test_an_interval_is_a_multiple_of_ten_seconds(server: Server, interval: int) -> None:
    response = put_group(server, server.folder(), [], interval=interval)
    assert 400 == response.status_code
    if not server.since(10):
        message = (
            f"interval ({interval}s) should be non-zero and divided exactly "
            "by scheduler interval: 10"
        )
        assert f"invalid alert rule: {message}" == response.json()["message"]


@pytest.mark.parametrize(
    "body", [{"interval": "60"}, {"interval": 60, "rules": {}}, {"interval": 60, "rules": ["r"]}]
)
def test_a_group_of_another_form_is_a_bad_request(server: Server, body: Json) -> None:
    server.refused(400, "PUT", group_path(server.folder()), body)


def test_a_rule_of_another_group_moves_without_a_word(server: Server) -> None:
    folder, other = server.folder(), server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, other, [rule(uid)], group="new").status_code
    assert ([], [uid]) == (uids(server, folder), uids(server, other, "new"))


def test_a_rule_that_another_left_behind_is_written_too(server: Server) -> None:
    """It gets the owner of that write."""
    folder, other, stays = server.folder(), server.folder(), name()
    server.removes(f"{PROVISIONING}/alert-rules/{stays}")
    body = rule(stays, folderUID=folder, ruleGroup="group")
    server.done("POST", f"{PROVISIONING}/alert-rules", body, headers=UNOWNED)
    moved = server.rule(folder)
    assert put_group(server, other, [rule(moved)]).ok
    assert server.since(10) or "api" == server.get(f"{PROVISIONING}/alert-rules/{stays}").get(
        "provenance"
    )


def test_a_rule_that_moved_leaves_a_trace_where_its_folder_went(server: Server) -> None:
    """Its versions of the time before stay, and no rule with its uid can be made until it is
    deleted by itself."""
    folder, other, uid = server.folder(), server.folder(), name()
    post_rule(server, uid, folderUID=folder, ruleGroup="group")
    put_group(server, other, [rule(uid)])
    server.done("DELETE", f"/api/folders/{other}?forceDeleteRules=true")
    response = post_rule(server, uid, folderUID=folder, ruleGroup="group")
    if not server.since(10):
        assert 500 == response.status_code
        assert response.json()["message"].startswith(
            "failed to create new rule versions: UNIQUE constraint failed"
        )
        server.done("DELETE", f"{PROVISIONING}/alert-rules/{uid}")
        assert post_rule(server, uid, folderUID=folder, ruleGroup="group").ok


def test_two_new_rules_of_one_title_are_refused(server: Server) -> None:
    folder = server.folder()
    response = put_group(server, folder, [rule("", title="Same"), rule("", title="Same")])
    if not server.since(10):
        assert (500, f"failed to insert alert rules: {TAKEN}") == (
            response.status_code,
            response.json()["message"],
        )
        assert [] == uids(server, folder)


def test_two_rules_do_not_exchange_their_titles(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    exchanged = [rule(one, title=f"Rule {other}"), rule(other, title=f"Rule {one}")]
    response = put_group(server, folder, exchanged)
    if not server.since(10):
        assert (500, f"failed to update alert rules: {TAKEN}") == (
            response.status_code,
            response.json()["message"],
        )
        assert f"Rule {one}" == server.get(f"{PROVISIONING}/alert-rules/{one}")["title"]


def test_a_title_is_taken_that_another_rule_gave_up_before(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    assert put_group(server, folder, [rule(one, title=name()), rule(other, title=f"Rule {one}")]).ok


def test_a_new_rule_does_not_take_the_title_of_one_that_goes(server: Server) -> None:
    """9.3 inserts before it deletes."""
    folder = server.folder()
    uid = server.rule(folder)
    response = put_group(server, folder, [rule("", title=f"Rule {uid}")])
    if not server.since(10):
        assert (500, f"failed to insert alert rules: {TAKEN}") == (
            response.status_code,
            response.json()["message"],
        )
        assert [uid] == uids(server, folder)


def test_a_uid_is_once_in_a_group(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    response = put_group(server, folder, [rule(uid), rule(uid, title=name())])
    assert not response.ok
    assert server.since(10) or 409 == response.status_code


def test_what_a_rule_in_a_group_does_not_say_stays_in_part(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    assert put_group(server, folder, [{"uid": uid}]).ok
    read = server.get(f"{PROVISIONING}/alert-rules/{uid}")
    assert (f"Rule {uid}", "C", "OK", "Error", 2, "0s") == (
        *(read[key] for key in ("title", "condition", "noDataState", "execErrState")),
        len(read["data"]),
        read["for"],
    )
    assert not read.get("labels")


def test_the_order_of_rules_is_kept_since_10(server: Server) -> None:
    folder = server.folder()
    one, other = server.rule(folder), server.rule(folder)
    put_group(server, folder, [rule(other), rule(one)])
    assert ([other, one] if server.since(10) else [one, other]) == uids(server, folder)


@pytest.mark.parametrize("uid", ["", "known"])
def test_an_error_in_a_group_says_at_which_step(server: Server, uid: str) -> None:
    folder = server.folder()
    known = server.rule(folder)
    response = put_group(server, folder, [rule(known if uid else "", noDataState="No Data")])
    assert not response.ok
    if not server.since(10):
        step = "update" if uid else "insert"
        message = f"failed to {step} alert rules: unknown NoData state option No Data"
        assert (500, message) == (response.status_code, response.json()["message"])


def test_a_group_takes_the_header_since_10(server: Server) -> None:
    folder = server.folder()
    assert put_group(server, folder, [rule("")], headers=UNOWNED).ok
    (uid,) = uids(server, folder)
    owner = server.get(f"{PROVISIONING}/alert-rules/{uid}").get("provenance", "")
    assert ("" if server.since(10) else "api") == owner


def test_a_group_takes_the_header_where_its_rules_have_an_owner(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    assert 200 == put_group(server, folder, [rule(uid)], headers=UNOWNED).status_code


@pytest.mark.parametrize("group", ["a b", "50%", "ä?&#", "a/b"])
def test_a_groups_name_may_be_anything_but_below_a_sub_path(server: Server, group: str) -> None:
    """9.3 takes a path below its sub-path apart only when its %2F have become slashes."""
    folder = server.folder()
    response = put_group(server, folder, [rule("")], group=group)
    if not server.since(10) and "/" in group and urlsplit(server.url).path:
        assert 404 == response.status_code
        return
    assert 200 == response.status_code
    assert group == server.get(group_path(folder, group))["title"]


def test_a_group_is_deleted_since_10(server: Server) -> None:
    folder = server.folder()
    server.rule(folder)
    status = server.ask("DELETE", group_path(folder)).status_code
    assert (
        (status == 204 and uids(server, folder) == [])
        if server.since(10, 3)
        else server.since(9, 4) or 404 == status
    )


# The list of all rules, which only Grafana's own UI asks for


RULER = "/api/ruler/grafana/api/v1/rules"


def listed(server: Server, folder: str) -> dict[str, list[Json]]:
    """What the list has of the rules of each group of a folder."""
    groups = server.get(RULER).get(f"Folder {folder}", ())
    return {group["name"]: [rule["grafana_alert"] for rule in group["rules"]] for group in groups}


def test_every_rule_is_listed_below_the_title_of_its_folder(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    (shown,) = listed(server, folder)["group"]
    expected = {
        "uid": uid,
        "title": f"Rule {uid}",
        "namespace_uid": folder,
        "rule_group": "group",
        "provenance": "api",
    }
    assert expected.items() <= shown.items()


def test_the_list_names_no_owner_of_what_nobody_owns(server: Server) -> None:
    folder, uid = server.folder(), name()
    server.removes(f"{PROVISIONING}/alert-rules/{uid}")
    body = rule(uid, folderUID=folder, ruleGroup="group")
    server.done("POST", f"{PROVISIONING}/alert-rules", body, headers=UNOWNED)
    (shown,) = listed(server, folder)["group"]
    assert not shown.get("provenance")


def test_the_list_has_the_groups_of_each_folder(server: Server) -> None:
    folder, other = server.folder(), server.folder()
    one, two, third = server.rule(folder), server.rule(folder), server.rule(folder, "a/b")
    server.rule(other)
    groups = {
        group: {entry["uid"] for entry in rules} for group, rules in listed(server, folder).items()
    }
    assert {"group": {one, two}, "a/b": {third}} == groups


def test_a_folder_without_rules_is_not_in_the_list(server: Server) -> None:
    assert f"Folder {server.folder()}" not in server.get(RULER)


def test_a_rule_in_a_folder_that_is_not_there_is_not_in_the_list(server: Server) -> None:
    uid = name()
    post_rule(server, uid, folderUID=name(), ruleGroup="group")
    assert uid not in server.ask("GET", RULER).text
