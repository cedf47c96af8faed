"""gk.yaml: every key is read, and every mistake is found, at its line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gk.errors import ConfigError
from gk.promql import PRESETS, Labels, Regex
from gk.settings import FORMATS, Context, Settings, read, requires_sandbox
from gk.settings.checks import CheckSettings
from gk.settings.targets import Version
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk


def settings(project: ProjectFolder, text: str) -> Settings:
    """The settings of a project with this gk.yaml."""
    return read(project.write({"gk.yaml": text}).root)


def mistakes(project: ProjectFolder, text: str) -> list[str]:
    """What is wrong with this gk.yaml."""
    with pytest.raises(ConfigError) as caught:
        settings(project, text)
    return str(caught.value).split("\n")


def plain(parsed: Settings) -> dict[str, Any]:
    """Settings that can be compared: labels by exporter."""
    return {**vars(replace(parsed)), "labels": dict(parsed.labels.by_exporter)}


DEFAULTS = {
    "project": "",
    "folder": "",
    "grafana": (),
    "dashboards": "classic",
    "labels": dict(PRESETS["kube-prometheus"]),
    "output": "provisioning",
    "formats": ("grafana", "prometheus", "kubernetes"),
    "alerts": "",
    "namespace": "monitoring",
    "object_labels": {},
    "deployment": "grafana",
    "grafana_url": "",
    "runbooks": "",
    "smtp": {},
    "inputs": {},
    "contexts": {},
    "values": {},
    "datasources": {},
    "check": CheckSettings(),
    "libraries": {},
    "environment": "",
    "shared_output": "",
    "environments": (),
    "set_in": {},
    "own_contexts": (),
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("# nothing\n", id="comment"),
        pytest.param("---\n", id="document-without-content"),
        pytest.param("{}", id="mapping-without-keys"),
        pytest.param(
            "project:\n"
            "folder:\n"
            "labels:\n"
            "build:\n"
            "  output:\n"
            "  formats:\n"
            "kubernetes:\n"
            "links:\n"
            "contexts:\n",
            id="no-values",
        ),
    ],
)
def test_everything_has_a_default(empty_project: ProjectFolder, text: str) -> None:
    """A key whose value is commented out is as good as none."""
    assert DEFAULTS == plain(settings(empty_project, text))


def test_a_project_needs_no_settings(empty_project: ProjectFolder) -> None:
    """Without gk.yaml all is as with an empty one."""
    assert DEFAULTS == plain(read(empty_project.root))


@pytest.mark.parametrize(
    ("key", "expected", "text"),
    [
        pytest.param("project", "shop-2.eu_west", "project: shop-2.eu_west", id="project"),
        pytest.param("project", "a" * 40, f"project: {'a' * 40}", id="project-of-40-characters"),
        pytest.param("folder", "Team A", "folder: Team A", id="folder"),
        pytest.param("folder", "2024", "folder: 2024", id="folder-number"),
        pytest.param("labels", dict(PRESETS["annotations"]), "labels: annotations", id="preset"),
        pytest.param("output", "out/grafana", "build: {output: out/grafana}", id="output"),
        pytest.param("formats", ("prometheus",), "build: {formats: [prometheus]}", id="formats"),
        pytest.param("namespace", "grafana", "kubernetes: {namespace: grafana}", id="namespace"),
        pytest.param(
            "object_labels",
            {"a/b": "c", "n": "1"},
            "kubernetes: {labels: {a/b: c, n: 1}}",
            id="labels",
        ),
        pytest.param("deployment", "gf", "kubernetes: {deployment: gf}", id="deployment"),
        pytest.param(
            "grafana_url", "https://g/sub", "links: {grafana: https://g/sub/}", id="grafana"
        ),
        pytest.param(
            "runbooks", "https://r/{alert}", "links: {runbooks: 'https://r/{alert}'}", id="runbooks"
        ),
        pytest.param(
            "contexts",
            {
                "local": Context(
                    grafana="http://g:3000", prometheus="http://p:9090", token={"env": "TOKEN"}
                ),
                "live": Context(token={"file": "/run/token"}),
                "bare": Context(),
            },
            "contexts: {local: {grafana: 'http://g:3000', "
            "prometheus: 'http://p:9090/', token: {env: TOKEN}},\n"
            "  live: {token: {file: /run/token}}, bare: }",
            id="contexts",
        ),
    ],
)
def test_a_key_is_read(empty_project: ProjectFolder, key: str, expected: object, text: str) -> None:
    """And changes nothing else."""
    assert {**DEFAULTS, key: expected} == plain(settings(empty_project, text))


EVERYTHING = """
    contexts:
      live:
        grafana: https://grafana.example.com/sub/path/
        version: 12.4
        prometheus: https://prometheus.example.com
        user: ci
        password: {env: GRAFANA_PASSWORD}
        organization: 2
        ca: ca.pem
        client_certificate: client.pem
        client_key: /etc/client.key
        proxy: http://127.0.0.1:3128/
        plain_http: true
        timeout: 90
        retries: 0
        workers: 1
