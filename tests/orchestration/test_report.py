"""The report of a run, on a chain whose numbers are worked by hand."""

from __future__ import annotations

import csv
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

import duckdb
import pytest

from charts import FIGURES
from orchestration.commands import report as command
from orchestration.publication import roll_forward
from orchestration.report import chapters, keep, kpis, restated, stores
from orchestration.report.headlines import HEADLINES
from orchestration.report.keep import closing_words, report_of
from orchestration.report.page import Report, html, short, text
from orchestration.report.points import Side
from orchestration.report.reasons import REASONS
from orchestration.report.sources import Sources
from tests.conftest import ROOT
from tests.orchestration.conftest import SmallHome
from tests.orchestration.reported import publish_both, red_run, row_of
from words import both


@pytest.fixture(scope="module")
def chain(make_module_home) -> SmallHome:
    """Published twice; a module's tests read it."""
    small = make_module_home()
    publish_both(small)
    return small


@pytest.fixture(scope="module")
def wednesday(chain: SmallHome) -> Report:
    return report_of(chain.home, chain.settings, row_of(chain, "wednesday"))


def _kpi(report: Report, name: str):
    return next(kpi for kpi in report.facts("kpis").kpis if kpi.headline.kpi == name)


def test_net_sales_are_split_into_receipts_and_their_value(wednesday: Report) -> None:
    """8,000 of 3 receipts after 4,000 of 2: one more at (2,000 + 2,666.67) ÷ 2, the rest value."""
    sales = _kpi(wednesday, "net_sales")
    assert (sales.value, sales.last.base, sales.last.change) == (8000, 4000, 4000)
    assert [effect.amount for effect in sales.last.effects] == [
        Fraction(7000, 3),
        Fraction(5000, 3),
    ]
    assert sales.last.effects[0].detail == "2 → 3"


def test_the_week_before_is_as_it_is_known_now(wednesday: Report) -> None:
    """Nothing was sold on the 23rd."""
    sales = _kpi(wednesday, "net_sales")
    assert (sales.week.day, sales.week.base, sales.week.change) == (date(2026, 9, 23), 0, 8000)
    assert sales.trend[-9:] == (3000, 0, 0, 0, 0, 0, 0, 4900, 8000)


def test_counts_are_split_by_store(wednesday: Report) -> None:
    effects = _kpi(wednesday, "receipts").last.effects
    assert [(effect.name, effect.amount) for effect in effects] == [("<b>横浜店</b>", 1)]


def test_active_customers_are_split_into_who_came(wednesday: Report) -> None:
    """c4 and c5 bought for the first time; c1 to c3 stay."""
    effects = _kpi(wednesday, "active_customers_90d").last.effects
    assert [(effect.name, effect.amount) for effect in effects] == [
        ("who bought for the first time", 2)
    ]


def test_stores_add_up_to_the_change(wednesday: Report) -> None:
    week, last = wednesday.facts("stores").tables
    assert [(store.name, store.change) for store in last.stores] == [
        ("<b>横浜店</b>", 6000),
        ("つきよ 新宿店", -2000),
    ]
    assert (last.together.change, week.together.change) == (4000, 8000)


def test_restated_days_name_the_receipts_that_came_late(wednesday: Report) -> None:
    """R8 came a day late and R3 was corrected by 200."""
    found = wednesday.facts("restated")
    assert found.days == (
        restated.Day(date(2026, 9, 29), Decimal(4000), Decimal(4900), came=1, changed=1, went=0),
    )
    assert restated.summary(found) == "1 day restated by 2 receipts: +¥900"


def test_rows_out_are_compared_with_the_publication_before(wednesday: Report) -> None:
    changes = {row.mart: row.change for row in wednesday.facts("rows").went}
    assert changes["fct_sales_receipt"] == 4
    assert changes["dim_store"] == 0


def test_the_first_publication_is_compared_with_nothing(chain: SmallHome) -> None:
    first = report_of(chain.home, chain.settings, row_of(chain, "tuesday"))
    assert _kpi(first, "net_sales").last is None
    assert _kpi(first, "net_sales").week.change == 1000
    assert first.facts("restated") is None


def test_the_page_needs_nothing_and_says_names_as_they_are(wednesday: Report) -> None:
    page = html(wednesday)
    assert "つきよ 新宿店" in page
    assert "&lt;b&gt;横浜店&lt;/b&gt;" in page
    tags = _Tags()
    tags.feed(page)
    assert not tags.names & {"script", "link", "img", "iframe", "object", "b"}
    assert not {name for name in tags.attributes if name == "src" or name.startswith("on")}
    assert all(target.startswith("#") for target in tags.links)
    assert {target[1:] for target in tags.links} <= tags.ids
    assert not tags.open
    assert "http" not in page
    assert "url(" not in page


