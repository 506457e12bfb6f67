"""Which pairs are called affinities, against those that were planted: `tokui evaluate baskets`.

The demo plants ten pairs of products. What else its people put together has causes too: gifts and
office supplies are bought for an occasion, some goods in their season, and a person comes back for
favourites. So those called beyond the planted ones are told apart by the occasion that both items
share. What popularity and the size of baskets make of the same shop alone is drawn as well: the
items of all baskets are mixed among baskets of one channel and size, and counted the same way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demo.assortment import kinds
from demo.popularity import COMPANY, GIFT
from evaluation.truth import NoTruthError, open_current, warehouse_beside

if TYPE_CHECKING:
    import duckdb

MAX_CALLED_BY_CHANCE = 0.001
"""Share of the pairs of mixed baskets that may be called."""
MAX_CALLED_UNPLANTED = 0.05
"""Share of the pairs that were not planted that may be called."""
_LEANING = 2.0
"""A kind of goods is of an occasion when its shoppers take it so many times as often."""
_SEED = 1


@dataclass(frozen=True)
class Planted:
    """A planted pair, in its direction; counts None where it is in too few baskets to be listed.

    `rank` is its place among all pairs by `lift_adjusted_low`.
    """

    a: str
    b: str
    n_ab: int | None
    confidence: float | None
    lift: float | None
    lift_adjusted_low: float | None
    is_affinity: bool
    rank: int | None


@dataclass(frozen=True)
class BasketReport:
    """Pairs of products of all baskets, each counted in one direction.

    `others` are the pairs that were not planted, `called` those of them that are called affinities,
    by what both items share; `raw_called` those whose plain lift is surely above 1. `mixed` and
    `mixed_called` are pairs of the mixed baskets.
    """

    planted: tuple[Planted, ...]
    others: int
    called: dict[str, int]
    raw_called: int
    mixed: int
    mixed_called: int
    mixed_raw_called: int


def evaluate(home: Path) -> BasketReport:
    """Judge the pairs of the current warehouse of a home.

    Raises:
        NoTruthError: the home has no truth or no pairs.
    """
    truth = home / "truth" / "affinities.parquet"
    warehouse_beside([truth], "what goes together")
    with open_current(home) as connection:
        planted = _planted(connection, truth)
        known = {frozenset((pair[0], pair[1])) for pair in _true_pairs(connection, truth)}
        others = [
            row
            for row in connection.execute(
                "select item_a, item_b, is_affinity, lift_low > 1 from marts.basket_pair "
                "where scope_type = 'all' and level = 'product' and item_a < item_b"
            ).fetchall()
            if frozenset(row[:2]) not in known
        ]
        called = Counter(_occasion(a, b) for a, b, is_affinity, _ in others if is_affinity)
        mixed, mixed_called, mixed_raw = _mix(connection)
        return BasketReport(
            planted=planted,
            others=len(others),
            called=dict(called.most_common()),
            raw_called=sum(raw for *_, raw in others),
            mixed=mixed,
            mixed_called=mixed_called,
            mixed_raw_called=mixed_raw,
        )


def complaints(report: BasketReport) -> list[str]:
    """What is missed or wrongly called, in words; empty when all bounds hold."""
    found = [
        f"{pair.a} -> {pair.b} is planted and in {pair.n_ab} baskets, but not called"
        for pair in report.planted
        if pair.n_ab is not None and not pair.is_affinity
    ]
    if report.mixed_called > MAX_CALLED_BY_CHANCE * report.mixed:
        found.append(
            f"{report.mixed_called} of {report.mixed} pairs of mixed baskets are called: "
            "they share nothing but popularity"
        )
    called = sum(report.called.values())
    if called > MAX_CALLED_UNPLANTED * report.others:
        found.append(f"{called} of {report.others} pairs are called that were not planted")
    return found


def main(home: Path, *, judge: bool = False) -> int:
    """Print the report of a home; 0, or 2 when there is nothing to judge.

    Args:
        judge: return 1 when a bound is missed.
    """
    try:
        report = evaluate(home)
    except NoTruthError as error:
        print(f"tokui: {error}")
        return 2
    missed = complaints(report)
    print(*render(report), *missed, sep="\n")
    return int(judge and bool(missed))


def render(report: BasketReport) -> list[str]:
    """The report as lines of text."""
    called = sum(report.called.values())
    found = sum(pair.is_affinity for pair in report.planted)
    return [
        f"{'planted pair':<22}{'baskets':>9}{'confid.':>9}{'lift':>8}{'adjusted, at least':>20}"
        f"{'rank':>6}  found",
        *(_line(pair) for pair in report.planted),
        "",
        f"{found} of {len(report.planted)} planted pairs found",
        f"{report.others:,} other pairs, {called:,} of them called affinities "
        f"({report.raw_called:,} have a lift that is surely above 1)",
        *(f"  {count:>6,} {occasion}" for occasion, count in report.called.items()),
        f"{report.mixed:,} pairs of mixed baskets, {report.mixed_called:,} of them called "
        f"({report.mixed_raw_called:,} have a lift that is surely above 1)",
    ]


def _line(pair: Planted) -> str:
    if pair.n_ab is None:
        return f"{f'{pair.a} -> {pair.b}':<22}{'in too few baskets':>52}  no"
    return (
        f"{f'{pair.a} -> {pair.b}':<22}{pair.n_ab:>9,}{pair.confidence:>9.3f}{pair.lift:>8.1f}"
        f"{pair.lift_adjusted_low:>20.1f}{pair.rank:>6}  {'yes' if pair.is_affinity else 'no'}"
    )


def _true_pairs(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[tuple[str, str]]:
    return connection.execute(
        f"select antecedent_product_id, consequent_product_id from '{truth}'"
    ).fetchall()


def _planted(connection: duckdb.DuckDBPyConnection, truth: Path) -> tuple[Planted, ...]:
    rows = connection.execute(
        "with ranked as (select *, dense_rank() over (order by lift_adjusted_low desc) as place "
        "from marts.basket_pair where scope_type = 'all' and level = 'product') "
        "select antecedent_product_id, consequent_product_id, n_ab, confidence, lift, "
        "lift_adjusted_low, coalesce(is_affinity, false), place "
        f"from '{truth}' left join ranked "
        "on item_a = antecedent_product_id and item_b = consequent_product_id order by place"
    ).fetchall()
    return tuple(Planted(*row) for row in rows)


def _occasion(a: str, b: str) -> str:
    """What the kinds of two products share: their number stands in the product's id."""
    kinds_of = [kinds()[int(product[1:3])] for product in (a, b)]
    totals = np.array([kind.weights for kind in kinds()]).sum(axis=0)
    for which, name in (
        (COMPANY, "both are bought for offices"),
        (GIFT, "both are given as gifts"),
    ):
        shares = [np.array(kind.weights) / totals for kind in kinds_of]
        if all(share[which] > _LEANING * share[0] for share in shares):
            return name
    if set(kinds_of[0].peak_months) & set(kinds_of[1].peak_months):
        return "both have their season in the same month"
    return "nothing of these"


