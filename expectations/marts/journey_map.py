"""Maps of journeys: complete, adding up to the stages, nothing shown of too few."""

from expectations.mart_rules import mart_suite, ratios, share
from expectations.marts.journey_stage import STAGES
from expectations.model import in_set, no_result, no_rows, not_null

SERVICE = ("order", "contact", "first_reply", "resolution", "rating")

SUITE = mart_suite(
    "journey_map",
    ("map_type", "segment_type", "segment", "step"),
    in_set("map_type", ("purchase", "service"), acceptable=False),
    in_set("step", (*STAGES, *SERVICE), acceptable=False),
    in_set(
        "segment_type", ("all", "age_band", "first_touch_channel", "rfm_group"), acceptable=False
    ),
    not_null("units"),
    not_null("is_shown"),
    no_rows(
        "parts_within_the_whole",
        "reached > units or matured > reached or timed > reached or dropped > matured "
        "or sentiment_people > sentiment_n or abs(sentiment_sum) > sentiment_n "
        "or least(reached, timed, matured, dropped) < 0",
        "A count is greater than the one that it is a part of: report it.",
        acceptable=False,
    ),
    ratios(
        {
            "reach_share": ("reached", "units"),
            "drop_off_share": ("dropped", "matured"),
            "mean_sentiment": ("sentiment_sum", "sentiment_n"),
        },
        always=False,
    ),
    share("reach_share"),
    share("drop_off_share"),
    share("main_channel_share"),
    no_rows(
        "quantiles_in_order",
        "p50_hours_to_next > p90_hours_to_next or p50_hours_to_next < 0 "
        "or (p50_hours_to_next is null) <> (p90_hours_to_next is null)",
        "The 90 % quantile lies below the median, or time runs backwards: report it.",
        acceptable=False,
    ),
    no_result(
        "nothing_shown_of_few",
        "with hidden as (select coalesce(max(reached), 0) as most from {table} "
        "where not is_shown) select {row_id} from {table} cross join hidden "
        "where main_channel is not null and not is_shown "
        "or p50_hours_to_next is not null and timed <= most "
        "or drop_off_share is not null and matured <= most "
        "or mean_sentiment is not null and sentiment_people <= most",
        "A measure is shown of no more people than are hidden elsewhere: report it.",
    ),
    no_result(
        "whole_equals_the_stages",
        "with counted as ("
        + " union all ".join(
            f"select '{stage}' as step, count({stage}_at) as customers from marts.journey_stage"
            for stage in STAGES
        )
        + ") select {row_id} from {table} inner join counted using (step) "
        "where map_type = 'purchase' and segment_type = 'all' and reached <> customers",
        "The map counts other customers at a step than journey_stage: report it.",
    ),
    no_result(
        "segments_add_up",
        "select map_type, segment_type, whole.segment, step from {table} as whole inner join "
        "(select map_type, step, segment_type as parted_by, sum(reached) as reached, "
        "sum(units) as units from {table} where segment_type <> 'all' group by all) as parts "
        "using (map_type, step) where whole.segment_type = 'all' "
        "and (parts.reached <> whole.reached or parts.units <> whole.units)",
        "The segments do not add up to the whole: somebody is in two of them or in none. Report "
        "it.",
    ),
    text_columns=("segment",),
)
