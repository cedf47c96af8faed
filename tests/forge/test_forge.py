"""The one comment of a pull request: found again, never twice, never somebody else's; and which
pull request it is."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from gk.errors import ConfigError
from gk.forge import Comment, ForgeError, GitHub, GitLab, Review, marker, review
from tests.fake_forges import BOT, FakeForge, FakeGitHub, FakeGitLab, Fault

TOKEN = "ghs_" + "t0ken" * 6
MARK = marker("shop")
ADA = {"login": "ada", "username": "ada", "id": 1, "type": "User"}
EVE = {"login": "eve", "username": "eve", "id": 2, "type": "User"}
PULL = {
    "number": 7,
    "head": {"repo": {"full_name": "acme/boards"}},
    "base": {"repo": {"full_name": "acme/boards"}},
}


@pytest.fixture(params=["GitHub", "GitHub as a bot", "GitLab"])
def forge(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    fake = FakeGitLab if request.param == "GitLab" else FakeGitHub
    with fake({TOKEN: BOT if request.param == "GitHub as a bot" else ADA}) as forge:
        yield forge


@pytest.fixture
def github() -> Iterator[FakeForge]:
    with FakeGitHub({TOKEN: BOT}) as forge:
        yield forge


def _review(forge: FakeForge) -> Review:
    if isinstance(forge, FakeGitLab):
        return GitLab(
            forge.url, TOKEN, 0.001, project="42", iid="7", page="https://gitlab.example.com/mr/7"
        )
    return GitHub(forge.url, TOKEN, 0.001, repository="acme/boards", number=7)


def _us(forge: FakeForge) -> Mapping[str, Any]:
    return forge.tokens[TOKEN]


def _environ(
    tmp_path: Path, event: Mapping[str, Any], url: str = "", **more: str
) -> dict[str, str]:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "acme/boards",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_EVENT_NAME": "pull_request",
        **({"GITHUB_API_URL": url} if url else {}),
        **more,
    }


def _gitlab_environ(**more: str) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "GITLAB_TOKEN": TOKEN,
        "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "7",
        **more,
    }


def test_the_first_time_a_comment_is_created(forge: FakeForge) -> None:
    done = _review(forge).comment("hello", MARK)

    assert "created" == done.did
    assert done.url.startswith("https://git")
    assert [f"{MARK}\nhello"] == forge.bodies


def test_the_next_time_it_is_updated(forge: FakeForge) -> None:
    first = _review(forge).comment("hello", MARK)

    assert Comment(first.url, "updated") == _review(forge).comment("bye", MARK)
    assert [f"{MARK}\nbye"] == forge.bodies


def test_the_same_again_writes_nothing(forge: FakeForge) -> None:
    first = _review(forge).comment("hello\n", MARK)

    assert Comment(first.url, "unchanged") == _review(forge).comment("hello\n", MARK)
    assert ["POST"] == forge.writes


def test_a_comment_is_found_among_many(forge: FakeForge) -> None:
    for number in range(250):
        forge.write(f"comment {number}", ADA)
    forge.write(f"{MARK}\nold", _us(forge))

    assert "updated" == _review(forge).comment("new", MARK).did
    assert 251 == len(forge.comments)


def test_each_project_of_a_repository_has_its_own_comment(forge: FakeForge) -> None:
    _review(forge).comment("shop", MARK)
    _review(forge).comment("bank", marker("bank"))

    assert [f"{MARK}\nshop", f"{marker('bank')}\nbank"] == forge.bodies


def test_no_project_is_taken_for_one_whose_name_starts_like_its_own() -> None:
    assert not marker("shop-two").startswith(marker("shop"))


def test_a_marker_is_one_sound_html_comment_whatever_the_project_is_called() -> None:
    assert "<!-- gk diff: a-b-c -->" == marker("a-->b\n<!--c")


def test_a_comment_of_somebody_else_with_the_marker_is_left_alone(forge: FakeForge) -> None:
    forge.write(f"{MARK}\nmine", EVE)

    assert "created" == _review(forge).comment("hello", MARK).did
    assert [f"{MARK}\nmine", f"{MARK}\nhello"] == forge.bodies


def test_a_comment_that_quotes_the_marker_is_left_alone(forge: FakeForge) -> None:
    forge.write(f"> {MARK}\nwhat is this?", _us(forge))

    assert "created" == _review(forge).comment("hello", MARK).did


def test_a_comment_of_another_bot_is_left_alone(github: FakeForge) -> None:
    github.write(f"{MARK}\nof another", {"login": "other[bot]", "id": 3, "type": "Bot"})

    assert "created" == _review(github).comment("hello", MARK).did
    assert [f"{MARK}\nof another", f"{MARK}\nhello"] == github.bodies


def test_of_two_comments_of_ours_the_first_stays(forge: FakeForge) -> None:
    for text in ("first", "second"):
        forge.write(f"{MARK}\n{text}", _us(forge))

    assert "updated" == _review(forge).comment("hello", MARK).did
    assert [f"{MARK}\nhello"] == forge.bodies


def test_no_news_make_no_comment(forge: FakeForge) -> None:
    assert Comment("", "none") == _review(forge).comment("nothing", MARK, is_news=False)
    assert [] == forge.writes


def test_no_news_replace_what_is_true_no_more(forge: FakeForge) -> None:
    _review(forge).comment("2 risks", MARK)

    assert "updated" == _review(forge).comment("no differences any more", MARK, is_news=False).did
    assert [f"{MARK}\nno differences any more"] == forge.bodies


@pytest.mark.parametrize("status", [0, 500, 502, 503])
def test_a_comment_whose_answer_was_lost_is_not_written_twice(
    forge: FakeForge, status: int
) -> None:
    forge.faults = [Fault("POST", status, is_done=True)]

    assert "created" == _review(forge).comment("hello", MARK).did
    assert [f"{MARK}\nhello"] == forge.bodies
    assert ["POST"] == forge.writes


@pytest.mark.parametrize("status", [0, 502])
def test_a_comment_that_got_lost_is_written_again(forge: FakeForge, status: int) -> None:
    forge.faults = [Fault("POST", status)]

    assert "created" == _review(forge).comment("hello", MARK).did
    assert [f"{MARK}\nhello"] == forge.bodies


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_reads_are_repeated(forge: FakeForge, status: int) -> None:
    forge.faults = [Fault("GET", status)] * 2

    assert "created" == _review(forge).comment("hello", MARK).did


def test_too_many_requests_are_sent_later(forge: FakeForge) -> None:
    forge.faults = [
        Fault("POST", 429, {"Retry-After": "0"}),
        Fault("POST", 403, {"Retry-After": "0"}),
    ]

    assert "created" == _review(forge).comment("hello", MARK).did
    assert ["POST"] * 3 == forge.writes


def test_nobody_waits_for_an_hour(forge: FakeForge) -> None:
    forge.faults = [Fault("POST", 429, {"Retry-After": "3600"})]

    with pytest.raises(ForgeError, match="429"):
        _review(forge).comment("hello", MARK)


def test_a_server_that_stays_silent_is_an_error(forge: FakeForge) -> None:
    forge.faults = [Fault("GET")] * 10

    with pytest.raises(ForgeError, match=r"GET http://127\.0\.0\.1:\d+/api/user: no answer"):
        _review(forge).comment("hello", MARK)


def test_no_redirect_gets_the_token(forge: FakeForge) -> None:
    with FakeGitHub({}) as other:
        forge.faults = [Fault("GET", 302, {"Location": f"{other.url}/user"})]

        with pytest.raises(ForgeError, match="redirects are not followed"):
            _review(forge).comment("hello", MARK)

        assert [] == other.requests


def test_no_server_without_a_certificate_that_is_trusted_gets_the_token() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    with FakeGitHub({TOKEN: BOT}, tls) as github:
        with pytest.raises(ForgeError, match="SSLError"):
            _review(github).comment("hello", MARK)

        assert [] == github.requests


def test_a_token_of_a_fork_cannot_comment_and_the_error_says_what_to_do(github: FakeForge) -> None:
    github.can_write = False
    asked = _review(github)
    assert isinstance(asked, GitHub)

    with pytest.raises(
        ForgeError, match=r"comes from a fork.*read-only token.*docs/ci\.md"
    ) as error:
        replace(asked, is_fork=True).comment("hello", MARK)

    assert 403 == error.value.status


def test_a_token_without_the_permission_says_which(github: FakeForge) -> None:
    github.can_write = False

    with pytest.raises(ForgeError, match="pull-requests: write"):
        _review(github).comment("hello", MARK)


def test_an_old_comment_that_cannot_be_replaced_is_an_error(github: FakeForge) -> None:
    github.write(f"{MARK}\n2 risks", BOT)
    github.can_write = False

    with pytest.raises(ForgeError, match="403"):
        _review(github).comment("nothing", MARK, is_news=False)


def test_a_token_that_is_not_valid_is_said_and_not_shown(forge: FakeForge) -> None:
    forge.tokens.clear()

    with pytest.raises(ForgeError, match="401") as error:
        _review(forge).comment("hello", MARK)

    assert TOKEN not in str(error.value)
    assert TOKEN not in repr(_review(forge))


def test_a_text_of_the_limit_is_taken_and_a_longer_one_refused(forge: FakeForge) -> None:
    asked = _review(forge)

    assert "created" == asked.comment("x" * asked.limit, MARK).did
    with pytest.raises(ForgeError, match="too long"):
        asked.comment("x" * (asked.limit + 300), MARK)


def test_a_comment_that_was_deleted_meanwhile_is_created_again(forge: FakeForge) -> None:
    forge.write(f"{MARK}\nold", _us(forge))
    forge.faults = [Fault("PATCH", 404), Fault("PUT", 404)]

    assert "created" == _review(forge).comment("hello", MARK).did


def test_the_pull_request_is_that_of_the_event(tmp_path: Path, github: FakeForge) -> None:
    pull = review(_environ(tmp_path, {"pull_request": PULL}, github.url))

    assert "created" == pull.comment("hello", MARK).did
    assert "POST /repos/acme/boards/issues/7/comments" == github.requests[-1]


@pytest.mark.parametrize("repository", [{"full_name": "eve/boards"}, None])
def test_a_pull_request_of_another_repository_is_one_of_a_fork(
    tmp_path: Path, repository: object
) -> None:
    pull = review(_environ(tmp_path, {"pull_request": {**PULL, "head": {"repo": repository}}}))

    assert isinstance(pull, GitHub)
    assert pull.is_fork


def test_github_is_at_github_com_by_default(tmp_path: Path) -> None:
    assert "https://api.github.com" == review(_environ(tmp_path, {"pull_request": PULL})).api


def test_the_run_of_another_workflow_has_a_pull_request(tmp_path: Path) -> None:
    pull = review(_environ(tmp_path, {"workflow_run": {"pull_requests": [{"number": 9}]}}))

    assert isinstance(pull, GitHub)
    assert 9 == pull.number


def _run_of_a_fork(sha: str) -> dict[str, Any]:
    head = {"head_repository": {"full_name": "eve/boards"}, "head_branch": "patch", "head_sha": sha}
    return {"workflow_run": {"pull_requests": [], **head}}


def test_the_run_of_a_fork_is_found_by_its_branch_and_commit(
    tmp_path: Path, github: FakeForge
) -> None:
    github.pulls = [
        {"number": 8, "head": {"label": "eve:patch", "sha": "a" * 40}},
        {"number": 9, "head": {"label": "eve:patch", "sha": "b" * 40}},
        {"number": 10, "head": {"label": "ada:patch", "sha": "b" * 40}},
    ]

    pull = review(_environ(tmp_path, _run_of_a_fork("b" * 40), github.url))

    assert isinstance(pull, GitHub)
    assert 9 == pull.number


def test_the_run_of_a_commit_that_is_not_the_last_comments_nothing(
    tmp_path: Path, github: FakeForge
) -> None:
    github.pulls = [{"number": 9, "head": {"label": "eve:patch", "sha": "b" * 40}}]

    with pytest.raises(ConfigError, match="newer commits"):
        review(_environ(tmp_path, _run_of_a_fork("c" * 40), github.url))


Change = Callable[[dict[str, str]], object]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda at: at.clear(), "--output report.md", id="no pipeline"),
        pytest.param(
            lambda at: at.pop("GITHUB_TOKEN"),
            r"GITHUB_TOKEN is not set; .*github\.token",
            id="no token",
        ),
        pytest.param(
            lambda at: at.update(GITHUB_TOKEN="a b"),
            "GITHUB_TOKEN contains characters",
            id="no such token",
        ),
        pytest.param(
            lambda at: at.update(GITHUB_REPOSITORY="a/b/c"), "not owner/name", id="repository"
        ),
        pytest.param(
            lambda at: at.update(GITHUB_EVENT_PATH="/none"), "not a GitHub event", id="event"
        ),
        pytest.param(
            lambda at: at.update(GITHUB_API_URL="http://a.example.com"),
            "use https",
            id="http",
        ),
        pytest.param(
            lambda at: Path(at["GITHUB_EVENT_PATH"]).write_text("{}"),
            "on: pull_request",
            id="another event",
        ),
    ],
)
def test_what_is_missing_on_github_is_said(tmp_path: Path, change: Change, message: str) -> None:
    environ = _environ(tmp_path, {"pull_request": PULL})
    change(environ)

    with pytest.raises(ConfigError, match=message):
        review(environ)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("GITLAB_TOKEN", "CI_JOB_TOKEN may not write comments"),
        ("CI_MERGE_REQUEST_IID", "merge_request_event"),
        ("CI_API_V4_URL", "CI_API_V4_URL is not set"),
        ("CI_PROJECT_ID", "CI_PROJECT_ID is not set"),
    ],
)
def test_what_is_missing_on_gitlab_is_said(variable: str, message: str) -> None:
    environ = _gitlab_environ()
    del environ[variable]

    with pytest.raises(ConfigError, match=message):
        review(environ)


def test_a_merge_request_of_a_fork_is_commented_where_it_goes(forge: FakeForge) -> None:
    merge_request = review(_gitlab_environ(CI_PROJECT_ID="99", CI_MERGE_REQUEST_PROJECT_ID="42"))

    assert isinstance(merge_request, GitLab)
    assert "42" == merge_request.project
