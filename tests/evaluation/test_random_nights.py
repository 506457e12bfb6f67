"""The identity models under accidents: a night works out what a full run would."""

from __future__ import annotations

from pathlib import Path

from evaluation.random_nights import run


def test_a_night_of_accidents_is_a_full_run(tmp_path: Path) -> None:
    nights = list(run(tmp_path / "warehouse.duckdb", records=1_500, nights=5, seed=3))
    assert [night.different for night in nights] == [0] * 5
    assert sum(night.changes for night in nights) > 20
    assert all(0 < night.touched < 1_000 for night in nights)
