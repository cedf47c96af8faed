"""The walls around definitions: what each stops, as docs/security.md says it, and what becomes of a
comparison where one is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from gk.diff.sides import sandbox
from gk.diff.sides.git import parse
from gk.diff.sides.sandbox import Walls
from tests.conftest import DATASOURCE, REPOSITORY, ProjectFolder, Ran, RunGk
from tests.diff.test_command import CHANGED, DASHBOARD, NO_CI, Shop
from tests.diff.test_revisions import git_in
from tests.diffs import sides, write
from tests.probes import GUARDED, OPEN, outside, script

RanDiff = Callable[..., Ran]
ATTEMPTS = {name: attempt for attempts in GUARDED.values() for name, attempt in attempts.items()}
WALLS = {
    "none": "None",
    "Landlock": "m['_restrict_files'](m['abi'](), place, [])",
    "seccomp": "m['_filter_calls'](m['abi']())",
    "seccomp before 6.12": "m['_filter_calls'](5)",
    "namespaces": "m['_leave_the_network']()",
    "capabilities": "m['_drop_capabilities']()",
    "all": "m['confine'](place, [])",
}
WITH_SIGNALS = 6
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")
complete = pytest.mark.skipif(
    sandbox.abi() < WITH_SIGNALS, reason="this kernel's Landlock is older than 6.12"
)


@cache
def _tried(wall: str, place: Path, attempts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    for folder in ("outside", "own"):
        (place / folder).mkdir(parents=True)
    walls = [
        "import json, pathlib, runpy",
        f"m = runpy.run_path({sandbox.__file__!r})",
        "place = pathlib.Path('.').resolve()",
        "m['prctl'](38, 1)",
        WALLS[wall],
    ]
    with outside(place / "outside") as names:
        program = "\n".join([*walls, script(names, dict(attempts)), "print(json.dumps(results))"])
        command = [sys.executable, "-I", "-c", program]
        ran = subprocess.run(command, cwd=place / "own", capture_output=True, text=True, check=True)
    results: Mapping[str, str] = json.loads(ran.stdout)
    return results


def tried(wall: str, place: Path, attempts: Mapping[str, str]) -> Mapping[str, str]:
    """What each attempt ended with behind one wall: the words of an error, or nothing where it
    worked."""
    return _tried(wall, place, tuple(attempts.items()))


def table(page: str) -> dict[str, list[str]]:
    """The cells of the tables of a page, by the first of their row."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| ")
    ]
    return {cells[0]: cells[1:] for cells in rows}


# What stands


@linux
def test_every_attempt_ends_with_an_error_behind_all_walls(tmp_path: Path) -> None:
    results = tried("all", tmp_path, ATTEMPTS)
    assert [] == [name for name, error in results.items() if not error]


@linux
def test_what_is_documented_as_not_guarded_works_behind_all_walls(tmp_path: Path) -> None:
    assert dict.fromkeys(OPEN, "") == tried("all", tmp_path, OPEN)


@linux
@complete
def test_the_table_of_the_page_is_what_each_wall_stops(tmp_path: Path) -> None:
    results = {wall: tried(wall, tmp_path / wall, ATTEMPTS) for wall in WALLS}
    page = table((REPOSITORY / "docs" / "security.md").read_text("utf-8"))
    # An attempt that needs rights which this user does not have says nothing of the walls.
    real = [name for name in ATTEMPTS if not results["none"][name]]
    assert len(real) > len(ATTEMPTS) / 2
    walls = ["Landlock", "seccomp", "namespaces", *([] if os.getuid() else ["capabilities"])]
    expected = {
        name: [cell not in ("", "before 6.12") for cell in page[name][: len(walls)]]
        for name in real
    }
    assert expected == {name: [bool(results[wall][name]) for wall in walls] for name in real}


@linux
@complete
def test_as_root_every_attempt_is_a_real_one(tmp_path: Path) -> None:
    if os.getuid():
        pytest.skip("some of the attempts need root")
    results = tried("none", tmp_path, ATTEMPTS)
    assert {} == {name: error for name, error in results.items() if error}


def test_the_page_lists_every_attempt_and_no_other() -> None:
    page = (REPOSITORY / "docs" / "security.md").read_text("utf-8")
    _, _, stopped = page.partition("## What each wall stops")
    guarded, _, _ = stopped.partition("## Secrets")
    _, _, rest = stopped.partition("## What is not guarded")
    assert list(ATTEMPTS) == [name for name in table(guarded) if name not in ("attempt", "---")]
    assert list(OPEN) == [
        line.removeprefix("- ") for line in rest.splitlines() if line.startswith("- ")
    ]


