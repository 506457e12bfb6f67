"""Records with their plain values, normalised: what a matcher that compares spellings reads.

Identity alone reads `pii`, and nothing of it is written back: the rows live in the caller's
memory. The winning version of each record comes from staging; its plain values are those of a raw
row whose hashes are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from identity.person_tables import PERSON_TABLES, id_column, staging_name
from ingestion.contract import Table
from ingestion.normalisation.addresses import normalised_address
from ingestion.normalisation.emails import normalised_email
from ingestion.normalisation.names import Names
from ingestion.normalisation.phones import normalised_phone

if TYPE_CHECKING:
    import duckdb
    import pyarrow

COLUMNS = (
    "source_system",
    "source_id",
    "kanji",
    "given_kanji",
    "romaji",
    "given_romaji",
    "birth_date",
    "email",
    "phone",
    "line",
    "address",
    "postal_code",
)
"""Columns of `plain_records`, all text; a birth date is ISO 8601."""

_NAME_PARTS = (
    *("family_name", "given_name", "family_kana", "given_kana"),
    *("name_kana", "name_romaji", "name"),
)
_READ = (
    *_NAME_PARTS,
    *("email", "phone", "line_user_id", "birth_date"),
    *("prefecture", "city", "address", "postal_code"),
)
_BATCH = 50_000


def plain_records(connection: duckdb.DuckDBPyConnection) -> pyarrow.Table:
    """One row a record of a person table, in order of source system and id.

    Values that tell nobody apart (a desk's address, a made-up number) are NULL.

    Args:
        connection: on the warehouse, with staging built.
    """
    import pyarrow

    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    query = " union all ".join(winning_plain_rows(system, _READ) for system in PERSON_TABLES)
    reader = connection.execute(f"{query} order by 1, 2").to_arrow_reader(_BATCH)
    batches = [
        pyarrow.RecordBatch.from_pylist(list(_normalised(batch)), schema=schema) for batch in reader
    ]
    return pyarrow.Table.from_batches(batches, schema=schema)


def winning_plain_rows(system: str, columns: Sequence[str]) -> str:
    """SQL: the winning rows of a person table, with plain values; columns it lacks are NULL.

    Beside `columns` there are `source_system` and `source_id`, all text. Runs on a warehouse.
    """
    table, key = PERSON_TABLES[system], id_column(system)
    listed = ", ".join(f"{_source(table, column)} as {column}" for column in columns)
    same = " and ".join(
        f"raw.{column.hash_name} is not distinct from staged.{column.hash_name}"
        for column in table.personal
    )
    return (
        f"(select '{system}' as source_system, staged.{key}_hash as source_id, {listed} "
        f"from staging.{staging_name(system)} as staged "
        f"join {table.qualified_name} as raw on raw.{key}_hash = staged.{key}_hash and {same} "
        f"join pii.{table.pii_name} as plain on plain.{key} = raw.{key} "
        "and plain._load_id = raw._load_id and plain._file = raw._file and plain._line = raw._line "
        f"qualify row_number() over (partition by staged.{key}_hash "
        "order by raw._load_id, raw._file, raw._line) = 1)"
    )


def _source(table: Table, column: str) -> str:
    if column in {c.name for c in table.personal}:
        return f"plain.{column}"
    if column in table.raw_columns:
        return f"cast(staged.{column} as varchar)"
    return "cast(null as varchar)"


def _normalised(batch: pyarrow.RecordBatch) -> Iterator[dict[str, Any]]:
    names = Names()
    for row in batch.to_pylist():
        name = names.values(*(row[part] for part in _NAME_PARTS))
        yield {
            "source_system": row["source_system"],
            "source_id": row["source_id"],
            "kanji": name.full_name,
            "given_kanji": name.given_name,
            "romaji": name.full_romaji,
            "given_romaji": name.given_romaji,
            "birth_date": row["birth_date"],
            "email": row["email"] and normalised_email(row["email"]),
            "phone": row["phone"] and normalised_phone(row["phone"]),
            "line": row["line_user_id"],
            "address": normalised_address(row["prefecture"], row["city"], row["address"]),
            "postal_code": row["postal_code"],
        }
