"""Grafana's data sources."""

from __future__ import annotations

from typing import Any

import pytest

from tests.grafana_contract import Json, Server, name, source


def test_a_data_source_is_read_as_it_was_made(server: Server) -> None:
    # 12.4.0 makes the first one the default.
    server.source()
    uid = server.source(
        jsonData={"httpMethod": "POST", "nothing": None}, secureJsonData={"password": "p"}
    )
    datasource = server.get(f"/api/datasources/uid/{uid}")
    assert source(uid).items() <= datasource.items()
    assert {"httpMethod": "POST", "nothing": None} == datasource["jsonData"]
    assert (1, False, False) == (
        datasource["version"],
        datasource["readOnly"],
        datasource["isDefault"],
    )
    assert {
        "basicAuth",
        "basicAuthUser",
        "withCredentials",
        "user",
        "database",
        "typeLogoUrl",
    } <= datasource.keys()


def test_secrets_are_named_and_never_shown(server: Server) -> None:
    uid = server.source(secureJsonData={"password": "p-of-the-source"})
    response = server.ask("GET", f"/api/datasources/uid/{uid}")
    assert {"password": True} == response.json()["secureJsonFields"]
    assert "p-of-the-source" not in response.text


def test_the_list_leaves_out_versions_and_secrets(server: Server) -> None:
    uid = server.source()
    (entry,) = [
        datasource for datasource in server.get("/api/datasources") if datasource["uid"] == uid
    ]
    assert not {"version", "secureJsonFields", "withCredentials", "basicAuthUser"} & entry.keys()
    assert {"typeName", "readOnly", "isDefault", "jsonData"} <= entry.keys()


def test_making_a_data_source_answers_with_it(server: Server) -> None:
    uid = name()
    server.removes(f"/api/datasources/uid/{uid}")
    answer = server.done("POST", "/api/datasources", source(uid))
    assert ("Datasource added", uid, uid) == (
        answer["message"],
        answer["name"],
        answer["datasource"]["uid"],
    )


def test_a_data_source_without_a_uid_gets_one(server: Server) -> None:
    body = source(name())
    del body["uid"]
    uid = server.done("POST", "/api/datasources", body)["datasource"]["uid"]
    server.removes(f"/api/datasources/uid/{uid}")
    assert uid


@pytest.mark.parametrize("taken", ["name", "uid"])
def test_a_data_sources_name_and_uid_are_taken_once(server: Server, taken: str) -> None:
    uid = server.source()
    body = {**source(name()), taken: uid}
    answer = server.refused(409, "POST", "/api/datasources", body)
    assert f"data source with the same {taken} already exists" == answer["message"]


@pytest.mark.parametrize("missing", ["name", "type", "access"])
def test_a_data_source_needs_name_type_and_access(server: Server, missing: str) -> None:
    body = source(name())
    del body[missing]
    if missing == "name" and server.since(12):
        # It gets one, such as prometheus-1.
        server.removes(f"/api/datasources/uid/{body['uid']}")
        made = server.done("POST", "/api/datasources", body)
        assert made["name"].startswith("prometheus")
        return
    server.refused(400, "POST", "/api/datasources", body)


def test_a_data_source_needs_a_url_with_a_scheme(server: Server) -> None:
    uid = name()
    server.removes(f"/api/datasources/uid/{uid}")
    answer = server.refused(400, "POST", "/api/datasources", source(uid, url="://127.0.0.1"))
    assert server.since(10) or "Validation error, invalid URL" == answer["message"]


def test_an_unknown_data_source_is_not_found(server: Server) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = server.refused(404, method, f"/api/datasources/uid/{name()}", source(name()))
        assert "Data source not found" == answer["message"]


def put_source(server: Server, uid: str, **more: Any) -> Json:
    answer = server.done("PUT", f"/api/datasources/uid/{uid}", source(uid, **more))
    datasource: Json = answer["datasource"]
    return datasource


def test_a_change_without_a_version_is_made(server: Server) -> None:
    """And sets the version back."""
    uid = server.source()
    put_source(server, uid, version=1)
    assert 1 == put_source(server, uid, url="http://127.0.0.1:10")["version"]


def test_a_change_with_an_old_version_is_refused(server: Server) -> None:
    uid = server.source()
    assert 2 == put_source(server, uid, version=1)["version"]
    answer = server.refused(409, "PUT", f"/api/datasources/uid/{uid}", source(uid, version=1))
    assert answer["message"].startswith("Datasource has already been updated by someone else.")


def test_a_version_ahead_is_taken(server: Server) -> None:
    assert 10 == put_source(server, server.source(), version=9)["version"]


def test_a_change_replaces_what_is_not_said(server: Server) -> None:
    uid = server.source(
        jsonData={"a": 1}, user="u", basicAuth=True, basicAuthUser="b", database="d"
    )
    datasource = put_source(server, uid)
    assert ({}, "", False) == (datasource["jsonData"], datasource["user"], datasource["basicAuth"])
    assert server.since(10) or ("b", "d") == (datasource["basicAuthUser"], datasource["database"])


def test_a_change_keeps_secrets_that_are_not_said(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1", "two": "2"})
    assert {"one": True, "two": True} == put_source(server, uid)["secureJsonFields"]


def test_secrets_are_added_one_by_one(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1"})
    assert {"one": True, "two": True} == put_source(server, uid, secureJsonData={"two": "2"})[
        "secureJsonFields"
    ]


def test_an_empty_secret_is_removed(server: Server) -> None:
    uid = server.source(secureJsonData={"one": "1", "two": "2"})
    fields = put_source(server, uid, secureJsonData={"two": ""})["secureJsonFields"]
    assert {"one": True} == {key: value for key, value in fields.items() if value}


def test_a_data_sources_uid_can_change(server: Server) -> None:
    uid, new = server.source(), name()
    server.removes(f"/api/datasources/uid/{new}")
    response = server.ask("PUT", f"/api/datasources/uid/{uid}", {**source(uid), "uid": new})
    if not server.since(10):
        assert new == response.json()["datasource"]["uid"]
        server.refused(404, "GET", f"/api/datasources/uid/{uid}")


def test_a_change_needs_a_url(server: Server) -> None:
    uid = server.source()
    response = server.ask("PUT", f"/api/datasources/uid/{uid}", source(uid, url=""))
    if not server.since(10):
        assert (400, "Validation error, invalid URL") == (
            response.status_code,
            response.json()["message"],
        )


def test_a_data_source_does_not_take_anothers_name(server: Server) -> None:
    uid, other = server.source(), server.source()
    response = server.ask("PUT", f"/api/datasources/uid/{other}", source(other, name=uid))
    assert response.status_code in ((409, 500) if server.since(10) else (500,))


def test_one_data_source_is_the_default(server: Server) -> None:
    if any(datasource["isDefault"] for datasource in server.get("/api/datasources")):
        pytest.skip("the server has a default data source, which is not ours")
    one, other = server.source(isDefault=True), server.source(isDefault=True)
    assert not server.get(f"/api/datasources/uid/{one}")["isDefault"]
    assert put_source(server, one, isDefault=True)["isDefault"]
    assert not server.get(f"/api/datasources/uid/{other}")["isDefault"]


def test_a_deleted_data_source_is_gone(server: Server) -> None:
    uid = server.source()
    assert "Data source deleted" == server.done("DELETE", f"/api/datasources/uid/{uid}")["message"]
    server.refused(404, "GET", f"/api/datasources/uid/{uid}")
