"""Staging from raw rows put in by hand: the accounting of rows, and the contract behind it all.

The rules themselves are dbt unit tests beside the models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingestion.contract import Table, all_tables, dbt_sources
from ingestion.contract.model import PROVENANCE

STAGING = ("--select=staging", "--indirect-selection=cautious", "--quiet")
"""Staging alone: no test that also reads what is built after it."""

ACCOUNTING = """
    select table_name, raw_rows, staged_rows, superseded_rows, deleted_rows
    from staging.stg_row_accounting
    where raw_rows > 0
    order by table_name
"""
KEPT_LINES = "select receipt_id, line_no from staging.stg_pos__receipt_lines order by all"


def test_committed_files_are_what_the_contract_gives() -> None:
    assert dbt_sources.stale_files(dbt_sources.DBT_PROJECT) == []


def test_check_fails_when_a_file_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dbt_sources, "DBT_PROJECT", tmp_path)
    assert dbt_sources.main([]) == 0
    assert dbt_sources.main(["--check"]) == 0
    (tmp_path / "macros/contract_tables.sql").write_text("{# changed by hand #}")
    assert dbt_sources.main(["--check"]) == 1
    assert "contract_tables.sql differs" in capsys.readouterr().err


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.qualified_name)
def test_staging_has_every_column_of_the_contract(table: Table, manifest: Any) -> None:
    model = manifest["nodes"][f"model.tokui.stg_{table.feed_name}__{table.name}"]
    types = {name: column["data_type"] for name, column in model["columns"].items()}
    contract = {
        name: kind.value.lower()
        for name, kind in table.raw_columns.items()
        if name not in PROVENANCE
    }
    assert types | contract == types


def test_absent_feeds_give_empty_tables_and_every_rule_holds(warehouse: Any) -> None:
    assert warehouse.dbt("build", *STAGING, "--exclude-resource-type=unit_test").success
    assert warehouse.query(ACCOUNTING) == []
    assert warehouse.query("select count(*) from staging.stg_row_accounting") == [
        (len(all_tables()),)
    ]


def test_every_raw_row_is_staged_superseded_or_deleted(warehouse: Any) -> None:
    _deliver_stores(warehouse)
    _deliver_receipts(warehouse)
    _deliver_redemptions(warehouse)
    assert warehouse.dbt("build", *STAGING, "--exclude-resource-type=unit_test").success
    assert warehouse.query(ACCOUNTING) == [
        ("raw_pos.coupon_redemptions", 6, 2, 3, 1),
        ("raw_pos.receipt_lines", 6, 3, 3, 0),
        ("raw_pos.receipts", 4, 2, 2, 0),
        ("raw_pos.stores", 5, 2, 2, 1),
    ]
    assert warehouse.query(KEPT_LINES) == [
        ("corrected", 1),
        ("corrected", 2),
        ("late", 1),
    ]


def _deliver_stores(warehouse: Any) -> None:
    """`s1` in both snapshots; `s2` absent from the second; `s3` absent from it and back after."""
    warehouse.deliver("raw_pos.stores", _stores("s1", "s2", "s3"), sequence="1")
    warehouse.deliver("raw_pos.stores", _stores("s1"), sequence="2", load_number=2)
    warehouse.delete("raw_pos.stores", "s2", sequence="2", load_number=2)
    warehouse.delete("raw_pos.stores", "s3", sequence="2", load_number=2)
    warehouse.deliver("raw_pos.stores", _stores("s3"), sequence="3", load_number=3)


def _deliver_receipts(warehouse: Any) -> None:
    """`corrected` comes again with its lines; of `late` an older version comes last."""
    warehouse.deliver(
        "raw_pos.receipts", [_receipt("corrected", 1), _receipt("late", 2)], sequence="1"
    )
    warehouse.deliver(
        "raw_pos.receipt_lines", [*_lines("corrected", 1), *_lines("late", 1)], sequence="1"
    )
    warehouse.deliver(
        "raw_pos.receipts",
        [_receipt("corrected", 2), _receipt("late", 1)],
        sequence="2",
        load_number=2,
    )
    warehouse.deliver(
        "raw_pos.receipt_lines",
        [*_lines("corrected", 2), *_lines("late", 2)],
        sequence="2",
        load_number=2,
    )


def _deliver_redemptions(warehouse: Any) -> None:
    """`of-receipt` is dropped with its set; `learned` gets a receipt later; `gone` is deleted."""
    first = [
        _redemption("of-receipt", "corrected"),
        _redemption("learned", None),
        _redemption("gone", None),
    ]
    second = [_redemption("other", "corrected"), _redemption("learned", "late")]
    warehouse.deliver("raw_pos.coupon_redemptions", first, sequence="1")
    warehouse.deliver("raw_pos.coupon_redemptions", second, sequence="2", load_number=2)
    warehouse.deliver(
        "raw_pos.coupon_redemptions",
        [_redemption("other", "corrected")],
        sequence="3",
        load_number=3,
    )
    warehouse.delete("raw_pos.coupon_redemptions", "gone", sequence="2", load_number=2)


def _stores(*store_ids: str) -> list[dict[str, Any]]:
    return [
        {
            "store_id": store_id,
            "name": store_id,
            "channel": "store",
            "timezone": "Asia/Tokyo",
            "currency": "JPY",
        }
        for store_id in store_ids
    ]


def _receipt(receipt_id: str, version: int) -> dict[str, Any]:
    return {
        "receipt_id": receipt_id,
        "store_id": "s1",
        "closed_at": "2024-01-01 03:00:00",
        "receipt_type": "sale",
        "total_inc_tax": 100,
        "updated_at": f"2024-01-0{version} 03:00:00",
    }


def _lines(receipt_id: str, count: int) -> list[dict[str, Any]]:
    return [
        {
            "receipt_id": receipt_id,
            "line_no": line_no,
            "product_id": "p1",
            "quantity": 1,
            "unit_price": 100,
            "line_amount": 100,
            "line_type": "sale",
        }
        for line_no in range(1, count + 1)
    ]


def _redemption(redemption_id: str, receipt_id: str | None) -> dict[str, Any]:
    return {"redemption_id": redemption_id, "coupon_code": "c1", "receipt_id": receipt_id}