@linux
def test_before_linux_6_12_seccomp_stops_signals(tmp_path: Path) -> None:
    signals = {
        name: attempt for name, attempt in ATTEMPTS.items() if name.startswith("send a signal")
    }
    results = tried(
        "seccomp before 6.12", tmp_path, {**signals, "itself": "os.kill(os.getpid(), 0)"}
    )
    assert dict.fromkeys(signals, True) | {"itself": True} == {
        name: bool(error) for name, error in results.items()
    }


@linux
def test_definitions_of_a_revision_are_behind_all_walls(tmp_path: Path) -> None:
    root = tmp_path / "team"
    (tmp_path / "outside").mkdir()
    with outside(tmp_path / "outside") as names:
        evil = f"{script(names, ATTEMPTS)}\nfrom gk import Dashboard\nimport json\n"
        write(
            root,
            {
                "dashboards/evil.py": evil
                + "evil = Dashboard('Evil', description=json.dumps(results))\n"
            },
        )
        git = git_in(root)
        git("init", "--quiet")
        git("commit", "--quiet", "--allow-empty", "--message", "empty")
        side = sides(root, parse([]), 100)[1]
    assert () == side.problems
    (dashboard,) = side.resources
    assert set(ATTEMPTS) == {
        name for name, error in json.loads(dashboard.body["description"]).items() if error
    }
    assert side.walls is not None
    assert side.walls.stand


@pytest.mark.parametrize(
    ("walls", "words"),
    [
        (
            Walls(7, seccomp=True, network=True),
            "in a sandbox: Landlock 7, seccomp, network namespace.",
        ),
        (Walls(3, seccomp=True), "in a sandbox: Landlock 3, seccomp."),
        (Walls(3), "without a complete sandbox (Landlock 3)"),
        (Walls(0, seccomp=True), "without a complete sandbox (seccomp)"),
        (Walls(), "without a complete sandbox (none)"),
    ],
)
def test_a_report_says_which_walls_stood(walls: Walls, words: str) -> None:
    assert words in walls.sentence


# Where a wall is missing

_LANDLOCK, _PRCTL = "a kernel without Landlock", "a kernel without seccomp"
_FILTERS = {
    # The call that makes a ruleset is not there.
    _LANDLOCK: [
        (0x20, 0, 0, 0),
        (0x15, 0, 1, 444),
        (0x06, 0, 0, 0x50000 | 38),
        (0x06, 0, 0, 0x7FFF0000),
    ],
    # PR_SET_SECCOMP is not known. prctl is 157 on x86_64 and 167 elsewhere.
    _PRCTL: [
        (0x20, 0, 0, 0),
        (0x15, 1, 0, 157 if os.uname().machine == "x86_64" else 167),
        (0x06, 0, 0, 0x7FFF0000),
        (0x20, 0, 0, 16),
        (0x15, 0, 1, 22),
        (0x06, 0, 0, 0x50000 | 22),
        (0x06, 0, 0, 0x7FFF0000),
    ],
}


