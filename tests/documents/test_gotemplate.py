"""Go's template language: the parser takes what promtool takes, and says what is wrong with the
rest."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gk.documents.gotemplate.functions import PROMETHEUS
from gk.documents.gotemplate.parser import parse
from gk.documents.gotemplate.tokens import TemplateError
from tests.cases import every

VALID = [
    "",
    "plain } text {",
    "{{ . }}{{.a.b}}{{ $.a }}{{ (print 1).b }}",
    "{{- 1 -}} {{- -1 -}}",
    '{{ "a\\n\\x41\\u00e9\\101" }}{{ `raw " \\ \n` }}',
    "{{ 'a' }}{{ '\\'' }}{{ '\\n' }}",
    "{{ 1 }}{{ -2 }}{{ +3 }}{{ 1.5 }}{{ .5 }}{{ 1e3 }}{{ 0x1F }}{{ 0b1 }}{{ 0o7 }}{{ 1_000 }}",
    "{{ 3i }}{{ 1+2i }}{{ 0x1p-2 }}{{ 18446744073709551615 }}{{ true }}",
    "{{/* a comment }} */}}{{- /* trimmed */ -}}",
    "{{ if . }}a{{ else if .b }}b{{ else }}c{{ end }}",
    "{{ with $x := .a }}{{ $x }}{{ else }}{{ . }}{{ end }}",
    "{{ with .a }}{{ else with .b }}{{ end }}",
    "{{ range . }}{{ break }}{{ continue }}{{ else }}none{{ end }}",
    "{{ range $i, $x := .a }}{{ if $i }}{{ break }}{{ end }}{{ $x }}{{ end }}",
    '{{ define "a" }}{{ . }}{{ end }}{{ template "a" }}{{ template `a` .b }}',
    '{{ block "a" .b }}default{{ end }}',
    '{{ define "a" }} {{ end }}{{ define "a" }}b{{ end }}',
    "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
    "{{ print\n1 }}",
    "{{ print 1 | printf `%d` | len }}",
    "{{ print (print 1 (print 2)) }}",
]


@every("text", VALID)
def test_a_template_parses(text: str) -> None:
    template = parse(text)

    assert [] == template.variables


@every(
    "text, message",
    [
        ("{{ if .a }}", "'{{ if .a }}' has no '{{ end }}'"),
        ('{{ define "a" }}', "'{{ define \"a\" }}' has no '{{ end }}'"),
        ("{{ end }}", "'{{ end }}' ends no if, with, range, define or block"),
        ("{{ else }}", "'{{ else }}' belongs to no if, with or range"),
        (
            "{{ if . }}{{ else }}{{ else }}{{ end }}",
            "'{{ else }}' is the second else of '{{ if . }}'",
        ),
        ("{{ if }}{{ end }}", "'{{ if }}' has no value"),
        ("{{ }}", "'{{ }}' has no value"),
        ("{{ if . }}{{ else with . }}{{ end }}", "'{{ else with . }}' has an unexpected 'with'"),
        ("{{ break }}", "'{{ break }}' is outside of a range"),
        (
            "{{ range . }}{{ else }}{{ continue }}{{ end }}",
            "'{{ continue }}' is outside of a range",
        ),
        ("{{ print", "'{{ print' is not closed"),
        ('{{ "a }}', "'{{ \"a }}' is not closed"),
        ("{{ `a }}", "'{{ `a }}' is not closed"),
        ("{{/* a }}", "'{{/* a }}' is not closed"),
        ("{{ /* a */ }}", "'{{ /* a */ }}' has an unexpected '/'"),
        ("{{ (print }}", "'{{ (print }}' has a '(' without a ')'"),
        ("{{ print) }}", "'{{ print)' has a ')' without a '('"),
        ("{{ $x-1 }}", "'{{ $x-' has '-' after '$x'; write a space between them"),
        ("{{ .a ? }}", "'{{ .a ? }}' has an unexpected '?'"),
        ('{{ "a".b }}', "'{{ \"a\".b }}' has an unexpected '.b' after '\"a\"'"),
        ("{{ 1.2.3 }}", "'{{ 1.2.3 }}' has an unexpected '.3'"),
        ("{{ 12abc }}", "'{{ 12abc }}' has '12abc', which is not a number"),
        ("{{ 08 }}", "'{{ 08 }}' has '08', which is not a number"),
        ("{{ 'ab' }}", "'{{ 'ab' }}' has 'ab', which is not one character; quote text with \""),
        ('{{ "\\d" }}', '\'{{ "\\d" }}\' has an unknown escape in "\\d"'),
        ("{{ print 1 | 2 }}", "'{{ print 1 | 2 }}' passes a value on to '2'"),
        ("{{ $a, $b := . }}", "'{{ $a, $b := . }}' declares too many variables"),
        ("{{ range $a, . }}{{ end }}", "'{{ range $a, . }}' can declare variables only"),
        ("{{ template x }}", "'{{ template x }}' has an unexpected 'x' after 'template'"),
        ('{{ block "a" }}{{ end }}', "'{{ block \"a\" }}' has no value"),
        (
            '{{ if . }}{{ define "a" }}{{ end }}{{ end }}',
            "'{{ define \"a\" }}' is inside another block; define at the top level",
        ),
        (
            '{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}',
            "'{{ define \"a\" }}' defines 'a' a second time",
        ),
    ],
)
def test_a_template_with_a_mistake(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse(text)

    assert message in str(caught.value)


def test_a_template_knows_the_functions_that_it_uses() -> None:
    template = parse("{{ len .a | printf `%d` }}{{ if not .b }}{{ end }}")

    assert ["len", "printf", "not"] == [token.value for token in template.functions]


def test_a_variable_ends_with_its_block() -> None:
    text = "{{ if $x := .a }}{{ $x }}{{ end }}{{ $x }}"

    assert [text.rindex("$x")] == [use.token.start for use in parse(text).variables]


def test_a_definition_knows_no_variables_of_the_text_around_it() -> None:
    template = parse('{{ $x := 1 }}{{ define "a" }}{{ $x }}{{ end }}{{ $x }}')

    assert [("$x", True)] == [(use.token.value, use.in_definition) for use in template.variables]


def test_fields_are_those_of_the_engine_s_data() -> None:
    """Not those of what a range or with is about, and not those of other values."""
    template = parse(
        "{{ .A }}{{ $.B }}{{ with .C }}{{ .D }}{{ $.E }}{{ else }}{{ .F }}{{ end }}{{ (print).G }}"
    )

    assert [".A", ".B", ".C", ".E", ".F"] == [token.value for token in template.fields]


def test_thousands_of_branches_parse() -> None:
    """As many as an alert text may have: nothing here calls itself for each."""
    text = "{{ if . }}" + "{{ else if . }}" * 5_000 + "{{ end }}"

    assert [] == parse(text).functions


# Compared with promtool


@pytest.fixture(scope="module")
def promtool() -> str:
    path = shutil.which("promtool")
    if path is None:
        pytest.skip("not installed: promtool")
    return path


def accepted(promtool: str, folder: Path, texts: list[str]) -> list[bool]:
    """Whether promtool takes each text as an annotation."""
    names = [f"{number}.yml" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        rule = {"alert": "a", "expr": "up", "annotations": {"text": text}}
        rules = {"groups": [{"name": "g", "rules": [rule]}]}
        (folder / name).write_text(json.dumps(rules))
    run = subprocess.run(
        [promtool, "check", "rules", "--lint=none", *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return [f"Checking {name}\n  SUCCESS" in run.stdout for name in names]


def is_right(text: str) -> bool:
    """Whether gk takes a text, as far as promtool's check goes: it does not look at fields."""
    try:
        template = parse(text)
    except TemplateError:
        return False
    variables = all(
        use.token.value in PROMETHEUS.variables and not use.in_definition
        for use in template.variables
    )
    return variables and all(token.value in PROMETHEUS.functions for token in template.functions)


