"""What gk can know about a new repository without asking: its name, its forge, its address, and
where this gk came from."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from gk import DISTRIBUTION
from gk.settings.object_names import project_mistake

__all__ = ["FORGES", "Surroundings", "look_around", "project_name"]

FORGES: Mapping[str, str] = MappingProxyType({"github": "GitHub", "gitlab": "GitLab"})
"""The forges that there are CI files for."""
_SECONDS = 10
"""For a git command."""
_SCP = re.compile(r"(?:[^@/]+@)?([^:/]+):(?!//)(.+)")
"""git@github.com:team/shop.git."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known about the folder of a new repository."""

    forge: str = ""
    """A name of FORGES; empty if nothing tells."""
    address: str = ""
    """The repository's page; empty without a remote on a known forge."""
    repository: Path | None = None
    """The root of the git repository that the folder is in."""
    has_git: bool = True


def look_around(folder: Path) -> Surroundings:
    """Look at the folder, which need not exist, and at the git repository that it is in."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    try:
        root = _git(nearest, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        return Surroundings(forge=_forge_of_files(folder), has_git=False)
    if not root:
        return Surroundings(forge=_forge_of_files(folder))
    host, path = _split(_git(nearest, "remote", "get-url", "origin"))
    # Also a team's own, such as gitlab.example.com.
    forge = next((name for name in FORGES if name in host), "")
    return Surroundings(
        forge=forge or _forge_of_files(Path(root)),
        address=f"https://{host}/{path}" if forge else "",
        repository=Path(root),
    )


def project_name(folder: Path) -> str:
    """A name for the project in a folder; empty if the folder's name has no letter or digit that a
    project's name may have."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name)[:40].strip("-._")
    return "" if project_mistake(name) else name


def requirement() -> str:
    """The requirement that installs this gk: a release, or the tag or commit of its repository."""
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return DISTRIBUTION
    # Installers write it for what does not come from an index (PEP 610).
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    if "vcs_info" in origin:
        revision = origin["vcs_info"].get("requested_revision") or origin["vcs_info"]["commit_id"]
        return f"{DISTRIBUTION} @ git+{_without_secret(origin['url'])}@{revision}"
    # The version of a commit between two tags has a suffix, and is on no index.
    is_release = re.fullmatch(r"[\d.]+", installed.version) and not origin
    return f"{DISTRIBUTION}=={installed.version}" if is_release else DISTRIBUTION


def _without_secret(url: str) -> str:
    """The URL without user and password, which may be a token. ssh has only a user."""
    parts = urlsplit(url)
    return (
        url
        if parts.scheme == "ssh"
        else parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    )


def _forge_of_files(root: Path) -> str:
    if (root / ".gitlab-ci.yml").exists():
        return "gitlab"
    return "github" if (root / ".github").exists() else ""


def _split(remote: str) -> tuple[str, str]:
    """Host and path of a remote, in any of git's forms."""
    if match := _SCP.fullmatch(remote):
        host, path = match[1], match[2]
    else:
        parts = urlsplit(remote)
        host, path = parts.hostname or "", parts.path
    return host.lower(), path.strip("/").removesuffix(".git")


def _git(folder: Path, *arguments: str) -> str:
    """What git prints; empty if it fails."""
    ran = subprocess.run(
        ["git", "-C", folder, *arguments],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return ran.stdout.strip() if ran.returncode == 0 else ""