"""


def test_a_context_has_all_that_it_takes_to_reach_a_grafana(empty_project: ProjectFolder) -> None:
    """Paths stay as they are: where the project is, is not known here."""
    expected = Context(
        grafana="https://grafana.example.com/sub/path",
        version=Version(12, 4),
        prometheus="https://prometheus.example.com",
        user="ci",
        password={"env": "GRAFANA_PASSWORD"},
        organization=2,
        ca="ca.pem",
        client_certificate="client.pem",
        client_key="/etc/client.key",
        proxy="http://127.0.0.1:3128",
        plain_http=True,
        timeout=90,
        retries=0,
        workers=1,
    )

    assert expected == settings(empty_project, EVERYTHING).contexts["live"]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "true"),
        (True, "yes"),
        (True, "On"),
        (False, "false"),
        (False, "no"),
        (False, "OFF"),
        (False, ""),
    ],
)
def test_yes_and_no_are_yaml_s(empty_project: ProjectFolder, expected: bool, text: str) -> None:
    """In every spelling that YAML 1.1 has for them."""
    assert (
        expected
        is settings(empty_project, f"contexts: {{a: {{plain_http: {text}}}}}")
        .contexts["a"]
        .plain_http
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "https://grafana",
        "https://grafana.bücher.example/grafana",
        "https://my_grafana.example.com:443/a/b%20c",
    ],
)
def test_a_url_is_that_of_a_server(empty_project: ProjectFolder, url: str) -> None:
    """With or without port and path."""
    assert (
        url
        == settings(empty_project, f"contexts: {{a: {{grafana: '{url}'}}}}").contexts["a"].grafana
    )


# Labels


@pytest.mark.parametrize(
    ("expected", "exporter", "text"),
    [
        pytest.param(Labels(job="node-exporter"), "node", "{}", id="default-preset"),
        pytest.param(
            Labels(job="kubernetes-cadvisor"),
            "cadvisor",
            "{preset: annotations}",
            id="named-preset",
        ),
        pytest.param(
            Labels(job="node-exporter", node="host"),
            "node",
            "{node: {node: host}}",
            id="node-label",
        ),
        pytest.param(
            Labels(job="kubernetes-service-endpoints", node="host", shared=True),
            "node",
            "{preset: annotations, node: {node: host}}",
            id="shared-job-stays-shared",
        ),
        pytest.param(
            Labels(job="a"),
            "node",
            "{preset: annotations, node: {job: a}}",
            id="another-job-is-not",
        ),
        pytest.param(
            Labels(job="kubelet", node="host", matchers=('metrics_path="/metrics/cadvisor"',)),
            "cadvisor",
            "{cadvisor: {node: host}}",
            id="matchers-stay-with-their-job",
        ),
        pytest.param(
            Labels(job="cad", node="node"),
            "cadvisor",
            "{cadvisor: {job: cad}}",
            id="another-job-has-none",
        ),
        pytest.param(
            Labels(job="cad", node="node", matchers=('a="b"', 'c!~"d"')),
            "cadvisor",
            """{cadvisor: {job: cad, matchers: ['a="b"', 'c!~"d"']}}""",
            id="own-matchers",
        ),
        pytest.param(
            Labels(job="kubelet", node="node"),
            "cadvisor",
            "{cadvisor: {matchers: []}}",
            id="matchers-taken-away",
        ),
        pytest.param(Labels(job=("a", "b")), "shop", "{shop: {job: [a, b]}}", id="several-jobs"),
        pytest.param(Labels(job=()), "shop", "{shop: {job: []}}", id="no-job"),
        pytest.param(
            Labels(job=Regex("a-.+")), "shop", "{shop: {job: {regex: a-.+}}}", id="jobs-by-pattern"
        ),
        pytest.param(
            Labels(job="shop", node="pod"), "shop", "{shop: {node: pod}}", id="team-s-own-exporter"
        ),
        pytest.param(
            Labels(job="shop"), "shop", "{shop: }", id="team-s-own-exporter-without-a-word"
        ),
        pytest.param(
            Labels(job="other"), "other", "{shop: {job: x}}", id="exporter-that-is-not-named"
        ),
        pytest.param(
            Labels(job="apiserver", histograms="native"),
            "apiserver",
            "{apiserver: {histograms: native}}",
            id="native-histograms",
        ),
        pytest.param(
            Labels(job="a", histograms="both"),
            "apiserver",
            "{apiserver: {job: a, histograms: both}}",
            id="both-kinds-of-histograms",
        ),
        pytest.param(
            Labels(job="apiserver"),
            "apiserver",
            "{apiserver: {histograms: classic}}",
            id="classic-histograms",
        ),
    ],
)
def test_labels_of_an_exporter(
    empty_project: ProjectFolder, expected: Labels, exporter: str, text: str
) -> None:
    """The preset's, changed by what gk.yaml says of it."""
    assert expected == settings(empty_project, f"labels: {text}").labels.of(exporter)


