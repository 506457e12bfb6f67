"""A first tokui.toml from a folder of exports: what is recognised, what is said of the rest."""

from __future__ import annotations

import gzip
import shutil
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.contract import find_table
from ingestion.dry_run import check_file
from ingestion.first_settings.guess import TABLES, guess, mapping
from ingestion.first_settings.look import look, look_around
from ingestion.first_settings.words import _dictionary as dictionary
from ingestion.first_settings.words import column_of
from ingestion.settings import Settings, load_settings
from orchestration.cli import main
from tests.conftest import ROOT, SAMPLE

REGISTER = ROOT / "tests" / "sample_register"
NOW = datetime(2026, 10, 1)
LINES = "レシート番号,行番号,商品コード,数量,単価,金額,明細区分\r\nR1,1,P1,1,100,100,{word}\r\n"


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command in a folder that has the exports in `exports/`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOKUI_CONFIG", raising=False)
    (tmp_path / "exports").mkdir()
    return lambda *arguments: main(["init", "exports", *arguments])


def put(name: str, text: str, encoding: str = "cp932") -> None:
    Path("exports", name).write_bytes(text.encode(encoding))


def settings() -> Settings:
    return load_settings(Path("tokui.toml").absolute())


def problems(folder: Path, given: Settings) -> list[str]:
    """What a run would refuse or set aside of the files of a folder."""
    found = []
    for file in sorted(folder.rglob("*.[ct]sv")):
        check = check_file(file, None, given, Path("none"), NOW)
        found += [f"{file.name}: {check.problem}"] if check.problem else []
        found += [f"{file.name} line {row.line}: {row.reason}" for row in check.aside]
    return found


def test_a_japanese_registers_exports_are_read_without_a_hand(
    init: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(REGISTER, "exports", dirs_exist_ok=True)
    assert init() == 0
    said = capsys.readouterr().out
    assert "raw_pos.members                1 file(s)  cp932  19 of 19 columns" in said
    assert "not taken: 引き継ぎメモ.xlsx: a workbook is not read: save its sheet as CSV" in said
    assert "MISSING" not in said
    assert problems(Path("exports"), settings()) == []
    text = Path("tokui.toml").read_text(encoding="utf-8")
    assert '"電話番号（携帯）" = "phone"   # a guess: check it' in text
    assert "# Not known, kept in _extra: 備考." in text
    for value in ("青木", "guest01@example.jp", "075-0000-2000", "架空町"):
        assert value not in text + said


def test_the_samples_feeds_are_read_as_its_own_settings_read_them(
    init: Callable[..., int],
) -> None:
    shutil.copytree(SAMPLE / "feeds", "exports", dirs_exist_ok=True)
    assert init() == 0
    guessed, own = settings(), load_settings(SAMPLE / "tokui.toml")
    for name, feed in own.feeds.items():
        assert guessed.feeds[name].path == str(Path("exports", name).absolute())
        assert guessed.feeds[name].tables == feed.tables


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified_name)
def test_every_word_of_the_dictionary_is_of_the_contract(table: object) -> None:
    columns = {column.name: column for column in table.columns}
    book = dictionary()
    assert set(book["files"]) == {one.name for one in TABLES}
    assert set(book["columns_of"].get(table.name, {})) <= set(columns)
    for name, words in book.get("values_of", {}).get(table.name, {}).items():
        assert set(words) <= set(columns[name].allowed)
    for name in columns:
        assert column_of(table, name) == (name, True)


def test_columns_of_all_tables_are_of_one_at_least() -> None:
    known = {column.name for table in TABLES for column in table.columns}
    assert set(dictionary()["columns"]) <= known
    assert set(dictionary()["values"]) <= known
    assert set(dictionary()["columns_of"]) <= {table.name for table in TABLES}


def test_each_column_once_and_the_surer_header_wins() -> None:
    columns, unsure = mapping(
        find_table("raw_pos.members"), ("お客様電話番号", "電話番号", "ＴＥＬ", "会員番号", "x")
    )
    assert columns == {"電話番号": "phone", "会員番号": "member_id"}
    assert unsure == set()


