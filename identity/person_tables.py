"""The tables of the contract whose rows are records of people, by source system."""

from __future__ import annotations

from ingestion.contract import Table, find_table

PERSON_TABLES: dict[str, Table] = {
    "pos": find_table("raw_pos.members"),
    "email": find_table("raw_email.subscribers"),
    "support": find_table("raw_support.requesters"),
}


def id_column(source_system: str) -> str:
    """The column whose hash names a record of a source system."""
    (key,) = PERSON_TABLES[source_system].key
    return key


def staging_name(source_system: str) -> str:
    """The staging model of a source system's records."""
    return f"stg_{source_system}__{PERSON_TABLES[source_system].name}"
