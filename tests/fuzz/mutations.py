"""How texts, documents and Python are mutated. Everything comes from the `Random` that is given."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from tests.fuzz.values import HOSTILE

__all__ = ["mutated_json", "mutated_python", "mutated_text", "mutated_yaml"]

_RAW = "\0raw:"
"""Begins a string that stands for a token which Python's JSON cannot write."""
_MOST = 5000
"""Values of a document, beyond which it does not grow."""
_TOKENS = [
    "1e999",
    "-1e999",
    "NaN",
    "1e308",
    "9" * 400,
    "-0",
    "2E62",
    "1.5e-400",
    "[" * 300 + "]" * 300,
    "",
    "{}{}",
    "01",
]
_WORDS = [
    "\ud800",
    "a\0b",
    "../../x",
    "/etc/passwd",
    "\x1b[31m\r\u202e\x07",
    "${x}",
    "{{ $node }}",
    "x" * 50_000,
    "-->",
    "</script>",
]
_WORDS += [
    "@everyone",
    "`\n```\n",
    "|",
    "\n\n---\n",
    "null",
    "1e3",
    "uid",
    "panels",
    "grafana",
    "prometheus",
    "=~'(",
]
_BYTES = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"{",
    b"[",
    b"]",
    b"}",
    b'"',
    b"'",
    b":",
    b"&a *a",
    b"<<: *x",
    b"!!python/none ",
]
_BYTES += [
    b"\t",
    b"%",
    b"- ",
    b"? ",
    b"|",
    b">",
    b"#",
    b"---\n",
    b"...\n",
    b"1" * 5000,
    b"\r",
    b"\xef\xbb\xbf",
]
_PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**53 + 1,
    2**62,
    2**63,
    2**70,
    10**400,
    "",
    " ",
    [],
    {},
    [[]],
    [None],
]
_PLAIN += [
    {"": ""},
    {"a": {"a": []}},
    [1, "a", None, {}],
    {"$secret": 7},
    {"uid": None},
    {"type": []},
]


def mutated_text(text: bytes, random: Random) -> bytes:
    """Bytes cut out, doubled, exchanged or put in."""
    for _ in range(random.choice([1, 1, 1, 1, 1, 2, 4, 20])):
        at, end = sorted(random.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + random.choice([1, 1, 3, 3, 30, 10**6]))
        step = random.randrange(6)
        if step == 0:
            text = text[:at] + text[end:]
        elif step == 1:
            text = text[:end] + text[at:end] * random.choice([1, 2, 30]) + text[end:]
        elif step == 2 and random.random() < 0.3:
            text = text[:at]
        elif step == 3 and at < len(text):
            text = text[:at] + bytes([random.randrange(256)]) + text[at + 1 :]
        else:
            text = text[:at] + random.choice(_BYTES) + text[at:]
        if len(text) > 300_000:
            return text[:300_000]
    return text


def _value(random: Random, near: Any) -> Any:
    """A value to put in place of another."""
    step = random.randrange(10)
    if step == 0:
        return _RAW + random.choice(_TOKENS)
    if step == 1:
        return random.choice(_WORDS)
    if step == 2:
        return _deep(near, random.choice([5, 50, 100, 200]))
    if step == 3:
        return [near, near]
    if step == 4:
        return {"a": near}
    if step == 5 and isinstance(near, str):
        return near + random.choice(_WORDS)
    if step == 6 and isinstance(near, int):
        return -near * 10**9
    return _copied(random.choice(_PLAIN))


def _deep(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = [value] if level % 2 else {"panels": value}
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every list and object in a document, with each key or index of it."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        pairs = (
            each.items()
            if isinstance(each, dict)
            else enumerate(each)
            if isinstance(each, list)
            else ()
        )
        for key, inner in pairs:
            found.append((each, key))
            waiting.append(inner)
    return found


def _copied(value: Any) -> Any:
    # What several mutations nested is too deep for Python's own functions.
    with suppress(RecursionError):
        return copy.deepcopy(value)
    return None


def _mutated(document: Any, random: Random) -> Any:
    document = _copied(document)
    if random.random() < 0.03:
        return _value(random, document)
    for _ in range(random.choice([1, 1, 2, 3, 10])):
        places = _places(document)
        if not places:
            return _value(random, document)
        if len(places) > _MOST:
            return document
        holder, key = random.choice(places)
        step = random.randrange(8)
        if step == 0:
            del holder[key]
        elif step == 1 and isinstance(holder, dict):
            holder[random.choice(_WORDS)] = holder.pop(key)
        elif step == 2:
            other, there = random.choice(places)
            if there in other if isinstance(other, dict) else there < len(other):
                holder[key] = _copied(other[there])
        elif step == 3 and isinstance(holder, list):
            holder.extend(_copied(holder[:50]) * random.choice([1, 3]))
        else:
            holder[key] = _value(random, holder[key])
    return document


