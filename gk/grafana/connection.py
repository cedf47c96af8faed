"""The URL and the credentials of a Grafana: from a context of gk.yaml, or from the environment.
Sends nothing.

Without `--context` the environment comes first: GRAFANA_URL, with GRAFANA_TOKEN, or GRAFANA_USER
and GRAFANA_PASSWORD, and with GRAFANA_ORG_ID and GRAFANA_PLAIN_HTTP. A credential goes only where
it was meant to: those variables belong to GRAFANA_URL, and a context has the variables that it
names. A proxy of the environment (https_proxy, no_proxy) is judged as one of gk.yaml.

No message and no repr shows a token, a password, or a URL that may have one in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gk.bounded.reading import UnusableFileError, read_bytes
from gk.errors import ConfigError, Problem, Source, did_you_mean
from gk.http.network import environment_proxy
from gk.http.urls import listener, url_mistake
from gk.settings import SETTINGS_FILE, Context, Settings

__all__ = ["Connection", "connection"]

# More than any token, password or bundle of certificates has.
_LARGEST = 2**20
_VARIABLES = {
    "grafana": "GRAFANA_URL",
    "token": "GRAFANA_TOKEN",
    "user": "GRAFANA_USER",
    "password": "GRAFANA_PASSWORD",
    "organization": "GRAFANA_ORG_ID",
    "plain_http": "GRAFANA_PLAIN_HTTP",
}
# What the value of an HTTP header may hold, without spaces.
_TOKEN = re.compile(r"[\x21-\x7e]+")
# Surrogates are what bytes of a variable or a file become that are no text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The URL and the credentials of a Grafana."""

    url: str
    """With its sub-path; without a slash at the end, and without credentials."""
    name: str
    """The context's, or nothing when all is from the environment."""
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    organization: int = 0
    """An organization's id; 0 is the credential's own."""
    ca: str = ""
    """This and the client's files are absolute paths of PEM files that can be read."""
    client_certificate: str = ""
    client_key: str = ""
    proxy: str = field(default="", repr=False)
    """The URL of the proxy to use. If it is from the environment, it may contain a password."""
    connect_timeout: float = 5.0
    """Seconds, as those of `timeout`, which is how long an answer may take from the request to its
    last byte."""
    timeout: float = 30.0
    retries: int = 4
    workers: int = 8

    @property
    def hurried(self) -> Connection:
        """The same for the first request: all its attempts together take no longer than one attempt
        usually may."""
        retries = min(self.retries, 2)
        # The rest is for the pauses between the attempts.
        timeout = 0.9 * self.timeout / (retries + 1)
        return replace(
            self,
            retries=retries,
            timeout=timeout,
            connect_timeout=min(self.connect_timeout, timeout),
        )

    @property
    def shown(self) -> str:
        """Its name in messages: `prod (https://grafana.example.com/sub/path)`."""
        return f"{self.name} ({self.url})" if self.name else self.url


def connection(
    settings: Settings,
    root: Path,
    name: str | None,
    environ: Mapping[str, str],
    ask: Callable[[str], str] | None,
) -> Connection:
    """The Grafana of the context `name`, or without a name of the environment, or of the only
    context there is.

    Where an environment of gk.yaml names contexts itself, only these count, and the variables of
    the environment do not. `root` is the project's folder. `ask` shows a person a prompt, which has
    no colon at its end, and returns the hidden text that they type; None where nobody is there.
    Nobody is asked when there are mistakes. Raises ConfigError with all of them.
    """
    reader = _Reader(root, environ, can_ask=ask is not None)
    own = [name for name in settings.own_contexts if settings.contexts[name].grafana]
    # --context wins, and an environment with its own Grafana: a variable of the shell must not
    # redirect a push that names its Grafana.
    if name is None and not own and _variable(environ, "grafana"):
        grafana = reader.connection("", reader.environment())
    else:
        name = _chosen(settings.contexts, name, own)
        grafana = reader.connection(name, settings.contexts[name])
    if ask and not reader.problems and not (grafana.token or grafana.password):
        grafana = reader.asked(grafana, ask)
    if reader.problems:
        raise ConfigError(reader.problems)
    return grafana


