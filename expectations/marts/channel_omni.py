"""Channels: what each group bought where, in agreement with the KPI and with customer_360."""

from expectations.mart_rules import mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

WHOLE = "segment_type = 'all' and purchase_channel = 'all'"

SUITE = mart_suite(
    "channel_omni",
    ("segment_type", "segment", "purchase_channel"),
    in_set("segment_type", ("all", "origin_channel", "channel_set"), acceptable=False),
    in_set("purchase_channel", ("all", "app", "ec", "store"), acceptable=False),
    not_null("customers"),
    not_null("orders"),
    not_null("net_sales"),
    share("omni_share"),
    share("sales_share"),
    share("identified_order_rate"),
    no_rows(
        "customers_add_up",
        "omni_customers + single_channel_customers <> customers "
        "or omni_net_sales + single_channel_net_sales <> net_sales",
        "Customers of several channels and of one must be all customers, with all their sales: "
        "report it.",
        acceptable=False,
    ),
    no_result(
        "channels_add_up_to_all",
        "with sums as (select segment_type, segment, sum(orders) as orders, "
        "sum(net_sales) as net_sales from {table} where purchase_channel <> 'all' group by all) "
        "select here.segment_type, here.segment, here.purchase_channel from {table} as here "
        "left join sums using (segment_type, segment) "
        "where here.segment_net_sales is distinct from sums.net_sales "
        "or (here.purchase_channel = 'all' and (here.orders is distinct from sums.orders "
        "or here.net_sales is distinct from sums.net_sales))",
        "The channels of a group do not add up to its row of all channels: report it.",
    ),
    no_result(
        "groups_add_up_to_whole",
        "with sums as (select purchase_channel, segment_type, sum(customers) as customers, "
        "sum(net_sales) as sales from {table} group by all) "
        "select segment_type, segment, purchase_channel from {table} as whole "
        "where segment_type = 'all' and (select count(*) from sums "
        "where sums.purchase_channel = whole.purchase_channel "
        "and sums.customers = whole.customers and sums.sales = whole.net_sales) <> 3",
        "The groups by origin or by set of channels are not all customers and sales: report it.",
    ),
    no_result(
        "sets_of_two_are_omni",
        "select segment_type, segment, purchase_channel from {table} "
        "where segment_type = 'channel_set' and purchase_channel <> 'all' "
        "and (omni_share <> case when contains(segment, ',') then 1 else 0 end "
        "or not contains(segment, purchase_channel))",
        "A set of channels holds somebody who did not buy in them: report it.",
    ),
    reconciles(
        "orders_equal_receipts",
        f"select sum(orders) from {{table}} where {WHOLE}",
        "select count(*) from marts.fct_sales_receipt join marts.dim_store using (store_id) "
        "where is_qualifying and customer_key is not null and channel is not null "
        "and business_date between {as_of} - 364 and {as_of}",
        "The orders are not the qualifying receipts of 365 days: report it.",
    ),
    reconciles(
        "sales_equal_receipts",
        f"select sum(net_sales) from {{table}} where {WHOLE}",
        "select sum(net_sales_order_dated) from marts.fct_sales_receipt "
        "join marts.dim_store using (store_id) "
        "where is_qualifying and customer_key is not null and channel is not null "
        "and business_date between {as_of} - 364 and {as_of}",
        "Net sales are not those of the qualifying receipts of 365 days: report it.",
    ),
    reconciles(
        "omni_customers_equal_kpi",
        f"select sum(omni_customers) from {{table}} where {WHOLE}",
        "select sum(numerator) from marts.kpi_daily "
        "where kpi = 'omni_share' and scope_type = 'all' and business_date = {as_of}",
        "The omni customers are not those of the KPI omni_share: report it.",
    ),
    reconciles(
        "customers_equal_kpi",
        f"select sum(customers) from {{table}} where {WHOLE}",
        "select sum(denominator) from marts.kpi_daily "
        "where kpi = 'omni_share' and scope_type = 'all' and business_date = {as_of}",
        "The customers are not those of the KPI omni_share: report it.",
    ),
    reconciles(
        "omni_customers_equal_customer_360",
        f"select sum(omni_customers) from {{table}} where {WHOLE}",
        "select count(*) from marts.customer_360 where is_omni",
        "The omni customers are not those of customer_360: report it.",
    ),
    text_columns=("segment",),
)
