"""Texts of alerts: written once, in Prometheus's terms, and right in Grafana too."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.compile.template import for_grafana, for_prometheus
from gk.documents.gotemplate.tokens import TemplateError
from tests.cases import every

# Parts of a template. None of them has what Grafana may expand, which is refused.
LITERAL = st.text(max_size=12).filter(
    lambda text: "{{" not in text and not re.search(r"\$\w*\{|\{\Z|\$\w*\Z", text)
)
STRING = st.one_of(
    st.text("ab $value}{'` ", max_size=10).map(lambda text: f'"{text}"'),
    st.text("ab $node}{'\"\n ", max_size=10).map(lambda text: f"`{text}`"),
    st.just(r'"\"$value\""'),
    st.just("'\"'"),
)
WORD = st.sampled_from(
    [
        *("$labels.instance", ".Labels.job", "humanize", "printf", "$", "1.5", "$labels.value"),
        *("(humanize 1.5)", "(index $labels `value`)", "-2", "true", "$labels.instance | title"),
    ]
)
COMMENT = st.text("ab \"'`$}", max_size=10).map(lambda text: f"/* {text} */")


def action(*tokens: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An action made of such tokens."""
    inner = st.lists(st.one_of(*tokens), min_size=1, max_size=5).map(" ".join)
    return st.one_of(inner, COMMENT).map(lambda text: "{{" + text + "}}")


