"""SQL that gives text its contract type, or the reason why it cannot have one.

Nothing is rounded and nothing is guessed: an amount with more decimals than the contract keeps, a
date in no declared format, a word outside an enumeration each give a reason and the row goes to
quarantine. Full-width digits and letters, half-width kana in words that are mapped, thousands
separators and the accounting signs △ and ▲ are read.

A local time that daylight saving skips counts as if the clocks had not been put forward yet; one
that it repeats is the second of the two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

import duckdb
import jaconv

from ingestion.contract import Column, Kind
from ingestion.contract.currencies import CURRENCIES
from ingestion.contract.model import PLANNED
from ingestion.engine import engine_settings, literal
from ingestion.settings import TIMESTAMP_FORMATS, FileFormat

_WIDE = "DECIMAL(38,12)"
_FROM = "０１２３４５６７８９．，－−＋／：　"
_TO = "0123456789.,--+/: "
_CURRENCY = "¥￥$\\ "
"""Signs before an amount; a yen sign of CP932 is read as a backslash."""
_NUMBER = r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?"
_TOO_FINE = r"\.[0-9]{12}[0-9]*[1-9]|[eE]-"
_OFFSET = r":[0-9]{2}(\.[0-9]+)?\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
_EARLIEST = "1900-01-01"
"""Earlier dates are years of two digits (26/07/01 is read as the year 26) or placeholders."""
_AHEAD = timedelta(days=366)
"""What happened cannot lie further behind the run's clock, however wrong a register's clock is."""
_SPACE = " \t\r\n\u3000\u00a0\u200b\ufeff"
"""Around values: an ideographic space, and what spreadsheets and joined files leave there."""
_SETTLED = ("1971", "2100")
"""Years in which `fixed_offset` knows a zone."""
_CURRENCY_CODES = "|".join(CURRENCIES)
_WIDE_LETTERS = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F))
_LETTERS = "".join(chr(code) for code in range(0x21, 0x7F))
TRUE_WORDS = ("1", "true", "t", "yes", "y", "はい", "有", "○")
FALSE_WORDS = ("0", "false", "f", "no", "n", "いいえ", "無", "×")


@dataclass(frozen=True)
class TypedColumn:
    """Expressions for one column: its text, its value, and its complaint (NULL when it is good).

    They hold in the rows that `prepared` gives, where each of `steps` (a name, what it stands for)
    has been worked out once: written out in full, a table's statement has 200,000 characters, and
    the engine takes longer to plan it than to read a night's file.
    """

    text: str
    value: str
    complaint: str
    steps: tuple[tuple[str, str], ...] = ()


def typed(
    column: Column,
    source: str,
    source_type: str,
    given: FileFormat,
    now: datetime | None = None,
) -> TypedColumn:
    """How `source` (an SQL expression) becomes the column.

    `source_type` is `VARCHAR` for text files, the type of the column for Parquet. What happened
    more than a year after `now` is unreadable; None sets no end.
    """
    steps: tuple[tuple[str, str], ...] = ()
    if _needs_no_parsing(column.kind, source_type, given):
        text, parsed = source, source
    else:
        raw, quick, bare, text, parsed = (f'"{word} {column.name}"' for word in _STEPS)
        careful = _parse(column, text, source, source_type, given)
        steps = (
            (raw, _as_text(column.kind, source, source_type)),
            (quick, _quick(column, raw, source_type, given)),
            (bare, f"case when {quick} is not null then {raw} else {_stripped(raw)} end"),
            (text, _translated(column, bare, given)),
            (
                parsed,
                f"case when {quick} is not null then {quick} "
                f"when {text} is not null then {careful} end",
            ),
        )
    value = _plausible(column, parsed, now)
    return TypedColumn(text, value, _complaint(column, text, parsed, value), steps)


def prepared(rows: str, columns: Iterable[TypedColumn]) -> str:
    """The rows (a table or a query in brackets) with the steps of these columns, each once."""
    for step in zip(*(column.steps for column in columns if column.steps), strict=True):
        made = ", ".join(f"{expression} as {name}" for name, expression in step)
        rows = f"(select *, {made} from {rows})"
    return rows


_STEPS = ("raw", "quick", "bare", "text", "parsed")
"""Of a column: its text as it stands, its value where that is plain to see, its text without space
around it, that in the contract's words, its value."""


