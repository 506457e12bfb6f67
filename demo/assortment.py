"""The assortment as the buyers plan it: narrowest categories, and products that are no goods."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from demo.names import DATA


class Kind(NamedTuple):
    """A row of `assortment.csv`: a narrowest category. Weights are those of the shoppers' kinds."""

    category_1: str
    category_2: str
    category_3: str
    tax_percent: int
    is_replenishable: bool
    low: int
    high: int
    weights: tuple[float, float, float, float]
    peak_months: tuple[int, ...]
    items: tuple[str, ...]


class Extra(NamedTuple):
    """A product that is no merchandise, or a sample: as in the master."""

    product_id: str
    name: str
    category: str
    list_price: int
    unit_cost: int
    tax_percent: int
    is_merchandise: bool = False
    is_sample: bool = False
    membership_months: int = 0


EXTRAS = (
    Extra("BAG03", "レジ袋 中", "レジ袋", 3, 1, 10),
    Extra("BAG05", "レジ袋 大", "レジ袋", 5, 2, 10),
    Extra("POST1", "送料", "送料", 550, 480, 10),
    Extra("WRAP1", "ギフト包装", "包装", 220, 60, 10),
    Extra("GC1000", "ギフトカード 1,000円", "ギフトカード", 1_000, 1_000, 0),
    Extra("GC3000", "ギフトカード 3,000円", "ギフトカード", 3_000, 3_000, 0),
    Extra("GC5000", "ギフトカード 5,000円", "ギフトカード", 5_000, 5_000, 0),
    Extra("CLUB12", "こもれびクラブ年会費", "会費", 3_300, 0, 10, membership_months=12),
    Extra("SMP01", "化粧水 お試し", "試供品", 0, 90, 10, True, is_sample=True),
    Extra("SMP02", "ドリップコーヒー お試し", "試供品", 0, 40, 8, True, is_sample=True),
    Extra("SMP03", "青汁 お試し", "試供品", 0, 60, 8, True, is_sample=True),
    Extra("CLUBTRIAL", "こもれびクラブ 1か月無料体験", "会費", 0, 0, 10, membership_months=1),
)  # fmt: skip


@cache
def kinds() -> tuple[Kind, ...]:
    """Every narrowest category."""
    with (DATA / "assortment.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_kind(row) for row in csv.DictReader(file))


def plain_product(name: str) -> str:
    """Id of the plain product of that name: the same in every scale."""
    number = next(
        kind * 100 + row.items.index(name) for kind, row in enumerate(kinds()) if name in row.items
    )
    return f"P{number * 100:06d}"


def _kind(row: dict[str, str]) -> Kind:
    return Kind(
        category_1=row["category_1"],
        category_2=row["category_2"],
        category_3=row["category_3"],
        tax_percent=int(row["tax_percent"]),
        is_replenishable=row["is_replenishable"] == "1",
        low=int(row["low"]),
        high=int(row["high"]),
        weights=tuple(float(row[name]) for name in ("store", "online", "company", "gift")),
        peak_months=tuple(int(month) for month in row["peak"].split()),
        items=tuple(row["items"].split()),
    )
