"""Secrets that a definition has in plain text, where a reference could be. No value is in what is
found."""

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
    """A secret in plain text: the setting, what of it is a secret, and what to write instead."""

    setting: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.setting} {self.what}; write {self.instead}, so that no file has it"


_IS_ONE = "is a secret in plain text"
_HAS_USER = "has a user and a password in plain text"
_HAS_PARAMETER = "has a secret among its parameters in plain text"


def in_datasource(body: Mapping[str, Any]) -> Iterator[Literal]:
    """The secrets of a data source's document, by the names that its definition has for it."""
    for name, value in body.get("secureJsonData", {}).items():
        if not is_reference(value):
            yield Literal(f"{name} in secure_json_data", _IS_ONE, _any_reference(value))
    for key in ("url", "user", "database"):
        yield from _in_text(key, body.get(key), _instead_in_url(key))
    search = _Search(lambda path: known.is_secret(path.rpartition(".")[2]), _instead_in_json_data)
    yield from search.inside(body.get("jsonData"), "json_data")


def in_receiver(type: str, settings: Mapping[str, Any]) -> Iterator[Literal]:
    """The secrets among the settings of a receiver."""
    search = _Search(
        lambda path: known.is_secret_of_receiver(type, path),
        lambda path, value: _in_its_place(value),
    )
    yield from search.inside(settings, "")


@dataclass(frozen=True)
class _Search:
    """Looks through settings. `is_secret` knows them by their paths; `instead` says what to write
    in place of one."""

    is_secret: Callable[[str], bool]
    instead: Callable[[str, Any], str]

    def inside(self, value: Any, path: str, *, in_headers: bool = False) -> Iterator[Literal]:
        is_header = isinstance(value, Mapping) and known.is_header(value)
        for key, each in _named(value):
            where = f"{path}.{key}" if path else key
            is_value = (is_header and key == "value") or (
                in_headers and known.is_secret_header(key)
            )
            if (is_value or self.is_secret(where)) and _is_literal(each):
                yield Literal(where, _IS_ONE, self.instead(where, each))
            elif isinstance(each, str):
                yield from _in_text(where, each, f"{_in_its_place(each)}, whose value is all of it")
            else:
                yield from self.inside(
                    each, where, in_headers=in_headers or "headers" in key.lower()
                )


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not is_reference(value):
        # What has other keys is no JSON, and a mistake anyway.
        yield from ((key, each) for key, each in value.items() if isinstance(key, str))
    elif isinstance(value, list):
        yield from ((str(index), each) for index, each in enumerate(value))


def _is_literal(value: Any) -> bool:
    """Whether there is anything but references: flags and what is empty are nothing."""
    if isinstance(value, (Mapping, list)):
        return any(_is_literal(each) for _, each in _named(value))
    return not (value is None or isinstance(value, bool) or value == "")


def _in_text(setting: str, value: Any, instead: str) -> Iterator[Literal]:
    if not isinstance(value, str):
        return
    users = known.USER.findall(value)
    if "://" not in value and known.is_address(setting.rpartition(".")[2]):
        users = known.USER_OF_ADDRESS.findall(value)
    is_list = setting.endswith("customQueryParameters")
    parameters = (known.QUERY_PARAMETERS if is_list else known.PARAMETER).findall(value)
    if any(password for _, _, password in (each.partition(":") for each in users)):
        yield Literal(setting, _HAS_USER, instead)
    elif any(
        known.may_be_secret(name) and not known.is_placeholder(each) for name, each in parameters
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


def _any_reference(value: Any) -> str:
    return f'{_reference(value)}, secret_file("/path") or secret_key("name", "key")'


_AS_IN_FILES = re.compile(r"\$(?:__env)?\{([A-Z_][A-Z0-9_]*)\}")


def _reference(value: Any) -> str:
    """A reference; to the variable that somebody named as in Grafana's own files. Nothing expands
    that here: gk build doubles each `$`, and the API takes it as it is."""
    found = _AS_IN_FILES.fullmatch(value) if isinstance(value, str) else None
    return f'secret("{found[1] if found else "NAME"}")'
