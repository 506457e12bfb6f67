"""The copy is the published version, follows it, and never keeps it back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from adbc_driver_postgresql.dbapi import connect as connect_by_driver

from orchestration import postgres_copy
from orchestration.postgres_copy import follow
from orchestration.publication import Outcome, read_manifest
from orchestration.run import heal
from serving.postgres import connection, copying, load
from serving.postgres.connection import connect
from serving.postgres.errors import CopyError
from tests.orchestration.conftest import SmallHome
from tests.serving.conftest import Copies
from tests.serving.postgres_server import Database, seen

ENABLED = "[publication.postgres]\nenabled = true\nlock_wait_seconds = 0.6\n"


@pytest.fixture
def small(make_home: Callable[..., SmallHome]) -> SmallHome:
    """A home whose publications go to Postgres."""
    return make_home("home", ENABLED)


def follow_now(small: SmallHome) -> tuple[str, ...]:
    return follow(small.home, small.settings, read_manifest(small.home))


def published(outcome: Outcome) -> str:
    assert (outcome.status, outcome.notes) == ("published", ())
    assert outcome.version is not None
    return outcome.version


def test_each_publication_replaces_the_one_before(small: SmallHome, database: Database) -> None:
    first = published(small.publish("one", 1))
    assert seen(database) == (first, 1)
    second = published(small.publish("two", 2))
    assert seen(database) == (second, 2)
    assert database.schemas() == {"marts", "ops"}
    [[comment]] = database.rows("select obj_description('marts'::regnamespace)")
    assert f"profile demo, version {second}, as of 2026-09-30" in comment


def test_the_same_version_is_loaded_once(small: SmallHome, database: Database) -> None:
    published(small.publish("one", 1))
    before = database.rows("select 'marts.fct_sale'::regclass::oid")
    assert small.publish("two", 1).status == "unchanged"
    assert follow_now(small) == ()
    assert database.rows("select 'marts.fct_sale'::regclass::oid") == before


def test_an_older_date_never_goes_there(small: SmallHome, database: Database) -> None:
    version = published(small.publish("one", 1))
    assert small.publish("two", 2, as_of="2026-08-31").status == "as_of"
    assert seen(database) == (version, 1)


CUTS = {
    "before_the_load": (copying, "load", "before", 1),
    "within_the_load": (load, "_finish", "before", 1),
    "after_the_load": (copying, "swap", "before", 1),
    "after_the_swap": (copying, "swap", "after", 2),
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_copy_that_was_cut_off_is_brought_up_by_the_next_start(
    small: SmallHome, database: Database, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    module, name, when, number = CUTS[cut]
    published(small.publish("one", 1))
    original = getattr(module, name)

    def cut_off(*arguments: object) -> None:
        if when == "after":
            original(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, name, cut_off)
        small.publish("two", 2)
    assert seen(database)[1] == number
    heal(small.home, small.settings)
    head = read_manifest(small.home)
    assert head is not None
    assert seen(database) == (head["version"], 2)
    assert database.schemas() == {"marts", "ops"}


KILLED = """
import os, signal
from serving.postgres import load
load._finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from orchestration.cli import main
main(["publish", "postgres"])
"""


def test_a_killed_copy_leaves_the_version_before(
    make_home: Callable[..., SmallHome], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_home("home", ENABLED)
    version = published(small.publish("one", 1))
    with monkeypatch.context() as patch:
        patch.delenv("TOKUI_POSTGRES_URL")
        assert small.publish("two", 2).notes
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert done.returncode == -signal.SIGKILL
    assert seen(database) == (version, 1)
    assert follow_now(small) == ()
    assert seen(database)[1] == 2
    assert database.schemas() == {"marts", "ops"}


def test_without_a_server_the_run_is_green_and_says_what_to_do(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKUI_POSTGRES_URL", "postgresql://me:geheim@127.0.0.1:1/crm")
    monkeypatch.setattr("ingestion.retries._FIRST_PAUSE_SECONDS", 0.01)
    outcome = small.publish("one", 1)
    assert outcome.status == "published"
    [note] = outcome.notes
    assert "Connection refused" in note
    assert "127.0.0.1" not in note
    assert "`tokui publish postgres` tries again" in note
    assert "geheim" not in note


@pytest.mark.parametrize(
    "address",
    [
        "",
        "host=db geheim",
        "postgresql://me:geheim@[db/crm",
        "postgresql://me:my@geheim@127.0.0.1:1/crm",
        "postgresql://me:my@geheim/2@127.0.0.1:1/crm",
        "postgresql://me:geheim/my@127.0.0.1:1/crm",
        "postgresql://me@shop:geheim@127.0.0.1:1/crm",
        "postgresql://me:1/geheim@127.0.0.1/crm",
    ],
)
def test_an_address_that_is_none_is_not_repeated(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TOKUI_POSTGRES_URL", address)
    [note] = small.publish("one", 1).notes
    assert "TOKUI_POSTGRES_URL is" in note
    assert "geheim" not in note


@pytest.mark.parametrize("host", ["shop-geheim.invalid", "/geheim/run"])
def test_the_host_is_not_repeated(host: str) -> None:
    address = f"host={host} dbname=crm connect_timeout=2"
    with pytest.raises(CopyError, match="cannot be reached") as told, connect(address, print):
        pass
    assert "geheim" not in str(told.value)


def test_an_older_version_does_not_replace_a_later_one(
    small: SmallHome, copies: Copies, database: Database
) -> None:
    copies.bring(2)
    with pytest.raises(CopyError, match=r"marts there is of the later version .*--force"):
        copies.bring(1)
    assert seen(database)[1] == 2
    copies.bring(1, force=True)
    assert seen(database)[1] == 1


@pytest.mark.parametrize("place", ["session", "driver"])
def test_a_server_that_ends_the_connection_is_foreseen(
    copies: Copies, database: Database, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "session":
        monkeypatch.setattr(connection, "_SESSION", ("select 1 / 0",))
    else:
        monkeypatch.setattr(
            "adbc_driver_postgresql.dbapi.connect",
            lambda _: connect_by_driver("postgresql://127.0.0.1:1/crm"),
        )
    with pytest.raises(CopyError, match="ended it" if place == "session" else "could not begin"):
        copies.bring(1)


def test_a_load_that_was_cut_off_and_is_read_is_said(copies: Copies, database: Database) -> None:
    copies.bring(1)
    database.run(
        "create schema marts__new; create table marts__new.one (a int); "
        "comment on schema marts__new is 'Tokui: a version that is being loaded.'"
    )
    with psycopg.connect(database.address) as reader:
        reader.execute("select * from marts__new.one")
        [warning] = copies.bring(1).warnings
    assert "somebody still reads marts__new" in warning
    assert copies.bring(1).warnings == ()
    assert "marts__new" not in database.schemas()


def test_what_an_unforeseen_error_says_is_not_repeated(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a name and an address")

    monkeypatch.setattr(postgres_copy, "bring_up", fail)
    [note] = small.publish("one", 1).notes
    assert "ValueError. Everything else is published" in note
    assert "a name" not in note
