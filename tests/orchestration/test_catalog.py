"""What is written about the models is up to date, whole, and true of published data."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
import sqlglot
from sqlglot import exp

from charts import FIGURES
from orchestration.catalog import exposures, files
from orchestration.catalog.areas import AREAS
from orchestration.catalog.dictionary import grain
from orchestration.catalog.entities import CORE
from orchestration.catalog.ops_tables import ops_tables
from orchestration.catalog.relations import (
    DAY_OF,
    EXCEPT,
    LEADS_TO,
    OPTIONAL,
    Relation,
    relations,
)
from orchestration.catalog.tables import Column, published_tables
from orchestration.catalog.units import unit_of
from orchestration.project import ROOT, read_manifest
from tests.conftest import Retailer

TABLES = published_tables()
RELATIONS = relations(TABLES)


@cache
def generated() -> dict[str, str]:
    return files.generated()


@pytest.mark.parametrize("name", sorted(generated()))
def test_the_file_is_up_to_date(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == generated()[name], "run `python -m orchestration.catalog` and commit the files"


def test_no_page_of_a_dropped_area_is_left() -> None:
    pages = {f"docs/dictionary/{path.name}" for path in (ROOT / "docs/dictionary").iterdir()}
    assert pages <= set(generated())


def test_every_published_table_stands_in_one_area() -> None:
    named = Counter(table for area in AREAS for table in area.tables)
    assert set(named) == set(TABLES)
    assert set(named.values()) == {1}


def test_the_pages_that_explain_are_there() -> None:
    missing = [page for area in AREAS for page in area.pages if not (ROOT / "docs" / page).exists()]
    assert not missing


def test_every_column_stands_in_the_dictionary_with_its_type() -> None:
    for area in AREAS:
        page = generated()[f"docs/dictionary/{area.name}.md"]
        for name in area.tables:
            part = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
            rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]* \| \S", part, re.MULTILINE)
            expected = [(c.name, f"{c.type} ".strip()) for c in TABLES[name].columns]
            assert [(column, kind.strip()) for column, kind in rows] == expected


def test_a_number_without_a_unit_is_an_error() -> None:
    assert unit_of("kpi_daily", Column("return_rate", "double", "")) == "share"
    with pytest.raises(KeyError, match=r"units\.py"):
        unit_of("kpi_daily", Column("strangeness", "double", ""))


def test_a_grain_is_what_one_row_is() -> None:
    for table in TABLES.values():
        assert grain(table) and not grain(table).startswith("One row"), table.name


def test_every_kpi_stands_on_its_page_with_its_metric() -> None:
    page = generated()["docs/dictionary/kpis.md"]
    for metric in read_manifest()["metrics"].values():
        kpi = metric["config"]["meta"].get("kpi")
        if kpi:
            assert re.search(rf"^\| `{kpi}` .*`{metric['name']}` \|$", page, re.MULTILINE), kpi


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: f"{r.child}.{r.columns[0]}")
def test_a_relation_holds_in_published_data(relation: Relation, published_demo: Retailer) -> None:
    joined = " and ".join(
        f"child.{own} = parent.{other}"
        for own, other in zip(relation.columns, relation.parent_columns, strict=True)
    )
    key = f"child.{relation.columns[0]}"
    lost, empty, most = published_demo.published(
        f"select count(*) filter (where {key} is not null and parent_rows = 0), "
        f"count(*) filter (where {key} is null), coalesce(max(parent_rows), 0) from ("
        f"select child.*, (select count(*) from marts.{relation.parent} as parent where {joined})"
        f" as parent_rows from marts.{relation.child} as child) as child"
    )[0]
    assert lost == 0, f"{lost} rows name a row of {relation.parent} that is not there"
    assert most <= 1, f"a row names several of {relation.parent}"
    assert empty == 0 or relation.is_optional, f"{empty} rows name nobody, and it is not optional"


def test_lists_of_relations_name_columns_that_exist() -> None:
    named = {*EXCEPT, *OPTIONAL, *DAY_OF.items()}
    columns = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    assert named <= columns
    assert set(LEADS_TO) <= {column for _, column in columns}
    assert {(r.child, r.columns[0]) for r in RELATIONS} >= OPTIONAL


def test_the_customers_of_every_table_are_related() -> None:
    with_customer = {
        table.name
        for table in TABLES.values()
        if any(c.name == "customer_key" for c in table.columns)
    }
    related = {relation.child for relation in RELATIONS if relation.parent == "dim_customer"}
    assert with_customer - related == {"dim_customer"}


def test_every_table_is_drawn() -> None:
    page = generated()["docs/entities.md"]
    drawn = set(re.findall(r"^    (\w+) \{$", page, re.MULTILINE))
    assert drawn == set(TABLES)
    assert page.count("```mermaid") == len(AREAS)
    assert set(AREAS[0].tables) <= set(CORE), "the core stands for the first area"


def test_tables_of_ops_are_described_as_they_are_published(published_demo: Retailer) -> None:
    rows = published_demo.published(
        "select table_name, column_name, lower(data_type) from duckdb_columns() "
        "where schema_name = 'ops' order by table_name, column_index"
    )
    described = [
        (table.name, column.name, column.type)
        for table in sorted(ops_tables().values(), key=lambda table: table.name)
        for column in table.columns
    ]
    assert rows == described


def test_keys_of_ops_are_keys(published_demo: Retailer) -> None:
    for table in ops_tables().values():
        twice = published_demo.published(
            f"select count(*) - count(distinct row({', '.join(table.key)})) from ops.{table.name}"
        )
        assert twice == [(0,)], table.name


def test_exposures_name_what_the_charts_read() -> None:
    """By a parser's reading of the queries, where the list comes from the text of the code."""
    read = {
        table.name
        for figure in FIGURES.values()
        for table in sqlglot.parse_one(figure.query, dialect="duckdb").find_all(exp.Table)
        if table.db == "marts"
    }
    assert {"kpi_daily", "dim_store", "campaign_effect", "repeat_funnel"} <= read
    for exposure in exposures.EXPOSURES:
        depends = read_manifest()["exposures"][f"exposure.tokui.{exposure.name}"]["depends_on"]
        assert {f"model.tokui.{name}" for name in read} <= set(depends["nodes"])


def test_the_reader_of_code_sees_every_way_to_name_a_table() -> None:
    source = "x = 'from marts.kpi_daily'\ny = '''join marts.dim_store s using (store_id)'''"
    assert exposures.tables_named(source) == {"kpi_daily", "dim_store"}
