"""Look for known vulnerabilities of the packages that lock files name.

    .venv-tools/bin/python .ci/audit.py requirements/runtime.txt ...

Of each file, this is what the Python that runs it would install. Exit code 1 for a vulnerability.
Where nobody answers in time, a line says what was not audited, and the exit code is 0: no network
is no reason to stop. pip-audit itself says "No known vulnerabilities found" even where it could ask
about nothing, so what counts is what it says of each package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ANSWER = 10
"""Seconds for one answer."""
ALL = 60
"""Seconds for one file."""


def main(files: list[str]) -> int:
    """Audit the files; the exit code."""
    found = [line for file in files for line in audit(file)]
    return 1 if any(found) else 0


def audit(file: str) -> list[str]:
    """Print what became of a file; its vulnerabilities, a line each."""
    try:
        dependencies = ask(file)
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        print(f"NOT AUDITED: {file}: {reason(error)}")
        return []
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    vulnerable = [
        (
            f"{file}: {each['name']} {each['version']} has {one['id']}: "
            f"fixed in {', '.join(one['fix_versions']) or 'none'}"
        )
        for each in dependencies
        for one in each.get("vulns", ())
    ]
    print(
        "\n".join(
            [
                *vulnerable,
                f"audited {len(dependencies) - len(skipped)} of {len(dependencies)} of {file}",
            ]
        )
    )
    if skipped:
        which = "any package" if len(skipped) == len(dependencies) else ", ".join(skipped)
        print(f"NOT AUDITED: {file}: nobody answered for {which}")
    return vulnerable


def ask(file: str) -> list[dict[str, object]]:
    """What pip-audit says of each package. It installs and runs none of them."""
    ran = subprocess.run(
        [
            Path(sys.executable).with_name("pip-audit"),
            *("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
            *("--timeout", str(ANSWER), "--requirement", file),
        ],
        capture_output=True,
        text=True,
        timeout=ALL,
        check=False,
    )
    if not ran.stdout.strip():
        raise ValueError(ran.stderr.strip())
    dependencies: list[dict[str, object]] = json.loads(ran.stdout)["dependencies"]
    if not dependencies:
        raise ValueError("pip-audit found no package in it")
    return dependencies


def reason(error: Exception) -> str:
    """The last line of what went wrong."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {ALL} s"
    return (str(error).splitlines() or [type(error).__name__])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