def kernel(system: str) -> str:
    """Python after which its process is on another system: a filter answers for the kernel."""
    return f"""
import ctypes, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
steps = b"".join(struct.pack("HBBI", *step) for step in {_FILTERS[system]!r})
buffer = ctypes.create_string_buffer(steps, len(steps))
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))
program = Program(len(steps) // 8, ctypes.cast(buffer, ctypes.c_void_p))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""


@pytest.fixture
def shop(empty_project: ProjectFolder) -> Shop:
    shop = Shop(empty_project.root)
    temporary(shop).mkdir()
    source = {"datasources/prometheus.py": DATASOURCE}
    shop.commit({"gk.yaml": "project: store\n", "dashboards/orders.py": DASHBOARD, **source})
    return shop


def temporary(shop: Shop) -> Path:
    """Where the sides of a comparison are written, and those of no other one."""
    return shop.root.parent / "temporary"


def environment(shop: Shop, **environ: str) -> dict[str, str]:
    return {**os.environ, **NO_CI, "TMPDIR": str(temporary(shop)), **environ}


@pytest.fixture
def ran(shop: Shop, run_gk: RunGk) -> RanDiff:
    """Run `gk diff` in the shop, on a system without a wall or, for no name, on this one."""

    def run(*arguments: str, system: str = _LANDLOCK, **environ: str) -> Ran:
        before = kernel(system) if system else ""
        env = environment(shop, **environ)
        return run_gk("diff", *arguments, cwd=shop.root, env=env, before=before)

    return run


@linux
@pytest.mark.parametrize(
    ("system", "missing"),
    [
        (_LANDLOCK, "this system has no Landlock (Linux 5.13 and later have it)"),
        (_PRCTL, "no seccomp filter"),
    ],
)
def test_in_ci_nothing_is_loaded_without_a_wall(
    shop: Shop, ran: RanDiff, system: str, missing: str
) -> None:
    shop.write(
        {"dashboards/orders.py": "import pathlib; pathlib.Path('/tmp/harmed').write_text('')"}
    )
    result = ran(CI="true", system=system)
    assert (2, "") == (result.code, result.out)
    assert missing in result.err
    assert "run gk on a newer kernel, or in a container on one, or pass --unsafe" in result.err
    assert not Path("/tmp/harmed").exists()


@linux
def test_for_a_comment_nothing_is_loaded_without_a_wall(shop: Shop, ran: RanDiff) -> None:
    result = ran("--comment")
    assert (2, "") == (result.code, result.out)
    assert "for comments gk does not load definitions without it" in result.err


@linux
def test_in_ci_a_complete_sandbox_is_enough(shop: Shop, ran: RanDiff) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    assert 1 == ran(system="", CI="true").code


@linux
def test_a_revision_of_somebody_else_is_not_loaded_without_a_wall(shop: Shop, ran: RanDiff) -> None:
    shop.git("checkout", "--quiet", "-b", "stranger")
    shop.commit({"dashboards/orders.py": CHANGED})
    shop.git("checkout", "--quiet", "main")
    result = ran("main...stranger")
    assert (2, "") == (result.code, result.out)
    assert re.search(
        r"stranger \(\w+\) is not checked out here, so its definitions may be a stranger's",
        result.err,
    )


@linux
def test_the_own_working_tree_is_loaded_with_a_line_that_says_so(shop: Shop, ran: RanDiff) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    result = ran()
    assert (1, "") == (result.code, result.err)
    line = (
        "The definitions were loaded without a complete sandbox (seccomp, network namespace): "
        "they could do everything"
    )
    assert line in result.out.splitlines()[2]


@linux
def test_with_unsafe_it_is_loaded_and_every_form_says_so(
    shop: Shop, ran: RanDiff, tmp_path: Path
) -> None:
    shop.write({"dashboards/orders.py": CHANGED})
    files = [tmp_path / f"report{suffix}" for suffix in (".txt", ".md", ".json", ".html")]
    result = ran("--unsafe", *(f"--output={file}" for file in files), CI="true")
    assert 1 == result.code
    for file in files:
        said = file.read_text("utf-8")
        assert "without a complete sandbox" in said or '"complete": false' in said
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert {"complete": False, "landlock": 0, "seccomp": True} == {
        key: report["sandbox"][key] for key in ("complete", "landlock", "seccomp")
    }


@linux
@pytest.mark.parametrize("option", [[], ["--unsafe"]])
def test_where_the_old_side_requires_a_sandbox_nothing_is_loaded_without(
    shop: Shop, ran: RanDiff, option: list[str]
) -> None:
    shop.commit({"gk.yaml": "project: store\nsandbox: required\n"})
    # A revision cannot take it back for itself.
    shop.write({"gk.yaml": "project: store\n", "dashboards/orders.py": CHANGED})
    result = ran(*option)
    assert (2, "") == (result.code, result.out)
    assert "and gk.yaml at HEAD says sandbox: required" in result.err


@linux
def test_a_branch_that_left_before_the_sandbox_was_required_has_no_other_rule(
    shop: Shop, ran: RanDiff
) -> None:
    shop.git("branch", "old")
    shop.commit({"gk.yaml": "project: store\nsandbox: required\n"})
    shop.git("checkout", "--quiet", "old")
    shop.commit({"dashboards/orders.py": CHANGED})
    assert "at main says sandbox: required" in ran("main...old", "--unsafe").err


@linux
def test_what_the_new_side_says_of_the_sandbox_does_not_count(shop: Shop, ran: RanDiff) -> None:
    shop.write({"gk.yaml": "project: store\nsandbox: required\n"})
    assert 0 == ran().code


# One side against the other


ATTACK = """
    import glob, os, time

    for _ in range({rounds}):
        for folder in glob.glob(os.environ["TMPDIR"] + "/../gk-diff-*"):
            if os.path.realpath(folder) != os.path.realpath(os.environ["TMPDIR"]):
                for path, folders, files in os.walk(folder):
                    for name in folders + files:
                        for harm in (os.unlink, lambda path: os.chmod(path, 0)):
                            try:
                                harm(os.path.join(path, name))
                            except OSError:
                                pass
        time.sleep(0.002)
