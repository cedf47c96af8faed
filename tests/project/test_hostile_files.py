"""Files and definitions that mean harm, or are broken beyond reason: a message, exit code 2, in a
second."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gk.errors import GkError
from gk.settings import read, requires_sandbox
from tests.conftest import ProjectFolder, RunGk
from tests.definitions import problems

GK = "from gk import *\n"
ALIASES = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


def quickly(action: Callable[[], str]) -> str:
    """What an action answers, which takes no longer than a second of the processor, and waits for
    nobody."""
    start = time.process_time(), time.monotonic()
    said = action()
    assert 1 > time.process_time() - start[0]
    assert 30 > time.monotonic() - start[1]
    return said


def refusal(root: Path) -> str:
    with pytest.raises(GkError) as raised:
        read(root)
    return str(raised.value)


def zeros(path: Path, size: int) -> None:
    """Write a file of so many bytes that takes no room."""
    path.touch()
    os.truncate(path, size)


# gk.yaml

KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "gk.yaml: is a folder and must be a file"),
    "a pipe": (os.mkfifo, "gk.yaml: is a pipe and must be a file"),
    "a device": (
        lambda path: path.symlink_to("/dev/zero"),
        "gk.yaml: is a device and must be a file",
    ),
    "a link to nothing": (
        lambda path: path.symlink_to("gone"),
        "gk.yaml: cannot be read: it is a link to nothing",
    ),
    "a link to itself": (
        lambda path: path.symlink_to("gk.yaml"),
        "gk.yaml: cannot be read: Too many levels of symbolic links",
    ),
    "50 MB": (
        lambda path: path.write_bytes(b"a: 1\n" * 10_000_000),
        "gk.yaml: has more than 32 KiB",
    ),
    "50 MB of nothing": (
        lambda path: zeros(path, 50_000_000),
        "gk.yaml: has more than 32 KiB",
    ),
    "a name of Latin 1": (
        lambda path: path.write_bytes(b"folder: \xe9t\xe9\n"),
        "gk.yaml: is not UTF-8, from byte 8",
    ),
    "UTF-16": (
        lambda path: path.write_bytes("folder: x\n".encode("utf-16")),
        "gk.yaml: is not UTF-8, from byte 0",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_settings_that_are_no_file_of_text_are_refused(
    empty_project: ProjectFolder, kind: str
) -> None:
    make, said = KINDS[kind]
    make(empty_project.root / "gk.yaml")
    assert quickly(lambda: refusal(empty_project.root)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "project: " + "[" * 500 + "]" * 500, "gk.yaml: is nested too deep", id="500 deep"
        ),
        pytest.param("{" * 30_000, "gk.yaml: is nested too deep", id="30,000 braces"),
        pytest.param("- " * 15_000, "gk.yaml: is nested too deep", id="15,000 lists"),
        pytest.param("? " * 15_000, "gk.yaml: is nested too deep", id="15,000 keys in keys"),
        pytest.param(ALIASES, "gk.yaml:1: unknown key 'a'", id="aliases"),
        pytest.param(MERGES, "gk.yaml:1: unknown key 'a'", id="merges"),
        pytest.param(ALIASES + "? *k\n: x\n", "gk.yaml:1: unknown key 'a'", id="aliases as a key"),
        pytest.param(
            "contexts: &a {a: *a}",
            "gk.yaml:1: unknown key 'contexts.a.a'",
            id="a context in itself",
        ),
        pytest.param("[a]: 1", "gk.yaml:1: a key must be text", id="a list as a key"),
        pytest.param(
            'folder: "\\ud800"',
            "gk.yaml:1: folder: contains a control character",
            id="half a character",
        ),
        pytest.param(
            'build: {output: "a\\0b"}',
            "gk.yaml:1: build.output: contains a control character",
            id="NUL",
        ),
        pytest.param(
            "!!python/object/apply:os.abort []", "gk.yaml:1: expected keys with values", id="a call"
        ),
    ],
)
def test_settings_that_mean_harm_are_refused(
    empty_project: ProjectFolder, text: str, said: str
) -> None:
    empty_project.write({"gk.yaml": text})
    assert f"\n{said}" in f"\n{quickly(lambda: refusal(empty_project.root))}"
    assert "False" == quickly(lambda: str(requires_sandbox(text)))


def test_settings_that_are_a_pipe_end_each_command(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Nobody waits for a writer."""
    os.mkfifo(empty_project.root / "gk.yaml")
    for command in ("build", "push"):
        ran = run_gk(command)
        assert (2, "gk.yaml: is a pipe and must be a file\n") == (ran.code, ran.err)


