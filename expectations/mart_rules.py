"""The rules that every mart shares: key, dates, nothing personal."""

from collections.abc import Mapping
from dataclasses import replace

from expectations.model import (
    Rule,
    Severity,
    Suite,
    no_result,
    no_rows,
    not_null,
    refers_to,
    unique,
)
from ingestion.contract import all_tables
from ingestion.contract.model import Privacy


def mart_suite(
    name: str,
    key: tuple[str, ...],
    *rules: Rule,
    dates: tuple[str, ...] = (),
    text_columns: tuple[str, ...] = (),
    has_customer_key: bool = False,
    slot: str = "",
    sort: bool = False,
) -> Suite:
    """The suite of `marts.<name>`: what all marts must fulfil, then the table's own `rules`.

    `dates` are the columns cut at the as-of date. `text_columns` are those in which a source could
    have written an address. `has_customer_key` checks that the person's key is an opaque one.
    `slot` and `sort` are those of `unique`.
    """
    shared = (
        unique(key, slot=slot, sort=sort),
        *(not_null(column) for column in key),
        *(_not_after_as_of(column) for column in dates),
        _no_personal_columns(name),
        *([_no_addresses(text_columns)] if text_columns else []),
        *([_opaque_customer_key()] if has_customer_key else []),
    )
    return Suite(f"marts.{name}", key, (*shared, *rules))


def known_customers() -> Rule:
    """Every customer of the table is one of dim_customer."""
    return _known_key("customer_key", "dim_customer")


def known_stores() -> Rule:
    """Every store of the table is one of dim_store."""
    return _known_key("store_id", "dim_store")


def known_products() -> Rule:
    """Every product of the table is one of dim_product."""
    return _known_key("product_id", "dim_product")


def share(column: str, *, severity: Severity = Severity.CRITICAL) -> Rule:
    """`column` is a share: between 0 and 1, or NULL where there was nothing to divide by."""
    return no_rows(
        f"{column}_is_a_share",
        f"{column} < 0 or {column} > 1",
        f"{column} must lie between 0 and 1: its numerator and denominator do not belong "
        "together. Report it.",
        severity=severity,
        acceptable=False,
    )


def ratios(rates: Mapping[str, tuple[str, str]], *, always: bool = True) -> Rule:
    """Each rate is its numerator divided by its denominator, as `rates` names them.

    A rate without a denominator is NULL, and with `always` no other one is; else a rate may also be
    withheld.
    """
    return no_rows(
        "rates_are_ratios",
        " or ".join(
            f"abs({rate} - cast({above} as double) / ({below})) > {{rate_tolerance}} or "
            + (
                f"({rate} is null) <> (coalesce({below}, 0) = 0)"
                if always
                else f"({rate} is not null and coalesce({below}, 0) = 0)"
            )
            for rate, (above, below) in rates.items()
        ),
        "A rate is not its numerator divided by its denominator, or is shown without one: report "
        "it.",
        acceptable=False,
    )


def _known_key(column: str, dimension: str) -> Rule:
    known = refers_to(
        column,
        f"marts.{dimension}",
        column,
        explain=f"{dimension} lacks a {column} of this table, so a join would lose rows. An "
        "inferred row should stand there: report it.",
    )
    return replace(known, severity=Severity.CRITICAL, acceptable=False)


def _not_after_as_of(column: str) -> Rule:
    # Without an as-of date nothing can be said to lie before it: that fails.
    return no_rows(
        f"{column}_up_to_as_of",
        f"not coalesce({column} <= {{as_of}}, {column} is null)",
        f"{column} lies after the as-of date, so the same date would give another answer tomorrow. "
        "This is a fault in the model: report it.",
        acceptable=False,
    )


def _no_personal_columns(name: str) -> Rule:
    columns = (column for table in all_tables() for column in table.columns)
    private = {column for column in columns if column.privacy is not Privacy.OPEN}
    # `company` stays forbidden as a column's whole name; `url` and `comment` likewise.
    names = sorted({c.name for c in private} | {c.hash_name for c in private})
    listed = ", ".join(f"'{column}'" for column in names)
    personal_ending = (
        "(.*_)?(e_?mail|phone|telephone|mobile|postal_code|card_number|birth_date|line_user_id|"
        "address|kana|romaji|(family|given|first|last|full|customer|member|person|staff)_name)"
    )
    return no_result(
        "no_personal_columns",
        f"select name as column_name from pragma_table_info('marts.{name}') "
        f"where type <> 'BOOLEAN' "
        f"and (name in ({listed}) or regexp_full_match(name, '{personal_ending}'))",
        "A published table has a column whose name says that it holds a personal value. Take it "
        "out of the model; personal values stand in pii alone.",
        row_id=("column_name",),
    )


def _no_addresses(columns: tuple[str, ...]) -> Rule:
    return no_rows(
        "no_addresses_in_text",
        " or ".join(f"contains({column}, '@')" for column in columns),
        "A text column of a published table holds an @, which points to an e-mail address. Correct "
        "the value at its source or map the column elsewhere.",
        acceptable=False,
    )


def _opaque_customer_key() -> Rule:
    return no_rows(
        "customer_key_opaque",
        "not regexp_full_match(customer_key, 'c[0-9a-f]{24}')",
        "customer_key is not the opaque key that the warehouse makes, so it may show a source's id "
        "of the person. This is a fault in the identity models: report it.",
        acceptable=False,
    )
