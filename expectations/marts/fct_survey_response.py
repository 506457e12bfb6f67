"""Answers to surveys: one latest a respondent, the same answers as in the NPS."""

from expectations.mart_rules import known_customers, mart_suite
from expectations.model import Severity, in_set, no_result, no_rows, not_null

SUITE = mart_suite(
    "fct_survey_response",
    ("response_id",),
    known_customers(),
    not_null("is_internal"),
    not_null("is_latest_of_wave"),
    in_set("nps_class", ("promoter", "passive", "detractor"), acceptable=False),
    no_rows(
        "classes_as_scores_say",
        "nps_class is not null and nps_class <> "
        "case when score >= 9 then 'promoter' when score >= 7 then 'passive' else 'detractor' end "
        "or (nps_class is not null and score not between 0 and 10)",
        "An answer is in another class than its score says: report it.",
        acceptable=False,
    ),
    no_rows(
        "invited_before_the_answer",
        "hours_to_answer < 0 or (hours_to_answer is null) <> (invited_at is null)",
        "An answer came before its invitation: report it.",
        acceptable=False,
    ),
    no_result(
        "one_latest_answer",
        "select response_id from {table} where customer_key is not null and is_latest_of_wave "
        "qualify count(*) over (partition by survey_id, wave, question_code, customer_key) > 1",
        "A customer has two latest answers to a question in a wave: report it.",
    ),
    no_result(
        "latest_answers_equal_nps",
        "with answers as (select survey_id, wave, count(*) as n, "
        "count(*) filter (where nps_class = 'promoter') as promoters from {table} "
        "where is_latest_of_wave and nps_class is not null and not is_internal group by all) "
        "select response_id from {table} as here left join answers using (survey_id, wave) "
        "left join marts.survey_nps as waves on waves.survey_id = here.survey_id "
        "and waves.wave is not distinct from here.wave and waves.segment_type = 'all' "
        "where here.nps_class is not null and here.is_latest_of_wave and not here.is_internal "
        "and (waves.n is distinct from answers.n "
        "or waves.promoters is distinct from answers.promoters)",
        "The answers of a wave are not those of survey_nps: report it.",
    ),
    no_rows(
        "scores_in_range",
        "score < 0",
        "A score is negative. Ask the survey tool which scale the question has.",
        severity=Severity.WARNING,
    ),
    dates=("responded_date",),
    text_columns=("survey_id", "wave", "question_code"),
    has_customer_key=True,
)
