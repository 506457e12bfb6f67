"""What the doctor says of the key, the warehouse and its publication."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import personal
from orchestration.doctor import warehouse
from orchestration.doctor.finding import Level, Subject
from orchestration.journal import utc_now
from tests.orchestration.conftest import SmallHome


@pytest.fixture
def published(small: SmallHome) -> SmallHome:
    small.publish("run-a", 1)
    return small


@pytest.fixture
def private(published: SmallHome, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """The published home as one of profile main, with a key of its own."""
    monkeypatch.delenv("TOKUI_HASH_KEY", raising=False)
    key = personal.load_key(published.home.root, "main")
    _set(published, f"profile = 'main', key_fingerprint = '{personal.fingerprint(key)}'")
    return replace(subject, settings=replace(subject.settings, profile="main"))


def _set(small: SmallHome, values: str) -> None:
    with duckdb.connect(str(small.home.current)) as connection:
        connection.execute(f"update ledger.identity set {values}")


def _key(subject: Subject) -> Path:
    return subject.home.root / "secret.key"


def test_the_key_of_the_warehouse(private: Subject, words) -> None:
    assert _key(private).stat().st_mode & 0o777 == 0o600
    assert "the one of this warehouse" in words(warehouse.check_key(private), Level.OK)


def test_a_key_that_others_can_read(private: Subject, words) -> None:
    _key(private).chmod(0o640)
    said = words(warehouse.check_key(private), Level.WARN)
    assert f"chmod 600 {_key(private)}" in said


def test_a_missing_key_is_not_made_anew(private: Subject, words) -> None:
    _key(private).unlink()
    assert "is missing" in words(warehouse.check_key(private), Level.FAIL)
    assert not _key(private).exists()


def test_another_key(private: Subject, words) -> None:
    _key(private).write_text("another")
    assert "not the one" in words(warehouse.check_key(private), Level.FAIL)


def test_a_key_of_the_environment_counts(
    private: Subject, monkeypatch: pytest.MonkeyPatch, words
) -> None:
    monkeypatch.setenv("TOKUI_HASH_KEY", _key(private).read_text())
    _key(private).unlink()
    assert "the one of this warehouse" in words(warehouse.check_key(private), Level.OK)


def test_no_key_is_needed_before_the_first_run(subject: Subject, words) -> None:
    main = replace(subject, settings=replace(subject.settings, profile="main"))
    assert "the first run makes" in words(warehouse.check_key(main), Level.OK)


def test_a_warehouse_of_another_profile_or_version(
    published: SmallHome, subject: Subject, words
) -> None:
    assert "schema version" in words(warehouse.check_warehouse(subject), Level.OK)
    _set(published, "profile = 'real'")
    assert 'belongs to profile "real"' in words(warehouse.check_warehouse(subject), Level.FAIL)
    _set(published, "profile = 'demo', schema_version = 2")
    assert "tokui upgrade" in words(warehouse.check_warehouse(subject), Level.FAIL)


def test_a_publication_that_is_whole(published: SmallHome, subject: Subject, words) -> None:
    findings = list(warehouse.check_publication(subject))
    assert [one.level for one in findings] == [Level.OK]
    assert "as of 2026-09-30" in findings[0].what


def test_a_served_file_that_is_gone_or_broken(
    published: SmallHome, subject: Subject, words
) -> None:
    published.home.served.unlink()
    said = words(warehouse.check_publication(subject), Level.WARN)
    assert "crm.duckdb holds version none" in said
    published.home.served.write_bytes(b"no database")
    assert "holds version none" in words(warehouse.check_publication(subject), Level.WARN)


def test_feeds_left_behind(published: SmallHome, subject: Subject, words) -> None:
    manifest = json.loads(published.home.manifest.read_text())
    published.home.manifest.write_text(json.dumps(manifest | {"feeds_held": ["email"]}))
    said = words(warehouse.check_publication(subject), Level.WARN)
    assert "feeds left behind: email" in said
    assert "tokui inspect run-a" in said


@pytest.mark.parametrize(("hours", "is_old"), [(35, False), (37, True)])
def test_a_publication_that_is_old(
    published: SmallHome, subject: Subject, hours: int, is_old: bool, words
) -> None:
    later = replace(subject, clock=utc_now() + timedelta(hours=hours))
    findings = list(warehouse.check_publication(later))
    assert (Level.WARN in {one.level for one in findings}) == is_old
    if is_old:
        assert "ended 37 hours ago" in words(findings, Level.WARN)


def test_a_fixed_clock_makes_no_publication_old(published: SmallHome, subject: Subject) -> None:
    fixed = replace(subject.settings, now="2026-10-02T06:00:00+09:00")
    later = replace(subject, settings=fixed, clock=datetime(2040, 1, 1))
    assert {one.level for one in warehouse.check_publication(later)} == {Level.OK}


def test_files_kept_from_an_upgrade(published: SmallHome, subject: Subject, words) -> None:
    assert not list(warehouse.check_kept_files(subject))
    kept = published.home.current.with_name("warehouse.v2.duckdb")
    os.link(published.home.current, kept)
    assert str(kept) in words(warehouse.check_kept_files(subject), Level.OK)
