"""References to secrets: in definitions, in documents (`{"$secret": {...}}`), and in provisioning
files.

gk build only handles references and never reads a value, so its output cannot contain a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from gk.documents.secrets.known import SECRET

__all__ = [
    "Reference",
    "Secret",
    "expansion",
    "is_reference",
    "reference",
    "reference_of",
    "references",
    "referring",
    "replaced",
    "secret",
    "secret_file",
    "secret_key",
    "with_references",
]

Reference = Mapping[str, str]
"""A reference in a document: `env` or `file`; for a Kubernetes Secret also `name` and `key`."""

_MARK = "$secret"
_PARTS = ("env", "file", "name", "key")


@dataclass(frozen=True, slots=True)
class Secret:
    """The place of a secret's value: an environment variable, a file, or a key of a Kubernetes
    Secret.

    Grafana reads the value itself, from `$__env{}` or `$__file{}`. The built patch of the
    Deployment passes the key of a Kubernetes Secret to Grafana as the environment variable `env`.
    """

    env: str = ""
    file: str = ""
    name: str = ""
    key: str = ""


def secret(env: str) -> Secret:
    """The value of an environment variable: Grafana's with gk build, gk's own with gk push."""
    # The message does not show the argument: it may be the secret itself.
    if not isinstance(env, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", env):
        raise ValueError(
            "secret() takes the name of an environment variable: letters, digits and _"
        )
    return Secret(env=env)


def secret_file(path: str) -> Secret:
    """The content of the file at `path`: Grafana reads it with gk build (and does not start without
    it), gk itself with gk push."""
    if (
        not isinstance(path, str)
        or not path.startswith("/")
        or "}" in path
        or not path.isprintable()
    ):
        raise ValueError(
            "secret_file() takes the path of a file in Grafana's container; it starts with /"
        )
    return Secret(file=path)


def secret_key(name: str, key: str) -> Secret:
    """The key `key` of the Kubernetes Secret `name` in Grafana's namespace."""
    is_name = isinstance(name, str) and re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name)
    if not is_name or not isinstance(key, str) or not re.fullmatch(r"[A-Za-z0-9._-]+", key):
        raise ValueError(
            "secret_key() takes the name of a Kubernetes Secret and the name of a key in it"
        )
    # The names of Secrets and their keys may contain dots and dashes; names of variables may not.
    env = re.sub(r"[^A-Z0-9]+", "_", f"GK_SECRET_{name}_{key}".upper())
    return Secret(env=env, name=name, key=key)


# In documents


def with_references(value: Any) -> Any:
    """Replace each Secret in `value` with a reference as in documents."""
    if isinstance(value, Secret):
        parts = {part: getattr(value, part) for part in _PARTS}
        return {_MARK: {part: given for part, given in parts.items() if given}}
    if isinstance(value, Mapping):
        return {key: with_references(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_references(inner) for inner in value]
    return value


def is_reference(value: Any) -> TypeGuard[Mapping[str, Reference]]:
    """Whether a value of a document stands for a secret; False for other objects with a key
    `$secret`."""
    if not isinstance(value, Mapping) or value.keys() != {_MARK}:
        return False
    parts = value[_MARK]
    return (
        isinstance(parts, Mapping)
        and not parts.keys() - set(_PARTS)
        and all(isinstance(part, str) for part in parts.values())
        and bool({"env", "file"} & parts.keys())
    )


def reference(value: Any) -> Reference | None:
    """Return a document's value as a reference; None for any other value."""
    return value[_MARK] if is_reference(value) else None


def references(body: Any, where: str = "") -> Iterator[tuple[str, Reference]]:
    """Yield every reference of a document with its path: `.jsonData.x`,
    `.receivers.0.settings.url`."""
    if is_reference(body):
        yield where, body[_MARK]
    elif isinstance(body, Mapping):
        for key, inner in body.items():
            yield from references(inner, f"{where}.{key}")
    elif isinstance(body, list):
        for index, inner in enumerate(body):
            yield from references(inner, f"{where}.{index}")


def replaced(body: Any, put: Callable[[Reference], Any]) -> Any:
    """Return a document with `put(reference)` in place of each reference."""
    if is_reference(body):
        return put(body[_MARK])
    if isinstance(body, Mapping):
        return {key: replaced(inner, put) for key, inner in body.items()}
    return [replaced(inner, put) for inner in body] if isinstance(body, list) else body


def referring(live: Any, wanted: Any) -> Any:
    """Return Grafana's document with the references of the wanted one in place of their values.

    Grafana returns some of these values: a definition may refer to a secret in a setting that
    Grafana does not keep secret.
    """
    if is_reference(wanted) or wanted == SECRET:
        return live if live in (None, "") else wanted
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        return {key: referring(inner, wanted.get(key)) for key, inner in live.items()}
    if isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        return [referring(*pair) for pair in zip(live, wanted, strict=True)]
    return live


# In provisioning files, where Grafana expands them

_EXPANSION = re.compile(r"\$__(env|file)\{([^}]*)\}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def expansion(reference: Reference) -> str:
    """The text that Grafana expands to the secret: `$__env{NAME}` or `$__file{/path}`."""
    return (
        f"$__file{{{reference['file']}}}"
        if "file" in reference
        else f"$__env{{{reference['env']}}}"
    )


def reference_of(text: str, *, variables: bool = False) -> Any:
    """Return the reference for a text of a file that is exactly one expansion; None for any other
    text.

    `variables` also accepts `$NAME` and `${NAME}`, which Grafana expands, too.
    """
    if match := _EXPANSION.fullmatch(text):
        return {_MARK: {match[1]: match[2]}}
    match = _VARIABLE.fullmatch(text) if variables else None
    return {_MARK: {"env": match[1] or match[2]}} if match else None