@pytest.mark.parametrize(
    ("expected", "text"), [("", "annotations"), ("k8s", "{preset: annotations, cluster: k8s}")]
)
def test_label_of_clusters(empty_project: ProjectFolder, expected: str, text: str) -> None:
    """None unless gk.yaml names it; it is not an exporter."""
    labels = settings(empty_project, f"labels: {text}").labels

    assert expected == labels.cluster
    assert "cluster" not in labels.by_exporter


# Mistakes


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(
            ["gk.yaml:2: unknown key 'lables'; did you mean 'labels'?"],
            "folder: A\nlables: annotations",
            id="unknown-key",
        ),
        pytest.param(
            [
                "gk.yaml:1: unknown key 'x'; one of alertmanager, alerts, build, check, "
                "contexts, dashboards, datasources, environments, folder, grafana, inputs, "
                "kubernetes, labels, libraries, links, project, sandbox, values"
            ],
            "x: ",
            id="unlike-any",
        ),
        pytest.param(
            ["gk.yaml:2: unknown key 'build.ouput'; did you mean 'output'?"],
            "build:\n  ouput: a",
            id="unknown-key-in-build",
        ),
        pytest.param(
            ["gk.yaml:1: unknown key 'kubernetes.name_space'; did you mean 'namespace'?"],
            "kubernetes: {name_space: a}",
            id="unknown-key-in-kubernetes",
        ),
        pytest.param(
            ["gk.yaml:1: unknown key 'links.runbook'; did you mean 'runbooks'?"],
            "links: {runbook: a}",
            id="unknown-key-in-links",
        ),
        pytest.param(
            ["gk.yaml:1: unknown key 'labels.node.jobs'; did you mean 'job'?"],
            "labels: {node: {jobs: a}}",
            id="unknown-key-of-an-exporter",
        ),
        pytest.param(
            ["gk.yaml:3: unknown key 'contexts.live.Grafana'; did you mean 'grafana'?"],
            "contexts:\n  live:\n    Grafana: http://g",
            id="unknown-key-of-a-context",
        ),
        pytest.param(
            ["gk.yaml:3: key 'folder' appears twice"],
            "folder: A\nlabels: annotations\nfolder: B",
            id="twice",
        ),
        pytest.param(
            ["gk.yaml:3: key 'labels.node' appears twice"],
            "labels:\n  node: {job: a}\n  node: {job: b}",
            id="exporter-twice",
        ),
        pytest.param(
            ["gk.yaml:1: key 'kubernetes.labels.a' appears twice"],
            "kubernetes: {labels: {a: b, a: c}}",
            id="label-twice",
        ),
        pytest.param(
            ["gk.yaml:1: key 'contexts.a' appears twice"],
            "contexts: {a: {}, a: {}}",
            id="context-twice",
        ),
        pytest.param(["gk.yaml:1: folder: expected text"], "folder: [A]", id="list-for-text"),
        pytest.param(
            ["gk.yaml:1: kubernetes.labels.a: expected text"],
            "kubernetes: {labels: {a: }}",
            id="nothing-for-text",
        ),
        pytest.param(
            [
                "gk.yaml:1: kubernetes.namespace: Kubernetes does not accept the name 'My_Team'; "
                "use at most 63 lower-case letters, digits and '-', with a letter or a digit at "
                "both ends"
            ],
            "kubernetes: {namespace: My_Team}",
            id="namespace",
        ),
        pytest.param(
            [
                "gk.yaml:1: kubernetes.deployment: Kubernetes does not accept the name 'a.b'; "
                "use at most 63 lower-case letters, digits and '-', with a letter or a digit at "
                "both ends"
            ],
            "kubernetes: {deployment: a.b}",
            id="deployment",
        ),
        pytest.param(
            [
                "gk.yaml:2: kubernetes.labels: Kubernetes does not accept the label 'a b'; use at "
                "most 63 letters, digits, '-', '_' and '.', with a letter or a digit at both ends",
                "gk.yaml:3: kubernetes.labels: Kubernetes does not accept the label 'My_Org/team';"
                " write a domain such as example.com before the slash",
                "gk.yaml:4: kubernetes.labels.team: Kubernetes does not accept the value 'a, b'; "
                "use at most 63 letters, digits, '-', '_' and '.', with a letter or a digit at "
                "both ends",
            ],
            "kubernetes: {labels: {\n  a b: c,\n  My_Org/team: a,\n  team: 'a, b'}}",
            id="labels",
        ),
        pytest.param(
            ["gk.yaml:1: build: expected keys with values"], "build: out", id="text-for-keys"
        ),
        pytest.param(
            ["gk.yaml:1: contexts: expected keys with values"], "contexts: [a]", id="list-for-keys"
        ),
        pytest.param(
            ["gk.yaml:1: labels.node: expected keys with values"],
            "labels: {node: node-exporter}",
            id="text-for-exporter",
        ),
        pytest.param(["gk.yaml:1: expected keys with values"], "- folder", id="list-for-all"),
        pytest.param(["gk.yaml:1: expected keys with values"], "annotations", id="text-for-all"),
        pytest.param(
            ["gk.yaml:1: build.formats: expected a list"],
            "build: {formats: grafana}",
            id="text-for-list",
        ),
        pytest.param(
            ["gk.yaml:1: build.formats: unknown format 'grafna'; did you mean 'grafana'?"],
            "build: {formats: [prometheus, grafna]}",
            id="format",
        ),
        pytest.param(
            [
                "gk.yaml:1: build.formats: unknown format 'pdf'; "
                f"one of {', '.join(sorted(FORMATS))}"
            ],
            "build: {formats: [pdf]}",
            id="format-unlike-any",
        ),
        pytest.param(
            [
                "gk.yaml:1: labels: unknown preset 'kube-promethius'; "
                "did you mean 'kube-prometheus'?"
            ],
            "labels: kube-promethius",
            id="preset",
        ),
        pytest.param(
            ["gk.yaml:1: labels: unknown preset 'x'; one of annotations, kube-prometheus"],
            "labels: {preset: x}",
            id="preset-among-exporters",
        ),
        pytest.param(
            ["gk.yaml:1: labels.node.node: 'kubernetes.io/hostname' is not a valid label name"],
            "labels: {node: {node: kubernetes.io/hostname}}",
            id="node-label",
        ),
        pytest.param(
            ["gk.yaml:1: labels.node.job: '(' is not a regular expression; write {regex: shop-.+}"],
            "labels: {node: {job: {regex: '('}}}",
            id="pattern-of-jobs",
        ),
        pytest.param(
            ["gk.yaml:1: unknown key 'labels.node.job.regexp'; did you mean 'regex'?"],
            "labels: {node: {job: {regexp: a}}}",
            id="unknown-key-of-a-job",
        ),
        pytest.param(
            [
                "gk.yaml:1: labels.node.matchers: 'env=live' is not a PromQL matcher, "
                "such as 'env=\"production\"'"
            ],
            "labels: {node: {matchers: [env=live]}}",
            id="matcher",
        ),
        pytest.param(
            [
                "gk.yaml:3: labels.apiserver.histograms: unknown kind 'nativ'; "
                "did you mean 'native'?"
            ],
            "labels:\n  apiserver:\n    histograms: nativ",
            id="kind-of-histograms",
        ),
        pytest.param(
            [
                "gk.yaml:1: labels.apiserver.histograms: unknown kind 'x'; "
                "one of both, classic, native"
            ],
            "labels: {apiserver: {histograms: x}}",
            id="kind-of-histograms-unlike-any",
        ),
        pytest.param(
            ["gk.yaml:1: labels.apiserver.histograms: expected text"],
            "labels: {apiserver: {histograms: [native, classic]}}",
            id="list-of-histograms",
        ),
        pytest.param(
            ["gk.yaml:1: links.grafana: is not a URL: it has to start with http:// or https://"],
            "links: {grafana: grafana.example.com}",
            id="url",
        ),
        pytest.param(
            [
                "gk.yaml:1: contexts.a.prometheus: is not a URL: it has to start with http:// or https://"
            ],
            "contexts: {a: {prometheus: 'localhost:9090'}}",
            id="url-of-a-context",
        ),
        pytest.param(
            ["gk.yaml:1: contexts: a name is empty"],
            "contexts: {'': {}}",
            id="context-without-a-name",
        ),
        pytest.param(
            ["gk.yaml:3: contexts.a.user: use either a token or a user, not both"],
            "contexts:\n  a:\n    user: ci\n    token: {env: T}",
            id="user-and-token",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.password: use either a token or a user, not both"],
            "contexts: {a: {password: {env: P}, token: {env: T}}}",
            id="password-and-token",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.password: has no user; add user"],
            "contexts: {a: {password: {env: P}}}",
            id="password-without-user",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.user: expected text"],
            "contexts: {a: {user: ' ', password: {env: P}}}",
            id="user-without-a-name",
        ),
        pytest.param(
            [
                "gk.yaml:1: contexts.a.user: a user name cannot contain ':'; "
                "the password is a separate key"
            ],
            "contexts: {a: {user: 'ci:hunter2'}}",
            id="user-with-a-password",
        ),
        pytest.param(
            ["gk.yaml:3: contexts.a.client_key: needs client_certificate"],
            "contexts:\n  a:\n    client_key: k",
            id="key-without-certificate",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.ca: expected text"],
            "contexts: {a: {ca: [a.pem]}}",
            id="two-files",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.ca: expected text"], "contexts: {a: {ca: ''}}", id="no-file"
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.plain_http: expected true or false"],
            "contexts: {a: {plain_http: 1}}",
            id="boolean",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.plain_http: expected true or false"],
            "contexts: {a: {plain_http: 'false'}}",
            id="boolean-in-quotes",
        ),
        pytest.param(
            ["gk.yaml:1: contexts.a.plain_http: expected true or false"],
            "contexts: {a: {plain_http: !!bool [true]}}",
            id="boolean-in-a-list",
        ),
        pytest.param(
            ["gk.yaml:1: sandbox: write 'required', or leave it out"], "sandbox: yes", id="sandbox"
        ),
        pytest.param(["gk.yaml:1: sandbox: expected text"], "sandbox: [required]", id="sandboxes"),
        pytest.param(
            ["gk.yaml:1: unknown key 'contexts.a.organisation'; did you mean 'organization'?"],
            "contexts: {a: {organisation: 1}}",
            id="british",
        ),
    ],
)
def test_a_mistake_is_found_at_its_line(
    empty_project: ProjectFolder, expected: list[str], text: str
) -> None:
    """With what to write instead, where that is near."""
    assert expected == mistakes(empty_project, text)


