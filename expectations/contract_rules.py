"""The rules that follow from the feed contract, for raw and for staging tables.

What belongs here: whatever is true of every table because its contract says so. What is true of one
table stands in that table's module.
"""

from __future__ import annotations

from expectations.model import (
    Rule,
    Severity,
    Suite,
    in_set,
    no_result,
    no_rows,
    not_null,
    reconciles,
    row_count_between,
    unique,
)
from ingestion.contract import Table, find_table
from ingestion.contract.model import PLANNED, Kind, Privacy

ROW_ID = ("_load_id", "_file", "_line")


def raw_suite(qualified_name: str, *rules: Rule) -> Suite:
    """The suite of a raw table: the contract's rules, then the table's own `rules`.

    Raw is append-only versions, so a row's id is where it came from, and the contract's key may
    stand there many times.
    """
    table = find_table(qualified_name)
    contract = (
        *_provenance_rules(table),
        *_value_rules(table),
        *_ledger_rules(table),
        *([_never_empty(table)] if table.never_empty else []),
    )
    return Suite(qualified_name, ROW_ID, (*contract, *rules))


def staging_suite(name: str, *rules: Rule, slot: str = "", sort: bool = False) -> Suite:
    """The suite of a staging model: its key, the contract's values, its count, its own `rules`.

    `slot` and `sort` are those of `unique`.
    """
    source, entity = name.removeprefix("stg_").split("__")
    table = find_table(f"raw_{source}.{entity}")
    contract = (
        unique(table.key, slot=slot, sort=sort),
        *_value_rules(table),
        reconciles(
            "row_count_accounted",
            "select count(*) from {table}",
            "select sum(staged_rows) from staging.stg_row_accounting "
            f"where table_name = '{table.qualified_name}'",
            "The model holds another number of rows than its row accounting says. One of the two "
            "is wrong: report it.",
        ),
        *([_never_empty(table)] if table.never_empty else []),
    )
    return Suite(f"staging.{name}", published_key(table), (*contract, *rules))


def published_key(table: Table) -> tuple[str, ...]:
    """The key's columns as results may show them: hashes for ids that name a person."""
    return tuple(
        table.column(name).name
        if table.column(name).privacy is Privacy.OPEN
        else table.column(name).hash_name
        for name in table.key
    )


def _provenance_rules(table: Table) -> tuple[Rule, ...]:
    newest = f"(select max_by(load_id, load_number) from ledger.files where {_files_of(table)})"
    return (
        no_rows(
            "provenance_present",
            "_file is null or _line is null or _load_id is null",
            "A row does not say where it came from, so it can be neither traced nor versioned. "
            "This is a fault in loading: report it.",
            acceptable=False,
        ),
        # Older loads were checked when they came, and nothing rewrites them: the newest is enough,
        # and keeps the cost of a night in step with what the night brought.
        unique(("_file", "_line"), where=f"_load_id = {newest}", name="row_unique", slot="_line"),
        no_rows(
            "no_unknown_columns",
            "_extra is not null and _extra <> '{}'",
            "The feed sends columns that the contract does not name. They are kept in _extra and "
            "not used: map them in the configuration, or ask for them.",
            severity=Severity.WARNING,
        ),
    )


def _value_rules(table: Table) -> tuple[Rule, ...]:
    """Required values, enumerations, hashes beside ids, and no instant after the run's clock."""
    rules: list[Rule] = []
    for column in table.columns:
        personal = column.privacy is Privacy.PERSONAL
        if column.required:
            rules.append(not_null(column.hash_name if personal else column.name))
        if column.privacy is Privacy.KEYED:
            rules.append(
                _hashed(column.name, column.hash_name, refers=column.name not in table.key)
            )
        if column.allowed:
            rules.append(in_set(column.name, column.allowed))
        if column.kind in (Kind.INSTANT, Kind.DATE) and column.name not in PLANNED and not personal:
            rules.append(_not_future(column.name))
    return tuple(rules)


def _hashed(column: str, hash_column: str, *, refers: bool) -> Rule:
    """`refers` says that many rows have the same hash, so that each is looked at but once."""
    malformed = f"not regexp_full_match({hash_column}, '[0-9a-f]{{32,}}')"
    if refers:
        # any_value: else the engine looks at every row before it groups.
        malformed = (
            f"{hash_column} in (select {hash_column} from {{table}} group by {hash_column} "
            f"having not regexp_full_match(any_value({hash_column}), '[0-9a-f]{{32,}}'))"
        )
    return no_rows(
        f"{column}_hashed",
        f"({column} is null) <> ({hash_column} is null) or {malformed}",
        f"{hash_column} must be the keyed hash of {column} and stand wherever {column} stands: "
        "people are joined by it. This is a fault in ingestion: report it.",
        acceptable=False,
    )


def _not_future(column: str) -> Rule:
    return no_rows(
        f"{column}_not_future",
        f"{column} > {{now}} + to_hours({{clock_skew_hours}})",
        f"{column} lies after the run's clock. Check the clock and the time zone of the feed, then "
        "send the rows again.",
    )


def _never_empty(table: Table) -> Rule:
    return row_count_between(
        1,
        name="not_empty",
        explain=f"{table.qualified_name} brought no row at all, and nothing can be computed "
        "without it. Check the export.",
        acceptable=False,
    )


def _ledger_rules(table: Table) -> tuple[Rule, ...]:
    files = _files_of(table)
    newest = f"{files} and load_number = (select max(load_number) from ledger.files where {files})"
    return (
        no_result(
            "rows_match_files",
            "with raw_files as ("
            "select _load_id as load_id, _file as file, count(*) as stored "
            "from {table} group by _load_id, _file), "
            f"loaded as (select load_id, file, rows_stored from ledger.files where {files}) "
            "select load_id, file from raw_files full join loaded using (load_id, file) "
            "where coalesce(stored, 0) is distinct from coalesce(rows_stored, 0) "
            "or (stored is not null and rows_stored is null)",
            "Rows in the table and rows that the ledger says were stored differ for a file: a load "
            "was cut short or ran twice. Load the file again into the last good warehouse.",
            row_id=("load_id", "file"),
        ),
        reconciles(
            "row_count_matches_ledger",
            "select count(*) from {table}",
            f"select sum(rows_stored) from ledger.files where {files}",
            "The table holds another number of rows than all its loads stored. Do not trust this "
            "warehouse: go back to the last good one.",
        ),
        no_result(
            "file_rows_accounted",
            f"select load_id, file from ledger.files where {files} "
            "and rows_in is distinct from rows_unchanged + rows_quarantined + rows_stored",
            "Rows of a file are neither stored, unchanged nor quarantined: some were lost or "
            "counted twice. This is a fault in ingestion: report it.",
            row_id=("load_id", "file"),
        ),
        Rule(
            "quarantined_share",
            "(select case when sum(rows_quarantined) < {min_quarantined_rows} then 0 "
            f"else sum(rows_quarantined) end from ledger.files where {newest})",
            "Too many rows of the newest load were set aside as unreadable. Look at the reasons in "
            "the quarantine, correct the feed or its configuration, and load again.",
            high="max_quarantined_share",
            acceptable=True,
            share_of=f"(select sum(rows_in) from ledger.files where {newest})",
        ),
    )


def _files_of(table: Table) -> str:
    return f"table_name = '{table.qualified_name}'"
