"""How right the effects of campaigns are: `tokui evaluate campaigns`.

Campaigns with a planted lift must have it within their interval of 95 %, and campaigns that plant
nothing (A/A) must not claim one. Beside them stands what before and after alone would have said.

`python -m evaluation campaigns` judges hundreds of campaigns: demo worlds of several seeds, put
straight into the tables that the models read. `--home` and `tokui evaluate campaigns` judge those
of one published demo, in which people had to be found first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.scale import SCALES
from demo.world import World
from evaluation.campaign_models import compile_models, estimate
from evaluation.campaign_truth import (
    Customers,
    Lifts,
    lifts_of_people,
    perfect_identity,
    visible_lifts,
)
from evaluation.truth import NoTruthError, open_current, warehouse_beside

if TYPE_CHECKING:
    import duckdb

METRICS = ("purchase_rate", "orders_per_person", "net_sales_per_person")
WINDOW_DAYS = 7
"""Of the setting effect_weeks = 1, which the demo leaves alone."""
MIN_INSIDE = 0.90
MAX_CLAIMED = 0.08
MIN_CAMPAIGNS = 100
"""Fewer with a lift, or without, say nothing about a share of intervals."""
_QUANTILE = 1.96
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Effects:
    """One metric of campaigns that are compared with their hold-outs: arrays over campaigns.

    `truth` is what was planted. `low` to `high`, `did_low` to `did_high` and `naive_low` to
    `naive_high` are intervals: against the held-out, of differences in differences, and of after
    less before of the treated alone. A bound is NaN where nobody bought.
    """

    truth: Array
    is_aa: NDArray[np.bool_]
    low: Array
    high: Array
    did_low: Array
    did_high: Array
    naive_low: Array
    naive_high: Array


@dataclass(frozen=True)
class Score:
    """How often intervals of one kind hold the truth.

    `inside` of `lifted` campaigns with a planted lift, `claimed` of `aa` without one; `reversed`:
    lifted campaigns of which the interval says that they did harm.
    """

    lifted: int
    inside: int
    reversed: int
    aa: int
    claimed: int

    @property
    def inside_share(self) -> float:
        return self.inside / self.lifted if self.lifted else float("nan")

    @property
    def claimed_share(self) -> float:
        return self.claimed / self.aa if self.aa else float("nan")


@dataclass(frozen=True)
class Dilution:
    """Mean additional share of buyers of campaigns with a lift, by who counts them."""

    people: float
    identified: float
    visible: float


def main_of_worlds(scale: str, seeds: Iterable[int]) -> int:
    """Judge the campaigns of demo worlds; 0 when all bounds hold, else 1."""
    with TemporaryDirectory() as folder:
        effects = world_effects(
            [World(seed, SCALES[scale]) for seed in seeds], compile_models(), Path(folder)
        )
    print(*render(effects), sep="\n")
    complaints = out_of_bounds(effects)
    print(*complaints, sep="\n")
    return int(bool(complaints))


def main(home: Path) -> int:
    """Print the report of a published demo; 0, or 2 when there is nothing to judge.

    One demo has too few campaigns to hold bounds: `main_of_worlds` does that.
    """
    try:
        effects, dilution, agreeing = home_effects(home)
    except NoTruthError as error:
        print(f"tokui: {error}")
        return 2
    print(*render(effects), *render_dilution(dilution), agreeing, sep="\n")
    return 0


def world_effects(
    worlds: Iterable[World], statements: list[str], folder: Path
) -> dict[str, Effects]:
    """The models' effects of all campaigns of some worlds, by metric; people are customers."""
    import duckdb

    found: list[dict[str, Effects]] = []
    for world in worlds:
        path = estimate(world, statements, folder)
        truth = visible_lifts(world, perfect_identity(world), WINDOW_DAYS)
        with duckdb.connect(str(path), read_only=True) as connection:
            found.append(read_effects(connection, world, truth))
    return {metric: _joined([each[metric] for each in found]) for metric in METRICS}


