"""gk.documents.secrets.hidden: no secret is shown, nothing else is hidden, and no change is
lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gk.documents.secrets.hidden import Unspoken, hidden, hidden_alike, secrets_of
from gk.resource import Kind, canonical
from tests.cases import every
from tests.conftest import this_repository

Json = dict[str, Any]

CANARY = "hunter2-canary-7f3a"
REFERENCE = {"$secret": {"env": "NAME"}}

PLACES: list[tuple[Kind, Callable[[Any], Any]]] = [
    (Kind.DATASOURCE, lambda it: {"secureJsonData": {"any": it}}),
    (Kind.DATASOURCE, lambda it: {"secureJsonData": {"any": [{"deep": it}]}}),
    (Kind.DATASOURCE, lambda it: {"password": it}),
    (Kind.DATASOURCE, lambda it: {"basicAuthPassword": it}),
    (Kind.DATASOURCE, lambda it: {"url": f"https://ada:{it}@loki/path"}),
    (Kind.DATASOURCE, lambda it: {"url": f"https://{it}@loki/path"}),
    (Kind.DATASOURCE, lambda it: {"url": f"ada:{it}@db:5432"}),
    (Kind.DATASOURCE, lambda it: {"url": f"https://loki/?x=1&api_key={it}"}),
    (Kind.DATASOURCE, lambda it: {"jsonData": {"httpHeaderValue1": it}}),
    (Kind.DATASOURCE, lambda it: {"jsonData": {"customQueryParameters": f"dedup=1&tenant={it}"}}),
    (Kind.DATASOURCE, lambda it: {"jsonData": {"connectionString": f"Server=a;Password={it}"}}),
    (Kind.DATASOURCE, lambda it: {"jsonData": {"auth": [{"accessToken": it}]}}),
    (Kind.DATASOURCE, lambda it: {"jsonData": {"headers": {"X-Api-Key": it}}}),
    (
        Kind.DATASOURCE,
        lambda it: {"jsonData": {"headers": [{"name": "Authorization", "value": it}]}},
    ),
    (
        Kind.CONTACT_POINT,
        lambda it: {"receivers": [{"type": "webhook", "settings": {"url": f"https://x/{it}"}}]},
    ),
    (
        Kind.CONTACT_POINT,
        lambda it: {"receivers": [{"type": "unheard-of", "settings": {"any": [it]}}]},
    ),
    (
        Kind.CONTACT_POINT,
        lambda it: {"receivers": {"r": {"type": "slack", "settings": {"token": it}}}},
    ),
    (
        Kind.CONTACT_POINT,
        lambda it: {"receivers": [{"type": "email", "settings": {"message": f"http://a:{it}@b"}}]},
    ),
    (
        Kind.CONTACT_POINT,
        lambda it: {"receivers": [{"type": "slack", "secureSettings": {"url": it}}]},
    ),
    (Kind.DASHBOARD, lambda it: {"links": [{"url": f"https://me:{it}@example.com"}]}),
    (Kind.DASHBOARD, lambda it: {"links": [{"url": f"https://example.com?token={it}"}]}),
    (Kind.DASHBOARD, lambda it: {"panels": [{"options": {"apiKey": it}}]}),
    (
        Kind.DASHBOARD,
        lambda it: {"panels": [{"targets": [{"headers": [{"key": "X-Auth-Token", "value": it}]}]}]},
    ),
    (
        Kind.DASHBOARD,
        lambda it: {"panels": [{"options": {"content": f"curl -H 'Authorization: Bearer {it}'"}}]},
    ),
    (
        Kind.RULE_GROUP,
        lambda it: {"rules": [{"annotations": {"runbook_url": f"https://me:{it}@wiki"}}]},
    ),
    (
        Kind.PROMETHEUS_GROUP,
        lambda it: {"rules": [{"annotations": {"x": f"https://wiki?access_token={it}"}}]},
    ),
    (Kind.MESSAGE_TEMPLATE, lambda it: {"name": "t", "template": f"see https://me:{it}@wiki"}),
    (
        Kind.NOTIFICATION_POLICY,
        lambda it: {"object_matchers": [["url", "=", f"https://me:{it}@wiki"]]},
    ),
]


@every("kind, place", PLACES)
def test_no_secret_is_in_a_hidden_document(kind: Kind, place: Callable[[Any], Any]) -> None:
    text = canonical(hidden(kind, place(CANARY))).decode()

    assert CANARY not in text
    assert "[secret]" in text


@every("kind, place", PLACES)
def test_another_secret_is_a_change_and_the_same_one_is_none(
    kind: Kind, place: Callable[[Any], Any]
) -> None:
    """Also where one side has what stands for the other's."""
    for other in ("another", "[secret]", "[secret-1]", "secret NAME", "[REDACTED]"):
        old, same, new = hidden_alike(kind, *(place(secret) for secret in (CANARY, CANARY, other)))
        assert old == same
        assert old != new
        assert CANARY not in str((old, new))