def _variable(environ: Mapping[str, str], key: str) -> str:
    # An empty variable is an unset one: a CI has no other way to unset one that it defines for all
    # jobs.
    return environ.get(_VARIABLES[key], "").strip()


def _chosen(contexts: Mapping[str, Context], name: str | None, own: Sequence[str]) -> str:
    """The name of a context that has a Grafana: `name` itself, or without one that of the only
    one. `own` are those of the environment, which come before all others."""
    if name is not None:
        if name not in contexts:
            there = f"has {', '.join(contexts)}" if contexts else "has no contexts"
            raise ConfigError(
                f"--context '{name}': {SETTINGS_FILE} {there}{did_you_mean(name, contexts)}"
            )
        if not contexts[name].grafana:
            raise ConfigError(
                [_problem(name, "grafana", "is missing; write the URL of the Grafana")]
            )
        return name
    names = own or [other for other, context in contexts.items() if context.grafana]
    if not names:
        raise ConfigError(
            "no Grafana is configured; write a context with its URL (contexts: NAME: grafana: URL) "
            f"into {SETTINGS_FILE}, or set GRAFANA_URL, with GRAFANA_TOKEN or with GRAFANA_USER "
            "and GRAFANA_PASSWORD"
        )
    if len(names) > 1:
        raise ConfigError(
            f"which Grafana? {SETTINGS_FILE} has {', '.join(names)}; choose "
            f"with --context{'' if own else ', or set GRAFANA_URL'}"
        )
    return names[0]


def _problem(name: str, key: str, message: str) -> Problem:
    """A mistake in the context `name`, or without a name in the environment."""
    if name:
        return Problem(Source(SETTINGS_FILE), f"contexts.{name}.{key}: {message}")
    return Problem(Source(""), f"{_VARIABLES[key]}: {message}")


