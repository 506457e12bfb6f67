"""Whom a list with addresses reaches: consent as it stands now, one address a person."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.errors import ConfigurationError
from serving.exports.csv_format import CsvFormat
from serving.exports.list_request import ListRequest, ListResult
from serving.exports.lists import find_list, hand_out, open_warehouse
from serving.exports.mobile_numbers import mobile_number
from tests.conftest import Retailer

NOW = datetime(2026, 10, 1, 21, 0)
LATER = "timestamp '2026-10-01 12:00:00'"
"""After the sample's as-of date, 30 September: the marts do not know of it."""
COUPON = ["E09", "E11", "E13", "E14"]
"""Whom the sample's list first_time_coupon includes."""

Export = Callable[..., tuple[list[dict[str, str]], ListResult]]


@pytest.fixture
def warehouse(published_demo: Retailer, tmp_path: Path) -> Path:
    """The sample's warehouse, its marts beside it."""
    shutil.copy(published_demo.home.served, tmp_path / "crm.duckdb")
    return Path(shutil.copy(published_demo.home.current, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def change(warehouse: Path) -> Callable[[str], None]:
    """Changes what the warehouse knows."""

    def execute(sql: str) -> None:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(sql)

    return execute


@pytest.fixture
def export(warehouse: Path) -> Export:
    """Hands a list out: rows of the file by column, and what came of it."""

    def run(name: str = "first_time_coupon", **asked: Any) -> Any:
        out = io.BytesIO()
        with open_warehouse(warehouse, warehouse.with_name("crm.duckdb")) as connection:
            found = find_list(connection, name)
            request = ListRequest(
                found.kind,
                found.list_id,
                asked.get("channel") or found.channel,
                asked.get("purpose", "marketing"),
                "marketing",
                NOW,
                effect_weeks=1,
                campaign_id=asked.get("campaign", ""),
            )
            result = hand_out(connection, request, out, CsvFormat("utf-8-no-bom"))
        rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
        assert len(rows) == result.rows == result.candidates - sum(result.refused.values())
        return rows, result

    return run


def ids(rows: list[dict[str, str]]) -> list[str]:
    return sorted(row["subscriber_id"] for row in rows)


def hash_of(subscriber: str) -> str:
    return (
        "(select subscriber_id_hash from staging.stg_email__subscribers "
        f"where subscriber_id = '{subscriber}')"
    )


def consent(
    subscriber: str, action: str, channel: str = "email", purpose: str = "marketing"
) -> str:
    return (
        "insert into staging.stg_email__consents by name select 'K99' as consent_id, "
        f"{hash_of(subscriber)} as subscriber_id_hash, '{purpose}' as purpose, "
        f"'{channel}' as channel, '{action}' as action, {LATER} as occurred_at"
    )


def event(subscriber: str, kind: str) -> str:
    return (
        "insert into staging.stg_email__events by name select 'V999' as event_id, "
        f"'{kind}' as event_type, {LATER} as occurred_at, "
        f"{hash_of(subscriber)} as subscriber_id_hash"
    )


def held_out(subscriber: str, sent_at: str) -> str:
    return (
        "insert into staging.stg_email__campaigns by name "
        f"select 'C9' as campaign_id, 'email' as channel, timestamp '{sent_at}' as sent_at; "
        "insert into staging.stg_email__contacts by name select 'C9' as campaign_id, "
        f"{hash_of(subscriber)} as subscriber_id_hash, true as is_holdout"
    )


def test_a_list_has_whom_it_includes_with_their_addresses(export: Export) -> None:
    rows, result = export()
    assert ids(rows) == COUPON
    assert list(rows[0]) == ["email", "name", "subscriber_id", "customer_key"]
    assert {row["subscriber_id"]: row["email"] for row in rows}["E14"] == "reader14@example.com"
    assert {row["subscriber_id"]: row["name"] for row in rows}["E14"] == "読者 十四"
    assert result.refused == {"no_consent": 2}


def test_a_list_is_in_its_own_order(export: Export, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse.with_name("crm.duckdb")), read_only=True) as connection:
        ranked = connection.execute(
            "select customer_key from marts.promotion_list "
            "where list_id = 'loyal_no_complaint' and is_included order by list_rank"
        ).fetchall()
    assert [row["customer_key"] for row in export("loyal_no_complaint")[0]] == [
        k for (k,) in ranked
    ]


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (consent("E11", "withdrawn"), "no_consent"),
        (event("E11", "unsubscribe"), "unsubscribed"),
        (event("E11", "complaint"), "complained"),
        (event("E11", "bounce_hard"), "hard_bounce"),
        (
            f"update staging.stg_email__subscribers set status = 'unsubscribed', "
            f"updated_at = {LATER} where subscriber_id = 'E11'",
            "unsubscribed",
        ),
        ("delete from staging.stg_email__subscribers where subscriber_id = 'E11'", "no_address"),
        (
            "update raw_email.subscribers set email_hash = 'other' where subscriber_id = 'E11'",
            "no_address",
        ),
        (
            "delete from intermediate.int_customer_identity "
            f"where source_id = {hash_of('E11')} and source_system = 'email'",
            "gone",
        ),
        (held_out("E11", "2026-09-30 01:00:00"), "held_out"),
        (held_out("E11", "2026-12-01 01:00:00"), "held_out"),
        (
            "insert into intermediate.int_customer_identity by name select 'pos' as source_system, "
            "'m' as source_id, customer_key from intermediate.int_customer_identity "
            f"where source_id = {hash_of('E11')}; insert into staging.stg_pos__members by name "
            "select 'm' as member_id_hash, true as is_internal",
            "internal",
        ),
    ],
)
def test_who_said_no_since_the_last_run_is_left_out(
    export: Export, change: Callable[[str], None], happened: str, reason: str
) -> None:
    change(happened)
    rows, result = export()
    assert ids(rows) == ["E09", "E13", "E14"]
    assert result.refused == {"no_consent": 2} | {reason: 3 if reason == "no_consent" else 1}


