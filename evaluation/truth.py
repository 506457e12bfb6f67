"""The planted truth beside the warehouse's answer: which record is whose, in which cluster.

`<home>/truth/` holds what the generator drew; nothing of the pipeline reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from identity.person_tables import PERSON_TABLES, id_column, staging_name
from ingestion.engine import connect_both
from orchestration.home import Home
from orchestration.marts_file import of_current

if TYPE_CHECKING:
    import duckdb

MAX_RECORDS_PER_KEY = 20
"""A key on more records is a shop's phone or a dummy: it says nothing about a person."""

_ID_TABLES = tuple((system, staging_name(system), id_column(system)) for system in PERSON_TABLES)

_USABLE = (
    ("e-mail", "email_key"),
    ("phone", "phone_key"),
    ("LINE id", "line_key"),
    ("LINE id", "linked_line_key"),
    ("member id", "member_source_id"),
    ("kanji name and birth date", "full_name_key || ' ' || birth_date"),
    ("kana name and birth date", "full_kana_key || ' ' || birth_date"),
    ("romaji name and birth date", "full_romaji_key || ' ' || birth_date"),
    ("kanji name and address", "full_name_key || ' ' || address_key"),
    ("kana name and address", "full_kana_key || ' ' || address_key"),
    ("romaji name and address", "full_romaji_key || ' ' || address_key"),
)
"""What can tell two records of one person, as kind and SQL over a record's identity keys; NULL
where a part is missing."""


class NoTruthError(Exception):
    """The warehouse has no truth, or is not built yet. The message says what to do."""


def warehouse_beside(truth: Iterable[Path], subject: str) -> Path:
    """The current warehouse of the home that the files of a truth lie in.

    Args:
        truth: files that must be there, each one folder below the home.
        subject: what is known of the demo alone, for the message.

    Raises:
        NoTruthError: a file or the warehouse is not there.
    """
    truth = list(truth)
    for path in truth:
        if not path.is_file():
            raise NoTruthError(
                f"no truth at {path}: {subject} is known of the demo retailer alone "
                "(`tokui demo` generates it)."
            )
    warehouse = Home(truth[0].parent.parent).current
    if not warehouse.is_file():
        raise NoTruthError(f"no warehouse at {warehouse}: run `tokui demo` first.")
    return warehouse


def open_current(home: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """A connection on the current warehouse of a home and its marts, to read them.

    Raises:
        NoTruthError: nothing is published there.
    """
    marts = of_current(Home(home))
    if marts is None:
        raise NoTruthError(f"nothing is published in {home}: run `tokui demo` first.")
    return connect_both(Home(home).current, marts, read_only=True)


@contextmanager
def open_truth(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the warehouse attached (read-only) and these tables.

    `records`: one row a record of the truth that the warehouse knows: `record` (0, 1, ...),
    `cluster`, `person`, `household`. `typed_keys` and `usable_keys`: one row a record and key, as
    typed (dummies and shop phones included) and as a careful reader would use it.

    Raises:
        NoTruthError: no truth folder, no warehouse.
    """
    import duckdb

    truth = home / "truth"
    files = (truth / "records.parquet", truth / "people.parquet")
    warehouse = warehouse_beside(files, "who is who")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        _make_records(connection, truth)
        _make_keys(connection)
        yield connection


def count_unjudged(connection: duckdb.DuckDBPyConnection, home: Path) -> tuple[int, int]:
    """Records of the truth that the warehouse lacks, and the reverse.

    The first are people who have not joined yet; the second are ids without a master record.
    """
    (judged,) = connection.execute("select count(*) from records").fetchone()
    (planted,) = connection.execute(
        f"select count(*) from '{home / 'truth' / 'records.parquet'}'"
    ).fetchone()
    (known,) = connection.execute(
        "select count(*) from warehouse.intermediate.int_customer_identity"
    ).fetchone()
    return planted - judged, known - judged


def _make_records(connection: duckdb.DuckDBPyConnection, truth: Path) -> None:
    ids = " union all ".join(
        f"select '{system}' as source_system, {column} as plain_id, {column}_hash as source_id "
        f"from warehouse.staging.{table}"
        for system, table, column in _ID_TABLES
    )
    connection.execute(
        "create temp table records as select "
        "cast(row_number() over (order by ids.source_system, ids.source_id) - 1 as integer) "
        "as record, "
        "ids.source_system, ids.source_id, identity.customer_key as cluster, "
        "cast(planted.person_id as varchar) as person, "
        "cast(people.household_id as varchar) as household "
        f"from ({ids}) as ids "
        f"join '{truth / 'records.parquet'}' as planted "
        "on planted.source_system = ids.source_system and planted.source_id = ids.plain_id "
        "join warehouse.intermediate.int_customer_identity as identity "
        "on identity.source_system = ids.source_system and identity.source_id = ids.source_id "
        f"left join '{truth / 'people.parquet'}' as people on people.person_id = planted.person_id"
    )


def _make_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """As typed: the keyed hashes of what stands in the feed, case and width folded, no more."""
    typed = " union all ".join(
        f"select '{system}' as source_system, {column}_hash as source_id, "
        f"'{kind} ' || {kind}_hash as key from warehouse.staging.{table}"
        for system, table, column in _ID_TABLES
        for kind in ("email", "phone")
        if (system, kind) != ("email", "phone")
    )
    connection.execute(
        f"create temp table typed_keys as select record, key from ({typed}) "
        "join records using (source_system, source_id) where key is not null"
    )
    usable = " union ".join(
        f"select source_system, source_id, '{kind} ' || ({sql}) as key "
        "from warehouse.intermediate.int_identity_records"
        for kind, sql in _USABLE
    )
    connection.execute(
        f"create temp table usable_keys as select record, key from ({usable}) "
        "join records using (source_system, source_id) where key is not null "
        f"qualify count(*) over (partition by key) <= {MAX_RECORDS_PER_KEY}"
    )