def test_the_language_of_the_settings_is_shown_first(wednesday: Report) -> None:
    english, japanese = html(wednesday), html(replace(wednesday, language="ja"))
    assert '<html lang="en">' in english
    assert 'id="in-en" checked' in english
    assert '<html lang="ja">' in japanese
    assert 'id="in-ja" checked' in japanese
    assert "公開済み" in japanese.split("</title>")[0]


def test_a_chart_that_fails_is_a_sentence_and_keeps_its_numbers(monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    good = FIGURES["net_sales_daily"]
    row = {"date": date(2026, 9, 30), "value": 8000, "week_mean": 1, "year_before_mean": None}
    rows = [row | {"currency": "JPY"}]
    chart = chapters.Chart(replace(good, draw=fail), rows, both("Net sales"))
    assert chapters.picture(chart) == "This chart could not be drawn (ZeroDivisionError)."
    assert chart.table()[0][1] == "¥8,000"
    broken = replace(good, query="select 1 as date", describe=fail)
    monkeypatch.setitem(FIGURES, "net_sales_daily", broken)
    sales = chapters.Chapter("sales", ("net_sales_daily",))
    with duckdb.connect() as connection:
        monkeypatch.setattr(Sources, "published", lambda _: nullcontext(connection))
        facts = sales.gather(Sources(*[{}] * 8))  # type: ignore[arg-type]
    assert facts is not None
    assert sales.lines(facts) == [
        "Net sales a day, the last 13 weeks: This chart could not be drawn (ZeroDivisionError)."
    ]


def test_the_same_files_give_the_same_page(chain: SmallHome, wednesday: Report) -> None:
    row = row_of(chain, "wednesday")
    assert html(report_of(chain.home, chain.settings, row)) == html(wednesday)


def test_the_page_lies_with_the_version_and_beside_the_served_file(chain: SmallHome) -> None:
    version = row_of(chain, "wednesday").version
    assert version is not None
    written = (chain.home.versions / version / "report.html").read_text(encoding="utf-8")
    assert "+¥4,000" in written
    assert chain.home.report.read_text(encoding="utf-8") == written


def test_a_page_that_is_behind_is_rolled_forward(chain: SmallHome) -> None:
    chain.home.report.unlink()
    roll_forward(chain.home, print)
    assert chain.home.report.exists()


def test_sections_that_old_files_do_not_serve_are_left_out(small: SmallHome) -> None:
    """These marts have no KPIs, as if another version of the code had published them."""
    small.publish("old", 5)
    told = text(report_of(small.home, small.settings, row_of(small, "old")))
    assert "Headline figures: left out" in told
    assert "marts.fct_sale " in told


def test_a_report_that_cannot_be_made_holds_no_publication_back(
    small: SmallHome, capsys, monkeypatch
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(keep, "build", fail)
    monkeypatch.setenv("TOKUI_PROGRESS", "1")
    assert small.publish("without", 5).status == "published"
    assert not small.home.report.exists()
    assert "report.html could not be written" in capsys.readouterr().err
    words = closing_words(small.home, small.settings, row_of(small, "without"))
    assert "the report could not be made" in words


def test_the_closing_words_gather_no_more_than_they_tell(
    chain: SmallHome, wednesday: Report, monkeypatch
) -> None:
    """The page with all sections was written with the version."""
    gathered: list[str] = []
    original = keep.build

    def watch(*arguments: object) -> Report:
        report = original(*arguments)
        gathered.extend(section.name for section, _ in report.parts)
        return report

    monkeypatch.setattr(keep, "build", watch)
    words = closing_words(chain.home, chain.settings, row_of(chain, "wednesday"))
    assert words.splitlines()[:-1] == short(wednesday)
    assert sorted(gathered) == ["checks", "course", "kpis", "quarantine", "rows"]


def test_a_red_run_has_a_page_of_its_own(chain: SmallHome) -> None:
    red_run(chain, "stopped-1", "stopped", "the raw gate stopped the run: 1 critical check(s)")
    words = closing_words(chain.home, chain.settings, row_of(chain, "stopped-1"))
    page = next(chain.home.reports.glob("*-stopped-.html"))
    assert str(page) in words
    told = page.read_text(encoding="utf-8")
    assert "the raw gate stopped the run" in told
    assert "go on seeing version" in told
    assert "Headline figures" not in told


def test_what_an_unforeseen_error_quotes_is_not_repeated(chain: SmallHome) -> None:
    red_run(chain, "crashed-1", "crashed", "could not convert '山田 太郎'")
    report = report_of(chain.home, chain.settings, row_of(chain, "crashed-1"))
    assert "山田" not in html(report) + text(report)
    assert "The last step on record: build_staging" in text(report)


def test_an_accepted_check_is_neither_failed_nor_hidden(chain: SmallHome) -> None:
    red_run(chain, "accepted-1", "stopped", "another check failed")
    chain.journal.write(
        "insert into ops.check_results (run_id, layer, suite, expectation, severity, passed, "
        "observed, threshold, examples, explanation, accepted, acceptance_id) values "
        "('accepted-1', 'marts', 'marts.store_daily', ?, 'critical', false, '0.2', '>= 0.3', '', "
        "?, ?, ?)",
        [
            ["usual", "accepted: 台風 (hana, 2026-09-30). Compare with the stores.", True, "a1"],
            ["closed", "A store is missing.", False, None],
        ],
    )
    report = report_of(chain.home, chain.settings, row_of(chain, "accepted-1"))
    found = report.facts("checks")
    assert (found.run, found.count("critical"), found.accepted) == (2, 1, 1)
    assert "accepted: marts.store_daily · usual" in text(report)
    assert "accepted: 台風 (hana, 2026-09-30)" in html(report)


def test_the_duration_stands_beside_the_median_of_green_runs(small: SmallHome) -> None:
    start = datetime(2026, 10, 1)
    for n, (status, seconds) in enumerate(
        [("published", 10), ("stopped", 900), ("unchanged", 30), ("published", 60), ("stopped", 40)]
    ):
        small.journal.start_run(f"run-{n}", "demo", start + timedelta(days=n))
        small.journal.finish_run(f"run-{n}", status)
        small.journal.write(
            "update ops.runs set finished_at = started_at + to_seconds(?) where run_id = ?",
            [[seconds, f"run-{n}"]],
        )
    course = report_of(small.home, small.settings, row_of(small, "run-4")).facts("course")
    assert (course.seconds, course.usual_seconds, course.compared_runs) == (40, 30, 3)


def test_the_other_stores_are_one_row_and_still_add_up() -> None:
    many = [stores.Store(f"S{n}", f"S{n}", Decimal(n), Decimal(0), n, 0) for n in range(12, 0, -1)]
    table = stores.shown("a day", many)
    assert table.others is not None
    assert table.others.name == "4 other stores"
    assert table.together.change == sum(range(13))


def test_the_command_prints_and_writes(chain: SmallHome, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("TOKUI_HOME", str(chain.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(chain.settings.source))
    assert command.run(_options("wednesday")) == 0
    printed = capsys.readouterr().out
    assert "+¥2,333 from receipts (2 → 3), +¥1,667 from value a receipt" in printed
    assert command.run(_options("wednesday", tmp_path / "page.html")) == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert command.run(_options("nobody")) == 2
    assert "no run nobody" in capsys.readouterr().err


def test_headlines_are_what_the_definitions_say() -> None:
    with (ROOT / "dbt_project/seeds/kpi_definitions.csv").open(encoding="utf-8") as lines:
        defined = {row["kpi"]: row for row in csv.DictReader(lines)}
    for headline in HEADLINES:
        row = defined[headline.kpi]
        assert (headline.unit, headline.direction) == (row["unit"], row["direction"])
        assert headline.reason in ("", *REASONS)
        assert row["of_stores"] == "true" or headline.reason not in ("mix", "stores")


def _options(run_id: str, target=None):
    from argparse import Namespace

    return Namespace(run_id=run_id, html=target, test_alert=False)


class _Tags(HTMLParser):
    """Names of all tags and attributes, links and ids, and the tags that were not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]
        self.ids |= {value for name, value in attrs if name == "id"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("kpi", "day", "change"),
    [("churn_rate", 7, None), ("churn_rate", 8, Fraction(1, 5)), ("aov", 7, Fraction(1, 5))],
)
def test_a_rate_of_the_month_is_compared_within_its_month(
    kpi: str, day: int, change: Fraction | None
) -> None:
    """On the 7th, a week before is the end of another month."""
    headline = replace(next(h for h in HEADLINES if h.kpi == kpi), reason="")
    end = date(2026, 10, day)
    sides = [
        Side("now", on, {kpi: (Fraction(n), Fraction(5))}, {}, {})
        for on, n in ((end - timedelta(days=7), 1), (end, 2))
    ]
    found = kpis._compare(Sources(*[{}] * 8), headline, *sides)  # type: ignore[arg-type]
    assert found.change == change


def test_amounts_are_in_the_currency_of_the_charts(small: SmallHome) -> None:
    publish_both(small)
    row = row_of(small, "wednesday")
    assert report_of(small.home, small.settings, row).facts("kpis").currency == "JPY"
    with duckdb.connect(str(small.home.versions / str(row.version) / "crm.duckdb")) as connection:
        connection.execute("alter table marts.dim_store add column currency varchar default 'USD'")
    assert report_of(small.home, small.settings, row).facts("kpis").currency == "USD"
