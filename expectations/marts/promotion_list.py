"""Lists: nobody on them may not be written to, and everybody off them has a reason."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import in_set, no_result, no_rows, not_null

RECIPES = (
    "dormant_winback",
    "sample_no_purchase",
    "first_time_coupon",
    "loyal_no_complaint",
    "segment",
)
CHANNELS = ("email", "line", "dm")
REASONS = (
    "no_consent",
    "unsubscribed",
    "complained",
    "hard_bounce",
    "no_address",
    "suppressed",
    "open_complaint",
    "frequency_cap",
)
"""In the order of precedence."""

SUITE = mart_suite(
    "promotion_list",
    ("list_id", "customer_key"),
    in_set("recipe", RECIPES, acceptable=False),
    in_set("channel", CHANNELS, acceptable=False),
    not_null("recipe_hash"),
    not_null("is_included"),
    in_set("exclusion_reason", REASONS, acceptable=False),
    known_customers(),
    no_result(
        "no_internal_candidates",
        "select {row_id} from {table} as here where exists (select 1 from marts.dim_customer "
        "as customers where customers.customer_key = here.customer_key and customers.is_internal)",
        "An internal account is a candidate of a list: report it.",
    ),
    no_rows(
        "excluded_for_a_reason",
        "is_included <> (exclusion_reason is null) "
        "or (exclusion_reason is null) <> (exclusion_reasons is null) "
        "or exclusion_reasons || ',' not like exclusion_reason || ',%'",
        "A candidate is either included or has a reason, the first of all its reasons: report it.",
        acceptable=False,
    ),
    no_rows(
        "reasons_known_and_in_order",
        "not regexp_full_match(exclusion_reasons || ',', '"
        + "".join(f"({reason},)?" for reason in REASONS)
        + "')",
        "exclusion_reasons must be known reasons in the order of precedence: report it.",
        acceptable=False,
    ),
    no_result(
        "included_can_be_contacted",
        "select {row_id} from {table} as here join marts.customer_360 as customers "
        "using (customer_key) where is_included and not coalesce(case channel "
        + " ".join(f"when '{channel}' then contactable_{channel}" for channel in CHANNELS)
        + " end, false)",
        "A list holds a customer to whom marketing may not write on its channel. Do not send it; "
        "report it.",
    ),
    no_result(
        "included_are_not_suppressed",
        "select {row_id} from {table} as here join marts.email_engagement as readers "
        "using (customer_key) where is_included and channel = 'email' and is_suppressed",
        "A list holds a customer to whose addresses no e-mail may be sent. Do not send it; report "
        "it.",
    ),
    no_result(
        "included_are_ranked",
        "select {row_id} from {table} qualify is_included <> (list_rank is not null) "
        "or (is_included and list_rank <> row_number() over "
        "(partition by list_id, is_included order by list_rank))",
        "Those included must be numbered from 1 without a gap: report it.",
    ),
    no_result(
        "one_definition_a_list",
        "select list_id from {table} group by list_id "
        "having count(distinct recipe_hash) > 1 or count(distinct channel) > 1",
        "Rows of one list were made by different recipes: report it.",
        row_id=("list_id",),
    ),
    has_customer_key=True,
)
