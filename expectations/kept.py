"""Nothing is lost against the last publication: rules on the tables of `expectations.baseline`.

Customers vanish by a merge, or with the last of their records; receipts by a void, a correction or
a deletion. What was sold on a day that was published may shrink by what arrived since, and by no
more.
"""

from __future__ import annotations

from expectations.model import Rule, no_result

_VANISHED = (
    "select before.customer_key from baseline.customers as before where not exists "
    "(select 1 from {table} as here where here.customer_key = before.customer_key) "
    "and not exists (select 1 from marts.customer_key_change as changes "
    "where changes.old_customer_key = before.customer_key)"
)
_LOADED_SINCE = (
    "loads as (select distinct load_id from ledger.files where load_number > "
    "(select load_number from baseline.publication)), "
    "arrived as (select receipt_id, original_receipt_id from raw_pos.receipts "
    "where _load_id in (select load_id from loads)), "
    "changed as (select receipt_id from arrived union select original_receipt_id from arrived "
    "where original_receipt_id is not null union select row_key from ledger.deletions "
    "where table_name = 'raw_pos.receipts' and load_id in (select load_id from loads))"
)


def customers_kept() -> tuple[Rule, Rule]:
    """Nobody vanishes without a trace, and not many with their last record."""
    return (
        no_result(
            "customers_vanish_only_by_merge_or_deletion",
            f"{_VANISHED} and (not exists (select 1 from marts.dim_customer_identity as spells "
            "where spells.customer_key = before.customer_key) "
            "or exists (select 1 from marts.dim_customer_identity as spells "
            "inner join marts.dim_customer_identity as now "
            "on now.source_system = spells.source_system and now.source_id = spells.source_id "
            "where spells.customer_key = before.customer_key and now.is_current))",
            "A customer of the last publication is gone, though some of its records are still "
            "there or nothing says what became of it. This is a fault in identity: report it.",
            row_id=("customer_key",),
        ),
        Rule(
            "vanished_customers_share",
            f"(select count(*) from ({_VANISHED}))",
            "So many customers of the last publication are gone because no source holds a record "
            "of them any more. Was a master delivered in part? Ask for it again; accept the date "
            "if they were deleted.",
            high="max_vanished_customers_share",
            acceptable=True,
            share_of="(select count(*) from baseline.customers)",
        ),
    )


def receipts_kept() -> Rule:
    """Receipts that were published are still there, unless voided, corrected or deleted."""
    return no_result(
        "published_receipts_kept",
        "select before.receipt_id from baseline.receipts as before where not exists "
        "(select 1 from staging.stg_pos__receipts as staged "
        "where staged.receipt_id = before.receipt_id) and not exists "
        "(select 1 from ledger.deletions where table_name = 'raw_pos.receipts' "
        "and row_key = before.receipt_id)",
        "A receipt that was published is gone, and no deletion says so. Was a file loaded again "
        "with fewer rows? Load the whole file; accept it if the receipts were wrong.",
        row_id=("receipt_id",),
        acceptable=True,
    )


def sales_kept() -> Rule:
    """Days that were published shrink by no more than the receipts that arrived since explain."""
    return Rule(
        "closed_days_keep_their_sales",
        "(with lost as (select coalesce(sum(greatest(before.total_inc_tax "
        "- coalesce(here.total_inc_tax, 0), 0)), 0) as amount from baseline.store_days as before "
        "left join {table} as here using (store_id, business_date)), "
        f"{_LOADED_SINCE}, "
        "explained as (select coalesce(sum(amount), 0) as amount from ("
        "select max(abs(total_inc_tax)) as amount from raw_pos.receipts "
        "where receipt_id in (select receipt_id from changed) group by receipt_id)) "
        "select greatest(lost.amount - explained.amount, 0) from lost cross join explained)",
        "Days that were published before sell less now than then, and the voids, returns, "
        "corrections and deletions that arrived since do not explain it: rows were lost, or a "
        "setting changed what counts. Compare with the last version; accept the date if a setting "
        "was meant to.",
        high="max_unexplained_loss_share",
        acceptable=True,
        share_of="(select sum(abs(total_inc_tax)) from baseline.store_days)",
    )
