"""A file that is read again leaves what a warehouse would hold that had read it so at first."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import FeedStoppedError
from tests.ingestion.conftest import Shop

PRODUCTS = "product_id,name,価格\n"
MAPPED = '[feeds.pos.tables.products.columns]\n"価格" = "list_price"\n'
HOLD = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "hold"\n'
FIRST, SECOND, THIRD = (f"products_2026070{day}.csv" for day in (1, 2, 3))


@pytest.fixture
def twin(shop: Shop, tmp_path: Path) -> Shop:
    """The same shop, whose settings were right from the beginning."""
    (tmp_path / "twin").mkdir()
    return Shop(tmp_path / "twin", shop.template)


def _state(shop: Shop) -> list[list[tuple]]:
    return [
        shop.rows(f"from {table} order by all")
        for table in ("raw_pos.products", "raw_pos.members", "pii.pos_members", "ledger.deletions")
    ] + [shop.rows("select * exclude (loaded_at) from ledger.files order by all")]


def _deliver(shops: tuple[Shop, ...], name: str, rows: str) -> None:
    for shop in shops:
        shop.put(name, PRODUCTS + rows)
        shop.load()


def test_what_was_compared_with_the_file_is_read_again_in_the_old_order(
    shop: Shop, twin: Shop
) -> None:
    """Unmapped, the price is one of the unknown columns; the second file repeats a row of it."""
    twin.toml = MAPPED
    _deliver((shop, twin), FIRST, "P1,tea,100\nP2,milk,200\n")
    _deliver((shop, twin), SECOND, "P1,tea,100\nP2,milk,250\n")
    _deliver((shop, twin), THIRD, "P3,rice,300\n")
    assert shop.rows("select count(list_price) from raw_pos.products") == [(0,)]
    shop.toml = MAPPED
    request = shop.ask_to_reload("raw_pos.products", FIRST)
    report = shop.load().tables["products"]
    assert (report.forgotten, report.rows_in, report.unchanged, report.stored) == (3, 4, 1, 3)
    assert shop.outcome(request) == "3 row(s) forgotten, 2 file(s) read again"
    assert shop.rows("select list_price::int from raw_pos.products where product_id = 'P3'") == [
        (None,)
    ], "a file of which no row was left out stays as it was read"
    shop.ask_to_reload("raw_pos.products", THIRD)
    shop.load()
    assert _state(shop) == _state(twin)
    assert shop.load().tables["products"].forgotten == 0, "a request is heard once"


def test_personal_values_are_read_again_too(shop: Shop, twin: Shop) -> None:
    shop.toml = '[feeds.pos.tables.members.columns]\n"氏名" = "company"\n'
    twin.toml = shop.toml.replace("company", "name")
    for one in (shop, twin):
        one.put("members_20260701.csv", "member_id,氏名,updated_at\nM1,山田 太郎,2026-07-01\n")
        one.load()
    shop.toml = twin.toml
    shop.ask_to_reload("raw_pos.members", "members_20260701.csv")
    shop.load()
    assert _state(shop) == _state(twin)


def test_snapshots_tell_their_deletions_again(shop: Shop, twin: Shop) -> None:
    """Read with the wrong column as the key, other keys vanish than in truth."""
    snapshot = '[feeds.pos.tables.products]\nmode = "snapshot"\nmax_vanished_share = 1.0\n'
    shop.toml = snapshot + '[feeds.pos.tables.products.columns]\n"code" = "product_id"\n'
    twin.toml = snapshot
    headers = "code,product_id,name\n"
    twin.toml += '[feeds.pos.tables.products.columns]\n"product_id" = "product_id"\n'
    shop.toml += '"product_id" = "category_1"\n'
    for name, rows in ((FIRST, "A,P1,a\nB,P2,b\n"), (SECOND, "B,P1,a\n"), (THIRD, "B,P1,a\n")):
        for one in (shop, twin):
            one.put(name, headers + rows)
            one.load()
    assert shop.rows("select row_key from ledger.deletions") == [("A",)]
    shop.toml = twin.toml
    shop.ask_to_reload("raw_pos.products", FIRST)
    shop.load()
    assert shop.rows("select row_key from ledger.deletions") == [("P2",)]
    assert _state(shop) == _state(twin)


def test_a_file_mended_in_its_place_takes_the_old_place(shop: Shop) -> None:
    shop.toml = MAPPED
    shop.put(FIRST, PRODUCTS + "P1,tea,100\n")
    shop.load()
    shop.put(FIRST, PRODUCTS + "Q1,tea,100\n")
    shop.ask_to_reload("raw_pos.products", FIRST)
    shop.load()
    assert shop.rows("select product_id, _load_id from raw_pos.products") == [("Q1", "night1")]


def test_a_released_row_is_released_again(shop: Shop) -> None:
    shop.toml = MAPPED
    shop.put(FIRST, PRODUCTS + "P1,tea,x\nP2,milk,1\n")
    shop.load()
    shop.decide(FIRST, 2, list_price="5")
    shop.load()
    shop.ask_to_reload("raw_pos.products", FIRST)
    report = shop.load().tables["products"]
    assert (report.forgotten, report.stored, report.released) == (2, 1, 1)
    assert shop.rows("select list_price::int from raw_pos.products order by 1") == [(1,), (5,)]


@pytest.mark.parametrize("fault", ["gone", "other content", "refused"])
def test_what_cannot_be_read_again_is_left_as_it_was(shop: Shop, fault: str) -> None:
    shop.toml = HOLD + MAPPED
    _deliver((shop,), FIRST, "P1,tea,100\n")
    _deliver((shop,), SECOND, "P1,tea,100\nP2,milk,1\n")
    before = _state(shop)
    path = shop.root / "pos" / SECOND
    if fault == "gone":
        path.unlink()
    elif fault == "other content":
        shop.put(SECOND, PRODUCTS + "P9,other,1\n")
    else:
        (shop.root / "pos" / FIRST).write_text(PRODUCTS + "P1,tea,x\n" * 5, encoding="utf-8")
    request = shop.ask_to_reload("raw_pos.products", FIRST)
    (held,) = shop.load().held
    assert _state(shop) == before
    assert shop.outcome(request) == ""
    if fault != "refused":
        assert SECOND in held.message and f"tokui reload --withdraw {FIRST}" in held.message
    shop.toml = MAPPED
    with pytest.raises(FeedStoppedError):
        shop.load()