@every("kind, place", PLACES)
def test_what_is_hidden_is_told_to_messages(kind: Kind, place: Callable[[Any], Any]) -> None:
    """A server may repeat it."""
    unspoken = Unspoken(secrets_of(kind, place(CANARY)))
    document = canonical(place(CANARY)).decode()

    assert CANARY not in unspoken.hidden(f"invalid: {document}")


TEXTS = st.lists(
    st.sampled_from(
        (
            *(
                "http://",
                "//",
                "ada",
                ":",
                "@",
                "h/",
                "?",
                "token",
                "=",
                "&",
                ";",
                " ",
                "$x",
                "x",
                '"',
                "secret NAME",
            ),
            *(
                "Authorization: Bearer ",
                "[secret-1]",
                "[secret-2]",
                "[secret]",
                "[REDACTED]",
                "dedup",
                "1",
                "",
            ),
        )
    ),
    max_size=9,
).map("".join)
VALUES = st.one_of(TEXTS, st.just(REFERENCE), st.integers(0, 2), st.booleans(), st.none())
NAMES = st.sampled_from(
    (
        *(
            "url",
            "password",
            "apiKey",
            "token",
            "name",
            "key",
            "value",
            "headers",
            "Authorization",
            "any",
        ),
        *(
            "customQueryParameters",
            "secureJsonData",
            "jsonData",
            "settings",
            "receivers",
            "message",
            "operator",
        ),
    )
)
DOCUMENTS = st.recursive(
    VALUES, lambda it: st.lists(it, max_size=2) | st.dictionaries(NAMES, it, max_size=3)
)


@settings(max_examples=400)
@given(kind=st.sampled_from(list(Kind)), old=DOCUMENTS, new=DOCUMENTS)
def test_documents_that_differ_do_so_when_their_secrets_are_hidden(
    kind: Kind, old: Any, new: Any
) -> None:
    """Whatever somebody writes in place of a secret."""
    shown = [canonical(document) for document in hidden_alike(kind, old, new)]

    assert (canonical(old) == canonical(new)) == (shown[0] == shown[1])


@settings(max_examples=300)
@given(kind=st.sampled_from(list(Kind)), body=DOCUMENTS)
def test_hiding_what_is_hidden_changes_nothing(kind: Kind, body: Any) -> None:
    once = hidden(kind, body)

    assert once == hidden(kind, once)


PLAIN = st.recursive(
    st.one_of(
        st.text(alphabet="abc {}$[]()=~|.,:/\n", max_size=30),
        st.integers(-9, 9),
        st.booleans(),
        st.none(),
    ),
    lambda it: (
        st.lists(it, max_size=3)
        | st.dictionaries(st.text(alphabet="abcd_", max_size=4), it, max_size=3)
    ),
)


@given(kind=st.sampled_from([kind for kind in Kind if kind is not Kind.CONTACT_POINT]), body=PLAIN)
def test_a_document_without_secrets_stays_as_it_is(kind: Kind, body: Any) -> None:
    assert canonical(body) == canonical(hidden(kind, body))


def test_nothing_of_this_project_is_hidden() -> None:
    """Its dashboards and alerts have no secrets, and many of them are about Kubernetes's."""
    for resource in this_repository():
        assert resource.json == canonical(hidden(resource.kind, resource.body)), resource.title


@pytest.mark.parametrize(
    "body",
    [
        {"links": [{"url": "/d/x?var-token=$token&var-secret=${secret:queryparam}"}]},
        {
            "templating": {
                "list": [
                    {
                        "name": "secret",
                        "query": 'label_values(kube_secret_info{namespace="$ns"}, secret)',
                    }
                ]
            }
        },
        {
            "panels": [
                {
                    "transformations": [
                        {"options": {"renameByName": {"password": "Password", "apiKey": "Key"}}}
                    ]
                }
            ]
        },
        {"panels": [{"targets": [{"expr": 'sum by (token) (rate(x{job="a", secret="b"}[5m]))'}]}]},
        {"panels": [{"filters": [{"key": "secret", "operator": "=", "value": "db"}]}]},
        {
            "panels": [
                {
                    "options": {
                        "content": "write to ada@example.com, see https://example.com/@scope/a?b=c"
                    }
                }
            ]
        },
        {"panels": [{"options": {"content": "Authorization: Bearer $TOKEN, password=x"}}]},
    ],
)
def test_what_only_looks_like_a_secret_in_a_dashboard_is_shown(body: Json) -> None:
    assert body == hidden(Kind.DASHBOARD, body)


