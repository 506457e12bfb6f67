"""The steps of docs/postgres.md, one after the other, on a server of their own."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from ingestion.postgres_settings import Postgres
from ingestion.settings import load_settings
from tests.conftest import ROOT
from tests.serving.conftest import Copies
from tests.serving.postgres_server import Database, server

PAGE = (ROOT / "docs" / "postgres.md").read_text(encoding="utf-8")
MADE = (
    "create table marts.customer_360 as select 'c' || range as customer_key, "
    "cast({number} as decimal(18,2)) as net_sales_lifetime, 'CHAMPIONS' as rfm_group from range(3)"
)


def blocks(language: str) -> list[str]:
    """The page's blocks of a language; the ones in a list are indented."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def test_the_settings_are_settings(tmp_path: Path) -> None:
    [text] = blocks("toml")
    (tmp_path / "tokui.toml").write_text(text)
    assert load_settings(tmp_path / "tokui.toml").publication.postgres == Postgres(enabled=True)


@pytest.fixture
def steps() -> tuple[str, str, str]:
    set_up, login, view = blocks("pgsql")
    return set_up, login, view


def test_the_steps_lead_there(steps: tuple[str, str, str], tmp_path: Path) -> None:
    set_up, login, view = steps
    with server() as found:
        with psycopg.connect(found.address(), autocommit=True) as admin:
            for statement in filter(str.strip, set_up.split(";")):
                admin.execute(statement)
        database = Database(found, "page", "crm")
        copies = Copies(database, tmp_path, Postgres(enabled=True), database.address_of("tokui"))

        def bring(number: int) -> tuple[str, ...]:
            return copies.bring(number, MADE.format(number=number)).warnings

        assert bring(1) == ()
        database.run(login)
        database.run(view)
        query = "select distinct net_sales_lifetime from {}"
        assert database.rows(query.format("customer_360"), "metabase") == [(1,)]
        assert bring(2) == ()
        for table in ("customer_360", "analysis.good_customers"):
            assert database.rows(query.format(table), "metabase") == [(2,)]
        assert database.schemas() == {"marts", "ops", "analysis"}
