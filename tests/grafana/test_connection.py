"""Where a Grafana is and who gk is there: what is used for what, and what is refused without being
shown."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.errors import ConfigError
from gk.grafana.connection import Connection, connection
from gk.settings import Context, Settings
from tests.cases import every

URL = "https://grafana.example.com/sub/path"
PEM = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"


def connect(
    contexts: Mapping[str, Context] | None = None,
    name: str | None = None,
    environ: Mapping[str, str] | None = None,
    ask: Callable[[str], str] | None = None,
    root: Path = Path("/nowhere"),
) -> Connection:
    """The connection of a project with these contexts."""
    return connection(Settings(contexts=contexts or {}), root, name, environ or {}, ask)


def mistakes(
    contexts: Mapping[str, Context] | None = None,
    name: str | None = None,
    environ: Mapping[str, str] | None = None,
    ask: Callable[[str], str] | None = None,
    root: Path = Path("/nowhere"),
) -> list[str]:
    """What is wrong with them."""
    with pytest.raises(ConfigError) as caught:
        connect(contexts, name, environ, ask, root)
    return str(caught.value).split("\n")


def never(prompt: str) -> str:
    """A person who must not be asked."""
    raise AssertionError(prompt)


def answering(text: str, prompts: list[str]) -> Callable[[str], str]:
    """A person who types a text; what they were asked is added to the prompts."""

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return text

    return ask


PROD = Context(grafana=URL, token={"env": "PROD_TOKEN"})
LOCAL = Context(grafana="http://127.0.0.1:3000", user="admin", password={"env": "LOCAL_PASSWORD"})
BOTH = {"local": LOCAL, "prod": PROD, "bare": Context(prometheus="http://127.0.0.1:9090")}
SECRETS = {"PROD_TOKEN": "glsa_prod", "LOCAL_PASSWORD": "local"}
GRAFANA = {"GRAFANA_URL": "https://g", "GRAFANA_TOKEN": "glsa_env"}


# Which Grafana


@every(
    "expected, contexts, name, environ",
    [
        pytest.param(
            Connection(url=URL, name="prod", token="glsa_prod"), BOTH, "prod", SECRETS, id="named"
        ),
        pytest.param(
            Connection(url="http://127.0.0.1:3000", name="local", user="admin", password="local"),
            BOTH,
            "local",
            SECRETS,
            id="user-and-password",
        ),
        pytest.param(
            Connection(url=URL, name="prod", token="glsa_prod"),
            BOTH,
            "prod",
            {**SECRETS, **GRAFANA, "GRAFANA_USER": "x", "GRAFANA_ORG_ID": "7"},
            id="a-name-is-stronger-than-the-environment",
        ),
        pytest.param(
            Connection(url="https://g", name="", token="glsa_env"),
            {"prod": PROD},
            None,
            {**SECRETS, **GRAFANA},
            id="the-environment-is-stronger-than-the-only-context",
        ),
        pytest.param(
            Connection(url=URL, name="prod", token="glsa_prod"),
            {"prod": PROD, "bare": BOTH["bare"]},
            None,
            SECRETS,
            id="the-only-one-with-a-grafana",
        ),
        pytest.param(
            Connection(url=URL, name="prod", token="glsa_prod"),
            {"prod": PROD},
            None,
            {**SECRETS, "GRAFANA_URL": " ", "GRAFANA_TOKEN": "glsa_other", "GRAFANA_USER": "x"},
            id="the-environment-s-credentials-are-not-for-a-context",
        ),
        pytest.param(
            Connection(url=URL, name="prod", token="glsa_env"),
            {"prod": replace(PROD, token={"env": "GRAFANA_TOKEN"})},
            None,
            {"GRAFANA_TOKEN": "glsa_env"},
            id="but-for-one-that-names-them",
        ),
        pytest.param(
            Connection(
                url="https://g/sub", name="", user="ci", password=" pass word ", organization=3
            ),
            None,
            None,
            {
                "GRAFANA_URL": "https://g/sub/\n",
                "GRAFANA_USER": "ci",
                "GRAFANA_PASSWORD": " pass word ",
                "GRAFANA_ORG_ID": "3",
                "GRAFANA_TOKEN": "",
            },
            id="all-of-the-environment",
        ),
    ],
)
def test_a_credential_goes_to_the_grafana_that_it_is_for(
    expected: Connection,
    contexts: Mapping[str, Context] | None,
    name: str | None,
    environ: Mapping[str, str],
) -> None:
    """And nobody is asked for one that is there."""
    assert expected == connect(contexts, name, environ, never)


@pytest.mark.parametrize(
    ("expected", "contexts", "name"),
    [
        pytest.param(
            "--context 'prd': gk.yaml has local, prod, bare; did you mean 'prod'?",
            BOTH,
            "prd",
            id="misspelt",
        ),
        pytest.param("--context 'x': gk.yaml has no contexts", {}, "x", id="no-contexts"),
        pytest.param(
            "--context '': gk.yaml has prod", {"prod": PROD}, "", id="an-empty-variable-of-a-shell"
        ),
        pytest.param(
            "gk.yaml: contexts.bare.grafana: is missing; write the URL of the Grafana",
            BOTH,
            "bare",
            id="no-url",
        ),
        pytest.param(
            "which Grafana? gk.yaml has local, prod; choose with --context, or set GRAFANA_URL",
            BOTH,
            None,
            id="several",
        ),
        pytest.param(
            "no Grafana is configured; write a context with its URL (contexts: NAME: grafana: URL) "
            "into gk.yaml, or set GRAFANA_URL, with GRAFANA_TOKEN or with GRAFANA_USER "
            "and GRAFANA_PASSWORD",
            {"bare": BOTH["bare"]},
            None,
            id="none",
        ),
    ],
)
def test_which_grafana_is_never_guessed(
    expected: str, contexts: Mapping[str, Context], name: str | None
) -> None:
    """Neither for want of a name, nor because a credential is there."""
    assert [expected] == mistakes(contexts, name, {**SECRETS, "GRAFANA_TOKEN": "glsa_env"}, never)


def test_messages_name_the_context_and_the_url() -> None:
    """What is about to change is what people have to recognize."""
    assert f"prod ({URL})" == connect(BOTH, "prod", SECRETS).shown
    assert "https://g" == connect(environ=GRAFANA).shown


def test_what_else_a_context_says_is_in_the_connection(tmp_path: Path) -> None:
    """Files as absolute paths, wherever gk was started."""
    for name in ("ca.pem", "client.pem", "client.key"):
        (tmp_path / name).write_text(PEM, encoding="utf-8")
    context = replace(
        PROD,
        organization=2,
        ca="ca.pem",
        client_certificate="./client.pem",
        client_key=str(tmp_path / "client.key"),
        proxy="http://127.0.0.1:3128",
        timeout=90,
        retries=0,
        workers=1,
    )

    assert Connection(
        url=URL,
        name="prod",
        token="glsa_prod",
        organization=2,
        ca=str(tmp_path / "ca.pem"),
        client_certificate=str(tmp_path / "client.pem"),
        client_key=str(tmp_path / "client.key"),
        proxy="http://127.0.0.1:3128",
        connect_timeout=5.0,
        timeout=90.0,
        retries=0,
        workers=1,
    ) == connect({"prod": context}, "prod", SECRETS, root=tmp_path)


def test_paths_are_absolute_where_the_project_s_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gk -C team` gives a relative root."""
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "ca.pem").write_text(PEM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    connected = connect({"prod": replace(PROD, ca="ca.pem")}, None, SECRETS, root=Path("team"))

    assert str(tmp_path / "team" / "ca.pem") == connected.ca


# Credentials in files and variables


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        pytest.param("glsa_x", b"glsa_x", id="bare"),
        pytest.param("glsa_x", b" glsa_x \r\n\n", id="space-around"),
        pytest.param("glsa_x", b"\xef\xbb\xbfglsa_x\r\n", id="byte-order-mark"),
    ],
)
def test_a_token_is_stripped(tmp_path: Path, expected: str, content: bytes) -> None:
    """Editors and CIs end it with a line break."""
    (tmp_path / "token").write_bytes(content)

    connected = connect({"prod": replace(PROD, token={"file": "token"})}, None, root=tmp_path)

    assert expected == connected.token


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        pytest.param("hunter2", "hunter2\n", id="line-break"),
        pytest.param("hunter2", "hunter2\r\n", id="windows"),
        pytest.param(" hünter 2 ", " hünter 2 ", id="spaces-are-its-own"),
    ],
)
def test_a_password_loses_its_line_break_only(tmp_path: Path, expected: str, content: str) -> None:
    """The same in a file and in a variable."""
    (tmp_path / "password").write_bytes(content.encode())
    context = replace(PROD, token={}, user="ci", password={"file": "password"})
    environ = {"GRAFANA_URL": URL, "GRAFANA_USER": "ci", "GRAFANA_PASSWORD": content}

    assert expected == connect({"prod": context}, "prod", root=tmp_path).password
    assert expected == connect(environ=environ).password