class _Reader:
    """Reads the files and variables of a context, and collects mistakes. The environment is a
    context without a name, so that the same rules apply."""

    def __init__(self, root: Path, environ: Mapping[str, str], *, can_ask: bool) -> None:
        self.root = root
        self.environ = environ
        self.can_ask = can_ask
        self.problems: list[Problem] = []
        self.name = ""

    def environment(self) -> Context:
        url = _variable(self.environ, "grafana")
        if mistake := url_mistake(
            url, "GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD, are the credentials"
        ):
            self._wrong("grafana", mistake)
        has = [key for key in ("token", "user", "password") if _variable(self.environ, key)]
        if "token" in has and len(has) > 1:
            others = " and ".join(_VARIABLES[key] for key in has[1:])
            self._wrong("token", f"unset it, or {others}: use only one kind of credentials")
        elif has == ["password"]:
            self._wrong("password", "set GRAFANA_USER, too")
        user = _variable(self.environ, "user")
        if ":" in user or _CONTROL.search(user):
            self._wrong("user", "a user name must not contain ':' or control characters")
        return Context(
            grafana="" if mistake else url.rstrip("/"),
            user=user,
            organization=self._organization(),
            plain_http=self._plain_http(),
            token={"env": _VARIABLES["token"]} if "token" in has else {},
            password={"env": _VARIABLES["password"]} if "password" in has else {},
        )

    def _organization(self) -> int:
        text = _variable(self.environ, "organization")
        if not text:
            return 0
        if not re.fullmatch("[1-9][0-9]{0,8}", text):
            self._wrong("organization", "must be an organization id, a whole number from 1")
            return 0
        return int(text)

    def _plain_http(self) -> bool:
        text = _variable(self.environ, "plain_http").lower()
        if text not in ("", "true", "false"):
            self._wrong("plain_http", "write true, or leave it unset")
        return text == "true"

    def connection(self, name: str, context: Context) -> Connection:
        """The connection; without a credential if a person will be asked for it."""
        self.name = name
        proxy = self._proxy(context)
        return Connection(
            url=context.grafana,
            name=name,
            token=self._token(context),
            user=context.user,
            password=self._password(context),
            organization=context.organization,
            ca=self._pem("ca", context.ca),
            client_certificate=self._pem("client_certificate", context.client_certificate),
            client_key=self._pem("client_key", context.client_key),
            proxy=proxy,
            timeout=float(context.timeout),
            retries=context.retries,
            workers=context.workers,
        )

    def asked(self, grafana: Connection, ask: Callable[[str], str]) -> Connection:
        """The connection with the credential that a person types."""
        if grafana.user:
            password = self._checked_password(
                ask(f"Password of {grafana.user} for {grafana.shown}")
            )
            if not password:
                self._wrong("password", "none was typed")
            return replace(grafana, password=password)
        token = self._checked_token(ask(f"Service account token for {grafana.shown}").strip())
        if not token:
            self._wrong("token", "none was typed")
        return replace(grafana, token=token)

    def _proxy(self, context: Context) -> str:
        """The proxy to use. There is always a credential, and it goes over plain http only if that
        is safe or allowed."""
        try:
            proxy = context.proxy or environment_proxy(context.grafana, self.environ)
        except ConfigError as error:
            self.problems += error.problems
            return ""
        reader = "" if context.plain_http else listener(context.grafana, proxy)
        if reader:
            allow = "write plain_http: true" if self.name else "set GRAFANA_PLAIN_HTTP=true"
            message = (
                f"anybody on the network path to {reader} could read the credential over plain http"
            )
            self._wrong("grafana", f"{message}; use https, or {allow}")
        return proxy

    def _token(self, context: Context) -> str:
        if context.token:
            return self._checked_token(self._secret("token", context.token).strip())
        # Without a user, the credential is a token: a password alone is a mistake of its own.
        if not context.user and not self.can_ask and not context.password:
            instead = "write {env: NAME} or {file: PATH}, or user and password"
            if not self.name:
                instead = "set it, or GRAFANA_USER and GRAFANA_PASSWORD"
            self._wrong("token", f"is missing, and there is no terminal to ask on; {instead}")
        return ""

    def _password(self, context: Context) -> str:
        if context.password:
            # The line break is the file's, or the CI's; spaces may be the password's.
            return self._checked_password(
                re.sub(r"\r?\n\Z", "", self._secret("password", context.password))
            )
        if context.user and not context.token and not self.can_ask:
            instead = "write {env: NAME} or {file: PATH}" if self.name else "set it"
            self._wrong("password", f"is missing, and there is no terminal to ask on; {instead}")
        return ""

    def _secret(self, key: str, reference: Mapping[str, str]) -> str:
        """The secret that a context refers to; empty, with a mistake, if it is missing."""
        if "env" in reference:
            name = reference["env"]
            text = self.environ.get(name, "")
            missing = (
                f"the environment variable {name} "
                f"is {'empty' if name in self.environ else 'not set'}"
            )
        else:
            content = self._content(key, reference["file"], f"put the {key} there")
            if content is None:
                return ""
            # Not as an exception, which would hold the bytes; without the mark that some editors
            # put before a text.
            text = content.decode("utf-8-sig", "surrogateescape")
            missing = f"{reference['file']} is empty"
        if text.strip():
            return text
        self._wrong(key, f"{missing}; put the {key} there")
        return ""

    def _content(self, key: str, path: str, advice: str) -> bytes | None:
        """The content of a file; None, with a mistake, if it cannot be read."""
        try:
            return read_bytes(self.root / path, _LARGEST)
        except UnusableFileError as error:
            self._wrong(key, f"{path} {error}; {advice}")
            return None

    def _checked_token(self, token: str) -> str:
        if token and not _TOKEN.fullmatch(token):
            self._wrong(
                "token",
                "has a space, a line break or another character that is not allowed in a token",
            )
        return token

    def _checked_password(self, password: str) -> str:
        if _CONTROL.search(password):
            self._wrong(
                "password", "has a line break or another control character, or is not UTF-8"
            )
        return password

    def _pem(self, key: str, path: str) -> str:
        """The absolute path of a PEM file."""
        if not path:
            return ""
        advice = "a PEM file should be there; relative paths start at the project"
        content = self._content(key, path, advice)
        if content is not None and b"-----BEGIN " not in content:
            self._wrong(key, f"{path} is not a PEM file: it has no line '-----BEGIN ...-----'")
        return str((self.root / path).absolute())

    def _wrong(self, key: str, message: str) -> None:
        self.problems.append(_problem(self.name, key, message))
