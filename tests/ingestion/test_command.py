"""`python -m ingestion`: a feed alone, without the orchestrator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.__main__ import main
from tests.ingestion.conftest import Shop

STORES = "store_id,name,channel,timezone,currency,area\nS1,Ginza,store,Asia/Tokyo,JPY,east\n"


@pytest.fixture
def command(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop.put("stores.csv", STORES)
    shop.settings()
    monkeypatch.setenv("TOKUI_CONFIG", str(shop.root / "tokui.toml"))
    monkeypatch.setenv("TOKUI_HOME", str(shop.root / "home"))
    return shop


def test_a_feed_runs_without_dagster(command: Shop) -> None:
    code = (
        "import sys\n"
        "from ingestion.__main__ import main\n"
        f"status = main(['pos', '--into', {str(command.warehouse)!r}])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'dagster', 'orchestration', 'expectations', 'dbt'}, loaded\n"
        "assert 'dlt' in loaded\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert command.rows("select store_id, _extra from raw_pos.stores") == [
        ("S1", '{"area":"east"}')
    ]
    assert "raw_pos.stores" in done.stdout
    assert "kept in _extra of raw_pos.stores: area" in done.stdout


def test_by_default_it_tries_in_a_warehouse_of_its_own(command: Shop) -> None:
    assert main(["pos"]) == 0
    with duckdb.connect(str(command.root / "home" / "try" / "warehouse.duckdb")) as connection:
        assert connection.sql("select count(*) from raw_pos.stores").fetchall() == [(1,)]


def test_it_prints_rows_set_aside_and_files_left_alone(
    command: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    command.put("payments.csv", "receipt_id,payment_no,method,amount\nsecret,1,cash,x\n")
    command.put("sales.xlsx", "x")
    assert main(["pos"]) == 0
    printed = capsys.readouterr().out
    assert "set aside: raw_pos.payments payments.csv line 2: amount: not an amount" in printed
    assert "left alone: sales.xlsx: a workbook is not read: save its sheet as CSV" in printed
    assert "secret" not in printed


@pytest.mark.parametrize("on_failure", ["stop", "hold"])
def test_refused_files_end_with_one(
    command: Shop, capsys: pytest.CaptureFixture[str], on_failure: str
) -> None:
    command.put("payments.csv", "")
    command.toml = f'[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "{on_failure}"\n'
    command.settings()
    assert main(["pos"]) == 1
    assert "payments.csv: the file is empty" in capsys.readouterr().err


def test_mistakes_of_configuration_end_with_two(
    command: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["email"]) == 2
    assert "set path under [feeds.email]" in capsys.readouterr().err
    assert main(["pos", "--into", str(command.root / "other.duckdb")]) == 2
    assert "must be named warehouse.duckdb" in capsys.readouterr().err
    assert main(["pos"]) == 0
    monkeypatch.setenv("TOKUI_HASH_KEY", "another key")
    assert main(["pos"]) == 2
    assert "Restore secret.key" in capsys.readouterr().err
