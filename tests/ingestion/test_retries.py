"""What can pass is tried three times and said; what cannot, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from ingestion import retries
from ingestion.contract import FEEDS
from ingestion.discovery import discover, fetch
from ingestion.errors import ConfigurationError, FileProblemError
from ingestion.retries import patiently
from ingestion.settings import FeedSettings
from tests.ingestion.test_discovery import settings

POS = FEEDS["pos"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE_SECONDS", 0.0)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FeedSettings:
    """A feed in an object store (fsspec's in memory) with one file."""
    filesystem = fsspec.filesystem("memory")
    with filesystem.open("/stutter/receipts.csv", "wb") as stream:
        stream.write(b"receipt_id\n1\n")
    yield settings("memory://stutter")
    filesystem.rm("/stutter", recursive=True)


def _failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def action() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return action, calls


def test_the_third_try_counts_and_the_two_before_are_said() -> None:
    action, calls = _failing(2, ConnectionResetError("reset"))
    said: list[str] = []
    assert patiently("listing s3://shop", action, said.append) == "done"
    assert len(calls) == 3
    assert said == [
        "listing s3://shop failed (ConnectionResetError), try 1 of 3; again in 0 s",
        "listing s3://shop failed (ConnectionResetError), try 2 of 3; again in 0 s",
    ]


def test_a_fourth_try_is_not_made() -> None:
    action, calls = _failing(3, TimeoutError("slow"))
    with pytest.raises(TimeoutError, match="slow"):
        patiently("fetching", action, lambda _: None)
    assert len(calls) == 3


@pytest.mark.parametrize("error", [FileNotFoundError(), PermissionError(), ValueError()])
def test_what_cannot_pass_is_tried_once(error: Exception) -> None:
    action, calls = _failing(1, error)
    with pytest.raises(type(error)):
        patiently("fetching", action, lambda _: None)
    assert len(calls) == 1


def test_a_store_that_stutters_is_listed_and_read(
    store: FeedSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stutter(monkeypatch, "find", 2)
    _stutter(monkeypatch, "get_file", 2)
    said: list[str] = []
    (file,) = discover(POS, store, said.append).files
    assert fetch(file, tmp_path, said.append).sha256
    assert [words.split(" failed")[0] for words in said] == ["listing memory://stutter"] * 2 + [
        "fetching receipts.csv"
    ] * 2


def test_a_store_that_is_down_is_named(
    store: FeedSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = discover(POS, store).files
    _stutter(monkeypatch, "get_file", 3)
    with pytest.raises(FileProblemError, match=r"receipts\.csv.*cannot be opened"):
        fetch(file, tmp_path)
    _stutter(monkeypatch, "find", 3)
    with pytest.raises(ConfigurationError, match="cannot list memory://stutter"):
        discover(POS, store)


def _stutter(monkeypatch: pytest.MonkeyPatch, method: str, times: int) -> None:
    """Let a method of the store fail so many times before it works."""
    kind = type(fsspec.filesystem("memory"))
    whole, failed = getattr(kind, method), []

    def stuttering(*arguments: object, **options: object) -> object:
        if len(failed) < times:
            failed.append(1)
            raise ConnectionError("the network is down")
        return whole(*arguments, **options)

    monkeypatch.setattr(kind, method, stuttering)
