"""Every chart on the generated demo: it can be drawn, described and read, in both languages."""

from __future__ import annotations

import re

import duckdb
import pytest

from charts import FIGURES, formats
from charts.figure import Figure
from charts.names import NAMES, said
from charts.svg import BothLanguages, render
from charts.theme import DARK, LIGHT, in_dark
from words import ENGLISH, JAPANESE, LANGUAGES, Words, both

NAMED = (
    "net_sales_daily",
    "members_over_time",
    "scorecard_pace",
    "rfm_grid",
    "rfm_migration",
    "cohort_triangle",
    "repeat_funnel",
    "ltv_by_segment",
    "ltv_calibration",
    "lifecycle_flow",
    "lifecycle_status",
    "campaign_effects",
    "campaign_verdicts",
    "support_times",
    "support_resolution",
    "nps_trend",
    "sales_by_store",
    "chat_containment",
    "data_coverage",
)
TOO_FEW = "ltv_calibration"
"""The demo of tests has too few customers for a backtest; its rows are written by hand below."""
DRAWN = {name: figure for name, figure in FIGURES.items() if name != TOO_FEW}
each_figure = pytest.mark.parametrize("figure", DRAWN.values(), ids=DRAWN)


def test_the_charts_have_the_names_that_pages_use() -> None:
    assert sorted(FIGURES) == sorted(NAMED)


@each_figure
def test_a_chart_is_drawn_once_for_both_languages(
    figure: Figure, served: duckdb.DuckDBPyConnection
) -> None:
    rows = figure.rows(served)
    picture = render(figure, rows)
    assert picture.startswith("<svg viewBox=")
    assert picture.count('<tspan lang="en">') == picture.count('<tspan lang="ja">')
    left = re.findall(r'"(?:#[0-9a-f]{3,6}|black|steelblue)"', picture)
    assert not left, f"colours that no page can turn dark: {left}"
    for forbidden in ("url(", " id=", "<script", "<image", "http"):
        assert forbidden not in picture


@each_figure
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_says_what_it_shows(
    figure: Figure, language: str, served: duckdb.DuckDBPyConnection
) -> None:
    words = Words(language)
    rows = figure.rows(served)
    figure.draw(rows, words, 600).to_dict()  # Checked against Vega-Lite's schema.
    assert words(figure.title)
    assert figure.describe(rows, words).endswith((".", "。"))
    table = figure.table(rows, words)
    assert len(table) == len(rows)
    assert {len(row) for row in table} == {len(figure.columns)}
    assert all(words(column.title) for column in figure.columns)
    assert figure.empty == "" or words(figure.empty)


def test_a_chart_without_rows_says_why(served: duckdb.DuckDBPyConnection) -> None:
    empty = [name for name, figure in FIGURES.items() if not figure.rows(served)]
    assert empty == [TOO_FEW]
    assert "too few customers" in FIGURES[TOO_FEW].empty


def test_predictions_stand_beside_what_came() -> None:
    """Two tenths, and all together; another segment and another model do not count."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema ops;
            create table ops.model_backtest as select *, date '2026-04-03' as fit_until,
                date '2026-09-30' as predicted_until
            from (values
                ('mbg_nbd', 'all', 'decile', '1', 10, 5, 4.0, 1.25, 0.4, 0.5),
                ('mbg_nbd', 'all', 'decile', '2', 10, 20, 24.0, 0.83, 0.9, 1.5),
                ('mbg_nbd', 'all', 'all', 'all', 20, 25, 28.0, 0.893, 0.65, 1.0),
                ('mbg_nbd', 'ec-new', 'decile', '1', 4, 1, 1.0, 1.0, 0.1, 0.1),
                ('other', 'all', 'decile', '1', 10, 5, 9.0, 0.5, 0.8, 0.5)
            ) t(model, segment, bucket_type, bucket, customers, actual_orders, predicted_orders,
                actual_to_predicted, mae, naive_mae)
            """
        )
        rows = FIGURES[TOO_FEW].rows(connection)
    assert [(row["decile"], row["predicted_orders"]) for row in rows] == [
        (1, 4),
        (2, 24),
        (None, 28),
    ]
    picture = render(FIGURES[TOO_FEW], rows)
    assert "tenths of customers" in picture
    assert "25 came: 89.3 %" in FIGURES[TOO_FEW].describe(rows, ENGLISH)
    assert "28件" in FIGURES[TOO_FEW].describe(rows, JAPANESE)


def test_charts_of_a_dark_page_have_no_colour_of_a_light_one(
    served: duckdb.DuckDBPyConnection,
) -> None:
    figure = FIGURES["lifecycle_flow"]
    dark = str(in_dark(figure.draw(figure.rows(served), ENGLISH, 400).to_dict()))
    assert not [colour for colour in LIGHT.values() if colour in dark]
    assert DARK["bad"] in dark


def test_every_code_has_a_name_in_both_languages() -> None:
    for code in NAMES:
        assert said(code, ENGLISH)
        assert said(code, JAPANESE)
    assert said("kiosk", JAPANESE) == "kiosk"
    assert said("ec-existing", JAPANESE) == "ECサイト・既存会員"
    assert said("kiosk-new", ENGLISH) == "kiosk-new"


def test_two_texts_of_one_width_do_not_take_each_others_place() -> None:
    """Where the wider of two languages is taken already, the other is laid out."""
    words = BothLanguages()
    assert words("left") == "left"
    shown = words.of(both("Lapsed"))
    assert words.seen[str(shown)].ja == "休眠化"
    again = words("lapsed")
    assert again != shown
    assert words.seen[str(again)].en == "lapsed"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1234567, "amount", "¥1,234,567"),
        (-5, "amount", "−¥5"),
        (0.12345, "share", "12.3 %"),
        (-0.01, "share", "−1.0 %"),
        (13.727, "per_thousand", "13.7 ‰"),
        (23.94, "minutes", "24 min"),
        (-4.5, "points", "−4.5"),
        (1234, "count", "1,234"),
        (4.703, "count", "4.7"),
        (-1234, "count", "−1,234"),
        (-4.703, "count", "−4.7"),
        (1234.6, "count", "1,235"),
        (None, "share", "–"),
    ],
)
def test_values_are_written_in_their_unit(value: float | None, unit: str, written: str) -> None:
    assert formats.value_of(value, unit, "JPY") == written


def test_periods_are_written_short() -> None:
    from datetime import date

    assert formats.period(date(2026, 9, 1), date(2026, 9, 30)) == "2026-09"
    assert formats.period(date(2026, 7, 1), date(2026, 9, 30)) == "2026-07-01–09-30"
    assert formats.period(date(2026, 4, 1), date(2027, 3, 31)) == "2026-04-01–2027-03-31"
    assert formats.period(date(2026, 2, 1), date(2026, 2, 15)) == "2026-02-01–02-15"
