"""The lock files: every package that setup.cfg asks for, in one version that fits, with hashes, and
nothing else."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.cases import every
from tests.conftest import REPOSITORY

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
SYSTEMS = {"linux": "Linux", "darwin": "Darwin"}
FILES = {
    name: REPOSITORY / "requirements" / f"{name}.txt"
    for name in ("runtime", "dev", "tools", "site")
}


@dataclass(frozen=True)
class Locked:
    """A package of a lock file."""

    requirement: Requirement
    hashes: tuple[str, ...]

    def counts(self, python: str, system: str) -> bool:
        """Whether it is installed there."""
        return _applies(self.requirement.marker, python, system)


def _applies(marker: Marker | None, python: str, system: str) -> bool:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": system,
        "platform_system": SYSTEMS[system],
        "extra": "",
    }
    return marker is None or marker.evaluate(environment)


def locked(name: str) -> list[Locked]:
    """The packages of a lock file. A line that is anything else is an error."""
    text = re.sub(r"^\s*#.*\n", "", FILES[name].read_text(encoding="utf-8"), flags=re.MULTILINE)
    packages = []
    for line in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), line
        packages.append(Locked(Requirement(requirement), tuple(hashes)))
    return packages


def required(extra: str = "") -> Iterator[Requirement]:
    """What setup.cfg requires, with an extra or without, and what builds gk."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    texts = [
        parser["options"]["install_requires"],
        (REPOSITORY / "requirements/build.in").read_text(encoding="utf-8"),
    ]
    if extra:
        texts.append(parser["options.extras_require"][extra])
    for line in "\n".join(texts).splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield Requirement(line)


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_one_version_and_hashes(name: str) -> None:
    """A range could be anything tomorrow, and a file without a hash could be anybody's."""
    packages = locked(name)

    assert len(packages) > 10
    assert [] == [
        str(package.requirement)
        for package in packages
        if not re.fullmatch(r"==[^*,]+", str(package.requirement.specifier))
        or not package.hashes
        or package.requirement.url
    ]


@pytest.mark.parametrize("name", FILES)
def test_no_address_is_in_a_lock_file(name: str) -> None:
    """Where packages come from is pip's setting."""
    lines = [
        line
        for line in FILES[name].read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]

    assert [] == [line for line in lines if "://" in line or re.match(r"\s*-(?!-hash=)", line)]


@every("python", PYTHONS)
@every("system", SYSTEMS)
@every("name, extra", [("runtime", ""), ("dev", "dev")])
def test_what_setup_cfg_requires_is_locked_in_a_version_that_fits(
    name: str, extra: str, python: str, system: str
) -> None:
    """On every Python that gk runs on; after a change of setup.cfg: `make lock`."""
    versions = {
        canonicalize_name(package.requirement.name): next(
            iter(package.requirement.specifier)
        ).version
        for package in locked(name)
        if package.counts(python, system)
    }

    missing = [
        str(requirement)
        for requirement in required(extra)
        if _applies(requirement.marker, python, system)
        and not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]
    assert [] == missing


@every("python", PYTHONS)
@every("name", FILES)
def test_no_package_is_locked_twice(name: str, python: str) -> None:
    names = [
        package.requirement.name for package in locked(name) if package.counts(python, "linux")
    ]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_what_users_get(python: str) -> None:
    """What gk needs is there in the same versions and with the same hashes when it is tested."""
    dev = {
        (str(package.requirement.specifier), package.requirement.name, package.hashes)
        for package in locked("dev")
    }

    assert [] == [
        str(package.requirement)
        for package in locked("runtime")
        if (str(package.requirement.specifier), package.requirement.name, package.hashes) not in dev
    ]


