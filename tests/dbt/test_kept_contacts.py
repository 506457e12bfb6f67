"""What is kept of e-mails and of audiences: after each night it is what a full rebuild gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.conftest import Warehouse
from tests.dbt.test_kept_tables import FIRST_DAY, Shop, assert_is_a_rebuild, opened, was_slice

STAGED = (
    "stg_pos__stores",
    "stg_arrival_prints",
    "stg_touched_keys",
    "stg_email__campaigns",
    "stg_email__subscribers",
    "stg_email__contacts",
    "stg_email__events",
)
PRINTS = ("int_event_prints", "int_contact_prints")
PEOPLE = """
    create schema intermediate;
    create table intermediate.int_customer_identity (
        source_system varchar, source_id varchar, customer_key varchar
    );
    insert into intermediate.int_customer_identity
    select 'email', 'hash of s' || n, 'c' || n from range(12) as ids (n)
    union all
    select 'pos', 'hash of m' || n, 'c' || n from range(12) as ids (n);
    create table intermediate.int_customers as
    select 'c' || n as customer_key, false as is_internal from range(12) as ids (n);
    create table intermediate.int_coupons_issued (campaign_id varchar, issued_at timestamp);
    create table intermediate.int_coupon_redemptions (campaign_id varchar, redeemed_at timestamp);
    create table intermediate.int_event_attendances (campaign_id varchar, occurred_at timestamp);
"""
"""Twelve people, who each have an address and a card; no coupons and no guests yet."""
TYPES = ("delivered", "open", "click", "bounce_soft", "bounce_hard", "dropped", "unsubscribe")


class MailTool(Shop):
    """A tool that delivers events and lists of audiences every night."""

    models = (
        *STAGED,
        "int_email_events",
        "int_event_prints",
        "int_touched_events",
        "int_email_messages",
        "int_campaigns",
        "int_contact_prints",
        "int_touched_entries",
        "int_campaign_recipients",
        "int_campaign_suppressions",
        "int_touched_contacts",
        "fct_campaign_contact",
        "fct_email_event",
    )
    kept = (
        "intermediate.int_email_messages",
        "intermediate.int_campaign_recipients",
        "marts.fct_campaign_contact",
        "marts.fct_email_event",
    )
    people = PEOPLE

    def open(self) -> None:
        """Ten campaigns to every other address, or to cards alone, and their events."""
        campaigns = [{"campaign_id": f"k{n}", "channel": "email"} for n in range(10)]
        self._deliver("raw_email.campaigns", campaigns)
        lists = [contact(f"k{k}", f"s{s}") for k in range(10) for s in range(12) if (s + k) % 2]
        lists += [contact("k0", None, f"m{m}") for m in range(3)]
        lists += [contact(campaign, "s2", sent_at=None) for campaign in ("k2", "none")]
        lists.append(contact("k1", "s2", "m2"))
        self._deliver("raw_email.contacts", lists)
        self._deliver("raw_email.events", [self._event(f"e{n}") for n in range(60)])

    def next_night(self) -> None:
        """New events, one that came again otherwise, a single message, and a list's late entry."""
        self.night += 1
        news = [self._event(f"n{self.night}-{n}") for n in range(3)]
        news.append(self._event(f"e{self.dice.randint(0, 59)}") | {"is_machine": True})
        news.append(self._event(f"single{self.night}") | {"campaign_id": None})
        self._deliver("raw_email.events", news)
        entry = contact(f"k{self.night}", f"s{self.night}", f"m{self.night}")
        self._deliver("raw_email.contacts", [entry])

    def events(self, *rows: dict[str, Any]) -> None:
        """Events of a night of their own."""
        self.night += 1
        self._deliver("raw_email.events", list(rows))

    def drop_contact(self, campaign: str, subscriber: str) -> None:
        """A snapshot of an audience that lacks an entry."""
        key = (campaign, subscriber, "")
        self.warehouse.delete("raw_email.contacts", *key, load_number=self.night + 1)

    def move_address(self, address: int, customer: int) -> None:
        """As a merge or a split does."""
        self._execute(
            f"update intermediate.int_customer_identity set customer_key = 'c{customer}' "
            f"where source_id = 'hash of s{address}'"
        )

    def _event(self, event: str) -> dict[str, Any]:
        return {
            "event_id": event,
            "campaign_id": f"k{self.dice.randint(0, 9)}",
            "subscriber_id": f"s{self.dice.randint(0, 13)}",
            "event_type": self.dice.choice(TYPES),
            "occurred_at": FIRST_DAY + timedelta(days=self.dice.randint(0, 50)),
        }


def contact(
    campaign: str,
    subscriber: str | None,
    member: str | None = None,
    sent_at: datetime | None = FIRST_DAY,
) -> dict[str, Any]:
    """An entry of an audience."""
    return {
        "campaign_id": campaign,
        "subscriber_id": subscriber,
        "member_id": member,
        "sent_at": sent_at,
    }


@pytest.fixture
def tool(warehouse: Warehouse) -> MailTool:
    """A tool whose first load is built."""
    return opened(MailTool, warehouse)


def touched(warehouse: Warehouse) -> tuple[int, int]:
    """Events and entries that the last night worked out."""
    return warehouse.query(
        "select (select count(*) from intermediate.int_touched_events), "
        "(select count(*) from intermediate.int_touched_entries)"
    )[0]


def assert_a_slice_is_a_rebuild(tool: MailTool, tmp_path: Path, **options: Any) -> None:
    """The night worked out touched keys alone, and the tables hold what a rebuild gives."""
    tool.build(tool.warehouse, **options)
    assert all(was_slice(tool.warehouse, prints) for prints in PRINTS)
    assert_is_a_rebuild(tool, tmp_path, **options)


