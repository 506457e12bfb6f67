"""What the chain sells: products, their prices over time, and how often each is taken.

What belongs here: the register's master of products and the popularity of each product by month and
kind of shopper. What does not: which products go together (`demo.baskets`). A product is an index
into the arrays of `Catalogue`; goods come first, then what is no merchandise.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.assortment import EXTRAS, Extra, Kind, kinds
from demo.calendar import HORIZON_DAYS, START, day_of
from demo.columns import texts
from demo.scale import Scale
from demo.streams import Draws

_VARIANT_PRICES = (1.0, 1.7, 1.3, 1.6, 1.4, 1.25, 1.5, 2.0, 0.7, 1.3, 1.2, 1.35)
"""Price of each variant as a multiple of the plain product's, which is the first."""
_FOOD_VARIANTS = (
    "", "大容量", "お徳用", "特選", "有機", "国産", "限定", "プレミアム", "ミニ", "北海道産",
    "九州産", "無添加",
)  # fmt: skip
_OTHER_VARIANTS = (
    "", "Lサイズ", "2点セット", "日本製", "ブラック", "ホワイト", "限定柄", "上質", "ミニ",
    "ネイビー", "グレー", "軽量",
)  # fmt: skip
_VARIANTS_FROM = ((400_000, 12), (100_000, 6), (0, 2))
"""A retailer of so many customers keeps so many variants."""
PRICE_LIST_DAYS = 182
"""The chain prints a new price list twice a year."""
_RAISED_SHARE, _RAISE = 0.14, (0.03, 0.10)
_COST_SHARE = (0.52, 0.76)
"""Cost of a unit as a share of its price without tax."""
_NEW_EVERY, _DISCONTINUED_SHARE = 16, 0.05
_MASTER_LATE_DAYS = 40
"""Every fourth new product is sold so many days before the master knows it."""
_LAST_BASE_MONTH = 23
_WEIGHED = ("精肉", "鮮魚")
_FOOD = ("食品", "酒類")