# Files of definitions


@pytest.mark.parametrize("name", ["dashboards/evil.py", "dashboards/evil.json"])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(Path.mkdir, "is a folder and must be a file", id="a folder"),
        pytest.param(os.mkfifo, "is a pipe and must be a file", id="a pipe"),
        pytest.param(
            lambda path: path.symlink_to("/dev/zero"),
            "is a device and must be a file",
            id="a device",
        ),
        pytest.param(
            lambda path: path.symlink_to("gone"),
            "cannot be read: it is a link to nothing",
            id="no target",
        ),
        pytest.param(
            lambda path: zeros(path, 50 << 20),
            "has more than 16 MiB",
            id="50 MB",
        ),
    ],
)
def test_a_definition_that_is_no_file_is_refused(
    project: ProjectFolder, name: str, make: Callable[[Path], object], said: str
) -> None:
    (project.root / "dashboards").mkdir()
    make(project.root / name)
    assert [f"{name}: {said}"] == problems(project)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("evil.json", b'{"title": "\xff"}', ": is not UTF-8", id="JSON of Latin 1"),
        pytest.param("evil.json", b"[" * 100_000, ":1: RecursionError", id="deep JSON"),
        pytest.param(
            "evil.json",
            b'{"title": ' + b"9" * 5000 + b"}",
            ":1: dashboard cannot be read: ",
            id="a long number",
        ),
        pytest.param("evil.py", b"x = '\xff'\n", ":", id="Python of Latin 1"),
        pytest.param("evil.py", b"x = 1\0\n", ":", id="Python with NUL"),
        pytest.param(
            "evil.py",
            b"x = " + b"(" * 10_000,
            ":1: is not Python: too many nested",
            id="parentheses",
        ),
        pytest.param("evil.py", b"x = " + b"-" * 5_000 + b"1", ":1: ", id="minus"),
        pytest.param("evil.py", b"# coding: nothing\n", ":", id="no such encoding"),
    ],
)
def test_a_definition_that_is_no_text_is_refused(
    project: ProjectFolder, name: str, content: bytes, said: str
) -> None:
    (project.root / "dashboards").mkdir()
    (project.root / "dashboards" / name).write_bytes(content)
    (problem,) = problems(project)
    assert problem.startswith(f"dashboards/{name}{said}")


# What definitions raise

RAISED = {
    "BaseException": "raise BaseException",
    "BaseException with words": "raise BaseException('no')",
    "GeneratorExit": "raise GeneratorExit",
    "SystemExit": "raise SystemExit(0)",
    "sys.exit": "sys.exit(0)",
    "MemoryError": "raise MemoryError",
    "RecursionError": "exec('def f(): f()\\nf()')",
    "a group": "raise ExceptionGroup('g', [ValueError('a')])"
    if hasattr(__builtins__, "ExceptionGroup")
    else "1 / 0",
    "one without words": "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})",
    "one whose words exit": "raise type('E', (Exception,), {'__str__': lambda self: sys.exit(0)})",
    "one that says no text": "raise type('E', (Exception,), {'__str__': lambda self: 7})",
    "one with surrogates": "raise ValueError('\\ud800')",
    "one with a long message": "raise ValueError('x' * 10_000_000)",
    "a syntax error of its own": "raise SyntaxError('no', (7, 'x', [], {}))",
    "a name error of its own": "raise NameError('no', name=7)",
    "an attribute error of its own": (
        "raise AttributeError('no', name='x', obj=type('O', (), {'__dir__': None})())"
    ),
    "a name that is no text": "globals()[7] = 8",
    "a lying list": "boards = type('L', (list,), {'__iter__': lambda self: 1 / 0})([1])",
    "a lying dict": "board = type('D', (dict,), {'get': lambda *_: 1 / 0})(title='x', panels=[])",
    "a lying class": "board = type('O', (), {'__class__': property(lambda self: 1 / 0)})()",
}


