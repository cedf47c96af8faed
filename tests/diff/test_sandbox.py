"""Definitions that mean harm: they run for ever, fork, look for secrets, write where they should
not, lie.

What only Landlock prevents is tested where the kernel has it (Linux, 5.13 and later).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gk.diff.compare import compare
from gk.diff.model import Mark
from gk.diff.sides import revision
from gk.diff.sides.git import parse
from gk.diff.sides.sandbox import abi
from gk.diff.sides.side import Side
from tests.diff.test_revisions import DASHBOARD, everything, git_in
from tests.diffs import sides, write

SECRET = "s3cr3t-of-the-reviewer"
landlock = pytest.mark.skipif(not abi(), reason="this kernel has no Landlock")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one dashboard, committed after `nothing`."""
    root = tmp_path / "team"
    write(root, {"dashboards/one.py": DASHBOARD})
    git = git_in(root)
    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    git("tag", "nothing")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    return root


Sides = Callable[..., tuple[Side, Side]]


def built(root: Path, definitions: str, timeout: float = 20, sides: Sides = sides) -> Side:
    """The side of a working tree with these definitions, too; the other side needs no process."""
    write(root, {"dashboards/evil.py": definitions})
    return sides(root, parse(["nothing"]), timeout)[1]


def title(root: Path, expression: str, before: str = "") -> str:
    """What an expression is in a definition, as a title shows it."""
    side = built(
        root,
        "from gk import Dashboard\n"
        f"{before}\n"
        f"evil = Dashboard(f'is {{{expression}}}', uid='evil')\n",
    )
    assert not side.problems
    return next(
        resource.title for resource in side.resources if resource.uid == "evil"
    ).removeprefix("is ")


def attempt(root: Path, statement: str) -> str:
    """The name of the error that a statement raises in a definition; empty for none."""
    lines = [
        "said = ''",
        "try:",
        f"    {statement}",
        "except Exception as error:",
        "    said = type(error).__name__",
    ]
    return title(root, "said", "\n".join(lines))


def processes(marker: str) -> list[str]:
    """The ids of the processes whose command has a text."""
    ids = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if marker.encode() in command.read_bytes():
                ids.append(command.parent.name)
    return ids


# Time and processes


def test_definitions_that_run_for_ever_are_ended(root: Path) -> None:
    start = time.monotonic()
    side = built(root, "while True: pass\n", timeout=1)
    assert ["the definitions did not load and compile within 1 s; increase --timeout"] == [
        problem.message for problem in side.problems
    ]
    assert time.monotonic() - start < 60


def test_the_other_side_is_compared_though_one_runs_for_ever(root: Path) -> None:
    write(root, {"dashboards/evil.py": "import time; time.sleep(1000)\n"})
    # The limit is for both sides, and a busy machine takes longer to load the other one.
    for seconds in (3, 12, 48):
        diff = compare(*sides(root, parse([]), timeout=seconds))
        if not diff.old_problems:
            break
    assert [Mark.UNKNOWN] == [change.mark for change in diff.changes]


@pytest.mark.parametrize("leave", ["", "os.setsid()", "os.setsid(); os.fork() and os._exit(0)"])
def test_what_definitions_start_ends_with_them(root: Path, leave: str) -> None:
    marker = f"gk-evil-{os.getpid()}-{len(leave)}"
    started = f"""
        import os, sys

        if os.fork() == 0:
            {leave}
            sleep = "import time; time.sleep(600)"
            os.execv(sys.executable, [sys.executable, "-c", sleep, "{marker}"])
    """
    side = built(root, started)
    assert not side.problems
    assert [] == processes(marker)


