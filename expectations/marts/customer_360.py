"""One row a customer: its sums and those of guests are all sales."""

from expectations.mart_rules import mart_suite, share
from expectations.model import Severity, between, no_result, no_rows, not_null, reconciles

TICKETS = (
    "select count(*) from marts.support_ticket where created_date between {as_of} - 364 and {as_of}"
)

SUITE = mart_suite(
    "customer_360",
    ("customer_key",),
    not_null("q_orders_lifetime"),
    not_null("net_sales_lifetime"),
    not_null("net_sales_order_dated_lifetime"),
    no_result(
        "one_row_a_customer",
        "select customer_key from {table} as here full join marts.dim_customer as customers "
        "using (customer_key) where here.customer_key is null or customers.customer_key is null",
        "customer_360 and dim_customer must hold the same customers: report it.",
    ),
    reconciles(
        "net_sales_equal_receipts",
        "select coalesce((select sum(net_sales_lifetime) from {table}), 0) + coalesce("
        "(select sum(net_sales_refund_dated) from marts.fct_sales_receipt "
        "where customer_key is null), 0)",
        "select sum(net_sales_refund_dated) from marts.fct_sales_receipt",
        "Net sales of all customers and of guests do not add up to all sales: report it.",
    ),
    reconciles(
        "order_dated_sales_equal_receipts",
        "select coalesce((select sum(net_sales_order_dated_lifetime) from {table}), 0) + coalesce("
        "(select sum(net_sales_order_dated) from marts.fct_sales_receipt "
        "where customer_key is null), 0)",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt",
        "Order-dated net sales of all customers and of guests do not add up to all sales: report "
        "it.",
    ),
    reconciles(
        "orders_equal_receipts",
        "select sum(q_orders_lifetime) from {table}",
        "select count(*) from marts.fct_sales_receipt "
        "where is_qualifying and customer_key is not null",
        "The customers' orders do not add up to the qualifying receipts: report it.",
    ),
    reconciles(
        "emails_equal_engagement",
        "select sum(sends_90d) from {table}",
        "select sum(sends_90d) from marts.email_engagement",
        "E-mails of the customers are not those of email_engagement: report it.",
    ),
    reconciles(
        "predictions_equal_values",
        "select sum(ltv_predicted_365d) from {table}",
        "select sum(ltv_predicted_365d) from marts.customer_ltv",
        "Predicted values of the customers are not those of customer_ltv: report it.",
    ),
    reconciles(
        "dormant_customers_equal_lifecycle",
        "select count(*) from {table} where dormant_since is not null",
        "select count(*) from marts.customer_lifecycle "
        "where lifecycle_status in ('dormant', 'lost')",
        "The dormant customers are not those of customer_lifecycle: report it.",
    ),
    reconciles(
        "tickets_equal_tickets",
        "select coalesce((select sum(tickets_365d) from {table}), 0) + coalesce(("
        + TICKETS
        + " and customer_key is null), 0)",
        TICKETS,
        "Tickets of all customers and of people unknown do not add up to all tickets: report it.",
    ),
    reconciles(
        "attributed_orders_equal_attribution",
        "select sum(attributed_orders_365d) from {table}",
        "select count(*) from marts.campaign_attribution "
        "where customer_key is not null and business_date between {as_of} - 364 and {as_of}",
        "Orders that follow a campaign are not those of campaign_attribution: report it.",
    ),
    no_result(
        "same_stage_as_journey",
        "select customer_key from {table} as here full join marts.journey_stage as stages "
        "using (customer_key) where here.journey_stage is distinct from stages.journey_stage",
        "journey_stage differs from the customer's stage in journey_stage: report it.",
    ),
    no_result(
        "same_group_as_rfm",
        "select here.customer_key from {table} as here left join marts.customer_rfm as scores "
        "on scores.customer_key = here.customer_key and scores.rfm_window = 'lifetime' "
        "where here.rfm_group is distinct from scores.rfm_group",
        "rfm_group differs from the customer's group in customer_rfm: report it.",
    ),
    no_result(
        "same_value_as_ltv",
        "select here.customer_key from {table} as here join marts.customer_ltv as lifetime_values "
        "using (customer_key) "
        "where here.ltv_historic is distinct from lifetime_values.ltv_historic",
        "ltv_historic differs from the customer's value in customer_ltv: report it.",
    ),
    no_rows(
        "windows_are_nested",
        "q_orders_90d > q_orders_365d or q_orders_365d > q_orders_lifetime",
        "A shorter window holds more orders than a longer one: report it.",
        acceptable=False,
    ),
    no_rows(
        "purchase_dates_in_order",
        "first_purchase_date > last_purchase_date "
        "or days_since_last is distinct from date_diff('day', last_purchase_date, {as_of})",
        "First and last purchase or the days since disagree: report it.",
        acceptable=False,
    ),
    no_rows(
        "counts_not_negative",
        "least(q_orders_lifetime, purchase_days_lifetime, sends_90d, delivered_90d, "
        "human_opens_90d, clicks_90d, tickets_365d, open_tickets, complaints_365d, ratings_365d, "
        "good_ratings_365d) < 0 or purchase_days_lifetime > q_orders_lifetime "
        "or n_source_ids < n_source_systems",
        "A count is negative, or a customer has more purchase days than orders, or more systems "
        "than records: report it.",
        acceptable=False,
    ),
    no_rows(
        "categories_in_order",
        "(top_category_1 is null and top_category_2 is not null) "
        "or (top_category_2 is null and top_category_3 is not null) "
        "or top_category_1 in (top_category_2, top_category_3) "
        "or top_category_2 = top_category_3",
        "The top categories leave a rank out or name one twice: report it.",
        acceptable=False,
    ),
    no_rows(
        "contactable_only_where_allowed",
        "contactable_email and email_status <> 'subscribed'",
        "Somebody who did not subscribe is said to be contactable by e-mail: report it.",
        acceptable=False,
    ),
    between("nps_last", 0, 10),
    share("csat_365d"),
    # Amounts of either sign may meet in what a discount is a share of.
    share("discount_share", severity=Severity.WARNING),
    dates=("first_purchase_date", "last_purchase_date"),
    text_columns=(
        "member_tier",
        "gender",
        "prefecture",
        "email_status",
        "top_category_1",
        "top_category_2",
        "top_category_3",
    ),
    has_customer_key=True,
)
