"""`check_file` says what a run would make of a file, and loads nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.dry_run import FileCheck, check_file
from ingestion.errors import ConfigurationError
from tests.ingestion.conftest import NOW, Shop

PAID = "receipt_id,payment_no,method,amount\n"
RECEIPTS = "receipt_id,store_id,closed_at,receipt_type,total_inc_tax,member_id,updated_at\n"


def _check(shop: Shop, path: Path, table: str | None = None) -> FileCheck:
    return check_file(path, table, shop.settings(), shop.warehouse, NOW)


def test_rows_reasons_and_columns_are_told(shop: Shop) -> None:
    path = shop.put("payments.csv", PAID[:-1] + ",memo\nR1,1,cash,1,m\nR2,1,cash,x,\n")
    check = _check(shop, path)
    assert (check.name, check.table.name, check.rows) == ("payments.csv", "payments", 2)
    assert [(row.line, row.reason) for row in check.aside] == [
        (3, "amount: not an amount with at most 2 decimals and 16 digits before them")
    ]
    assert (check.unknown_columns, check.absent_columns, check.problem) == (["memo"], [], "")
    assert not shop.warehouse.exists()


def test_optional_columns_that_are_absent_are_named(shop: Shop) -> None:
    path = shop.put("staff.csv", "staff_id,name\nT1,a\n")
    assert _check(shop, path).absent_columns == ["is_active", "store_id"]


def test_a_file_that_is_loaded_already_is_known_by_its_content(shop: Shop) -> None:
    shop.put("payments_1.csv", PAID + "R1,1,cash,1\n")
    shop.load()
    path = shop.put("payments_2.csv", PAID + "R1,1,cash,1\n")
    assert _check(shop, path).known_as == "payments_1.csv"


def test_a_file_that_would_be_refused_has_the_runs_own_message(shop: Shop) -> None:
    path = shop.put("payments.csv", "receipt_id,payment_no\nR1,1\n")
    assert "lacks the required columns method, amount" in _check(shop, path).problem


def test_the_table_is_told_by_the_name_or_by_the_caller(shop: Shop) -> None:
    shop.toml = '[feeds.pos.tables.payments]\nfiles = "zahlung*.csv"\n'
    shop.put("zahlung.csv", PAID)
    elsewhere = shop.root / "other.csv"
    elsewhere.write_text(PAID + "R1,1,cash,1\n", encoding="utf-8")
    assert _check(shop, shop.root / "pos" / "zahlung.csv").table.name == "payments"
    with pytest.raises(ConfigurationError, match=r"belongs to no table.*--table"):
        _check(shop, elsewhere)
    assert _check(shop, elsewhere, "raw_pos.payments").rows == 1
    with pytest.raises(ConfigurationError, match="no such table"):
        _check(shop, elsewhere, "payments")
    with pytest.raises(ConfigurationError, match="no such file"):
        _check(shop, shop.root / "gone.csv")


def test_years_and_lengths_as_in_a_run(shop: Shop) -> None:
    shop.toml = "[limits]\nmax_field_kib = 1\n"
    rows = [
        "R1,S1,2026-07-01 10:00,sale,1,,2026-07-01",
        "R2,S1,2999-07-01 10:00,sale,1,,2026-07-01",
        f"R3,S1,2026-07-01 10:00,sale,1,{'x' * 2000},2026-07-01",
    ]
    path = shop.put("receipts.csv", RECEIPTS + "\n".join(rows) + "\n")
    check = _check(shop, path)
    assert (check.rows, [row.line for row in check.aside]) == (3, [3, 4])
    shop.load()
    assert shop.rows("select receipt_id from raw_pos.receipts") == [("R1",)]