@pytest.mark.parametrize(
    "value",
    ["-1", "1.5", "0x1f", "010", "1:30", "1_000", "'5'", "many", "[5]", "!!int [5]", "9" * 5000],
)
@pytest.mark.parametrize(
    ("key", "least", "most"),
    [("organization", 1, 2147483647), ("timeout", 1, 3600), ("retries", 0, 20), ("workers", 1, 64)],
)
def test_a_number_is_written_as_people_do(
    empty_project: ProjectFolder, value: str, key: str, least: int, most: int
) -> None:
    """YAML reads 010 as eight, and 1:30 as ninety."""
    (problem,) = mistakes(empty_project, f"contexts:\n  a:\n    {key}: {value}")

    assert f"gk.yaml:3: contexts.a.{key}: expected a whole number from {least} to {most}" == problem


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [("organization", 1, 2147483647), ("timeout", 1, 3600), ("retries", 0, 20), ("workers", 1, 64)],
)
def test_a_number_has_limits(empty_project: ProjectFolder, key: str, least: int, most: int) -> None:
    """Both are inside."""
    for value in (least, most):
        assert value == getattr(
            settings(empty_project, f"contexts: {{a: {{{key}: {value}}}}}").contexts["a"], key
        )
    for value in (least - 1, most + 1):
        assert [
            f"gk.yaml:1: contexts.a.{key}: expected a whole number from {least} to {most}"
        ] == mistakes(empty_project, f"contexts: {{a: {{{key}: {value}}}}}")


