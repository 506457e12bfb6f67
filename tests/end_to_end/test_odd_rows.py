"""What comes of single rows and files, in the journal and to the last count.

Faults of every kind are tried by `evaluation.faults`, a sample of them in `test_faults_sample`;
a row that is released: `test_released_row`.
"""

from __future__ import annotations

import json

import pytest

from tests.conftest import Retailer, own_environment
from tests.end_to_end.exported_text import exported, personal_texts
from tests.end_to_end.test_personal_values import Planted, found, spellings

NIGHT = "20261002"
LEAKED = Planted("name", "漏洩 太郎", spellings("name", "漏洩 太郎"))


@pytest.fixture(scope="module")
def night(published_demo: Retailer, tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """After a night of which no row is both good and new.

    A payment with a text for an amount, a member with a name for a date, a file that came again by
    another name, and one whose rows are known all but for the ends of their lines.
    """
    retailer = published_demo.copy_to(tmp_path_factory.mktemp("odd") / "retailer")
    assert "settle_seconds = 0" in retailer.config.read_text(encoding="utf-8")
    pos = retailer.feeds / "pos"
    lines = (pos / "payments_20260930.csv").read_text(encoding="utf-8-sig").splitlines()
    row = lines[5].split(",")
    row[0], row[lines[0].split(",").index("amount")] = "A9999", "abc"
    (pos / f"payments_{NIGHT}.csv").write_text(f"{lines[0]}\n{','.join(row)}\n", encoding="utf-8")
    (pos / f"members_{NIGHT}.csv").write_text(
        f"会員番号,生年月日,更新日時\nM9000,{LEAKED.value},2026-10-01 00:00:00\n", encoding="cp932"
    )
    receipts = pos / "receipts_20260930.csv"
    receipts.with_name("receipts_20261001.csv").write_bytes(receipts.read_bytes())
    receipts.with_name(f"receipts_{NIGHT}.csv").write_text(
        receipts.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-8", newline=""
    )
    with own_environment():
        assert retailer.refresh() == 0, retailer.message()
    return retailer


def test_a_text_in_an_amount_sets_the_row_aside_and_the_run_goes_on(night: Retailer) -> None:
    quarantined = night.journal.query(
        "select file, line, reason from ops.quarantined_rows where table_name = 'raw_pos.payments'"
    )
    assert quarantined == [
        (
            f"payments_{NIGHT}.csv",
            2,
            "amount: not an amount with at most 2 decimals and 16 digits before them",
        )
    ]
    assert _accounting(night, "raw_pos.payments") == (1, 0, 1, 0)
    ((payload,),) = night.journal.query(
        "select payload from pii.quarantined_payloads where table_name = 'raw_pos.payments'"
    )
    assert json.loads(payload)["amount"] == "abc"
    assert "abc" not in str(night.journal.query("from ops.quarantined_rows"))


def test_a_value_in_a_wrong_column_is_told_nowhere(
    night: Retailer, published_demo: Retailer
) -> None:
    """The reason says that it cannot be read, without repeating it."""
    told = dict(exported(night.home.root, before=published_demo.home.root))
    assert found([LEAKED], told) == []
    assert f"members_{NIGHT}.csv" in "".join(told.values())
    assert LEAKED.spellings[0] in personal_texts(night.home.journal)


def test_rows_that_are_known_count_once(night: Retailer) -> None:
    """A file that came again by another name is not loaded, one that overlaps is compared."""
    text = (night.feeds / "pos" / "receipts_20260930.csv").read_text(encoding="utf-8")
    rows_in, unchanged, quarantined, stored = _accounting(night, "raw_pos.receipts")
    assert (rows_in, quarantined) == (len(text.splitlines()) - 1, 0)
    assert unchanged + stored == rows_in
    assert unchanged > stored


def test_a_run_without_news_publishes_nothing_and_says_so(
    night: Retailer, published_demo: Retailer
) -> None:
    assert night.status() == "unchanged"
    assert "nothing changed" in night.message()
    assert (night.version(), night.digests()) == (
        published_demo.version(),
        published_demo.digests(),
    )
    assert len(list(night.home.versions.iterdir())) == 1


def _accounting(retailer: Retailer, table: str) -> tuple[int, int, int, int]:
    """Rows in, unchanged, quarantined, stored of the last run; they always add up."""
    run = retailer.journal.last_runs(1)[0].run_id
    row = retailer.journal.query(
        "select rows_in, rows_unchanged, rows_quarantined, rows_stored from ops.row_accounting "
        "where run_id = ? and table_name = ?",
        [run, table],
    )[0]
    assert row[0] == sum(row[1:])
    return row
