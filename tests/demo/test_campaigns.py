"""Campaigns: audiences, arms, planted purchases, coupons, and the truth about them."""

from __future__ import annotations

import numpy as np
import pytest

from demo.campaign_plan import CampaignPlan, plan
from demo.campaign_truth import campaign_lifts
from demo.campaigns import OF_MEMBERS, WINDOW, make_campaigns
from demo.friends import is_friend
from demo.population import build_population
from demo.scale import SCALES
from demo.world import World


@pytest.fixture(scope="module")
def planned(small_world: World) -> CampaignPlan:
    return small_world.plan


def pairs(campaign: np.ndarray, person: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(campaign.tolist(), person.tolist(), strict=True))


def test_there_is_a_campaign_a_week_and_windows_do_not_overlap() -> None:
    campaigns = make_campaigns(1)
    base = campaigns.send_day < 730
    assert 95 <= np.count_nonzero(base) <= 102
    assert np.diff(campaigns.send_day).min() >= WINDOW
    assert len(set(campaigns.campaign_id)) == len(campaigns)


def test_a_third_of_the_campaigns_is_aa_and_every_channel_occurs() -> None:
    campaigns = make_campaigns(1)
    assert np.count_nonzero(campaigns.is_aa) == pytest.approx(len(campaigns) / 3, abs=1)
    assert set(campaigns.channel) == {"email", "line", "coupon", "dm", "sms", "event"}
    assert (campaigns.channel == "email").mean() > 0.5
    planted = campaigns.lift[~campaigns.is_aa]
    assert planted.min() >= 0.01
    assert planted.max() <= 0.05


def test_rules_for_success_are_set_before_most_sends_and_after_some() -> None:
    campaigns = make_campaigns(1)
    has_rule = campaigns.success_metric != ""
    assert 0.6 < has_rule.mean() < 0.95
    late = campaigns.registered_after[has_rule] > 0
    assert 0.03 < late.mean() < 0.3


def test_audiences_are_subscriptions_that_can_be_addressed(small_world: World) -> None:
    planned, population = small_world.plan, small_world.population
    audiences, sent = planned.audiences, planned.campaigns.send_day[planned.audiences.campaign]
    assert np.all(population.subscribers.created_day[audiences.subscriber] < sent)
    assert not population.is_child[audiences.person].any()
    changes = planned.subscriber_changes()
    left = np.full(len(population.subscribers), np.iinfo(np.int16).max)
    left[changes.subscriber] = changes.day
    assert np.all(sent <= left[audiences.subscriber])
    assert len(pairs(audiences.campaign, audiences.subscriber)) == len(audiences)


def test_line_reaches_friends_and_register_channels_members(small_world: World) -> None:
    planned, population = small_world.plan, small_world.population
    for number in np.flatnonzero(planned.campaigns.channel == "line")[:5]:
        rows = planned.audiences.rows_of(number)
        friends = is_friend(population, int(planned.campaigns.send_day[number]))
        assert friends[planned.audiences.person[rows]].all()
    of_members = np.isin(planned.campaigns.channel, OF_MEMBERS)[planned.audiences.campaign]
    member = planned.audiences.member[of_members]
    assert member.min() >= 0
    assert np.array_equal(population.members.person[member], planned.audiences.person[of_members])
    people = pairs(planned.audiences.campaign[of_members], planned.audiences.person[of_members])
    assert len(people) == np.count_nonzero(of_members)


def test_hold_outs_are_ten_to_twenty_percent(planned: CampaignPlan) -> None:
    share = planned.held_out / (planned.held_out + planned.treated)
    noise = 4 * np.sqrt(0.2 * 0.8 / (planned.held_out + planned.treated))
    assert np.all((share > 0.1 - noise) & (share < 0.2 + noise))
    assert 0.13 < planned.held_out.sum() / (planned.held_out + planned.treated).sum() < 0.17


def test_a_person_is_in_one_arm_however_many_subscriptions(planned: CampaignPlan) -> None:
    audiences, held = planned.audiences, planned.audiences.is_holdout
    treated = pairs(audiences.campaign[~held], audiences.person[~held])
    held_out = pairs(audiences.campaign[held], audiences.person[held])
    assert not treated & held_out
    assert len(treated) < np.count_nonzero(~held), "nobody has two subscriptions: nothing tested"


def test_purchases_are_planted_in_the_treated_alone_at_the_planted_rate(
    planned: CampaignPlan,
) -> None:
    extra, audiences = planned.extra_visits(), planned.audiences
    sent = ~audiences.is_holdout
    planted = pairs(extra.campaign, extra.person)
    assert planted <= pairs(audiences.campaign[sent], audiences.person[sent])
    assert len(planted) == len(extra.person)
    lift, treated = planned.campaigns.lift, planned.treated
    count = np.bincount(extra.campaign, minlength=len(lift))
    assert not count[lift == 0].any()
    deviation = (count - lift * treated) / np.sqrt(np.maximum(lift * (1 - lift) * treated, 1e-9))
    assert np.abs(deviation[lift > 0]).max() < 4.5
    assert abs(deviation[lift > 0].mean()) < 4 / np.sqrt(np.count_nonzero(lift))


