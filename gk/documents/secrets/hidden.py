"""Hides secrets in the documents and messages that gk prints or writes for people.

It hides certain and possible secrets alike: documents come from a running Grafana, from files, and
from untrusted revisions, with types that gk does not know. In a receiver it hides every setting
that is not known to be harmless; in a data source, every setting with the name of a secret;
elsewhere, texts that look like a secret.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

from gk.documents.secrets import known
from gk.documents.secrets.known import REDACTED, SECRET
from gk.documents.secrets.references import is_reference, reference
from gk.resource import Kind

__all__ = ["Unspoken", "hidden", "hidden_alike", "secrets_of"]


def hidden(kind: Kind, body: Any, other: Any = None) -> Any:
    """Return a document with `[secret]` in place of each secret; references stay.

    A value is also a secret if `other`, the document that shall replace this one, has a reference
    there.
    """
    return _Walk(_as_one, lambda reference: reference).through(kind, _sealed(kind, body, [other]))


def hidden_alike(kind: Kind, *bodies: Any) -> list[Any]:
    """Return documents for a comparison, with `[secret-1]`, `[secret-2]` in place of secrets.

    Equal secrets get the same number. So a changed secret is a change, and documents are equal only
    if they were equal before. References become words (`secret LOKI_PASSWORD`), and a reference in
    one document marks the value in the others as a secret.
    """
    numbers: dict[tuple[type, Any], int] = {}

    def numbered(secret: Any) -> Any:
        if secret == "":
            return secret
        return f"[secret-{numbers.setdefault((type(secret), secret), len(numbers) + 1)}]"

    walk = _Walk(numbered, _in_words, hides=_looks_like_reference)
    documents = []
    for number, body in enumerate(bodies):
        others = [*bodies[:number], *bodies[number + 1 :]]
        documents.append(walk.through(kind, _sealed(kind, body, others)))
    return documents


def secrets_of(kind: Kind, body: Any) -> set[str]:
    """The texts of a document that `hidden` hides."""
    secrets: set[str] = set()

    def keep(secret: Any) -> Any:
        secrets.add(str(secret))
        return secret

    _Walk(keep, lambda reference: reference).through(kind, body)
    return secrets - {"", SECRET, REDACTED}


def _as_one(secret: Any) -> Any:
    return secret if secret in ("", REDACTED) else SECRET


def _in_words(value: Any) -> str:
    return f"secret {' '.join((reference(value) or {}).values())}"


def _looks_like_reference(text: str) -> bool:
    # Hide such a text: it could equal a reference in words.
    return text.startswith("secret ")


# What another document refers to


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A value that is a secret at any place."""

    value: Any


def _sealed(kind: Kind, body: Any, others: Sequence[Any]) -> Any:
    """Seal every value for which another document has a reference, or a placeholder for a
    secret."""
    for other in others if kind.facts.has_secrets else ():
        body = _sealed_by(other, body)
    return body


