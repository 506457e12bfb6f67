"""Readers and what they made of the tables, while versions change."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from serving.postgres import swap
from serving.postgres.errors import CopyError
from serving.postgres.schemas import Names
from tests.serving.conftest import Copies
from tests.serving.postgres_server import Database, seen


def test_a_transaction_sees_one_version_and_is_waited_for(
    copies: Copies, database: Database
) -> None:
    copies.bring(1)
    with psycopg.connect(database.address, application_name="slow report") as reader:
        assert reader.execute("select store_id from marts.dim_store").fetchall() == [(1,)]
        with pytest.raises(
            CopyError, match=r"process \d+ of postgres \(slow report, idle in"
        ) as told:
            copies.bring(2)
        assert "pg_terminate_backend" in str(told.value)
        assert reader.execute("select distinct number from marts.fct_sale").fetchall() == [(1,)]
    assert seen(database)[1] == 1
    waiting = database.rows("select 'marts__new.fct_sale'::regclass::oid")
    copies.bring(2)
    assert seen(database)[1] == 2
    # It was not loaded again.
    assert database.rows("select 'marts.fct_sale'::regclass::oid") == waiting


def test_the_swap_waits_out_a_reader_and_lets_others_through(
    copies: Copies, database: Database
) -> None:
    """While it waits for one reader's transaction, nobody else waits longer than a try."""
    copies.bring(1)
    reader = psycopg.connect(database.address)
    reader.execute("select * from marts.dim_store")
    swapping = threading.Thread(
        target=copies.bring,
        args=(2,),
        kwargs={"lock_timeout_seconds": 0.2, "lock_wait_seconds": 30.0},
    )
    swapping.start()
    longest = 0.0
    until = time.monotonic() + 2
    while time.monotonic() < until:
        began = time.monotonic()
        database.rows("select count(*) from marts.dim_store")
        longest = max(longest, time.monotonic() - began)
    assert swapping.is_alive()
    reader.close()
    swapping.join(30)
    assert seen(database)[1] == 2
    assert longest < 5


def test_all_locks_of_a_try_together_wait_for_one_timeout(
    copies: Copies, database: Database
) -> None:
    copies.bring(1)
    with (
        psycopg.connect(database.address) as short,
        psycopg.connect(database.address) as long,
        psycopg.connect(database.address, autocommit=True) as connection,
    ):
        short.execute("select * from marts.dim_store")
        long.execute("select * from marts.fct_sale")
        until = threading.Timer(1.5, short.rollback)
        until.start()
        began = time.monotonic()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            swap._try_to_swap(connection, Names("marts", "ops"), 2.0, 2.0, print)
        # A timeout for each lock would make it 3.5.
        assert 1.9 < time.monotonic() - began < 3.3
        until.join()


def test_another_publisher_is_waited_for_and_then_named(copies: Copies, database: Database) -> None:
    with psycopg.connect(database.address) as other:
        other.execute("select pg_advisory_lock(hashtextextended('tokui marts', 0))")
        with pytest.raises(CopyError, match="another Tokui has been publishing into marts"):
            copies.bring(1)
    assert database.schemas() == set()


def test_views_of_others_are_taken_along(copies: Copies, database: Database) -> None:
    copies.bring(1)
    database.run("create schema bi")
    database.run(
        "create view bi.sales with (security_barrier = true) as select s.store_id, f.number "
        "from marts.dim_store s join marts.fct_sale f on f.number = s.store_id where f.sale_id = 0"
    )
    database.run("create view bi.of_a_view as select store_id * 10 as ten from bi.sales")
    database.run("grant usage on schema bi to public; grant select on bi.sales to public")
    before = database.rows(
        "select reloptions, relacl, relowner from pg_class where relname = 'sales'"
    )
    assert copies.bring(2).warnings == ()
    assert database.rows("select * from bi.sales") == [(2, 2)]
    assert database.rows("select * from bi.of_a_view") == [(20,)]
    after = database.rows(
        "select reloptions, relacl, relowner from pg_class where relname = 'sales'"
    )
    assert after == before
    assert database.schemas() == {"marts", "ops", "bi"}


def test_a_view_that_no_longer_fits_is_said_and_nothing_of_others_is_dropped(
    copies: Copies, database: Database
) -> None:
    copies.bring(1)
    database.run(
        "create schema bi; create view bi.words as select word from marts.fct_sale limit 1"
    )
    database.run("create materialized view bi.kept as select store_id from marts.dim_store")
    warnings = copies.bring(2, "alter table marts.fct_sale drop word").warnings
    assert seen(database)[1] == 2
    assert any("view bi.words does not fit" in one and "word" in one for one in warnings)
    stays = [one for one in warnings if "marts__old_20260930t000001000000z stays" in one]
    assert stays
    assert database.rows("select * from bi.kept") == [(1,)]
    assert database.rows("select * from bi.words") == [("得意",)]
    database.run("drop materialized view bi.kept; drop view bi.words")
    assert copies.bring(2).warnings == ()
    assert database.schemas() == {"marts", "ops", "bi"}
