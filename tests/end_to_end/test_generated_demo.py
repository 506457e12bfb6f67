"""The generated demo through the real job: its nights, and that nothing reads its truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.scale import SCALES
from orchestration import demo as command
from orchestration.lock import RunLock
from orchestration.publication import read_manifest
from tests.generated import SCALE, SEED, GeneratedRetailer, watched


@pytest.fixture
def own_demo(generated_demo: GeneratedRetailer, tmp_path: Path) -> GeneratedRetailer:
    """A copy of the generated demo that a test may change."""
    copy = generated_demo.copy_to(tmp_path / "demo")
    assert isinstance(copy, GeneratedRetailer)
    return copy


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


def test_with_the_truth_in_its_place_the_digests_are_the_same(own_demo: GeneratedRetailer) -> None:
    before = own_demo.digests()
    assert own_demo.refresh(full=True) == 0
    assert own_demo.digests() == before


def test_a_night_moves_the_last_business_date_by_a_day(
    own_demo: GeneratedRetailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCALES, SCALE.name, SCALE)
    known = set(own_demo.feeds.rglob("*.csv"))
    assert command.main(["night", str(own_demo.root)]) == 0
    RunLock.release(own_demo.home.lock)
    assert command.read_state(own_demo.home) == {"scale": SCALE.name, "seed": SEED, "nights": 1}
    written = {path.stem.rsplit("_")[-1] for path in set(own_demo.feeds.rglob("*.csv")) - known}
    assert written == {"20261001"}
    assert own_demo.refresh() == 0, own_demo.message()
    assert as_of(own_demo) == "2026-10-01"


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