@pytest.mark.parametrize("kind", ["unsubscribe", "complaint"])
def test_a_later_consent_lifts_a_no(
    export: Export, change: Callable[[str], None], kind: str
) -> None:
    change(event("E11", kind))
    change(
        f"update staging.stg_email__events set occurred_at = {LATER} - to_days(1) "
        "where event_id = 'V999'"
    )
    change(consent("E11", "granted"))
    assert ids(export()[0]) == COUPON
    change(
        "update staging.stg_email__events set occurred_at = occurred_at + to_days(1) "
        "where event_id = 'V999'"
    )
    assert ids(export()[0]) == ["E09", "E13", "E14"]  # At one instant, the no stands.


def test_a_campaign_that_is_measured_holds_nobody_out(
    export: Export, change: Callable[[str], None]
) -> None:
    change(held_out("E11", "2026-09-24 20:00:00"))
    assert ids(export()[0]) == COUPON
    assert ids(export(campaign="C9")[0]) == ["E09", "E13", "E14"]


def test_a_no_for_an_address_counts_for_whoever_shares_it(
    export: Export, change: Callable[[str], None]
) -> None:
    change(
        "update staging.stg_email__subscribers set email_key = 1, email_hash = 'shared' "
        "where subscriber_id in ('E12', 'E11'); update raw_email.subscribers "
        "set email_hash = 'shared' where subscriber_id = 'E11'"
    )
    rows, result = export()
    assert ids(rows) == ["E09", "E13", "E14"]
    assert result.refused["no_address"] == 1


def test_an_address_is_written_once(export: Export, change: Callable[[str], None]) -> None:
    change(
        "update staging.stg_email__subscribers set email_key = 1 "
        "where subscriber_id in ('E13', 'E14')"
    )
    rows, result = export()
    assert len(rows) == 3
    assert result.refused == {"no_consent": 2, "same_address": 1}


def test_of_several_addresses_the_newest_consented(
    export: Export, change: Callable[[str], None], warehouse: Path
) -> None:
    change(
        "update intermediate.int_customer_identity set customer_key = (select customer_key "
        f"from intermediate.int_customer_identity where source_id = {hash_of('E13')}) "
        f"where source_id = {hash_of('E14')}"
    )
    rows, result = export()
    assert ids(rows) == ["E09", "E11", "E14"]
    assert result.refused["gone"] == 1
    change(consent("E13", "granted"))
    assert ids(export()[0]) == ["E09", "E11", "E13"]
    change(
        "update staging.stg_email__subscribers set status = 'bounced' where subscriber_id = 'E13'"
    )
    assert ids(export()[0]) == ["E09", "E11", "E14"]


def test_another_purpose_needs_its_own_consent(
    export: Export, change: Callable[[str], None]
) -> None:
    assert export(purpose="research")[1].refused == {"no_consent": 6}
    change(consent("E11", "granted", purpose="research"))
    assert ids(export(purpose="research")[0]) == ["E11"]
    assert ids(export()[0]) == COUPON


def test_an_address_that_no_tool_can_use_is_left_out(
    export: Export, change: Callable[[str], None]
) -> None:
    change(
        "update pii.email_subscribers set email = '=cmd|''/c calc''!A1@x.jp' "
        "where subscriber_id = 'E11'; update pii.email_subscribers set name = '=1+1' "
        "where subscriber_id = 'E14'; update pii.email_subscribers "
        "set email = 'e13..@docomo.ne.jp ' where subscriber_id = 'E13'"
    )
    rows, result = export()
    told = {row["subscriber_id"]: row for row in rows}
    assert sorted(told) == ["E09", "E13", "E14"]
    assert told["E14"]["name"] == "'=1+1"
    assert told["E13"]["email"] == "e13..@docomo.ne.jp"
    assert result.refused["no_address"] == 1
    for start in "-+":
        change(
            f"update pii.email_subscribers set email = '{start}1@x.jp' where subscriber_id = 'E13'"
        )
        assert export()[1].refused["no_address"] == 2