def _quick(column: Column, raw: str, source_type: str, given: FileFormat) -> str:
    """The value of a text that is written as exports write it, else NULL.

    What it takes, the careful way takes to the same value, at five to fifty times the cost.
    """
    nothing = f"cast(null as {column.kind.value})"
    if source_type != "VARCHAR" or given.values.get(column.name):
        return nothing
    plain = _plain(column, raw, given)
    if plain is None:
        return nothing
    condition, value = plain
    return f"case when {condition} then {value} end"


def _plain(column: Column, raw: str, given: FileFormat) -> tuple[str, str] | None:
    """When a text is plain, and its value then; None where no text is."""
    kind, cast = column.kind, f"try_cast({raw} as {column.kind.value})"
    if kind.is_decimal:
        return f"regexp_full_match({raw}, '{_plain_amount(kind)}')", cast
    if kind is Kind.INTEGER:
        return f"regexp_full_match({raw}, '-?[0-9]{{1,18}}')", cast
    if kind is Kind.BOOLEAN:
        return f"{raw} in ('true', 'false')", f"{raw} = 'true'"
    if kind is Kind.DATE:
        written = _in_full(raw, cast, given.date_formats, "")
        return (f"strlen({raw}) = 10 and {written}", cast) if written else None
    if kind is Kind.INSTANT:
        written = _in_full(raw, cast, given.timestamp_formats, " %H:%M:%S")
        return _plain_instant(raw, cast, written, given.timezone) if written else None
    if column.allowed:
        return f"{raw} in {_list(column.allowed)}", raw
    if column.currency:
        return f"regexp_full_match({raw}, '{_CURRENCY_CODES}')", raw
    return None


def _in_full(raw: str, cast: str, formats: tuple[str, ...], time: str) -> str | None:
    """When a text is all of its value, with hyphens or slashes; None where neither is asked for.

    No two of the usual formats fit such a text. Another that is tried before them might.
    """
    usual = set(takewhile(TIMESTAMP_FORMATS.__contains__, formats))
    text = f"cast({cast} as varchar)"
    ways = {"%Y-%m-%d": text, "%Y/%m/%d": f"replace({text}, '-', '/')"}
    asked = [f"{way} = {raw}" for day, way in ways.items() if day + time in usual]
    return f"({' or '.join(asked)})" if asked else None


def _plain_instant(raw: str, local: str, written: str, zone: str) -> tuple[str, str]:
    """A local time to the second; where the clocks never change, its UTC is a subtraction."""
    condition = f"strlen({raw}) = 19 and {written}"
    offset = fixed_offset(zone)
    if offset is None:
        return condition, f"timezone('UTC', timezone({literal(zone)}, {local}))"
    first, end = _SETTLED
    settled = f"{raw} >= '{first}' and {raw} < '{end}'"
    return f"{settled} and {condition}", f"{local} - interval ({offset}) minute"


@lru_cache
def fixed_offset(zone: str) -> int | None:
    """Minutes that a zone is ahead of UTC in all years of `_SETTLED`; None if its clocks change.

    The engine's own answer, week by week: a change that lasts for less is nowhere.
    """
    first, end = _SETTLED
    week = f"range(timestamp '{first}-01-01 12:00', timestamp '{end}-01-01', interval 7 day)"
    ahead = f"date_diff('minute', timezone('UTC', timezone({literal(zone)}, t)), t)"
    with duckdb.connect(config=engine_settings(Path(":memory:"))) as engine:
        found = engine.execute(f"select distinct {ahead} from {week} as w (t)").fetchall()
    return int(found[0][0]) if len(found) == 1 else None


def _stripped(text: str) -> str:
    """Without space around it, NULL when nothing is left; nearly all values have none at all.

    Letters of ASCII that begin with a visible one and end in no space need no trimming.
    """
    ends = " and ".join(f"not suffix({text}, {literal(space)})" for space in " \t\r\n")
    return (
        f"case when strlen({text}) = length({text}) and {text} >= '!' and {ends} then {text} "
        f"else nullif(trim({text}, {literal(_SPACE)}), '') end"
    )


def _as_text(kind: Kind, source: str, source_type: str) -> str:
    """An id that Parquet holds as a float, because one is missing, has no decimals."""
    if kind is Kind.TEXT and source_type in ("DOUBLE", "FLOAT"):
        return (
            f"coalesce(cast(case when {source} = trunc({source}) "
            f"then try_cast({source} as bigint) end as varchar), cast({source} as varchar))"
        )
    return f"cast({source} as varchar)"


def absent(column: Column) -> TypedColumn:
    """A column that the file does not have."""
    return TypedColumn("null", f"cast(null as {column.kind.value})", "null")


