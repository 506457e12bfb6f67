"""`tokui query`: what a person may ask at a terminal, and what the file refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors import ConfigurationError
from orchestration import cli
from serving.exports.lists import open_warehouse
from serving.query import show
from tests.conftest import Retailer


def ask(retailer: Retailer, *arguments: str) -> int:
    retailer.use()
    return cli.main(["query", *arguments])


def test_it_prints_a_table(published_demo: Retailer, capsys: pytest.CaptureFixture[str]) -> None:
    (count,) = published_demo.published("select count(*) from marts.dim_store")[0]
    assert ask(published_demo, "select count(*) as stores from marts.dim_store") == 0
    said = capsys.readouterr().out
    assert "stores" in said and str(count) in said


def test_it_reads_a_statement_from_standard_input(
    published_demo: Retailer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "question.sql"
    file.write_text("select 'asked' as answer")
    with file.open() as asked:
        monkeypatch.setattr("sys.stdin", asked)
        assert ask(published_demo, "-") == 0
    assert "asked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select nothing from marts.dim_store", "nothing"),
        ("delete from marts.dim_store", "read-only"),
        ("copy marts.dim_store to 'stores.csv'", "disabled by configuration"),
        ("select * from read_csv('kpi_targets.csv')", "disabled by configuration"),
        ("set enable_external_access = true", "locked"),
    ],
)
def test_a_statement_that_is_wrong_or_reaches_outside_is_refused(
    published_demo: Retailer, capsys: pytest.CaptureFixture[str], sql: str, words: str
) -> None:
    assert ask(published_demo, sql) == 2
    said = capsys.readouterr().err
    assert words in said and "crm.duckdb" in said


def test_a_file_that_somebody_writes_into_is_told(tmp_path: Path) -> None:
    file = tmp_path / "crm.duckdb"
    writer = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", writer, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        for look in (
            lambda: show(file, "select 1", 1),
            lambda: open_warehouse(file, file).__enter__(),
        ):
            with pytest.raises(ConfigurationError, match=r"crm\.duckdb cannot be opened"):
                look()
        process.stdin.close()


def test_before_the_first_publication_it_says_what_to_do(
    new_retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(new_retailer(), "select 1") == 2
    assert "tokui refresh" in capsys.readouterr().err
