"""Which files are taken, in which order, and which are left."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import fsspec
import pytest

from ingestion.contract import FEEDS
from ingestion.discovery import (
    Discovery,
    delivery_of,
    discover,
    fetch,
    list_files,
    refuse_changed,
    why_left_alone,
)
from ingestion.errors import ConfigurationError, FileProblemError
from ingestion.settings import FeedSettings, FileFormat, TableSettings

POS = FEEDS["pos"]


def settings(path: Path | str, settle: float = 0.0, **patterns: str) -> FeedSettings:
    tables = {
        table.name: TableSettings(FileFormat(), patterns.get(table.name), table.mode)
        for table in POS.tables
    }
    return FeedSettings("pos", str(path), tables, settle_seconds=settle)


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def found(root: Path, **patterns: str) -> Discovery:
    return discover(POS, settings(root, **patterns))


@pytest.mark.parametrize(
    ("name", "delivery"),
    [
        ("receipts.csv", ""),
        ("receipts_2.csv", ""),
        ("receipts_20260701.csv", "20260701"),
        ("receipts-2026-07-01.csv.gz", "20260701"),
        ("receipts_20260701_1.csv", "20260701000001"),
        ("receipts_20260701_10.csv", "20260701000010"),
        ("receipts_20260701T063000.csv", "20260701063000"),
        ("receipts_20260701_201012.csv", "20260701201012"),
        ("receipts_20260701063000.csv", "20260701063000"),
        ("receipts_2026-07-01_06-30.csv", "20260701000630"),
        ("receipts_20260601-20260630.csv", "20260630"),
        ("receipts_202607.csv", "202607"),
        ("receipts_000123.csv", "000123"),
        ("receipts_20260701_S001.csv", "20260701"),
        ("receipts_新宿店_20260701.csv", "20260701"),
        ("2026-07-01/receipts.csv", "20260701"),
        ("2026/07/01/receipts_3.csv", "20260701000003"),
        ("dt=2026-07-01/receipts.parquet", "20260701"),
        ("year=2026/month=07/day=01/receipts.parquet", "20260701"),
        ("2026/06/receipts_20260701.csv", "20260701"),
        ("S001/receipts_20260701.csv", "20260701"),
    ],
)
def test_delivery_of_a_name(name: str, delivery: str) -> None:
    assert delivery_of(name, "receipts") == delivery


def test_files_come_in_the_order_of_their_deliveries(tmp_path: Path) -> None:
    put(tmp_path, "receipts_20260701_10.csv", "receipts_20260701_2.csv", "2026-06-30/receipts.csv")
    put(tmp_path, "receipts_20260702.csv", "receipts_20260701.csv")
    assert [file.name for file in found(tmp_path).files] == [
        "2026-06-30/receipts.csv",
        "receipts_20260701.csv",
        "receipts_20260701_2.csv",
        "receipts_20260701_10.csv",
        "receipts_20260702.csv",
    ]


def test_names_belong_to_tables(tmp_path: Path) -> None:
    put(tmp_path, "RECEIPTS_20260701.CSV", "receipt_lines-1.jsonl.zst", "members/part-0.parquet")
    put(
        tmp_path,
        "stores.txt",
        "日報_売上.csv",
        "receipts_old.csv",
        "staff.xlsx",
        ".hidden/staff.csv",
    )
    put(tmp_path, "stores.txt.done")
    discovery = found(tmp_path, payments="日報_*.csv")
    assert {file.name: file.table.name for file in discovery.files} == {
        "RECEIPTS_20260701.CSV": "receipts",
        "receipt_lines-1.jsonl.zst": "receipt_lines",
        "members/part-0.parquet": "members",
        "stores.txt": "stores",
        "日報_売上.csv": "payments",
    }
    assert discovery.unrecognised == ["receipts_old.csv", "staff.xlsx"]
    endings = {file.name: (file.ending, file.compression) for file in discovery.files}
    assert endings["receipt_lines-1.jsonl.zst"] == (".jsonl", ".zst")
    assert endings["RECEIPTS_20260701.CSV"] == (".csv", None)


def test_a_growing_file_waits_and_a_settled_one_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "receipts.csv", "stores.csv")
    long_ago = time.time() - 100
    os.utime(tmp_path / "stores.csv", (long_ago, long_ago))

    def grow() -> None:
        time.sleep(0.1)
        with (tmp_path / "receipts.csv").open("a") as file:
            file.write("more")

    writer = threading.Thread(target=grow)
    writer.start()
    discovery = discover(POS, settings(tmp_path, settle=0.4))
    writer.join()
    assert [file.name for file in discovery.files] == ["stores.csv"]
    assert discovery.unfinished == ["receipts.csv"]


def test_a_fresh_file_that_stays_as_it_is_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "receipts.csv")
    started = time.monotonic()
    discovery = discover(POS, settings(tmp_path, settle=0.3))
    assert [file.name for file in discovery.files] == ["receipts.csv"]
    assert time.monotonic() - started >= 0.2


def test_a_marker_makes_waiting_unnecessary(tmp_path: Path) -> None:
    put(tmp_path, "receipts.csv", "receipts.csv.done")
    started = time.monotonic()
    discovery = discover(POS, settings(tmp_path, settle=30))
    assert [file.name for file in discovery.files] == ["receipts.csv"]
    assert time.monotonic() - started < 5
    assert discovery.unrecognised == []


def test_addresses_of_other_file_systems(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/feeds/pos/2026-07-01/receipts.csv", b"hello")
    try:
        (file,) = discover(POS, settings("memory://feeds/pos", settle=30)).files
        assert (file.name, file.sequence) == ("2026-07-01/receipts.csv", "20260701")
        fetched = fetch(file, tmp_path / "scratch")
        assert fetched.local is not None and fetched.local.read_bytes() == b"hello"
        assert fetched.sha256.startswith("2cf24dba")
    finally:
        memory.rm("/feeds", recursive=True)
    put(tmp_path / "local", "receipts.csv")
    (file,) = discover(POS, settings(f"file://{tmp_path}/local")).files
    assert fetch(file, tmp_path / "scratch").local == tmp_path / "local" / "receipts.csv"


def test_an_absent_feed_has_no_files_and_a_wrong_folder_is_told(tmp_path: Path) -> None:
    absent = FeedSettings("pos", None, settings(tmp_path).tables)
    assert discover(POS, absent).files == []
    assert list_files(POS, settings(tmp_path)) == []
    with pytest.raises(ConfigurationError, match="Make the folder, mend feeds"):
        found(tmp_path / "nowhere")
    put(tmp_path, "receipts.csv")
    with pytest.raises(ConfigurationError, match="is a file"):
        found(tmp_path / "receipts.csv")
    strange = FeedSettings("pos", "nowhere://shop/pos", settings(tmp_path).tables)
    with pytest.raises(ConfigurationError, match=r"nowhere.*Mend feeds\.pos\.path"):
        discover(POS, strange)


def test_a_file_that_is_gone_is_a_problem_of_that_file(tmp_path: Path) -> None:
    put(tmp_path, "receipts.csv")
    (file,) = found(tmp_path).files
    (tmp_path / "receipts.csv").unlink()
    with pytest.raises(FileProblemError, match=r"receipts\.csv: .* is gone now"):
        fetch(file, tmp_path)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    put(tmp_path, "receipts.csv")
    (file,) = found(tmp_path).files
    fetched = fetch(file, tmp_path)
    refuse_changed(fetched)
    (tmp_path / "receipts.csv").write_text("more")
    with pytest.raises(FileProblemError, match="was changed or moved while it was read"):
        refuse_changed(fetched)
    (tmp_path / "receipts.csv").unlink()
    with pytest.raises(FileProblemError, match="renamed when it is whole"):
        refuse_changed(fetched)


def test_links_in_a_circle_and_pipes_keep_nobody_waiting(tmp_path: Path) -> None:
    put(tmp_path, "sub/receipts.csv")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "stores.csv").symlink_to("stores.csv")
    os.mkfifo(tmp_path / "members.csv")
    discovery = found(tmp_path)
    files = {file.name: file for file in discovery.files}
    assert set(files) == {"sub/receipts.csv", "stores.csv", "members.csv"}
    assert discovery.unrecognised == ["sub/loop"]
    for name, told in (("stores.csv", "Too many levels"), ("members.csv", "it is a pipe")):
        with pytest.raises(FileProblemError, match=f"{name}: the file cannot be opened .{told}"):
            fetch(files[name], tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sales.zip", "unpack it, or pack each file by itself as .gz or .zst"),
        ("売上.XLSX", "save its sheet as CSV"),
        ("sales_2026.csv.gz", "it bears the name of no table of the contract"),
        ("sales.pdf", "it ends in none of .csv, .tsv"),
        ("2026", "or is a link to a folder"),
    ],
)
def test_why_a_file_is_left_alone(name: str, told: str) -> None:
    assert told in why_left_alone(name)
