"""The report on real marts: the page that a run leaves, and reasons that add up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ingestion.settings import load_settings
from orchestration.report.headlines import HEADLINES
from orchestration.report.keep import report_of
from orchestration.report.kpis import Comparison, Kpi
from orchestration.report.page import Report
from tests.conftest import Retailer
from tests.generated import GeneratedRetailer


def assert_reasons_add_up(kpis: tuple[Kpi, ...], comparison: str) -> int:
    """Every change that can be split is; how many were."""
    split = 0
    for kpi in kpis:
        found: Comparison = getattr(kpi, comparison)
        if kpi.headline.reason and found.change:
            assert sum((e.amount for e in found.effects), Fraction(0)) == found.change, kpi.headline
            split += 1
    return split


def newest_report(retailer: Retailer) -> Report:
    retailer.use()
    settings = load_settings(retailer.config)
    return report_of(retailer.home, settings, retailer.journal.last_runs(1)[0])


@pytest.fixture
def report(generated_demo: GeneratedRetailer) -> Report:
    return newest_report(generated_demo)


def test_a_run_leaves_its_page_with_the_version(published_demo: Retailer) -> None:
    version = published_demo.version()
    assert version is not None
    page = published_demo.home.report.read_text(encoding="utf-8")
    assert page == (published_demo.home.versions / version / "report.html").read_text("utf-8")
    assert "As of 2026-09-30" in page
    assert "つきよ" in page
    assert "stg_pos__receipt_lines · product_id_in_stg_pos__products" in page


def test_every_headline_is_published(report: Report) -> None:
    """A KPI that is spelt otherwise would have no trend at all."""
    drawn = {
        kpi.headline.kpi
        for kpi in report.facts("kpis").kpis
        if any(value is not None for value in kpi.trend)
    }
    assert drawn == {headline.kpi for headline in HEADLINES}


def test_reasons_add_up_on_real_marts(report: Report) -> None:
    assert assert_reasons_add_up(report.facts("kpis").kpis, "week") >= 5


def test_stores_add_up_to_the_kpi(report: Report) -> None:
    sales = report.facts("kpis").kpis[0]
    week = report.facts("stores").tables[0].together
    assert (week.sales, week.change) == (sales.value, sales.week.change)


def test_rows_in_add_up(report: Report) -> None:
    rows = report.facts("rows")
    assert rows.total("rows_in") == rows.total("unchanged") + rows.total(
        "quarantined"
    ) + rows.total("stored")
