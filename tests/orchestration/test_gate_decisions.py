"""A run that a gate stopped, the decision of a person, and the nights after it."""

from __future__ import annotations

from orchestration.cli import main
from tests.conftest import Retailer

RULE = "raw_pos.payments.amount_in_range"


def _pay(demo: Retailer, night: str, receipt: str) -> None:
    """A payment that is far too great, as a barcode in the column of amounts would be."""
    path = demo.feeds / "pos" / f"payments_{night}.csv"
    path.write_text(f"receipt_id,payment_no,method,amount\n{receipt},1,cash,4901234567894.00\n")


def test_stopped_accepted_published_and_stopped_again(demo: Retailer, capsys) -> None:
    before = demo.version()
    _pay(demo, "20261002", "A9997")
    assert demo.refresh() == 1
    assert f"tokui gate accept {RULE} --date 2026-09-30 --reason TEXT" in demo.message()
    assert "_file=payments_20261002.csv, _line=2" in demo.message()
    assert demo.version() == before

    assert main(["gate", "accept", RULE, "--date", "2026-09-30", "--reason", "a house"]) == 0
    assert demo.refresh() == 0, demo.message()
    run = demo.journal.last_runs(1)[0].run_id
    ((accepted, explanation),) = demo.journal.query(
        "select accepted, explanation from ops.check_results "
        "where run_id = ? and suite || '.' || expectation = ?",
        [run, RULE],
    )
    assert accepted
    assert explanation.startswith("accepted: a house (")
    published = demo.version()

    _pay(demo, "20261003", "A9998")
    assert demo.refresh() == 1
    assert "1 row(s) at fault" in demo.message()
    assert "_file=payments_20261003.csv, _line=2" in demo.message()
    assert demo.version() == published
    capsys.readouterr()
    assert main(["gate", "list"]) == 0
    listed = capsys.readouterr().out
    assert f"critical: {RULE}" in listed
    assert "a house" in listed