def _needs_no_parsing(kind: Kind, source_type: str, given: FileFormat) -> bool:
    if kind is Kind.INSTANT:
        return source_type == "TIMESTAMP" and given.timezone == "UTC"
    if kind is Kind.DATE:
        return False
    return source_type == kind.value and kind is not Kind.TEXT


def _parse(column: Column, text: str, source: str, source_type: str, given: FileFormat) -> str:
    kind = column.kind
    if kind is Kind.TEXT:
        return _word(column, text)
    if kind.is_decimal:
        if source_type in ("DOUBLE", "FLOAT"):
            return _from_float(kind, source)
        return _decimal(kind, text)
    if kind is Kind.INTEGER:
        return _whole(text)
    if kind is Kind.BOOLEAN:
        return (
            f"case when lower({text}) in {_list(TRUE_WORDS)} then true "
            f"when lower({text}) in {_list(FALSE_WORDS)} then false end"
        )
    if kind is Kind.DATE:
        return _date(text, source, source_type, given)
    return _instant(text, source, source_type, given)


def _word(column: Column, text: str) -> str:
    """A text as it is; of an enumeration or a code list in the list's own letters."""
    if column.allowed:
        known = f"{text} in {_list(column.allowed)}"
        return f"case when {known} then {text} else lower({_narrow(text)}) end"
    if column.currency:
        known = f"regexp_full_match({text}, '{_CURRENCY_CODES}')"
        return f"case when {known} then {text} else upper({_narrow(text)}) end"
    return text


def _narrow(text: str) -> str:
    return f"translate({text}, {literal(_WIDE_LETTERS)}, {literal(_LETTERS)})"


def _plausible(column: Column, value: str, now: datetime | None) -> str:
    """A date or an instant that can be one; others are placeholders, or of a clock gone wrong."""
    if column.kind not in (Kind.DATE, Kind.INSTANT):
        return value
    word = "date" if column.kind is Kind.DATE else "timestamp"
    if now is None or column.name in PLANNED:
        return f"case when {value} >= {word} '{_EARLIEST}' then {value} end"
    latest = (now + _AHEAD).date().isoformat()
    return f"case when {value} between {word} '{_EARLIEST}' and {word} '{latest}' then {value} end"


def _date(text: str, source: str, source_type: str, given: FileFormat) -> str:
    if source_type == "DATE":
        return source
    if _is_naive(source_type):
        # Parquet written by pandas has no dates: midnight stands for one, another time does not.
        return f"case when {source} = date_trunc('day', {source}) then cast({source} as date) end"
    return f"cast({_by_formats(text, given.date_formats)} as date)"


def _is_naive(source_type: str) -> bool:
    return source_type in ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")


def _translated(column: Column, text: str, given: FileFormat) -> str:
    """The register's own words (`売上`) as the contract's (`sale`), where the settings map them."""
    words = _in_every_width(given.values.get(column.name, {}))
    if not words:
        return text
    pairs = " ".join(f"when {literal(word)} then {literal(to)}" for word, to in words.items())
    return f"case {text} {pairs} else {text} end"


def _in_every_width(words: dict[str, str]) -> dict[str, str]:
    """The words as they stand, and as registers write them: half-width kana, full-width letters."""
    variants = dict(words)
    for word, to in words.items():
        usual = unicodedata.normalize("NFKC", word)
        for variant in (usual, jaconv.z2h(usual, kana=True), jaconv.h2z(usual, ascii=True)):
            variants.setdefault(variant, to)
    return variants


def _number(text: str) -> str:
    """A number as wide as can be: plain text at once, Japanese and accounting forms by rule.

    A cast rounds what is finer than its twelve decimals, so that is looked for, cheaply, before.
    """
    plain = f"replace(replace(translate({text}, '{_FROM}', '{_TO}'), '△', '-'), '▲', '-')"
    bare = f"ltrim({plain}, {literal(_CURRENCY)})"
    return (
        f"case when (length({text}) > 13 or contains({text}, '-')) "
        f"and regexp_matches({plain}, '{_TOO_FINE}') then null "
        f"else coalesce(try_cast({text} as {_WIDE}), "
        f"case when regexp_full_match({bare}, '{_NUMBER}') "
        f"then try_cast(replace({bare}, ',', '') as {_WIDE}) end) end"
    )


