"""Builds dashboards ahead of time in worker processes, if there are enough of them to pay for it.

The processes are forked after the definitions are loaded, so nothing has to be sent to them. Each
one builds every n-th dashboard and sends the result. The main process builds a dashboard again if
it has a mistake or cannot be sent: mistakes depend on what was rendered before, and are reported in
one order.
"""

from __future__ import annotations

import itertools
import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO

from gk.compile.context import Compilation
from gk.compile.dashboards import Ahead, Built, build
from gk.define.dashboard import Dashboard
from gk.define.reading import reading
from gk.processes.workers import count_for
from gk.processes.workers import workers as started
from gk.project import Definition, Project

__all__ = ["workers"]

_LENGTH = 8


@contextmanager
def workers(project: Project) -> Iterator[Ahead | None]:
    """Start processes that build the project's dashboards, and stop them at the end.

    Yields a function that returns the next dashboard, or None if it has to be built again; yields
    None if workers do not pay.
    """
    count = count_for(sum(_panels(definition.value) for definition in project.dashboards))
    with started(count, partial(_work, project, count)) as answers:
        turns = itertools.cycle(answers)
        yield (lambda: _answer(next(turns))) if answers else None


def _panels(value: Any) -> int:
    """How many panels a definition of a dashboard has, with the dashboard as one, as far as it is
    known before it is compiled."""
    body = value.body if isinstance(value, Dashboard) and value.body is not None else value
    listed = _inside(body)
    return 1 + len(listed) + sum(len(_inside(panel)) for panel in listed)


def _inside(owner: Any) -> Sequence[Any]:
    panels = owner.get("panels") if isinstance(owner, dict) else getattr(owner, "panels", None)
    return panels if isinstance(panels, (list, tuple)) else ()


# In a worker


def _work(project: Project, count: int, number: int, answers: BinaryIO) -> None:
    """Build and send every `count`-th dashboard."""
    own, _others = _shares(project, number, count)
    context = Compilation(project)
    with reading(project.read):
        while own:
            answers.write(_sent(context, own.popleft()))


def _shares(
    project: Project, number: int, count: int
) -> tuple[deque[Definition], list[Definition]]:
    """Return the worker's own dashboards, to which nothing else refers, and the others.

    The others are kept: to free them would write to memory that is shared until then.
    """
    dashboards = list(enumerate(project.take_dashboards()))
    return (
        deque(definition for index, definition in dashboards if index % count == number),
        [definition for index, definition in dashboards if index % count != number],
    )


def _sent(context: Compilation, definition: Definition) -> bytes:
    """Return a built dashboard after its length; a length of 0 means that it has to be built
    again."""
    mistakes = context.mistakes
    answer = b""
    try:
        built = build(context, definition)
        if built and not built.not_json and context.mistakes == mistakes:
            answer = pickle.dumps(built, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        # The main process builds it again, and reports the error.
        answer = b""
    return len(answer).to_bytes(_LENGTH, "little") + answer


# Where they are asked


def _answer(answers: BinaryIO) -> Built | None:
    length = int.from_bytes(answers.read(_LENGTH), "little")
    if not length:
        return None
    try:
        built: Built = pickle.loads(answers.read(length))
    except KeyboardInterrupt:
        raise
    except Exception:
        # The answer was cut off, or names a class that this process has not imported.
        return None
    return built