def home_effects(home: Path) -> tuple[dict[str, Effects], Dilution, str]:
    """The published effects of one demo by metric, and how far what is visible falls short.

    Sales are left out: what a receipt comes to is not what the generator aimed at.

    Raises:
        NoTruthError: no truth, no warehouse, or no effects in it.
    """
    state = home / "feeds/demo.json"
    warehouse_beside([state], "what campaigns add")
    made = json.loads(state.read_text(encoding="utf-8"))
    world = World(made["seed"], SCALES[made["scale"]])
    with open_current(home) as connection:
        customers = found_customers(connection, world)
        visible = visible_lifts(world, customers, WINDOW_DAYS)
        effects = read_effects(connection, world, visible)
        agreeing = _agreement(connection, world, visible)
    effects.pop("net_sales_per_person")
    planted = world.plan.campaigns.lift > 0
    dilution = Dilution(
        *(
            float(lifts.purchase_rate[planted].mean())
            for lifts in (
                lifts_of_people(world, WINDOW_DAYS),
                visible_lifts(world, perfect_identity(world), WINDOW_DAYS),
                visible,
            )
        )
    )
    return effects, dilution, agreeing


def found_customers(connection: duckdb.DuckDBPyConnection, world: World) -> Customers:
    """The customers that a warehouse made of the demo's records."""
    rows = connection.execute(
        "with numbered as (select customer_key, is_internal, "
        "row_number() over (order by customer_key) - 1 as customer "
        "from intermediate.int_customers), "
        "ids as (select 'pos' as system, member_id as plain_id, member_id_hash as source_id "
        "from staging.stg_pos__members union all select 'email', subscriber_id, subscriber_id_hash "
        "from staging.stg_email__subscribers) "
        "select system, plain_id, customer, is_internal from numbered "
        "left join intermediate.int_customer_identity as identity using (customer_key) "
        "left join ids on ids.system = identity.source_system "
        "and ids.source_id = identity.source_id order by customer"
    ).fetchnumpy()
    customer = rows["customer"].astype(np.int64)
    is_internal = np.zeros(int(customer.max(initial=-1)) + 1, dtype=bool)
    is_internal[customer] = rows["is_internal"].astype(bool)

    def of(system: str, ids: NDArray[np.str_]) -> NDArray[np.int64]:
        mine = np.asarray(rows["system"]) == system
        known = dict(zip(rows["plain_id"][mine], customer[mine], strict=True))
        return np.array([known.get(each, -1) for each in ids.tolist()], dtype=np.int64)

    population = world.population
    return Customers(
        of("pos", population.members.source_id),
        of("email", population.subscribers.source_id),
        is_internal,
    )


def read_effects(
    connection: duckdb.DuckDBPyConnection, world: World, truth: Lifts
) -> dict[str, Effects]:
    """What a warehouse says of the campaigns as a whole that it compares with hold-outs."""
    number = {name: n for n, name in enumerate(world.plan.campaigns.campaign_id)}
    found = {}
    for metric in METRICS:
        rows = connection.execute(
            "select effects.campaign_id, lift_low as low, lift_high as high, did_low, did_high, "
            "strata.change / n_treated as naive, "
            f"{_QUANTILE} * sqrt((squares - change * change / n_treated) "
            "/ (n_treated - 1) / n_treated) as naive_error "
            "from marts.campaign_effect as effects join (select campaign_id, "
            "sum(cast(treated_post - treated_pre as double)) as change, "
            "sum(cast(treated_change_squares as double)) as squares "
            "from intermediate.int_campaign_strata where variant = 'all' and segment = 'all' "
            "and metric = $metric group by campaign_id) as strata using (campaign_id) "
            "where variant = 'all' and segment = 'all' and metric = $metric "
            "and lift_abs is not null order by effects.campaign_id",
            {"metric": metric},
        ).fetchnumpy()
        campaign = np.array([number[name] for name in rows["campaign_id"]], dtype=np.int64)
        ends = {
            name: np.ma.filled(rows[name].astype(float), np.nan)
            for name in ("low", "high", "did_low", "did_high", "naive", "naive_error")
        }
        naive, error = ends.pop("naive"), ends.pop("naive_error")
        found[metric] = Effects(
            truth=getattr(truth, metric)[campaign],
            is_aa=world.plan.campaigns.is_aa[campaign],
            naive_low=naive - error,
            naive_high=naive + error,
            **ends,
        )
    return found


