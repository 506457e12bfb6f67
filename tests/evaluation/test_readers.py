"""A few readers across a few publications, and the judge of what they saw."""

from __future__ import annotations

from collections import Counter

import pytest

from evaluation.readers import command
from evaluation.readers.loops import Seen
from ingestion.settings import load_settings
from orchestration.publication import Mart
from tests.conftest import Retailer
from tests.programs import program

MARTS = [Mart("dim_store", ["store_id"]), Mart("fct_sales_line", ["receipt_id", "line_no"])]
VERSIONS = {"v0": "number 0", "v1": "number 1"}


def test_readers_never_see_two_versions(demo: Retailer, capsys: pytest.CaptureFixture[str]) -> None:
    program("initdb", "/usr/lib/postgresql/15/bin/initdb")
    demo.use()
    status = command.measure(demo.home, load_settings(demo.config), MARTS, 6, 5)
    out = capsys.readouterr().out
    assert status == 0, out
    assert "every read was of one version" in out


def _seen(**given: object) -> dict[str, list[Seen]]:
    pairs = Counter({("v0", "number 0"): 5, ("v1", "number 1"): 5})
    return {"crm.duckdb": [Seen(**({"reads": 10, "pairs": pairs} | given))]}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 0),
        ({"errors": ["oh"]}, 1),
        ({"mixed": 1}, 1),
        ({"pairs": Counter({("v0", "number 1"): 1, ("v1", "number 1"): 1})}, 1),
        ({"pairs": Counter({("v0", "number 0"): 10})}, 1),
        ({"reads": 0}, 1),
    ],
)
def test_the_judge_sees_what_is_wrong(given: dict[str, object], status: int) -> None:
    assert command.judge(_seen(**given), VERSIONS, 1.0) == status
