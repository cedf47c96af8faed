"""The pull request or merge request that a pipeline runs for, and the one comment that gk keeps
there.

Speaks GitHub's REST API (https://docs.github.com/en/rest/issues/comments) and GitLab's
(https://docs.gitlab.com/api/notes). Knows nothing of what the comment says.
"""

from __future__ import annotations

import json
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

import gk
from gk import network
from gk.errors import ConfigError, GkError

__all__ = ["Comment", "ForgeError", "GitHub", "GitLab", "Review", "marker", "review"]

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for an answer."""
TRIES = 4
LONGEST_WAIT = 60
"""Seconds: a forge that asks for a longer pause (Retry-After) is not waited for."""
PAGE = 100
"""Comments of one request: the most that both forges give."""
MOST_PAGES = 200
MARKER_ROOM = 300
"""Bytes of a comment that are kept for the marker."""


class ForgeError(GkError):
    """GitHub or GitLab refused a request, or did not answer it. `status` is that of the answer, 0
    without one."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class _UnclearError(ForgeError):
    """Nobody knows whether a write was done: no answer, or that of a proxy or of a server that
    failed half-way."""


class _DeniedError(ForgeError):
    """401, 403, 404 or 410 of a comment that is not ours to change, or not there any more."""


@dataclass(frozen=True, slots=True)
class Comment:
    """The comment as it is now: its URL, and what became of it: `created`, `updated` or
    `unchanged`; `none` where there is none, and none was wanted."""

    url: str
    did: str


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    body: str
    url: str


def marker(project: str) -> str:
    """The hidden line by which a project's comment is found again; each project of a repository has
    its own."""
    # `--` ends an HTML comment for some readers.
    name = re.sub(r"[^\w./ ]+|-{2,}", "-", project).strip("-")[:50]
    return f"<!-- gk diff: {name} -->"


def review(environ: Mapping[str, str]) -> Review:
    """The pull request or merge request that this pipeline runs for, from what GitHub Actions and
    GitLab CI set.

    Raises ConfigError, which says what variable is missing, and ForgeError where GitHub has to be
    asked and cannot.
    """
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    if environ.get("GITHUB_ACTIONS") or environ.get("GITHUB_EVENT_PATH"):
        return _github(environ)
    raise ConfigError(
        "there is no pull request to comment: neither GITHUB_ACTIONS nor GITLAB_CI is "
        "set; elsewhere write the report "
        "with --output report.md, and post it with what your forge has for that (docs/ci.md)"
    )


