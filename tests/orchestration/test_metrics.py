"""The semantic layer: what it answers is what `kpi_daily` says, and what plain SQL says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ingestion.errors import ConfigurationError
from orchestration import cli
from orchestration.commands.metrics import _print_csv
from orchestration.metrics import Answer, Metrics, Question, open_metrics
from orchestration.project import read_manifest
from plans.kpis import all_kpis
from tests.conftest import Retailer

BY_MONTH_END = ("churn_rate", "reactivation_rate")
"""Rates of complete months: a value a month."""
WITHOUT_METRIC = {"returning_customer_rate"}
"""Who buys on two days is one buyer, and who had bought before depends on the period asked for."""


@pytest.fixture(scope="module")
def metrics(published_demo: Retailer) -> Iterator[Metrics]:
    with open_metrics(published_demo.home.served) as opened:
        yield opened


def metric_of(kpi: str) -> str:
    names = [
        metric["name"]
        for metric in read_manifest()["metrics"].values()
        if metric["config"]["meta"].get("kpi") == kpi
    ]
    assert len(names) == 1, f"{kpi} has metrics {names}"
    return names[0]


def asked(metrics: Metrics, *names: str, by: tuple[str, ...], **more: object) -> dict:
    """Values by what they are grouped by, of one metric; rounded as marts round."""
    answer = metrics.ask(Question(names, by, **more))
    rows = (row for row in answer.rows if row[0] is not None)
    return {row[: len(by)]: _rounded(row[-1]) for row in rows}


def _rounded(value: object) -> object:
    return None if value is None else round(float(value), 9)


def daily(metrics: Metrics, kpi: str, scope_type: str) -> dict:
    rows = metrics.connection.execute(
        "select business_date, scope_key, value from warehouse.marts.kpi_daily "
        "where kpi = ? and scope_type = ?",
        [kpi, scope_type],
    ).fetchall()
    return {(day, key) if scope_type == "store" else (day,): value for day, key, value in rows}


def assert_equal(found: dict, expected: dict) -> None:
    """Every value expected is found; a day on which nothing happened may be missing, as 0."""
    for group, value in expected.items():
        assert (found.get(group) or 0) == pytest.approx(value or 0, abs=1.5e-9), group


@pytest.mark.parametrize("kpi", sorted(set(all_kpis()) - WITHOUT_METRIC - {*BY_MONTH_END}))
def test_a_metric_is_its_kpi_on_every_day(metrics: Metrics, kpi: str) -> None:
    expected = daily(metrics, kpi, "all")
    assert_equal(asked(metrics, metric_of(kpi), by=("day",)), expected)
    assert expected


@pytest.mark.parametrize("kpi", BY_MONTH_END)
def test_a_rate_of_a_month_is_its_kpi_at_the_month_end(metrics: Metrics, kpi: str) -> None:
    found = asked(metrics, metric_of(kpi), by=("day",))
    expected = daily(metrics, kpi, "all")
    assert found
    assert_equal(found, {group: expected[group] for group in found})


@pytest.mark.parametrize(
    "kpi", sorted(k.name for k in all_kpis().values() if k.of_stores and k.kind != "distinct_rate")
)
def test_a_metric_of_stores_is_its_kpi_of_every_store(metrics: Metrics, kpi: str) -> None:
    assert_equal(asked(metrics, metric_of(kpi), by=("day", "store")), daily(metrics, kpi, "store"))


@pytest.mark.parametrize(
    "kpi", sorted(k.name for k in all_kpis().values() if k.kind in ("additive", "ratio"))
)
def test_a_month_adds_up_its_days(metrics: Metrics, kpi: str) -> None:
    rows = metrics.connection.execute(
        "select cast(date_trunc('month', business_date) as date), sum(numerator)::double / "
        "case when any_value(d.kind) = 'additive' then 1 else nullif(sum(denominator), 0) end "
        "from warehouse.marts.kpi_daily join (values (?, ?)) as d (name, kind) on kpi = d.name "
        "where scope_type = 'all' group by all",
        [kpi, all_kpis()[kpi].kind],
    ).fetchall()
    expected = {(month,): value for month, value in rows}
    assert_equal(asked(metrics, metric_of(kpi), by=("month",)), expected)


def test_the_sample_has_something_to_tell_of_most_kpis(metrics: Metrics) -> None:
    rows = metrics.connection.execute(
        "select distinct kpi from warehouse.marts.kpi_daily where value <> 0"
    ).fetchall()
    assert len(rows) >= 25


def test_sales_are_grouped_by_what_a_product_is(metrics: Metrics) -> None:
    found = metrics.ask(Question(("net_sales",), ("product__category_1",))).rows
    expected = metrics.connection.execute(
        "select category_1, sum(net_sales) from warehouse.marts.fct_sales_line "
        "left join warehouse.marts.dim_product using (product_id) group by 1 order by 1 nulls last"
    ).fetchall()
    assert found == expected
    assert all(isinstance(row[1], Decimal) for row in found)


def test_orders_of_a_customers_group_are_found_over_the_receipt(metrics: Metrics) -> None:
    found = metrics.ask(Question(("order_net_sales",), ("customer__rfm_group",))).rows
    expected = metrics.connection.execute(
        "select rfm_group, sum(net_sales_order_dated) from warehouse.marts.fct_sales_receipt "
        "left join warehouse.marts.customer_360 using (customer_key) "
        "where is_qualifying group by 1 order by 1 nulls last"
    ).fetchall()
    assert dict(found).items() >= dict(expected).items()


def test_dates_order_and_limit_narrow_an_answer(metrics: Metrics) -> None:
    everything = asked(metrics, "net_sales", by=("day",))
    days = sorted(day for (day,) in everything)
    first, last = days[1], days[-2]
    narrowed = asked(metrics, "net_sales", by=("day",), start=first, end=last)
    assert sorted(narrowed) == [(day,) for day in days if first <= day <= last]
    top = metrics.ask(Question(("net_sales",), ("day",), order=("net_sales:desc",), limit=1)).rows
    assert float(top[0][1]) == max(everything.values())


def test_a_condition_narrows_to_some_stores(metrics: Metrics) -> None:
    by_store = asked(metrics, "receipts", by=("store",))
    (store,) = min(by_store)
    condition = f"{{{{ Entity('store') }}}} = '{store}'"
    assert asked(metrics, "receipts", by=("store",), where=(condition,)) == {
        (store,): by_store[store,]
    }
    assert len(by_store) > 1


def test_every_saved_query_is_answered(metrics: Metrics) -> None:
    saved = metrics.saved()
    assert len(saved) >= 5
    for query in saved:
        assert metrics.ask(Question(saved=query.name)).rows, query.name


def test_every_metric_says_what_it_is_and_gives_a_value(metrics: Metrics) -> None:
    for metric in metrics.all():
        assert metric.description and metric.unit, metric.name
        if not metric.name.startswith("kpi_"):
            assert metrics.ask(Question((metric.name,), ("year",))).rows, metric.name


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(("sales",)), "there is no metric sales"),
        (Question(("tickets",), ("product__category_1",)), "cannot be grouped by product"),
        (Question(saved="nothing"), "there is no saved query nothing"),
        (Question(("net_sales",), ("day",), order=("receipts",)), "cannot be ordered by receipts"),
        (Question(("net_sales",), ("day",), order=("net_sales:dsc",)), "and not with :dsc"),
        (Question(("net_sales",), where=("nothing = 1",)), "cannot be answered"),
    ],
)
def test_a_wrong_question_is_told(metrics: Metrics, question: Question, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        metrics.ask(question)


def test_what_a_metric_can_be_grouped_by_is_named(metrics: Metrics) -> None:
    groups = metrics.groups_of(["net_sales", "receipts"])
    assert {"store", "store__channel", "customer__rfm_group", "metric_time"} <= set(groups)
    assert "product__category_1" not in groups, "a receipt is of several products"


def test_the_file_is_read_and_not_written(metrics: Metrics) -> None:
    databases = metrics.connection.execute(
        "select readonly from duckdb_databases() where database_name = 'warehouse'"
    ).fetchall()
    assert databases == [(True,)]


def test_nothing_published_is_told(new_retailer) -> None:
    retailer = new_retailer()
    with (
        pytest.raises(ConfigurationError, match="tokui refresh"),
        open_metrics(retailer.home.served),
    ):
        pass


def test_no_cell_of_a_csv_is_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    _print_csv(Answer(["store", "net_sales"], [("=1+1", Decimal("-5")), ("京都", None)]))
    assert capsys.readouterr().out == "store,net_sales\n'=1+1,-5\n京都,\n"


def test_the_command_prints_tables_and_csv(
    published_demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    published_demo.use()
    query = ["metrics", "query", "net_sales", "receipts", "--by", "month", "store__channel"]
    assert cli.main([*query, "--limit", "2"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["metric_time__month", "store__channel", "net_sales", "receipts"]
    assert len(table) == 3
    assert cli.main([*query, "--csv"]) == 0
    assert capsys.readouterr().out.startswith("metric_time__month,store__channel,net_sales,")
    assert cli.main([*query, "--sql"]) == 0
    assert '"warehouse"."marts"."fct_sales_line"' in capsys.readouterr().out


def test_the_command_lists_metrics_and_refuses_half_a_question(
    published_demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    published_demo.use()
    assert cli.main(["metrics", "list"]) == 0
    listed = capsys.readouterr().out
    assert "net_sales " in listed and "sales_by_store_and_month" in listed
    assert cli.main(["metrics", "list", "net_sales"]) == 0
    assert "store__channel" in capsys.readouterr().out
    assert cli.main(["metrics", "query"]) == 2
    assert "tokui metrics list" in capsys.readouterr().err
