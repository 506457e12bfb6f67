"""Retailers whose warehouse and journal an older Tokui made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.conftest import Retailer, make_retailer
from tests.orchestration.conftest import make_home, small  # noqa: F401

HERE = Path(__file__).parent


@pytest.fixture
def make_old(tmp_path: Path) -> Callable[[int], Retailer]:
    """Makes the sample with the warehouse and journal of a version; nothing is published."""

    def make(version: int) -> Retailer:
        retailer = make_retailer(tmp_path / f"v{version}")
        for path in (retailer.home.current, retailer.home.journal):
            path.parent.mkdir(parents=True)
            packed = (HERE / f"v{version}" / f"{path.name}.zst").read_bytes()
            path.write_bytes(zstandard.decompress(packed))
        return retailer

    return make


@pytest.fixture
def old(make_old: Callable[[int], Retailer]) -> Retailer:
    return make_old(2)