def template(*tokens: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Text with actions that are made of such tokens."""
    return st.lists(st.one_of(LITERAL, action(*tokens)), max_size=6).map("".join).filter(_is_plain)


def _is_plain(text: str) -> bool:
    # Two parts that are right may make something else where they meet.
    return not re.search(r"\$\w*\{|\{\{\{", text)


@given(template(STRING, WORD))
def test_a_text_without_value_and_node_is_the_same_everywhere(text: str) -> None:
    """Whatever its strings, comments and literal text look like."""
    assert text == for_prometheus(text, "instance")
    assert text == for_grafana(text, "instance")


@given(
    st.lists(st.one_of(LITERAL, action(STRING, WORD), st.just("{{ $value }}")), max_size=6).filter(
        lambda parts: _is_plain("".join(parts))
    )
)
def test_nothing_but_the_value_changes(parts: list[str]) -> None:
    """Each use of it, and no other part of the text."""
    expected = "".join(
        "{{ $values.A.Value }}" if part == "{{ $value }}" else part for part in parts
    )

    assert expected == for_grafana("".join(parts), "instance")


@given(template(STRING, WORD, st.sampled_from(["$value", "$node", ".Value"])))
def test_what_is_converted_stays_so(text: str) -> None:
    """A second pass finds nothing to do, in either form."""
    prometheus = for_prometheus(text, "pod")
    grafana = for_grafana(text, "pod")

    assert prometheus == for_prometheus(prometheus, "pod")
    assert grafana == for_grafana(grafana, "pod")


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_outside_of_actions_is_no_template(text: str) -> None:
    """Prometheus shows it as it stands, dollars and all."""
    assert text == for_prometheus(text, "instance")


@every(
    "expected, text",
    [
        pytest.param("{{ $values.A.Value }}", "{{ $value }}", id="variable"),
        pytest.param("{{$values.A.Value}}", "{{$value}}", id="no-spaces"),
        pytest.param("{{- $values.A.Value -}}", "{{- $value -}}", id="trimming"),
        pytest.param("{{ $values.A.Value }}", "{{ .Value }}", id="field"),
        pytest.param("{{ $values.A.Value }}", "{{ $.Value }}", id="field-of-the-root"),
        pytest.param(
            '{{ printf "%.1f" $values.A.Value }}', '{{ printf "%.1f" $value }}', id="argument"
        ),
        pytest.param(
            "{{ if gt $values.A.Value 1.0 }}a{{ end }}",
            "{{ if gt $value 1.0 }}a{{ end }}",
            id="keyword",
        ),
        pytest.param("{{ ($values.A.Value) }}", "{{ ($value) }}", id="parentheses"),
        pytest.param(
            "{{ $v := $values.A.Value }}{{ $v }}", "{{ $v := $value }}{{ $v }}", id="assignment"
        ),
        pytest.param(
            '{{ "}}" }} {{ $values.A.Value }}', '{{ "}}" }} {{ $value }}', id="end-inside-a-string"
        ),
        pytest.param(
            "{{/* don't \"*/}}{{ $values.A.Value }}",
            "{{/* don't \"*/}}{{ $value }}",
            id="quotes-in-a-comment",
        ),
        pytest.param(
            "{{ $values.A.Value\n | humanize }}", "{{ $value\n | humanize }}", id="two-lines"
        ),
    ],
)
def test_the_value_is_grafana_s(expected: str, text: str) -> None:
    """In each of the forms that Prometheus has for it."""
    assert expected == for_grafana(text, "instance")


@every(
    "text",
    [
        "{{ $labels.value }}",
        "{{ .Labels.Value }}",
        "{{ $labels.Value }}",
        '{{ "$value" }}',
        "{{ `$value` }}",
        '{{ index $labels "value" }}',
        "{{ $value_of := 1 }}{{ $value_of }}",
        "{{ $labels.query }}",
        "{{ $first := 1 }}{{ $first }}",
        '{{ define "query" }}{{ end }}{{ template "label" }}',
        '{{ reReplaceAll "(.*):.*" "$1" $labels.instance }}',
        "{{ stripPort $labels.instance }}",
        "value of query, first",
        "{{ $value := $labels.job }}{{ $value }}",
        "{{ with $labels }}{{ .Value }}{{ end }}",
        "{{ range $name, $text := $labels }}{{ $text }}{{ break }}{{ end }}",
    ],
)
def test_what_only_looks_like_the_value_or_a_function_stays(text: str) -> None:
    """Labels, strings, other variables and plain words."""
    assert text == for_grafana(text, "instance")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param("{{ $labels.pod }}", "{{ $node }}", id="alone"),
        pytest.param("{{$labels.pod}}", "{{$node}}", id="no-spaces"),
        pytest.param("{{ $labels.pod | toUpper }}", "{{ $node | toUpper }}", id="function"),
        pytest.param('{{ "$node" }} $node', '{{ "$node" }} $node', id="text"),
        pytest.param(
            "{{ $node := 1 }}{{ $node }}", "{{ $node := 1 }}{{ $node }}", id="own-variable"
        ),
        pytest.param("{{ $labels.node }}", "{{ $labels.node }}", id="label"),
    ],
)
def test_the_node_is_a_label(expected: str, text: str) -> None:
    """In actions only: elsewhere it is a word."""
    assert expected == for_prometheus(text, "pod")


@every(
    "message, text",
    [
        pytest.param(
            "'$lables' is not a variable; did you mean '$labels'?", "{{ $lables.job }}", id="typo"
        ),
        pytest.param("'$x' is not a variable", "{{ if $x }}{{ end }}", id="unknown"),
        pytest.param(
            "'$values' works only in Grafana templates; Prometheus uses this text, too; "
            "write $value",
            "{{ $values.A.Value }}",
            id="grafana-s-own",
        ),
        pytest.param("'{{ $value' is not closed", "up {{ $value", id="open-at-the-end"),
        pytest.param("'{{ $value } and' is not closed", "{{ $value } and", id="one-brace"),
        pytest.param("""'{{ "a }}' is not closed""", '{{ "a }}', id="open-string"),
        pytest.param("'{{ if $value }}' has no '{{ end }}'", "{{ if $value }}up", id="open-if"),
        pytest.param("'{{ end }}' ends no if, with, ", "up {{ end }}", id="end"),
        pytest.param(
            "'humanise' is not a function; did you mean 'humanize'?",
            "{{ $value | humanise }}",
            id="unknown-function",
        ),
        pytest.param(
            "'.Lables' is not a field; did you mean '.Labels'?",
            "{{ .Lables.job }}",
            id="unknown-field",
        ),
        pytest.param(
            "'$labels' is unknown inside of '{{ define }}'",
            '{{ define "a" }}{{ $labels.job }}{{ end }}{{ template "a" . }}',
            id="definition",
        ),
        pytest.param(
            "'filterLabels' works only in Grafana templates; Prometheus uses this text, too",
            '{{ filterLabels $labels "job" }}',
            id="function-of-grafana",
        ),
    ],
)
def test_what_prometheus_would_not_load_is_refused(message: str, text: str) -> None:
    """One such text keeps all rules of its file from being loaded."""
    with pytest.raises(TemplateError) as caught:
        for_prometheus(text, "instance")

    assert str(caught.value).startswith(message)


@every("name", ["query", "first", "value", "label", "strvalue", "$externalLabels", ".ExternalURL"])
@every(
    "shared, reason",
    [(True, "Grafana uses this text, too"), (False, "this project builds for Grafana only")],
)
def test_what_only_prometheus_has_is_refused(name: str, shared: bool, reason: str) -> None:
    """Grafana answers no queries inside a text."""
    message = f"'{name}' works only in Prometheus templates; {reason}"

    with pytest.raises(TemplateError, match=re.escape(message)):
        for_grafana(f"{{{{ with {name} }}}}{{{{ end }}}}", "instance", shared=shared)


def test_the_first_mistake_of_a_text_is_told() -> None:
    with pytest.raises(TemplateError, match=re.escape("'$a' is not a variable")):
        for_prometheus("{{ $a }}{{ nope }}{{ .Nope }}", "instance")


def test_grafana_has_values_and_functions_of_its_own() -> None:
    """For a project that builds for Grafana only."""
    text = '{{ $values.B.Value }}{{ .Values.A }}{{ removeLabels $labels "job" }}'

    assert text == for_grafana(text, "instance", shared=False)


@pytest.mark.parametrize(
    "text", ["${HOME}", "costs ${{ $value }}", "$__env{HOME}", "$__file{/etc/hostname}", "$${a}"]
)
def test_what_grafana_may_expand_is_refused(text: str) -> None:
    """A file that is not there keeps Grafana from starting; a variable that is not set leaves a
    hole."""
    with pytest.raises(TemplateError, match=r"Grafana may read '.*' as an environment variable"):
        for_grafana(text, "instance")
