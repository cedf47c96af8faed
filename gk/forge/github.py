"""Comments on GitHub: https://docs.github.com/en/rest/issues/comments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gk.errors import ConfigError
from gk.forge.review import DeniedError, Note, Review

__all__ = ["GitHub", "pull_request"]


@dataclass
class GitHub(Review):
    """A pull request of github.com or of GitHub Enterprise; `repository` is `owner/name`."""

    repository: str = ""
    number: int = 0
    is_fork: bool = False
    """Its branch is in another repository: GitHub gives its runs a read-only token."""

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

    def _ours(self, marker: str) -> list[Note]:
        # GitHub's API treats a pull request as an issue; the comments are the issue's.
        is_ours = self._who()
        return [
            Note(comment["id"], comment["body"], comment["html_url"])
            for comment in self.pages(f"/repos/{self.repository}/issues/{self.number}/comments")
            if (comment.get("body") or "").startswith(marker) and is_ours(comment.get("user") or {})
        ]

    def _who(self) -> Callable[[Mapping[str, Any]], bool]:
        """Whether an author is us. A token with write access could edit anybody's comment, so the
        marker is not enough.

        The token of a workflow, or of an app, is nobody's: it may not ask who it is (403). Then it
        writes as a bot, and people cannot.
        """
        try:
            login = self.get("/user")["login"]
        except DeniedError as error:
            # 401 is a wrong token, 403 one that belongs to no user.
            if error.status == 401:
                raise
            return lambda user: user.get("type") == "Bot"
        return lambda user: bool(user.get("login") == login)

    def _create(self, text: str) -> str:
        path = f"/repos/{self.repository}/issues/{self.number}/comments"
        return str(self.json("POST", path, json={"body": text})["html_url"])

    def _edit(self, id_: int, text: str) -> None:
        self.send("PATCH", f"/repos/{self.repository}/issues/comments/{id_}", json={"body": text})

    def _delete(self, id_: int) -> None:
        self.send("DELETE", f"/repos/{self.repository}/issues/comments/{id_}")

    def _advice(self, status: int) -> str:
        if status == 403 and self.is_fork:
            return (
                "; the pull request comes from a fork, and GitHub gives its runs a read-only "
                "token. The report is in the job's summary; docs/ci.md (Forks) shows a second "
                "workflow that may comment"
            )
        # GitHub answers 404 where a token may not even see the repository.
        if status in (403, 404):
            return "; give the job `permissions: {contents: read, pull-requests: write}`"
        return "; GITHUB_TOKEN is not valid, or has expired" if status == 401 else ""


def pull_request(environ: Mapping[str, str]) -> GitHub:
    """The pull request that this workflow runs for. Raises ConfigError and ForgeError."""
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
    # It becomes a part of URLs to which the token is sent.
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"GITHUB_REPOSITORY is '{repository}', not owner/name")
    event = _event(environ["GITHUB_EVENT_PATH"])
    api = environ.get("GITHUB_API_URL") or "https://api.github.com"
    review = GitHub(api.rstrip("/"), environ["GITHUB_TOKEN"].strip(), repository=repository)
    # The second workflow of docs/ci.md, which may comment on the pull request of a fork.
    if run := event.get("workflow_run"):
        review.number = _number_of_run(review, run)
    elif pull := event.get("pull_request"):
        review.number = int(pull["number"])
        # A fork that was deleted meanwhile has no repo.
        review.is_fork = ((pull["head"].get("repo") or {}).get("full_name")) != pull["base"][
            "repo"
        ]["full_name"]
    else:
        name = environ.get("GITHUB_EVENT_NAME") or "this event"
        raise ConfigError(
            f"{name} has no pull request to comment on: run the job `on: pull_request` (docs/ci.md)"
        )
    return review


def _event(path: str) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"GITHUB_EVENT_PATH names {path}, which is not a GitHub event: {error}"
        ) from None
    return event if isinstance(event, dict) else {}


def _number_of_run(review: GitHub, run: Mapping[str, Any]) -> int:
    """The pull request that another workflow ran for.

    GitHub lists none for a fork's. It is found by its branch then, and is the one whose last commit
    the run was for: all of that is what GitHub says of the run, nothing what the run says of
    itself.
    """
    numbers = {int(pull["number"]) for pull in run.get("pull_requests") or ()}
    head = run.get("head_repository") or {}
    if not numbers and head.get("full_name"):
        owner = head["full_name"].partition("/")[0]
        with review:
            pulls = review.pages(
                f"/repos/{review.repository}/pulls",
                state="open",
                head=f"{owner}:{run['head_branch']}",
            )
            numbers = {
                int(pull["number"]) for pull in pulls if pull["head"]["sha"] == run["head_sha"]
            }
    if len(numbers) != 1:
        known = (
            f"{len(numbers)} pull requests ({', '.join(f'{number}' for number in sorted(numbers))})"
            if numbers
            else "none"
        )
        raise ConfigError(
            f"no single open pull request has {run.get('head_sha')} as its last commit; GitHub "
            f"knows {known}. If there are newer commits, their own run comments"
        )
    return numbers.pop()
