"""The mail tool's rows: what a campaign does to each contact, and when we hear of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from demo import mail
from demo.calendar import BASE_DAYS, HORIZON_DAYS, base_periods, dates_of
from demo.mail_events import PRIVATE, PROGRAMS
from demo.world import World


def delivered(world: World, periods: list[tuple[int, int]]) -> dict[str, pa.Table]:
    """All rows of some deliveries, one below the other."""
    parts: dict[str, list[pa.Table]] = {}
    for first_day, last_day in periods:
        for name, rows in mail.deliver(world, first_day, last_day):
            parts.setdefault(name, []).append(rows)
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


@pytest.fixture(scope="module")
def base(small_world: World) -> dict[str, pa.Table]:
    return delivered(small_world, base_periods())


@pytest.fixture(scope="module")
def events(base: dict[str, pa.Table]) -> pd.DataFrame:
    return base["email.events"].to_pandas()


@pytest.fixture(scope="module")
def contacts(base: dict[str, pa.Table]) -> pd.DataFrame:
    return base["email.contacts"].to_pandas()


def test_rows_obey_the_contract(base: dict, breaches: Callable) -> None:
    assert set(base) == {
        "email.attendances",
        "email.campaigns",
        "email.contacts",
        "email.events",
        "pos.coupons_issued",
    }
    for name, rows in base.items():
        assert rows.num_rows
        assert breaches(name, rows) == []


def test_a_mail_tool_of_this_size_sends_some_hundred_thousand_events(base: dict) -> None:
    assert 100_000 < base["email.contacts"].num_rows < 300_000
    assert 100_000 < base["email.events"].num_rows < 600_000


def test_months_bring_the_same_events_as_one_delivery_and_as_nights(small_world: World) -> None:
    whole = mail.event_rows(small_world.plan, 300, 330)
    nights = pa.concat_tables(
        [mail.event_rows(small_world.plan, day, day) for day in range(300, 331)]
    )
    assert whole.sort_by("event_id").equals(nights.sort_by("event_id"))


def test_events_are_known_by_their_delivery_and_some_opens_a_day_late(small_world: World) -> None:
    late = 0
    for day in range(400, 430):
        rows = mail.event_rows(small_world.plan, day, day).to_pandas()
        behind = pd.Timestamp(dates_of(day)) - rows["occurred_at"].dt.normalize()
        assert behind.dt.days.isin([0, 1]).all()
        assert set(rows.loc[behind.dt.days == 1, "event_type"]) <= {"open"}
        late += int((behind.dt.days == 1).sum())
    assert late > 0


def test_only_who_was_sent_to_has_events_and_after_the_send(
    events: pd.DataFrame, contacts: pd.DataFrame
) -> None:
    sent = contacts[~contacts["is_holdout"]].dropna(subset="subscriber_id")
    joined = events.merge(sent, on=["campaign_id", "subscriber_id"], how="left")
    assert joined["sent_at"].notna().all()
    assert (joined["occurred_at"] >= joined["sent_at"]).all()
    assert events["event_id"].is_unique


def test_hold_outs_get_no_message_no_variant_and_no_coupon(
    base: dict, contacts: pd.DataFrame
) -> None:
    held = contacts[contacts["is_holdout"]]
    assert held[["sent_at", "variant"]].isna().all(None)
    coupons = base["pos.coupons_issued"].to_pandas()
    both = coupons.merge(held, on=["campaign_id", "member_id"])
    assert both.empty


def test_each_contact_names_one_person_once(contacts: pd.DataFrame) -> None:
    assert (contacts["subscriber_id"].notna() != contacts["member_id"].notna()).all()
    assert not contacts.duplicated(["campaign_id", "subscriber_id", "member_id"]).any()


def test_each_message_has_one_fate_and_only_a_delivered_one_is_read(events: pd.DataFrame) -> None:
    fates = events[
        events["event_type"].isin(["delivered", "bounce_hard", "bounce_soft", "dropped"])
    ]
    assert not fates.duplicated(["campaign_id", "subscriber_id"]).any()
    delivered = fates.loc[fates["event_type"] == "delivered", ["campaign_id", "subscriber_id"]]
    others = ["open", "click", "unsubscribe", "complaint"]
    reactions = events[events["event_type"].isin(others)]
    found = reactions.merge(
        delivered, on=["campaign_id", "subscriber_id"], how="left", indicator=True
    )
    assert (found["_merge"] == "both").all()
    assert 0.001 < (fates["event_type"] == "bounce_hard").mean() < 0.01
    assert 0.005 < (fates["event_type"] == "bounce_soft").mean() < 0.02


def test_who_bounces_unsubscribes_or_complains_leaves_the_list_then(
    small_world: World, events: pd.DataFrame
) -> None:
    changes = small_world.plan.subscriber_changes()
    ids = small_world.population.subscribers.source_id[changes.subscriber]
    seconds = changes.day.astype(np.int64) * 86_400 + changes.second
    at = dates_of(0).astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    known = changes.day < BASE_DAYS
    expected = pd.DataFrame({"subscriber_id": ids, "status": changes.status, "at": at})[known]
    words = {"bounce_hard": "bounced", "unsubscribe": "unsubscribed", "complaint": "complained"}
    ending = events[events["event_type"].isin(words)]
    found = pd.DataFrame(
        {
            "subscriber_id": ending["subscriber_id"],
            "status": ending["event_type"].map(words),
            "at": ending["occurred_at"],
        }
    )
    in_order = ["subscriber_id"]
    assert (
        found.sort_values(in_order).to_numpy().tolist()
        == expected.sort_values(in_order).to_numpy().tolist()
    )


def test_machines_open_for_those_with_one_program(events: pd.DataFrame) -> None:
    opens = events[events["event_type"] == "open"]
    private = PROGRAMS[PRIVATE][0]
    machine = opens[opens["is_machine"].astype(bool)]
    assert (machine["user_agent"] == private).mean() > 0.8
    assert machine["user_agent"].nunique() == 2
    assert private not in set(opens.loc[~opens["is_machine"].astype(bool), "user_agent"])
    unread = events[~events["event_type"].isin(["open", "click"])]
    assert unread[["is_machine", "user_agent", "url"]].isna().all(None)
    assert events.loc[events["event_type"] == "click", "url"].notna().all()


def test_rates_are_those_of_a_mailing_list(events: pd.DataFrame, base: dict) -> None:
    campaigns = base["email.campaigns"].to_pandas().drop_duplicates("campaign_id")
    mails = set(campaigns.loc[campaigns["channel"] == "email", "campaign_id"])
    of_mail = events[events["campaign_id"].isin(mails)]
    delivered = (of_mail["event_type"] == "delivered").sum()
    by_people = of_mail[of_mail["is_machine"].eq(False)].drop_duplicates(
        ["campaign_id", "subscriber_id", "event_type"]
    )
    opened = (by_people["event_type"] == "open").sum() / delivered
    clicked = (by_people["event_type"] == "click").sum() / delivered
    assert 0.15 < opened < 0.4
    assert 0.02 < clicked < 0.1


def test_who_buys_because_of_an_email_has_read_it_before(small_world: World) -> None:
    plan = small_world.plan
    events = delivered(small_world, [(0, HORIZON_DAYS - 1)])["email.events"].to_pandas()
    first = events[events["event_type"].isin(["open", "click"])]
    first = first.groupby(["campaign_id", "subscriber_id"])["occurred_at"].min()
    extra = plan.extra_visits()
    of_mail = plan.campaigns.channel[extra.campaign] == "email"
    person, day, campaign = (column[of_mail][:400] for column in extra)
    audiences, missing = plan.audiences, 0
    for who, number, on in zip(person, campaign, day, strict=True):
        rows = plan.audiences.rows_of(number)
        subscriber = audiences.subscriber[rows][audiences.person[rows] == who][0]
        key = (
            plan.campaigns.campaign_id[number],
            small_world.population.subscribers.source_id[subscriber],
        )
        if key in first.index:
            assert first[key] < pd.Timestamp(dates_of(on))
        else:
            missing += 1
    # The address bounced, or the images were not shown and the link was not used.
    assert missing < 0.15 * len(person)


def test_a_campaign_is_announced_then_sent_then_invoiced(small_world: World) -> None:
    plan, number = small_world.plan, 20
    send_day, campaign_id = int(plan.campaigns.send_day[number]), plan.campaigns.campaign_id[number]

    def state(day: int) -> dict | None:
        rows = mail.campaign_rows(plan, day, day).to_pylist()
        return next((row for row in rows if row["campaign_id"] == campaign_id), None)

    states = [state(day) for day in range(send_day - 12, send_day + 10)]
    told = [row for row in states if row]
    assert told[0]["sent_at"] is None
    assert told[0]["cost"] is None
    assert state(send_day)["sent_at"] is not None
    assert told[-1]["cost"] > 0
    assert state(send_day + mail.INVOICED_AFTER)["cost"] == told[-1]["cost"]


def test_no_campaign_row_knows_the_future(small_world: World) -> None:
    for _, last_day in base_periods():
        rows = mail.campaign_rows(small_world.plan, last_day - 27, last_day).to_pandas()
        end = pd.Timestamp(dates_of(last_day + 1))
        assert (rows["sent_at"].dropna() < end).all()
        assert (rows["success_registered_at"].dropna() < end).all()
        unregistered = rows["success_registered_at"].isna()
        assert rows.loc[unregistered, ["success_metric", "success_threshold"]].isna().all(None)


def test_coupons_go_to_members_in_force(small_world: World, base: dict) -> None:
    coupons = base["pos.coupons_issued"].to_pandas()
    members = small_world.population.members
    by_id = pd.DataFrame(
        {"created": members.created_day, "left": members.left_day}, index=members.source_id
    )
    found = by_id.loc[coupons["member_id"]]
    day = (coupons["issued_at"].dt.normalize() - pd.Timestamp(dates_of(0))).dt.days.to_numpy()
    assert (found["created"].to_numpy() < day).all()
    assert ((found["left"].to_numpy() < 0) | (found["left"].to_numpy() > day)).all()
    assert not coupons.duplicated(["coupon_code", "member_id"]).any()
    assert (coupons["expires_at"] > coupons["issued_at"]).all()