@dataclass
class Review(ABC):
    """A pull request or merge request, by the API of its forge and the token of the pipeline."""

    api: str
    """The API's URL, without a slash at the end."""
    token: str = field(repr=False)
    pause: float = 1.0
    """Seconds before the first repetition of a request; each further one waits twice as long."""

    limit = 65_536 - MARKER_ROOM
    """Bytes that a comment may have."""

    def __post_init__(self) -> None:
        url = urlsplit(self.api)
        self._shown = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
        if url.scheme != "https" and not (url.scheme == "http" and network.is_loopback(self.api)):
            raise ConfigError(
                f"{self._variable} is '{self._shown}': it has to be https, or the token "
                "could be read"
            )
        if not re.fullmatch(r"[!-~]+", self.token):
            raise ConfigError(f"{self._secret} is no token: it has characters that no token has")
        self._session = requests.Session()
        network.prepare(
            self._session, self.api, proxy=network.environment_proxy(self.api, os.environ)
        )
        self._session.headers.update({"User-Agent": f"gk/{gk.__version__}", **self._headers()})

    def __enter__(self) -> Review:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def comment(self, body: str, marker: str, *, is_news: bool = True) -> Comment:
        """Make the one comment with the marker say `body`.

        What is not news is only written in place of older text: without such a comment there is
        none afterwards. Comments of others are never touched, whatever they have in them; of
        several of our own (two pipelines ran at once) the oldest stays. Raises ForgeError.
        """
        with self:
            return self._kept(f"{marker}\n{body}", marker, is_news)

    def _kept(self, text: str, marker: str, is_news: bool) -> Comment:
        denied: _DeniedError | None = None
        ours = self._ours(marker)
        for index, each in enumerate(ours):
            try:
                if is_edited := not _is_same(each.body, text):
                    self._edit(each.id, text)
            except _DeniedError as error:
                # Somebody deleted it since it was listed, or it belongs to another bot.
                denied = error
                continue
            return self._settled(each, ours[index + 1 :], "updated" if is_edited else "unchanged")
        if is_news:
            return self._created(text, marker)
        if denied and denied.status != 404:
            raise denied
        return Comment("", "none")

    def _settled(self, kept: _Found, others: list[_Found], did: str) -> Comment:
        for each in others:
            # It would be left with what was true once. It may be gone already.
            with suppress(_DeniedError):
                self._delete(each.id)
        return Comment(kept.url, did)

    def _created(self, text: str, marker: str) -> Comment:
        """A write that may have been done is not repeated before somebody looked."""
        for attempt in range(TRIES):
            try:
                return Comment(self._create(text), "created")
            except _UnclearError:
                time.sleep(self.pause * 2**attempt)
                if there := [each.url for each in self._ours(marker) if _is_same(each.body, text)]:
                    return Comment(there[0], "created")
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    @property
    @abstractmethod
    def _variable(self) -> str:
        """What holds the API's URL."""

    @property
    @abstractmethod
    def _secret(self) -> str:
        """What holds the token."""

    @abstractmethod
    def _headers(self) -> dict[str, str]: ...

    @abstractmethod
    def _ours(self, marker: str) -> list[_Found]:
        """Our comments that start with the marker, the oldest first."""

    @abstractmethod
    def _create(self, text: str) -> str:
        """Write a new comment; its URL."""

    @abstractmethod
    def _edit(self, id_: int, text: str) -> None: ...

    @abstractmethod
    def _delete(self, id_: int) -> None: ...

    @abstractmethod
    def _advice(self, status: int) -> str:
        """What to do about an answer."""

    def _pages(self, path: str, **parameters: str) -> Iterator[Mapping[str, Any]]:
        """What all pages of a list have. The next page is asked for by number: no URL of an answer
        is followed."""
        for page in range(1, MOST_PAGES + 1):
            asked = {**parameters, "per_page": str(PAGE), "page": str(page)}
            response = self._send("GET", path, params=asked)
            found = self._parsed("GET", path, response)
            if not isinstance(found, list):
                raise ForgeError(
                    f"{self._named('GET', path)}: the answer is no list; is that the API's URL?"
                )
            yield from found
            if "next" not in response.links:
                return

    def _get(self, path: str, **parameters: str) -> Any:
        return self._json("GET", path, params=parameters)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        """An answer of success. Raises ForgeError, none of which has the token or what was sent."""
        for attempt in range(TRIES):
            is_last = attempt == TRIES - 1
            try:
                response = self._session.request(
                    method, f"{self.api}{path}", timeout=TIMEOUT, allow_redirects=False, **options
                )
            except requests.RequestException as error:
                if method == "POST" or is_last:
                    raise self._unanswered(method, path, error) from None
                time.sleep(self.pause * 2**attempt)
                continue
            wait = self._wait(response, method, attempt)
            if wait is None or is_last:
                return self._checked(method, path, response)
            time.sleep(wait)
        raise AssertionError

    def _wait(self, response: requests.Response, method: str, attempt: int) -> float | None:
        """Seconds until the request may be sent again; None if it is answered, or must not be."""
        is_limit = response.status_code == 429 or (
            response.status_code == 403 and "Retry-After" in response.headers
        )
        # What was too much was not done. A server's failure may have come after the deed.
        if not is_limit and (response.status_code < 500 or method == "POST"):
            return None
        asked = response.headers.get("Retry-After", "")
        if not asked.isdigit():
            return self.pause * float(2**attempt)
        return float(asked) if int(asked) <= LONGEST_WAIT else None

    def _checked(self, method: str, path: str, response: requests.Response) -> requests.Response:
        status = response.status_code
        if 200 <= status < 300:
            return response
        message = (
            f"{self._named(method, path)}: {status} "
            f"{response.reason}{_said(response)}{self._advice(status)}"
        )
        if 300 <= status < 400:
            raise ForgeError(f"{message}; redirects are not followed with a token", status)
        if status in (401, 403, 404, 410):
            raise _DeniedError(message, status)
        raise (_UnclearError if status >= 500 else ForgeError)(message, status)

    def _unanswered(self, method: str, path: str, error: requests.RequestException) -> ForgeError:
        # The text of the exception may have headers of a proxy in it; its type says enough.
        return _UnclearError(f"{self._named(method, path)}: no answer ({type(error).__name__})")

    def _named(self, method: str, path: str) -> str:
        return f"{method} {self._shown}{path}"

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return self._parsed(method, path, self._send(method, path, **options))

    def _parsed(self, method: str, path: str, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise ForgeError(
                f"{self._named(method, path)}: the answer is no JSON; is that the API's URL?"
            ) from None


@dataclass
class GitHub(Review):
    """A pull request of github.com or of GitHub Enterprise; `repository` is `owner/name`."""

    repository: str = ""
    number: int = 0
    is_fork: bool = False
    """Its branch is in another repository: GitHub gives its runs a token that can only read."""

    @property
    def _variable(self) -> str:
        return "GITHUB_API_URL"

    @property
    def _secret(self) -> str:
        return "GITHUB_TOKEN"

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def _ours(self, marker: str) -> list[_Found]:
        is_ours = self._who()
        return [
            _Found(each["id"], each["body"], each["html_url"])
            for each in self._pages(f"/repos/{self.repository}/issues/{self.number}/comments")
            if (each.get("body") or "").startswith(marker) and is_ours(each.get("user") or {})
        ]

    def _who(self) -> Callable[[Mapping[str, Any]], bool]:
        """Whether an author is us. A token with write access could edit anybody's comment, so the
        marker is not enough.

        The token of a workflow, or of an app, is nobody's: it may not ask who it is (403). Then it
        writes as a bot, and people cannot.
        """
        try:
            login = self._get("/user")["login"]
        except _DeniedError as error:
            if error.status == 401:
                raise
            return lambda user: user.get("type") == "Bot"
        return lambda user: bool(user.get("login") == login)

    def _create(self, text: str) -> str:
        path = f"/repos/{self.repository}/issues/{self.number}/comments"
        return str(self._json("POST", path, json={"body": text})["html_url"])

    def _edit(self, id_: int, text: str) -> None:
        self._send("PATCH", f"/repos/{self.repository}/issues/comments/{id_}", json={"body": text})

    def _delete(self, id_: int) -> None:
        self._send("DELETE", f"/repos/{self.repository}/issues/comments/{id_}")

    def _advice(self, status: int) -> str:
        if status == 403 and self.is_fork:
            return (
                "; the pull request comes from a fork, and GitHub gives its runs a token "
                "that only reads. The report "
                "is in the job's summary; docs/ci.md (Forks) shows a second workflow that "
                "may comment"
            )
        if status in (403, 404):
            return "; give the job `permissions: {contents: read, pull-requests: write}`"
        return "; GITHUB_TOKEN is not valid, or has run out" if status == 401 else ""


@dataclass
class GitLab(Review):
    """A merge request of gitlab.com or of another GitLab; `project` is the id of the one that it
    goes into."""

    project: str = ""
    iid: str = ""
    page: str = ""
    """The URL of the merge request; empty if it is not known."""

    limit = 1_000_000 - MARKER_ROOM
    """GitLab's limit of a note (https://docs.gitlab.com/administration/instance_limits/)."""

    @property
    def _variable(self) -> str:
        return "CI_API_V4_URL"

    @property
    def _secret(self) -> str:
        return "GITLAB_TOKEN"

    @property
    def _path(self) -> str:
        return f"/projects/{quote(self.project, safe='')}/merge_requests/{quote(self.iid, safe='')}/notes"

    def _headers(self) -> dict[str, str]:
        return {"PRIVATE-TOKEN": self.token}

    def _ours(self, marker: str) -> list[_Found]:
        me = self._get("/user")["id"]
        return [
            _Found(each["id"], each["body"], self._url(each["id"]))
            for each in self._pages(self._path, sort="asc", order_by="created_at")
            if each["body"].startswith(marker)
            and each["author"]["id"] == me
            and not each.get("system")
        ]

    def _url(self, id_: int) -> str:
        return f"{self.page}#note_{id_}" if self.page else ""

    def _create(self, text: str) -> str:
        return self._url(self._json("POST", self._path, json={"body": text})["id"])

    def _edit(self, id_: int, text: str) -> None:
        self._send("PUT", f"{self._path}/{id_}", json={"body": text})

    def _delete(self, id_: int) -> None:
        self._send("DELETE", f"{self._path}/{id_}")

    def _advice(self, status: int) -> str:
        if status in (401, 403, 404):
            return (
                "; GITLAB_TOKEN has to be an access token of this project, of the "
                "scope api and the role Reporter"
            )
        return ""


def _github(environ: Mapping[str, str]) -> GitHub:
    missing = [
        name
        for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH")
        if not environ.get(name)
    ]
    if missing:
        hint = (
            "; pass it to the step: `env: {GITHUB_TOKEN: ${{ github.token }}}`"
            if "GITHUB_TOKEN" in missing
            else ""
        )
        raise ConfigError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set{hint}"
        )
    repository = environ["GITHUB_REPOSITORY"]
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"GITHUB_REPOSITORY is '{repository}', and not owner/name")
    event = _event(environ["GITHUB_EVENT_PATH"])
    api = environ.get("GITHUB_API_URL") or "https://api.github.com"
    review = GitHub(api.rstrip("/"), environ["GITHUB_TOKEN"].strip(), repository=repository)
    if run := event.get("workflow_run"):
        review.number = _number_of_run(review, run)
    elif pull := event.get("pull_request"):
        review.number = int(pull["number"])
        review.is_fork = ((pull["head"].get("repo") or {}).get("full_name")) != pull["base"][
            "repo"
        ]["full_name"]
    else:
        name = environ.get("GITHUB_EVENT_NAME") or "this event"
        raise ConfigError(
            f"{name} has no pull request to comment: run the job `on: pull_request` (docs/ci.md)"
        )
    return review


