"""The generated demo through the real job, and that nothing reads its truth."""

from __future__ import annotations

from pathlib import Path

from orchestration.publication import read_manifest
from tests.generated import GeneratedRetailer, watched


def as_of(retailer: GeneratedRetailer) -> str:
    manifest = read_manifest(retailer.home)
    assert manifest is not None
    return manifest["as_of"]


def test_the_base_history_is_published_whole(generated_demo: GeneratedRetailer) -> None:
    assert as_of(generated_demo) == "2026-09-30"
    assert generated_demo.journal.query("select * from ops.quarantined_rows") == []
    assert generated_demo.published(
        "select min(business_date)::varchar, max(business_date)::varchar "
        "from marts.fct_sales_receipt"
    ) == [("2024-10-01", "2026-09-30")]


def test_the_run_asked_for_nothing_of_the_truth(generated_demo: GeneratedRetailer) -> None:
    """It was made with the folder out of the way, so what is not Python would have stopped it."""
    assert generated_demo.asked_for == []
    assert (generated_demo.truth / "people.parquet").exists()


def test_what_is_opened_or_listed_is_noticed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "watched" / "people.parquet", tmp_path / "file"
    inside.parent.mkdir()
    inside.touch()
    with watched(inside.parent) as asked_for:
        inside.read_bytes()
        list(inside.parent.glob("*"))
        outside.touch()
    inside.read_bytes()
    assert asked_for == [str(inside), str(inside.parent)]
