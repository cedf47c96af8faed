"""The pages that gk watch --preview serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from gk.watch.serving import Serving

_TIMEOUT = 10


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving() as server:
        yield server


def get(serving: Serving, path: str, **options: object) -> requests.Response:
    """What the server answers to a browser of this machine."""
    return requests.get(f"http://{serving.address}{path}", timeout=_TIMEOUT, **options)  # type: ignore[arg-type]


def test_a_page_is_served_under_its_name(serving: Serving) -> None:
    serving.show({"a/b c": "<p>shop</p>"}, frozenset({"a/b c"}))

    answer = get(serving, "/a%2Fb%20c")

    assert "<p>shop</p>" == answer.text
    assert "no-store" == answer.headers["Cache-Control"]


def test_the_root_leads_to_the_page_that_was_made_last(serving: Serving) -> None:
    serving.show({"a": "first", "b": "second"}, frozenset("ab"))
    serving.show({"b": "edited"}, frozenset("ab"))

    assert "edited" == get(serving, "/").text


def test_a_page_that_nobody_defines_any_more_is_gone(serving: Serving) -> None:
    serving.show({"a": "first", "b": "second"}, frozenset("ab"))
    serving.show({}, frozenset("a"))

    assert 404 == get(serving, "/b").status_code
    assert "first" == get(serving, "/").text


def test_without_a_page_the_root_says_so(serving: Serving) -> None:
    assert 404 == get(serving, "/").status_code


def test_whoever_follows_a_page_is_told_of_each_new_one_and_of_no_other(serving: Serving) -> None:
    serving.show({"a": "1", "b": "1"}, frozenset("ab"))
    with closing(get(serving, "/events/a", stream=True)) as events:
        lines = (line for line in events.iter_lines(chunk_size=1) if line)
        assert [b"id: 1", b": listening"] == [next(lines), next(lines)]

        serving.show({"b": "2"}, frozenset("ab"))
        serving.show({"a": "2"}, frozenset("ab"))
        assert [b"id: 2", b"data: new"] == [next(lines), next(lines)]
        serving.show({"a": "3"}, frozenset("ab"))
        assert [b"id: 3", b"data: new"] == [next(lines), next(lines)]


def test_a_browser_that_was_cut_off_is_told_what_it_missed(serving: Serving) -> None:
    serving.show({"a": "1"}, frozenset("a"))
    serving.show({"a": "2"}, frozenset("a"))

    with closing(get(serving, "/events/a", stream=True, headers={"Last-Event-ID": "1"})) as events:
        lines = (line for line in events.iter_lines(chunk_size=1) if line)
        assert b"data: new" in [next(lines) for _ in range(4)]


def test_a_site_whose_name_leads_to_this_machine_gets_nothing(serving: Serving) -> None:
    serving.show({"a": "secret"}, frozenset("a"))

    answer = get(serving, "/a", headers={"Host": "attacker.example"})

    assert 403 == answer.status_code
    assert "secret" not in answer.text


def test_the_end_of_the_server_ends_what_browsers_follow() -> None:
    with Serving() as server:
        server.show({"a": "1"}, frozenset("a"))
        events = get(server, "/events/a", stream=True)
    with closing(events):
        assert b"id: 1\n: listening\n\n" == events.content
