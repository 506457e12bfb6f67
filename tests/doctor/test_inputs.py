"""What the doctor says of feeds and of the settings that files were read by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingestion import ledger
from ingestion.discovery import Discovery
from ingestion.engine import connect
from ingestion.settings import load_settings
from orchestration.doctor import inputs
from orchestration.doctor.finding import Level, Subject
from orchestration.home import Home
from tests.conftest import Retailer, make_retailer

CLOCK = datetime(2026, 10, 2)


@pytest.fixture
def retailer(tmp_path: Path) -> Retailer:
    return make_retailer(tmp_path / "retailer")


def _subject(retailer: Retailer) -> Subject:
    return Subject(Home(retailer.home.root), load_settings(retailer.config), CLOCK)


def test_files_that_no_table_takes_are_named(retailer: Retailer, words) -> None:
    (retailer.feeds / "pos" / "receipts_20261002.xlsx").write_bytes(b"x")
    (retailer.feeds / "pos" / "notes.csv").write_bytes(b"x")
    said = words(inputs.check_feeds(_subject(retailer)), Level.WARN)
    assert "pos: files that no table takes: notes.csv, receipts_20261002.xlsx" in said


def test_files_that_still_grow_are_named(
    retailer: Retailer, monkeypatch: pytest.MonkeyPatch, words
) -> None:
    monkeypatch.setattr(inputs, "discover", lambda *_: Discovery([], ["a.csv"], []))
    said = words(inputs.check_feeds(_subject(retailer)), Level.WARN)
    assert "pos: files that still grow: a.csv" in said


def test_a_feed_that_is_not_in_use_is_well(retailer: Retailer, words) -> None:
    retailer.configure('path = "feeds/email"', "")
    findings = list(inputs.check_feeds(_subject(retailer)))
    assert "email: not in use" in words(findings, Level.OK)
    assert {one.level for one in findings} == {Level.OK}


def test_an_address_that_cannot_be_reached(retailer: Retailer, words) -> None:
    retailer.configure('path = "feeds/email"', 'path = "nosuchscheme://bucket/email"')
    findings = list(inputs.check_feeds(_subject(retailer)))
    assert "nosuchscheme" in words(findings, Level.FAIL)
    assert "support: 20 file(s)" in words(findings, Level.OK), "the other feeds are looked at"


def test_files_read_by_other_settings_are_named(retailer: Retailer, words) -> None:
    settings = load_settings(retailer.config)
    today = settings.feeds["pos"].tables["members"].format.sha256
    retailer.home.current.parent.mkdir(parents=True)
    with connect(retailer.home.current) as connection:
        ledger.prepare(connection, "demo", "key")
        for name, sha256 in (("old.csv", "other"), ("new.csv", today), ("unknown.csv", None)):
            ledger.record_files(
                connection,
                [ledger.LoadedFile(name, "sha", "", 1)],
                load_id="run",
                feed="pos",
                table="raw_pos.members",
                loaded_at=CLOCK,
                format_sha256=sha256,
            )
    said = words(inputs.check_formats(_subject(retailer)), Level.WARN)
    assert "raw_pos.members: 1 file(s) were read by other settings than today's: old.csv" in said
    assert "tokui reload old.csv" in said


def test_before_the_first_load_every_format_is_well(retailer: Retailer, words) -> None:
    assert "nothing is loaded yet" in words(inputs.check_formats(_subject(retailer)), Level.OK)