@every(
    "required, text",
    [
        (True, "sandbox: required"),
        (True, "unknown: key\nsandbox: required\nproject: shop"),
        (False, ""),
        (False, "sandbox: optional"),
        (False, "- sandbox: required"),
        (False, "sandbox: {required: true}"),
        (False, "sandbox: required\n: ["),
        (False, "[" * 2000),
    ],
)
def test_whether_a_sandbox_is_required_is_read_of_any_gk_yaml(required: bool, text: str) -> None:
    """Of an older or a newer gk's, too, whose other keys are unknown."""
    assert required is requires_sandbox(text)


@pytest.mark.parametrize("name", ["''", "a b", "a/b", "ä", "a" * 41, "-a", "a.", "'a\n\n  b'"])
def test_a_project_s_name_is_short_and_plain(empty_project: ProjectFolder, name: str) -> None:
    """It becomes part of tags and annotations in a Grafana, and of labels in Kubernetes."""
    with pytest.raises(
        ConfigError,
        match=(
            r"is not a valid project name; use at most 40 letters, digits, '-', '_' and '\.', "
            "with a letter or a digit at both ends$"
        ),
    ):
        settings(empty_project, f"project: {name}")


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///path",
        "https://:3000",
        "https://g:port",
        "https://g:0",
        "https://g:65536",
        "https://g:3000 ",
        "https://g/a b",
        "https://g/?orgId=2",
        "https://g#top",
        "https://g\\.example.com",
        "https://admin%3Ahunter2%40g",
        "https://admin:hunter2",
    ],
)
@pytest.mark.parametrize(
    "key", ["links: {grafana: %s}", "contexts: {a: {grafana: %s}}", "contexts: {a: {proxy: %s}}"]
)
def test_a_url_that_is_not_a_server_s_is_not_shown(
    empty_project: ProjectFolder, url: str, key: str
) -> None:
    """A password is easily cut off from its user by a character that should have been encoded."""
    (problem,) = mistakes(empty_project, key % f"'{url}'")

    assert problem.endswith(
        ": is not a server URL such as https://grafana.example.com/path, without ? and #"
    )


