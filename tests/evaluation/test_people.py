"""A warehouse of people, and the models that are run on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.compiled_models import measure
from evaluation.people import show_oldest, write_people
from identity.plain_records import plain_records
from ingestion.engine import connect

RECORDS = 1_000


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "warehouse.duckdb"
    write_people(path, RECORDS)
    return path


def count(path: Path, query: str) -> int:
    with connect(path, read_only=True) as connection:
        (found,) = connection.execute(query).fetchone()
    return found


STAGED = """
select count(*) from (
    select member_id_hash from staging.stg_pos__members
    union all select subscriber_id_hash from staging.stg_email__subscribers
    union all select requester_id_hash from staging.stg_support__requesters
)
"""


def test_so_many_records_are_staged(warehouse: Path) -> None:
    assert count(warehouse, STAGED) == RECORDS


def test_the_newest_can_be_hidden_and_shown(warehouse: Path) -> None:
    with connect(warehouse) as connection:
        show_oldest(connection, RECORDS - 10)
    assert count(warehouse, STAGED) == RECORDS - 10
    newest_shown = count(
        warehouse,
        "select max(age) from main.ages join staging.stg_pos__members "
        "on source_system = 'pos' and source_id = member_id_hash",
    )
    assert newest_shown <= RECORDS - 10
    with connect(warehouse) as connection:
        show_oldest(connection, RECORDS)
    assert count(warehouse, STAGED) == RECORDS


def test_keys_and_plain_values_are_those_of_ingestion(warehouse: Path) -> None:
    shared = count(
        warehouse,
        "select count(*) from staging.stg_pos__members as m "
        "join staging.stg_email__subscribers as s on m.email_key = s.email_key",
    )
    assert shared > 10
    with connect(warehouse, read_only=True) as connection:
        assert plain_records(connection).num_rows == RECORDS


def test_a_call_is_measured_in_a_process_of_its_own() -> None:
    answer, cost = measure(sum, range(3_000_000))
    assert answer == 4499998500000
    assert 0 < cost.cpu_seconds < 30
    assert cost.peak_mib > 1
