"""What campaigns did: arms that add up, intervals around lifts, no claim without hold-outs."""

from expectations.mart_rules import mart_suite
from expectations.model import in_set, no_result, no_rows, not_null

METRICS = ("purchase_rate", "orders_per_person", "net_sales_per_person")
GRADES = ("randomised", "matched", "before_after_only")
COMPARED = (
    "n_compared", "baseline_value", "lift_abs", "lift_low", "lift_high", "lift_rel",
    "is_significant", "did", "did_low", "did_high", "incremental_total", "incremental_low",
    "incremental_high",
)  # fmt: skip

SUITE = mart_suite(
    "campaign_effect",
    ("campaign_id", "variant", "segment", "metric"),
    in_set("metric", METRICS, acceptable=False),
    in_set("evidence_grade", GRADES, acceptable=False),
    not_null("evidence_grade"),
    not_null("is_complete"),
    no_rows(
        "no_claim_without_hold_outs",
        "(evidence_grade = 'before_after_only' or not is_complete) and ("
        + " or ".join(f"{column} is not null" for column in COMPARED)
        + ")",
        "An effect is claimed of a campaign without people like the treated to compare with, or "
        "before its week has passed: report it.",
        acceptable=False,
    ),
    no_rows(
        "randomised_arms_are_alike",
        "evidence_grade = 'randomised' and (least(n_treated, n_control) < 1 or balance_z > 3.29)",
        "Arms that differ before the send are called randomised: report it.",
        acceptable=False,
    ),
    no_rows(
        "lifts_lie_in_their_intervals",
        "lift_abs < lift_low - {rate_tolerance} or lift_abs > lift_high + {rate_tolerance} "
        "or did < did_low - {rate_tolerance} or did > did_high + {rate_tolerance} "
        "or is_significant <> coalesce(lift_low > 0 or lift_high < 0, false)",
        "A lift lies outside of its interval, or is called significant against it: report it.",
        acceptable=False,
    ),
    no_rows(
        "values_are_ratios",
        " or ".join(
            f"abs({value} - cast({total} as double) / {n}) > {{rate_tolerance}}"
            for value, total, n in (
                ("pre_value", "treated_pre", "n_treated"),
                ("post_value", "treated_post", "n_treated"),
                ("yoy_value", "treated_yoy", "n_treated"),
                ("control_pre_value", "control_pre", "n_control"),
                ("control_post_value", "control_post", "n_control"),
            )
        ),
        "A value is not its total divided by its people: report it.",
        acceptable=False,
    ),
    no_rows(
        "buyers_within_people",
        "metric = 'purchase_rate' "
        "and (greatest(treated_pre, treated_post, treated_yoy) > n_treated "
        "or greatest(control_pre, control_post) > n_control)",
        "More people bought than there are: somebody counts twice. Report it.",
        acceptable=False,
    ),
    no_rows(
        "unfinished_is_null",
        "not is_complete and post_value is not null",
        "A window that has not ended yet has a value: report it.",
        acceptable=False,
    ),
    no_result(
        "groups_add_up_to_the_whole",
        "with groups as (select campaign_id, variant, metric, sum(n_treated) as n_treated, "
        "sum(n_control) as n_control, sum(treated_post) as treated_post, "
        "sum(control_post) as control_post from {table} where segment <> 'all' group by all) "
        "select campaign_id, variant, whole.segment, metric from {table} as whole "
        "join groups using (campaign_id, variant, metric) where whole.segment = 'all' "
        "and (groups.n_treated <> whole.n_treated or groups.n_control <> whole.n_control "
        "or groups.treated_post <> whole.treated_post "
        "or groups.control_post <> whole.control_post)",
        "The groups of a campaign are not the campaign: somebody is lost or doubled. Report it.",
    ),
    dates=("sent_date", "pre_from_date"),
    text_columns=("variant", "segment"),
)
