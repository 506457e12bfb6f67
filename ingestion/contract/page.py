"""The feed contract as a page for people: `docs/feed-contract.md`."""

from __future__ import annotations

from ingestion.contract import FEEDS, all_tables
from ingestion.contract.model import Column, Kind, Privacy, Table

_KINDS = {
    Kind.TEXT: "text",
    Kind.INTEGER: "whole number",
    Kind.MONEY: "amount, 2 decimals",
    Kind.PRICE: "price, 6 decimals",
    Kind.QUANTITY: "quantity, 3 decimals",
    Kind.RATE: "rate, 4 decimals",
    Kind.BOOLEAN: "yes/no",
    Kind.DATE: "date",
    Kind.INSTANT: "date and time",
}

_PRIVACY = {
    Privacy.OPEN: "",
    Privacy.KEYED: " Hashed beside it.",
    Privacy.PERSONAL: " Personal: raw keeps its keyed hash alone.",
}

_INTRODUCTION = """\
# The feed contract

Made by `{command}` from `ingestion/contract/`; change the contract instead.

A feed is a folder (or any address that fsspec knows) with files of the tables below, as CSV,
TSV, JSON Lines or Parquet, plain, `.gz` or `.zst`. A file belongs to the table whose name it
bears: `receipts.csv`, `receipts_20260701.csv`, `receipts/2026-07-01.csv`. The digits in the name
are its delivery: they order versions of rows that carry no `updated_at`, and say which lines
came with which receipt.

- **Bold** columns are required: they stand in the header and every row has a value. All others
  may be missing. Columns that are not listed are kept in `_extra` and reported.
- Times carry an offset or are read in the feed's time zone. Amounts are exact: a value with more
  decimals than the column keeps is set aside, never rounded. Full-width digits, thousands
  separators and △ are read; so are words and currencies in full-width or small letters.
- A row is set aside when a date lies before 1900 or, unless it is a plan (scheduled_at, expires_at,
  left_at, opened_on, closed_on), more than a year after the run; when a currency is none of
  ISO 4217; when a value has a NUL byte or more than `max_field_kib` of the settings.
- A key that arrives again is a new version of its row; one equal to the version before is
  counted and not stored. In a table set to `mode = "snapshot"`, a key that is absent is deleted.
- Lines, payments and coupon redemptions belong to a version of their receipt: send all of them
  again when a receipt is corrected.
- `line_amount` = quantity × unit_price − discount_amount, negative on a return, with tax as
  `tax_included` says. `discount_total` is every discount of the receipt. `total_inc_tax` = Σ net
  + Σ tax = Σ payments. A `void` receipt names the one it cancels; a register that re-sends the
  original as `void` sends a new version of it.
- A row that cannot be taken is set aside with its file, line and reason, and the run goes on; a
  file in which more than 1 % cannot be taken, or whose encoding, header or end is wrong, stops
  the run (or holds its feed: `on_failure = "hold"`). Nothing of a refused file is loaded.
- Encodings are UTF-8 and CP932 (Shift_JIS); UTF-16, EUC-JP and JIS are named and refused, and so is
  a file that is not what its name says (a workbook, a web page, an archive), a column that was
  renamed (the message guesses which), doubled, or, in Parquet, of a type that cannot hold its
  values. JSON Lines are told by the keys of their first hundred rows.
- Write a file under another name and rename it when it is whole: one that changes or vanishes while
  it is read is refused. Links to folders are not followed; pipes are not read.
"""

_IDENTITY_KEYS = """\
## Identity keys

No columns of a feed: Tokui makes them when a row arrives. A key is a keyed hash, as a whole number,
of the normalised value (`ingestion/normalisation/`): equal in all tables where that value is equal,
empty where it tells nobody apart. A name counts by its script, whatever column it stands in.

| key | made from | meaning |
|---|---|---|
"""


def render_page(command: str) -> str:
    """The page in Markdown: a section a feed, a table of columns a table; then identity keys."""
    parts = [_INTRODUCTION.format(command=command)]
    for feed in FEEDS.values():
        parts.append(f"## {feed.name}: {feed.description}\n")
        parts += [_section(table) for table in feed.tables]
    parts.append(_IDENTITY_KEYS + "\n".join(_key_rows()) + "\n")
    return "\n".join(parts)


def _section(table: Table) -> str:
    key = ", ".join(table.key)
    ordered = table.version_at or "the delivery"
    lines = [
        f"### {table.qualified_name}\n",
        f"{table.description} Key: {key}. Versions are ordered by {ordered}.\n",
        "| column | kind | meaning |",
        "|---|---|---|",
        *(_row(column) for column in table.columns),
        "",
    ]
    if table.identity_keys:
        lines += [f"Identity keys: {', '.join(table.identity_keys)}.", ""]
    return "\n".join(lines)


def _key_rows() -> list[str]:
    """A row a key; keys of one group come from the same columns."""
    groups = dict.fromkeys(group for table in all_tables() for group in table.key_groups)
    return [
        f"| {name} | {', '.join(group.sources)} | {meaning} |"
        for group in groups
        for name, meaning in group.keys.items()
    ]


def _row(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    return f"| {name} | {_KINDS[column.kind]} | {column.description}{_PRIVACY[column.privacy]} |"
