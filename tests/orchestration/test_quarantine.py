"""`tokui quarantine`, `feeds` and `reload` on a home that loads a feed without the whole job."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ingestion import ledger
from ingestion.engine import connect
from ingestion.personal import fingerprint
from ingestion.settings import load_settings
from ingestion.source import FeedReport, LoadContext, load_feed
from orchestration.cli import main
from orchestration.decisions import decisions_of
from orchestration.home import Home
from orchestration.journal import Journal

PAID = "receipt_id,payment_no,method,amount\n"
KEY = b"a key for tests"
NOW = datetime(2026, 10, 1)


@dataclass
class Nights:
    """A home and a feed; a night loads the feed, and is lost if it is red."""

    root: Path
    count: int = 0

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    def put(self, name: str, text: str) -> None:
        path = self.root / "pos" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def night(self, *, red: bool = False) -> FeedReport:
        self.count += 1
        journal, work = Journal(self.home.journal), self.root / "work" / "warehouse.duckdb"
        journal.start_run(f"run-{self.count}", "main", NOW)
        work.parent.mkdir(exist_ok=True)
        work.unlink(missing_ok=True)
        if self.home.current.exists():
            shutil.copyfile(self.home.current, work)
        with connect(work) as connection:
            ledger.prepare(connection, "main", fingerprint(KEY))
        context = LoadContext(
            *(work, self.root / "landing" / str(self.count), self.root / "scratch"),
            *(f"run-{self.count}", KEY, NOW),
            decisions=decisions_of(journal),
        )
        report = load_feed("pos", load_settings(self.root / "tokui.toml").feeds["pos"], context)
        journal.record_feed(f"run-{self.count}", report)
        if not red:
            self.home.current.parent.mkdir(exist_ok=True)
            shutil.copyfile(work, self.home.current)
        return report

    def amounts(self) -> list[int]:
        with connect(self.home.current, read_only=True) as connection:
            rows = connection.execute("select amount::int from raw_pos.payments order by 1")
            return [row[0] for row in rows.fetchall()]


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    (tmp_path / "tokui.toml").write_text(
        '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\n', encoding="utf-8"
    )
    (tmp_path / "pos").mkdir()
    monkeypatch.setenv("TOKUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOKUI_CONFIG", str(tmp_path / "tokui.toml"))
    return Nights(tmp_path)


@pytest.fixture
def tokui(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*arguments: str) -> tuple[int, str]:
        status = main(list(arguments))
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_from_the_list_to_the_warehouse(nights: Nights, tokui: Callable) -> None:
    nights.put("payments_1.csv", PAID + "R1,1,cash,1\nR2,1,cash,二百\n")
    nights.night()
    status, listed = tokui("quarantine", "list")
    assert status == 0 and "payments_1.csv line 3: amount: not an amount" in listed
    assert "二百" not in listed
    row = listed.split()[0]
    assert "  amount = 二百\n" in tokui("quarantine", "show", row)[1]
    assert tokui("quarantine", "release", row, "--set", "amount=200")[0] == 0
    assert "(release at the next run)" in tokui("quarantine", "list")[1]
    nights.night(red=True)
    assert nights.amounts() == [1], "a red night took it for nothing"
    report = nights.night()
    assert nights.amounts() == [1, 200]
    assert report.tables["payments"].released == 1
    assert "0 row(s)" in tokui("quarantine", "list")[1]
    assert f"{row}  released" in tokui("quarantine", "list", "--all")[1]
    status, said = tokui("quarantine", "release", row)
    assert status == 2 and "was released" in said
    nights.night()
    assert nights.amounts() == [1, 200]


def test_accounting_in_the_journal_adds_up(nights: Nights, tokui: Callable) -> None:
    nights.put("payments_1.csv", PAID + "R1,1,cash,1\nR2,1,cash,x\nR3,1,cash,y\n")
    nights.night()
    one, other = (line.split()[0] for line in tokui("quarantine", "list")[1].splitlines()[:2])
    tokui("quarantine", "release", one, "--set", "amount=5")
    tokui("quarantine", "discard", other, "--reason", "a test of the register")
    nights.night()
    assert tokui("reload", "payments_1.csv")[0] == 0
    nights.night()
    assert Journal(nights.home.journal).query(
        "select rows_in, rows_unchanged, rows_quarantined, rows_stored, rows_released, "
        "rows_discarded, rows_forgotten from ops.row_accounting "
        "where table_name = 'raw_pos.payments' order by run_id"
    ) == [(3, 0, 2, 1, 0, 0, 0), (0, 0, 0, 0, 1, 1, 0), (3, 0, 2, 1, 1, 1, 2)]
    assert nights.amounts() == [1, 5]


def test_what_cannot_be_done_says_what_to_do(nights: Nights, tokui: Callable) -> None:
    assert "nothing was loaded here yet" in tokui("quarantine", "list")[1]
    nights.put("payments_1.csv", PAID + "R1,1\nR2,1,cash,x\n")
    nights.night()
    broken, bad = (line.split()[0] for line in tokui("quarantine", "list")[1].splitlines()[:2])
    for arguments, words in [
        (("release", broken), f"tokui quarantine discard {broken} --reason TEXT"),
        (("release", bad, "--set", "price=1"), "has no column price; it has receipt_id"),
        (("release", "nothing"), "no row has the id nothing"),
        (("release",), "name rows by ID, or --all with --table"),
        (("release", "--all"), "name rows by ID, or --all with --table"),
    ]:
        status, said = tokui("quarantine", *arguments)
        assert status == 2 and words in said
    assert tokui("quarantine", "show", broken)[1].endswith("  1 = R1\n  2 = 1\n")
    status, said = tokui("quarantine", "release", "--all", "--table", "raw_pos.payments")
    assert said.startswith("1 row(s)"), "the broken one is left"
    assert not Journal(nights.home.journal).query("from pii.quarantine_changes")


def test_a_list_for_a_spreadsheet_has_no_formulas(
    nights: Nights, tokui: Callable, tmp_path: Path
) -> None:
    name = "=cmd/payments_1.csv"
    (nights.root / "pos" / "=cmd").mkdir()
    nights.put(name, PAID + "R1,1,cash,@x\n")
    nights.night()
    assert tokui("quarantine", "list", "--csv", str(tmp_path / "list.csv"))[0] == 0
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["line"], row["state"]) == (f"'{name}", "2", "open")
    assert "@x" not in str(row)


def test_feeds_are_listed_and_files_tried(nights: Nights, tokui: Callable) -> None:
    nights.put("payments_1.csv", PAID + "R1,1,cash,1\n")
    nights.night()
    nights.put("payments_2.csv", PAID + "R2,1,cash,secret\n")
    nights.put("receipts.xlsx", "x")
    assert [line.split() for line in tokui("feeds", "list")[1].splitlines()] == [
        ["loaded", "raw_pos.payments", "payments_1.csv"],
        ["new", "raw_pos.payments", "payments_2.csv"],
        ["unrecognised", "pos", "receipts.xlsx"],
    ]
    folder = nights.root / "pos"
    status, said = tokui("feeds", "check", str(folder / "payments_1.csv"))
    assert status == 0 and "is loaded already, as payments_1.csv" in said
    status, said = tokui("feeds", "check", str(folder / "payments_2.csv"))
    assert status == 1 and "1 quarantined, line(s) 2: amount: not an amount" in said
    assert "secret" not in said


def test_a_reload_is_asked_for_and_taken_back(nights: Nights, tokui: Callable) -> None:
    nights.put("payments_1.csv", PAID + "R1,1,cash,1\n")
    nights.night()
    assert "no file payments_9.csv is loaded" in tokui("reload", "payments_9.csv")[1]
    assert tokui("reload", "payments_1.csv")[0] == 0
    assert len(decisions_of(Journal(nights.home.journal)).reloads) == 1
    assert tokui("reload", "payments_1.csv", "--withdraw")[0] == 0
    assert nights.night().tables["payments"].forgotten == 0
    (nights.root / "pos" / "payments_1.csv").unlink()
    status, said = tokui("reload", "payments_1.csv")
    assert status == 2 and "no longer has payments_1.csv" in said
