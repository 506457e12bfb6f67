"""Engine-only SQL stands in `macros/portable/` and nowhere else.

Macros of that folder mark what they return; here the marked text is cut out of every compiled
model and the rest is held against the SQL that DuckDB and Spark share.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ParseError
from sqlglot.tokens import Token, TokenType

OPENING, CLOSING = "/*portable*/", "/*end portable*/"
PLACEHOLDER = " (select null) "
MARKER = re.compile(re.escape(OPENING) + "|" + re.escape(CLOSING))
RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')

ENGINE_ONLY_FUNCTIONS = {
    "arg_max",
    "arg_min",
    "columns",
    "date_diff",
    "epoch",
    "epoch_ms",
    "epoch_us",
    "generate_series",
    "list",
    "list_value",
    "md5_number",
    "range",
    "regexp_extract",
    "regexp_extract_all",
    "regexp_full_match",
    "regexp_matches",
    "regexp_replace",
    "sha256",
    "strftime",
    "strptime",
    "struct_pack",
    "timezone",
    "to_days",
    "to_hours",
    "to_minutes",
    "to_seconds",
    "unnest",
}
ENGINE_ONLY_PREFIXES = ("list_", "array_", "map_", "struct_")
ENGINE_ONLY_SYMBOLS = {
    TokenType.DCOLON: ":: cast",
    TokenType.L_BRACKET: "[…]",
    TokenType.L_BRACE: "{…}",
    TokenType.DIV: "//",
}
ENGINE_ONLY_PHRASES = (
    ("at", "time", "zone"),
    ("*", "exclude"),
    ("*", "replace"),
    ("using", "key"),
    ("asof",),
    ("pivot",),
    ("unpivot",),
    ("positional", "join"),
    ("distinct", "on"),
)
ENDS_OF_ORDERING = {"rows", "range", "groups", "limit", "separator"}


def cut_portable(sql: str) -> str:
    """The statement without its marked parts, nested ones included.

    Raises:
        ValueError: an opening or a closing mark is missing.
    """
    kept, depth, position = [], 0, 0
    for marker in MARKER.finditer(sql):
        if depth == 0:
            kept.append(sql[position : marker.start()])
        depth += 1 if marker.group() == OPENING else -1
        if depth < 0:
            raise ValueError("a portable mark is closed that was not opened")
        if depth == 0:
            kept.append(PLACEHOLDER)
        position = marker.end()
    if depth:
        raise ValueError("a portable mark is not closed")
    return "".join([*kept, sql[position:]])


def engine_only_constructs(compiled: str) -> list[str]:
    """What of a compiled model would not run, or not mean the same, on the other engine."""
    sql = RELATION.sub(r"\1.\2", cut_portable(compiled))
    tokens = sqlglot.tokenize(sql, read="duckdb")
    found = [
        *_quoted_identifiers(tokens),
        *_functions(tokens),
        *_symbols(tokens),
        *_phrases(tokens),
        *_misplaced_from(tokens),
        *_orderings_without_nulls(tokens),
    ]
    for dialect in ("duckdb", "spark"):
        try:
            sqlglot.parse_one(sql, read=dialect)
        except ParseError as error:
            found.append(f"not read as {dialect}: {error.errors[0]['description']}")
    return found


def test_models_are_portable(compiled_project: Path) -> None:
    compiled = sorted((compiled_project / "compiled/tokui/models").rglob("*.sql"))
    assert len(compiled) >= 24
    assert {path.stem: found for path in compiled if (found := _constructs_in(path))} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select list(a) from t",
        "select [a, b] from t",
        "select a[1] from t",
        "select {'a': 1} from t",
        "select unnest(a) from t",
        "select * from generate_series(1, 2)",
        "select * from t asof join u on t.a >= u.a",
        "pivot t on a using sum(b)",
        "select strftime(a, '%Y') from t",
        "select epoch(a) from t",
        "select regexp_matches(a, 'b') from t",
        "select regexp_replace(a, 'b', 'c') from t",
        "select sha256(a) from t",
        "select arg_max(a, b) from t",
        "select * exclude (a) from t",
        "select t.* exclude (a) from t",
        "select * replace (1 as a) from t",
        "select a // b from t",
        "select a at time zone 'UTC' from t",
        'select "a" from t',
        "select a::date from t",
        "select distinct on (a) a from t",
        "select list_sort(a) from t",
        "select timezone('UTC', a) from t",
        "select a, from t",
        "select a from t order by a",
        "select row_number() over (partition by a order by b desc nulls last, c) from t",
        "select string_agg(a, ',' order by a) from t",
        "from t",
        "with recursive t(a) using key (a) as (select 1 union select 2) select * from t",
    ],
)
def test_engine_only_construct_is_refused(sql: str) -> None:
    assert engine_only_constructs(sql)


@pytest.mark.parametrize(
    "sql",
    [
        'select a from "warehouse"."staging"."stg_pos__stores"',
        "select max_by(a, b), count(*) filter (where a > 1) from t group by all",
        "select a from t qualify row_number() over (order by a nulls last, b desc nulls last) = 1",
        "select sum(a) over (order by b nulls last rows unbounded preceding) from t",
        "with recursive t as (select 1 as a union all select a + 1 from t where a < 3) "
        "select * from t",
        "select try_cast(a as date), a ilike 'b', a / nullif(b, 0) from t",
        "select a, b, sum(c) from t group by grouping sets ((a), (a, b))",
        "select string_agg(a, ',' order by a nulls last) from t",
        "select '[::]' as a, 'at time zone' as b /* list(x) */ from t -- unnest(y)",
        "select /*portable*/ list(a)[1]::date /*end portable*/ as a from t",
        "select a from /*portable*/ unnest([1]) /*end portable*/ as u",
        "with a as (/*portable*/ from x pivot y /*end portable*/) select * from a",
        "select /*portable*/ list(/*portable*/ b::date /*end portable*/) /*end portable*/ from t",
    ],
)
def test_shared_or_marked_sql_passes(sql: str) -> None:
    assert engine_only_constructs(sql) == []


def test_construct_after_a_nested_mark_is_refused() -> None:
    nested = "/*portable*/ f(/*portable*/ b /*end portable*/) /*end portable*/"
    assert engine_only_constructs(f"select {nested}, c::date from t") == [":: cast"]


@pytest.mark.parametrize("sql", [f"select {OPENING} a", f"select a {CLOSING}"])
def test_unbalanced_mark_is_an_error(sql: str) -> None:
    with pytest.raises(ValueError, match="portable mark"):
        cut_portable(sql)


def _constructs_in(path: Path) -> list[str]:
    return engine_only_constructs(path.read_text(encoding="utf-8"))


def _quoted_identifiers(tokens: list[Token]) -> list[str]:
    return [
        f'quoted identifier "{token.text}"'
        for token in tokens
        if token.token_type is TokenType.IDENTIFIER
    ]


def _functions(tokens: list[Token]) -> list[str]:
    return [
        f"function {token.text}"
        for token, following in pairwise(tokens)
        if following.token_type is TokenType.L_PAREN and _is_engine_only(token.text.lower())
    ]


def _is_engine_only(function: str) -> bool:
    return function in ENGINE_ONLY_FUNCTIONS or function.startswith(ENGINE_ONLY_PREFIXES)


def _symbols(tokens: list[Token]) -> list[str]:
    return [
        ENGINE_ONLY_SYMBOLS[token.token_type]
        for token in tokens
        if token.token_type in ENGINE_ONLY_SYMBOLS
    ]


def _phrases(tokens: list[Token]) -> list[str]:
    words = [
        "" if token.token_type is TokenType.STRING else word
        for token in tokens
        for word in token.text.lower().split()
    ]
    return [
        " ".join(phrase)
        for start in range(len(words))
        for phrase in ENGINE_ONLY_PHRASES
        if tuple(words[start : start + len(phrase)]) == phrase
    ]


def _misplaced_from(tokens: list[Token]) -> list[str]:
    """`from` without `select` before it, or after a trailing comma."""
    before = [None, *(token.token_type for token in tokens)]
    return [
        "from without select or after a comma"
        for previous, token in zip(before, tokens, strict=False)
        if token.token_type is TokenType.FROM
        and previous in (None, TokenType.L_PAREN, TokenType.COMMA)
    ]


def _orderings_without_nulls(tokens: list[Token]) -> list[str]:
    return [
        f"order by {' '.join(item)} without nulls first or last"
        for start, token in enumerate(tokens)
        if token.token_type is TokenType.ORDER_BY
        for item in _ordered_items(tokens[start + 1 :])
        if item[-2:] not in (["nulls", "last"], ["nulls", "first"])
    ]


def _ordered_items(tokens: list[Token]) -> list[list[str]]:
    """The words of each item of an ORDER BY whose first item begins at the first token."""
    items: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.R_PAREN and depth == 0:
            break
        if depth == 0 and token.text.lower() in ENDS_OF_ORDERING:
            break
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if token.token_type is TokenType.COMMA and depth == 0:
            items.append([])
        else:
            items[-1].append(token.text.lower())
    return items
