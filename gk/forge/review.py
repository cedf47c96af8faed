"""A pull request or merge request, and the one comment that gk keeps there."""

from __future__ import annotations

import json
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

import gk
from gk.errors import ConfigError, GkError
from gk.http import network
from gk.http.urls import is_loopback, without_password

__all__ = ["MARKER_ROOM", "Comment", "DeniedError", "ForgeError", "Note", "Review", "marker"]

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for an answer."""
TRIES = 4
LONGEST_WAIT = 60
"""Seconds: a forge that asks for a longer pause (Retry-After) is not waited for."""
PAGE = 100
"""Comments of one request: the most that both forges give."""
MOST_PAGES = 200
"""20,000 comments: a forge that never ends a list must not hold gk."""
MARKER_ROOM = 300
"""Bytes of a comment that are kept for the marker."""


class ForgeError(GkError):
    """GitHub or GitLab refused a request, or did not answer it. `status` is that of the answer, 0
    without one."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class UnclearError(ForgeError):
    """It is unknown whether a write was done: no answer, or that of a proxy, or of a server that
    failed midway."""


class DeniedError(ForgeError):
    """401, 403, 404 or 410: the token may not change the comment, or the comment is gone."""


@dataclass(frozen=True, slots=True)
class Comment:
    """The comment as it is now: its URL, and what became of it: `created`, `updated` or
    `unchanged`; `none` where there is none, and none was wanted."""

    url: str
    did: str


@dataclass(frozen=True, slots=True)
class Note:
    """An existing comment."""

    id: int
    body: str
    url: str


def marker(project: str) -> str:
    """The hidden line by which a project's comment is found again; each project of a repository has
    its own."""
    # `--` ends an HTML comment for some readers.
    name = re.sub(r"[^\w./ ]+|-{2,}", "-", project).strip("-")[:50]
    return f"<!-- gk diff: {name} -->"


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
        self._shown = without_password(self.api)
        scheme = urlsplit(self.api).scheme
        # http is safe only on this machine.
        if scheme != "https" and not (scheme == "http" and is_loopback(self.api)):
            raise ConfigError(
                f"{self._variable} is '{self._shown}': use https, because others could read the "
                "token"
            )
        if not re.fullmatch(r"[!-~]+", self.token):
            raise ConfigError(f"{self._secret} contains characters that a token cannot have")
        self._session = network.session(self.api, os.environ)
        # GitHub asks clients to name themselves in User-Agent.
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
        denied: DeniedError | None = None
        ours = self._ours(marker)
        for index, note in enumerate(ours):
            try:
                if is_edited := not _is_same(note.body, text):
                    self._edit(note.id, text)
            except DeniedError as error:
                # Somebody deleted it since it was listed, or it belongs to another bot.
                denied = error
                continue
            return self._settled(note, ours[index + 1 :], "updated" if is_edited else "unchanged")
        if is_news:
            return self._created(text, marker)
        # A comment that is gone (404) cannot show outdated text.
        if denied and denied.status != 404:
            raise denied
        return Comment("", "none")

    def _settled(self, kept: Note, others: list[Note], did: str) -> Comment:
        for note in others:
            # It would be left with what was true once. It may be gone already.
            with suppress(DeniedError):
                self._delete(note.id)
        return Comment(kept.url, did)

    def _created(self, text: str, marker: str) -> Comment:
        """Create the comment. Before a repetition, look whether the first attempt did it."""
        for attempt in range(TRIES):
            try:
                return Comment(self._create(text), "created")
            except UnclearError:
                time.sleep(self.pause * 2**attempt)
                if there := [note.url for note in self._ours(marker) if _is_same(note.body, text)]:
                    return Comment(there[0], "created")
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    @property
    @abstractmethod
    def _variable(self) -> str:
        """The variable with the API's URL."""

    @property
    @abstractmethod
    def _secret(self) -> str:
        """The variable with the token."""

    @abstractmethod
    def _headers(self) -> dict[str, str]: ...

    @abstractmethod
    def _ours(self, marker: str) -> list[Note]:
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
        """Advice for a refusal with this status."""

    def pages(self, path: str, **parameters: str) -> Iterator[Mapping[str, Any]]:
        """The entries of all pages of a list. gk asks for pages by number, and follows no URL of an
        answer."""
        for page in range(1, MOST_PAGES + 1):
            # Both forges have these two parameters and a Link header.
            asked = {**parameters, "per_page": str(PAGE), "page": str(page)}
            response = self.send("GET", path, params=asked)
            entries = self._parsed("GET", path, response)
            if not isinstance(entries, list):
                raise ForgeError(
                    f"{self._named('GET', path)}: the answer is not a list; check the API URL"
                )
            yield from entries
            if "next" not in response.links:
                return

    def get(self, path: str, **parameters: str) -> Any:
        """The forge's answer to a GET. Raises ForgeError."""
        return self.json("GET", path, params=parameters)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer to a request, if it succeeded. Raises ForgeError, which never contains the
        token or the request's body."""
        for attempt in range(TRIES):
            is_last = attempt == TRIES - 1
            try:
                response = self._session.request(
                    method, f"{self.api}{path}", timeout=TIMEOUT, allow_redirects=False, **options
                )
            except requests.RequestException as error:
                if method == "POST" or is_last:
                    # The text of the exception may have headers of a proxy in it; its type says
                    # enough.
                    message = f"{self._named(method, path)}: no answer ({type(error).__name__})"
                    raise UnclearError(message) from None
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
            f"{self._named(method, path)}: "
            f"{status} {response.reason}{_said(response)}{self._advice(status)}"
        )
        if 300 <= status < 400:
            raise ForgeError(f"{message}; redirects are not followed with a token", status)
        if status in (401, 403, 404, 410):
            raise DeniedError(message, status)
        raise (UnclearError if status >= 500 else ForgeError)(message, status)

    def _named(self, method: str, path: str) -> str:
        return f"{method} {self._shown}{path}"

    def json(self, method: str, path: str, **options: Any) -> Any:
        """The forge's answer to any request. Raises ForgeError."""
        return self._parsed(method, path, self.send(method, path, **options))

    def _parsed(self, method: str, path: str, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise ForgeError(
                f"{self._named(method, path)}: the answer is not JSON; check the API URL"
            ) from None


def _is_same(body: str, text: str) -> bool:
    # Forges may keep other line ends, and strip what is around a text.
    return body.replace("\r\n", "\n").strip() == text.strip()


def _said(response: requests.Response) -> str:
    """The forge's own words: GitHub's message and errors, GitLab's message or error; nothing of
    another server's page."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    said = [body.get("message") or body.get("error") or ""]
    said += [
        error.get("message", "") for error in body.get("errors") or () if isinstance(error, dict)
    ]
    text = ", ".join(
        words if isinstance(words, str) else json.dumps(words) for words in said if words
    )
    return f" ({text[:300]})" if text else ""
