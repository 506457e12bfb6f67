"""NPS by survey, wave and segment: parts that add up, nothing shown of too few."""

from expectations.mart_rules import mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "survey_nps",
    ("survey_id", "wave", "segment_type", "segment"),
    in_set("segment_type", ("all", "rfm_group", "age_band"), acceptable=False),
    not_null("n"),
    not_null("invited"),
    not_null("is_shown"),
    no_rows(
        "answers_add_up",
        "promoters + passives + detractors <> n or least(promoters, passives, detractors) < 0",
        "Promoters, passives and detractors must be all respondents: report it.",
        acceptable=False,
    ),
    no_rows(
        "nps_is_promoters_less_detractors",
        "abs(nps - 100.0 * (promoters - detractors) / n) > {rate_tolerance} "
        "or nps < -100 or nps > 100 or se < 0",
        "nps is not what its counts say: report it.",
        acceptable=False,
    ),
    no_rows(
        "nothing_shown_of_few",
        "(nps is not null) <> is_shown or (se is not null) <> is_shown",
        "nps and se must be NULL exactly where too few people answered: report it.",
        acceptable=False,
    ),
    no_result(
        "groups_within_the_whole",
        "with groups as (select survey_id, wave, segment_type as grouped_by, sum(n) as n, "
        "sum(invited) as invited from {table} where segment_type <> 'all' group by all) "
        "select survey_id, wave, whole.segment_type, whole.segment from groups "
        "join {table} as whole using (survey_id, wave) where whole.segment_type = 'all' "
        "and (groups.n > whole.n or groups.invited > whole.invited)",
        "The groups of a wave hold more people than the wave: somebody is in two of them. Report "
        "it.",
    ),
    no_rows(
        "response_rate_plausible",
        "response_rate > 1",
        "More people answered than were invited, which only answers without an invitation explain. "
        "Send the file of invitations.",
        severity=Severity.WARNING,
    ),
    text_columns=("survey_id", "wave", "segment"),
)
