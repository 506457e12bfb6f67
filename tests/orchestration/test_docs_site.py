"""`tokui docs`: a page that opens from the disk, tells of every table and asks for nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.engine import connect
from orchestration import cli
from orchestration.catalog.site import PAGE, copy_shape
from tests.browser import Visit, browser, visit
from tests.conftest import Retailer


@pytest.fixture(scope="module")
def page(published_demo: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKUI_HOME", str(published_demo.home.root))
        patch.setenv("TOKUI_CONFIG", str(published_demo.config))
        assert cli.main(["docs", "--out", str(folder)]) == 0
    assert [path.name for path in folder.iterdir()] == [PAGE]
    return folder / PAGE


@pytest.fixture(scope="module")
def opened(page: Path) -> Iterator[Visit]:
    with browser() as chromium, visit(chromium, page.as_uri()) as visited:
        visited.page.get_by_role("heading", name="Tokui: the customer warehouse").wait_for()
        yield visited


def goto(visited: Visit, page: Path, address: str, heading: str) -> str:
    """Text of a page of the site, when it is there."""
    visited.page.goto(f"{page.as_uri()}#!/{address}")
    visited.page.get_by_role("heading", name=heading).first.wait_for()
    return visited.page.inner_text("body")


def test_the_overview_says_where_to_look(opened: Visit) -> None:
    assert "one row a customer, everything in it" in opened.page.inner_text("body")
    assert opened.page.title() == "Tokui: every table"


def test_a_table_has_columns_with_types_rows_and_sql(opened: Visit, page: Path) -> None:
    text = goto(opened, page, "model/model.tokui.store_daily", "store_daily")
    assert "One row a store and business date" in text
    assert re.search(r"net_sales\s+DECIMAL\(18,2\)", text)
    assert re.search(r"AS OF\s+\d{4}-\d\d-\d\d\s+ROWS\s+[\d,]+", text)
    opened.page.get_by_text("Compiled", exact=True).first.click()
    assert '"warehouse"."marts"."fct_sales_receipt"' in opened.page.inner_text("body")


@pytest.mark.parametrize(
    ("address", "heading", "words"),
    [
        ("exposure/exposure.tokui.report", "The report", "kpi_daily"),
        ("metric/metric.tokui.churn_rate", "Churn rate", "customers_churned"),
        ("source/source.tokui.raw_pos.receipts", "receipts", "receipt_id"),
    ],
)
def test_other_things_have_pages(
    opened: Visit, page: Path, address: str, heading: str, words: str
) -> None:
    assert words in goto(opened, page, address, heading)


def test_the_page_asks_for_nothing_and_stumbles_over_nothing(opened: Visit) -> None:
    asked = [url for url in opened.requested if not url.startswith(("data:", "file:"))]
    files = {url.partition("#")[0] for url in opened.requested if url.startswith("file:")}
    assert asked == []
    assert len(files) == 1
    assert opened.errors == []


def test_the_page_holds_no_personal_value_and_no_folder(
    page: Path, published_demo: Retailer
) -> None:
    text = page.read_text(encoding="utf-8")
    values = personal_values(published_demo)
    assert len(values) > 20
    assert [value for value in values if value in text] == []
    assert str(published_demo.root) not in text
    assert str(Path(cli.__file__).parents[1]) not in text


def personal_values(retailer: Retailer) -> set[str]:
    """Plain values of the schema `pii` that are long enough to be told from words."""
    values: set[str] = set()
    with connect(retailer.home.current, read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'pii' "
            "and data_type = 'VARCHAR' and column_name not like '%hash%' "
            "and column_name not like '\\_%' escape '\\'"
        ).fetchall()
        for table, column in columns:
            rows = connection.execute(f'select distinct "{column}" from pii."{table}"').fetchall()
            values |= {value for (value,) in rows if value and len(value) >= 4}
    return values


def test_nothing_in_the_page_ends_its_script_early(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    inline = text[text.index('"metadata"') :]
    assert inline.count("</script>") == 1
    assert json.loads('"<\\/script>"') == "</script>"


def test_before_the_first_run_there_is_a_warehouse_without_tables(tmp_path: Path) -> None:
    copy_shape(tmp_path / "none.duckdb", tmp_path / "shape.duckdb")
    with connect(tmp_path / "shape.duckdb", read_only=True) as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]


def test_the_shape_of_a_warehouse_has_no_row(published_demo: Retailer, tmp_path: Path) -> None:
    copy_shape(published_demo.home.current, tmp_path / "shape.duckdb")
    with connect(tmp_path / "shape.duckdb", read_only=True) as connection:
        rows = connection.execute("select sum(estimated_size) from duckdb_tables()").fetchall()
        views = connection.execute("select count(*) from duckdb_views() where not internal")
        assert rows == [(0,)]
        assert views.fetchall()[0][0] > 10
