"""Reads files of JSON and YAML that may come from anybody."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from gk.resource import MOST_NESTED, is_nested_too_deep

__all__ = ["NotReadableError", "documents"]

MAX_VALUES = 5_000_000
"""Limit for the values of a document with its aliases resolved: a few lines of YAML may expand to
more than fits into memory."""


class NotReadableError(Exception):
    """A file is not JSON or YAML that gk can take; `line` is 0 if it is unknown."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


_TOO_DEEP = f"is nested deeper than {MOST_NESTED} levels"


class _Loader(yaml.CSafeLoader):
    """Refuses documents that are nested too deep: libyaml's composer would crash the process."""

    depth = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise NotReadableError(_TOO_DEEP)
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        self.depth -= 1
        super().ascend_resolver()


def documents(name: str, text: bytes) -> list[Any]:
    """The documents of a file. Raises NotReadableError."""
    # Some editors write a byte order mark, which orjson refuses.
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        if name.endswith(".json"):
            body = orjson.loads(text)
            if is_nested_too_deep(body):
                raise NotReadableError(_TOO_DEEP)
            return [body]
        documents = list(yaml.load_all(text, Loader=_Loader))
    except orjson.JSONDecodeError as error:
        raise NotReadableError(f"is not valid JSON: {error.msg}", error.lineno) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise NotReadableError(
            f"is not valid YAML: {error.problem or error.context}", line
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotReadableError(
            f"is not valid {'JSON' if name.endswith('.json') else 'YAML'}"
        ) from error
    for document in documents:
        _size(document, {})
    return documents


def _size(value: Any, known: dict[int, int]) -> int:
    """The number of values, those of an alias each time it is used. Raises NotReadableError for
    too many."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        # What is inside itself is found by its size.
        known[id(value)] = MAX_VALUES + 1
        inside = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(inner, known) for inner in inside)
    if known[id(value)] > MAX_VALUES:
        raise NotReadableError("is too large when its aliases are resolved")
    return known[id(value)]
