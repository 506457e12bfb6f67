"""Late corrections: receipts of the last thirty days that a register sends once more, changed.

One receipt in fifty comes with its lines and payments, belongs to another member than before and
has another product on its first line. Amounts stay, so that the register's closings agree.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

DAYS = 30
ONE_IN = 50

_SENT_AGAIN = """
create temp table sent_again as
select * from (
    select *, row_number() over (partition by receipt_id order by updated_at desc) as newest
    from {receipts}
)
where newest = 1 and receipt_type = 'sale'
and cast(closed_at as timestamp) between date '{day}' - interval {days} day and date '{day}'
and hash(receipt_id, '{day}') % {one_in} = 0
"""
_RECEIPTS = """
select * exclude (newest) replace (
    lead(member_id, 1, member_id) over (partition by store_id order by receipt_id) as member_id,
    '{day} 23:50:00' as updated_at
)
from sent_again order by receipt_id
"""
_LINES = """
with newest as (
    select lines.* from {lines} as lines
    semi join sent_again using (receipt_id)
    qualify rank() over (partition by receipt_id order by filename desc) = 1
)
select * exclude (filename) replace (
    case when line_no = '1' then
        lead(product_id, 1, product_id) over (
            partition by line_no, tax_rate, line_type order by receipt_id
        )
    else product_id end as product_id
)
from newest order by receipt_id, cast(line_no as integer)
"""
_PAYMENTS = """
select payments.* exclude (filename) from {payments} as payments
semi join sent_again using (receipt_id)
qualify rank() over (partition by receipt_id order by filename desc) = 1
order by receipt_id, cast(payment_no as integer)
"""


def deliver_corrections(feeds: Path, day: date) -> int:
    """Write the corrections of a day beside its files; how many receipts they change.

    Args:
        feeds: the folder of the register's files, as the demo writes them.
    """
    import duckdb

    with duckdb.connect() as connection:
        receipts = _files(feeds, "receipts")
        connection.execute(_SENT_AGAIN.format(receipts=receipts, day=day, days=DAYS, one_in=ONE_IN))
        _write(connection, feeds, "receipts", day, _RECEIPTS.format(day=day))
        lines = _LINES.format(lines=_files(feeds, "receipt_lines"))
        _write(connection, feeds, "receipt_lines", day, lines)
        payments = _PAYMENTS.format(payments=_files(feeds, "payments"))
        _write(connection, feeds, "payments", day, payments)
        found = connection.execute("select count(*) from sent_again").fetchone()
    assert found is not None
    return int(found[0])


def _files(feeds: Path, table: str) -> str:
    # The quote is given: of files with and without any, the engine would take the first one's word.
    options = "all_varchar = true, filename = true, quote = '\"'"
    return f"read_csv('{feeds}/{table}_*.csv', {options})"


def _write(
    connection: duckdb.DuckDBPyConnection, feeds: Path, table: str, day: date, query: str
) -> None:
    target = feeds / f"{table}_{day:%Y%m%d}_2.csv"
    if table == "receipts":
        query = f"select * exclude (filename) from ({query})"
    connection.execute(f"copy ({query}) to '{target}' (header, delimiter ',')")
