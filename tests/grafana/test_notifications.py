"""Grafana's contact points, mute timings, templates and policies."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.grafana_contract import PROVISIONING, UNOWNED, Json, Server, name, point

# Contact points

DEFAULT = "the default receiver"


def points(server: Server, called: str) -> list[Json]:
    receivers: list[Json] = server.get(
        f"{PROVISIONING}/contact-points?name={quote(called, safe='')}"
    )
    return receivers


def test_a_contact_point_is_read_as_it_was_made(server: Server) -> None:
    uid = server.point(unknown={"kept": 1})
    (read,) = points(server, uid)
    expected = {
        "uid": uid,
        "name": uid,
        "type": "webhook",
        "disableResolveMessage": False,
        "provenance": "api",
    }
    assert expected.items() <= read.items()
    assert "http://127.0.0.1:9" == read["settings"]["url"]
    assert server.since(10) or {"kept": 1} == read["settings"]["unknown"]


@pytest.mark.until(10)
def test_there_is_a_contact_point_without_a_uid_from_the_start(server: Server) -> None:
    if server.since(10):
        pytest.skip("seen on 9.3")
    assert {"email"} == {
        receiver["type"]
        for receiver in server.get(f"{PROVISIONING}/contact-points")
        if not receiver["uid"]
    }


def test_contact_points_are_listed_by_name(server: Server) -> None:
    server.point("b" + name())
    server.point("a" + name())
    names = [receiver["name"] for receiver in server.get(f"{PROVISIONING}/contact-points")]
    assert sorted(names) == names


def test_an_unknown_contact_point_is_an_empty_list(server: Server) -> None:
    assert [] == points(server, name())


@pytest.mark.parametrize(
    ("type", "settings", "secret"),
    [
        ("webhook", {"url": "http://127.0.0.1:9", "username": "u", "password": "s"}, {"password"}),
        ("slack", {"url": "http://127.0.0.1:9/s", "recipient": "#a"}, {"url"}),
        ("slack", {"token": "s", "recipient": "#a"}, {"token"}),
        ("pagerduty", {"integrationKey": "s", "severity": "critical"}, {"integrationKey"}),
        ("opsgenie", {"apiKey": "s", "apiUrl": "http://127.0.0.1:9"}, {"apiKey"}),
        ("telegram", {"bottoken": "s", "chatid": "1"}, {"bottoken"}),
        ("email", {"addresses": "a@example.com"}, set()),
        pytest.param("teams", {"url": "http://127.0.0.1:9"}, set(), marks=pytest.mark.until(10)),
        pytest.param("discord", {"url": "http://127.0.0.1:9"}, set(), marks=pytest.mark.until(10)),
    ],
)
def test_secret_settings_are_redacted(
    server: Server, type: str, settings: Json, secret: set[str]
) -> None:
    if server.since(10) and type in ("teams", "discord"):
        pytest.skip("seen on 9.3: their URLs became secrets later")
    uid = server.point(type=type, **settings)
    (read,) = points(server, uid)
    assert {
        key: "[REDACTED]" if key in secret else value for key, value in settings.items()
    } == read["settings"]


def test_the_answer_of_a_new_contact_point_redacts_secrets_that_are_not_there(
    server: Server,
) -> None:
    uid = name()
    server.removes(f"{PROVISIONING}/contact-points/{uid}")
    response = server.ask("POST", f"{PROVISIONING}/contact-points", point(uid, uid))
    assert 202 == response.status_code
    if not server.since(10):
        redacted = {"password": "[REDACTED]", "authorization_credentials": "[REDACTED]"}
        assert {"url": "http://127.0.0.1:9", **redacted} == response.json()["settings"]


def test_a_contact_points_uid_is_taken_once(server: Server) -> None:
    uid = server.point()
    response = server.ask("POST", f"{PROVISIONING}/contact-points", point(uid, name()))
    assert not response.ok
    assert server.since(10) or (
        f"receiver configuration with UID '{uid}' already exist in contact point '{uid}'."
        " Please use unique identifiers for receivers across all contact points"
        == response.json()["message"]
    )


def test_a_contact_point_may_have_several_receivers(server: Server) -> None:
    called = name()
    both = {server.point(called), server.point(called, type="email", addresses="a@example.com")}
    assert both == {receiver["uid"] for receiver in points(server, called)}


def put_point(
    server: Server, uid: str, called: str, type: str = "webhook", **settings: Any
) -> requests.Response:
    return server.ask(
        "PUT", f"{PROVISIONING}/contact-points/{uid}", point(uid, called, type, **settings)
    )


def test_a_contact_point_is_replaced(server: Server) -> None:
    uid = server.point(maxAlerts=1)
    response = put_point(server, uid, uid, url="http://127.0.0.1:10")
    assert (202, "contactpoint updated") == (response.status_code, response.json()["message"])
    assert {"url": "http://127.0.0.1:10"} == points(server, uid)[0]["settings"]


def test_a_redacted_secret_is_kept(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid, password="[REDACTED]").ok
    assert "[REDACTED]" == points(server, uid)[0]["settings"]["password"]


def test_a_secret_left_out_is_gone(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid).ok
    assert "password" not in points(server, uid)[0]["settings"]


def test_a_contact_point_changes_its_type(server: Server) -> None:
    uid = server.point(password="s")
    assert put_point(server, uid, uid, "email", addresses="a@example.com").ok
    assert {"addresses": "a@example.com"} == points(server, uid)[0]["settings"]


def test_changing_an_unknown_contact_point_is_not_found(server: Server) -> None:
    uid = name()
    response = put_point(server, uid, uid)
    assert 404 == response.status_code
    assert server.since(10) or (
        f"object not found: contact point with uid '{uid}' not found" == response.json()["message"]
    )


@pytest.mark.parametrize(
    ("type", "settings", "message"),
    [
        ("", {}, "type should not be an empty string"),
        ("no-such-type", {}, "unknown type 'no-such-type'"),
        ("email", None, "settings should not be empty"),
        (
            "email",
            {},
            'failed to validate receiver of type "email": could not find addresses in settings',
        ),
        (
            "webhook",
            {},
            'failed to validate receiver of type "webhook": '
            "required field 'url' is not specified",
        ),
        (
            "slack",
            {},
            'failed to validate receiver of type "slack": recipient must be specified '
            "when using the Slack chat API",
        ),
        (
            "slack",
            {"recipient": "#a"},
            'failed to validate receiver of type "slack": token must be specified '
            "when using the Slack chat API",
        ),
        (
            "webhook",
            {
                "url": "http://127.0.0.1:9",
                "username": "u",
                "password": "p",
                "authorization_credentials": "c",
            },
            'failed to validate receiver of type "webhook": both HTTP Basic Authentication '
            "and Authorization Header are set, only 1 is permitted",
        ),
        (
            "pagerduty",
            {},
            'failed to validate receiver of type "pagerduty": could not find integration key '
            "property in settings",
        ),
    ],
)
def test_a_contact_point_that_cannot_be_is_refused(
    server: Server, type: str, settings: Json | None, message: str
) -> None:
    body = {"uid": name(), "name": name(), "type": type, "settings": settings}
    server.removes(f"{PROVISIONING}/contact-points/{body['uid']}")
    # 12.4.0 fails at a contact point without settings.
    status = 500 if server.since(12) and settings is None else 400
    answer = server.refused(status, "POST", f"{PROVISIONING}/contact-points", body)
    assert server.since(10) or f"invalid object specification: {message}" == answer["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": None}, "settings should not be empty"),
        ({"type": "no-such-type"}, "no secrets configured for type 'no-such-type'"),
    ],
)
def test_a_contact_point_does_not_become_what_cannot_be(
    server: Server, change: Json, message: str
) -> None:
    uid = server.point()
    answer = server.refused(
        400, "PUT", f"{PROVISIONING}/contact-points/{uid}", {**point(uid, uid), **change}
    )
    assert server.since(10) or f"invalid object specification: {message}" == answer["message"]


def test_a_contact_point_of_its_own_gets_another_name(server: Server) -> None:
    uid, new = server.point(), name()
    assert put_point(server, uid, new).ok
    assert [uid] == [receiver["uid"] for receiver in points(server, new)]


def test_one_of_several_receivers_gets_a_name_of_its_own(server: Server) -> None:
    called, new = name(), name()
    stays, goes = server.point(called), server.point(called)
    assert put_point(server, goes, new).ok
    assert [[stays], [goes]] == [
        [receiver["uid"] for receiver in points(server, point)] for point in (called, new)
    ]


def test_one_of_several_receivers_does_not_move_to_another_contact_point_before_10(
    server: Server,
) -> None:
    """Grafana takes the wrong index there: it fails, or drops a receiver that was not meant."""
    called, other = name(), name()
    stays, goes, there = server.point(called), server.point(called), server.point(other)
    response = put_point(server, goes, other)
    if server.since(10):
        assert not response.ok or {there, goes} == {
            receiver["uid"] for receiver in points(server, other)
        }
        return
    assert 500 == response.status_code
    assert {stays, goes} == {receiver["uid"] for receiver in points(server, called)}


def test_deleting_a_contact_point_is_no_error_where_it_is_not(server: Server) -> None:
    uid = server.point()
    for _ in range(2):
        response = server.ask("DELETE", f"{PROVISIONING}/contact-points/{uid}")
        assert (202, "contactpoint deleted") == (response.status_code, response.json()["message"])
    assert [] == points(server, uid)


def test_a_contact_point_always_has_an_owner_before_10(server: Server) -> None:
    uid = name()
    server.removes(f"{PROVISIONING}/contact-points/{uid}")
    server.done("POST", f"{PROVISIONING}/contact-points", point(uid, uid), headers=UNOWNED)
    assert ("" if server.since(10) else "api") == points(server, uid)[0].get("provenance", "")


# Mute timings


def timing(called: str, **interval: Any) -> Json:
    return {"name": called, "time_intervals": [interval] if interval else []}


def post_timing(server: Server, called: str, **interval: Any) -> requests.Response:
    server.removes(f"{PROVISIONING}/mute-timings/{quote(called, safe='')}")
    return server.ask("POST", f"{PROVISIONING}/mute-timings", timing(called, **interval))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"weekdays": ["monday:friday", "sunday"]}, None),
        ({"months": ["january:march", "12"]}, {"months": ["1:3", "12"]}),
        ({"days_of_month": ["1:5", "-1"], "years": ["2030:2031"]}, None),
        ({"times": [{"start_time": "22:00", "end_time": "24:00"}]}, None),
        ({"location": "Europe/Berlin", "weekdays": ["monday"]}, None),
    ],
)
def test_a_mute_timing_is_read_as_it_was_made_but_for_months(
    server: Server, sent: Json, stored: Json | None
) -> None:
    called = name()
    response = post_timing(server, called, **sent)
    expected = timing(called, **(stored or sent))
    assert 201 == response.status_code
    assert {**expected, "provenance": "api"}.items() <= response.json().items()
    read = server.get(f"{PROVISIONING}/mute-timings/{called}")
    assert expected.items() <= read.items()
    assert server.since(10) or expected == read
    assert read in server.get(f"{PROVISIONING}/mute-timings")


@pytest.mark.parametrize(
    "interval",
    [
        {"weekdays": ["funday"]},
        {"weekdays": ["friday:monday"]},
        {"times": [{"start_time": "25:00", "end_time": "26:00"}]},
        {"times": [{"start_time": "10:00", "end_time": "09:00"}]},
        {"days_of_month": ["40"]},
    ],
)
def test_a_mute_timing_that_cannot_be_is_refused(server: Server, interval: Json) -> None:
    assert 400 == post_timing(server, name(), **interval).status_code


def test_an_unknown_mute_timing_is_not_found(server: Server) -> None:
    called = name()
    assert 404 == server.ask("GET", f"{PROVISIONING}/mute-timings/{called}").status_code
    assert (
        404
        == server.ask("PUT", f"{PROVISIONING}/mute-timings/{called}", timing(called)).status_code
    )


def test_a_mute_timings_name_is_taken_once(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = post_timing(server, called)
    assert not response.ok
    message = "invalid object specification: a mute timing with this name already exists"
    assert server.since(10) or (400, message) == (response.status_code, response.json()["message"])


def test_a_mute_timing_changes_under_the_name_in_the_path(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = server.ask(
        "PUT", f"{PROVISIONING}/mute-timings/{called}", timing("other", weekdays=["monday"])
    )
    if not server.since(11):
        assert 202 == response.status_code
        assert timing(called, weekdays=["monday"]).items() <= response.json().items()


def test_a_mute_timing_needs_a_name_in_the_body(server: Server) -> None:
    called = name()
    post_timing(server, called)
    response = server.ask("PUT", f"{PROVISIONING}/mute-timings/{called}", {"time_intervals": []})
    assert server.since(10) or 400 == response.status_code


def test_deleting_a_mute_timing_is_no_error_where_it_is_not(server: Server) -> None:
    called = name()
    post_timing(server, called)
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/mute-timings/{called}").status_code


def test_a_mute_timings_name_may_have_blanks_and_percents(server: Server) -> None:
    called = f"{name()} 50%"
    post_timing(server, called)
    assert called == server.get(f"{PROVISIONING}/mute-timings/{quote(called, safe='')}")["name"]


# Templates


def put_template(server: Server, called: str, text: str) -> requests.Response:
    server.removes(f"{PROVISIONING}/templates/{called}")
    return server.ask("PUT", f"{PROVISIONING}/templates/{called}", {"template": text})


def test_a_template_is_read_as_it_was_made(server: Server) -> None:
    called = name()
    text = f'{{{{ define "{called}" }}}}text{{{{ end }}}}'
    response = put_template(server, called, f"  {text}\n")
    assert 202 == response.status_code
    assert {
        "name": called,
        "template": text,
        "provenance": "api",
    }.items() <= response.json().items()
    read = server.get(f"{PROVISIONING}/templates/{called}")
    assert {"name": called, "template": text}.items() <= read.items()
    assert read in server.get(f"{PROVISIONING}/templates")


def test_a_text_without_a_definition_becomes_one(server: Server) -> None:
    called = name()
    put_template(server, called, "one\ntwo")
    read = server.get(f"{PROVISIONING}/templates/{called}")["template"]
    assert f'{{{{ define "{called}" }}}}\n  one\n  two\n{{{{ end }}}}' == read


@pytest.mark.parametrize("text", ["", "{{ broken"])
def test_a_template_that_cannot_be_is_refused(server: Server, text: str) -> None:
    assert 400 == put_template(server, name(), text).status_code


def test_an_unknown_template_is_not_found(server: Server) -> None:
    assert 404 == server.ask("GET", f"{PROVISIONING}/templates/{name()}").status_code


def test_deleting_a_template_is_no_error_where_it_is_not(server: Server) -> None:
    called = name()
    put_template(server, called, "text")
    for _ in range(2):
        assert 204 == server.ask("DELETE", f"{PROVISIONING}/templates/{called}").status_code


# Policies


@pytest.fixture
def policies(server: Server) -> Server:
    """A server whose policies nobody wrote, so that deleting them brings them back as they were."""
    tree = server.get(f"{PROVISIONING}/policies")
    if tree.get("provenance") or tree.get("routes"):
        pytest.skip("the server's policies are somebody's")
    server.removes(f"{PROVISIONING}/policies")
    return server


def put_policies(server: Server, **tree: Any) -> requests.Response:
    """Write policies; DEFAULT stands for the receiver that a new Grafana has."""
    text = json.dumps(tree).replace(DEFAULT, default_receiver(server))
    return server.ask("PUT", f"{PROVISIONING}/policies", json.loads(text))


def default_receiver(server: Server) -> str:
    return "empty" if server.since(12) else "grafana-default-email"


def test_policies_begin_with_the_default(policies: Server) -> None:
    assert default_receiver(policies) == policies.get(f"{PROVISIONING}/policies")["receiver"]


def test_policies_are_stored_in_grafanas_spelling(policies: Server) -> None:
    called, muted = name(), name()
    post_timing(policies, muted)
    policies.removes(f"{PROVISIONING}/policies")
    policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    route = {
        "receiver": called,
        "object_matchers": [["b", "=", "c"], ["a", "!~", "d.*"]],
        "mute_time_intervals": [muted],
        "continue": True,
        "group_wait": "90s",
    }
    other = {"receiver": called, "matchers": ["x=y", 'z=~"u.*"']}
    response = put_policies(
        policies, receiver=called, group_by=[], repeat_interval="60m", routes=[route, other], foo=1
    )
    assert (202, "policies updated") == (response.status_code, response.json()["message"])
    stored_route = {
        **route,
        "object_matchers": [["a", "!~", "d.*"], ["b", "=", "c"]],
        "group_wait": "1m30s",
    }
    stored_other = {**other, "matchers": ['x="y"', 'z=~"u.*"']}
    expected = {"receiver": called, "repeat_interval": "1h", "routes": [stored_route, stored_other]}
    read = policies.get(f"{PROVISIONING}/policies")
    assert {**expected, "provenance": "api"} == read or policies.since(10)


def test_policies_go_back_to_the_default(policies: Server) -> None:
    before = policies.get(f"{PROVISIONING}/policies")
    put_policies(policies, receiver=before["receiver"], group_by=["alertname"])
    assert 202 == policies.ask("DELETE", f"{PROVISIONING}/policies").status_code
    assert before == policies.get(f"{PROVISIONING}/policies")


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ({"receiver": "gk-none"}, "receiver 'gk-none' does not exist"),
        (
            {"receiver": DEFAULT, "mute_time_intervals": ["gk-none"]},
            "'gk-none' does not exist",
        ),
    ],
)
def test_policies_name_what_is_there(policies: Server, route: Json, message: str) -> None:
    routes = [{**route, "object_matchers": [["a", "=", "b"]]}]
    response = put_policies(policies, receiver=DEFAULT, routes=routes)
    assert 400 == response.status_code
    assert policies.since(10) or response.json()["message"].endswith(message)


def test_every_route_names_its_receiver_before_10(policies: Server) -> None:
    response = put_policies(
        policies, receiver=DEFAULT, routes=[{"object_matchers": [["a", "=", "b"]]}]
    )
    if not policies.since(10):
        message = "invalid object specification: receiver '' does not exist"
        assert (400, message) == (response.status_code, response.json()["message"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"receiver": ""},
        {"match": {"a": "b"}},
        {"group_by": ["a", "a"]},
        {"group_by": ["...", "a"]},
        {"group_wait": "soon"},
        {"group_interval": "0s"},
        {"mute_time_intervals": ["gk-none"]},
        {"routes": [{"receiver": DEFAULT, "object_matchers": [["a", "?", "b"]]}]},
        {"routes": [{"receiver": DEFAULT, "matchers": ['a=~"["']}]},
    ],
)
def test_policies_that_cannot_be_are_refused(policies: Server, wrong: Json) -> None:
    response = put_policies(policies, **{"receiver": DEFAULT, **wrong})
    assert 400 == response.status_code
    assert policies.since(10) or "bad request data" == response.json()["message"]


@pytest.mark.until(12)
def test_the_root_does_not_continue(policies: Server) -> None:
    if policies.since(12):
        pytest.skip("12.4.0 takes it, and cannot read its notifications any more")
    response = put_policies(policies, receiver=DEFAULT, **{"continue": True})
    assert not response.ok
    assert policies.since(10) or 500 == response.status_code


def test_what_a_policy_names_stays(policies: Server) -> None:
    called, muted = name(), name()
    post_timing(policies, muted)
    uid = policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    routes = [
        {"receiver": called, "object_matchers": [["a", "=", "b"]], "mute_time_intervals": [muted]}
    ]
    assert put_policies(policies, receiver=DEFAULT, routes=routes).ok
    for path, message in (
        (
            f"contact-points/{uid}",
            f"contact point '{called}' is currently used by a notification policy",
        ),
        (
            f"mute-timings/{muted}",
            f"mute time '{muted}' is currently used by a notification policy",
        ),
    ):
        response = policies.ask("DELETE", f"{PROVISIONING}/{path}")
        assert not response.ok
        assert policies.since(10) or (500, message) == (
            response.status_code,
            response.json()["message"],
        )


@pytest.mark.until(10)
def test_policies_follow_a_contact_point_to_its_new_name(policies: Server) -> None:
    if policies.since(10):
        pytest.skip("seen on 9.3")
    called, new = name(), name()
    uid = policies.point(called)
    policies.removes(f"{PROVISIONING}/policies")
    routes = [{"receiver": called, "object_matchers": [["a", "=", "b"]]}]
    put_policies(policies, receiver=DEFAULT, routes=routes)
    put_point(policies, uid, new)
    assert [new] == [
        route["receiver"] for route in policies.get(f"{PROVISIONING}/policies")["routes"]
    ]