@pytest.mark.parametrize("path", ["/srv/out", "../out", "out/../../x", ".", "''"])
def test_output_is_inside_the_project(empty_project: ProjectFolder, path: str) -> None:
    """A build removes files that it wrote, so a typo must not lead it elsewhere."""
    (problem,) = mistakes(empty_project, f"build: {{output: {path}}}")

    assert "must be a folder inside the project; gk build -o writes elsewhere" in problem


@pytest.mark.parametrize("path", ["dashboards", "./dashboards/out", "alerts/built", "datasources"])
def test_output_is_apart_from_the_definitions(empty_project: ProjectFolder, path: str) -> None:
    """JSON in dashboards/ would be a definition of the next build."""
    (problem,) = mistakes(empty_project, f"build: {{output: {path}}}")

    assert (
        f"gk.yaml:1: build.output: '{path}' contains definitions; choose another folder" == problem
    )


def test_all_mistakes_are_found_in_one_run(empty_project: ProjectFolder) -> None:
    """From the first line to the last, also inside what is wrong itself."""
    text = """
        foldr: Kubernetes
        build:
          output: /srv
          formats: [html]
        kubernetes: 5
        contexts:
          live: {grafana: g, tokn: x}
    """

    assert [
        "gk.yaml:1: unknown key 'foldr'; did you mean 'folder'?",
        "gk.yaml:3: build.output: '/srv' must be a folder inside the project; "
        "gk build -o writes elsewhere",
        f"gk.yaml:4: build.formats: unknown format 'html'; one of {', '.join(sorted(FORMATS))}",
        "gk.yaml:5: kubernetes: expected keys with values",
        "gk.yaml:7: contexts.live.grafana: is not a URL: it has to start with http:// or https://",
        "gk.yaml:7: unknown key 'contexts.live.tokn'; did you mean 'token'?",
    ] == mistakes(empty_project, text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param(2, "folder: A\nlabels: {", id="open-brace"),
        pytest.param(2, "folder: A\n\tlabels: x", id="tab"),
        pytest.param(2, "folder: A\n---\nfolder: B", id="two-documents"),
        pytest.param(1, "folder: *nothing", id="unknown-alias"),
    ],
)
def test_what_is_no_yaml_is_said_at_its_line(
    empty_project: ProjectFolder, line: int, text: str
) -> None:
    """In the words of the parser, without a traceback."""
    (problem,) = mistakes(empty_project, text)

    assert problem.startswith(f"gk.yaml:{line}: is not YAML: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"folder: \xff", "is not UTF-8, from byte 8 on"), (b"folder: \x00", "is not YAML: ")],
)
def test_what_is_no_text_is_no_yaml(
    empty_project: ProjectFolder, content: bytes, said: str
) -> None:
    """A broken file has no line to name."""
    (empty_project.root / "gk.yaml").write_bytes(content)

    with pytest.raises(ConfigError, match=rf"^gk\.yaml: {said}"):
        read(empty_project.root)


