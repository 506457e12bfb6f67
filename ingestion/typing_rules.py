"""SQL that gives text its contract type, or the reason why it cannot have one.

Nothing is rounded and nothing is guessed: an amount with more decimals than the contract keeps, a
date in no declared format, a word outside an enumeration each give a reason and the row goes to
quarantine. Full-width digits, thousands separators and the accounting signs △ and ▲ are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.contract import Column, Kind
from ingestion.settings import FileFormat

_WIDE = "DECIMAL(38,12)"
_FROM = "０１２３４５６７８９．，－＋／：　"
_TO = "0123456789.,-+/: "
_NUMBER = r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?"
_OFFSET = r":[0-9]{2}(\.[0-9]+)?\s*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_TRUE = ("1", "true", "t", "yes", "y", "はい", "有", "○")
_FALSE = ("0", "false", "f", "no", "n", "いいえ", "無", "×")


@dataclass(frozen=True)
class TypedColumn:
    """Expressions for one column: its text, its value, and its complaint (NULL when it is good)."""

    text: str
    value: str
    complaint: str


def typed(column: Column, source: str, source_type: str, given: FileFormat) -> TypedColumn:
    """How `source` (an SQL expression) becomes the column.

    `source_type` is `VARCHAR` for text files, the type of the column for Parquet.
    """
    if _needs_no_parsing(column.kind, source_type, given):
        text, value = source, source
    else:
        text = f"nullif(trim(cast({source} as varchar), ' \t\r\n\u3000'), '')"
        text = _translated(column, text, given)
        value = _parse(column, text, source, source_type, given)
    return TypedColumn(text, value, _complaint(column, text, value))


def absent(column: Column) -> TypedColumn:
    """A column that the file does not have."""
    return TypedColumn("null", f"cast(null as {column.kind.value})", "null")


def _needs_no_parsing(kind: Kind, source_type: str, given: FileFormat) -> bool:
    if kind is Kind.INSTANT:
        return source_type == "TIMESTAMP" and given.timezone == "UTC"
    return source_type == kind.value and kind is not Kind.TEXT


def _parse(
    column: Column, text: str, source: str, source_type: str, given: FileFormat
) -> str:
    kind = column.kind
    if kind is Kind.TEXT:
        return f"lower({text})" if column.allowed else text
    if kind.is_decimal:
        if source_type in ("DOUBLE", "FLOAT"):
            return _from_float(kind, source)
        return _decimal(kind, text)
    if kind is Kind.INTEGER:
        return f"cast({_whole(text)} as bigint)"
    if kind is Kind.BOOLEAN:
        return (
            f"case when lower({text}) in {_list(_TRUE)} then true "
            f"when lower({text}) in {_list(_FALSE)} then false end"
        )
    if kind is Kind.DATE:
        return f"cast({_by_formats(text, given.date_formats)} as date)"
    return _instant(text, source, source_type, given)


def _translated(column: Column, text: str, given: FileFormat) -> str:
    """The register's own words (`売上`) as the contract's (`sale`), where the settings map them."""
    words = given.values.get(column.name, {})
    if not words:
        return text
    pairs = " ".join(f"when {_literal(word)} then {_literal(to)}" for word, to in words.items())
    return f"case {text} {pairs} else {text} end"


def _number(text: str) -> str:
    """A number as wide as can be: plain text at once, Japanese and accounting forms by rule."""
    signed = f"replace(replace(translate({text}, '{_FROM}', '{_TO}'), '△', '-'), '▲', '-')"
    bare = f"ltrim({signed}, '¥￥$ ')"
    return (
        f"coalesce(try_cast({text} as {_WIDE}), "
        f"case when regexp_full_match({bare}, '{_NUMBER}') "
        f"then try_cast(replace({bare}, ',', '') as {_WIDE}) end)"
    )


def _decimal(kind: Kind, text: str) -> str:
    wide = _number(text)
    return f"case when {wide} = round({wide}, {kind.scale}) then try_cast({wide} as {kind.value}) end"


def _from_float(kind: Kind, source: str) -> str:
    """A float from Parquet counts as a decimal only where it differs from one by dust."""
    return (
        f"case when abs({source} - round({source}, {kind.scale})) < 1e-7 "
        f"then try_cast(round({source}, {kind.scale}) as {kind.value}) end"
    )


def _whole(text: str) -> str:
    wide = _number(text)
    return f"case when {wide} = round({wide}, 0) then {wide} end"


def _by_formats(text: str, formats: tuple[str, ...]) -> str:
    plain = f"translate({text}, '{_FROM}', '{_TO}')"
    return f"try_strptime({plain}, {_array(formats)})"


def _instant(text: str, source: str, source_type: str, given: FileFormat) -> str:
    zone = _literal(given.timezone)
    if source_type == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {source})"
    if source_type in ("TIMESTAMP", "DATE"):
        return f"timezone('UTC', timezone({zone}, cast({source} as timestamp)))"
    local = _by_formats(text, given.timestamp_formats)
    return (
        f"case when regexp_matches({text}, '{_OFFSET}') "
        f"then timezone('UTC', try_cast({text} as timestamptz)) "
        f"else timezone('UTC', timezone({zone}, {local})) end"
    )


_WORDS = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.BOOLEAN: "a yes or no",
    Kind.DATE: "a date in the feed's formats",
    Kind.INSTANT: "a date and time in the feed's formats",
}


def _complaint(column: Column, text: str, value: str) -> str:
    cases = []
    if column.required:
        cases.append(f"when {text} is null then {_literal(column.name + ': value is missing')}")
    if column.kind is not Kind.TEXT:
        words = _WORDS.get(column.kind) or f"an amount with at most {column.kind.scale} decimals"
        complaint = f"{column.name}: not {words}"
        cases.append(f"when {text} is not null and {value} is null then {_literal(complaint)}")
    if column.allowed:
        complaint = f"{column.name}: not one of {', '.join(column.allowed)}"
        cases.append(f"when {value} not in {_list(column.allowed)} then {_literal(complaint)}")
    return f"case {' '.join(cases)} end" if cases else "null"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(_literal(value) for value in values) + ")"


def _array(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_literal(value) for value in values) + "]"
