"""Comments on GitLab: https://docs.gitlab.com/api/notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gk.errors import ConfigError
from gk.forge.review import MARKER_ROOM, Note, Review

__all__ = ["GitLab", "merge_request"]


@dataclass
class GitLab(Review):
    """A merge request of gitlab.com or of another GitLab; `project` is the id of the target
    project."""

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
        project, number = quote(self.project, safe=""), quote(self.iid, safe="")
        return f"/projects/{project}/merge_requests/{number}/notes"

    def _headers(self) -> dict[str, str]:
        return {"PRIVATE-TOKEN": self.token}

    def _ours(self, marker: str) -> list[Note]:
        # A project access token has a user of its own.
        me = self.get("/user")["id"]
        return [
            Note(note["id"], note["body"], self._url(note["id"]))
            for note in self.pages(self._path, sort="asc", order_by="created_at")
            if note["body"].startswith(marker)
            and note["author"]["id"] == me
            # System notes are GitLab's own, such as the one about new commits.
            and not note.get("system")
        ]

    def _url(self, id_: int) -> str:
        return f"{self.page}#note_{id_}" if self.page else ""

    def _create(self, text: str) -> str:
        return self._url(self.json("POST", self._path, json={"body": text})["id"])

    def _edit(self, id_: int, text: str) -> None:
        self.send("PUT", f"{self._path}/{id_}", json={"body": text})

    def _delete(self, id_: int) -> None:
        self.send("DELETE", f"{self._path}/{id_}")

    def _advice(self, status: int) -> str:
        # GitLab answers 404 where a token may not even see the project.
        if status in (401, 403, 404):
            return (
                "; GITLAB_TOKEN must be an access token of this project with the scope api and the "
                "role Reporter"
            )
        return ""


def merge_request(environ: Mapping[str, str]) -> GitLab:
    """The merge request that this pipeline runs for. Raises ConfigError."""
    if not environ.get("CI_MERGE_REQUEST_IID"):
        raise ConfigError(
            "CI_MERGE_REQUEST_IID is not set: this pipeline is not for a merge request; give the "
            "job `rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]` (docs/ci.md)"
        )
    if not environ.get("GITLAB_TOKEN"):
        raise ConfigError(
            "GITLAB_TOKEN is not set: create an access token of the project with the scope api and "
            "store it in a masked CI/CD variable; GitLab's own CI_JOB_TOKEN may not write "
            "comments. Pipelines of forks do not get the variable"
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
