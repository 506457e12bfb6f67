"""The usual stack on the same feeds, put together as the tutorials of its parts do.

dlt yields rows as dictionaries from `csv.DictReader`; Dagster runs it, `dbt build` as a process by
its CLI resource, and checks of Great Expectations on pandas data frames, each step in a process of
its own. It reads the same files, and computes and promises far less: no identity, no quarantine, no
late corrections told from repetitions, no transaction around the night, some twenty models.

What its own guides would change for DuckDB is changed: one step at a time, because one process at a
time may write the file.
"""

TABLES = {
    "pos": (
        "stores",
        "staff",
        "products",
        "members",
        "receipts",
        "receipt_lines",
        "payments",
        "coupon_redemptions",
        "coupons_issued",
        "register_closings",
    ),
    "email": ("campaigns", "subscribers", "consents", "contacts", "events", "attendances"),
    "support": (
        "requesters",
        "tickets",
        "ticket_events",
        "messages",
        "satisfaction_ratings",
        "survey_invitations",
        "survey_responses",
        "chat_links",
    ),
}
"""Files that it loads, by feed."""
