"""The help desk's rows: tickets through their lives, ratings, the survey, LINE."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from demo import helpdesk
from demo.calendar import base_periods, dates_of, weekdays_of
from demo.friends import follow_days
from demo.population import BY_LINE
from demo.ticket_entries import in_working_hours
from demo.ticket_texts import TOPICS
from demo.world import World

KEYS = {
    "support.tickets": "ticket_id",
    "support.ticket_events": "ticket_event_id",
    "support.messages": "message_id",
    "support.satisfaction_ratings": "rating_id",
    "support.survey_invitations": "invitation_id",
    "support.survey_responses": "response_id",
    "support.chat_links": "link_id",
}


@pytest.fixture(scope="module")
def world(small_world: World) -> World:
    return small_world


def delivered(world: World, periods: list[tuple[int, int]]) -> dict[str, pa.Table]:
    """All rows of some deliveries, one below the other."""
    parts: dict[str, list[pa.Table]] = {}
    for first_day, last_day in periods:
        for name, rows in helpdesk.deliver(world, first_day, last_day):
            parts.setdefault(name, []).append(rows)
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


@pytest.fixture(scope="module")
def base(world: World) -> dict[str, pa.Table]:
    return delivered(world, base_periods())


@pytest.fixture(scope="module")
def rows(base: dict[str, pa.Table]) -> SimpleNamespace:
    """The last version of every row, by table."""
    newest = {
        name.removeprefix("support."): table.to_pandas().drop_duplicates(KEYS[name], keep="last")
        for name, table in base.items()
    }
    return SimpleNamespace(**newest)


def test_rows_obey_the_contract(base: dict, breaches: Callable) -> None:
    assert set(base) == set(KEYS)
    for name, table in base.items():
        assert table.num_rows, name
        assert breaches(name, table) == []


def test_the_desk_of_small_has_some_thousand_tickets_on_every_channel(
    rows: SimpleNamespace,
) -> None:
    assert 4_000 < len(rows.tickets) < 8_000
    assert set(rows.tickets["channel"]) == {"email", "phone", "web", "line", "chat", "store"}
    assert set(rows.tickets["type"].dropna()) == {"inquiry", "complaint", "return", "praise"}
    assert rows.tickets["type"].isna().any()
    assert set(rows.tickets["status"]) >= {"open", "pending", "solved", "closed"}


def test_nights_lead_to_the_same_rows_as_one_delivery(world: World) -> None:
    once = delivered(world, [(500, 530)])
    nightly = delivered(world, [(day, day) for day in range(500, 531)])
    for name, key in KEYS.items():
        expected = once[name].to_pandas().sort_values(key, ignore_index=True)
        found = nightly[name].to_pandas().drop_duplicates(key, keep="last")
        pd.testing.assert_frame_equal(found.sort_values(key, ignore_index=True), expected)


def test_a_changed_ticket_is_sent_again_with_a_later_update(base: dict) -> None:
    versions = base["support.tickets"].to_pandas()
    again = versions[versions.duplicated("ticket_id", keep=False)]
    assert len(again) > 100
    steps = again.groupby("ticket_id")["updated_at"].diff().dropna()
    assert (steps > pd.Timedelta(0)).all()
    assert (versions["updated_at"] >= versions["created_at"]).all()


def test_nothing_is_known_before_it_happens(world: World) -> None:
    instants = ("created_at", "updated_at", "occurred_at", "offered_at", "rated_at", "invited_at")
    for day in (100, 470, 729):
        for _, table in helpdesk.deliver(world, day, day):
            for column in {*instants, "responded_at"} & set(table.column_names):
                times = table[column].to_pandas().dropna()
                assert (times < pd.Timestamp(dates_of(day + 1))).all()


def test_events_lead_from_new_to_the_state_of_the_ticket(rows: SimpleNamespace) -> None:
    events = rows.ticket_events.sort_values(["occurred_at", "ticket_event_id"])
    for field, column in (
        ("status", "status"),
        ("assignee", "assignee_id"),
        ("group", "group_id"),
        ("priority", "priority"),
    ):
        changes = events[events["field"] == field].copy()
        before = changes.groupby("ticket_id")["new_value"].shift()
        has_before = before.notna()
        assert (changes.loc[has_before, "old_value"] == before[has_before]).all()
        assert (changes["old_value"] != changes["new_value"]).all()
        last = changes.groupby("ticket_id")["new_value"].last()
        state = rows.tickets.set_index("ticket_id")[column]
        assert (state[last.index] == last).all()
    first = events[events["field"] == "status"].groupby("ticket_id")["old_value"].first()
    assert (first == "new").all()
    untouched = rows.tickets[~rows.tickets["ticket_id"].isin(first.index)]
    assert (untouched["status"] == "new").all()


def test_a_merged_ticket_is_closed_and_names_an_earlier_one(
    rows: SimpleNamespace, base: dict
) -> None:
    merged = rows.tickets.dropna(subset="merged_into_ticket_id")
    assert 0.01 < len(merged) / len(rows.tickets) < 0.05
    assert (merged["status"] == "closed").all()
    into = rows.tickets.set_index("ticket_id").loc[merged["merged_into_ticket_id"]]
    assert (into["created_at"].to_numpy() <= merged["created_at"].to_numpy()).all()
    assert (into["requester_id"].to_numpy() == merged["requester_id"].to_numpy()).all()
    assert into["merged_into_ticket_id"].isna().all()


def test_the_bot_solves_some_chats_alone_and_hands_others_off(rows: SimpleNamespace) -> None:
    messages = rows.messages.merge(rows.tickets[["ticket_id", "channel"]], on="ticket_id")
    chats = messages[messages["channel"].isin(["line", "chat"])]
    writers = chats.groupby("ticket_id")["author_type"].agg(set)
    contained = writers.map(lambda who: "bot" in who and "agent" not in who)
    assert 0.35 < contained.mean() < 0.65
    handed = chats.loc[chats["intent"] == "handoff", "ticket_id"]
    assert len(handed)
    assert not contained[handed.unique()].any()
    of_bot = messages[messages["author_type"] == "bot"]
    assert of_bot["intent"].notna().all()
    assert set(of_bot["intent"]) == {*(topic.intent for topic in TOPICS), "handoff"}
    assert messages.loc[messages["author_type"] != "bot", "intent"].isna().all()


def test_agents_write_when_they_work(rows: SimpleNamespace) -> None:
    by_agent = rows.messages[rows.messages["author_type"] == "agent"]
    answers = by_agent.merge(rows.tickets[["ticket_id", "channel", "created_at"]], on="ticket_id")
    answers = answers[answers["created_at_x"] > answers["created_at_y"]]
    assert answers["created_at_x"].dt.hour.between(9, 21).all()
    letters = answers[answers["channel"].isin(["email", "web"])]
    assert (letters["created_at_x"].dt.dayofweek != 6).all()
    assert set(by_agent["is_public"]) == {True, False}
    assert rows.messages.loc[rows.messages["author_type"] == "customer", "is_public"].all()


def test_working_hours_move_instants_to_the_next_morning() -> None:
    hour, day = 3_600, 86_400
    sunday = next(number for number in range(7) if weekdays_of(number) == 6)
    second = np.array([sunday * day + 12 * hour, 10 * hour, 20 * hour, 20 * hour, 3 * hour])
    is_chat = np.array([False, False, False, True, True])
    moved = in_working_hours(second, is_chat)
    assert moved[0] // day == sunday + 1
    assert moved[1] == second[1]
    assert moved[2] // day == 1
    assert moved[3] == second[3]
    assert moved[4] // day == 0
    assert np.all((moved % day >= 9 * hour) & (moved % day < 21 * hour))


def test_people_sign_some_messages_with_a_name_or_a_phone_number(
    world: World, rows: SimpleNamespace
) -> None:
    by_customer = rows.messages[rows.messages["author_type"] == "customer"]
    has_phone = by_customer["body"].str.contains("電話は0[789]0[0-9]{8}です。")
    has_name = by_customer["body"].str.contains("（.+ .+）")
    assert 0.05 < has_phone.mean() < 0.2
    assert 0.1 < has_name.mean() < 0.3
    others = rows.messages[rows.messages["author_type"] != "customer"]
    assert not others["body"].str.contains("電話は|（").any()
    requesters, index = world.population.requesters, by_customer[has_phone].index[:50]
    for _, message in by_customer.loc[index].iterrows():
        person = requesters.person[requesters.source_id == message["author_id"]]
        phone = world.identities.mobile(person, np.zeros(1, dtype=bool))[0]
        assert phone in message["body"]


def test_ratings_follow_the_solution_and_some_come_later(rows: SimpleNamespace, base: dict) -> None:
    events = rows.ticket_events
    solved = events[events["new_value"] == "solved"].groupby("ticket_id")["occurred_at"].min()
    ratings = rows.satisfaction_ratings
    assert (ratings["offered_at"] > solved[ratings["ticket_id"]].to_numpy()).all()
    rated = ratings.dropna(subset="score")
    assert 0.2 < len(rated) / len(ratings) < 0.4
    assert set(rated["score"]) == {1, 2, 3, 4, 5}
    assert (rated["rated_at"] > rated["offered_at"]).all()
    assert ratings.loc[ratings["score"].isna(), ["rated_at", "comment"]].isna().all(None)
    versions = base["support.satisfaction_ratings"].to_pandas()
    assert versions.duplicated("rating_id").any()


def test_complaints_are_rated_worse_than_praise(rows: SimpleNamespace) -> None:
    rated = rows.satisfaction_ratings.merge(rows.tickets[["ticket_id", "type"]], on="ticket_id")
    good = (rated["score"] >= 4).where(rated["score"].notna()).groupby(rated["type"]).mean()
    assert good["complaint"] < good["inquiry"] < good["praise"]
    assert 0.5 < good["inquiry"] < 0.95


def test_each_wave_of_the_survey_invites_and_some_answer(rows: SimpleNamespace) -> None:
    invitations, responses = rows.survey_invitations, rows.survey_responses
    assert list(invitations["wave"].unique()) == [
        "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3",
    ]  # fmt: skip
    assert (invitations["requester_id"].notna() != invitations["member_id"].notna()).all()
    recommend = responses[responses["question_code"] == "recommend"]
    assert 0.15 < len(recommend) / len(invitations) < 0.25
    assert recommend["score"].between(0, 10).all()
    staff = responses[responses["question_code"] == "staff"]
    assert staff["score"].between(1, 5).all()
    promoters, detractors = (recommend["score"] >= 9).mean(), (recommend["score"] <= 6).mean()
    assert -0.1 < promoters - detractors < 0.4
    start = invitations.groupby("wave")["invited_at"].min()
    assert (responses["responded_at"] > start[responses["wave"]].to_numpy()).all()


def test_some_answers_name_nobody_but_give_an_address(rows: SimpleNamespace) -> None:
    responses = rows.survey_responses
    nameless = responses[responses["requester_id"].isna() & responses["member_id"].isna()]
    assert 0.03 < len(nameless) / len(responses) < 0.2
    assert nameless["email"].str.contains("@").all()
    assert responses["email"].isna().any()


def test_a_recent_complaint_lowers_the_score(world: World, rows: SimpleNamespace) -> None:
    requesters = world.population.requesters
    person_of = dict(zip(requesters.source_id, requesters.person, strict=True))
    complaints = rows.tickets[rows.tickets["type"] == "complaint"].copy()
    complaints["person"] = complaints["requester_id"].map(person_of)
    answers = rows.survey_responses.query("question_code == 'recommend'").copy()
    answers["person"] = answers["requester_id"].map(person_of)
    answers = answers.dropna(subset="person")
    both = answers.merge(complaints, on="person")
    wait = both["responded_at"] - both["created_at"]
    recent = both[(wait > pd.Timedelta(0)) & (wait < pd.Timedelta(days=80))]
    assert len(recent) > 10
    others = answers[~answers["response_id"].isin(recent["response_id"])]
    assert recent["score"].mean() < others["score"].mean() - 1


def test_line_links_name_a_member_of_the_same_person(world: World, rows: SimpleNamespace) -> None:
    population, links = world.population, rows.chat_links
    linked = links[links["action"] == "link_account"]
    assert len(linked) > 1_000
    members = population.members
    person = dict(zip(members.source_id, members.person, strict=True))
    people = np.array([person[member] for member in linked["member_id"]])
    assert np.array_equal(world.identities.line_user_id(people), linked["line_user_id"])
    assert links.loc[links["action"] != "link_account", "member_id"].isna().all()
    order = links.sort_values("occurred_at").groupby("line_user_id")["action"].agg(list)
    assert order.map(lambda actions: actions[0] == "follow").all()
    assert order.map(lambda actions: "block" in actions).any()


def test_who_writes_in_line_follows_before(world: World) -> None:
    population = world.population
    follow, block = follow_days(population)
    requesters = population.requesters
    by_line = requesters.kind == BY_LINE
    assert np.all(follow[requesters.person[by_line]] < requesters.created_day[by_line])
    assert block[requesters.person[by_line]].min() > 1_000


def test_tickets_belong_to_requesters_that_exist(world: World, rows: SimpleNamespace) -> None:
    requesters = world.population.requesters
    created = pd.Series(dates_of(requesters.created_day), index=requesters.source_id)
    on = created[rows.tickets["requester_id"]].to_numpy()
    assert (rows.tickets["created_at"].to_numpy() >= on).all()
    first = rows.tickets.groupby("requester_id")["created_at"].min().dt.normalize()
    assert (first == created[first.index]).all()
    kind = pd.Series(requesters.kind, index=requesters.source_id)
    in_line = kind[rows.tickets["requester_id"]].to_numpy() == BY_LINE
    assert np.array_equal(in_line, (rows.tickets["channel"] == "line").to_numpy())


def test_a_noted_receipt_is_a_purchase_of_the_requester_shortly_before(
    world: World, rows: SimpleNamespace
) -> None:
    noted = rows.tickets.dropna(subset="related_receipt_id")
    assert 0.02 < len(noted) / len(rows.tickets) < 0.3
    visit = noted["related_receipt_id"].str.removeprefix("R").astype(int).to_numpy()
    visits, requesters = world.visits, world.population.requesters
    person_of = dict(zip(requesters.source_id, requesters.person, strict=True))
    people = noted["requester_id"].map(person_of).to_numpy()
    assert np.array_equal(visits.person[visit], people)
    wait = noted["created_at"].dt.normalize() - pd.to_datetime(dates_of(visits.day[visit]))
    assert wait.dt.days.between(1, 30).all()
    store_ids = np.array(world.stores.store_id)[visits.store[visit]]
    assert np.array_equal(store_ids, noted["store_id"].to_numpy())
