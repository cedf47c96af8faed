"""Processes of gk watch: what lives on keeps what it knows, and is started again if it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gk.errors import GkError
from gk.watch import Attempt
from gk.watch.fresh import Fresh, Lasting, Tell


class Counting:
    """Counts its calls, and says of which process they are; a file tells that it was closed."""

    def __init__(self, closed: Path) -> None:
        self._closed = closed
        self._calls = 0

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.write_text(str(os.getpid()))

    def __call__(self, given: object) -> Attempt:
        """Do as it is told."""
        self._calls += 1
        if given == "end":
            os._exit(3)
        if given == "fail":
            raise GkError("told to")
        return Attempt(True, f"{os.getpid()} {self._calls}")


class Make:
    """Makes what counts."""

    def __init__(self, closed: Path) -> None:
        self._closed = closed

    def __call__(self) -> Counting:
        """What counts."""
        return Counting(self._closed)


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[Lasting]:
    with (
        Fresh(tmp_path, ["tests.watch.test_fresh"]) as fresh,
        fresh.lasting(Make(tmp_path / "closed")) as lasting,
    ):
        yield lasting


def answer_to(lasting: Lasting, given: object) -> Attempt:
    lasting.ask(given)
    return lasting.answer()


def test_a_process_that_lives_on_keeps_what_it_knows(lasting: Lasting, tmp_path: Path) -> None:
    """Also after a mistake. At the end it frees what it keeps."""
    process, _ = answer_to(lasting, None).summary.split()
    assert ["told to"] == answer_to(lasting, "fail").problems

    assert f"{process} 3" == answer_to(lasting, None).summary
    lasting.__exit__(None, None, None)

    assert process == (tmp_path / "closed").read_text()


def test_a_process_that_ended_is_started_again(lasting: Lasting) -> None:
    process, _ = answer_to(lasting, None).summary.split()

    assert "exit code 3" in answer_to(lasting, "end").summary
    another, calls = answer_to(lasting, None).summary.split()

    assert process != another
    assert "1" == calls


def half_done(_: Path, tell: Tell) -> Attempt:
    """Tells two things, and fails."""
    tell("one")
    tell("two")
    raise GkError("the rest")


def test_what_a_task_tells_is_heard_before_it_ends(tmp_path: Path) -> None:
    """And also if it fails then. Without a listener nothing is sent."""
    heard: list[object] = []
    with Fresh(tmp_path, ["tests.watch.test_fresh"]) as fresh:
        attempt = fresh.run(half_done, early=heard.append)
        unheard = fresh.run(half_done)

    assert ["one", "two"] == heard
    assert ["the rest"] == attempt.problems == unheard.problems
