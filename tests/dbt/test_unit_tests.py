"""The business rules: every dbt unit test of the project passes."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Retailer
from tests.dbt.conftest import in_one_file, run_dbt


def test_every_unit_test_passes(published_demo: Retailer, tmp_path: Path) -> None:
    """dbt asks what they stand on for its columns alone: the tables of the sample have them."""
    warehouse = in_one_file(published_demo.home, tmp_path)
    arguments = ["test", "--select", "test_type:unit", "--quiet"]
    results = run_dbt(arguments, warehouse, tmp_path / "target", {}).result.results
    failed = [f"{r.node.name}: {r.message}" for r in results if str(r.status) != "pass"]
    assert not failed, "\n".join(failed)
    assert len(results) >= 300