@pytest.mark.parametrize(
    ("expected", "token", "environ"),
    [
        pytest.param(
            "the environment variable T is not set; put the token there",
            {"env": "T"},
            {},
            id="unset",
        ),
        pytest.param(
            "the environment variable T is empty; put the token there",
            {"env": "T"},
            {"T": "\n"},
            id="empty",
        ),
        pytest.param(
            "t cannot be read: No such file or directory; put the token there",
            {"file": "t"},
            {},
            id="none",
        ),
        pytest.param(
            ". is a folder and must be a file; put the token there",
            {"file": "."},
            {},
            id="folder",
        ),
        pytest.param(
            "\0 cannot be read: not a valid path; put the token there",
            {"file": "\0"},
            {},
            id="no-path",
        ),
        pytest.param("blank is empty; put the token there", {"file": "blank"}, {}, id="empty-file"),
        pytest.param(
            "/dev/zero is a device and must be a file; put the token there",
            {"file": "/dev/zero"},
            {},
            id="endless",
        ),
    ],
)
def test_a_missing_token_is_said_with_its_context(
    tmp_path: Path, expected: str, token: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    """A person is not asked for it: gk.yaml says where it is."""
    (tmp_path / "blank").write_text(" \n", encoding="utf-8")

    problems = mistakes({"prod": replace(PROD, token=token)}, None, environ, never, tmp_path)

    assert [f"gk.yaml: contexts.prod.token: {expected}"] == problems


@pytest.mark.parametrize(
    "token", ["glsa_\nX-Evil: 1", "glsa_ x", "glsa_\x00x", "glsa_é", "glsa_\udcffx", "glsa_\x7fx"]
)
def test_a_token_that_is_no_header_s_value_is_refused(tmp_path: Path, token: str) -> None:
    """It could end the header and start another, wherever it is from."""
    (tmp_path / "token").write_bytes(token.encode("utf-8", "surrogateescape"))
    expected = "has a space, a line break or another character that is not allowed in a token"
    in_file = {"prod": replace(PROD, token={"file": "token"})}
    unset = {"prod": replace(PROD, token={})}

    assert [f"GRAFANA_TOKEN: {expected}"] == mistakes(
        environ={"GRAFANA_URL": URL, "GRAFANA_TOKEN": token}
    )
    assert [f"gk.yaml: contexts.prod.token: {expected}"] == mistakes(
        BOTH, "prod", {"PROD_TOKEN": token}
    )
    assert [f"gk.yaml: contexts.prod.token: {expected}"] == mistakes(in_file, root=tmp_path)
    assert [f"gk.yaml: contexts.prod.token: {expected}"] == mistakes(unset, ask=lambda _: token)


@pytest.mark.parametrize("password", ["two\nlines", "nul\0", "\udcff"])
def test_a_password_that_nobody_can_type_is_refused(password: str) -> None:
    """It is the wrong file or variable."""
    environ = {"LOCAL_PASSWORD": password}

    assert [
        (
            "gk.yaml: contexts.local.password: has a line break or another control character, "
            "or is not UTF-8"
        )
    ] == mistakes(BOTH, "local", environ)


@pytest.mark.parametrize("key", ["ca", "client_certificate", "client_key"])
def test_a_pem_file_is_there_and_is_one(tmp_path: Path, key: str) -> None:
    """The HTTP library would say it of the first request, in OpenSSL's words, and without the key's
    name."""
    (tmp_path / "der").write_bytes(b"\x30\x82")

    def wrong(path: str) -> list[str]:
        context = replace(PROD, **{key: path})  # type: ignore[arg-type]
        return mistakes({"prod": context}, None, SECRETS, root=tmp_path)

    advice = "a PEM file should be there; relative paths start at the project"
    assert [
        f"gk.yaml: contexts.prod.{key}: x/y cannot be read: No such file or directory; {advice}"
    ] == wrong("x/y")
    assert [
        f"gk.yaml: contexts.prod.{key}: der is not a PEM file: it has no line '-----BEGIN ...-----'"
    ] == wrong("der")


# The environment


@every(
    "expected, environ",
    [
        pytest.param(
            "GRAFANA_TOKEN: unset it, or GRAFANA_USER and GRAFANA_PASSWORD: "
            "use only one kind of credentials",
            {"GRAFANA_TOKEN": "t", "GRAFANA_USER": "u", "GRAFANA_PASSWORD": "p"},
            id="both-kinds",
        ),
        pytest.param(
            "GRAFANA_TOKEN: unset it, or GRAFANA_PASSWORD: use only one kind of credentials",
            {"GRAFANA_TOKEN": "t", "GRAFANA_PASSWORD": "p"},
            id="token-and-password",
        ),
        pytest.param(
            "GRAFANA_PASSWORD: set GRAFANA_USER, too",
            {"GRAFANA_PASSWORD": "p"},
            id="no-user",
        ),
        pytest.param(
            "GRAFANA_USER: a user name must not contain ':' or control characters",
            {"GRAFANA_USER": "u:p", "GRAFANA_PASSWORD": "p"},
            id="password-in-the-user",
        ),
        pytest.param(
            "GRAFANA_TOKEN: is missing, and there is no terminal to ask on; "
            "set it, or GRAFANA_USER and GRAFANA_PASSWORD",
            {},
            id="nothing",
        ),
        pytest.param(
            "GRAFANA_PASSWORD: is missing, and there is no terminal to ask on; set it",
            {"GRAFANA_USER": "u"},
            id="no-password",
        ),
        pytest.param(
            "GRAFANA_ORG_ID: must be an organization id, a whole number from 1",
            {"GRAFANA_TOKEN": "t", "GRAFANA_ORG_ID": "0"},
            id="organization-0",
        ),
        pytest.param(
            "GRAFANA_ORG_ID: must be an organization id, a whole number from 1",
            {"GRAFANA_TOKEN": "t", "GRAFANA_ORG_ID": "٣"},
            id="organization-in-arabic",
        ),
        pytest.param(
            "GRAFANA_PLAIN_HTTP: write true, or leave it unset",
            {"GRAFANA_TOKEN": "t", "GRAFANA_PLAIN_HTTP": "maybe"},
            id="neither-true-nor-false",
        ),
        pytest.param(
            "GRAFANA_URL: remove the user and the password from the URL; "
            "GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD, are the credentials",
            {"GRAFANA_TOKEN": "t", "GRAFANA_URL": "http://admin:hunter2@127.0.0.1"},
            id="url-with-a-password",
        ),
        pytest.param(
            "GRAFANA_URL: is not a URL: it has to start with http:// or https://",
            {"GRAFANA_TOKEN": "t", "GRAFANA_URL": "grafana.example.com"},
            id="no-url",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable(
    expected: str, environ: Mapping[str, str]
) -> None:
    """And says which to set or to unset."""
    assert [expected] == mistakes(environ={"GRAFANA_URL": URL, **environ})


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    """And nobody is asked for a password that would not be used."""
    context = Context(grafana="http://g", user="ci", ca="ca.pem", client_certificate="client.pem")
    environ = {
        "GRAFANA_URL": "https://x@g",
        "GRAFANA_TOKEN": "a b",
        "GRAFANA_USER": "ci",
        "GRAFANA_ORG_ID": "x",
        "GRAFANA_PLAIN_HTTP": "x",
    }

    of_context = mistakes({"prod": context}, ask=never, root=tmp_path)
    of_environment = mistakes(environ=environ, ask=never)

    assert ["ca", "client_certificate", "grafana"] == [
        problem.split(": ")[1].split(".")[2] for problem in of_context
    ]
    assert sorted(
        ["GRAFANA_ORG_ID", "GRAFANA_PLAIN_HTTP", "GRAFANA_TOKEN", "GRAFANA_TOKEN", "GRAFANA_URL"]
    ) == [problem.split(":")[0] for problem in of_environment]


# Asking


def test_a_person_is_asked_for_a_token() -> None:
    """Where nothing says where it is."""
    asked: list[str] = []

    connected = connect(
        {"prod": replace(PROD, token={})},
        ask=answering(" glsa_typed\n", asked),
    )

    assert "glsa_typed" == connected.token
    assert [f"Service account token for prod ({URL})"] == asked


@pytest.mark.parametrize(
    ("shown", "contexts", "environ"),
    [
        pytest.param(f"prod ({URL})", {"prod": Context(grafana=URL, user="ci")}, {}, id="context"),
        pytest.param(URL, {}, {"GRAFANA_URL": URL, "GRAFANA_USER": "ci"}, id="environment"),
    ],
)
def test_a_person_is_asked_for_a_user_s_password(
    shown: str, contexts: Mapping[str, Context], environ: Mapping[str, str]
) -> None:
    """Which may start and end with a space."""
    asked: list[str] = []

    connected = connect(contexts, environ=environ, ask=answering(" typed ", asked))

    assert ("ci", " typed ", "") == (connected.user, connected.password, connected.token)
    assert [f"Password of ci for {shown}"] == asked


@pytest.mark.parametrize(("key", "user"), [("token", ""), ("password", "ci")])
def test_nothing_typed_is_no_credential(key: str, user: str) -> None:
    """Grafana may let anybody in who does not say who they are, as a viewer."""
    context = Context(grafana=URL, user=user)

    assert [f"gk.yaml: contexts.prod.{key}: none was typed"] == mistakes(
        {"prod": context}, ask=lambda _: ""
    )


@pytest.mark.parametrize(
    ("expected", "user"),
    [
        pytest.param(
            "gk.yaml: contexts.prod.token: is missing, and there is no terminal to ask on; "
            "write {env: NAME} or {file: PATH}, or user and password",
            "",
            id="token",
        ),
        pytest.param(
            "gk.yaml: contexts.prod.password: is missing, and there is no terminal to ask on; "
            "write {env: NAME} or {file: PATH}",
            "ci",
            id="password",
        ),
    ],
)
def test_without_a_terminal_nobody_is_asked(expected: str, user: str) -> None:
    """The variables of GRAFANA_URL are no way out: they are for another Grafana."""
    environ = {"GRAFANA_TOKEN": "t", "GRAFANA_PASSWORD": "p"}

    assert [expected] == mistakes({"prod": Context(grafana=URL, user=user)}, environ=environ)


# Plain http


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3000",
        "http://LocalHost",
        "http://127.0.0.1",
        "http://127.9.8.7:3000/g",
        "http://[::1]:3000",
    ],
)
def test_plain_http_is_for_the_same_machine(url: str) -> None:
    """Nobody is on the way there."""
    assert url == connect({"prod": replace(PROD, grafana=url)}, None, SECRETS).url
    assert url == connect(environ={**GRAFANA, "GRAFANA_URL": url}).url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("grafana", "http://grafana"),
        ("10.0.0.1", "http://10.0.0.1:3000"),
        ("127.0.0.1.example.com", "http://127.0.0.1.example.com"),
        ("localhost.example.com", "http://localhost.example.com/localhost"),
        ("0.0.0.0", "http://0.0.0.0:3000"),
        ("[fe80::1]", "http://[fe80::1]"),
        ("2130706433", "http://2130706433"),
    ],
)
def test_plain_http_to_elsewhere_has_to_be_wanted(host: str, url: str) -> None:
    """A token on the wire is everybody's who is on the way."""
    contexts = {"prod": replace(PROD, grafana=url)}
    said = (
        f"anybody on the network path to {host} could read the credential over plain http; "
        "use https, or"
    )

    assert [f"gk.yaml: contexts.prod.grafana: {said} write plain_http: true"] == mistakes(
        contexts, None, SECRETS
    )
    assert [f"GRAFANA_URL: {said} set GRAFANA_PLAIN_HTTP=true"] == mistakes(
        environ={**GRAFANA, "GRAFANA_URL": url}
    )
    assert url == connect({"prod": replace(PROD, grafana=url, plain_http=True)}, None, SECRETS).url
    assert url == connect(environ={**GRAFANA, "GRAFANA_URL": url, "GRAFANA_PLAIN_HTTP": "True"}).url


