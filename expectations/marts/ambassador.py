"""Ambassadors: tiers as their reasons say, referrals that are somebody's."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import between, in_set, no_result, no_rows, not_null

FULFILS = "(is_loyal and is_promoter and open_complaints = 0)"

SUITE = mart_suite(
    "ambassador",
    ("customer_key",),
    known_customers(),
    not_null("ambassador_tier"),
    in_set("ambassador_tier", ("confirmed", "candidate", "advocate_only"), acceptable=False),
    not_null("referred_net_sales"),
    between("nps_last", 0, 10),
    no_rows(
        "tiers_as_reasons_say",
        f"(ambassador_tier in ('confirmed', 'candidate')) <> {FULFILS} "
        "or (ambassador_tier = 'confirmed' and advocacy_acts_365d = 0) "
        "or (ambassador_tier = 'candidate' and advocacy_acts_365d > 0) "
        "or (ambassador_tier = 'advocate_only' and referred_customers = 0)",
        "Somebody is an ambassador without a reason, or has the reasons and is none: report it.",
        acceptable=False,
    ),
    no_rows(
        "referrals_are_nested",
        "referrals_365d > referred_customers or referred_buyers > referred_customers "
        "or least(referrals_365d, referred_customers, referred_buyers, household_referrals, "
        "praise_tickets_365d, open_complaints) < 0 "
        "or advocacy_acts_365d < referrals_365d",
        "A part of the referrals is more than all of them: report it.",
        acceptable=False,
    ),
    no_result(
        "nobody_internal",
        "select customer_key from {table} join marts.dim_customer using (customer_key) "
        "where is_internal",
        "A staff or owner account is an ambassador: report it.",
    ),
    no_result(
        "same_group_as_rfm",
        "select here.customer_key from {table} as here left join marts.customer_rfm as scores "
        "on scores.customer_key = here.customer_key and scores.rfm_window = 'lifetime' "
        "where here.rfm_group is distinct from scores.rfm_group "
        "or here.is_loyal <> (scores.rfm_group in ('CHAMPIONS', 'LOYAL'))",
        "rfm_group differs from the customer's group in customer_rfm: report it.",
    ),
    no_result(
        "same_answer_as_surveys",
        "select here.customer_key from {table} as here join marts.customer_360 as everybody "
        "using (customer_key) where here.nps_last is distinct from everybody.nps_last",
        "The last answer differs from that in customer_360: report it.",
    ),
    no_result(
        "brought_no_more_than_there_are",
        "select customer_key from {table} where (select sum(referred_customers) from {table}) "
        "> (select count(*) from marts.dim_customer where member_since <= {as_of})",
        "More members were brought than joined, so somebody is counted for two: report it.",
    ),
    dates=("nps_last_date",),
    has_customer_key=True,
)
