"""What the sources say of people: rates of what is missing, shared and wrong, and versions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import jaconv
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from demo import life, member_values, spelling
from demo.calendar import BASE_DAYS, base_periods
from demo.campaign_plan import plan
from demo.columns import SECONDS_A_DAY
from demo.identities import OTHER, PRIMARY, Identities
from demo.member_rows import MemberRows
from demo.names import family_names, given_names
from demo.places import store_phone
from demo.population import ACCOUNT, BY_EMAIL, BY_LINE, BY_PHONE, ONLINE, build_population
from demo.records import changed_rows
from demo.requester_rows import RequesterRows
from demo.scale import SCALES
from demo.subscriber_rows import NAMES_MEMBER, SubscriberRows

LAST = BASE_DAYS - 1


class Records:
    """Rows at the end of the base history, with the indexes of their records."""

    def __init__(self) -> None:
        self.population = build_population(1, SCALES["small"])
        self.identities = Identities(self.population)
        self.members = MemberRows(self.identities)
        self.subscribers = SubscriberRows(self.members.values, plan(self.population))
        self.requesters = RequesterRows(self.identities)
        self.member_index, self.member_table = _all(self.members)
        self.person = self.population.members.person[self.member_index]
        self.is_card = self.population.members.kind[self.member_index] != ONLINE

    def cards(self, column: str) -> pa.ChunkedArray:
        return self.member_table[column].filter(pa.array(self.is_card))

    def accounts(self, column: str) -> pa.ChunkedArray:
        return self.member_table[column].filter(pa.array(~self.is_card))


def _all(rows: Any) -> tuple[np.ndarray, pa.Table]:
    index = rows.history.changed(0, LAST)
    return index, rows.table(index, LAST)


@pytest.fixture(scope="module")
def records() -> Records:
    return Records()


def filled(column: pa.ChunkedArray) -> float:
    return 1 - column.null_count / len(column)


def digits(phone: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKC", phone).replace("+81 ", "0") if c.isdigit()
    )


@pytest.mark.parametrize(
    ("column", "share"),
    [
        ("name", member_values.HAS_KANJI),
        ("name_kana", member_values.HAS_KANA),
        ("birth_date", member_values.HAS_BIRTH_DAY),
        ("email", member_values.HAS_EMAIL),
        ("line_user_id", member_values.HAS_LINE_ID),
        ("phone", 0.90),
    ],
)
def test_share_of_the_cards_with_a_value(records: Records, column: str, share: float) -> None:
    assert filled(records.cards(column)) == pytest.approx(share, abs=0.012)


def test_the_rates_are_those_of_the_measured_set() -> None:
    assert member_values.PHONES["dummy"] == 0.14
    assert (member_values.HAS_KANJI, member_values.HAS_KANA) == (0.75, 0.90)
    assert (member_values.HAS_BIRTH_DAY, spelling.WRONG_BIRTH_DAY) == (0.85, 0.015)
    assert (member_values.HAS_EMAIL, member_values.HAS_LINE_ID) == (0.35, 0.15)
    assert (life.MOVES, life.CHANGES_NUMBER, life.MARRIES) == (0.08, 0.06, 0.03)
    assert 0.01 <= spelling.TYPO <= 0.02


def test_phones_of_cards(records: Records) -> None:
    """14 % of all cards show a dummy or a shop's number, 30 % (a third of 90 %) a landline."""
    people = np.arange(records.population.n)
    families = set(records.identities.landline(people))
    shops = {store_phone(store) for store in range(SCALES["small"].stores)}
    dummies = {*member_values.DUMMY_PHONES, *shops} - {"shop"}
    phones = [digits(phone) for phone in records.cards("phone").to_pylist() if phone]
    cards = int(records.is_card.sum())
    assert sum(p in dummies for p in phones) / cards == pytest.approx(0.14, abs=0.012)
    landlines = sum(p in families for p in phones)
    assert landlines / cards == pytest.approx(0.30 * (1 - spelling.TYPO), abs=0.015)
    most_shared = max(sum(p == shop for p in phones) for shop in shops)
    assert most_shared > 100


def test_accounts_have_an_email_and_a_name_in_one_script(records: Records) -> None:
    assert filled(records.accounts("email")) == pytest.approx(0.99, abs=0.006)
    names = zip(
        *(records.accounts(c).to_pylist() for c in ("name", "name_kana", "name_romaji")),
        strict=True,
    )
    assert {sum(name is not None for name in row) for row in names} == {1}
    for column, share in zip(("name", "name_kana", "name_romaji"), (0.6, 0.2, 0.2), strict=True):
        assert filled(records.accounts(column)) == pytest.approx(share, abs=0.025)
    assert filled(records.accounts("birth_date")) < 0.25


