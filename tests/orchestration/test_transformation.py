"""A layer is built in order, its contracts hold, and its data is tested, without dbt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from ingestion.engine import connect_both
from ingestion.settings import Company, Identity, Metrics, load_settings
from orchestration import transformation
from orchestration.compiled import Compiled, DataTest, Table
from orchestration.home import Home
from orchestration.run import StoppedError
from orchestration.transformation import NodeResult, build, variables
from tests.conftest import SAMPLE


def _table(
    name: str, sql: str, columns: Mapping[str, str] | None = None, kind: str = "table"
) -> Table:
    return Table(f"model.tokui.{name}", name, "intermediate", kind, sql, columns or {}, ())


def _test(name: str, sql: str, *tables: str) -> DataTest:
    wanted = tuple(f"model.tokui.{table}" for table in tables)
    return DataTest(f"test.tokui.{name}", name, sql, wanted, is_key=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def built(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[NodeResult]]:
    """Builds tables, all of them if none is chosen, and tests them."""

    def do(*nodes: Table | DataTest, chosen: set[str] | None = None) -> list[NodeResult]:
        tables = {node.unique_id: node for node in nodes if isinstance(node, Table)}
        tests = tuple(node for node in nodes if isinstance(node, DataTest))
        monkeypatch.setattr(
            transformation, "compiled_project", lambda *_: Compiled(tables, tests, "code")
        )
        settings = load_settings(SAMPLE / "tokui.toml")
        run: Any = SimpleNamespace(
            home=Home(path.parent),
            run_id="some-run",
            as_of=date(2026, 9, 30),
            full=False,
            settings=settings,
        )
        with connect_both(path, path.with_name("crm.duckdb")) as connection:
            return build(run, connection, set(tables) if chosen is None else chosen)

    return do


def _rows(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_tables_and_views_are_made_and_made_again(
    built: Callable[..., list[NodeResult]], path: Path
) -> None:
    one = _table("one", "select 1 as a")
    results = built(one, _table("two", "from intermediate.one", kind="view"))
    assert [(one.name, one.status) for one in results] == [("one", "success"), ("two", "success")]
    built(_table("one", "select 2 as a"))
    assert _rows(path, "from intermediate.two") == [(2,)]


def test_all_marts_are_built_in_the_room_of_the_published_ones(
    built: Callable[..., list[NodeResult]], path: Path
) -> None:
    """A part of them is built beside them: it may read the others."""
    one, two = _mart("one", "select 1 as a"), _mart("two", "select 2 as a")
    built(one, two)
    built(_mart("one", "select 3 as a"), _mart("two", "from marts.one"), chosen={one.unique_id})
    assert _marts(path) == {"one": 3, "two": 2}
    built(_mart("one", "select 4 as a"))
    assert _marts(path) == {"one": 4}


def _mart(name: str, sql: str) -> Table:
    return replace(_table(name, sql), layer="marts")


def _marts(path: Path) -> dict[str, int]:
    with duckdb.connect(str(path.with_name("crm.duckdb")), read_only=True) as connection:
        tables = connection.sql("select table_name from duckdb_tables()").fetchall()
        return {name: connection.sql(f"from marts.{name}").fetchall()[0][0] for (name,) in tables}


def test_a_view_becomes_a_table_and_a_table_a_view(
    built: Callable[..., list[NodeResult]], path: Path
) -> None:
    built(_table("one", "select 1 as a", kind="view"), _table("two", "select 1 as a"))
    built(_table("one", "select 2 as a"), _table("two", "select 2 as a", kind="view"))
    assert _rows(path, "select * from intermediate.one, intermediate.two") == [(2, 2)]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select 1 as a, 'x' as b", "a is INTEGER, the contract says BIGINT"),
        ("select 1::bigint as a", "b is missing, the contract says VARCHAR"),
        ("select 1::bigint as a, 'x' as b, 2 as c", "c is INTEGER, the contract says nothing of"),
        ("select 'x' as b, 1::bigint as a", "its columns stand in another order"),
    ],
)
def test_a_model_that_breaks_its_contract_ends_the_build(
    built: Callable[..., list[NodeResult]], path: Path, sql: str, told: str
) -> None:
    promised = {"a": "BIGINT", "b": "VARCHAR"}
    built(_table("one", "select 1::bigint as a, 'x' as b", promised))
    with pytest.raises(RuntimeError, match=f"1 model.* built:\n  one: the contract .*{told}"):
        built(_table("one", sql, promised), _table("behind", "select 1 as a"))
    assert _rows(path, "select count(*) from duckdb_tables() where table_name = 'behind'") == [(0,)]


def test_a_model_that_the_engine_refuses_ends_the_build(
    built: Callable[..., list[NodeResult]],
) -> None:
    with pytest.raises(RuntimeError, match=r"one: Conversion Error(.|\n)*tokui inspect some-run"):
        built(_table("one", "select 'x'::int as a"), _table("behind", "select 1 as a"))


def test_rows_that_a_test_finds_stop_the_run_and_are_counted(
    built: Callable[..., list[NodeResult]],
) -> None:
    one = _table("one", "select unnest([1, 2, 2, null]) as a")
    key = _test("key", "select a from intermediate.one group by a having count(*) > 1", "one")
    empty = _test("empty", "select a from intermediate.one where a > 9", "one")
    with pytest.raises(StoppedError) as stopped:
        built(one, key, empty)
    assert str(stopped.value).startswith(
        "1 test(s) on data failed:\n  key: 1 row(s) at fault, none is allowed\nLook into it with"
    )


def test_what_the_data_has_comes_before_the_model_that_failed_for_it(
    built: Callable[..., list[NodeResult]],
) -> None:
    one = _table("one", "select 'x' as a")
    test = _test("numbers", "select a from intermediate.one where a = 'x'", "one")
    waiting = _test("both", "from intermediate.one, intermediate.two", "one", "two")
    with pytest.raises(StoppedError, match=r"numbers: 1 row\(s\) at fault") as stopped:
        built(one, _table("two", "select a::int as a from intermediate.one"), test, waiting)
    assert "both" not in str(stopped.value)


def test_a_test_that_cannot_be_asked_is_no_pass(built: Callable[..., list[NodeResult]]) -> None:
    with pytest.raises(RuntimeError, match="lost: Catalog Error"):
        built(_table("one", "select 1 as a"), _test("lost", "from intermediate.gone", "one"))


@pytest.mark.parametrize(
    ("zone", "minutes"), [("Asia/Tokyo", 540), ("UTC", 0), ("America/New_York", None)]
)
def test_only_clocks_that_never_change_have_an_offset(zone: str, minutes: int | None) -> None:
    day = date(2024, 1, 1)
    known = variables(Company(timezone=zone), Metrics(), Identity(), day, full=False)
    assert known["company_utc_offset"] == minutes
