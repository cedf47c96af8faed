"""The wheel: gk, whole, with this repository's own definitions for `gk init`, and its version."""

from __future__ import annotations

import base64
import configparser
import email
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import gk
from tests.conftest import REPOSITORY, ProjectFolder

SOURCES = ("gk", "dashboards", "datasources", "alerts", "tests", "benchmarks", "docs")
FILES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
VERSION = "1.2.3"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of a copy: building leaves traces in the folder it is built in."""
    copy = tmp_path_factory.mktemp("copy")
    for name in SOURCES:
        shutil.copytree(
            REPOSITORY / name,
            copy / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for name in FILES:
        shutil.copy(REPOSITORY / name, copy)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            "out",
            *_isolation(),
            ".",
        ],
        cwd=copy,
        # The copy has no tags.
        env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": VERSION},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if ran.returncode and "setuptools>=71" in ran.stderr:
        pytest.skip("setuptools is not installed, and cannot be downloaded")
    assert 0 == ran.returncode, ran.stderr
    (built,) = (copy / "out").glob("*.whl")
    return built


def _isolation() -> list[str]:
    """Nothing is downloaded where a setuptools is installed that makes wheels by itself."""
    try:
        major = int(importlib.metadata.version("setuptools").partition(".")[0])
    except importlib.metadata.PackageNotFoundError:
        major = 0
    return ["--no-build-isolation"] if major > 70 else []


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> Message:
    """The metadata of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"grafana_gk-{VERSION}.dist-info/METADATA"))


def test_the_wheel_has_all_of_gk_and_nothing_else(wheel: Path) -> None:
    """Every module, the mark that says it is typed, templates, and what `gk init --with` brings.

    As packages of their own, the definitions would be in the way of a team's.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    files = [
        *(REPOSITORY / "gk").rglob("*.py"),
        *(REPOSITORY / "gk" / "check" / "forms" / "templates").iterdir(),
        *(REPOSITORY / "gk" / "diff" / "forms" / "templates").iterdir(),
        *(REPOSITORY / "gk" / "init" / "templates").iterdir(),
        *(REPOSITORY / "gk" / "preview" / "kinds" / "templates").iterdir(),
        *(REPOSITORY / "gk" / "preview" / "page" / "templates").iterdir(),
    ]
    own = {path.relative_to(REPOSITORY).as_posix() for path in files}
    shipped = {
        f"gk/init/shipped/{folder}/{path.name}"
        for folder, source in (
            ("dashboards", "dashboards/*.py"),
            ("alerts", "alerts/*.py"),
            ("runbooks", "docs/runbooks/*.md"),
        )
        for path in REPOSITORY.glob(source)
    }
    assert own | shipped | {"gk/py.typed"} == names


@pytest.mark.parametrize("path", ["dashboards/node.py", "alerts/node.py"])
def test_what_is_shipped_is_what_this_repository_builds(wheel: Path, path: str) -> None:
    """The wheel has the files themselves, of which gk/init/shipped has links."""
    with zipfile.ZipFile(wheel) as archive:
        assert (REPOSITORY / path).read_bytes() == archive.read(f"gk/init/shipped/{path}")


def test_the_wheel_has_the_command_and_the_plugin_of_pytest(wheel: Path) -> None:
    """`pip install grafana-gk` gives the command `gk`, and its fixtures to every run of pytest."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"grafana_gk-{VERSION}.dist-info/entry_points.txt").decode()

    entries = configparser.ConfigParser()
    entries.read_string(text)
    assert {"gk": "gk.cli:main"} == dict(entries["console_scripts"])
    assert {"gk": "gk.testing.plugin"} == dict(entries["pytest11"])


def test_the_metadata_is_complete(metadata: Message) -> None:
    """Name, version, licence, the oldest Python, and the README as description."""
    assert ("grafana-gk", VERSION, "Apache-2.0", ">=3.10") == tuple(
        metadata[name] for name in ("Name", "Version", "License", "Requires-Python")
    )
    description = metadata.get_payload()
    assert isinstance(description, str)
    assert (REPOSITORY / "README.md").read_text("utf-8").strip() == description.strip()


def test_optional_packages_are_no_requirements(metadata: Message) -> None:
    """The Foundation SDK and what tests need are extras."""
    required = [
        requirement
        for requirement in metadata.get_all("Requires-Dist", [])
        if "extra ==" not in requirement
    ]

    assert [] == [
        requirement
        for requirement in required
        if requirement.startswith(("grafana-foundation-sdk", "pytest", "mypy"))
    ]