# Secrets


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("glsa_hunter2", id="text"),
        pytest.param("[glsa_hunter2]", id="list"),
        pytest.param("{glsa_hunter2}", id="braces"),
        pytest.param("{value: glsa_hunter2}", id="unknown-key"),
        pytest.param("{env: TOKEN, value: glsa_hunter2}", id="known-and-unknown-key"),
        pytest.param("{env: TOKEN, file: /run/token}", id="two"),
        pytest.param("{env: }", id="no-name"),
        pytest.param("{}", id="nothing"),
        pytest.param("{env: glsa_hunter2}", id="in-the-place-of-the-variable"),
        pytest.param("{file: glsa_hunter2}", id="in-the-place-of-the-file"),
        pytest.param("{env: eyJrIjoiaHVudGVyMiJ9}", id="old-api-key"),
        pytest.param("{env: [TOKEN]}", id="list-of-names"),
        pytest.param("{[env]: TOKEN}", id="list-for-key"),
        pytest.param("{env: hunter 2}", id="no-variable-s-name"),
        pytest.param("{file: ' '}", id="blank"),
        pytest.param("{env: null}", id="null"),
    ],
)
def test_a_token_is_a_reference(empty_project: ProjectFolder, token: str) -> None:
    """One that is written out is refused and not shown: messages end up in the logs of a CI."""
    (problem,) = mistakes(empty_project, f"contexts:\n  live:\n    token: {token}")

    assert (
        "gk.yaml:3: contexts.live.token: write a reference to the token, {env: NAME} "
        "or {file: PATH}, never the token itself"
    ) == problem


