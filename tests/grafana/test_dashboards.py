"""Grafana's dashboards, their versions, and the search that finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.grafana_contract import PROVISIONING, Json, Server, name


def save(server: Server, uid: str, **more: Any) -> requests.Response:
    """Save a dashboard; `folderUid`, `overwrite` and `message` go beside it."""
    beside = {key: more.pop(key) for key in ("folderUid", "overwrite", "message") if key in more}
    server.removes(f"/api/dashboards/uid/{uid}")
    return server.ask("POST", "/api/dashboards/db", {"dashboard": {"uid": uid, **more}, **beside})


def versions(server: Server, uid: str, query: str = "") -> list[Json]:
    """The versions of a dashboard; since 11 they are a field of the answer."""
    answer = server.get(f"/api/dashboards/uid/{uid}/versions{query}")
    assert server.since(11) == isinstance(answer, dict)
    listed: list[Json] = answer["versions"] if server.since(11) else answer
    return listed


def test_a_save_answers_with_what_is_needed_to_find_it_again(server: Server) -> None:
    uid = name()
    answer = save(server, uid, title=f"Title of {uid}").json()
    assert {"id", "slug", "status", "uid", "url", "version"} <= answer.keys()
    assert (uid, 1, "success", f"title-of-{uid}") == tuple(
        answer[key] for key in ("uid", "version", "status", "slug")
    )


def test_links_have_the_sub_path_of_the_server(server: Server) -> None:
    uid = server.dashboard()
    url = server.get(f"/api/dashboards/uid/{uid}")["meta"]["url"]
    assert f"{urlsplit(server.url).path}/d/{uid}/dashboard-{uid}" == url


def test_a_dashboard_is_read_with_what_the_server_adds(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder, panels=[{"id": 1, "nothing": None}])
    answer = server.get(f"/api/dashboards/uid/{uid}")
    dashboard, meta = answer["dashboard"], answer["meta"]
    assert [{"id": 1, "nothing": None}] == dashboard["panels"]
    assert (uid, 1) == (dashboard["uid"], dashboard["version"])
    assert isinstance(dashboard["id"], int)
    assert (folder, f"Folder {folder}", False, 1) == tuple(
        meta[key] for key in ("folderUid", "folderTitle", "provisioned", "version")
    )
    expected = {
        "created",
        "createdBy",
        "updated",
        "updatedBy",
        "canSave",
        "canEdit",
        "url",
        "slug",
        "isFolder",
    }
    assert expected <= meta.keys()


def test_an_unknown_dashboard_is_not_found(server: Server) -> None:
    assert (
        "Dashboard not found"
        == server.refused(404, "GET", f"/api/dashboards/uid/{name()}")["message"]
    )


def test_a_new_dashboard_starts_at_version_1_whatever_it_says(server: Server) -> None:
    uid = name()
    assert 1 == save(server, uid, title=uid, version=7).json()["version"]


def test_a_first_save_has_no_message_of_its_own_in_the_list(server: Server) -> None:
    uid = server.dashboard(message="hello")
    if not server.since(10):
        assert ["Initial save"] == [version["message"] for version in versions(server, uid)]
        assert "hello" == server.get(f"/api/dashboards/uid/{uid}/versions/1")["message"]


@pytest.mark.parametrize("version", [{}, {"version": 5}, {"version": "1"}])
def test_a_save_over_another_version_is_refused(server: Server, version: Json) -> None:
    uid = server.dashboard()
    response = save(server, uid, title=f"Dashboard {uid}", **version)
    assert 412 == response.status_code
    assert "version-mismatch" == response.json()["status"]
    assert "The dashboard has been changed by someone else" == response.json()["message"]


def test_a_save_with_the_current_version_makes_the_next(server: Server) -> None:
    uid = server.dashboard()
    assert 2 == save(server, uid, title=f"New {uid}", version=1).json()["version"]


def test_a_save_without_a_change_makes_a_version_until_12(server: Server) -> None:
    uid = server.dashboard()
    same = {"title": f"Dashboard {uid}"}
    unchanged = 1 if server.since(12) else 2
    assert unchanged == save(server, uid, **same, version=1).json()["version"]
    overwritten = 1 if server.since(12) else 3
    assert overwritten == save(server, uid, **same, overwrite=True).json()["version"]


def test_a_title_is_once_in_a_folder(server: Server) -> None:
    uid, other = server.dashboard(), name()
    response = save(server, other, title=f"Dashboard {uid}")
    if server.since(11, 3):
        assert 200 == response.status_code
        return
    assert (412, "name-exists") == (response.status_code, response.json()["status"])
    assert (
        "A dashboard with the same name in the folder already exists" == response.json()["message"]
    )


def test_titles_are_compared_by_their_slugs(server: Server) -> None:
    uid, other = server.dashboard(), name()
    response = save(server, other, title=f"dashboard: {uid.upper()}!")
    assert (200 if server.since(10) else 412) == response.status_code


def test_overwriting_replaces_a_strangers_dashboard_of_the_same_title(server: Server) -> None:
    uid, other = server.dashboard(), name()
    answer = save(server, other, title=f"Dashboard {uid}", overwrite=True).json()
    if server.since(11, 3):
        assert other == answer["uid"]
        return
    assert (uid, 2) == (answer["uid"], answer["version"])
    server.refused(404, "GET", f"/api/dashboards/uid/{other}")


@pytest.mark.until(11, 3)
def test_overwriting_prefers_the_title_to_the_uid(server: Server) -> None:
    uid, other = server.dashboard(), server.dashboard()
    if server.since(11, 3):
        pytest.skip("titles no longer clash")
    assert uid == save(server, other, title=f"Dashboard {uid}", overwrite=True).json()["uid"]
    assert 1 == server.get(f"/api/dashboards/uid/{other}")["meta"]["version"]


def test_a_title_may_be_in_two_folders(server: Server) -> None:
    uid, other = server.dashboard(), name()
    assert (
        200 == save(server, other, title=f"Dashboard {uid}", folderUid=server.folder()).status_code
    )


@pytest.mark.parametrize("overwrite", [False, True])
def test_no_dashboard_has_the_title_of_a_folder(server: Server, overwrite: bool) -> None:
    """Of any folder, wherever the dashboard is to be."""
    folder, uid = server.folder(), name()
    response = save(server, uid, title=f"Folder {folder}", folderUid=folder, overwrite=overwrite)
    if not server.since(10):
        assert (400, "name-match") == (response.status_code, response.json()["status"])


def test_a_save_without_a_folder_moves_to_general(server: Server) -> None:
    uid = server.dashboard(folder=server.folder())
    save(server, uid, title=f"Dashboard {uid}", version=1)
    assert "" == server.get(f"/api/dashboards/uid/{uid}")["meta"]["folderUid"]


def test_a_save_into_an_unknown_folder_is_refused(server: Server) -> None:
    uid = name()
    response = save(server, uid, title=uid, folderUid=name())
    assert response.status_code in ((400,) if not server.since(10) else (400, 404))
    assert "folder not found" == response.json()["message"].lower()


@pytest.mark.parametrize(
    ("dashboard", "message"),
    [
        pytest.param({"uid": "u" * 41, "title": "T"}, "uid too long, max 40 characters", id="long"),
        pytest.param({"uid": "a b", "title": "T"}, "uid contains illegal characters", id="illegal"),
        pytest.param({"uid": "gk-none"}, "Dashboard title cannot be empty", id="no title"),
        pytest.param(
            {"uid": "gk-none", "title": " "}, "Dashboard title cannot be empty", id="blank title"
        ),
        pytest.param(
            {"uid": "gk-none", "title": 5}, "Dashboard title cannot be empty", id="number as title"
        ),
    ],
)
def test_a_dashboard_that_cannot_be_is_refused(
    server: Server, dashboard: Json, message: str
) -> None:
    assert (
        message
        == server.refused(400, "POST", "/api/dashboards/db", {"dashboard": dashboard})["message"]
    )


@pytest.mark.parametrize("body", [{}, [], "text"])
def test_a_save_of_no_dashboard_is_a_bad_request(server: Server, body: Any) -> None:
    answer = server.refused(400, "POST", "/api/dashboards/db", body)
    assert server.since(10) or "bad request data" == answer["message"]


def test_an_id_that_is_not_there_is_not_found(server: Server) -> None:
    dashboard = {"uid": name(), "title": name(), "id": 999999999}
    answer = server.refused(404, "POST", "/api/dashboards/db", {"dashboard": dashboard})
    assert "not-found" == answer["status"]


def test_an_id_and_a_uid_name_one_dashboard(server: Server) -> None:
    uid, other = server.dashboard(), server.dashboard()
    number = server.get(f"/api/dashboards/uid/{other}")["dashboard"]["id"]
    response = save(server, uid, title=name(), id=number)
    assert not response.ok or server.since(11)
    assert (
        server.since(10)
        or "A dashboard with the same uid already exists" == response.json()["message"]
    )


@pytest.mark.until(10)
def test_a_folder_is_read_and_deleted_as_a_dashboard_before_10(server: Server) -> None:
    """With all that is in it, unless that is rules."""
    if server.since(10):
        pytest.skip("seen on 9.3")
    folder = server.folder()
    uid = server.dashboard(folder=folder)
    answer = server.get(f"/api/dashboards/uid/{folder}")
    assert (True, f"Folder {folder}") == (answer["meta"]["isFolder"], answer["dashboard"]["title"])
    rule_uid = server.rule(folder)
    server.refused(500, "DELETE", f"/api/dashboards/uid/{folder}")
    server.done("DELETE", f"{PROVISIONING}/alert-rules/{rule_uid}")
    server.done("DELETE", f"/api/dashboards/uid/{folder}")
    server.refused(404, "GET", f"/api/folders/{folder}")
    server.refused(404, "GET", f"/api/dashboards/uid/{uid}")


def test_the_uid_of_a_folder_is_no_dashboards(server: Server) -> None:
    response = save(server, server.folder(), title=name())
    assert 400 == response.status_code or server.since(11)


@pytest.mark.parametrize(
    ("sent", "stored"), [("1s", "5s"), ("2s", "5s"), ("5s", "5s"), ("1m", "1m"), (False, False)]
)
def test_a_refresh_below_five_seconds_is_raised(server: Server, sent: Any, stored: Any) -> None:
    uid = server.dashboard(refresh=sent)
    assert stored == server.get(f"/api/dashboards/uid/{uid}")["dashboard"]["refresh"]


def test_blanks_around_a_title_go(server: Server) -> None:
    uid = name()
    save(server, uid, title=f" {uid} ")
    assert uid == server.get(f"/api/dashboards/uid/{uid}")["dashboard"]["title"]


def test_a_deleted_dashboard_is_gone(server: Server) -> None:
    uid = server.dashboard()
    answer = server.done("DELETE", f"/api/dashboards/uid/{uid}")
    assert (f"Dashboard Dashboard {uid} deleted", f"Dashboard {uid}") == (
        answer["message"],
        answer["title"],
    )
    assert (
        "Dashboard not found"
        == server.refused(404, "DELETE", f"/api/dashboards/uid/{uid}")["message"]
    )


def test_versions_are_listed_newest_first(server: Server) -> None:
    uid = server.dashboard()
    save(server, uid, title=f"New {uid}", version=1, message="second")
    newest, first = versions(server, uid)
    assert (2, 1, "second") == (newest["version"], first["version"], newest["message"])
    assert {"id", "version", "parentVersion", "created", "createdBy", "message"} <= newest.keys()


def test_versions_are_listed_in_part(server: Server) -> None:
    uid = server.dashboard()
    save(server, uid, title=f"New {uid}", version=1)
    assert [2] == [version["version"] for version in versions(server, uid, "?limit=1")]


def test_an_old_version_has_its_document(server: Server) -> None:
    uid = server.dashboard(description="old")
    save(server, uid, title=f"Dashboard {uid}", version=1)
    old = server.get(f"/api/dashboards/uid/{uid}/versions/1")
    assert ("old", 1, uid) == (old["data"]["description"], old["version"], old["data"]["uid"])


def test_an_unknown_version_is_an_error(server: Server) -> None:
    uid = server.dashboard()
    is_not_found = server.since(10) and not server.since(12)
    assert (404 if is_not_found else 500) == server.ask(
        "GET", f"/api/dashboards/uid/{uid}/versions/99"
    ).status_code


def test_the_versions_of_an_unknown_dashboard_are_an_error(server: Server) -> None:
    assert server.ask("GET", f"/api/dashboards/uid/{name()}/versions").status_code == (
        404 if server.since(10) else 400
    )


def test_restoring_makes_a_new_version_of_an_old_one(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder, description="old")
    save(server, uid, title=f"Dashboard {uid}", version=1, folderUid=folder, description="new")
    assert 3 == server.done("POST", f"/api/dashboards/uid/{uid}/restore", {"version": 1})["version"]
    now = server.get(f"/api/dashboards/uid/{uid}")
    assert ("old", folder) == (now["dashboard"]["description"], now["meta"]["folderUid"])
    newest = versions(server, uid)[0]
    assert "Restored from version 1" == newest["message"]


def test_restoring_needs_a_version(server: Server) -> None:
    server.refused(400, "POST", f"/api/dashboards/uid/{server.dashboard()}/restore", {})


def test_restoring_an_unknown_version_is_not_found(server: Server) -> None:
    uid = server.dashboard()
    server.refused(404, "POST", f"/api/dashboards/uid/{uid}/restore", {"version": 99})
    server.refused(404, "POST", f"/api/dashboards/uid/{name()}/restore", {"version": 1})


# Search


def test_a_hit_says_where_a_dashboard_is_but_not_its_version(server: Server) -> None:
    folder, tag = server.folder(), name()
    uid = server.dashboard(folder=folder, tags=[tag, "other"])
    (hit,) = server.get(f"/api/search?type=dash-db&tag={tag}")
    assert (uid, f"Dashboard {uid}", "dash-db", folder) == tuple(
        hit[key] for key in ("uid", "title", "type", "folderUid")
    )
    assert [tag, "other"] == sorted(hit["tags"])
    assert {"folderTitle", "folderUrl", "url", "uri"} <= hit.keys()
    assert not {"version", "updated"} & hit.keys()


def test_a_hit_in_general_names_no_folder(server: Server) -> None:
    tag = name()
    server.dashboard(tags=[tag])
    (hit,) = server.get(f"/api/search?tag={tag}")
    assert server.since(10) or not {"folderUid", "folderTitle"} & hit.keys()


def test_several_tags_are_all_asked_for(server: Server) -> None:
    one, other = name(), name()
    both = server.dashboard(tags=[one, other])
    server.dashboard(tags=[one])
    assert [both] == [hit["uid"] for hit in server.get(f"/api/search?tag={one}&tag={other}")]


def test_a_query_is_a_part_of_the_title_in_any_case(server: Server) -> None:
    uid = server.dashboard()
    assert [uid] == [hit["uid"] for hit in server.get(f"/api/search?query={uid.upper()}")]


def test_a_search_may_be_for_folders(server: Server) -> None:
    folder = server.folder()
    server.dashboard(folder=folder, title=f"In {folder}")
    (hit,) = server.get(f"/api/search?type=dash-folder&query={folder}")
    assert (folder, "dash-folder") == (hit["uid"], hit["type"])
    both = server.get(f"/api/search?query={folder}")
    assert ["dash-folder", "dash-db"] == [hit["type"] for hit in both]


def test_a_search_may_be_in_a_folder(server: Server) -> None:
    folder, tag = server.folder(), name()
    inside, outside = server.dashboard(folder=folder, tags=[tag]), server.dashboard(tags=[tag])
    number = server.get(f"/api/folders/{folder}")["id"]
    if not server.since(11):
        assert [inside] == [
            hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderIds={number}")
        ]
        assert [outside] == [hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderIds=0")]
    uids = {hit["uid"] for hit in server.get(f"/api/search?tag={tag}&folderUIDs={folder}")}
    assert ({inside} if server.since(10) else {inside, outside}) == uids


def test_a_search_has_pages(server: Server) -> None:
    tag = name()
    uids = {server.dashboard(tags=[tag]) for _ in range(3)}
    pages = [server.get(f"/api/search?tag={tag}&limit=2&page={page}") for page in (1, 2, 3)]
    assert [2, 1, 0] == [len(page) for page in pages]
    assert uids == {hit["uid"] for page in pages for hit in page}


def test_a_page_has_a_limit(server: Server) -> None:
    server.refused(422, "GET", "/api/search?limit=5001")


def test_versions_say_who_saved_them_and_when(server: Server) -> None:
    uid = server.dashboard()
    (version,) = versions(server, uid)
    assert version["createdBy"]
    assert datetime.fromisoformat(version["created"].replace("Z", "+00:00")).tzinfo
