"""What is in each basket: lines of goods, with planted affinities, and what the till adds to them.

What belongs here: products, quantities, prices and discounts of lines. What does not: totals, tax,
discounts of the whole receipt (`demo.receipts`). A basket is a function of its visit alone, so it
can be filled again whenever a later row needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.assortment import kinds, plain_product
from demo.catalogue import Catalogue
from demo.lines import SALE, Lines, gross, join, stack
from demo.popularity import COMPANY, FAVOURITE, GIFT, ONLINE, STORE, popularity
from demo.streams import Draws
from demo.till_extras import till_extras
from demo.trials import SAMPLES
from demo.trips import Trips, trips

if TYPE_CHECKING:
    from demo.world import World

AFFINITIES = (
    ("パスタ500g", "オリーブオイル", 0.22),
    ("食パン6枚", "バター", 0.18),
    ("カレールウ", "にんじん", 0.30),
    ("ドリップコーヒー", "クッキー缶", 0.15),
    ("洗濯洗剤", "柔軟剤", 0.35),
    ("シャンプー", "コンディショナー", 0.45),
    ("缶ビール6本", "ポテトチップス", 0.25),
    ("紙おむつS", "おしりふき", 0.40),
    ("歯みがき粉", "歯ブラシ", 0.30),
    ("コーヒー豆200g", "ペーパーフィルター", 0.20),
)
"""A basket with the first product gets the second one too, with that probability, unless it holds
it already. Both are plain products."""

_MEAN_LINES = {
    STORE: (3.9, 2_800),
    ONLINE: (2.5, 2_800),
    COMPANY: (4.5, 15_000),
    GIFT: (3.0, 5_000),
}
"""Lines of a basket of so many net yen; they grow with the root of the spend."""
_MOST_LINES, _LEAST_NET = 50, 170
"""No basket has more lines, or lines of less net yen on average."""
_SLOTS = 64
_FAVOURITE_SHARE, _FAVOURITES = 0.3, 7
_QUANTITIES, _QUANTITY_SHARES = np.array([1, 2, 3, 4, 6]), (0.83, 0.12, 0.03, 0.015, 0.005)
_MEAN_QUANTITY, _MEAN_OFFICE_QUANTITY = 1.36, 4.0
_LEAST_GRAMS, _GRAMS = 120, 300
"""A weighed good is priced by 100 g."""
_OFFER_SHARE, _OFFERS = 0.05, np.array([10, 20, 30])
"""Share of the categories on offer in a week, and per cent off."""
_REDUCED_SHARE, _REDUCED_FROM, _REDUCED = 0.10, 18 * 60, np.array([20, 30, 50])
_FRESH = ("パン", "弁当", "揚げ物", "牛肉", "豚鶏肉", "魚")


def fill_baskets(
    world: World, visit: NDArray[np.int64], is_scanned_twice: NDArray[np.bool_]
) -> Lines:
    """Lines of a receipt for each visit, in that order; receipt 0 is that of the first visit.

    `is_scanned_twice`: the first good stands on the receipt twice, by mistake.
    """
    catalogue, draws = world.catalogue, Draws(world.population.seed)
    trip = trips(world, visit)
    count = _line_counts(draws, trip)
    receipt = np.repeat(np.arange(len(trip)), count)
    slot = np.arange(len(receipt)) - np.repeat(np.cumsum(count) - count, count)
    product = _choose_goods(world, draws, trip, count, receipt, visit[receipt] * _SLOTS + slot)
    goods = _as_lines(catalogue, draws, trip, receipt, product, slot)
    planted = _planted(catalogue, draws, trip, goods)
    tried = _tried_before(world, draws, trip, stack([goods, planted]))
    twice = goods.keep((slot == 0) & is_scanned_twice[receipt])
    goods = stack([goods, planted, tried, twice])
    return join([goods, till_extras(world, trip, goods)])


def affinities() -> pa.Table:
    """One row a planted pair: `antecedent_product_id`, `consequent_product_id`, and
    `added_probability`, with which a basket with the first that lacks the second gets it."""
    first, second, probability = zip(*AFFINITIES, strict=True)
    return pa.table(
        {
            "antecedent_product_id": pa.array([plain_product(name) for name in first]),
            "consequent_product_id": pa.array([plain_product(name) for name in second]),
            "added_probability": pa.array(probability),
        }
    )


def _line_counts(draws: Draws, trip: Trips) -> NDArray[np.int64]:
    """Goods of each basket: one, and twice a geometric number."""
    lines, of_spend = np.array([_MEAN_LINES[kind] for kind in range(len(_MEAN_LINES))])[trip.kind].T
    mean = np.maximum(lines * np.sqrt(trip.spend / of_spend) - 1, 0.05) / 2
    count = np.ones(len(trip), dtype=np.int64)
    for half in ("first", "second"):
        chance = 1 - draws.uniform(f"lines {half}", trip.visit)
        count += np.floor(np.log(chance) / np.log(mean / (1 + mean))).astype(np.int64)
    affordable = np.maximum(trip.spend // _LEAST_NET, 1).astype(np.int64)
    return np.minimum(count, np.minimum(affordable, _MOST_LINES))


def _choose_goods(
    world: World,
    draws: Draws,
    trip: Trips,
    count: NDArray[np.int64],
    receipt: NDArray[np.int64],
    line: NDArray[np.int64],
) -> NDArray[np.int64]:
    """A product for each line: favourites of the person, and others as dear as the spend asks."""
    shop = popularity(world.population.seed, world.population.scale)
    kind, day, person = trip.kind[receipt], trip.day[receipt], trip.person[receipt]
    number = draws.uniform("product", line)
    is_favourite = (kind == STORE) & draws.chance("favourite", line, _FAVOURITE_SHARE)
    which = draws.integers("which favourite", line[is_favourite], _FAVOURITES)
    taste = draws.uniform("taste", person[is_favourite].astype(np.int64) * _FAVOURITES + which)
    product = np.zeros(len(line), dtype=np.int64)
    product[is_favourite] = shop.choose(
        np.full(len(taste), FAVOURITE), np.zeros(len(taste), dtype=np.int16), taste
    )
    price = world.catalogue.prices[0, product] / 1.08 * is_favourite
    quantity = np.where(trip.kind == COMPANY, _MEAN_OFFICE_QUANTITY, _MEAN_QUANTITY)
    fixed = np.bincount(receipt, price, len(trip))
    others = count - np.bincount(receipt[is_favourite], minlength=len(trip))
    target = np.maximum(trip.spend / quantity - fixed, trip.spend * 0.2) / np.maximum(others, 1)
    leaning = shop.leaning(trip.kind, target)
    rest = ~is_favourite
    product[rest] = shop.choose(kind[rest], day[rest], number[rest] ** leaning[receipt[rest]])
    return product


def _as_lines(
    catalogue: Catalogue,
    draws: Draws,
    trip: Trips,
    receipt: NDArray[np.int64],
    product: NDArray[np.int64],
    slot: NDArray[np.int64],
) -> Lines:
    """Lines with quantity, price and the line's own discount; `slot` tells them apart."""
    line, tax_included = trip.visit[receipt] * _SLOTS + slot, trip.tax_included[receipt]
    units = _QUANTITIES[draws.choice("quantity", line, _QUANTITY_SHARES)]
    office = 1 + np.floor(
        np.log(1 - draws.uniform("office quantity", line)) / np.log(1 - 1 / _MEAN_OFFICE_QUANTITY)
    )
    units = np.where(trip.kind[receipt] == COMPANY, office, units).astype(np.int64) * 1_000
    weight = (_LEAST_GRAMS + draws.integers("grams", line, _GRAMS)) * 10
    quantity = np.where(catalogue.is_weighed[product], weight, units)
    price = catalogue.shelf_price(product, trip.day[receipt], tax_included)
    percent = _percent_off(catalogue, draws, trip, receipt, product, line)
    return Lines(
        receipt=receipt,
        product=product,
        quantity=quantity,
        unit_price=price,
        own_discount=gross(quantity, price) * percent // 100,
        line_type=np.full(len(receipt), SALE, dtype=np.int8),
        tax_included=tax_included,
        original_line=np.zeros(len(receipt), dtype=np.int64),
    )


