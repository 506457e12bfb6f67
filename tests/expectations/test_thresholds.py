"""`[gates]` of the configuration replaces thresholds by name, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.thresholds import THRESHOLDS, check_overrides
from ingestion.errors import ConfigurationError

PATH = Path("tokui.toml")
DOCS = Path(__file__).parents[2] / "docs" / "gates.md"


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ({"max_reciept_age_days": 3}, "unknown threshold max_reciept_age_days.*max_receipt_age"),
        ({"max_receipt_age_days": "3"}, "max_receipt_age_days must be a number"),
        ({"max_receipt_age_days": True}, "max_receipt_age_days must be a number"),
        ({"max_receipt_age_days": -1}, "must be 0 or more"),
        ({"max_quarantined_share": 1.5}, "must be between 0 and 1"),
    ],
)
def test_a_wrong_threshold_is_refused(gates, words) -> None:
    with pytest.raises(ConfigurationError, match=words):
        check_overrides(PATH, gates)


def test_right_ones_pass() -> None:
    check_overrides(PATH, {"max_receipt_age_days": 5, "max_quarantined_share": 0.5})


def test_the_docs_name_every_threshold() -> None:
    text = DOCS.read_text(encoding="utf-8")

    assert [name for name in THRESHOLDS if f"`{name}`" not in text] == []
