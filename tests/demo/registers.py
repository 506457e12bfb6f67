"""What a warehouse would know of the registers after some deliveries, for tests."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from demo import receipts, shop
from demo.calendar import BASE_DAYS, base_periods, date_of
from demo.world import World

MONTHS, NIGHTS = 5, 4
SPANS = [*base_periods()[-MONTHS:], *((day, day) for day in range(BASE_DAYS, BASE_DAYS + NIGHTS))]
"""Some months of the base history and nights after it: first and last day of each delivery."""


class Warehouse:
    """What a warehouse would know after some deliveries: the winning version of every row."""

    def __init__(self, world: World, spans: Iterable[tuple[int, int]]) -> None:
        self.world = world
        self.connection = duckdb.connect()
        self.deliveries = 0
        for table in ("products", "stores"):
            self.connection.register(table, shop_rows(world, f"pos.{table}"))
        for span in spans:
            self.deliver(*span)

    def deliver(self, first_day: int, last_day: int) -> None:
        for name, rows in receipts.deliver(self.world, first_day, last_day):
            table = name.removeprefix("pos.")
            self.connection.register("rows", rows)
            numbered = (
                f"select *, {self.deliveries} as delivery, '{date_of(last_day)}'::date as on_"
            )
            if self.deliveries:
                self.connection.execute(f"insert into all_{table} {numbered} from rows")
            else:
                self.connection.execute(f"create table all_{table} as {numbered} from rows")
        self.deliveries += 1
        self.choose_winners()

    def choose_winners(self) -> None:
        """Headers and closings: the last version. What belongs to a receipt: the set that came
        with the winning header, else the last one before."""
        for table, key, order in (
            ("receipts", "receipt_id", "updated_at desc, delivery desc"),
            ("register_closings", "store_id, register_id, business_date", "delivery desc"),
        ):
            self.connection.execute(
                f"create or replace view {table} as select * from all_{table} qualify "
                f"row_number() over (partition by {key} order by {order}) = 1"
            )
        for table in ("receipt_lines", "payments", "coupon_redemptions"):
            self.connection.execute(
                f"create or replace view {table} as from all_{table} where (receipt_id, delivery) "
                f"in (select receipt_id, max(delivery) from all_{table} group by all)"
            )

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> object:
        return self.rows(sql)[0][0]


def shop_rows(world: World, name: str) -> pa.Table:
    """A master as it stands at the end of the base history."""
    parts = [
        dict(shop.deliver(world, *span))[name] for span in [*base_periods(), (BASE_DAYS, BASE_DAYS)]
    ]
    whole = pa.concat_tables(parts)
    key = whole[whole.column_names[0]].to_pylist()
    last = {value: place for place, value in enumerate(key)}
    return whole.take(sorted(last.values()))
