"""Who there is: people, households, their records in the sources, and random numbers by id."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from demo.calendar import (
    BASE_DAYS,
    HORIZON_DAYS,
    base_periods,
    date_of,
    dates_of,
    day_of,
    now,
    weekdays_of,
)
from demo.identities import OTHER, PRIMARY, Identities
from demo.names import family_names, given_names, to_romaji
from demo.population import (
    ACCOUNT,
    APP,
    BY_LINE,
    CARD,
    ONLINE,
    SECOND_CARD,
    SHOWS_CARD,
    Population,
    build_population,
)
from demo.scale import SCALES
from demo.streams import Draws, stream


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(1, SCALES["small"])


def test_days_are_counted_from_the_first_of_october() -> None:
    assert date_of(0).isoformat() == "2024-10-01"
    assert date_of(BASE_DAYS - 1).isoformat() == "2026-09-30"
    assert day_of(date_of(777)) == 777
    assert str(dates_of([31])[0]) == "2024-11-01"
    assert weekdays_of([0, 6]).tolist() == [1, 0]
    assert (now(), now(2)) == ("2026-10-01T06:00:00+09:00", "2026-10-03T06:00:00+09:00")


def test_months_cover_the_base_history_without_gap() -> None:
    periods = base_periods()
    assert len(periods) == 24
    assert periods[0] == (0, 30)
    assert periods[-1][1] == BASE_DAYS - 1
    assert all(first == last + 1 for (_, last), (first, _) in itertools.pairwise(periods))


def test_streams_depend_on_seed_and_names_alone() -> None:
    assert stream(1, "a", 2).random() == stream(1, "a", 2).random()
    drawn = {stream(*names).random() for names in ((1, "a"), (2, "a"), (1, "b"), (1, "a", 0))}
    assert len(drawn) == 4


def test_the_number_of_an_id_does_not_depend_on_the_others() -> None:
    draws, ids = Draws(5), np.arange(1_000)
    whole = draws.uniform("x", ids)
    assert np.array_equal(whole[300:], draws.uniform("x", ids[300:]))
    assert np.array_equal(whole[::-1], draws.uniform("x", ids[::-1]))
    assert abs(np.corrcoef(whole, draws.uniform("y", ids))[0, 1]) < 0.1


def test_draws_follow_their_weights() -> None:
    draws, ids = Draws(5), np.arange(100_000)
    shares = np.bincount(draws.choice("x", ids, (1, 2, 7)), minlength=3) / len(ids)
    assert shares == pytest.approx([0.1, 0.2, 0.7], abs=0.006)
    assert draws.chance("y", ids, 0.14).mean() == pytest.approx(0.14, abs=0.004)
    assert set(draws.integers("z", ids, 3).tolist()) == {0, 1, 2}


def test_the_scale_counts_those_of_the_base_history(population: Population) -> None:
    assert np.count_nonzero(population.first_day < BASE_DAYS) == SCALES["small"].people
    assert population.first_day.max() < HORIZON_DAYS
    joined = np.count_nonzero((population.first_day >= 0) & (population.first_day < BASE_DAYS))
    later = np.count_nonzero(population.first_day >= BASE_DAYS)
    pace = (later / (HORIZON_DAYS - BASE_DAYS)) / (joined / BASE_DAYS)
    assert pace == pytest.approx(1, abs=0.03)


def test_same_seed_same_people_other_seed_others(population: Population) -> None:
    again, other = (build_population(seed, SCALES["small"]) for seed in (1, 2))
    for name in ("household", "segment", "birth_day", "home_store", "first_day", "has_line"):
        assert np.array_equal(getattr(population, name), getattr(again, name))
        assert not np.array_equal(getattr(population, name), getattr(other, name))
    assert np.array_equal(population.members.source_id, again.members.source_id)


@pytest.mark.parametrize("source", ["members", "subscribers", "requesters"])
def test_ids_are_unique_and_sorted_by_creation(population: Population, source: str) -> None:
    records = getattr(population, source)
    assert len(set(records.source_id.tolist())) == len(records)
    assert np.all(np.diff(records.created_day) >= 0)
    assert np.all(records.created_day >= population.first_day[records.person])
    assert records.created_day.max() < HORIZON_DAYS


def test_kinds_of_members(population: Population) -> None:
    members = population.members
    assert {letter[0] for letter in members.source_id[members.kind == ONLINE]} == {"E"}
    assert {letter[0] for letter in members.source_id[members.kind != ONLINE]} == {"M"}
    for kinds in ((CARD, APP), (SECOND_CARD,), (ONLINE,)):
        people = members.person[np.isin(members.kind, kinds)]
        assert len(np.unique(people)) == len(people)
    assert np.all(population.card_of[members.person[members.kind == SECOND_CARD]] >= 0)
    in_base = members.created_day < BASE_DAYS
    second = np.count_nonzero(in_base & (members.kind == SECOND_CARD))
    first = np.count_nonzero(in_base & np.isin(members.kind, (CARD, APP)))
    assert second / first == pytest.approx(0.07, abs=0.006)


def test_accounts_and_line_carry_their_records(population: Population) -> None:
    subscribers, requesters = population.subscribers, population.requesters
    copied = subscribers.person[subscribers.kind == ACCOUNT]
    account = population.account_of[copied]
    assert np.all(account >= 0)
    created = subscribers.created_day[subscribers.kind == ACCOUNT]
    assert np.array_equal(population.members.created_day[account], created)
    assert np.all(population.has_line[requesters.person[requesters.kind == BY_LINE]])


def test_staff_hold_cards(population: Population) -> None:
    assert population.is_staff.sum() == 6 * SCALES["small"].stores
    assert np.all(population.card_of[population.is_staff] >= 0)
    assert not np.any(population.is_staff & (population.is_child | population.is_company))


def test_children_are_minors_who_live_with_an_adult(population: Population) -> None:
    age = (dates_of(BASE_DAYS - 1) - population.birth_day).astype(float) / 365.25
    assert np.all(age[population.is_child] < 18.01)
    assert np.all(age[~population.is_child] >= 17.9)
    heads = population.head[population.is_child]
    assert np.all(age[heads] - age[population.is_child] > 9)
    assert not np.any(population.is_child[heads])


def test_a_purchase_carries_a_record_in_force(population: Population) -> None:
    rng, n = np.random.default_rng(3), 200_000
    persons = rng.integers(0, population.n, n).astype(np.int32)
    days = rng.integers(0, HORIZON_DAYS, n).astype(np.int16)
    online, members = rng.random(n) < 0.2, population.members
    chosen = population.choose_member_record(persons, days, online, rng)
    known = chosen >= 0
    record = chosen[known]
    assert np.array_equal(members.person[record], persons[known])
    assert np.all(members.created_day[record] <= days[known])
    left = members.left_day[record]
    assert np.all((left < 0) | (left > days[known]))
    assert np.array_equal(members.kind[record] == ONLINE, online[known])

    card = population.card_of[persons]
    able = ~online & (card >= 0) & (members.created_day[card] <= days)
    able &= (members.left_day[card] < 0) | (members.left_day[card] > days)
    assert known[able].mean() == pytest.approx(SHOWS_CARD, abs=0.01)
    second = population.second_card_of[persons]
    has_second = able & known & (second >= 0) & (members.created_day[second] <= days)
    has_second &= members.left_day[second] < 0
    share = (chosen[has_second] == second[has_second]).mean()
    assert share == pytest.approx(0.4, abs=0.04)


def test_names_are_as_frequent_as_in_life(population: Population) -> None:
    people = np.arange(population.n)
    household, first = np.unique(population.household, return_index=True)
    family = Identities(population).family(people)[first]
    writings = family_names().writings[family, 0]
    assert (writings == "佐藤").mean() == pytest.approx(0.015, abs=0.004)
    assert (writings == "田中").mean() == pytest.approx(0.0106, abs=0.003)
    assert family_names().weight.sum() == pytest.approx(1)
    full = [f"{a} {b}" for a, b in zip(family, Identities(population).given[first], strict=True)]
    assert 0.02 < 1 - len(set(full)) / len(household) < 0.25


def test_every_name_can_be_written_in_cp932() -> None:
    for names in (family_names().writings.ravel(), family_names().kana):
        "".join(names).encode("cp932")
    for names in (given_names().kanji, given_names().kana):
        "".join(names).encode("cp932")


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("サトウ", ("sato", "satou", "satou", "satoh")),
        ("フジタ", ("fujita", "fujita", "huzita", "fujita")),
        ("ショウタ", ("shota", "shouta", "syouta", "shota")),
        ("ナンバ", ("namba", "nanba", "nanba", "namba")),
        ("ハットリ", ("hattori",) * 4),
    ],
)
def test_kana_in_latin_letters(kana: str, expected: tuple[str, ...]) -> None:
    assert tuple(to_romaji(kana, style) for style in range(4)) == expected


def test_numbers_and_addresses_belong_to_one_person(population: Population) -> None:
    identities, people = Identities(population), np.arange(population.n)
    numbers = [*identities.mobile(people, 0), *identities.mobile(people, 1)]
    assert len(set(numbers)) == 2 * population.n
    _, first = np.unique(population.household, return_index=True)
    assert len(set(identities.landline(first))) == len(first)
    own = people[identities.mail_owner == people]
    both = [*identities.email(own, own * 0 + PRIMARY), *identities.email(own, own * 0 + OTHER)]
    assert len(set(both)) == 2 * len(own)
