"""Coupons: what was handed out and redeemed, codes of one person never by themselves."""

from expectations.mart_rules import mart_suite, ratios, share
from expectations.model import Severity, in_set, no_result, no_rows, not_null, reconciles

SUITE = mart_suite(
    "coupon_performance",
    ("coupon_key",),
    in_set("coupon_kind", ("all", "personal", "shared"), acceptable=False),
    in_set("evidence_grade", ("randomised", "before_after_only"), acceptable=False),
    not_null("coupon_code"),
    not_null("redemptions"),
    no_rows(
        "issued_adds_up",
        "issued_redeemed > issued or expired_unredeemed > issued - issued_redeemed "
        "or issued < 1 or (is_complete and issued_redeemed + expired_unredeemed > issued)",
        "More coupons were redeemed or expired than were handed out: report it.",
        acceptable=False,
    ),
    no_rows(
        "redemptions_add_up",
        "redemptions <> redeemed_by_recipients + redeemed_by_others + redeemed_unidentified "
        "or orders > redemptions or orders_new > orders",
        "Redemptions must be those by recipients, by others and by nobody known: report it.",
        acceptable=False,
    ),
    no_rows(
        "unfinished_is_unknown",
        "(not is_complete and (redemption_rate is not null or expired_share is not null)) "
        "or (issued is null and redemption_rate is not null)",
        "A rate is shown of coupons that are still valid, or of which nobody knows how many there "
        "are: report it.",
        acceptable=False,
    ),
    ratios(
        {
            "redemption_rate": ("issued_redeemed", "issued"),
            "expired_share": ("expired_unredeemed", "issued"),
        },
        always=False,
    ),
    share("redemption_rate"),
    share("expired_share"),
    share("cost_coverage"),
    no_rows(
        "incremental_margin_by_hold_outs_alone",
        "(coalesce(evidence_grade, '') = 'randomised') <> (incremental_margin is not null) "
        "or (incremental_margin is null) <> (incremental_margin_per_person is null) "
        "or incremental_margin_low > incremental_margin "
        "or incremental_margin_high < incremental_margin "
        "or (coupon_kind <> 'all' and evidence_grade is not null)",
        "An incremental margin must come from people held out, with its interval around it: report "
        "it.",
        acceptable=False,
    ),
    no_rows(
        "incremental_margin_is_the_difference",
        "abs(incremental_margin_per_person - (cast(margin_treated as double) / treated "
        "- cast(margin_held_out as double) / held_out)) > 0.0051",
        "The incremental margin is not the difference of the margins a person: report it.",
        acceptable=False,
    ),
    no_result(
        "whole_of_every_campaign",
        "select coupon_key from {table} as here where not exists (select 1 from {table} as whole "
        "where whole.campaign_id is not distinct from here.campaign_id "
        "and whole.coupon_kind = 'all' and whole.redemptions >= here.redemptions)",
        "A campaign lacks its row as a whole, or a coupon of it was redeemed more often than all: "
        "report it.",
    ),
    reconciles(
        "redemptions_equal_intermediate",
        "select coalesce(sum(redemptions), 0) from {table} where coupon_kind = 'all'",
        "select count(*) from intermediate.int_coupon_redemptions where not is_internal",
        "Redemptions were lost or doubled: report it.",
    ),
    no_rows(
        "codes_of_one_person_stay_together",
        "coupon_kind = 'shared' and issued = 1 and redemptions < 2",
        "A code that was handed to one person is published by itself: report it.",
        acceptable=False,
    ),
    no_rows(
        "handed_out_before_redeemed",
        "coupon_kind = 'all' and redeemed_by_others > redeemed_by_recipients "
        "and redeemed_by_others >= 30",
        "More people redeemed a campaign's coupons than were handed them: a code goes round, or "
        "the list of coupons issued is not complete. Send the missing coupons_issued.",
        severity=Severity.WARNING,
    ),
    text_columns=("coupon_code",),
)
