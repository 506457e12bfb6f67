"""Addresses to the block number, worked out by hand."""

from __future__ import annotations

import pytest

from ingestion.normalisation.addresses import normalised_address


def in_shiba(address: str | None) -> str | None:
    return normalised_address("東京都", "港区", address)


@pytest.mark.parametrize(
    "address",
    [
        "芝1丁目2番3号",
        "芝1-2-3",
        "芝１−２−３",
        "芝１ー２ー３",
        "芝１‐２‐３",
        "芝一丁目二番三号",
        "芝1丁目2-3",
        "芝 1丁目 2番 3号",
        "芝01-02-03",
        "芝1の2の3",
        "芝1-2-3 メゾン芝405",
        "芝1-2-3メゾン芝405号室",
        "芝1丁目2番3号405",
        "芝1-2-3-405",
        "港区芝1-2-3",
        "東京都港区芝1-2-3",
        "〒105-0014 東京都港区芝1-2-3",
        "東京都 港区 芝 1-2-3",
    ],
)
def test_spellings_of_a_block_number_are_one(address: str) -> None:
    assert in_shiba(address) == "東京都港区芝 1-2-3"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("芝1-2-4", "芝 1-2-4"),
        ("芝12-3", "芝 12-3"),
        ("芝二十三番地", "芝 23"),
        ("芝23番地の5", "芝 23-5"),
        ("芝23番地五", "芝 23-5"),
        ("芝23番地 405", "芝 23"),
        ("芝千二百三番地", "芝 1203"),
        ("芝二三番地", "芝 23"),
        ("大字芝23", "芝 23"),
        ("丸の内1-2", "丸ノ内 1-2"),
        ("丸ノ内1-2", "丸ノ内 1-2"),
        ("霞が関1-2", "霞ケ関 1-2"),
        ("霞ヶ関1-2", "霞ケ関 1-2"),
        ("金澤町1-2", "金沢町 1-2"),
    ],
)
def test_numbers_and_places_are_kept_apart(address: str, place: str) -> None:
    assert in_shiba(address) == f"東京都港区{place}"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("六本木6-10-1", "六本木 6-10-1"),
        ("六本木六丁目十番一号", "六本木 6-10-1"),
        ("八丁堀2-3-4", "八丁堀 2-3-4"),
        ("一番町2-3", "一番町 2-3"),
        ("一番町二番地三", "一番町 2-3"),
        ("三田3-4", "三田 3-4"),
        ("四谷1-2", "四谷 1-2"),
        ("3区1-2", "3区 1-2"),
    ],
)
def test_a_number_in_the_name_of_a_place_is_no_block(address: str, place: str) -> None:
    assert in_shiba(address) == f"東京都港区{place}"


def test_grids_and_land_lots() -> None:
    sapporo = "北海道", "札幌市中央区"
    assert normalised_address(*sapporo, "北一条西二丁目3番4号") == "北海道札幌市中央区北1条西 2-3-4"
    assert normalised_address(*sapporo, "北1条西2-3-4") == "北海道札幌市中央区北1条西 2-3-4"
    lot = normalised_address("岩手県", "八幡平市", "大更第12地割34-5")
    assert lot == "岩手県八幡平市大更第12地割 34-5"


@pytest.mark.parametrize(
    "address", [None, "", "芝", "芝1丁目", "芝三丁目", "芝メゾン", "芝405号室", "-", "1" * 300]
)
def test_without_a_block_number_there_is_no_key(address: str | None) -> None:
    assert in_shiba(address) is None


def test_a_street_without_a_city_is_none() -> None:
    """本町1-2-3 stands in hundreds of cities."""
    assert normalised_address(None, None, "本町1-2-3") is None
    assert normalised_address(None, "", "東京都港区芝1-2-3") == in_shiba("芝1-2-3")
    assert normalised_address(None, "国立市", "東1-2-3") == normalised_address(
        "", "國立市", "東1-2-3"
    )
