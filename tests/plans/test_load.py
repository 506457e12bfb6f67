"""Plan files: what is read, and that every fault is told with file, line, column and a way out."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import ConfigurationError
from plans.kpis import all_kpis
from plans.load import default_file, load_plans, read_plan
from plans.tables import PLANS

TARGETS = PLANS["kpi_targets"]
HEADER = "kpi,period_start,period_end,basis,target\n"
LINE = "net_sales,2026-04-01,2027-03-31,yoy_pct,5\n"
SCOPED = "kpi,scope_type,scope_key,period_start,period_end,basis,target\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kpi_targets.csv"


def fault(path: Path, content: str | bytes, plan: str = "kpi_targets") -> str:
    """What is told about a file of that content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError) as raised:
        read_plan(PLANS[plan], path)
    return str(raised.value)


def test_a_line_is_read_by_the_kinds_of_its_columns(path: Path) -> None:
    path.write_text(HEADER + LINE)
    assert read_plan(TARGETS, path) == [
        {
            "kpi": "net_sales",
            "scope_type": "all",
            "scope_key": "all",
            "period_start": dt.date(2026, 4, 1),
            "period_end": dt.date(2027, 3, 31),
            "basis": "yoy_pct",
            "target": Decimal(5),
            "direction": None,
            "campaign_id": None,
            "note": None,
            "line": 2,
        }
    ]


def test_excel_may_have_saved_the_file(path: Path) -> None:
    """Byte-order mark, CRLF, its own dates, spaces, an empty line at the end."""
    path.write_bytes(
        b"\xef\xbb\xbf"
        + HEADER.replace("\n", "\r\n").encode()
        + b"net_sales, 2026/4/1 ,2027/3/31,yoy_pct,5\r\n\r\n"
    )
    (line,) = read_plan(TARGETS, path)
    assert (line["period_start"], line["period_end"]) == (dt.date(2026, 4, 1), dt.date(2027, 3, 31))


def test_times_are_minutes_after_midnight(path: Path) -> None:
    path.write_text("day_of_week,opens_at,closes_at\n1,9:30,24:00\n")
    (line,) = read_plan(PLANS["business_hours"], path)
    assert (line["group_id"], line["opens_at"], line["closes_at"]) == ("all", 570, 1440)


def test_lines_count_as_an_editor_counts_them(path: Path) -> None:
    path.write_text(
        HEADER.strip()
        + ",note\n"
        + LINE.strip()
        + ',"two\nlines"\nmembers,2026-04-01,x,absolute,5,\n'
    )
    with pytest.raises(ConfigurationError, match="line 4: period_end"):
        read_plan(TARGETS, path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ["line 1", "no column kpi, period_start, period_end, basis, target", "docs/plans.md"]),
        (HEADER.replace("target", "value") + LINE, ["line 1", "no column target"]),
        (
            HEADER.replace("\n", ",owner\n") + LINE,
            ["line 1", "unknown column owner"],
        ),
        (HEADER.replace("\n", ",target\n") + LINE, ["line 1", "column target stands twice"]),
        (HEADER + "net_sales,2026-04-01,2027-03-31,yoy_pct\n", ["line 2", "as many values"]),
        (HEADER + LINE + LINE.strip() + ",000\n", ["line 3", "as many values", "in quotes"]),
        (HEADER + LINE.replace("5", ""), ["line 2", "target is empty"]),
        (HEADER + LINE.replace("5", "5%"), ["line 2", 'target is "5%"', "a number with at most"]),
        (HEADER + LINE.replace(",5", ",1e999"), ["line 2", "target"]),
        (HEADER + LINE.replace("5", "0.0000001"), ["line 2", "six decimal places"]),
        (HEADER + LINE.replace("2026-04-01", "1.4.2026"), ["period_start", "such as 2026-04-01"]),
        (HEADER + LINE.replace("2026-04-01", "2026-02-30"), ["line 2", "period_start", "a date"]),
        (HEADER + LINE.replace("yoy_pct", "yoy"), ['basis is "yoy"', "yoy_abs, yoy_pct"]),
        (HEADER + LINE + LINE, ["line 3", "line 2 has the same kpi", "Keep one of them"]),
        (HEADER + '"net_sales,2026-04-01\n', ["line 2 or later", "quote that stands alone"]),
        (HEADER + LINE.replace("2027", "2025"), ["line 2", "period_end lies before period_start"]),
        (
            HEADER + LINE.replace("net_sales", "sales"),
            ["line 2", 'no kpi "sales"', "net_sales, receipts"],
        ),
        (
            SCOPED + LINE.replace("net_sales", "members,store,S1"),
            ["line 2", "members is a KPI of the company alone", "net_sales"],
        ),
        (SCOPED + LINE.replace("net_sales", "net_sales,all,S1"), ['write scope_type "store"']),
        (SCOPED + LINE.replace("net_sales", "net_sales,store,"), ["the store's id as scope_key"]),
        (
            HEADER + LINE.replace("yoy_pct", "delta_from_start"),
            ["net_sales has no value to start from", "is for active_customers_90d"],
        ),
        (HEADER + LINE.replace("net_sales", "churn_rate"), ["calendar month", "a line a month"]),
        (
            HEADER + "email_human_open_rate,2026-04-01,2026-04-30,absolute,50\n",
            ["line 2", "write 0.5 for 50 %"],
        ),
    ],
)
def test_a_fault_names_the_place_and_the_way_out(path: Path, content: str, told: list[str]) -> None:
    message = fault(path, content)
    assert message.startswith(f"{path}: line ")
    assert [words for words in told if words not in message] == [], message


