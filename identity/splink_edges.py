"""Links that Splink finds: the optional matcher, `matcher = "splink"` in `[identity]`.

Splink (MIT, the extra `tokui[splink]`) weighs agreements and near-agreements of names, birth dates,
contacts and addresses by probabilities that it learns from the records themselves. It works in a
database of its own in memory; into the warehouse go pairs of record ids with a probability,
`prediction.identity_edges`, which the rules' links are joined with.

The answer depends on the records alone: samples are drawn by hashes of record ids, and one thread
adds up, because the order of a sum of doubles changes its last digits.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from identity.plain_records import plain_records
from identity.splink_model import settings
from ingestion.errors import ConfigurationError

if TYPE_CHECKING:
    import duckdb
    import pyarrow

ACCEPTED = 0.99
"""The least probability of a link: to join two people does more harm than to miss one of them."""

MAX_RECORDS_PER_KEY = 20
"""A contact on more records is a shop's own: it is no evidence and would make millions of pairs."""

MIN_RECORDS = 500
"""Fewer records teach Splink nothing."""

_SEED = 1
_SAMPLED_PAIRS = 5e6
_TRAINING_PAIRS = 2e6
_PROBABILITY_DIGITS = 6
_CONTACTS = ("email", "phone", "line", "address")

_TRAINED_ON = ("birth_date", "romaji", "kanji")
"""Each training learns about everything but what it holds equal."""

_NO_PREDICTIONS = (
    "create table predictions (unique_id_l varchar, unique_id_r varchar, probability double)"
)


def write_edges(connection: duckdb.DuckDBPyConnection, accepted: float = ACCEPTED) -> int:
    """Replace the rows of `prediction.identity_edges`, and return their number.

    Args:
        connection: on the warehouse, with staging built.
        accepted: least probability of a link.

    Raises:
        ConfigurationError: Splink is not installed.
    """
    edges = find_edges(plain_records(connection), accepted)
    connection.execute("create schema if not exists prediction")
    connection.register("found_edges", edges)
    connection.execute("create or replace table prediction.identity_edges as from found_edges")
    connection.unregister("found_edges")
    return edges.num_rows


def find_edges(records: pyarrow.Table, accepted: float = ACCEPTED) -> pyarrow.Table:
    """Pairs of records with the columns of `prediction.identity_edges`, in order of their ids.

    Args:
        records: as `identity.plain_records` makes them.
    """
    with _scratch() as scratch:
        _load(scratch, records)
        if records.num_rows < MIN_RECORDS:
            scratch.execute(_NO_PREDICTIONS)
        else:
            _predict(scratch, accepted)
        return scratch.execute(
            "select a.source_system as source_system_a, a.source_id as source_id_a, "
            "b.source_system as source_system_b, b.source_id as source_id_b, probability "
            "as match_probability from predictions "
            "join records as a on a.unique_id = least(unique_id_l, unique_id_r) "
            "join records as b on b.unique_id = greatest(unique_id_l, unique_id_r) "
            f"where probability >= {accepted} order by a.unique_id, b.unique_id"
        ).to_arrow_table()


@contextmanager
def _scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that may spill to a folder of its own, gone with it."""
    import duckdb

    with TemporaryDirectory(prefix="tokui-splink-") as folder:
        config = {
            "threads": 1,
            "temp_directory": folder,
            "memory_limit": os.environ.get("TOKUI_MEMORY_LIMIT", "2GB"),
        }
        with duckdb.connect(config=config) as connection:
            connection.execute("set enable_progress_bar = false")
            yield connection


def _load(scratch: duckdb.DuckDBPyConnection, records: pyarrow.Table) -> None:
    """Table `records` with `unique_id`, contacts of too many records being left out."""
    scratch.register("plain", records)
    contacts = ", ".join(
        f"case when count(*) over (partition by {name}) <= {MAX_RECORDS_PER_KEY} "
        f"then {name} end as {name}"
        for name in _CONTACTS
    )
    scratch.execute(
        f"create table records as select * replace ({contacts}), "
        "source_system || ' ' || source_id as unique_id from plain order by unique_id"
    )
    scratch.unregister("plain")


def _predict(scratch: duckdb.DuckDBPyConnection, accepted: float) -> None:
    """Make the view `predictions`: pairs of `unique_id` with a probability."""
    splink = _import_splink()
    linker = splink.Linker(
        splink.DuckDBAPI(scratch).register("records"), settings(scratch), log_level=None
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
    for column in _TRAINED_ON:
        if _has_pairs(scratch, column):
            linker.training.estimate_parameters_using_expectation_maximisation(
                splink.block_on(column), max_pairs=_TRAINING_PAIRS
            )
    found = linker.inference.predict(threshold_match_probability=accepted)
    scratch.execute(
        "create view predictions as select unique_id_l, unique_id_r, "
        f"round(match_probability, {_PROBABILITY_DIGITS}) as probability "
        f"from {found.physical_name}"
    )


def _import_splink() -> Any:
    try:
        import splink
    except ImportError as error:
        raise ConfigurationError(
            'identity.matcher is "splink", and Splink is not installed. Install it with '
            "`pip install 'tokui[splink]'`, or set matcher = \"rules\"."
        ) from error
    # It warns about values that these records do not have, by column and level.
    logging.getLogger("splink").setLevel(logging.ERROR)
    return splink


def _has_pairs(scratch: duckdb.DuckDBPyConnection, column: str) -> bool:
    found = scratch.execute(
        f"select 1 from records where {column} is not null "
        f"group by {column} having count(*) > 1 limit 1"
    ).fetchone()
    return found is not None