def test_wrong_days_of_birth(records: Records) -> None:
    written = pc.fill_null(records.cards("birth_date").cast(pa.int32()), -99_999).to_numpy()
    true = records.population.birth_day[records.person[records.is_card]].astype(int)
    known = written != -99_999
    assert (written != true)[known].mean() == pytest.approx(0.015, abs=0.004)
    months = records.cards("birth_date").to_numpy()[known].astype("datetime64[M]")
    assert np.array_equal(months, true[known].astype("datetime64[D]").astype("datetime64[M]"))


def test_typos_and_folds_in_names(records: Records) -> None:
    """Half-width, hiragana and spaces fold; what is left differs from the truth in 1 to 2 %."""
    person = records.person[records.is_card]
    family = records.identities.family(person)
    unmarried = ~records.identities.life.marries(person)
    true = family_names().kana[family] + given_names().kana[records.identities.given[person]]
    written = records.cards("name_kana").to_pylist()
    known = [row for row in range(len(true)) if written[row] and unmarried[row]]
    folded = [
        jaconv.hira2kata(unicodedata.normalize("NFKC", written[row])).replace(" ", "")
        for row in known
    ]
    wrong = np.mean([text != true[row] for text, row in zip(folded, known, strict=True)])
    assert wrong == pytest.approx(spelling.TYPO, abs=0.004)
    as_is = np.mean([written[row] == true[row] for row in known])
    assert as_is < 0.10


def test_typos_and_folds_in_emails(records: Records) -> None:
    person, cards = records.person[records.is_card], records.cards("email").to_pylist()
    known = np.flatnonzero([mail is not None for mail in cards])
    private = known[~records.population.is_company[person[known]]]
    addresses = [
        records.identities.email(person[private], np.full(len(private), which))
        for which in (PRIMARY, OTHER)
    ]
    folded = [cards[row].strip().lower() for row in private]
    wrong = np.mean([mail not in pair for mail, *pair in zip(folded, *addresses, strict=True)])
    assert wrong == pytest.approx(spelling.TYPO, abs=0.006)
    assert any(cards[row] != cards[row].lower() for row in private)


def test_mail_is_shared_within_families(records: Records) -> None:
    population, people = records.population, np.arange(records.population.n)
    shares = records.identities.mail_owner != people
    assert shares[population.is_child].mean() == pytest.approx(0.5, abs=0.03)
    assert shares[~population.is_child].mean() == pytest.approx(0.07, abs=0.006)
    owner = records.identities.mail_owner[shares]
    assert np.array_equal(population.household[owner], population.household[people[shares]])


def test_people_move_change_numbers_and_marry(records: Records) -> None:
    lives, population = records.identities.life, records.population
    assert (lives.move_day < BASE_DAYS).mean() == pytest.approx(0.08, abs=0.006)
    assert (lives.number_day < BASE_DAYS).mean() == pytest.approx(0.06, abs=0.006)
    women = population.is_female & ~population.is_child & ~population.is_company
    assert (lives.marriage_day[women] < BASE_DAYS).mean() == pytest.approx(0.03, abs=0.005)
    assert not np.any(lives.marriage_day[~women] < BASE_DAYS)


def test_companies_stand_in_the_records_of_their_contacts(records: Records) -> None:
    is_company = records.population.is_company[records.person]
    companies = records.member_table["company"]
    assert companies.is_valid().to_numpy().tolist() == is_company.tolist()
    assert 0.01 < is_company.mean() < 0.03


def test_everything_can_be_written_in_cp932(records: Records) -> None:
    for column in records.member_table.column_names:
        for text in records.member_table[column].cast(pa.string()).drop_null().to_pylist():
            text.encode("cp932")


def test_variants_of_kanji_occur(records: Records) -> None:
    text = "".join(records.member_table["name"].drop_null().to_pylist())
    assert all(letter in text for letter in "髙﨑邊齋濱澤高崎辺斎浜沢")


@pytest.mark.parametrize("source", ["members", "subscribers", "requesters"])
def test_a_row_does_not_depend_on_the_rows_beside_it(records: Records, source: str) -> None:
    rows = getattr(records, source)
    index = rows.history.changed(0, LAST)[:600]
    whole = rows.table(index, LAST)
    assert rows.table(index[100:250], LAST).equals(whole.slice(100, 150))
    assert rows.table(index[::-1], LAST).slice(0, 1).equals(whole.slice(len(index) - 1, 1))


@pytest.mark.parametrize("source", ["members", "subscribers", "requesters"])
def test_deliveries_add_up_to_the_last_state(records: Records, source: str) -> None:
    """The newest version of every record, month after month, is its state at the end."""
    rows, newest, versions = getattr(records, source), {}, 0
    for first_day, last_day in base_periods():
        for piece in changed_rows(rows, first_day, last_day):
            for row in piece.to_pylist():
                key = next(iter(row.values()))
                assert key not in newest or newest[key]["updated_at"] < row["updated_at"]
                newest[key], versions = row, versions + 1
    _, table = _all(rows)
    assert list(newest.values()) and sorted(newest) == sorted(table[0].to_pylist())
    for row in table.to_pylist():
        key = next(iter(row.values()))
        updated = row.pop("updated_at")
        assert newest[key]["updated_at"] == updated
        assert {name: newest[key][name] for name in row} == row
    assert versions > len(newest)