def test_references_are_shown() -> None:
    """They are none."""
    body = {"jsonData": {"token": REFERENCE}, "secureJsonData": {"password": REFERENCE}}

    assert body == hidden(Kind.DATASOURCE, body)
    (shown,) = hidden_alike(Kind.DATASOURCE, body)
    assert {
        "jsonData": {"token": "secret NAME"},
        "secureJsonData": {"password": "secret NAME"},
    } == shown


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (Kind.DATASOURCE, lambda it: {"url": it, "jsonData": {"bucket": it}}),
        (
            Kind.CONTACT_POINT,
            lambda it: {"receivers": [{"uid": "r", "settings": {"username": it}}]},
        ),
    ],
)
def test_what_the_other_side_refers_to_is_a_secret(
    kind: Kind, place: Callable[[Any], Json]
) -> None:
    """Grafana answers it, where it has no place for secrets."""
    for wanted in (REFERENCE, "[secret]"):
        assert CANARY not in str(hidden_alike(kind, place(CANARY), place(wanted)))
        assert CANARY not in str(hidden(kind, place(CANARY), place(wanted)))


def test_receivers_are_compared_by_their_uids() -> None:
    """Not by their order, which Grafana chooses."""
    here = {
        "receivers": [
            {"uid": "a", "settings": {"username": REFERENCE}},
            {"uid": "b", "settings": {"username": "b"}},
        ]
    }
    there = {
        "receivers": [
            {"uid": "b", "settings": {"username": "b"}},
            {"uid": "a", "settings": {"username": CANARY}},
        ]
    }

    assert CANARY not in str(hidden(Kind.CONTACT_POINT, there, here))


def test_what_only_looks_like_a_reference_is_hidden() -> None:
    """A revision's own document may have anything there."""
    for fake in (
        {"$secret": CANARY},
        {"$secret": {"env": [CANARY]}},
        {"$secret": {"value": CANARY}},
    ):
        body = {"secureJsonData": {"password": fake}}
        assert CANARY not in str(
            (hidden(Kind.DATASOURCE, body), hidden_alike(Kind.DATASOURCE, body))
        )


# Messages


ODD = 'p w/"7'


@pytest.mark.parametrize(
    "said",
    [
        ODD,
        "p%20w%2F%227",
        "p+w%2F%227",
        json.dumps({"password": ODD}),
        json.dumps(json.dumps({"password": ODD})),
        "Basic YWRhOnAgdy8iNw==",
        "http://ada:other@db",
    ],
)
def test_a_message_says_no_secret_in_any_of_its_forms(said: str) -> None:
    shown = Unspoken([ODD, f"ada:{ODD}"]).hidden(f"invalid: {said} refused")

    assert shown.startswith("invalid: ")
    assert shown.endswith(" refused")
    assert "[secret]" in shown
    assert not any(form in shown for form in ("7", "YWRhO", "other"))


def test_a_short_secret_is_not_searched_in_words() -> None:
    """What is left of them would say it."""
    assert "administrator said [secret]" == Unspoken(["admin"]).hidden("administrator said admin")


# How long it takes


def test_a_dashboard_of_5000_panels_is_hidden_in_no_time() -> None:
    target = {
        "refId": "A",
        "expr": 'sum by (instance) (rate(x{job=~"$job"}[$__rate_interval]))',
        "legendFormat": "{{a}}",
    }
    panel = {
        "title": "CPU busy",
        "targets": [target, target, target],
        "fieldConfig": {
            "defaults": {"unit": "percent", "custom": dict.fromkeys("abcdefghijklmno", 1)}
        },
        "links": [
            {"url": "/d/abc?var-node=${__field.labels.instance}&a=b", "title": "ada@example.com"}
        ],
    }

    start = time.process_time()
    hidden(Kind.DASHBOARD, {"panels": [panel] * 5000})

    assert time.process_time() - start < 2


@pytest.mark.parametrize("kind", [Kind.DASHBOARD, Kind.DATASOURCE, Kind.CONTACT_POINT])
@pytest.mark.parametrize(
    "evil",
    [
        *(
            "?" + "token" * 60_000,
            "://" + "a" * 300_000,
            "://a@" * 60_000,
            "?a=b" * 75_000,
            "a:" * 150_000 + "@",
        ),
        *(
            "authorization: bearer " * 15_000,
            "=?" + "&" * 300_000,
            "?token=" * 45_000,
            "authorization" + " " * 300_000,
        ),
    ],
)
def test_a_text_that_is_made_to_take_long_takes_no_time(kind: Kind, evil: str) -> None:
    body = {
        "url": evil,
        "jsonData": {"customQueryParameters": evil},
        "receivers": [{"settings": {"message": evil}}],
    }

    start = time.process_time()
    hidden(kind, body)

    assert time.process_time() - start < 2
