"""Who may read, and what of others is never touched."""

from __future__ import annotations

import psycopg
import pytest

from serving.postgres.connection import connect
from serving.postgres.errors import CopyError
from tests.serving.conftest import Copies
from tests.serving.postgres_server import Database, seen


def role(database: Database, name: str, options: str = "") -> str:
    """A role that can log in; roles are of the whole server, so it bears the test's tag."""
    name = f"{name}_{database.tag}"
    database.run(f"create role {name} login {options}")
    return name


def test_readers_may_read_and_nothing_else(copies: Copies, database: Database) -> None:
    copies.bring(1)
    bi, stranger = role(database, "bi", "in role tokui_readers"), role(database, "stranger")
    copies.bring(2)
    assert seen(database, bi)[1] == 2
    for statement in (
        "delete from marts.dim_store",
        "update marts.dim_store set store_id = 3",
        "insert into ops.publication select * from ops.publication",
        "create table marts.mine (n int)",
        "create table ops.mine (n int)",
        "truncate marts.fct_sale",
        "comment on schema marts is 'mine'",
        "begin; lock table marts.fct_sale in access exclusive mode",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.run(statement, bi)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.rows("select * from marts.dim_store", stranger)


def test_a_role_named_later_may_read_what_is_there(copies: Copies, database: Database) -> None:
    copies.bring(1, readers="")
    late = role(database, "late")
    assert not copies.bring(1, readers=late).is_new
    assert seen(database, late)[1] == 1


def test_a_role_that_cannot_be_made_is_asked_for(copies: Copies, database: Database) -> None:
    publisher, readers = role(database, "publisher"), f"readers_{database.tag}"
    database.run(f"grant create on database {database.name} to {publisher}")
    copies.address = database.address_of(publisher)
    with pytest.raises(CopyError, match=f"`create role {readers} nologin`"):
        copies.bring(1, readers=readers)
    database.run(f"create role {readers} nologin")
    copies.bring(1, readers=readers)
    assert seen(database, publisher)[1] == 1


def test_a_publisher_without_the_right_to_make_schemas_is_told(
    copies: Copies, database: Database
) -> None:
    copies.address = database.address_of(role(database, "weak"))
    with pytest.raises(CopyError, match=r"permission denied for database .* docs/postgres\.md"):
        copies.bring(1)


@pytest.mark.parametrize("schema", ["marts", "ops", "ops__new"])
def test_a_schema_that_is_not_ours_is_left_alone(
    copies: Copies, database: Database, schema: str
) -> None:
    database.run(f"create schema {schema}; create table {schema}.mine as select 1 as n")
    with pytest.raises(CopyError, match=f"a schema {schema} that Tokui did not make"):
        copies.bring(1)
    assert database.rows(f"select n from {schema}.mine") == [(1,)]


def test_a_publication_of_another_profile_is_left_alone(copies: Copies, database: Database) -> None:
    copies.bring(1)
    mark = "Tokui publication: profile main, version v, as of d."
    database.run(f"comment on schema marts is '{mark}'")
    with pytest.raises(CopyError, match="of the profile main, and this warehouse is of demo"):
        copies.bring(2)
    assert seen(database)[1] == 1


def test_other_names_and_versions_that_are_kept(copies: Copies, database: Database) -> None:
    names = {"marts_schema": "shop_marts", "ops_schema": "shop_ops", "keep_old": 1}
    for number in (1, 2, 3):
        copies.bring(number, **names)
    assert database.schemas() == {
        *("shop_marts", "shop_ops"),
        *("shop_marts__old_20260930t000002000000z", "shop_ops__old_20260930t000002000000z"),
    }
    assert database.rows("select * from shop_marts__old_20260930t000002000000z.dim_store") == [(2,)]
    copies.bring(3, **(names | {"keep_old": 0}))
    assert database.schemas() == {"shop_marts", "shop_ops"}


def test_a_database_of_another_encoding_is_refused(copies: Copies, database: Database) -> None:
    name = f"ascii_{database.tag}"
    database.run(f"create database {name} encoding 'SQL_ASCII' locale 'C' template template0")
    with (
        pytest.raises(CopyError, match="encoded in SQL_ASCII"),
        connect(database.server.address(name), print),
    ):
        pass