def _percent_off(
    catalogue: Catalogue,
    draws: Draws,
    trip: Trips,
    receipt: NDArray[np.int64],
    product: NDArray[np.int64],
    line: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Offers of the week, and fresh food that is reduced in the evening; companies pay in full."""
    kind = catalogue.kind[product].astype(np.int64)
    week = trip.day[receipt].astype(np.int64) // 7 * len(kinds()) + kind
    percent = np.where(
        draws.chance("offer", week, _OFFER_SHARE), _OFFERS[draws.integers("off", week, 3)], 0
    )
    is_fresh = np.array([row.category_3 in _FRESH for row in kinds()])[kind]
    late = is_fresh & (trip.minute[receipt] >= _REDUCED_FROM)
    late &= draws.chance("reduced", line, _REDUCED_SHARE)
    percent = np.where(late, _REDUCED[draws.integers("reduced by", line, 3)], percent)
    return np.where(trip.kind[receipt] == COMPANY, 0, percent)


def _planted(catalogue: Catalogue, draws: Draws, trip: Trips, goods: Lines) -> Lines:
    """The lines that the affinities add; each pair has a slot of its own."""
    receipts, products, slots = [], [], []
    for number, pair in enumerate(affinities().to_pylist()):
        first, second = (
            catalogue.index_of(pair[f"{name}_product_id"]) for name in ("antecedent", "consequent")
        )
        has_first, has_second = (
            np.bincount(goods.receipt[goods.product == product], minlength=len(trip)) > 0
            for product in (first, second)
        )
        gets = draws.chance(f"affinity {number}", trip.visit, pair["added_probability"])
        receipts.append(np.flatnonzero(has_first & ~has_second & gets))
        products.append(np.full(len(receipts[-1]), second))
        slots.append(np.full(len(receipts[-1]), _MOST_LINES + number))
    receipt, product, slot = (np.concatenate(parts) for parts in (receipts, products, slots))
    return _as_lines(catalogue, draws, trip, receipt, product, slot)


def _tried_before(world: World, draws: Draws, trip: Trips, goods: Lines) -> Lines:
    """What a sample sells in its full size, where the basket does not hold it anyway."""
    catalogue = world.catalogue
    sample = world.trials.leading_to(trip.visit)
    products = np.array([catalogue.index_of(plain_product(name)) for _, name, _ in SAMPLES])
    wanted = np.where(sample >= 0, products[sample], -1)
    has_it = np.bincount(goods.receipt[goods.product == wanted[goods.receipt]], minlength=len(trip))
    receipt = np.flatnonzero((wanted >= 0) & (has_it == 0))
    slot = np.full(len(receipt), _MOST_LINES + len(AFFINITIES))
    return _as_lines(catalogue, draws, trip, receipt, wanted[receipt], slot)