@pytest.mark.parametrize("value", ["=1+1", "-1", "@SUM(1)", "U1\n=1", ""])
def test_a_line_account_that_is_none_is_left_out(
    export: Export, change: Callable[[str], None], value: str
) -> None:
    change(f"update pii.support_chat_links set line_user_id = '{value}'")
    assert export("champions", channel="line")[1].refused == {"no_address": 2}


def test_line_goes_to_who_follows_and_did_not_block(
    export: Export, change: Callable[[str], None]
) -> None:
    rows, result = export("champions", channel="line")
    assert (len(rows), result.refused) == (1, {"no_address": 1})
    assert rows[0]["line_user_id"].startswith("U")
    assert "no_consent" in export("champions", channel="line", purpose="research")[1].refused
    change(
        "insert into staging.stg_support__chat_links by name select 'L99' as link_id, "
        f"line_user_id_hash, 'block' as action, {LATER} as occurred_at "
        "from staging.stg_support__chat_links where link_id = 'L01'"
    )
    assert export("champions", channel="line")[1].refused == {"no_address": 2}


def test_sms_and_post_need_a_grant_and_a_member(
    export: Export, change: Callable[[str], None]
) -> None:
    for channel in ("sms", "post"):
        assert export("champions", channel=channel)[1].refused == {"no_consent": 2}
    for subscriber in ("E01", "E08"):
        change(consent(subscriber, "granted", "sms"))
        change(consent(subscriber, "granted", "dm"))
    change(
        "update pii.pos_members set phone = '03-3218-4560' where member_id = 'M0008'; "
        "update pii.pos_members set phone = '090-3218-4560' where member_id = 'M0001'"
    )
    rows, result = export("champions", channel="sms")
    assert [(row["phone"], row["name"]) for row in rows] == [("09032184560", "髙橋 花子")]
    assert result.refused == {"no_address": 1}
    rows, result = export("champions", channel="post")
    assert {row["prefecture"] for row in rows} == {"東京都", "神奈川県"}
    assert sorted(row["member_id"] for row in rows) == ["M0001", "M0008"]
    change(f"update staging.stg_pos__members set left_at = {LATER} where member_id = 'M0008'")
    assert len(export("champions", channel="post")[0]) == 1


def no_of_another(channel: str) -> str:
    """E11 becomes the member `m`, and says no on a channel."""
    return (
        "insert into intermediate.int_customer_identity by name select 'pos' as source_system, "
        "'m' as source_id, customer_key from intermediate.int_customer_identity "
        f"where source_id = {hash_of('E11')}; {consent('E11', 'withdrawn', channel)}"
    )


def test_a_no_counts_for_whoever_has_the_same_line_account(
    export: Export, change: Callable[[str], None]
) -> None:
    change(no_of_another("line"))
    assert len(export("champions", channel="line")[0]) == 1
    change(
        "insert into staging.stg_support__chat_links by name select 'L99' as link_id, "
        f"'link_account' as action, 'm' as member_id_hash, {LATER} as occurred_at, "
        "line_user_id_hash from staging.stg_support__chat_links where link_id = 'L01'"
    )
    assert export("champions", channel="line")[1].refused == {"no_address": 2}


def test_a_no_counts_for_whoever_has_the_same_telephone(
    export: Export, change: Callable[[str], None]
) -> None:
    change(consent("E01", "granted", "sms"))
    change(no_of_another("sms"))
    change(
        "update pii.pos_members set phone = '090-3218-4560' where member_id = 'M0001'; "
        "update staging.stg_pos__members set phone_key = 7 where member_id = 'M0001'"
    )
    assert len(export("champions", channel="sms")[0]) == 1
    change(
        "insert into staging.stg_pos__members by name select 'm' as member_id_hash, 7 as phone_key"
    )
    assert export("champions", channel="sms")[1].refused == {"no_address": 1, "no_consent": 1}


def test_numbers_that_take_messages() -> None:
    assert mobile_number("０９０－３２１８－４５６０") == "09032184560"
    assert mobile_number("+44 7911 123987") == "+447911123987"
    assert mobile_number("03-3333-1234") is None
    assert mobile_number("not a number") is None


def test_names_of_lists(warehouse: Path, change: Callable[[str], None]) -> None:
    with open_warehouse(warehouse, warehouse.with_name("crm.duckdb")) as connection:
        found = find_list(connection, "dormant_winback")
        assert (found.kind, found.channel, len(found.recipe_hash or "")) == ("list", "email", 32)
        assert find_list(connection, "segment:champions").kind == "segment"
        with pytest.raises(ConfigurationError, match="lists: dormant_winback, first"):
            find_list(connection, "nobody")
        with pytest.raises(ConfigurationError, match="there is no list:champions"):
            find_list(connection, "list:champions")
    change("insert into plans.segment_rules by name select 'dormant_winback' as segment_id")
    with (
        open_warehouse(warehouse, warehouse.with_name("crm.duckdb")) as connection,
        pytest.raises(ConfigurationError, match="write"),
    ):
        find_list(connection, "dormant_winback")
