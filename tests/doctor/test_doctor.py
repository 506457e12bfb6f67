"""The command: statuses, JSON, findings that are crashes, and that it touches nothing."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import doctor
from orchestration.cli import main
from orchestration.doctor.finding import Level
from tests.conftest import ROOT, Retailer, make_retailer
from tests.orchestration.conftest import SmallHome
from tests.orchestration.test_lock import HOLD


@pytest.fixture
def retailer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Retailer:
    retailer = make_retailer(tmp_path / "retailer")
    monkeypatch.setenv("TOKUI_HOME", str(retailer.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(retailer.config))
    return retailer


def _look(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    status = main(["doctor", "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_new_retailer_has_no_failure(
    retailer: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    status, findings = _look(capsys)
    assert status == 0
    assert {one["check"] for one in findings} >= {*doctor.INSTALLATION, "configuration", "feeds"}
    assert [one["check"] for one in findings if one["level"] != "ok"] == ["publication"]
    assert not retailer.home.root.exists(), "looking makes no folder"


def test_a_missing_folder_of_a_feed_is_1(
    retailer: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    retailer.configure('path = "feeds/email"', 'path = "feeds/mail"')
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "fail  feeds          feed email:" in said
    assert "→ Until then a run stops at this feed." in said
    assert said.splitlines()[-1].endswith(", 1 fail")


def test_a_configuration_that_cannot_be_read_is_a_finding(
    retailer: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    retailer.configure("[company]", "[compony]")
    status, findings = _look(capsys)
    assert status == 1
    assert findings[-1]["check"] == "configuration"
    assert "compony" in findings[-1]["what"]
    assert {one["check"] for one in findings} == {*doctor.INSTALLATION, "configuration"}


def test_a_check_that_crashes_is_a_finding(
    retailer: Retailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashes(subject: object) -> list:
        raise ZeroDivisionError("by zero")

    monkeypatch.setitem(doctor.CHECKS, "disk", crashes)
    findings = doctor.examine()
    crashed = [one for one in findings if one.level is Level.FAIL]
    assert [(one.check, "ZeroDivisionError: by zero" in one.what) for one in crashed] == [
        ("disk", True)
    ]
    assert findings[-1].check == "dagster", "the checks behind it are done"


def test_a_wrong_plan_is_a_finding_with_its_line(retailer: Retailer) -> None:
    plan = retailer.root / "store_closings.csv"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("2026-10-12", "soon"), encoding="utf-8"
    )
    failed = [one for one in doctor.examine() if one.level is Level.FAIL]
    assert [one.check for one in failed] == ["plans"]
    assert "store_closings.csv: line 3" in failed[0].what


def test_wrong_usage_is_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--loud"])
    assert ended.value.code == 2


def test_it_writes_nothing_and_takes_no_lock(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.publish("run-a", 1)
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(small.home.lock)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    before = _hashes(small.home.root)
    findings = doctor.examine()
    assert _hashes(small.home.root) == before
    said = {one.check: one.what for one in findings}
    assert said["lock"] == f"a run is going (process {holder.pid})"
    holder.kill()
    holder.wait()
    said = {one.check: one.what for one in doctor.examine()}
    assert said["lock"] == "free"
    assert _hashes(small.home.root) == before


def _hashes(folder: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