@pytest.mark.parametrize("name", RAISED)
def test_whatever_a_definition_raises_is_a_mistake_at_its_line(
    project: ProjectFolder, name: str
) -> None:
    project.write({"dashboards/evil.py": f"import sys\n\n{RAISED[name]}\n"})
    (problem,) = problems(project)
    assert problem.startswith("dashboards/evil.py:")
    assert 5000 > len(problem)


def test_what_is_no_exception_for_python_either_is_a_message(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    project.write({"dashboards/evil.py": "raise BaseException('\\ud800')\n"})
    ran = run_gk("build")
    assert (2, "", "dashboards/evil.py:1: BaseException: \\ud800\n") == (ran.code, ran.out, ran.err)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("boards = []\nboards.append(boards)\n", id="a list that holds itself"),
        pytest.param(
            "boards = []\nfor _ in range(99): boards = [boards, boards]\n", id="a list of 2^99"
        ),
        pytest.param("globals()['not\\na name'] = 7\n", id="a name that is none"),
        pytest.param("import sys\nsys.modules['none'] = None\n", id="a module that is none"),
    ],
)
def test_what_only_looks_like_harm_is_none(project: ProjectFolder, text: str) -> None:
    project.write({"dashboards/odd.py": text})
    assert ["prometheus"] == [resource.uid for resource in project.resources()]


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nsys.stdout.close()\n",
        "import os\nos.close(1)\nos.close(2)\n",
        "import sys\nsys.stderr = None\n",
    ],
)
def test_a_definition_that_closes_the_streams_closes_them_for_itself(
    project: ProjectFolder, run_gk: RunGk, text: str
) -> None:
    """What is opened next would get their numbers, and gk would print its plan into a connection to
    Grafana."""
    project.write({"dashboards/evil.py": text, "dashboards/fails.py": "raise ValueError\n"})
    ran = run_gk("build", "--check")
    assert (2, "", "dashboards/fails.py:1: ValueError\n") == (ran.code, ran.out, ran.err)
    project.write({"dashboards/fails.py": ""})
    ran = run_gk("build", "--check")
    assert (1, "", True) == (ran.code, ran.err, "would write" in ran.out)


@pytest.mark.parametrize("option", ["PYTHONOPTIMIZE=2", "PYTHONOPTIMIZE=1"])
def test_python_without_docstrings_is_refused(
    project: ProjectFolder, start_gk: RunGk, option: str
) -> None:
    """Descriptions are docstrings; assertions are nothing that gk relies on."""
    name, _, level = option.partition("=")
    project.write({"gk.yaml": ""})
    ran = start_gk("build", env={name: level})
    if level == "1":
        assert 0 == ran.code
    else:
        said = (
            "Python runs with -OO (or PYTHONOPTIMIZE=2), which drops docstrings, "
            "and with them the descriptions"
        )
        assert (2, "") == (ran.code, ran.out)
        assert ran.err.startswith(said)
        assert not (project.root / "provisioning").exists()