def test_promtool_takes_the_valid_templates(
    promtool: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`else with` came with Go 1.23."""
    texts = [text for text in VALID if "else with" not in text]

    taken = accepted(promtool, tmp_path_factory.mktemp("rules"), texts)

    assert [True] * len(texts) == taken


NEW = {"now", "toDuration", "urlQueryEscape"}
"""Functions of Prometheus that some promtool of today lacks."""


def test_promtool_has_the_functions(
    promtool: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = sorted(PROMETHEUS.functions - NEW)
    texts = [f"{{{{ {name} }}}}" for name in names]

    taken = accepted(promtool, tmp_path_factory.mktemp("rules"), texts)

    assert names == [name for name, is_taken in zip(names, taken, strict=True) if is_taken]


WORDS = st.sampled_from(
    [
        *("$", "$x", "$labels", "$value", ".", ".a", ".a.b", "nil", "true", "humanize", "nope"),
        *("|", "(", ")", ":=", "=", ",", "1", "-1", "1.5", "0x1F", "08", "1_0", "1e999", "5i"),
        *("1+2i", "1-2", "'a'", "'ab'", '"s"', '"\\q"', "`raw\n`", '"', "-", "/", "²", "é", "٣"),
        *("..", "1.", ".5", "18446744073709551616", "\\", "$x := 1", "$i, $x := .", "(len .).b"),
    ]
)
ACTIONS = st.sampled_from(
    [
        *("if .a", "if", "else", "else if .b", "end", "end", "end", "range .", "range $i, $x := ."),
        *("range $i, .", "with $w := .", "$w", 'define "t"', 'define "u"', 'block "t" .', "$x"),
        *('template "t"', 'template "t" .', "template t", "break", "continue", "$x := 1", "$x = 2"),
        *("/* c */", "- .a -", "- end -", "end x", "print 1 | len", ". | .", ". |", "nil.x"),
    ]
)
OPEN = st.sampled_from(["{{", "{{ ", "{{- "])
CLOSE = st.sampled_from(["}}", " }}", " -}}"])
PLAIN = st.sampled_from(["", " ", "text", "\n", "{", "}", "$x"])
TEXTS = st.lists(
    st.one_of(
        PLAIN,
        st.tuples(OPEN, ACTIONS, CLOSE).map("".join),
        st.tuples(OPEN, st.lists(WORDS, max_size=4).map(" ".join), CLOSE).map("".join),
        st.tuples(OPEN, st.lists(WORDS, max_size=3).map("".join), CLOSE).map("".join),
    ),
    max_size=7,
).map("".join)


@settings(max_examples=5)
@given(texts=st.lists(TEXTS, min_size=60, max_size=60))
def test_promtool_and_gk_refuse_the_same_templates(
    promtool: str, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    taken = accepted(promtool, tmp_path_factory.mktemp("rules"), texts)

    assert taken == [is_right(text) for text in texts]