def score(effects: Effects, kind: str = "") -> Score:
    """How often the intervals of a kind ("", "did_" or "naive_") hold the truth."""
    low, high = getattr(effects, f"{kind}low"), getattr(effects, f"{kind}high")
    lifted, aa = ~effects.is_aa, effects.is_aa
    unknown = np.isnan(low) | np.isnan(high)
    inside = unknown | ((low <= effects.truth) & (effects.truth <= high))
    claims = ~unknown & ((low > 0) | (high < 0))
    return Score(
        lifted=int(lifted.sum()),
        inside=int(inside[lifted].sum()),
        reversed=int((high[lifted] < 0).sum()),
        aa=int(aa.sum()),
        claimed=int(claims[aa].sum()),
    )


def out_of_bounds(effects: dict[str, Effects], least: int = MIN_CAMPAIGNS) -> list[str]:
    """What the intervals miss, in words; empty when all bounds hold."""
    found = []
    for metric, each in effects.items():
        result = score(each)
        if min(result.lifted, result.aa) < least:
            found.append(
                f"{metric}: {result.lifted} campaigns with a lift and {result.aa} without, fewer "
                f"than {least}: take more seeds"
            )
            continue
        if result.inside_share < MIN_INSIDE:
            found.append(
                f"{metric}: {result.inside_share:.1%} of the true lifts lie in their interval, "
                f"fewer than {MIN_INSIDE:.0%}"
            )
        if result.claimed_share > MAX_CLAIMED:
            found.append(
                f"{metric}: {result.claimed_share:.1%} of the campaigns that did nothing are "
                f"significant, more than {MAX_CLAIMED:.0%}"
            )
    return found


def render(effects: dict[str, Effects]) -> list[str]:
    """The report as lines of text."""
    lines = [
        f"{'':<22}{'':<26}{'true lift in':>16}{'said to do':>14}{'A/A said to':>18}",
        f"{'metric':<22}{'interval':<26}{'the interval':>16}{'harm':>14}{'do something':>18}",
    ]
    for metric, each in effects.items():
        for label, kind in _KINDS:
            found = score(each, kind)
            lines.append(
                f"{metric:<22}{label:<26}"
                f"{f'{found.inside}/{found.lifted} {found.inside_share:.1%}':>16}"
                f"{f'{found.reversed}/{found.lifted}':>14}"
                f"{f'{found.claimed}/{found.aa} {found.claimed_share:.1%}':>18}"
            )
    return lines


def render_dilution(dilution: Dilution) -> list[str]:
    """What becomes of a lift on its way into the warehouse, as lines of text."""
    return [
        "",
        "additional buyers of campaigns with a lift, of 100 treated",
        f"  people who buy {100 * dilution.people:.2f}, of them with a card shown "
        f"{100 * dilution.identified:.2f}, of them on a card that the warehouse joined with the "
        f"subscription {100 * dilution.visible:.2f}",
    ]


_KINDS = (
    ("against the held-out", ""),
    ("differences in differences", "did_"),
    ("before and after", "naive_"),
)


def _joined(parts: list[Effects]) -> Effects:
    names = Effects.__dataclass_fields__
    return Effects(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _agreement(connection: duckdb.DuckDBPyConnection, world: World, visible: Lifts) -> str:
    """Whether the warehouse treats those people whom the generator treated."""
    rows = connection.execute(
        "select campaign_id, n_treated from marts.campaign_effect where variant = 'all' "
        "and segment = 'all' and metric = 'purchase_rate'"
    ).fetchall()
    treated = dict(zip(world.plan.campaigns.campaign_id, visible.n_treated.tolist(), strict=True))
    same = sum(treated[campaign] == n for campaign, n in rows)
    return f"campaigns with as many treated customers as the generator sent to: {same}/{len(rows)}"