def _decimal(kind: Kind, text: str) -> str:
    """Nearly all amounts are plain and cast at once; the wide way costs ten times as much."""
    wide = _number(text)
    return (
        f"case when regexp_full_match({text}, '{_plain_amount(kind)}') "
        f"then try_cast({text} as {kind.value}) when {wide} = round({wide}, {kind.scale}) "
        f"then try_cast({wide} as {kind.value}) end"
    )


def _plain_amount(kind: Kind) -> str:
    """Texts that a cast to the kind takes without rounding."""
    whole = _precision(kind) - kind.scale
    return rf"-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{kind.scale}}}0*)?"


def _precision(kind: Kind) -> int:
    return int(kind.value.removeprefix("DECIMAL(").split(",")[0])


def _from_float(kind: Kind, source: str) -> str:
    """A float from Parquet counts as a decimal only where it differs from one by dust."""
    return (
        f"case when abs({source} - round({source}, {kind.scale})) < 1e-7 "
        f"then try_cast(round({source}, {kind.scale}) as {kind.value}) end"
    )


def _whole(text: str) -> str:
    wide = _number(text)
    return (
        f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then try_cast({text} as bigint) "
        f"when {wide} = round({wide}, 0) then try_cast({wide} as bigint) end"
    )


def _by_formats(text: str, formats: tuple[str, ...]) -> str:
    """A date and time by the first format that fits; digits alone must be a whole 8 or 14 of them.

    The engine would read 2026071 as the first of July.
    """
    plain = f"translate({text}, '{_FROM}', '{_TO}')"
    whole = f"length({text}) in (8, 14) or try_cast({plain} as bigint) is null"
    return f"try_strptime(case when {whole} then {plain} end, {_array(formats)})"


def _instant(text: str, source: str, source_type: str, given: FileFormat) -> str:
    zone = literal(given.timezone)
    if source_type == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {source})"
    if _is_naive(source_type) or source_type == "DATE":
        return f"timezone('UTC', timezone({zone}, cast({source} as timestamp)))"
    plain = f"translate({text}, '{_FROM}', '{_TO}')"
    local = _by_formats(text, given.timestamp_formats)
    return (
        f"case when regexp_matches({plain}, '{_OFFSET}') "
        f"then timezone('UTC', try_cast({_with_seconds(plain)} as timestamptz)) "
        f"else timezone('UTC', timezone({zone}, {local})) end"
    )


def _with_seconds(text: str) -> str:
    """`10:00 +09:00` and `10:00z` as the engine reads them: with seconds, no space, capital Z."""
    tight = f"regexp_replace(upper({text}), '\\s+(Z|[+-])', '\\1')"
    return f"regexp_replace({tight}, '([T ][0-9]{{1,2}}:[0-9]{{2}})(Z|[+-])', '\\1:00\\2')"


_WORDS = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.BOOLEAN: "a yes or no",
    Kind.DATE: "a date in the feed's formats",
    Kind.INSTANT: "a date and time in the feed's formats",
}


def _complaint(column: Column, text: str, parsed: str, value: str) -> str:
    """What is wrong with a value, without the value."""
    cases = []
    if column.required:
        cases.append(f"when {text} is null then {literal(column.name + ': value is missing')}")
    if column.kind is not Kind.TEXT:
        unreadable = f"when {text} is not null and {value} is null then "
        cases.append(unreadable + _unreadable(column, parsed))
    if column.allowed:
        complaint = f"{column.name}: not one of {', '.join(column.allowed)}"
        cases.append(f"when {value} not in {_list(column.allowed)} then {literal(complaint)}")
    if column.currency:
        complaint = f"{column.name}: not a currency of ISO 4217, such as JPY"
        known = f"regexp_full_match({value}, '{_CURRENCY_CODES}')"
        cases.append(f"when not {known} then {literal(complaint)}")
    return f"case {' '.join(cases)} end" if cases else "null"


def _unreadable(column: Column, parsed: str) -> str:
    if column.kind.is_decimal:
        whole = _precision(column.kind) - column.kind.scale
        words = (
            f"an amount with at most {column.kind.scale} decimals and {whole} digits before them"
        )
        return literal(f"{column.name}: not {words}")
    complaint = literal(f"{column.name}: not {_WORDS[column.kind]}")
    if column.kind not in (Kind.DATE, Kind.INSTANT):
        return complaint
    implausible = f"{column.name}: before {_EARLIEST} or more than a year after the run"
    return f"case when {parsed} is not null then {literal(implausible)} else {complaint} end"


def _list(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(literal(value) for value in values) + ")"


def _array(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(literal(value) for value in values) + "]"
