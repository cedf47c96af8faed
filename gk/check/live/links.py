"""What the links in the texts of rules answer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from gk.check.subjects import Project
from gk.errors import ConfigError
from gk.http import network

__all__ = ["Links"]

_URL = re.compile(r"https?://[^\s\"'<>]+")
_AT_ONCE = 8
_NEEDS_LOGIN = (401, 403)
"""The page is there, and not for everybody."""
# Some servers answer a program that does not say who it is with an error.
_HEADERS = {"User-Agent": "gk check"}


class Links:
    """The links of a project's rules; each is asked once, when the first one is wanted."""

    def __init__(self, project: Project) -> None:
        texts = [text for rule in project.rules for text in rule.annotations.values()]
        self.urls: Sequence[str] = tuple(
            dict.fromkeys(url for text in texts for url in self.of(text))
        )
        self._asked: dict[tuple[Sequence[str], float], Mapping[str, str]] = {}

    def of(self, text: object) -> Iterator[str]:
        """The URLs in a text; not those that a template completes."""
        for url in _URL.findall(text) if isinstance(text, str) else ():
            if "{{" not in url:
                # What ends the sentence around a URL is not part of it.
                yield url.rstrip(".,;:!?)")

    def wrong(self, urls: Sequence[str], timeout: float) -> Mapping[str, str]:
        """What is wrong with those of the URLs that do not answer with a page."""
        asked = tuple(urls), timeout
        if asked not in self._asked:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gk-links") as pool:
                answers = pool.map(lambda url: _mistake(url, timeout), urls)
                self._asked[asked] = {
                    url: mistake for url, mistake in zip(urls, answers, strict=True) if mistake
                }
        return self._asked[asked]


def _mistake(url: str, timeout: float) -> str:
    """What is wrong with the answer of a URL; empty if nothing is."""
    try:
        with network.session(url, os.environ) as session:
            response = session.get(url, timeout=timeout, headers=_HEADERS)
    except (requests.RequestException, ConfigError, ValueError) as error:
        return f"does not answer: {network.reason(error)}"
    if response.ok or response.status_code in _NEEDS_LOGIN:
        return ""
    return f"answers {response.status_code} {response.reason}".rstrip()
