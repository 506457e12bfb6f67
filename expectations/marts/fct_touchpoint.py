"""Touches: known kinds and channels, receipts and tickets all there, nothing of internal people."""

from expectations.mart_rules import known_customers, known_stores, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

OUT = ("message_delivered", "coupon_issued", "ticket_solved")
IN = (
    "message_opened",
    "message_clicked",
    "unsubscribed",
    "spam_reported",
    "joined",
    "left",
    "referral",
    "line_followed",
    "line_blocked",
    "coupon_redeemed",
    "sample_received",
    "trial_started",
    "purchase",
    "return",
    "ticket_opened",
    "rated",
    "survey_answered",
    "event_registered",
    "event_attended",
)
CHANNELS = (
    "store",
    "ec",
    "app",
    "email",
    "line",
    "sms",
    "dm",
    "coupon",
    "event",
    "phone",
    "web",
    "chat",
    "survey",
)
_OUT_LIST = ", ".join(f"'{kind}'" for kind in OUT)

SUITE = mart_suite(
    "fct_touchpoint",
    ("touchpoint_id",),
    not_null("customer_key"),
    not_null("occurred_at"),
    not_null("business_date"),
    not_null("touchpoint_type"),
    not_null("direction"),
    in_set("touchpoint_type", (*OUT, *IN), acceptable=False),
    in_set("channel", CHANNELS),
    known_customers(),
    known_stores(),
    no_rows(
        "direction_of_type",
        f"(direction = 'out') <> (touchpoint_type in ({_OUT_LIST})) "
        "or direction not in ('in', 'out')",
        "Who began a touch does not fit what it was: report it.",
        acceptable=False,
    ),
    no_rows(
        "channel_missing_for_members_alone",
        "channel is null and touchpoint_type not in ('joined', 'left', 'referral', 'purchase', "
        "'return', 'sample_received', 'trial_started')",
        "A touch has no channel, though its feed names one. Check the channel of the campaign or "
        "the ticket at the source.",
    ),
    no_rows(
        "amounts_of_receipts_alone",
        "(amount is not null) <> (touchpoint_type in ('purchase', 'return'))",
        "Purchases and returns have an amount and no other touch has one, or sales would be "
        "counted twice: report it.",
        acceptable=False,
    ),
    no_rows(
        "sentiment_known",
        "sentiment not in (-1, 0, 1) or (sentiment is not null and touchpoint_type "
        "not in ('ticket_opened', 'rated', 'survey_answered'))",
        "A sentiment is -1, 0 or 1 and comes of tickets, ratings and surveys alone: report it.",
        acceptable=False,
    ),
    reconciles(
        "amounts_equal_receipts",
        "select sum(amount) from {table}",
        "select sum(net_sales_refund_dated) from marts.fct_sales_receipt as receipts "
        "inner join marts.dim_customer as customers using (customer_key) "
        "where not customers.is_internal",
        "Purchases and returns do not add up to the net sales of known customers: report it.",
    ),
    reconciles(
        "receipts_all_there",
        "select count(*) from {table} where touchpoint_type in ('purchase', 'return')",
        "select count(*) from marts.fct_sales_receipt as receipts "
        "inner join marts.dim_customer as customers using (customer_key) "
        "where not customers.is_internal",
        "A receipt of a known customer is no touch, or is two: report it.",
    ),
    reconciles(
        "tickets_all_there",
        "select count(*) from {table} where touchpoint_type = 'ticket_opened'",
        "select count(*) from marts.support_ticket as tickets "
        "inner join marts.dim_customer as customers using (customer_key) "
        "where not customers.is_internal",
        "A ticket of a known customer is no touch, or is two: report it.",
    ),
    no_result(
        "no_internal_people",
        "select {row_id} from {table} where customer_key in "
        "(select customer_key from marts.dim_customer where is_internal)",
        "Staff and owners' accounts have no journey and must be left out: report it.",
    ),
    dates=("business_date",),
    text_columns=("campaign_id",),
    has_customer_key=True,
    sort=True,
)