"""
SLOW = "import time; time.sleep(1)\n"
ALERT = """
    from gk import alert, alert_group

    shop = alert_group("shop", [
        alert("{name}", "up == 0", for_="5m", severity="critical", summary="Down"),
    ])
"""


@linux
@pytest.mark.parametrize("walled", [True, False])
def test_the_new_side_hides_nothing_of_the_old_one(shop: Shop, ran: RanDiff, walled: bool) -> None:
    """What the old side has and the new one has not are risks: four alerts that are removed."""
    alerts = {f"alerts/a{number}.py": ALERT.format(name=f"Down{number}") for number in range(4)}
    alerts = {
        path: text.replace('"shop", [', f'"shop{path[8]}", [') for path, text in alerts.items()
    }
    slow = {"datasources/zzz.py": SLOW} if walled else {}
    shop.commit({**alerts, **slow})
    for path in alerts:
        (shop.root / path).unlink()
    shop.write({"dashboards/evil.py": ATTACK.format(rounds=500 if walled else 3)})
    result = ran("--format=json", system="" if walled else _LANDLOCK)
    report = json.loads(result.out)
    assert (1, []) == (result.code, report["old"]["problems"])
    assert 4 == sum(risk["message"].startswith("alert 'Down") for risk in report["risks"])


@linux
def test_where_nothing_keeps_the_sides_apart_what_is_changed_in_the_other_is_seen(
    shop: Shop,
    ran: RanDiff,
) -> None:
    shop.commit({"dashboards/evil.py": ATTACK.format(rounds=3)})
    shop.write({"dashboards/evil.py": "", "dashboards/orders.py": CHANGED})
    result = ran("--format=json")
    report = json.loads(result.out)
    assert (2, True) == (result.code, report["tampered"])
    assert "its files changed while gk loaded them" in report["new"]["problems"][0]["message"]


@linux
@pytest.mark.parametrize(
    "harm",
    [
        "open('dashboards/orders.py', 'a').write('#')",
        "open('dashboards/orders.py', 'r+').write('f')",
        "os.unlink('dashboards/orders.py')",
        "os.rename('dashboards', 'gone')",
        "(os.rename('gk.yaml', 'x'), open('gk.yaml', 'w').write(open('x').read()))",
    ],
)
def test_a_side_that_changes_its_own_files_is_never_a_shorter_report(
    shop: Shop, ran: RanDiff, harm: str
) -> None:
    shop.commit({"dashboards/evil.py": f"import os\n{harm}\n"})
    shop.write({"dashboards/evil.py": ""})
    result = ran("--format=json", system="")
    report = json.loads(result.out)
    assert (2, True) == (result.code, report["tampered"])
    (problem,) = report["old"]["problems"]
    assert re.search(
        r"its files changed while gk loaded them \((dashboards|gk.yaml)", problem["message"]
    )
    assert {"unknown"} == {change["mark"] for change in report["changes"]}


def test_a_side_may_write_beside_its_files(shop: Shop) -> None:
    shop.commit({"dashboards/cache.py": "open('dashboards/cache.txt', 'w').write('text')\n"})
    side = sides(shop.root, parse([]), 60)[1]
    assert ((), False) == (side.problems, side.is_tampered)


# Limits


def test_a_result_that_is_too_large_is_a_mistake(shop: Shop) -> None:
    shop.write(
        {
            "dashboards/large.py": (
                "from gk import Dashboard\nx = Dashboard('X', description='x' * (260 * 1024**2))\n"
            )
        }
    )
    (problem,) = sides(shop.root, parse([]), 100)[1].problems
    assert "the limit is 256 MiB" in problem.message


def test_comparing_has_a_time_limit(shop: Shop, tmp_path: Path) -> None:
    """The limit ends what the bounds of each step would let go on."""
    program = (
        "import time, gk.diff.compare as c; from gk.cli import main\n"
        "c.compare = lambda old, new: time.sleep(600)\nmain()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "diff", "--timeout=3"],
        cwd=shop.root,
        env=environment(shop),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert 2 == result.returncode
    assert "comparing takes longer than 3 s; increase --timeout" in result.stderr
