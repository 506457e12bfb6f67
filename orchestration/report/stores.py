"""Section: which stores the change of net sales comes from; their changes add up to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from orchestration.report import formats
from orchestration.report.sources import Sources
from words import Text, both, joined

HEADER = ("store", "net sales", "change", "receipts", "change")
_SHOWN = 8


@dataclass(frozen=True)
class Store:
    """Net sales and receipts of a store, on the as-of date and on the day compared with."""

    store_id: str
    name: str
    sales: Decimal
    sales_before: Decimal
    receipts: int
    receipts_before: int

    @property
    def change(self) -> Decimal:
        return self.sales - self.sales_before


@dataclass(frozen=True)
class Stores:
    """Stores by the size of their change against one day, the largest; the others as one."""

    title: str
    stores: tuple[Store, ...]
    others: Store | None

    @property
    def together(self) -> Store:
        rows = [*self.stores, *([self.others] if self.others else [])]
        return _sum(both("all stores"), rows)


@dataclass(frozen=True)
class StoreChanges:
    """One table a comparison."""

    currency: str
    tables: tuple[Stores, ...]


def gather(sources: Sources) -> StoreChanges | None:
    """Stores of the published version; None where the run published none."""
    if sources.manifest is None:
        return None
    as_of, last = sources.as_of, sources.previous_as_of
    week = as_of - timedelta(days=7)
    tables = [_stores(sources, "now", week, both("the same weekday a week before"))]
    if last is not None:
        tables.append(_stores(sources, "before", last, both("the last publication")))
    return StoreChanges(sources.currency, tuple(tables))


def lines(changes: StoreChanges) -> list[str]:
    """A table a comparison."""
    told: list[str] = []
    for table in changes.tables:
        rows = [HEADER, *body(table, changes.currency)]
        told += [f"against {table.title}", *formats.columns(rows, right=(1, 2, 3, 4))]
    return told


def body(table: Stores, currency: str) -> list[tuple[str, ...]]:
    """A row a store, one for the others, and all together."""
    others = [table.others] if table.others else []
    return [
        (
            store.name,
            formats.value_of(store.sales, "amount", currency),
            formats.change_of(store.change, "amount", currency),
            formats.count(store.receipts),
            formats.change_of(store.receipts - store.receipts_before, "count", currency),
        )
        for store in [*table.stores, *others, table.together]
    ]


def _stores(sources: Sources, file: str, day: date, title: Text) -> Stores:
    rows = sources.query(
        f"""
        with
        after as (from now.marts.store_daily where business_date = date '{sources.as_of}'),
        earlier as (from {file}.marts.store_daily where business_date = date '{day}')
        select
            store_id, coalesce(max(store_name), store_id),
            coalesce(sum(after.net_sales), 0), coalesce(sum(earlier.net_sales), 0),
            coalesce(sum(after.receipts), 0)::bigint, coalesce(sum(earlier.receipts), 0)::bigint
        from after full join earlier using (store_id)
        left join now.marts.dim_store using (store_id)
        group by store_id
        order by abs(coalesce(sum(after.net_sales), 0) - coalesce(sum(earlier.net_sales), 0)) desc,
            store_id
        """
    )
    return shown(joined([title, formats.day(day)]), [Store(*row) for row in rows])


def shown(title: str, stores: list[Store]) -> Stores:
    """The first stores of a list, the rest as one row."""
    rest = stores[_SHOWN:]
    if len(rest) < 2:
        return Stores(title, tuple(stores), None)
    others = _sum(both("{n} other stores", n=len(rest)), rest)
    return Stores(title, tuple(stores[:_SHOWN]), others)


def _sum(name: str, stores: list[Store]) -> Store:
    return Store(
        "",
        name,
        sum((store.sales for store in stores), Decimal(0)),
        sum((store.sales_before for store in stores), Decimal(0)),
        sum(store.receipts for store in stores),
        sum(store.receipts_before for store in stores),
    )