def test_nights_of_late_events_are_rebuilds(tool: MailTool, tmp_path: Path) -> None:
    for _ in range(3):
        tool.next_night()
        assert_a_slice_is_a_rebuild(tool, tmp_path)
        events, entries = touched(tool.warehouse)
        assert 3 <= events <= 7 and 1 <= entries <= 9


def test_who_people_are_reaches_their_rows(tool: MailTool, tmp_path: Path) -> None:
    tool.move_address(1, 2)
    tool.move_member(2, 5)
    tool.make_internal(3)
    assert_a_slice_is_a_rebuild(tool, tmp_path)
    tool._execute("delete from intermediate.int_customer_identity where source_id = 'hash of s4'")
    assert_a_slice_is_a_rebuild(tool, tmp_path)


@pytest.mark.parametrize("change", [{"channel": "line"}, {"sent_at": FIRST_DAY - timedelta(9)}])
def test_another_campaign_reaches_its_contacts(
    tool: MailTool, tmp_path: Path, change: dict[str, Any]
) -> None:
    tool.night += 1
    campaign = {"campaign_id": "k2", "channel": "email"}
    tool._deliver("raw_email.campaigns", [campaign | change])
    assert_a_slice_is_a_rebuild(tool, tmp_path)


def test_a_campaign_begins_by_a_coupon(tool: MailTool, tmp_path: Path) -> None:
    query = "select count(*) from marts.fct_campaign_contact where campaign_id = 'none'"
    assert tool.warehouse.query(query) == [(0,)]
    tool._execute(
        "insert into intermediate.int_coupons_issued values ('none', timestamp '2024-01-05')"
    )
    assert_a_slice_is_a_rebuild(tool, tmp_path)
    assert tool.warehouse.query(query) == [(1,)]


def test_a_contact_that_is_gone_is_gone(tool: MailTool, tmp_path: Path) -> None:
    """One without a message vanishes, one with a message stays, and one gets a card beside it."""
    query = "select count(*) from marts.fct_campaign_contact"
    (before,) = tool.warehouse.query(query)[0]
    tool._execute("delete from raw_email.events where campaign_id = 'k3'")
    tool._execute("delete from staging.stg_email__events where campaign_id = 'k3'")
    tool.drop_contact("k3", "s4")
    tool.drop_contact("k4", "s5")
    assert_a_slice_is_a_rebuild(tool, tmp_path)
    (after,) = tool.warehouse.query(query)[0]
    assert after < before


def test_a_message_before_its_contact_is_one_contact(tool: MailTool, tmp_path: Path) -> None:
    tool.events(
        {
            "event_id": "first",
            "campaign_id": "k5",
            "subscriber_id": "s20",
            "event_type": "delivered",
            "occurred_at": FIRST_DAY,
        }
    )
    assert_a_slice_is_a_rebuild(tool, tmp_path)
    tool.night += 1
    tool._deliver("raw_email.contacts", [contact("k5", "s20", "m20")])
    assert_a_slice_is_a_rebuild(tool, tmp_path)


def test_another_message_tells_why_nothing_was_sent(tool: MailTool, tmp_path: Path) -> None:
    def reason() -> Any:
        return tool.warehouse.query(
            "select suppressed_reason from marts.fct_campaign_contact "
            "where campaign_id = 'k6' and customer_key = 'c6'"
        )

    tool.night += 1
    tool._deliver("raw_email.campaigns", [{"campaign_id": "k6", "sent_at": FIRST_DAY}])
    tool._execute("delete from raw_email.events where subscriber_id = 's6'")
    tool._execute("delete from staging.stg_email__events where subscriber_id = 's6'")
    tool._deliver("raw_email.contacts", [contact("k6", "s6", sent_at=None)])
    tool.build(tool.warehouse)
    assert reason() == [("not_sent_yet",)]
    tool.events(
        {
            "event_id": "late",
            "campaign_id": "k7",
            "subscriber_id": "s6",
            "event_type": "complaint",
            "occurred_at": FIRST_DAY - timedelta(days=1),
        }
    )
    assert_a_slice_is_a_rebuild(tool, tmp_path)
    assert reason() == [("complained",)]


@pytest.mark.parametrize("as_of", [-1, 20, 61])
def test_another_as_of_date_moves_what_lies_between(
    tool: MailTool, tmp_path: Path, as_of: int
) -> None:
    tool.next_night()
    assert_a_slice_is_a_rebuild(tool, tmp_path, as_of=as_of)


@pytest.mark.parametrize(
    ("table", "keys", "of"),
    [
        ("stg_email__events", "event_id", "event_id"),
        ("stg_email__contacts", "campaign_id", "subscriber_id_hash"),
        ("stg_email__campaigns", "campaign_id", "campaign_id"),
    ],
)
def test_whatever_a_model_reads_is_in_the_print(
    tool: MailTool, tmp_path: Path, table: str, keys: str, of: str
) -> None:
    """One column that the print left out would leave its rows as they were."""
    tool.change_each_column(f"staging.{table}", keys, of=of)
    assert_a_slice_is_a_rebuild(tool, tmp_path, without=STAGED)
    assert any(touched(tool.warehouse))


def test_a_night_without_news_touches_nothing(tool: MailTool) -> None:
    tool.build(tool.warehouse)
    assert all(was_slice(tool.warehouse, prints) for prints in PRINTS)
    assert touched(tool.warehouse) == (0, 0)


def test_a_table_left_behind_is_made_up_for(tool: MailTool, tmp_path: Path) -> None:
    tool.next_night()
    tool.build(tool.warehouse, without=("int_email_messages", "fct_campaign_contact"))
    tool.next_night()
    assert_a_slice_is_a_rebuild(tool, tmp_path)
