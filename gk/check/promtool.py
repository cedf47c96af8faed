"""Runs tests of rules with promtool, which comes with Prometheus, on the rule files that gk build
would write, and reads what it says.

Nothing in the project changes: the tests run in a temporary folder with the same paths.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from gk.check.rule_tests import Case, Expectation, Failure, RuleTest, RuleTests
from gk.documents.durations import milliseconds
from gk.forms import cut
from gk.forms.plurals import counted, several

__all__ = ["run"]

MOST_SECONDS = 120
"""Time for one file of tests."""
_NOT_INSTALLED = "promtool is not installed; it comes with Prometheus"


def run(
    tests: RuleTests, rules: Mapping[str, bytes], root: Path, *, output: str, shared: str = ""
) -> RuleTests:
    """Run the tests of the project in `root`, several at once, on built rule files.

    `output` is the folder that gk build writes, and `shared` the one in which each environment has
    its own: tests of another environment's files are left out.
    """
    promtool = shutil.which("promtool")
    if promtool is None:
        return replace(tests, not_run=_NOT_INSTALLED)
    own = [test for test in tests.files if not _is_of_another(test, output, shared)]
    with TemporaryDirectory(prefix="gk-tests-") as folder:
        copy = Path(folder)
        _write(copy / output / "prometheus" / "rules", rules)
        for test in own:
            _copy(root, copy, test, f"{output}/prometheus/rules/")
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return RuleTests(list(pool.map(partial(_tested, promtool, copy), own)), is_run=True)


def _is_of_another(test: RuleTest, output: str, shared: str) -> bool:
    """Whether all its rule files are in the folders of other environments."""
    paths = [_in_project(test, file) for file in test.rule_files]
    return bool(shared and paths) and all(
        path.startswith(f"{shared}/") and not path.startswith(f"{output}/") for path in paths
    )


def _in_project(test: RuleTest, path: str) -> str:
    """A path that a test names, from the project's folder on; it may lead out of that."""
    return os.path.normpath(f"{os.path.dirname(test.file)}/{path}")  # noqa: PTH120 (text only)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(text)


def _copy(root: Path, copy: Path, test: RuleTest, built: str) -> None:
    """Copy a test, and the rule files that it names beside those that gk builds."""
    paths = [test.file]
    for given in test.rule_files:
        path = _in_project(test, given)
        # gk copies nothing from outside of the project.
        if not path.startswith(("..", "/", built)):
            paths += [match.relative_to(root).as_posix() for match in root.glob(path)]
    for path in paths:
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target)


