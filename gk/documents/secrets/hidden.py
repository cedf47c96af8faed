"""Documents and messages in which secrets are hidden, for all that gk prints or writes for people.

What is a secret for sure and what may be one are hidden alike: documents come from a running
Grafana, from files, and from revisions of strangers, with types that nobody here knows. Of a
receiver every setting is hidden that is not known to be harmless; of a data source what is called
like a secret; of all else what looks like one.
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
    """A document with `[secret]` in place of each secret; references are none, and stay.

    What `other`, the document that is wanted in its place, refers to as a secret is one, too.
    """
    return _Walk(_as_one, lambda reference: reference).through(kind, _sealed(kind, body, [other]))


def hidden_alike(kind: Kind, *bodies: Any) -> list[Any]:
    """Documents that are compared with each other, with `[secret-1]`, `[secret-2]` in place of
    secrets: the same number is the same secret. So one that changed is a change, and documents are
    equal only if they were so before.

    References are words (`secret LOKI_PASSWORD`), and what one document refers to is a secret in
    the others.
    """
    numbers: dict[tuple[type, Any], int] = {}

    def numbered(secret: Any) -> Any:
        if secret == "":
            return secret
        return f"[secret-{numbers.setdefault((type(secret), secret), len(numbers) + 1)}]"

    walk = _Walk(numbered, _in_words, hides=_looks_like_reference)
    found = []
    for number, body in enumerate(bodies):
        others = [*bodies[:number], *bodies[number + 1 :]]
        found.append(walk.through(kind, _sealed(kind, body, others)))
    return found


def secrets_of(kind: Kind, body: Any) -> set[str]:
    """The texts of a document that are hidden."""
    found: set[str] = set()

    def keep(secret: Any) -> Any:
        found.add(str(secret))
        return secret

    _Walk(keep, lambda reference: reference).through(kind, body)
    return found - {"", SECRET, REDACTED}


def _as_one(secret: Any) -> Any:
    return secret if secret in ("", REDACTED) else SECRET


def _in_words(value: Any) -> str:
    return f"secret {' '.join((reference(value) or {}).values())}"


def _looks_like_reference(text: str) -> bool:
    # Else it would equal a reference in words.
    return text.startswith("secret ")


# What another document refers to


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A value that is a secret wherever it is."""

    value: Any


def _sealed(kind: Kind, body: Any, others: Sequence[Any]) -> Any:
    """A document in which every value is sealed in whose place another has a reference, or what
    stands for one."""
    for other in others if kind.facts.has_secrets else ():
        body = _sealed_by(other, body)
    return body


def _sealed_by(other: Any, value: Any) -> Any:
    if is_reference(value) or isinstance(value, _Sealed):
        return value
    if is_reference(other) or other == SECRET:
        return value if value in (None, "", SECRET) else _Sealed(value)
    if isinstance(value, dict) and isinstance(other, dict):
        return {key: _sealed_by(other.get(key), each) for key, each in value.items()}
    if isinstance(value, list) and isinstance(other, list):
        named = {_uid(each) or index: each for index, each in enumerate(other)}
        return [
            _sealed_by(named.get(_uid(each) or index), each) for index, each in enumerate(value)
        ]
    return value


def _uid(value: Any) -> str:
    uid = value.get("uid") if isinstance(value, dict) else None
    return uid if isinstance(uid, str) else ""


# Documents

_FREE_NAMES = frozenset(
    ("renameByName", "excludeByName", "indexByName", "includeByName", "labels", "annotations")
)
"""What holds names of fields or labels as keys, in a dashboard: one may be called `password`."""


