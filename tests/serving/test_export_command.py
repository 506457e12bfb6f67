"""`tokui export` on the published sample: the mart's rows, in the order of its key."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main
from tests.conftest import ROOT, Retailer

EXCEL = "utf-8-sig"


@pytest.fixture
def tokui(
    published_demo: Retailer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Runs the command on the sample, in a folder of its own."""
    published_demo.use()
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: main(["export", *arguments])


def rows_of(file: Path, encoding: str = EXCEL) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_bytes().decode(encoding), newline="")))


def test_every_table_equals_its_mart_in_key_order(
    tokui: Callable[..., int], published_demo: Retailer, tmp_path: Path
) -> None:
    assert tokui("--all", "--out", "all") == 0
    written = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert written == sorted(f"{name}_2026-09-30.csv" for name in published_demo.digests())
    folder = published_demo.home.versions / published_demo.version() / "parquet"
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        for name in published_demo.digests():
            mart = connection.sql(f"from '{folder}/{name}.parquet'")
            texts = ", ".join(f"coalesce(\"{column}\"::varchar, '')" for column in mart.columns)
            wanted = [list(row) for row in mart.project(texts).fetchall()]
            header, *rows = rows_of(tmp_path / "all" / f"{name}_2026-09-30.csv")
            assert header == mart.columns
            assert rows == wanted, name


def test_the_order_is_kept_over_many_row_groups(tmp_path: Path) -> None:
    from serving.exports.csv_format import CsvFormat
    from serving.exports.tables import PublishedVersion, export_table

    (tmp_path / "parquet").mkdir()
    duckdb.sql(
        "copy (select i, repeat('x', 50) as text from range(300000) t(i)) "
        f"to '{tmp_path}/parquet/many.parquet' (row_group_size 20000)"
    )
    version, out = PublishedVersion(tmp_path, "2026-09-30", {"many": 300_000}), io.BytesIO()
    export_table(version, "many", out, CsvFormat(), ["i"])
    numbers = out.getvalue().decode(EXCEL).split("\r\n")[1:-1]
    assert numbers == [str(number) for number in range(300_000)]


def test_one_table_goes_into_this_folder(
    tokui: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tokui("marts.dim_store", "--columns", "store_id, store_name") == 0
    assert capsys.readouterr().out == "dim_store_2026-09-30.csv: 2 row(s)\n"
    (file,) = tmp_path.iterdir()
    assert rows_of(file)[0] == ["store_id", "store_name"]
    assert file.read_bytes().startswith(b"\xef\xbb\xbfstore_id,store_name\r\n")


def test_a_table_named_twice_is_written_once(tokui: Callable[..., int]) -> None:
    assert tokui("dim_store", "marts.dim_store", "--out", "stores.csv") == 0
    assert [path.name for path in Path().iterdir()] == ["stores.csv"]


def test_a_folder_that_is_not_there_is_made(tokui: Callable[..., int], tmp_path: Path) -> None:
    assert tokui("dim_store", "--out", "new/folder/") == 0
    assert (tmp_path / "new/folder/dim_store_2026-09-30.csv").is_file()


def test_cp932_and_a_name_of_ones_own(tokui: Callable[..., int], tmp_path: Path) -> None:
    assert tokui("dim_store", "--encoding", "cp932", "--out", "店.csv") == 0
    assert "新宿" in (tmp_path / "店.csv").read_bytes().decode("cp932")


def test_what_cp932_lacks_leaves_the_old_file(
    tokui: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from serving.exports import csv_text

    (tmp_path / "stores.csv").write_text("of yesterday")
    monkeypatch.setattr(csv_text, "_ALIKE", str.maketrans({"宿": "𠮟"}))
    assert tokui("dim_store", "--encoding", "cp932", "--out", "stores.csv") == 1
    said = capsys.readouterr().err
    assert "nothing was written: row 1, column store_name: CP932 has no character U+20B9F" in said
    assert [path.read_text() for path in tmp_path.iterdir()] == ["of yesterday"]
    assert tokui("dim_store", "--encoding", "cp932", "--out", "stores.csv", "--replace") == 0
    assert "character(s) replaced by 〓" in capsys.readouterr().err


def test_a_table_too_long_for_excel_is_told(
    tokui: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from serving.exports import tables

    monkeypatch.setattr(tables, "EXCEL_ROWS", 2)
    assert tokui("dim_store") == 0
    assert "dim_store has more rows than a sheet of Excel" in capsys.readouterr().err
    monkeypatch.setattr(tables, "EXCEL_ROWS", 3)
    assert tokui("dim_store") == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kpi_daly"], "no table kpi_daly is published. Did you mean kpi_daily"),
        (["pii.pos_members"], "no table pii.pos_members is published"),
        (["dim_store", "--columns", "name"], "dim_store has no column name; it has store_id,"),
        (["dim_store", "--version", "1999"], "no kept version begins with 1999. Kept are: 20"),
        (["dim_store", "--out", "none/such.csv"], "none/such.csv cannot be written (No such file"),
        (
            ["dim_store", "dim_date", "--out", "-"],
            "--columns and --out - (standard output) are for one table",
        ),
        (["dim_store", "dim_date", "--out", "/dev/null"], "/dev/null cannot be made a folder"),
        ([], "name tables, as in `tokui export kpi_daily`, or --all"),
        (["dim_store", "--all"], "name tables, as in `tokui export kpi_daily`, or --all"),
    ],
)
def test_refused_with_what_to_do(
    tokui: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    assert tokui(*arguments) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_to_a_program_that_reads_no_further(published_demo: Retailer) -> None:
    published_demo.use()
    whole = "from orchestration.cli import main; raise SystemExit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", whole, "export", "fct_touchpoint", "--out", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().decode(EXCEL).startswith("touchpoint_id,")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_nothing_published_yet(
    new_retailer: Callable[[str], Retailer], capsys: pytest.CaptureFixture[str]
) -> None:
    new_retailer("empty").use()
    assert main(["export", "kpi_daily"]) == 2
    assert "Run `tokui refresh` first" in capsys.readouterr().err
