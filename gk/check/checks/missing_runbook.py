"""An alert links to a runbook that is not in the project.

Problem: the link leads nowhere, and nobody notices until the alert fires.

    links:
      runbooks: docs/runbooks/{alert}.md      and no file docs/runbooks/ApiErrors.md

Instead: write the file, or give the alert the runbook that it has.

    alert("ApiErrors", errors > 0.1, runbook="docs/runbooks/Api.md")

A path is relative to the project, or to its repository. A URL counts as one of a file of the
project if it ends in a path in `docs/`, and the project has others of these files:
`https://.../blob/main/docs/runbooks/ApiErrors.md`. Other URLs are not checked: that needs the
network (dead-link).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project

__all__ = ["missing_runbook"]

_ANNOTATIONS = ("runbook_url", "runbook", "runbook_link")
_URL = re.compile(r"https?://[^?#]+?/(?P<path>docs/[^?#]+\.(?:md|rst|txt|html|adoc))(?:[?#].*)?")
_PATH = re.compile(r"(?P<path>[\w.-][^:{}\s?#]*\.(?:md|rst|txt|html|adoc))(?:#.*)?")


@check(Severity.WARNING)
def missing_runbook(project: Project) -> Iterator[Found]:
    """Look for the file of each runbook."""
    given = [
        (rule, str(rule.annotations[name]))
        for rule in project.alerts
        for name in _ANNOTATIONS
        if rule.annotations.get(name)
    ]
    of_urls = [(rule, match["path"]) for rule, text in given if (match := _URL.fullmatch(text))]
    # A URL that ends alike may be one of another repository.
    is_ours = any(project.has_file(path) for _, path in of_urls)
    paths = [(rule, match["path"]) for rule, text in given if (match := _PATH.fullmatch(text))]
    for rule, path in [*paths, *(of_urls if is_ours else [])]:
        if not project.has_file(path):
            message = f"the project has no runbook {path}; write it, or name another with runbook="
            yield rule.found(message)
