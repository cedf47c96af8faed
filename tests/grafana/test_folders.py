"""Grafana's folders and the library panels in them."""

from __future__ import annotations

import pytest

from tests.grafana_contract import PROVISIONING, Json, Server, name


def test_a_folder_is_read_as_it_was_made(server: Server) -> None:
    uid = server.folder()
    folder = server.get(f"/api/folders/{uid}")
    assert (uid, f"Folder {uid}", 1) == (folder["uid"], folder["title"], folder["version"])
    assert {
        "id",
        "url",
        "created",
        "updated",
        "createdBy",
        "updatedBy",
        "canSave",
        "canDelete",
    } <= folder.keys()


def test_a_folder_without_a_uid_gets_one(server: Server) -> None:
    folder = server.done("POST", "/api/folders", {"title": name()})
    server.removes(f"/api/folders/{folder['uid']}")
    assert folder["uid"]


def test_an_unknown_folder_is_not_found(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = server.refused(404, method, f"/api/folders/{name()}", {"title": "T"})
        assert server.since(10) or {"message": "folder not found", "status": "not-found"} == answer


def test_a_folder_is_made_once(server: Server) -> None:
    uid = server.folder()
    response = server.ask("POST", "/api/folders", {"uid": uid, "title": name()})
    if server.since(11):
        assert response.status_code in (409, 412)
        return
    assert (412, "version-mismatch") == (response.status_code, response.json()["status"])


def test_a_folders_title_is_taken_once(server: Server) -> None:
    uid, other = server.folder(), name()
    server.removes(f"/api/folders/{other}")
    response = server.ask("POST", "/api/folders", {"uid": other, "title": f"Folder {uid}"})
    if not server.since(10):
        assert 409 == response.status_code
        message = "a folder or dashboard in the general folder with the same name already exists"
        assert message == response.json()["message"]


def test_no_folder_has_the_title_of_a_dashboard_in_general(server: Server) -> None:
    uid, other = server.dashboard(), name()
    server.removes(f"/api/folders/{other}")
    response = server.ask("POST", "/api/folders", {"uid": other, "title": f"Dashboard {uid}"})
    if not server.since(10):
        assert 400 == response.status_code
        assert (
            "Folder name cannot be the same as one of its dashboards" == response.json()["message"]
        )


def test_the_uid_of_a_dashboard_is_no_folders(server: Server) -> None:
    response = server.ask("POST", "/api/folders", {"uid": server.dashboard(), "title": name()})
    assert server.since(10) or (400, "Dashboard cannot be changed to a folder") == (
        response.status_code,
        response.json()["message"],
    )


@pytest.mark.parametrize(
    "folder",
    [
        {"title": ""},
        {"title": "General"},
        {"uid": "u" * 41, "title": "T"},
        {"uid": "a b", "title": "T"},
    ],
)
def test_a_folder_that_cannot_be_is_refused(server: Server, folder: Json) -> None:
    response = server.ask("POST", "/api/folders", folder)
    assert 400 == response.status_code or (server.since(10) and "General" == folder["title"])


def test_a_folder_changes_only_with_its_version(server: Server) -> None:
    uid = server.folder()
    for stale in ({}, {"version": 3}):
        answer = server.refused(412, "PUT", f"/api/folders/{uid}", {"title": f"New {uid}", **stale})
        assert ("" if server.since(12) else "version-mismatch") == answer.get("status", "")
    answer = server.done("PUT", f"/api/folders/{uid}", {"title": f"New {uid}", "version": 1})
    assert f"New {uid}" == answer["title"]
    assert server.since(12) or 2 == answer["version"]


def test_a_folder_may_be_overwritten(server: Server) -> None:
    uid = server.folder()
    assert (
        uid
        == server.done("PUT", f"/api/folders/{uid}", {"title": f"New {uid}", "overwrite": True})[
            "uid"
        ]
    )


def test_a_folder_does_not_take_anothers_title(server: Server) -> None:
    uid, other = server.folder(), server.folder()
    response = server.ask("PUT", f"/api/folders/{other}", {"title": f"Folder {uid}", "version": 1})
    assert 409 == response.status_code or server.since(10)


@pytest.mark.until(10)
def test_overwriting_a_folder_with_anothers_title_changes_the_other(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    uid, other = server.folder(), server.folder()
    answer = server.done(
        "PUT", f"/api/folders/{other}", {"title": f"Folder {uid}", "overwrite": True}
    )
    assert (uid, 2) == (answer["uid"], answer["version"])
    assert f"Folder {other}" == server.get(f"/api/folders/{other}")["title"]


@pytest.mark.until(10)
def test_a_folders_uid_can_change(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    uid, new = server.folder(), name()
    server.removes(f"/api/folders/{new}")
    dashboard = server.dashboard(folder=uid)
    server.done("PUT", f"/api/folders/{uid}", {"uid": new, "title": f"Folder {uid}", "version": 1})
    server.refused(404, "GET", f"/api/folders/{uid}")
    assert new == server.get(f"/api/dashboards/uid/{dashboard}")["meta"]["folderUid"]


@pytest.mark.until(10)
def test_a_folder_does_not_take_anothers_uid(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    for taken in (server.folder(), server.dashboard()):
        uid = server.folder()
        body = {"uid": taken, "title": f"Folder {uid}", "version": 1}
        answer = server.refused(409, "PUT", f"/api/folders/{uid}", body)
        assert "a folder/dashboard with the same uid already exists" == answer["message"]


def test_folders_are_listed_with_little(server: Server) -> None:
    uid = server.folder()
    (entry,) = [folder for folder in server.get("/api/folders?limit=5000") if folder["uid"] == uid]
    assert {"id", "uid", "title"} <= entry.keys()
    assert 1 == len(server.get("/api/folders?limit=1&page=1"))


def test_folders_are_in_folders_since_11(server: Server) -> None:
    parent = server.folder()
    child = server.folder(parentUid=parent)
    inside = [folder["uid"] for folder in server.get(f"/api/folders?parentUid={parent}")]
    assert (server.since(11) and [child] == inside) or {parent, child} <= set(inside)
    assert (parent if server.since(11) else "") == server.get(f"/api/folders/{child}").get(
        "parentUid", ""
    )


def test_a_folder_moves_since_11(server: Server) -> None:
    parent, child = server.folder(), server.folder()
    response = server.ask("POST", f"/api/folders/{child}/move", {"parentUid": parent})
    assert (200 if server.since(11) else 404) == response.status_code or server.since(10)


def test_a_folder_goes_with_its_dashboards(server: Server) -> None:
    folder = server.folder()
    uid = server.dashboard(folder=folder)
    response = server.ask("DELETE", f"/api/folders/{folder}")
    assert 200 == response.status_code
    assert server.since(10) or b"" == response.content
    server.refused(404, "GET", f"/api/dashboards/uid/{uid}")


def test_a_folder_with_rules_stays(server: Server) -> None:
    folder = server.folder()
    uid = server.rule(folder)
    answer = server.refused(400, "DELETE", f"/api/folders/{folder}")
    assert (
        server.since(10)
        or "folder cannot be deleted: folder contains alert rules" == answer["message"]
    )
    server.done("DELETE", f"/api/folders/{folder}?forceDeleteRules=true")
    assert not server.ask("GET", f"{PROVISIONING}/alert-rules/{uid}").ok


# Library panels


def library_panel(server: Server, folder: str, called: str = "") -> Json:
    body = {"folderUid": folder, "name": called or name(), "kind": 1, "model": {"type": "text"}}
    made: Json = server.done("POST", "/api/library-elements", body)["result"]
    server.removes(f"/api/library-elements/{made['uid']}")
    return made


def library_panels(server: Server) -> dict[str, Json]:
    return {
        element["uid"]: element
        for element in server.get("/api/library-elements?perPage=5000")["result"]["elements"]
    }


def test_a_library_panel_names_its_folder(server: Server) -> None:
    folder, called = server.folder(), name()
    uid = library_panel(server, folder, called)["uid"]
    panel = library_panels(server)[uid]
    assert (called, 1, "text") == (panel["name"], panel["kind"], panel["type"])
    called_folder = "General" if server.since(12) else f"Folder {folder}"
    assert (folder, called_folder) == (panel["meta"]["folderUid"], panel["meta"]["folderName"])
    assert server.since(10) or folder == panel["folderUid"]


def test_a_library_panel_in_general_has_no_folders_uid(server: Server) -> None:
    uid = library_panel(server, "")["uid"]
    panel = library_panels(server)[uid]
    assert server.since(10) or ("", "", "General") == (
        panel["folderUid"],
        panel["meta"]["folderUid"],
        panel["meta"]["folderName"],
    )


def test_library_panels_have_pages(server: Server) -> None:
    folder = server.folder()
    made = {library_panel(server, folder)["uid"] for _ in range(3)}
    uids, page = set(), 1
    while elements := server.get(f"/api/library-elements?perPage=2&page={page}")["result"][
        "elements"
    ]:
        uids |= {element["uid"] for element in elements}
        page += 1
    assert made <= uids


def test_a_library_panels_name_is_once_in_a_folder_until_12(server: Server) -> None:
    folder, called = server.folder(), name()
    library_panel(server, folder, called)
    body = {"folderUid": folder, "name": called, "kind": 1, "model": {}}
    again = server.ask("POST", "/api/library-elements", body)
    if server.since(12):
        server.removes(f"/api/library-elements/{again.json()['result']['uid']}")
    assert server.since(12) == again.ok
    library_panel(server, server.folder(), called)


def test_a_library_panel_needs_a_folder_that_is_there(server: Server) -> None:
    body = {"folderUid": name(), "name": name(), "kind": 1, "model": {}}
    answer = server.refused(400, "POST", "/api/library-elements", body)
    assert server.since(10) or "failed to get folder" == answer["message"]


def test_a_library_panel_goes_with_its_folder(server: Server) -> None:
    folder = server.folder()
    uid = library_panel(server, folder)["uid"]
    server.done("DELETE", f"/api/folders/{folder}")
    assert uid not in library_panels(server)


def test_a_deleted_library_panel_is_gone(server: Server) -> None:
    uid = library_panel(server, server.folder())["uid"]
    server.done("DELETE", f"/api/library-elements/{uid}")
    assert uid not in library_panels(server)
    server.refused(404, "DELETE", f"/api/library-elements/{uid}")