@pytest.mark.parametrize(
    "line",
    [
        "churn_rate,2026-02-01,2026-02-28,absolute,0.05",
        "members,2026-09-01,2026-09-30,delta_from_start,50",
        "csat,2026-09-01,2026-09-30,yoy_pct,30",
        "first_reply_p50,2026-09-01,2026-09-30,absolute,60",
    ],
)
def test_what_can_be_measured_can_be_a_target(path: Path, line: str) -> None:
    path.write_text(f"{HEADER}{line}\n")
    assert len(read_plan(TARGETS, path)) == 1


def test_a_file_in_another_encoding_is_told(path: Path) -> None:
    message = fault(path, (HEADER + LINE).encode() + "会員を増やす".encode("cp932"))
    assert message == f"{path} is not UTF-8. In Excel, save it as 'CSV UTF-8'."


def test_a_missing_file_is_told_with_its_setting(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file.*`kpi_targets` out of \[plans\]"):
        read_plan(TARGETS, path)


@pytest.mark.parametrize(
    ("plan", "content", "told"),
    [
        ("business_hours", "day_of_week,opens_at,closes_at\n8,9:00,18:00\n", "1 (Monday) to 7"),
        (
            "business_hours",
            "day_of_week,opens_at,closes_at\n1,9:00,25:00\n",
            'closes_at is "25:00"',
        ),
        (
            "business_hours",
            "day_of_week,opens_at,closes_at\n1,18:00,2:00\n",
            "a night is two lines",
        ),
        ("store_closings", "scope_key,closed_on\nS1,\n", "either closed_on or day_of_week"),
        ("store_closings", "closed_on,day_of_week\n2026-01-01,4\n", "either closed_on or"),
        ("store_closings", "day_of_week\n0\n", "1 (Monday) to 7"),
    ],
)
def test_other_plans_are_checked_by_line_too(
    path: Path, plan: str, content: str, told: str
) -> None:
    message = fault(path, content, plan)
    assert "line 2" in message
    assert told in message


def test_tables_are_made_for_every_plan_and_anew(path: Path) -> None:
    """Without a file, the defaults; without those, an empty table of the right types."""
    path.write_text(HEADER + LINE)
    with duckdb.connect() as connection:
        assert load_plans(connection, {"kpi_targets": path})["kpi_targets"] == 1
        counted = load_plans(connection, {})
        assert set(counted) == set(PLANS)
        assert {name for name, lines in counted.items() if lines} == {
            name for name, plan in PLANS.items() if default_file(plan)
        }
        types = connection.sql("select * from plans.kpi_targets").types
        assert [str(kind) for kind in types] == [
            *(c.kind.sql_type.upper().replace(", ", ",") for c in TARGETS.columns),
            "BIGINT",
        ]


def test_every_default_can_be_read() -> None:
    for plan in PLANS.values():
        if (file := default_file(plan)) is not None:
            assert read_plan(plan, file)


def test_docs_explain_every_plan_and_column() -> None:
    sections = _sections("docs/plans.md")
    for plan in PLANS.values():
        section = sections[plan.name]
        assert plan.description in section
        for column in plan.columns:
            (row,) = (row for row in section.splitlines() if row.startswith(f"| `{column.name}` |"))
            assert column.description in row.replace("\\|", "|")
            assert ("required" in row) == column.required


def test_the_examples_of_the_docs_can_be_read(path: Path) -> None:
    sections = _sections("docs/plans.md")
    for plan in PLANS.values():
        (example,) = re.findall(r"```csv\n(.*?)```", sections[plan.name], re.DOTALL)
        path.write_text(example, encoding="utf-8")
        assert read_plan(plan, path)


def test_docs_explain_every_kpi() -> None:
    rows = _read("docs/metrics/kpis.md").splitlines()
    for kpi in all_kpis().values():
        (row,) = (row for row in rows if row.startswith(f"| `{kpi.name}` |"))
        assert kpi.description in row
        assert f"| {kpi.kind} |" in row


def test_the_models_description_lists_every_kpi() -> None:
    text = _read("dbt_project/models/marts/_columns_kpis.md")
    assert [kpi.name for kpi in all_kpis().values() if f"| {kpi.name} |" not in text] == []


def _read(path: str) -> str:
    return (Path(__file__).resolve().parents[2] / path).read_text(encoding="utf-8")


def _sections(path: str) -> dict[str, str]:
    """Text below each heading of the second level, by the heading."""
    parts = _read(path).split("\n## ")
    return {part.partition("\n")[0]: part for part in parts[1:]}
