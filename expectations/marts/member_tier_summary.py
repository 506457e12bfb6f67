"""Tiers: all members once, the sums those of the members."""

from expectations.mart_rules import mart_suite, share
from expectations.model import no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "member_tier_summary",
    ("member_tier",),
    not_null("members"),
    not_null("net_sales_365d"),
    share("buyer_share"),
    share("benefit_user_share"),
    share("contact_after_purchase_365d"),
    no_rows(
        "parts_within_members",
        "greatest(buyers_365d, paid_members, benefit_users_365d) > members "
        "or greatest(club_users_365d, coupons_users_365d, events_users_365d, points_users_365d, "
        "till_discounts_users_365d) > benefit_users_365d",
        "More members used a benefit or bought than the tier has: report it.",
        acceptable=False,
    ),
    no_result(
        "tiers_add_up_to_all",
        "select member_tier from {table} as whole where member_tier = 'all' and exists ("
        "select 1 from (select sum(members) as members, sum(net_sales_365d) as net_sales, "
        "sum(points_used_365d) as points, sum(benefit_users_365d) as users from {table} "
        "where member_tier <> 'all') as tiers where tiers.members <> whole.members "
        "or tiers.net_sales <> whole.net_sales_365d or tiers.points <> whole.points_used_365d "
        "or tiers.users <> whole.benefit_users_365d)",
        "The tiers do not add up to all members: report it.",
    ),
    reconciles(
        "sales_equal_members",
        "select sum(net_sales_365d) from {table} where member_tier = 'all'",
        "select sum(net_sales_365d) from marts.member_value where is_member",
        "Net sales of all tiers are not those of the members: report it.",
    ),
    reconciles(
        "members_equal_kpi",
        "select sum(members) from {table} where member_tier = 'all'",
        "select count(*) from marts.dim_customer where is_member and not is_internal",
        "The members of all tiers are not those of dim_customer: report it.",
    ),
    text_columns=("member_tier",),
)
