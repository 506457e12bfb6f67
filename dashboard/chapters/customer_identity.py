"""Why these records are one person: rules and how sure they are, no value of a record.

The rules are explained in docs/identity.md; ids of records are keyed hashes.
"""

from __future__ import annotations

import streamlit as st

from dashboard.chapters.customers import key_column
from dashboard.data import Row
from dashboard.parts import section
from dashboard.tables import Column, table
from dashboard.view import View

_RECORDS = """
select source_system, left(source_id, 10) as record, match_rule,
    dense_rank() over (order by match_evidence_hash nulls last) as evidence,
    match_evidence_hash is null as is_alone, confidence, linked_on, is_in_master
from marts.dim_customer_identity where customer_key = $key and is_current
order by confidence desc nulls last, evidence, source_system, record
"""
_ENDED = """
select source_system, left(source_id, 10) as record, linked_on, unlinked_on
from marts.dim_customer_identity where customer_key = $key and not is_current
order by unlinked_on desc, source_system, record
"""
_CHANGES = """
select changed_on, change_type, old_customer_key, new_customer_key, n_records
from marts.customer_key_change
where $key in (old_customer_key, new_customer_key) order by change_number desc
"""
_HOUSEHOLD = """
select h.customer_key, h.shared_by, c.rfm_group, c.lifecycle_status, c.net_sales_365d
from marts.household mine join marts.household h using (household_key)
left join marts.customer_360 c on c.customer_key = h.customer_key
where mine.customer_key = $key and h.customer_key <> $key order by h.customer_key
"""


def show(view: View, row: Row) -> None:
    """Draw this part of the page."""
    _records(view, row["customer_key"])
    _history(view, row["customer_key"])
    _household(view, row["customer_key"])


def _records(view: View, key: str) -> None:
    st.subheader(view.words("Why these records are one person"), anchor=False)
    st.caption(
        view.words(
            "Each record with the surest rule that joins it to another one of this person. "
            "Records with the same evidence have the same value in common. "
            "Whom a rule joins with whom: `tokui why`."
        )
    )
    rows = [
        row | {"evidence": None if row["is_alone"] else f"{row['evidence']}"}
        for row in view.rows(_RECORDS, key=key)
    ]
    table(view, rows, (
        Column("record", "Record (hash)"),
        Column("source_system", "Source", "source"),
        Column("match_rule", "Joined by", "code"),
        Column("evidence", "Evidence"),
        Column("confidence", "How sure", "share"),
        Column("linked_on", "Since", "date"),
        Column("is_in_master", "In the source's master", "yes"),
    ))  # fmt: skip


def _history(view: View, key: str) -> None:
    section(view, "What was merged, split or moved", view.rows(_CHANGES, key=key), (
        Column("changed_on", "Date", "date"),
        Column("change_type", "Change", "code"),
        Column("old_customer_key", "Key before"),
        Column("new_customer_key", "Key after"),
        Column("n_records", "Records", "count"),
    ))  # fmt: skip
    ended = view.rows(_ENDED, key=key)
    if ended:
        table(view, ended, (
            Column("record", "Record (hash)"),
            Column("source_system", "Source", "source"),
            Column("linked_on", "From", "date"),
            Column("unlinked_on", "Until", "date"),
        ), view.words("Records that belonged to this person before"))  # fmt: skip


def _household(view: View, key: str) -> None:
    st.subheader(view.words("Household"), anchor=False)
    rows = [
        row | {"shared_by": ", ".join(map(view.label, row["shared_by"].split(",")))}
        for row in view.rows(_HOUSEHOLD, key=key)
    ]
    table(view, rows, (
        key_column(view),
        Column("shared_by", "In common"),
        Column("rfm_group", "RFM group", "code"),
        Column("lifecycle_status", "Lifecycle", "code"),
        Column("net_sales_365d", "Net sales, 365 days", "amount"),
    ))  # fmt: skip