def test_processes_of_definitions_that_run_for_ever_are_ended(root: Path) -> None:
    marker = f"gk-evil-for-ever-{os.getpid()}"
    forking = f"""
        import os, subprocess, sys, time

        for _ in range(20):
            command = [sys.executable, "-c", "import time; time.sleep(600)", "{marker}"]
            subprocess.Popen(command, start_new_session=True)
        time.sleep(600)
    """
    assert built(root, forking, timeout=3).problems
    assert [] == processes(marker)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_comparison_leaves_nothing(
    root: Path, tmp_path: Path, number: signal.Signals
) -> None:
    marker = f"gk-evil-interrupted-{os.getpid()}-{number}"
    command = [sys.executable, "-c", "import time; time.sleep(600)", marker]
    write(root, {"dashboards/evil.py": f"import subprocess; subprocess.run({command!r})\n"})
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    # A process that was started in the background ignores Ctrl-C.
    code = (
        "import signal, sys; from pathlib import Path\n"
        "from gk.diff.sides.git import parse; from gk.diff.sides.revision import sides\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sides(Path(sys.argv[1]), parse([]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(root)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.DEVNULL,
    )
    while not processes(marker):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(20)
    assert [] == list(temporary.iterdir())
    assert [] == processes(marker)


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [
        ("import os; os._exit(0)\n", "left no result"),
        ("import os; os._exit(7)\n", "ended with exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n", "ended with signal SIGSEGV"),
        (
            "import sys; print('last words', file=sys.stderr, flush=True); "
            "import os; os._exit(3)\n",
            "exit code 3: last words",
        ),
        (
            "import os; os.write(2, b'a\\x1b[31mred\\x07\\n'); os._exit(3)\n",
            "exit code 3: a[31mred",
        ),
    ],
)
def test_a_process_that_ends_early_is_a_problem(
    root: Path, definitions: str, expected: str
) -> None:
    (problem,) = built(root, definitions).problems
    assert expected in problem.message


def test_an_exit_is_a_mistake_of_the_file(root: Path) -> None:
    side = built(root, "import sys; sys.exit(0)\n")
    assert {"dashboards/evil.py"} == side.broken
    assert ["one"] == [resource.uid for resource in side.resources]