def test_planted_purchases_follow_the_send_within_the_window(planned: CampaignPlan) -> None:
    extra = planned.extra_visits()
    wait = extra.day - planned.campaigns.send_day[extra.campaign]
    assert wait.min() == 1
    assert wait.max() == WINDOW - 1
    assert np.all(np.diff(extra.day) >= 0)


def test_treated_minus_held_out_finds_the_lift_again(small_world: World) -> None:
    planned, visits = small_world.plan, small_world.visits
    truth = campaign_lifts(small_world).to_pandas()
    differences, errors = [], []
    for number in range(len(planned.campaigns)):
        rows, send_day = planned.audiences.rows_of(number), planned.campaigns.send_day[number]
        person, held = planned.audiences.person[rows], planned.audiences.is_holdout[rows]
        in_window = (visits.day >= send_day) & (visits.day < send_day + WINDOW)
        buys = np.isin(person, visits.person[in_window])
        differences.append(buys[~held].mean() - buys[held].mean())
        share = buys.mean()
        errors.append(share * (1 - share) * (1 / held.sum() + 1 / (~held).sum()))
    difference, error = np.array(differences), np.array(errors)
    is_aa = truth["is_aa"].to_numpy()
    for rows in (is_aa, ~is_aa):
        gap = (difference - truth["lift"].to_numpy())[rows].mean()
        assert abs(gap) < 4 * np.sqrt(error[rows].sum()) / np.count_nonzero(rows)
    covered = np.abs(difference - truth["lift"]) < 1.96 * np.sqrt(error)
    assert 0.88 < covered.mean() <= 1
    assert difference[~is_aa].mean() > 0.01


def test_truth_counts_people_and_says_less_for_what_the_register_knows(small_world: World) -> None:
    truth = campaign_lifts(small_world).to_pandas()
    assert np.array_equal(truth["n_treated"], small_world.plan.treated)
    assert np.array_equal(truth["n_held_out"], small_world.plan.held_out)
    planted = truth[~truth["is_aa"]]
    assert (planted["lift"] < planted["extra_visits"]).all()
    assert (planted["lift_identified"] < planted["extra_visits"]).all()
    assert (truth.loc[truth["is_aa"], ["lift", "lift_identified", "n_extra_visits"]] == 0).all(None)


def test_each_coupon_is_redeemed_once_by_holders_while_it_is_valid(planned: CampaignPlan) -> None:
    extra, n = planned.extra_visits(), planned.population.n
    rng = np.random.default_rng(0)
    person = np.concatenate([extra.person, rng.integers(0, n, 200_000)]).astype(np.int32)
    day = np.concatenate([extra.day, rng.integers(0, 1_130, 200_000)]).astype(np.int16)
    campaign = np.concatenate([extra.campaign, np.full(200_000, -1)]).astype(np.int16)
    order = np.argsort(day, kind="stable")
    person, day, campaign = person[order], day[order], campaign[order]
    redeemed = planned.redeemed_coupons(person, day, campaign)
    used = np.flatnonzero(redeemed >= 0)
    assert len(pairs(redeemed[used], person[used])) == len(used)
    campaigns, members = planned.campaigns, planned.population.members
    wait = day[used] - campaigns.send_day[redeemed[used]]
    assert wait.min() >= 1
    assert np.all(wait <= campaigns.coupon_days[redeemed[used]])
    for number in np.unique(redeemed[used]):
        holders = members.person[planned.coupon_holders(number)]
        assert np.isin(person[used][redeemed[used] == number], holders).all()
    has_coupon = (campaign >= 0) & (campaigns.coupon_yen[campaign] > 0)
    assert (redeemed[has_coupon] == campaign[has_coupon]).mean() > 0.6
    assert 0 < (redeemed[campaign < 0] >= 0).mean() < 0.05


def test_visits_out_of_order_are_refused(planned: CampaignPlan) -> None:
    person = np.array([1, 2], dtype=np.int32)
    with pytest.raises(ValueError, match="sorted by day"):
        planned.redeemed_coupons(person, np.array([5, 4]), np.array([-1, -1]))


def test_subscriptions_end_once_and_in_all_three_ways(planned: CampaignPlan) -> None:
    changes = planned.subscriber_changes()
    assert len(np.unique(changes.subscriber)) == len(changes.subscriber)
    assert set(changes.status) == {"bounced", "unsubscribed", "complained"}
    at = changes.day.astype(np.int64) * 86_400 + changes.second
    assert np.all(np.diff(at) >= 0)
    assert changes.second.max() < 86_400


def test_the_seed_alone_decides() -> None:
    population = build_population(5, SCALES["small"])
    one, again = plan(population), plan(population)
    other = plan(build_population(6, SCALES["small"]))
    assert np.array_equal(one.audiences.subscriber, again.audiences.subscriber)
    assert np.array_equal(one.extra_visits().person, again.extra_visits().person)
    assert len(one.audiences) != len(other.audiences)
