"""What the recomputation starts from: facts, dimensions, plans and settings of one home.

Dates are whole days since 1970-01-01, instants are seconds since then (UTC), amounts are whole
hundredths: arithmetic on them is exact. `dates()` makes a column of dates for the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from ingestion.settings import Company, Metrics, load_settings
from orchestration.home import Home
from orchestration.publication import read_manifest

EPOCH = date(1970, 1, 1)
EPOCH_INSTANT = datetime(1970, 1, 1)
Kept = TypeVar("Kept")


def day_of(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(day))


def month_of(day: int) -> int:
    """Months since January of the year 0."""
    found = date_of(day)
    return found.year * 12 + found.month - 1


def month_start(month: int) -> int:
    """First day of a month."""
    return day_of(date(month // 12, month % 12 + 1, 1))


def month_end(month: int) -> int:
    """Last day of a month."""
    return month_start(month + 1) - 1


def whole_months(start: int, end: int) -> int:
    """Full months between two days; the 31st and the end of a shorter month are a month apart."""
    months = month_of(end) - month_of(start)
    reached = min(month_start(month_of(end)) + date_of(start).day - 1, month_end(month_of(end)))
    return months - (reached > end)


def dates(days: Iterable[Any]) -> pd.Series:
    """A column of dates from day numbers, missing ones kept missing."""
    numbers = pd.array(list(days), dtype="Int64")
    return pd.Series(pd.to_datetime(numbers.to_numpy(float, na_value=float("nan")), unit="D"))


def instants(seconds: Iterable[Any]) -> pd.Series:
    """A column of instants from seconds since 1970, missing ones kept missing."""
    values = [None if pd.isna(s) else EPOCH_INSTANT + timedelta(seconds=float(s)) for s in seconds]
    return pd.Series(pd.to_datetime(values))


@dataclass
class Facts:
    """One home's facts, read when they are asked for and kept."""

    published: Path
    warehouse: Path
    as_of_date: date
    metrics: Metrics
    company: Company
    _kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_home(cls, root: Path) -> Facts:
        """The facts of a published home with its settings in it."""
        home = Home(root)
        manifest = read_manifest(home)
        assert manifest is not None, f"nothing is published in {root}"
        settings = load_settings(root / "tokui.toml")
        as_of_date = date.fromisoformat(manifest["as_of"])
        return cls(home.served, home.current, as_of_date, settings.metrics, settings.company)

    @cached_property
    def as_of(self) -> int:
        return day_of(self.as_of_date)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.timezone)

    def local_day(self, second: float) -> int:
        """The date of an instant in the company's time zone."""
        return day_of(datetime.fromtimestamp(second, UTC).astimezone(self.zone).date())

    def keep(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What `make` gives, made once: several tables start from it."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    # ---- readers

    def mart(self, name: str) -> pd.DataFrame | None:
        """A published table as it is; None when it is not published."""
        with _open(self.published) as connection:
            if not _exists(connection, "marts", name):
                return None
            return connection.sql(f"from marts.{name}").df()

    def marts(self) -> set[str]:
        """Names of all published tables."""
        tables = self.query(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        )
        return set(tables.table_name)

    def query(self, sql: str) -> pd.DataFrame:
        """A query on the published tables."""
        return _read(self.published, sql)

    def work(self, sql: str) -> pd.DataFrame:
        """A query on the working warehouse: staging, plans, intermediate."""
        return _read(self.warehouse, sql)

    # ---- people and goods

    @cached_property
    def customers(self) -> pd.DataFrame:
        """All customers who are not internal."""
        return self.query(
            "select customer_key, is_member, member_since - date '1970-01-01' as member_since, "
            "left_on - date '1970-01-01' as left_on, age_band, gender, prefecture, occupation, "
            "postal_area, member_tier, home_store_id, is_internal "
            "from marts.dim_customer where not is_internal order by customer_key"
        )

    @cached_property
    def internal(self) -> set[str]:
        keys = self.query("select customer_key from marts.dim_customer where is_internal")
        return set(keys.customer_key)

    @cached_property
    def stores(self) -> pd.DataFrame:
        return self.query("select store_id, channel, timezone from marts.dim_store")

    @cached_property
    def products(self) -> pd.DataFrame:
        return self.query(
            "select product_id, category_1, unit_cost, is_sample, is_merchandise "
            "from marts.dim_product"
        )

    @cached_property
    def customer_of(self) -> dict[tuple[str, str], str]:
        """Customer of a record of a source: (system, hashed id)."""
        rows = self.query(
            "select source_system, source_id, customer_key from marts.dim_customer_identity "
            "where is_current"
        )
        return {(s, i): k for s, i, k in rows.itertuples(index=False)}

    # ---- sales

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """All counted receipts; amounts in hundredths."""
        return self.query(
            "select receipt_id, customer_key, store_id, channel, receipt_type, "
            "business_date - date '1970-01-01' as day, epoch(closed_at) as closed, "
            f"is_qualifying, is_internal, item_quantity, {_cents('net_sales_refund_dated')}, "
            f"{_cents('net_sales_order_dated')}, {_cents('returns_amount')} "
            "from marts.fct_sales_receipt left join marts.dim_store using (store_id) "
            "order by business_date, closed_at, receipt_id"
        )

    @cached_property
    def personal(self) -> pd.DataFrame:
        """Receipts of customers who are not internal."""
        known = self.receipts.customer_key.notna() & ~self.receipts.is_internal
        return self.receipts[known & ~self.receipts.customer_key.isin(self.internal)]

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Qualifying orders of customers, numbered by (date, instant of closing, id)."""
        orders = self.personal[self.personal.is_qualifying].reset_index(drop=True)
        return orders.assign(number=orders.groupby("customer_key").cumcount() + 1)

    @cached_property
    def first_orders(self) -> pd.DataFrame:
        """The first qualifying order of each customer."""
        return self.orders[self.orders.number == 1].set_index("customer_key")

    @cached_property
    def purchase_days(self) -> dict[str, list[tuple[int, int, str]]]:
        """Of each customer (day, orders on it, store of the first of them), in order."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        for key, day, store in self.orders[["customer_key", "day", "store_id"]].itertuples(
            index=False
        ):
            days = found.setdefault(key, [])
            if days and days[-1][0] == day:
                days[-1] = (day, days[-1][1] + 1, days[-1][2])
            else:
                days.append((day, 1, store))
        return found

    @cached_property
    def lines(self) -> pd.DataFrame:
        """All counted lines; amounts in hundredths, cost of a unit in millionths."""
        return self.query(
            "select receipt_id, line_no, customer_key, store_id, product_id, order_receipt_id, "
            "line_type, receipt_type, business_date - date '1970-01-01' as day, "
            "order_business_date - date '1970-01-01' as order_day, "
            f"cast(quantity * 1000 as bigint) as quantity, item_quantity, "
            f"{_cents('line_amount')}, {_cents('line_discount_amount')}, "
            f"{_cents('receipt_discount_amount')}, {_cents('net_sales')}, is_revenue, "
            "l.is_merchandise, is_return, is_unlinked_return, is_internal, category_1, "
            "cast(unit_cost * 1000000 as bigint) as unit_cost, is_sample "
            "from marts.fct_sales_line l left join marts.dim_product p using (product_id) "
            "order by receipt_id, line_no"
        )

    @cached_property
    def first_day(self) -> int:
        """The first business date of all receipts."""
        return int(self.receipts.day.min())

    # ---- mail

    @cached_property
    def mail_events(self) -> pd.DataFrame:
        """All events of messages; `message` is the campaign, or the event of a single message."""
        return self.query(
            "select event_id, campaign_id, coalesce(campaign_id, event_id) as message, "
            "customer_key, event_type, epoch(occurred_at) as second, "
            "event_date - date '1970-01-01' as day, is_machine, is_human_open "
            "from marts.fct_email_event order by occurred_at, event_id"
        )

    @cached_property
    def campaign_channels(self) -> dict[str, str]:
        campaigns = self.work("select campaign_id, channel from staging.stg_email__campaigns")
        return dict(campaigns.itertuples(index=False))

    # ---- dates at which histories are looked at

    @cached_property
    def complete_month_ends(self) -> list[int]:
        """The last `history_months` month ends from the first receipt to the as-of date."""
        last = month_of(self.as_of)
        if month_end(last) > self.as_of:
            last -= 1
        ends = [month_end(last - back) for back in reversed(range(self.metrics.history_months))]
        return [end for end in ends if end >= self.first_day]

    @cached_property
    def state_days(self) -> list[int]:
        """The evaluated dates: month ends and the last `history_days` days."""
        first = max(self.as_of - self.metrics.history_days + 1, self.first_day)
        return sorted({*range(first, self.as_of + 1), *self.complete_month_ends})


def _cents(column: str) -> str:
    return f"cast({column} * 100 as bigint) as {column}"


def _exists(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, name],
    )
    return found.fetchone() is not None


@contextmanager
def _open(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'; set threads = 2")
        yield connection


def _read(path: Path, sql: str) -> pd.DataFrame:
    """Rows with numbers as numpy has them: what is missing is NaN, and compares as false."""
    with _open(path) as connection:
        table = connection.sql(sql).df()
    for column, kind in table.dtypes.items():
        if isinstance(kind, pd.Int64Dtype | pd.Int32Dtype):
            table[column] = table[column].astype(float if table[column].isna().any() else int)
    return table