def _sealed_by(other: Any, value: Any) -> Any:
    if is_reference(value) or isinstance(value, _Sealed):
        return value
    if is_reference(other) or other == SECRET:
        return value if value in (None, "", SECRET) else _Sealed(value)
    if isinstance(value, dict) and isinstance(other, dict):
        return {key: _sealed_by(other.get(key), inner) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(other, list):
        named = {_uid(theirs) or index: theirs for index, theirs in enumerate(other)}
        return [
            _sealed_by(named.get(_uid(inner) or index), inner) for index, inner in enumerate(value)
        ]
    return value


def _uid(value: Any) -> str:
    uid = value.get("uid") if isinstance(value, dict) else None
    return uid if isinstance(uid, str) else ""


# Documents

_FREE_NAMES = frozenset(
    ("renameByName", "excludeByName", "indexByName", "includeByName", "labels", "annotations")
)
"""Keys of objects in a dashboard that have names of fields or labels as keys: one may be
`password`."""


class _Walk:
    """Walks through a document: `mark` replaces each secret, and `refer` each reference.

    Other texts are hidden if `hides` returns True.
    """

    def __init__(
        self,
        mark: Callable[[Any], Any],
        refer: Callable[[Any], Any],
        hides: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._mark, self._refer, self._hides = mark, refer, hides

    def through(self, kind: Kind, body: Any) -> Any:
        if kind is Kind.DATASOURCE:
            return self._by_name(body)
        if kind is Kind.CONTACT_POINT:
            return self._receivers(body)
        return self._in_dashboard(body) if kind is Kind.DASHBOARD else self._in_texts(body)

    # Data sources

    def _by_name(self, value: Any, name: str = "", *, in_headers: bool = False) -> Any:
        """Hide a value whose name says that it is a secret."""
        if is_reference(value):
            return self._refer(value)
        if isinstance(value, _Sealed):
            return self._whole(value.value)
        if isinstance(value, dict):
            is_header = known.is_header(value)
            return {
                key: self._whole(inner)
                if _is_hidden(key, is_value=is_header and key == "value", in_headers=in_headers)
                else self._by_name(inner, key, in_headers=in_headers or "headers" in key.lower())
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._by_name(inner, name, in_headers=in_headers) for inner in value]
        if not isinstance(value, str):
            return value
        if known.is_parameters(name, value):
            return known.QUERY_PARAMETERS.sub(self._free_parameter, value)
        return self._mark(value) if self._hides(value) else self._address(name, value)

    def _whole(self, value: Any, *, numbers: bool = True) -> Any:
        """Hide every text and every number; flags reveal nothing."""
        if is_reference(value):
            return self._refer(value)
        if isinstance(value, _Sealed):
            return self._whole(value.value)
        if isinstance(value, dict):
            return {key: self._whole(inner, numbers=numbers) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._whole(inner, numbers=numbers) for inner in value]
        is_number = numbers and isinstance(value, (int, float)) and not isinstance(value, bool)
        return self._mark(value) if is_number or isinstance(value, str) else value

    # Contact points

    def _receivers(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._receivers(inner, name) for inner in value]
        if not isinstance(value, dict) or is_reference(value):
            return self._by_name(value, name)
        return {key: self._of_receiver(key, inner) for key, inner in value.items()}

    def _of_receiver(self, key: str, value: Any) -> Any:
        if key == "settings" and isinstance(value, dict):
            return {name: self._setting(name, setting) for name, setting in value.items()}
        return self._whole(value) if key in _SECURE else self._receivers(value, key)

    def _setting(self, name: str, value: Any) -> Any:
        if name in known.SHOWN:
            return self._by_name(value, name)
        return self._whole(value, numbers=known.may_be_secret(name))

    # Dashboards

    def _in_dashboard(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._in_dashboard(inner, name) for inner in value]
        if not isinstance(value, dict):
            return self.text(value) if isinstance(value, str) else value
        has_names = name in _FREE_NAMES
        is_header = "value" in value and "operator" not in value and known.is_header(value)
        shown = {}
        for key, inner in value.items():
            if isinstance(inner, (dict, list)):
                shown[key] = self._in_dashboard(inner, key)
            elif not isinstance(inner, str):
                shown[key] = inner
            elif (is_header and key == "value") or (
                not has_names and known.is_secret_of_panel(key)
            ):
                is_harmless = inner == "" or known.is_placeholder(inner)
                shown[key] = inner if is_harmless else self._mark(inner)
            else:
                shown[key] = self.text(inner)
        return shown

    # Anything else

    def _in_texts(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._in_texts(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._in_texts(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def _address(self, name: str, text: str) -> str:
        if "@" in text and "://" not in text and known.is_address(name):
            text = known.USER_OF_ADDRESS.sub(self._group(1), text)
        return self.text(text)

    def text(self, text: str) -> str:
        """Hide what looks like a secret in a text. Quick tests come first, because most texts
        contain none."""
        if "@" in text and "://" in text:
            text = known.USER.sub(self._group(0), text)
        if "=" in text and ("?" in text or "&" in text or ";" in text):
            text = known.PARAMETER.sub(self._parameter, text)
        if "uthorization" in text or "UTHORIZATION" in text:
            text = known.AUTHORIZATION.sub(self._group(2), text)
        return text

    def _group(self, number: int) -> Callable[[re.Match[str]], str]:
        def sub(match: re.Match[str]) -> str:
            whole, (start, end) = match[0], match.span(number)
            if number and known.is_placeholder(match[number]):
                return whole
            return (
                f"{whole[: start - match.start()]}"
                f"{self._mark(match[number])}"
                f"{whole[end - match.start() :]}"
            )

        return sub

    def _parameter(self, match: re.Match[str]) -> str:
        is_secret = known.may_be_secret(match[1]) and not known.is_placeholder(match[2])
        return f"{match[1]}={self._mark(match[2])}" if is_secret else match[0]

    def _free_parameter(self, match: re.Match[str]) -> str:
        return (
            match[0]
            if match[1] in known.HARMLESS_PARAMETERS
            else f"{match[1]}={self._mark(match[2])}"
        )


_SECURE = frozenset({"secureSettings", "secure_settings", "secureFields"})


def _is_hidden(name: str, *, is_value: bool, in_headers: bool) -> bool:
    of_headers = in_headers and known.is_secret_header(name)
    return is_value or name == "secureJsonData" or of_headers or known.may_be_secret(name)


# Messages

_SHORT = 8


class Unspoken:
    """Words that must not appear in a message, for example if a server repeats what it received.
    Thread-safe."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Add words, in all encodings in which they may come back."""
        forms = {form for word in words if word for form in _forms(word)}
        with self._lock:
            if not forms <= self._words:
                self._words |= forms
                self._pattern = None

    def hidden(self, text: str) -> str:
        """Return a text without these words, and without anything that looks like a secret."""
        shown = _Walk(_as_one, lambda reference: reference).text(text)
        with self._lock:
            if self._pattern is None:
                # Longest first: a short word may be the start of a longer one.
                words = sorted(self._words, key=lambda word: (-len(word), word))
                self._pattern = re.compile("|".join(map(_searched, words)) or r"(?!)")
            pattern = self._pattern
        return pattern.sub(SECRET, shown)


_INSIDE = re.compile(r"[^:/\s]*:([^/\s]+)|(?:basic|bearer|token|apikey)\s+(\S+)", re.IGNORECASE)


def _forms(word: str) -> set[str]:
    match = _INSIDE.fullmatch(word)
    words = {word, match[1] or match[2]} if match else {word}
    return {form for word in words for form in (word, *_encoded(word))}


def _encoded(word: str) -> Iterator[str]:
    basic = b64encode(word.encode("utf-8", "replace")).decode()
    yield from (quote(word, safe=""), quote_plus(word), basic)
    # As JSON, and as JSON that was quoted once more.
    yield from (_in_json(word), _in_json(_in_json(word)))


def _in_json(word: str) -> str:
    return orjson.dumps(word.encode("utf-8", "replace").decode()).decode()[1:-1]


def _searched(word: str) -> str:
    # Match short words only as a whole: they may be part of other words.
    return re.escape(word) if len(word) > _SHORT else rf"(?<!\w){re.escape(word)}(?!\w)"
