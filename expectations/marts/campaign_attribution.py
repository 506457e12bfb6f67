"""Orders and the campaigns that get them: one touch each, in its window, within what was sold."""

from expectations.mart_rules import known_customers, known_stores, mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

CHANNELS = ("email", "line", "sms", "dm", "coupon", "event")
TOUCH_TYPES = ("coupon", "click", "open", "attendance")

SUITE = mart_suite(
    "campaign_attribution",
    ("receipt_id",),
    in_set("channel", CHANNELS, acceptable=False),
    in_set("touch_type", TOUCH_TYPES, acceptable=False),
    in_set("new_or_repeat", ("new", "repeat", "unidentified"), acceptable=False),
    in_set("attribution_clock", ("interaction",), acceptable=False),
    not_null("campaign_id"),
    not_null("touched_at"),
    not_null("ordered_at"),
    not_null("business_date"),
    known_customers(),
    known_stores(),
    no_rows(
        "touch_before_the_order_and_within_its_window",
        "touch_type <> 'coupon' and not coalesce(touched_at <= ordered_at "
        "and ordered_at <= touched_at + to_hours(window_hours) "
        "and hours_to_order between 0 and window_hours, false)",
        "An order was attributed to a touch after it, or to one whose window was over: report it.",
        acceptable=False,
    ),
    no_rows(
        "guests_by_coupons_alone",
        "(customer_key is null and touch_type <> 'coupon') "
        "or (customer_key is null) <> (new_or_repeat = 'unidentified')",
        "Only a coupon can attribute the order of somebody unknown: report it.",
        acceptable=False,
    ),
    no_rows(
        "amounts_are_positive",
        "not coalesce(net_sales_order_dated > 0, false)",
        "An order of which nothing is left after its returns is no qualifying one: report it.",
        acceptable=False,
    ),
    no_result(
        "orders_are_qualifying_receipts",
        "select receipt_id from {table} as here where not exists (select 1 from "
        "marts.fct_sales_receipt as there where there.receipt_id = here.receipt_id "
        "and there.is_qualifying and there.net_sales_order_dated = here.net_sales_order_dated "
        "and there.business_date = here.business_date)",
        "An attributed order is no qualifying receipt, or has another amount or date than it: "
        "report it.",
    ),
    reconciles(
        "every_coupon_of_a_campaign_is_attributed",
        "select count(*) from {table} where touch_type = 'coupon'",
        "select count(distinct receipt_id) from intermediate.int_coupon_redemptions as coupons "
        "join marts.fct_sales_receipt as receipts using (receipt_id) "
        "where receipts.is_qualifying and coupons.campaign_id is not null",
        "Orders with a coupon of a campaign and orders attributed to coupons differ: report it.",
    ),
    no_result(
        "share_of_sales_plausible",
        "select 'all' as scope from {table} having sum(net_sales_order_dated) > 0.5 * "
        "(select sum(net_sales_order_dated) from marts.fct_sales_receipt where is_qualifying)",
        "Campaigns get more than half of all sales. Are opens of machines marked as such, and are "
        "the windows (attribution_hours_…) as short as you mean them? Look at touch_type.",
        row_id=("scope",),
        severity=Severity.WARNING,
    ),
    dates=("touch_date", "business_date"),
    text_columns=("variant",),
)
