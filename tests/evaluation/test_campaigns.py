"""Effects of campaigns against what was planted: their intervals hold it, or the report says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from demo.scale import Scale
from demo.world import World
from evaluation.campaign_models import compile_models, estimate
from evaluation.campaign_truth import (
    Customers,
    lifts_of_people,
    perfect_identity,
    visible_lifts,
)
from evaluation.campaigns import (
    MIN_CAMPAIGNS,
    WINDOW_DAYS,
    Effects,
    out_of_bounds,
    render,
    score,
    world_effects,
)

SCALE = Scale("tiny", people=6_000, stores=4)


@pytest.fixture(scope="module")
def world() -> World:
    return World(5, SCALE)


@pytest.fixture(scope="module")
def statements() -> list[str]:
    return compile_models()


@pytest.fixture(scope="module")
def effects(
    world: World, statements: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Effects]:
    return world_effects([world], statements, tmp_path_factory.mktemp("effects"))


def made(lifts: int, inside: int, nothing: int, claimed: int) -> Effects:
    """Effects of which so many intervals hold a lift of 2, and so many claim one of 0."""
    truth = np.r_[np.full(lifts, 2.0), np.zeros(nothing)]
    low = np.r_[np.full(inside, 1.0), np.full(lifts - inside, 2.5)]
    low = np.r_[low, np.full(claimed, 0.5), np.full(nothing - claimed, -0.5)]
    return Effects(
        truth=truth,
        is_aa=truth == 0,
        **{f"{kind}low": low for kind in ("", "did_", "naive_")},
        **{f"{kind}high": low + 2 for kind in ("", "did_", "naive_")},
    )


def test_lifts_lie_in_their_intervals_and_nothing_is_claimed_of_nothing(
    effects: dict[str, Effects],
) -> None:
    """Of 95 % of some hundred campaigns no fewer than 88 % hold it by chance, in all but one of a
    thousand tries; of the half as many without a lift no more than 13 % claim one."""
    found = score(effects["purchase_rate"])
    assert found.lifted >= 80
    assert found.aa >= 40
    assert found.inside_share >= 0.88
    assert found.claimed_share <= 0.13


def test_arms_that_chance_did_not_draw_are_found_out(
    world: World, statements: list[str], tmp_path: Path
) -> None:
    """Whoever was known to buy is written to, the others are held out: a claim would be wrong."""
    audiences, processes = world.plan.audiences, world.visits.processes
    rate = np.nan_to_num(processes.rate)[audiences.person] * processes.is_alive[audiences.person]
    held_out = rate <= np.quantile(rate, 0.4)
    path = estimate(world, statements, tmp_path, held_out=held_out)
    with duckdb.connect(str(path), read_only=True) as connection:
        grades = dict(
            connection.execute(
                "select evidence_grade, count(*) from marts.campaign_effect where variant = 'all' "
                "and segment = 'all' and metric = 'purchase_rate' "
                "and least(n_treated, n_control) >= 100 group by all"
            ).fetchall()
        )
    assert grades.get("randomised", 0) < 0.1 * sum(grades.values())


def test_people_who_do_not_show_a_card_dilute_a_lift(world: World) -> None:
    planted = world.plan.campaigns.lift > 0
    people = lifts_of_people(world, WINDOW_DAYS).purchase_rate
    visible = visible_lifts(world, perfect_identity(world), WINDOW_DAYS).purchase_rate
    assert np.all(people[planted] <= world.plan.campaigns.lift[planted])
    assert np.all(visible[planted] < people[planted])
    assert not people[~planted].any()


def test_a_card_that_was_not_joined_hides_its_owners_purchases(world: World) -> None:
    joined = perfect_identity(world)
    members = world.population.members
    apart = Customers(
        of_member=np.arange(len(members.person)) + joined.count,
        of_subscriber=joined.of_subscriber,
        is_internal=np.zeros(joined.count + len(members.person), dtype=bool),
    )
    addressed = np.isin(world.plan.campaigns.channel, ("email", "line", "sms"))
    lifts = visible_lifts(world, apart, WINDOW_DAYS)
    assert not lifts.purchase_rate[addressed].any()
    assert lifts.purchase_rate[~addressed].any()


def test_bounds_are_held_or_named() -> None:
    good = made(MIN_CAMPAIGNS, 90, MIN_CAMPAIGNS, 8)
    assert out_of_bounds({"purchase_rate": good}) == []
    few_inside = made(MIN_CAMPAIGNS, 89, MIN_CAMPAIGNS, 8)
    (complaint,) = out_of_bounds({"purchase_rate": few_inside})
    assert "89.0% of the true lifts" in complaint
    claims = made(MIN_CAMPAIGNS, 90, MIN_CAMPAIGNS, 9)
    (complaint,) = out_of_bounds({"purchase_rate": claims})
    assert "9.0% of the campaigns that did nothing" in complaint
    (complaint,) = out_of_bounds({"purchase_rate": made(99, 99, MIN_CAMPAIGNS, 0)})
    assert "take more seeds" in complaint


def test_an_interval_that_nobody_knows_claims_nothing() -> None:
    known = made(2, 1, 2, 1)
    unknown = replace(known, low=np.full(4, np.nan), high=np.full(4, np.nan))
    found = score(unknown)
    assert (found.inside, found.claimed, found.reversed) == (2, 0, 0)


def test_the_report_sets_the_naive_answer_beside_it(effects: dict[str, Effects]) -> None:
    text = "\n".join(render(effects))
    assert "before and after" in text
    assert (
        score(effects["purchase_rate"], "naive_").inside_share
        < score(effects["purchase_rate"]).inside_share
    )
