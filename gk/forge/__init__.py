"""The pull request or merge request that a pipeline runs for, and the one comment that gk keeps
there. Knows nothing of what the comment says.
"""

from __future__ import annotations

from collections.abc import Mapping

from gk.errors import ConfigError
from gk.forge.github import GitHub, pull_request
from gk.forge.gitlab import GitLab, merge_request
from gk.forge.review import Comment, ForgeError, Review, marker

__all__ = ["Comment", "ForgeError", "GitHub", "GitLab", "Review", "marker", "review"]


def review(environ: Mapping[str, str]) -> Review:
    """The pull request or merge request that this pipeline runs for, from what GitHub Actions and
    GitLab CI set.

    Raises ConfigError with the missing variables, and ForgeError if GitHub does not answer.
    """
    if environ.get("GITLAB_CI"):
        return merge_request(environ)
    if environ.get("GITHUB_ACTIONS") or environ.get("GITHUB_EVENT_PATH"):
        return pull_request(environ)
    raise ConfigError(
        "there is no pull request to comment on: neither GITHUB_ACTIONS nor GITLAB_CI is set; "
        "elsewhere, write the report with --output report.md and post it with your CI's own step "
        "(docs/ci.md)"
    )