def _event(path: str) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"GITHUB_EVENT_PATH names {path}, which is no event of GitHub's: {error}"
        ) from None
    return event if isinstance(event, dict) else {}


def _number_of_run(review: GitHub, run: Mapping[str, Any]) -> int:
    """The pull request that another workflow ran for.

    GitHub lists none for a fork's. It is found by its branch then, and is the one whose last commit
    the run was for: all of that is what GitHub says of the run, nothing what the run says of
    itself.
    """
    numbers = {int(each["number"]) for each in run.get("pull_requests") or ()}
    head = run.get("head_repository") or {}
    if not numbers and head.get("full_name"):
        owner = head["full_name"].partition("/")[0]
        with review:
            pulls = review._pages(
                f"/repos/{review.repository}/pulls",
                state="open",
                head=f"{owner}:{run['head_branch']}",
            )
            numbers = {
                int(each["number"]) for each in pulls if each["head"]["sha"] == run["head_sha"]
            }
    if len(numbers) != 1:
        found = (
            f"{len(numbers)} pull requests ({', '.join(f'{each}' for each in sorted(numbers))})"
            if numbers
            else "none"
        )
        raise ConfigError(
            "the workflow ran for one pull request that is open and has its commit "
            f"{run.get('head_sha')} last; "
            f"GitHub knows {found}. If it has newer commits, their own run comments"
        )
    return numbers.pop()


