"""The tests that a night leaves out (see `orchestration.compiled`), on the sample's rows."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Retailer
from tests.dbt.conftest import in_one_file, run_dbt


def test_keys_of_the_sample_are_unique_and_seeds_sound(
    published_demo: Retailer, tmp_path: Path
) -> None:
    warehouse = in_one_file(published_demo.home, tmp_path)
    arguments = ["test", "--quiet", "--select", "test_name:unique_key", "resource_type:seed"]
    tested = run_dbt(arguments, warehouse, tmp_path / "target", {"as_of_date": "2026-10-01"})
    results = tested.result.results
    assert [r.node.name for r in results if str(r.status) != "pass"] == []
    assert len(results) > 100