def test_the_wheel_builds_a_project(wheel: Path, project: ProjectFolder) -> None:
    """Nothing of gk needs a file that is in this repository alone."""
    project.write(
        {
            "dashboards/d.py": (
                'from gk import Dashboard, stat\n\nd = Dashboard("D", panels=[stat("Up", "up")])\n'
            )
        }
    )
    code = "import gk, sys; from gk.cli import main; print(gk.__file__, file=sys.stderr); main()"

    ran = subprocess.run(
        [sys.executable, "-c", code, "build"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (0, f"{wheel}/gk/__init__.py\n") == (ran.returncode, ran.stderr)
    assert "+ grafana/dashboards/general/d.json\n" in ran.stdout


# The version


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """A repository with the files that decide the version, at the tag v1.2.3."""
    for name in (*FILES, ".git_archival.txt", ".gitattributes"):
        shutil.copy(REPOSITORY / name, tmp_path)
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message", "release")
    _git(tmp_path, "tag", f"v{VERSION}")
    return tmp_path


def test_the_version_is_that_of_the_tag(tagged: Path) -> None:
    assert VERSION == _version_in(tagged)


def test_a_commit_after_the_tag_has_a_version_of_its_own(tagged: Path) -> None:
    """It is higher than the tag's, and names the commit."""
    _git(tagged, "commit", "--quiet", "--allow-empty", "--message", "more")

    assert _version_in(tagged).startswith("1.2.4.dev1+g")


def test_an_archive_of_a_tag_has_its_version(tagged: Path, tmp_path: Path) -> None:
    """GitHub downloads an action as an archive, which has no .git."""
    archive = tmp_path / "archive"
    archive.mkdir()
    _git(tagged, "archive", "--output", f"{tmp_path}/all.tar", "HEAD")
    shutil.unpack_archive(tmp_path / "all.tar", archive, filter="data")

    assert VERSION == _version_in(archive)


def test_a_copy_without_git_builds_all_the_same(tagged: Path) -> None:
    """A Containerfile copies the files alone."""
    shutil.rmtree(tagged / ".git")

    assert "0.0" == _version_in(tagged)


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True)


def _version_in(folder: Path) -> str:
    """The version of what is built in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "setuptools_scm"],
        cwd=folder,
        # A folder above may be a repository, too.
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()


# Neighbours


def test_gk_brings_nothing_that_replaces_another_package_s_files() -> None:
    """niquests needs urllib3-future, which puts itself in the place of everybody's urllib3."""
    closure = _closure(gk.DISTRIBUTION)

    assert {"grafana-client", "requests", "urllib3"} <= closure
    assert set() == closure & {"niquests", "urllib3-future"}


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_the_lock_files_have_nothing_that_replaces_another_package_s_files(name: str) -> None:
    """A newer grafana-client would bring both."""
    lock = (REPOSITORY / "requirements" / f"{name}.txt").read_text("utf-8")
    names = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}

    assert {"grafana-client", "urllib3"} <= names
    assert set() == names & {"niquests", "urllib3-future"}


def test_what_is_installed_fits_together() -> None:
    """No package has replaced one that another needs in its version."""
    check = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    ran = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)

    assert 0 == ran.returncode, ran.stdout


def test_urllib3_is_the_one_that_was_installed() -> None:
    """Every module has the hash that its distribution recorded, and no other module is among
    them."""
    distribution = importlib.metadata.distribution("urllib3")
    recorded = {
        Path(str(distribution.locate_file(file))): file.hash
        for file in distribution.files or ()
        if file.suffix == ".py"
    }
    modules = {
        file: file.read_bytes()
        for file in Path(str(distribution.locate_file("urllib3"))).rglob("*.py")
    }

    assert recorded.keys() == modules.keys()
    assert [] == [
        file
        for file, hash in recorded.items()
        if hash is None or _digest(modules[file], hash.mode) != hash.value
    ]


def _closure(name: str) -> set[str]:
    """The names of a distribution and of all that it requires here, without extras."""
    seen: set[str] = set()
    open_ = [name]
    while open_:
        one = open_.pop().lower().replace("_", "-")
        if one not in seen:
            seen.add(one)
            required = map(Requirement, importlib.metadata.requires(one) or ())
            open_ += [
                requirement.name
                for requirement in required
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            ]
    return seen


def _digest(content: bytes, mode: str) -> str:
    return base64.urlsafe_b64encode(hashlib.new(mode, content).digest()).decode().rstrip("=")