def test_a_proxy_is_on_the_way(tmp_path: Path) -> None:
    """Also to a Grafana that would be on the same machine, were it not for the proxy."""
    local = replace(PROD, grafana="http://127.0.0.1:3000", proxy="http://proxy:3128")

    (problem,) = mistakes({"prod": local}, None, SECRETS)

    assert "on the network path to proxy could" in problem
    assert connect({"prod": replace(local, grafana=URL)}, None, SECRETS)
    assert connect({"prod": replace(local, proxy="http://127.0.0.1:3128")}, None, SECRETS)


# Secrets

# A text of its own, so that it is found in whatever is printed, however it is quoted.
MARK = "hunter2hunter2"
AROUND = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def printed(
    contexts: Mapping[str, Context],
    name: str | None,
    environ: Mapping[str, str],
    root: Path,
    ask: str | None,
) -> str:
    """All that could be shown of a connection, or of why there is none."""
    prompts: list[str] = []
    person = None if ask is None else answering(ask, prompts)
    try:
        connected = connect(contexts, name, environ, person, root)
    except ConfigError as error:
        causes = [repr(cause) for cause in (error, error.__cause__, error.__context__)]
        return "\n".join(
            [*traceback.format_exception(error), *map(repr, error.problems), *causes, *prompts]
        )
    return f"{connected} {connected!r} {connected.shown} {prompts}"


