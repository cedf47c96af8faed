"""Queries and data sources: what Prometheus and Grafana read alike, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gk.promql.syntax import parse, tidy
from tests.noise import REF, Json, board, is_as_there, panel, query, said, said_both_ways

MIXED = {"type": "datasource", "uid": "-- Mixed --"}
LOKI = {"type": "loki", "uid": "loki"}


def asking(*refs: Json, of: Json | None = None, **keys: object) -> Json:
    """A dashboard whose panel asks these data sources."""
    targets = [
        {"refId": name, "expr": "up", **({"datasource": ref} if ref else {}), **keys}
        for name, ref in zip("ABC", refs, strict=False)
    ]
    return board(panel(datasource=of, targets=targets))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            query("sum by (job) (up)"), query("sum by (job) (\n  up\n)\n"), id="several lines"
        ),
        pytest.param(query("up + up"), query("up\t +\r\n up"), id="white space of any kind"),
        pytest.param(query('up{a="#"} + 1'), query('up{a="#"}  + 1'), id="beside a # in a text"),
        pytest.param(query("up"), query("up", range=True), id="range, as without a word of it"),
        pytest.param(query("up"), query("up", range=False, instant=False), id="neither of both"),
        pytest.param(
            query("up", instant=True), query("up", instant=True, range=False), id="instant alone"
        ),
        pytest.param(
            query("up"),
            query(
                "up",
                disableTextWrap=False,
                editorMode="code",
                fullMetaSearch=True,
                includeNullMetadata=True,
                useBackend=False,
            ),
            id="how the editor shows it",
        ),
        pytest.param(asking(REF, of=REF), asking(REF, of=MIXED), id="mixed of one data source"),
        pytest.param(
            asking(REF, LOKI, of=MIXED), asking(REF, LOKI, of=REF), id="mixed without its name"
        ),
        pytest.param(
            asking({}, of=REF), asking({}, of={"uid": "prometheus"}), id="type on one side"
        ),
    ],
)
def test_what_is_read_alike_is_no_change(tmp_path: Path, one: Json, other: Json) -> None:
    """Neither for `gk diff` nor for `gk push`."""
    assert "" == said_both_ways(tmp_path, one, other)
    assert is_as_there(one, other)


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(
            '  + up{a="x  y"}', query('up{a="x y"}'), query('up{a="x  y"}'), id="within a text"
        ),
        pytest.param(
            "  + up{a='x  y'}", query("up{a='x y'}"), query("up{a='x  y'}"), id="single quotes"
        ),
        pytest.param(
            "  + up{a=`( x )`}", query("up{a=`(x)`}"), query("up{a=`( x )`}"), id="back quotes"
        ),
        pytest.param("  + up # all", query("up"), query("up # all"), id="a comment"),
        pytest.param(
            "  + up # x + 1",
            query("up # x\n+ 1"),
            query("up # x + 1"),
            id="a line that becomes a part of the comment",
        ),
        pytest.param(
            "  + up\\xa0+ 1",
            query("up + 1"),
            query("up\N{NO-BREAK SPACE}+ 1"),
            id="a no-break space, which Prometheus refuses",
        ),
        pytest.param(
            '  + {a="b"}  |= "x"',
            query('{a="b"} |= "x"', datasource=LOKI),
            query('{a="b"}  |= "x"', datasource=LOKI),
            id="another language",
        ),
        pytest.param(
            "query A: range: true",
            query("up", instant=True),
            query("up", instant=True, range=True),
            id="both an instant and a range",
        ),
        pytest.param(
            "query A: instant: true",
            query("up", range=True),
            query("up", instant=True, range=False),
            id="an instant in place of a range",
        ),
        pytest.param("query A: exemplar: true", query("up"), query("up", exemplar=True), id="dots"),
        pytest.param("query A: hide: true", query("up"), query("up", hide=True), id="hidden"),
        pytest.param(
            "query A: range: true",
            query("up", datasource=LOKI),
            query("up", datasource=LOKI, range=True),
            id="range of another data source",
        ),
        pytest.param(
            "query B: data source: loki (loki) -> prometheus (prometheus)",
            asking(REF, LOKI, of=MIXED),
            asking(REF, REF, of=MIXED),
            id="one data source in place of two",
        ),
        pytest.param(
            "data source: x (loki) -> x (prometheus)",
            asking({}, of={"type": "loki", "uid": "x"}),
            asking({}, of={"type": "prometheus", "uid": "x"}),
            id="another type",
        ),
        pytest.param(
            "data source: x -> prometheus (prometheus)",
            asking({}, of={"uid": "x"}),
            asking({}, of=REF),
            id="another data source, of which one type is unknown",
        ),
    ],
)
def test_what_is_read_otherwise_is_a_change(
    tmp_path: Path, expected: str, old: Json, new: Json
) -> None:
    """For `gk diff` and for `gk push`."""
    assert f"        {expected}" in said(tmp_path, old, new).splitlines()
    assert not is_as_there(old, new)


def test_two_texts_of_one_query_do_not_make_a_panel_differ_from_itself(tmp_path: Path) -> None:
    """Another change of the dashboard is the only one."""
    targets = [
        {"refId": name, "expr": expr, "datasource": REF}
        for name, expr in (("A", "sum  (up)"), ("B", "sum (up)"))
    ]
    old, new = (board(panel(targets=targets), tags=tags) for tags in ([], ["new"]))
    assert '    tags: ["new"]' in said(tmp_path, old, new).splitlines()
    assert "query" not in said(tmp_path, old, new)


@pytest.mark.parametrize(
    "expr",
    [
        "sum by ( job , node ) ( rate( up [5m] ) )",
        "histogram_quantile(\n  0.9,\n  sum by (le) (\n    rate(x_bucket[5m])\n  )\n)",
        'label_replace( up , "a" , "( $1 )" , "b" , "(.*) , x" )',
        "a  * on ( job )\n  group_left ( node ) b",
        "( a  offset  5m ) or (  b @ end( ) )",
    ],
)
def test_a_tidy_query_is_the_same_query_to_prometheus(expr: str) -> None:
    """As its parser reads both."""
    assert str(parse(expr)) == str(parse(tidy(expr)))
    assert tidy(expr) == tidy(tidy(expr))
    assert len(tidy(expr)) < len(expr)