def _mix(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """Pairs of mixed baskets, those called, and those with a lift surely above 1.

    Items change places with others of the same channel and size of basket; an item that comes to a
    basket twice is there once.
    """
    lines = connection.execute(
        "select channel_number, basket_id, product_number, "
        "least(count(*) over (partition by basket_id), 15) as size from baskets.lines "
        "order by channel_number, size, basket_id, product_number"
    ).fetchnumpy()
    draw = np.random.default_rng(_SEED)
    stratum = lines["channel_number"].astype(np.int64) * 100 + lines["size"]
    product = lines["product_number"].copy()
    for one in np.unique(stratum):
        here = np.flatnonzero(stratum == one)
        product[here] = draw.permutation(product[here])
    mixed = {"stratum": stratum, "basket": lines["basket_id"], "product": product}
    connection.register("mixed", mixed)
    found = connection.execute(_MIXED_PAIRS).fetchone()
    assert found is not None
    return found


_MIXED_PAIRS = """
with items as (
    select distinct stratum, basket, product from mixed
),
sized as (
    select *, count(*) over (partition by basket) as size from items
),
counts as (
    select stratum, product, count(*) as n from sized where size > 1 group by all
),
weights as (
    select stratum, sum(size - 1) / count(*) ** 2 as weight from sized where size > 1 group by all
),
totals as (
    select product, count(*) as n from items group by all
),
pairs as (
    select a.product as a, b.product as b, count(*) as n
    from items as a join items as b on a.basket = b.basket and a.product < b.product
    group by all having count(*) >= 20
),
expected as (
    select pairs.a, pairs.b, pairs.n, sum(one.n * other.n * weight) as n_expected
    from pairs
    join counts as one on one.product = a
    join counts as other on other.product = b and other.stratum = one.stratum
    join weights on weights.stratum = one.stratum
    group by all
),
measured as (
    select
        expected.n / n_expected * exp(-1.96 / sqrt(expected.n)) as adjusted_low,
        expected.n::double * n_all / (one.n * other.n) as lift,
        exp(1.96 * sqrt(
            1 / expected.n - 1 / one.n - 1 / other.n + (2 * lift - 1) / n_all
        )) as factor
    from expected
    join totals as one on one.product = a
    join totals as other on other.product = b
    cross join (select count(distinct basket) as n_all from items)
)
select
    count(*), count(*) filter (where adjusted_low >= 2), count(*) filter (where lift / factor > 1)
from measured
"""