def _tested(promtool: str, copy: Path, test: RuleTest) -> RuleTest:
    """A test with its failures."""
    if test.failures:
        return test
    path = copy / test.file
    try:
        ran = subprocess.run(
            [promtool, "test", "rules", path.name],
            cwd=path.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = (
            f"promtool took more than {MOST_SECONDS} s; divide the file, or test a shorter time"
        )
        return replace(test, failures=(Failure(message),))
    except OSError as error:
        return replace(test, failures=(Failure(f"promtool does not run: {error.strerror}"),))
    # Newer versions print some of it to the standard output.
    told = tuple(failures(test, f"{ran.stderr}\n{ran.stdout}"))
    if ran.returncode and not told:
        told = (Failure(f"promtool fails: {_shortened(ran.stderr)}"),)
    return replace(test, failures=told)


_STARTS = r"(?=\s*\n(?:    (?:name|alertname|expr|rule): |  \S|\S)|\s*\Z)"
_ALERTS = re.compile(
    r"^(?:    name: (?P<case>.*),\n)?    alertname: (?P<alert>.+), time: (?P<time>\S+), *\n"
    rf"        exp:(?P<expected>[\s\S]*?), *\n        got:(?P<got>[\s\S]*?){_STARTS}",
    re.MULTILINE,
)
_EXPRESSION = re.compile(
    r'^    expr: (?P<expr>"(?:[^"\\]|\\.)*"), time: (?P<time>\S+),'
    rf"(?: err: (?P<error>[\s\S]*?)|\n        exp: (?P<expected>.*)\n        got: (?P<got>.*))"
    rf"{_STARTS}",
    re.MULTILINE,
)
_RULE = re.compile(r"^    rule: (.+), time: (\S+), err: (.+)$", re.MULTILINE)
_NO_FILE = re.compile(r"WARNING: no file match pattern (.+)")
_OF_A_LINE = re.compile(r"^(?:\s*yaml: |\s+)line (\d+): (.+)$", re.MULTILINE)
_PARSE_ERROR = re.compile(r"^.*parse error: .+$", re.MULTILINE)
_ALERT = re.compile(r"Labels:(\{.*\})\s*\n\s*Annotations:(\{.*\})")
_PAIR = re.compile(r'("(?:[^"\\]|\\.)*"|\w+)=("(?:[^"\\]|\\.)*")')


def failures(test: RuleTest, said: str) -> Iterator[Failure]:
    """What promtool says about a test, in words, each at the line that it is about."""
    lacking = list(_NO_FILE.finditer(said))
    for match in lacking:
        name = os.path.relpath(match[1], os.path.dirname(test.file) or ".")  # noqa: PTH120
        given = next((file for file in test.rule_files if file.endswith(match[1])), name)
        yield Failure(f"gk build writes no rule file {given}, and the project has none")
    if lacking:
        # Whatever else fails, fails because of it.
        return
    for match in _OF_A_LINE.finditer(said):
        yield Failure(f"promtool cannot read it: {match[2]}", int(match[1]))
    places = _Places(test)
    unmet = sorted(
        chain(_ALERTS.finditer(said), _EXPRESSION.finditer(said)), key=lambda match: match.start()
    )
    for failed in unmet:
        groups: dict[str, str | None] = failed.groupdict()
        subject = groups.get("alert") or _unquoted(groups["expr"] or "")
        fires = bool(_alerts(groups["expected"] or ""))
        case, line = places.of(groups.get("case") or "", subject, groups["time"] or "", fires=fires)
        yield Failure(_message(groups, subject), line, case)
    # An evaluation that fails is told again at each later time.
    rules = {match[1]: match for match in reversed(list(_RULE.finditer(said)))}
    for name, match in rules.items():
        yield Failure(f"{name} cannot be evaluated at {match[2]}: {match[3]}")
    if not unmet and not rules:
        for text in dict.fromkeys(_PARSE_ERROR.findall(said)):
            yield Failure(f"promtool cannot run it: {text.strip()}")


class _Places:
    """The lines of expectations: promtool says the case, the subject and the time, and each of
    equal ones in turn."""

    def __init__(self, test: RuleTest) -> None:
        self._left: list[tuple[Case, Expectation]] = [
            (case, expectation) for case in test.cases for expectation in case.expectations
        ]

    def of(self, case: str, subject: str, time: str, *, fires: bool) -> tuple[str, int]:
        """The name of the case, and the line; `fires` is whether it expects alerts."""
        same = [
            entry
            for entry in self._left
            if (not case or entry[0].name == case)
            and entry[1].subject == subject
            and milliseconds(entry[1].time or "0") == milliseconds(time)
        ]
        if not same:
            return case, 1
        owner, expectation = first = min(
            same, key=lambda entry: entry[1].is_alert and bool(entry[1].alerts) is not fires
        )
        self._left.remove(first)
        return owner.name, expectation.line


def _message(given: Mapping[str, str | None], subject: str) -> str:
    time = given["time"]
    if given.get("alert"):
        expected, got = (_alerts(given[key] or "") for key in ("expected", "got"))
        return f"{subject} at {time}: {_difference(expected, got)}"
    if given["error"]:
        return f"{_shortened(subject)} at {time}: {given['error'].strip()}"
    samples = {name: "nothing" if given[name] == "nil" else given[name] for name in _SAMPLES}
    return (
        f"{_shortened(subject)} at {time}: expected {samples['expected']}, and got {samples['got']}"
    )


_SAMPLES = ("expected", "got")
_Alert = tuple[dict[str, str], dict[str, str]]


def _difference(expected: list[_Alert], got: list[_Alert]) -> str:
    """How the alerts that fire differ from those that should, each with labels and annotations."""
    missing = [alert for alert in expected if alert not in got]
    unexpected = [alert for alert in got if alert not in expected]
    if not missing:
        verb = "fires" if len(unexpected) == 1 else "fire"
        firing = f"{counted(len(unexpected), 'alert')} {verb} ({_listed(unexpected)})"
        wanted = f"only {_listed(expected)}" if expected else "none"
        return f"{firing} though the test expects {wanted}"
    if not unexpected:
        return f"expected {_listed(missing)}, which does not fire"
    (labels, annotations), other = missing[0], unexpected[0]
    same = next((alert for alert in unexpected if alert[0] == labels), None)
    if same is None:
        return f"expected {_shown(labels)}, and got {_shown(other[0])}"
    names = sorted(annotations.keys() | same[1].keys())
    name = next(name for name in names if annotations.get(name) != same[1].get(name))
    return (
        f"annotation {name} is {json.dumps(same[1].get(name, ''), ensure_ascii=False)}, "
        f"expected {json.dumps(annotations.get(name, ''), ensure_ascii=False)}"
    )


def _listed(alerts: list[_Alert]) -> str:
    return several([_shown(labels) for labels, _ in alerts], 2)


def _shown(labels: Mapping[str, str]) -> str:
    pairs = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())
    return f"{{{', '.join(pairs)}}}"


def _alerts(text: str) -> list[_Alert]:
    return [(_pairs(match[1]), _pairs(match[2])) for match in _ALERT.finditer(text)]


def _pairs(text: str) -> dict[str, str]:
    pairs = {_unquoted(name): _unquoted(value) for name, value in _PAIR.findall(text)}
    pairs.pop("alertname", None)
    return pairs


def _unquoted(text: str) -> str:
    """A text without the quotes of Go, whose escapes are JSON's but for rare ones."""
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _shortened(text: str) -> str:
    return cut(" ".join(text.split()), 80)