# What constructors are given


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        pytest.param(
            "Dashboard('D', folder=7)",
            "Dashboard(): folder must be text or None, not int",
            id="number",
        ),
        pytest.param(
            "Dashboard('D', editable='no')",
            "Dashboard(): editable must be True or False, not str",
            id="flag",
        ),
        pytest.param(
            "Dashboard('D', tags=[1])",
            "Dashboard(): tags[0] must be text, not int",
            id="in a list",
        ),
        pytest.param(
            "Dashboard('D', folder='\\ud800')",
            "Dashboard(): folder contains an unpaired surrogate",
            id="surrogate",
        ),
        pytest.param(
            "Dashboard('D', uid='a/b')",
            "dashboard 'D': uid 'a/b' must be 1 to 40 letters",
            id="slash",
        ),
        pytest.param(
            "Dashboard('D', uid='a\\\\0b')",
            "dashboard 'D': uid 'a\\0b' must be 1 to 40",
            id="NUL",
        ),
        pytest.param(
            "Dashboard('D', extra={'a': HELD})",
            "is nested too deep, or contains itself",
            id="cycle",
        ),
        pytest.param(
            "Dashboard('D', extra={'a': 2**70})",
            "dashboard 'D': is not JSON: Integer exceeds",
            id="integer",
        ),
        pytest.param(
            "Dashboard('D', refresh=EVIL)",
            "Dashboard(): refresh must be text, not Evil",
            id="evil",
        ),
        pytest.param(
            "Dashboard('D', extra={'a': EVIL})",
            "ZeroDivisionError: division by zero",
            id="evil inside",
        ),
        pytest.param(
            "Dashboard('D', panels=[text('T', 'x', width=2**63)])",
            "text(): width is too large",
            id="huge",
        ),
        pytest.param(
            "Dashboard('D', panels=[stat('T', 'up', max=1e999)])",
            "stat(): max must be a finite",
            id="inf",
        ),
        pytest.param("alert_group(7, [])", "alert_group(): name must be text, not int", id="group"),
        pytest.param(
            "notification_policy(None)",
            "notification_policy(): receiver must be a ContactPoint or",
            id="to",
        ),
        pytest.param(
            "Datasource(name='d', type='t', uid=7)",
            "Datasource(): uid must be text, not int",
            id="source",
        ),
    ],
)
def test_a_wrong_argument_is_a_mistake_at_its_line(
    project: ProjectFolder, definition: str, said: str
) -> None:
    project.write(
        {
            "alerts/evil.py": (
                "from gk import *\n\n"
                "HELD = []\nHELD.append(HELD)\n"
                "class Evil:\n    def __getattr__(self, name): 1 / 0\n"
                "EVIL = Evil()\n"
                f"made = {definition}\n"
            )
        }
    )
    (problem,) = problems(project)
    place, _, message = problem.partition(": ")
    assert place in ("alerts/evil.py:8", "alerts/evil.py:6")
    assert message.startswith(said)


def test_a_number_that_is_too_large_for_a_report_is_one(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """1e308 is no integer of 64 bits, though it is whole."""
    for name, number in (("old", "1"), ("new", "1e308")):
        text = (
            '{"title": "A", "uid": "a", "panels": [{"type": "stat", '
            '"fieldConfig": {"defaults": {"max": %s}}}]}'
        )
        empty_project.write({f"{name}.json": text % number})
    ran = run_gk("diff", "old.json", "new.json", "--format", "json")
    assert (1, "") == (ran.code, ran.err)
    assert 1e308 in [
        edit["new"] for part in json.loads(ran.out)["changes"][0]["parts"] for edit in part["edits"]
    ]


def test_texts_of_a_class_that_compares_as_it_likes_are_texts(project: ProjectFolder) -> None:
    project.write(
        {
            "dashboards/odd.py": (
                "from gk import Dashboard\n\n"
                "class Odd(str):\n    def __eq__(self, other): 1 / 0\n"
                "    __lt__ = __eq__\n    __hash__ = str.__hash__\n\n"
                "boards = [Dashboard(f'{uid}', uid=Odd(uid)) for uid in 'ab']\n"
            )
        }
    )
    assert ["prometheus", "a", "b"] == [resource.uid for resource in project.resources()]