class _Walk:
    """A way through a document: `mark` makes what is shown of each secret, `refer` of each
    reference. Texts that are no secrets are hidden where `hides` says so."""

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
        """A value that is a secret where its name says so."""
        if is_reference(value):
            return self._refer(value)
        if isinstance(value, _Sealed):
            return self._whole(value.value)
        if isinstance(value, dict):
            is_header = known.is_header(value)
            return {
                key: self._whole(each)
                if _is_hidden(key, is_value=is_header and key == "value", in_headers=in_headers)
                else self._by_name(each, key, in_headers=in_headers or "headers" in key.lower())
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._by_name(each, name, in_headers=in_headers) for each in value]
        if not isinstance(value, str):
            return value
        if name == "customQueryParameters":
            return known.QUERY_PARAMETERS.sub(self._free_parameter, value)
        return self._mark(value) if self._hides(value) else self._address(name, value)

    def _whole(self, value: Any, *, numbers: bool = True) -> Any:
        """Every text hidden, and every number; flags say nothing."""
        if is_reference(value):
            return self._refer(value)
        if isinstance(value, _Sealed):
            return self._whole(value.value)
        if isinstance(value, dict):
            return {key: self._whole(each, numbers=numbers) for key, each in value.items()}
        if isinstance(value, list):
            return [self._whole(each, numbers=numbers) for each in value]
        is_number = numbers and isinstance(value, (int, float)) and not isinstance(value, bool)
        return self._mark(value) if is_number or isinstance(value, str) else value

    # Contact points

    def _receivers(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._receivers(each, name) for each in value]
        if not isinstance(value, dict) or is_reference(value):
            return self._by_name(value, name)
        return {key: self._of_receiver(key, each) for key, each in value.items()}

    def _of_receiver(self, key: str, value: Any) -> Any:
        if key == "settings" and isinstance(value, dict):
            return {name: self._setting(name, each) for name, each in value.items()}
        return self._whole(value) if key in _SECURE else self._receivers(value, key)

    def _setting(self, name: str, value: Any) -> Any:
        if name in known.SHOWN:
            return self._by_name(value, name)
        return self._whole(value, numbers=known.may_be_secret(name))

    # Dashboards

    def _in_dashboard(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._in_dashboard(each, name) for each in value]
        if not isinstance(value, dict):
            return self.text(value) if isinstance(value, str) else value
        has_names = name in _FREE_NAMES
        is_header = "value" in value and "operator" not in value and known.is_header(value)
        found = {}
        for key, each in value.items():
            if isinstance(each, (dict, list)):
                found[key] = self._in_dashboard(each, key)
            elif not isinstance(each, str):
                found[key] = each
            elif (is_header and key == "value") or (
                not has_names and known.is_secret_of_panel(key)
            ):
                found[key] = self._setting_of_panel(each)
            else:
                found[key] = self.text(each)
        return found

    def _setting_of_panel(self, value: str) -> Any:
        return value if value == "" or known.is_placeholder(value) else self._mark(value)

    # Anything else

    def _in_texts(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._in_texts(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._in_texts(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def _address(self, name: str, text: str) -> str:
        if "@" in text and "://" not in text and known.is_address(name):
            text = known.USER_OF_ADDRESS.sub(self._group(1), text)
        return self.text(text)

    def text(self, text: str) -> str:
        """A text with what looks like a secret in it hidden. Most have no sign of one, and are not
        searched."""
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
    """Words that no message may say, such as one of a server that repeats what it was sent. For
    several threads."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Add words, in the forms in which they may come back."""
        found = {form for word in words if word for form in _forms(word)}
        with self._lock:
            if not found <= self._words:
                self._words |= found
                self._pattern = None

    def hidden(self, text: str) -> str:
        """A text without these words, nor what looks like a secret."""
        shown = _Walk(_as_one, lambda reference: reference).text(text)
        with self._lock:
            if self._pattern is None:
                # The longest first: one may begin as another does.
                words = sorted(self._words, key=lambda each: (-len(each), each))
                self._pattern = re.compile("|".join(map(_searched, words)) or r"(?!)")
            pattern = self._pattern
        return pattern.sub(SECRET, shown)


_INSIDE = re.compile(r"[^:/\s]*:([^/\s]+)|(?:basic|bearer|token|apikey)\s+(\S+)", re.IGNORECASE)


def _forms(word: str) -> set[str]:
    found = _INSIDE.fullmatch(word)
    words = {word, found[1] or found[2]} if found else {word}
    return {form for each in words for form in (each, *_encoded(each))}


def _encoded(word: str) -> Iterator[str]:
    yield from (quote(word, safe=""), quote_plus(word), _as_basic(word))
    # As JSON, and as JSON that was quoted once more.
    yield from (_in_json(word), _in_json(_in_json(word)))


def _as_basic(word: str) -> str:
    return b64encode(word.encode("utf-8", "replace")).decode()


def _in_json(word: str) -> str:
    return orjson.dumps(word.encode("utf-8", "replace").decode()).decode()[1:-1]


def _searched(word: str) -> str:
    # A short one would be found in other words.
    return re.escape(word) if len(word) > _SHORT else rf"(?<!\w){re.escape(word)}(?!\w)"
