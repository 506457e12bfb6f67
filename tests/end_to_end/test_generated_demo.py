"""The generated demo through the real job, and that nothing reads its truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.overrides import record_hash
from identity.why import explain
from ingestion.engine import connect
from ingestion.personal import DEMO_KEY
from orchestration.publication import read_manifest
from tests.generated import GeneratedRetailer, watched


@pytest.fixture
def own_demo(generated_demo: GeneratedRetailer, tmp_path: Path) -> GeneratedRetailer:
    """A copy of the generated demo that a test may change."""
    copy = generated_demo.copy_to(tmp_path / "demo")
    assert isinstance(copy, GeneratedRetailer)
    return copy


def as_of(retailer: GeneratedRetailer) -> str:
    manifest = read_manifest(retailer.home)
    assert manifest is not None
    return manifest["as_of"]


def test_the_base_history_is_published_whole(generated_demo: GeneratedRetailer) -> None:
    assert as_of(generated_demo) == "2026-09-30"
    assert generated_demo.journal.query("select * from ops.quarantined_rows") == []
    assert generated_demo.published(
        "select min(business_date)::varchar, max(business_date)::varchar "
        "from marts.fct_sales_receipt"
    ) == [("2024-10-01", "2026-09-30")]


def test_the_run_asked_for_nothing_of_the_truth(generated_demo: GeneratedRetailer) -> None:
    """It was made with the folder out of the way, so what is not Python would have stopped it."""
    assert generated_demo.asked_for == []
    assert (generated_demo.truth / "people.parquet").exists()


def test_what_is_opened_or_listed_is_noticed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "watched" / "people.parquet", tmp_path / "file"
    inside.parent.mkdir()
    inside.touch()
    with watched(inside.parent) as asked_for:
        inside.read_bytes()
        list(inside.parent.glob("*"))
        outside.touch()
    inside.read_bytes()
    assert asked_for == [str(inside), str(inside.parent)]


def test_a_decision_splits_a_customer_and_every_mart_follows(own_demo: GeneratedRetailer) -> None:
    """Two cards of one customer that both bought something, and somebody says they are two."""
    (one, key), (other, _) = two_cards_of_a_customer(own_demo)
    of_customer = f"select net_sales_lifetime from marts.customer_360 where customer_key = '{key}'"
    ((sales,),) = own_demo.published(of_customer)
    customers = len(own_demo.published("select 1 from marts.customer_360"))

    (own_demo.root / "decisions.csv").write_text(
        "action,source_system_a,source_id_a,source_system_b,source_id_b,reason\n"
        f"never,pos,{one},pos,{other},two sisters\n",
        encoding="utf-8",
    )
    with own_demo.config.open("a", encoding="utf-8") as settings:
        settings.write('\n[identity]\noverrides = "decisions.csv"\n')
    assert own_demo.refresh() == 0, own_demo.message()

    keys = [customer_of(own_demo, card) for card in (one, other)]
    assert key in keys
    assert keys[0] != keys[1]
    both = ", ".join(f"'{k}'" for k in keys)
    assert own_demo.published(
        f"select sum(net_sales_lifetime) from marts.customer_360 where customer_key in ({both})"
    ) == [(sales,)]
    assert len(own_demo.published("select 1 from marts.customer_360")) == customers + 1
    for mart in ("dim_customer", "customer_rfm", "customer_ltv", "dim_customer_history"):
        found = own_demo.published(
            f"select distinct customer_key from marts.{mart} where customer_key in ({both})"
        )
        assert {k for (k,) in found} == set(keys), mart
    assert own_demo.published(
        "select change_type, old_customer_key from marts.customer_key_change"
    ) == [("split", key)]
    reasons = explain(own_demo.home.current, DEMO_KEY, (f"pos:{one}", f"pos:{other}"))
    assert 'A decision says "never"' in reasons[1]


def two_cards_of_a_customer(retailer: GeneratedRetailer) -> list[tuple[str, str]]:
    """The member ids of two cards that bought something, with the customer's key."""
    with connect(retailer.home.current, read_only=True) as connection:
        return connection.execute(
            "select distinct r.member_id, i.customer_key from raw_pos.receipts r "
            "join intermediate.int_customer_identity i on i.source_id = r.member_id_hash "
            "qualify count(distinct r.member_id) over (partition by i.customer_key) = 2 "
            "order by i.customer_key, r.member_id limit 2"
        ).fetchall()


def customer_of(retailer: GeneratedRetailer, member_id: str) -> str:
    """The published key of a card's customer."""
    return retailer.published(
        "select customer_key from marts.dim_customer_identity "
        f"where is_current and source_id = '{record_hash(DEMO_KEY, 'pos', member_id)}'"
    )[0][0]