def test_a_word_means_what_its_table_means() -> None:
    assert column_of(find_table("raw_pos.receipt_lines"), "単価") == ("unit_price", True)
    assert column_of(find_table("raw_pos.products"), "単価") == ("list_price", True)
    assert column_of(find_table("raw_pos.payments"), "金額（税込）") == ("amount", False)
    assert column_of(find_table("raw_pos.stores"), "単価") is None


def test_what_is_missing_is_told_and_refused_later(
    init: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    put("商品.csv", "商品コード,大分類,備考\r\nA,茶,x\r\n")
    assert init() == 0
    assert "2 of 3 columns; MISSING: name" in capsys.readouterr().out
    assert "# MISSING, and required: name." in Path("tokui.toml").read_text(encoding="utf-8")
    assert "lacks the required column name" in problems(Path("exports"), settings())[0]


def test_files_of_several_days_get_a_pattern_that_takes_no_other(
    init: Callable[..., int],
) -> None:
    receipts = "レシート番号,店舗コード,取引日時,取引区分,合計金額,更新日時\r\n"
    for day in ("20260929", "20260930"):
        put(f"売上{day}.csv", receipts + f"R{day},1,2026/09/30 10:00,売上,100,2026/09/30\r\n")
        put(f"売上明細{day}.csv", LINES.format(word="商品"))
    assert init() == 0
    tables = settings().feeds["pos"].tables
    assert tables["receipts"].files == "売上[0-9]*.csv"
    assert tables["receipt_lines"].files == "売上明細*.csv"
    found = {file.name: file.table.name for file in _listed(settings())}
    assert found["売上20260930.csv"] == "receipts"
    assert found["売上明細20260930.csv"] == "receipt_lines"


def _listed(given: Settings) -> list:
    from ingestion.contract import FEEDS
    from ingestion.discovery import list_files

    return list_files(FEEDS["pos"], given.feeds["pos"])


def test_strange_words_are_named_only_where_they_are_a_list(
    init: Callable[..., int],
) -> None:
    header, row = LINES.split("\r\n")[:2]
    many = "\r\n".join(row.format(word="役務") for _ in range(20))
    put("売上明細.csv", f"{header}\r\n{many}\r\n")
    assert init() == 0
    text = Path("tokui.toml").read_text(encoding="utf-8")
    assert "Words of line_type that are not known: 役務. Map each to one of: sale, return," in text
    put("売上明細.csv", f"{header}\r\n{row.format(word='山田太郎')}\r\n")
    assert init("--force") == 0
    text = Path("tokui.toml").read_text(encoding="utf-8")
    assert "山田太郎" not in text
    assert "1 that are not shown here" in text


def test_a_first_row_of_values_is_never_shown(
    init: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    put("members.csv", "M1,山田太郎,yamada@x.jp\r\n")
    put("名簿.csv", "M1,鈴木花子,suzuki@x.jp\r\n")
    put("staff.csv", "staff_id,name\r\nS1,佐藤\r\n")
    assert init() == 0
    text = Path("tokui.toml").read_text(encoding="utf-8") + capsys.readouterr().out
    assert "3 columns are not known, or the first line is not a header" in text
    assert "名簿.csv: no table of the contract fits its 3 column(s)" in text
    for value in ("山田", "鈴木", "佐藤", "@x.jp"):
        assert value not in text


def test_what_lies_there_is_not_written_over(
    init: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(REGISTER, "exports", dirs_exist_ok=True)
    Path("tokui.toml").write_text("# mine", encoding="utf-8")
    assert init() == 2
    assert "is there already" in capsys.readouterr().err
    assert Path("tokui.toml").read_text(encoding="utf-8") == "# mine"
    assert init("--out", "other.toml") == 0
    assert init("--force") == 0
    assert tomllib.loads(Path("tokui.toml").read_text(encoding="utf-8"))["feeds"]["pos"]


def test_settings_that_cannot_be_read_replace_none(
    init: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(REGISTER, "exports", dirs_exist_ok=True)
    Path("tokui.toml").write_text("# mine", encoding="utf-8")
    monkeypatch.setattr("ingestion.first_settings.write.settings_text", lambda *_: "no toml")
    assert init("--force") == 2
    assert Path("tokui.toml").read_text(encoding="utf-8") == "# mine"
    assert sorted(path.name for path in Path().iterdir()) == ["exports", "tokui.toml"]


def test_a_header_with_a_control_sign_is_written_so_that_it_is_read(
    init: Callable[..., int],
) -> None:
    put("商品.csv", "商品コード\x7f,商品名\r\nA,茶\r\n")
    assert init() == 0
    assert settings().feeds["pos"]


def test_a_folder_without_a_known_file_writes_nothing(
    init: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    put("メモ.csv", "あ,い\r\n1,2\r\n")
    assert init() == 2
    assert "no file in exports is recognised" in capsys.readouterr().err
    assert main(["init", "nowhere"]) == 2
    assert not Path("tokui.toml").exists()


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter", "problem"),
    [
        ("名,値\n一,1\n".encode(), "utf-8", ",", ""),
        ("\ufeff名;値\n一;1\n".encode(), "utf-8", ";", ""),
        ("名,値\n一,1\n".encode("cp932"), "cp932", ",", ""),
        ("名\t値\nｶﾅ\t1\n".encode("cp932"), "cp932", "\t", ""),
        ("名,値\nひらがな,1\n".encode("euc_jp"), "utf-8", ",", "it is EUC-JP"),
        ("名,値\n一,1\n".encode("utf-16"), "utf-8", ",", "it is UTF-16"),
        (b"PK\x03\x04...", "utf-8", ",", "an Excel workbook"),
        (b"", "utf-8", ",", ""),
        (b"\x81\xff\xff", "utf-8", ",", "of an encoding that is not known"),
    ],
)
def test_how_a_file_is_written(
    tmp_path: Path, data: bytes, encoding: str, delimiter: str, problem: str
) -> None:
    for name, content in (("a.csv", data), ("a.csv.gz", gzip.compress(data))):
        (tmp_path / name).write_bytes(content)
        seen = look(tmp_path / name, name)
        assert problem in seen.problem
        assert bool(seen.problem) is bool(problem)
        if data and not problem:
            assert (seen.encoding, seen.delimiter) == (encoding, delimiter)
            assert seen.header == ("名", "値")
            assert seen.column("値") == ["1"]


def test_json_lines_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    line = '{"product_id": "' + "x" * 20_000 + '"}\n'
    (tmp_path / "products.jsonl").write_text(line * 60, encoding="utf-8")
    seen = look(tmp_path / "products.jsonl", "products.jsonl")
    assert (seen.problem, seen.header) == ("", ("product_id",))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", gzip.compress(b"a,b\n" * 9)[:10] + b"\xff" * 20),
        ("a.csv.zst", b"no archive"),
        ("a.jsonl", b"[1, 2]\n"),
        ("a.jsonl", b'{"a": 1}\n3\n'),
        ("a.jsonl", b"{"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert look(tmp_path / name, name).problem


def test_other_kinds_of_files(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "products.jsonl").write_text(
        '{"商品コード": "A"}\n{"商品コード": "B", "商品名": "茶"}\n', encoding="utf-8"
    )
    duckdb.sql(f"copy (select 1 as store_id, 'x' as name) to '{tmp_path}/stores.parquet'")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "receipts.csv.done").touch()
    found = guess(look_around(tmp_path))
    assert [one.table.name for one in found.tables] == ["stores", "products"]
    assert found.tables[0].missing == ["channel", "timezone", "currency"]
    assert found.tables[1].columns == {"商品コード": "product_id", "商品名": "name"}
    assert [name for name, _ in found.left] == ["broken.parquet"]
