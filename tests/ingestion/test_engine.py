"""What an engine takes of the machine: threads by the data, memory by the machine, or as told."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from ingestion import engine
from ingestion.engine import MEMORY, THREADS, connect, engine_settings, share_out_threads


@pytest.fixture(autouse=True)
def _nobody_said_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(THREADS, raising=False)
    monkeypatch.delenv(MEMORY, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)


def _machine(monkeypatch: pytest.MonkeyPatch, mib: int) -> None:
    pages = {"SC_PHYS_PAGES": mib, "SC_PAGE_SIZE": 1 << 20}
    monkeypatch.setattr(os, "sysconf", lambda name: pages[name])
    monkeypatch.setattr(engine, "_CONTAINER_MEMORY", Path("/no/container"))


def _file(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_small_file_gets_one_thread_and_a_large_one_every_core(tmp_path: Path) -> None:
    small = _file(tmp_path / "small", engine.SMALL_FILE - 1)
    large = _file(tmp_path / "large", engine.SMALL_FILE)
    assert engine_settings(small)["threads"] == "1"
    assert engine_settings(large)["threads"] == "6"
    assert engine_settings(tmp_path / "new")["threads"] == "6"
    assert engine_settings(Path(":memory:"))["threads"] == "6"


def _threads_to_read(path: Path, arriving: int) -> int:
    with duckdb.connect() as connection:
        share_out_threads(connection, path, arriving)
        row = connection.execute("select current_setting('threads')").fetchone()
    assert row is not None
    return int(row[0])


def test_a_large_delivery_gets_every_core_and_a_night_into_a_small_file_one_thread(
    tmp_path: Path,
) -> None:
    small, large = _file(tmp_path / "small", 1), _file(tmp_path / "large", engine.SMALL_FILE)
    assert _threads_to_read(small, 1 << 20) == 1
    assert _threads_to_read(small, 100 << 20) == 6
    assert _threads_to_read(large, 1 << 20) == 6


def test_who_names_threads_gets_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(THREADS, "3")
    assert engine_settings(_file(tmp_path / "small", 1))["threads"] == "3"
    assert _threads_to_read(_file(tmp_path / "small", 1), 100 << 20) == 3


def test_memory_is_half_of_a_small_machine_and_2_gb_of_a_large_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _machine(monkeypatch, 3000)
    assert engine_settings(tmp_path)["memory_limit"] == "1500MiB"
    _machine(monkeypatch, 64000)
    assert engine_settings(tmp_path)["memory_limit"] == "1907MiB"
    container = tmp_path / "memory.max"
    container.write_text(f"{800 << 20}\n")
    monkeypatch.setattr(engine, "_CONTAINER_MEMORY", container)
    assert engine_settings(tmp_path)["memory_limit"] == "400MiB"
    monkeypatch.setenv(MEMORY, "700MiB")
    assert engine_settings(tmp_path)["memory_limit"] == "700MiB"


def test_the_engine_obeys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(THREADS, "1")
    monkeypatch.setenv(MEMORY, "300MiB")
    with connect(tmp_path / "some.duckdb") as connection:
        asked = "select current_setting('threads'), current_setting('memory_limit')"
        assert connection.execute(asked).fetchall() == [(1, "300.0 MiB")]
