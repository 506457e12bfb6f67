"""The Parquet of each kept version under a path of its own: whole, unchanging, and never behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration import parquet_folders
from orchestration.publication import read_manifest, roll_forward
from orchestration.run import heal
from tests.orchestration.conftest import SmallHome
from tests.orchestration.test_publication import PowerCutError

FILES = ["dim_store.parquet", "fct_sale.parquet"]


def numbers(small: SmallHome) -> dict[str, int]:
    """The one number of each version's folder, read as a tool reads it."""
    found = {}
    for folder in sorted(small.home.parquet.iterdir()):
        assert sorted(path.name for path in folder.iterdir()) == FILES
        one = duckdb.sql(f"select store_id from '{folder}/dim_store.parquet'").fetchall()
        two = duckdb.sql(f"select distinct number from '{folder}/fct_sale.parquet'").fetchall()
        assert one == two
        found[folder.name] = one[0][0]
    return found


def test_each_kept_version_has_its_folder(make_home: Callable[..., SmallHome]) -> None:
    small = make_home("home", "[publication]\nkeep_versions = 2\n")
    versions = [small.publish(f"run{n}", n).version for n in range(4)]
    assert numbers(small) == {versions[2]: 2, versions[3]: 3}
    assert read_manifest(small.home)["version"] == versions[3]
    files = [*small.home.parquet.rglob("*.parquet")]
    assert len(files) == 4
    assert all(not file.is_symlink() and file.stat().st_nlink == 2 for file in files)


def test_an_older_date_has_no_folder(small: SmallHome) -> None:
    version = small.publish("one", 1).version
    small.publish("two", 2, as_of="2026-08-31")
    assert numbers(small) == {version: 1}


def test_a_warehouse_of_before_gets_folders_of_all_its_versions(small: SmallHome) -> None:
    versions = [small.publish(f"run{n}", n).version for n in range(2)]
    shutil.rmtree(small.home.parquet)
    roll_forward(small.home, print)
    assert numbers(small) == dict(zip(versions, range(2), strict=True))


@pytest.mark.parametrize("call", [1, 4, 6, 7])
def test_cut_off_at_any_sync_or_rename_the_next_start_brings_it_up(
    make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    small = make_home("home", "[publication]\nkeep_versions = 1\n")
    small.publish("one", 1)
    calls = iter(range(100))

    def cut_off(original: Callable[..., None]) -> Callable[..., None]:
        def cut(*arguments: object, **options: object) -> None:
            if next(calls) == call:
                raise PowerCutError
            original(*arguments, **options)

        return cut

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        for name in ("link", "sync"):
            patch.setattr(parquet_folders, name, cut_off(getattr(parquet_folders, name)))
        patch.setattr(parquet_folders.shutil, "rmtree", cut_off(shutil.rmtree))
        small.publish("two", 2)
    seen = {path.name for path in small.home.parquet.iterdir() if path.name[0] != "."}
    assert all(numbers_of_one(small.home.parquet / name) for name in seen)
    heal(small.home, small.settings)
    published = read_manifest(small.home)["version"]
    kept = {path.name for path in small.home.versions.iterdir()}
    assert published in kept
    assert numbers(small).keys() == kept
    assert not list(small.home.parquet.glob(".*"))


def test_a_version_whose_removal_was_cut_off_gets_no_folder(
    make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_home("home", "[publication]\nkeep_versions = 1\n")
    small.publish("one", 1)
    original = shutil.rmtree

    def cut_off(path: Path, **options: bool) -> None:
        if path.parent == small.home.versions and (path / "parquet").exists():
            (path / "parquet" / FILES[0]).unlink()
            raise PowerCutError
        original(path, **options)

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(shutil, "rmtree", cut_off)
        small.publish("two", 2)
    heal(small.home, small.settings)
    version = read_manifest(small.home)["version"]
    assert numbers(small) == {version: 2}
    assert [path.name for path in small.home.versions.iterdir()] == [version]


def test_nobody_writes_into_a_version(small: SmallHome) -> None:
    version = small.publish("one", 1).version
    files = [path for path in (small.home.versions / version).rglob("*") if path.is_file()]
    assert {"crm.duckdb", "report.html", *FILES} <= {path.name for path in files}
    assert all(path.stat().st_mode & 0o222 == 0 for path in [*files, small.home.served])
    umask = os.umask(0o027)
    try:
        assert small.publish("two", 2).version and small.home.served.stat().st_mode & 0o777 == 0o440
    finally:
        os.umask(umask)


def numbers_of_one(folder: Path) -> bool:
    return sorted(path.name for path in folder.iterdir()) == FILES


def test_a_folder_taken_away_is_whole_until_it_is_gone(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = small.publish("one", 1).version
    seen: list[list[str]] = []
    original = shutil.rmtree

    def look(path: Path, **options: bool) -> None:
        seen.append([path.name for path in small.home.parquet.glob("[!.]*")])
        original(path, **options)

    monkeypatch.setattr(parquet_folders.shutil, "rmtree", look)
    parquet_folders.drop(small.home, version)
    assert seen[-1] == []
    assert not list(small.home.parquet.iterdir())


def test_without_hard_links_the_folders_are_copies(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    version = small.publish("one", 1).version
    assert numbers(small) == {version: 1}