@dataclass(frozen=True)
class Catalogue:
    """Arrays over products, `goods` of them merchandise that is chosen by popularity, then EXTRAS.

    `kind` is the row of `assortment.csv` of each of the goods, -1 of EXTRAS. `prices`: price
    with tax on each price list, yen, int64[lists, products]; `unit_cost` yen without tax.
    `first_day`, `last_day`: days on the shelf; `master_day`: when the master learns of it.
    """

    goods: int
    product_id: NDArray[np.object_]
    name: NDArray[np.object_]
    category_1: NDArray[np.object_]
    category_2: NDArray[np.object_]
    category_3: NDArray[np.object_]
    kind: NDArray[np.int16]
    popularity: NDArray[np.float64]
    tax_percent: NDArray[np.int64]
    prices: NDArray[np.int64]
    unit_cost: NDArray[np.int64]
    is_merchandise: NDArray[np.bool_]
    is_replenishable: NDArray[np.bool_]
    is_sample: NDArray[np.bool_]
    is_weighed: NDArray[np.bool_]
    is_returnable: NDArray[np.bool_]
    membership_months: NDArray[np.int16]
    first_day: NDArray[np.int16]
    last_day: NDArray[np.int16]
    master_day: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.product_id)

    def index_of(self, product_id: str) -> int:
        """The product with that id."""
        return int(np.flatnonzero(self.product_id == product_id)[0])

    def shelf_price(
        self, product: NDArray[np.int64], day: NDArray[np.int16], tax_included: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Price on the shelf, in yen, without tax where the shop writes it so."""
        price = self.prices[price_list_of(day), product]
        without_tax = price * 100 // (100 + self.tax_percent[product])
        return np.where(tax_included, price, without_tax)


def price_list_of(days: NDArray[np.int16]) -> NDArray[np.int64]:
    """Number of the price list in force on each day."""
    return np.asarray(days, dtype=np.int64) // PRICE_LIST_DAYS


@cache
def build_catalogue(seed: int, scale: Scale) -> Catalogue:
    """The products of a scale. Plain products are the same in every scale."""
    goods = _goods(Draws(seed), scale)
    extras = _extras(len(goods["prices"]))
    joined = {name: np.concatenate([goods[name], extras[name]], axis=-1) for name in goods}
    return Catalogue(goods=len(goods["kind"]), **joined)


def _goods(draws: Draws, scale: Scale) -> dict[str, NDArray]:
    """The columns of the goods, by the names of `Catalogue`."""
    variants = next(count for people, count in _VARIANTS_FROM if scale.people >= people)
    kind, item, variant = np.array(
        [
            (kind, item, variant)
            for kind, row in enumerate(kinds())
            for item in range(len(row.items))
            for variant in range(variants)
        ]
    ).T
    of = [kinds()[number] for number in kind]
    number = (kind * 100 + item) * 100 + variant
    tax = np.array([row.tax_percent for row in of])
    prices = _price_lists(draws, number, _first_prices(draws, number, of, variant))
    first_day, last_day, master_day = _shelf_days(draws, number, variant)
    return {
        "product_id": np.array([f"P{n:06d}" for n in number], dtype=object),
        "name": np.array(
            [_name(row, row.items[i], v) for row, i, v in zip(of, item, variant, strict=True)],
            dtype=object,
        ),
        "category_1": np.array([row.category_1 for row in of], dtype=object),
        "category_2": np.array([row.category_2 for row in of], dtype=object),
        "category_3": np.array([row.category_3 for row in of], dtype=object),
        "kind": kind.astype(np.int16),
        "popularity": (item + 1.0) ** -0.7 * (variant + 1.0) ** -0.8,
        "tax_percent": tax,
        "prices": prices,
        "unit_cost": _costs(draws, kind, prices[0] * 100 // (100 + tax)),
        "is_merchandise": np.ones(len(of), dtype=bool),
        "is_replenishable": np.array([row.is_replenishable for row in of]),
        "is_sample": np.zeros(len(of), dtype=bool),
        "is_weighed": np.array([row.category_2 in _WEIGHED for row in of]),
        "is_returnable": np.array([row.category_1 not in _FOOD for row in of]),
        "membership_months": np.zeros(len(of), dtype=np.int16),
        "first_day": first_day.astype(np.int16),
        "last_day": last_day.astype(np.int16),
        "master_day": master_day.astype(np.int16),
    }


def _extras(price_lists: int) -> dict[str, NDArray]:
    """The columns of EXTRAS, by the names of `Catalogue`."""
    count = len(EXTRAS)
    columns = dict(zip(Extra._fields, map(np.array, zip(*EXTRAS, strict=True)), strict=True))
    return {
        "product_id": columns["product_id"].astype(object),
        "name": columns["name"].astype(object),
        "category_1": np.full(count, "その他", dtype=object),
        "category_2": columns["category"].astype(object),
        "category_3": np.full(count, "", dtype=object),
        "kind": np.full(count, -1, dtype=np.int16),
        "popularity": np.zeros(count),
        "tax_percent": columns["tax_percent"],
        "prices": np.tile(columns["list_price"], (price_lists, 1)),
        "unit_cost": columns["unit_cost"],
        "is_merchandise": columns["is_merchandise"],
        "is_replenishable": np.zeros(count, dtype=bool),
        "is_sample": columns["is_sample"],
        "is_weighed": np.zeros(count, dtype=bool),
        "is_returnable": np.zeros(count, dtype=bool),
        "membership_months": columns["membership_months"].astype(np.int16),
        "first_day": np.full(count, -1, dtype=np.int16),
        "last_day": np.full(count, HORIZON_DAYS, dtype=np.int16),
        "master_day": np.full(count, -1, dtype=np.int16),
    }


def product_rows(catalogue: Catalogue, first_day: int, last_day: int) -> pa.Table:
    """Rows of `pos.products` that are new or changed in these days; the first day brings all."""
    rows = np.flatnonzero(_changed(catalogue, first_day, last_day))
    text = ("product_id", "name", "category_1", "category_2", "category_3")
    months = catalogue.membership_months[rows]
    return pa.table(
        {name: texts(getattr(catalogue, name)[rows]) for name in text}
        | {
            "list_price": pa.array(catalogue.prices[price_list_of(last_day), rows]),
            "unit_cost": pa.array(catalogue.unit_cost[rows]),
            "tax_rate": pa.array(catalogue.tax_percent[rows] / 100),
            "is_merchandise": pa.array(catalogue.is_merchandise[rows]),
            "is_active": pa.array(catalogue.last_day[rows] >= last_day),
            "is_replenishable": pa.array(catalogue.is_replenishable[rows]),
            "is_sample": pa.array(catalogue.is_sample[rows]),
            "membership_months": pa.array(months, mask=months == 0),
        }
    )


def _changed(catalogue: Catalogue, first_day: int, last_day: int) -> NDArray[np.bool_]:
    """Products whose row in the master is new in these days, dearer, or no longer active."""
    known = np.maximum(catalogue.master_day, 0)
    gone = catalogue.last_day.astype(np.int64) + 1
    changed = (known >= first_day) & (known <= last_day)
    changed |= (gone >= first_day) & (gone <= last_day)
    before, after = price_list_of(np.array([max(first_day - 1, 0), last_day]))
    changed |= catalogue.prices[before] != catalogue.prices[after]
    return changed & (known <= last_day)


def _name(row: Kind, item: str, variant: int) -> str:
    """有機 トマト, マグカップ ブラック."""
    if row.category_1 in _FOOD:
        return f"{_FOOD_VARIANTS[variant]} {item}".strip()
    return f"{item} {_OTHER_VARIANTS[variant]}".strip()


def _costs(
    draws: Draws, kind: NDArray[np.int64], without_tax: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Cost of a unit: a category has one margin."""
    low, high = _COST_SHARE
    return np.rint(without_tax * (low + (high - low) * draws.uniform("cost", kind))).astype(
        np.int64
    )


def _first_prices(
    draws: Draws, number: NDArray[np.int64], of: list[Kind], variant: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Prices with tax on the first list: those of a variant hang on the plain product."""
    low, high = (np.array([getattr(row, name) for row in of]) for name in ("low", "high"))
    plain = low * (high / low) ** draws.uniform("price", number - variant)
    return _round_price(plain * np.array(_VARIANT_PRICES)[variant])


def _price_lists(
    draws: Draws, number: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.int64]:
    lists = [first]
    low, high = _RAISE
    for edition in range(1, HORIZON_DAYS // PRICE_LIST_DAYS + 1):
        is_raised = draws.chance(f"raised {edition}", number, _RAISED_SHARE)
        by = low + (high - low) * draws.uniform(f"raise {edition}", number)
        lists.append(np.where(is_raised, _round_price(lists[-1] * (1 + by)), lists[-1]))
    return np.array(lists)


def _round_price(price: NDArray[np.float64]) -> NDArray[np.int64]:
    """Prices as shops like them: 98, 298, 1,280."""
    small = np.maximum(np.rint(price / 10) * 10 - 2, 38)
    return np.where(price < 1_000, small, np.rint(price / 100) * 100 - 20).astype(np.int64)


def _shelf_days(
    draws: Draws, number: NDArray[np.int64], variant: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """First and last day on the shelf (whole months) and the day the master learns of it.

    Plain products are always there. Two new ones come late into the master at the end of the base
    history, so that its last day has sales of products that nobody knows yet.
    """
    starts = np.array(month_starts())
    is_new = (variant > 0) & (np.cumsum(variant > 0) % _NEW_EVERY == 0)
    order = np.cumsum(is_new) - 1
    month = 1 + draws.integers("new in month", number, len(starts) - 2)
    month = np.where(order < 2, _LAST_BASE_MONTH, month)
    is_late = is_new & ((order < 2) | (order % 4 == 0))
    first = np.where(is_new, starts[month], -1)
    goes = ~is_new & (variant > 0) & draws.chance("discontinued", number, _DISCONTINUED_SHARE)
    last_month = 3 + draws.integers("discontinued in month", number, len(starts) - 4)
    last = np.where(goes, starts[last_month] - 1, HORIZON_DAYS)
    known = np.where(is_late, first + _MASTER_LATE_DAYS, np.where(is_new, first - 20, -1))
    return first, last, known


@cache
def month_starts() -> tuple[int, ...]:
    """Day index of the first day of each month of the horizon, the first one first."""
    days = []
    date = START
    while day_of(date) < HORIZON_DAYS:
        days.append(day_of(date))
        date = (date + dt.timedelta(days=32)).replace(day=1)
    return tuple(days)
