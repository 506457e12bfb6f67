"""Each page in both languages, and its figures against SQL."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from dashboard.chapters.campaigns import in_its_unit
from dashboard.chapters.cohorts import VALUE
from dashboard.data import published
from dashboard.heat import MONTHS
from dashboard.labels import LABELS
from dashboard.view import View
from tests.conftest import ROOT, Retailer
from tests.dashboard.drawing import PAGES, captions, drawn, errors, html_of
from words import LANGUAGES, Words

SOURCES = sorted((ROOT / "dashboard").rglob("*.py"))


@pytest.mark.parametrize(("path", "part"), PAGES, ids=lambda value: value or "-")
def test_a_page_is_drawn_in_both_languages(
    shown: Retailer, somebody: str, path: str, part: str
) -> None:
    asked = {"key": somebody} if path == "customer" else {}
    page = drawn(path, **asked, **({"part": part} if part else {}))
    for language in LANGUAGES:
        page.query_params["lang"] = language
        page.run()
        assert not errors(page)
        assert any(str(shown.version()) in line for line in captions(page))


def test_the_last_28_days_are_the_sum_of_their_lines(shown: Retailer) -> None:
    sql = """
        select sum(net_sales) from marts.fct_sales_line
        where business_date > (select as_of_date - 28 from ops.publication) {}
    """
    everywhere = shown.published(sql.format(""))[0][0]
    store = shown.published("select min(store_id) from marts.fct_sales_line")[0][0]
    of_one = shown.published(sql.format(f"and store_id = '{store}'"))[0][0]
    assert tile(html_of(drawn("overview")), "Net sales") == f"¥{everywhere:,.0f}"
    assert tile(html_of(drawn("overview", store=store)), "Net sales") == f"¥{of_one:,.0f}"


def test_found_customers_are_those_of_the_query(shown: Retailer) -> None:
    group, n = shown.published(
        "select rfm_group, count(*) from marts.customer_360 where rfm_group is not null "
        "group by 1 order by 2 desc, 1 limit 1"
    )[0]
    page = drawn("customers", rfm_group=group)
    assert f"{n} customers" in html_of(page)
    assert html_of(page).count("customer?key=") == min(n, 50)


def test_a_customer_is_found_by_the_beginning_of_the_key(shown: Retailer, somebody: str) -> None:
    page = drawn("customers", find=somebody[:8])
    assert f"customer?key={somebody}&lang=en" in html_of(page)


def test_a_person_has_the_figures_of_customer_360(shown: Retailer, somebody: str) -> None:
    sales, orders = shown.published(
        "select net_sales_lifetime, q_orders_lifetime from marts.customer_360 "
        f"where customer_key = '{somebody}'"
    )[0]
    text = html_of(drawn("customer", key=somebody))
    assert tile(text, "Net sales, lifetime") == f"¥{sales:,.0f}"
    assert f"{orders} orders" in text


def test_why_records_are_one_person(shown: Retailer, somebody: str) -> None:
    records = shown.published(
        "select source_id, match_rule from marts.dim_customer_identity "
        f"where customer_key = '{somebody}' and is_current"
    )
    text = html_of(drawn("customer", key=somebody, part="identity"))
    assert len(records) > 1
    for source_id, rule in records:
        assert source_id[:10] in text
        assert source_id not in text
        assert LABELS[rule] in text


def test_order_value_of_a_store_is_that_of_its_tile(shown: Retailer) -> None:
    name, store, order_value = shown.published("""
        select s.store_name, s.store_id, sum(k.numerator) / sum(k.denominator)
        from marts.kpi_daily k join marts.dim_store s
            on k.scope_type = 'store' and s.store_id = k.scope_key
        where k.kpi = 'aov' and k.business_date > (select as_of_date - 28 from ops.publication)
        group by all order by 2 limit 1
    """)[0]
    assert tile(html_of(drawn("overview", store=store)), "Order value") == f"¥{order_value:,.0f}"
    line = next(row for row in html_of(drawn("overview")).split("<tr>") if f">{name}</th>" in row)
    assert f">¥{order_value:,.0f}</td>" in line


def test_a_lift_of_a_rate_is_in_points(shown: Retailer) -> None:
    row = {
        "metric": "purchase_rate", "post_value": 0.21, "control_post_value": 0.2,
        "lift_abs": 0.01, "lift_low": -0.005, "lift_high": 0.025,
    }  # fmt: skip
    version = published(shown.home)
    assert version
    written = in_its_unit(View(version, Words("en")), row)
    assert (written["lift"], written["interval"]) == ("+1.0 pt", "−0.5 pt to +2.5 pt")
    assert (written["post"], written["control"]) == ("21.0 %", "20.0 %")


def test_codes_are_said_by_what_they_mean_here(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    view = View(version, Words("ja"))
    said = {
        ("step", "contact"): "問い合わせ",
        ("step", "resolution"): "解決",
        ("step", "loyal"): "ロイヤル",
        ("code", "open"): "開封",
        ("code", "up"): "高価格帯へ",
        ("code", "all"): "すべて",
        ("code", "app-new"): "アプリ・新規",
    }
    assert {key: view.text(key[1], key[0]) for key in said} == said


def test_values_of_cohorts_are_of_13_months_however_long_the_data_is(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    rows = version.rows(VALUE, type="all", key="all")
    expected = shown.published(
        "select count(*) from marts.cohort_ltv where scope_type = 'all' and scope_key = 'all' "
        "and is_complete and months_since between 0 and 12"
    )[0][0]
    assert len(rows) == expected > 0
    assert max(row["months_since"] for row in rows) < MONTHS


def test_an_unknown_key_says_so(shown: Retailer) -> None:
    page = drawn("customer", key="nobody")
    assert not errors(page)
    assert "No customer has this key" in page.warning[0].value


def test_rfm_groups_add_up_to_the_customers(shown: Retailer) -> None:
    everybody = shown.published(
        "select count(*) from marts.customer_rfm where rfm_window = 'lifetime'"
    )[0][0]
    first = html_of(drawn("rfm")).split("</table>")[-3]
    counts = re.findall(r'<tr>.*?<td class="tk-number">([\d,]+)</td>', first)
    assert sum(int(n.replace(",", "")) for n in counts) == everybody


def test_a_choice_stands_in_the_address_as_a_code(shown: Retailer) -> None:
    page = drawn("rfm")
    page.selectbox(key="choose_window").select("365d").run()
    assert page.query_params["window"] == "365d"
    page.selectbox(key="choose_window").select("lifetime").run()
    assert "window" not in page.query_params


def test_an_address_with_an_unknown_choice_shows_the_first(shown: Retailer) -> None:
    page = drawn("rfm", window="nonsense")
    assert not errors(page)
    assert page.selectbox(key="choose_window").value == "lifetime"


def test_a_page_that_fails_says_so_and_nothing_else(
    shown: Retailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(view: object, *_: object) -> None:
        raise ValueError("a value of somebody")

    monkeypatch.setattr("dashboard.chapters.rfm.section", fail)
    page = drawn("rfm")
    assert "could not be drawn" in page.error[0].value
    assert not any("somebody" in line for line in (*errors(page), html_of(page)))


def test_every_label_has_its_japanese() -> None:
    for english in LABELS.values():
        assert Words("ja")(english)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_queries_read_published_schemas_alone(path: Path) -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    read = re.findall(r"\b(?:from|join) ([a-z_]+)\.[a-z]", "\n".join(texts))
    assert set(read) <= {"marts", "ops"}


def tile(text: str, name: str) -> str:
    """The value of a tile."""
    found = re.search(rf"<dt>{re.escape(name)}</dt><dd[^>]*>([^<]*)<", text)
    assert found, name
    return found[1]