def test_what_definitions_print_is_no_result(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    side = built(root, "for _ in range(100): print('x' * 50_000)\nimport os; os.write(1, b'raw')\n")
    assert ["one"] == [resource.uid for resource in side.resources]
    assert ("", "") == capfd.readouterr()


# Secrets


def test_the_environment_has_nothing_of_the_reviewers(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setenv("GRAFANA_TOKEN", SECRET)
    names = title(root, "names", "import os\nnames = ' '.join(sorted(os.environ))")
    assert set(names.split()) <= {
        *(
            "PATH",
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "HOME",
            "TMPDIR",
            "PYTHONDONTWRITEBYTECODE",
        ),
    }


@pytest.mark.parametrize("of", ["os.getppid()", "os.getpid()"])
def test_the_environment_of_other_processes_cannot_be_read(root: Path, of: str) -> None:
    # As gk is run: the secret is in the environment that its process began with.
    lines = [
        "import os",
        "said = b''",
        "try:",
        f"    said = open(f'/proc/{{{of}}}/environ', 'rb').read()",
        "except OSError: pass",
    ]
    definition = "\n".join(
        [*lines, "from gk import Dashboard", "evil = Dashboard(f'is {said!r}', uid='evil')"]
    )
    write(root, {"dashboards/evil.py": f"{definition}\n"})
    code = (
        "import sys; from pathlib import Path; from gk.diff.sides.git import parse; "
        "from gk.diff.sides.revision import sides\n"
        "side = sides(Path(sys.argv[1]), parse([]))[1]\n"
        "print([each.title for each in side.resources], side.problems)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        env={**os.environ, "GITHUB_TOKEN": SECRET},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is b" in ran.stdout
    assert SECRET not in ran.stdout


@landlock
def test_files_of_the_reviewer_cannot_be_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(SECRET, encoding="utf-8")
    assert "PermissionError" == attempt(root, f"open({str(tmp_path / 'credentials')!r}).read()")
    # The token of a checkout in CI is there.
    assert "PermissionError" == attempt(root, f"open({str(root / '.git' / 'config')!r}).read()")


def test_a_link_in_place_of_the_output_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    lying = """
        import os, pathlib

        for each in pathlib.Path("..").iterdir():
            if not each.is_dir():
                each.unlink()
                each.symlink_to("/proc/self/environ")
        os._exit(3)
    """
    (problem,) = built(root, lying, sides=revision.sides).problems

    assert "Permission denied" in problem.text or "ended with exit code 3" in problem.text
    # A process that is forked begins with the environment of another one.
    assert SECRET not in problem.text


# Files


@landlock
@pytest.mark.parametrize(
    "statement",
    [
        "open({path!r}, 'w').write('harmed')",
        "open({path!r}, 'r+').truncate(0)",
        "__import__('os').unlink({path!r})",
        "__import__('os').rename({path!r}, {path!r} + '.gone')",
        "__import__('os').mkdir({path!r} + '.new')",
        "__import__('os').symlink('/', {path!r} + '.link')",
        "__import__('os').link({path!r}, 'linked')",
    ],
)
def test_the_checkout_cannot_be_written_to_by_its_path(root: Path, statement: str) -> None:
    path = str(root / "dashboards" / "one.py")
    write(root, {"dashboards/evil.py": "pass\n"})
    before = {
        name: content for name, content in everything(root).items() if name != "dashboards/evil.py"
    }
    assert attempt(root, statement.format(path=path)) in ("PermissionError", "OSError")
    assert before == {
        name: content for name, content in everything(root).items() if name != "dashboards/evil.py"
    }


@pytest.mark.parametrize(
    "statement",
    [
        "open('dashboards/one.py', 'w').write('harmed')",
        "open(__file__, 'w').write('harmed')",
        "__import__('shutil').rmtree('dashboards')",
        "__import__('pathlib').Path(__file__).parents[1].joinpath('new').write_text('')",
    ],
)
def test_what_definitions_write_beside_themselves_is_in_a_copy(root: Path, statement: str) -> None:
    write(root, {"dashboards/evil.py": f"{statement}\n"})
    before = everything(root)
    _, new = sides(root, parse([]))
    assert before == everything(root)
    # It could write, only not here.
    assert not any("Error" in problem.text for problem in new.problems)


def test_the_copy_is_removed_whatever_its_permissions(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    built(
        root,
        "import os; os.makedirs('a/b'); os.chmod('a/b', 0); os.chmod('a', 0); os.chmod('.', 0)\n",
        sides=revision.sides,
    )
    assert [] == list(temporary.iterdir())


# Other harm


@landlock
def test_processes_outside_cannot_be_signalled(root: Path) -> None:
    if abi() < 6:
        pytest.skip("this kernel's Landlock does not keep signals inside (before 6.12)")
    assert "PermissionError" == attempt(
        root, "__import__('os').kill(__import__('os').getppid(), 9)"
    )


@landlock
def test_there_is_no_network(root: Path) -> None:
    if abi() < 4:
        pytest.skip("this kernel's Landlock does not know TCP (before 6.7)")
    connect = "__import__('socket').create_connection(('127.0.0.1', 9), timeout=1)"
    assert "PermissionError" == attempt(root, connect)


def forging(result: str) -> str:
    """A definition that writes a result in gk's place."""
    return f"""
        import os

        for descriptor in range(3, 1000):
            try:
                os.write(descriptor, {result!r}.encode())
            except OSError:
                pass
        os._exit(0)
    """


FORGED = json.dumps(
    {"resources": [["dashboard", "x", "X", "", "", 0, 2, []]], "problems": [], "broken": []}
)


@pytest.mark.parametrize(
    "result",
    [
        "",
        "{}",
        "[]",
        "null",
        FORGED,
        FORGED.replace("dashboard", "spaceship"),
        FORGED.replace('"x"', "5"),
        FORGED.replace(", 2, []", ", -1, []"),
        FORGED.replace(", 2, []", ", 99, []"),
        FORGED.replace(", 2, []", ", 1e308, []"),
        FORGED.replace(", 2, []", f", {2**62}, []"),
        FORGED.replace(", 0, 2,", ", 1e999, 2,"),
        FORGED.replace("[]]]", '[["a"]]]]'),
        "[" * 100_000,
        '{"resources": [], "problems": [[1, 2, 3]]}',
    ],
)
def test_a_forged_result_is_no_traceback(root: Path, result: str) -> None:
    side = built(root, forging(f"{result}\nno"))
    assert ["left no result"] == [
        "left no result" for problem in side.problems if "left no result" in problem.message
    ]
    assert compare(Side(name="old"), side) is not None


@pytest.mark.parametrize("levels", [201, 900])
def test_a_forged_document_that_is_nested_too_deep_is_a_mistake(root: Path, levels: int) -> None:
    document = "[" * levels + "]" * levels
    side = built(
        root, forging(f"{FORGED.replace(', 2, []', f', {len(document)}, []')}\n{document}")
    )
    expected = "dashboard 'X' is nested deeper than 200 levels, and cannot be compared"
    assert [expected] == [problem.message for problem in side.problems]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has capabilities")
def test_definitions_have_no_capabilities_even_of_root(root: Path) -> None:
    assert "PermissionError" == attempt(root, "__import__('os').chown(__file__, 12345, 12345)")


@pytest.mark.parametrize("harm", ["shutil.rmtree('dashboards')", "os.rename('dashboards', 'gone')"])
def test_definitions_that_remove_others_are_a_mistake_and_no_empty_project(
    root: Path, harm: str
) -> None:
    write(root, {"dashboards/evil.py": f"import os, shutil; {harm}\n"})
    diff = compare(*sides(root, parse([]), 20))
    assert diff.new_problems
    assert [Mark.UNKNOWN] == [change.mark for change in diff.changes]
