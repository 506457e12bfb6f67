"""Are the products that are offered bought, and more often than what is popular?

The nightly job runs for a date some weeks back, so that the lists are those that the warehouse
would have published then, and what the same customers bought afterwards is counted. Judged are
customers with an order in the year before and one afterwards. Against each list stands the one that
a shop makes without any model: what sells best where the customer is at home, without what they had
before; and against the rows of a reason as many of its first ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from evaluation.pipeline import refresh
from orchestration.home import Home
from orchestration.publication import read_manifest

MIN_CUSTOMERS = 100


@dataclass(frozen=True)
class Judged:
    """Rows of some reason, and as many popular ones for the same customers.

    `difference` is hits less popular hits, `error` its standard error over customers; `served` and
    `served_popular` count customers who bought at least one of their products.
    """

    reason: str
    customers: int
    offered: int
    hits: int
    popular_hits: int
    served: int
    served_popular: int
    error: float

    @property
    def difference(self) -> int:
        """Products bought beyond those of the popular list."""
        return self.hits - self.popular_hits


def main(home: Path, days: int) -> int:
    """Print what became of the lists of `days` ago; 1 when goes_with loses, 2 without enough."""
    manifest = read_manifest(Home(home))
    if manifest is None:
        raise FileNotFoundError(f"nothing is published in {home}")
    as_of = date.fromisoformat(manifest["as_of"])
    before = as_of - timedelta(days=days)
    past = Home(home).published / "as_of" / before.isoformat() / "crm.duckdb"
    if not past.exists():
        refresh(home, "--as-of", before.isoformat())
    results = judge(Home(home).served, past, before)
    print(f"lists of {before}, purchases of the {days} days up to {as_of}")
    print(*render(results), sep="\n")
    matching = next((result for result in results if result.reason == "goes_with"), None)
    if matching is None or matching.customers < MIN_CUSTOMERS:
        print("too few customers to judge")
        return 2
    return int(matching.difference < 0)


def judge(published: Path, past: Path, before: date) -> list[Judged]:
    """The lists published in `past` against what `published` knows of later purchases."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as head (read_only)")
        connection.execute(f"attach '{past}' as past (read_only)")
        connection.execute(f"set variable before = date '{before}'")
        connection.execute(_PREPARED)
        rows = connection.execute(_COUNTED).fetchall()
    return [_judged(*row) for row in rows]


def render(results: list[Judged]) -> list[str]:
    """A table of text: shares of products and of customers, ours and the popular list's."""
    lines = [
        f"{'':<12}{'customers':>10}{'offered':>9}{'bought':>9}{'popular':>9}{'more':>8}"
        f"{'± 95 %':>8}{'served':>9}{'popular':>9}"
    ]
    for result in results:
        offered, customers = max(result.offered, 1), max(result.customers, 1)
        lines.append(
            f"{result.reason:<12}{result.customers:>10,}{result.offered:>9,}"
            f"{result.hits / offered:>9.2%}{result.popular_hits / offered:>9.2%}"
            f"{result.difference:>8,}{1.96 * result.error:>8.0f}"
            f"{result.served / customers:>9.2%}{result.served_popular / customers:>9.2%}"
        )
    return lines


_PREPARED = """
create temp table later as
select distinct line.customer_key, line.product_id
from head.marts.fct_sales_line as line
where line.is_merchandise and not line.is_return and line.business_date > getvariable('before')
and line.customer_key is not null;

create temp table judged as
select distinct receipt.customer_key, customer.home_store_id
from past.marts.fct_sales_receipt as receipt
inner join past.marts.dim_customer as customer using (customer_key)
where receipt.is_qualifying and receipt.business_date > getvariable('before') - 365
and not customer.is_internal and customer.customer_key in (select customer_key from later);

create temp table offers as
select customer_key, product_id, reason, product_rank,
    row_number() over (partition by customer_key, reason order by product_rank) as place
from past.marts.customer_next_product
where customer_key in (select customer_key from judged);

create temp table shelves as
with orders as (
    select receipt_id, store_id from past.marts.fct_sales_receipt
    where is_qualifying and business_date > getvariable('before') - 365
),
counted as (
    select coalesce(orders.store_id, 'all') as scope, line.product_id,
        count(distinct line.receipt_id) as n, max(line.business_date) as last_date
    from past.marts.fct_sales_line as line
    inner join orders using (receipt_id)
    inner join past.marts.dim_product as product using (product_id)
    where line.is_merchandise and not line.is_return
    and product.is_active is not false and product.is_sample is not true
    group by grouping sets ((orders.store_id, line.product_id), (line.product_id))
)
select scope, product_id,
    row_number() over (partition by scope order by n desc, product_id) as place
from counted where last_date > getvariable('before') - 28;

create temp table popular as
with had as (
    select distinct customer_key, product_id from past.marts.fct_sales_line
    where customer_key in (select customer_key from judged)
)
select judged.customer_key, shelves.product_id,
    row_number() over (partition by judged.customer_key order by shelves.place) as place
from judged
inner join shelves
on shelves.scope = coalesce(judged.home_store_id, 'all')
and shelves.place <= 200
anti join had
on had.customer_key = judged.customer_key and had.product_id = shelves.product_id
qualify place <= 20;
"""

_COUNTED = """
with lists as (
    select 'all' as reason, customer_key, product_id, product_rank as place from offers
    union all
    select reason, customer_key, product_id, place from offers
),
ours as (
    select lists.reason, lists.customer_key, count(*) as offered, count(later.product_id) as hits
    from lists left join later using (customer_key, product_id)
    group by all
),
theirs as (
    select ours.reason, ours.customer_key, count(later.product_id) as hits
    from ours
    inner join popular
    on popular.customer_key = ours.customer_key and popular.place <= ours.offered
    left join later
    on later.customer_key = popular.customer_key and later.product_id = popular.product_id
    group by all
)
select ours.reason, count(*), sum(offered), sum(ours.hits), sum(coalesce(theirs.hits, 0)),
    count(*) filter (ours.hits > 0), count(*) filter (theirs.hits > 0),
    coalesce(stddev_samp(ours.hits - coalesce(theirs.hits, 0)), 0)
from ours left join theirs using (reason, customer_key)
group by ours.reason order by ours.reason
"""


def _judged(
    reason: str,
    customers: int,
    offered: int,
    hits: int,
    popular_hits: int,
    served: int,
    served_popular: int,
    spread: float,
) -> Judged:
    return Judged(
        reason,
        customers,
        int(offered),
        int(hits),
        int(popular_hits),
        served,
        served_popular,
        spread * math.sqrt(customers),
    )
