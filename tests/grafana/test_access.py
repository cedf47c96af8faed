"""Who may do what in Grafana, and what those are told who may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.grafana_contract import PROVISIONING, Bearer, Nobody, Server, name


def test_health_is_for_everybody(server: Server) -> None:
    response = server.ask("GET", "/api/health", auth=Nobody())
    assert (200, "ok") == (response.status_code, response.json()["database"])


@pytest.mark.parametrize(
    "path", ["/api/org", "/api/dashboards/uid/none", f"{PROVISIONING}/policies"]
)
def test_without_credentials_nothing_else_is_answered(server: Server, path: str) -> None:
    assert "Unauthorized" == server.refused(401, "GET", path, auth=Nobody())["message"]


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        pytest.param(Bearer("glsa_wrong"), "invalid API key", id="token"),
        pytest.param(("nobody", "wrong"), "invalid username or password", id="password"),
    ],
)
def test_wrong_credentials_are_refused(server: Server, auth: Any, message: str) -> None:
    answer = server.refused(401, "GET", "/api/org", auth=auth)
    assert server.since(10) or message == answer["message"]


def test_an_unknown_path_is_not_found(server: Server) -> None:
    assert "Not found" == server.refused(404, "GET", "/api/no-such-thing")["message"]


VIEWER_REFUSED = [
    ("POST", "/api/dashboards/db", "any of dashboards:create, dashboards:write"),
    ("DELETE", "/api/dashboards/uid/none", "dashboards:delete"),
    ("POST", "/api/folders", "folders:create"),
    ("PUT", "/api/folders/none", "folders:write"),
    ("DELETE", "/api/folders/none", "folders:delete"),
    ("POST", "/api/datasources", "datasources:create"),
    ("PUT", "/api/datasources/uid/none", "datasources:write"),
    ("DELETE", "/api/datasources/uid/none", "datasources:delete"),
    ("GET", f"{PROVISIONING}/policies", "alert.provisioning:read"),
    ("PUT", f"{PROVISIONING}/folder/f/rule-groups/g", "alert.provisioning:write"),
]


LET_IN_SINCE_12 = {
    ("DELETE", "/api/dashboards/uid/none"): 404,
    ("GET", f"{PROVISIONING}/policies"): 200,
}


@pytest.mark.parametrize(("method", "path", "permission"), VIEWER_REFUSED)
def test_a_viewer_is_told_which_permission_is_missing(
    server: Server, method: str, path: str, permission: str
) -> None:
    viewer = server.role("Viewer")
    if server.since(12) and (method, path) in LET_IN_SINCE_12:
        assert (
            LET_IN_SINCE_12[method, path] == server.ask(method, path, {}, auth=viewer).status_code
        )
        return
    answer = server.refused(403, method, path, {}, auth=viewer)
    assert server.since(10) or (
        (
            "You'll need additional permissions to perform this action. "
            f"Permissions needed: {permission}"
        )
        == answer["message"]
    )


@pytest.mark.parametrize(
    "path",
    [
        *("/api/search", "/api/folders", "/api/datasources", "/api/org"),
        *("/api/library-elements", "/api/ruler/grafana/api/v1/rules"),
    ],
)
def test_a_viewer_reads(server: Server, path: str) -> None:
    # 9.3 refuses a viewer even the list of folders where there is none that they may see.
    server.folder()

    assert 200 == server.ask("GET", path, auth=server.role("Viewer")).status_code


def test_an_editor_writes_dashboards_and_folders(server: Server) -> None:
    uid, editor = name(), server.role("Editor")
    server.removes(f"/api/folders/{uid}")
    server.done("POST", "/api/folders", {"uid": uid, "title": uid}, auth=editor)
    dashboard = {"dashboard": {"title": name(), "uid": name()}, "folderUid": uid}
    server.done("POST", "/api/dashboards/db", dashboard, auth=editor)


@pytest.mark.parametrize("role", ["Editor", "Viewer"])
def test_an_unknown_folder_is_forbidden_to_all_but_administrators(
    server: Server, role: str
) -> None:
    """Whether a folder is there shows in the list."""
    response = server.ask("GET", f"/api/folders/{name()}", auth=server.role(role))
    assert not response.ok
    assert server.since(10) or response.json()["message"].endswith(
        "Permissions needed: folders:read"
    )


def test_a_viewer_does_not_see_old_versions(server: Server) -> None:
    path = f"/api/dashboards/uid/{server.dashboard()}/versions"
    assert (
        server.since(10) or 403 == server.ask("GET", path, auth=server.role("Viewer")).status_code
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/datasources"),
        ("GET", f"{PROVISIONING}/contact-points"),
        ("GET", f"{PROVISIONING}/folder/f/rule-groups/g"),
        ("POST", f"{PROVISIONING}/alert-rules"),
    ],
)
def test_an_editor_may_neither_write_data_sources_nor_read_provisioning(
    server: Server, method: str, path: str
) -> None:
    status = server.ask(method, path, {}, auth=server.role("Editor")).status_code
    assert 403 == status or (server.since(10) and "datasources" not in path)


def test_a_token_is_of_an_organization_and_of_no_user(server: Server) -> None:
    token = server.role("Admin")
    assert 1 == server.done("GET", "/api/org", auth=token)["id"]
    if not server.since(10):
        assert "user not found" == server.refused(404, "GET", "/api/user", auth=token)["message"]


def test_an_unknown_organization_looks_like_a_missing_permission(server: Server) -> None:
    """All but the organization itself, and a search, which finds nothing."""
    if isinstance(server.auth, Bearer):
        pytest.skip("a token is bound to its organization")
    elsewhere = {"X-Grafana-Org-Id": "4711"}
    if server.since(10):
        assert server.ask("GET", "/api/folders", headers=elsewhere).status_code in (401, 403, 404)
        return
    assert (
        "Organization not found"
        == server.refused(404, "GET", "/api/org", headers=elsewhere)["message"]
    )
    assert [] == server.done("GET", "/api/search", headers=elsewhere)
    server.refused(403, "GET", "/api/folders", headers=elsewhere)
    server.refused(403, "GET", "/api/ruler/grafana/api/v1/rules", headers=elsewhere)
    assert (
        [] == server.done("GET", "/api/library-elements", headers=elsewhere)["result"]["elements"]
    )
    server.refused(403, "POST", "/api/folders", {"title": name()}, headers=elsewhere)


@pytest.mark.parametrize("organization", ["abc", "1"])
def test_the_own_organization_and_nonsense_change_nothing(
    server: Server, organization: str
) -> None:
    assert 1 == server.done("GET", "/api/org", headers={"X-Grafana-Org-Id": organization})["id"]