@given(before=AROUND, after=AROUND, plain=st.booleans(), ca=st.booleans(), user=st.booleans())
@pytest.mark.parametrize("place", ["env", "file", "asked"])
def test_no_secret_of_a_context_is_ever_shown(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    place: str,
    before: str,
    after: str,
    plain: bool,
    ca: bool,
    user: bool,
) -> None:
    """Whatever it looks like, and whatever else is wrong."""
    secret = before + MARK + after
    root = tmp_path_factory.getbasetemp()
    (root / "secret").write_bytes(secret.encode())
    reference = {"env": {"env": "S"}, "file": {"file": "secret"}, "asked": {}}[place]
    context = Context(
        grafana="http://g" if plain else URL,
        ca="missing.pem" if ca else "",
        **({"user": "ci", "password": reference} if user else {"token": reference}),
    )

    assert MARK not in printed({"prod": context}, "prod", {"S": secret}, root, secret)


@given(
    before=AROUND,
    after=AROUND,
    hidden=st.sets(
        st.sampled_from(
            ["GRAFANA_TOKEN", "GRAFANA_PASSWORD", "GRAFANA_ORG_ID", "GRAFANA_PLAIN_HTTP"]
        )
    ),
    url=st.sampled_from(
        [
            "https://g",
            "http://g",
            "http://u:%s@g",
            "https://%s@g",
            "u:%s@g",
            "https://u:1/%s@g",
            "https://g?token=%s",
        ]
    ),
    user=st.sampled_from(["", "ci", "ci:%s"]),
)
def test_no_secret_of_the_environment_is_ever_shown(
    before: str, after: str, hidden: set[str], url: str, user: str
) -> None:
    """Not even one in the wrong variable."""
    secret = before + MARK + after
    environ = dict.fromkeys(hidden, secret)
    environ |= {
        "GRAFANA_URL": url.replace("%s", secret),
        "GRAFANA_USER": user.replace("%s", secret),
    }

    assert MARK not in printed({}, None, environ, Path("/nowhere"), secret)