def test_a_mover_gets_a_later_version(records: Records) -> None:
    history = records.members.history
    instants = history.at["move"]
    moved = np.flatnonzero((instants > 0) & (instants < BASE_DAYS * SECONDS_A_DAY))
    moved = moved[records.members.values.has_address(moved)]
    assert len(moved) > 100
    days = instants[moved] // SECONDS_A_DAY
    row, day = moved[:1], int(days[0])
    before, after = (records.members.table(row, at).to_pylist()[0] for at in (day - 1, day))
    assert before["address"] != after["address"]
    assert before["updated_at"] < after["updated_at"]
    assert after["name"] == before["name"]


def test_updates_come_after_joining_and_leaving_is_last(records: Records) -> None:
    table = records.member_table
    assert pc.all(pc.less_equal(table["joined_at"], table["updated_at"])).as_py()
    left = table.filter(table["left_at"].is_valid())
    assert len(left) > 50
    assert left["left_at"].equals(left["updated_at"])


@pytest.mark.parametrize(
    ("kind", "column"), [(BY_EMAIL, "email"), (BY_PHONE, "phone"), (BY_LINE, "line_user_id")]
)
def test_requesters_have_one_way_to_reach_them(records: Records, kind: int, column: str) -> None:
    index, table = _all(records.requesters)
    of_kind = records.population.requesters.kind[index] == kind
    assert table[column].is_valid().to_numpy().tolist() == of_kind.tolist()
    assert table["name"].null_count == 0


def test_subscribers_have_the_address_of_their_account(records: Records) -> None:
    population = records.population
    index, table = _all(records.subscribers)
    is_account = population.subscribers.kind[index] == ACCOUNT
    account = population.account_of[population.subscribers.person[index[is_account]]]
    copied = table["email"].filter(pa.array(is_account)).to_pylist()
    assert copied == records.members.values.emails(account).tolist()
    assert filled(table["email"]) == pytest.approx(0.99, abs=0.006)


def _owner(records: Records) -> Callable[[str], int]:
    members = records.population.members
    place = {source_id: row for row, source_id in enumerate(members.source_id.tolist())}
    return lambda member_id: int(members.person[place[member_id]])


def test_named_members_are_the_same_person(records: Records) -> None:
    owner = _owner(records)
    for rows, people in (
        (records.subscribers, records.population.subscribers.person),
        (records.requesters, records.population.requesters.person),
    ):
        index, table = _all(rows)
        named = table["member_id"].to_pylist()
        pairs = [(owner(m), person) for m, person in zip(named, people[index], strict=True) if m]
        assert len(pairs) > 50
        assert all(first == second for first, second in pairs)


def test_a_fifth_of_the_subscribers_with_account_names_it(records: Records) -> None:
    population = records.population
    index, table = _all(records.subscribers)
    person = population.subscribers.person[index]
    account = population.account_of[person]
    created = population.subscribers.created_day[index]
    able = (account >= 0) & (population.members.created_day[account] <= created)
    named = table["member_id"].is_valid().to_numpy()
    assert named[able].mean() == pytest.approx(NAMES_MEMBER, abs=0.02)
    assert not named[~able].any()


def test_endings_of_subscriptions_are_those_of_the_plan(records: Records) -> None:
    index, table = _all(records.subscribers)
    changes = records.subscribers.plan.subscriber_changes()
    past = changes.day < BASE_DAYS
    expected = dict(zip(changes.subscriber[past].tolist(), changes.status[past], strict=True))
    status = dict(zip(index.tolist(), table["status"].to_pylist(), strict=True))
    assert len(expected) > 100
    assert {i: s for i, s in status.items() if s != "subscribed"} == expected


def test_consents_are_granted_once_and_withdrawn_by_those_who_leave(records: Records) -> None:
    parts = [records.subscribers.consents(*period) for period in base_periods()]
    consents = pa.concat_tables(parts)
    assert len(pc.unique(consents["consent_id"])) == len(consents)
    index, table = _all(records.subscribers)
    actions = {
        action: set(consents.filter(pc.equal(consents["action"], action))[1].to_pylist())
        for action in ("granted", "withdrawn")
    }
    assert actions["granted"] == set(table["subscriber_id"].to_pylist())
    left = pc.is_in(table["status"], pa.array(["unsubscribed", "complained"]))
    assert actions["withdrawn"] == set(table.filter(left)["subscriber_id"].to_pylist())
    assert len(index) > len(actions["withdrawn"]) > 50