def _gitlab(environ: Mapping[str, str]) -> GitLab:
    if not environ.get("CI_MERGE_REQUEST_IID"):
        raise ConfigError(
            "CI_MERGE_REQUEST_IID is not set: this pipeline runs for no merge request; "
            "give the job "
            "`rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]` (docs/ci.md)"
        )
    if not environ.get("GITLAB_TOKEN"):
        raise ConfigError(
            "GITLAB_TOKEN is not set: make an access token of the project with the scope "
            "api, and a masked CI/CD "
            "variable of it; GitLab's own CI_JOB_TOKEN may not write comments. Pipelines "
            "of forks do not get it"
        )
    # A pipeline of a fork runs in the fork's project, and comments the merge request of another.
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID") or ""
    missing = [
        name
        for name, value in (
            ("CI_API_V4_URL", environ.get("CI_API_V4_URL")),
            ("CI_PROJECT_ID", project),
        )
        if not value
    ]
    if missing:
        raise ConfigError(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set")
    iid = environ["CI_MERGE_REQUEST_IID"]
    page = environ.get("CI_MERGE_REQUEST_PROJECT_URL") or environ.get("CI_PROJECT_URL") or ""
    return GitLab(
        environ["CI_API_V4_URL"].rstrip("/"),
        environ["GITLAB_TOKEN"].strip(),
        project=project,
        iid=iid,
        page=f"{page}/-/merge_requests/{iid}" if page else "",
    )


def _is_same(body: str, text: str) -> bool:
    # Forges may keep other line ends, and strip what is around a text.
    return body.replace("\r\n", "\n").strip() == text.strip()


def _said(response: requests.Response) -> str:
    """The forge's own words: GitHub's message and errors, GitLab's message or error; none of
    another server's page."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    said = [body.get("message") or body.get("error") or ""]
    said += [each.get("message", "") for each in body.get("errors") or () if isinstance(each, dict)]
    text = ", ".join(each if isinstance(each, str) else json.dumps(each) for each in said if each)
    return f" ({text[:300]})" if text else ""
