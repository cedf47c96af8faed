"""Finds secrets that a definition has in plain text in place of a reference. The findings contain
no values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gk.documents.secrets import known
from gk.documents.secrets.references import is_reference

__all__ = ["Literal", "in_datasource", "in_receiver"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A secret in plain text: the setting, which part of it is secret, and what to write
    instead."""

    setting: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.setting} {self.what}; write {self.instead}, so that no file contains it"


_IS_ONE = "is a secret in plain text"
_HAS_USER = "has a user and a password in plain text"
_HAS_PARAMETER = "has a secret among its parameters in plain text"


def in_datasource(body: Mapping[str, Any]) -> Iterator[Literal]:
    """Yield the secrets in a data source's document, under the names of its definition."""
    for name, value in body.get("secureJsonData", {}).items():
        if not is_reference(value):
            instead = f'{_reference(value)}, secret_file("/path") or secret_key("name", "key")'
            yield Literal(f"{name} in secure_json_data", _IS_ONE, instead)
    for key in ("url", "user", "database"):
        yield from _in_text(key, body.get(key), _instead_in_url(key))
    search = _Search(
        lambda path: known.is_secret_of_datasource(path.rpartition(".")[2]), _instead_in_json_data
    )
    yield from search.inside(body.get("jsonData"), "json_data")


def in_receiver(type: str, settings: Mapping[str, Any]) -> Iterator[Literal]:
    """Yield the secrets in the settings of a receiver."""
    search = _Search(
        lambda path: known.is_secret_of_receiver(type, path),
        lambda path, value: _in_its_place(value),
    )
    yield from search.inside(settings, "")


@dataclass(frozen=True)
class _Search:
    """Searches settings. `is_secret` tests a path; `instead` returns what to write in place of a
    secret."""

    is_secret: Callable[[str], bool]
    instead: Callable[[str, Any], str]

    def inside(self, value: Any, path: str, *, in_headers: bool = False) -> Iterator[Literal]:
        is_header = isinstance(value, Mapping) and known.is_header(value)
        for key, setting in _named(value):
            where = f"{path}.{key}" if path else key
            is_value = (is_header and key == "value") or (
                in_headers and known.is_secret_header(key)
            )
            if (is_value or self.is_secret(where)) and _is_literal(setting):
                yield Literal(where, _IS_ONE, self.instead(where, setting))
            elif isinstance(setting, str):
                yield from _in_text(
                    where, setting, f"{_in_its_place(setting)}, whose value is all of it"
                )
            else:
                yield from self.inside(
                    setting, where, in_headers=in_headers or "headers" in key.lower()
                )


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not is_reference(value):
        # An object with other keys is not JSON, and so a mistake anyway.
        yield from ((key, inner) for key, inner in value.items() if isinstance(key, str))
    elif isinstance(value, list):
        yield from ((str(index), inner) for index, inner in enumerate(value))


def _is_literal(value: Any) -> bool:
    """Whether the value has content other than references, flags and empty texts."""
    if isinstance(value, (Mapping, list)):
        return any(_is_literal(inner) for _, inner in _named(value))
    return not (value is None or isinstance(value, bool) or value == "")


def _in_text(setting: str, value: Any, instead: str) -> Iterator[Literal]:
    if not isinstance(value, str):
        return
    users = known.USER.findall(value)
    if "://" not in value and known.is_address(setting.rpartition(".")[2]):
        users = known.USER_OF_ADDRESS.findall(value)
    is_list = known.is_parameters(setting.rpartition(".")[2], value)
    parameters = (known.QUERY_PARAMETERS if is_list else known.PARAMETER).findall(value)
    if any(password for _, _, password in (user.partition(":") for user in users)):
        yield Literal(setting, _HAS_USER, instead)
    elif any(
        known.may_be_secret(name) and not known.is_placeholder(parameter)
        for name, parameter in parameters
    ):
        yield Literal(setting, _HAS_PARAMETER, instead)
    elif known.AUTHORIZATION.search(value):
        yield Literal(setting, _IS_ONE, instead)


# What to write instead


def _instead_in_url(key: str) -> str:
    whole = f'{key}=secret("NAME"), whose value is all of it'
    if key != "url":
        return whole
    return (
        'basic_auth_user="USER" and secure_json_data={"basicAuthPassword": secret("NAME")}, '
        f'for a database user="USER" and "password" there, or {whole}'
    )


def _instead_in_json_data(path: str, value: Any) -> str:
    first, *deeper = path.split(".")[1:]
    return (
        _in_its_place(value) if deeper else f'secure_json_data={{"{first}": {_reference(value)}}}'
    )


def _in_its_place(value: Any) -> str:
    return f"{_reference(value)} in its place"


_AS_IN_FILES = re.compile(r"\$(?:__env)?\{([A-Z_][A-Z0-9_]*)\}")


def _reference(value: Any) -> str:
    """Return a reference, to the variable that the value names in the syntax of Grafana's own
    files.

    Nothing expands that syntax here: gk build doubles each `$`, and the API keeps the text
    unchanged.
    """
    variable = _AS_IN_FILES.fullmatch(value) if isinstance(value, str) else None
    return f'secret("{variable[1] if variable else "NAME"}")'