def mutated_json(text: bytes, random: Random) -> bytes:
    """A document with other values, keys and shapes; or its text, mutated."""
    if random.random() < 0.15:
        return mutated_text(text, random)
    return _written(_mutated(json.loads(text), random), random)


def _written(document: Any, random: Random) -> bytes:
    try:
        text = json.dumps(document, indent=random.choice([None, 1]))
    except RecursionError:
        return b"[" * 2000 + b"]" * 2000
    for token in _TOKENS:
        text = text.replace(json.dumps(_RAW + token), token)
    if random.random() < 0.05:
        # A key that is there twice.
        text = text.replace("{", '{"uid": 1, "uid": [], "panels": {}, ', 1)
    return text.encode("utf-8", "surrogatepass")


def mutated_yaml(text: bytes, random: Random, load: Callable[[bytes], Any]) -> bytes:
    """The same of YAML, of which JSON is a part."""
    if random.random() < 0.5:
        return mutated_text(text, random)
    return _written(_mutated(load(text), random), random)


def mutated_python(text: str, random: Random) -> str:
    """A definition with other values, arguments, names and statements; or its text, mutated."""
    if random.random() < 0.15:
        return mutated_text(text.encode(), random).decode("utf-8", "surrogateescape")
    tree = ast.parse(text)
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        _mutate(tree, random)
    try:
        return "from tests.fuzz.values import HOSTILE\n" + ast.unparse(
            ast.fix_missing_locations(tree)
        )
    except (RecursionError, ValueError):
        return text


def _mutate(tree: ast.Module, random: Random) -> None:
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    values = [each for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    step = random.randrange(8)
    if step == 0:
        tree.body.insert(random.randrange(len(tree.body) + 1), _statement(random))
    elif step < 5 and calls:
        _mutate_call(random.choice(calls), random.choice(calls), random)
    elif values:
        _Replacing(random.choice(values), _hostile(random)).visit(tree)


def _mutate_call(call: ast.Call, other: ast.Call, random: Random) -> None:
    name = random.choice(
        ["title", "uid", "folder", "extra", "panels", "labels", "description", "nonsense"]
    )
    step = random.randrange(6)
    if step == 0:
        call.keywords = [each for each in call.keywords if random.random() < 0.7]
    elif step == 1:
        call.args = call.args[:-1]
    elif step == 2:
        call.args = [*call.args, _hostile(random)]
    elif step == 3:
        # A copy: one may be inside the other.
        call.args = copy.deepcopy(other.args)
    elif step == 4 or not call.keywords:
        call.keywords = [
            *(each for each in call.keywords if each.arg != name),
            ast.keyword(name, _hostile(random)),
        ]
    else:
        random.choice(call.keywords).value = _hostile(random)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.new if node is self.old else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node


def _hostile(random: Random) -> ast.expr:
    name = random.choice(list(HOSTILE))
    return ast.parse(f"HOSTILE[{name!r}]", mode="eval").body


_STATEMENTS = [
    "raise BaseException",
    "raise SystemExit(0)",
    "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})",
    "raise GeneratorExit",
    "raise MemoryError",
    "import nothing",
    "def f(): f()\nf()",
    "import sys; sys.stdout.close()",
    "import sys; sys.stderr = None",
    "import threading; threading.Thread(target=__import__('time').sleep, args=[0.2]).start()",
    "import threading; threading.Thread(target=lambda: [None][0], daemon=True).start()",
    "globals()[7] = 8",
    "held = []; held.append(held)",
    "import sys; sys.modules['x'] = None",
    "import sys; sys.path[:] = []",
    "evil = HOSTILE['evil']",
    "evil = HOSTILE['lying dict']",
    "evil = dict(title=HOSTILE['evil'], panels=[HOSTILE['evil base']])",
    "evil = dict(title='x', panels=HOSTILE['very deep'])",
    "evil = dict(title='x', panels=[HOSTILE['cyclic dict']])",
    "evil = dict(title='x', panels=[dict(type='graph', title='g', targets=HOSTILE['keys'])])",
    "import atexit, os; atexit.register(os._exit, 77)",
    "import os; os.environ.clear()",
    "import os; os.close(1)",
    "__name__ = None; __file__ = None",
    "import warnings; warnings.warn('odd')",
    "print('\\ud800')",
]


def _statement(random: Random) -> ast.stmt:
    text = random.choice(_STATEMENTS)
    body = ast.parse(text).body
    return (
        body[0] if len(body) == 1 else ast.If(test=ast.Constant(value=True), body=body, orelse=[])
    )