def test_a_password_is_a_reference(empty_project: ProjectFolder) -> None:
    """Said in its own word."""
    (problem,) = mistakes(empty_project, "contexts: {live: {user: ci, password: hunter2}}")

    assert (
        "gk.yaml:1: contexts.live.password: "
        "write a reference to the password, {env: NAME} or {file: PATH}, never the password itself"
        == problem
    )


def test_a_proxy_s_password_goes_elsewhere(empty_project: ProjectFolder) -> None:
    """No token stands for it."""
    (problem,) = mistakes(
        empty_project, "contexts: {live: {proxy: 'http://me:hunter2@proxy:3128'}}"
    )

    assert (
        "gk.yaml:1: contexts.live.proxy: remove the user and the password from the URL; "
        "use the variable https_proxy instead, which may contain them" == problem
    )


@pytest.mark.parametrize(
    ("expected", "url"),
    [
        pytest.param(
            "remove the user and the password from the URL",
            "http://admin:hunter2@grafana",
            id="password",
        ),
        pytest.param(
            "remove the user and the password from the URL", "https://hunter2@grafana/x", id="user"
        ),
        pytest.param(
            "remove the user and the password from the URL",
            "http://admin:12/hunter2@grafana",
            id="slash",
        ),
        pytest.param(
            "remove the user and the password from the URL",
            "http://admin:hunter2#@grafana",
            id="hash",
        ),
        pytest.param("is not a URL", "admin:hunter2@grafana", id="without-scheme"),
    ],
)
@pytest.mark.parametrize("key", ["links: {grafana: %s}", "contexts: {a: {grafana: %s}}"])
def test_a_url_has_no_password(
    empty_project: ProjectFolder, expected: str, url: str, key: str
) -> None:
    """It would be in git, and links end up in alerts."""
    (problem,) = mistakes(empty_project, key % f"'{url}'")

    assert expected in problem
    assert "hunter2" not in problem


def test_a_mistake_in_gk_yaml_ends_the_run(project: ProjectFolder, run_gk: RunGk) -> None:
    """As a message, with the exit code of what could not run."""
    project.write({"gk.yaml": "foldr: A\n"})

    ran = run_gk("build")

    assert (2, "", "gk.yaml:1: unknown key 'foldr'; did you mean 'folder'?\n") == (
        ran.code,
        ran.out,
        ran.err,
    )