def test_everything_is_installed_from_the_lock_files() -> None:
    """Each pip install has hashes, or is of gk alone, built by what is installed already."""
    template = yaml.safe_load(
        (REPOSITORY / "templates/gk-diff.gitlab-ci.yml").read_text(encoding="utf-8")
    )
    lines = [
        line
        for file in ("Makefile", "action.yml", "comment/action.yml", ".ci/run", "Containerfile")
        for line in (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
        if re.search(r"pip install --no|PIP_INSTALL\)|\{pip\[@\]\}", line)
    ]
    (install,) = (
        command for command in template[".gk diff"]["before_script"] if "pip install" in command
    )
    lines += [line for line in install.partition("else")[0].splitlines() if "$pip " in line]

    assert 13 == len(lines)
    assert [] == [
        line
        for line in lines
        if not re.search(r"--require-hashes --only-binary :all:|\$\(LOCKED\)", line)
        and "--no-deps --no-build-isolation" not in line
    ]


# The audit

AUDIT = REPOSITORY / ".ci" / "audit.py"


def audit(tmp_path: Path, said: str, code: int = 0) -> tuple[int, str]:
    """Run the audit of a file with a pip-audit that says something."""
    for name, text in {
        "python": f'#!/bin/sh\nexec -a "$0" {sys.executable} "$@"\n',
        "pip-audit": said,
    }.items():
        file = tmp_path / name
        file.write_text(
            text if name == "python" else f"#!/bin/sh\n{text}\nexit {code}\n", encoding="utf-8"
        )
        file.chmod(0o755)
    script = (
        f"import sys; sys.executable = {str(tmp_path / 'python')!r}; sys.argv = "
        "['audit', 'lock.txt']"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{script}; import runpy; runpy.run_path({str(AUDIT)!r}, run_name='__main__')",
        ],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "" == ran.stderr
    return ran.returncode, ran.stdout


def answer(*dependencies: object) -> str:
    """A pip-audit that prints its JSON."""
    return f"cat <<'END'\n{json.dumps({'dependencies': dependencies})}\nEND"


FINE = {"name": "attrs", "version": "26.1.0", "vulns": []}
SKIPPED = {
    "name": "rich",
    "skip_reason": "Dependency not found on PyPI and could not be audited: rich (15.0.0)",
}
VULNERABLE = {
    "name": "jinja2",
    "version": "3.1",
    "vulns": [{"id": "CVE-1", "fix_versions": ["3.2"], "aliases": []}],
}


def test_a_known_vulnerability_fails(tmp_path: Path) -> None:
    code, out = audit(tmp_path, answer(FINE, VULNERABLE), 1)

    assert (1, "lock.txt: jinja2 3.1 has CVE-1: fixed in 3.2\naudited 2 of 2 of lock.txt\n") == (
        code,
        out,
    )


def test_nothing_known_passes(tmp_path: Path) -> None:
    assert (0, "audited 1 of 1 of lock.txt\n") == audit(tmp_path, answer(FINE))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(
            "echo 'ERROR: connection refused' >&2", "ERROR: connection refused", id="no network"
        ),
        pytest.param("true", "ValueError", id="silence"),
        pytest.param("echo '<html>'", "Expecting value: line 1 column 1 (char 0)", id="no JSON"),
        pytest.param(answer(), "pip-audit found no package in it", id="nothing"),
        pytest.param(answer(SKIPPED), "nobody answered for any package", id="all skipped"),
        pytest.param(answer(FINE, SKIPPED), "nobody answered for rich", id="one skipped"),
    ],
)
def test_what_nobody_answers_for_is_told_and_does_not_fail(
    tmp_path: Path, said: str, told: str
) -> None:
    """pip-audit would say that nothing is known of a package that it could not ask about."""
    code, out = audit(tmp_path, said, 1 if "echo" in said else 0)

    assert 0 == code
    assert f"NOT AUDITED: lock.txt: {told}\n" == out.splitlines(keepends=True)[-1]


def test_ci_audits_every_lock_file() -> None:
    """What is in runtime.txt is in dev.txt, too."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    (line,) = (candidate for candidate in makefile.splitlines() if ".ci/audit.py" in candidate)

    audited = [f"requirements/{name}.txt" for name in ("dev", "tools", "site")]
    assert audited == line.split(".ci/audit.py ")[1].split()
    assert "\nmake audit\n" in (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
